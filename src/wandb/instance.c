// SPDX-License-Identifier: Apache-2.0
#include "wandb/instance.h"

#include "drift/drift.h"
#include "kube/fields.h"
#include "value/diff.h"
#include "value/path.h"
#include "wandb/written.h"

#include <string.h>

enum { HANDOVER_TRIES = 6 };

struct kube_ref instance_ref(const struct instance *instance) {
    return KUBE_REF(instance->api_version, INSTANCE_KIND, instance->namespace, instance->name);
}

bool instance_get(struct call *call, struct kube_client *kube, const struct kube_ref *ref, struct value *live,
                  struct err *err) {
    return kube_find(call, kube, ref, live, err);
}

// A label that a configuration leaves null is not set; the server would store an empty one.
static struct value set_members(struct arena *arena, struct value map) {
    struct value_entry *entries = arena_array(arena, value_len(map), sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; i < value_len(map); i++)
        if (!value_is_null(value_entry_at(map, i)->value))
            entries[count++] = *value_entry_at(map, i);
    return value_map(arena, entries, count);
}

static bool is_applied(struct arena *arena, const struct instance *instance, const char *path) {
    struct kube_owners owners = kube_owners_at(arena, instance->found, arena_printf(arena, "spec.%s", path));
    for (size_t i = 0; i < owners.count; i++)
        if (!strcmp(owners.items[i].operation, "Apply") &&
            !strcmp(owners.items[i].manager, instance->manager))
            return true;
    return false;
}

static bool has_value(const struct secrets *secrets, struct value value) {
    for (size_t i = 0; i < secrets->count; i++)
        if (value_equal(secrets->items[i].value, value))
            return true;
    return false;
}

bool instance_kept(struct call *call, struct kube_client *kube, const struct instance *instance,
                   struct secrets *out, struct err *err) {
    struct arena *arena = call->arena;
    struct kube_ref before = instance_ref(instance);
    struct value old;
    struct secrets all =
        secrets_kept(arena, written_spec(arena, instance->found, instance->manager), &instance->claims);
    *out = all;
    before.api_version = instance->converted;
    if (!instance->converted)
        return true;
    if (!kube_find(call, kube, &before, &old, err))
        return false;
    struct secrets were = secrets_found(arena, value_get(old, "spec"), instance->claims.noted);
    *out = (struct secrets){0};
    for (size_t i = 0; i < all.count; i++)
        if (has_value(&were, all.items[i].value))
            secrets_add(arena, out, all.items[i].path, all.items[i].value);
    return true;
}

// The spec that is applied. Of the secrets to keep, those are in it that applying without them would remove:
// what we applied before. The others have another owner, who goes on having them to himself. Where the spec
// is put in whole it needs all.
static bool applied_spec(struct call *call, struct kube_client *kube, const struct instance *instance,
                         struct value *out, struct err *err) {
    struct arena *arena = call->arena;
    struct secrets kept, ours = {0};
    if (!instance_kept(call, kube, instance, &kept, err))
        return false;
    for (size_t i = 0; i < kept.count; i++)
        if (instance->converted || is_applied(arena, instance, kept.items[i].path))
            secrets_add(arena, &ours, kept.items[i].path, kept.items[i].value);
    return secrets_merge(arena, &ours, instance->spec, out, err);
}

static struct value without_nulls(struct arena *arena, struct value v) {
    size_t count = 0, len = value_len(v);
    if (value_kind(v) == VALUE_LIST) {
        struct value *items = arena_array(arena, len + 1, sizeof *items);
        for (; count < len; count++)
            items[count] = without_nulls(arena, value_at(v, count));
        return value_list(arena, items, count);
    }
    if (value_kind(v) != VALUE_MAP)
        return v;
    struct value_entry *entries = arena_array(arena, len + 1, sizeof *entries);
    for (size_t i = 0; i < len; i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        if (!value_is_null(entry->value))
            entries[count++] = (struct value_entry){entry->key, without_nulls(arena, entry->value)};
    }
    return value_map(arena, entries, count);
}

