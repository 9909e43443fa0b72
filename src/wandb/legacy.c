// SPDX-License-Identifier: Apache-2.0
#include "wandb/legacy.h"

#include "base/buf.h"
#include "codec/yaml.h"
#include "drift/secret_names.h"
#include "value/path.h"
#include "wandb/legacy_private.h"

#include <string.h>

// ---- variables by their own name ----

// The chart sets these for the app itself, where they win over global.extraEnv.
static const char *const OF_THE_APP[] = {
    "BUCKET_QUEUE",
    "GORILLA_COREWEAVE_OBSERVABILITY_API_KEY",
    "GORILLA_GLUE_CONTAINER_PORT",
    "GORILLA_GLUE_VIEW_SPEC_UPDATER_EXECUTABLE",
    "GORILLA_LICENSE_CERT_PATH",
    "GORILLA_TASK_CONFIG_PATH",
    "GORILLA_VIEW_SPEC_UPDATER_EXECUTABLE",
};

static bool is_of_the_app(const char *name) {
    for (size_t i = 0; i < sizeof OF_THE_APP / sizeof *OF_THE_APP; i++)
        if (!strcmp(name, OF_THE_APP[i]))
            return true;
    return false;
}

// The chart runs the environment through `tpl`, and then the kubelet fills in $(NAME); the text has been
// through both for the last time.
static const char *escaped(struct arena *arena, const char *text) {
    struct buf out;
    buf_init(&out, arena);
    bool dollars = strstr(text, "$(") || strstr(text, "$$");
    for (; *text; text++) {
        if (text[0] == '{' && text[1] == '{') {
            buf_str(&out, "{{`{{`}}");
            text++;
        } else {
            buf_str(&out, *text == '$' && dollars ? "$$" : (char[]){*text, 0});
        }
    }
    return buf_text(&out);
}

// A variable of the same name in the new pods: in every container or, where the chart sets the name, in the
// app.
static void put_variable(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    struct arena *arena = mapping->arena;
    const char *name = variable->name;
    const char *const *keys =
        is_of_the_app(name) ? LEGACY_AT("app", "env", name) : LEGACY_AT("global", "extraEnv", name);
    if (!value_is_null(variable->source)) {
        struct value_entry from[] = {{"valueFrom", variable->source}};
        legacy_put(mapping, keys, value_map(arena, from, 1));
    } else if (!variable->text) {
        legacy_unmapped(mapping, LEGACY_BLOCKS, name, variable->why,
                        arena_printf(arena, "Set %s.%s by hand, or make what is missing.",
                                     is_of_the_app(name) ? "app.env" : "global.extraEnv", name));
    } else if (*variable->text && (variable->secret || secret_names_path(name))) {
        legacy_put_secret(mapping, keys, escaped(arena, variable->text));
    } else {
        legacy_put_text(mapping, keys, escaped(arena, variable->text));
    }
}

// ---- rows ----

static const char *text_of(const struct legacy_mapping *mapping, const char *name) {
    const struct legacy_variable *variable = legacy_variable_of(&mapping->environment, name);
    return variable && variable->text ? variable->text : "";
}

// A variable that has a value of the chart for itself; `keys` end in NULL.
static void put_value(struct legacy_mapping *mapping, const struct legacy_variable *variable,
                      const char *const *keys, bool secret, bool fits) {
    const char *text = variable->text;
    if (text && !*text)
        return;
    if (!text || !fits)
        legacy_unmapped(mapping, LEGACY_BLOCKS, variable->name,
                        text ? "the chart writes it into YAML, where this text means something else"
                        : variable->why ? variable->why
                                        : "it is a field of the pod",
                        "Set it by hand.");
    else if (secret)
        legacy_put_secret(mapping, keys, text);
    else
        legacy_put_text(mapping, keys, text);
}

static void row_license(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    put_value(mapping, variable, LEGACY_AT("global", "license"), true, true);
}

