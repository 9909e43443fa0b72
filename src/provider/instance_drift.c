// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_drift.h"

#include "drift/baseline.h"
#include "drift/secret_names.h"
#include "kube/client.h"
#include "kube/fields.h"
#include "provider/ignore_drift.h"
#include "provider/instance_written.h"
#include "value/path.h"
#include "value/retain.h"
#include "wandb/instance.h"
#include "wandb/written.h"

#include <string.h>

// Of labels and annotations only those we set are ours; the state shows what became of them.
static struct value owned_members(struct arena *arena, struct value prior, struct value live) {
    struct value_entry *entries = arena_array(arena, value_len(prior), sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; i < value_len(prior); i++) {
        const struct value_entry *entry = value_entry_at(prior, i);
        if (value_is_null(entry->value)) // left unset: whatever is there is not ours
            entries[count++] = *entry;
        else if (value_has(live, entry->key))
            entries[count++] = (struct value_entry){entry->key, value_get(live, entry->key)};
    }
    return value_is_null(prior) ? prior : value_map(arena, entries, count);
}

struct reading {
    struct value live;
    const char *object;
    struct drift drift;
    const struct kube_ignored *ignored;
    bool report;
};

static struct reading begin(struct call *call, const struct instance_reading *from, bool report) {
    struct kube_ref ref = kube_ref_of(from->live);
    return (struct reading){.live = from->live,
                            .object = kube_ref_text(call->arena, &ref),
                            .drift = {.manager = from->manager, .hidden = call->hidden},
                            .ignored = &from->ignored,
                            .report = report};
}

// The part of metadata that holds one member, and the member as a state may show it.
static struct value compare_metadata(struct arena *arena, struct reading *reading, const char *name,
                                     struct value wanted, struct value found) {
    struct value_entry before[] = {{name, wanted}}, now[] = {{name, found}};
    struct drift_part part = {.object = reading->object,
                              .path = "metadata",
                              .wanted = value_map(arena, before, 1),
                              .found = value_map(arena, now, 1),
                              .live = reading->live,
                              .ignored = reading->ignored};
    size_t count = reading->drift.count;
    drift_compare(arena, &reading->drift, &part);
    return reading->drift.count == count ? wanted : value_get(drift_presentable(arena, &part), name);
}

static struct value read_metadata(struct arena *arena, struct reading *reading, struct value state,
                                  const char *name) {
    struct value prior = value_get(state, name), live = value_dig(reading->live, "metadata", name, NULL);
    struct value now = compare_metadata(arena, reading, name, prior, owned_members(arena, prior, live));
    return reading->report ? state : value_with(arena, state, name, now);
}

static struct secrets_live spec_of(struct arena *arena, const struct reading *reading) {
    return (struct secrets_live){value_get(reading->live, "spec"),
                                 written_spec(arena, reading->live, reading->drift.manager)};
}

static struct secrets_seen look(struct call *call, const struct secrets_live *live, struct value note,
                                const struct secret_claims *claims, bool imported) {
    struct secrets_seen seen = secrets_look(call->arena, note, live, claims, imported);
    secrets_hide(call, seen.note, live->all);
    return seen;
}

static struct value with_note(struct arena *arena, struct value private, struct value note) {
    return value_is_null(note) ? value_without(arena, private, "secrets")
                               : value_with(arena, private, "secrets", note);
}

// An imported object: its secrets are noted, and stay out of the state.
static struct value import_spec(struct call *call, struct reading *reading, struct resource_state *state) {
    struct arena *arena = call->arena;
    struct value empty = value_map(arena, NULL, 0);
    struct secrets_live live = spec_of(arena, reading);
    if (value_kind(live.all) != VALUE_MAP)
        return value_typed(arena, type_of_value(arena, empty), empty);
    live.all = live.written;
    struct secret_claims nothing = {.trees = {empty}, .count = 1};
    struct secrets_seen seen = look(call, &live, value_null(), &nothing, true);
    state->private = with_note(arena, state->private, seen.note);
    state->value =
        value_with(arena, state->value, "secret_versions", secret_versions_read(arena, value_null(), &seen));
    return value_typed(arena, type_of_value(arena, seen.rest), seen.rest);
}

