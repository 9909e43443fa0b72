// SPDX-License-Identifier: Apache-2.0
// Records that helm 3.20.1 and 4.3.1 wrote (tests/golden/release), read, changed and written again.
#include "release/record.h"
#include "base/rfc3339.h"
#include "codec/archive.h"
#include "codec/base64.h"
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct recorded {
    const char *file;
    int revision;
    const char *status, *method, *description;
};

static const struct recorded records[] = {
    {"helm3.v1", 1, "superseded", "csa", "Install complete"},
    {"helm3.v2", 2, "deployed", "csa", "Upgrade complete"},
    {"helm4.v1", 1, "superseded", "csa", "Install complete"},
    {"helm4.v2", 2, "deployed", "csa", "Upgrade complete"},
    {"helm4-ssa.v1", 1, "superseded", "ssa", "Install complete"},
    {"helm4-ssa.v2", 2, "deployed", "ssa", "Upgrade complete"},
};

static struct value read_secret(struct arena *arena, const char *name) {
    return read_json(arena, arena_printf(arena, "%s/golden/release/%s.json", TESTS_DIR, name));
}

static struct release read_record(struct arena *arena, struct value secret) {
    struct err err = err_in(arena);
    struct release release;
    if (!record_from_secret(arena, secret, &release, &err))
        fail_msg("%s", err.msg);
    return release;
}

static void reads_what_helm_wrote(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        SCRATCH_ARENA(arena);
        struct release release = read_record(arena, read_secret(arena, records[i].file));
        assert_string_equal(release.name, "app");
        assert_true(!strncmp(release.namespace, "golden-", 7));
        assert_int_equal(release.revision, records[i].revision);
        assert_string_equal(release.status, records[i].status);
        assert_string_equal(release.apply_method, records[i].method);
        assert_string_equal(release.description, records[i].description);
        assert_string_equal(release.chart_name, "app");
        assert_string_equal(release.chart_version, "1.0.0");
        assert_string_equal(release.app_version, "9");
        assert_string_equal(release.notes, "Installed app with 2 replicas.\n");
        assert_true(!strncmp(release.manifest, "---\n# Source: app/templates/settings.yaml\n", 42));
        assert_int_equal(value_get_int(value_get(release.config, "replicas")), 2);
        assert_int_equal(value_get_int(value_get(release.values, "replicas")), 1);
        assert_int_equal(release.hook_count, 1);
        const struct release_hook *hook = release.hooks;
        assert_string_equal(hook->kind, "Job");
        assert_int_equal(hook->weight, -5);
        assert_int_equal(hook->event_count, 2);
        assert_string_equal(hook->events[0], "pre-install");
        assert_string_equal(hook->events[1], "pre-upgrade");
        assert_int_equal(value_len(hook->policies), 1);
    }
}

static void loses_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        SCRATCH_ARENA(arena);
        struct err err = err_in(arena);
        struct value secret = read_secret(arena, records[i].file), again;
        struct release release = read_record(arena, secret);
        struct value labels = value_dig(secret, "metadata", "labels", NULL);
        assert_true(record_to_secret(arena, &release, labels, false, &again, &err));
        assert_true(value_equal(read_record(arena, again).record, release.record));
        assert_string_equal(value_dig_string(again, "metadata", "name", NULL),
                            value_dig_string(secret, "metadata", "name", NULL));
        assert_string_equal(value_dig_string(again, "type", NULL), value_dig_string(secret, "type", NULL));
        static const char *const kept[] = {"name", "owner", "status", "team", "version"};
        for (size_t j = 0; j < sizeof kept / sizeof *kept; j++)
            assert_string_equal(value_dig_string(again, "metadata", "labels", kept[j], NULL),
                                value_dig_string(labels, kept[j], NULL));
    }
}

