// SPDX-License-Identifier: Apache-2.0
// The scanner follows text/template's states one by one: which token carries
// which line decides the line an error names.
#include "template/lex.h"

#include "go/quote.h"
#include "go/rune.h"
#include "go/unicode.h"
#include "template/node.h"
#include "template/private.h"

#include <string.h>

enum { END_OF_INPUT = -1 };

static const struct {
    const char *word;
    enum item_type type;
} keywords[] = {
    {"block", ITEM_BLOCK},
    {"break", ITEM_BREAK},
    {"continue", ITEM_CONTINUE},
    {"define", ITEM_DEFINE},
    {"else", ITEM_ELSE},
    {"end", ITEM_END},
    {"if", ITEM_IF},
    {"range", ITEM_RANGE},
    {"nil", ITEM_NIL},
    {"template", ITEM_TEMPLATE},
    {"with", ITEM_WITH},
    {"true", ITEM_BOOL},
    {"false", ITEM_BOOL},
};

struct lexer lexer_on(struct arena *arena, const char *text, size_t len) {
    return (struct lexer){.arena = arena, .input = text, .len = len, .line = 1, .start_line = 1};
}

static int32_t peek(const struct lexer *lexer, size_t *size) {
    *size = 0;
    if (lexer->pos >= lexer->len)
        return END_OF_INPUT;
    unsigned char byte = (unsigned char)lexer->input[lexer->pos];
    *size = 1;
    return byte < 0x80 ? byte : rune_at(lexer->input + lexer->pos, lexer->len - lexer->pos, size);
}

static int32_t next(struct lexer *lexer) {
    size_t size;
    int32_t rune = peek(lexer, &size);
    lexer->pos += size;
    if (rune == '\n')
        lexer->line++;
    return rune;
}

static bool has(const struct lexer *lexer, size_t at, const char *text) {
    size_t len = strlen(text);
    return at <= lexer->len && lexer->len - at >= len && memcmp(lexer->input + at, text, len) == 0;
}

static bool is_space(int32_t rune) {
    return rune == ' ' || rune == '\t' || rune == '\r' || rune == '\n';
}

static bool is_alphanumeric(int32_t rune) {
    if ((rune | 0x20) >= 'a' && (rune | 0x20) <= 'z')
        return true;
    if (rune < 0x80)
        return rune == '_' || (rune >= '0' && rune <= '9');
    return unicode_is_letter(rune) || unicode_is_digit(rune);
}

static bool space_at(const struct lexer *lexer, size_t at) {
    return at < lexer->len && is_space(lexer->input[at]);
}

static bool left_trim_at(const struct lexer *lexer, size_t at) {
    return at < lexer->len && lexer->input[at] == '-' && space_at(lexer, at + 1);
}

static bool right_trim_at(const struct lexer *lexer, size_t at) {
    return space_at(lexer, at) && has(lexer, at + 1, "-");
}

static int count_lines(const char *text, size_t len) {
    int lines = 0;
    for (const char *at = text; (at = memchr(at, '\n', len - (size_t)(at - text))) != NULL; at++)
        lines++;
    return lines;
}

static void ignore(struct lexer *lexer) {
    lexer->line += count_lines(lexer->input + lexer->start, lexer->pos - lexer->start);
    lexer->start = lexer->pos;
    lexer->start_line = lexer->line;
}

static struct item this_item(struct lexer *lexer, enum item_type type) {
    struct item item = {type, lexer->start, lexer->input + lexer->start, lexer->pos - lexer->start,
                        lexer->start_line};
    lexer->start = lexer->pos;
    lexer->start_line = lexer->line;
    return item;
}

static bool emit(struct lexer *lexer, enum item_type type) {
    lexer->item = this_item(lexer, type);
    return true;
}

// After an error the input is empty: whatever follows is the end.
static bool fail(struct lexer *lexer, const char *message) {
    lexer->item = (struct item){ITEM_ERROR, lexer->start, message, strlen(message), lexer->start_line};
    lexer->start = lexer->pos = lexer->len = 0;
    return true;
}

static bool fail_quoted(struct lexer *lexer, const char *message) {
    struct buf text;
    buf_init(&text, lexer->arena);
    buf_str(&text, message);
    quote_text(&text, lexer->input + lexer->start, lexer->pos - lexer->start);
    return fail(lexer, buf_text(&text));
}

static bool fail_rune(struct lexer *lexer, const char *message, int32_t rune) {
    struct buf text;
    buf_init(&text, lexer->arena);
    buf_str(&text, message);
    buf_printf(&text, "U+%04X", (unsigned)rune);
    if (rune >= 0 && unicode_is_print((uint32_t)rune)) {
        buf_str(&text, " '");
        rune_add(&text, rune);
        buf_char(&text, '\'');
    }
    return fail(lexer, buf_text(&text));
}

// 1 at "}}", 2 at " -}}", else 0.
static int right_delim_at(const struct lexer *lexer, size_t at) {
    if (right_trim_at(lexer, at) && has(lexer, at + 2, "}}"))
        return 2;
    return has(lexer, at, "}}");
}

