// SPDX-License-Identifier: Apache-2.0
// Fields, map keys and methods: the static interface rules (text/template, exec.go, evalField).
#include "template/exec.h"
#include "template/private.h"

#include <string.h>

static bool same(struct name name, const char *text) {
    return strlen(text) == name.len && memcmp(text, name.text, name.len) == 0;
}

static const struct rt_func *methods_of(struct rv v) {
    switch (v.type) {
    case RT_VALUES3:
    case RT_VALUES4: return methods_values;
    case RT_DURATION: return methods_duration;
    case RT_MONTH:
    case RT_WEEKDAY: return methods_named_int;
    case RT_OBJECT: return v.u.object->class->by_address && !v.len ? NULL : v.u.object->class->methods;
    default: return NULL;
    }
}

const struct rt_func *rv_method(struct rv v, const char *name, size_t len) {
    const struct rt_func *method = methods_of(v);
    for (; method && method->name; method++)
        if (strlen(method->name) == len && memcmp(method->name, name, len) == 0)
            return method;
    return NULL;
}

// A struct's own field, else one promoted from an embedded struct. NULL: there is none of that name.
static const struct rfield *struct_field(const struct robject *object, struct name name, struct rv *out) {
    const struct rclass *class = object->class;
    for (size_t i = 0; i < class->field_count; i++)
        if (same(name, class->fields[i].name)) {
            *out = object->fields ? object->fields[i] : rv_nil();
            return &class->fields[i];
        }
    for (size_t i = 0; i < class->field_count; i++) {
        const char *json = class->fields[i].json;
        const struct rfield *promoted = NULL;
        if (json && !*json && object->fields && object->fields[i].type == RT_OBJECT)
            promoted = struct_field(object->fields[i].u.object, name, out);
        if (promoted)
            return promoted;
    }
    return NULL;
}

static const char *static_type(struct rv v) {
    return v.iface ? "interface {}" : rv_type_name(v);
}

static bool map_entry(struct exec *exec, struct rv receiver, struct name name, struct rv *out) {
    struct rv map = rv_under(receiver);
    enum rv_type elem = (enum rv_type)rv_types[map.type].elem;
    if (rmap_get_hashed(map.u.map, name.text, name.len, name.hash, out)) {
        out->iface = elem == RT_NIL;
        return true;
    }
    if (exec->rt.options->strict)
        return exec_fail(exec, "map has no entry for key \"%.*s\"", (int)name.len, name.text);
    *out = (struct rv){.type = (uint8_t)elem, .iface = elem == RT_NIL};
    if (elem == RT_STRING)
        out->u.text = "";
    return true;
}

static bool is_exported(const struct rfield *field) {
    return field->name[0] >= 'A' && field->name[0] <= 'Z';
}

// A field of a struct; one that is reached through a pointer has an address.
static bool read_field(struct exec *exec, struct rv receiver, const struct rfield *field, bool has_args,
                       struct rv *out) {
    if (!is_exported(field))
        return exec_fail(exec, "%s is an unexported field of struct type %s", field->name,
                         static_type(receiver));
    if (has_args)
        return exec_fail(exec, "%s has arguments but cannot be invoked as function", field->name);
    if (out->type == RT_OBJECT)
        out->len = receiver.len || rv_kind(receiver) == RV_POINTER;
    return true;
}

static bool call_method(struct exec *exec, const struct site *site, struct rv receiver,
                        const struct rt_func *method, struct rv *out) {
    struct rv outer = exec->rt.self;
    exec->rt.self = receiver;
    bool ok = exec_call(exec, site, method, out);
    exec->rt.self = outer;
    return ok;
}

static bool field(struct exec *exec, const struct site *site, struct rv receiver, struct name name,
                  struct rv *out) {
    *out = rv_nil();
    int len = (int)name.len;
    if (receiver.type == RT_NIL && !receiver.iface)
        return !exec->rt.options->strict ||
               exec_fail(exec, "nil data; no entry for key \"%.*s\"", len, name.text);
    if (rv_kind(receiver) == RV_INVALID)
        return exec_fail(exec, "nil pointer evaluating %s.%.*s",
                         receiver.type == RT_NIL ? "interface {}" : rv_type_name(receiver), len, name.text);
    const struct rt_func *method = rv_method(receiver, name.text, name.len);
    if (method)
        return call_method(exec, site, receiver, method, out);
    bool has_args = site->args.count > 1 || site->final;
    enum rv_kind kind = rv_kind(receiver);
    if (kind == RV_MAP) {
        if (has_args)
            return exec_fail(exec, "%.*s is not a method but has arguments", len, name.text);
        return map_entry(exec, receiver, name, out);
    }
    const struct rfield *found =
        kind == RV_STRUCT || kind == RV_POINTER ? struct_field(receiver.u.object, name, out) : NULL;
    if (found)
        return read_field(exec, receiver, found, has_args, out);
    return exec_fail(exec, "can't evaluate field %.*s in type %s", len, name.text, static_type(receiver));
}

bool exec_field_chain(struct exec *exec, const struct site *site, struct rv receiver, struct names names,
                      struct rv *out) {
    struct site inner = {.node = site->node, .dot = site->dot};
    for (uint32_t i = 0; i + 1 < names.count; i++) {
        struct rv next;
        if (!field(exec, &inner, receiver, names.items[i], &next))
            return false;
        receiver = next;
    }
    return field(exec, site, receiver, names.items[names.count - 1], out);
}
