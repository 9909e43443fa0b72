// SPDX-License-Identifier: Apache-2.0
// Calls: arguments against parameter codes, and/or, the error texts of both.
#include "template/exec.h"
#include "template/fmt.h"

#include <string.h>

enum { STACK_ARGS = 8 };

static const char *code_name(char code) {
    switch (code) {
    case 's': return "string";
    case 'i': return "int";
    case 'l': return "int64";
    case 'f': return "float64";
    case 'b': return "bool";
    case 'v': return "interface {}";
    case 'm': return "map[string]interface {}";
    case 'a': return "[]interface {}";
    case 'B': return "[]uint8";
    case 't': return "time.Time";
    case 'c': return "sprig.certificate";
    case 'S': return "*semver.Version";
    case 'D': return "time.Duration";
    case 'u': return "uint32";
    case 'L': return "*time.Location";
    case 'W': return "io.Writer";
    default: return "reflect.Value";
    }
}

static bool can_be_nil(char code) {
    return strchr("vVmaBSLW", code) != NULL;
}

static struct rv zero_of(char code) {
    static const enum rv_type types[128] = {['m'] = RT_MAP, ['a'] = RT_LIST, ['B'] = RT_BYTES};
    return (struct rv){.type = (uint8_t)types[code & 127]};
}

// Go's AssignableTo, for a value that is not an interface.
static bool assignable(struct rv v, char code) {
    switch (code) {
    case 's': return v.type == RT_STRING;
    case 'i': return v.type == RT_INT;
    case 'l': return v.type == RT_INT64;
    case 'f': return v.type == RT_FLOAT64;
    case 'b': return v.type == RT_BOOL;
    case 'm': return v.type == RT_MAP || v.type == RT_VALUES3 || v.type == RT_VALUES4;
    case 'a': return v.type == RT_LIST;
    case 'B': return v.type == RT_BYTES;
    case 'D': return v.type == RT_DURATION;
    case 'u':
    case 'W': return false; // no value has this type
    case 't':
    case 'c':
    case 'L':
    case 'S': return v.type == RT_OBJECT && strcmp(v.u.object->class->name, code_name(code)) == 0;
    default: return true;
    }
}

// What a parameter holds is a copy, which no template can take the address of.
static struct rv handed_over(struct rv v, char code) {
    if (code != 'V' && code != 0)
        v.iface = false;
    if (v.type == RT_OBJECT)
        v.len = 0;
    if (v.type == RT_OBJECT && v.u.object->class->kind == RV_INVALID)
        v = rv_nil(); // the nil of another interface
    if (code == 'm')
        v.type = RT_MAP;
    return v;
}

static bool validate(struct exec *exec, struct rv value, char code, struct rv *out) {
    *out = value;
    if (code == 0 || code == 'V')
        return true;
    if (value.type == RT_NIL && !value.iface) {
        *out = zero_of(code);
        return can_be_nil(code) || exec_fail(exec, "invalid value; expected %s", code_name(code));
    }
    if (value.type == RT_NIL && code != 'v')
        return exec_fail(exec, "wrong type for value; expected %s; got interface {}", code_name(code));
    if (!assignable(value, code))
        return exec_fail(exec, "wrong type for value; expected %s; got %s", code_name(code),
                         rv_type_name(value));
    *out = handed_over(value, code);
    return true;
}

static bool expected(struct exec *exec, const char *what, const struct node *node) {
    struct buf text;
    buf_init(&text, exec->rt.keep);
    node_print(&text, node);
    return exec_fail(exec, "expected %s; found %s", what, buf_text(&text));
}

static bool number_argument(struct exec *exec, char code, const struct node *node, struct rv *out) {
    const struct number *number = node->type == NODE_NUMBER ? node->v.number : NULL;
    if (code == 'f') {
        if (!number || !number->is_float)
            return expected(exec, "float", node);
        *out = rv_float(number->real);
        return true;
    }
    if (!number || !number->is_int || (code == 'u' && number->integer < 0))
        return expected(exec, code == 'u' ? "unsigned integer" : "integer", node);
    *out = rv_integer(code == 'i' ? RT_INT : code == 'l' ? RT_INT64 : RT_DURATION, number->integer);
    return true;
}

// A constant takes the parameter's type where Go's constants would.
static bool constant_argument(struct exec *exec, char code, const struct node *node, struct rv *out) {
    exec->node = node;
    switch (code) {
    case 'b': *out = rv_bool(node->flag); return node->type == NODE_BOOL || expected(exec, "bool", node);
    case 'f':
    case 'i':
    case 'l':
    case 'u':
    case 'D': return number_argument(exec, code, node, out);
    case 's':
        if (node->type != NODE_STRING)
            return expected(exec, "string", node);
        *out = rv_string(node->v.string.text, node->v.string.len);
        return true;
    case 'v':
    case 'V':
    case 0: return exec_constant(exec, node, out);
    default: break;
    }
    struct buf text;
    buf_init(&text, exec->rt.keep);
    node_print(&text, node);
    return exec_fail(exec, "can't handle %s for arg of type %s", buf_text(&text), code_name(code));
}

