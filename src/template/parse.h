// SPDX-License-Identifier: Apache-2.0
// What the parser's files share. Private to src/template.
#ifndef TEMPLATE_PARSE_H
#define TEMPLATE_PARSE_H

#include "template/lex.h"
#include "template/node.h"

enum { PARSE_DEPTH_MAX = 1000, PARSE_VARS_MAX = 2000 };

// Of one text.
struct parser {
    struct arena *arena;   // nodes
    struct arena *texts;   // unquoted strings, which values may go on using
    struct arena *scratch; // lists being built
    const struct template_options *options;
    const struct source *source;
    struct lexer lexer;
    struct tree *trees, **trees_tail;
    struct rheap names_heap; // of `names`, in scratch
    struct rmap *names;      // trees by name
    bool again;              // a text already checked: its definitions are skipped
    struct node **pending;   // nodes of all lists under construction, innermost last
    size_t pending_count, pending_cap;
    int depth;
    struct parse_error *error;
};

// Of one template in it: each has its own look-ahead and variables, as in Go.
struct parse {
    struct parser *parser;
    struct item token[3];
    int peeked;
    struct name *vars;
    size_t var_count, var_cap;
    int action_line;
    int range_depth;
};

struct item parse_next(struct parse *parse);
void parse_backup(struct parse *parse);
void parse_backup2(struct parse *parse, struct item first);
void parse_backup3(struct parse *parse, struct item second, struct item first);
struct item parse_peek(struct parse *parse);
struct item parse_next_solid(struct parse *parse); // no space
struct item parse_peek_solid(struct parse *parse);

// Failures fill the error and return NULL.
void *parse_fail(struct parse *parse, const char *format, ...) __attribute__((format(printf, 2, 3)));
void *parse_unexpected(struct parse *parse, struct item token, const char *context);
bool parse_expect(struct parse *parse, enum item_type type, const char *context, struct item *out);
bool parse_deeper(struct parse *parse, const char *message); // false: too deep; undo with parser->depth--

// Nodes, allocated as far as their type needs.
struct node *parse_node(struct parse *parse, enum node_type type, size_t pos);
size_t parse_list_open(struct parse *parse);
void parse_list_add(struct parse *parse, struct node *node);
struct nodes parse_list_close(struct parse *parse, size_t mark);

struct node *parse_pipeline(struct parse *parse, const char *context, enum item_type end);
struct node *parse_action(struct parse *parse);
struct name parse_name(const char *text, size_t len);
bool parse_unquote(struct parse *parse, struct item token, struct name *out);

// Reads up to {{end}} or {{else}}, which is *next.
struct node *parse_item_list(struct parse *parse, struct node **next);
// Reads a whole body of a template with its {{end}} and adds it to the trees.
bool parse_definition(struct parser *parser, struct name name, const char *context, bool named,
                      struct parse *outer);

#endif
