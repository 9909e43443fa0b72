// SPDX-License-Identifier: Apache-2.0
// Calls: arguments against parameter codes, and/or, the error texts of both.
#include "template/exec.h"

#include <string.h>

enum { STACK_ARGS = 8 };

// The constants of a text that a parameter takes.
enum constant {
    CONSTANT_NONE,
    CONSTANT_ANY,
    CONSTANT_BOOL,
    CONSTANT_INTEGER,
    CONSTANT_UNSIGNED,
    CONSTANT_FLOAT,
    CONSTANT_STRING
};

enum { ANY_TYPE = RT_NIL, NO_TYPE = RT_COUNT };

// What a parameter code stands for.
struct parameter {
    const char *name; // Go's, for error texts
    uint8_t type;     // enum rv_type of the values it takes, or ANY_TYPE, NO_TYPE
    uint8_t constant;
    bool nilable;
    bool as_is; // takes the value with all that is known of it
};

static const struct parameter parameters[128] = {
    [PARAM_UNTYPED] = {"reflect.Value", ANY_TYPE, CONSTANT_ANY, false, true},
    [PARAM_REFLECT] = {"reflect.Value", ANY_TYPE, CONSTANT_ANY, true, true},
    [PARAM_ANY] = {"interface {}", ANY_TYPE, CONSTANT_ANY, true, false},
    [PARAM_BOOL] = {"bool", RT_BOOL, CONSTANT_BOOL, false, false},
    [PARAM_INT] = {"int", RT_INT, CONSTANT_INTEGER, false, false},
    [PARAM_INT64] = {"int64", RT_INT64, CONSTANT_INTEGER, false, false},
    [PARAM_DURATION] = {"time.Duration", RT_DURATION, CONSTANT_INTEGER, false, false},
    [PARAM_UINT32] = {"uint32", NO_TYPE, CONSTANT_UNSIGNED, false, false},
    [PARAM_FLOAT64] = {"float64", RT_FLOAT64, CONSTANT_FLOAT, false, false},
    [PARAM_STRING] = {"string", RT_STRING, CONSTANT_STRING, false, false},
    [PARAM_BYTES] = {"[]uint8", RT_BYTES, CONSTANT_NONE, true, false},
    [PARAM_LIST] = {"[]interface {}", RT_LIST, CONSTANT_NONE, true, false},
    [PARAM_MAP] = {"map[string]interface {}", RT_MAP, CONSTANT_NONE, true, false},
    [PARAM_TIME] = {"time.Time", RT_OBJECT, CONSTANT_NONE, false, false},
    [PARAM_CERTIFICATE] = {"sprig.certificate", RT_OBJECT, CONSTANT_NONE, false, false},
    [PARAM_VERSION] = {"*semver.Version", RT_OBJECT, CONSTANT_NONE, true, false},
    [PARAM_LOCATION] = {"*time.Location", RT_OBJECT, CONSTANT_NONE, true, false},
    [PARAM_WRITER] = {"io.Writer", NO_TYPE, CONSTANT_NONE, true, false},
};

static const struct parameter *parameter_of(char code) {
    return &parameters[code & 127];
}

// The nil map or slice of its type; of others nil.
static struct rv zero_of(const struct parameter *parameter) {
    enum rv_kind kind = parameter->type == NO_TYPE ? RV_INVALID : rv_kind_of_type(parameter->type);
    return (struct rv){.type = kind == RV_MAP || kind == RV_SLICE ? parameter->type : (uint8_t)RT_NIL};
}

// Go's AssignableTo, for a value that is not an interface.
static bool assignable(struct rv v, const struct parameter *parameter) {
    switch (parameter->type) {
    case ANY_TYPE: return true;
    case RT_MAP: return v.type == RT_MAP || v.type == RT_VALUES3 || v.type == RT_VALUES4;
    case RT_OBJECT: return v.type == RT_OBJECT && strcmp(v.u.object->class->name, parameter->name) == 0;
    default: return v.type == parameter->type;
    }
}

