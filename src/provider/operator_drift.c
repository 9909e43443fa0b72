// SPDX-License-Identifier: Apache-2.0
#include "provider/operator_drift.h"

#include "codec/base64.h"
#include "drift/baseline.h"
#include "drift/drift.h"
#include "kube/controllers.h"
#include "kube/fields.h"
#include "release/claim.h"

#include <string.h>

const struct schema_attr drift_attrs[] = {
    {.name = "object",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "The object, as `Kind/namespace/name`."},
    {.name = "path",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "The path in it; empty for the object as a whole."},
    {.name = "wanted",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "What was written, as JSON; secrets are masked."},
    {.name = "found", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "What is there."},
    {.name = "manager",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "The field manager that wrote it."},
    {.name = "time", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "When (RFC 3339)."},
    {0},
};

// The objects of a release and how they are now, both without what belongs to controllers.
struct inventory {
    struct release_objects objects; // CRDs last
    struct kube_answer *live;
    struct kube_controlled *controlled; // the objects with it
};

static void leave_to_controllers(struct call *call, struct kube_client *kube, struct inventory *inventory) {
    size_t count = inventory->objects.count;
    struct kube_controlled *controlled = arena_array(call->arena, count + 1, sizeof *controlled);
    for (size_t i = 0; i < count; i++)
        controlled[i] = (struct kube_controlled){.manifest = inventory->objects.items[i].object,
                                                 .live = inventory->live[i].object};
    kube_find_scaled(call, kube, &(struct kube_autoscalers){NULL, 0}, controlled, count);
    for (size_t i = 0; i < count; i++) {
        struct value *manifest = &inventory->objects.items[i].object, *live = &inventory->live[i].object;
        *manifest = kube_left_to_controllers(call->arena, &controlled[i], *manifest);
        *live = kube_left_to_controllers(call->arena, &controlled[i], *live);
    }
    inventory->controlled = controlled;
}

static bool take_inventory(struct call *call, struct kube_client *kube, const struct release *release,
                           bool with_crds, struct inventory *out, struct err *err) {
    struct arena *arena = call->arena;
    struct release_objects objects, crds = {0};
    if (!release_objects_of(call, kube, release, &objects, err) ||
        (with_crds && !release_crds_stored(arena, release, &crds, err)))
        return false;
    size_t count = objects.count + crds.count;
    out->objects = (struct release_objects){arena_array(arena, count + 1, sizeof *objects.items), count};
    for (size_t i = 0; i < count; i++)
        out->objects.items[i] = i < objects.count ? objects.items[i] : crds.items[i - objects.count];
    struct kube_request *requests = arena_array(arena, count + 1, sizeof *requests);
    out->live = arena_array(arena, count + 1, sizeof *out->live);
    for (size_t i = 0; i < count; i++)
        requests[i] = (struct kube_request){.verb = KUBE_GET, .ref = out->objects.items[i].ref};
    struct err ignored = err_in(arena); // each answer carries its own
    kube_do_many(call, kube, requests, count, out->live, &ignored);
    for (size_t i = 0; i < count; i++)
        if (out->live[i].failure.kind != ERR_NONE && out->live[i].failure.kind != ERR_NOT_FOUND) {
            *err = out->live[i].failure;
            return err_wrap(err, "read %s", kube_ref_text(arena, &requests[i].ref));
        }
    leave_to_controllers(call, kube, out);
    return true;
}

// A Secret's stringData is write-only: the server turns it into data.
static struct value without_string_data(struct arena *arena, struct value object) {
    struct value plain = value_get(object, "stringData"), data = value_get(object, "data");
    if (value_is_null(plain) || !value_is_text(value_get(object, "kind"), "Secret"))
        return object;
    for (size_t i = 0; i < value_len(plain); i++) {
        const struct value_entry *entry = value_entry_at(plain, i);
        struct buf encoded;
        buf_init(&encoded, arena);
        if (value_kind(entry->value) == VALUE_STRING)
            base64_encode(&encoded, value_get_string(entry->value), value_len(entry->value));
        data = value_with(arena, data, entry->key, value_string(arena, buf_text(&encoded)));
    }
    return value_with(arena, value_without(arena, object, "stringData"), "data", data);
}

