// SPDX-License-Identifier: Apache-2.0
// sprig's functions on one text: trimming, cutting, padding, case.
#include "codec/base64.h"
#include "funcs/cast.h"
#include "funcs/private.h"
#include "funcs/words.h"
#include "go/rune.h"
#include "go/unicode.h"

#include <string.h>

static struct buf text_buf(struct rt *rt) {
    struct buf out;
    buf_init(&out, rt->heap->arena);
    return out;
}

static bool give(struct rv *out, struct buf *text) {
    *out = rv_buf(text);
    return true;
}

static bool give_part(struct rv *out, const char *text, size_t len) {
    *out = rv_string(text, len);
    return true;
}

static bool hello(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_literal("Hello!");
    return true;
}

static bool in_set(int32_t rune, struct rv set) {
    for (size_t i = 0, width; i < set.len; i += width) {
        if (rune_at(set.u.text + i, set.len - i, &width) == rune)
            return true;
    }
    return false;
}

static bool trim(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = cast_trim(args[0]);
    return true;
}

static bool trim_all(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = cast_trim_runes(args[1], in_set, args[0]);
    return true;
}

static bool starts_with(struct rv text, struct rv prefix) {
    return text.len >= prefix.len && !memcmp(text.u.text, prefix.u.text, prefix.len);
}

static bool ends_with(struct rv text, struct rv suffix) {
    return text.len >= suffix.len && !memcmp(text.u.text + text.len - suffix.len, suffix.u.text, suffix.len);
}

static bool trim_prefix(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    size_t cut = starts_with(args[1], args[0]) ? args[0].len : 0;
    return give_part(out, args[1].u.text + cut, args[1].len - cut);
}

static bool trim_suffix(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    size_t cut = ends_with(args[1], args[0]) ? args[0].len : 0;
    return give_part(out, args[1].u.text, args[1].len - cut);
}

static bool has_prefix(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(starts_with(args[1], args[0]));
    return true;
}

static bool has_suffix(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(ends_with(args[1], args[0]));
    return true;
}

static bool contains(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(args[0].len == 0 || memmem(args[1].u.text, args[1].len, args[0].u.text, args[0].len));
    return true;
}

static bool map_runes(struct rt *rt, struct rv text, int32_t (*to)(int32_t), struct rv *out) {
    struct buf mapped = text_buf(rt);
    for (size_t i = 0, width; i < text.len; i += width)
        rune_add(&mapped, to(rune_at(text.u.text + i, text.len - i, &width)));
    return give(out, &mapped);
}

static bool upper(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return map_runes(rt, args[0], unicode_to_upper, out);
}

static bool lower(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return map_runes(rt, args[0], unicode_to_lower, out);
}

