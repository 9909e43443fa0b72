// SPDX-License-Identifier: Apache-2.0
// Durations: sprig's two functions, and the helpers that came with Helm 4.3.
#include "go/duration.h"
#include "funcs/cast.h"
#include "funcs/private.h"
#include "funcs/time.h"
#include "go/quote.h"
#include "go/strconv.h"
#include "go/time.h"

#include <math.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

static bool give_text(struct rt *rt, int64_t d, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    duration_string(&text, d);
    *out = rv_buf(&text);
    return true;
}

// A string of digits, or an int64: any other number, an int too, counts as 0 seconds.
static bool duration(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t seconds = args[0].type == RT_INT64 ? args[0].u.integer : 0;
    if (args[0].type == RT_STRING)
        seconds = cast_decimal(args[0].u.text, args[0].len);
    return give_text(rt, (int64_t)((uint64_t)seconds * (uint64_t)SECOND), out);
}

// The biggest unit only: "2h" for "2h10m5s".
static bool duration_round_to_unit(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{365 * 86400, "y"}, {30 * 86400, "mo"}, {86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
    struct err err = err_in(rt->heap->arena);
    int64_t d = 0;
    if (args[0].type == RT_STRING && !duration_parse(args[0].u.text, args[0].len, &d, &err))
        d = 0;
    else if (args[0].type == RT_INT64)
        d = args[0].u.integer;
    else if (date_is_time(args[0]))
        d = go_time_since(*(const struct go_time *)args[0].u.object->data, date_now(rt));
    uint64_t size = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
    *out = rv_literal("0s");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t unit = units[i].seconds * (uint64_t)SECOND;
        if (size <= unit)
            continue;
        *out = rv_literal(
            arena_printf(rt->heap->arena, "%llu%s", (unsigned long long)(size / unit), units[i].name));
        break;
    }
    return true;
}

static bool bad_float(struct rt *rt, const char *what, double f, struct err *err) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    fmt_value(&text, rv_float(f));
    return err_set(err, ERR_INVALID, "%s: %s", what, buf_text(&text));
}

static bool from_float(struct rt *rt, double seconds, int64_t *out, struct err *err) {
    if (!isfinite(seconds))
        return bad_float(rt, "invalid duration seconds", seconds, err);
    if (fabs(seconds) > 0x1p63 / 1e9)
        return bad_float(rt, "duration seconds overflow", seconds, err);
    *out = cast_truncate(seconds * 1e9);
    return true;
}

static bool from_int(int64_t seconds, bool is_unsigned, int64_t *out, struct err *err) {
    if (is_unsigned && seconds < 0)
        return err_set(err, ERR_INVALID, "duration seconds overflow: %llu", (unsigned long long)seconds);
    if (seconds > INT64_MAX / SECOND || seconds < INT64_MIN / SECOND)
        return err_set(err, ERR_INVALID, "duration seconds overflow: %lld", (long long)seconds);
    *out = seconds * SECOND;
    return true;
}

static bool from_text(struct rt *rt, struct rv text, int64_t *out, struct err *err) {
    struct rv trimmed = cast_trim(text);
    struct err ignored = err_in(rt->heap->arena);
    double seconds;
    if (!trimmed.len)
        return err_set(err, ERR_INVALID, "empty duration");
    if (duration_parse(trimmed.u.text, trimmed.len, out, &ignored))
        return true;
    if (strconv_parse_float(trimmed.u.text, trimmed.len, &seconds))
        return from_float(rt, seconds, out, err);
    struct buf quoted;
    buf_init(&quoted, rt->heap->arena);
    quote_text(&quoted, text.u.text, text.len);
    return err_set(err, ERR_INVALID, "could not parse duration %s", buf_text(&quoted));
}

