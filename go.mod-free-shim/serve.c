// SPDX-License-Identifier: Apache-2.0
// The life of the process: start, announce, turn the completion queue, end.
#include "internal.h"
#include "log.h"

#include <grpc/support/time.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// How often signals, the parent and the deadline are looked at; at the end more often, as the host is
// waiting.
enum { TURN_MS = 250, LAST_TURNS_MS = 10 };

static struct server self = {.lock = PTHREAD_MUTEX_INITIALIZER, .host_out = -1};
static atomic_bool stopping;

// ---- Start ----

static grpc_server *create_grpc(grpc_completion_queue *queue) {
    // No port sharing: two plugins on one port would swap calls. No limit on pings: Go clients measure
    // bandwidth so.
    grpc_arg items[] = {
        {GRPC_ARG_INTEGER, GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, {.integer = SHIM_MESSAGE_LIMIT}},
        {GRPC_ARG_INTEGER, GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, {.integer = SHIM_MESSAGE_LIMIT}},
        {GRPC_ARG_INTEGER, GRPC_ARG_ALLOW_REUSEPORT, {.integer = 0}},
        {GRPC_ARG_INTEGER, GRPC_ARG_HTTP2_MAX_PING_STRIKES, {.integer = 0}},
    };
    grpc_channel_args args = {sizeof items / sizeof *items, items};
    grpc_server *grpc = grpc_server_create(&args, NULL);
    grpc_server_register_completion_queue(grpc, queue, NULL);
    return grpc;
}

// Plaintext when the host gave no certificate (TF_DISABLE_PLUGIN_TLS) and in debug mode.
static bool bind_grpc(char **certificate) {
    const char *client = getenv("PLUGIN_CLIENT_CERT");
    bool tls = !self.debug && client && *client;
    grpc_server_credentials *credentials =
        tls ? tls_credentials(client, certificate) : grpc_insecure_server_credentials_create();
    if (!credentials)
        return false;
    bool bound = endpoint_bind(&self.endpoint, self.grpc, credentials);
    grpc_server_credentials_release(credentials);
    return bound;
}

static bool write_out(const char *text) {
    size_t size = strlen(text);
    return write(self.host_out, text, size) == (ssize_t)size;
}

static bool announce_plugin(const char *certificate) {
    bool agreed;
    const char *offered = getenv("PLUGIN_PROTOCOL_VERSIONS");
    unsigned protocol = handshake_negotiate(offered, self.config->protocol, &agreed);
    if (!agreed) {
        const struct shim_field fields[] = {{"offered", offered}};
        shim_log(SHIM_WARN, "the program that started this plugin speaks none of its protocol versions",
                 fields, 1);
    }
    char line[4096];
    return handshake_line(line, sizeof line - 1, protocol, &self.endpoint, certificate) &&
           write_out(strcat(line, "\n"));
}

static bool announce_debug(void) {
    char value[2048], text[4096];
    if (!handshake_reattach(value, sizeof value, self.config, &self.endpoint))
        return false;
    snprintf(text, sizeof text,
             "Serving until Ctrl-C. In the shell where terraform runs, let it use this process:\n\n"
             "  export TF_REATTACH_PROVIDERS='%s'\n\n",
             value);
    return write_out(text);
}

// Everything is served before the host is told where.
static bool start(void) {
    // The system's openssl.cnf may load engines and providers this process must not depend on.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    grpc_init();
    pool_init(&self.pool);
    self.queue = grpc_completion_queue_create_for_next(NULL);
    self.grpc = create_grpc(self.queue);
    char *certificate = NULL;
    bool ok = bind_grpc(&certificate);
    if (ok) {
        grpc_server_start(self.grpc);
        call_expect(&self);
        ok = self.debug ? announce_debug() : announce_plugin(certificate);
    }
    free(certificate);
    return ok;
}

// ---- End ----

static struct timespec after_ms(long ms) {
    struct timespec when;
    clock_gettime(CLOCK_MONOTONIC, &when);
    when.tv_sec += ms / 1000;
    when.tv_nsec += ms % 1000 * 1000000;
    when.tv_sec += when.tv_nsec / 1000000000;
    when.tv_nsec %= 1000000000;
    return when;
}

static bool is_past(const struct timespec *when) {
    struct timespec now = after_ms(0);
    return now.tv_sec > when->tv_sec || (now.tv_sec == when->tv_sec && now.tv_nsec >= when->tv_nsec);
}

void server_stop(struct server *server) {
    if (server->stop_asked)
        return;
    server->stop_asked = true;
    server->stop_by = after_ms(SHIM_GRACE_MS);
    atomic_store(&stopping, true);
    grpc_server_shutdown_and_notify(server->grpc, server->queue, &server->stopped);
    grpc_server_cancel_all_calls(server->grpc); // the host's held streams are open still
    call_cancel_all(server, NULL);
}

static bool is_over(void) {
    return self.grpc_stopped && !self.live && pool_is_quiet(&self.pool);
}

// Handlers that do not heed their flag are cut off: their threads still use what a tidy end would free.
static void end_at_once(void) {
    shim_log(SHIM_WARN, "calls were still running when the process had to end", NULL, 0);
    endpoint_unlink(&self.endpoint);
    _exit(0);
}

static void handle(const grpc_event *event) {
    struct tag *tag = event->tag;
    HAPPENS_AFTER(tag);
    if (tag == &self.stopped)
        self.grpc_stopped = true;
    else
        tag->done(tag->call, event->success);
}

static void drain(void) {
    grpc_completion_queue_shutdown(self.queue);
    for (;;) {
        grpc_event event = grpc_completion_queue_next(self.queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        if (event.type == GRPC_QUEUE_SHUTDOWN)
            return;
        handle(&event);
    }
}

static void finish(void) {
    endpoint_unlink(&self.endpoint);
    pool_finish(&self.pool);
    drain();
    grpc_server_destroy(self.grpc);
    grpc_completion_queue_destroy(self.queue);
    grpc_shutdown_blocking();
    // A connection still closing holds gRPC's last reference; its threads end, and free what OpenSSL keeps
    // for each, shortly after.
    for (int turn = 0; turn < 500 && grpc_is_initialized(); turn++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

// ---- In between ----

static int turn_ms(void) {
    return self.stop_asked ? LAST_TURNS_MS : TURN_MS;
}

static void look_around(void) {
    static struct timespec next;
    if (!is_past(&next))
        return;
    next = after_ms(turn_ms());
    if (!self.stop_asked && (self.debug ? process_interrupted() : process_orphaned(self.host_out))) {
        server_stop(&self);
        self.stop_by = after_ms(self.debug ? SHIM_GRACE_MS : SHIM_ORPHAN_GRACE_MS);
    }
    if (self.stop_asked && is_past(&self.stop_by))
        end_at_once();
}

static void turn(void) {
    gpr_timespec until =
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(turn_ms(), GPR_TIMESPAN));
    grpc_event event = grpc_completion_queue_next(self.queue, until, NULL);
    if (event.type == GRPC_OP_COMPLETE)
        handle(&event);
}

int shim_serve(const struct shim_config *config) {
    int exit_code;
    enum start how = handshake_start(config, &exit_code);
    if (how == START_EXIT)
        return exit_code;
    self.config = config;
    self.debug = how == START_DEBUG;
    log_init(config);
    self.host_out = process_take_stdout();
    process_signals(&self.endpoint, self.debug);
    if (!start()) {
        endpoint_unlink(&self.endpoint);
        return 1;
    }
    while (!is_over()) {
        turn();
        look_around();
    }
    finish();
    return 0;
}
