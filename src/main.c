// SPDX-License-Identifier: Apache-2.0
// Wires the transport (go.mod-free-shim), the protocol and the provider; the
// only file that sees all three.
#include "base/log.h"
#include "protocol/service.h"
#include "provider/provider.h"
#include "report/report.h"
#include "shim.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

enum { MOST_METHODS = 64 };

struct wiring {
    struct protocol_service *service;
    struct shim_method methods[MOST_METHODS]; // in the protocol's order, so that the index is its number
    size_t count;
};

static pthread_once_t log_once = PTHREAD_ONCE_INIT;

static void *reply(void *call, size_t size) {
    return shim_reply(call, size);
}

static void stop_others(void *call) {
    shim_interrupt(call);
}

static const enum shim_level LEVELS[] = {
    [LOG_TRACE] = SHIM_TRACE, [LOG_DEBUG] = SHIM_DEBUG, [LOG_INFO] = SHIM_INFO,
    [LOG_WARN] = SHIM_WARN,   [LOG_ERROR] = SHIM_ERROR,
};

static void write_log(enum log_level level, const char *module, const char *message, struct log_field field) {
    char name[64];
    snprintf(name, sizeof name, "wandb.%s", module);
    const struct shim_field fields[] = {{"@module", name}, {field.name, field.value}};
    shim_log(LEVELS[level], message, fields, field.name ? 2 : 1);
}

// The shim knows its level once it serves; nothing is logged before the first RPC.
static void start_log(void) {
    int level = LOG_TRACE;
    while (level < LOG_ERROR && !shim_logs(LEVELS[level]))
        level++;
    log_set_sink(write_log, (enum log_level)level);
}

static void handle(struct shim_call *call, struct shim_bytes request) {
    pthread_once(&log_once, start_log);
    struct wiring *wiring = shim_user(call);
    struct protocol_rpc rpc = {
        .method = (size_t)(shim_call_method(call) - wiring->methods),
        .request = request.data,
        .size = request.size,
        .stop = shim_cancel_flag(call),
        .transport = call,
        .reply = reply,
        .stop_others = stop_others,
    };
    if (!protocol_serve(wiring->service, &rpc))
        shim_fail(call, SHIM_INVALID_ARGUMENT, "The request is not a message of this method.");
}

// A crash must not leave tokens and licenses in a core file, nor may other programs of the same user read
// this process's memory. Under -debug somebody wants to look into it.
static void close_memory(int argc, char **argv) {
    bool debug = false;
    for (int i = 1; i < argc; i++)
        debug = debug || !strcmp(argv[i], "-debug") || !strcmp(argv[i], "--debug");
    if (!debug)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int main(int argc, char **argv) {
    static struct wiring wiring;
    const struct protocol_method *method;
    close_memory(argc, argv);
    if (argc > 1 && !strcmp(argv[1], "report"))
        return report_main(argc - 1, argv + 1);
    for (; wiring.count < MOST_METHODS && (method = protocol_method_at(wiring.count)); wiring.count++)
        wiring.methods[wiring.count] =
            (struct shim_method){.path = method->path, .handler = handle, .urgent = method->urgent};
    wiring.service = protocol_service_create(&provider_content);
    struct shim_config config = {
        .argc = argc,
        .argv = argv,
        .name = "wandb",
        .address = "registry.terraform.io/wandb/wandb",
        .version = WANDB_PROVIDER_VERSION,
        .linked = WANDB_PROVIDER_LINKED,
        .commands =
            "  report      make a report of a plan for people or pipelines; report --help says more\n",
        .cookie_key = SHIM_TERRAFORM_COOKIE_KEY,
        .cookie_value = SHIM_TERRAFORM_COOKIE_VALUE,
        .protocol = 6,
        .methods = wiring.methods,
        .n_methods = wiring.count,
        .user = &wiring,
    };
    int status = shim_serve(&config);
    protocol_service_destroy(wiring.service);
    return status;
}
