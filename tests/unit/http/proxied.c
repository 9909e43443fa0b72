// SPDX-License-Identifier: Apache-2.0
// Requests on their way through proxies: one that speaks HTTP, and one that speaks SOCKS5 (RFC 1928).
#include "http/client.h"
#include "listen.h"

#include "base/cleanup.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What the last connection began with: the first byte of SOCKS5's kind of address and the name, else the
// request line.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char seen[512];

static void note(const char *text, size_t len) {
    pthread_mutex_lock(&lock);
    snprintf(seen, sizeof seen, "%.*s", (int)len, text);
    pthread_mutex_unlock(&lock);
}

static const char *noted(struct arena *arena) {
    pthread_mutex_lock(&lock);
    const char *text = arena_strdup(arena, seen);
    pthread_mutex_unlock(&lock);
    return text;
}

// Greeting, and a request to connect: whatever it is to, this server is there.
static void greet(int fd, unsigned char *data) {
    static const unsigned char welcome[] = {5, 0}, connected[] = {5, 0, 0, 1, 127, 0, 0, 1, 0, 80};
    (void)!write(fd, welcome, sizeof welcome);
    ssize_t got = read(fd, data, 512);
    if (got > 5 && data[3] == 3) // a name, which it is left to find
        note((char *)data + 5, data[4]);
    (void)!write(fd, connected, sizeof connected);
}

// "/to/URL" leads there; all else is answered.
static void *answer(void *arg) {
    int fd = (int)(intptr_t)arg;
    char data[4096] = "", text[512];
    while (read(fd, data, sizeof data - 1) > 0) {
        char *to = strstr(data, "/to/");
        if (*data == 5) {
            greet(fd, (unsigned char *)data);
            memset(data, 0, sizeof data);
            continue;
        }
        if (to)
            snprintf(text, sizeof text, "HTTP/1.1 302 X\r\nLocation: %.*s\r\nContent-Length: 4\r\n\r\ngone",
                     (int)strcspn(to + 4, " "), to + 4);
        else
            snprintf(text, sizeof text, "HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\nok");
        if (!to && !*seen)
            note(data, strcspn(data, "\r"));
        (void)!write(fd, text, strlen(text));
        memset(data, 0, sizeof data);
    }
    close(fd);
    return NULL;
}

static int port;

static int set_up(void **state) {
    (void)state;
    port = listen_on_loopback(answer);
    return 0;
}

// Asks for the URL. What came of it, or the error.
static const char *ask_with(struct arena *arena, struct http_settings settings, const char *url) {
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    settings.tries = 1;
    struct http_request request = {.url = url, .follow = true};
    struct http_response out;
    note("", 0);
    struct http_client *client = http_client_create(&settings);
    bool answered = http_do(&call, client, &request, &out, &err);
    http_client_destroy(client);
    return answered ? out.body : err.msg;
}

static const char *ask(struct arena *arena, const char *proxy, const char *url) {
    return ask_with(arena, (struct http_settings){.proxy_url = proxy}, url);
}

static const char *at(struct arena *arena, const char *format) {
    return arena_printf(arena, format, port);
}

static void lets_a_proxy_of_socks_find_the_name(void **state) {
    (void)state;
    static const char *const schemes[] = {"socks5://127.0.0.1:%d", "socks5h://127.0.0.1:%d"};
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(ask(arena, at(arena, schemes[i]), "http://known-there.invalid/x"), "ok");
        assert_string_equal(noted(arena), "known-there.invalid");
        setenv("HTTP_PROXY", at(arena, schemes[i]), 1);
        assert_string_equal(ask(arena, NULL, "http://known-there.invalid/x"), "ok");
        assert_string_equal(noted(arena), "known-there.invalid");
        unsetenv("HTTP_PROXY");
    }
}

// The proxy that a URL is asked for through is not that of the page that leads to it.
static void asks_anew_for_each_redirect(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    setenv("HTTP_PROXY", at(arena, "127.0.0.1:%d"), 1);
    assert_string_equal(ask(arena, NULL, at(arena, "http://127.0.0.1:%d/to/http://far.invalid/x")), "ok");
    assert_string_equal(noted(arena), "GET http://far.invalid/x HTTP/1.1");
    assert_string_equal(ask(arena, NULL, at(arena, "http://far.invalid/to/http://127.0.0.1:%d/x")), "ok");
    assert_string_equal(noted(arena), "GET /x HTTP/1.1");
    setenv("NO_PROXY", "*.invalid", 1);
    assert_non_null(strstr(ask(arena, NULL, "http://far.invalid/x"), "could not resolve"));
    assert_string_equal(noted(arena), "");
    unsetenv("HTTP_PROXY");
    unsetenv("NO_PROXY");
}

// The name that a certificate is to have is nobody's address.
static void excepts_hosts_not_names_of_certificates(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct http_settings settings = {.server_name = "named.invalid"};
    setenv("HTTPS_PROXY", at(arena, "127.0.0.1:%d"), 1);
    setenv("NO_PROXY", "named.invalid", 1);
    ask_with(arena, settings, "https://far.invalid/x");
    assert_string_equal(noted(arena), "CONNECT far.invalid:443 HTTP/1.1");
    setenv("NO_PROXY", "far.invalid:443", 1);
    assert_non_null(strstr(ask_with(arena, settings, "https://far.invalid/x"), "could not resolve"));
    assert_string_equal(noted(arena), "");
    unsetenv("HTTPS_PROXY");
    unsetenv("NO_PROXY");
}

static void stops_a_circle(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const char *circle = at(arena, "http://127.0.0.1:%d/to//to/round");
    assert_non_null(strstr(ask(arena, "", circle), "more than 10 redirects"));
    assert_non_null(strstr(ask(arena, "", at(arena, "http://127.0.0.1:%d/to/ftp://far.invalid/x")),
                           "only http and https URLs"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_a_proxy_of_socks_find_the_name),
        cmocka_unit_test(asks_anew_for_each_redirect),
        cmocka_unit_test(excepts_hosts_not_names_of_certificates),
        cmocka_unit_test(stops_a_circle),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