// What a parameter holds is a copy, which no template can take the address of.
static struct rv handed_over(struct rv v, const struct parameter *parameter) {
    v.iface = false;
    if (v.type == RT_OBJECT)
        v.len = 0;
    if (v.type == RT_OBJECT && v.u.object->class->kind == RV_INVALID)
        v = rv_nil(); // the nil of another interface
    if (parameter->type == RT_MAP)
        v.type = RT_MAP;
    return v;
}

static bool validate(struct exec *exec, struct rv value, char code, struct rv *out) {
    const struct parameter *parameter = parameter_of(code);
    *out = value;
    if (parameter->as_is)
        return true;
    if (value.type == RT_NIL && !value.iface) {
        *out = zero_of(parameter);
        return parameter->nilable || exec_fail(exec, "invalid value; expected %s", parameter->name);
    }
    if (value.type == RT_NIL && parameter->type != ANY_TYPE)
        return exec_fail(exec, "wrong type for value; expected %s; got interface {}", parameter->name);
    if (!assignable(value, parameter))
        return exec_fail(exec, "wrong type for value; expected %s; got %s", parameter->name,
                         rv_type_name(value));
    *out = handed_over(value, parameter);
    return true;
}

static bool expected(struct exec *exec, const char *what, const struct node *node) {
    struct buf text;
    buf_init(&text, exec->rt.keep);
    node_print(&text, node);
    return exec_fail(exec, "expected %s; found %s", what, buf_text(&text));
}

static bool integer_argument(struct exec *exec, const struct parameter *parameter, const struct node *node,
                             struct rv *out) {
    const struct number *number = node->type == NODE_NUMBER ? node->v.number : NULL;
    bool is_unsigned = parameter->constant == CONSTANT_UNSIGNED;
    if (!number || !number->is_int || (is_unsigned && number->integer < 0))
        return expected(exec, is_unsigned ? "unsigned integer" : "integer", node);
    *out = rv_integer(is_unsigned ? RT_DURATION : (enum rv_type)parameter->type, number->integer);
    return true;
}

static bool float_argument(struct exec *exec, const struct node *node, struct rv *out) {
    const struct number *number = node->type == NODE_NUMBER ? node->v.number : NULL;
    if (!number || !number->is_float)
        return expected(exec, "float", node);
    *out = rv_float(number->real);
    return true;
}

// A constant takes the parameter's type where Go's constants would.
static bool constant_argument(struct exec *exec, char code, const struct node *node, struct rv *out) {
    const struct parameter *parameter = parameter_of(code);
    exec->node = node;
    switch ((enum constant)parameter->constant) {
    case CONSTANT_BOOL:
        *out = rv_bool(node->flag);
        return node->type == NODE_BOOL || expected(exec, "bool", node);
    case CONSTANT_FLOAT: return float_argument(exec, node, out);
    case CONSTANT_INTEGER:
    case CONSTANT_UNSIGNED: return integer_argument(exec, parameter, node, out);
    case CONSTANT_STRING:
        if (node->type != NODE_STRING)
            return expected(exec, "string", node);
        *out = rv_string(node->v.string.text, node->v.string.len);
        return true;
    case CONSTANT_ANY: return exec_constant(exec, node, out);
    case CONSTANT_NONE: break;
    }
    struct buf text;
    buf_init(&text, exec->rt.keep);
    node_print(&text, node);
    return exec_fail(exec, "can't handle %s for arg of type %s", buf_text(&text), parameter->name);
}

bool exec_arg(struct exec *exec, struct rv dot, char code, const struct node *node, struct rv *out) {
    struct site site = {.node = node, .dot = dot};
    exec->node = node;
    struct rv value = rv_nil();
    switch (node->type) {
    case NODE_BOOL:
    case NODE_NUMBER:
    case NODE_STRING: return constant_argument(exec, code, node, out);
    case NODE_NIL:
        if (code == PARAM_UNTYPED)
            return exec_fail(exec, "indirection through explicit nil in nil");
        *out = zero_of(parameter_of(code));
        return parameter_of(code)->nilable ||
               exec_fail(exec, "cannot assign nil to %s", parameter_of(code)->name);
    case NODE_DOT: value = dot; break;
    case NODE_IDENTIFIER:
        if (!exec_call(exec, &site, node->v.func, &value))
            return false;
        break;
    default:
        if (!exec_operand(exec, &site, &value))
            return false;
    }
    return validate(exec, value, code, out);
}