// One function each for what words.h does to a text.
#define WORD_FUNCTION(name, function)                                                                        \
    static bool name(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {                   \
        struct buf text = text_buf(rt);                                                                      \
        function(&text, args[0].u.text, args[0].len);                                                        \
        return give(out, &text);                                                                             \
    }
WORD_FUNCTION(title, words_title)
WORD_FUNCTION(untitle, words_untitle)
WORD_FUNCTION(swapcase, words_swap_case)
WORD_FUNCTION(initials, words_initials)
WORD_FUNCTION(nospace, words_without_space)
WORD_FUNCTION(camelcase, words_pascal)
WORD_FUNCTION(b64enc, base64_encode)
WORD_FUNCTION(b32enc, base32_encode)

static bool snakecase(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text = text_buf(rt);
    words_join_lower(&text, args[0].u.text, args[0].len, '_');
    return give(out, &text);
}

static bool kebabcase(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text = text_buf(rt);
    words_join_lower(&text, args[0].u.text, args[0].len, '-');
    return give(out, &text);
}

// A text that cannot be decoded gives the error's words as the result.
static bool decode(struct rt *rt, struct rv text,
                   bool (*from)(struct buf *, const char *, size_t, struct err *), struct rv *out) {
    struct buf decoded = text_buf(rt);
    struct err err = err_in(rt->heap->arena);
    if (from(&decoded, text.u.text, text.len, &err))
        return give(out, &decoded);
    *out = rv_literal(err.msg);
    return true;
}

static bool b64dec(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return decode(rt, args[0], base64_decode, out);
}

static bool b32dec(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return decode(rt, args[0], base32_decode, out);
}

static bool repeat_text(struct rt *rt, struct rv text, int64_t times, struct buf *out) {
    uint64_t total;
    if (times < 0)
        return rt_fail(rt, "strings: negative Repeat count");
    if (__builtin_mul_overflow((uint64_t)times, (uint64_t)text.len, &total) || total > INT64_MAX)
        return rt_fail(rt, "strings: Repeat output length overflow");
    if (!rt_spend(rt, total))
        return false;
    for (int64_t i = 0; text.len && i < times; i++)
        buf_add(out, text.u.text, text.len);
    return true;
}

static bool repeat(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct buf text = text_buf(rt);
    return repeat_text(rt, args[1], args[0].u.integer, &text) && give(out, &text);
}

// Every line of `text`, empty ones too, behind `spaces` spaces; `lead` goes before all of it.
static bool indent_after(struct rt *rt, const char *lead, int64_t spaces, struct rv text, struct rv *out) {
    if (spaces < 0)
        return rt_fail(rt, "strings: negative Repeat count");
    uint64_t lines = 1, total;
    for (size_t i = 0; i < text.len; i++)
        lines += text.u.text[i] == '\n';
    if (__builtin_mul_overflow(lines, (uint64_t)spaces, &total))
        total = UINT64_MAX;
    if (!rt_spend(rt, total))
        return false;
    struct buf padded = text_buf(rt);
    buf_str(&padded, lead);
    buf_fill(&padded, ' ', (size_t)spaces);
    for (size_t at = 0; at < text.len;) {
        const char *end = memchr(text.u.text + at, '\n', text.len - at);
        size_t next = end ? (size_t)(end - text.u.text) + 1 : text.len;
        buf_add(&padded, text.u.text + at, next - at);
        if (end)
            buf_fill(&padded, ' ', (size_t)spaces);
        at = next;
    }
    return give(out, &padded);
}

static bool indent(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return indent_after(rt, "", args[0].u.integer, args[1], out);
}

static bool nindent(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return indent_after(rt, "\n", args[0].u.integer, args[1], out);
}

// Replacing nothing puts the new text before every rune and at the end.
static void weave(struct buf *out, struct rv text, struct rv by) {
    for (size_t i = 0, width; i < text.len; i += width) {
        buf_add(out, by.u.text, by.len);
        width = rune_width(text.u.text + i, text.len - i);
        buf_add(out, text.u.text + i, width);
    }
    buf_add(out, by.u.text, by.len);
}

static bool replace(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv old = args[0], by = args[1], text = args[2];
    uint64_t most = (uint64_t)by.len * (old.len ? text.len / old.len : text.len + 1);
    if (!rt_spend(rt, old.len ? most / 64 : most))
        return false;
    struct buf replaced = text_buf(rt);
    if (!old.len) {
        weave(&replaced, text, by);
        return give(out, &replaced);
    }
    const char *at = text.u.text, *end = at + text.len, *found;
    while ((found = memmem(at, (size_t)(end - at), old.u.text, old.len))) {
        buf_add(&replaced, at, (size_t)(found - at));
        if (!rt_spend(rt, by.len))
            return false;
        buf_add(&replaced, by.u.text, by.len);
        at = found + old.len;
    }
    if (at == text.u.text)
        return give_part(out, text.u.text, text.len);
    buf_add(&replaced, at, (size_t)(end - at));
    return give(out, &replaced);
}

static bool trunc_text(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t want = args[0].u.integer, len = args[1].len;
    if (want < 0 && want > -len)
        return give_part(out, args[1].u.text + len + want, (size_t)-want);
    return give_part(out, args[1].u.text, (size_t)(want >= 0 && want < len ? want : len));
}

// Go's words for a slice expression out of bounds.
static bool substr(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    long long start = args[0].u.integer, end = args[1].u.integer, len = args[2].len;
    if (start < 0) {
        if (end < 0)
            return rt_fail(rt, "runtime error: slice bounds out of range [:%lld]", end);
        if (end > len)
            return rt_fail(rt, "runtime error: slice bounds out of range [:%lld] with length %lld", end, len);
        return give_part(out, args[2].u.text, (size_t)end);
    }
    if (end < 0 || end > len)
        end = len;
    if (start > end)
        return rt_fail(rt, "runtime error: slice bounds out of range [%lld:%lld]", start, end);
    return give_part(out, args[2].u.text + start, (size_t)(end - start));
}

static bool abbrev(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (args[0].u.integer < 4)
        return give_part(out, args[1].u.text, args[1].len);
    struct buf text = text_buf(rt);
    words_abbreviate(&text, args[1].u.text, args[1].len, 0, args[0].u.integer);
    return give(out, &text);
}

static bool abbrevboth(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    int64_t left = args[0].u.integer, right = args[1].u.integer;
    if (right < 4 || (left > 0 && right < 7))
        return give_part(out, args[2].u.text, args[2].len);
    struct buf text = text_buf(rt);
    words_abbreviate(&text, args[2].u.text, args[2].len, left, right);
    return give(out, &text);
}

static bool wrap_text(struct rt *rt, struct rv text, struct words_lines lines, struct rv *out) {
    struct buf wrapped = text_buf(rt);
    size_t per_line = lines.width < 1 ? 1 : (size_t)lines.width;
    if (!cursor_left(lines.newline))
        lines.newline = cursor_of("\n");
    if (!rt_spend(rt, (text.len / per_line + 1) * (uint64_t)cursor_left(lines.newline)))
        return false;
    words_wrap(&wrapped, text.u.text, text.len, &lines);
    return give(out, &wrapped);
}

static bool wrap(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return wrap_text(rt, args[1], (struct words_lines){.width = args[0].u.integer}, out);
}

static bool wrap_with(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct words_lines lines = {args[0].u.integer, cursor_over(args[1].u.text, args[1].len), true};
    return wrap_text(rt, args[2], lines, out);
}

static bool plural(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = args[2].u.integer == 1 ? args[0] : args[1];
    return true;
}

const struct rt_func funcs_strings[] = {
    {"abbrev", "is", abbrev, 0},
    {"abbrevboth", "iis", abbrevboth, 0},
    {"b32dec", "s", b32dec, 0},
    {"b32enc", "s", b32enc, 0},
    {"b64dec", "s", b64dec, 0},
    {"b64enc", "s", b64enc, 0},
    {"camelcase", "s", camelcase, 0},
    {"contains", "ss", contains, 0},
    {"hasPrefix", "ss", has_prefix, 0},
    {"hasSuffix", "ss", has_suffix, 0},
    {"hello", "", hello, 0},
    {"indent", "is", indent, 0},
    {"initials", "s", initials, 0},
    {"kebabcase", "s", kebabcase, 0},
    {"lower", "s", lower, 0},
    {"nindent", "is", nindent, 0},
    {"nospace", "s", nospace, 0},
    {"plural", "ssi", plural, 0},
    {"repeat", "is", repeat, 0},
    {"replace", "sss", replace, 0},
    {"snakecase", "s", snakecase, 0},
    {"substr", "iis", substr, 0},
    {"swapcase", "s", swapcase, 0},
    {"title", "s", title, 0},
    {"trim", "s", trim, 0},
    {"trimAll", "ss", trim_all, 0},
    {"trimPrefix", "ss", trim_prefix, 0},
    {"trimSuffix", "ss", trim_suffix, 0},
    {"trimall", "ss", trim_all, 0},
    {"trunc", "is", trunc_text, 0},
    {"untitle", "s", untitle, 0},
    {"upper", "s", upper, 0},
    {"wrap", "is", wrap, 0},
    {"wrapWith", "iss", wrap_with, 0},
    {NULL, NULL, NULL, 0},
};
