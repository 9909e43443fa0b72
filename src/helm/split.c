// SPDX-License-Identifier: Apache-2.0
// Streams are split as text: charts write "---# comment" and "---apiVersion: v1",
// which helm takes and a YAML parser would not.
#include "helm/manifest.h"

#include <string.h>

// Length of the Unicode space at `p`, 0 when there is none (Go's unicode.IsSpace).
static size_t space_len(const char *p, const char *end) {
    const unsigned char *u = (const unsigned char *)p;
    if (p >= end)
        return 0;
    if (*u == ' ' || (*u >= '\t' && *u <= '\r'))
        return 1;
    if (end - p >= 2 && u[0] == 0xc2 && (u[1] == 0x85 || u[1] == 0xa0))
        return 2;
    if (end - p < 3)
        return 0;
    bool wide =
        (u[0] == 0xe1 && u[1] == 0x9a && u[2] == 0x80) || (u[0] == 0xe3 && u[1] == 0x80 && u[2] == 0x80) ||
        (u[0] == 0xe2 && u[1] == 0x81 && u[2] == 0x9f) ||
        (u[0] == 0xe2 && u[1] == 0x80 && (u[2] <= 0x8a || u[2] == 0xa8 || u[2] == 0xa9 || u[2] == 0xaf));
    return wide ? 3 : 0;
}

static const char *trim_left(const char *p, const char *end) {
    for (size_t len; (len = space_len(p, end)) > 0;)
        p += len;
    return p;
}

static const char *trim_right(const char *p, const char *end) {
    while (end > p) {
        const char *before = end - 1;
        while (before > p && end - before < 3 && ((unsigned char)*before & 0xc0) == 0x80)
            before--;
        size_t len = space_len(before, end);
        if (!len || before + len != end)
            break;
        end = before;
    }
    return end;
}

const char *helm_trim_space(struct arena *arena, const char *text, size_t len) {
    const char *end = text + len, *start = trim_left(text, end);
    end = trim_right(start, end);
    return arena_strndup(arena, start, (size_t)(end - start));
}

static bool is_regex_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static void add_text(struct arena *arena, struct texts *texts, const char *start, const char *end) {
    size_t old = texts->count, *lens = (size_t *)texts->lens;
    if ((old & (old - 1)) == 0) {
        size_t capacity = old ? old * 2 : 1;
        texts->items =
            arena_grow(arena, texts->items, old * sizeof *texts->items, capacity * sizeof *texts->items);
        texts->lens = lens = arena_grow(arena, lens, old * sizeof *lens, capacity * sizeof *lens);
    }
    lens[old] = (size_t)(end - start);
    texts->items[texts->count++] = arena_strndup(arena, start, lens[old]);
}

// Helm 3: at the start or after a line end, with all white space around it.
static struct texts split_trimmed(struct arena *arena, const char *text, const char *end) {
    struct texts texts = {0};
    text = trim_left(text, end);
    end = trim_right(text, end);
    const char *from = text; // where the present document starts: behind the last separator
    for (const char *p = text; p < end;) {
        const char *mark = memmem(p, (size_t)(end - p), "---", 3);
        if (!mark)
            break;
        if (mark != text && (mark == from || mark[-1] != '\n')) {
            p = mark + 1;
            continue;
        }
        const char *stop = mark;
        while (stop > from && is_regex_space(stop[-1]))
            stop--;
        if (stop > from)
            add_text(arena, &texts, trim_left(from, stop), trim_right(from, stop));
        p = mark + 3;
        while (p < end && is_regex_space(*p))
            p++;
        from = p;
    }
    if (from < end)
        add_text(arena, &texts, trim_left(from, end), end);
    return texts;
}

// Helm 4: at the start of any line, with the blanks behind it; what ends a document stays.
static struct texts split_lines(struct arena *arena, const char *text, const char *end) {
    struct texts texts = {0};
    text = trim_left(text, end);
    for (const char *from = text, *p = text; from < end;) {
        const char *mark = p;
        while (mark < end && !(end - mark >= 3 && !memcmp(mark, "---", 3))) {
            mark = memchr(mark, '\n', (size_t)(end - mark));
            mark = mark ? mark + 1 : end;
        }
        const char *start = trim_left(from, mark);
        if (start < mark)
            add_text(arena, &texts, start, mark);
        from = mark < end ? mark + 3 : end;
        while (from < end && (*from == ' ' || *from == '\t'))
            from++;
        p = from < end ? memchr(from, '\n', (size_t)(end - from))
                       : NULL; // the next mark stands on a later line
        p = p ? p + 1 : end;
    }
    return texts;
}

struct texts manifest_documents(struct arena *arena, enum helm_profile profile, const char *text,
                                size_t len) {
    return profile == HELM_4 ? split_lines(arena, text, text + len) : split_trimmed(arena, text, text + len);
}
