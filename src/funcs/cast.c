// SPDX-License-Identifier: Apache-2.0
#include "funcs/cast.h"

#include "go/rune.h"
#include "go/strconv.h"
#include "go/unicode.h"

int64_t cast_truncate(double f) {
    return f >= -0x1p63 && f < 0x1p63 ? (int64_t)f : INT64_MIN;
}

// "12.00" says 12; "1." and "1.50" stay what they are.
static size_t without_zero_decimals(const char *text, size_t len) {
    bool zero = false;
    for (size_t i = len; i > 0; i--) {
        if (text[i - 1] == '.' && zero)
            return i - 1;
        if (text[i - 1] != '.' && text[i - 1] != '0')
            return len;
        zero |= text[i - 1] == '0';
    }
    return len;
}

int64_t cast_int64(struct rv v) {
    int64_t out = 0;
    switch (v.type) {
    case RT_BOOL: return v.u.boolean;
    case RT_FLOAT64: return cast_truncate(v.u.real);
    case RT_STRING: {
        size_t len = without_zero_decimals(v.u.text, v.len);
        return strconv_parse_int(v.u.text, len, 0, &out) ? out : 0;
    }
    case RT_INT:
    case RT_INT32:
    case RT_INT64:
    case RT_UINT8:
    case RT_UINT64:
    case RT_MONTH:
    case RT_WEEKDAY: return v.u.integer;
    default: return 0; // time.Duration among them: cast knows no such type
    }
}

double cast_float64(struct rv v) {
    double out = 0;
    switch (v.type) {
    case RT_FLOAT64: return v.u.real;
    case RT_UINT64: return (double)(uint64_t)v.u.integer;
    case RT_STRING: return strconv_parse_float(v.u.text, v.len, &out) ? out : 0;
    default: return (double)cast_int64(v);
    }
}

int64_t cast_decimal(const char *text, size_t len) {
    size_t sign = len && (text[0] == '-' || text[0] == '+');
    bool negative = sign && text[0] == '-';
    int64_t n = 0;
    for (size_t i = sign; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
    }
    for (size_t i = sign; i < len; i++) {
        int digit = text[i] - '0';
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, negative ? -digit : digit, &n))
            return negative ? INT64_MIN : INT64_MAX;
    }
    return n;
}

// The rune that ends at `end`, as Go reads backwards.
static int32_t rune_before(const char *text, size_t end, size_t *start) {
    size_t width, at = end - 1;
    while (at > 0 && end - at < 4 && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    int32_t rune = rune_at(text + at, end - at, &width);
    *start = at + width == end ? at : end - 1;
    return at + width == end ? rune : 0xFFFD;
}

struct rv cast_trim_runes(struct rv text, bool (*in)(int32_t rune, struct rv set), struct rv set) {
    size_t start = 0, end = text.len, width, at;
    while (start < end && in(rune_at(text.u.text + start, end - start, &width), set))
        start += width;
    while (end > start && in(rune_before(text.u.text + start, end - start, &at), set))
        end = start + at;
    return rv_string(text.u.text + start, end - start);
}

static bool in_space(int32_t rune, struct rv set) {
    return unicode_is_space(rune);
}

struct rv cast_trim(struct rv text) {
    return cast_trim_runes(text, in_space, text);
}

bool cast_text(struct rt *rt, struct rv v, struct rv *out) {
    if (v.type == RT_STRING || v.type == RT_BYTES) {
        *out = rv_string(v.u.text, v.len);
        return true;
    }
    struct buf text;
    buf_init(&text, rt->heap->arena);
    if (!fmt_value(&text, v))
        return rt_fail_cut(rt);
    *out = rv_buf(&text);
    return true;
}

bool cast_slice(struct rv v, struct rv *out) {
    if (rv_kind(v) != RV_SLICE)
        return false;
    *out = rv_under(v);
    return true;
}

bool cast_strings(struct rt *rt, struct rv v, struct rv *out) {
    struct rv slice;
    *out = v;
    if (v.type == RT_STRINGS)
        return true;
    if (!cast_slice(v, &slice)) {
        struct rv *one = rv_items(rt->heap, 1);
        *out = rv_slice(RT_STRINGS, one, v.type != RT_NIL);
        return cast_text(rt, v, one);
    }
    size_t count = 0, len = rv_len(slice);
    struct rv *items = rv_items(rt->heap, len);
    for (size_t i = 0; i < len; i++) {
        struct rv item = rv_item(slice, i);
        if (item.type != RT_NIL && !cast_text(rt, item, &items[count++]))
            return false;
    }
    *out = rv_slice(RT_STRINGS, items, count);
    return true;
}
