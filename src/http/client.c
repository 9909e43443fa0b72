// SPDX-License-Identifier: Apache-2.0
#include "http/private.h"
#include "http/url.h"

#include <string.h>
#include <time.h>

enum { LOOK_EVERY_MS = 50 }; // at the call's deadline and stop flags

struct http_client *http_client_create(const struct http_settings *settings) {
    struct arena *arena = arena_create();
    struct http_client *client = arena_alloc(arena, sizeof *client);
    client->arena = arena;
    client->settings = *settings;
    const char **texts[] = {&client->settings.ca_pem,    &client->settings.cert_pem,
                            &client->settings.key_pem,   &client->settings.server_name,
                            &client->settings.proxy_url, &client->settings.user_agent};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_strdup(arena, *texts[i]);
    client->incoming_tail = &client->incoming;
    pthread_mutex_init(&client->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&client->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return client;
}

void http_client_destroy(struct http_client *client) {
    if (!client)
        return;
    engine_end(client);
    pthread_cond_destroy(&client->changed);
    pthread_mutex_destroy(&client->lock);
    arena_destroy(client->arena);
}

void http_client_set_certificate(struct http_client *client, const char *cert_pem, const char *key_pem) {
    pthread_mutex_lock(&client->lock);
    client->settings.cert_pem = arena_strdup(client->arena, cert_pem);
    client->settings.key_pem = arena_strdup(client->arena, key_pem);
    pthread_mutex_unlock(&client->lock);
}

struct http_stats http_client_stats(struct http_client *client) {
    pthread_mutex_lock(&client->lock);
    struct http_stats stats = client->stats;
    pthread_mutex_unlock(&client->lock);
    return stats;
}

void http_client_set_faults(struct http_client *client, http_fault_hook *hook, void *data) {
    pthread_mutex_lock(&client->lock);
    client->faults = hook;
    client->faults_data = data;
    pthread_mutex_unlock(&client->lock);
}

const char *http_header_get(const struct http_response *response, const char *name) {
    for (size_t i = 0; i < response->header_count; i++)
        if (!strcmp(response->headers[i].name, name))
            return response->headers[i].value;
    return NULL;
}

// ---- jobs ----

// Method, scheme, host and path: a query may hold a signature, and user names belong to nobody's log.
static bool show(const struct call *call, struct job *job, struct err *err) {
    struct url url;
    if (!url_parse(job->arena, job->request.url, &url, err))
        return false;
    bool known = !strcmp(url.scheme, "http") || !strcmp(url.scheme, "https");
    url.query = url.fragment = NULL;
    const char *method = job->request.method ? job->request.method : "GET";
    const char *text = arena_printf(job->arena, "%s %s", method, url_text(job->arena, &url));
    job->shown = hidden_mask(call->hidden, job->arena, text); // the thread that logs it has no call
    if (!known || !*url.host)
        return err_set(err, ERR_INVALID, "%s: only http:// and https:// URLs with a host can be requested",
                       job->shown);
    if (url.username && !job->request.username && !job->request.bearer) {
        job->request.username = url.username;
        job->request.password = url.password;
    }
    return true;
}

// A line break in a header would begin another one.
static bool one_line(const struct job *job, const char *name, const char *text, struct err *err) {
    while (text && *text && ((unsigned char)*text >= ' ' || *text == '\t') && *text != 0x7f)
        text++;
    return !text || !*text ||
           err_set(err, ERR_INVALID,
                   "%s: the header %s would hold a line break or another control character. Take it out of "
                   "what it is made of, often the end of a file.",
                   job->shown, name);
}

static bool check_headers(const struct job *job, struct err *err) {
    const struct http_request *request = &job->request;
    for (size_t i = 0; i < request->header_count; i++)
        if (!one_line(job, request->headers[i].name, request->headers[i].value, err))
            return false;
    return one_line(job, "Authorization", request->bearer, err);
}

// Plain http is read by everybody on the way; to this machine there is none.
static bool is_private(const struct job *job, const struct url *url) {
    const char *proxy = job->client->settings.proxy_url;
    struct url via;
    struct err ignored = err_in(job->arena);
    if (!strcmp(url->scheme, "https"))
        return true;
    return url_is_loopback(url) &&
           (!proxy || !*proxy || (url_parse(job->arena, proxy, &via, &ignored) && url_is_loopback(&via)));
}

static bool check_login(const struct job *job, struct err *err) {
    struct url url;
    if (!job_has_login(job) || !url_parse(job->arena, job->request.url, &url, err) || is_private(job, &url))
        return err->kind == ERR_NONE;
    return err_set(
        err, ERR_INVALID,
        "%s: a login is not sent over plain http, where everybody on the way can read it, but to this "
        "machine itself. Use https://, or give no login",
        job->shown);
}

static struct job *new_job(const struct call *call, struct http_client *client,
                           const struct http_request *request, bool streaming) {
    struct arena *arena = arena_create();
    struct job *job = arena_alloc(arena, sizeof *job);
    *job = (struct job){.client = client,
                        .arena = arena,
                        .request = *request,
                        .target = request->url,
                        .streaming = streaming};
    buf_init(&job->body, arena);
    struct err err = err_in(arena);
    // Whoever answers may repeat what it was sent.
    call_hide(call, request->password);
    call_hide(call, request->bearer);
    hidden_add_url(call->hidden, request->url);
    if (!show(call, job, &err) || !check_headers(job, &err) || !check_login(job, &err)) {
        job->state = JOB_DONE;
        job->failure = err.kind;
        job->failure_text = err.msg;
    }
    return job;
}

// Under the lock: sleeps until something changed, `until` is there, or it is time to look at the call.
static void wait_change(struct http_client *client, int64_t until) {
    int64_t wake = call_now() + LOOK_EVERY_MS;
    wake = until < wake ? until : wake;
    struct timespec at = {.tv_sec = wake / 1000, .tv_nsec = wake % 1000 * 1000000};
    pthread_cond_timedwait(&client->changed, &client->lock, &at);
}

static void submit(struct http_client *client, struct job **jobs, size_t count) {
    struct job *first = NULL, **tail = &first;
    for (size_t i = 0; i < count; i++)
        if (jobs[i]->state != JOB_DONE) {
            *tail = jobs[i];
            tail = &jobs[i]->next;
        }
    if (first)
        engine_submit(client, first, tail);
}

static bool all_done(struct job **jobs, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (jobs[i]->state != JOB_DONE)
            return false;
    return true;
}

// Ends when all are done; when the call is over first, the engine lets go of them within one turn.
static void wait_all(const struct call *call, struct http_client *client, struct job **jobs, size_t count,
                     struct err *over) {
    bool cancelled = false;
    pthread_mutex_lock(&client->lock);
    while (!all_done(jobs, count)) {
        if (!cancelled && !call_alive(call, over)) {
            cancelled = true;
            for (size_t i = 0; i < count; i++)
                jobs[i]->cancelled = true;
            engine_wake(client);
        }
        wait_change(client, cancelled ? CALL_NO_DEADLINE : call->deadline);
    }
    pthread_mutex_unlock(&client->lock);
}

// ---- answers ----

static void copy_headers(struct arena *arena, const struct job *job, struct http_response *out) {
    struct http_header *headers = arena_array(arena, job->answer.count, sizeof *headers);
    for (size_t i = 0; i < job->answer.count; i++) {
        headers[i].name = arena_strdup(arena, job->answer.items[i].name);
        headers[i].value = arena_strdup(arena, job->answer.items[i].value);
    }
    out->headers = headers;
    out->header_count = job->answer.count;
}

static void cut_short(const struct job *job, const struct err *over, struct http_response *out) {
    if (job->failure_text)
        err_set(&out->failure, over->kind, "%s: %s; last try: %s", job->shown, over->msg, job->failure_text);
    else if (job->tries)
        err_set(&out->failure, over->kind, "%s: %s while waiting for the answer", job->shown, over->msg);
    else
        err_set(&out->failure, over->kind, "%s: %s before it was sent", job->shown, over->msg);
}

static void answer(struct call *call, const struct job *job, const struct err *over,
                   struct http_response *out) {
    *out = (struct http_response){.failure = err_in(call->arena), .body = ""};
    if (job->cut) {
        cut_short(job, over, out);
    } else if (job->failure) {
        err_set(&out->failure, job->failure, "%s", job->failure_text);
    } else {
        out->status = job->status;
        out->body = arena_strndup(call->arena, job->body.ptr ? job->body.ptr : "", job->body.len);
        out->body_len = job->body.len;
        out->url = arena_strdup(call->arena, job->url);
        copy_headers(call->arena, job, out);
    }
}

bool http_do_many(struct call *call, struct http_client *client, const struct http_request *requests,
                  size_t count, struct http_response *out, struct err *err) {
    struct job **jobs = arena_array(call->arena, count, sizeof *jobs);
    struct err over = err_in(call->arena);
    const struct err *first = NULL;
    for (size_t i = 0; i < count; i++)
        jobs[i] = new_job(call, client, &requests[i], false);
    submit(client, jobs, count);
    wait_all(call, client, jobs, count, &over);
    for (size_t i = 0; i < count; i++) {
        answer(call, jobs[i], &over, &out[i]);
        arena_destroy(jobs[i]->arena);
        if (out[i].failure.kind && !first)
            first = &out[i].failure;
    }
    return first ? err_set(err, first->kind, "%s", first->msg) : true;
}

bool http_do(struct call *call, struct http_client *client, const struct http_request *request,
             struct http_response *out, struct err *err) {
    return http_do_many(call, client, request, 1, out, err);
}

// ---- streams ----

struct http_stream {
    struct job job; // alone, so a job made by new_job is one
};

static struct job *job_of(const struct http_stream *stream) {
    return (struct job *)stream;
}

struct http_stream *http_stream_open(struct call *call, struct http_client *client,
                                     const struct http_request *request) {
    struct job *job = new_job(call, client, request, true);
    submit(client, &job, 1);
    return (struct http_stream *)job;
}

void http_stream_close(struct http_stream *stream) {
    if (!stream)
        return;
    struct job *job = job_of(stream);
    struct http_client *client = job->client;
    pthread_mutex_lock(&client->lock);
    if (job->state != JOB_DONE) {
        job->cancelled = true;
        engine_wake(client);
    }
    while (job->state != JOB_DONE)
        pthread_cond_wait(&client->changed, &client->lock);
    pthread_mutex_unlock(&client->lock);
    arena_destroy(job->arena);
}

static bool readable(struct http_stream *const *streams, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (streams[i] && (job_of(streams[i])->state == JOB_DONE || job_of(streams[i])->body.len))
            return true;
    return false;
}

bool http_streams_wait(struct call *call, struct http_client *client, struct http_stream *const *streams,
                       size_t count, int ms, struct err *err) {
    int64_t until = call_now() + ms;
    until = until > call->deadline ? call->deadline : until;
    pthread_mutex_lock(&client->lock);
    bool alive = call_alive(call, err);
    while (alive && !readable(streams, count) && call_now() < until) {
        wait_change(client, until);
        alive = call_alive(call, err);
    }
    pthread_mutex_unlock(&client->lock);
    return alive;
}

enum http_stream_state http_stream_read(struct http_stream *stream, struct arena *arena, const char **data,
                                        size_t *len, int *status, struct err *err) {
    struct job *job = job_of(stream);
    pthread_mutex_lock(&job->client->lock);
    *status = job->status;
    *len = job->body.len;
    *data = arena_strndup(arena, job->body.ptr ? job->body.ptr : "", job->body.len);
    buf_truncate(&job->body, 0); // the buffer itself is used again
    enum http_stream_state state = job->state != JOB_DONE ? HTTP_STREAM_OPEN
                                   : job->failure         ? HTTP_STREAM_FAILED
                                                          : HTTP_STREAM_ENDED;
    if (state == HTTP_STREAM_FAILED)
        err_set(err, job->failure, "%s", job->failure_text);
    pthread_mutex_unlock(&job->client->lock);
    return state;
}
