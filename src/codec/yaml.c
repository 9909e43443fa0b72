// SPDX-License-Identifier: Apache-2.0
// Nodes to values: tags, aliases, merges and keys as goyaml.v2 decodes them, then
// what becomes of them on sigs.k8s.io/yaml's way through JSON.
#include "codec/yaml.h"

#include "base/cleanup.h"
#include "base/list.h"
#include "base/utf8.h"
#include "codec/base64.h"
#include "codec/yaml_compat.h"
#include "codec/yaml_map_key.h"
#include "codec/yaml_node.h"
#include "codec/yaml_scalar.h"
#include "value/number.h"

#include <math.h>
#include <string.h>

enum { MAX_DEPTH = 1000, MAX_REPEATED = 64 << 20 };

struct decoder {
    struct arena *arena;
    enum yaml_numbers numbers;
    size_t depth, alias_depth, key_depth;
    size_t deepest;          // that `depth` was
    size_t decoded, aliased; // nodes so far, and those of them that aliases repeat
    size_t bytes, repeated;  // the same of texts
    // What YAML can say and JSON cannot, found first: told at the end, where nothing is wrong with the YAML.
    const char *bad_key, *bad_number;
};

static void cleanup_stream(struct yaml_stream **stream) {
    yaml_stream_destroy(*stream);
}

static bool decode_node(struct decoder *decoder, struct yaml_node *node, struct value *out, struct err *err);

// goyaml's budget: the share of nodes that may come from aliases falls from 99% to 10% as documents grow.
static bool spend(struct decoder *decoder, size_t nodes, struct err *err) {
    static const double low = 400000, high = 4000000;
    decoder->decoded += nodes;
    decoder->aliased += decoder->alias_depth ? nodes : 0;
    if (decoder->aliased <= 100 || decoder->decoded <= 1000)
        return true;
    double count = (double)decoder->decoded;
    double allowed = count <= low    ? 0.99
                     : count >= high ? 0.10
                                     : 0.99 - 0.89 * ((count - low) / (high - low));
    return (double)decoder->aliased / count <= allowed ||
           err_set(err, ERR_LIMIT, "yaml: document contains excessive aliasing");
}

// Few aliases of a long text come to more than anybody could write out.
static bool spend_text(struct decoder *decoder, size_t bytes, struct err *err) {
    decoder->bytes += bytes;
    decoder->repeated += decoder->alias_depth ? bytes : 0;
    return decoder->repeated <= MAX_REPEATED ||
           err_set(err, ERR_LIMIT, "yaml: aliases repeat more than %d bytes of text", MAX_REPEATED);
}

// Values that nest deeper than texts may, by aliases inside of what is aliased.
static bool check_depth(struct decoder *decoder, size_t levels, struct err *err) {
    if (decoder->depth + levels > decoder->deepest)
        decoder->deepest = decoder->depth + levels;
    return decoder->deepest <= 2 * MAX_DEPTH ||
           err_set(err, ERR_LIMIT, "yaml: aliases nest deeper than %d levels", 2 * MAX_DEPTH);
}

// JSON replaces what is not UTF-8; only !!binary can bring it.
static struct value json_string(struct arena *arena, const char *text, size_t len) {
    if (utf8_valid_prefix(text, len) == len)
        return value_string_len(arena, text, len);
    struct buf clean;
    buf_init(&clean, arena);
    for (size_t i = 0; i < len;) {
        uint32_t rune;
        size_t width = utf8_decode(text + i, len - i, &rune);
        bool broken = utf8_is_broken(rune, width);
        buf_add(&clean, broken ? "\xef\xbf\xbd" : text + i, broken ? 3 : width);
        i += width;
    }
    return value_string_len(arena, buf_text(&clean), clean.len);
}

static bool decode_binary(struct decoder *decoder, const struct yaml_node *node, struct value *out,
                          struct err *err) {
    struct buf data;
    buf_init(&data, decoder->arena);
    if (!base64_decode(&data, node->text, node->len, err))
        return err_set(err, ERR_INVALID, "yaml: !!binary value contains invalid base64 data");
    *out = json_string(decoder->arena, buf_text(&data), data.len);
    return true;
}

static bool decode_float(struct decoder *decoder, double real, struct value *out) {
    *out = value_float(real);
    if (!isfinite(real)) {
        if (!decoder->key_depth && !decoder->bad_number)
            decoder->bad_number = isnan(real) ? "NaN" : real > 0 ? "+Inf" : "-Inf";
        return true;
    }
    char text[NUMBER_TEXT];
    number_json(real, text);
    return decoder->numbers == YAML_NUMBERS_FLOAT64 || number_parse(decoder->arena, text, strlen(text), out);
}

static bool decode_number(struct decoder *decoder, const struct yaml_scalar *scalar, struct value *out) {
    bool exact = decoder->numbers == YAML_NUMBERS_EXACT;
    switch (scalar->kind) {
    case YAML_INT:
        *out = exact ? value_int(scalar->u.integer) : value_float((double)scalar->u.integer);
        return true;
    case YAML_UINT:
        *out = exact ? value_number(decoder->arena, arena_printf(decoder->arena, "%llu",
                                                                 (unsigned long long)scalar->u.natural))
                     : value_float((double)scalar->u.natural);
        return true;
    default: return decode_float(decoder, scalar->u.real, out);
    }
}

