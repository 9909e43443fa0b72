// SPDX-License-Identifier: Apache-2.0
#include "go/duration.h"

#include "go/time.h"

#include <string.h>

#define LIMIT ((uint64_t)1 << 63)

static const struct {
    const char *name;
    uint64_t nanoseconds;
} units[] = {
    {"ns", 1},
    {"us", 1000},
    {"\xC2\xB5s", 1000}, // micro sign
    {"\xCE\xBCs", 1000}, // Greek mu
    {"ms", 1000000},
    {"s", 1000000000},
    {"m", 60 * (uint64_t)1000000000},
    {"h", 3600 * (uint64_t)1000000000},
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static uint64_t find_unit(const char *text, size_t len) {
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].name) == len && !memcmp(units[i].name, text, len))
            return units[i].nanoseconds;
    }
    return 0;
}

// Whole digits; false when they exceed 2^63.
static bool scan_whole(const char **at, const char *end, uint64_t *out) {
    for (*out = 0; *at < end && is_digit(**at); ++*at) {
        if (*out > LIMIT / 10)
            return false;
        *out = *out * 10 + (uint64_t)(**at - '0');
        if (*out > LIMIT)
            return false;
    }
    return true;
}

// Digits after the point: value and scale; those too many to hold do not count.
static void scan_fraction(const char **at, const char *end, uint64_t *value, double *scale) {
    bool full = false;
    for (*value = 0, *scale = 1; *at < end && is_digit(**at); ++*at) {
        if (full || *value > (LIMIT - 1) / 10) {
            full = true;
            continue;
        }
        *value = *value * 10 + (uint64_t)(**at - '0');
        *scale *= 10;
    }
}

struct part {
    uint64_t whole, fraction;
    double scale;
};

// One "1.5h" as nanoseconds; `*problem` starts the error's words on failure.
static bool scan_part(struct arena *arena, const char **at, const char *end, uint64_t *out,
                      const char **problem) {
    struct part p = {0, 0, 1};
    const char *start = *at;
    *problem = "invalid duration";
    if (!scan_whole(at, end, &p.whole))
        return false;
    size_t digits = (size_t)(*at - start);
    if (*at < end && **at == '.') {
        const char *point = ++*at;
        scan_fraction(at, end, &p.fraction, &p.scale);
        digits += (size_t)(*at - point);
    }
    if (!digits)
        return false;
    const char *unit = *at;
    while (*at < end && **at != '.' && !is_digit(**at))
        ++*at;
    uint64_t size = find_unit(unit, (size_t)(*at - unit));
    if (*at == unit) {
        *problem = "missing unit in duration";
        return false;
    }
    if (!size) {
        struct buf text;
        buf_init(&text, arena);
        buf_str(&text, "unknown unit ");
        go_time_quote(&text, unit, (size_t)(*at - unit));
        buf_str(&text, " in duration");
        *problem = buf_text(&text);
        return false;
    }
    if (p.whole > LIMIT / size)
        return false;
    *out = p.whole * size;
    if (p.fraction)
        *out += (uint64_t)((double)p.fraction * ((double)size / p.scale));
    return *out <= LIMIT;
}

static bool bad(struct err *err, const char *problem, const char *text, size_t len) {
    struct buf quoted;
    buf_init(&quoted, err->arena);
    go_time_quote(&quoted, text, len);
    return err_set(err, ERR_INVALID, "time: %s %s", problem, buf_text(&quoted));
}

bool duration_parse(const char *text, size_t len, int64_t *out, struct err *err) {
    const char *at = text, *end = text + len, *problem = "invalid duration";
    bool negative = len && *at == '-';
    uint64_t total = 0, part;
    *out = 0;
    at += len && (*at == '-' || *at == '+');
    if (end - at == 1 && *at == '0')
        return true;
    if (at == end)
        return bad(err, problem, text, len);
    while (at < end) {
        if (!scan_part(err->arena, &at, end, &part, &problem))
            return bad(err, problem, text, len);
        total += part;
        if (total > LIMIT)
            return bad(err, "invalid duration", text, len);
    }
    if (!negative && total == LIMIT)
        return bad(err, "invalid duration", text, len);
    *out = (int64_t)(negative ? 0 - total : total);
    return true;
}

// `value` in units of ten to the `digits`, without trailing zeros after the point.
static void add_decimal(struct buf *out, uint64_t value, int digits) {
    uint64_t scale = 1;
    for (int i = 0; i < digits; i++)
        scale *= 10;
    buf_printf(out, "%llu", (unsigned long long)(value / scale));
    uint64_t rest = value % scale;
    if (!rest)
        return;
    while (rest % 10 == 0) {
        rest /= 10;
        digits--;
    }
    buf_printf(out, ".%0*llu", digits, (unsigned long long)rest);
}

void duration_string(struct buf *out, int64_t nanoseconds) {
    const uint64_t second = 1000000000;
    uint64_t d = nanoseconds < 0 ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;
    if (nanoseconds < 0)
        buf_char(out, '-');
    if (d < second) {
        int digits = d < 1000 ? 0 : d < 1000000 ? 3 : 6;
        add_decimal(out, d, digits);
        buf_str(out, !d ? "s" : !digits ? "ns" : digits == 3 ? "\xC2\xB5s" : "ms");
        return;
    }
    if (d >= 3600 * second)
        buf_printf(out, "%lluh", (unsigned long long)(d / (3600 * second)));
    if (d >= 60 * second)
        buf_printf(out, "%llum", (unsigned long long)(d / (60 * second) % 60));
    add_decimal(out, d % (60 * second), 9);
    buf_char(out, 's');
}

int64_t duration_round(int64_t d, int64_t to) {
    if (to <= 0)
        return d;
    int64_t rest = d % to, out;
    uint64_t size = rest < 0 ? 0 - (uint64_t)rest : (uint64_t)rest;
    if (2 * size < (uint64_t)to)
        return d - rest;
    bool over =
        d < 0 ? __builtin_sub_overflow(d - rest, to, &out) : __builtin_add_overflow(d - rest, to, &out);
    return over ? (d < 0 ? INT64_MIN : INT64_MAX) : out;
}
