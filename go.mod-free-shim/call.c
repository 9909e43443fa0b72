// SPDX-License-Identifier: Apache-2.0
// The life of one RPC. Tags of a call, each at most once outstanding:
//   arrived -> closed is armed -> received -> a worker runs the handler (sent, sent, ...) -> finished
// `closed` comes whenever the peer is done or gone. The call is freed on the queue's thread once both closed
// and finished have come, so no count of references is needed.
#include "internal.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/support/alloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static _Thread_local const struct shim_call *current;

const struct shim_call *call_current(void) {
    return current;
}

// Only the queue's thread comes here, hence the plain counter.
static void name_call(char id[17]) {
    static uint64_t state;
    if (!state && getrandom(&state, sizeof state, GRND_NONBLOCK) != sizeof state)
        state = (uint64_t)(uintptr_t)id;
    uint64_t mixed = state += 0x9e3779b97f4a7c15u; // splitmix64: distinct for 2^64 calls
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    snprintf(id, 17, "%016llx", (unsigned long long)(mixed ^ mixed >> 31));
}

static void link_call(struct shim_call *call) {
    struct server *server = call->server;
    pthread_mutex_lock(&server->lock);
    call->next = server->live;
    if (call->next)
        call->next->previous = call;
    server->live = call;
    pthread_mutex_unlock(&server->lock);
}

static void unlink_call(struct shim_call *call) {
    struct server *server = call->server;
    pthread_mutex_lock(&server->lock);
    if (call->next)
        call->next->previous = call->previous;
    if (call->previous)
        call->previous->next = call->next;
    else
        server->live = call->next;
    pthread_mutex_unlock(&server->lock);
}

static void destroy(struct shim_call *call) {
    if (call->grpc) {
        unlink_call(call);
        grpc_call_unref(call->grpc);
    }
    grpc_byte_buffer_destroy(call->request);
    grpc_byte_buffer_destroy(call->response);
    grpc_slice_unref(call->reply);
    grpc_slice_unref(call->status_text);
    grpc_metadata_array_destroy(&call->metadata);
    grpc_call_details_destroy(&call->details);
    pthread_cond_destroy(&call->turned);
    pthread_mutex_destroy(&call->lock);
    free(call);
}

static void start(struct shim_call *call, const grpc_op *ops, size_t n_ops, struct tag *tag) {
    HAPPENS_BEFORE(tag);
    grpc_call_error error = grpc_call_start_batch(call->grpc, ops, n_ops, tag, NULL);
    if (error == GRPC_CALL_OK)
        return;
    // The tag would never come: a mistake of this file, not of any peer.
    fprintf(stderr, "shim: grpc_call_start_batch: %s\n", grpc_call_error_to_string(error));
    abort();
}

static void on_closed(struct shim_call *call, bool ok) {
    call->is_closed = true;
    if (!ok || call->peer_gone)
        atomic_store(&call->cancelled, true);
    if (call->is_finished)
        destroy(call);
    else if (call->held)
        call_finish(call);
}

static void on_finished(struct shim_call *call, bool ok) {
    (void)ok; // false: the peer went first, which `closed` tells too
    call->is_finished = true;
    if (call->after)
        call->after(call->server);
    if (call->is_closed)
        destroy(call);
}

static void on_sent(struct shim_call *call, bool ok) {
    pthread_mutex_lock(&call->lock);
    call->in_flight = false;
    call->sent_ok = ok;
    pthread_cond_signal(&call->turned);
    pthread_mutex_unlock(&call->lock);
}

static void on_received(struct shim_call *call, bool ok) {
    bool whole = ok && call->request;
    if (whole && pool_add(&call->server->pool, call, call->method->urgent))
        return;
    if (whole)
        shim_fail(call, SHIM_UNAVAILABLE, "no thread could be started to serve the call");
    else
        shim_fail(call, SHIM_INTERNAL, "the call ended before its request message came");
    call_finish(call);
}

static const struct shim_method *find_method(const struct shim_config *config, const char *path) {
    for (size_t i = 0; i < config->n_methods; i++) {
        if (!strcmp(config->methods[i].path, path))
            return &config->methods[i];
    }
    return NULL;
}

static void dispatch(struct shim_call *call) {
    char *path = grpc_slice_to_c_string(call->details.method);
    call->method = find_method(call->server->config, path);
    if (call->method) {
        call->streams = call->method->kind == SHIM_SERVER_STREAM;
        call_receive(call, on_received);
    } else if (!builtin_begin(call, path)) {
        char text[300];
        snprintf(text, sizeof text, "unknown method %.250s", path);
        shim_fail(call, SHIM_UNIMPLEMENTED, text);
        call_finish(call);
    }
    gpr_free(path);
}

static void on_arrived(struct shim_call *call, bool ok) {
    if (!ok) { // the server is stopping
        destroy(call);
        return;
    }
    call_expect(call->server); // before anything else, so that the next call need not wait for this one
    name_call(call->id);
    link_call(call);
    atomic_store(&call->cancelled, call->server->stop_asked); // it came while the end was being prepared
    grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
    op.data.recv_close_on_server.cancelled = &call->peer_gone;
    start(call, &op, 1, &call->closed);
    dispatch(call);
}

