// SPDX-License-Identifier: Apache-2.0
#include "funcs/words.h"

#include "go/rune.h"
#include "go/unicode.h"

#include "funcs/words_tables.inc"
#include <string.h>

#define BROKEN 0xFFFD

#define IN(ranges, rune) unicode_in(ranges, sizeof(ranges) / sizeof *(ranges), (uint32_t)(rune))

static bool is_punct(int32_t rune) {
    return IN(punct, rune);
}

static bool is_number(int32_t rune) {
    return IN(number, rune);
}

static bool is_connector(int32_t rune) {
    return rune == '-' || rune == '_' || unicode_is_space(rune);
}

// Letters of scripts with words: CJK ideographs do not count.
static bool is_alphabet(int32_t rune) {
    if (!unicode_is_letter(rune))
        return false;
    return !((rune >= 0x3400 && rune <= 0x4D85) || (rune >= 0x4E00 && rune <= 0x9FCC) ||
             (rune >= 0x20000 && rune <= 0x2B81D));
}

static bool is_small(int32_t rune) {
    return is_alphabet(rune) && !unicode_is_upper(rune);
}

static bool is_other(int32_t rune) {
    return !is_connector(rune) && !is_alphabet(rune) && !is_number(rune) && !is_punct(rune);
}

enum word_kind { WORD_INVALID, WORD_NUMBER, WORD_UPPER, WORD_SMALL, WORD_CONNECTOR, WORD_PUNCT, WORD_OTHER };

// The word just read and what follows it.
struct words {
    const char *rest;
    size_t rest_len;
    enum word_kind kind;
    const char *word;
    size_t len;
};

// The next rune that is not broken, and the bytes up to its end; `previous` when none is left.
static int32_t sound_rune(const char *text, size_t len, int32_t previous, size_t *size) {
    *size = 0;
    while (*size < len) {
        size_t width;
        int32_t rune = rune_at(text + *size, len - *size, &width);
        *size += width;
        if (rune != BROKEN)
            return rune;
    }
    return previous;
}

// How long a run of runes that `in` accepts is. `*stop` is the rune that ended it (or its last
// one), `*last` the size of its last rune.
static size_t run_len(struct cursor rest, bool (*in)(int32_t), int32_t *stop, size_t *last) {
    const char *start = rest.at;
    while (cursor_left(rest)) {
        size_t size;
        *stop = sound_rune(rest.at, cursor_left(rest), *stop, &size);
        if (!in(*stop))
            break;
        *last = size;
        rest.at += size;
    }
    return (size_t)(rest.at - start);
}

// An upper-case letter takes the upper-case run after it, but the last of the run belongs to the
// next word when small letters follow ("HTTPServer"); or else the small letters after it.
static size_t upper_end(const char *text, size_t len, size_t at, int32_t rune) {
    size_t size, last = 0;
    if (at == len)
        return at;
    int32_t next = sound_rune(text + at, len - at, rune, &size);
    struct cursor rest = cursor_over(text + at + size, len - at - size);
    if (!unicode_is_upper(next))
        return is_alphabet(next) ? at + size + run_len(rest, is_small, &next, &last) : at;
    last = size;
    size_t end = at + size + run_len(rest, unicode_is_upper, &next, &last);
    return end < len && is_alphabet(next) ? end - last : end;
}

static void next_word(struct words *w) {
    static const struct {
        bool (*in)(int32_t);
        enum word_kind kind;
    } runs[] = {{is_connector, WORD_CONNECTOR}, {is_punct, WORD_PUNCT},   {unicode_is_upper, WORD_UPPER},
                {is_alphabet, WORD_SMALL},      {is_number, WORD_NUMBER}, {is_other, WORD_OTHER}};
    const char *text = w->rest;
    size_t len = w->rest_len, size, last, i = 0;
    w->word = text;
    w->kind = WORD_INVALID;
    int32_t rune = sound_rune(text, len, BROKEN, &size);
    if (rune != BROKEN) {
        while (!runs[i].in(rune))
            i++;
        w->kind = runs[i].kind;
        if (w->kind == WORD_UPPER)
            size = upper_end(text, len, size, rune);
        else
            size += run_len(cursor_over(text + size, len - size),
                            w->kind == WORD_SMALL ? is_small : runs[i].in, &rune, &last);
    }
    w->len = size;
    w->rest += size;
    w->rest_len -= size;
}

