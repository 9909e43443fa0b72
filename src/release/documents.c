// SPDX-License-Identifier: Apache-2.0
// What one YAML document holds, as Helm's builder (k8s.io/cli-runtime pkg/resource) finds it: nothing in an
// empty one, the items of a list, else the object itself.
#include "release/private.h"

#include "base/buf.h"
#include "codec/yaml.h"

#include <string.h>

static void add(struct arena *arena, struct objects *objects, struct value object) {
    size_t old = objects->count, size = sizeof *objects->items;
    if ((old & (old - 1)) == 0)
        objects->items = arena_grow(arena, objects->items, old * size, (old ? old * 2 : 1) * size);
    objects->items[objects->count++] = object;
}

static bool has_text(struct value map, const char *key) {
    const char *text = value_dig_string(map, key, NULL);
    return text && *text;
}

// What every object has to say; a list need not have a name.
static bool check_head(struct arena *arena, struct value object, bool named, struct err *err) {
    const char *missing[3];
    size_t count = 0;
    struct buf text;
    if (!has_text(object, "apiVersion"))
        missing[count++] = "apiVersion";
    if (!has_text(object, "kind"))
        missing[count++] = "kind";
    if (named && !has_text(value_get(object, "metadata"), "name"))
        missing[count++] = "metadata.name";
    if (!count)
        return true;
    buf_init(&text, arena);
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s%s", !i ? "" : i + 1 < count ? ", " : " and ", missing[i]);
    return err_set(err, ERR_INVALID, "no Kubernetes object: %s %s missing", buf_text(&text),
                   count > 1 ? "are" : "is");
}

// An item that says neither is of the list's version and of the kind that its name begins with.
static struct value with_type(struct arena *arena, struct value item, struct value list) {
    const char *kind = value_text_or(value_get(list, "kind"), "");
    bool typed = has_text(item, "apiVersion") || has_text(item, "kind");
    if (typed || value_kind(item) != VALUE_MAP || !strcmp(kind, "List") || !documents_is_list_kind(kind))
        return item;
    item = value_with(arena, item, "apiVersion", value_get(list, "apiVersion"));
    return value_with(arena, item, "kind", value_string_len(arena, kind, strlen(kind) - 4));
}

bool documents_is_list_kind(const char *kind) {
    size_t len = strlen(kind);
    return len >= 4 && !strcmp(kind + len - 4, "List");
}

static bool add_items(struct arena *arena, struct value list, struct objects *out, struct err *err) {
    struct value items = value_get(list, "items");
    if (!check_head(arena, list, false, err))
        return false;
    if (value_kind(items) != VALUE_LIST)
        return err_set(err, ERR_INVALID, "its items (kind %s) must be a list of objects, found %s",
                       value_dig_string(list, "kind", NULL),
                       value_has(list, "items") ? value_kind_name(items) : "none");
    for (size_t i = 0; i < value_len(items); i++) {
        struct value item = with_type(arena, value_at(items, i), list);
        if (value_kind(value_get(item, "items")) == VALUE_LIST)
            return err_set(err, ERR_INVALID, "items[%zu]: a list within a list, which helm does not take", i);
        if (!check_head(arena, item, true, err))
            return err_wrap(err, "items[%zu]", i);
        add(arena, out, item);
    }
    return true;
}

bool documents_is_list(struct value document) {
    return value_has(document, "items") || value_is_text(value_get(document, "kind"), "List");
}

bool documents_add(struct arena *arena, struct value document, struct objects *out, struct err *err) {
    if (value_is_null(document))
        return true;
    if (documents_is_list(document))
        return add_items(arena, document, out, err);
    if (!check_head(arena, document, true, err))
        return false;
    add(arena, out, document);
    return true;
}

static bool has_event(const struct helm_hook *hook, const char *event) {
    for (size_t i = 0; i < hook->event_count; i++)
        if (!strcmp(hook->events[i], event))
            return true;
    return false;
}

static bool check_hook(struct arena *arena, const struct helm_hook *hook, struct err *err) {
    struct value document;
    struct objects ignored = {0};
    if (yaml_decode(arena, hook->manifest, strlen(hook->manifest), YAML_NUMBERS_EXACT, &document, err) &&
        documents_add(arena, document, &ignored, err))
        return true;
    return err_wrap(err, "%s, document %zu", hook->path, hook->document);
}

bool documents_check(struct arena *arena, const struct helm_rendered *rendered, const char *const events[2],
                     struct err *err) {
    struct objects ignored = {0};
    for (size_t i = 0; i < rendered->manifest_count; i++)
        if (!documents_add(arena, rendered->manifests[i].object, &ignored, err))
            return err_wrap(err, "%s, document %zu", rendered->manifests[i].source,
                            rendered->manifests[i].document);
    for (size_t i = 0; i < rendered->hook_count; i++)
        if ((has_event(&rendered->hooks[i], events[0]) || has_event(&rendered->hooks[i], events[1])) &&
            !check_hook(arena, &rendered->hooks[i], err))
            return false;
    return true;
}