static bool decode_scalar(struct decoder *decoder, const struct yaml_node *node, struct value *out,
                          struct err *err) {
    if (yaml_node_has_tag(node, "binary"))
        return decode_binary(decoder, node, out, err);
    struct yaml_scalar scalar;
    if (!yaml_resolve_node(node, &scalar, err) || !spend_text(decoder, node->len, err))
        return false;
    switch (scalar.kind) {
    case YAML_NULL: *out = value_null(); return true;
    case YAML_BOOL: *out = value_bool(scalar.u.boolean); return true;
    case YAML_INT:
    case YAML_UINT:
    case YAML_FLOAT: return decode_number(decoder, &scalar, out);
    default: *out = value_string_len(decoder->arena, node->text, node->len); return true;
    }
}

static bool decode_sequence(struct decoder *decoder, const struct yaml_node *node, struct value *out,
                            struct err *err) {
    struct value *items = arena_array(decoder->arena, node->count, sizeof *items);
    for (size_t i = 0; i < node->count; i++)
        if (!decode_node(decoder, node->children[i], &items[i], err))
            return false;
    *out = value_list(decoder->arena, items, node->count);
    return true;
}

struct entries {
    struct value_entry *items;
    size_t count, cap;
};

static void add_entry(struct arena *arena, struct entries *entries, const char *key, struct value v) {
    if (entries->count ==
        entries->cap) { // it began with room for what is written, and merge keys add to that
        size_t cap = entries->cap ? entries->cap * 2 : 8;
        entries->items = arena_grow(arena, entries->items, entries->cap * sizeof *entries->items,
                                    cap * sizeof *entries->items);
        entries->cap = cap;
    }
    entries->items[entries->count++] = (struct value_entry){key, v};
}

static bool is_merge(const struct yaml_node *node) {
    return node->kind == NODE_SCALAR && node->len == 2 && !memcmp(node->text, "<<", 2) &&
           (node->implicit || yaml_node_has_tag(node, "merge"));
}

// A merge puts its entries where it stands: keys after it win, keys before it lose.
static bool merge_one(struct decoder *decoder, struct yaml_node *node, struct entries *entries,
                      struct err *err) {
    struct value map;
    if (yaml_behind_alias(node)->kind != NODE_MAPPING)
        return err_set(err, ERR_INVALID, "yaml: map merge requires map or sequence of maps as the value");
    if (!decode_node(decoder, node, &map, err))
        return false;
    for (size_t i = 0; i < value_len(map); i++)
        add_entry(decoder->arena, entries, value_entry_at(map, i)->key, value_entry_at(map, i)->value);
    return true;
}

// Of several maps the earlier ones take precedence.
static bool merge(struct decoder *decoder, struct yaml_node *node, struct entries *entries, struct err *err) {
    if (node->kind != NODE_SEQUENCE)
        return merge_one(decoder, node, entries, err);
    for (size_t i = node->count; i-- > 0;)
        if (!merge_one(decoder, node->children[i], entries, err))
            return false;
    return true;
}

static bool key_text(struct decoder *decoder, const struct yaml_node *node, const struct yaml_node *member,
                     const char **out, struct err *err) {
    if (node->anchored && node->anchored->key) {
        *out = node->anchored->key;
        return true;
    }
    if (!yaml_decode_key(decoder->arena, node, member, out, err)) {
        if (err->kind != ERR_UNSUPPORTED)
            return false;
        decoder->bad_key = decoder->bad_key ? decoder->bad_key : err->msg;
        err->kind = ERR_NONE;
        *out = "";
        return true;
    }
    if (node->anchored)
        node->anchored->key = *out;
    return true;
}

// goyaml decodes a key before it looks at what it is, so what is wrong inside is met first. Only what comes
// out of the whole document is turned into JSON, which refuses more.
static bool decode_key(struct decoder *decoder, struct yaml_node *key, struct yaml_node *member,
                       const char **out, struct err *err) {
    const struct yaml_node *node = yaml_behind_alias(key);
    struct value unused;
    decoder->key_depth++;
    bool ok = key->kind == NODE_SCALAR && decoder->key_depth == 1 ? spend(decoder, 1, err)
                                                                  : decode_node(decoder, key, &unused, err);
    decoder->key_depth--;
    *out = "";
    if (!ok || node->kind != NODE_SCALAR)
        return ok && yaml_refuse_key(node, err);
    return decoder->key_depth ||
           (key_text(decoder, node, member, out, err) && spend_text(decoder, node->len, err));
}

static bool decode_mapping(struct decoder *decoder, const struct yaml_node *node, struct value *out,
                           struct err *err) {
    size_t cap = node->count / 2;
    struct entries entries = {arena_array(decoder->arena, cap, sizeof *entries.items), 0, cap};
    for (size_t i = 0; i + 1 < node->count; i += 2) {
        if (is_merge(node->children[i])) {
            if (!merge(decoder, node->children[i + 1], &entries, err))
                return false;
            continue;
        }
        const char *key;
        struct value member;
        if (!decode_key(decoder, node->children[i], node->children[i + 1], &key, err) ||
            !decode_node(decoder, node->children[i + 1], &member, err))
            return false;
        add_entry(decoder->arena, &entries, key, member);
    }
    *out = value_map_of(entries.items, entries.count);
    return true;
}