// Everything a manifest says but what names the object; of its metadata, labels and annotations.
static struct value content_of(struct arena *arena, struct value object) {
    static const char *const names[] = {"apiVersion", "kind", "metadata", "status"};
    struct value content = without_string_data(arena, object);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        content = value_without(arena, content, names[i]);
    return content;
}

static const char *const METADATA[] = {"labels", "annotations"};

// Calls back for every part of an object that is compared: its path, what is wanted, what is found.
typedef bool part_fn(void *data, const char *path, struct value wanted, struct value found);

static bool each_part(struct arena *arena, const struct release_object *object, struct value live,
                      part_fn *fn, void *data) {
    struct value content = content_of(arena, object->object);
    for (size_t i = 0; i < value_len(content); i++) {
        const struct value_entry *entry = value_entry_at(content, i);
        if (!fn(data, entry->key, entry->value, value_get(live, entry->key)))
            return false;
    }
    struct value wanted = value_map(arena, NULL, 0), found = wanted;
    for (size_t i = 0; i < sizeof METADATA / sizeof *METADATA; i++) {
        struct value ours = value_dig(object->object, "metadata", METADATA[i], NULL);
        if (value_is_null(ours))
            continue;
        wanted = value_with(arena, wanted, METADATA[i], ours);
        found = value_with(arena, found, METADATA[i], value_dig(live, "metadata", METADATA[i], NULL));
    }
    return fn(data, "metadata", wanted, found);
}

// ---- Reading ----

struct comparison {
    struct arena *arena;
    struct drift *drift;
    struct drift_part part; // what is the same for all parts of the object
};

// Labels and annotations that others add are their own business; inside the rest, what somebody is
// recorded to have added is drift.
static bool compare_part(void *data, const char *path, struct value wanted, struct value found) {
    struct comparison *c = data;
    struct value shown = found;
    if (!strcmp(path, "metadata"))
        for (size_t i = 0; i < value_len(wanted); i++) {
            const struct value_entry *field = value_entry_at(wanted, i);
            struct value theirs = value_get(found, field->key), kept = value_map(c->arena, NULL, 0);
            for (size_t j = 0; j < value_len(field->value); j++) {
                const char *key = value_entry_at(field->value, j)->key;
                if (value_has(theirs, key))
                    kept = value_with(c->arena, kept, key, value_get(theirs, key));
            }
            shown = value_with(c->arena, shown, field->key, kept);
        }
    struct drift_part part = c->part;
    part.path = path;
    part.wanted = wanted;
    part.found = shown;
    drift_compare(c->arena, c->drift, &part);
    return true;
}

static void compare(struct arena *arena, struct drift *drift, const struct inventory *inventory,
                    const struct kube_ignored *all, struct value baselines) {
    for (size_t i = 0; i < inventory->objects.count; i++) {
        const struct release_object *object = &inventory->objects.items[i];
        struct kube_ignored ignored = kube_ignored_of(arena, all, &object->ref);
        const char *text = kube_ref_text(arena, &object->ref);
        struct comparison c = {arena,
                               drift,
                               {.object = text,
                                .live = inventory->live[i].object,
                                .baseline = value_get(baselines, text),
                                .additions = DRIFT_ADDITIONS_OWNED,
                                .ignored = &ignored}};
        if (inventory->live[i].failure.kind != ERR_NOT_FOUND)
            each_part(arena, object, c.part.live, compare_part, &c);
        else if (!kube_goes_by_itself(object->object))
            drift_missing(arena, drift, text);
    }
}

// Somebody else's upgrade or rollback.
static void compare_revision(struct arena *arena, struct drift *drift, const struct release *release,
                             struct value noted) {
    if (value_is_null(noted) || value_get_int(noted) == release->revision)
        return;
    const char *object = release_text(arena, release->namespace, release->name);
    struct value_entry wanted[] = {{"revision", noted}};
    struct value_entry found[] = {{"revision", value_int(release->revision)}};
    drift_compare(arena, drift,
                  &(struct drift_part){.object = object,
                                       .path = "helm",
                                       .wanted = value_map(arena, wanted, 1),
                                       .found = value_map(arena, found, 1)});
}