// In v1 a null is one of the chart's values. v2 has a type for every field, and refuses it: there it says, as
// elsewhere in Terraform, that nothing is set.
static struct value sent_spec(struct arena *arena, const struct instance *instance) {
    struct value spec = value_untyped(instance->spec);
    return strcmp(instance->api_version, INSTANCE_V2) ? spec : without_nulls(arena, spec);
}

static struct value object_of(struct arena *arena, const struct instance *instance) {
    struct value_entry metadata[4] = {{"name", value_string(arena, instance->name)},
                                      {"namespace", value_string(arena, instance->namespace)}};
    size_t count = 2;
    struct value labels = set_members(arena, instance->labels);
    if (value_len(labels))
        metadata[count++] = (struct value_entry){"labels", labels};
    metadata[count++] =
        (struct value_entry){"annotations", value_with(arena, set_members(arena, instance->annotations),
                                                       INSTANCE_OWNER, value_string(arena, instance->owner))};
    struct value_entry object[] = {
        {"apiVersion", value_string(arena, instance->api_version)},
        {"kind", value_string_ref(INSTANCE_KIND)},
        {"metadata", value_map(arena, metadata, count)},
        {"spec", sent_spec(arena, instance)},
    };
    return value_map(arena, object, 4);
}

// An imperative edit ("using apps.wandb.com/v1" in the API's words) is drift that a write puts
// back; a manager that applies declares the field as its own, and only the user can decide.
static bool only_edits(const struct kube_answer *answer) {
    struct value causes = value_get(answer->details, "causes");
    for (size_t i = 0; i < value_len(causes); i++) {
        if (!strstr(value_text_or(value_get(value_at(causes, i), "message"), ""), "\" using "))
            return false;
    }
    return value_len(causes) > 0;
}

static bool is_lost(struct arena *arena, struct value wanted, struct value live) {
    struct diff diff = diff_values(arena, wanted, live, "", true);
    for (size_t i = 0; i < diff.count; i++)
        if (diff.items[i].kind != DIFF_ADDED)
            return true;
    return false;
}

// The object's managedFields without what we applied in another version. An empty list would be taken for
// none given; one empty entry says that there are none.
static struct value others_fields(struct arena *arena, const struct instance *instance, struct value live) {
    struct value fields = value_dig(live, "metadata", "managedFields", NULL),
                 rest = value_list(arena, NULL, 0);
    for (size_t i = 0; i < value_len(fields); i++) {
        bool ours = value_is_text(value_get(value_at(fields, i), "manager"), instance->manager) &&
                    value_is_text(value_get(value_at(fields, i), "operation"), "Apply");
        if (!ours)
            rest = value_append(arena, rest, value_at(fields, i));
    }
    return value_len(rest) ? rest : value_append(arena, rest, value_map(arena, NULL, 0));
}

// What a conversion made of the spec that was written in the other version belongs to nobody, so applying
// leaves it; and what we applied in that version the server would prune there, which brings it back. So
// before applying, the spec is put in whole, under a name that is not ours, and our claim in the other
// version is dropped: what is not wanted of what is there then, is removed with the rest that is not ours.
static bool put_whole(struct call *call, struct kube_client *kube, const struct instance *instance,
                      struct err *err) {
    struct arena *arena = call->arena;
    struct kube_ref ref = instance_ref(instance);
    struct value live = instance->found;
    if (value_is_null(live))
        return true;
    struct value operations[] = {
        kube_patch_operation(arena, "test", "/metadata/resourceVersion",
                             value_dig(live, "metadata", "resourceVersion", NULL)),
        kube_patch_operation(arena, "replace", "/metadata/managedFields",
                             others_fields(arena, instance, live)),
        kube_patch_operation(arena, "replace", "/spec", sent_spec(arena, instance)),
    };
    struct kube_request request = {
        .verb = KUBE_PATCH_JSON,
        .ref = ref,
        .body = value_list(arena, operations, 3),
        .manager = arena_printf(arena, "%s-convert", instance->manager),
    };
    struct kube_answer answer;
    const char *size = value_dig_string(live, "spec", "size", NULL);
    if (kube_do(call, kube, &request, &answer, err))
        return true;
    if (err->kind != ERR_REFUSED)
        return false;
    return err_at(
        err, "spec",
        "%s. The object was written as %s before. What its spec said there is not carried over: say "
        "in this spec what is to stay as it is%s",
        err->msg, instance->converted, size ? arena_printf(arena, "; its size is \"%s\" now", size) : "");
}

