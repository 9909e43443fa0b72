// SPDX-License-Identifier: Apache-2.0
// The parsed form of a template, and its parser. Private to src/template.
#ifndef TEMPLATE_NODE_H
#define TEMPLATE_NODE_H

#include "base/err.h"
#include "template/function.h"

enum node_type {
    NODE_TEXT,
    NODE_BOOL,
    NODE_CHAIN,
    NODE_COMMAND,
    NODE_DOT,
    NODE_ELSE, // these two never stay in a tree
    NODE_END,
    NODE_FIELD,
    NODE_IDENTIFIER,
    NODE_IF,
    NODE_LIST,
    NODE_NIL,
    NODE_NUMBER,
    NODE_PIPE, // in a list: an action
    NODE_RANGE,
    NODE_STRING,
    NODE_TEMPLATE,
    NODE_VARIABLE,
    NODE_WITH,
    NODE_BREAK,
    NODE_CONTINUE,
};

// One text that was parsed: what positions count in.
struct source {
    const char *name; // ParseName: where errors say they are
    const char *text;
    size_t len;
};

struct name {
    const char *text;
    uint32_t len;
    uint32_t hash;
};

struct nodes {
    struct node **items;
    uint32_t count;
};

struct names {
    struct name *items;
    uint32_t count;
};

struct number {
    bool is_int, is_uint, is_float, is_complex;
    int64_t integer;
    uint64_t natural;
    double real;
    double complex[2];
};

// A chart has tens of thousands of these, so a node is allocated only as far as its type
// uses it: a dot ends before `u`, a field before `v`.
struct node {
    uint8_t type;
    bool flag; // BOOL: its value; PIPE: it assigns instead of declaring
    uint32_t pos;
    const struct source *source;
    union {
        struct name text;  // TEXT, IDENTIFIER, NUMBER, STRING as written; TEMPLATE: its name
        struct names path; // FIELD, VARIABLE ($x first), CHAIN: identifiers
        struct nodes decl; // PIPE: declared variables
    } u;
    union {
        struct nodes list;          // LIST: nodes; PIPE: commands; COMMAND: arguments; CHAIN: its operand
        const struct rt_func *func; // IDENTIFIER
        struct number *number;      // NUMBER
        struct name string;         // STRING: unquoted
        struct {
            struct node *pipe, *body, *otherwise; // IF, RANGE, WITH; TEMPLATE has the pipe only
        } branch;
    } v;
};

// A template: its name and what it does. Charts carry far more definitions than they use, so a
// file's templates are checked when it is parsed and kept as places in its text; tree_root parses
// one again when it first runs, its strings into `texts`, because values may outlive the nodes.
struct tree {
    const char *name;
    size_t name_len;
    struct node *root; // NULL until it runs
    const struct source *source;
    size_t start;      // of its body in the text
    bool top;          // the body is the whole text, without its definitions
    bool empty;        // nothing but white space and comments: never replaces one that says something
    struct tree *next; // of those found by one parse
};

struct parse_error {
    int line;
    const char *message;
};

// Parses `source`. Gives the trees it defines, the top one named by source->name among them
// (a name at most once). On failure the message is Go's after "template: FILE:LINE: ".
struct tree *parse_template(struct arena *arena, const struct template_options *options,
                            const struct source *source, struct parse_error *error);

// The same, but only heads of trees stay in `arena`.
struct tree *parse_heads(struct arena *arena, const struct template_options *options,
                         const struct source *source, struct parse_error *error);
const struct node *tree_root(struct arena *arena, struct arena *texts, const struct template_options *options,
                             struct tree *tree);

// The node as Go prints it in errors.
void node_print(struct buf *out, const struct node *node);

// Reads a number or character, or a complex constant of two parts; false fills *message.
bool number_from_text(struct arena *arena, const char *text, size_t len, struct number *out,
                      const char **message);
bool number_from_parts(struct arena *arena, const char *text, size_t len, struct number *out,
                       const char **message);

#endif
