// SPDX-License-Identifier: Apache-2.0
// sprig's tests for emptiness and choices between values, its questions about types, and JSON.
#include "funcs/cast.h"
#include "funcs/private.h"
#include "template/json.h"

#include <string.h>

static bool default_value(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = count > 1 && rv_truth(args[1]) ? args[1] : args[0];
    return true;
}

static bool empty(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(!rv_truth(args[0]));
    return true;
}

static bool coalesce(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    for (size_t i = 0; i < count; i++) {
        if (rv_truth(args[i])) {
            *out = args[i];
            break;
        }
    }
    return true;
}

static bool all(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    size_t i = 0;
    while (i < count && rv_truth(args[i]))
        i++;
    *out = rv_bool(i == count);
    return true;
}

static bool any(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    size_t i = 0;
    while (i < count && !rv_truth(args[i]))
        i++;
    *out = rv_bool(i < count);
    return true;
}

static bool ternary(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = args[2].u.boolean ? args[0] : args[1];
    return true;
}

static bool type_of(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_literal(rv_type_name(args[0]));
    return true;
}

static bool type_is(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(rv_equal_text(args[0], rv_type_name(args[1])));
    return true;
}

// A type named without its star is like the pointer to it.
static bool type_is_like(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *name = rv_type_name(args[1]);
    *out = rv_bool(rv_equal_text(args[0], name) || (*name == '*' && rv_equal_text(args[0], name + 1)));
    return true;
}

static bool kind_of(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_literal(rv_kind_name(args[0]));
    return true;
}

static bool kind_is(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_bool(rv_equal_text(args[0], rv_kind_name(args[1])));
    return true;
}

static bool deep_equal(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    bool equal;
    if (!rv_deep_equal(args[0], args[1], &equal))
        return rt_fail_cut(rt);
    *out = rv_bool(equal);
    return true;
}

// How JSON is written. What cannot be is an error where it must, else an empty text, as sprig swallows it.
struct json_form {
    bool escape, must;
    const char *indent;
};

static bool encode(struct rt *rt, struct rv v, struct json_form form, struct rv *out) {
    struct buf text;
    const char *bad;
    buf_init(&text, rt->heap->arena);
    if (rv_json(&text, v, form.escape, form.indent, &bad)) {
        *out = rv_buf(&text);
        return true;
    }
    if (!bad)
        return rt_fail_cut(rt);
    *out = rv_literal("");
    return !form.must || rt_fail(rt, "%s", bad);
}

static bool to_pretty_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return encode(rt, args[0], (struct json_form){.escape = true, .indent = "  "}, out);
}

static bool must_to_pretty_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return encode(rt, args[0], (struct json_form){.escape = true, .must = true, .indent = "  "}, out);
}

static bool must_to_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return encode(rt, args[0], (struct json_form){.escape = true, .must = true}, out);
}

static bool to_raw_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return encode(rt, args[0], (struct json_form){.must = true}, out);
}

static bool must_from_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *message;
    bool ok = json_read(rt->heap, args[0].u.text, args[0].len, out, &message);
    return (ok && !message) || rt_fail(rt, "%s", message);
}

const struct rt_func funcs_defaults[] = {
    {"all", "v*", all, 0},
    {"any", "v*", any, 0},
    {"coalesce", "v*", coalesce, 0},
    {"deepEqual", "vv", deep_equal, 0},
    {"default", "vv*", default_value, 0},
    {"empty", "v", empty, 0},
    {"kindIs", "sv", kind_is, 0},
    {"kindOf", "v", kind_of, 0},
    {"mustFromJson", "s", must_from_json, 0},
    {"mustToJson", "v", must_to_json, 0},
    {"mustToPrettyJson", "v", must_to_pretty_json, 0},
    {"mustToRawJson", "v", to_raw_json, 0},
    {"ternary", "vvb", ternary, 0},
    {"toPrettyJson", "v", to_pretty_json, 0},
    {"toRawJson", "v", to_raw_json, 0},
    {"typeIs", "sv", type_is, 0},
    {"typeIsLike", "sv", type_is_like, 0},
    {"typeOf", "v", type_of, 0},
    {NULL, NULL, NULL, 0},
};