static void add_word(struct buf *out, enum word_kind kind, const char *text, size_t len, char connector) {
    if (kind != WORD_UPPER && kind != WORD_CONNECTOR) {
        buf_add(out, text, len);
        return;
    }
    for (size_t i = 0, width; i < len; i += width) {
        int32_t rune = rune_at(text + i, len - i, &width);
        if (is_connector(rune))
            buf_char(out, connector);
        else
            rune_add(out, unicode_is_upper(rune) ? unicode_to_lower(rune) : rune);
    }
}

// Numbers and small letters stick together.
static void add_glued(struct buf *out, struct words *w, char connector) {
    while (w->kind == WORD_SMALL || w->kind == WORD_NUMBER) {
        add_word(out, w->kind, w->word, w->len, connector);
        next_word(w);
    }
    if (w->kind != WORD_INVALID && w->kind != WORD_PUNCT && w->kind != WORD_CONNECTOR)
        buf_char(out, connector);
}

// After a word of letters: a number sticks to it unless small letters follow the number.
static void add_after_letters(struct buf *out, struct words *w, char connector) {
    if (w->kind == WORD_NUMBER) {
        if (!w->rest_len)
            return;
        const char *digits = w->word;
        size_t len = w->len;
        next_word(w);
        if (w->kind == WORD_SMALL) {
            buf_char(out, connector);
            buf_add(out, digits, len);
            add_glued(out, w, connector);
            return;
        }
        buf_add(out, digits, len);
    }
    if (w->kind != WORD_CONNECTOR && w->kind != WORD_PUNCT)
        buf_char(out, connector);
}

void words_join_lower(struct buf *out, const char *text, size_t len, char connector) {
    struct words w = {.rest = text, .rest_len = len};
    if (!len)
        return;
    next_word(&w);
    while (w.rest_len) {
        struct words last = w;
        if (last.kind != WORD_CONNECTOR)
            add_word(out, last.kind, last.word, last.len, connector);
        next_word(&w);
        if (last.kind == WORD_NUMBER)
            add_glued(out, &w, connector);
        else if (last.kind == WORD_CONNECTOR)
            add_word(out, last.kind, last.word, last.len, connector);
        else if (last.kind != WORD_PUNCT)
            add_after_letters(out, &w, connector);
    }
    add_word(out, w.kind, w.word, w.len, connector);
}

void words_pascal(struct buf *out, const char *text, size_t len) {
    size_t at = 0, width = 0;
    int32_t rune = 0;
    bool was_upper = false;
    while (at < len) {
        rune = rune_at(text + at, len - at, &width);
        at += width;
        if (!is_connector(rune)) {
            was_upper = unicode_is_upper(rune);
            rune = unicode_to_upper(rune);
            break;
        }
        rune_add(out, rune);
    }
    while (at < len) {
        int32_t previous = rune;
        rune = rune_at(text + at, len - at, &width);
        at += width;
        if (is_connector(previous) && !is_connector(rune)) {
            was_upper = unicode_is_upper(rune);
            rune = unicode_to_upper(rune);
            continue;
        }
        if (!is_connector(previous) && was_upper) {
            was_upper = unicode_is_upper(rune);
            rune = was_upper ? unicode_to_lower(rune) : rune;
        }
        rune_add(out, previous);
    }
    if (len)
        rune_add(out, rune);
}

static bool is_separator(int32_t rune) {
    if (rune == '_' || unicode_is_letter(rune) || unicode_is_digit(rune))
        return false;
    return rune <= 0x7F || unicode_is_space(rune);
}