static struct value object_names(struct arena *arena, const struct inventory *inventory) {
    struct value *names = arena_array(arena, inventory->objects.count + 1, sizeof *names);
    for (size_t i = 0; i < inventory->objects.count; i++)
        names[i] = value_string(arena, kube_ref_text(arena, &inventory->objects.items[i].ref));
    return value_list(arena, names, inventory->objects.count);
}

static bool wants_crds(struct value state) {
    return !strcmp(value_text_or(value_get(state, "crds"), "upgrade"), "upgrade");
}

// Earlier state holds them unsalted.
static void salt_baselines(struct arena *arena, struct resource_state *state) {
    struct value baselines = value_get(state->private, "baseline");
    struct value_entry *entries = arena_array(arena, value_len(baselines) + 1, sizeof *entries);
    for (size_t i = 0; i < value_len(baselines); i++) {
        const struct value_entry *entry = value_entry_at(baselines, i);
        entries[i] = (struct value_entry){entry->key, baseline_salted(arena, entry->value)};
    }
    if (value_len(baselines))
        state->private =
            value_with(arena, state->private, "baseline", value_map(arena, entries, value_len(baselines)));
}

// ---- What others wrote ----

// Helm stamps what it installs; whoever owns the stamps wrote the objects.
static struct value writers_of(struct arena *arena, const struct inventory *inventory) {
    static const struct path_step STAMP[] = {
        {.key = "metadata"}, {.key = "annotations"}, {.key = CLAIM_NAME}};
    struct value writers = value_list(arena, NULL, 0), seen = value_map(arena, NULL, 0);
    for (size_t i = 0; i < inventory->objects.count; i++) {
        struct kube_owners owners = kube_field_owners(arena, inventory->live[i].object, STAMP, 3);
        for (size_t j = 0; j < owners.count; j++) {
            const char *manager = owners.items[j].manager;
            if (owners.items[j].subresource || value_has(seen, manager))
                continue;
            seen = value_with(arena, seen, manager, value_bool(true));
            writers = value_append(arena, writers, value_string(arena, manager));
        }
    }
    return writers;
}

struct describing {
    struct arena *arena;
    struct value writers;
    bool only_additions;
    struct drift_part part; // what is the same for all parts, and the baseline so far
};

static bool describe_part(void *data, const char *path, struct value wanted, struct value found) {
    struct describing *d = data;
    if (!strcmp(path, "metadata"))
        return true;
    d->part.path = path;
    d->part.wanted = wanted;
    d->part.found = found;
    d->part.baseline = drift_baseline_of_others(d->arena, &d->part, d->writers, d->only_additions);
    return true;
}

// The objects' baselines as a dry run of the manifest tells them.
static struct value baselines_of_others(struct call *call, const struct operator_reading *reading,
                                        const struct inventory *inventory) {
    struct arena *arena = call->arena;
    size_t count = inventory->objects.count;
    struct kube_request *requests = arena_array(arena, count + 1, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, count + 1, sizeof *answers);
    struct err ignored = err_in(arena); // each answer carries its own
    struct value baselines = value_map(arena, NULL, 0), writers = writers_of(arena, inventory);
    for (size_t i = 0; i < count; i++)
        requests[i] = (struct kube_request){.verb = KUBE_APPLY,
                                            .ref = inventory->objects.items[i].ref,
                                            .body = inventory->objects.items[i].object,
                                            .manager = reading->manager,
                                            .force = true,
                                            .dry_run = true};
    kube_do_many(call, reading->kube, requests, count, answers, &ignored);
    for (size_t i = 0; i < count; i++) {
        const struct release_object *object = &inventory->objects.items[i];
        bool told = answers[i].failure.kind == ERR_NONE;
        struct value live = inventory->live[i].object;
        struct value made = kube_left_to_controllers(arena, &inventory->controlled[i], answers[i].object);
        struct kube_ignored left = kube_ignored_of(arena, reading->ignored, &object->ref);
        struct describing d = {arena, writers, !told, {.live = told ? made : live, .ignored = &left}};
        if (inventory->live[i].failure.kind != ERR_NONE)
            continue;
        each_part(arena, object, d.part.live, describe_part, &d);
        if (!value_is_null(d.part.baseline))
            baselines = value_with(arena, baselines, kube_ref_text(arena, &object->ref), d.part.baseline);
    }
    return baselines;
}

