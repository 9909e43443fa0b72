// SPDX-License-Identifier: Apache-2.0
// Look-ahead, errors, and the top level of a template's text. The look-ahead is
// Go's own, slot by slot: an error names the line of the token last scanned.
#include "template/parse.h"

#include "go/quote.h"
#include "go/rune.h"
#include "go/strconv.h"
#include "go/unicode.h"
#include "template/private.h"

#include <stdlib.h>
#include <string.h>

struct item parse_next(struct parse *parse) {
    if (parse->peeked > 0)
        parse->peeked--;
    else
        parse->token[0] = lexer_next(&parse->parser->lexer);
    return parse->token[parse->peeked];
}

void parse_backup(struct parse *parse) {
    parse->peeked++;
}

void parse_backup2(struct parse *parse, struct item first) {
    parse->token[1] = first;
    parse->peeked = 2;
}

void parse_backup3(struct parse *parse, struct item second, struct item first) {
    parse->token[1] = first;
    parse->token[2] = second;
    parse->peeked = 3;
}

struct item parse_peek(struct parse *parse) {
    struct item token = parse_next(parse);
    parse_backup(parse);
    return token;
}

struct item parse_next_solid(struct parse *parse) {
    for (;;) {
        struct item token = parse_next(parse);
        if (token.type != ITEM_SPACE)
            return token;
    }
}

struct item parse_peek_solid(struct parse *parse) {
    struct item token = parse_next_solid(parse);
    parse_backup(parse);
    return token;
}

void *parse_fail(struct parse *parse, const char *format, ...) {
    va_list args;
    va_start(args, format);
    parse->parser->error->line = parse->token[0].line;
    parse->parser->error->message = arena_vprintf(parse->parser->arena, format, args);
    va_end(args);
    return NULL;
}

bool parse_deeper(struct parse *parse, const char *message) {
    if (parse->parser->depth < PARSE_DEPTH_MAX) {
        parse->parser->depth++;
        return true;
    }
    return parse_fail(parse, "%s", message) != NULL;
}

// The first ten code points of a token stand for it.
static const char *item_text(struct parse *parse, struct item item) {
    struct buf text;
    buf_init(&text, parse->parser->arena);
    if (item.type == ITEM_EOF || item.type == ITEM_ERROR)
        return item.type == ITEM_EOF ? "EOF" : item.text;
    if (item.type > ITEM_KEYWORD) {
        buf_printf(&text, "<%.*s>", (int)item.len, item.text);
        return buf_text(&text);
    }
    size_t shown = item.len, runes = 0, size;
    for (size_t at = 0; item.len > 10 && at < item.len; at += size) {
        rune_at(item.text + at, item.len - at, &size);
        shown = at;
        if (runes++ == 10)
            break;
        shown = item.len;
    }
    quote_text(&text, item.text, shown);
    if (item.len > 10)
        buf_str(&text, "...");
    return buf_text(&text);
}

// A lexer's error says where its action began when that was on another line.
void *parse_unexpected(struct parse *parse, struct item token, const char *context) {
    if (token.type != ITEM_ERROR)
        return parse_fail(parse, "unexpected %s in %s", item_text(parse, token), context);
    if (!parse->action_line || parse->action_line == token.line)
        return parse_fail(parse, "%s", token.text);
    bool says_action = token.len >= 7 && strcmp(token.text + token.len - 7, " action") == 0;
    return parse_fail(parse, "%s%s started at %s:%d", token.text, says_action ? "" : " in action",
                      parse->parser->source->name, parse->action_line);
}

bool parse_expect(struct parse *parse, enum item_type type, const char *context, struct item *out) {
    *out = parse_next_solid(parse);
    return out->type == type || parse_unexpected(parse, *out, context);
}

static size_t node_size(enum node_type type) {
    switch (type) {
    case NODE_BOOL:
    case NODE_DOT:
    case NODE_ELSE:
    case NODE_END:
    case NODE_NIL:
    case NODE_BREAK:
    case NODE_CONTINUE: return offsetof(struct node, u);
    case NODE_TEXT:
    case NODE_FIELD:
    case NODE_VARIABLE: return offsetof(struct node, v);
    case NODE_IF:
    case NODE_RANGE:
    case NODE_WITH:
    case NODE_TEMPLATE: return sizeof(struct node);
    default: return offsetof(struct node, v) + sizeof(struct nodes);
    }
}

