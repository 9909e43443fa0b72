// SPDX-License-Identifier: Apache-2.0
// What other providers stored, as golden/migration has it recorded: what becomes of it, and that anything in
// its place ends in words.
#include "provider/moved.h"
#include "files.h"
#include "kinds.h"
#include "provider/content.h"

// The whole state, without the secrets of Helm's.
#define BLUE                                                                                                 \
    "{\"airgapped\":false,\"extraEnv\":{\"A\":\"1\",\"NUM\":\"5\"},\"image\":{\"pullSecrets\":[\"one\","     \
    "\"two\"],\"repository\":\"r/c\",\"tag\":\"1.22.0\"},\"podAnnotations\":{\"a.b/"                         \
    "c\":\"x,y\"},\"resources\":"                                                                            \
    "{\"limits\":{\"cpu\":1}}}"

static const char *const FILES[] = {
    "helm-2.17.0_terraform-helm-wandb-3.0.0_tf-1.11.4",
    "helm-3.1.2_terraform-helm-wandb-4-ported_tf-1.11.4",
    "helm-3.1.2_terraform-helm-wandb-4-ported_tf-1.15.5-with-identity",
    "helm-2.17.0_values-set-list-sensitive_tf-1.11.4",
    "helm-3.1.2_values-set-list-sensitive_tf-1.11.4",
    "helm-3.1.2_values-set-list-sensitive-wo_tf-1.11.4",
    "kubectl_manifest_alekc-2.4.1_tf-1.11.4",
    "kubectl_manifest_alekc-3.0.0-beta3_tf-1.11.4",
    "kubectl_manifest_gavinbunney-1.19.0_tf-1.11.4",
    "kubernetes_manifest_hashicorp-2.38.0_tf-1.11.4",
};
enum { FILE_COUNT = sizeof FILES / sizeof *FILES };

static struct value resources_of(struct arena *arena, const char *file) {
    const char *path = arena_printf(arena, TESTS_DIR "/golden/migration/%s.json", file);
    return value_get(read_json(arena, path), "resources");
}

// provider["registry.terraform.io/hashicorp/helm"]
static struct resource_source source_of(struct arena *arena, struct value resource) {
    const char *provider = value_dig_string(resource, "provider", NULL);
    const char *begin = strchr(provider, '"') + 1;
    struct value instance = value_at(value_get(resource, "instances"), 0);
    return (struct resource_source){
        .provider = arena_strndup(arena, begin, strcspn(begin, "\"")),
        .type = value_dig_string(resource, "type", NULL),
        .version = value_get_int(value_get(instance, "schema_version")),
        .state = value_get(instance, "attributes"),
    };
}

static struct resource_source recorded(struct arena *arena, const char *file, const char *name) {
    struct value resources = resources_of(arena, file);
    for (size_t i = 0; i < value_len(resources); i++)
        if (value_is_text(value_get(value_at(resources, i), "name"), name))
            return source_of(arena, value_at(resources, i));
    fail_msg("%s has no %s", file, name);
    return (struct resource_source){0};
}

static struct moved_release release_of(struct call *call, const struct resource_source *source) {
    struct moved_release release;
    struct err err = err_in(call->arena);
    if (!moved_release(call, source, "wandb_operator", &release, &err))
        fail_msg("%s", err.msg);
    return release;
}

static void values_without_secrets(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    for (size_t i = 3; i < 6; i++) {
        struct resource_source source = recorded(arena, FILES[i], "operator");
        struct moved_release release = release_of(&call, &source);
        assert_string_equal(json_text(arena, release.values), BLUE);
        assert_int_equal(release.sensitive.count, 1);
        assert_string_equal(release.sensitive.items[0].path, "extraEnv.TOKEN");
        assert_true(value_is_text(release.sensitive.items[0].value, "PLANTED-token"));
    }
}

// What the provider decoded and what `set` says in Helm's escapes come to the same.
static void as_helm_reads_it(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    for (size_t i = 0; i < 3; i++) {
        struct resource_source source = recorded(arena, FILES[i], "wandb");
        struct moved_release decoded = release_of(&call, &source);
        assert_string_equal(decoded.name, "wandb-cr");
        assert_string_equal(decoded.namespace, "default");
        assert_string_equal(decoded.chart_name, "wandb-cr");
        assert_int_equal(decoded.revision, 1);
        source.state = value_with(arena, source.state, "set_wo_revision", value_int(1));
        struct moved_release composed = release_of(&call, &source);
        assert_string_equal(json_text(arena, composed.values), json_text(arena, decoded.values));
    }
}

static bool move_to(struct call *call, const struct resource_impl *impl, const struct resource_source *source,
                    struct resource_state *state, struct err *err) {
    *state = (struct resource_state){value_null(), value_null(), value_null()};
    return impl->move(call, NULL, source, state, err);
}

static void no_secret_in_a_state(void **state) {
    (void)state;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    size_t moved = 0;
    for (size_t i = 0; i < FILE_COUNT; i++) {
        struct value resources = resources_of(arena, FILES[i]);
        for (size_t j = 0; j < value_len(resources); j++) {
            const struct resource_impl *const targets[] = {&resource_instance, &resource_operator};
            struct resource_source source = source_of(arena, value_at(resources, j));
            for (size_t k = 0; k < 2; k++) {
                struct err err = err_in(arena);
                struct resource_state out;
                moved += move_to(&call, targets[k], &source, &out, &err);
                const char *text = arena_printf(arena, "%s %s %s", json_text(arena, out.value),
                                                json_text(arena, out.private), err.msg ? err.msg : "");
                assert_null(strstr(text, "PLANTED"));
                assert_null(strstr(text, "eyJhbGciOiJub25lIn0"));
            }
        }
    }
    assert_int_equal(moved,
                     13); // each but the definitions, which the manifests have beside the custom resource
}

// Under other names nothing is a secret, and no time goes into hashes, which take some on purpose.
static struct value plain_resources_of(struct arena *arena, const char *file) {
    static const char *const NAMES[] = {"license", "password", "PASSWORD", "set_sensitive",
                                        "sensitive_fields"};
    struct buf text = read_file(arena, arena_printf(arena, TESTS_DIR "/golden/migration/%s.json", file));
    char *whole = arena_strdup(arena, buf_text(&text));
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        for (char *at = whole; (at = strstr(at, NAMES[i]));)
            memset(at, 'x', strlen(NAMES[i]));
    return value_get(json(arena, whole), "resources");
}

static void any_kind_anywhere(void **state) {
    (void)state;
    SCRATCH_ARENA(lasting);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        bool with_secrets = i == 4;
        struct value resources =
            with_secrets ? resources_of(lasting, FILES[i]) : plain_resources_of(lasting, FILES[i]);
        struct resource_source source = source_of(lasting, value_at(resources, value_len(resources) - 1));
        struct value whole = source.state;
        for (size_t part = 0; part < parts(whole); part++)
            for (size_t other = 0; other < OTHER_COUNT; other++) {
                SCRATCH_ARENA(arena);
                struct call call = call_in(arena);
                struct err err = err_in(arena);
                struct resource_state out;
                size_t number = part;
                source.state = replaced(arena, whole, &number, json(arena, OTHERS[other]));
                move_to(&call,
                        i < 3   ? &resource_instance
                        : i < 6 ? &resource_operator
                                : &resource_instance,
                        &source, &out, &err);
                if (err.msg && strstr(err.msg, "(null)"))
                    fail_msg("%s", err.msg);
            }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_without_secrets),
        cmocka_unit_test(as_helm_reads_it),
        cmocka_unit_test(no_secret_in_a_state),
        cmocka_unit_test(any_kind_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
