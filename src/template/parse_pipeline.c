// SPDX-License-Identifier: Apache-2.0
// Pipelines, commands, operands and terms.
#include "go/quote.h"
#include "template/parse.h"

#include <string.h>

static struct node *variable_node(struct parse *parse, size_t pos, const char *text, size_t len);

// Variables are looked up one by one: a bound keeps a long list of them from taking minutes.
static bool add_variable(struct parse *parse, struct name name) {
    if (parse->var_count == PARSE_VARS_MAX)
        return parse_fail(parse, "more than %d variables are declared at once", PARSE_VARS_MAX) != NULL;
    if (parse->var_count == parse->var_cap) {
        size_t size = parse->var_cap * sizeof *parse->vars;
        parse->vars = arena_grow(parse->parser->scratch, parse->vars, size, size * 2);
        parse->var_cap *= 2;
    }
    parse->vars[parse->var_count++] = name;
    return true;
}

static bool declare(struct parse *parse, struct item variable) {
    parse_list_add(parse, variable_node(parse, variable.pos, variable.text, variable.len));
    return add_variable(parse, parse_name(variable.text, variable.len));
}

// "$k, " of a range. *again when another variable follows.
static bool declare_first(struct parse *parse, struct item variable, const char *context, size_t declared,
                          bool *again) {
    parse_next_solid(parse);
    if (!declare(parse, variable))
        return false;
    if (strcmp(context, "range") != 0 || declared > 0)
        return parse_fail(parse, "too many declarations in %s", context);
    enum item_type next = parse_peek_solid(parse).type;
    if (next != ITEM_VARIABLE && next != ITEM_RIGHT_DELIM && next != ITEM_RIGHT_PAREN)
        return parse_fail(parse, "range can only initialize variables");
    *again = true;
    return true;
}

// Reads "$x :=", "$x =" or "$k, $v :=" if the pipeline starts so.
static bool parse_declarations(struct parse *parse, struct node *pipe, const char *context) {
    size_t mark = parse_list_open(parse);
    for (bool again = true; again;) {
        again = false;
        struct item variable = parse_peek_solid(parse);
        if (variable.type != ITEM_VARIABLE)
            break;
        parse_next(parse);
        struct item adjacent = parse_peek(parse);
        struct item next = parse_peek_solid(parse);
        if (next.type == ITEM_ASSIGN || next.type == ITEM_DECLARE) {
            pipe->flag = next.type == ITEM_ASSIGN;
            parse_next_solid(parse);
            if (!declare(parse, variable))
                return false;
        } else if (next.type == ITEM_CHAR && next.len == 1 && next.text[0] == ',') {
            size_t declared = parse_list_open(parse) - mark;
            if (!declare_first(parse, variable, context, declared, &again))
                return false;
        } else if (adjacent.type == ITEM_SPACE) {
            parse_backup3(parse, variable, adjacent);
        } else {
            parse_backup2(parse, variable);
        }
    }
    pipe->u.decl = parse_list_close(parse, mark);
    return true;
}

static struct names path_names(struct parse *parse, const char *text, size_t len) {
    struct names names = {.count = 1};
    for (size_t i = 0; i < len; i++)
        names.count += text[i] == '.';
    names.items = arena_array(parse->parser->arena, names.count, sizeof *names.items);
    for (uint32_t i = 0; i < names.count; i++) {
        const char *dot = memchr(text, '.', len);
        size_t part = dot ? (size_t)(dot - text) : len;
        names.items[i] = parse_name(text, part);
        text += part + 1;
        len -= dot ? part + 1 : len;
    }
    return names;
}

static struct node *field_node(struct parse *parse, size_t pos, const char *text, size_t len) {
    struct node *node = parse_node(parse, NODE_FIELD, pos);
    node->u.path = path_names(parse, text + 1, len - 1);
    return node;
}

static struct node *variable_node(struct parse *parse, size_t pos, const char *text, size_t len) {
    struct node *node = parse_node(parse, NODE_VARIABLE, pos);
    node->u.path = path_names(parse, text, len);
    return node;
}

