// SPDX-License-Identifier: Apache-2.0
// The one thread of a client that touches libcurl. It takes jobs from `incoming`, keeps at most
// `parallel` of them on the multi handle, and tells their owners through `changed`.
#include "http/private.h"

#include "base/log.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_PARALLEL = 64, IDLE_MS = 60000 };

static void finish(struct job *job) {
    pthread_mutex_lock(&job->client->lock);
    job->state = JOB_DONE;
    pthread_cond_broadcast(&job->client->changed);
    pthread_mutex_unlock(&job->client->lock);
}

// Takes the job off libcurl; its connection stays in the pool when the answer was complete.
static void detach(struct job *job) {
    if (job->easy) {
        curl_multi_remove_handle(job->client->multi, job->easy);
        transfer_drop(job);
    }
    if (job->state == JOB_RUNNING && !job->streaming)
        job->client->running--;
}

static void set_state(struct job *job, enum job_state state) {
    pthread_mutex_lock(&job->client->lock);
    job->state = state;
    pthread_mutex_unlock(&job->client->lock);
}

// ---- the end of an attempt ----

static void log_attempt(struct job *job) {
    if (!log_enabled(LOG_DEBUG))
        return;
    pthread_mutex_lock(&job->client->lock);
    size_t bytes = job->body.len;
    pthread_mutex_unlock(&job->client->lock);
    long long took = (long long)(call_now() - job->began);
    if (job->failure)
        log_to(NULL, LOG_DEBUG, "http", "%s after %lld ms", job->failure_text, took);
    else
        log_to(NULL, LOG_DEBUG, "http", "%s: %d, %zu bytes, %lld ms", job->shown, job->status, bytes, took);
}

// True when the job is over and has left the list.
static bool settle(struct job *job, CURLcode code) {
    int64_t wait = 0;
    log_attempt(job);
    bool onward = transfer_onward(job, code), again = onward || transfer_again(job, code, &wait);
    detach(job);
    if (!again) {
        finish(job);
        return true;
    }
    job->not_before = call_now() + wait;
    pthread_mutex_lock(&job->client->lock);
    job->state = JOB_WAITING;
    job->client->stats.retries += !onward;
    pthread_mutex_unlock(&job->client->lock);
    return false;
}

// An attempt that the fault hook replaced.
static bool settle_fault(struct job *job) {
    CURLcode code = job->fault.kind == HTTP_FAULT_CONNECT ? CURLE_COULDNT_CONNECT : CURLE_RECV_ERROR;
    transfer_begin(job);
    transfer_end(job, job->fault.kind == HTTP_FAULT_STATUS ? CURLE_OK : code);
    if (job->fault.kind == HTTP_FAULT_STATUS) {
        pthread_mutex_lock(&job->client->lock);
        job->status = job->fault.status;
        if (job->fault.body)
            buf_str(&job->body, job->fault.body);
        pthread_mutex_unlock(&job->client->lock);
        const char *later = job->fault.retry_after;
        const char *line = later ? arena_printf(job->arena, "Retry-After: %s", later) : "";
        headers_add(job->arena, &job->answer, line, strlen(line));
    }
    return settle(job, code);
}

// ---- the list ----

static void take_incoming(struct http_client *client) {
    pthread_mutex_lock(&client->lock);
    struct job **tail = &client->jobs;
    while (*tail)
        tail = &(*tail)->next;
    *tail = client->incoming;
    client->incoming = NULL;
    client->incoming_tail = &client->incoming;
    pthread_mutex_unlock(&client->lock);
}

static bool cut_if_cancelled(struct job *job) {
    pthread_mutex_lock(&job->client->lock);
    bool cancelled = job->cut = job->cancelled;
    pthread_mutex_unlock(&job->client->lock);
    return cancelled;
}

static void start(struct job *job) {
    struct http_client *client = job->client;
    set_state(job, JOB_RUNNING);
    client->running += !job->streaming;
    transfer_begin(job);
    CURLMcode code = curl_multi_add_handle(client->multi, job->easy);
    if (code != CURLM_OK)
        abort(); // out of memory, or a bug of ours
}

// A new attempt: counted, and offered to the fault hook. False when it was put off or replaced.
static bool begin_attempt(struct job *job) {
    struct http_client *client = job->client;
    job->tries++;
    job->began = call_now();
    pthread_mutex_lock(&client->lock);
    client->stats.requests++;
    http_fault_hook *hook = client->faults;
    void *data = client->faults_data;
    pthread_mutex_unlock(&client->lock);
    job->fault = (struct http_fault){0};
    if (hook)
        job->fault =
            hook(data, client->attempts++, job->request.method ? job->request.method : "GET", job->target);
    job->not_before = job->began + job->fault.delay_ms;
    return job->fault.delay_ms == 0;
}

enum turn { TURN_KEEP, TURN_OVER };

