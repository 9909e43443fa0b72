// SPDX-License-Identifier: Apache-2.0
// Errors of templates in helm's words.
#include "go/strings.h"
#include "helm/engine.h"

#include <string.h>

// The part of `text` behind its `count`-th ": ", NULL when there are fewer.
static const char *behind(const char *text, int count) {
    while (text && count--) {
        text = strstr(text, ": ");
        text = text ? text + 2 : NULL;
    }
    return text;
}

static const char *location_of(struct arena *arena, const char *text) {
    const char *start = behind(text, 1), *end = start ? strstr(start, ": ") : NULL;
    return end ? arena_strndup(arena, start, (size_t)(end - start)) : start;
}

const char *engine_parse_error(struct arena *arena, const char *file, const char *text) {
    const char *location = location_of(arena, text), *last = text;
    if (!location)
        return arena_printf(arena, "parse error in (%s): %s", file, text);
    for (const char *next; (next = behind(last, 1));)
        last = next;
    return arena_printf(arena, "parse error at (%s): %s", location, last);
}

// One error of a chain as Helm 4 takes it apart.
struct place {
    const char *location, *function, *message; // "" when absent
};

static const char *cut(struct arena *arena, const char *text, const char *mark) {
    const char *end = strstr(text, mark);
    return end ? arena_strndup(arena, text, (size_t)(end - text)) : text;
}

static bool take_executing(struct arena *arena, const char *text, struct place *out) {
    const char *mark = strstr(text, ": executing ");
    if (!mark || mark[12] != '"')
        return false;
    const char *name = mark + 13, *quote = strchr(name, '"');
    if (!quote || strncmp(quote, "\" at <", 6) != 0)
        return false;
    const char *context = quote + 6, *end = strstr(context, ">: ");
    if (!end)
        return false;
    out->location = arena_strndup(arena, text, (size_t)(mark - text));
    out->function = arena_printf(arena, "executing \"%.*s\" at <%.*s>:", (int)(quote - name), name,
                                 (int)(end - context), context);
    out->message = cut(arena, end + 3, " template:");
    return true;
}

static bool take_apart(struct arena *arena, const char *text, struct place *out) {
    *out = (struct place){"", "", ""};
    if (!go_has_prefix(text, "template: "))
        return false;
    const char *rest = text + 10;
    if (go_has_prefix(rest, "no template ")) {
        out->message = text;
        return true;
    }
    if (take_executing(arena, rest, out))
        return true;
    if (strstr(rest, ": executing "))
        return false;
    const char *last = NULL;
    for (const char *p = rest; (p = strstr(p, ": ")); p += 2)
        last = p;
    if (!last)
        return false;
    out->location = arena_strndup(arena, rest, (size_t)(last - rest));
    out->message = cut(arena, last + 2, " template:");
    return true;
}

static void add_place(struct buf *out, const struct place *place) {
    if (*place->location)
        buf_printf(out, "%s\n  ", place->location);
    if (*place->function)
        buf_printf(out, "%s\n    ", place->function);
    if (*place->message)
        buf_printf(out, "%s\n", place->message);
}

static bool same_place(const struct place *a, const struct place *b) {
    return !strcmp(a->location, b->location) && !strcmp(a->function, b->function) &&
           !strcmp(a->message, b->message);
}

// The error that this one wraps: what a called function failed with.
static const char *wrapped(const char *text, const struct template_frame *frame) {
    static const char mark[] = "error calling ";
    if (!frame->message || !go_has_prefix(frame->message, mark))
        return NULL;
    const char *inner = behind(frame->message, 1);
    (void)text;
    return inner;
}

// The chain laid out, or NULL where a link is no template's error: then helm prints the text as it is.
static const char *lay_out(struct arena *arena, const struct template_error *error) {
    struct buf out;
    struct place last = {"", "", ""}, place;
    const char *text = error->text;
    buf_init(&out, arena);
    for (size_t i = 0; text; i++) {
        if (!take_apart(arena, text, &place))
            return NULL;
        if (!i || !same_place(&last, &place))
            add_place(&out, &place);
        last = place;
        text = i < error->count ? wrapped(text, &error->frames[i]) : NULL;
    }
    return go_trim_space(arena, buf_text(&out), out.len);
}

const char *engine_exec_error(struct arena *arena, enum helm_profile profile, const char *file,
                              const struct template_error *error) {
    const char *location = location_of(arena, error->text);
    if (!location || !behind(error->text, 2))
        return arena_printf(arena, "execution error in (%s): %s", file, error->text);
    if (error->failed)
        return arena_printf(arena, "execution error at (%s): %s", location, error->failed);
    const char *stack = profile == HELM_4 ? lay_out(arena, error) : NULL;
    return stack ? stack : arena_strdup(arena, error->text);
}
