// SPDX-License-Identifier: Apache-2.0
// What is kept of downloads: found again by digest and by exact request, never when it was damaged.
#include "crypto/digest.h"
#include "helm/private.h"
#include "repo/private.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/wandb-repo-cache-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

static struct packed packed_of(struct arena *arena, const char *text) {
    return (struct packed){
        .digest = crypto_content_digest(arena, text, strlen(text)), .data = text, .len = strlen(text)};
}

static void keeps_and_finds(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct repo_options options = {.chart = "app",
                                   .repository = "https://example.com",
                                   .version = "1.0.0",
                                   .cache_dir = arena_printf(arena, "%s/deep/er", folder)};
    struct fetch fetch = {.call = &call, .options = &options};
    struct packed packed = packed_of(arena, "the bytes"), found;
    const char *request = repo_cache_request(&fetch);
    assert_null(repo_cache_lookup(&fetch, request));
    assert_false(repo_cache_get(&fetch, packed.digest, &found));
    repo_cache_put(&fetch, &packed, request);
    assert_string_equal(repo_cache_lookup(&fetch, request), packed.digest);
    assert_true(repo_cache_get(&fetch, packed.digest, &found));
    assert_memory_equal(found.data, "the bytes", 9);
    FILE *file = fopen(arena_printf(arena, "%s/%s.tgz", options.cache_dir, packed.digest + 7), "w");
    fputs("other bytes", file);
    fclose(file);
    assert_false(repo_cache_get(&fetch, packed.digest, &found));
    repo_cache_put(&fetch, &packed, NULL); // a damaged copy is replaced
    assert_true(repo_cache_get(&fetch, packed.digest, &found));
    assert_false(repo_cache_get(&fetch, "sha256:../../../../etc/passwd", &found));
    assert_false(repo_cache_get(&fetch, "", &found));
}

enum { THREADS = 8, ROUNDS = 50 };

static pthread_barrier_t round_start;

// Keeps the same chart as all the others at the same time, each under a request of its own. The result is
// not NULL when one was not found afterwards.
static void *keep_beside_others(void *argument) {
    bool missing = false;
    for (int i = 0; i < ROUNDS; i++) {
        SCRATCH_ARENA(arena);
        struct call call = call_in(arena);
        struct repo_options options = {.cache_dir = folder};
        struct fetch fetch = {.call = &call, .options = &options};
        struct packed packed = packed_of(arena, arena_printf(arena, "chart %d", i)), found;
        const char *request = arena_printf(arena, "request %p %d", argument, i), *digest;
        pthread_barrier_wait(&round_start);
        repo_cache_put(&fetch, &packed, request);
        digest = repo_cache_lookup(&fetch, request);
        missing = missing || !digest || !repo_cache_get(&fetch, digest, &found);
    }
    return missing ? argument : NULL;
}

// Terraform reads its data sources in parallel, and two of them may name the same chart.
static void many_at_once(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    void *missing[THREADS];
    char names[THREADS] = "";
    pthread_barrier_init(&round_start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, keep_beside_others, &names[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], &missing[i]);
    pthread_barrier_destroy(&round_start);
    for (int i = 0; i < THREADS; i++)
        assert_null(missing[i]);
}

static void requests(void **state) {
    (void)state;
    static const struct {
        const char *chart, *repository, *version;
        bool exact;
    } rows[] = {
        {"app", "https://example.com", "1.0.0", true},
        {"app", "https://example.com", "~1.0", false},
        {"app", "https://example.com", "1.0", false},
        {"app", "https://example.com", NULL, false},
        {"https://example.com/app.tgz", NULL, NULL, true},
        {"oci://example.com/app", NULL, NULL, false},
        {"oci://example.com/app", NULL, "1.0.0", true},
        {"oci://example.com:443/app", NULL, NULL, false},
        {"oci://example.com/app:1.0.0", NULL, NULL, true},
        {"oci://example.com/app@sha256:aa", NULL, "~1", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCRATCH_ARENA(arena);
        struct call call = call_in(arena);
        struct repo_options options = {
            .chart = rows[i].chart, .repository = rows[i].repository, .version = rows[i].version};
        struct fetch fetch = {.call = &call, .options = &options};
        if ((repo_cache_request(&fetch) != NULL) != rows[i].exact)
            fail_msg("row %zu", i);
    }
}

static void offline(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct repo_chart found;
    struct repo_options options = {.chart = "app",
                                   .repository = "https://user:pass-word@example.com",
                                   .version = "1.0.0",
                                   .cache_dir = folder,
                                   .offline = true};
    assert_false(repo_load(&call, &options, HELM_3, &found, &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_null(strstr(err.msg, "pass-word"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_and_finds), cmocka_unit_test(many_at_once),
                                       cmocka_unit_test(requests), cmocka_unit_test(offline)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
