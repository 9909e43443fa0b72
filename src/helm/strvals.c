// SPDX-License-Identifier: Apache-2.0
// The grammar of --set and its sisters: a.b[0].c=v,x={1,2}. Works on a table that
// already holds what earlier expressions said. Texts of errors are Helm's.
#include "base/list.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "go/quote.h"
#include "helm/private.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_INDEX 65536
#define MAX_NESTING 30
#define MAX_LIST_NESTING 10000

// How reading one key ended.
enum ending { MORE, FINISHED, FAILED };

struct parser {
    struct call *call;
    struct arena *arena; // of the call
    enum helm_input_kind kind;
    helm_fetch *read;
    const char *at, *end;
    struct err *err;
    int lists; // nested [i][j]…
};

static enum ending fail(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static enum ending fail(struct parser *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    err_set(p->err, ERR_INVALID, "%s", arena_vprintf(p->arena, format, args));
    va_end(args);
    return FAILED;
}

// Helm reads characters, so a broken byte is U+FFFD from then on.
static void take_rune(struct parser *p, struct buf *text) {
    char bytes[4];
    uint32_t rune;
    p->at += utf8_decode(p->at, (size_t)(p->end - p->at), &rune);
    buf_add(text, bytes, utf8_put(rune, bytes));
}

// Copies up to a stop character, which is consumed and returned; '\0' at the end of the text. A
// backslash takes the next character as it is.
static char read_until(struct parser *p, const char *stops, const char **out) {
    struct buf text;
    buf_init(&text, p->arena);
    char stop = '\0';
    while (p->at < p->end) {
        if (strchr(stops, *p->at)) {
            stop = *p->at++;
            break;
        }
        bool escape = *p->at == '\\' && p->kind != HELM_INPUT_SET_LITERAL;
        p->at += escape;
        if (p->at < p->end)
            take_rune(p, &text);
    }
    *out = buf_text(&text);
    return stop;
}

static struct value typed_value(struct arena *arena, const char *text) {
    if (!strcasecmp(text, "true") || !strcasecmp(text, "false"))
        return value_bool(tolower((unsigned char)*text) == 't');
    if (!strcasecmp(text, "null"))
        return value_null();
    if (!strcmp(text, "0"))
        return value_int(0);
    char *stop;
    errno = 0;
    long long number = strtoll(text, &stop, 10);
    bool plain = isdigit((unsigned char)text[*text == '-' || *text == '+']);
    if (*text && *text != '0' && plain && !*stop && !errno)
        return value_int(number);
    return value_string(arena, text);
}

static bool read_file(struct parser *p, const char *name, struct value *out) {
    const char *text;
    size_t len;
    if (!p->read)
        return err_set(p->err, ERR_UNSUPPORTED, "%s is not read here", name);
    if (!p->read(p->call, name, &text, &len, p->err))
        return false;
    *out = value_string_len(p->arena, text, len);
    return true;
}

static bool read_value(struct parser *p, const char *text, struct value *out) {
    switch (p->kind) {
    case HELM_INPUT_SET: *out = typed_value(p->arena, text); return true;
    case HELM_INPUT_SET_FILE: return read_file(p, text, out);
    default: *out = value_string(p->arena, text); return true;
    }
}

// The length of the JSON value that the text starts with; its decoder judges whether it is one.
static size_t json_span(const char *text, size_t len) {
    static const char scalar[] = "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (quoted) {
            if (c == '\\')
                i++;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (!depth || !--depth)
                return i + 1;
        } else if (!depth) {
            return i + strspn(text + i, scalar);
        }
        if (!depth && !quoted && c == '"')
            return i + 1;
    }
    return len;
}

// JSON's numbers are float64 to Go.
static struct value with_floats(struct arena *arena, struct value v) {
    if (value_is_number(v))
        return value_float(value_get_float(v));
    if (value_kind(v) == VALUE_LIST) {
        struct value *items = arena_array(arena, value_len(v) + 1, sizeof *items);
        for (size_t i = 0; i < value_len(v); i++)
            items[i] = with_floats(arena, value_at(v, i));
        return value_list(arena, items, value_len(v));
    }
    if (value_kind(v) != VALUE_MAP)
        return v;
    struct value_entry *entries = arena_array(arena, value_len(v) + 1, sizeof *entries);
    for (size_t i = 0; i < value_len(v); i++) {
        entries[i] = *value_entry_at(v, i);
        entries[i].value = with_floats(arena, entries[i].value);
    }
    return value_map(arena, entries, value_len(v));
}

// Consumes blanks up to a comma or the end; false when something else comes first.
static bool empty_value(struct parser *p) {
    while (p->at < p->end) {
        unsigned char c = (unsigned char)*p->at;
        if (c == ',') {
            p->at++;
            return true;
        }
        if (!isspace(c))
            return false;
        p->at++;
    }
    return true;
}

static enum ending read_json(struct parser *p, struct node *out) {
    struct value v = value_null();
    *out = node_null();
    if (empty_value(p))
        return MORE;
    size_t used = json_span(p->at, (size_t)(p->end - p->at));
    if (!json_decode(p->arena, p->at, used, &v, p->err))
        return FAILED;
    p->at += used;
    *out = node_from_value(p->arena, with_floats(p->arena, v));
    empty_value(p);
    return MORE;
}