// ".a.b" and "$x.a" are one node, at the place of its second component.
static struct node *path_node(struct parse *parse, struct item token) {
    size_t pos = token.pos;
    const char *end = token.text + token.len;
    for (bool first = true; parse_peek(parse).type == ITEM_FIELD; first = false) {
        struct item field = parse_next(parse);
        end = field.text + field.len;
        pos = first ? field.pos : pos;
    }
    return (token.type == ITEM_FIELD ? field_node : variable_node)(parse, pos, token.text,
                                                                   (size_t)(end - token.text));
}

static struct node *use_variable(struct parse *parse, struct item token) {
    for (size_t i = 0; i < parse->var_count; i++)
        if (parse->vars[i].len == token.len && memcmp(parse->vars[i].text, token.text, token.len) == 0)
            return path_node(parse, token);
    return parse_fail(parse, "undefined variable \"%.*s\"", (int)token.len, token.text);
}

static const struct rt_func *find_function(const struct template_options *options, const char *name,
                                           size_t len) {
    if (options->functions)
        return options->functions(options->profile, name, len);
    for (const struct rt_func *func = template_builtins; func->name; func++)
        if (strlen(func->name) == len && !memcmp(func->name, name, len))
            return func;
    return NULL;
}

static struct node *identifier_node(struct parse *parse, struct item token) {
    const struct rt_func *func = find_function(parse->parser->options, token.text, token.len);
    if (!func)
        return parse_fail(parse, "function \"%.*s\" not defined", (int)token.len, token.text);
    struct node *node = parse_node(parse, NODE_IDENTIFIER, token.pos);
    node->u.text = (struct name){token.text, (uint32_t)token.len, 0};
    node->v.func = func;
    return node;
}

static struct node *number_node(struct parse *parse, struct item token) {
    struct node *node = parse_node(parse, NODE_NUMBER, token.pos);
    node->u.text = (struct name){token.text, (uint32_t)token.len, 0};
    node->v.number = arena_alloc(parse->parser->arena, sizeof *node->v.number);
    const char *message;
    if (!(token.type == ITEM_COMPLEX ? number_from_parts : number_from_text)(
            parse->parser->arena, token.text, token.len, node->v.number, &message))
        return parse_fail(parse, "%s", message);
    return node;
}

static struct node *string_node(struct parse *parse, struct item token) {
    struct node *node = parse_node(parse, NODE_STRING, token.pos);
    node->u.text = (struct name){token.text, (uint32_t)token.len, 0};
    return parse_unquote(parse, token, &node->v.string) ? node : NULL;
}

static struct node *bool_node(struct parse *parse, struct item token) {
    struct node *node = parse_node(parse, NODE_BOOL, token.pos);
    node->flag = token.len == 4;
    return node;
}

static struct node *parenthesized(struct parse *parse) {
    if (!parse_deeper(parse, "max expression depth exceeded"))
        return NULL;
    struct node *pipe = parse_pipeline(parse, "parenthesized pipeline", ITEM_RIGHT_PAREN);
    parse->parser->depth--;
    return pipe;
}

// *none, with NULL, when the next token starts no term.
static struct node *parse_term(struct parse *parse, bool *none) {
    struct item token = parse_next_solid(parse);
    switch (token.type) {
    case ITEM_IDENTIFIER: return identifier_node(parse, token);
    case ITEM_DOT: return parse_node(parse, NODE_DOT, token.pos);
    case ITEM_NIL: return parse_node(parse, NODE_NIL, token.pos);
    case ITEM_VARIABLE: return use_variable(parse, token);
    case ITEM_FIELD: return path_node(parse, token);
    case ITEM_BOOL: return bool_node(parse, token);
    case ITEM_CHAR_CONSTANT:
    case ITEM_COMPLEX:
    case ITEM_NUMBER: return number_node(parse, token);
    case ITEM_LEFT_PAREN: return parenthesized(parse);
    case ITEM_STRING:
    case ITEM_RAW_STRING: return string_node(parse, token);
    default: break;
    }
    parse_backup(parse);
    *none = true;
    return NULL;
}

static struct node *fail_fields(struct parse *parse, const struct node *term) {
    struct buf whole, quoted;
    buf_init(&whole, parse->parser->arena);
    buf_init(&quoted, parse->parser->arena);
    node_print(&whole, term);
    quote_text(&quoted, buf_text(&whole), whole.len);
    return parse_fail(parse, "unexpected . after term %s", buf_text(&quoted));
}