bool exec_arg(struct exec *exec, struct rv dot, char code, const struct node *node, struct rv *out) {
    static const struct nodes none;
    exec->node = node;
    struct rv value = rv_nil();
    switch (node->type) {
    case NODE_BOOL:
    case NODE_NUMBER:
    case NODE_STRING: return constant_argument(exec, code, node, out);
    case NODE_NIL:
        if (code == 0)
            return exec_fail(exec, "indirection through explicit nil in nil");
        *out = zero_of(code);
        return can_be_nil(code) || exec_fail(exec, "cannot assign nil to %s", code_name(code));
    case NODE_DOT: value = dot; break;
    case NODE_IDENTIFIER:
        if (!exec_call(exec, dot, node->v.func, node, node->v.func->name, none, NULL, &value))
            return false;
        break;
    default:
        if (!exec_operand(exec, dot, node, none, NULL, &value))
            return false;
    }
    return validate(exec, value, code, out);
}

// and/or stop at the first operand that decides, and give that operand.
static bool short_circuit(struct exec *exec, struct rv dot, bool is_or, const struct node *const *args,
                          size_t count, const struct rv *final, struct rv *out) {
    for (size_t i = 0; i < count; i++) {
        if (!exec_arg(exec, dot, 'V', args[i], out))
            return false;
        if (rv_truth(*out) == is_or)
            return true;
    }
    if (final)
        *out = *final;
    return true;
}

// How many parameters a function takes; *variadic when the last one repeats.
static size_t parameters(const char *params, bool *variadic) {
    size_t count = strcspn(params, ">");
    *variadic = count > 0 && params[count - 1] == '*';
    return *variadic ? count - 1 : count;
}

static bool check_count(struct exec *exec, const char *name, const char *params, size_t given, bool piped) {
    bool variadic;
    size_t want = parameters(params, &variadic), total = given + piped;
    if (variadic && total < want - 1)
        return exec_fail(exec, "wrong number of args for %s: want at least %zu got %zu", name, want - 1,
                         given);
    if (!variadic && total != want)
        return exec_fail(exec, "wrong number of args for %s: want %zu got %zu", name, want, total);
    return true;
}

// Methods whose results no template can take.
static bool check_results(struct exec *exec, const char *name, const char *params) {
    const char *results = strchr(params, '>');
    if (!results)
        return true;
    if (results[1] >= '0' && results[1] <= '9')
        return exec_fail(exec, "function %s has %s return values; should be 1 or 2", name, results + 1);
    return exec_fail(exec, "invalid function signature for %s: second return value should be error; is %s",
                     name, results + 1);
}

static char code_at(const char *params, size_t index) {
    bool variadic;
    size_t count = parameters(params, &variadic);
    return params[index < count ? index : count - 1];
}

static bool fail_call(struct exec *exec, const struct node *node, const char *name) {
    exec->node = node;
    exec_wrap(exec, arena_printf(exec->rt.keep, "error calling %s: ", name));
    return exec_locate(exec);
}

// text/template's call, for which no template value is ever a function.
static bool fail_non_function(struct exec *exec, const struct node *node, const struct node *callee,
                              struct rv value) {
    struct buf text;
    buf_init(&text, exec->rt.keep);
    if (callee)
        node_print(&text, callee);
    else if (value.type == RT_STRING)
        buf_add(&text, value.u.text, value.len);
    else
        buf_printf(&text, "<%s Value>", rv_type_name(value));
    if (value.type == RT_NIL)
        rt_fail(&exec->rt, "call of nil");
    else
        rt_fail(&exec->rt, "non-function %s of type %s", buf_text(&text), rv_type_name(value));
    return fail_call(exec, node, "call");
}

bool exec_call(struct exec *exec, struct rv dot, const struct rt_func *func, const struct node *node,
               const char *name, struct nodes args, const struct rv *final, struct rv *out) {
    const struct node *const *given = (const struct node *const *)(args.count > 1 ? args.items + 1 : NULL);
    size_t count = args.count ? args.count - 1 : 0;
    if (!check_count(exec, name, func->params, count, final != NULL) ||
        !check_results(exec, name, func->params))
        return false;
    *out = rv_nil();
    if (!func->call && name[0] != 'c')
        return short_circuit(exec, dot, name[0] == 'o', given, count, final, out);
    struct rv on_stack[STACK_ARGS], *values = on_stack;
    if (count + 1 > STACK_ARGS)
        values = rv_items(exec->rt.heap, count + 1);
    struct rv self = exec->rt.self;
    for (size_t i = 0; i < count; i++)
        if (!exec_arg(exec, dot, code_at(func->params, i), given[i], &values[i]))
            return false;
    if (final && !validate(exec, *final, code_at(func->params, count), &values[count]))
        return false;
    count += final != NULL;
    if (!func->call)
        return fail_non_function(exec, node, given ? given[0] : NULL, values[0]);
    exec->rt.self = self;
    bool ok = rt_spend(&exec->rt, 1) && func->call(&exec->rt, values, count, out);
    if (limit_tripped())
        ok = rt_fail_limit(&exec->rt, "a value is too deep or too large");
    return ok || fail_call(exec, node, name);
}
