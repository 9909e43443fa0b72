// SPDX-License-Identifier: Apache-2.0
// Helm's own functions.
#include "codec/yaml.h"
#include "funcs/private.h"
#include "funcs/toml.h"
#include "template/json.h"

#include <string.h>

static bool call_include(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return rt_include(rt, args[0], args[1], out);
}

static bool call_tpl(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return rt_tpl(rt, args[0], args[1], out);
}

// lint goes on instead.
static bool stop(struct rt *rt, struct rv message, struct rv *out) {
    if (rt->options->lint) {
        *out = rv_literal("");
        return true;
    }
    return rt_stop(rt, message.len ? message.u.text : "", message.len);
}

static bool call_required(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    if (args[1].type == RT_NIL || (args[1].type == RT_STRING && args[1].len == 0))
        return stop(rt, args[0], out);
    *out = args[1];
    return true;
}

static bool call_fail(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return stop(rt, args[0], out);
}

static bool call_lookup(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_map(RT_MAP, rmap_create(rt->heap, 0));
    if (!rt->options->lookup || rt->options->lint)
        return true;
    struct err err = err_in(rt->keep);
    struct value found = value_null();
    struct template_object wanted = {rv_cstr(rt->heap, args[0]), rv_cstr(rt->heap, args[1]),
                                     rv_cstr(rt->heap, args[2]), rv_cstr(rt->heap, args[3])};
    if (!rt->options->lookup(rt->options->lookup_context, &wanted, &found, &err))
        return rt_fail(rt, "%s", err.msg);
    if (value_kind(found) == VALUE_MAP)
        *out = rv_from_value(rt->heap, found);
    return true;
}

static bool call_get_host_by_name(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *address = NULL;
    if (rt->options->resolve)
        address =
            rt->options->resolve(rt->options->resolve_context, rt->heap->arena, rv_cstr(rt->heap, args[0]));
    *out = rv_literal(address ? address : "");
    return true;
}

// YAML of a value, without its last newline. What cannot be encoded fails the template where it is too deep,
// else fills *bad for the caller to say or to swallow.
static bool to_yaml(struct rt *rt, struct rv v, bool pretty, struct rv *out, const char **bad) {
    SCRATCH_ARENA(scratch);
    struct value value;
    *out = rv_literal("");
    if (!(pretty ? rv_to_native_value : rv_to_value)(scratch, v, &value, bad)) {
        *bad = *bad ? arena_strdup(rt->heap->arena, *bad) : NULL;
        return *bad ? false : rt_fail_cut(rt);
    }
    struct buf text;
    buf_init(&text, rt->heap->arena);
    if (pretty)
        yaml_encode_pretty(&text, value);
    else
        yaml_encode(&text, value);
    if (text.len && text.ptr[text.len - 1] == '\n')
        buf_truncate(&text, text.len - 1);
    *out = rv_buf(&text);
    return true;
}

static bool call_to_yaml(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *bad;
    return to_yaml(rt, args[0], false, out, &bad) || bad;
}

static bool call_must_to_yaml(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *bad;
    return to_yaml(rt, args[0], false, out, &bad) ||
           (bad && rt_fail(rt, "error marshaling into JSON: %s", bad));
}

static bool call_to_yaml_pretty(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *bad;
    return to_yaml(rt, args[0], true, out, &bad) || bad;
}

static bool to_json(struct rt *rt, struct rv v, struct rv *out, const char **bad) {
    struct buf text;
    buf_init(&text, rt->heap->arena);
    bool ok = rv_json(&text, v, true, NULL, bad);
    *out = ok ? rv_buf(&text) : rv_literal("");
    return ok || (!*bad && rt_fail_cut(rt));
}

static bool call_to_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *bad;
    return to_json(rt, args[0], out, &bad) || bad;
}

static bool call_must_to_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *bad;
    return to_json(rt, args[0], out, &bad) || (bad && rt_fail(rt, "%s", bad));
}

// What Go says when a document is not of the wanted shape; NULL when it is (null is any shape).
static const char *misfit(struct rt *rt, struct rv v, bool list) {
    if (v.type == RT_NIL || v.type == (list ? RT_LIST : RT_MAP))
        return NULL;
    return arena_printf(rt->heap->arena, "json: cannot unmarshal %s into Go value of type %s", json_kind(v),
                        list ? "[]interface {}" : "map[string]interface {}");
}

