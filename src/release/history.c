// SPDX-License-Identifier: Apache-2.0
// What the records of a release say together.
#include "release/private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static bool is(const struct stored *stored, const char *status) {
    return !strcmp(stored->release.status, status);
}

struct stored *history_newest(const struct history *history) {
    return history->count ? &history->items[history->count - 1] : NULL;
}

struct stored *history_deployed(const struct history *history) {
    for (size_t i = history->count; i-- > 0;)
        if (is(&history->items[i], "deployed"))
            return &history->items[i];
    return NULL;
}

bool history_is_new(const struct history *history) {
    if (history->count && is(history_newest(history), "uninstalled"))
        return true;
    for (size_t i = 0; i < history->count; i++)
        if (is(&history->items[i], "deployed") || is(&history->items[i], "superseded"))
            return false;
    return true;
}

static const char *writer(struct value secret, size_t i) {
    struct value fields = value_dig(secret, "metadata", "managedFields", NULL);
    const char *name = value_dig_string(value_at(fields, i), "manager", NULL);
    return name ? name : "";
}

static size_t writers(struct value secret) {
    return value_len(value_dig(secret, "metadata", "managedFields", NULL));
}

bool history_wrote(const struct stored *stored, const char *manager) {
    for (size_t i = 0; i < writers(stored->secret); i++)
        if (!strcmp(writer(stored->secret, i), manager))
            return true;
    return false;
}

bool history_is_ours(const struct history *history, const char *manager) {
    for (size_t i = 0; i < history->count; i++)
        for (size_t j = 0; j < writers(history->items[i].secret); j++)
            if (strcmp(writer(history->items[i].secret, j), manager) != 0)
                return false;
    return history->count > 0;
}

bool history_has_manager(const struct run *run, const char *manager) {
    if (!strcmp(manager, run->manager))
        return false;
    for (size_t i = 0; i < run->history.count; i++)
        if (history_wrote(&run->history.items[i], manager))
            return true;
    return false;
}

static bool came_to_nothing(const struct stored *stored) {
    return is(stored, "failed") || !strncmp(stored->release.status, "pending-", 8);
}

const char *history_owner(const struct history *history) {
    for (int turn = 0; turn < 2; turn++)
        for (size_t i = history->count; i-- > 0;)
            if (history->items[i].release.owner && (turn || !came_to_nothing(&history->items[i])))
                return history->items[i].release.owner;
    return NULL;
}

bool history_objects(struct run *run, struct release_objects *out, struct err *err) {
    const struct stored *deployed = history_deployed(&run->history);
    size_t first = deployed ? (size_t)(deployed - run->history.items) : 0;
    *out = (struct release_objects){0};
    for (size_t i = first; i < run->history.count; i++) {
        struct release_objects objects;
        if (!objects_parse(run->call, run->kube, &run->history.items[i].release, false, &objects, err))
            return false;
        *out = objects_minus(run->call->arena, out, &objects);
        objects_add(run->call->arena, out, &objects);
    }
    return true;
}