struct node *parse_node(struct parse *parse, enum node_type type, size_t pos) {
    struct node *node = arena_alloc(parse->parser->arena, node_size(type));
    node->type = (uint8_t)type;
    node->pos = (uint32_t)pos;
    node->source = parse->parser->source;
    return node;
}

size_t parse_list_open(struct parse *parse) {
    return parse->parser->pending_count;
}

void parse_list_add(struct parse *parse, struct node *node) {
    struct parser *parser = parse->parser;
    if (parser->pending_count == parser->pending_cap) {
        size_t cap = parser->pending_cap ? parser->pending_cap * 2 : 256;
        parser->pending =
            arena_grow(parser->scratch, parser->pending, parser->pending_cap * sizeof *parser->pending,
                       cap * sizeof *parser->pending);
        parser->pending_cap = cap;
    }
    parser->pending[parser->pending_count++] = node;
}

struct nodes parse_list_close(struct parse *parse, size_t mark) {
    struct parser *parser = parse->parser;
    size_t count = parser->pending_count - mark;
    parser->pending_count = mark;
    if (count == 0)
        return (struct nodes){NULL, 0};
    return (struct nodes){
        arena_memdup(parser->arena, parser->pending + mark, count * sizeof *parser->pending),
        (uint32_t)count};
}

struct name parse_name(const char *text, size_t len) {
    return (struct name){text, (uint32_t)len, rmap_hash(text, len)};
}

bool parse_unquote(struct parse *parse, struct item token, struct name *out) {
    struct buf text;
    buf_init(&text, parse->parser->texts);
    bool plain = token.type == ITEM_STRING;
    for (size_t i = 0; plain && i < token.len; i++)
        plain = token.text[i] != '\\' && (unsigned char)token.text[i] < 0x80;
    if (plain) {
        *out = parse_name(token.text + 1, token.len - 2);
        return true;
    }
    if (!strconv_unquote(&text, token.text, token.len))
        return parse_fail(parse, "invalid syntax") != NULL;
    *out = parse_name(buf_text(&text), text.len);
    return true;
}

static bool is_blank(const struct node *text) {
    size_t size;
    for (size_t at = 0; at < text->u.text.len; at += size)
        if (!unicode_is_space(rune_at(text->u.text.text + at, text->u.text.len - at, &size)))
            return false;
    return true;
}

static bool is_empty(const struct node *node) {
    if (node->type == NODE_TEXT)
        return is_blank(node);
    for (uint32_t i = 0; node->type == NODE_LIST && i < node->v.list.count; i++)
        if (!is_empty(node->v.list.items[i]))
            return false;
    return node->type == NODE_LIST;
}

static struct tree *tree_named(struct parser *parser, struct name name) {
    struct rv found;
    if (rmap_get(parser->names, name.text, name.len, &found))
        return (struct tree *)(uintptr_t)found.u.integer;
    struct tree *tree = arena_alloc(parser->arena, sizeof *tree);
    *tree = (struct tree){.name = name.text, .name_len = name.len, .source = parser->source, .empty = true};
    *parser->trees_tail = tree;
    parser->trees_tail = &tree->next;
    rmap_set(parser->names, name.text, name.len, rv_int((int64_t)(uintptr_t)tree));
    return tree;
}

// Two bodies for one name are an error unless one of them is empty.
static bool add_tree(struct parse *parse, struct name name, struct node *root, size_t start, bool top) {
    struct parser *parser = parse->parser;
    struct tree *tree = tree_named(parser, name);
    bool empty = is_empty(root);
    if (!tree->empty && empty)
        return true;
    if (!tree->empty) {
        struct buf quoted;
        buf_init(&quoted, parser->arena);
        quote_text(&quoted, name.text, name.len);
        return parse_fail(parse, "template: multiple definition of template %s", buf_text(&quoted)) != NULL;
    }
    tree->root = root;
    tree->start = start;
    tree->top = top;
    tree->empty = empty;
    return true;
}

static struct parse begin(struct parser *parser) {
    struct parse parse = {.parser = parser};
    parse.vars = arena_array(parser->scratch, 8, sizeof *parse.vars);
    parse.var_cap = 8;
    parse.vars[parse.var_count++] = parse_name("$", 1);
    return parse;
}

static bool parse_definition_body(struct parse *parse, struct name name, const char *context,
                                  struct parse *outer) {
    struct parser *parser = parse->parser;
    struct arena *arena = parser->arena;
    size_t start = parser->lexer.pos;
    if (parser->again)
        parser->arena = parser->scratch;
    struct node *end, *root = parse_item_list(parse, &end);
    parser->arena = arena;
    if (!root)
        return false;
    if (end->type != NODE_END)
        return parse_fail(outer ? outer : parse, "unexpected {{else}} in %s", context);
    return parser->again || add_tree(parse, name, root, start, false);
}

