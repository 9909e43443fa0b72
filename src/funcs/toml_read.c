// SPDX-License-Identifier: Apache-2.0
// Keys and tables. Who may define and extend a table is decided as the decoder decides it, by names: a
// table made in passing ([a.b] makes a) is noted as implicit under its whole name until it is named, and
// so is the name under which an array was last written. That differs from TOML's rules in corners.
#include "funcs/toml.h"

#include "funcs/toml_scan.h"

#include <ctype.h>
#include <string.h>

enum { MAX_DEPTH = 200, MAX_PARTS = 100 };
enum { IMPLICIT = 1, ARRAY = 2 }; // what is noted about a name

struct key {
    const struct rv *parts; // strings
    size_t count;
};

struct reader {
    struct toml_scan scan; // first, for last_key
    struct rmap *root;
    struct rmap *names; // dotted and quoted name -> IMPLICIT, ARRAY
    struct key context; // the table that is open
    struct rv current;  // the key being read
    size_t key_line;    // of the last key begun
    size_t depth;
};

static struct rv no_key(void) {
    return rv_string("", 0);
}

static bool is_bare(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static const char *key_text(struct toml_scan *scan, struct key key) {
    struct buf text;
    buf_init(&text, scan->scratch);
    for (size_t i = 0; i < key.count; i++) {
        buf_str(&text, i ? "." : "");
        toml_key(&text, key.parts[i].u.text, key.parts[i].len);
    }
    return buf_text(&text);
}

static const char *last_key(const struct toml_scan *scan) {
    const struct reader *r = (const struct reader *)scan;
    const char *context = key_text((struct toml_scan *)scan, r->context);
    return arena_printf(scan->scratch, "%s%s%.*s", context, *context && r->current.len ? "." : "",
                        (int)r->current.len, r->current.u.text);
}

// All of `key` and `count` of `more`.
static struct key joined(struct reader *r, struct key key, const struct rv *more, size_t count) {
    struct rv *parts = arena_array(r->scan.scratch, key.count + count + 1, sizeof *parts);
    if (key.count)
        memcpy(parts, key.parts, key.count * sizeof *parts);
    if (count)
        memcpy(parts + key.count, more, count * sizeof *parts);
    return (struct key){parts, key.count + count};
}

static struct key parent(struct key key) {
    return (struct key){key.parts, key.count - 1};
}

static struct rv last(struct key key) {
    return key.parts[key.count - 1];
}

// --- what is noted about names ---

static int64_t noted(struct reader *r, struct key key) {
    const char *name = key_text(&r->scan, key);
    struct rv flags;
    return rmap_get(r->names, name, strlen(name), &flags) ? flags.u.integer : 0;
}

static bool note(struct reader *r, struct key key, int64_t set, int64_t clear) {
    const char *name = key_text(&r->scan, key);
    rmap_set(r->names, name, strlen(name), rv_int((noted(r, key) & ~clear) | set));
    return rt_spend(r->scan.rt, strlen(name)) ||
           err_set(r->scan.err, ERR_LIMIT, "fromToml: the keys of the document take too much work");
}

// --- tables ---

static bool defined_already(struct reader *r, struct key key) {
    return toml_fail_at(&r->scan, r->key_line, "Key '%s' has already been defined.", key_text(&r->scan, key));
}

static bool get(struct rmap *map, struct rv key, struct rv *out) {
    return rmap_get(map, key.u.text, key.len, out);
}

static void put(struct rmap *map, struct rv key, struct rv v) {
    rmap_set(map, key.u.text, key.len, v);
}

static struct rv new_table(struct reader *r) {
    return rv_map(RT_MAP, rmap_create(r->scan.rt->heap, 4));
}

// The table a value is, or the last of an array of tables; NULL for anything else.
static struct rmap *table_of(struct rv v) {
    if (v.type == RT_MAPS)
        return v.u.items[v.len - 1].u.map;
    return v.type == RT_MAP ? v.u.map : NULL;
}

static bool set_value(struct reader *r, struct rv key, struct rv v) {
    struct rmap *map = r->root;
    struct key whole = joined(r, r->context, &key, 1);
    struct rv found;
    for (size_t i = 0; i < r->context.count; i++) {
        if (!get(map, r->context.parts[i], &found))
            return toml_fail_at(&r->scan, r->key_line, "Context for key '%s' has not been established.",
                                key_text(&r->scan, (struct key){whole.parts, i + 1}));
        map = table_of(found);
        if (!map)
            return defined_already(r, (struct key){whole.parts, i + 1});
    }
    if (get(map, key, &found)) {
        int64_t flags = noted(r, whole);
        if (!(flags & IMPLICIT))
            return defined_already(r, whole);
        if (!note(r, whole, 0, IMPLICIT))
            return false;
        if (!(flags & ARRAY))
            return true;
    }
    put(map, key, v);
    return true;
}

// One more element; room doubles, so it is full whenever the count is a power of two.
static struct rv longer(struct reader *r, struct rv tables) {
    if ((tables.len & (tables.len - 1)) == 0) {
        struct rv *items = rv_items(r->scan.rt->heap, tables.len ? 2 * (size_t)tables.len : 1);
        if (tables.len)
            memcpy(items, tables.u.items, tables.len * sizeof *items);
        tables.u.items = items;
    }
    tables.u.items[tables.len] = new_table(r);
    return rv_slice(RT_MAPS, tables.u.items, tables.len + (size_t)1);
}

static bool add_element(struct reader *r, struct rmap *map, struct key key) {
    struct rv tables;
    if (!get(map, last(key), &tables))
        tables = rv_slice(RT_MAPS, NULL, 0);
    if (tables.type != RT_MAPS)
        return toml_fail_at(&r->scan, r->key_line,
                            "Key '%s' was already created and cannot be used as an array.",
                            key_text(&r->scan, key));
    put(map, last(key), longer(r, tables));
    return true;
}

// Opens a table, making what is missing on the way; an array of tables gets one more.
static bool open_table(struct reader *r, struct key key, bool element) {
    struct rmap *map = r->root;
    for (size_t i = 0; i + 1 < key.count; i++) {
        struct key here = {key.parts, i + 1};
        struct rv found;
        if (!get(map, key.parts[i], &found)) {
            put(map, key.parts[i], found = new_table(r));
            if (!note(r, here, IMPLICIT, 0))
                return false;
        }
        map = table_of(found);
        if (!map)
            return toml_fail_at(&r->scan, r->key_line, "Key '%s' was already created as a hash.",
                                key_text(&r->scan, here));
    }
    r->context = parent(key);
    if (!(element ? add_element(r, map, key) : set_value(r, last(key), new_table(r))))
        return false;
    r->context = key;
    return true;
}

static bool open_implicit(struct reader *r, struct key key) {
    return note(r, key, IMPLICIT, 0) && open_table(r, key, false);
}

// --- keys ---

static bool bare_part(struct reader *r, struct rv *out) {
    struct toml_scan *scan = &r->scan;
    int32_t rune;
    scan->start = scan->at;
    do
        rune = toml_next(scan);
    while (rune > 0 && rune < 0x80 && is_bare((char)rune));
    toml_back(scan);
    *out = rv_text(scan->rt->heap, scan->text + scan->start, scan->at - scan->start);
    scan->start = scan->at;
    return !scan->failed;
}

static bool key_part(struct reader *r, struct rv *parts, size_t *count, bool first) {
    int32_t rune = toml_peek(&r->scan);
    if (r->scan.failed)
        return false;
    if (*count == MAX_PARTS)
        return err_set(r->scan.err, ERR_LIMIT, "toml: line %zu: a key has more than %d parts", r->scan.line,
                       MAX_PARTS);
    if (first)
        r->key_line = r->scan.line;
    if (rune != '"' && rune != '\'')
        return bare_part(r, &parts[(*count)++]);
    toml_next(&r->scan);
    return toml_string(&r->scan, (char)rune, false, &parts[(*count)++]);
}

// The parts up to '='.
static bool read_key(struct reader *r, struct key *out) {
    struct toml_scan *scan = &r->scan;
    struct rv parts[MAX_PARTS];
    size_t count = 0;
    for (;;) {
        toml_skip_blanks(scan);
        int32_t rune = toml_peek(scan);
        if (rune == '=' || !rune)
            return toml_fail(scan, count ? "unexpected '='" : "unexpected '=': key name appears blank");
        if (rune == '.')
            return toml_fail(scan, count ? "unexpected '.'" : "unexpected '.': keys cannot start with a '.'");
        if (!key_part(r, parts, &count, count == 0))
            return false;
        toml_skip_blanks(scan);
        rune = toml_next(scan);
        if (rune == '=')
            break;
        if (!rune)
            return toml_fail(scan, "unexpected EOF; expected key separator '='");
        if (rune != '.')
            return (rune == '\n' ? toml_fail_above : toml_fail)(
                scan, "expected '.' or '=', but got %s instead", toml_rune(scan, rune));
    }
    *out = joined(r, (struct key){NULL, 0}, parts, count);
    return !scan->failed;
}

// The parts between the brackets of a header.
static bool read_name(struct reader *r, struct key *out) {
    struct toml_scan *scan = &r->scan;
    struct rv parts[MAX_PARTS];
    size_t count = 0;
    for (;;) {
        toml_skip_blanks(scan);
        int32_t rune = toml_peek(scan);
        if (rune == ']' || !rune)
            return toml_fail(scan, "unexpected end of table name (table names cannot be empty)");
        if (rune == '.')
            return toml_fail(scan, "unexpected table separator (table names cannot be empty)");
        if (!key_part(r, parts, &count, count == 0))
            return false;
        toml_skip_blanks(scan);
        rune = toml_next(scan);
        if (rune == ']')
            break;
        if (rune != '.')
            return toml_fail(scan, "expected '.' or ']' to end table name, but got %s instead",
                             toml_rune(scan, rune));
    }
    *out = joined(r, (struct key){NULL, 0}, parts, count);
    return !scan->failed;
}

// --- values ---

static bool read_value(struct reader *r, bool in_array, struct rv *out);

// Blanks, lines' ends and comments; the first character that is none of these is taken.
static int32_t next_thing(struct reader *r) {
    for (;;) {
        int32_t rune = toml_next(&r->scan);
        if (rune == '#')
            toml_comment(&r->scan);
        else if (rune != ' ' && rune != '\t' && rune != '\n' && rune != '\r')
            return rune;
    }
}

static bool read_array(struct reader *r, struct rv *out) {
    struct rv *items = NULL;
    size_t count = 0, room = 0;
    struct key name = r->current.len ? joined(r, r->context, &r->current, 1) : r->context;
    if (!note(r, name, ARRAY, 0))
        return false;
    for (int32_t rune;;) {
        if ((rune = next_thing(r)) == ']')
            break;
        if (rune == ',')
            return toml_fail(&r->scan, "unexpected comma");
        toml_back(&r->scan);
        if (count == room) {
            struct rv *more = rv_items(r->scan.rt->heap, room = room ? 2 * room : 4);
            if (count)
                memcpy(more, items, count * sizeof *items);
            items = more;
        }
        if (r->scan.failed || !read_value(r, true, &items[count++]))
            return false;
        if ((rune = next_thing(r)) == ']')
            break;
        if (rune != ',')
            return toml_fail(&r->scan, "expected a comma (',') or array terminator (']'), but got %s",
                             toml_rune_or_end(&r->scan, rune));
    }
    *out = rv_slice(RT_LIST, items ? items : rv_items(r->scan.rt->heap, 1), count);
    return true;
}

// The same once more for the table itself, which is what the key's value becomes.
static bool put_inline(struct reader *r, struct rmap *map, struct key key, struct rv v) {
    for (size_t i = 0; i + 1 < key.count; i++) {
        struct rv found;
        if (!get(map, key.parts[i], &found))
            put(map, key.parts[i], found = new_table(r));
        if (found.type != RT_MAP)
            return toml_fail_at(&r->scan, r->key_line, "%s is not a table",
                                toml_quoted(&r->scan, key_text(&r->scan, r->context),
                                            strlen(key_text(&r->scan, r->context))));
        map = found.u.map;
    }
    put(map, last(key), v);
    return true;
}

// key = value, in the open table; dotted keys open more on the way.
static bool read_pair(struct reader *r, struct rmap *inline_table) {
    struct key key, outer = r->context;
    struct rv v;
    if (!read_key(r, &key))
        return false;
    r->current = last(key);
    for (size_t i = 0; i + 1 < key.count; i++)
        if (!open_implicit(r, joined(r, r->context, &key.parts[i], 1)))
            return false;
    if (!read_value(r, false, &v) || !set_value(r, r->current, v))
        return false;
    if (v.type != RT_LIST && !note(r, joined(r, r->context, &r->current, r->current.len > 0), 0, ARRAY))
        return false;
    if (inline_table && !put_inline(r, inline_table, key, v))
        return false;
    r->context = outer;
    return true;
}

static bool read_pairs(struct reader *r, struct rmap *table) {
    for (int32_t rune;;) {
        if ((rune = next_thing(r)) == '}')
            return true;
        if (rune == ',')
            return toml_fail(&r->scan, "unexpected comma");
        toml_back(&r->scan);
        if (r->scan.failed || !read_pair(r, table))
            return false;
        if ((rune = next_thing(r)) == '}')
            return true;
        if (rune != ',')
            return toml_fail(&r->scan,
                             "expected a comma or an inline table terminator '}', but got %s instead",
                             toml_rune_or_end(&r->scan, rune));
    }
}

static bool read_inline_table(struct reader *r, bool in_array, struct rv *out) {
    struct key outer = r->context;
    struct rv outer_key = r->current;
    r->context = joined(r, r->context, &r->current, 1);
    r->current = no_key();
    *out = new_table(r);
    if (!note(r, r->context, IMPLICIT, 0) || !open_table(r, r->context, in_array) ||
        !read_pairs(r, out->u.map))
        return false;
    r->context = outer;
    r->current = outer_key;
    return true;
}

static bool read_value(struct reader *r, bool in_array, struct rv *out) {
    struct toml_scan *scan = &r->scan;
    toml_skip_blanks(scan);
    int32_t rune = toml_next(scan);
    if (scan->failed)
        return false;
    if (rune == '"' || rune == '\'') {
        bool empty = toml_accept(scan, rune), multiline = empty && toml_accept(scan, rune);
        if (empty && !multiline)
            scan->at--; // to be found again, as the end
        return !scan->failed && toml_string(scan, (char)rune, multiline, out);
    }
    if (rune != '[' && rune != '{') {
        toml_back(scan);
        return toml_scalar(scan, out);
    }
    if (r->depth == MAX_DEPTH)
        return err_set(scan->err, ERR_LIMIT, "toml: line %zu: nested deeper than %d levels", scan->line,
                       MAX_DEPTH);
    r->depth++;
    bool ok = rune == '[' ? read_array(r, out) : read_inline_table(r, in_array, out);
    r->depth--;
    return ok;
}

// --- the document ---

static bool read_header(struct reader *r) {
    struct key key;
    bool element = toml_accept(&r->scan, '[');
    if (!read_name(r, &key))
        return false;
    if (element) {
        int32_t rune = toml_next(&r->scan);
        if (rune != ']')
            return toml_fail(&r->scan, "expected end of table array name delimiter ']', but got %s instead",
                             toml_rune(&r->scan, rune));
    }
    return open_table(r, key, element) && note(r, r->context, 0, ARRAY);
}

static bool end_item(struct reader *r) {
    toml_skip_blanks(&r->scan);
    int32_t rune = toml_next(&r->scan);
    if (rune == '#')
        return toml_comment(&r->scan);
    if (!rune || rune == '\n' || rune == '\r')
        return !r->scan.failed;
    return toml_fail(&r->scan,
                     "expected a top-level item to end with a newline, comment, or EOF, but got %s instead",
                     toml_rune(&r->scan, rune));
}

static bool read_document(struct reader *r) {
    for (;;) {
        int32_t rune = next_thing(r);
        if (r->scan.failed)
            return false;
        if (!rune)
            return true;
        if (rune != '[')
            toml_back(&r->scan);
        r->scan.start = r->scan.at;
        if (!(rune == '[' ? read_header(r) : read_pair(r, NULL)))
            return false;
        if (rune != '[')
            r->current = no_key();
        if (!end_item(r))
            return false;
    }
}

static bool has_prefix(const struct toml_scan *scan, const char *prefix) {
    return scan->len >= strlen(prefix) && !memcmp(scan->text, prefix, strlen(prefix));
}

bool toml_read(struct rt *rt, const char *text, size_t len, struct rv *out, struct err *err) {
    SCRATCH_ARENA(scratch);
    struct rheap names = {.arena = scratch};
    struct reader r = {.scan = {.rt = rt,
                                .scratch = scratch,
                                .text = text,
                                .len = len,
                                .line = 1,
                                .err = err,
                                .last_key = last_key},
                       .root = rmap_create(rt->heap, 8),
                       .names = rmap_create(&names, 8),
                       .current = no_key()};
    size_t mark = has_prefix(&r.scan, "\xff\xfe") || has_prefix(&r.scan, "\xfe\xff") ? 2
                  : has_prefix(&r.scan, "\xef\xbb\xbf")                              ? 3
                                                                                     : 0;
    r.scan.text += mark;
    r.scan.len -= mark;
    *out = rv_map(RT_MAP, r.root);
    if (memchr(r.scan.text, 0, r.scan.len < 6 ? r.scan.len : 6))
        return toml_fail(&r.scan,
                         "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8");
    return read_document(&r) && !r.scan.failed;
}
