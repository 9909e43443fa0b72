// SPDX-License-Identifier: Apache-2.0
#include "provider/secret_plan.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_AT_MOST = 100 };

const struct type secret_versions_type = {.kind = TYPE_MAP, .elem = &type_number};

static const char VERSIONS[] = "secret_versions";

static int64_t count_at(struct value versions, const char *path) {
    struct value count = value_get(versions, path);
    return value_kind(count) == VALUE_INT ? value_get_int(count) : 1;
}

static void push(struct arena *arena, struct secret_texts *list, const char *text) {
    list->items = arena_grow(arena, list->items, list->count * sizeof *list->items,
                             (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = text;
}

struct secret_texts secret_paths_of(struct arena *arena, const struct secrets *secrets) {
    struct secret_texts texts = {0};
    for (size_t i = 0; i < secrets->count; i++)
        push(arena, &texts, secrets->items[i].path);
    return texts;
}

static bool is_known(const struct secret_claims *claims) {
    for (size_t i = 0; i < claims->count; i++)
        if (!value_is_known(claims->trees[i]))
            return false;
    return true;
}

// Noted before and not given now, or given in the plain attribute before and nowhere now.
static struct secret_texts kept_paths(struct arena *arena, const struct secret_config *config,
                                      struct value note, struct value plain) {
    struct value hashes = secrets_noted(note);
    struct secret_claims by_name = config->claims;
    by_name.noted = value_null();
    struct secrets removed = secrets_kept(arena, plain, &by_name);
    struct secret_texts kept = secret_paths_of(arena, &removed);
    for (size_t i = 0; i < value_len(hashes); i++) {
        const char *path = value_entry_at(hashes, i)->key;
        if (secret_claim_of(arena, &config->claims, path) == SECRET_UNCLAIMED)
            push(arena, &kept, path);
    }
    return kept;
}

// `planned`: a write-only value may be another one at apply, so of one that is the same now the number is not
// promised. One that is another now stays so.
static struct value count_on(struct arena *arena, const struct secret_config *config,
                             const struct resource_state *prior, const struct secret_texts *kept,
                             bool planned) {
    struct value note = value_get(prior->private, "secrets"), before = value_get(prior->value, VERSIONS);
    size_t count = 0;
    struct value_entry *entries = arena_array(arena, config->given.count + kept->count + 1, sizeof *entries);
    for (size_t i = 0; i < config->given.count; i++) {
        const char *path = config->given.items[i].path;
        enum secret_change change = secrets_change(arena, &config->given, path, note);
        int64_t number = change == SECRET_ADDED ? 1 : count_at(before, path) + (change == SECRET_CHANGED);
        bool open = planned && change == SECRET_SAME;
        entries[count++] = (struct value_entry){path, open ? value_unknown() : value_int(number)};
    }
    for (size_t i = 0; i < kept->count; i++)
        entries[count++] = (struct value_entry){kept->items[i], value_int(count_at(before, kept->items[i]))};
    return value_map(arena, entries, count);
}

struct secret_plan secret_plan_of(struct arena *arena, const struct secret_config *config,
                                  const struct resource_state *prior, struct value plain) {
    if (value_is_null(prior->value))
        return (struct secret_plan){.changes = true, .versions = value_unknown()};
    struct value note = value_get(prior->private, "secrets");
    struct secret_plan plan = {.changes = secrets_changed(arena, &config->given, &config->claims, note),
                               .kept = kept_paths(arena, config, note, plain),
                               .versions = value_unknown()};
    plan.counted = count_on(arena, config, prior, &plan.kept, false);
    if (is_known(&config->claims))
        plan.versions = count_on(arena, config, prior, &plan.kept, true);
    return plan;
}

struct value secret_versions_written(struct arena *arena, struct value planned, struct value counted,
                                     struct value note) {
    struct value paths = value_kind(planned) == VALUE_UNKNOWN ? secrets_noted(note) : planned;
    struct value_entry *entries = arena_array(arena, value_len(paths) + 1, sizeof *entries);
    if (value_is_null(paths) && value_is_null(planned))
        return planned;
    for (size_t i = 0; i < value_len(paths); i++) {
        const struct value_entry *entry = value_entry_at(paths, i);
        bool settled = value_kind(entry->value) == VALUE_INT;
        entries[i] = (struct value_entry){entry->key,
                                          settled ? entry->value : value_int(count_at(counted, entry->key))};
    }
    return value_map(arena, entries, value_len(paths));
}

struct value secret_versions_read(struct arena *arena, struct value before, const struct secrets_seen *seen) {
    struct value now = secret_versions_written(arena, value_unknown(), before, seen->note);
    for (size_t i = 0; i < seen->moved.count; i++) {
        const char *path = seen->moved.items[i];
        if (value_has(now, path))
            now = value_with(arena, now, path, value_int(count_at(before, path) + 1));
    }
    return now;
}

// ---- Warnings ----

static const char *taker(const struct secret_words *words, const char *path) {
    return words->license_at && !strcmp(words->license_at, path) ? "license_wo" : words->attribute;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *lines(struct arena *arena, const struct secret_words *words,
                         const struct secret_texts *paths) {
    struct buf out;
    buf_init(&out, arena);
    qsort(paths->items, paths->count, sizeof *paths->items, by_text);
    for (size_t i = 0; i < paths->count && i < SHOWN_AT_MOST; i++)
        buf_printf(&out, "  %s%s (%s)\n", words->prefix, paths->items[i], taker(words, paths->items[i]));
    if (paths->count > SHOWN_AT_MOST)
        buf_printf(&out, "  … and %zu more\n", paths->count - SHOWN_AT_MOST);
    return buf_text(&out);
}

void secret_plan_warn_kept(struct call *call, const struct secret_words *words,
                           const struct secret_texts *kept) {
    if (kept->count)
        call_warn(call, subject_many(words->object, kept->count, "path"), "Secrets kept in",
                  "It has secrets that this configuration does not give. Every write keeps them as they "
                  "are:\n\n%s\nTo manage one, give its value in the attribute named beside it. To have one "
                  "removed, write null at its path, or at an object around it, in %s or %s.%s",
                  lines(call->arena, words, kept), words->plain, words->attribute,
                  words->replaced
                      ? " Where it is destroyed first (it is tainted, or -replace), they are lost "
                        "with it."
                      : "");
}

void secret_plan_warn_replaced(struct call *call, const struct secret_words *words,
                               const struct secret_texts *lost) {
    if (lost->count)
        call_warn(
            call, subject_many(words->object, lost->count, "path"), "Secrets go with",
            "It has secrets that this configuration does not give. It is to be destroyed and made anew, "
            "and they are lost with it:\n\n%s\nGive them in the attributes named beside them; or keep "
            "the object, with `terraform untaint ADDRESS`, without -replace, or under its name.",
            lines(call->arena, words, lost));
}
