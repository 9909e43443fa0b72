// SPDX-License-Identifier: Apache-2.0
// Which version an index gives for a request, and where it is; expectations were taken from helm 3.20.1.
#include "repo/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char INDEX[] =
    "apiVersion: v1\n"
    "entries:\n"
    "  app:\n"
    "  - {name: app, version: 1.2.0, urls: [app-1.2.0.tgz], digest: aa}\n"
    "  - {name: app, version: 2.0.0-rc.1, urls: ['https://cdn.example.com/app.tgz']}\n"
    "  - {name: app, version: 1.10.0, urls: [/base/app.tgz], digest: 'sha256:bb'}\n"
    "  - {name: app, version: 3.0.0, removed: true, urls: [app-3.tgz]}\n"
    "  - {name: app, version: newest, urls: [app.tgz]}\n"
    "  - {name: app, version: 0.9, urls: ['../up.tgz']}\n"
    "  - {name: app, version: 0.5.0}\n"
    "  none: []\n";

struct row {
    const char *chart, *version;
    bool devel;
    const char *chosen, *url, *digest; // chosen NULL: refused, url is part of the message
};

static const struct row rows[] = {
    {"app", NULL, false, "1.10.0", "https://example.com/base/app.tgz?token=t", "sha256:bb"},
    {"app", "", false, "1.10.0", "https://example.com/base/app.tgz?token=t", "sha256:bb"},
    {"app", NULL, true, "2.0.0-rc.1", "https://cdn.example.com/app.tgz", NULL},
    {"app", "2.0.0-rc.1", false, "2.0.0-rc.1", "https://cdn.example.com/app.tgz", NULL},
    {"app", ">1-0", false, "2.0.0-rc.1", "https://cdn.example.com/app.tgz", NULL},
    {"app", "~1.2", false, "1.2.0", "https://example.com/charts/app-1.2.0.tgz?token=t", "sha256:aa"},
    {"app", "0.9", false, "0.9", "https://example.com/up.tgz?token=t", NULL},
    {"app", "3.0.0", false, NULL, "it has 2.0.0-rc.1, 1.10.0, 1.2.0, 0.9, 0.5.0", NULL},
    {"app", "newest", false, NULL, "newest", NULL},
    {"app", "0.5.0", false, NULL, "gives no URL for chart \"app\" version 0.5.0", NULL},
    {"none", NULL, false, NULL,
     "chart \"none\" not found in https://example.com/charts repository; it has app, none", NULL},
    {"other", NULL, false, NULL, "it has app, none", NULL},
};

static bool choose(struct call *call, const char *index, const struct row *row, struct repo_choice *out,
                   struct err *err) {
    struct repo_options options = {.chart = row->chart,
                                   .repository = "https://example.com/charts?token=t",
                                   .version = row->version,
                                   .devel = row->devel};
    struct fetch fetch = {.call = call, .options = &options};
    return repo_index_choose(&fetch, index, strlen(index), out, err);
}

// An index that was read and lacks something is told from one that is broken.
static void absent(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    static const struct {
        const char *chart, *version;
        bool absent;
    } cases[] = {{"app", "3.0.0", true},
                 {"app", ">9", true},
                 {"other", NULL, true},
                 {"app", "0.5.0", false},
                 {"app", "newest", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct call call = call_in(arena);
        struct err err = err_in(arena);
        struct repo_choice choice;
        struct repo_options options = {
            .chart = cases[i].chart, .repository = "https://example.com", .version = cases[i].version};
        struct fetch fetch = {.call = &call, .options = &options};
        assert_false(repo_index_choose(&fetch, INDEX, strlen(INDEX), &choice, &err));
        assert_int_equal(fetch.absent, cases[i].absent);
    }
}

static void choices(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct call call = call_in(arena);
        struct err err = err_in(arena);
        struct repo_choice choice;
        bool found = choose(&call, INDEX, &rows[i], &choice, &err);
        if (found != (rows[i].chosen != NULL))
            fail_msg("row %zu: %s", i, found ? choice.version : err.msg);
        if (!found) {
            if (!strstr(err.msg, rows[i].url) || strstr(err.msg, "token=t"))
                fail_msg("row %zu: %s", i, err.msg);
            continue;
        }
        assert_string_equal(choice.version, rows[i].chosen);
        assert_string_equal(choice.url, rows[i].url);
        assert_true(rows[i].digest ? choice.digest && !strcmp(choice.digest, rows[i].digest)
                                   : !choice.digest);
    }
}

static void what_is_no_index(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "- 1\n",
                                        "entries: {}\n",
                                        "apiVersion: v1\n",
                                        "apiVersion: v1\nentries: [1]\n",
                                        "apiVersion: v1\nentries: {app: {name: app}}\n",
                                        "apiVersion: v1\nentries: {app: [null, 1, [], {}]}\n",
                                        "<html></html>",
                                        "a: [",
                                        "apiVersion: v1\nentries: {app: text}\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        SCRATCH_ARENA(arena);
        struct call call = call_in(arena);
        struct err err = err_in(arena);
        struct repo_choice choice;
        assert_false(choose(&call, texts[i], &rows[0], &choice, &err));
        assert_true(err.kind != ERR_NONE && err.msg);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(absent), cmocka_unit_test(choices),
                                       cmocka_unit_test(what_is_no_index)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
