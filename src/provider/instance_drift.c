// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_drift.h"

#include "kube/client.h"
#include "kube/fields.h"
#include "provider/instance_written.h"
#include "value/path.h"
#include "value/retain.h"
#include "wandb/baseline.h"

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
    bool report;
};

static struct value read_metadata(struct arena *arena, struct reading *reading, struct value state,
                                  const char *name) {
    struct value prior = value_get(state, name), live = value_dig(reading->live, "metadata", name, NULL);
    struct value now = owned_members(arena, prior, live);
    struct value_entry wanted[] = {{name, prior}}, found[] = {{name, now}};
    drift_compare(arena, &reading->drift, reading->object, "metadata", value_map(arena, wanted, 1),
                  value_map(arena, found, 1), reading->live, value_null(), DRIFT_ADDITIONS_ALL);
    return reading->report ? state : value_with(arena, state, name, now);
}

// Secret texts of an object that Terraform did not write, in the form of write-only values.
static void find_secrets(struct arena *arena, struct secrets *secrets, const char *object,
                         const struct path *path, struct value v) {
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        struct path here = {path, {.key = entry->key}};
        const char *text = path_text(arena, &here);
        if (value_kind(entry->value) == VALUE_MAP)
            find_secrets(arena, secrets, object, &here, entry->value);
        else if (value_kind(entry->value) == VALUE_STRING && value_len(entry->value) &&
                 drift_is_secret(object, text))
            secrets_add(arena, secrets, text, entry->value);
    }
}

// Whether we applied the object in the version it is read in, so that managedFields tell what we wrote from
// what the server filled in.
static bool applied_by(struct value live, const char *manager) {
    struct value fields = value_dig(live, "metadata", "managedFields", NULL);
    for (size_t i = 0; i < value_len(fields); i++) {
        struct value entry = value_at(fields, i);
        const char *name = value_dig_string(entry, "manager", NULL);
        const char *operation = value_dig_string(entry, "operation", NULL);
        if (name && operation && !strcmp(name, manager) && !strcmp(operation, "Apply") &&
            value_equal(value_get(entry, "apiVersion"), value_get(live, "apiVersion")))
            return true;
    }
    return false;
}

// Without the members that nobody wrote: defaults of the server or of a webhook.
static struct value written(struct arena *arena, struct value live, const struct path *path, struct value v) {
    size_t count = 0;
    struct value_entry *entries = arena_array(arena, value_len(v) + 1, sizeof *entries);
    if (value_kind(v) != VALUE_MAP)
        return v;
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        struct path here = {path, {.key = entry->key}};
        if (kube_owners_at(arena, live, path_text(arena, &here)).count)
            entries[count++] = (struct value_entry){entry->key, written(arena, live, &here, entry->value)};
    }
    return count || !value_len(v) ? value_map(arena, entries, count) : v;
}

// An imported object: its secrets are noted as if write-only attributes had written them, and stay out of the
// state.
static struct value adopt_spec(struct arena *arena, struct reading *reading, struct value *private) {
    const char **changed;
    size_t count;
    struct secrets secrets = {0};
    struct value live = value_get(reading->live, "spec"), empty = value_map(arena, NULL, 0);
    if (value_kind(live) != VALUE_MAP)
        return value_typed(arena, type_of_value(arena, empty), empty);
    struct path root = {NULL, {.key = "spec"}};
    if (applied_by(reading->live, reading->drift.manager))
        live = written(arena, reading->live, &root, live);
    find_secrets(arena, &secrets, reading->object, NULL, live);
    struct value note = secrets_note(arena, &secrets, value_null());
    live = secrets_strip(arena, note, live, empty, &changed, &count);
    *private = value_with(arena, value_is_null(*private) ? empty : *private, "secrets", note);
    return value_typed(arena, type_of_value(arena, live), live);
}

