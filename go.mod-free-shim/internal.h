// SPDX-License-Identifier: Apache-2.0
// internal.h: what the files of this folder share. Not for providers; their header is shim.h.
//
// One thread (the caller of shim_serve) turns the completion queue and owns every call's bookkeeping;
// handlers run on the pool's workers. Only `cancelled`, the stream's `sent` flags and the list of live calls
// are shared.
#ifndef SHIM_INTERNAL_H
#define SHIM_INTERNAL_H

#include "shim.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <pthread.h>
#include <sys/un.h>
#include <time.h>

#define SHIM_MESSAGE_LIMIT (256 * 1024 * 1024) // bytes, each way: the value Go providers use
#define SHIM_WORKERS 64                        // urgent calls may add to it; Terraform runs 10 at once
#define SHIM_GRACE_MS 1500                     // handlers get this long at the end; the host kills at 2000

// ---- call.c: one RPC from arrival to its last tag ----

// What a completion queue tag points to: who is told when the operation is over.
struct tag {
    void (*done)(struct shim_call *call, bool ok);
    struct shim_call *call;
};

struct shim_call {
    struct server *server;
    const struct shim_method *method; // NULL: one of the built-in services
    char id[17];

    grpc_call *grpc;
    grpc_call_details details;
    grpc_metadata_array metadata;
    grpc_byte_buffer *request;
    grpc_byte_buffer *response;
    grpc_slice reply;
    grpc_slice status_text;
    enum shim_status status;

    int peer_gone; // written by gRPC when `closed` comes
    atomic_bool cancelled;
    bool greeted; // initial metadata is on its way
    bool streams; // answers with any number of messages, not with exactly one
    bool held;    // open until the peer closes it
    bool is_closed;
    bool is_finished;
    void (*after)(struct server *server); // run once the reply has left

    pthread_mutex_t lock; // a stream's worker waits for `sent`
    pthread_cond_t turned;
    bool in_flight;
    bool sent_ok;

    struct tag arrived, received, closed, sent, finished;
    struct shim_call *previous, *next; // among the live ones
    struct shim_call *queued;          // in the pool
};

// Asks gRPC for the next call, whatever its path.
void call_expect(struct server *server);
// Reads the request message, then hands the call to `received`.
void call_receive(struct shim_call *call, void (*received)(struct shim_call *call, bool ok));
// Runs the handler and finishes the call: a worker's job.
void call_work(struct shim_call *call);
// Sends reply and status. The call may be gone when it returns.
void call_finish(struct shim_call *call);
// Raises the flag of every live call but `except`, which may be NULL.
void call_cancel_all(struct server *server, const struct shim_call *except);
// The call whose handler runs on this thread, or NULL.
const struct shim_call *call_current(void);

// ---- pool.c: workers, started when there is work and no one idle ----

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t wake; // work or closing
    pthread_cond_t gone; // a worker left
    struct shim_call *head, *tail;
    unsigned waiting, idle, workers;
    bool closing;
};

void pool_init(struct pool *pool);
void pool_add(struct pool *pool, struct shim_call *call, bool urgent);
// Whether no worker is at work and nothing waits.
bool pool_is_quiet(struct pool *pool);
void pool_finish(struct pool *pool);

// ---- handshake.c: how the process begins ----

enum start {
    START_EXIT, // answered already: --version, --help, not started by a host
    START_PLUGIN,
    START_DEBUG,
};

enum start handshake_start(const struct shim_config *config, int *exit_code);
// Highest version both sides know; `ours` and *agreed false when `offered` ("5,6", may be NULL) lacks it.
unsigned handshake_negotiate(const char *offered, unsigned ours, bool *agreed);
// The line for the host without its LF, or the TF_REATTACH_PROVIDERS value. False: it does not fit.
bool handshake_line(char *line, size_t size, unsigned protocol, const char *network, const char *address,
                    const char *certificate);
bool handshake_reattach(char *line, size_t size, const struct shim_config *config, const char *network,
                        const char *address);

// ---- listen.c: where it is to be found ----

struct endpoint {
    const char *network;                            // "unix" or "tcp"
    char address[sizeof(struct sockaddr_un) + 200]; // path, or 127.0.0.1:port
};

// Takes a directory and room for a socket path. False: the path would not fit sockaddr_un.
bool endpoint_path(char *path, size_t size, const char *directory, unsigned long long unique);
// Binds `grpc`; logs why not.
bool endpoint_bind(struct endpoint *endpoint, grpc_server *grpc, grpc_server_credentials *credentials);
// Unlinks the socket, safe in a signal handler.
void endpoint_unlink(const struct endpoint *endpoint);

// ---- tls.c: AutoMTLS ----

// Credentials that take `client_pem`'s owner alone and show a certificate made just now, whose DER comes back
// in *certificate as unpadded base64 (the caller frees). NULL: logged why.
grpc_server_credentials *tls_credentials(const char *client_pem, char **certificate);

// ---- builtin.c: go-plugin's own services ----

// Starts the built-in method `path` for the call; false when there is none.
bool builtin_begin(struct shim_call *call, const char *path);

// ---- log.c ----

enum { LOG_LINE_MAX = 60 * 1024 };

void log_init(const struct shim_config *config);
// The level the first set variable of `names` asks for; warn when none is set, trace for what it does not
// know.
enum shim_level log_level(const char *const *names);
// One line with its LF into `line` (LOG_LINE_MAX bytes); the length.
size_t log_format(char *line, struct timespec now, enum shim_level level, const char *module,
                  const char *message, const struct shim_field *fields, size_t n_fields);

// ---- process.c: streams, signals, the parent ----

// Keeps the host's stdout for the handshake alone and points fd 1 at stderr. The kept fd, or -1.
int process_take_stdout(void);
// Sets the signals; `debug`: SIGINT and SIGTERM end the serving, else SIGINT does nothing.
void process_signals(const struct endpoint *endpoint, bool debug);
bool process_interrupted(void);
// Whether the process that started this one is gone; `host_out` is the kept stdout.
bool process_orphaned(int host_out);

// ---- serve.c ----

struct server {
    const struct shim_config *config;
    grpc_server *grpc;
    grpc_completion_queue *queue;
    struct endpoint endpoint;
    struct pool pool;
    pthread_mutex_t lock;   // the list of live calls
    struct shim_call *live; // arrived and not freed
    struct tag stopped;
    bool stop_asked;   // shutdown_and_notify was called
    bool grpc_stopped; // and has answered
    struct timespec stop_by;
    bool debug;
    int host_out;
};

// Begins the end: no new calls, every call cancelled.
void server_stop(struct server *server);

#endif