void call_expect(struct server *server) {
    if (server->stop_asked)
        return;
    struct shim_call *call = calloc(1, sizeof *call);
    if (!call)
        abort();
    call->server = server;
    call->reply = grpc_empty_slice();
    call->status_text = grpc_empty_slice();
    pthread_mutex_init(&call->lock, NULL);
    pthread_cond_init(&call->turned, NULL);
    grpc_metadata_array_init(&call->metadata);
    grpc_call_details_init(&call->details);
    call->arrived = (struct tag){on_arrived, call};
    call->closed = (struct tag){on_closed, call};
    call->sent = (struct tag){on_sent, call};
    call->finished = (struct tag){on_finished, call};
    grpc_server_request_call(server->grpc, &call->grpc, &call->details, &call->metadata, server->queue,
                             server->queue, &call->arrived);
}

void call_receive(struct shim_call *call, void (*received)(struct shim_call *call, bool ok)) {
    call->received = (struct tag){received, call};
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &call->request;
    start(call, &op, 1, &call->received);
}

// Appends to `ops` what opens the answer, unless that has been sent.
static size_t greet(struct shim_call *call, grpc_op *ops, size_t n) {
    if (!call->greeted)
        ops[n++] = (grpc_op){.op = GRPC_OP_SEND_INITIAL_METADATA};
    call->greeted = true;
    return n;
}

static size_t attach(grpc_op *ops, size_t n, grpc_byte_buffer *message) {
    ops[n] = (grpc_op){.op = GRPC_OP_SEND_MESSAGE};
    ops[n].data.send_message.send_message = message;
    return n + 1;
}

void call_finish(struct shim_call *call) {
    grpc_op ops[3];
    size_t n = greet(call, ops, 0);
    if (call->status == SHIM_OK && !call->streams) {
        call->response = grpc_raw_byte_buffer_create(&call->reply, 1);
        n = attach(ops, n, call->response);
    }
    ops[n] = (grpc_op){.op = GRPC_OP_SEND_STATUS_FROM_SERVER};
    ops[n].data.send_status_from_server.status = (grpc_status_code)call->status;
    ops[n].data.send_status_from_server.status_details = &call->status_text;
    start(call, ops, n + 1, &call->finished);
}

static void trace(const struct shim_call *call, const char *message, const struct timespec *since) {
    if (!shim_logs(SHIM_TRACE))
        return;
    char took[32] = "", status[16] = "";
    snprintf(status, sizeof status, "%d", (int)call->status);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (since)
        snprintf(took, sizeof took, "%lld",
                 (now.tv_sec - since->tv_sec) * 1000LL + (now.tv_nsec - since->tv_nsec) / 1000000);
    const struct shim_field fields[] = {
        {"@module", "shim"},
        {"tf_req_duration_ms", since ? took : NULL},
        {"grpc_status", since ? status : NULL},
    };
    shim_log(SHIM_TRACE, message, fields, 3);
}

void call_work(struct shim_call *call) {
    struct timespec begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    grpc_byte_buffer_reader reader;
    grpc_byte_buffer_reader_init(&reader, call->request);
    grpc_slice request = grpc_byte_buffer_reader_readall(&reader);
    grpc_byte_buffer_reader_destroy(&reader);
    grpc_byte_buffer_destroy(call->request); // a large request need not be held twice
    call->request = NULL;

    current = call;
    trace(call, "call begins", NULL);
    call->method->handler(call,
                          (struct shim_bytes){GRPC_SLICE_START_PTR(request), GRPC_SLICE_LENGTH(request)});
    trace(call, "call ends", &begin);
    current = NULL;
    grpc_slice_unref(request);
    call_finish(call);
}

void call_cancel_all(struct server *server, const struct shim_call *except) {
    pthread_mutex_lock(&server->lock);
    for (struct shim_call *call = server->live; call; call = call->next) {
        if (call != except)
            atomic_store(&call->cancelled, true);
    }
    pthread_mutex_unlock(&server->lock);
}

// ---- What handlers call ----

void *shim_reply(struct shim_call *call, size_t size) {
    grpc_slice_unref(call->reply);
    call->reply = grpc_slice_malloc(size);
    return GRPC_SLICE_START_PTR(call->reply);
}

bool shim_send(struct shim_call *call, struct shim_bytes message) {
    if (shim_cancelled(call))
        return false;
    grpc_slice slice = grpc_slice_from_copied_buffer(message.data, message.size);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    grpc_op ops[2];
    size_t n = attach(ops, greet(call, ops, 0), buffer);

    pthread_mutex_lock(&call->lock);
    call->in_flight = true;
    start(call, ops, n, &call->sent);
    while (call->in_flight)
        pthread_cond_wait(&call->turned, &call->lock);
    bool ok = call->sent_ok;
    pthread_mutex_unlock(&call->lock);
    grpc_byte_buffer_destroy(buffer);
    return ok;
}

void shim_fail(struct shim_call *call, enum shim_status status, const char *message) {
    call->status = status;
    grpc_slice_unref(call->status_text);
    call->status_text = grpc_slice_from_copied_string(message);
}

void *shim_user(const struct shim_call *call) {
    return call->server->config->user;
}

const struct shim_method *shim_call_method(const struct shim_call *call) {
    return call->method;
}

const char *shim_call_id(const struct shim_call *call) {
    return call->id;
}

bool shim_cancelled(const struct shim_call *call) {
    return atomic_load(&call->cancelled);
}

const atomic_bool *shim_cancel_flag(const struct shim_call *call) {
    return &call->cancelled;
}

void shim_interrupt(struct shim_call *call) {
    call_cancel_all(call->server, call);
}
