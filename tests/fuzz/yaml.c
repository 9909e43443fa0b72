// SPDX-License-Identifier: Apache-2.0
// Any bytes as YAML: what decodes and can be written, reads back as an equal value, in both styles.
#include "codec/yaml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *arena, struct value v, struct buf *text) {
    struct err err = err_in(arena);
    struct value back;
    if (!yaml_decode(arena, buf_text(text), text->len, YAML_NUMBERS_FLOAT64, &back, &err) ||
        !value_equal(v, back))
        abort();
}

// goyaml's own emitter does not survive these: line breaks that YAML 1.2 no longer knows, and bytes
// that the reader refuses.
static bool is_exotic(const char *text, size_t len) {
    for (size_t i = 0; i + 1 < len; i++)
        if ((text[i] == '\xc2' && (unsigned char)text[i + 1] < 0xa0) || text[i] == '\xe2' ||
            text[i] == '\xef')
            return true;
    return memchr(text, '\\', len) || memchr(text, 0x7f, len) || memchr(text, '!', len) ||
           memchr(text, '\r', len);
}

// yaml.v3 writes lines that begin with a tab as a block, whose indentation it then cannot make out.
static bool is_tab_first(const char *text) {
    return *text == '\t' && strchr(text, '\n');
}

// And a key "<<" without quotes, which asks for a merge when it is read.
static bool is_for_writing_only(struct value v) {
    bool found = value_kind(v) == VALUE_STRING && is_tab_first(value_get_string(v));
    for (size_t i = 0; value_kind(v) == VALUE_LIST && i < value_len(v); i++)
        found |= is_for_writing_only(value_at(v, i));
    for (size_t i = 0; value_kind(v) == VALUE_MAP && i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        found |= is_tab_first(entry->key) || !strcmp(entry->key, "<<") || is_for_writing_only(entry->value);
    }
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value v, all;
    struct buf out, pretty;
    yaml_decode_all(arena, (const char *)data, size, YAML_NUMBERS_EXACT, &all, &err);
    if (!yaml_decode(arena, (const char *)data, size, YAML_NUMBERS_FLOAT64, &v, &err))
        return 0;
    buf_init(&out, arena);
    buf_init(&pretty, arena);
    bool written = yaml_encode(&out, v);
    yaml_encode_pretty(&pretty, v);
    if (!written || is_exotic((const char *)data, size) || is_for_writing_only(v))
        return 0;
    check(arena, v, &out);
    check(arena, v, &pretty);
    return 0;
}