// The conversion of wandb/operator main writes a missing chart as null and is refused by its own schema.
static bool refused(const struct instance *instance, struct err *err) {
    bool no_chart =
        !strcmp(instance->api_version, INSTANCE_V1) && !value_has(value_untyped(instance->spec), "chart");
    if (err->kind == ERR_REFUSED && no_chart && strstr(err->msg, "spec.chart"))
        return err_at(err, "spec",
                      "%s. This cluster stores instances as " INSTANCE_V2
                      ", and its conversion does not take a v1 spec without a chart: write spec = { chart = "
                      "{}, values = … }, or move to api_version = \"" INSTANCE_V2 "\"",
                      err->msg);
    return false; // says itself what was applied
}

static bool is_predecessor(const void *context, struct value entry) {
    const struct instance *instance = context;
    for (size_t i = 0; i < value_len(instance->predecessors); i++)
        if (value_equal(value_get(entry, "manager"), value_at(instance->predecessors, i)))
            return true;
    return false;
}

bool instance_hand_over(struct call *call, struct kube_client *kube, const struct instance *instance,
                        struct value metadata, struct value *found, struct err *err) {
    struct arena *arena = call->arena;
    for (int i = 0; i < HANDOVER_TRIES && !value_is_null(*found); i++) {
        struct value patch = value_is_null(metadata) ? value_map(arena, NULL, 0) : metadata;
        struct value fields =
            kube_fields_handed_over(arena, *found, instance->manager, is_predecessor, instance);
        if (value_is_null(fields) && !value_len(patch))
            return true;
        if (!value_is_null(fields))
            patch = value_with(arena, patch, "managedFields", fields);
        patch = value_with(arena, patch, "resourceVersion",
                           value_dig(*found, "metadata", "resourceVersion", NULL));
        struct value_entry body[] = {{"metadata", patch}};
        struct kube_request request = {.verb = KUBE_PATCH_MERGE,
                                       .ref = kube_ref_of(*found),
                                       .body = value_map(arena, body, 1),
                                       .manager = instance->manager};
        struct kube_answer answer;
        if (kube_do(call, kube, &request, &answer, err)) {
            err->kind = ERR_NONE;
            *found = answer.object;
            return true;
        }
        // the operator may have written the status in between
        if (err->kind != ERR_CONFLICT || !kube_find(call, kube, &request.ref, found, err))
            return err_wrap(err, "take over what was written before");
    }
    return value_is_null(*found) ||
           err_set(err, ERR_CONFLICT, "it changed %d times while it was handed over; apply again",
                   HANDOVER_TRIES);
}

// What is ignored stays as it is. Where the spec is put in whole that is said of all of it, and the token is
// ours in any case.
static struct value leave_ignored(struct arena *arena, const struct instance *instance, struct value object) {
    if (!instance->ignored.count || value_is_null(instance->found))
        return object;
    struct value left =
        instance->converted
            ? kube_ignored_take(arena, &instance->ignored, object, instance->found)
            : kube_ignored_left(arena, &instance->ignored, object, instance->found, instance->manager);
    struct value metadata = value_get(left, "metadata");
    struct value annotations = value_with(arena, value_get(metadata, "annotations"), INSTANCE_OWNER,
                                          value_string(arena, instance->owner));
    return value_with(arena, left, "metadata", value_with(arena, metadata, "annotations", annotations));
}