static void skip_spaces(struct lexer *lexer) {
    while (space_at(lexer, lexer->pos))
        lexer->pos++;
}

// Returns true when an item was made; false to go on with the text after a comment.
static bool lex_comment(struct lexer *lexer) {
    const char *from = lexer->input + lexer->pos + 2;
    const char *end = memmem(from, lexer->len - lexer->pos - 2, "*/", 2);
    if (!end) {
        lexer->pos += 2;
        return fail(lexer, "unclosed comment");
    }
    lexer->pos = (size_t)(end - lexer->input) + 2;
    int delim = right_delim_at(lexer, lexer->pos);
    if (!delim)
        return fail(lexer, "comment ends before closing delimiter");
    ignore(lexer);
    lexer->pos += delim == 2 ? 4 : 2;
    if (delim == 2)
        skip_spaces(lexer);
    ignore(lexer);
    return false;
}

static bool lex_left_delim(struct lexer *lexer) {
    lexer->pos += 2;
    size_t marker = left_trim_at(lexer, lexer->pos) ? 2 : 0;
    if (has(lexer, lexer->pos + marker, "/*")) {
        lexer->pos += marker;
        ignore(lexer);
        return lex_comment(lexer);
    }
    emit(lexer, ITEM_LEFT_DELIM);
    lexer->inside_action = true;
    lexer->pos += marker;
    ignore(lexer);
    lexer->paren_depth = 0;
    return true;
}

// The text up to the next action, without what the action trims. False when that leaves nothing.
static bool lex_text_before(struct lexer *lexer, size_t delim) {
    size_t end = delim;
    if (left_trim_at(lexer, delim + 2))
        while (end > lexer->start && is_space(lexer->input[end - 1]))
            end--;
    lexer->line += count_lines(lexer->input + lexer->start, end - lexer->start);
    lexer->pos = end;
    struct item item = this_item(lexer, ITEM_TEXT);
    lexer->pos = delim;
    ignore(lexer);
    lexer->item = item;
    return item.len > 0;
}

static bool lex_text(struct lexer *lexer) {
    for (;;) {
        const char *from = lexer->input + lexer->pos;
        const char *delim = lexer->pos < lexer->len ? memmem(from, lexer->len - lexer->pos, "{{", 2) : NULL;
        if (!delim)
            break;
        if (delim > from && lex_text_before(lexer, (size_t)(delim - lexer->input)))
            return true;
        if (lex_left_delim(lexer))
            return true;
    }
    lexer->pos = lexer->len;
    if (lexer->pos <= lexer->start)
        return emit(lexer, ITEM_EOF);
    lexer->line += count_lines(lexer->input + lexer->start, lexer->pos - lexer->start);
    return emit(lexer, ITEM_TEXT);
}

static bool lex_right_delim(struct lexer *lexer) {
    bool trim = right_delim_at(lexer, lexer->pos) == 2;
    if (trim) {
        lexer->pos += 2;
        ignore(lexer);
    }
    lexer->pos += 2;
    emit(lexer, ITEM_RIGHT_DELIM);
    if (trim) {
        skip_spaces(lexer);
        ignore(lexer);
    }
    lexer->inside_action = false;
    return true;
}

// The last of several spaces may belong to " -}}".
static bool lex_space(struct lexer *lexer) {
    size_t spaces = 0;
    size_t size;
    while (is_space(peek(lexer, &size))) {
        next(lexer);
        spaces++;
    }
    if (right_delim_at(lexer, lexer->pos - 1) == 2) {
        lexer->pos--;
        if (lexer->input[lexer->pos] == '\n')
            lexer->line--;
        if (spaces == 1)
            return lex_right_delim(lexer);
    }
    return emit(lexer, ITEM_SPACE);
}

static bool at_terminator(const struct lexer *lexer) {
    size_t size;
    int32_t rune = peek(lexer, &size);
    if (is_space(rune) || rune == END_OF_INPUT || (rune > 0 && rune < 0x80 && strchr(".,|:)(", rune)))
        return true;
    return has(lexer, lexer->pos, "}}");
}

static bool lex_word(struct lexer *lexer, enum item_type type) {
    size_t size;
    int32_t rune;
    while (is_alphanumeric(rune = peek(lexer, &size)))
        lexer->pos += size;
    if (!at_terminator(lexer))
        return fail_rune(lexer, "bad character ", rune);
    const char *word = lexer->input + lexer->start;
    size_t len = lexer->pos - lexer->start;
    for (size_t i = 0; type == ITEM_IDENTIFIER && i < sizeof keywords / sizeof *keywords; i++)
        if (strlen(keywords[i].word) == len && memcmp(keywords[i].word, word, len) == 0)
            return emit(lexer, keywords[i].type);
    return emit(lexer, type);
}

static bool lex_field_or_variable(struct lexer *lexer, enum item_type type) {
    if (at_terminator(lexer))
        return emit(lexer, type == ITEM_VARIABLE ? ITEM_VARIABLE : ITEM_DOT);
    return lex_word(lexer, type);
}

