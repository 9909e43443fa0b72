// SPDX-License-Identifier: Apache-2.0
// The client against a small HTTP/1.1 server in this process. (TLS and HTTP/2 are tried against a real API
// server.)
#include "http/client.h"
#include "listen.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- the server: one thread a connection, the path says what to do ----

static int port, other_port;
static atomic_int busy, most_busy, served;

static void reply(int fd, int status, const char *headers, const char *body) {
    char text[4096];
    int n = snprintf(text, sizeof text, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n%s", status,
                     strlen(body), headers, body);
    (void)!write(fd, text, (size_t)n);
}

static void act(int fd, const char *request) {
    char method[16], path[256], text[512];
    const char *auth = strcasestr(request, "\r\nauthorization: ");
    const char *body = strstr(request, "\r\n\r\n") + 4;
    sscanf(request, "%15s %255s", method, path);
    int number = atoi(strrchr(path, '/') + 1);
    if (!strncmp(path, "/slow/", 6)) {
        int now = ++busy;
        if (now > most_busy)
            most_busy = now;
        usleep((useconds_t)number * 1000);
        busy--;
        reply(fd, 200, "", "slow");
    } else if (!strncmp(path, "/status/", 8)) {
        reply(fd, number, "", "a status");
    } else if (!strncmp(path, "/away/", 6)) {
        snprintf(text, sizeof text, "Location: http://127.0.0.1:%d/auth/1\r\n", number ? other_port : port);
        reply(fd, 302, text, "");
    } else if (!strncmp(path, "/auth/", 6)) {
        snprintf(text, sizeof text, "%.*s", auth ? (int)strcspn(auth + 17, "\r") : 4,
                 auth ? auth + 17 : "none");
        reply(fd, 200, "X-Some: Thing\r\n", text);
    } else if (!strncmp(path, "/headers/", 9)) {
        size_t len = 4 * (size_t)number;
        char *lines = malloc(len + 64);
        for (size_t i = 0; i < len; i += 4)
            memcpy(lines + i, "a:\r\n", 4);
        strcpy(lines + len, "\r\nmany");
        (void)!write(fd, "HTTP/1.1 200 X\r\nContent-Length: 4\r\n", 35);
        for (size_t at = 0, end = strlen(lines); at < end; at += 4096) // the client may hang up
            (void)!send(fd, lines + at, end - at < 4096 ? end - at : 4096, MSG_NOSIGNAL);
        free(lines);
    } else if (!strncmp(path, "/stream/", 8)) {
        const char *head = "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n";
        (void)!write(fd, head, strlen(head));
        for (int i = 0; i < number; i++) {
            (void)!write(fd, "5\r\nline\n\r\n", 10);
            usleep(100000);
        }
        (void)!write(fd, "0\r\n\r\n", 5);
    } else {
        snprintf(text, sizeof text, "%s %s", method, body);
        reply(fd, 200, "", text);
    }
}

static void *serve_connection(void *arg) {
    int fd = (int)(intptr_t)arg;
    char request[65536];
    for (;;) {
        size_t have = 0;
        char *end = NULL;
        while (!end) {
            ssize_t n = read(fd, request + have, sizeof request - 1 - have);
            if (n <= 0) {
                close(fd);
                return NULL;
            }
            request[have += (size_t)n] = '\0';
            end = strstr(request, "\r\n\r\n");
            const char *length = strcasestr(request, "content-length: ");
            if (end && length && have < (size_t)(end + 4 - request) + (size_t)atoi(length + 16))
                end = NULL;
        }
        served++;
        act(fd, request);
    }
}

// ---- the tests ----

struct fixture {
    struct arena *arena;
    struct call call;
    struct err err;
    struct http_client *client;
};

static int set_up(void **state) {
    struct arena *arena = arena_create();
    struct fixture *f = arena_alloc(arena, sizeof *f);
    *f = (struct fixture){arena, call_in(arena), err_in(arena),
                          http_client_create(&(struct http_settings){0})};
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    http_client_destroy(f->client);
    arena_destroy(f->arena);
    return 0;
}