static enum turn look_at(struct job *job) {
    const struct http_client *client = job->client;
    int parallel = client->settings.parallel ? client->settings.parallel : DEFAULT_PARALLEL;
    if (cut_if_cancelled(job)) {
        detach(job);
        finish(job);
        return TURN_OVER;
    }
    if (job->state == JOB_RUNNING || job->not_before > call_now() ||
        (!job->streaming && client->running >= parallel))
        return TURN_KEEP;
    bool delayed = job->fault.delay_ms > 0; // and the delay is over
    if (!delayed && !begin_attempt(job))
        return TURN_KEEP;
    job->fault.delay_ms = 0;
    if (job->fault.kind != HTTP_FAULT_NONE)
        return settle_fault(job) ? TURN_OVER : TURN_KEEP;
    start(job);
    return TURN_KEEP;
}

static void look_at_all(struct http_client *client) {
    for (struct job **at = &client->jobs; *at;) {
        struct job *job = *at, *next = job->next; // a finished job may be gone at once
        if (look_at(job) == TURN_OVER)
            *at = next;
        else
            at = &job->next;
    }
}

static void drop_from_list(struct http_client *client, const struct job *job, struct job *next) {
    struct job **at = &client->jobs;
    while (*at != job)
        at = &(*at)->next;
    *at = next;
}

static void read_results(struct http_client *client) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(client->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct job *job = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&job);
        struct job *next = job->next;
        transfer_end(job, code);
        if (settle(job, code))
            drop_from_list(client, job, next);
    }
}

// Milliseconds until some waiting job is due.
static int nap(const struct http_client *client) {
    int64_t now = call_now(), nap = IDLE_MS;
    for (const struct job *job = client->jobs; job; job = job->next)
        if (job->state == JOB_WAITING && job->not_before > now && job->not_before - now < nap)
            nap = job->not_before - now;
    return (int)nap;
}

static bool is_stopping(struct http_client *client) {
    pthread_mutex_lock(&client->lock);
    bool stopping = client->stopping;
    pthread_mutex_unlock(&client->lock);
    return stopping;
}

static void *drive(void *arg) {
    struct http_client *client = arg;
    while (!is_stopping(client)) {
        int running;
        take_incoming(client);
        look_at_all(client);
        curl_multi_perform(client->multi, &running);
        int slots = client->running;
        read_results(client);
        if (client->running == slots) // else a slot may be free for a waiting job
            curl_multi_poll(client->multi, NULL, 0, nap(client), NULL);
    }
    return NULL;
}

// ---- from the callers' threads ----

static CURLcode curl_state;

static void init_curl(void) {
    curl_state = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void probe(struct http_client *client) {
    if (!client->settings.ca_pem)
        trust_find(client->arena, &client->trust);
    proxies_read(client->arena, &client->proxies);
    const char *proxies[] = {client->settings.proxy_url, client->proxies.https, client->proxies.http};
    client->hidden = hidden_create(client->arena);
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) {
        if (proxies[i] && strchr(proxies[i], '@')) // libcurl quotes what it cannot read
            hidden_add(client->hidden, proxies[i]);
        hidden_add_url(client->hidden, proxies[i]);
    }
}

// Under the lock. libcurl is set up here, not at start-up: most runs of the provider never get here.
static bool start_thread(struct http_client *client) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_curl);
    if (curl_state != CURLE_OK)
        return false;
    probe(client);
    client->multi = curl_multi_init();
    curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    sigset_t all, old;
    sigfillset(&all); // signals belong to the main thread; a write to a closed socket is an error, no SIGPIPE
    pthread_sigmask(SIG_SETMASK, &all, &old);
    if (!client->multi || pthread_create(&client->thread, NULL, drive, client))
        abort();
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return client->started = true;
}

static void refuse(struct job *jobs) {
    for (struct job *job = jobs; job; job = job->next) {
        job->failure = ERR_UNAVAILABLE;
        job->failure_text = arena_printf(job->arena, "%s: %s", job->shown, curl_easy_strerror(curl_state));
        job->state = JOB_DONE;
    }
}

void engine_submit(struct http_client *client, struct job *jobs, struct job **tail) {
    pthread_mutex_lock(&client->lock);
    bool able = client->started || start_thread(client);
    if (able) {
        *client->incoming_tail = jobs;
        client->incoming_tail = tail;
    } else {
        refuse(jobs);
    }
    pthread_mutex_unlock(&client->lock);
    if (able)
        curl_multi_wakeup(client->multi);
}

void engine_wake(struct http_client *client) {
    curl_multi_wakeup(client->multi);
}

void engine_end(struct http_client *client) {
    if (!client->started)
        return;
    pthread_mutex_lock(&client->lock);
    client->stopping = true;
    pthread_mutex_unlock(&client->lock);
    curl_multi_wakeup(client->multi);
    pthread_join(client->thread, NULL);
    curl_multi_cleanup(client->multi);
}
