// SPDX-License-Identifier: Apache-2.0
// What tests are fed with: files of this tree, and JSON. What cannot be read fails the test.
#ifndef TESTS_UNIT_FILES_H
#define TESTS_UNIT_FILES_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

// The bytes of a file that may be missing: then false, and `out` is empty.
static inline bool read_if_there(struct arena *arena, const char *path, struct buf *out) {
    CLEANUP_FILE file = fopen(path, "rb");
    char block[8192];
    buf_init(out, arena);
    if (!file)
        return false;
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(out, block, got);
    return true;
}

static inline struct buf read_file(struct arena *arena, const char *path) {
    struct buf text;
    if (!read_if_there(arena, path, &text))
        fail_msg("there is no %s", path);
    return text;
}

static inline struct value read_json(struct arena *arena, const char *path) {
    struct buf text = read_file(arena, path);
    struct value out = value_null();
    struct err err = err_in(arena);
    if (!json_decode(arena, buf_text(&text), text.len, &out, &err))
        fail_msg("%s: %s", path, err.msg);
    return out;
}

static inline struct value json(struct arena *arena, const char *text) {
    struct value out = value_null();
    struct err err = err_in(arena);
    if (!json_decode(arena, text, strlen(text), &out, &err))
        fail_msg("%s in %s", err.msg, text);
    return out;
}

// As `json`, with ' in the place of ", which C would have escaped.
static inline struct value json_quoted(struct arena *arena, const char *text) {
    char *quoted = arena_strdup(arena, text);
    for (char *c = quoted; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    return json(arena, quoted);
}

#endif