static const char *at(struct fixture *f, const char *path) {
    return arena_printf(f->arena, "http://127.0.0.1:%d%s", port, path);
}

static void sends_and_receives(void **state) {
    struct fixture *f = *state;
    struct http_response out;
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < 5; i++) {
        struct http_request request = {
            .method = methods[i], .url = at(f, "/echo/"), .body = "text", .body_len = 4};
        assert_true(http_do(&f->call, f->client, &request, &out, &f->err));
        assert_int_equal(out.status, 200);
        assert_string_equal(out.body, arena_printf(f->arena, "%s text", methods[i]));
    }
    assert_int_equal(http_client_stats(f->client).connections, 1);
}

static void runs_in_parallel(void **state) {
    struct fixture *f = *state;
    struct http_request requests[20];
    struct http_response out[20];
    for (int i = 0; i < 20; i++)
        requests[i] = (struct http_request){.url = at(f, "/slow/2000")};
    most_busy = 0;
    assert_true(http_do_many(&f->call, f->client, requests, 20, out, &f->err));
    assert_int_equal(most_busy, 20);
}

static void keeps_to_its_limit_of_parallel_requests(void **state) {
    struct fixture *f = *state;
    struct http_client *client = http_client_create(&(struct http_settings){.parallel = 3});
    struct http_request requests[9];
    struct http_response out[9];
    for (int i = 0; i < 9; i++)
        requests[i] = (struct http_request){.url = at(f, "/slow/500")};
    most_busy = 0;
    assert_true(http_do_many(&f->call, client, requests, 9, out, &f->err));
    assert_int_equal(most_busy, 3);
    http_client_destroy(client);
}

static void stops_at_the_deadline_and_on_the_flag(void **state) {
    struct fixture *f = *state;
    struct http_response out[2];
    struct http_request requests[2] = {{.url = at(f, "/echo/")}, {.url = at(f, "/slow/10000")}};
    struct call brief = call_within(&f->call, 2000);
    assert_false(http_do_many(&brief, f->client, requests, 2, out, &f->err));
    assert_int_equal(f->err.kind, ERR_TIMEOUT);
    assert_int_equal(out[0].status, 200); // what was answered is kept
    assert_int_equal(out[1].failure.kind, ERR_TIMEOUT);
    atomic_bool stop = true;
    struct call stopped = f->call;
    stopped.stop[0] = &stop;
    assert_false(http_do(&stopped, f->client, &requests[1], out, &f->err));
    assert_int_equal(f->err.kind, ERR_CANCELLED);
}

static void explains_a_refused_connection(void **state) {
    struct fixture *f = *state;
    struct http_client *client = http_client_create(&(struct http_settings){.tries = 2});
    struct http_response out;
    struct http_request request = {.method = "POST", .url = "http://u:hush@127.0.0.1:1/x?token=hush"};
    assert_false(http_do(&f->call, client, &request, &out, &f->err));
    assert_int_equal(f->err.kind, ERR_UNAVAILABLE);
    assert_non_null(strstr(f->err.msg, "POST http://127.0.0.1:1/x: could not connect"));
    assert_non_null(strstr(f->err.msg, "tried 2 times"));
    assert_null(strstr(f->err.msg, "hush"));
    http_client_destroy(client);
}

static void refuses_what_is_no_http_url(void **state) {
    struct fixture *f = *state;
    struct http_response out;
    static const char *const urls[] = {"ftp://h/x", "file:///etc/passwd", "x", "", "http://"};
    for (size_t i = 0; i < 5; i++) {
        assert_false(http_do(&f->call, f->client, &(struct http_request){.url = urls[i]}, &out, &f->err));
        assert_int_equal(f->err.kind, ERR_INVALID);
    }
}

static struct http_fault fail_first(void *data, unsigned nth, const char *method, const char *url) {
    (void)method;
    (void)url;
    const struct http_fault *fault = data;
    return nth < 2 ? *fault : (struct http_fault){0};
}