static void row_host(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    put_value(mapping, variable, LEGACY_AT("global", "host"), false,
              variable->text && legacy_fits_quoted(variable->text));
}

static void row_region(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    struct value namespace = value_dig(mapping->objects->deployment, "metadata", "namespace", NULL);
    bool chart = legacy_variable_of(&mapping->environment, "WANDB_HELM_CHART") != NULL;
    if (chart && value_is_text(namespace, variable->text)) {
        legacy_note(mapping,
                    "AWS_REGION is left out: the old chart put the namespace there (\"%s\"). Set "
                    "global.bucket.region where the bucket needs one.",
                    variable->text);
        return;
    }
    put_value(mapping, variable, LEGACY_AT("global", "bucket", "region"), false,
              variable->text && legacy_fits_bare(mapping->arena, variable->text));
}

static void row_kms(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    put_value(mapping, variable, LEGACY_AT("global", "bucket", "kmsKey"), false,
              variable->text && legacy_fits_bare(mapping->arena, variable->text));
}

static void row_storage_key(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    if (strncmp(text_of(mapping, "BUCKET"), "az://", 5) != 0)
        put_variable(mapping, variable);
    else
        put_value(mapping, variable, LEGACY_AT("global", "bucket", "accessKey"), true,
                  variable->text && legacy_fits_bare(mapping->arena, variable->text));
}

static void row_queue(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    if (variable->text && (!*variable->text || !strcmp(variable->text, "internal://")))
        return;
    put_variable(mapping, variable);
    legacy_note(
        mapping,
        "BUCKET_QUEUE goes to the app's container only, as app.env; the other containers of the chart "
        "never read it.");
}

static void row_oidc(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    static const struct {
        const char *name, *key;
        bool secret;
    } KEYS[] = {{"OIDC_CLIENT_ID", "clientId", false},
                {"OIDC_ISSUER", "issuer", false},
                {"OIDC_AUTH_METHOD", "authMethod", false},
                {"OIDC_SECRET", "secret", true},
                {"OIDC_CLIENT_SECRET", "secret", true}};
    if (!*text_of(mapping, "OIDC_CLIENT_ID"))
        return; // the module sets the method and an empty secret without a client, too
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        if (!strcmp(KEYS[i].name, variable->name))
            put_value(mapping, variable, LEGACY_AT("global", "auth", "oidc", KEYS[i].key), KEYS[i].secret,
                      KEYS[i].secret || (variable->text && legacy_fits_bare(mapping->arena, variable->text) &&
                                         legacy_fits_quoted(variable->text)));
}

static void row_unless_empty(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    if (!variable->text || (*variable->text && strcmp(variable->text, "noop://") != 0))
        put_variable(mapping, variable);
}

static void row_restore(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    if (variable->text && !strcmp(variable->text, "true"))
        legacy_unmapped(mapping, LEGACY_BLOCKS, "LOCAL_RESTORE",
                        "it is true: a switch for one repair of the old server",
                        "Set it back to false in the old deployment first.");
}

static void row_cors(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    struct value origins = value_list(mapping->arena, NULL, 0);
    const char *text = variable->text;
    for (size_t len; text && *text; text += len + (text[len] == ',')) {
        len = strcspn(text, ",");
        if (len)
            origins = value_append(mapping->arena, origins, value_string_len(mapping->arena, text, len));
    }
    if (value_len(origins))
        legacy_put(mapping, LEGACY_AT("app", "extraCors"), origins);
}

// The parts that the old chart makes MYSQL of; in the module's pod they are the user's own.
static void row_part(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    if (!legacy_variable_of(&mapping->environment, "WANDB_HELM_CHART"))
        put_variable(mapping, variable);
}

// What the new pods have of their own, and what map_all asks for by name, so that a missing one counts too.
static void row_dropped(struct legacy_mapping *mapping, const struct legacy_variable *variable) {
    (void)mapping;
    (void)variable;
}

typedef void row(struct legacy_mapping *mapping, const struct legacy_variable *variable);