// `named` is false for {{define}}, whose name is still to be read.
bool parse_definition(struct parser *parser, struct name name, const char *context, bool named,
                      struct parse *outer) {
    struct parse parse = begin(parser);
    if (named)
        return parse_definition_body(&parse, name, context, outer);
    struct item token = parse_next_solid(&parse);
    if (token.type != ITEM_STRING && token.type != ITEM_RAW_STRING)
        return parse_unexpected(&parse, token, context);
    if (!parse_unquote(&parse, token, &name) || !parse_expect(&parse, ITEM_RIGHT_DELIM, context, &token))
        return false;
    return parse_definition_body(&parse, name, context, outer);
}

// One node or definition of the top level. *done at the end of the text.
static bool parse_top_item(struct parse *parse, bool *done) {
    struct item token = parse_peek(parse);
    *done = token.type == ITEM_EOF;
    if (*done)
        return true;
    if (token.type == ITEM_LEFT_DELIM) {
        struct item delim = parse_next(parse);
        if (parse_next_solid(parse).type == ITEM_DEFINE)
            return parse_definition(parse->parser, (struct name){0}, "define clause", false, NULL);
        parse_backup2(parse, delim);
    }
    struct node *node = parse_action(parse);
    if (!node)
        return false;
    if (node->type == NODE_END || node->type == NODE_ELSE)
        return parse_fail(parse, "unexpected %s", node->type == NODE_END ? "{{end}}" : "{{else}}");
    parse_list_add(parse, node);
    return true;
}

static struct node *parse_top(struct parser *parser) {
    struct parse parse = begin(parser);
    struct node *root = parse_node(&parse, NODE_LIST, parse_peek(&parse).pos);
    size_t mark = parse_list_open(&parse);
    for (bool done = false; !done;)
        if (!parse_top_item(&parse, &done))
            return NULL;
    root->v.list = parse_list_close(&parse, mark);
    struct name name = parse_name(parser->source->name, strlen(parser->source->name));
    return parser->again || add_tree(&parse, name, root, 0, true) ? root : NULL;
}

static struct parser parser_on(struct arena *arena, struct arena *scratch,
                               const struct template_options *options, const struct source *source,
                               struct parse_error *error) {
    return (struct parser){.arena = arena,
                           .texts = arena,
                           .scratch = scratch,
                           .options = options,
                           .source = source,
                           .lexer = lexer_on(scratch, source->text, source->len),
                           .names_heap = {.arena = scratch},
                           .error = error};
}

struct tree *parse_template(struct arena *arena, const struct template_options *options,
                            const struct source *source, struct parse_error *error) {
    SCRATCH_ARENA(scratch);
    struct parser parser = parser_on(arena, scratch, options, source, error);
    parser.trees_tail = &parser.trees;
    parser.names = rmap_create(&parser.names_heap, 0);
    if (parse_top(&parser))
        return parser.trees;
    error->message = arena_strdup(arena, error->message);
    return NULL;
}

struct tree *parse_heads(struct arena *arena, const struct template_options *options,
                         const struct source *source, struct parse_error *error) {
    SCRATCH_ARENA(checked);
    struct tree *first = NULL, **tail = &first;
    struct tree *trees = parse_template(checked, options, source, error);
    for (const struct tree *tree = trees; tree; tree = tree->next) {
        struct tree *head = arena_memdup(arena, tree, sizeof *tree);
        head->name = arena_strndup(arena, tree->name, tree->name_len);
        head->root = NULL;
        *tail = head;
        tail = &head->next;
    }
    if (!trees)
        error->message = arena_strdup(arena, error->message);
    return first;
}

const struct node *tree_root(struct arena *arena, struct arena *texts, const struct template_options *options,
                             struct tree *tree) {
    if (tree->root)
        return tree->root;
    SCRATCH_ARENA(scratch);
    struct parse_error error;
    struct parser parser = parser_on(arena, scratch, options, tree->source, &error);
    parser.texts = texts;
    parser.again = true;
    parser.lexer.pos = parser.lexer.start = tree->start;
    struct parse parse = begin(&parser);
    struct node *end;
    return tree->root = tree->top ? parse_top(&parser) : parse_item_list(&parse, &end);
}