static void refuses_headers_that_would_begin_another(void **state) {
    struct fixture *f = *state;
    const struct http_header header = {"X-Name", "a\r\nX-Other: b"};
    const struct http_request requests[] = {{.url = at(f, "/echo/"), .bearer = "hush\n"},
                                            {.url = at(f, "/echo/"), .headers = &header, .header_count = 1}};
    const char *const names[] = {"Authorization", "X-Name"};
    for (size_t i = 0; i < 2; i++) {
        struct http_response out;
        assert_false(http_do(&f->call, f->client, &requests[i], &out, &f->err));
        assert_int_equal(f->err.kind, ERR_INVALID);
        assert_non_null(strstr(f->err.msg, names[i]));
        assert_null(strstr(f->err.msg, "hush"));
    }
    assert_int_equal(http_client_stats(f->client).requests, 0);
}

static void retries_what_can_be_repeated(void **state) {
    struct fixture *f = *state;
    struct http_fault unavailable = {.kind = HTTP_FAULT_STATUS, .status = 503, .delay_ms = 10};
    struct http_fault reset = {.kind = HTTP_FAULT_RESET}, many = {.kind = HTTP_FAULT_STATUS, .status = 429};
    struct http_fault connect = {.kind = HTTP_FAULT_CONNECT};
    static const struct {
        const char *method;
        int which, status;
    } cases[] = {{"GET", 0, 200},  {"POST", 0, 503}, {"GET", 1, 200},  {"PATCH", 1, 0},
                 {"POST", 2, 200}, {"PUT", 2, 200},  {"POST", 3, 200}, {"DELETE", 1, 200}};
    struct http_fault *faults[] = {&unavailable, &reset, &many, &connect};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_client *client = http_client_create(&(struct http_settings){.tries = 3});
        struct http_request request = {.method = cases[i].method, .url = at(f, "/echo/")};
        struct http_response out;
        http_client_set_faults(client, fail_first, faults[cases[i].which]);
        assert_int_equal(http_do(&f->call, client, &request, &out, &f->err), cases[i].status > 0);
        assert_int_equal(out.status, cases[i].status);
        assert_int_equal(http_client_stats(client).retries, cases[i].status == 200 ? 2 : 0);
        http_client_destroy(client);
    }
}

static void waits_as_retry_after_says(void **state) {
    struct fixture *f = *state;
    struct http_fault many = {.kind = HTTP_FAULT_STATUS, .status = 429, .retry_after = "1"};
    struct http_response out;
    http_client_set_faults(f->client, fail_first, &many);
    int64_t began = call_now();
    assert_true(http_do(&f->call, f->client, &(struct http_request){.url = at(f, "/echo/")}, &out, &f->err));
    assert_true(call_now() - began >= 2000);
    assert_int_equal(out.status, 200);
}

static void follows_redirects_without_credentials_to_others(void **state) {
    struct fixture *f = *state;
    struct http_response out;
    struct http_request request = {.url = at(f, "/away/0"), .bearer = "hush"};
    assert_true(http_do(&f->call, f->client, &request, &out, &f->err));
    assert_int_equal(out.status, 302);
    request.follow = true;
    assert_true(http_do(&f->call, f->client, &request, &out, &f->err));
    assert_string_equal(out.body, "Bearer hush");
    assert_string_equal(http_header_get(&out, "x-some"), "Thing");
    assert_null(http_header_get(&out, "location"));
    assert_string_equal(out.url, at(f, "/auth/1"));
    request.url = at(f, "/away/1");
    assert_true(http_do(&f->call, f->client, &request, &out, &f->err));
    assert_string_equal(out.body, "none");
    request.bearer = NULL;
    request.username = "me";
    request.password = "hush";
    assert_true(http_do(&f->call, f->client, &request, &out, &f->err));
    assert_string_equal(out.body, "none");
}

