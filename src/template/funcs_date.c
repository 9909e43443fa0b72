// SPDX-License-Identifier: Apache-2.0
// sprig's dates, and time.Time as templates see it. The clock is the options'; with an injected
// clock the machine's zone is that clock's offset.
#include "template/funcs_date.h"

#include "template/cast.h"

#include <string.h>
#include <time.h>

static const struct rclass time_class;

static struct moment of_object(const struct robject *object) {
    return *(const struct moment *)object->data;
}

static struct moment of_arg(struct rv v) {
    return of_object(v.u.object);
}

static struct moment self(struct rt *rt) {
    return of_object(rt->self.u.object);
}

bool date_is_time(struct rv v) {
    return v.type == RT_OBJECT && v.u.object->class == &time_class;
}

static bool give_time(struct rt *rt, struct moment m, struct rv *out) {
    struct robject *object = arena_alloc(rt->heap->arena, sizeof *object);
    object->class = &time_class;
    object->data = arena_memdup(rt->heap->arena, &m, sizeof m);
    *out = rv_object(object);
    return true;
}

static const struct zone *local_zone(struct rt *rt) {
    int64_t seconds;
    int32_t nanoseconds, offset;
    if (!rt->options->now)
        return zone_local();
    rt->options->now(rt->options->now_context, &seconds, &nanoseconds, &offset);
    return offset ? zone_fixed(rt->heap->arena, "", offset) : zone_utc();
}

struct moment date_now(struct rt *rt) {
    struct moment m = {.zone = local_zone(rt)};
    int32_t offset;
    if (rt->options->now) {
        rt->options->now(rt->options->now_context, &m.seconds, &m.nanoseconds, &offset);
        return m;
    }
    struct timespec wall, cpu;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu); // Go prints time since the start with `now`
    m.seconds = wall.tv_sec;
    m.nanoseconds = (int32_t)wall.tv_nsec;
    m.monotonic = cpu.tv_sec * INT64_C(1000000000) + cpu.tv_nsec;
    return m;
}

// What the functions with an untyped date take: a time, or integers as Unix seconds; now for the rest.
static struct moment any_date(struct rt *rt, struct rv v, bool int32_too) {
    if (date_is_time(v))
        return of_arg(v);
    if (v.type == RT_INT || v.type == RT_INT64 || (v.type == RT_INT32 && int32_too))
        return (struct moment){.seconds = v.u.integer, .zone = local_zone(rt)};
    return date_now(rt);
}

static bool give_format(struct rt *rt, struct moment m, struct rv layout, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    moment_format(&text, m, layout.u.text, layout.len);
    *out = rv_buf(&text);
    return rt_spend(rt, text.len);
}

static bool format_in(struct rt *rt, struct rv layout, struct rv date, const struct zone *zone,
                      struct rv *out) {
    struct moment m = any_date(rt, date, true);
    m.zone = zone ? zone : zone_utc();
    return give_format(rt, m, layout, out);
}

static const struct zone *named_zone(struct rt *rt, struct rv name) {
    return rv_equal_text(name, "Local") ? local_zone(rt) : zone_load(name.u.text, name.len);
}

static bool now(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)args, (void)count;
    return give_time(rt, date_now(rt), out);
}

static bool date(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    return format_in(rt, args[0], args[1], local_zone(rt), out);
}

static bool date_in_zone(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    return format_in(rt, args[0], args[1], named_zone(rt, args[2]), out);
}

static bool html_date(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    return format_in(rt, rv_literal("2006-01-02"), args[0], local_zone(rt), out);
}

static bool html_date_in_zone(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    return format_in(rt, rv_literal("2006-01-02"), args[0], named_zone(rt, args[1]), out);
}

static bool modify(struct rt *rt, const struct rv *args, bool must, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    int64_t by;
    if (duration_parse(args[0].u.text, args[0].len, &by, &err))
        return give_time(rt, moment_add(of_arg(args[1]), by), out);
    *out = args[1];
    return !must || rt_fail(rt, "%s", err.msg);
}

static bool date_modify(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    return modify(rt, args, false, out);
}

static bool must_date_modify(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    return modify(rt, args, true, out);
}

static bool to_date(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    struct err err = err_in(rt->heap->arena);
    struct moment m;
    if (!moment_parse(rt->heap->arena, args[0].u.text, args[0].len, args[1].u.text, args[1].len,
                      local_zone(rt), &m, &err))
        m = MOMENT_ZERO;
    return give_time(rt, m, out);
}

static bool must_to_date(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    struct err err = err_in(rt->heap->arena);
    struct moment m;
    return moment_parse(rt->heap->arena, args[0].u.text, args[0].len, args[1].u.text, args[1].len,
                        local_zone(rt), &m, &err)
               ? give_time(rt, m, out)
               : rt_fail(rt, "%s", err.msg);
}

static bool unix_epoch(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    *out = rv_literal(arena_printf(rt->heap->arena, "%lld", (long long)of_arg(args[0]).seconds));
    return true;
}

static bool ago(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    struct buf text;
    buf_init(&text, rt->heap->arena);
    int64_t since = moment_since(any_date(rt, args[0], false), date_now(rt));
    duration_string(&text, duration_round(since, 1000000000));
    *out = rv_buf(&text);
    return true;
}

