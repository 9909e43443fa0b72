// SPDX-License-Identifier: Apache-2.0
#include "wandb/legacy.h"
#include "files.h"

#include <string.h>

// A Deployment with one container that has these variables ("NAME": text, or null for one from the Secret
// "s").
static struct value deployment(struct arena *arena, const char *env) {
    struct value variables = json(arena, env), list = value_list(arena, NULL, 0);
    for (size_t i = 0; i < value_len(variables); i++) {
        const struct value_entry *entry = value_entry_at(variables, i);
        struct value text = entry->value;
        const char *name = entry->key;
        const char *item =
            value_kind(text) == VALUE_STRING
                ? arena_printf(arena, "{\"name\":\"%s\",\"value\":%s}", name, json_text(arena, text))
                : arena_printf(
                      arena,
                      "{\"name\":\"%s\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\",\"key\":\"%s\"}}}",
                      name, name);
        list = value_append(arena, list, json(arena, item));
    }
    return json(
        arena,
        arena_printf(arena,
                     "{\"metadata\":{\"name\":\"wandb\",\"namespace\":\"ns\"},\"spec\":{\"selector\":{"
                     "\"matchLabels\":{\"app\":\"wandb\"}},\"template\":{\"metadata\":{\"labels\":{\"app\":"
                     "\"wandb\"}},\"spec\":{\"containers\":[{\"name\":\"wandb\",\"image\":\"wandb/"
                     "local:1\",\"env\":%s}]}}}}",
                     json_text(arena, list)));
}

static struct legacy map(struct arena *arena, struct value object, const char *secrets,
                         const char *config_maps) {
    struct legacy_objects objects = {object, json(arena, secrets), json(arena, config_maps), value_null()};
    struct err err = err_in(arena);
    struct legacy out;
    if (!legacy_map(arena, &objects, &out, &err))
        fail_msg("%s", err.msg);
    return out;
}

// The "what" of everything unmapped, with "!" before what blocks.
static const char *unmapped(struct arena *arena, const struct legacy *legacy) {
    const char *text = "";
    for (size_t i = 0; i < value_len(legacy->unmapped); i++) {
        struct value item = value_at(legacy->unmapped, i);
        text = arena_printf(arena, "%s%s%s%s", text, *text ? "; " : "",
                            value_get_bool(value_get(item, "blocks")) ? "!" : "",
                            value_dig_string(item, "what", NULL));
        assert_true(*value_dig_string(item, "why", NULL) && *value_dig_string(item, "todo", NULL));
    }
    return text;
}

static const char *at(struct arena *arena, struct value tree, const char *part) {
    struct value v = value_dig(tree, "global", part, NULL);
    return json_text(arena, value_is_null(v) ? value_get(tree, part) : v);
}

// One variable beside those that every server has; what comes of it at `part` of values and secrets.
static void one(struct arena *arena, const char *name, const char *text, const char *part, const char *values,
                const char *secrets, const char *missing) {
    struct value_entry entries[] = {{"BUCKET", value_string(arena, "gs://b")},
                                    {"MYSQL", value_string(arena, "mysql://u:p@h/d")},
                                    {"REDIS", value_string(arena, "redis://r")},
                                    {name, value_string(arena, text)}};
    struct value env = value_map(arena, entries, 4);
    struct legacy legacy = map(arena, deployment(arena, json_text(arena, env)), "{}", "{}");
    if (strcmp(at(arena, legacy.values, part), values) != 0 ||
        strcmp(at(arena, legacy.secret_values, part), secrets) != 0 ||
        strcmp(unmapped(arena, &legacy), missing) != 0)
        fail_msg("%s=%s: %s and %s, without \"%s\"", name, text, at(arena, legacy.values, part),
                 at(arena, legacy.secret_values, part), unmapped(arena, &legacy));
    assert_true(legacy.ready == !strchr(missing, '!'));
}

