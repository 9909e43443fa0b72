// SPDX-License-Identifier: Apache-2.0
#include "kube/ignored.h"

#include "base/list.h"
#include "kube/fields.h"
#include "value/walk.h"

#include <fnmatch.h>
#include <string.h>

// ---- reading patterns ----

static const char BLANKS[] = " \t";

static bool is_none(const char *place, const char *text, const char *why, struct err *err) {
    return err_at(err, place,
                  "%s is \"%s\": %s. It must be KIND/NAME PATH or KIND/NAMESPACE/NAME PATH, for example "
                  "\"Deployment/wandb-controller-manager spec.replicas\".",
                  place, text, why);
}

// "Kind.group/namespace/name", where the middle may be missing.
static bool read_object(struct arena *arena, const char *text, struct kube_ignored_rule *out) {
    const char *first = strchr(text, '/'), *second = first ? strchr(first + 1, '/') : NULL;
    const char *dot = strchr(text, '.'), *name = second ? second + 1 : first ? first + 1 : "";
    *out = (struct kube_ignored_rule){.name = name};
    if (!first || first == text || dot == text || !*name || strchr(name, '/') || second == first + 1)
        return false;
    bool grouped = dot && dot < first;
    out->kind = arena_strndup(arena, text, (size_t)((grouped ? dot : first) - text));
    if (grouped)
        out->group = arena_strndup(arena, dot + 1, (size_t)(first - dot - 1));
    if (second)
        out->namespace = arena_strndup(arena, first + 1, (size_t)(second - first - 1));
    return true;
}

// Paths know no index "*"; as a key it means both here.
static const char *with_keys_for_stars(struct arena *arena, const char *text) {
    struct buf out;
    buf_init(&out, arena);
    for (bool quoted = false; *text; text++) {
        if (*text == '\\' && text[1] && quoted)
            buf_char(&out, *text++);
        else if (*text == '"')
            quoted = !quoted;
        bool star = !quoted && !strncmp(text, "[*]", 3);
        if (star && out.len)
            buf_char(&out, '.');
        text += star;
        buf_char(&out, *text);
        text += star;
    }
    return buf_text(&out);
}

// What is compared of an object (drift), and so can be left to others.
static const char *why_not_compared(const struct kube_ignored_rule *rule) {
    static const char *const NEVER[] = {"apiVersion", "kind", "status"};
    const char *first = rule->count ? rule->steps[0].key : NULL;
    const char *second = rule->count > 1 ? rule->steps[1].key : NULL;
    if (!first || strpbrk(first, "*?["))
        return "its path must begin with the name of a field";
    if (!strcmp(first, "metadata") &&
        (!second || (strcmp(second, "labels") && strcmp(second, "annotations"))))
        return "of an object's metadata only labels and annotations are compared";
    for (size_t i = 0; i < sizeof NEVER / sizeof *NEVER; i++)
        if (!strcmp(first, NEVER[i]))
            return "its path is not one that is compared";
    return NULL;
}

static bool read_rule(struct arena *arena, const char *place, const char *text, struct kube_ignored_rule *out,
                      struct err *err) {
    size_t begin = strspn(text, BLANKS), len = strcspn(text + begin, BLANKS);
    const char *path = text + begin + len + strspn(text + begin + len, BLANKS);
    struct err unreadable = err_in(arena);
    if (!read_object(arena, arena_strndup(arena, text + begin, len), out))
        return is_none(place, text, "it names no object", err);
    if (!*path)
        return is_none(place, text, "the path is missing", err);
    if (!path_parse(arena, with_keys_for_stars(arena, path), &out->steps, &out->count, &unreadable))
        return is_none(place, text, unreadable.msg, err);
    const char *why = why_not_compared(out);
    return !why || is_none(place, text, why, err);
}

