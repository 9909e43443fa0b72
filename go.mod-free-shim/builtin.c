// SPDX-License-Identifier: Apache-2.0
// The services every go-plugin host expects beside the application's own. They are answered on the queue's
// thread.
#include "internal.h"

#include "goplugin/health.pb-c.h"
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <string.h>

// GRPCController: the reply leaves first, then the server stops.
static void begin_shutdown(struct shim_call *call) {
    shim_log(SHIM_DEBUG, "the host asked this process to end", NULL, 0);
    call->after = server_stop;
    call_finish(call); // an Empty is no bytes
}

// GRPCStdio stays open and silent: logs travel on the real stderr, and Terraform warns about anything said
// here.
static void begin_stdio(struct shim_call *call) {
    call->streams = call->held = true;
}

static void on_broker_message(struct shim_call *call, bool ok);

// GRPCBroker stays open until the host closes its half. No method here needs a side connection, so what the
// host offers is read and dropped.
static void begin_broker(struct shim_call *call) {
    call->streams = true;
    grpc_byte_buffer_destroy(call->request);
    call->request = NULL;
    call_receive(call, on_broker_message);
}

static void on_broker_message(struct shim_call *call, bool ok) {
    if (ok && call->request)
        begin_broker(call);
    else
        call_finish(call);
}

static void answer_health(struct shim_call *call, const char *service) {
    if (*service && strcmp(service, "plugin") != 0) {
        shim_fail(call, SHIM_NOT_FOUND, "unknown service: this server answers for \"plugin\"");
        return;
    }
    Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    response.status = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    size_t size = grpc__health__v1__health_check_response__get_packed_size(&response);
    grpc__health__v1__health_check_response__pack(&response, shim_reply(call, size));
}

static Grpc__Health__V1__HealthCheckRequest *unpack_health(grpc_byte_buffer *message) {
    grpc_byte_buffer_reader reader;
    grpc_byte_buffer_reader_init(&reader, message);
    grpc_slice bytes = grpc_byte_buffer_reader_readall(&reader);
    Grpc__Health__V1__HealthCheckRequest *request = grpc__health__v1__health_check_request__unpack(
        NULL, GRPC_SLICE_LENGTH(bytes), GRPC_SLICE_START_PTR(bytes));
    grpc_slice_unref(bytes);
    grpc_byte_buffer_reader_destroy(&reader);
    return request;
}

static void on_health_message(struct shim_call *call, bool ok) {
    Grpc__Health__V1__HealthCheckRequest *request = ok && call->request ? unpack_health(call->request) : NULL;
    if (request)
        answer_health(call, request->service);
    else
        shim_fail(call, SHIM_INVALID_ARGUMENT, "not a HealthCheckRequest");
    grpc__health__v1__health_check_request__free_unpacked(request, NULL);
    call_finish(call);
}

static void begin_health(struct shim_call *call) {
    call_receive(call, on_health_message);
}

static const struct {
    const char *path;
    void (*begin)(struct shim_call *call);
} services[] = {
    {"/plugin.GRPCController/Shutdown", begin_shutdown},
    {"/plugin.GRPCStdio/StreamStdio", begin_stdio},
    {"/plugin.GRPCBroker/StartStream", begin_broker},
    {"/grpc.health.v1.Health/Check", begin_health},
};

bool builtin_begin(struct shim_call *call, const char *path) {
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        if (!strcmp(services[i].path, path)) {
            services[i].begin(call);
            return true;
        }
    }
    return false;
}