static void buckets(void **state) {
    (void)state;
    static const char *const cases[][4] = {
        {"s3://b", "{\"name\":\"b\",\"provider\":\"s3\"}", "null", ""},
        {"s3://b/", "{\"name\":\"b\",\"provider\":\"s3\"}", "null", ""},
        {"s3://b/p/q", "{\"name\":\"b\",\"path\":\"p/q\",\"provider\":\"s3\"}", "null", ""},
        {"s3://b?region=x", "{\"name\":\"b?region=x\",\"provider\":\"s3\"}", "null", ""},
        {"s3://a%2Bk:s%2Fk@h:9000/b/p?tls=true",
         "{\"name\":\"h:9000\",\"path\":\"b/p?tls=true\",\"provider\":\"s3\"}",
         "{\"accessKey\":\"a%2Bk\",\"secretKey\":\"s%2Fk\"}", ""},
        {"cw://ak:sk@b", "{\"name\":\"b\",\"provider\":\"cw\"}",
         "{\"accessKey\":\"ak\",\"secretKey\":\"sk\"}", ""},
        {"az://account/container/p", "{\"name\":\"account\",\"path\":\"container/p\",\"provider\":\"az\"}",
         "null", ""},
        {"gs://b/p", "{\"name\":\"b\",\"path\":\"p\",\"provider\":\"gcs\"}", "null", ""},
        {"s3://ak@b", "null", "null", "!the keys in BUCKET"},
        {"s3://123:456@b", "null", "null", "!the keys in BUCKET"},
        {"s3://b/true", "null", "null", "!BUCKET"},
        {"s3:///b", "null", "null", "!BUCKET"},
        {"file:///vol", "null", "null", "!BUCKET"},
        {"", "null", "null", "!BUCKET"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        one(arena, "BUCKET", cases[i][0], "bucket", cases[i][1], cases[i][2], cases[i][3]);
}

static void databases(void **state) {
    (void)state;
    static const char *const cases[][4] = {
        {"mysql://u:p@h/d", "{\"database\":\"d\",\"host\":\"h\",\"port\":3306,\"user\":\"u\"}",
         "{\"password\":\"p\"}", ""},
        {"mysql://u:p%40+@h:1/d", "{\"database\":\"d\",\"host\":\"h\",\"port\":1,\"user\":\"u\"}",
         "{\"password\":\"p%40%2B\"}", ""},
        {"mysql://u:p:q@h/d", "{\"database\":\"d\",\"host\":\"h\",\"port\":3306,\"user\":\"u\"}",
         "{\"password\":\"p:q\"}", ""},
        {"mysql://u:p@[::1]:7/d", "{\"database\":\"d\",\"host\":\"[::1]\",\"port\":7,\"user\":\"u\"}",
         "{\"password\":\"p\"}", ""},
        {"mysql://u:p@h/d?tls=false", "{\"database\":\"d\",\"host\":\"h\",\"port\":3306,\"user\":\"u\"}",
         "{\"password\":\"p\"}", "the parameters of MYSQL"},
        {"mysql://u:p@wandb-mysql.ns.svc.cluster.local/d",
         "{\"database\":\"d\",\"host\":\"wandb-mysql.ns.svc.cluster.local\",\"port\":3306,\"user\":\"u\"}",
         "{\"password\":\"p\"}", "!MYSQL"},
        {"cloudsql://u:p@p:r:i/d", "{\"install\":false}", "null", "!MYSQL"},
        {"mysql://u@h/d", "{\"install\":false}", "null", "!MYSQL"},
        {"mysql://u:p@/d", "{\"install\":false}", "null", "!MYSQL"},
        {"mysql://u:p@h", "{\"install\":false}", "null", "!MYSQL"},
        {"mysql://u:p@h:x/d", "{\"install\":false}", "null", "!MYSQL"},
        {"mysql://u:p@h:70000/d", "{\"install\":false}", "null", "!MYSQL"},
        {"mysql://", "{\"install\":false}", "null", "!MYSQL"},
        {"", "{\"install\":false}", "null", "!MYSQL"},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        one(arena, "MYSQL", cases[i][0], "mysql", cases[i][1], cases[i][2], cases[i][3]);
}

static void caches(void **state) {
    (void)state;
    static const char *const cases[][4] = {
        {"redis://h", "{\"host\":\"h\",\"port\":6379}", "null", ""},
        {"redis://:p%2F@h:1", "{\"host\":\"h\",\"port\":1}", "{\"password\":\"p%2F\"}", ""},
        {"redis://h?tls=true&ttlInSeconds=604800&a=b=c&d",
         "{\"host\":\"h\",\"params\":{\"a\":\"b=c\",\"d\":\"\",\"tls\":\"true\"},\"port\":6379}", "null", ""},
        {"redis://h/?tls=true", "{\"host\":\"h\",\"params\":{\"tls\":\"true\"},\"port\":6379}", "null", ""},
        {"redis://h?ttlInSeconds=5", "{\"host\":\"h\",\"port\":6379}", "null", "ttlInSeconds of REDIS"},
        {"redis://h?caCertPath=/x", "{\"host\":\"h\",\"port\":6379}", "null", "!caCertPath of REDIS"},
        {"redis://u:p@h", "null", "null", "!REDIS"},
        {"redis://h/3", "null", "null", "!REDIS"},
        {"rediss://h", "null", "null", "!REDIS"},
        {"redis://127.0.0.1:6379", "{\"install\":true}", "null", ""},
        {"", "{\"install\":true}", "null", ""},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        one(arena, "REDIS", cases[i][0], "redis", cases[i][1], cases[i][2], cases[i][3]);
}

static void other_variables(void **state) {
    (void)state;
    static const char *const cases[][6] = {
        {"MINE", "x", "extraEnv", "{\"MINE\":\"x\"}", "null", ""},
        {"MINE", "", "extraEnv", "{\"MINE\":\"\"}", "null", ""},
        {"MINE", "{{ x }} $$(A) $(B) $c", "extraEnv", "{\"MINE\":\"{{`{{`}} x }} $$(A) $$(B) $$c\"}", "null",
         ""},
        {"MINE", "redis://:x@h", "extraEnv", "null", "{\"MINE\":\"redis://:x@h\"}", ""},
        {"MY_TOKEN", "x", "extraEnv", "null", "{\"MY_TOKEN\":\"x\"}", ""},
        {"BUCKET_QUEUE", "internal://", "app", "null", "null", ""},
        {"BUCKET_QUEUE", "sqs://q", "app", "{\"env\":{\"BUCKET_QUEUE\":\"sqs://q\"}}", "null", ""},
        {"GORILLA_LICENSE_CERT_PATH", "/x", "app", "{\"env\":{\"GORILLA_LICENSE_CERT_PATH\":\"/x\"}}", "null",
         ""},
        {"GORILLA_CORS_ORIGINS", "a,,b", "app", "{\"extraCors\":[\"a\",\"b\"]}", "null", ""},
        {"GORILLA_CUSTOM_METRICS_PROVIDER", "noop://", "extraEnv", "null", "null", ""},
        {"AUTH0_DOMAIN", "", "extraEnv", "null", "null", ""},
        {"AUTH0_DOMAIN", "d", "extraEnv", "{\"AUTH0_DOMAIN\":\"d\"}", "null", ""},
        {"OIDC_AUTH_METHOD", "implicit", "auth", "null", "null", ""},
        {"OIDC_CLIENT_ID", "c", "auth", "{\"oidc\":{\"clientId\":\"c\"}}", "null", ""},
        {"OIDC_CLIENT_ID", "123", "auth", "null", "null", "!OIDC_CLIENT_ID"},
        {"LOCAL_RESTORE", "false", "extraEnv", "null", "null", ""},
        {"LOCAL_RESTORE", "true", "extraEnv", "null", "null", "!LOCAL_RESTORE"},
        {"HOST", "https://h", "host", "\"https://h\"", "null", ""},
        {"HOST", "a\"b", "host", "null", "null", "!HOST"},
        {"LICENSE", "l", "license", "null", "\"l\"", ""},
        {"AZURE_STORAGE_KEY", "k", "extraEnv", "null", "{\"AZURE_STORAGE_KEY\":\"k\"}", ""},
        {"AWS_REGION", "r", "bucket", "{\"name\":\"b\",\"provider\":\"gcs\",\"region\":\"r\"}", "null", ""},
        {"WEAVE_ENABLED", "true", "extraEnv", "null", "null", ""},
        {"DB_HOST", "mine", "extraEnv", "{\"DB_HOST\":\"mine\"}", "null", ""},
    };
    SCRATCH_ARENA(arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        one(arena, cases[i][0], cases[i][1], cases[i][2], cases[i][3], cases[i][4], cases[i][5]);
}

// What comes from a Secret is secret whatever its name, also as a part of another.
static void from_secrets(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value object = deployment(
        arena,
        "{\"A\":null,\"B\":\"at $(A)\",\"BUCKET\":\"gs://b\",\"C\":null,\"MYSQL\":\"mysql://u:$(A)@h/d\"}");
    struct legacy legacy = map(arena, object, "{\"s\":{\"A\":\"x\"}}", "{}");
    assert_string_equal(at(arena, legacy.secret_values, "extraEnv"), "{\"A\":\"x\",\"B\":\"at x\"}");
    assert_string_equal(at(arena, legacy.secret_values, "mysql"), "{\"password\":\"x\"}");
    assert_string_equal(at(arena, legacy.values, "extraEnv"), "null");
    assert_string_equal(unmapped(arena, &legacy), "!C");
    assert_non_null(strstr(value_dig_string(value_at(legacy.unmapped, 0), "why", NULL), "no key \"C\""));
    legacy = map(arena, object, "{}", "{}");
    assert_false(legacy.ready);
    assert_non_null(strstr(value_dig_string(value_at(legacy.unmapped, 0), "why", NULL), "is not there"));
}

static void nothing_at_all(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct legacy legacy = map(arena, deployment(arena, "{}"), "{}", "{}");
    assert_string_equal(unmapped(arena, &legacy), "!BUCKET; !MYSQL");
    assert_string_equal(json_text(arena, legacy.values),
                        "{\"mysql\":{\"install\":false},\"redis\":{\"install\":true}}");
}

static void the_rest_of_the_pod(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct value object = json(arena, "{\"metadata\":{\"name\":\"w\"},\"spec\":{\"replicas\":3,\"selector\":{"
                                      "\"matchLabels\":{\"app\":\"wandb\"}},\"template\":{"
                                      "\"metadata\":{\"labels\":{\"app\":\"wandb\",\"team\":\"ml\"}},"
                                      "\"spec\":{\"serviceAccountName\":\"wandb-app\","
                                      "\"tolerations\":[{\"key\":\"a\"}],\"volumes\":[{\"name\":\"ca\","
                                      "\"configMap\":{\"name\":\"cas\"}},{\"name\":\"wandb\"}],"
                                      "\"containers\":[{\"name\":\"sidecar\"},{\"name\":\"wandb\",\"image\":"
                                      "\"reg.example.com:5000/mirror/local:1\","
                                      "\"resources\":{\"requests\":{\"cpu\":\"8\"}}}]}}}}");
    struct legacy_objects objects = {
        object, json(arena, "{}"), json(arena, "{\"cas\":{\"customCA0.crt\":\"x\"}}"),
        json(arena, "{\"metadata\":{\"name\":\"wandb-app\",\"annotations\":{\"role\":\"r\"}}}")};
    struct err err = err_in(arena);
    struct legacy legacy;
    assert_true(legacy_map(arena, &objects, &legacy, &err));
    struct value app = value_get(legacy.values, "app");
    assert_string_equal(
        json_text(arena, app),
        "{\"image\":{\"repository\":\"reg.example.com:5000/mirror/local\"},\"replicaCount\":3,\"resources\":{"
        "\"requests\":{\"cpu\":\"8\"}},\"serviceAccount\":{\"annotations\":{\"role\":\"r\"}}}");
    assert_string_equal(at(arena, legacy.values, "parquet"),
                        "{\"serviceAccount\":{\"annotations\":{\"role\":\"r\"}}}");
    assert_string_equal(at(arena, legacy.values, "pod"), "{\"labels\":{\"team\":\"ml\"}}");
    assert_string_equal(at(arena, legacy.values, "customCACerts"), "[\"x\"]");
    assert_string_equal(unmapped(arena, &legacy),
                        "!BUCKET; !MYSQL; the volume \"ca\"; tolerations of the pod; the other "
                        "containers of the pod");
}

static void two_strange_containers_are_refused(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct legacy_objects objects = {
        json(arena, "{\"metadata\":{\"name\":\"w\"},\"spec\":{\"template\":{\"spec\":{\"containers\":[{"
                    "\"name\":\"a\"},{\"name\":\"b\"}]}}}}"),
        value_null(), value_null(), value_null()};
    struct err err = err_in(arena);
    struct legacy legacy;
    assert_false(legacy_map(arena, &objects, &legacy, &err));
    assert_non_null(strstr(err.msg, "\"w\" has 2 containers"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets),
        cmocka_unit_test(databases),
        cmocka_unit_test(caches),
        cmocka_unit_test(other_variables),
        cmocka_unit_test(from_secrets),
        cmocka_unit_test(nothing_at_all),
        cmocka_unit_test(the_rest_of_the_pod),
        cmocka_unit_test(two_strange_containers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