bool kube_ignored_parse(struct arena *arena, const char *attribute, struct value patterns,
                        struct kube_ignored *out, struct err *err) {
    patterns = value_untyped(patterns);
    size_t count = value_kind(patterns) == VALUE_LIST ? value_len(patterns) : 0;
    struct kube_ignored_rule *rules = arena_array(arena, count + 1, sizeof *rules);
    *out = (struct kube_ignored){rules, 0};
    for (size_t i = 0; i < count; i++) {
        const char *text = value_get_string(value_untyped(value_at(patterns, i)));
        const char *place = arena_printf(arena, "%s[%zu]", attribute, i);
        if (text && !read_rule(arena, place, text, &rules[out->count++], err))
            return false;
    }
    return true;
}

// ---- whom they speak of ----

static bool fits(const char *pattern, const char *text) {
    return !pattern || (text && !fnmatch(pattern, text, 0));
}

static struct kube_ignored among(struct arena *arena, const struct kube_ignored *all,
                                 const struct kube_ignored_rule *object) {
    struct kube_ignored_rule *rules = NULL;
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct kube_ignored_rule *rule = &all->rules[i];
        if (fits(rule->kind, object->kind) && fits(object->group ? rule->group : NULL, object->group) &&
            fits(rule->namespace, object->namespace) && fits(rule->name, object->name))
            *LIST_ADD(arena, rules, count) = *rule;
    }
    return (struct kube_ignored){rules, count};
}

struct kube_ignored kube_ignored_of(struct arena *arena, const struct kube_ignored *all,
                                    const struct kube_ref *ref) {
    const char *slash = strchr(ref->api_version, '/');
    size_t len = slash ? (size_t)(slash - ref->api_version) : 0;
    struct kube_ignored_rule object = {
        ref->kind, arena_strndup(arena, ref->api_version, len), ref->namespace, ref->name, NULL, 0};
    return among(arena, all, &object);
}

struct kube_ignored kube_ignored_named(struct arena *arena, const struct kube_ignored *all,
                                       const char *object) {
    struct kube_ignored_rule named;
    return read_object(arena, object, &named) ? among(arena, all, &named) : (struct kube_ignored){NULL, 0};
}

// ---- where they lead ----

static bool step_fits(const struct path_step *rule, const struct path_step *step) {
    if (!rule->key)
        return !step->key && step->index == rule->index;
    return step->key ? !fnmatch(rule->key, step->key, 0) : !strcmp(rule->key, "*");
}

enum kube_ignored_extent kube_ignored_at(struct arena *arena, const struct kube_ignored *ignored,
                                         const char *path) {
    enum kube_ignored_extent extent = KUBE_IGNORED_NOT;
    struct err none = err_in(arena);
    const struct path_step *steps;
    size_t count;
    if (!ignored || !ignored->count || !path_parse(arena, path, &steps, &count, &none))
        return extent;
    for (size_t i = 0; i < ignored->count; i++) {
        const struct kube_ignored_rule *rule = &ignored->rules[i];
        size_t common = 0;
        while (common < rule->count && common < count && step_fits(&rule->steps[common], &steps[common]))
            common++;
        if (common == rule->count)
            return KUBE_IGNORED_WHOLLY;
        if (common == count)
            extent = KUBE_IGNORED_BELOW;
    }
    return extent;
}

// ---- taking what is there ----

struct taking {
    struct arena *arena;
    const struct kube_ignored_rule *rule;
};

// Something that may not be there.
struct found {
    bool there;
    struct value value;
};

// What it is taken from. `whole` has what `part` has, and more: inside a list that the part does not have,
// which can only be written whole, it takes its place.
struct source {
    struct found part, whole;
};

static struct found take(const struct taking *t, size_t depth, struct found into, const struct source *from);

static bool is_map(struct found v) {
    return v.there && value_kind(v.value) == VALUE_MAP;
}

static bool is_empty_map(struct found v) {
    return is_map(v) && !value_len(v.value);
}

static struct found member(struct found map, const char *key) {
    if (!is_map(map))
        return (struct found){false, value_null()};
    return (struct found){value_has(map.value, key), value_untyped(value_get(map.value, key))};
}

