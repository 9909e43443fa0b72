// SPDX-License-Identifier: Apache-2.0
// What SSL_CERT_FILE and SSL_CERT_DIR make of the certificates that are trusted.
#include "http/private.h"

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

#define PEM(name) "-----BEGIN CERTIFICATE-----\n" name "\n-----END CERTIFICATE-----\n"

static char place[64];

static const char *in_place(struct arena *arena, const char *name) {
    return arena_printf(arena, "%s/%s", place, name);
}

static void put(struct arena *arena, const char *name, const char *text) {
    FILE *file = fopen(in_place(arena, name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int make_place(void **state) {
    struct arena *arena = arena_create();
    *state = arena;
    strcpy(place, "/tmp/trust.XXXXXX");
    assert_non_null(mkdtemp(place));
    put(arena, "bundle.pem", "# a comment\n" PEM("bundled"));
    assert_int_equal(mkdir(in_place(arena, "one"), 0700), 0);
    assert_int_equal(mkdir(in_place(arena, "two"), 0700), 0);
    put(arena, "one/first.pem", PEM("first") PEM("second"));
    assert_int_equal(symlink("first.pem", in_place(arena, "one/0123abcd.0")), 0);
    assert_int_equal(symlink("../bundle.pem", in_place(arena, "two/89abcdef.0")), 0);
    put(arena, "two/key.pem",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nk\n-----END ENCRYPTED PRIVATE KEY-----\n");
    put(arena, "two/cut.pem", "-----BEGIN CERTIFICATE-----\ncut");
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    return 0;
}

static int remove_place(void **state) {
    struct arena *arena = *state;
    assert_int_equal(system(arena_printf(arena, "rm -r %s", place)), 0);
    arena_destroy(arena);
    return 0;
}

static void test_a_file_is_left_to_libcurl(void **state) {
    struct arena *arena = *state;
    struct trust trust;
    setenv("SSL_CERT_FILE", in_place(arena, "bundle.pem"), 1);
    trust_find(arena, &trust);
    assert_string_equal(trust.file, in_place(arena, "bundle.pem"));
    assert_null(trust.pem);
}

// A link to a file beside it is not read twice, one that leads elsewhere is; keys and what is cut are left
// out.
static void test_folders(void **state) {
    struct arena *arena = *state;
    struct trust trust;
    setenv("SSL_CERT_FILE", in_place(arena, "missing.pem"), 1);
    setenv("SSL_CERT_DIR", arena_printf(arena, "%s/one:%s/none:%s/two", place, place, place), 1);
    trust_find(arena, &trust);
    assert_string_equal(trust.pem, PEM("first") PEM("second") PEM("bundled"));
}

static void test_a_file_and_folders(void **state) {
    struct arena *arena = *state;
    struct trust trust;
    setenv("SSL_CERT_FILE", in_place(arena, "bundle.pem"), 1);
    setenv("SSL_CERT_DIR", in_place(arena, "one"), 1);
    trust_find(arena, &trust);
    assert_string_equal(trust.pem, PEM("bundled") PEM("first") PEM("second"));
    assert_string_equal(trust.file, in_place(arena, "bundle.pem"));
}

static void test_folders_without_certificates(void **state) {
    struct arena *arena = *state;
    struct trust trust;
    setenv("SSL_CERT_FILE", in_place(arena, "missing.pem"), 1);
    setenv("SSL_CERT_DIR", in_place(arena, "none"), 1);
    trust_find(arena, &trust);
    assert_null(trust.pem);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_a_file_is_left_to_libcurl),
        CASE(test_folders),
        CASE(test_a_file_and_folders),
        CASE(test_folders_without_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
