// SPDX-License-Identifier: Apache-2.0
// shim.h: everything a Terraform provider written in Go gets from its go.mod, for one written in C. It starts
// the process's server as the host expects (cookie, handshake line, AutoMTLS), moves bytes between gRPC calls
// and handlers, and logs the way the host reads. It knows go-plugin and nothing of Terraform's messages.
#ifndef SHIM_H
#define SHIM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One RPC in progress. Lives from the call of its handler until the handler returns.
struct shim_call;

struct shim_bytes {
    const void *data; // borrowed; may be NULL when size is 0
    size_t size;
};

// The gRPC status codes a handler has reason to choose; the numbers are gRPC's.
enum shim_status {
    SHIM_OK = 0,
    SHIM_CANCELLED = 1,
    SHIM_INVALID_ARGUMENT = 3,
    SHIM_NOT_FOUND = 5,
    SHIM_UNIMPLEMENTED = 12,
    SHIM_INTERNAL = 13,
    SHIM_UNAVAILABLE = 14,
};

// Serves one RPC, on a worker thread; several run at once, so it must be thread-safe. `request` is valid
// until it returns. A unary handler calls shim_reply once (not at all answers an empty message) or shim_fail;
// a streaming one calls shim_send any number of times.
typedef void shim_handler(struct shim_call *call, struct shim_bytes request);

enum shim_kind {
    SHIM_UNARY,
    SHIM_SERVER_STREAM,
};

struct shim_method {
    const char *path; // "/package.Service/Method"; any other path is answered UNIMPLEMENTED
    shim_handler *handler;
    enum shim_kind kind;
    bool urgent; // starts at once even when every worker is busy: for StopProvider and its like
};

struct shim_config {
    int argc;
    char **argv;
    const char *name;    // "wandb": the provider's type name, in help, logs and TF_LOG_PROVIDER_WANDB
    const char *address; // "registry.terraform.io/wandb/wandb": the key of TF_REATTACH_PROVIDERS
    const char *version; // "1.2.3", for --version
    const char *linked;  // "libssl-dev 3.0.22, ...": what --version says is linked in; NULL or "" for nothing
    const char *commands;   // lines of --help on what else the executable does; NULL for nothing
    const char *cookie_key; // the variable the host sets, and to what, to say that it is one
    const char *cookie_value;
    unsigned protocol; // the application protocol's major version, 6 for tfplugin6
    const struct shim_method *methods;
    size_t n_methods;
    void *user;                   // for shim_user
    const char *const *level_env; // variables that set the log level, first set one wins, NULL-terminated;
                                  // NULL stands for TF_LOG_PROVIDER_<NAME>, TF_LOG_PROVIDER, TF_LOG
};

// What Terraform and OpenTofu put in cookie_key and cookie_value.
#define SHIM_TERRAFORM_COOKIE_KEY "TF_PLUGIN_MAGIC_COOKIE"
#define SHIM_TERRAFORM_COOKIE_VALUE "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

// Runs the whole process: answers --version and --help, else serves until the host says Shutdown or is gone,
// and returns the exit code for main to return. Call it first thing in main, before any thread is started and
// anything is written to stdout; stdout becomes a copy of stderr, stdin is never read. When handlers are
// still running 1.5 s after the end was asked for, it ends the process itself.
int shim_serve(const struct shim_config *config);

// ---- For handlers ----

// Room for the reply, `size` bytes that the handler fills before it returns. The call owns it. Once per unary
// call.
void *shim_reply(struct shim_call *call, size_t size);

// Sends one message of a server stream and waits until it has left. False: cancelled, nothing more can be
// sent.
bool shim_send(struct shim_call *call, struct shim_bytes message);

// Ends the call with a status other than OK when the handler returns. `message` is copied.
void shim_fail(struct shim_call *call, enum shim_status status, const char *message);

// The config's user pointer, and the method this call is for.
void *shim_user(const struct shim_call *call);
const struct shim_method *shim_call_method(const struct shim_call *call);

// 16 hexadecimal digits that tell this call from others in the logs (tf_req_id).
const char *shim_call_id(const struct shim_call *call);

// Whether the work should end early: the RPC was cancelled, its connection is gone, the process is to end, or
// shim_interrupt was called. The flag form is for code that polls a flag; it is only ever raised, and stays
// valid until the handler returns.
bool shim_cancelled(const struct shim_call *call);
const atomic_bool *shim_cancel_flag(const struct shim_call *call);

// Raises the cancel flag of every other call in progress. They can still reply: this is what StopProvider
// means.
void shim_interrupt(struct shim_call *call);

// ---- Logging ----

enum shim_level {
    SHIM_TRACE,
    SHIM_DEBUG,
    SHIM_INFO,
    SHIM_WARN,
    SHIM_ERROR,
    SHIM_OFF,
};

struct shim_field {
    const char *key;   // "@module" replaces the default module, the provider's name
    const char *value; // NULL leaves the field out
};

// Whether a line of this level would be written; to skip the work of making one.
bool shim_logs(enum shim_level level);

// Writes one hclog JSON line to stderr with one write(2). Inside a handler tf_rpc and tf_req_id are added.
// Bytes that are not UTF-8 become U+FFFD; long values are cut so that the line stays under 64 KiB. Any
// thread.
void shim_log(enum shim_level level, const char *message, const struct shim_field *fields, size_t n_fields);

#endif
