// SPDX-License-Identifier: Apache-2.0
// sprig's randomness, all of it from one source so that tests can be exact.
#include "funcs/random.h"
#include "funcs/private.h"

#include "codec/base64.h"
#include "go/rune.h"

#include <string.h>

struct crypto_random random_source(struct rt *rt) {
    if (!rt->options->random)
        return crypto_random_system;
    return (struct crypto_random){rt->options->random, rt->options->random_context};
}

// Uniform in [0, bound): numbers from the incomplete last run of `bound` are thrown away.
static uint64_t below(struct rt *rt, uint64_t bound) {
    struct crypto_random random = random_source(rt);
    uint64_t n, spare = (0 - bound) % bound;
    do {
        random.fill(random.user, &n, sizeof n);
    } while (n < spare);
    return n % bound;
}

// The same for at most 256 choices, one byte each, drawn in blocks.
static void pick_bytes(struct rt *rt, const char *from, size_t choices, size_t count, struct buf *out) {
    struct crypto_random random = random_source(rt);
    unsigned char block[256];
    size_t usable = 256 - 256 % choices;
    while (out->len < count) {
        random.fill(random.user, block, sizeof block);
        for (size_t i = 0; i < sizeof block && out->len < count; i++) {
            if (block[i] < usable)
                buf_char(out, from[block[i] % choices]);
        }
    }
}

static bool random_text(struct rt *rt, struct rv count, const char *from, struct rv *out) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    if (count.u.integer > 0) {
        if (!rt_spend(rt, (uint64_t)count.u.integer))
            return false;
        pick_bytes(rt, from, strlen(from), (size_t)count.u.integer, &text);
    }
    *out = rv_buf(&text);
    return true;
}

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static bool rand_alpha_num(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return random_text(rt, args[0], DIGITS LETTERS, out);
}

static bool rand_alpha(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return random_text(rt, args[0], LETTERS, out);
}

static bool rand_numeric(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return random_text(rt, args[0], DIGITS, out);
}

static bool rand_ascii(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return random_text(rt, args[0], " !\"#$%&'()*+,-./" DIGITS ":;<=>?@" LETTERS "[\\]^_`{|}~", out);
}

static bool rand_bytes(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t len = args[0].u.integer;
    struct crypto_random random = random_source(rt);
    if (len < 0)
        return rt_fail(rt, "runtime error: makeslice: len out of range");
    if (!rt_spend(rt, (uint64_t)len))
        return false;
    unsigned char *bytes = arena_alloc(rt->heap->arena, (size_t)len + 1);
    random.fill(random.user, bytes, (size_t)len);
    struct buf text;
    buf_init(&text, rt->heap->arena);
    base64_encode(&text, bytes, (size_t)len);
    *out = rv_buf(&text);
    return true;
}

static bool rand_int(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t min = args[0].u.integer, span = (int64_t)((uint64_t)args[1].u.integer - (uint64_t)min);
    if (span <= 0)
        return rt_fail(rt, "invalid argument to Intn");
    *out = rv_int((int64_t)((uint64_t)min + below(rt, (uint64_t)span)));
    return true;
}

static bool shuffle(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    size_t runes = 0, width;
    if (!rt_spend(rt, args[0].len))
        return false;
    int32_t *text = arena_array(rt->heap->arena, (size_t)args[0].len + 1, sizeof *text);
    for (size_t i = 0; i < args[0].len; i += width)
        text[runes++] = rune_at(args[0].u.text + i, args[0].len - i, &width);
    struct buf shuffled;
    buf_init(&shuffled, rt->heap->arena);
    for (size_t i = runes; i > 1; i--) {
        size_t other = (size_t)below(rt, i);
        int32_t swapped = text[i - 1];
        text[i - 1] = text[other];
        text[other] = swapped;
    }
    for (size_t i = 0; i < runes; i++)
        rune_add(&shuffled, text[i]);
    *out = rv_buf(&shuffled);
    return true;
}

static bool uuid(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    unsigned char bytes[16];
    struct crypto_random random = random_source(rt);
    random.fill(random.user, bytes, sizeof bytes);
    bytes[6] = (bytes[6] & 0x0F) | 0x40; // version 4
    bytes[8] = (bytes[8] & 0x3F) | 0x80; // RFC 4122
    struct buf text;
    buf_init(&text, rt->heap->arena);
    for (size_t i = 0; i < sizeof bytes; i++)
        buf_printf(&text, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
    *out = rv_buf(&text);
    return true;
}

const struct rt_func funcs_random[] = {
    {"randAlpha", "i", rand_alpha, 0},
    {"randAlphaNum", "i", rand_alpha_num, 0},
    {"randAscii", "i", rand_ascii, 0},
    {"randBytes", "i", rand_bytes, 0},
    {"randInt", "ii", rand_int, 0},
    {"randNumeric", "i", rand_numeric, 0},
    {"shuffle", "s", shuffle, 0},
    {"uuidv4", "", uuid, 0},
    {NULL, NULL, NULL, 0},
};