static struct value read_spec(struct arena *arena, struct reading *reading, struct value state,
                              struct value *private) {
    const char **changed;
    size_t count, before = reading->drift.count;
    struct value prior = value_get(state, "spec"), baseline = value_get(*private, "baseline");
    if (value_is_null(prior))
        return value_with(arena, state, "spec", adopt_spec(arena, reading, private));
    baseline = baseline_salted(arena, baseline);
    if (!value_is_null(baseline))
        *private = value_with(arena, *private, "baseline", baseline);
    struct value live = secrets_strip(arena, value_get(*private, "secrets"), value_get(reading->live, "spec"),
                                      prior, &changed, &count);
    for (size_t i = 0; i < count; i++)
        drift_secret(arena, &reading->drift, reading->object, arena_printf(arena, "spec.%s", changed[i]),
                     reading->live);
    drift_compare(arena, &reading->drift, reading->object, "spec", prior, value_retain(arena, prior, live),
                  reading->live, baseline, DRIFT_ADDITIONS_ALL);
    if (reading->drift.count == before || reading->report)
        return state;
    struct value shown = drift_presentable(arena, reading->object, "spec", prior, live, baseline);
    return value_with(arena, state, "spec", value_retain(arena, prior, shown));
}

static void read_uid(struct arena *arena, struct reading *reading, struct value state) {
    struct value prior = value_get(state, "uid"), live = value_dig(reading->live, "metadata", "uid", NULL);
    if (!value_is_null(prior) && !value_equal(prior, live))
        drift_compare(arena, &reading->drift, reading->object, "metadata",
                      value_map(arena, (struct value_entry[]){{"uid", prior}}, 1),
                      value_map(arena, (struct value_entry[]){{"uid", live}}, 1), reading->live, value_null(),
                      DRIFT_ADDITIONS_ALL);
}

void instance_drift_read(struct call *call, struct value live, const char *manager, bool report,
                         struct resource_state *state) {
    struct arena *arena = call->arena;
    struct kube_ref ref = kube_ref_of(live);
    struct reading reading = {.live = live,
                              .object = kube_ref_text(arena, &ref),
                              .drift = {.manager = manager, .hidden = call->hidden},
                              .report = report};
    struct value value = state->value;
    secrets_hide(call, value_get(state->private, "secrets"), value_get(live, "spec"));
    read_uid(arena, &reading, value);
    value = read_spec(arena, &reading, value, &state->private);
    value = read_metadata(arena, &reading, value, "labels");
    value = read_metadata(arena, &reading, value, "annotations");
    drift_warn(call, &reading.drift, reading.object, DRIFT_FOUND, DRIFT_OUTLOOK);
    struct value before = state->value;
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
    const char *word = value_dig_string(object, "drift", NULL);
    return word && !strcmp(word, "report");
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
    size_t count = 0;
    for (size_t i = 0; i < drift.count; i++)
        if (is_left(arena, &drift.items[i], state, planned) == left)
            drift.items[count++] = drift.items[i];
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
            "This configuration ignores it (lifecycle { ignore_changes }), or says by now what is there: "
            "applying this plan leaves it.");
    }
}

void instance_drift_adoption(struct call *call, struct value live, const char *manager, struct value planned,
                             const struct secrets *secrets) {
    struct arena *arena = call->arena;
    struct kube_ref ref = kube_ref_of(live);
    struct reading reading = {.live = live,
                              .object = kube_ref_text(arena, &ref),
                              .drift = {.manager = manager, .hidden = call->hidden},
                              .report = true};
    // Our own is there when a tainted instance is to be replaced: it goes first.
    if (applied_by(live, manager))
        return;
    struct value_entry private = {"secrets", secrets_note(arena, secrets, value_null())};
    struct value notes = value_map(arena, &private, 1);
    read_spec(arena, &reading, planned, &notes);
    read_metadata(arena, &reading, planned, "labels");
    read_metadata(arena, &reading, planned, "annotations");
    if (reading.drift.count)
        call_warn(call, subject_many(reading.object, reading.drift.count, "path"),
                  "Existing instance is taken over:",
                  "%s exists and was made by somebody else. Applying this plan changes it:\n\n%s",
                  reading.object, drift_lines(arena, &reading.drift));
    else
        call_warn(call, subject_of(reading.object), "Existing instance is taken over:",
                  "%s exists and was made by somebody else. It already says what this configuration says.",
                  reading.object);
}
