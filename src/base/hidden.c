// SPDX-License-Identifier: Apache-2.0
#include "base/hidden.h"

#include "base/buf.h"
#include "base/list.h"
#include "base/percent.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    ANYWHERE = 6, // bytes from which a secret is looked for inside of words
    LINE = 8,     // bytes from which a line of a secret is one of its own
    ALIGNMENTS = 3,
};

struct needle {
    const char *text;
    size_t len;
    bool word; // only where no letter or digit stands beside it
};

struct hidden {
    struct arena *arena;
    struct hidden *below; // or NULL
    const char **secrets;
    size_t count;
    struct needle *needles; // every form of the first `prepared` secrets, the longest first
    size_t needle_count, prepared;
};

struct hidden *hidden_create(struct arena *arena) {
    struct hidden *hidden = arena_alloc(arena, sizeof *hidden);
    hidden->arena = arena;
    return hidden;
}

struct hidden *hidden_above(struct hidden *below, struct arena *arena) {
    struct hidden *hidden = hidden_create(arena);
    hidden->below = below;
    return hidden;
}

// ---- collecting ----

static bool is_common(const char *text) {
    static const char *const WORDS[] = {"true", "false", "null", HIDDEN_TEXT};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (!strcmp(text, WORDS[i]))
            return true;
    return !*text || !text[strspn(text, " \t\r\n")];
}

static void add(struct hidden *hidden, const char *text, size_t len) {
    const char *copy = arena_strndup(hidden->arena, text, len);
    if (is_common(copy))
        return;
    for (size_t i = 0; i < hidden->count; i++)
        if (!strcmp(hidden->secrets[i], copy))
            return;
    *LIST_ADD(hidden->arena, hidden->secrets, hidden->count) = copy;
}

void hidden_add(struct hidden *hidden, const char *text) {
    if (!hidden || !text)
        return;
    size_t whole = strlen(text);
    add(hidden, text, whole);
    // With the newline at its end it would be found only where that stands too.
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\r\n");
        bool marker = !strncmp(line, "-----", 5); // -----BEGIN …-----
        if (len < whole && len >= LINE && !marker)
            add(hidden, line, len);
        line += len;
        line += strspn(line, "\r\n");
    }
}

void hidden_add_url(struct hidden *hidden, const char *text) {
    const char *scheme = text ? strstr(text, "://") : NULL, *from = scheme ? scheme + 3 : NULL;
    if (!hidden || !from)
        return;
    size_t authority = strcspn(from, "/?#"), at = authority;
    while (at && from[at - 1] != '@')
        at--;
    const char *colon = at ? memchr(from, ':', at - 1) : NULL;
    if (!colon)
        return;
    size_t len = (size_t)(from + at - 1 - (colon + 1));
    add(hidden, colon + 1, len);
    const char *plain = percent_decode(hidden->arena, colon + 1, len);
    add(hidden, plain, strlen(plain));
}

// ---- forms ----

static void push(struct hidden *hidden, const char *text, size_t len, bool word) {
    for (size_t i = 0; i < hidden->needle_count; i++)
        if (hidden->needles[i].len == len && !memcmp(hidden->needles[i].text, text, len))
            return;
    *LIST_ADD(hidden->arena, hidden->needles, hidden->needle_count) = (struct needle){text, len, word};
}

enum form { JSON, JSON_HTML, URL };

static void escape(struct buf *out, unsigned char c, enum form form) {
    static const char named[] = "\"\\\n\r\t\b\f", letters[] = "\"\\nrtbf";
    const char *found = c ? strchr(named, c) : NULL;
    if (form == URL && !isalnum(c) && !strchr("-_.~", c))
        buf_printf(out, "%%%02X", c);
    else if (form != URL && found)
        buf_printf(out, "\\%c", letters[found - named]);
    else if (form != URL && (c < ' ' || (form == JSON_HTML && strchr("<>&", c))))
        buf_printf(out, "\\u%04x", c);
    else
        buf_char(out, (char)c);
}

static void push_escaped(struct hidden *hidden, const char *secret, bool word, enum form form) {
    struct buf out;
    buf_init(&out, hidden->arena);
    for (const char *c = secret; *c; c++)
        escape(&out, (unsigned char)*c, form);
    push(hidden, buf_text(&out), out.len, word);
}

// Base64 of what holds the secret: by how many bytes precede it, there are three. The characters at both
// ends that depend on the neighbours are left off.
static void push_base64(struct hidden *hidden, const char *secret, size_t len, size_t before,
                        const char *digits) {
    struct buf out;
    unsigned bits = 0, held = (unsigned)before * 8;
    size_t skip = before ? before + 1 : 0; // digits that also hold bits of what precedes
    buf_init(&out, hidden->arena);
    for (size_t i = 0; i < len; i++) {
        bits = (bits << 8 | (unsigned char)secret[i]) & 0xffffff;
        for (held += 8; held >= 6; held -= 6)
            buf_char(&out, digits[bits >> (held - 6) & 63]);
    }
    if (out.len > skip + ANYWHERE)
        push(hidden, buf_text(&out) + skip, out.len - skip, false);
}

static void prepare_secret(struct hidden *hidden, const char *secret) {
    static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char FOR_URLS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t len = strlen(secret);
    bool word = len < ANYWHERE;
    push(hidden, secret, len, word);
    for (enum form form = JSON; form <= URL; form++)
        push_escaped(hidden, secret, word, form);
    for (size_t before = 0; !word && before < ALIGNMENTS; before++) {
        push_base64(hidden, secret, len, before, PLAIN);
        push_base64(hidden, secret, len, before, FOR_URLS);
    }
}

static int longest_first(const void *a, const void *b) {
    const struct needle *x = a, *y = b;
    return x->len != y->len ? (x->len < y->len) - (x->len > y->len) : strcmp(x->text, y->text);
}

static void prepare(struct hidden *hidden) {
    if (hidden->prepared == hidden->count)
        return;
    while (hidden->prepared < hidden->count)
        prepare_secret(hidden, hidden->secrets[hidden->prepared++]);
    qsort(hidden->needles, hidden->needle_count, sizeof *hidden->needles, longest_first);
}

// ---- replacing ----

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static bool stands_at(const struct needle *needle, const char *text, const char *at, size_t left) {
    if (needle->len > left || memcmp(at, needle->text, needle->len) != 0)
        return false;
    return !needle->word || ((at == text || !is_word(at[-1])) && !is_word(at[needle->len]));
}

static const struct needle *needle_at(const struct hidden *hidden, const char *text, const char *at,
                                      size_t left) {
    for (size_t i = 0; i < hidden->needle_count; i++)
        if (*at == *hidden->needles[i].text && stands_at(&hidden->needles[i], text, at, left))
            return &hidden->needles[i];
    return NULL;
}

const char *hidden_mask(struct hidden *hidden, struct arena *arena, const char *text) {
    if (hidden && hidden->below)
        text = hidden_mask(hidden->below, arena, text);
    if (!hidden || !hidden->count || !text)
        return text;
    struct buf out;
    const char *from = text, *end = text + strlen(text);
    prepare(hidden);
    buf_init(&out, arena);
    for (const char *at = text; at < end;) {
        const struct needle *needle = needle_at(hidden, text, at, (size_t)(end - at));
        if (!needle) {
            at++;
            continue;
        }
        buf_add(&out, from, (size_t)(at - from));
        buf_str(&out, HIDDEN_TEXT);
        from = at += needle->len;
    }
    if (from == text)
        return text;
    buf_add(&out, from, (size_t)(end - from));
    return buf_text(&out);
}