// Durations, texts of them, and numbers of seconds.
static bool any_duration(struct rt *rt, struct rv v, int64_t *out, struct err *err) {
    enum rv_kind kind = rv_kind(v);
    if (v.type == RT_DURATION) {
        *out = v.u.integer;
        return true;
    }
    if (v.type == RT_STRING)
        return from_text(rt, v, out, err);
    if (v.type == RT_NIL)
        return err_set(err, ERR_INVALID, "invalid duration");
    if (kind == RV_INT || kind == RV_UINT)
        return from_int(v.u.integer, kind == RV_UINT, out, err);
    if (kind == RV_FLOAT)
        return from_float(rt, v.u.real, out, err);
    return err_set(err, ERR_INVALID, "unsupported duration type %s", rv_type_name(v));
}

// The lenient functions take what is no duration for 0.
static int64_t duration_or_zero(struct rt *rt, struct rv v) {
    struct err ignored = err_in(rt->heap->arena);
    int64_t d;
    return any_duration(rt, v, &d, &ignored) ? d : 0;
}

static bool must_to_duration(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    int64_t d;
    if (!any_duration(rt, args[0], &d, &err))
        return rt_fail(rt, "%s", err.msg);
    *out = rv_integer(RT_DURATION, d);
    return true;
}

// Whole units and the rest apart, so that no digit is lost.
static double in_units(int64_t d, int64_t unit) {
    return (double)(d / unit) + (double)(d % unit) / (double)unit;
}

#define DURATION_IN(name, value)                                                                             \
    static bool name(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {                   \
        int64_t d = duration_or_zero(rt, args[0]);                                                           \
        *out = value;                                                                                        \
        return true;                                                                                         \
    }
DURATION_IN(in_seconds, rv_float(in_units(d, SECOND)))
DURATION_IN(in_minutes, rv_float(in_units(d, 60 * SECOND)))
DURATION_IN(in_hours, rv_float(in_units(d, 3600 * SECOND)))
DURATION_IN(in_days, rv_float(in_units(d, 3600 * SECOND) / 24.0))
DURATION_IN(in_weeks, rv_float(in_units(d, 3600 * SECOND) / 24.0 / 7.0))
DURATION_IN(in_milliseconds, rv_integer(RT_INT64, d / 1000000))
DURATION_IN(in_microseconds, rv_integer(RT_INT64, d / 1000))
DURATION_IN(in_nanoseconds, rv_integer(RT_INT64, d))

// To a multiple of the second; a bad multiple leaves the duration as it is.
static bool to_multiple(struct rt *rt, const struct rv *args, bool round, struct rv *out) {
    struct err ignored = err_in(rt->heap->arena);
    int64_t d = 0, to = 0;
    if (any_duration(rt, args[0], &d, &ignored) && any_duration(rt, args[1], &to, &ignored) && to > 0)
        d = round ? duration_round(d, to) : d - d % to;
    *out = rv_integer(RT_DURATION, d);
    return true;
}

static bool round_to(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return to_multiple(rt, args, true, out);
}

static bool truncate_to(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return to_multiple(rt, args, false, out);
}

const struct rt_func funcs_duration[] = {
    {"duration", "v", duration, 0},
    {"durationDays", "v", in_days, TEMPLATE_HELM4},
    {"durationHours", "v", in_hours, TEMPLATE_HELM4},
    {"durationMicroseconds", "v", in_microseconds, TEMPLATE_HELM4},
    {"durationMilliseconds", "v", in_milliseconds, TEMPLATE_HELM4},
    {"durationMinutes", "v", in_minutes, TEMPLATE_HELM4},
    {"durationNanoseconds", "v", in_nanoseconds, TEMPLATE_HELM4},
    {"durationRound", "v", duration_round_to_unit, 0},
    {"durationRoundTo", "vv", round_to, TEMPLATE_HELM4},
    {"durationSeconds", "v", in_seconds, TEMPLATE_HELM4},
    {"durationTruncateTo", "vv", truncate_to, TEMPLATE_HELM4},
    {"durationWeeks", "v", in_weeks, TEMPLATE_HELM4},
    {"mustToDuration", "v", must_to_duration, TEMPLATE_HELM4},
    {NULL, NULL, NULL, 0},
};