static void changes_only_the_status(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct release release = read_record(arena, read_secret(arena, "helm4-ssa.v2")), failed;
    assert_true(record_with_status(arena, &release, "failed", "it broke", &failed, &err));
    assert_string_equal(failed.status, "failed");
    assert_string_equal(failed.description, "it broke");
    assert_string_equal(failed.last_deployed, release.last_deployed);
    assert_true(value_equal(value_get(failed.record, "chart"), value_get(release.record, "chart")));
    assert_string_equal(value_dig_string(failed.record, "apply_method", NULL), "ssa");
}

static struct value secret_of(struct arena *arena, const char *text, size_t len, int rounds) {
    struct buf one, two;
    buf_init(&one, arena);
    buf_init(&two, arena);
    base64_encode(&one, text, len);
    base64_encode(&two, one.ptr, one.len);
    struct buf *data = rounds == 2 ? &two : &one;
    struct value_entry release[] = {{"release", value_string_len(arena, buf_text(data), data->len)}};
    struct value_entry metadata[] = {{"name", value_string_ref("sh.helm.release.v1.x.v1")}};
    struct value_entry secret[] = {{"data", value_map(arena, release, 1)},
                                   {"metadata", value_map(arena, metadata, 1)}};
    return value_map(arena, secret, 2);
}

static void reads_a_record_that_is_not_packed(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const char *text = "{\"name\":\"x\",\"version\":7}";
    struct release release = read_record(arena, secret_of(arena, text, strlen(text), 2));
    assert_int_equal(release.revision, 7);
    assert_string_equal(release.status, "unknown");
    assert_string_equal(release.namespace, "default");
    assert_string_equal(release.manifest, "");
}

static void refuses(struct arena *arena, struct value secret, const char *words) {
    struct err err = err_in(arena);
    struct release release;
    assert_false(record_from_secret(arena, secret, &release, &err));
    if (!strstr(err.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
}

static void says_what_is_broken(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    refuses(arena, value_map(arena, NULL, 0), "no key \"release\"");
    refuses(arena, secret_of(arena, "[]", 2, 2), "it has no name");
    refuses(arena, secret_of(arena, "{\"name\":1}", 10, 2), "it has no name");
    refuses(arena, secret_of(arena, "{", 1, 2), "sh.helm.release.v1.x.v1");
    refuses(arena, secret_of(arena, "\xff\xff", 2, 1), "sh.helm.release.v1.x.v1");
    refuses(arena, secret_of(arena, "\x1f\x8b\x08 not gzip", 12, 2), "sh.helm.release.v1.x.v1");
    struct buf zipped;
    buf_init(&zipped, arena);
    static char zeros[80 << 20]; // more than a record may unpack to
    assert_true(gzip_encode(arena, zeros, sizeof zeros, &zipped, &err));
    refuses(arena, secret_of(arena, zipped.ptr, zipped.len, 2), "sh.helm.release.v1.x.v1");
}

static void fields_of_other_types_are_passed_over(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const char *text = "{\"name\":\"x\",\"info\":[],\"chart\":3,\"hooks\":[null,{\"events\":{}},{\"events\":["
                       "1]}],\"manifest\":{},"
                       "\"version\":\"2\",\"config\":null,\"namespace\":[]}";
    struct release release = read_record(arena, secret_of(arena, text, strlen(text), 2));
    assert_int_equal(release.hook_count, 3);
    assert_string_equal(release.hooks[2].events[0], "");
    assert_string_equal(release.chart_name, "");
}

static void times_are_go_times(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    const char *now = rfc3339_now(arena);
    assert_int_equal(strlen(now), strlen("2026-11-23T06:49:50.568543729Z"));
    assert_true(now[4] == '-' && now[10] == 'T' && now[19] == '.' && now[29] == 'Z');
    assert_string_equal(record_secret_name(arena, "app", 12), "sh.helm.release.v1.app.v12");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_helm_wrote),   cmocka_unit_test(loses_nothing),
        cmocka_unit_test(changes_only_the_status), cmocka_unit_test(reads_a_record_that_is_not_packed),
        cmocka_unit_test(says_what_is_broken),     cmocka_unit_test(fields_of_other_types_are_passed_over),
        cmocka_unit_test(times_are_go_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