static bool lex_quoted(struct lexer *lexer, char quote, enum item_type type, const char *message) {
    for (;;) {
        int32_t rune = next(lexer);
        if (rune == '\\') {
            rune = next(lexer);
            if (rune != END_OF_INPUT && rune != '\n')
                continue;
        }
        if (rune == END_OF_INPUT || rune == '\n')
            return fail(lexer, message);
        if (rune == quote)
            return emit(lexer, type);
    }
}

static bool lex_raw_string(struct lexer *lexer) {
    for (;;) {
        int32_t rune = next(lexer);
        if (rune == END_OF_INPUT)
            return fail(lexer, "unterminated raw quoted string");
        if (rune == '`')
            return emit(lexer, ITEM_RAW_STRING);
    }
}

static bool accept(struct lexer *lexer, const char *valid) {
    if (lexer->pos >= lexer->len || !lexer->input[lexer->pos] || !strchr(valid, lexer->input[lexer->pos]))
        return false;
    lexer->pos++;
    return true;
}

static void accept_run(struct lexer *lexer, const char *valid) {
    while (accept(lexer, valid))
        continue;
}

static const char *accept_base(struct lexer *lexer) {
    if (!accept(lexer, "0"))
        return "0123456789_";
    if (accept(lexer, "xX"))
        return "0123456789abcdefABCDEF_";
    if (accept(lexer, "oO"))
        return "01234567_";
    return accept(lexer, "bB") ? "01_" : "0123456789_";
}

static bool scan_number(struct lexer *lexer) {
    accept(lexer, "+-");
    const char *digits = accept_base(lexer);
    accept_run(lexer, digits);
    if (accept(lexer, "."))
        accept_run(lexer, digits);
    const char *exponent = strlen(digits) == 11 ? "eE" : strlen(digits) == 23 ? "pP" : "";
    if (accept(lexer, exponent)) {
        accept(lexer, "+-");
        accept_run(lexer, "0123456789_");
    }
    accept(lexer, "i");
    size_t size;
    if (!is_alphanumeric(peek(lexer, &size)))
        return true;
    lexer->pos += size;
    return false;
}

static bool lex_number(struct lexer *lexer) {
    if (!scan_number(lexer))
        return fail_quoted(lexer, "bad number syntax: ");
    if (!has(lexer, lexer->pos, "+") && !has(lexer, lexer->pos, "-"))
        return emit(lexer, ITEM_NUMBER);
    if (!scan_number(lexer) || lexer->input[lexer->pos - 1] != 'i')
        return fail_quoted(lexer, "bad number syntax: ");
    return emit(lexer, ITEM_COMPLEX);
}

static bool lex_paren(struct lexer *lexer, int32_t rune) {
    lexer->paren_depth += rune == '(' ? 1 : -1;
    if (lexer->paren_depth < 0)
        return fail(lexer, "unexpected right paren");
    return emit(lexer, rune == '(' ? ITEM_LEFT_PAREN : ITEM_RIGHT_PAREN);
}

static bool lex_punctuation(struct lexer *lexer, int32_t rune) {
    switch (rune) {
    case '=': return emit(lexer, ITEM_ASSIGN);
    case ':': return next(lexer) == '=' ? emit(lexer, ITEM_DECLARE) : fail(lexer, "expected :=");
    case '|': return emit(lexer, ITEM_PIPE);
    case '"': return lex_quoted(lexer, '"', ITEM_STRING, "unterminated quoted string");
    case '\'': return lex_quoted(lexer, '\'', ITEM_CHAR_CONSTANT, "unterminated character constant");
    case '`': return lex_raw_string(lexer);
    case '$': return lex_field_or_variable(lexer, ITEM_VARIABLE);
    case '(':
    case ')': return lex_paren(lexer, rune);
    default: break;
    }
    if (rune < 0x80 && unicode_is_print((uint32_t)rune))
        return emit(lexer, ITEM_CHAR);
    return fail_rune(lexer, "unrecognized character in action: ", rune);
}

static bool is_digit_at(const struct lexer *lexer, size_t at) {
    return at < lexer->len && lexer->input[at] >= '0' && lexer->input[at] <= '9';
}

static bool lex_action(struct lexer *lexer) {
    if (right_delim_at(lexer, lexer->pos))
        return lexer->paren_depth ? fail(lexer, "unclosed left paren") : lex_right_delim(lexer);
    size_t size;
    int32_t rune = peek(lexer, &size);
    if (rune == END_OF_INPUT)
        return fail(lexer, "unclosed action");
    if (is_space(rune))
        return lex_space(lexer);
    bool number = rune == '+' || rune == '-' || (rune >= '0' && rune <= '9');
    if (rune == '.' && (lexer->pos + 1 >= lexer->len || is_digit_at(lexer, lexer->pos + 1)))
        number = true;
    if (number)
        return lex_number(lexer);
    if (is_alphanumeric(rune))
        return lex_word(lexer, ITEM_IDENTIFIER);
    next(lexer);
    return rune == '.' ? lex_field_or_variable(lexer, ITEM_FIELD) : lex_punctuation(lexer, rune);
}

struct item lexer_next(struct lexer *lexer) {
    if (lexer->inside_action)
        lex_action(lexer);
    else
        lex_text(lexer);
    return lexer->item;
}
