// SPDX-License-Identifier: Apache-2.0
#include "go/idna.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "go/unicode.h"

#include <string.h>

// RFC 3492 5.
enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_RUNE = 0x80 };
enum { LONGEST = 253 }; // runes of a label that are looked at: a name has no more bytes

static unsigned adapt(unsigned delta, unsigned points, bool first) {
    unsigned k = 0;
    delta /= first ? DAMP : 2;
    for (delta += delta / points; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
        delta /= BASE - TMIN;
    return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static void put_number(struct buf *out, unsigned number, unsigned bias) {
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (unsigned k = BASE;; k += BASE) {
        unsigned t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
        if (number < t)
            break;
        buf_char(out, digits[t + (number - t) % (BASE - t)]);
        number = (number - t) / (BASE - t);
    }
    buf_char(out, digits[number]);
}

static uint32_t next_rune(const uint32_t *runes, size_t count, uint32_t least) {
    uint32_t next = UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        next = runes[i] >= least && runes[i] < next ? runes[i] : next;
    return next;
}

// RFC 3492 6.3.
static void put_label(struct buf *out, const uint32_t *runes, size_t count) {
    unsigned delta = 0, bias = FIRST_BIAS, done = 0, basic;
    for (size_t i = 0; i < count; i++)
        if (runes[i] < FIRST_RUNE) {
            buf_char(out, (char)runes[i]);
            done++;
        }
    basic = done;
    if (basic)
        buf_char(out, '-');
    for (uint32_t rune = FIRST_RUNE; done < count; rune++, delta++) {
        uint32_t next = next_rune(runes, count, rune);
        delta += (next - rune) * (done + 1);
        rune = next;
        for (size_t i = 0; i < count; i++) {
            delta += runes[i] < rune;
            if (runes[i] != rune)
                continue;
            put_number(out, delta, bias);
            bias = adapt(delta, done + 1, done == basic);
            delta = 0;
            done++;
        }
    }
}

static void add_label(struct buf *out, const char *label, size_t len) {
    uint32_t runes[LONGEST];
    size_t count = 0;
    bool ascii = true;
    for (size_t at = 0; at < len && count < LONGEST; count++) {
        uint32_t rune;
        at += utf8_decode(label + at, len - at, &rune);
        runes[count] = (uint32_t)unicode_to_lower((int32_t)rune);
        ascii &= rune < FIRST_RUNE;
    }
    if (ascii) {
        buf_add(out, label, len);
        return;
    }
    buf_str(out, "xn--");
    put_label(out, runes, count);
}

const char *go_idna_ascii(struct arena *arena, const char *host) {
    struct buf out;
    size_t len = strlen(host), ascii = 0;
    while (ascii < len && (unsigned char)host[ascii] < FIRST_RUNE)
        ascii++;
    if (ascii == len || len > LONGEST || utf8_valid_prefix(host, len) < len)
        return host;
    buf_init(&out, arena);
    for (;;) {
        size_t label = strcspn(host, ".");
        add_label(&out, host, label);
        if (!host[label])
            return buf_text(&out);
        buf_char(&out, '.');
        host += label + 1;
    }
}