// Whatever takes fields and is no path itself becomes a chain.
static struct node *with_fields(struct parse *parse, struct node *term, size_t pos, const char *end) {
    const char *text = parse->parser->source->text + pos;
    switch (term->type) {
    case NODE_BOOL:
    case NODE_STRING:
    case NODE_NUMBER:
    case NODE_NIL:
    case NODE_DOT: return fail_fields(parse, term);
    default: break;
    }
    struct node *chain = parse_node(parse, NODE_CHAIN, pos);
    chain->u.path = path_names(parse, text + 1, (size_t)(end - text) - 1);
    size_t mark = parse_list_open(parse);
    parse_list_add(parse, term);
    chain->v.list = parse_list_close(parse, mark);
    return chain;
}

static struct node *parse_operand(struct parse *parse, bool *none) {
    struct node *term = parse_term(parse, none);
    if (!term)
        return NULL;
    struct item first = parse_peek(parse);
    if (first.type != ITEM_FIELD)
        return term;
    const char *end = first.text;
    while (parse_peek(parse).type == ITEM_FIELD) {
        struct item token = parse_next(parse);
        end = token.text + token.len;
    }
    return with_fields(parse, term, first.pos, end);
}

static struct node *parse_command(struct parse *parse) {
    struct node *command = parse_node(parse, NODE_COMMAND, parse_peek_solid(parse).pos);
    size_t mark = parse_list_open(parse);
    for (;;) {
        parse_peek_solid(parse);
        bool none = false;
        struct node *operand = parse_operand(parse, &none);
        if (operand)
            parse_list_add(parse, operand);
        else if (!none)
            return NULL;
        struct item token = parse_next(parse);
        if (token.type == ITEM_SPACE)
            continue;
        if (token.type == ITEM_RIGHT_DELIM || token.type == ITEM_RIGHT_PAREN)
            parse_backup(parse);
        else if (token.type != ITEM_PIPE)
            return parse_unexpected(parse, token, "operand");
        break;
    }
    command->v.list = parse_list_close(parse, mark);
    return command->v.list.count ? command : parse_fail(parse, "empty command");
}

// Only the first command may be a value instead of something to call.
static bool check_pipeline(struct parse *parse, const struct node *pipe, const char *context) {
    if (pipe->v.list.count == 0)
        return parse_fail(parse, "missing value for %s", context);
    for (uint32_t i = 1; i < pipe->v.list.count; i++) {
        switch (pipe->v.list.items[i]->v.list.items[0]->type) {
        case NODE_BOOL:
        case NODE_DOT:
        case NODE_NIL:
        case NODE_NUMBER:
        case NODE_STRING: return parse_fail(parse, "non executable command in pipeline stage %u", i + 1);
        default: break;
        }
    }
    return true;
}

static bool starts_command(enum item_type type) {
    static const bool starts[ITEM_WITH + 1] = {
        [ITEM_BOOL] = true,   [ITEM_CHAR_CONSTANT] = true, [ITEM_COMPLEX] = true,
        [ITEM_DOT] = true,    [ITEM_FIELD] = true,         [ITEM_IDENTIFIER] = true,
        [ITEM_NUMBER] = true, [ITEM_NIL] = true,           [ITEM_RAW_STRING] = true,
        [ITEM_STRING] = true, [ITEM_VARIABLE] = true,      [ITEM_LEFT_PAREN] = true,
    };
    return starts[type];
}

struct node *parse_pipeline(struct parse *parse, const char *context, enum item_type end) {
    struct node *pipe = parse_node(parse, NODE_PIPE, parse_peek_solid(parse).pos);
    if (!parse_declarations(parse, pipe, context))
        return NULL;
    size_t mark = parse_list_open(parse);
    for (;;) {
        struct item token = parse_next_solid(parse);
        if (token.type == end)
            break;
        if (!starts_command(token.type))
            return parse_unexpected(parse, token, context);
        parse_backup(parse);
        struct node *command = parse_command(parse);
        if (!command)
            return NULL;
        parse_list_add(parse, command);
    }
    pipe->v.list = parse_list_close(parse, mark);
    return check_pipeline(parse, pipe, context) ? pipe : NULL;
}
