// SPDX-License-Identifier: Apache-2.0
// start.h: how the process begins, inside this folder: what the host is told, where it finds the server, who
// gets in, what becomes of streams and signals. Nothing here keeps memory but tls_credentials, which says so.
#ifndef SHIM_START_H
#define SHIM_START_H

#include "shim.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <sys/un.h>

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
struct endpoint;
bool handshake_line(char *line, size_t size, unsigned protocol, const struct endpoint *endpoint,
                    const char *certificate);
bool handshake_reattach(char *line, size_t size, const struct shim_config *config,
                        const struct endpoint *endpoint);

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

// ---- process.c: streams, signals, the parent ----

// Keeps the host's stdout for the handshake alone and points fd 1 at stderr. The kept fd, or -1.
int process_take_stdout(void);
// Sets the signals; `debug`: SIGINT and SIGTERM end the serving, else SIGINT does nothing.
void process_signals(const struct endpoint *endpoint, bool debug);
bool process_interrupted(void);
// Whether the process that started this one is gone; `host_out` is the kept stdout.
bool process_orphaned(int host_out);

#endif
