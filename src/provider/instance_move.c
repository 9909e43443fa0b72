// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_move.h"

#include "codec/yaml.h"
#include "provider/instance_model.h"
#include "provider/instance_predecessor.h"
#include "provider/moved.h"
#include "provider/resource_owner.h"
#include "provider/secret_plan.h"
#include "wandb/instance.h"

#include <string.h>

static const char TARGET[] = "wandb_instance", CHART[] = "wandb-cr";

// What was written, by whoever wrote it.
struct written {
    const char *api_version, *name, *namespace;
    struct value labels, annotations,
        spec;                 // null for none; a spec that is not known is read from the cluster
    struct secrets sensitive; // of the spec, whatever its names
    struct value predecessor;
};

static struct value note_secrets(struct call *call, struct value *state, const struct written *w) {
    struct arena *arena = call->arena;
    struct value spec = w->spec;
    const struct secrets none = {0};
    struct value empty = value_map(arena, NULL, 0);
    struct secret_claims nothing = {.trees = {empty}, .count = 1};
    struct secrets_live live = {spec, spec};
    struct secrets_seen seen =
        secrets_look(arena, secrets_note(arena, &w->sensitive, &none, value_null()), &live, &nothing, true);
    secrets_hide(call, seen.note, spec);
    *state =
        value_with(arena, *state, "spec", value_typed(arena, type_of_value(arena, seen.rest), seen.rest));
    *state = value_with(arena, *state, "url", value_text(arena, instance_url(arena, spec)));
    *state = value_with(arena, *state, "secret_versions", secret_versions_read(arena, value_null(), &seen));
    return seen.note;
}

static void fill(struct call *call, const struct written *w, struct resource_state *state) {
    struct arena *arena = call->arena;
    struct value_entry known[] = {
        {"api_version", value_string(arena, w->api_version)},
        {"annotations", w->annotations},
        {"labels", w->labels},
        {"name", value_string(arena, w->name)},
        {"namespace", value_string(arena, w->namespace)},
    };
    state->value = value_map(arena, known, 5);
    struct value private = value_map(arena, NULL, 0);
    private = value_with(arena, private, "predecessor", w->predecessor);
    if (value_kind(w->spec) == VALUE_MAP) {
        struct value note = note_secrets(call, &state->value, w);
        private = value_is_null(note) ? private : value_with(arena, private, "secrets", note);
    }
    state->private = private;
    struct resource_state nobody = {0};
    state->value = resource_owner_state(arena, state->value, resource_owner_token(arena, &nobody));
}

// The chart wandb-cr puts the text `spec` into the object as it is.
static struct value spec_of(struct arena *arena, struct value values) {
    struct value spec = value_get(values, "spec"), out;
    struct err unread = err_in(arena);
    const char *text = value_text_or(spec, NULL);
    if (!text)
        return spec;
    return yaml_decode(arena, text, strlen(text), YAML_NUMBERS_EXACT, &out, &unread) ? out : value_null();
}

static bool from_release(struct call *call, const struct resource_source *source, struct written *out,
                         struct err *err) {
    struct arena *arena = call->arena;
    static const char *const NOBODY[2] = {0};
    struct moved_release release;
    if (!moved_release(call, source, TARGET, &release, err))
        return false;
    if (!release.chart_name || strcmp(release.chart_name, CHART) != 0)
        return err_set(
            err, ERR_UNSUPPORTED,
            "The Helm release \"%s\" in namespace %s is of the chart %s. What can become a "
            "wandb_instance is a release of %s, which W&B's module makes for the custom resource; one "
            "of the operator's chart becomes a wandb_operator. Where another chart brought the custom "
            "resource, import that, with retire_helm_release = \"%s/%s\"",
            release.name, release.namespace, release.chart_name ? release.chart_name : "?", CHART,
            release.namespace, release.name);
    const char *text = arena_printf(arena, "%s/%s", release.namespace, release.name);
    *out = (struct written){
        .api_version = INSTANCE_V1,
        .name = value_text_or(value_get(release.values, "name"), "wandb"),
        .namespace = release.namespace,
        .spec = spec_of(arena, release.values),
        .predecessor = instance_predecessor_note(arena, text, NOBODY),
    };
    return true;
}

static struct value members(struct value metadata, const char *name) {
    struct value map = value_get(metadata, name);
    return value_len(map) ? map : value_null();
}

static bool from_object(struct call *call, const struct resource_source *source, struct written *out,
                        struct err *err) {
    struct arena *arena = call->arena;
    struct moved_object moved;
    if (!moved_object(call, source, TARGET, &moved, err))
        return false;
    struct value metadata = value_get(moved.object, "metadata");
    const char *version = value_text_or(value_get(moved.object, "apiVersion"), "");
    const char *kind = value_text_or(value_get(moved.object, "kind"), "");
    const char *name = value_text_or(value_get(metadata, "name"), NULL);
    bool known = !strcmp(version, INSTANCE_V1) || !strcmp(version, INSTANCE_V2);
    if (!known || strcmp(kind, INSTANCE_KIND) != 0 || !name)
        return err_set(
            err, ERR_UNSUPPORTED,
            "The manifest of this %s is a %s of %s. What can become a wandb_instance is a " INSTANCE_KIND
            " of " INSTANCE_V1 " or " INSTANCE_V2,
            source->type, *kind ? kind : "thing without a kind", *version ? version : "no apiVersion");
    *out = (struct written){
        .api_version = version,
        .name = name,
        .namespace = value_text_or(value_get(metadata, "namespace"), "default"),
        .labels = members(metadata, "labels"),
        .annotations = members(metadata, "annotations"),
        .spec = value_get(moved.object, "spec"),
        .sensitive = moved.sensitive,
        .predecessor = instance_predecessor_note(arena, NULL, moved.managers),
    };
    return true;
}

bool instance_move(struct call *call, struct provider *provider, const struct resource_source *source,
                   struct resource_state *state, struct err *err) {
    (void)provider;
    struct written written = {0};
    bool read = moved_is_release(source) ? from_release(call, source, &written, err)
                                         : from_object(call, source, &written, err);
    if (read)
        fill(call, &written, state);
    return read;
}