struct writing {
    const struct instance *wanted;
    struct instance now; // with the secrets to keep
    struct kube_request request;
    struct kube_answer answer;
};

static bool prepare(struct call *call, struct kube_client *kube, struct writing *w, struct value found,
                    struct err *err) {
    struct value spec;
    w->now = *w->wanted;
    w->now.found = found;
    if (!applied_spec(call, kube, &w->now, &spec, err))
        return false;
    w->now.spec = spec;
    w->request.body = leave_ignored(call->arena, &w->now, object_of(call->arena, &w->now));
    if (w->now.ignored.count)
        w->now.spec = value_get(w->request.body, "spec");
    return true;
}

// A second time where edits are put back. Whoever edits may have changed a secret that is kept, so the object
// is looked at again before.
static bool apply(struct call *call, struct kube_client *kube, struct writing *w, struct err *err) {
    struct value found;
    if (kube_do(call, kube, &w->request, &w->answer, err))
        return true;
    if (err->kind != ERR_CONFLICT || !only_edits(&w->answer) ||
        !kube_find(call, kube, &w->request.ref, &found, err) || !prepare(call, kube, w, found, err))
        return false;
    w->request.force = true;
    return kube_do(call, kube, &w->request, &w->answer, err);
}

// What applying left of `former`, since somebody else had changed it: a merge patch, null for nothing.
static struct value former_patch(struct arena *arena, const struct instance *instance, const char *name,
                                 struct value former, struct value live) {
    struct value wanted = !strcmp(name, "labels") ? instance->labels : instance->annotations;
    struct value there = value_dig(live, "metadata", name, NULL), patch = value_map(arena, NULL, 0);
    struct path metadata = {NULL, {.key = "metadata"}}, map = {&metadata, {.key = name}};
    for (size_t i = 0; value_kind(former) == VALUE_MAP && i < value_len(former); i++) {
        const struct value_entry *entry = value_entry_at(former, i);
        struct path here = {&map, {.key = entry->key}};
        bool dropped = !value_is_null(entry->value) && value_is_null(value_get(wanted, entry->key)) &&
                       value_has(there, entry->key) && strcmp(entry->key, INSTANCE_OWNER) != 0;
        if (dropped &&
            kube_ignored_at(arena, &instance->ignored, path_text(arena, &here)) != KUBE_IGNORED_WHOLLY)
            patch = value_with(arena, patch, entry->key, value_null());
    }
    return value_len(patch) ? patch : value_null();
}

static bool remove_former(struct call *call, struct kube_client *kube, const struct instance *instance,
                          struct value *live, struct err *err) {
    struct arena *arena = call->arena;
    struct value metadata = value_map(arena, NULL, 0);
    struct value labels = former_patch(arena, instance, "labels", instance->former_labels, *live);
    struct value notes = former_patch(arena, instance, "annotations", instance->former_annotations, *live);
    if (!value_is_null(labels))
        metadata = value_with(arena, metadata, "labels", labels);
    if (!value_is_null(notes))
        metadata = value_with(arena, metadata, "annotations", notes);
    struct kube_request request = {.verb = KUBE_PATCH_MERGE,
                                   .ref = instance_ref(instance),
                                   .body =
                                       value_map(arena, (struct value_entry[]){{"metadata", metadata}}, 1),
                                   .manager = instance->manager};
    struct kube_answer answer;
    if (!value_len(metadata))
        return true;
    if (!kube_do(call, kube, &request, &answer, err))
        return err_wrap(err, "remove what is no more configured of the metadata");
    *live = answer.object;
    return true;
}