// The arguments of a call, without the function itself.
static struct nodes given_by(const struct site *site) {
    if (!site->args.count)
        return site->args;
    return (struct nodes){site->args.items + 1, site->args.count - 1};
}

// Evaluates what and/or leave out where all branches are run; always true.
static bool look_aside(struct exec *exec, const struct site *site, uint32_t first) {
    struct nodes given = given_by(site);
    struct rv ignored;
    for (uint32_t i = first; i < given.count && exec_goes_aside(exec); i++)
        exec_arg(exec, site->dot, PARAM_REFLECT, given.items[i], &ignored);
    return true;
}

// and/or stop at the first operand that decides, and give that operand.
static bool short_circuit(struct exec *exec, const struct site *site, bool is_or, struct rv *out) {
    struct nodes given = given_by(site);
    for (uint32_t i = 0; i < given.count; i++) {
        if (!exec_arg(exec, site->dot, PARAM_REFLECT, given.items[i], out))
            return false;
        if (rv_truth(*out) == is_or)
            return look_aside(exec, site, i + 1);
    }
    if (site->final)
        *out = *site->final;
    return true;
}

// How many parameters a function takes; *variadic when the last one repeats.
static size_t parameter_count(const char *params, bool *variadic) {
    size_t count = strcspn(params, ">");
    *variadic = count > 0 && params[count - 1] == '*';
    return *variadic ? count - 1 : count;
}

static bool check_count(struct exec *exec, const struct rt_func *func, size_t given, bool piped) {
    bool variadic;
    size_t want = parameter_count(func->params, &variadic), total = given + piped;
    if (variadic && total < want - 1)
        return exec_fail(exec, "wrong number of args for %s: want at least %zu got %zu", func->name, want - 1,
                         given);
    if (!variadic && total != want)
        return exec_fail(exec, "wrong number of args for %s: want %zu got %zu", func->name, want, total);
    return true;
}

// Methods whose results no template can take.
static bool check_results(struct exec *exec, const struct rt_func *func) {
    const char *results = strchr(func->params, '>');
    if (!results)
        return true;
    if (results[1] >= '0' && results[1] <= '9')
        return exec_fail(exec, "function %s has %s return values; should be 1 or 2", func->name, results + 1);
    return exec_fail(exec, "invalid function signature for %s: second return value should be error; is %s",
                     func->name, results + 1);
}

static char code_at(const char *params, size_t index) {
    bool variadic;
    size_t count = parameter_count(params, &variadic);
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

bool exec_call(struct exec *exec, const struct site *site, const struct rt_func *func, struct rv *out) {
    struct nodes given = given_by(site);
    size_t count = given.count;
    if (!check_count(exec, func, count, site->final != NULL) || !check_results(exec, func))
        return false;
    *out = rv_nil();
    bool is_or = func == &template_builtins[BUILTIN_OR];
    if (is_or || func == &template_builtins[BUILTIN_AND])
        return short_circuit(exec, site, is_or, out);
    struct rv on_stack[STACK_ARGS], *values = on_stack;
    if (count + 1 > STACK_ARGS)
        values = rv_items(exec->rt.heap, count + 1);
    struct rv self = exec->rt.self;
    for (size_t i = 0; i < count; i++)
        if (!exec_arg(exec, site->dot, code_at(func->params, i), given.items[i], &values[i]))
            return false;
    if (site->final && !validate(exec, *site->final, code_at(func->params, count), &values[count]))
        return false;
    if (func == &template_builtins[BUILTIN_CALL])
        return fail_non_function(exec, site->node, count ? given.items[0] : NULL, values[0]);
    exec->rt.self = self;
    count += site->final != NULL;
    bool ok = rt_spend(&exec->rt, 1) && func->call(&exec->rt, values, count, out);
    return ok || fail_call(exec, site->node, func->name);
}
