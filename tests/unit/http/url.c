// SPDX-License-Identifier: Apache-2.0
#include "http/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void takes_apart_and_puts_together(void **state) {
    (void)state;
    static const struct {
        const char *text, *scheme, *user, *password, *host, *path, *query, *fragment, *again;
        int port;
    } cases[] = {
        {"https://Example.COM", "https", NULL, NULL, "example.com", "", NULL, NULL, "https://example.com",
         443},
        {"HTTP://u:p%40q@h:8080/a%2Fb?x=1&y#f", "http", "u", "p@q", "h", "/a%2Fb", "x=1&y", "f",
         "http://h:8080/a%2Fb?x=1&y#f", 8080},
        {"https://[FE80::1]:6443/api", "https", NULL, NULL, "fe80::1", "/api", NULL, NULL,
         "https://[fe80::1]:6443/api", 6443},
        {"oci://ghcr.io/org/chart", "oci", NULL, NULL, "ghcr.io", "/org/chart", NULL, NULL,
         "oci://ghcr.io/org/chart", 443},
        {"/only/a/path?q", "", NULL, NULL, "", "/only/a/path", "q", NULL, "/only/a/path?q", 0},
        {"charts/a-1.0.tgz", "", NULL, NULL, "", "charts/a-1.0.tgz", NULL, NULL, "charts/a-1.0.tgz", 0},
        {"http://user@h/?", "http", "user", NULL, "h", "/", "", NULL, "http://h/?", 80},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = err_in(arena);
        struct url url;
        assert_true(url_parse(arena, cases[i].text, &url, &err));
        assert_string_equal(url.scheme, cases[i].scheme);
        assert_string_equal(url.host, cases[i].host);
        assert_string_equal(url.path, cases[i].path);
        assert_string_equal(url.username ? url.username : "-", cases[i].user ? cases[i].user : "-");
        assert_string_equal(url.password ? url.password : "-", cases[i].password ? cases[i].password : "-");
        assert_string_equal(url.query ? url.query : "-", cases[i].query ? cases[i].query : "-");
        assert_string_equal(url.fragment ? url.fragment : "-", cases[i].fragment ? cases[i].fragment : "-");
        assert_int_equal(url_port(&url), cases[i].port);
        assert_string_equal(url_text(arena, &url), cases[i].again);
    }
}

static void refuses_without_repeating_a_password(void **state) {
    (void)state;
    static const char *const texts[] = {"http://u:hush@h:99999/", "http://u:hush@[::1/",
                                        "http://u:hush@h/a b", "http://u:hush@h:8x/", "http://u:hush@h/a\nb"};
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct err err = err_in(arena);
        struct url url;
        assert_false(url_parse(arena, texts[i], &url, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_null(strstr(err.msg, "hush"));
    }
}

// The examples of RFC 3986 5.4.
static void resolves_references(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/../y", "http://a/b/c/y"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = err_in(arena);
        const char *out = NULL;
        assert_true(url_resolve(arena, "http://a/b/c/d;p?q", cases[i][0], &out, &err));
        assert_string_equal(out, cases[i][1]);
    }
}

static void joins_escapes_compares(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    assert_string_equal(url_join(arena, "https://h/charts/", "/index.yaml"), "https://h/charts/index.yaml");
    assert_string_equal(url_join(arena, "https://h", "index.yaml"), "https://h/index.yaml");
    assert_string_equal(url_join(arena, "https://h/c?token=1", "index.yaml"),
                        "https://h/c/index.yaml?token=1");
    assert_string_equal(url_escape(arena, "a b/c=d,e!=f~\xc3\xa9"), "a%20b%2Fc%3Dd%2Ce%21%3Df~%C3%A9");
    assert_true(url_same_origin(arena, "https://h/a", "https://H:443/b"));
    assert_false(url_same_origin(arena, "https://h/a", "http://h/a"));
    assert_false(url_same_origin(arena, "https://h/a", "https://h:8443/a"));
}

static void knows_this_machine(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    static const char *const here[] = {"http://localhost/x", "http://LOCALHOST:1",
                                       "http://127.0.0.1",   "http://127.8.9.10:80",
                                       "http://[::1]:5000",  "http://[0:0:0:0:0:0:0:1]"};
    static const char *const away[] = {"http://127.0.0.1.example.com",
                                       "http://localhost.example.com",
                                       "http://[::2]",
                                       "http://example.com",
                                       "http://128.0.0.1",
                                       "http://127.example.com",
                                       "x",
                                       ""};
    struct err err = err_in(arena);
    struct url url;
    for (size_t i = 0; i < sizeof here / sizeof *here; i++)
        if (!url_parse(arena, here[i], &url, &err) || !url_is_loopback(&url))
            fail_msg("%s", here[i]);
    for (size_t i = 0; i < sizeof away / sizeof *away; i++)
        if (!url_parse(arena, away[i], &url, &err) || url_is_loopback(&url))
            fail_msg("%s", away[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_apart_and_puts_together),
        cmocka_unit_test(refuses_without_repeating_a_password),
        cmocka_unit_test(resolves_references),
        cmocka_unit_test(joins_escapes_compares),
        cmocka_unit_test(knows_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
