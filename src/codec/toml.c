// SPDX-License-Identifier: Apache-2.0
// Tables and the rules about who may define and extend them.
#include "codec/toml.h"

#include "base/utf8.h"
#include "codec/toml_scan.h"

#include <ctype.h>
#include <string.h>

enum { MAX_DEPTH = 200 };

enum node_kind { NODE_VALUE, NODE_TABLE, NODE_TABLES };

// A table may be made in passing ([a.b] makes a), by dotted keys or by its own header, which it
// gets once (TOML would refuse it after dotted keys; Helm's decoder does not). Inline tables are
// values, which never change.
enum origin { BY_THE_WAY, BY_HEADER, BY_DOTS };

struct table;

struct node {
    struct node *next; // in order of appearance
    const char *key;
    enum node_kind kind;
    struct value value;
    struct table **tables; // NODE_TABLE has one
    size_t count, cap;
};

struct table {
    struct node *first, **tail;
    enum origin origin;
};

struct key {
    const char **parts;
    size_t count;
};

static struct table *new_table(struct toml_scan *scan, enum origin origin) {
    struct table *table = arena_alloc(scan->arena, sizeof *table);
    *table = (struct table){.origin = origin, .tail = &table->first};
    return table;
}

static struct node *find(const struct table *table, const char *key) {
    for (struct node *node = table->first; node; node = node->next)
        if (!strcmp(node->key, key))
            return node;
    return NULL;
}

static struct node *add_node(struct toml_scan *scan, struct table *table, const char *key,
                             enum node_kind kind) {
    struct node *node = arena_alloc(scan->arena, sizeof *node);
    *node = (struct node){.key = key, .kind = kind};
    *table->tail = node;
    table->tail = &node->next;
    return node;
}

static struct table *add_table(struct toml_scan *scan, struct node *node, enum origin origin) {
    if (node->count == node->cap) {
        size_t cap = node->cap ? node->cap * 2 : 1;
        node->tables = arena_grow(scan->arena, node->tables, node->cap * sizeof *node->tables,
                                  cap * sizeof *node->tables);
        node->cap = cap;
    }
    return node->tables[node->count++] = new_table(scan, origin);
}

static struct value table_value(struct arena *arena, const struct table *table) {
    size_t count = 0;
    for (const struct node *node = table->first; node; node = node->next)
        count++;
    struct value_entry *entries = arena_array(arena, count, sizeof *entries);
    count = 0;
    for (const struct node *node = table->first; node; node = node->next) {
        struct value v = node->value;
        if (node->kind == NODE_TABLE)
            v = table_value(arena, node->tables[0]);
        if (node->kind == NODE_TABLES) {
            struct value *items = arena_array(arena, node->count, sizeof *items);
            for (size_t i = 0; i < node->count; i++)
                items[i] = table_value(arena, node->tables[i]);
            v = value_list(arena, items, node->count);
        }
        entries[count++] = (struct value_entry){node->key, v};
    }
    return value_map(arena, entries, count);
}

static bool key_part(struct toml_scan *scan, const char **out) {
    struct value text;
    if (*scan->at == '"' || *scan->at == '\'') {
        if (!toml_string(scan, false, &text))
            return false;
        *out = value_get_string(text);
        return strlen(*out) == value_len(text) ||
               toml_refuse(scan, "a key holds a NUL character, which no key may");
    }
    size_t len = 0;
    while (isalnum((unsigned char)scan->at[len]) || scan->at[len] == '_' || scan->at[len] == '-')
        len++;
    if (!len && scan->at == scan->end)
        return toml_refuse(scan, "unexpected EOF; expected key");
    if (!len)
        return toml_refuse(scan, "invalid character at start of key: '%c'", *scan->at);
    *out = arena_strndup(scan->arena, scan->at, len);
    scan->at += len;
    return true;
}

enum { MAX_PARTS = 100 };

static bool read_key(struct toml_scan *scan, struct key *out) {
    const char *parts[MAX_PARTS];
    struct buf dotted;
    buf_init(&dotted, scan->arena);
    out->count = 0;
    do {
        scan->at += out->count > 0;
        toml_skip_blanks(scan);
        if (out->count == MAX_PARTS)
            return toml_refuse(scan, "a key has more than %d parts", MAX_PARTS);
        if (!key_part(scan, &parts[out->count]))
            return false;
        buf_printf(&dotted, "%s%s", out->count ? "." : "", parts[out->count]);
        out->count++;
        toml_skip_blanks(scan);
    } while (*scan->at == '.');
    out->parts = arena_memdup(scan->arena, parts, out->count * sizeof *parts);
    scan->last_key = buf_text(&dotted);
    return true;
}

static bool defined_already(struct toml_scan *scan) {
    return toml_refuse(scan, "Key '%s' has already been defined.", scan->last_key);
}

// The table that a key's leading parts name, making what is missing. Of an array of tables, its last.
static struct table *descend(struct toml_scan *scan, struct table *table, const struct key *key,
                             enum origin origin) {
    for (size_t i = 0; i + 1 < key->count; i++) {
        struct node *node = find(table, key->parts[i]);
        if (!node)
            add_table(scan, node = add_node(scan, table, key->parts[i], NODE_TABLE), origin);
        table = node->kind == NODE_VALUE ? NULL : node->tables[node->count - 1];
        bool closed = !table || (origin == BY_DOTS && table->origin == BY_HEADER);
        if (closed) {
            defined_already(scan);
            return NULL;
        }
    }
    return table;
}

static bool read_value(struct toml_scan *scan, struct value *out);

