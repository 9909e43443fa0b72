// SPDX-License-Identifier: Apache-2.0
#include "go/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// What Go's url.Parse and ResolveReference make of them; the first are the examples of RFC 3986 5.4.
static void resolves_references(void **state) {
    (void)state;
    static const struct {
        const char *base, *reference, *meant;
    } cases[] = {
        {"http://a/b/c/d;p?q", "g:h", "g:h"},
        {"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
        {"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
        {"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
        {"http://a/b/c/d;p?q", "/g", "http://a/g"},
        {"http://a/b/c/d;p?q", "//g", "http://g"},
        {"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
        {"http://a/b/c/d;p?q", "g?y", "http://a/b/c/g?y"},
        {"http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q#s"},
        {"http://a/b/c/d;p?q", "g#s", "http://a/b/c/g#s"},
        {"http://a/b/c/d;p?q", ";x", "http://a/b/c/;x"},
        {"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
        {"http://a/b/c/d;p?q", ".", "http://a/b/c/"},
        {"http://a/b/c/d;p?q", "./", "http://a/b/c/"},
        {"http://a/b/c/d;p?q", "..", "http://a/b/"},
        {"http://a/b/c/d;p?q", "../", "http://a/b/"},
        {"http://a/b/c/d;p?q", "../g", "http://a/b/g"},
        {"http://a/b/c/d;p?q", "../..", "http://a/"},
        {"http://a/b/c/d;p?q", "../../g", "http://a/g"},
        {"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
        {"http://a/b/c/d;p?q", "/./g", "http://a/g"},
        {"http://a/b/c/d;p?q", "/../g", "http://a/g"},
        {"http://a/b/c/d;p?q", "g.", "http://a/b/c/g."},
        {"http://a/b/c/d;p?q", "..g", "http://a/b/c/..g"},
        {"http://a/b/c/d;p?q", "./../g", "http://a/b/g"},
        {"http://a/b/c/d;p?q", "./g/.", "http://a/b/c/g/"},
        {"http://a/b/c/d;p?q", "g/./h", "http://a/b/c/g/h"},
        {"http://a/b/c/d;p?q", "g/../h", "http://a/b/c/h"},
        {"http://a/b/c/d;p?q", "g;x=1/../y", "http://a/b/c/y"},
        {"http://a/b/c/d;p?q", "a%2fb", "http://a/b/c/a%2fb"},
        {"http://a/b/c/d;p?q", "?", "http://a/b/c/d;p?"},
        {"http://a/b/c/d;p?q", "http:g", "http:g"},
        {"file:///values.schema.json", "file:/a", "file:/a"},
        {"file:///values.schema.json", "/*", "file:///*"},
        {"urn:x:y", "?y", "urn:x:y?y"},
        {"urn:x:y", "#s", "urn:x:y#s"},
        {"urn:x:y", "", "urn:x:y"},
        {"http://u:p@h:8/a%2Fb/c#f", "//g", "http://g"},
        {"http://u:p@h:8/a%2Fb/c#f", "?y", "http://u:p@h:8/a%2Fb/c?y"},
        {"http://u:p@h:8/a%2Fb/c#f", "", "http://u:p@h:8/a%2Fb/c#f"},
        {"http://h", "..//x", "http://h/x"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *base = cases[i].base, *reference = cases[i].reference;
        struct err err = err_in(arena);
        struct go_url from, to, meant;
        struct buf text;
        buf_init(&text, arena);
        assert_true(go_url_parse(arena, base, strlen(base), &from, &err));
        assert_true(go_url_parse(arena, reference, strlen(reference), &to, &err));
        go_url_resolve(arena, &from, &to, &meant);
        go_url_string(&text, &meant);
        if (strcmp(buf_text(&text), cases[i].meant) != 0)
            fail_msg("%s at %s: %s", reference, base, buf_text(&text));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(resolves_references)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
