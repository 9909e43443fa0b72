// SPDX-License-Identifier: Apache-2.0
// sprig's dates. The clock is the options'; with an injected clock the machine's zone is that clock's
// offset.
#include "funcs/cast.h"
#include "funcs/private.h"
#include "funcs/time.h"
#include "go/duration.h"
#include "go/time.h"
#include "go/time_zone.h"

#include <string.h>
#include <time.h>

// What the functions with an untyped date take: a time, or integers as Unix seconds; now for the rest.
static struct go_time any_date(struct rt *rt, struct rv v, bool int32_too) {
    if (date_is_time(v))
        return date_of(v);
    if (v.type == RT_INT || v.type == RT_INT64 || (v.type == RT_INT32 && int32_too))
        return (struct go_time){.seconds = v.u.integer, .zone = date_zone(rt)};
    return date_now(rt);
}

static bool format_in(struct rt *rt, struct rv layout, struct rv date, const struct time_zone *zone,
                      struct rv *out) {
    struct go_time m = any_date(rt, date, true);
    m.zone = zone ? zone : time_zone_utc();
    return date_format(rt, m, layout, out);
}

static const struct time_zone *named_zone(struct rt *rt, struct rv name) {
    return rv_equal_text(name, "Local") ? date_zone(rt) : time_zone_load(name.u.text, name.len);
}

static bool now(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return date_give(rt, date_now(rt), out);
}

static bool date(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return format_in(rt, args[0], args[1], date_zone(rt), out);
}

static bool date_in_zone(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return format_in(rt, args[0], args[1], named_zone(rt, args[2]), out);
}

static bool html_date(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return format_in(rt, rv_literal("2006-01-02"), args[0], date_zone(rt), out);
}

static bool html_date_in_zone(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return format_in(rt, rv_literal("2006-01-02"), args[0], named_zone(rt, args[1]), out);
}

static bool modify(struct rt *rt, const struct rv *args, bool must, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    int64_t by;
    if (duration_parse(args[0].u.text, args[0].len, &by, &err))
        return date_give(rt, go_time_add(date_of(args[1]), by), out);
    *out = args[1];
    return !must || rt_fail(rt, "%s", err.msg);
}

static bool date_modify(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return modify(rt, args, false, out);
}

static bool must_date_modify(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return modify(rt, args, true, out);
}

// toDate's arguments: a layout and a text.
static bool parse(struct rt *rt, const struct rv *args, struct go_time *out, struct err *err) {
    struct go_time_form form = {cursor_over(args[0].u.text, args[0].len), date_zone(rt)};
    return go_time_parse(rt->heap->arena, form, cursor_over(args[1].u.text, args[1].len), out, err);
}

static bool to_date(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    struct go_time m;
    if (!parse(rt, args, &m, &err))
        m = GO_TIME_ZERO;
    return date_give(rt, m, out);
}

static bool must_to_date(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    struct go_time m;
    return parse(rt, args, &m, &err) ? date_give(rt, m, out) : rt_fail(rt, "%s", err.msg);
}

static bool unix_epoch(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_literal(arena_printf(rt->heap->arena, "%lld", (long long)date_of(args[0]).seconds));
    return true;
}

static bool ago(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    int64_t since = go_time_since(any_date(rt, args[0], false), date_now(rt));
    duration_string(&text, duration_round(since, 1000000000));
    *out = rv_buf(&text);
    return true;
}

const struct rt_func funcs_date[] = {
    {"ago", "v", ago, 0},
    {"date", "sv", date, 0},
    {"dateInZone", "svs", date_in_zone, 0},
    {"dateModify", "st", date_modify, 0},
    {"date_in_zone", "svs", date_in_zone, 0},
    {"date_modify", "st", date_modify, 0},
    {"htmlDate", "v", html_date, 0},
    {"htmlDateInZone", "vs", html_date_in_zone, 0},
    {"mustDateModify", "st", must_date_modify, 0},
    {"mustToDate", "ss", must_to_date, 0},
    {"must_date_modify", "st", must_date_modify, 0},
    {"now", "", now, 0},
    {"toDate", "ss", to_date, 0},
    {"unixEpoch", "t", unix_epoch, 0},
    {NULL, NULL, NULL, 0},
};