// What `wanted` and the live spec, both without secrets, differ in; the spec as a state may show it.
static struct value compare_spec(struct arena *arena, struct reading *reading, struct value wanted,
                                 struct value live, struct value baseline) {
    size_t before = reading->drift.count;
    struct drift_part part = {.object = reading->object,
                              .path = "spec",
                              .wanted = wanted,
                              .found = value_retain(arena, wanted, live),
                              .live = reading->live,
                              .baseline = baseline,
                              .ignored = reading->ignored};
    drift_compare(arena, &reading->drift, &part);
    if (reading->drift.count == before)
        return wanted;
    part.found = live;
    return value_retain(arena, wanted, drift_presentable(arena, &part));
}

static void note_secrets(struct arena *arena, struct reading *reading, const struct secret_texts *changed) {
    for (size_t i = 0; i < changed->count; i++) {
        const char *path = arena_printf(arena, "spec.%s", changed->items[i]);
        if (kube_ignored_at(arena, reading->ignored, path) != KUBE_IGNORED_WHOLLY)
            drift_secret(arena, &reading->drift, reading->object, path, reading->live);
    }
}

static void read_spec(struct call *call, struct reading *reading, struct resource_state *state) {
    struct arena *arena = call->arena;
    struct value prior = value_get(state->value, "spec"), baseline = value_get(state->private, "baseline");
    if (value_is_null(prior)) {
        struct value spec = import_spec(call, reading, state);
        state->value = value_with(arena, state->value, "spec", spec);
        return;
    }
    baseline = baseline_salted(arena, baseline);
    if (!value_is_null(baseline))
        state->private = value_with(arena, state->private, "baseline", baseline);
    struct secret_claims claims = {.trees = {prior}, .count = 1};
    struct secrets_live live = spec_of(arena, reading);
    struct secrets_seen seen = look(call, &live, value_get(state->private, "secrets"), &claims, false);
    state->private = with_note(arena, state->private, seen.note);
    struct value versions = secret_versions_read(arena, value_get(state->value, "secret_versions"), &seen);
    state->value = value_with(arena, state->value, "secret_versions", versions);
    note_secrets(arena, reading, &seen.changed);
    struct value spec = compare_spec(arena, reading, prior, seen.rest, baseline);
    if (!reading->report)
        state->value = value_with(arena, state->value, "spec", spec);
}

static void read_uid(struct arena *arena, struct reading *reading, struct value state) {
    struct value prior = value_get(state, "uid"), live = value_dig(reading->live, "metadata", "uid", NULL);
    if (!value_is_null(prior))
        compare_metadata(arena, reading, "uid", prior, live);
}

void instance_drift_read(struct call *call, const struct instance_reading *from,
                         struct resource_state *state) {
    struct arena *arena = call->arena;
    struct reading reading = begin(call, from, from->report);
    struct value before = state->value;
    read_uid(arena, &reading, before);
    read_spec(call, &reading, state);
    struct value value = read_metadata(arena, &reading, state->value, "labels");
    value = read_metadata(arena, &reading, value, "annotations");
    drift_warn(call, &reading.drift, reading.object, DRIFT_FOUND, DRIFT_OUTLOOK);
    state->value = value_with(arena, value, "drift_found", drift_to_value(arena, &reading.drift));
    if (!value_is_null(value_get(before, "spec")))
        instance_written_keep(arena, before, state);
}

// The attribute whose part a path names: "spec.values.a" as it is, "metadata.labels.a" as labels.a.
static bool in_state(struct arena *arena, const char *path, const struct path_step **steps, size_t *count) {
    static const char *const SHOWN[] = {"spec", "labels", "annotations"};
    struct err ignored = err_in(arena);
    if (!path || !path_parse(arena, path, steps, count, &ignored) || !*count || !(*steps)->key)
        return false;
    if (!strcmp((*steps)->key, "metadata")) {
        ++*steps;
        --*count;
    }
    for (size_t i = 0; *count && (*steps)->key && i < sizeof SHOWN / sizeof *SHOWN; i++)
        if (!strcmp((*steps)->key, SHOWN[i]))
            return true;
    return false;
}

