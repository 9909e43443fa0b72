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

typedef bool trait(const char *text, bool is_key);

// yaml.v3 writes lines that begin with a tab as a block, whose indentation it then cannot make out.
static bool is_tab_first(const char *text, bool is_key) {
    (void)is_key;
    return *text == '\t' && strchr(text, '\n');
}

// Both write this key without quotes; then it asks for a merge.
static bool is_merge(const char *text, bool is_key) {
    return is_key && !strcmp(text, "<<");
}

static bool has(struct value v, trait *is) {
    bool found = value_kind(v) == VALUE_STRING && is(value_get_string(v), false);
    for (size_t i = 0; value_kind(v) == VALUE_LIST && i < value_len(v); i++)
        found |= has(value_at(v, i), is);
    for (size_t i = 0; value_kind(v) == VALUE_MAP && i < value_len(v); i++)
        found |= is(value_entry_at(v, i)->key, true) || has(value_entry_at(v, i)->value, is);
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
    if (!written || is_exotic((const char *)data, size) || has(v, is_merge))
        return 0;
    check(arena, v, &out);
    if (!has(v, is_tab_first))
        check(arena, v, &pretty);
    return 0;
}
