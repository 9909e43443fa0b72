// SPDX-License-Identifier: Apache-2.0
// Shared inside src/codec: what a plain scalar means to goyaml.v2, the YAML 1.1
// dialect that Helm and Kubernetes speak.
#ifndef CODEC_YAML_SCALAR_H
#define CODEC_YAML_SCALAR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum yaml_scalar_kind {
    YAML_STRING,
    YAML_NULL,
    YAML_BOOL,
    YAML_INT,
    YAML_UINT, // past int64, within uint64
    YAML_FLOAT,
    YAML_TIMESTAMP, // only where asked for; a string in the end
};

struct yaml_scalar {
    enum yaml_scalar_kind kind;
    union {
        bool boolean;
        int64_t integer;
        uint64_t natural;
        double real;
    } u;
};

// What `text` is when it stands unquoted. Numbers in base 60 are strings.
struct yaml_scalar yaml_resolve(const char *text, size_t len, bool timestamps);

// "!!str", "!!int", …
const char *yaml_scalar_tag(enum yaml_scalar_kind kind);

// True when an emitter has to quote `text` to keep it a string.
bool yaml_needs_quotes(const char *text, size_t len);

#endif
