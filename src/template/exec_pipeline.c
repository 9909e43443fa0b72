// SPDX-License-Identifier: Apache-2.0
// Pipelines, commands, operands and constants.
#include "template/exec.h"

#include <string.h>

// A value takes no arguments.
static bool takes_nothing(struct exec *exec, const struct site *site) {
    if (site->args.count <= 1 && !site->final)
        return true;
    struct buf text;
    buf_init(&text, exec->rt.keep);
    node_print(&text, site->args.items[0]);
    return exec_fail(exec, "can't give argument to non-function %s", buf_text(&text));
}

static struct rv unwrapped(struct rv v) {
    v.iface = false;
    return v;
}

static bool run_command(struct exec *exec, struct rv dot, const struct node *command, const struct rv *final,
                        struct rv *out);

bool exec_pipeline(struct exec *exec, struct rv dot, const struct node *pipe, struct rv *out) {
    exec->node = pipe;
    const struct rv *final = NULL;
    struct rv value = rv_nil();
    for (uint32_t i = 0; i < pipe->v.list.count; i++) {
        struct rv result = rv_nil();
        if (!run_command(exec, dot, pipe->v.list.items[i], final, &result))
            return false;
        value = unwrapped(result);
        final = &value;
    }
    for (uint32_t i = 0; i < pipe->u.decl.count; i++) {
        struct name name = pipe->u.decl.items[i]->u.path.items[0];
        if (!pipe->flag)
            exec_push(exec, name, value);
        else if (!exec_set(exec, name, value))
            return false;
    }
    *out = value;
    return true;
}

static bool number_constant(struct exec *exec, const struct node *node, struct rv *out) {
    const struct number *number = node->v.number;
    const char *text = node->u.text.text;
    size_t len = node->u.text.len;
    bool hex = len > 2 && text[0] == '0' && (text[1] | 0x20) == 'x' && !memchr(text, 'p', len) &&
               !memchr(text, 'P', len);
    bool point = false;
    for (size_t i = 0; i < len && !hex && text[0] != '\''; i++)
        point = point || strchr(".eEpP", text[i]);
    if (number->is_complex)
        *out = (struct rv){.type = RT_COMPLEX128, .u.complex = number->complex};
    else if (number->is_float && point)
        *out = rv_float(number->real);
    else if (number->is_int)
        *out = rv_int(number->integer);
    else
        return exec_fail(exec, "%.*s overflows int", (int)len, text);
    return true;
}

bool exec_constant(struct exec *exec, const struct node *node, struct rv *out) {
    exec->node = node;
    switch (node->type) {
    case NODE_BOOL: *out = rv_bool(node->flag); return true;
    case NODE_NUMBER: return number_constant(exec, node, out);
    case NODE_STRING: *out = rv_string(node->v.string.text, node->v.string.len); return true;
    default: return exec_fail(exec, "nil is not a command");
    }
}

static bool chain(struct exec *exec, const struct site *site, struct rv *out) {
    const struct node *node = site->node;
    exec->node = node;
    struct rv receiver;
    if (!exec_arg(exec, site->dot, PARAM_UNTYPED, node->v.list.items[0], &receiver))
        return false;
    return exec_field_chain(exec, site, receiver, node->u.path, out);
}

static bool variable(struct exec *exec, const struct site *site, struct rv *out) {
    struct names path = site->node->u.path;
    exec->node = site->node;
    struct rv value;
    if (!exec_get(exec, path.items[0], &value))
        return false;
    if (path.count > 1)
        return exec_field_chain(exec, site, value, (struct names){path.items + 1, path.count - 1}, out);
    *out = value;
    return takes_nothing(exec, site);
}

bool exec_operand(struct exec *exec, const struct site *site, struct rv *out) {
    const struct node *node = site->node;
    switch (node->type) {
    case NODE_FIELD: exec->node = node; return exec_field_chain(exec, site, site->dot, node->u.path, out);
    case NODE_CHAIN: return chain(exec, site, out);
    case NODE_VARIABLE: return variable(exec, site, out);
    case NODE_PIPE: return takes_nothing(exec, site) && exec_pipeline(exec, site->dot, node, out);
    default: break;
    }
    exec->node = node;
    if (!takes_nothing(exec, site))
        return false;
    if (node->type != NODE_DOT)
        return exec_constant(exec, node, out);
    *out = site->dot;
    return true;
}

static bool run_command(struct exec *exec, struct rv dot, const struct node *command, const struct rv *final,
                        struct rv *out) {
    const struct node *first = command->v.list.items[0];
    struct site site = {first, dot, command->v.list, final};
    if (first->type != NODE_IDENTIFIER)
        return exec_operand(exec, &site, out);
    exec->node = first;
    site.node = command;
    return exec_call(exec, &site, first->v.func, out);
}