static bool reports(struct value object) {
    return value_is_text(value_get(object, "drift"), "report");
}

// With drift = "report" the state shows what was written, never what is there.
static bool is_left(struct arena *arena, const struct drift_item *item, struct value state,
                    struct value planned) {
    const struct path_step *steps;
    size_t count;
    struct value before = value_null(), after = value_null();
    bool hidden = drift_hides(item) || !strcmp(item->found, "null");
    if (hidden || reports(state) || !in_state(arena, item->path, &steps, &count) ||
        !value_is_known(value_get(planned, steps->key)))
        return false;
    bool had = path_get(state, steps, count, &before), has = path_get(planned, steps, count, &after);
    return had == has && value_equal(value_untyped(before), value_untyped(after));
}

struct drift instance_drift_part(struct arena *arena, struct value state, struct value planned, bool left) {
    struct drift drift = drift_of_value(arena, value_get(state, "drift_found"));
    struct kube_ignored ignored = ignore_drift_of(arena, planned);
    size_t count = 0;
    for (size_t i = 0; i < drift.count; i++) {
        const struct drift_item *item = &drift.items[i];
        bool stays = ignore_drift_has(arena, &ignored, item) || is_left(arena, item, state, planned);
        if (stays == left)
            drift.items[count++] = *item;
    }
    drift.count = count;
    return drift;
}

void instance_drift_tell(struct call *call, const struct resource_plan *plan, bool writes) {
    struct value state = plan->prior.value, planned = plan->planned.value;
    struct drift undone = instance_drift_part(call->arena, state, planned, false);
    struct drift left = instance_drift_part(call->arena, state, planned, true);
    const char *stays = "Drift stays in", *goes = "Drift is put back in";
    if (writes && reports(planned))
        drift_warn(
            call, &undone, call->about, goes,
            "drift = \"report\" would leave it, but this plan writes the instance for another reason, and a "
            "write sets all that the configuration says.");
    else if (writes && reports(state))
        drift_warn(call, &undone, call->about, goes,
                   "The configuration says drift = \"enforce\" by now: applying this plan puts it back.");
    if (!writes && reports(planned) && !reports(state)) {
        struct drift all = drift_of_value(call->arena, value_get(state, "drift_found"));
        drift_warn(
            call, &all, call->about, stays,
            "The configuration says drift = \"report\" by now: applying this plan makes the state say again "
            "what was written, and leaves the cluster as it is.");
    } else {
        drift_warn(
            call, &left, call->about, stays,
            "This configuration ignores it (ignore_drift, or lifecycle { ignore_changes }), or says by now "
            "what is there: applying this plan leaves it.");
    }
}

void instance_drift_adoption(struct call *call, const struct instance_reading *from, struct value planned,
                             const struct secret_config *secrets) {
    struct arena *arena = call->arena;
    struct reading reading = begin(call, from, true);
    // Our own is there when a tainted instance is to be replaced: it goes first.
    if (written_by(from->live, from->manager) && instance_owner(from->live))
        return;
    struct secrets none = {0};
    struct value note = secrets_note(arena, &secrets->given, &none, value_null());
    struct secrets_live spec = spec_of(arena, &reading);
    struct secrets_seen seen = look(call, &spec, note, &secrets->claims, false);
    note_secrets(arena, &reading, &seen.changed);
    compare_spec(arena, &reading, value_get(planned, "spec"), seen.rest, value_null());
    read_metadata(arena, &reading, planned, "labels");
    read_metadata(arena, &reading, planned, "annotations");
    if (reading.drift.count)
        call_warn(call, subject_many(reading.object, reading.drift.count, "path"),
                  "Existing instance is taken over:",
                  "%s exists and is no wandb_instance's. Applying this plan changes it:\n\n%s",
                  reading.object, drift_lines(arena, &reading.drift));
    else
        call_warn(call, subject_of(reading.object), "Existing instance is taken over:",
                  "%s exists and is no wandb_instance's. It already says what this configuration says.",
                  reading.object);
}