void words_title(struct buf *out, const char *text, size_t len) {
    int32_t previous = ' ';
    for (size_t i = 0, width; i < len; i += width) {
        int32_t rune = rune_at(text + i, len - i, &width);
        rune_add(out, is_separator(previous) ? unicode_to_title(rune) : rune);
        previous = rune;
    }
}

void words_untitle(struct buf *out, const char *text, size_t len) {
    bool first = true;
    for (size_t i = 0, width; i < len; i += width) {
        int32_t rune = rune_at(text + i, len - i, &width);
        bool space = unicode_is_space(rune);
        rune_add(out, first && !space ? unicode_to_lower(rune) : rune);
        first = space;
    }
}

void words_swap_case(struct buf *out, const char *text, size_t len) {
    bool after_space = true;
    for (size_t i = 0, width; i < len; i += width) {
        int32_t rune = rune_at(text + i, len - i, &width);
        if (unicode_is_upper(rune) || IN(title, rune)) {
            rune_add(out, unicode_to_lower(rune));
            after_space = false;
        } else if (unicode_is_lower(rune)) {
            rune_add(out, after_space ? unicode_to_title(rune) : unicode_to_upper(rune));
            after_space = false;
        } else {
            rune_add(out, rune);
            after_space = unicode_is_space(rune);
        }
    }
}

void words_initials(struct buf *out, const char *text, size_t len) {
    bool after_space = true;
    for (size_t i = 0; i < len; i++) {
        bool space = unicode_is_space((unsigned char)text[i]);
        if (!space && after_space)
            rune_add(out, (unsigned char)text[i]);
        after_space = space;
    }
}

void words_without_space(struct buf *out, const char *text, size_t len) {
    size_t spaces = 0;
    for (size_t i = 0; i < len; i++)
        spaces += unicode_is_space((unsigned char)text[i]);
    if (!spaces) {
        buf_add(out, text, len);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (!unicode_is_space((unsigned char)text[i]))
            rune_add(out, (unsigned char)text[i]);
    }
}

// How long the first line is, of a text longer than `width`; the next one starts at `*next`.
static size_t line_len(struct cursor text, size_t width, bool break_words, size_t *next) {
    size_t len = cursor_left(text);
    const char *space = memrchr(text.at, ' ', width + 1);
    if (!space && break_words)
        return *next = width;
    if (!space)
        space = memchr(text.at + width, ' ', len - width);
    *next = space ? (size_t)(space - text.at) + 1 : len;
    return space ? (size_t)(space - text.at) : len;
}

void words_wrap(struct buf *out, const char *text, size_t len, const struct words_lines *lines) {
    size_t wide = lines->width < 1 ? 1 : (size_t)lines->width;
    struct cursor rest = cursor_over(text, len);
    while (cursor_left(rest) > wide) {
        if (cursor_eat(&rest, " "))
            continue;
        size_t next, line = line_len(rest, wide, lines->break_words, &next);
        bool last = line == cursor_left(rest);
        buf_add(out, rest.at, line);
        cursor_drop(&rest, next);
        if (last)
            break;
        buf_add(out, lines->newline.at, cursor_left(lines->newline));
    }
    buf_add(out, rest.at, cursor_left(rest));
}

void words_abbreviate(struct buf *out, const char *text, size_t len, int64_t offset, int64_t width) {
    if (len == 0 || width < 4)
        return;
    if ((int64_t)len <= width) {
        buf_add(out, text, len);
        return;
    }
    size_t wide = (size_t)width - 3;
    size_t from = offset > (int64_t)len ? len : offset < 0 ? 0 : (size_t)offset;
    if (len - from < wide)
        from = len - wide;
    if (offset < 0 || from <= 4) {
        buf_add(out, text, wide);
        buf_str(out, "...");
        return;
    }
    if (width < 7)
        return;
    buf_str(out, "...");
    if (from + wide < len)
        words_abbreviate(out, text + from, len - from, 0, (int64_t)wide);
    else
        buf_add(out, text + len - wide, wide);
}
