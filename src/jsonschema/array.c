// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"
#include "jsonschema/private.h"

static void check_sizes(struct js_visit *visit) {
    int64_t count = (int64_t)value_len(visit->v), limit;
    if (js_count(visit, "minItems", &limit) && count < limit)
        js_fail(visit, NULL, "minItems: got %s, want %s", js_integer(visit->run, count),
                js_integer(visit->run, limit));
    if (js_count(visit, "maxItems", &limit) && count > limit)
        js_fail(visit, NULL, "maxItems: got %s, want %s", js_integer(visit->run, count),
                js_integer(visit->run, limit));
}

static void check_unique(struct js_visit *visit) {
    if (!js_bool(visit, "uniqueItems", false))
        return;
    for (size_t i = 1; i < value_len(visit->v); i++) {
        for (size_t j = 0; j < i; j++) {
            if (value_equal(value_at(visit->v, i), value_at(visit->v, j))) {
                js_fail(visit, NULL, "items at %s and %s are equal", js_integer(visit->run, (int64_t)j),
                        js_integer(visit->run, (int64_t)i));
                return;
            }
        }
    }
}

// The items from `from` on. The validator counts their places from zero again; so do we.
static void check_rest(struct js_visit *visit, struct value schema, size_t from) {
    for (size_t i = from; i < value_len(visit->v); i++)
        js_add(visit, js_validate_child(visit, schema, value_at(visit->v, i), NULL, i - from));
}

static size_t check_tuple(struct js_visit *visit, struct value schemas) {
    size_t count = value_len(schemas) < value_len(visit->v) ? value_len(schemas) : value_len(visit->v);
    for (size_t i = 0; i < count; i++)
        js_add(visit, js_validate_child(visit, value_at(schemas, i), value_at(visit->v, i), NULL, i));
    return count;
}

static void check_items_until_2019(struct js_visit *visit) {
    struct value items = value_get(visit->schema.v, "items"),
                 more = value_get(visit->schema.v, "additionalItems");
    if (value_kind(items) != VALUE_LIST) {
        if (value_has(visit->schema.v, "items"))
            check_rest(visit, items, 0);
        return;
    }
    size_t done = check_tuple(visit, items);
    if (value_kind(more) == VALUE_MAP)
        check_rest(visit, more, done);
    else if (value_kind(more) == VALUE_BOOL && !value_get_bool(more) && done < value_len(visit->v))
        js_fail(visit, NULL, "last %s additionalItem(s) not allowed",
                js_integer(visit->run, (int64_t)(value_len(visit->v) - done)));
}

static void check_items(struct js_visit *visit) {
    if (visit->schema.resource->draft < 2020) {
        check_items_until_2019(visit);
        return;
    }
    size_t done = check_tuple(visit, js_keyword(visit, "prefixItems", VALUE_LIST));
    if (value_has(visit->schema.v, "items"))
        check_rest(visit, value_get(visit->schema.v, "items"), done);
}

static const char *place_list(const struct js_visit *visit, const size_t *places, size_t count) {
    struct buf out;
    buf_init(&out, visit->run->arena);
    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s%zu", i ? " " : "", places[i]);
    return buf_text(&out);
}

static void too_few(struct js_visit *visit, const struct js_failure *causes, int64_t least,
                    const size_t *matched, size_t count) {
    const char *wanted = js_integer(visit->run, least);
    if (count)
        js_fail(visit, causes, "min %s items required to match contains schema, but matched %s items at %s",
                wanted, js_integer(visit->run, (int64_t)count), place_list(visit, matched, count));
    else
        js_fail(visit, causes, "min %s items required to match contains schema, but none matched", wanted);
}

static void check_contained(struct js_visit *visit, const struct js_failure *causes, const size_t *matched,
                            size_t count) {
    bool counted = visit->schema.resource->draft >= 2019;
    int64_t least, most;
    if (counted && js_count(visit, "minContains", &least)) {
        if ((int64_t)count < least)
            too_few(visit, causes, least, matched, count);
    } else if (!count) {
        js_fail(visit, causes, "no items match contains schema");
    }
    if (counted && js_count(visit, "maxContains", &most) && (int64_t)count > most)
        js_fail(visit, NULL, "max %s items required to match contains schema, but matched %s items at %s",
                js_integer(visit->run, most), js_integer(visit->run, (int64_t)count),
                place_list(visit, matched, count));
}

static void check_contains(struct js_visit *visit) {
    if (visit->schema.resource->draft < 6 || !value_has(visit->schema.v, "contains"))
        return;
    size_t *matched = arena_array(visit->run->arena, value_len(visit->v), sizeof *matched), count = 0;
    struct js_failure *first = NULL, **tail = &first;
    for (size_t i = 0; i < value_len(visit->v); i++) {
        struct js_failure *failure =
            js_validate_child(visit, value_get(visit->schema.v, "contains"), value_at(visit->v, i), NULL, i);
        if (!failure) {
            matched[count++] = i;
            if (visit->schema.resource->draft >= 2020 && i < visit->uneval.count)
                visit->uneval.left[i] = false;
        } else if (!visit->quiet) {
            *tail = failure;
            tail = &failure->next;
        }
    }
    check_contained(visit, first, matched, count);
}

void js_check_array(struct js_visit *visit) {
    check_sizes(visit);
    check_unique(visit);
    check_items(visit);
    check_contains(visit);
}