static struct value take_member(const struct taking *t, size_t depth, const char *key, struct value into,
                                const struct source *from) {
    struct found ours = member((struct found){true, into}, key);
    struct source below = {member(from->part, key), member(from->whole, key)};
    struct found next = take(t, depth + 1, ours, &below);
    // A map that was there for the field alone goes with it.
    bool emptied = is_empty_map(next) && !is_empty_map(ours) && !is_map(below.part);
    if (!next.there || emptied)
        return ours.there ? value_without(t->arena, into, key) : into;
    return value_with(t->arena, into, key, next.value);
}

static struct value take_members(const struct taking *t, size_t depth, struct value into,
                                 const struct source *from) {
    const struct path_step *step = &t->rule->steps[depth];
    struct value theirs = is_map(from->part) ? from->part.value : value_map(t->arena, NULL, 0);
    for (struct map_walk at = map_walk(into, theirs); map_walk_next(&at);)
        if (step_fits(step, &(struct path_step){.key = at.key}))
            into = take_member(t, depth, at.key, into, from);
    return into;
}

static struct found counterpart(struct value list, struct value item, size_t index) {
    struct value name = value_get(item, "name");
    for (size_t i = 0; !value_is_null(name) && i < value_len(list); i++)
        if (value_equal(value_get(value_untyped(value_at(list, i)), "name"), name))
            return (struct found){true, value_untyped(value_at(list, i))};
    bool there = value_is_null(name) && index < value_len(list);
    return (struct found){there, there ? value_untyped(value_at(list, index)) : value_null()};
}

static struct value take_items(const struct taking *t, size_t depth, struct value into,
                               const struct source *from) {
    const struct path_step *step = &t->rule->steps[depth];
    struct value *items = arena_array(t->arena, value_len(into) + 1, sizeof *items);
    bool partly = from->part.there && value_kind(from->part.value) == VALUE_LIST;
    struct value theirs = partly ? from->part.value : from->whole.value;
    size_t count = 0;
    for (size_t i = 0; i < value_len(into); i++) {
        struct found item = {true, value_untyped(value_at(into, i))}, other;
        if (step_fits(step, &(struct path_step){.index = i})) {
            other = counterpart(value_kind(theirs) == VALUE_LIST ? theirs : value_null(), item.value, i);
            item = take(t, depth + 1, item, &(struct source){other, other});
        }
        if (item.there)
            items[count++] = item.value;
    }
    return value_list(t->arena, items, count);
}

// Where only one side has a way to the place, the other's is an empty one.
static struct found take(const struct taking *t, size_t depth, struct found into, const struct source *from) {
    if (depth == t->rule->count)
        return from->part;
    if (!into.there && is_map(from->part))
        return (struct found){true, take_members(t, depth, value_map(t->arena, NULL, 0), from)};
    if (is_map(into))
        into.value = take_members(t, depth, into.value, from);
    else if (into.there && value_kind(into.value) == VALUE_LIST)
        into.value = take_items(t, depth, into.value, from);
    return into;
}

static struct value take_from(struct arena *arena, const struct kube_ignored *ignored, struct value object,
                              const struct source *from) {
    struct found into = {true, value_untyped(object)};
    for (size_t i = 0; ignored && i < ignored->count; i++)
        into = take(&(struct taking){arena, &ignored->rules[i]}, 0, into, from);
    return into.value;
}

struct value kube_ignored_take(struct arena *arena, const struct kube_ignored *ignored, struct value object,
                               struct value from) {
    struct found all = {true, value_untyped(from)};
    return take_from(arena, ignored, object, &(struct source){all, all});
}

struct value kube_ignored_left(struct arena *arena, const struct kube_ignored *ignored, struct value manifest,
                               struct value live, const char *manager) {
    if (!ignored || !ignored->count || value_is_null(live))
        return manifest;
    struct source from = {{true, kube_fields_extract(arena, live, manager)}, {true, live}};
    return take_from(arena, ignored, manifest, &from);
}
