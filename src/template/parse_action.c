// SPDX-License-Identifier: Apache-2.0
// Text and actions: control structures, template, block, break, continue.
#include "template/parse.h"

static struct node *parse_control(struct parse *parse, enum node_type type, const char *context);

static struct node *parse_text(struct parse *parse, struct item token) {
    struct node *node = parse_node(parse, NODE_TEXT, token.pos);
    node->u.text = (struct name){token.text, (uint32_t)token.len, 0};
    return node;
}

struct node *parse_item_list(struct parse *parse, struct node **next) {
    struct node *list = parse_node(parse, NODE_LIST, parse_peek_solid(parse).pos);
    size_t mark = parse_list_open(parse);
    while (parse_peek_solid(parse).type != ITEM_EOF) {
        struct node *node = parse_action(parse);
        if (!node)
            return NULL;
        if (node->type == NODE_END || node->type == NODE_ELSE) {
            *next = node;
            list->v.list = parse_list_close(parse, mark);
            return list;
        }
        parse_list_add(parse, node);
    }
    return parse_fail(parse, "unexpected EOF");
}

static struct node *parse_loop_control(struct parse *parse, struct item token, enum node_type type) {
    const char *shown = type == NODE_BREAK ? "{{break}}" : "{{continue}}";
    struct item end;
    if (!parse_expect(parse, ITEM_RIGHT_DELIM, shown, &end))
        return NULL;
    if (parse->range_depth == 0)
        return parse_fail(parse, "%s outside {{range}}", shown);
    return parse_node(parse, type, token.pos);
}

// {{else if}} and {{else with}} leave their keyword for parse_else to find.
static struct node *parse_else_action(struct parse *parse) {
    struct item token = parse_peek_solid(parse);
    if (token.type != ITEM_IF && token.type != ITEM_WITH &&
        !parse_expect(parse, ITEM_RIGHT_DELIM, "else", &token))
        return NULL;
    return parse_node(parse, NODE_ELSE, token.pos);
}

static struct node *parse_end_action(struct parse *parse) {
    struct item token;
    if (!parse_expect(parse, ITEM_RIGHT_DELIM, "end", &token))
        return NULL;
    return parse_node(parse, NODE_END, token.pos);
}

static bool parse_template_name(struct parse *parse, const char *context, struct item *token,
                                struct name *out) {
    *token = parse_next_solid(parse);
    if (token->type != ITEM_STRING && token->type != ITEM_RAW_STRING)
        return parse_unexpected(parse, *token, context);
    return parse_unquote(parse, *token, out);
}

static struct node *template_node(struct parse *parse, struct item token, struct name name,
                                  struct node *pipe) {
    struct node *node = parse_node(parse, NODE_TEMPLATE, token.pos);
    node->u.text = name;
    node->v.branch.pipe = pipe;
    return node;
}

static struct node *parse_block(struct parse *parse) {
    struct item token;
    struct name name;
    if (!parse_template_name(parse, "block clause", &token, &name))
        return NULL;
    struct node *pipe = parse_pipeline(parse, "block clause", ITEM_RIGHT_DELIM);
    if (!pipe || !parse_definition(parse->parser, name, "block clause", true, parse))
        return NULL;
    return template_node(parse, token, name, pipe);
}

static struct node *parse_template_action(struct parse *parse) {
    struct item token;
    struct name name;
    if (!parse_template_name(parse, "template clause", &token, &name))
        return NULL;
    struct node *pipe = NULL;
    if (parse_next_solid(parse).type != ITEM_RIGHT_DELIM) {
        parse_backup(parse);
        pipe = parse_pipeline(parse, "template clause", ITEM_RIGHT_DELIM);
        if (!pipe)
            return NULL;
    }
    return template_node(parse, token, name, pipe);
}

// What follows {{else}}: "else if" nests one more structure that shares the {{end}}.
static struct node *parse_else(struct parse *parse, enum node_type type, const char *context,
                               struct node *otherwise) {
    enum item_type chained = type == NODE_IF ? ITEM_IF : type == NODE_WITH ? ITEM_WITH : ITEM_EOF;
    if (chained != ITEM_EOF && parse_peek(parse).type == chained) {
        parse_next(parse);
        struct node *list = parse_node(parse, NODE_LIST, otherwise->pos);
        struct node *nested = parse_control(parse, type, context);
        if (!nested)
            return NULL;
        size_t mark = parse_list_open(parse);
        parse_list_add(parse, nested);
        list->v.list = parse_list_close(parse, mark);
        return list;
    }
    struct node *end, *list = parse_item_list(parse, &end);
    if (list && end->type != NODE_END)
        return parse_fail(parse, "expected end; found {{else}}");
    return list;
}

static bool parse_branches(struct parse *parse, struct node *node, const char *context) {
    node->v.branch.pipe = parse_pipeline(parse, context, ITEM_RIGHT_DELIM);
    if (!node->v.branch.pipe)
        return false;
    struct node *next = NULL;
    parse->range_depth += node->type == NODE_RANGE;
    node->v.branch.body = parse_item_list(parse, &next);
    parse->range_depth -= node->type == NODE_RANGE;
    if (!node->v.branch.body)
        return false;
    if (next->type == NODE_END)
        return true;
    node->v.branch.otherwise = parse_else(parse, (enum node_type)node->type, context, next);
    return node->v.branch.otherwise != NULL;
}

static struct node *parse_control(struct parse *parse, enum node_type type, const char *context) {
    if (!parse_deeper(parse, "control structures are nested more than 1000 deep"))
        return NULL;
    size_t vars = parse->var_count;
    struct node *node = parse_node(parse, type, parse_peek_solid(parse).pos);
    bool ok = parse_branches(parse, node, context);
    parse->var_count = vars;
    parse->parser->depth--;
    return ok ? node : NULL;
}

static struct node *parse_keyword(struct parse *parse) {
    struct item token = parse_next_solid(parse);
    switch (token.type) {
    case ITEM_BLOCK: return parse_block(parse);
    case ITEM_BREAK: return parse_loop_control(parse, token, NODE_BREAK);
    case ITEM_CONTINUE: return parse_loop_control(parse, token, NODE_CONTINUE);
    case ITEM_ELSE: return parse_else_action(parse);
    case ITEM_END: return parse_end_action(parse);
    case ITEM_IF: return parse_control(parse, NODE_IF, "if");
    case ITEM_RANGE: return parse_control(parse, NODE_RANGE, "range");
    case ITEM_TEMPLATE: return parse_template_action(parse);
    case ITEM_WITH: return parse_control(parse, NODE_WITH, "with");
    default: break;
    }
    parse_backup(parse);
    parse_peek(parse);
    return parse_pipeline(parse, "command", ITEM_RIGHT_DELIM);
}

struct node *parse_action(struct parse *parse) {
    struct item token = parse_next_solid(parse);
    if (token.type == ITEM_TEXT)
        return parse_text(parse, token);
    if (token.type != ITEM_LEFT_DELIM)
        return parse_unexpected(parse, token, "input");
    parse->action_line = token.line;
    struct node *node = parse_keyword(parse);
    parse->action_line = 0;
    return node;
}
