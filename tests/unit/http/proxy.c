// SPDX-License-Identifier: Apache-2.0
#include "http/proxy.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const variables[] = {"HTTP_PROXY",  "http_proxy", "HTTPS_PROXY",
                                        "https_proxy", "NO_PROXY",   "no_proxy",
                                        "ALL_PROXY",   "all_proxy",  "REQUEST_METHOD"};

static void forget(void) {
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
}

static const char *choose(struct arena *arena, const char *text) {
    struct err err = err_in(arena);
    struct proxies proxies;
    struct url url;
    if (!url_parse(arena, text, &url, &err))
        fail_msg("%s: %s", text, err.msg);
    proxies_read(arena, &proxies);
    const char *proxy = proxy_choose(arena, &proxies, &url);
    return proxy ? proxy : "-";
}

// A line of cases.txt: a variable, a URL and its proxy, or nothing at the end of a block.
static bool try_line(struct arena *arena, char *line) {
    char *tab = strchr(line, '\t'), *equals = strchr(line, '=');
    if (equals && strncmp(line, "http:", 5) != 0 && strncmp(line, "https:", 6) != 0) {
        *equals = 0;
        setenv(line, equals + 1, 1);
    } else if (!*line) {
        forget();
    } else if (tab) {
        *tab++ = 0;
        const char *want = strcmp(tab, "-") ? proxy_address(arena, tab) : "-", *got = choose(arena, line);
        const char *none = getenv("NO_PROXY");
        if (strcmp(want, got) != 0)
            fail_msg("%s with NO_PROXY=%s: \"%s\", Go has \"%s\"", line, none ? none : "", got, want);
        return true;
    }
    return false;
}

static void chooses_as_go_does(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    CLEANUP_FILE file = fopen(TESTS_DIR "/golden/proxies/cases.txt", "r");
    char line[1024];
    size_t tried = 0;
    assert_non_null(file);
    forget();
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        tried += try_line(arena, line);
    }
    forget();
    assert_true(tried > 700);
}

static void knows_what_libcurl_has_to_be_told(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"proxy", "http://proxy:80"},
        {"proxy:3128", "http://proxy:3128"},
        {"HTTP://Proxy/path?query", "http://proxy:80"},
        {"https://proxy", "https://proxy:443"},
        {"socks5://proxy", "socks5h://proxy:1080"},
        {"socks5h://proxy:9", "socks5h://proxy:9"},
        {"other://proxy:9", "http://proxy:9"},
        {"[fd00::1]:3128", "http://[fd00::1]:3128"},
        {"http://me:p%40ss%2F@proxy:1", "http://me:p%40ss%2F@proxy:1"},
        {"me@proxy", "http://me@proxy:80"},
        {"http://:secret@proxy", "http://:secret@proxy:80"},
        {"http://bücher.example", "http://xn--bcher-kva.example:80"},
        {"http://proxy:99999", "http://proxy:99999"}, // no port: libcurl says so
        {"http://", "http://"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(proxy_address(arena, cases[i][0]), cases[i][1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_as_go_does),
        cmocka_unit_test(knows_what_libcurl_has_to_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