// The document, or a map or list that says what is wrong with it. A map keeps what could be read.
static struct rv shaped(struct rt *rt, struct rv v, const char *message, bool list) {
    if (!message)
        return v.type != RT_NIL ? v : list ? rv_slice(RT_LIST, NULL, 0) : rv_map(RT_MAP, NULL);
    struct rv text = rv_literal(message);
    if (list) {
        struct rv *items = rv_items(rt->heap, 1);
        items[0] = text;
        return rv_slice(RT_LIST, items, 1);
    }
    struct rmap *map = v.type == RT_MAP ? v.u.map : rmap_create(rt->heap, 1);
    rmap_put(map, "Error", text);
    return rv_map(RT_MAP, map);
}

static bool from_json(struct rt *rt, struct rv text, bool list, struct rv *out) {
    const char *message = NULL;
    struct rv v;
    bool ok = json_read(rt->heap, text.len ? text.u.text : "", text.len, &v, &message);
    const char *shape = ok ? misfit(rt, v, list) : NULL;
    *out = shaped(rt, ok ? v : rv_nil(), shape ? shape : message, list);
    return true;
}

static bool call_from_json(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return from_json(rt, args[0], false, out);
}

static bool call_from_json_array(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return from_json(rt, args[0], true, out);
}

static bool from_yaml(struct rt *rt, struct rv text, bool list, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    struct value value;
    const char *message = NULL;
    struct rv v = rv_nil();
    if (yaml_decode(rt->heap->arena, text.len ? text.u.text : "", text.len, YAML_NUMBERS_FLOAT64, &value,
                    &err)) {
        v = rv_from_value(rt->heap, value);
        if (v.type == RT_NIL) // sigs.k8s.io/yaml leaves the empty map or list as it was
            v = list ? rv_slice(RT_LIST, rv_items(rt->heap, 1), 0) : rv_map(RT_MAP, rmap_create(rt->heap, 0));
        message = misfit(rt, v, list);
        if (message)
            message =
                arena_printf(rt->heap->arena, "error unmarshaling JSON: while decoding JSON: %s", message);
    } else {
        message = err.msg;
    }
    *out = shaped(rt, v, message, list);
    return err.kind != ERR_LIMIT || rt_fail_limit(rt, "%s", err.msg);
}

static bool call_from_yaml(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return from_yaml(rt, args[0], false, out);
}

static bool call_from_yaml_array(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return from_yaml(rt, args[0], true, out);
}

// The text, or what is wrong with the value. What Go panics over is not for the caller.
static bool to_toml(struct rt *rt, struct rv v, const char **text, const char **wrong) {
    struct err err = err_in(rt->heap->arena);
    struct buf out;
    buf_init(&out, rt->heap->arena);
    bool ok = toml_write(&out, v, &err);
    *text = ok ? buf_text(&out) : "";
    *wrong = ok ? NULL : err.msg;
    if (!ok && err.kind == ERR_LIMIT)
        return rt_fail_cut(rt);
    return (ok || err.kind == ERR_INVALID || rt_fail(rt, "%s", err.msg)) && rt_spend(rt, out.len);
}

static bool call_to_toml(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *text, *wrong;
    if (!to_toml(rt, args[0], &text, &wrong))
        return false;
    *out = rv_literal(wrong ? wrong : text);
    return true;
}

static bool call_must_to_toml(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *text, *wrong;
    if (!to_toml(rt, args[0], &text, &wrong))
        return false;
    *out = rv_literal(text);
    return !wrong || rt_fail(rt, "%s", wrong);
}

static bool call_from_toml(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    bool ok = toml_read(rt, args[0].len ? args[0].u.text : "", args[0].len, out, &err);
    if (!ok)
        *out = shaped(rt, rv_nil(), err.msg, false);
    return err.kind != ERR_LIMIT || rt_fail_limit(rt, "%s", err.msg);
}

const struct rt_func funcs_helm[] = {
    {"include", "sv", call_include, 0},
    {"tpl", "sv", call_tpl, 0},
    {"required", "sv", call_required, 0},
    {"fail", "s", call_fail, 0},
    {"lookup", "ssss", call_lookup, 0},
    {"getHostByName", "s", call_get_host_by_name, 0},
    {"toYaml", "v", call_to_yaml, 0},
    {"toYamlPretty", "v", call_to_yaml_pretty, 0},
    {"mustToYaml", "v", call_must_to_yaml, TEMPLATE_HELM4},
    {"toToml", "v", call_to_toml, 0},
    {"mustToToml", "v", call_must_to_toml, TEMPLATE_HELM4},
    {"fromToml", "s", call_from_toml, 0},
    {"fromYaml", "s", call_from_yaml, 0},
    {"fromYamlArray", "s", call_from_yaml_array, 0},
    {"toJson", "v", call_to_json, 0},
    {"mustToJson", "v", call_must_to_json, TEMPLATE_HELM4},
    {"fromJson", "s", call_from_json, 0},
    {"fromJsonArray", "s", call_from_json_array, 0},
    {NULL, NULL, NULL, 0},
};