static bool read_pair(struct toml_scan *scan, struct table *table) {
    struct key key;
    struct value v;
    if (!read_key(scan, &key))
        return false;
    if (*scan->at != '=')
        return toml_refuse(scan, "expected '.' or '=', but got '%c' instead", *scan->at ? *scan->at : ' ');
    scan->at++;
    toml_skip_blanks(scan);
    const char *last_key = scan->last_key;
    table = descend(scan, table, &key, BY_DOTS);
    if (!table || !read_value(scan, &v))
        return false;
    scan->last_key = last_key;
    if (find(table, key.parts[key.count - 1]))
        return defined_already(scan);
    add_node(scan, table, key.parts[key.count - 1], NODE_VALUE)->value = v;
    return true;
}

static bool read_array(struct toml_scan *scan, struct value *out) {
    struct value *items = NULL;
    size_t count = 0, cap = 0;
    for (scan->at++;;) {
        if (!toml_skip_space(scan))
            return false;
        if (*scan->at == ']')
            break;
        if (count == cap) {
            items = arena_grow(scan->arena, items, cap * sizeof *items, (cap ? cap * 2 : 8) * sizeof *items);
            cap = cap ? cap * 2 : 8;
        }
        if (!read_value(scan, &items[count++]) || !toml_skip_space(scan))
            return false;
        if (*scan->at == ',')
            scan->at++;
        else if (*scan->at != ']')
            return toml_refuse(scan, "expected a comma (',') or array terminator (']'), but got '%c'",
                               *scan->at ? *scan->at : ' ');
    }
    scan->at++;
    *out = value_list(scan->arena, items, count);
    return true;
}

static bool read_inline_table(struct toml_scan *scan, struct value *out) {
    struct table *table = new_table(scan, BY_HEADER);
    for (scan->at++;;) {
        if (!toml_skip_space(scan))
            return false;
        if (*scan->at == '}')
            break;
        if (!read_pair(scan, table) || !toml_skip_space(scan))
            return false;
        if (*scan->at == ',')
            scan->at++;
        else if (*scan->at != '}')
            return toml_refuse(scan,
                               "expected a comma or an inline table terminator '}', but got '%c' instead",
                               *scan->at ? *scan->at : ' ');
    }
    scan->at++;
    *out = table_value(scan->arena, table);
    return true;
}

static bool read_value(struct toml_scan *scan, struct value *out) {
    if (*scan->at == '"' || *scan->at == '\'')
        return toml_string(scan, true, out);
    if (*scan->at != '[' && *scan->at != '{')
        return toml_scalar(scan, out);
    if (scan->depth == MAX_DEPTH)
        return err_set(scan->err, ERR_LIMIT, "toml: line %zu: nested deeper than %d levels", scan->line,
                       MAX_DEPTH);
    scan->depth++;
    bool ok = *scan->at == '[' ? read_array(scan, out) : read_inline_table(scan, out);
    scan->depth--;
    return ok;
}

// [a.b]: once each, but a table made by the way may be named later.
static struct table *open_table(struct toml_scan *scan, struct table *parent, const char *key) {
    struct node *node = find(parent, key);
    if (!node)
        return add_table(scan, add_node(scan, parent, key, NODE_TABLE), BY_HEADER);
    if (node->kind != NODE_TABLE || node->tables[0]->origin == BY_HEADER) {
        defined_already(scan);
        return NULL;
    }
    node->tables[0]->origin = BY_HEADER;
    return node->tables[0];
}

// [[a.b]]: one more each time.
static struct table *open_element(struct toml_scan *scan, struct table *parent, const char *key) {
    struct node *node = find(parent, key);
    if (!node)
        node = add_node(scan, parent, key, NODE_TABLES);
    if (node->kind != NODE_TABLES) {
        defined_already(scan);
        return NULL;
    }
    return add_table(scan, node, BY_HEADER);
}

static struct table *read_header(struct toml_scan *scan, struct table *root) {
    struct key key;
    bool element = scan->at[1] == '[';
    scan->at += element ? 2 : 1;
    if (!read_key(scan, &key))
        return NULL;
    if (*scan->at != ']' || (element && scan->at[1] != ']')) {
        toml_refuse(scan, "expected '.' or ']' to end table name, but got '%c' instead",
                    *scan->at ? *scan->at : ' ');
        return NULL;
    }
    scan->at += element ? 2 : 1;
    struct table *parent = descend(scan, root, &key, BY_THE_WAY);
    if (!parent)
        return NULL;
    const char *last = key.parts[key.count - 1];
    return element ? open_element(scan, parent, last) : open_table(scan, parent, last);
}

bool toml_decode(struct arena *arena, const char *text, size_t len, struct value *out, struct err *err) {
    SCRATCH_ARENA(scratch);
    struct toml_scan scan = {.arena = scratch, .line = 1, .err = err};
    size_t valid = utf8_valid_prefix(text, len);
    if (valid < len || memchr(text, 0, len))
        return err_set(err, ERR_INVALID, "toml: byte %zu is not UTF-8 text",
                       valid < len ? valid : strlen(text));
    scan.at = arena_strndup(scratch, text, len);
    scan.end = scan.at + len;
    if (!strncmp(scan.at, "\xef\xbb\xbf", 3))
        scan.at += 3;
    struct table *root = new_table(&scan, BY_HEADER), *table = root;
    for (;;) {
        if (!toml_skip_space(&scan))
            return false;
        if (scan.at == scan.end)
            break;
        if (*scan.at == '[')
            table = read_header(&scan, root);
        else if (!read_pair(&scan, table))
            return false;
        if (!table || !toml_end_line(&scan))
            return false;
    }
    *out = value_copy(arena, table_value(scratch, root));
    return true;
}