static enum ending read_list(struct parser *p, struct node *out) {
    struct value *items = NULL;
    size_t count = 0;
    p->at++; // {
    for (;;) {
        const char *text;
        char stop = read_until(p, ",}", &text);
        if (!stop)
            return fail(p, "list must terminate with '}'");
        if (!read_value(p, text, LIST_ADD(p->arena, items, count)))
            return FAILED;
        if (stop == '}')
            break;
    }
    if (p->at < p->end && *p->at == ',')
        p->at++;
    *out = node_leaf(value_list(p->arena, items, count));
    return MORE;
}

// What stands behind '='.
static enum ending read_right_side(struct parser *p, struct node *out) {
    if (p->kind == HELM_INPUT_SET_JSON)
        return read_json(p, out);
    if (p->kind == HELM_INPUT_SET_LITERAL) {
        struct buf text;
        buf_init(&text, p->arena);
        while (p->at < p->end)
            take_rune(p, &text);
        *out = node_leaf(value_string_len(p->arena, buf_text(&text), text.len));
        return MORE;
    }
    if (p->at >= p->end) {
        *out = node_leaf(value_string_ref(""));
        return FINISHED;
    }
    if (*p->at == '{')
        return read_list(p, out);
    const char *text;
    struct value v;
    read_until(p, ",", &text);
    if (!read_value(p, text, &v))
        return FAILED;
    *out = node_leaf(v);
    return MORE;
}

static enum ending read_key(struct parser *p, struct table *table, int level);

static bool read_index(struct parser *p, long *out) {
    const char *text;
    char *stop;
    if (read_until(p, "]", &text) != ']')
        return fail(p, "error parsing index: EOF") != FAILED;
    errno = 0;
    *out = strtol(text, &stop, 10);
    bool digits = isdigit((unsigned char)text[*text == '-' || *text == '+']);
    if (!digits || *stop)
        return fail(p, "error parsing index: strconv.Atoi: parsing %s: invalid syntax",
                    quote_of(p->arena, text)) != FAILED;
    if (errno)
        return fail(p, "error parsing index: strconv.Atoi: parsing %s: value out of range",
                    quote_of(p->arena, text)) != FAILED;
    return true;
}

static bool set_item(struct parser *p, struct node_list *list, long index, struct node node) {
    if (index > MAX_INDEX)
        return fail(p, "index of %ld is greater than maximum supported index of %d", index, MAX_INDEX) !=
               FAILED;
    if (list->count <= (size_t)index) {
        struct node *items = arena_array(p->arena, (size_t)index + 1, sizeof *items);
        for (size_t i = 0; i <= (size_t)index; i++)
            items[i] = i < list->count ? list->items[i] : node_null();
        list->items = items;
        list->count = (size_t)index + 1;
    }
    list->items[index] = node;
    return true;
}

static struct node_list *list_from_value(struct arena *arena, struct value v) {
    struct node_list *list = arena_alloc(arena, sizeof *list);
    list->count = value_len(v);
    list->items = arena_array(arena, list->count + 1, sizeof *list->items);
    for (size_t i = 0; i < list->count; i++)
        list->items[i] = node_from_value(arena, value_at(v, i));
    return list;
}

static const char *go_type(const struct node *node) {
    if (node->kind == NODE_TABLE)
        return "map[string]interface {}";
    if (node->kind == NODE_LIST)
        return "[]interface {}";
    switch (value_kind(node->u.leaf)) {
    case VALUE_NULL: return "nil";
    case VALUE_BOOL: return "bool";
    case VALUE_INT: return "int64";
    case VALUE_STRING: return "string";
    case VALUE_LIST: return "[]interface {}";
    default: return "float64";
    }
}

// The list that `node` holds, made changeable; NULL and a failure (Go panics there) when it holds something
// else.
static struct node_list *as_list(struct parser *p, struct node *node) {
    if (node->kind == NODE_LEAF && value_kind(node->u.leaf) == VALUE_LIST)
        *node = (struct node){.kind = NODE_LIST, .u.list = list_from_value(p->arena, node->u.leaf)};
    if (node->kind == NODE_LIST)
        return node->u.list;
    fail(p, "unable to parse key: interface conversion: interface {} is %s, not []interface {}",
         go_type(node));
    return NULL;
}

static enum ending read_item(struct parser *p, struct node_list *list, long index, int level);

static enum ending read_nested_list(struct parser *p, struct node_list *list, long index, int level) {
    long next;
    struct node_list *inner = arena_alloc(p->arena, sizeof *inner);
    if (++p->lists > MAX_LIST_NESTING)
        return fail(p, "lists are nested deeper than %d levels", MAX_LIST_NESTING);
    if (!read_index(p, &next))
        return FAILED;
    if (list->count > (size_t)index && !node_is_null(&list->items[index]) &&
        !(inner = as_list(p, &list->items[index])))
        return FAILED;
    enum ending ending = read_item(p, inner, next, level);
    struct node node = {.kind = NODE_LIST, .u.list = inner};
    return ending != FAILED && set_item(p, list, index, node) ? ending : FAILED;
}

