// SPDX-License-Identifier: Apache-2.0
// time.Time and *time.Location with their methods, as templates see them.
#include "funcs/time.h"

#include "go/time.h"
#include "go/time_zone.h"

#include <string.h>
#include <time.h>

const struct time_zone *date_zone(struct rt *rt) {
    int64_t seconds;
    int32_t nanoseconds, offset;
    if (!rt->options->now)
        return time_zone_local();
    rt->options->now(rt->options->now_context, &seconds, &nanoseconds, &offset);
    return offset ? time_zone_fixed(rt->heap->arena, "", offset) : time_zone_utc();
}

struct go_time date_now(struct rt *rt) {
    struct go_time m = {.zone = date_zone(rt)};
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

bool date_format(struct rt *rt, struct go_time m, struct rv layout, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    go_time_format(&text, m, layout.u.text, layout.len);
    *out = rv_buf(&text);
    return rt_spend(rt, text.len);
}

static const struct rclass time_class;

static struct go_time of_object(const struct robject *object) {
    return *(const struct go_time *)object->data;
}

static struct go_time self(struct rt *rt) {
    return of_object(rt->self.u.object);
}

bool date_is_time(struct rv v) {
    return v.type == RT_OBJECT && v.u.object->class == &time_class;
}

struct go_time date_of(struct rv time) {
    return of_object(time.u.object);
}

bool date_give(struct rt *rt, struct go_time m, struct rv *out) {
    struct robject *object = arena_alloc(rt->heap->arena, sizeof *object);
    object->class = &time_class;
    object->data = arena_memdup(rt->heap->arena, &m, sizeof m);
    *out = rv_object(object);
    return true;
}

// --- *time.Location ---

static const struct time_zone *zone_of(const struct robject *object) {
    return object->data;
}

static void zone_string(const struct robject *object, struct buf *out) {
    buf_str(out, time_zone_name(zone_of(object)));
}

static bool get_zone_name(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_literal(time_zone_name(zone_of(rt->self.u.object)));
    return true;
}

static bool same_zone(const struct robject *a, const struct robject *b) {
    return !strcmp(time_zone_name(zone_of(a)), time_zone_name(zone_of(b)));
}

static const struct rfield zone_fields[] = {{"name", NULL, false},       {"zone", NULL, false},
                                            {"tx", NULL, false},         {"extend", NULL, false},
                                            {"cacheStart", NULL, false}, {"cacheEnd", NULL, false},
                                            {"cacheZone", NULL, false}};
static const struct rt_func zone_methods[] = {{"String", "", get_zone_name, 0}, {NULL, NULL, NULL, 0}};
static const struct rclass zone_class = {
    .name = "*time.Location",
    .kind_name = "ptr",
    .kind = RV_POINTER,
    .fields = zone_fields,
    .field_count = sizeof zone_fields / sizeof *zone_fields,
    .methods = zone_methods,
    .string = zone_string,
    .same = same_zone,
};

// --- time.Time ---

#define INT_METHOD(name, value)                                                                              \
    static bool name(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {                   \
        struct go_time m = self(rt);                                                                         \
        struct go_time_fields f = go_time_fields(m);                                                         \
        (void)f; /* some are of the time itself */                                                           \
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
INT_METHOD(is_zero, rv_bool(go_time_compare(m, GO_TIME_ZERO) == 0))

static bool format(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return date_format(rt, self(rt), args[0], out);
}

static bool get_string(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    go_time_string(&text, self(rt));
    *out = rv_buf(&text);
    return true;
}

static bool in_zone(struct rt *rt, const struct time_zone *zone, struct rv *out) {
    struct go_time m = self(rt);
    m.zone = zone;
    m.monotonic = 0;
    return date_give(rt, m, out);
}

static bool to_utc(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return in_zone(rt, time_zone_utc(), out);
}

static bool to_local(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return in_zone(rt, date_zone(rt), out);
}

static bool add(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return date_give(rt, go_time_add(self(rt), args[0].u.integer), out);
}

static int64_t clamp(int64_t n) {
    return n > 1000000 ? 1000000 : n < -1000000 ? -1000000 : n;
}

// Months and days out of range carry over, as in Go.
static bool add_date(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct go_time m = self(rt);
    struct go_time_fields f = go_time_fields(m);
    int64_t months = f.month - 1 + clamp(args[1].u.integer), years = go_time_floor(months, 12);
    int64_t days =
        go_time_days(f.year + clamp(args[0].u.integer) + years, (int)(months - years * 12) + 1, 1) + f.day -
        1 + clamp(args[2].u.integer);
    go_time_date(days, &f.year, &f.month, &f.day);
    return date_give(rt, go_time_at(&f, m.nanoseconds, m.zone), out);
}

static bool subtract(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_integer(RT_DURATION, go_time_since(date_of(args[0]), self(rt)));
    return true;
}

#define ORDER_METHOD(name, test)                                                                             \
    static bool name(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {                   \
        int order = go_time_compare(self(rt), date_of(args[0]));                                             \
        *out = test;                                                                                         \
        return true;                                                                                         \
    }
ORDER_METHOD(after, rv_bool(order > 0))
ORDER_METHOD(before, rv_bool(order < 0))
ORDER_METHOD(equal, rv_bool(order == 0))
ORDER_METHOD(compare, rv_int(order))

static bool get_location(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct robject *object = arena_alloc(rt->heap->arena, sizeof *object);
    object->class = &zone_class;
    object->data = self(rt).zone;
    *out = rv_object(object);
    return true;
}

static bool in(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (args[0].type != RT_OBJECT)
        return rt_fail(rt, "time: missing Location in call to Time.In");
    struct go_time m = self(rt);
    m.zone = zone_of(args[0].u.object);
    return date_give(rt, m, out);
}

static bool is_dst(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(time_zone_at(self(rt).zone, self(rt).seconds).dst);
    return true;
}

// What is left of the time since Go's zero time when whole `unit`s are taken off it.
static int64_t rest_of(struct go_time m, int64_t unit) {
    __int128 since = (__int128)m.seconds - GO_TIME_ZERO.seconds;
    __int128 rest = (since * 1000000000 + m.nanoseconds) % unit;
    return (int64_t)(rest < 0 ? rest + unit : rest);
}

static bool truncate_time(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct go_time m = self(rt);
    int64_t unit = args[0].u.integer;
    m.monotonic = 0;
    return date_give(rt, unit > 0 ? go_time_add(m, -rest_of(m, unit)) : m, out);
}

static bool round_time(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct go_time m = self(rt);
    int64_t unit = args[0].u.integer;
    m.monotonic = 0;
    if (unit > 0) {
        int64_t rest = rest_of(m, unit);
        m = go_time_add(m, 2 * (uint64_t)rest < (uint64_t)unit ? -rest : unit - rest);
    }
    return date_give(rt, m, out);
}

// --- as bytes ---

static const char iso[] = "2006-01-02T15:04:05.999999999Z07:00";

// RFC 3339 has no word for every moment; what is wrong, or NULL.
static const char *add_iso(struct buf *out, struct go_time m) {
    struct go_time_fields f = go_time_fields(m);
    go_time_format(out, m, iso, strlen(iso));
    if (f.year < 0 || f.year > 9999)
        return "year outside of range [0,9999]";
    int32_t hours = (f.offset < 0 ? -f.offset : f.offset) / 3600;
    return hours >= 24 ? "timezone hour outside of range [0,23]" : NULL;
}

static void start_with(struct buf *text, struct rt *rt, const struct rv *bytes) {
    buf_init(text, rt->heap->arena);
    if (bytes)
        buf_add(text, bytes->u.text, bytes->len);
}

static bool give_bytes(struct buf *text, struct rv *out) {
    *out = rv_bytes(buf_text(text), text->len);
    return true;
}

static bool give_iso(struct rt *rt, const struct rv *before, const char *quote, const char *method,
                     struct rv *out) {
    struct buf text;
    start_with(&text, rt, before);
    buf_str(&text, quote);
    const char *wrong = add_iso(&text, self(rt));
    buf_str(&text, quote);
    return wrong ? rt_fail(rt, "Time.%s: %s", method, wrong) : give_bytes(&text, out);
}

static bool marshal_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_iso(rt, NULL, "\"", "MarshalJSON", out);
}

static bool marshal_text(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_iso(rt, NULL, "", "MarshalText", out);
}

static bool append_text(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_iso(rt, &args[0], "", "AppendText", out);
}

static bool append_format(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text;
    start_with(&text, rt, &args[0]);
    go_time_format(&text, self(rt), args[1].u.text, args[1].len);
    return rt_spend(rt, text.len) && give_bytes(&text, out);
}

static void add_big_endian(struct buf *out, uint64_t n, int bytes) {
    while (bytes--)
        buf_char(out, (char)(n >> 8 * bytes));
}

// Go's own format: a version, seconds since year 1, nanoseconds, minutes east of UTC (-1 is UTC itself).
static bool give_binary(struct rt *rt, const struct rv *before, struct rv *out) {
    struct go_time m = self(rt);
    int32_t offset = go_time_fields(m).offset, minutes = m.zone == time_zone_utc() ? -1 : offset / 60;
    bool seconds = m.zone != time_zone_utc() && offset % 60 != 0;
    struct buf text;
    if (minutes < INT16_MIN || minutes > INT16_MAX || (minutes == -1 && m.zone != time_zone_utc()))
        return rt_fail(rt, "Time.MarshalBinary: unexpected zone offset");
    start_with(&text, rt, before);
    buf_char(&text, seconds ? 2 : 1);
    add_big_endian(&text, (uint64_t)m.seconds - (uint64_t)GO_TIME_ZERO.seconds, 8);
    add_big_endian(&text, (uint64_t)m.nanoseconds, 4);
    add_big_endian(&text, (uint64_t)minutes, 2);
    if (seconds)
        buf_char(&text, (char)(offset % 60));
    return give_bytes(&text, out);
}

static bool marshal_binary(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_binary(rt, NULL, out);
}

static bool append_binary(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return give_binary(rt, &args[0], out);
}

static void time_go_string(const struct robject *object, struct buf *out) {
    struct go_time m = of_object(object);
    struct go_time_fields f = go_time_fields(m);
    buf_printf(out, "time.Date(%lld, time.%s, %d, %d, %d, %d, %d, ", (long long)f.year,
               go_time_months[f.month - 1], f.day, f.hour, f.minute, f.second, (int)m.nanoseconds);
    if (m.zone == time_zone_utc())
        buf_str(out, "time.UTC)");
    else if (m.zone == time_zone_local())
        buf_str(out, "time.Local)");
    else {
        buf_str(out, "time.Location(");
        go_time_quote(out, time_zone_name(m.zone), strlen(time_zone_name(m.zone)));
        buf_str(out, "))");
    }
}

static bool get_go_string(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    time_go_string(rt->self.u.object, &text);
    *out = rv_buf(&text);
    return true;
}

// Those that give more than a template can take come without a function.
static const struct rt_func time_methods[] = {
    {"Add", "D", add, 0},
    {"AddDate", "iii", add_date, 0},
    {"After", "t", after, 0},
    {"AppendBinary", "B", append_binary, 0},
    {"AppendFormat", "Bs", append_format, 0},
    {"AppendText", "B", append_text, 0},
    {"Before", "t", before, 0},
    {"Clock", ">3", NULL, 0},
    {"Compare", "t", compare, 0},
    {"Date", ">3", NULL, 0},
    {"Day", "", get_day, 0},
    {"Equal", "t", equal, 0},
    {"Format", "s", format, 0},
    {"GoString", "", get_go_string, 0},
    {"GobEncode", "", marshal_binary, 0},
    {"Hour", "", get_hour, 0},
    {"ISOWeek", ">int", NULL, 0},
    {"In", "L", in, 0},
    {"IsDST", "", is_dst, 0},
    {"IsZero", "", is_zero, 0},
    {"Local", "", to_local, 0},
    {"Location", "", get_location, 0},
    {"MarshalBinary", "", marshal_binary, 0},
    {"MarshalJSON", "", marshal_json, 0},
    {"MarshalText", "", marshal_text, 0},
    {"Minute", "", get_minute, 0},
    {"Month", "", get_month, 0},
    {"Nanosecond", "", get_nanosecond, 0},
    {"Round", "D", round_time, 0},
    {"Second", "", get_second, 0},
    {"String", "", get_string, 0},
    {"Sub", "t", subtract, 0},
    {"Truncate", "D", truncate_time, 0},
    {"UTC", "", to_utc, 0},
    {"Unix", "", get_unix, 0},
    {"UnixMicro", "", get_unix_micro, 0},
    {"UnixMilli", "", get_unix_milli, 0},
    {"UnixNano", "", get_unix_nano, 0},
    {"Weekday", "", get_weekday, 0},
    {"Year", "", get_year, 0},
    {"YearDay", "", get_year_day, 0},
    {"Zone", ">int", NULL, 0},
    {"ZoneBounds", ">time.Time", NULL, 0},
    {NULL, NULL, NULL, 0},
};

static void time_string(const struct robject *object, struct buf *out) {
    go_time_string(out, of_object(object));
}

static const char *time_json(const struct robject *object, struct arena *arena, struct value *out) {
    struct buf text;
    buf_init(&text, arena);
    const char *wrong = add_iso(&text, of_object(object));
    *out = value_string_len(arena, buf_text(&text), text.len);
    return wrong ? arena_printf(arena, "Time.MarshalJSON: %s", wrong) : NULL;
}

static bool same_time(const struct robject *a, const struct robject *b) {
    struct go_time x = of_object(a), y = of_object(b);
    return go_time_compare(x, y) == 0 && x.monotonic == y.monotonic &&
           !strcmp(time_zone_name(x.zone), time_zone_name(y.zone));
}

static const struct rfield time_fields[] = {
    {"wall", NULL, false}, {"ext", NULL, false}, {"loc", NULL, false}};
static const struct rclass time_class = {
    .name = "time.Time",
    .kind_name = "struct",
    .kind = RV_STRUCT,
    .fields = time_fields,
    .field_count = sizeof time_fields / sizeof *time_fields,
    .methods = time_methods,
    .string = time_string,
    .go_string = time_go_string,
    .json = time_json,
    .same = same_time,
};
