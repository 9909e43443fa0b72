// SPDX-License-Identifier: Apache-2.0
// Values as they are written: documents decoded, and one laid over another.
#include "helm/private.h"

#include "codec/yaml.h"
#include "value/walk.h"

#include <string.h>

static const char *json_word(struct value v) {
    switch (value_kind(v)) {
    case VALUE_LIST: return "array";
    case VALUE_STRING: return "string";
    case VALUE_BOOL: return "bool";
    default: return "number";
    }
}

bool helm_values_decode(struct arena *arena, const char *text, size_t len, struct value *out,
                        struct err *err) {
    if (!yaml_decode(arena, text, len, YAML_NUMBERS_FLOAT64, out, err))
        return false;
    if (value_is_null(*out))
        *out = value_map(arena, NULL, 0);
    return value_kind(*out) == VALUE_MAP || err_set(err, ERR_INVALID,
                                                    "error unmarshaling JSON: while decoding JSON: json: "
                                                    "cannot unmarshal %s into Go value of type "
                                                    "map[string]interface {}",
                                                    json_word(*out));
}

// Adds the next line to `document` with a plain line end, as Helm 4 reads them: it also gives one to a last
// line that has none. False at a mark that ends the document, and at the end.
static bool read_line(struct buf *document, const char **at, const char *end, const char **mark) {
    const char *line = *at, *stop = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
    if (line == end)
        return false;
    *at = stop ? stop + 1 : end;
    size_t len = stop ? (size_t)(stop - line) - (stop > line && stop[-1] == '\r') : (size_t)(end - line);
    if (len >= 3 && !memcmp(line, "---", 3)) {
        *mark = go_trim_space(document->arena, line + 3, len - 3);
        if (document->len || (**mark && **mark != '#'))
            return false;
    }
    buf_add(document, line, len);
    buf_char(document, '\n');
    return true;
}

bool helm_values_decode_all(struct arena *arena, const char *text, size_t len, struct value *out,
                            struct err *err) {
    const char *end = text + len;
    *out = value_map(arena, NULL, 0);
    while (text < end) {
        const char *mark = "";
        struct buf lines;
        struct value document;
        buf_init(&lines, arena);
        while (read_line(&lines, &text, end, &mark))
            ;
        if (*mark && *mark != '#')
            return err_set(err, ERR_INVALID,
                           "error reading yaml document: invalid Yaml document separator: %s", mark);
        if (!helm_values_decode(arena, buf_text(&lines), lines.len, &document, err))
            return err_wrap(err, "cannot unmarshal yaml document");
        *out = helm_values_merge(arena, *out, document);
    }
    return true;
}

struct value helm_values_merge(struct arena *arena, struct value base, struct value over) {
    if (value_kind(base) != VALUE_MAP || value_kind(over) != VALUE_MAP)
        return value_kind(over) == VALUE_MAP || value_kind(base) != VALUE_MAP ? over : base;
    size_t count = 0;
    struct value_entry *entries = arena_array(arena, value_len(base) + value_len(over) + 1, sizeof *entries);
    for (struct map_walk at = map_walk(base, over); map_walk_next(&at);) {
        struct value_entry *entry = &entries[count++];
        *entry = at.right ? *at.right : *at.left;
        if (at.left && at.right && value_kind(at.left->value) == VALUE_MAP &&
            value_kind(at.right->value) == VALUE_MAP)
            entry->value = helm_values_merge(arena, at.left->value, at.right->value);
    }
    return value_map(arena, entries, count);
}
