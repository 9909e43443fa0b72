// SPDX-License-Identifier: Apache-2.0
#include "provider/moved.h"

#include "codec/json.h"
#include "codec/yaml.h"
#include "helm/values.h"
#include "value/path.h"

#include <string.h>

// ---- which sources ----

static const struct known {
    const char *provider, *type;
    int64_t oldest, newest; // schema versions
} KNOWN[] = {
    {"hashicorp/helm", "helm_release", 1, 2},
    {"hashicorp/kubernetes", "kubernetes_manifest", 1, 1},
    {"gavinbunney/kubectl", "kubectl_manifest", 1, 1},
    {"alekc/kubectl", "kubectl_manifest", 1, 2},
};

static const char *const REGISTRIES[] = {"registry.terraform.io/", "registry.opentofu.org/"};

static const char *without_registry(const char *provider) {
    for (size_t i = 0; i < sizeof REGISTRIES / sizeof *REGISTRIES; i++)
        if (!strncmp(provider, REGISTRIES[i], strlen(REGISTRIES[i])))
            return provider + strlen(REGISTRIES[i]);
    return NULL;
}

static const struct known *known_of(const struct resource_source *source) {
    const char *provider = without_registry(source->provider);
    for (size_t i = 0; provider && i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (!strcmp(KNOWN[i].provider, provider) && !strcmp(KNOWN[i].type, source->type))
            return &KNOWN[i];
    return NULL;
}

static bool is_release(const struct known *known) {
    return !strcmp(known->type, "helm_release");
}

bool moved_is_release(const struct resource_source *source) {
    const struct known *known = known_of(source);
    return known && is_release(known);
}

static bool refuse(const struct resource_source *source, const char *target, const char *why,
                   struct err *err) {
    bool instance = !strcmp(target, "wandb_instance");
    return err_set(
        err, ERR_UNSUPPORTED,
        "A %s of %s (schema version %lld) cannot become a %s: %s. What can, from "
        "registry.terraform.io or registry.opentofu.org: helm_release of hashicorp/helm (schema "
        "versions 1 and 2, the provider's 2.x and 3.x)%s. Otherwise import the object, and take the "
        "old resource out of the state with a removed block (lifecycle { destroy = false })",
        source->type, source->provider, (long long)source->version, target, why,
        instance ? ", kubernetes_manifest of hashicorp/kubernetes (1), kubectl_manifest of "
                   "gavinbunney/kubectl (1) and alekc/kubectl (1 and 2)"
                 : "");
}

static bool check(struct arena *arena, const struct resource_source *source, const char *target, bool release,
                  struct err *err) {
    const struct known *known = known_of(source);
    if (!known || is_release(known) != release)
        return refuse(source, target, "nothing is known of what it stores", err);
    if (source->version < known->oldest)
        return refuse(source, target,
                      "it is of an older version; apply once with a newer one of that provider", err);
    if (source->version > known->newest)
        return refuse(source, target, "it is of a newer version than any that is known here", err);
    if (value_kind(source->state) != VALUE_MAP)
        return refuse(source, target,
                      arena_printf(arena, "its state is a %s", value_kind_name(source->state)), err);
    return true;
}

static const char *text_at(struct value map, const char *key) {
    const char *text = value_text_or(value_get(map, key), "");
    return *text ? text : NULL;
}

// ---- helm_release ----

// What the helm provider writes in place of what was given as a secret.
static const char SENSITIVE[] = "(sensitive value)";

static bool has_sensitive(struct value v) {
    bool map = value_kind(v) == VALUE_MAP, list = value_kind(v) == VALUE_LIST;
    for (size_t i = 0; (map || list) && i < value_len(v); i++)
        if (has_sensitive(map ? value_entry_at(v, i)->value : value_at(v, i)))
            return true;
    return value_is_text(v, SENSITIVE);
}

// One of `set` and `set_sensitive`.
static bool set_one(struct arena *arena, struct value item, struct value *tree, struct err *err) {
    const char *type = value_text_or(value_get(item, "type"), "");
    const char *name = text_at(item, "name"), *value = value_text_or(value_get(item, "value"), "");
    enum helm_input_kind kind = !strcmp(type, "string")    ? HELM_INPUT_SET_STRING
                                : !strcmp(type, "literal") ? HELM_INPUT_SET_LITERAL
                                                           : HELM_INPUT_SET;
    return !name || helm_values_set(arena, kind, arena_printf(arena, "%s=%s", name, value), tree, err);
}

// One of `set_list`.
static bool set_list(struct arena *arena, struct value item, struct value *tree, struct err *err) {
    struct value list = value_get(item, "value");
    const char *name = text_at(item, "name"), *joined = "";
    for (size_t i = 0; i < value_len(list); i++)
        joined = arena_printf(arena, "%s%s%s", joined, i ? "," : "", value_text_or(value_at(list, i), ""));
    return !name ||
           helm_values_set(arena, HELM_INPUT_SET, arena_printf(arena, "%s={%s}", name, joined), tree, err);
}

// The values without secrets, from what was configured.
static bool compose(struct call *call, struct value state, struct value *out, struct err *err) {
    struct value documents = value_get(state, "values"), set = value_get(state, "set"),
                 lists = value_get(state, "set_list");
    size_t count = value_len(documents);
    struct helm_input *inputs = arena_array(call->arena, count + 1, sizeof *inputs);
    for (size_t i = 0; i < count; i++)
        inputs[i] = (struct helm_input){.kind = HELM_INPUT_FILE,
                                        .name = arena_printf(call->arena, "values[%zu]", i),
                                        .text = value_text_or(value_at(documents, i), "")};
    if (!helm_values_compose(call, inputs, count, HELM_3, out, err))
        return false;
    for (size_t i = 0; i < value_len(set); i++)
        if (!set_one(call->arena, value_at(set, i), out, err))
            return false;
    for (size_t i = 0; i < value_len(lists); i++)
        if (!set_list(call->arena, value_at(lists, i), out, err))
            return false;
    return true;
}

// The provider stores them decoded; not where it would show a secret, and as "{}" where there is a write-only
// one.
static struct value values_of(struct call *call, struct value state, struct value metadata) {
    struct err ignored = err_in(call->arena);
    const char *text = text_at(metadata, "values");
    struct value values = value_null();
    bool write_only = value_get_int(value_get(state, "set_wo_revision")) > 0;
    if (!write_only && text && json_decode(call->arena, text, strlen(text), &values, &ignored) &&
        value_kind(values) == VALUE_MAP && !has_sensitive(values))
        return values;
    return compose(call, state, &values, &ignored) ? values : value_null();
}

static struct secrets sensitive_of(struct arena *arena, struct value state) {
    struct value items = value_get(state, "set_sensitive");
    struct secrets secrets = {0};
    struct err ignored = err_in(arena);
    for (size_t i = 0; i < value_len(items); i++) {
        struct value tree = value_map(arena, NULL, 0);
        if (set_one(arena, value_at(items, i), &tree, &ignored))
            secrets_add_tree(arena, &secrets, tree);
    }
    return secrets;
}

bool moved_release(struct call *call, const struct resource_source *source, const char *target,
                   struct moved_release *out, struct err *err) {
    if (!check(call->arena, source, target, true, err))
        return false;
    struct value state = source->state, metadata = value_get(state, "metadata");
    if (value_kind(metadata) == VALUE_LIST)
        metadata = value_at(metadata, 0);
    *out = (struct moved_release){
        .name = text_at(state, "name"),
        .namespace = text_at(state, "namespace"),
        .chart = text_at(state, "chart"),
        .repository = text_at(state, "repository"),
        .version = text_at(state, "version"),
        .chart_name = text_at(metadata, "chart"),
        .revision = value_get_int(value_get(metadata, "revision")),
        .values = values_of(call, state, metadata),
        .sensitive = sensitive_of(call->arena, state),
    };
    if (!out->namespace)
        out->namespace = "default";
    return out->name || refuse(source, target, "its state has no name", err);
}

// ---- kubernetes_manifest, kubectl_manifest ----

// kubectl_manifest's sensitive_fields: "spec.values.global.license".
static struct secrets sensitive_fields(struct arena *arena, struct value state, struct value object) {
    static const char SPEC[] = "spec.";
    struct value names = value_get(state, "sensitive_fields"), found;
    struct secrets secrets = {0};
    struct err ignored = err_in(arena);
    for (size_t i = 0; i < value_len(names); i++) {
        const char *name = value_text_or(value_at(names, i), "");
        const struct path_step *steps;
        size_t count;
        if (!strncmp(name, SPEC, strlen(SPEC)) && path_parse(arena, name, &steps, &count, &ignored) &&
            path_get(object, steps, count, &found))
            secrets_add(arena, &secrets, name + strlen(SPEC), found);
    }
    return secrets;
}

bool moved_object(struct call *call, const struct resource_source *source, const char *target,
                  struct moved_object *out, struct err *err) {
    struct arena *arena = call->arena;
    struct err unread = err_in(arena);
    struct value state = source->state;
    if (!check(arena, source, target, false, err))
        return false;
    *out = (struct moved_object){.object = value_dig(state, "manifest", "value", NULL)};
    if (!strcmp(source->type, "kubernetes_manifest")) {
        struct value settings = value_get(state, "field_manager");
        const char *manager = value_len(settings) ? text_at(value_at(settings, 0), "name") : NULL;
        out->managers[0] = manager ? manager : "Terraform";
        return true;
    }
    const char *body = text_at(state, "yaml_body"), *manager = text_at(state, "field_manager");
    out->managers[0] = manager ? manager : "kubectl";
    out->managers[1] = "kubectl-client-side-apply";
    if (!body || !yaml_decode(arena, body, strlen(body), YAML_NUMBERS_EXACT, &out->object, &unread))
        return refuse(source, target, "its yaml_body cannot be read", err);
    // overrides what the manifest says
    const char *namespace = text_at(state, "override_namespace");
    if (namespace) {
        struct value metadata = value_with(arena, value_get(out->object, "metadata"), "namespace",
                                           value_string(arena, namespace));
        out->object = value_with(arena, out->object, "metadata", metadata);
    }
    out->sensitive = sensitive_fields(arena, state, out->object);
    return true;
}