// time.Time's methods.
#define INT_METHOD(name, value)                                                                              \
    static bool name(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {                   \
        (void)args, (void)count;                                                                             \
        struct moment m = self(rt);                                                                          \
        struct moment_fields f = moment_fields(m);                                                           \
        (void)f;                                                                                             \
        *out = value;                                                                                        \
        return true;                                                                                         \
    }
INT_METHOD(get_year, rv_int(f.year))
INT_METHOD(get_month, rv_integer(RT_MONTH, f.month))
INT_METHOD(get_day, rv_int(f.day))
INT_METHOD(get_hour, rv_int(f.hour))
INT_METHOD(get_minute, rv_int(f.minute))
INT_METHOD(get_second, rv_int(f.second))
INT_METHOD(get_nanosecond, rv_int(m.nanoseconds))
INT_METHOD(get_year_day, rv_int(f.year_day))
INT_METHOD(get_weekday, rv_integer(RT_WEEKDAY, f.weekday))
INT_METHOD(get_unix, rv_integer(RT_INT64, m.seconds))
INT_METHOD(get_unix_milli, rv_integer(RT_INT64, m.seconds * 1000 + m.nanoseconds / 1000000))
INT_METHOD(get_unix_micro, rv_integer(RT_INT64, m.seconds * 1000000 + m.nanoseconds / 1000))
INT_METHOD(get_unix_nano,
           rv_integer(RT_INT64, (int64_t)((uint64_t)m.seconds * 1000000000 + (uint64_t)m.nanoseconds)))
INT_METHOD(is_zero, rv_bool(moment_compare(m, MOMENT_ZERO) == 0))

static bool format(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    return give_format(rt, self(rt), args[0], out);
}

static bool get_string(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)args, (void)count;
    struct buf text;
    buf_init(&text, rt->heap->arena);
    moment_string(&text, self(rt));
    *out = rv_buf(&text);
    return true;
}

static bool in_zone(struct rt *rt, const struct zone *zone, struct rv *out) {
    struct moment m = self(rt);
    m.zone = zone;
    m.monotonic = 0;
    return give_time(rt, m, out);
}

static bool to_utc(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)args, (void)count;
    return in_zone(rt, zone_utc(), out);
}

static bool to_local(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)args, (void)count;
    return in_zone(rt, local_zone(rt), out);
}

static bool add(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    return give_time(rt, moment_add(self(rt), args[0].u.integer), out);
}

static int64_t clamp(int64_t n) {
    return n > 1000000 ? 1000000 : n < -1000000 ? -1000000 : n;
}

// Months and days out of range carry over, as in Go.
static bool add_date(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    struct moment m = self(rt);
    struct moment_fields f = moment_fields(m);
    int64_t months = f.month - 1 + clamp(args[1].u.integer), years = moment_floor(months, 12);
    int64_t days = moment_days(f.year + clamp(args[0].u.integer) + years, (int)(months - years * 12) + 1, 1) +
                   f.day - 1 + clamp(args[2].u.integer);
    int64_t year;
    int month, day;
    moment_date(days, &year, &month, &day);
    return give_time(
        rt, moment_at(year, month, day, f.hour * 3600 + f.minute * 60 + f.second, m.nanoseconds, m.zone),
        out);
}

static bool subtract(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    (void)count;
    *out = rv_integer(RT_DURATION, moment_since(of_arg(args[0]), self(rt)));
    return true;
}

#define ORDER_METHOD(name, test)                                                                             \
    static bool name(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {                   \
        (void)count;                                                                                         \
        int order = moment_compare(self(rt), of_arg(args[0]));                                               \
        *out = test;                                                                                         \
        return true;                                                                                         \
    }
ORDER_METHOD(after, rv_bool(order > 0))
ORDER_METHOD(before, rv_bool(order < 0))
ORDER_METHOD(equal, rv_bool(order == 0))
ORDER_METHOD(compare, rv_int(order))

static const struct rt_func time_methods[] = {
    {"Add", "D", add, 0},
    {"AddDate", "iii", add_date, 0},
    {"After", "t", after, 0},
    {"Before", "t", before, 0},
    {"Compare", "t", compare, 0},
    {"Day", "", get_day, 0},
    {"Equal", "t", equal, 0},
    {"Format", "s", format, 0},
    {"Hour", "", get_hour, 0},
    {"IsZero", "", is_zero, 0},
    {"Local", "", to_local, 0},
    {"Minute", "", get_minute, 0},
    {"Month", "", get_month, 0},
    {"Nanosecond", "", get_nanosecond, 0},
    {"Second", "", get_second, 0},
    {"String", "", get_string, 0},
    {"Sub", "t", subtract, 0},
    {"UTC", "", to_utc, 0},
    {"Unix", "", get_unix, 0},
    {"UnixMicro", "", get_unix_micro, 0},
    {"UnixMilli", "", get_unix_milli, 0},
    {"UnixNano", "", get_unix_nano, 0},
    {"Weekday", "", get_weekday, 0},
    {"Year", "", get_year, 0},
    {"YearDay", "", get_year_day, 0},
    {NULL, NULL, NULL, 0},
};

static void time_string(const struct robject *object, struct buf *out) {
    moment_string(out, of_object(object));
}

static struct value time_json(const struct robject *object, struct arena *arena) {
    const char *layout = "2006-01-02T15:04:05.999999999Z07:00";
    struct buf text;
    buf_init(&text, arena);
    moment_format(&text, of_object(object), layout, strlen(layout));
    return value_string_len(arena, buf_text(&text), text.len);
}

static bool same_time(const struct robject *a, const struct robject *b) {
    struct moment x = of_object(a), y = of_object(b);
    return moment_compare(x, y) == 0 && x.monotonic == y.monotonic &&
           !strcmp(zone_name(x.zone), zone_name(y.zone));
}

static const struct rclass time_class = {
    .name = "time.Time",
    .kind_name = "struct",
    .kind = RV_STRUCT,
    .methods = time_methods,
    .string = time_string,
    .json = time_json,
    .same = same_time,
};

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
