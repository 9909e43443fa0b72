// SPDX-License-Identifier: Apache-2.0
// Shared inside src/codec: a document as libyaml's events spell it, before tags,
// aliases and merges mean anything.
#ifndef CODEC_YAML_NODE_H
#define CODEC_YAML_NODE_H

#include "base/err.h"

enum yaml_node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING, NODE_ALIAS };

struct yaml_node {
    enum yaml_node_kind kind;
    bool implicit;               // scalar: untagged and unquoted
    bool busy;                   // alias: being expanded right now
    const char *tag;             // as resolved by the parser, NULL for none
    const char *text;            // scalar: contents; alias: its name
    size_t len;                  // of text
    struct yaml_node **children; // of a mapping: key, value, key, value …
    size_t count, cap;
    struct yaml_node *alias; // what an alias points to
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
