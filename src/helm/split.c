// SPDX-License-Identifier: Apache-2.0
// Streams are split as text: charts write "---# comment" and "---apiVersion: v1",
// which helm takes and a YAML parser would not.
#include "helm/manifest.h"

#include "base/list.h"
#include "go/strings.h"

#include <string.h>

static bool is_regex_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static void add_text(struct arena *arena, struct texts *texts, const char *start, const char *end) {
    size_t len = (size_t)(end - start), *lens = (size_t *)texts->lens, count = texts->count;
    *LIST_ADD(arena, lens, count) = len;
    texts->lens = lens;
    *LIST_ADD(arena, texts->items, texts->count) = arena_strndup(arena, start, len);
}

// Helm 3: at the start or after a line end, with all white space around it.
static struct texts split_trimmed(struct arena *arena, const char *text, const char *end) {
    struct texts texts = {0};
    text = go_trim_left(text, end);
    end = go_trim_right(text, end);
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
            add_text(arena, &texts, go_trim_left(from, stop), go_trim_right(from, stop));
        p = mark + 3;
        while (p < end && is_regex_space(*p))
            p++;
        from = p;
    }
    if (from < end)
        add_text(arena, &texts, go_trim_left(from, end), end);
    return texts;
}

// Helm 4: at the start of any line, with the blanks behind it; what ends a document stays.
static struct texts split_lines(struct arena *arena, const char *text, const char *end) {
    struct texts texts = {0};
    text = go_trim_left(text, end);
    for (const char *from = text, *p = text; from < end;) {
        const char *mark = p;
        while (mark < end && !(end - mark >= 3 && !memcmp(mark, "---", 3))) {
            mark = memchr(mark, '\n', (size_t)(end - mark));
            mark = mark ? mark + 1 : end;
        }
        const char *start = go_trim_left(from, mark);
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
