// SPDX-License-Identifier: Apache-2.0
// What is wrong with a repository's TLS is said before anything is asked for.
#include "repo/repo.h"

#include "pair.h"

#include <string.h>

static void looks_at_keys_and_certificates_first(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    static const char ENCRYPTED[] =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    struct crypto_certificate pair = make_pair(arena, "ecdsa"), other = make_pair(arena, "ecdsa");
    const struct {
        const char *ca, *cert, *key, *words;
    } cases[] = {
        {"hush", NULL, NULL, "the repository's CA is not PEM"},
        {NULL, pair.cert, ENCRYPTED, "the client certificate's key is encrypted"},
        {NULL, pair.key, pair.key, "the client certificate is PEM of something else"},
        {NULL, pair.cert, other.key, "the client certificate's key is not the key of the client certificate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct call call = call_in(arena);
        struct err err = err_in(arena);
        struct repo_chart out;
        struct repo_options options = {.chart = "https://charts.invalid/app.tgz",
                                       .ca_pem = cases[i].ca,
                                       .client_cert_pem = cases[i].cert,
                                       .client_key_pem = cases[i].key};
        assert_false(repo_load(&call, &options, HELM_3, &out, &err));
        if (err.kind != ERR_INVALID || !strstr(err.msg, cases[i].words) || strstr(err.msg, "hush"))
            fail_msg("case %zu: %s", i, err.msg);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_at_keys_and_certificates_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
