// SPDX-License-Identifier: Apache-2.0
// What of the user's values no template looks at. Values carry a note through maps, copies and merges of
// templates; a rendering that runs every branch then leaves the notes unseen that nothing asks for.
#include "funcs/funcs.h"
#include "helm/coalesce.h"
#include "helm/engine.h"

#include <string.h>

enum { NOTES_MAX = UINT16_MAX, STEPS_MAX = 20000000 }; // of a file: none of W&B's chart takes 300000

struct noting {
    struct arena *arena;
    size_t count; // notes given so far; those beyond NOTES_MAX stay without, and count as seen
    bool *seen;
};

static struct noted note_map(struct noting *n, const char *key, struct value v) {
    struct noted noted = {.key = key, .note = (uint16_t)(n->count < NOTES_MAX ? ++n->count : 0)};
    if (value_kind(v) != VALUE_MAP)
        return noted;
    noted.entries = arena_array(n->arena, value_len(v) + 1, sizeof *noted.entries);
    noted.count = value_len(v);
    for (size_t i = 0; i < noted.count; i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        noted.entries[i] = note_map(n, entry->key, entry->value);
    }
    return noted;
}

// Helm itself looks at the paths of conditions.
static void see_path(struct noting *n, const struct noted *map, const char *path) {
    while (map && *path) {
        size_t len = strcspn(path, ".");
        map = noted_at(map, arena_strndup(n->arena, path, len));
        if (map)
            n->seen[map->note] = true;
        path += len + (path[len] == '.');
    }
}

static void see_conditions(struct noting *n, const struct helm_chart *chart, const struct noted *values) {
    for (size_t i = 0; i < chart->requirement_count; i++) {
        const char *at = chart->requirements[i]->condition;
        while (*(at += strspn(at, ", \t"))) {
            size_t len = strcspn(at, ", \t");
            see_path(n, values, arena_strndup(n->arena, at, len));
            at += len;
        }
    }
}

static void see_all_conditions(struct noting *n, const struct helm_chart *chart, const struct noted *values) {
    see_conditions(n, chart, values);
    for (size_t i = 0; i < chart->dependency_count; i++)
        see_all_conditions(n, chart->dependencies[i], noted_at(values, chart->dependencies[i]->name));
}

// Keys and hashes take their time and depend on no path alone.
static bool give_nothing(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_nil();
    return true;
}

static const struct rt_func *quick_functions(enum template_profile profile, const char *name, size_t len) {
    static const struct rt_func NOTHING = {"nothing", "v*", give_nothing, 0};
    static const char *const SLOW[] = {"genCA",    "genPrivateKey", "genSelfSigned", "genSigned",
                                       "htpasswd", "bcrypt",        "derivePassword"};
    for (size_t i = 0; i < sizeof SLOW / sizeof *SLOW; i++)
        if (len >= strlen(SLOW[i]) && !memcmp(name, SLOW[i], strlen(SLOW[i])))
            return &NOTHING;
    return funcs_find(profile, name, len);
}

// ---- what came of it ----

static bool anything_seen(const struct noting *n, const struct noted *noted) {
    if (!noted->note || n->seen[noted->note])
        return true;
    for (size_t i = 0; i < noted->count; i++)
        if (anything_seen(n, &noted->entries[i]))
            return true;
    return false;
}

static struct value unseen_of(const struct noting *n, const struct noted *map, struct value v) {
    size_t count = 0;
    struct value_entry *entries = arena_array(n->arena, map->count + 1, sizeof *entries);
    for (size_t i = 0; i < map->count; i++) {
        const struct noted *noted = &map->entries[i];
        struct value own = value_get(v, noted->key);
        struct value unseen = own;
        if (anything_seen(n, noted)) {
            if (!noted->count)
                continue;
            unseen = unseen_of(n, noted, own);
            if (!value_len(unseen))
                continue;
        }
        entries[count++] = (struct value_entry){noted->key, unseen};
    }
    return value_map(n->arena, entries, count);
}

bool helm_values_unread(struct call *call, struct helm_chart *chart, struct value user, struct value *unread,
                        struct err *err) {
    struct arena *arena = call->arena;
    struct coalescing coalescing = {.chart = chart->name, .arena = arena};
    struct helm_render_options options = {.release_name = "release"};
    struct rendering rendering = {
        .chart = chart, .options = &options, .functions = quick_functions, .steps = STEPS_MAX};
    struct rendered_files files;
    struct noting n = {.arena = arena};
    struct noted root = note_map(&n, "", user);
    n.seen = arena_array(arena, n.count + 1, sizeof *n.seen);
    if (!engine_kube_version(arena, chart->profile, &options.capabilities, &rendering.version, err) ||
        !helm_values_prepare_every(call, chart, user, err))
        return false;
    see_all_conditions(&n, chart, &root);
    rendering.values = coalesce_chart(&coalescing, chart, table_from_value(arena, user), err);
    rendering.noted = &root;
    rendering.seen = n.seen;
    if (!rendering.values || !engine_render(call, &rendering, &files, err))
        return false;
    *unread = unseen_of(&n, &root, user);
    return true;
}
