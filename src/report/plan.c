// SPDX-License-Identifier: Apache-2.0
// A plan as `terraform show -json` prints it: one document
// (https://developer.hashicorp.com/terraform/internals/json-format).
#include "report/read.h"

#include "base/list.h"
#include "codec/json.h"
#include "drift/secret_names.h"
#include "value/diff.h"

#include <stdlib.h>
#include <string.h>

struct report_resource *report_resource_at(struct arena *arena, struct report *report, const char *address) {
    for (size_t i = 0; i < report->count; i++)
        if (!strcmp(report->resources[i].address, address))
            return &report->resources[i];
    struct report_resource *resource = LIST_ADD(arena, report->resources, report->count);
    *resource = (struct report_resource){.address = address, .action = "no-op"};
    return resource;
}

bool report_is_ours(const char *type) {
    return !strncmp(type, "wandb_", 6);
}

// ---- what drifted ----

static const char *member(struct value item, const char *name) {
    return value_text_or(value_get(item, name), "");
}

static void add_drifts(struct arena *arena, struct report_resource *resource, struct value list) {
    if (resource->drift_count)
        return;
    for (size_t i = 0; i < value_len(list); i++) {
        struct value item = value_at(list, i);
        *LIST_ADD(arena, resource->drifts, resource->drift_count) =
            (struct report_drift){.object = member(item, "object"),
                                  .path = member(item, "path"),
                                  .wanted = member(item, "wanted"),
                                  .found = member(item, "found"),
                                  .manager = member(item, "manager"),
                                  .time = member(item, "time")};
    }
}

// Terraform found that the object is gone: all of it drifted.
static void add_gone(struct arena *arena, struct report_resource *resource, struct value before) {
    const char *namespace = value_text_or(value_get(before, "namespace"), "default");
    const char *kind = strstr(resource->address, "wandb_operator.") ? "Release" : "WeightsAndBiases";
    *LIST_ADD(arena, resource->drifts, resource->drift_count) = (struct report_drift){
        .object = arena_printf(arena, "%s/%s/%s", kind, namespace, member(before, "name")),
        .path = "",
        .wanted = "present",
        .found = "absent",
        .manager = "",
        .time = ""};
}

// ---- what the plan changes ----

static struct value masked(struct arena *arena, struct value v, struct value marks, const char *word) {
    if (value_kind(marks) == VALUE_BOOL)
        return value_get_bool(marks) ? value_string_ref(word) : v;
    size_t count = value_len(marks);
    if (value_kind(marks) == VALUE_LIST && value_kind(v) == VALUE_LIST) {
        struct value *items = arena_array(arena, value_len(v) + 1, sizeof *items);
        for (size_t i = 0; i < value_len(v); i++)
            items[i] = i < count ? masked(arena, value_at(v, i), value_at(marks, i), word) : value_at(v, i);
        return value_list(arena, items, value_len(v));
    }
    for (size_t i = 0; value_kind(marks) == VALUE_MAP && i < count; i++) {
        const struct value_entry *mark = value_entry_at(marks, i);
        struct value own = value_kind(v) == VALUE_MAP ? value_get(v, mark->key) : value_null();
        struct value hidden = masked(arena, own, mark->value, word);
        if (!value_is_null(hidden) && (value_kind(v) == VALUE_MAP || value_is_null(v)))
            v = value_with(arena, value_is_null(v) ? value_map(arena, NULL, 0) : v, mark->key, hidden);
    }
    return v;
}

// Without what is reported by itself, and what the provider gives anew at every write.
static struct value compared(struct arena *arena, struct value state, struct value unknown) {
    state = value_without(arena, value_kind(state) == VALUE_MAP ? state : value_map(arena, NULL, 0),
                          "drift_found");
    for (size_t i = 0; value_kind(unknown) == VALUE_MAP && i < value_len(unknown); i++) {
        const struct value_entry *entry = value_entry_at(unknown, i);
        if (value_kind(entry->value) == VALUE_BOOL && value_get_bool(entry->value))
            state = value_without(arena, state, entry->key);
    }
    return state;
}

// ---- one changed path, without secrets ----

// `v` without what is secret by its name or form.
static struct value without_secrets(struct arena *arena, struct value v, const char *path) {
    if (secret_names_leaf(path, v))
        return value_string_ref(REPORT_SENSITIVE);
    size_t count = value_len(v);
    if (value_kind(v) == VALUE_LIST) {
        struct value *items = arena_array(arena, count + 1, sizeof *items);
        for (size_t i = 0; i < count; i++)
            items[i] = without_secrets(arena, value_at(v, i), arena_printf(arena, "%s[%zu]", path, i));
        return value_list(arena, items, count);
    }
    if (value_kind(v) != VALUE_MAP)
        return v;
    struct value_entry *entries = arena_array(arena, count + 1, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        const char *below = arena_printf(arena, "%s.%s", path, secret_names_key(v, entry->key));
        entries[i] = (struct value_entry){entry->key, without_secrets(arena, entry->value, below)};
    }
    return value_map(arena, entries, count);
}

static bool is_word(struct value v) {
    return value_is_text(v, REPORT_SENSITIVE) || value_is_text(v, REPORT_UNKNOWN);
}

