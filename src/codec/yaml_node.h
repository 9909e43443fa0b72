// SPDX-License-Identifier: Apache-2.0
// Shared inside src/codec: a document as libyaml's events spell it, before tags,
// aliases and merges mean anything.
#ifndef CODEC_YAML_NODE_H
#define CODEC_YAML_NODE_H

#include "base/err.h"
#include "value/value.h"

enum yaml_node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING, NODE_ALIAS };

// What an anchor names: decoded once, however many aliases repeat it.
struct yaml_anchored {
    enum { ANCHORED_NEW, ANCHORED_BUSY, ANCHORED_INSIDE_KEY, ANCHORED_DONE } state;
    size_t nodes, levels, bytes; // of all that is in it, behind aliases too
    struct value value;
    const char *key; // its text as a key, NULL until it was one
};

// One for every two bytes of a text, when it comes to the worst: kept small.
struct yaml_node {
    enum yaml_node_kind kind;
    bool implicit;   // scalar: untagged and unquoted
    const char *tag; // NULL for none, "int" for !!int, "" for any that means nothing
    union {
        struct {
            const char *text; // scalar: contents; alias: its name
            size_t len;       // of text
        };
        struct {
            struct yaml_node **children; // of a mapping: key, value, key, value …
            uint32_t count;
        };
    };
    union {
        struct yaml_node *alias;        // what an alias points to
        struct yaml_anchored *anchored; // of anything else: NULL without an anchor
    };
};

struct yaml_stream;

// A reader of `text`, which must outlive it. Destroy takes NULL.
struct yaml_stream *yaml_stream_create(const char *text, size_t len);
void yaml_stream_destroy(struct yaml_stream *stream);

// The next document's root in `arena`, NULL in `out` after the last one. Errors are worded and
// numbered as goyaml.v2 does ("yaml: line 2: …").
bool yaml_stream_next(struct yaml_stream *stream, struct arena *arena, struct yaml_node **out,
                      struct err *err);

#endif
