// SPDX-License-Identifier: Apache-2.0
// Errors of a run. Each call on the way out puts its place before the text of the one
// inside it; the whole is put together once, or a thousand nested calls would copy a
// thousand texts.
#include "go/quote.h"
#include "template/exec.h"

#include <string.h>

static void begin(struct rt *rt, const char *format, va_list args) {
    rt->exec->failure = arena_vprintf(rt->keep, format, args);
    rt->exec->wraps = NULL;
}

bool rt_fail(struct rt *rt, const char *format, ...) {
    va_list args;
    va_start(args, format);
    begin(rt, format, args);
    va_end(args);
    return false;
}

bool rt_fail_limit(struct rt *rt, const char *format, ...) {
    va_list args;
    va_start(args, format);
    begin(rt, format, args);
    va_end(args);
    rt->exec->limited = true;
    return false;
}

bool rt_fail_cut(struct rt *rt) {
    return rt_fail_limit(rt, "a value is too deep or too large");
}

bool rt_stop(struct rt *rt, const char *text, size_t len) {
    rt->exec->failed = arena_strndup(rt->keep, text, len);
    return rt_fail(rt, "HELM_ERR_START%sHELM_ERR_END", rt->exec->failed);
}

static struct template_frame frame_at(const struct exec *exec, const struct node *node) {
    const char *text = node->source->text;
    struct template_frame frame = {.file = node->source->name, .line = 1};
    size_t line_start = 0;
    for (size_t i = 0; i < node->pos; i++)
        if (text[i] == '\n') {
            frame.line++;
            line_start = i + 1;
        }
    frame.column = (int)(node->pos - line_start);
    frame.name =
        exec->tree->name_len ? arena_strndup(exec->rt.keep, exec->tree->name, exec->tree->name_len) : "";
    struct buf context;
    buf_init(&context, exec->rt.keep);
    node_print(&context, node);
    frame.context = buf_text(&context);
    return frame;
}

bool exec_wrap(struct exec *exec, const char *text) {
    struct wrap *wrap = arena_alloc(exec->rt.keep, sizeof *wrap);
    *wrap = (struct wrap){.text = text, .next = exec->wraps};
    exec->wraps = wrap;
    return false;
}

bool exec_locate(struct exec *exec) {
    struct template_frame frame = frame_at(exec, exec->node);
    struct buf text;
    buf_init(&text, exec->rt.keep);
    buf_printf(&text, "template: %s:%d:%d: executing ", frame.file, frame.line, frame.column);
    quote_text(&text, frame.name, strlen(frame.name));
    buf_str(&text, " at <");
    buf_str(&text, frame.context);
    buf_str(&text, ">: ");
    exec_wrap(exec, buf_text(&text));
    exec->wraps->frame = frame;
    return false;
}

bool exec_fail(struct exec *exec, const char *format, ...) {
    va_list args;
    va_start(args, format);
    begin(&exec->rt, format, args);
    va_end(args);
    return exec_locate(exec);
}

// The message of a frame is the end of the whole text.
struct template_error exec_error(struct arena *arena, const struct exec *exec) {
    struct buf text;
    buf_init(&text, arena);
    size_t count = 0, i = 0;
    for (const struct wrap *wrap = exec->wraps; wrap; wrap = wrap->next) {
        buf_str(&text, wrap->text);
        count += wrap->frame.file != NULL;
    }
    buf_str(&text, exec->failure);
    const char *at = buf_text(&text);
    struct template_frame *frames = arena_array(arena, count + 1, sizeof *frames);
    for (const struct wrap *wrap = exec->wraps; wrap; wrap = wrap->next) {
        at += strlen(wrap->text);
        if (!wrap->frame.file)
            continue;
        frames[i] = wrap->frame;
        frames[i++].message = at;
    }
    return (struct template_error){
        .text = text.ptr, .frames = frames, .count = count, .failed = exec->failed};
}
