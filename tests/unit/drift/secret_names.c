// SPDX-License-Identifier: Apache-2.0
#include "drift/secret_names.h"
#include "files.h"

#include <string.h>

static void names(const char *const *paths, bool secret) {
    for (; *paths; paths++)
        if (secret_names_path(*paths) != secret)
            fail_msg("%s is %staken for a secret", *paths, secret ? "not " : "");
}

static void last_words_tell(void **state) {
    (void)state;
    static const char *const SECRET[] = {
        "AWS_SECRET_ACCESS_KEY",
        "rootPassword",
        "DB_PASSWORD",
        "MYSQL_PWD",
        "WANDB_API_KEY",
        "authToken",
        "passwords[0]",
        "passwords.alice",
        "smtp.pass",
        "credentials",
        "OIDC_SECRET",
        "GITHUB_PAT",
        "X_TOKEN",
        "AZURE_STORAGE_KEY",
        "a[\"client-secret\"]",
        "rootpassword",
        "LICENSE_B64",
        "password1",
        "DB_PASSWORD_2",
        "a.access_key",
        "AccessKey",
        "AWSSecretKey",
        "ldap.bindPW",
        "connectionString",
        "bucket.secretKey",
        "secretKey",
        "auth.erlangCookie",
        "auth.replicaSetKey",
        "previousPassword",
        "global.extraEnv.GORILLA_SESSION_KEY",
        "users[1].password",
        "a[\"x.y\"].token",
        "license",
        "requirepass",
        "oauth.clientSecret",
        "a[\"quoted\\\"key.password\"]",
        NULL,
    };
    names(SECRET, true);
}

// What stands beside a secret, in charts and in the objects of Kubernetes.
static void what_is_about_a_secret_is_none(void **state) {
    (void)state;
    static const char *const PLAIN[] = {
        "secretName",
        "existingSecret",
        "existingSecretPassword",
        "secretKeyRef.key",
        "secretKeyRef.name",
        "passwordKey",
        "auth.secretKeys.adminPasswordKey",
        "keySize",
        "tokenExpiry",
        "publicKey",
        "PUBLIC_KEY",
        "kmsKey",
        "AWS_S3_KMS_ID",
        "PASSWORD_FILE",
        "PWD",
        "OLDPWD",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "usePassword",
        "allowEmptyPassword",
        "createSecret",
        "automountServiceAccountToken",
        "licenseSecret.key",
        "licenseSecret",
        "redis.secret.secretKey",
        "oidcSecret.secretKey",
        "auth.rootPasswordSecretKey",
        "imagePullSecrets[0].name",
        "topologyKey",
        "tolerations[0].key",
        "passwords.existingSecret",
        "passwords.secretName",
        "envFrom[\"a-secret\"]",
        "GORILLA_CUSTOMER_SECRET_STORE_SOURCE",
        "maxTokens",
        "bypass",
        "compass",
        "host",
        "env[0].value",
        "monkey",
        "keyboard",
        "",
        "[",
        "[0]",
        "[\"",
        "[\"a",
        "a[\"x\\",
        "a.",
        ".",
        "...",
        "a]",
        "_",
        "1",
        NULL,
    };
    names(PLAIN, false);
}

// Every value of operator-wandb and of ten charts of databases that has such a word in its last two keys.
static void charts_are_told_apart(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct buf file = read_file(arena, TESTS_DIR "/unit/drift/secret_names/charts.txt");
    size_t count = 0;
    for (const char *line = buf_text(&file); *line; line += strcspn(line, "\n") + 1) {
        const char *text = arena_strndup(arena, line, strcspn(line, "\n"));
        if (*text == '#')
            continue;
        if (secret_names_path(text + 2) != (*text == '+'))
            fail_msg("%s", text);
        count++;
    }
    assert_true(count > 400);
}

static void texts_give_themselves_away(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool secret;
    } cases[] = {
        {"mysql://wandb:pw@db/wandb_local", true},
        {"redis://:pw@host:6379?tls=true", true},
        {"first http://a/, then amqp://u:p@b:5672/x", true},
        {"-----BEGIN RSA PRIVATE KEY-----\nabc", true},
        {"-----BEGIN CERTIFICATE-----\nabc", false},
        {"mysql://$(DB_USER):$(DB_PASSWORD)@$(DB_HOST)/$(DB)", false},
        {"postgres://u:${PASSWORD}@h/db", false},
        {"postgres://u:$PASSWORD@h/db", false},
        {"postgres://u:<password>@h/db", false},
        {"postgres://u:****@h/db", false},
        {"https://host:8080/a@b", false},
        {"https://user@host/", false},
        {"https://user:@host/", false},
        {"mailto:a@b.c", false},
        {"://", false},
        {"", false},
        {NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (secret_names_text(cases[i].text) != cases[i].secret)
            fail_msg("%s", cases[i].text);
}

static void leaves_have_both(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    assert_true(secret_names_leaf("a.password", json(arena, "\"x\"")));
    assert_true(secret_names_leaf("a.password", json(arena, "1234")));
    assert_true(secret_names_leaf("a.url", json(arena, "\"redis://:x@h\"")));
    assert_false(secret_names_leaf("a.password", json(arena, "\"\"")));
    assert_false(secret_names_leaf("a.password", json(arena, "true")));
    assert_false(secret_names_leaf("a.password", json(arena, "null")));
    assert_false(secret_names_leaf("a.host", json(arena, "\"x\"")));
}

static void an_env_item_goes_by_its_name(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value item = json(arena, "{\"name\":\"DB_PASSWORD\",\"value\":\"x\"}");
    assert_string_equal(secret_names_key(item, "value"), "DB_PASSWORD");
    assert_string_equal(secret_names_key(item, "name"), "name");
    assert_string_equal(secret_names_key(json(arena, "{\"value\":\"x\"}"), "value"), "value");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_words_tell),       cmocka_unit_test(what_is_about_a_secret_is_none),
        cmocka_unit_test(charts_are_told_apart), cmocka_unit_test(texts_give_themselves_away),
        cmocka_unit_test(leaves_have_both),      cmocka_unit_test(an_env_item_goes_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
