// SPDX-License-Identifier: Apache-2.0
// internal.h: how the files of this folder serve: calls, workers, logs. Not for providers; their header is
// shim.h.
//
// One thread (the caller of shim_serve) turns the completion queue and owns every call's bookkeeping;
// handlers run on the pool's workers. Only `cancelled`, the stream's `sent` flags and the list of live calls
// are shared.
#ifndef SHIM_INTERNAL_H
#define SHIM_INTERNAL_H

#include "start.h"

#include <grpc/grpc.h>
#include <pthread.h>
#include <time.h>

#define SHIM_MESSAGE_LIMIT (256 * 1024 * 1024) // bytes, each way: the value Go providers use
#define SHIM_WORKERS 64                        // urgent calls may add to it; Terraform runs 10 at once
#define SHIM_STACK (16 * 1024 * 1024)          // bytes of a worker's stack
#define SHIM_GRACE_MS 1500                     // handlers get this long at the end; the host kills at 2000
#define SHIM_ORPHAN_GRACE_MS 10000             // and this long when the host is gone, as nobody waits

// gRPC orders what came before a batch with what comes after its tag. ThreadSanitizer cannot see into a gRPC
// that was not built with it, so these tell it; elsewhere they are nothing.
#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define HAPPENS_BEFORE(tag) __tsan_release(tag)
#define HAPPENS_AFTER(tag) __tsan_acquire(tag)
#else
#define HAPPENS_BEFORE(tag) ((void)(tag))
#define HAPPENS_AFTER(tag) ((void)(tag))
#endif

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
    struct shim_call *head, *tail;
    unsigned waiting;
    struct worker *workers;
    unsigned count, idle; // of workers
    bool closing;
};

void pool_init(struct pool *pool);
// False, keeping no hold of the call, when not one worker could be started.
bool pool_add(struct pool *pool, struct shim_call *call, bool urgent);
// Whether no worker is at work and nothing waits.
bool pool_is_quiet(struct pool *pool);
// Waits until every worker's thread has ended: libraries free what they keep for a thread as it ends, which
// they no longer can once the process exits. To be called when nothing adds calls any more.
void pool_finish(struct pool *pool);

// ---- builtin.c: go-plugin's own services ----

// Starts the built-in method `path` for the call; false when there is none.
bool builtin_begin(struct shim_call *call, const char *path);

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