static void goes_through_a_proxy(void **state) {
    struct fixture *f = *state;
    struct http_response out;
    const char *proxy = arena_printf(f->arena, "http://127.0.0.1:%d", port);
    struct http_client *client = http_client_create(&(struct http_settings){.proxy_url = proxy});
    struct http_request request = {.url = "http://no-such-host.invalid/x/"}; // only the proxy is asked
    assert_true(http_do(&f->call, client, &request, &out, &f->err));
    assert_string_equal(out.body, "GET ");
    http_client_destroy(client);
    client = http_client_create(&(struct http_settings){.proxy_url = "http://127.0.0.1:1", .tries = 1});
    assert_false(http_do(&f->call, client, &request, &out, &f->err));
    http_client_destroy(client);
}

// A proxy that libcurl cannot read is quoted by it whole, with its password.
static void hides_a_proxys_password(void **state) {
    struct fixture *f = *state;
    static const char *const proxies[] = {"http://me:hush@127.0.0.1:99999", "me:hush@127.0.0.1:99999",
                                          "http://me:hu/hush@h:1", "nothing://me:hush@h",
                                          "http://hush@127.0.0.1:99999"};
    static const char *const variables[] = {"HTTPS_PROXY", "https_proxy", NULL}; // NULL: the setting
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
        for (size_t j = 0; j < sizeof variables / sizeof *variables; j++) {
            struct http_settings settings = {.tries = 1, .proxy_url = variables[j] ? NULL : proxies[i]};
            struct http_request request = {.url = "https://no-such-host.invalid/x"};
            struct http_response out;
            if (variables[j])
                setenv(variables[j], proxies[i], 1);
            struct http_client *client = http_client_create(&settings);
            assert_false(http_do(&f->call, client, &request, &out, &f->err));
            if (strstr(f->err.msg, "hush") || !strstr(f->err.msg, variables[j] ? "HTTPS_PROXY" : "proxy_url"))
                fail_msg("%s: %s", proxies[i], f->err.msg);
            http_client_destroy(client);
            unsetenv("HTTPS_PROXY");
            unsetenv("https_proxy");
        }
}

static struct http_fault answered(void *data, unsigned nth, const char *method, const char *url) {
    (void)data, (void)nth, (void)method, (void)url;
    return (struct http_fault){.kind = HTTP_FAULT_STATUS, .status = 200};
}