static bool decode_alias(struct decoder *decoder, const struct yaml_node *node, struct value *out,
                         struct err *err) {
    if (node->alias->anchored->state == ANCHORED_BUSY)
        return err_set(err, ERR_INVALID, "yaml: anchor '%s' value contains itself", node->text);
    decoder->alias_depth++;
    bool ok = decode_node(decoder, node->alias, out, err);
    decoder->alias_depth--;
    return ok;
}

static bool decode_kind(struct decoder *decoder, struct yaml_node *node, struct value *out, struct err *err) {
    switch (node->kind) {
    case NODE_ALIAS: return decode_alias(decoder, node, out, err);
    case NODE_SEQUENCE: return decode_sequence(decoder, node, out, err);
    case NODE_MAPPING: return decode_mapping(decoder, node, out, err);
    default: return decode_scalar(decoder, node, out, err);
    }
}

// Whatever has an anchor is decoded once; its aliases share the value and cost what it would take again.
static bool decode_anchored(struct decoder *decoder, struct yaml_node *node, struct value *out,
                            struct err *err) {
    struct yaml_anchored *anchored = node->anchored;
    size_t nodes = decoder->decoded, bytes = decoder->bytes, deepest = decoder->deepest;
    *out = anchored->value;
    if (anchored->state >= (decoder->key_depth ? ANCHORED_INSIDE_KEY : ANCHORED_DONE))
        return spend(decoder, anchored->nodes, err) && check_depth(decoder, anchored->levels, err) &&
               spend_text(decoder, anchored->bytes, err);
    anchored->state = ANCHORED_BUSY;
    decoder->deepest = decoder->depth;
    if (!decode_kind(decoder, node, out, err))
        return false;
    *anchored = (struct yaml_anchored){
        .state = decoder->key_depth ? ANCHORED_INSIDE_KEY : ANCHORED_DONE,
        .nodes = decoder->decoded - nodes,
        .levels = decoder->deepest - decoder->depth,
        .bytes = decoder->bytes - bytes,
        .value = *out,
        .key = anchored->key,
    };
    if (decoder->deepest < deepest)
        decoder->deepest = deepest;
    return true;
}

static bool decode_node(struct decoder *decoder, struct yaml_node *node, struct value *out, struct err *err) {
    if (!spend(decoder, 1, err) || !check_depth(decoder, 1, err))
        return false;
    decoder->depth++;
    bool ok = node->kind != NODE_ALIAS && node->anchored ? decode_anchored(decoder, node, out, err)
                                                         : decode_kind(decoder, node, out, err);
    decoder->depth--;
    return ok;
}

// Each document has a decoder of its own, `fresh` at its beginning.
static bool next_document(struct yaml_stream *stream, const struct decoder *fresh, bool *found,
                          struct value *out, struct err *err) {
    SCRATCH_ARENA(scratch);
    struct yaml_node *root;
    struct decoder decoder = *fresh;
    *out = value_null();
    if (!yaml_stream_next(stream, scratch, &root, err))
        return err_wrap(err, "error converting YAML to JSON");
    *found = root != NULL;
    if (root && !decode_node(&decoder, root, out, err))
        return err_wrap(err, "error converting YAML to JSON");
    if (decoder.bad_key)
        return err_set(err, ERR_INVALID, "error converting YAML to JSON: %s", decoder.bad_key);
    if (decoder.bad_number)
        return err_set(err, ERR_INVALID, "error converting YAML to JSON: json: unsupported value: %s",
                       decoder.bad_number);
    return true;
}

bool yaml_decode(struct arena *arena, const char *text, size_t len, enum yaml_numbers numbers,
                 struct value *out, struct err *err) {
    SCRATCH_ARENA(scratch);
    text = yaml_as_older(scratch, text, &len);
    CLEANUP(cleanup_stream) struct yaml_stream *stream = yaml_stream_create(text, len);
    bool found = false;
    return next_document(stream, &(struct decoder){.arena = arena, .numbers = numbers}, &found, out, err);
}

bool yaml_decode_all(struct arena *arena, const char *text, size_t len, enum yaml_numbers numbers,
                     struct value *out, struct err *err) {
    SCRATCH_ARENA(scratch);
    text = yaml_as_older(scratch, text, &len);
    CLEANUP(cleanup_stream) struct yaml_stream *stream = yaml_stream_create(text, len);
    const struct decoder fresh = {.arena = arena, .numbers = numbers};
    struct value *items = NULL;
    size_t count = 0;
    for (;;) {
        struct value document;
        bool found = false;
        if (!next_document(stream, &fresh, &found, &document, err))
            return false;
        if (!found)
            break;
        *LIST_ADD(arena, items, count) = document;
    }
    *out = value_list(arena, items, count);
    return true;
}
