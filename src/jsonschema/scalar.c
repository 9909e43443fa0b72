// SPDX-License-Identifier: Apache-2.0
// type, const, enum; the keywords of strings and numbers.
#include "base/buf.h"
#include "go/regexp.h"
#include "go/rune.h"
#include "jsonschema/private.h"
#include "value/number.h"

#include <math.h>
#include <string.h>

// In the order in which a list of wanted types is told.
static const char *const TYPES[] = {"null", "boolean", "number", "integer", "string", "array", "object"};
enum { TYPE_COUNT = sizeof TYPES / sizeof *TYPES };

static const char *type_name(struct value v) {
    switch (value_kind(v)) {
    case VALUE_NULL: return "null";
    case VALUE_BOOL: return "boolean";
    case VALUE_STRING: return "string";
    case VALUE_LIST: return "array";
    case VALUE_MAP: return "object";
    default: return "number";
    }
}

static bool is_whole(struct value v) {
    if (value_kind(v) == VALUE_NUMBER)
        return number_is_multiple(v, value_int(1));
    double real = value_get_float(v);
    return value_kind(v) == VALUE_INT ||
           (value_kind(v) == VALUE_FLOAT && isfinite(real) && real == trunc(real));
}

static bool wants(struct value types, const char *name) {
    bool wanted = value_is_text(types, name);
    for (size_t i = 0; i < value_len(types) && !wanted; i++)
        wanted = value_is_text(value_at(types, i), name);
    return wanted;
}

static bool fits_type(struct js_visit *visit) {
    struct value types = value_get(visit->schema.v, "type");
    const char *wanted[TYPE_COUNT], *got = type_name(visit->v);
    size_t count = 0;
    for (size_t i = 0; i < TYPE_COUNT; i++)
        if (wants(types, TYPES[i]))
            wanted[count++] = TYPES[i];
    if (!count || wants(types, got) ||
        (wants(types, "integer") && value_is_number(visit->v) && is_whole(visit->v)))
        return true;
    struct buf list;
    buf_init(&list, visit->run->arena);
    for (size_t i = 0; i < count; i++)
        buf_printf(&list, "%s%s", i ? " or " : "", wanted[i]);
    js_fail(visit, NULL, "got %s, want %s", got, buf_text(&list));
    return false;
}

static bool is_collection(struct value v) {
    return value_kind(v) == VALUE_LIST || value_kind(v) == VALUE_MAP;
}

static bool fits_const(struct js_visit *visit) {
    struct value wanted = value_get(visit->schema.v, "const");
    if (visit->schema.resource->draft < 6 || !value_has(visit->schema.v, "const") ||
        value_equal(visit->v, wanted))
        return true;
    if (is_collection(wanted))
        js_fail(visit, NULL, "'const' failed");
    else
        js_fail(visit, NULL, "value must be %s", js_display(visit->run, wanted));
    return false;
}

static bool fits_enum(struct js_visit *visit) {
    struct value wanted = value_get(visit->schema.v, "enum");
    if (value_kind(wanted) != VALUE_LIST)
        return true;
    bool scalars = true;
    for (size_t i = 0; i < value_len(wanted); i++) {
        if (value_equal(visit->v, value_at(wanted, i)))
            return true;
        scalars &= !is_collection(value_at(wanted, i));
    }
    struct buf list;
    buf_init(&list, visit->run->arena);
    for (size_t i = 0; i < value_len(wanted); i++)
        buf_printf(&list, "%s%s", i ? ", " : "", js_display(visit->run, value_at(wanted, i)));
    if (!scalars)
        js_fail(visit, NULL, "'enum' failed");
    else
        js_fail(visit, NULL, value_len(wanted) == 1 ? "value must be %s" : "value must be one of %s",
                buf_text(&list));
    return false;
}

bool js_check_type(struct js_visit *visit) {
    return fits_type(visit) && fits_const(visit) && fits_enum(visit);
}

static void check_pattern(struct js_visit *visit) {
    struct value pattern = js_keyword(visit, "pattern", VALUE_STRING);
    if (value_is_null(pattern))
        return;
    struct err reason = err_in(visit->run->arena);
    REGEXP regex = regexp_open(value_get_string(pattern), value_len(pattern), &reason);
    struct regexp_span span;
    if (!regex) {
        js_broken(visit->run, "invalid regex \"%s\" at \"pattern\": %s", value_get_string(pattern),
                  reason.msg);
        return;
    }
    const char *text = value_get_string(visit->v);
    if (!regexp_find(regex, cursor_over(text, value_len(visit->v)), 0, &span, 1))
        js_fail(visit, NULL, "%s does not match pattern %s", js_quote(visit->run, text, value_len(visit->v)),
                js_quote(visit->run, value_get_string(pattern), value_len(pattern)));
}

void js_check_string(struct js_visit *visit) {
    int64_t length = (int64_t)rune_count(value_get_string(visit->v), value_len(visit->v)), limit;
    if (js_count(visit, "minLength", &limit) && length < limit)
        js_fail(visit, NULL, "minLength: got %s, want %s", js_integer(visit->run, length),
                js_integer(visit->run, limit));
    if (js_count(visit, "maxLength", &limit) && length > limit)
        js_fail(visit, NULL, "maxLength: got %s, want %s", js_integer(visit->run, length),
                js_integer(visit->run, limit));
    check_pattern(visit);
}

// Draft 4's exclusive… is a bool that sharpens minimum and maximum; later it is the limit itself.
static void check_limit(struct js_visit *visit, const char *keyword, const char *exclusive, int direction) {
    struct value limit = value_get(visit->schema.v, keyword), strict = value_get(visit->schema.v, exclusive);
    if (value_kind(strict) == VALUE_BOOL && value_get_bool(strict)) {
        strict = limit;
        limit = value_null();
    }
    if (value_is_number(limit) && number_compare(visit->v, limit) * direction > 0)
        js_fail(visit, NULL, "%s: got %s, want %s", keyword, js_number(visit->run, visit->v),
                js_number(visit->run, limit));
    if (value_is_number(strict) && number_compare(visit->v, strict) * direction >= 0)
        js_fail(visit, NULL, "%s: got %s, want %s", exclusive, js_number(visit->run, visit->v),
                js_number(visit->run, strict));
}

void js_check_number(struct js_visit *visit) {
    check_limit(visit, "minimum", "exclusiveMinimum", -1);
    check_limit(visit, "maximum", "exclusiveMaximum", 1);
    struct value of = value_get(visit->schema.v, "multipleOf");
    if (value_is_number(of) && !number_is_multiple(visit->v, of))
        js_fail(visit, NULL, "multipleOf: got %s, want %s", js_number(visit->run, visit->v),
                js_number(visit->run, of));
}
