// SPDX-License-Identifier: Apache-2.0
// Terraform's plugin protocol 6 over any transport: bytes of one RPC in, bytes
// out. Knows messages and diagnostics; what resources do is provider/'s affair.
#ifndef PROTOCOL_SERVICE_H
#define PROTOCOL_SERVICE_H

#include "provider/provider.h"

#include <stdatomic.h>

struct protocol_service;

// Serves `content`, which must outlive it. Touches neither network nor disk.
struct protocol_service *protocol_service_create(const struct provider_content *content);

// No call may be in progress. Takes NULL.
void protocol_service_destroy(struct protocol_service *service);

struct protocol_method {
    const char *path; // "/tfplugin6.Provider/ReadResource"
    bool urgent;      // must be served even while every worker is busy
};

// The n-th method; NULL past the last. Methods that are not here are for the transport to refuse.
const struct protocol_method *protocol_method_at(size_t n);

// One RPC as the transport sees it.
struct protocol_rpc {
    size_t method;       // its number
    const void *request; // packed message
    size_t size;
    const atomic_bool *stop;                      // raised when the work should end early; may be NULL
    void *transport;                              // passed to these two:
    void *(*reply)(void *transport, size_t size); // room for the packed response, called at most once
    void (*stop_others)(void *transport);         // raises `stop` of every other RPC in progress; may be NULL
};

// Serves the RPC, blocking until done. False when the request is no such message; there is no reply then.
// Thread-safe.
bool protocol_serve(struct protocol_service *service, const struct protocol_rpc *rpc);

#endif
