// SPDX-License-Identifier: Apache-2.0
// What schemas are made of: resources with their anchors and links, and the published metaschemas.
// Private to src/jsonschema, by way of private.h.
#ifndef JSONSCHEMA_RESOURCE_H
#define JSONSCHEMA_RESOURCE_H

#include "value/value.h"

struct js_anchor {
    struct js_anchor *next;
    const char *name;
    struct value schema;
    bool dynamic;
};

// A reference already followed; `reference` is compared as a pointer.
struct js_link {
    struct js_link *next;
    const char *reference, *anchor; // anchor: NULL when the fragment is a JSON pointer
    struct value schema;
    struct js_resource *resource;
};

// A schema with an identity of its own: a document's root, or a subschema with an id.
struct js_resource {
    struct js_resource *next;
    const char *url; // of the document it lies in
    const char *id;  // absolute URL without fragment
    struct value root;
    int draft;             // 4, 6, 7, 2019, 2020
    unsigned vocabularies; // of a metaschema of its own; 0: the draft's
    struct js_anchor *anchors;
    struct js_link *links;
};

struct js_schema {
    struct value v;
    struct js_resource *resource;
};

// The text of a published metaschema; `name` is its URL without the host.
struct js_metaschema {
    const char *name, *text;
    size_t len;
};
extern const struct js_metaschema
    JS_METASCHEMAS[]; // up to one without a name; made by metaschemas/embed.cmake

// --- vocab.c

struct js_run;
// The set of vocabularies that a metaschema asks for; 0 when it names none.
unsigned js_vocab_of(struct js_run *run, struct value metaschema, const char *url, int draft);
bool js_vocab_has(unsigned vocabularies, const char *name);
// The document without the keywords of vocabularies that do not count. A set of 0 changes nothing.
struct value js_vocab_apply(struct js_run *run, struct value document, unsigned vocabularies);
// What such a document is checked by.
struct js_schema js_vocab_metaschema(struct js_run *check, unsigned vocabularies, int draft);

#endif
