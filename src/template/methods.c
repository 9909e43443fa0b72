// SPDX-License-Identifier: Apache-2.0
// Methods of types that have no class of their own: .Values and time.Duration; and errors as values.
#include "base/cursor.h"
#include "codec/yaml.h"
#include "go/quote.h"
#include "template/exec.h"
#include "template/fmt.h"

#include <stdio.h>
#include <string.h>

static bool call_as_map(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rmap *map = rt->self.u.map;
    *out = rv_map(RT_MAP, rmap_len(map) ? map : rmap_create(rt->heap, 0));
    return true;
}

static bool call_yaml(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    SCRATCH_ARENA(scratch);
    struct value value;
    const char *bad;
    if (!rv_to_value(scratch, rt->self, &value, &bad))
        return bad ? rt_fail(rt, "error marshaling into JSON: %s", bad) : rt_fail_cut(rt);
    struct buf text;
    buf_init(&text, rt->heap->arena);
    yaml_encode(&text, value);
    *out = rv_buf(&text);
    return true;
}

static bool no_such(struct rt *rt, const char *key, size_t len, const char *what) {
    struct buf quoted;
    buf_init(&quoted, rt->heap->arena);
    quote_text(&quoted, key, len);
    return rt_fail(rt, "%s is not a %s", buf_text(&quoted), what);
}

static bool is_table(struct rv v) {
    return v.type == RT_MAP || v.type == RT_VALUES3 || v.type == RT_VALUES4;
}

// Follows dots from table to table. *step is the last that was gone, where there is none of its name.
static bool find_table(struct rmap *map, struct cursor path, struct rmap **out, struct cursor *step) {
    for (;;) {
        *step = cursor_until(&path, ".");
        struct rv next;
        if (!rmap_get(map, step->at, cursor_left(*step), &next) || !is_table(next))
            return false;
        map = next.u.map;
        if (!cursor_eat(&path, "."))
            break;
    }
    *out = map;
    return true;
}

static bool call_table(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rmap *map;
    struct cursor step;
    if (!find_table(rt->self.u.map, cursor_over(args[0].u.text, args[0].len), &map, &step))
        return no_such(rt, step.at, cursor_left(step), "table");
    *out = rv_map((enum rv_type)rt->self.type, map);
    return true;
}

static bool call_path_value(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *path = args[0].u.text;
    size_t len = args[0].len;
    struct cursor step;
    if (len == 0)
        return rt_fail(rt, "YAML path cannot be empty");
    const char *dot = memrchr(path, '.', len);
    const char *key = dot ? dot + 1 : path;
    size_t key_len = len - (size_t)(key - path);
    struct rmap *map = rt->self.u.map;
    if (dot && !find_table(map, cursor_over(path, (size_t)(dot - path)), &map, &step))
        return no_such(rt, key, key_len, "value");
    if (!rmap_get(map, key, key_len, out) || out->type == RT_MAP)
        return no_such(rt, key, key_len, "value");
    return true;
}

// No template has an io.Writer to give, only nil.
static bool call_encode(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return rt_fail(rt, "runtime error: invalid memory address or nil pointer dereference");
}

const struct rt_func methods_values[] = {
    {"AsMap", "", call_as_map, 0}, {"Encode", "W", call_encode, 0}, {"PathValue", "s", call_path_value, 0},
    {"Table", "s", call_table, 0}, {"YAML", "", call_yaml, 0},      {NULL, NULL, NULL, 0},
};

enum { MICRO = 1000, MILLI = 1000000 };
static const int64_t SECOND = 1000000000;

// "1h2m3.5s", and below a second "1.5ms".
static void duration_text(struct buf *out, int64_t duration) {
    uint64_t u = duration < 0 ? 0 - (uint64_t)duration : (uint64_t)duration;
    char text[64];
    buf_str(out, duration < 0 ? "-" : "");
    if (u == 0) {
        buf_str(out, "0s");
        return;
    }
    uint64_t unit = u < MICRO ? 1 : u < MILLI ? MICRO : u < (uint64_t)SECOND ? MILLI : (uint64_t)SECOND;
    const char *name = unit == 1 ? "ns" : unit == MICRO ? "\xc2\xb5s" : unit == MILLI ? "ms" : "s";
    if (u >= (uint64_t)SECOND * 3600)
        buf_printf(out, "%lluh", (unsigned long long)(u / ((uint64_t)SECOND * 3600)));
    if (u >= (uint64_t)SECOND * 60)
        buf_printf(out, "%llum", (unsigned long long)(u / ((uint64_t)SECOND * 60) % 60));
    uint64_t whole = unit == (uint64_t)SECOND ? u / unit % 60 : u / unit;
    int digits = unit == 1 ? 0 : unit == MICRO ? 3 : unit == MILLI ? 6 : 9;
    size_t len = (size_t)snprintf(text, sizeof text, "%llu.%0*llu", (unsigned long long)whole, digits,
                                  (unsigned long long)(u % unit));
    while (text[len - 1] == '0' && digits)
        len--;
    if (!digits)
        len = (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)whole);
    else if (text[len - 1] == '.')
        len--;
    buf_add(out, text, len);
    buf_str(out, name);
}