static void sends_no_login_in_the_clear(void **state) {
    struct fixture *f = *state;
    static const struct {
        struct http_request request;
        bool proxied, sent;
    } cases[] = {
        {{.url = "http://example.invalid/x", .bearer = "hush"}, false, false},
        {{.url = "http://example.invalid/x", .username = "me", .password = "hush"}, false, false},
        {{.url = "http://me:hush@example.invalid/x"}, false, false},
        {{.url = "http://127.0.0.1/x", .bearer = "hush"}, true, false}, // in the clear to the proxy
        {{.url = "http://127.0.0.1/x", .bearer = "hush"}, false, true},
        {{.url = "http://localhost/x", .username = "me"}, false, true},
        {{.url = "https://example.invalid/x", .bearer = "hush"}, true, true},
        {{.url = "http://example.invalid/x"}, false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_settings settings = {.proxy_url = cases[i].proxied ? "http://proxy.invalid:1" : NULL};
        struct http_client *client = http_client_create(&settings);
        struct http_response out;
        f->err = err_in(f->arena);
        http_client_set_faults(client, answered, NULL);
        assert_int_equal(http_do(&f->call, client, &cases[i].request, &out, &f->err), cases[i].sent);
        assert_int_equal(http_client_stats(client).requests, cases[i].sent);
        assert_int_equal(f->err.kind, cases[i].sent ? ERR_NONE : ERR_INVALID);
        assert_true(cases[i].sent || strstr(f->err.msg, "not sent over plain http"));
        assert_true(cases[i].sent || !strstr(f->err.msg, "hush"));
        http_client_destroy(client);
    }
}

static void bounds_the_answer(void **state) {
    struct fixture *f = *state;
    struct http_response out;
    struct http_request request = {.url = at(f, "/echo/"), .limit = 3};
    assert_false(http_do(&f->call, f->client, &request, &out, &f->err));
    assert_int_equal(f->err.kind, ERR_LIMIT);
}

// As many lines as fit into what libcurl takes of them: memory follows their length.
static void takes_many_headers(void **state) {
    struct fixture *f = *state;
    struct http_response out;
    struct http_request request = {.url = at(f, "/headers/60000")};
    assert_true(http_do(&f->call, f->client, &request, &out, &f->err));
    assert_int_equal(out.header_count, 60001);
    assert_string_equal(out.body, "many");
    assert_true(arena_used(f->call.arena) < 8 << 20);
}

static void refuses_headers_without_end(void **state) {
    struct fixture *f = *state;
    struct http_response out;
    struct http_request request = {.url = at(f, "/headers/400000")};
    assert_false(http_do(&f->call, f->client, &request, &out, &f->err));
    assert_true(arena_used(f->call.arena) < 1 << 20);
}

static void streams(void **state) {
    struct fixture *f = *state;
    struct http_stream *stream =
        http_stream_open(&f->call, f->client, &(struct http_request){.url = at(f, "/stream/5")});
    size_t total = 0, len, pieces = 0;
    enum http_stream_state now = HTTP_STREAM_OPEN;
    int status = 0;
    while (now == HTTP_STREAM_OPEN) {
        const char *data;
        assert_true(http_streams_wait(&f->call, f->client, &stream, 1, 1000, &f->err));
        now = http_stream_read(stream, f->arena, &data, &len, &status, &f->err);
        total += len;
        pieces += len > 0;
    }
    assert_int_equal(now, HTTP_STREAM_ENDED);
    assert_int_equal(status, 200);
    assert_int_equal(total, 25);
    assert_true(pieces > 2); // they came while the answer was under way
    http_stream_close(stream);
    stream = http_stream_open(&f->call, f->client, &(struct http_request){.url = at(f, "/stream/100")});
    http_streams_wait(&f->call, f->client, &stream, 1, 1000, &f->err);
    int64_t began = call_now();
    http_stream_close(stream);              // in the middle
    assert_true(call_now() - began < 5000); // the rest would take ten seconds
}

static void *hammer(void *arg) {
    struct fixture *f = arg;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    for (int i = 0; i < 20; i++) {
        struct http_request requests[3] = {
            {.url = at(f, "/echo/")}, {.url = at(f, "/slow/1")}, {.url = at(f, "/auth/")}};
        struct http_response out[3];
        if (!http_do_many(&call, f->client, requests, 3, out, &err) || out[1].status != 200)
            return "failed";
    }
    return NULL;
}

static void serves_many_threads(void **state) {
    struct fixture *f = *state;
    struct fixture each[8];
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) {
        each[i] = *f;
        each[i].arena = arena_create(); // an arena belongs to one thread
        pthread_create(&threads[i], NULL, hammer, &each[i]);
    }
    for (int i = 0; i < 8; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
        arena_destroy(each[i].arena);
    }
    assert_int_equal(http_client_stats(f->client).requests, 8 * 20 * 3);
}

static int set_up_group(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN);                      // the server writes to clients that left
    setenv("http_proxy", "http://127.0.0.1:1", 1); // loopback is never proxied
    port = listen_on_loopback(serve_connection);
    other_port = listen_on_loopback(serve_connection);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(sends_and_receives),
        TEST(runs_in_parallel),
        TEST(keeps_to_its_limit_of_parallel_requests),
        TEST(stops_at_the_deadline_and_on_the_flag),
        TEST(explains_a_refused_connection),
        TEST(refuses_what_is_no_http_url),
        TEST(refuses_headers_that_would_begin_another),
        TEST(retries_what_can_be_repeated),
        TEST(waits_as_retry_after_says),
        TEST(follows_redirects_without_credentials_to_others),
        TEST(goes_through_a_proxy),
        TEST(hides_a_proxys_password),
        TEST(sends_no_login_in_the_clear),
        TEST(bounds_the_answer),
        TEST(takes_many_headers),
        TEST(refuses_headers_without_end),
        TEST(streams),
        TEST(serves_many_threads),
    };
    return cmocka_run_group_tests(tests, set_up_group, NULL);
}