bool operator_drift_read(struct call *call, const struct operator_reading *reading,
                         const struct release *release, struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    struct inventory inventory;
    struct drift drift = {.manager = reading->manager, .hidden = call->hidden};
    if (!take_inventory(call, reading->kube, release, wants_crds(state->value), &inventory, err))
        return false;
    if (reading->first && !value_has(state->private, "baseline"))
        state->private =
            value_with(arena, state->private, "baseline", baselines_of_others(call, reading, &inventory));
    salt_baselines(arena, state);
    compare(arena, &drift, &inventory, reading->ignored, value_get(state->private, "baseline"));
    compare_revision(arena, &drift, release, value_get(state->private, "revision"));
    drift_warn(call, &drift, release_text(arena, release->namespace, release->name), DRIFT_FOUND,
               DRIFT_OUTLOOK);
    struct value value = value_with(arena, state->value, "drift_found", drift_to_value(arena, &drift));
    state->value = value_with(arena, value, "objects", object_names(arena, &inventory));
    return true;
}

// ---- After a write ----

struct settling {
    struct call *call;
    struct drift_removal removal; // of the part at hand
    const struct kube_controlled *controlled;
    struct value live;
    struct value baseline; // so far
    struct err *err;
};

enum { TRIES = 5 };

// The patch is guarded by the resourceVersion, and controllers write the object's status at just this time:
// what fails because of that is tried on the newer object.
static bool remove_additions(struct settling *s) {
    for (int i = 1;; i++) {
        s->live = kube_left_to_controllers(s->call->arena, s->controlled, s->live);
        if (drift_remove_additions(s->call, &s->removal, &s->live, s->err)) {
            s->err->kind = ERR_NONE;
            return true;
        }
        struct value newer;
        struct err unread = err_in(s->call->arena);
        if (i == TRIES || (s->err->kind != ERR_REFUSED && s->err->kind != ERR_CONFLICT) ||
            !kube_get(s->call, s->removal.kube, &s->removal.ref, &newer, &unread))
            return false;
        s->live = newer;
    }
}

static bool settle_part(void *data, const char *path, struct value wanted, struct value found) {
    struct settling *s = data;
    s->removal.part.path = path;
    s->removal.part.wanted = wanted;
    struct drift_part after = s->removal.part;
    if (strcmp(path, "metadata") != 0) {
        if (!remove_additions(s))
            return false;
        s->live = kube_left_to_controllers(s->call->arena, s->controlled, s->live);
        found = value_get(s->live, path);
    }
    after.found = found;
    after.baseline = s->baseline;
    s->baseline = drift_baseline(s->call->arena, &after);
    return true;
}

bool operator_drift_settle(struct call *call, const struct operator_reading *reading,
                           const struct release *release, struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    struct inventory inventory;
    struct value baselines = value_map(arena, NULL, 0);
    if (!take_inventory(call, reading->kube, release, wants_crds(state->value), &inventory, err))
        return false;
    for (size_t i = 0; i < inventory.objects.count; i++) {
        const struct release_object *object = &inventory.objects.items[i];
        struct kube_ignored ignored = kube_ignored_of(arena, reading->ignored, &object->ref);
        struct settling s = {.call = call,
                             .removal = {reading->kube,
                                         object->ref,
                                         reading->manager,
                                         {.additions = DRIFT_ADDITIONS_OWNED, .ignored = &ignored}},
                             .controlled = &inventory.controlled[i],
                             .live = inventory.live[i].object,
                             .err = err};
        if (inventory.live[i].failure.kind != ERR_NONE)
            continue; // gone already; the next read says so
        if (!each_part(arena, object, s.live, settle_part, &s))
            return false;
        if (!value_is_null(s.baseline))
            baselines = value_with(arena, baselines, kube_ref_text(arena, &object->ref), s.baseline);
    }
    state->private = value_with(arena, state->private, "baseline", baselines);
    struct value value = value_with(arena, state->value, "drift_found", value_list(arena, NULL, 0));
    state->value = value_with(arena, value, "objects", object_names(arena, &inventory));
    return true;
}