bool rv_stringer(struct rv v, struct buf *out) {
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    switch (v.type) {
    case RT_DURATION: duration_text(out, v.u.integer); return true;
    case RT_MONTH:
        buf_str(out, v.u.integer >= 1 && v.u.integer <= 12 ? months[v.u.integer - 1] : "%!Month");
        return true;
    case RT_WEEKDAY:
        buf_str(out, v.u.integer >= 0 && v.u.integer < 7 ? days[v.u.integer] : "%!Weekday");
        return true;
    case RT_OBJECT:
        if (!v.u.object->class->string || v.u.object->class->by_address)
            return false;
        v.u.object->class->string(v.u.object, out);
        return true;
    default: return false;
    }
}

static bool call_string(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    rv_stringer(rt->self, &text);
    *out = rv_buf(&text);
    return true;
}

static bool units(struct rt *rt, int64_t unit, struct rv *out) {
    int64_t d = rt->self.u.integer;
    *out = rv_float((double)(d / unit) + (double)(d % unit) / (double)unit);
    return true;
}

static bool call_hours(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return units(rt, SECOND * 3600, out);
}

static bool call_minutes(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return units(rt, SECOND * 60, out);
}

static bool call_seconds(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return units(rt, SECOND, out);
}

static bool call_milliseconds(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_integer(RT_INT64, rt->self.u.integer / MILLI);
    return true;
}

static bool call_microseconds(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_integer(RT_INT64, rt->self.u.integer / MICRO);
    return true;
}

static bool call_nanoseconds(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_integer(RT_INT64, rt->self.u.integer);
    return true;
}

static bool call_abs(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t d = rt->self.u.integer;
    *out = rv_integer(RT_DURATION, d >= 0 ? d : d == INT64_MIN ? INT64_MAX : -d);
    return true;
}

static bool call_truncate(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t d = rt->self.u.integer, m = args[0].u.integer;
    *out = rv_integer(RT_DURATION, m > 0 ? d - d % m : d);
    return true;
}

// Halfway goes away from zero; a result that does not fit stays at the end of the range.
static bool call_round(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t d = rt->self.u.integer, m = args[0].u.integer, rounded = d;
    if (m > 0) {
        int64_t rest = d % m;
        uint64_t twice = 2 * (uint64_t)(rest < 0 ? -rest : rest);
        if (twice < (uint64_t)m)
            rounded = d - rest;
        else if (__builtin_add_overflow(d - rest, d < 0 ? -m : m, &rounded))
            rounded = d < 0 ? INT64_MIN : INT64_MAX;
    }
    *out = rv_integer(RT_DURATION, rounded);
    return true;
}

const struct rt_func methods_duration[] = {
    {"String", "", call_string, 0},
    {"Hours", "", call_hours, 0},
    {"Minutes", "", call_minutes, 0},
    {"Seconds", "", call_seconds, 0},
    {"Milliseconds", "", call_milliseconds, 0},
    {"Microseconds", "", call_microseconds, 0},
    {"Nanoseconds", "", call_nanoseconds, 0},
    {"Abs", "", call_abs, 0},
    {"Truncate", "D", call_truncate, 0},
    {"Round", "D", call_round, 0},
    {NULL, NULL, NULL, 0},
};

static void error_string(const struct robject *self, struct buf *out) {
    buf_str(out, self->data);
}

static bool call_error(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_literal(rt->self.u.object->data);
    return true;
}

static const char *no_error_json(const struct robject *self, struct arena *arena, struct value *out) {
    *out = value_null();
    return NULL;
}

// The nil of the type error prints itself, unlike the nil of interface {}.
static const struct rclass no_error_class = {.name = "error",
                                             .kind_name = "invalid",
                                             .kind = RV_INVALID,
                                             .string = error_string,
                                             .json = no_error_json};
static const struct rt_func error_methods[] = {{"Error", "", call_error, 0}, {NULL, NULL, NULL, 0}};
static const struct rfield error_fields[] = {{"s", NULL, false}};
static const struct rclass error_class = {.name = "*errors.errorString",
                                          .kind_name = "ptr",
                                          .kind = RV_POINTER,
                                          .fields = error_fields,
                                          .field_count = 1,
                                          .methods = error_methods,
                                          .string = error_string};

struct rv rv_error(struct rheap *heap, const char *text) {
    struct robject *object = arena_alloc(heap->arena, sizeof *object);
    object->class = text ? &error_class : &no_error_class;
    object->data = text ? text : "<nil>";
    return rv_object(object);
}

const struct rt_func methods_named_int[] = {
    {"String", "", call_string, 0},
    {NULL, NULL, NULL, 0},
};