static enum ending read_item_key(struct parser *p, struct node_list *list, long index, int level) {
    struct table *inner = table_create(p->arena);
    if (list->count > (size_t)index && list->items[index].kind == NODE_TABLE)
        inner = list->items[index].u.table;
    else if (list->count > (size_t)index)
        list->items[index] = node_table(inner);
    enum ending ending = read_key(p, inner, level);
    if (ending == MORE && !set_item(p, list, index, node_table(inner)))
        return FAILED;
    return ending;
}

// Go's %q of runes: ['a' 'b'].
static const char *quoted_runes(struct arena *arena, const char *text) {
    struct buf out;
    size_t len = strlen(text);
    uint32_t rune;
    buf_init(&out, arena);
    for (size_t at = 0; at < len;) {
        buf_char(&out, at ? ' ' : '[');
        at += utf8_decode(text + at, len - at, &rune);
        quote_rune(&out, rune, false);
    }
    buf_char(&out, ']');
    return buf_text(&out);
}

// What stands behind ']'.
static enum ending read_item(struct parser *p, struct node_list *list, long index, int level) {
    if (index < 0)
        return fail(p, "negative %ld index not allowed", index);
    const char *text;
    char stop = read_until(p, "[.=", &text);
    if (*text)
        return fail(p, "unexpected data at end of array index: %s", quoted_runes(p->arena, text));
    if (stop == '[')
        return read_nested_list(p, list, index, level);
    if (stop == '.')
        return read_item_key(p, list, index, level);
    if (!stop)
        return FINISHED;
    struct node node;
    enum ending ending = read_right_side(p, &node);
    if (ending == FAILED || !set_item(p, list, index, node))
        return FAILED;
    return MORE;
}

static void set_key(struct parser *p, struct table *table, const char *key, struct node node) {
    if (*key)
        table_set(p->arena, table, key, node);
}

static enum ending read_indexed(struct parser *p, struct table *table, const char *key, int level) {
    long index;
    struct node fresh = {.kind = NODE_LIST, .u.list = arena_alloc(p->arena, sizeof(struct node_list))};
    if (!read_index(p, &index))
        return FAILED;
    struct node *old = table_find(table, key);
    struct node_list *list = as_list(p, old ? old : &fresh);
    if (!list)
        return FAILED;
    enum ending ending = read_item(p, list, index, level);
    set_key(p, table, key, (struct node){.kind = NODE_LIST, .u.list = list});
    return ending;
}

static enum ending read_inner(struct parser *p, struct table *table, const char *key, int level) {
    if (level + 1 > MAX_NESTING)
        return fail(p, "value name nested level is greater than maximum supported nested level of %d",
                    MAX_NESTING);
    struct table *inner = table_create(p->arena);
    struct node *old = table_find(table, key);
    if (old && old->kind != NODE_TABLE)
        return fail(
            p, "unable to parse key: interface conversion: interface {} is %s, not map[string]interface {}",
            go_type(old));
    if (old)
        inner = old->u.table;
    enum ending ending = read_key(p, inner, level + 1);
    if (ending == MORE && !inner->count)
        return fail(p, "key map %s has no value", quote_of(p->arena, key));
    if (inner->count)
        set_key(p, table, key, node_table(inner));
    return ending;
}

static enum ending read_key(struct parser *p, struct table *table, int level) {
    const char *key;
    struct node node;
    char stop = read_until(p, p->kind == HELM_INPUT_SET_LITERAL ? "=[." : "=[,.", &key);
    switch (stop) {
    case '[': return read_indexed(p, table, key, level);
    case '.': return read_inner(p, table, key, level);
    case '=': {
        enum ending ending = read_right_side(p, &node);
        if (ending != FAILED)
            set_key(p, table, key, node);
        return ending;
    }
    case ',': return fail(p, "key %s has no value (cannot end with ,)", quote_of(p->arena, key));
    default: return *key ? fail(p, "key %s has no value", quote_of(p->arena, key)) : FINISHED;
    }
}

bool helm_json_values(struct arena *arena, const char *text, size_t len, struct value *out, struct err *err) {
    if (!json_decode(arena, text, len, out, err))
        return false;
    if (value_kind(*out) != VALUE_MAP)
        return err_set(err, ERR_INVALID, "not an object");
    *out = with_floats(arena, *out);
    return true;
}

bool strvals_parse(struct call *call, const struct helm_input *input, struct table *table, struct err *err) {
    size_t len = input->len ? input->len : strlen(input->text);
    struct parser p = {
        .call = call,
        .arena = call->arena,
        .kind = input->kind,
        .read = input->read,
        .at = input->text,
        .end = input->text + len,
        .err = err,
    };
    if (len && memchr(input->text, '\0', len))
        return err_set(err, ERR_INVALID,
                       "the text holds a NUL character, which no argument of helm can. Remove it");
    for (;;) {
        enum ending ending = read_key(&p, table, 0);
        if (ending != MORE)
            return ending == FINISHED;
    }
}