// How many of the steps lead to what Terraform marks as sensitive or unknown as a whole; all when none does.
static size_t steps_to_mark(struct value masked, const struct path_step *steps, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct value there;
        if (!path_get(masked, steps, i, &there))
            return count;
        if (is_word(there))
            return i;
    }
    return count;
}

static const char *path_of(struct arena *arena, const struct path_step *steps, size_t count) {
    struct path *places = arena_array(arena, count + 1, sizeof *places);
    for (size_t i = 0; i < count; i++)
        places[i] = (struct path){i ? &places[i - 1] : NULL, steps[i]};
    return path_text(arena, count ? &places[count - 1] : NULL);
}

// What stands there. A member of a map is judged by the name that it goes by: that of a container's variable
// is beside its value.
static const char *word_of(struct arena *arena, struct value masked, const struct path_step *steps,
                           size_t count) {
    struct value there, parent;
    const char *name = count ? steps[count - 1].key : NULL;
    if (!path_get(masked, steps, count, &there) || value_is_null(there))
        return "absent";
    const char *path = path_of(arena, steps, count);
    if (name && count > 1 && path_get(masked, steps, count - 1, &parent))
        path = arena_printf(arena, "%s.%s", path_of(arena, steps, count - 1), secret_names_key(parent, name));
    there = without_secrets(arena, there, path);
    return is_word(there) ? value_get_string(there) : json_text(arena, there);
}

// Both sides as Terraform marks them.
struct sides {
    struct value before, after;
};

static void add_difference(struct arena *arena, struct report_resource *resource, const struct sides *masked,
                           const char *path) {
    struct err ignored = err_in(arena);
    const struct path_step *steps;
    size_t count;
    if (!path_parse(arena, path, &steps, &count, &ignored))
        return;
    size_t before = steps_to_mark(masked->before, steps, count),
           after = steps_to_mark(masked->after, steps, count);
    count = before < after ? before : after;
    path = path_of(arena, steps, count);
    if (resource->change_count && !strcmp(resource->changes[resource->change_count - 1].path, path))
        return; // another place in the same marked value
    struct report_change change = {.path = path,
                                   .before = word_of(arena, masked->before, steps, count),
                                   .after = word_of(arena, masked->after, steps, count)};
    if (!strcmp(change.after, REPORT_SENSITIVE) && !strcmp(change.before, REPORT_SENSITIVE))
        change.after = "(another sensitive value)";
    *LIST_ADD(arena, resource->changes, resource->change_count) = change;
}

static void add_changes(struct arena *arena, struct report_resource *resource, struct value change) {
    struct value unknown = value_get(change, "after_unknown"), before = value_get(change, "before");
    struct value after = value_get(change, "after");
    if (value_is_null(before) || value_is_null(after))
        return; // all of it comes or goes: the action says so
    before = compared(arena, before, unknown);
    after = masked(arena, compared(arena, after, unknown), unknown, REPORT_UNKNOWN);
    after = compared(arena, after, unknown);
    struct sides shown = {masked(arena, before, value_get(change, "before_sensitive"), REPORT_SENSITIVE),
                          masked(arena, after, value_get(change, "after_sensitive"), REPORT_SENSITIVE)};
    struct diff diff = diff_values(arena, before, after, "", true);
    for (size_t i = 0; i < diff.count; i++)
        add_difference(arena, resource, &shown, diff.items[i].path);
}

static const char *action_of(struct value actions) {
    if (value_len(actions) > 1)
        return "replace";
    return value_text_or(value_at(actions, 0), "no-op");
}

static void add_change(struct arena *arena, struct report *report, struct value item) {
    struct value change = value_get(item, "change");
    if (!report_is_ours(member(item, "type")) || strcmp(member(item, "mode"), "managed") != 0)
        return;
    struct report_resource *resource = report_resource_at(arena, report, member(item, "address"));
    resource->action =
        value_len(value_get(change, "actions")) ? action_of(value_get(change, "actions")) : "no-op";
    add_drifts(arena, resource, value_dig(change, "before", "drift_found", NULL));
    add_changes(arena, resource, change);
}

static void add_outside(struct arena *arena, struct report *report, struct value item) {
    struct value change = value_get(item, "change");
    if (!report_is_ours(member(item, "type")) || strcmp(member(item, "mode"), "managed") != 0)
        return;
    struct report_resource *resource = report_resource_at(arena, report, member(item, "address"));
    if (value_is_null(value_get(change, "after")))
        add_gone(arena, resource, value_get(change, "before"));
    else
        add_drifts(arena, resource, value_dig(change, "after", "drift_found", NULL));
}

void report_read_plan(struct arena *arena, struct value plan, struct report *out) {
    struct value changes = value_get(plan, "resource_changes"), outside = value_get(plan, "resource_drift");
    for (size_t i = 0; i < value_len(changes); i++)
        add_change(arena, out, value_at(changes, i));
    for (size_t i = 0; i < value_len(outside); i++)
        add_outside(arena, out, value_at(outside, i));
    if (value_kind(value_get(plan, "errored")) == VALUE_BOOL && value_get_bool(value_get(plan, "errored")))
        *LIST_ADD(arena, out->errors, out->error_count) = "The plan is incomplete: planning failed.";
}
