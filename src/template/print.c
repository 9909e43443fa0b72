// SPDX-License-Identifier: Apache-2.0
// Nodes as Go prints them in error texts.
#include "go/quote.h"
#include "template/node.h"

#include <string.h>

static void print_name(struct buf *out, struct name name) {
    buf_add(out, name.text, name.len);
}

static void print_path(struct buf *out, const struct node *node, bool leading_dot) {
    for (uint32_t i = 0; i < node->u.path.count; i++) {
        if (i > 0 || leading_dot)
            buf_char(out, '.');
        print_name(out, node->u.path.items[i]);
    }
}

static void print_operand(struct buf *out, const struct node *node) {
    bool pipe = node->type == NODE_PIPE;
    buf_str(out, pipe ? "(" : "");
    node_print(out, node);
    buf_str(out, pipe ? ")" : "");
}

static void print_joined(struct buf *out, struct nodes list, const char *between,
                         void (*print)(struct buf *, const struct node *)) {
    for (uint32_t i = 0; i < list.count; i++) {
        buf_str(out, i ? between : "");
        print(out, list.items[i]);
    }
}

static void print_pipe(struct buf *out, const struct node *node) {
    print_joined(out, node->u.decl, ", ", node_print);
    if (node->u.decl.count)
        buf_str(out, node->flag ? " = " : " := ");
    print_joined(out, node->v.list, " | ", node_print);
}

static void print_chain(struct buf *out, const struct node *node) {
    print_operand(out, node->v.list.items[0]);
    print_path(out, node, true);
}

static void print_item(struct buf *out, const struct node *node) {
    bool action = node->type == NODE_PIPE;
    buf_str(out, action ? "{{" : "");
    node_print(out, node);
    buf_str(out, action ? "}}" : "");
}

static void print_branch(struct buf *out, const struct node *node) {
    buf_str(out, node->type == NODE_IF ? "{{if " : node->type == NODE_RANGE ? "{{range " : "{{with ");
    print_pipe(out, node->v.branch.pipe);
    buf_str(out, "}}");
    node_print(out, node->v.branch.body);
    if (node->v.branch.otherwise) {
        buf_str(out, "{{else}}");
        node_print(out, node->v.branch.otherwise);
    }
    buf_str(out, "{{end}}");
}

static void print_template(struct buf *out, const struct node *node) {
    buf_str(out, "{{template ");
    quote_text(out, node->u.text.text, node->u.text.len);
    if (node->v.branch.pipe) {
        buf_char(out, ' ');
        print_pipe(out, node->v.branch.pipe);
    }
    buf_str(out, "}}");
}

void node_print(struct buf *out, const struct node *node) {
    switch ((enum node_type)node->type) {
    case NODE_TEXT:
    case NODE_IDENTIFIER:
    case NODE_NUMBER:
    case NODE_STRING: print_name(out, node->u.text); break;
    case NODE_BOOL: buf_str(out, node->flag ? "true" : "false"); break;
    case NODE_CHAIN: print_chain(out, node); break;
    case NODE_COMMAND: print_joined(out, node->v.list, " ", print_operand); break;
    case NODE_DOT: buf_char(out, '.'); break;
    case NODE_ELSE: buf_str(out, "{{else}}"); break;
    case NODE_END: buf_str(out, "{{end}}"); break;
    case NODE_FIELD: print_path(out, node, true); break;
    case NODE_VARIABLE: print_path(out, node, false); break;
    case NODE_IF:
    case NODE_RANGE:
    case NODE_WITH: print_branch(out, node); break;
    case NODE_LIST: print_joined(out, node->v.list, "", print_item); break;
    case NODE_NIL: buf_str(out, "nil"); break;
    case NODE_PIPE: print_pipe(out, node); break;
    case NODE_TEMPLATE: print_template(out, node); break;
    case NODE_BREAK: buf_str(out, "{{break}}"); break;
    case NODE_CONTINUE: buf_str(out, "{{continue}}"); break;
    }
}