bool instance_apply(struct call *call, struct kube_client *kube, const struct instance *instance,
                    struct value *live, struct err *err) {
    struct arena *arena = call->arena;
    struct writing w = {.wanted = instance};
    w.request = (struct kube_request){.verb = KUBE_APPLY,
                                      .ref = instance_ref(instance),
                                      .manager = instance->manager,
                                      .force = instance->force};
    struct value found = instance->found;
    if (!instance_hand_over(call, kube, instance, value_null(), &found, err) ||
        !prepare(call, kube, &w, found, err))
        return false;
    if (instance->converted && !put_whole(call, kube, &w.now, err))
        return refused(instance, err);
    bool applied = apply(call, kube, &w, err);
    // What we applied in another API version before, the server prunes in that version: the object goes
    // through the conversion there and back, which loses what the old version cannot say. The second time it
    // is ours in this one.
    if (applied && is_lost(arena, w.now.spec, value_get(w.answer.object, "spec")))
        applied = kube_do(call, kube, &w.request, &w.answer, err);
    if (!applied && err->kind == ERR_CONFLICT)
        return err_set(err, ERR_CONFLICT,
                       "%s. Set force = true to take these fields over from it, or leave them to it: out "
                       "of this configuration, or named in ignore_drift",
                       err->msg);
    if (!applied && w.answer.reason && !strcmp(w.answer.reason, "NoKindMatch"))
        return err_set(
            err, err->kind,
            "%s. The operator's chart brings it: a wandb_operator installs it, and the instance has "
            "to depend on that",
            err->msg);
    if (!applied)
        return refused(instance, err);
    *live = w.answer.object;
    // After a conversion what a webhook filled in looks written: the server gives it to whoever wrote before.
    struct value there = written_spec(arena, *live, instance->manager), wanted = w.now.spec;
    if (!instance->converted)
        wanted = secrets_keep(arena, instance->spec, there, &instance->claims);
    struct drift_removal removal = {
        kube,
        w.request.ref,
        instance->manager,
        {.path = "spec", .wanted = wanted, .additions = DRIFT_ADDITIONS_OWNED, .ignored = &instance->ignored},
    };
    return drift_remove_additions(call, &removal, live, err) &&
           remove_former(call, kube, instance, live, err);
}

bool instance_disown(struct call *call, struct kube_client *kube, struct value live, const char *manager,
                     struct err *err) {
    struct arena *arena = call->arena;
    const char *token = instance_owner(live);
    const char *pointer = "/metadata/annotations/" INSTANCE_OWNER_POINTER;
    struct value operations[] = {
        kube_patch_operation(arena, "test", pointer, value_text(arena, token)),
        kube_patch_operation(arena, "remove", pointer, value_null()),
    };
    struct kube_request request = {.verb = KUBE_PATCH_JSON,
                                   .ref = kube_ref_of(live),
                                   .body = value_list(arena, operations, 2),
                                   .manager = manager};
    return !token || kube_do(call, kube, &request, NULL, err);
}

const char *instance_url(struct arena *arena, struct value spec) {
    const char *host = value_dig_string(value_untyped(spec), "values", "global", "host", NULL);
    if (!host)
        host = value_dig_string(value_untyped(spec), "wandb", "hostname", NULL);
    return host ? arena_strdup(arena, host) : NULL;
}

const char *instance_owner(struct value live) {
    return value_dig_string(live, "metadata", "annotations", INSTANCE_OWNER, NULL);
}

bool instance_is_going(struct value live) {
    return !value_is_null(value_dig(live, "metadata", "deletionTimestamp", NULL));
}

const char *instance_phase(struct value live) {
    const char *phase = value_dig_string(live, "status", "phase", NULL);
    return phase ? phase : "";
}

bool instance_list(struct call *call, struct kube_client *kube, const char *namespace, struct value *list,
                   struct err *err) {
    static const char *const VERSIONS[] = {INSTANCE_V1, INSTANCE_V2};
    for (size_t i = 0; i < sizeof VERSIONS / sizeof *VERSIONS; i++) {
        struct kube_ref all = KUBE_REF(VERSIONS[i], INSTANCE_KIND, namespace, NULL);
        if (kube_list(call, kube, &all, NULL, list, err))
            return true;
        if (err->kind != ERR_NOT_FOUND)
            return err_wrap(err, "list W&B instances");
    }
    *list = value_list(call->arena, NULL, 0);
    return true;
}
