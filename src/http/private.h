// SPDX-License-Identifier: Apache-2.0
// Shared inside src/http only. Who may touch what: between submit and JOB_DONE a job belongs
// to the engine's thread, except the members marked (lock), which both sides use under client->lock.
#ifndef HTTP_PRIVATE_H
#define HTTP_PRIVATE_H

#include "base/buf.h"
#include "http/client.h"
#include "http/proxy.h"

#include <curl/curl.h>
#include <pthread.h>

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE };

// headers.c: the header lines of an answer.
enum { HEADERS_LIMIT = 1 << 20 };
struct headers {
    struct http_header *items;
    size_t count;
    size_t bytes; // of all lines so far, those of interim answers too
};
// Takes a line in; one that is no header counts for its length. False where they exceed HEADERS_LIMIT.
bool headers_add(struct arena *arena, struct headers *headers, const char *line, size_t len);

struct job {
    struct job *next; // in the engine's list
    struct http_client *client;
    struct arena *arena;         // the job's own: the engine's thread never touches a caller's
    struct http_request request; // borrowed from the caller, who outlives the job
    const char *shown;           // "GET https://host/path", safe to show
    const char *target;          // the URL of this attempt: the request's, or where it was redirected
    int redirects;               // followed so far
    bool streaming;
    bool cancelled;       // (lock) the caller gave up
    bool cut;             // (lock) and the engine stopped it for that, unanswered
    enum job_state state; // (lock)
    int tries;            // attempts begun
    int64_t not_before;   // call_now() of the next attempt
    int64_t began;
    struct http_fault fault; // of this attempt
    CURL *easy;
    struct curl_slist *headers;
    struct curl_slist *connect_to;
    bool interim;                // the answer that arrives is not the last: a redirect that is followed
    char words[CURL_ERROR_SIZE]; // libcurl's
    struct buf body;             // (lock, when streaming: what the reader has not taken)
    struct headers answer;
    const char *over_limit; // which one, in words; NULL while none is
    int status;             // (lock) of the attempt under way or the final one
    const char *url;
    enum err_kind failure;    // (lock)
    const char *failure_text; // (lock)
};

struct trust {
    const char *file; // the bundle or the folders, for messages; NULL when there is nothing
    const char *pem;  // the certificates where they had to be read from folders; NULL: libcurl reads `file`
};

struct http_client {
    struct arena *arena;
    struct http_settings settings;
    struct trust trust;    // probed, empty when ca_pem is set
    struct hidden *hidden; // the engine's: what no message may show of proxies
    struct proxies proxies;
    pthread_mutex_t lock;
    pthread_cond_t changed; // some job's state or body did
    pthread_t thread;
    bool started, stopping;
    CURLM *multi;
    struct job *incoming, **incoming_tail; // (lock) submitted, not yet seen by the engine
    struct job *jobs;                      // the engine's
    int running;                           // without streams
    struct http_stats stats;               // (lock)
    http_fault_hook *faults;
    void *faults_data;
    unsigned attempts; // for the fault hook
};

static inline bool job_has_login(const struct job *job) {
    return job->request.bearer || job->request.username || job->request.password;
}

// engine.c
void engine_submit(struct http_client *client, struct job *jobs, struct job **tail); // a chain through next
void engine_wake(struct http_client *client);
void engine_end(struct http_client *client);

// transfer.c: one attempt on libcurl
void transfer_begin(struct job *job);
void transfer_end(struct job *job, CURLcode code); // fills status or failure
void transfer_drop(struct job *job);
bool transfer_again(struct job *job, CURLcode code, int64_t *wait_ms); // another try is due, after that wait
// The answer was a redirect that is to be followed: the next attempt is the first one of that URL.
bool transfer_onward(struct job *job, CURLcode code);

// trust.c: the system's certificates, found as Go finds them: SSL_CERT_FILE or the first bundle of the usual
// ones, and the folders of SSL_CERT_DIR beside it; the usual folders where there is no bundle.
void trust_find(struct arena *arena, struct trust *out);

#endif
