// SPDX-License-Identifier: Apache-2.0
// Tokens of a template's text. Private to src/template.
#ifndef TEMPLATE_LEX_H
#define TEMPLATE_LEX_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

// Keywords come after ITEM_KEYWORD, as error texts show them in angle brackets.
enum item_type {
    ITEM_ERROR,
    ITEM_BOOL,
    ITEM_CHAR,
    ITEM_CHAR_CONSTANT,
    ITEM_COMPLEX,
    ITEM_ASSIGN,
    ITEM_DECLARE,
    ITEM_EOF,
    ITEM_FIELD,
    ITEM_IDENTIFIER,
    ITEM_LEFT_DELIM,
    ITEM_LEFT_PAREN,
    ITEM_NUMBER,
    ITEM_PIPE,
    ITEM_RAW_STRING,
    ITEM_RIGHT_DELIM,
    ITEM_RIGHT_PAREN,
    ITEM_SPACE,
    ITEM_STRING,
    ITEM_TEXT,
    ITEM_VARIABLE,
    ITEM_KEYWORD,
    ITEM_BLOCK,
    ITEM_BREAK,
    ITEM_CONTINUE,
    ITEM_DOT,
    ITEM_DEFINE,
    ITEM_ELSE,
    ITEM_END,
    ITEM_IF,
    ITEM_NIL,
    ITEM_RANGE,
    ITEM_TEMPLATE,
    ITEM_WITH,
};

struct item {
    enum item_type type;
    size_t pos;
    const char *text; // ITEM_ERROR: the message
    size_t len;
    int line;
};

struct lexer {
    struct arena *arena; // for messages
    const char *input;
    size_t len;
    size_t pos, start;
    int line, start_line;
    int paren_depth;
    bool inside_action;
    struct item item;
};

struct lexer lexer_on(struct arena *arena, const char *text, size_t len);
struct item lexer_next(struct lexer *lexer);

#endif
