// SPDX-License-Identifier: Apache-2.0
// An HTTP client on libcurl: connection pool, TLS, proxy, retries, deadlines.
// A client belongs to the process and may be used by many threads at once. One
// thread of its own, started by the first request, drives libcurl, so that all
// callers share connections (HTTP/2: usually one per host). Nothing that could
// hold a secret (headers, queries, bodies) is ever logged or put into an error.
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "base/call.h"

#include <stddef.h>

struct http_client;
struct http_stream;

// Zero means the default everywhere. Texts are copied.
struct http_settings {
    const char *ca_pem;   // trust only these; NULL: SSL_CERT_FILE, SSL_CERT_DIR or the system's
    const char *cert_pem; // client certificate chain and its key
    const char *key_pem;
    const char *server_name; // expect this name in the server's certificate, and send it as SNI
    bool insecure;           // do not verify the server
    const char *proxy_url; // for all hosts; NULL: HTTPS_PROXY, HTTP_PROXY, NO_PROXY as Go has them; "": none
    const char *user_agent;
    int parallel;   // requests under way at once, default 64 (streams not counted)
    int tries;      // per request, default 5
    int connect_ms; // default 30000
};

struct http_header {
    const char *name; // lower case in responses
    const char *value;
};

struct http_request {
    const char *method; // NULL is GET
    const char *url;
    const struct http_header *headers;
    size_t header_count;
    const char *bearer;              // Authorization: Bearer, or
    const char *username, *password; // Basic; neither follows a redirect to another origin
    const void *body;
    size_t body_len;
    size_t limit;    // bytes of response body, default 64 MiB; more is ERR_LIMIT
    bool follow;     // follow redirects, at most 10
    bool final_500;  // a 500 is the server's considered answer, not worth another try
    bool send_again; // repeatable though it is a POST or PATCH (GET, HEAD, PUT, DELETE always are)
};

struct http_response {
    int status; // 0 when there was no answer: see failure
    const struct http_header *headers;
    size_t header_count;
    const char *body; // NUL-terminated
    size_t body_len;
    const char *url;    // where the answer came from, after redirects
    struct err failure; // kind ERR_NONE when there was an answer of any status
};

// Never fails and starts nothing: the first request does.
struct http_client *http_client_create(const struct http_settings *settings);

// No request may be under way. Takes NULL.
void http_client_destroy(struct http_client *client);

// From now on connect with this client certificate (a credential plugin's).
void http_client_set_certificate(struct http_client *client, const char *cert_pem, const char *key_pem);

// Sends one request and waits. True for an answer of any status; else ERR_UNAVAILABLE, ERR_LIMIT,
// ERR_INVALID (URL), ERR_TIMEOUT, ERR_CANCELLED. 429, 5xx and connection errors are retried with
// backoff (Retry-After is obeyed) while tries and deadline last; requests that are not repeatable
// only when the server certainly did nothing. Results live in the call's arena.
bool http_do(struct call *call, struct http_client *client, const struct http_request *request,
             struct http_response *out, struct err *err);

// The same for `count` requests in parallel. Always fills every response; true when all were answered,
// else `err` is the first failure. The deadline and stop flags end it within 50 ms.
bool http_do_many(struct call *call, struct http_client *client, const struct http_request *requests,
                  size_t count, struct http_response *out, struct err *err);

// A response header by lower-case name, or NULL.
const char *http_header_get(const struct http_response *response, const char *name);

// Streams: answers read while they arrive. The reader pulls, so it runs in the caller's thread and may
// make requests of its own. Opening never waits; close always (it takes NULL), also after the end.
struct http_stream *http_stream_open(struct call *call, struct http_client *client,
                                     const struct http_request *request);
void http_stream_close(struct http_stream *stream);

// Waits until a stream of `streams` (entries may be NULL) has something to read, has ended, or `ms` are over.
// False only for ERR_TIMEOUT and ERR_CANCELLED of the call.
bool http_streams_wait(struct call *call, struct http_client *client, struct http_stream *const *streams,
                       size_t count, int ms, struct err *err);

enum http_stream_state { HTTP_STREAM_OPEN, HTTP_STREAM_ENDED, HTTP_STREAM_FAILED };

// Takes what has arrived (into `arena`; *len 0 for nothing) without waiting. `*status` is 0 until the
// answer began. When it failed, `err` says why.
enum http_stream_state http_stream_read(struct http_stream *stream, struct arena *arena, const char **data,
                                        size_t *len, int *status, struct err *err);

// What happened so far, for tests and benchmarks.
struct http_stats {
    unsigned long requests, connections, retries;
};
struct http_stats http_client_stats(struct http_client *client);

// Fault injection for tests: asked before every attempt, the first being 0. Any kind but HTTP_FAULT_NONE
// replaces the attempt; delay_ms comes first in every case.
enum http_fault_kind { HTTP_FAULT_NONE, HTTP_FAULT_CONNECT, HTTP_FAULT_RESET, HTTP_FAULT_STATUS };
struct http_fault {
    enum http_fault_kind kind;
    int delay_ms;
    int status;
    const char *body;        // static, may be NULL
    const char *retry_after; // static, may be NULL
};
typedef struct http_fault http_fault_hook(void *data, unsigned nth, const char *method, const char *url);
void http_client_set_faults(struct http_client *client, http_fault_hook *hook, void *data);

#endif