static const struct {
    const char *name;
    row *row;
} ROWS[] = {
    {"AUTH0_CLIENT_ID", row_unless_empty},
    {"AUTH0_DOMAIN", row_unless_empty},
    {"AWS_REGION", row_region},
    {"AWS_S3_KMS_ID", row_kms},
    {"AZURE_STORAGE_KEY", row_storage_key},
    {"BUCKET", row_dropped},
    {"BUCKET_QUEUE", row_queue},
    {"DB", row_part},
    {"DB_HOST", row_part},
    {"DB_PASSWORD", row_part},
    {"DB_USER", row_part},
    {"GORILLA_CORS_ORIGINS", row_cors},
    {"GORILLA_CUSTOM_METRICS_PROVIDER", row_unless_empty},
    {"HOST", row_host},
    {"LICENSE", row_license},
    {"LOCAL_RESTORE", row_restore},
    {"MYSQL", row_dropped},
    {"OIDC_AUTH_METHOD", row_oidc},
    {"OIDC_CLIENT_ID", row_oidc},
    {"OIDC_CLIENT_SECRET", row_oidc},
    {"OIDC_ISSUER", row_oidc},
    {"OIDC_SECRET", row_oidc},
    {"PARQUET_ENABLED", row_dropped},
    {"PARQUET_HOST", row_dropped},
    {"REDIS", row_dropped},
    {"WANDB_HELM_CHART", row_dropped},
    {"WEAVE_ENABLED", row_dropped},
    {"WEAVE_SERVICE", row_dropped},
};

static row *row_for(const char *name) {
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        if (!strcmp(ROWS[i].name, name))
            return ROWS[i].row;
    return put_variable;
}

// ---- the whole ----

static struct value find_container(struct value pod) {
    struct value containers = value_get(pod, "containers");
    for (size_t i = 0; i < value_len(containers); i++) {
        if (value_is_text(value_get(value_at(containers, i), "name"), "wandb"))
            return value_at(containers, i);
    }
    return value_len(containers) == 1 ? value_at(containers, 0) : value_null();
}

static void map_all(struct legacy_mapping *mapping) {
    const struct legacy_environment *environment = &mapping->environment;
    legacy_bucket(mapping, legacy_variable_of(environment, "BUCKET"));
    legacy_mysql(mapping, legacy_variable_of(environment, "MYSQL"));
    legacy_redis(mapping, legacy_variable_of(environment, "REDIS"));
    for (size_t i = 0; i < environment->count; i++)
        row_for(environment->items[i].name)(mapping, &environment->items[i]);
    legacy_pod(mapping);
}

bool legacy_map(struct arena *arena, const struct legacy_objects *objects, struct legacy *out,
                struct err *err) {
    struct value pod = value_dig(objects->deployment, "spec", "template", "spec", NULL);
    struct value container = find_container(pod), nothing = value_map(arena, NULL, 0);
    const char *name = value_dig_string(objects->deployment, "metadata", "name", NULL);
    const char *image = value_dig_string(container, "image", NULL);
    if (value_is_null(container))
        return err_set(
            err, ERR_INVALID,
            "the Deployment \"%s\" has %zu containers and none is called \"wandb\"; name the Deployment that "
            "the module wandb/wandb/kubernetes or the Helm chart wandb made",
            name ? name : "", value_len(value_get(pod, "containers")));
    struct legacy_mapping mapping = {.arena = arena,
                                     .objects = objects,
                                     .container = container,
                                     .pod = pod,
                                     .environment = legacy_environment_of(arena, objects, container),
                                     .values = nothing,
                                     .secrets = nothing,
                                     .unmapped = value_list(arena, NULL, 0),
                                     .notes = value_list(arena, NULL, 0)};
    map_all(&mapping);
    *out = (struct legacy){mapping.values, mapping.secrets,  mapping.unmapped,
                           mapping.notes,  !mapping.blocked, image ? image : ""};
    return true;
}
