// SPDX-License-Identifier: Apache-2.0
#include "codec/yaml_node.h"

#include "base/list.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_DEPTH = 1000, MAX_TAG_DIRECTIVES = 100, LONGEST_TAG_DIRECTIVE = 1000 };

struct anchor {
    const char *name;
    struct yaml_node *node; // the last one of that name
};

struct yaml_stream {
    const char *text; // not looked at yet, NULL once it was
    size_t len;
    yaml_parser_t parser;
    yaml_event_t event; // the next one, when `peeked`
    bool peeked, ended;
    struct arena *arena; // of the current document
    void *anchors;       // a search tree: no choice of names makes it slow
};

struct yaml_stream *yaml_stream_create(const char *text, size_t len) {
    struct yaml_stream *stream = calloc(1, sizeof *stream);
    if (!stream || !yaml_parser_initialize(&stream->parser))
        abort();
    stream->text = len ? text : "\n";
    stream->len = len ? len : 1;
    yaml_parser_set_input_string(&stream->parser, (const unsigned char *)stream->text, stream->len);
    return stream;
}

// libyaml compares each %TAG with all before it, and puts its prefix in front of every tag that uses it.
static bool check_directives(struct yaml_stream *stream, struct err *err) {
    const char *line = stream->text, *end = stream->text ? stream->text + stream->len : NULL;
    size_t count = 0;
    stream->text = NULL;
    while (line) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        size_t len = (size_t)((next ? next : end) - line);
        bool tag = len > 4 && !memcmp(line, "%TAG", 4);
        count += tag;
        if (count > MAX_TAG_DIRECTIVES || (tag && len > LONGEST_TAG_DIRECTIVE))
            return err_set(err, ERR_LIMIT,
                           "yaml: more than %d %%TAG directives, or one of more than %d bytes",
                           MAX_TAG_DIRECTIVES, LONGEST_TAG_DIRECTIVE);
        line = next ? next + 1 : NULL;
    }
    return true;
}

static void drop_event(struct yaml_stream *stream) {
    if (stream->peeked)
        yaml_event_delete(&stream->event);
    stream->peeked = false;
}

static void keep_anchor(void *anchor) {
    (void)anchor; // it lives in the document's arena
}

static void forget_anchors(struct yaml_stream *stream) {
    tdestroy(stream->anchors, keep_anchor);
    stream->anchors = NULL;
}

void yaml_stream_destroy(struct yaml_stream *stream) {
    if (!stream)
        return;
    forget_anchors(stream);
    drop_event(stream);
    yaml_parser_delete(&stream->parser);
    free(stream);
}

// goyaml counts lines from zero, except in the scanner's own errors, and leaves out line zero.
static bool refuse(struct yaml_stream *stream, struct err *err) {
    const yaml_parser_t *parser = &stream->parser;
    size_t line = parser->problem_mark.line;
    if (line && parser->error == YAML_SCANNER_ERROR)
        line++;
    else if (!line)
        line = parser->context_mark.line;
    char where[40] = "";
    if (line)
        snprintf(where, sizeof where, "line %zu: ", line);
    return err_set(err, ERR_INVALID, "yaml: %s%s", where,
                   parser->problem ? parser->problem : "unknown problem parsing YAML content");
}

static bool peek(struct yaml_stream *stream, struct err *err) {
    if (stream->peeked)
        return true;
    if (!yaml_parser_parse(&stream->parser, &stream->event))
        return refuse(stream, err);
    stream->peeked = true;
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct anchor *)a)->name, ((const struct anchor *)b)->name);
}

static void set_anchor(struct yaml_stream *stream, const unsigned char *name, struct yaml_node *node) {
    if (!name)
        return;
    struct anchor *anchor = arena_alloc(stream->arena, sizeof *anchor);
    *anchor = (struct anchor){arena_strdup(stream->arena, (const char *)name), node};
    struct anchor **found = tsearch(anchor, &stream->anchors, by_name);
    if (!found)
        abort(); // out of memory
    (*found)->node = node;
    node->anchored = arena_alloc(stream->arena, sizeof *node->anchored);
}

static struct yaml_node *find_anchor(const struct yaml_stream *stream, const char *name) {
    struct anchor wanted = {.name = name}, **found = tfind(&wanted, &stream->anchors, by_name);
    return found ? (*found)->node : NULL;
}

static bool parse_node(struct yaml_stream *stream, size_t depth, struct yaml_node **out, struct err *err);

// A tag may stand for a long prefix in every node: only those that mean something are told apart.
static const char *known_tag(const unsigned char *tag) {
    static const char prefix[] = "tag:yaml.org,2002:";
    static const char *const known[] = {"binary", "bool", "float", "int", "merge", "null", "timestamp"};
    const char *text = (const char *)tag;
    for (size_t i = 0; text && !strncmp(text, prefix, sizeof prefix - 1) && i < sizeof known / sizeof *known;
         i++)
        if (!strcmp(known[i], text + sizeof prefix - 1))
            return known[i];
    return text ? "" : NULL;
}

static bool parse_scalar(struct yaml_stream *stream, struct yaml_node *node) {
    const yaml_event_t *event = &stream->event;
    node->kind = NODE_SCALAR;
    node->text =
        arena_strndup(stream->arena, (const char *)event->data.scalar.value, event->data.scalar.length);
    node->len = event->data.scalar.length;
    node->tag = known_tag(event->data.scalar.tag);
    node->implicit = event->data.scalar.plain_implicit;
    set_anchor(stream, event->data.scalar.anchor, node);
    drop_event(stream);
    return true;
}

static bool parse_alias(struct yaml_stream *stream, struct yaml_node *node, struct err *err) {
    node->kind = NODE_ALIAS;
    node->text = arena_strdup(stream->arena, (const char *)stream->event.data.alias.anchor);
    node->alias = find_anchor(stream, node->text);
    if (!node->alias)
        return err_set(err, ERR_INVALID, "yaml: unknown anchor '%s' referenced", node->text);
    drop_event(stream);
    return true;
}

static void add_child(struct arena *arena, struct yaml_node *node, struct yaml_node *child) {
    *LIST_ADD(arena, node->children, node->count) = child;
}

static bool parse_collection(struct yaml_stream *stream, struct yaml_node *node, yaml_event_type_t end,
                             size_t depth, struct err *err) {
    if (depth > MAX_DEPTH)
        return err_set(err, ERR_LIMIT, "yaml: nested deeper than %d levels", MAX_DEPTH);
    node->kind = end == YAML_SEQUENCE_END_EVENT ? NODE_SEQUENCE : NODE_MAPPING;
    bool sequence = node->kind == NODE_SEQUENCE;
    set_anchor(stream,
               sequence ? stream->event.data.sequence_start.anchor : stream->event.data.mapping_start.anchor,
               node);
    node->tag =
        known_tag(sequence ? stream->event.data.sequence_start.tag : stream->event.data.mapping_start.tag);
    drop_event(stream);
    while (peek(stream, err)) {
        if (stream->event.type == end) {
            drop_event(stream);
            return true;
        }
        struct yaml_node *child;
        if (!parse_node(stream, depth + 1, &child, err))
            return false;
        add_child(stream->arena, node, child);
    }
    return false;
}

static bool parse_node(struct yaml_stream *stream, size_t depth, struct yaml_node **out, struct err *err) {
    struct yaml_node *node = *out = arena_alloc(stream->arena, sizeof *node);
    if (!peek(stream, err))
        return false;
    switch (stream->event.type) {
    case YAML_SCALAR_EVENT: return parse_scalar(stream, node);
    case YAML_ALIAS_EVENT: return parse_alias(stream, node, err);
    case YAML_SEQUENCE_START_EVENT:
        return parse_collection(stream, node, YAML_SEQUENCE_END_EVENT, depth, err);
    case YAML_MAPPING_START_EVENT: return parse_collection(stream, node, YAML_MAPPING_END_EVENT, depth, err);
    default: return err_set(err, ERR_INTERNAL, "yaml: unexpected event %d", (int)stream->event.type);
    }
}

bool yaml_stream_next(struct yaml_stream *stream, struct arena *arena, struct yaml_node **out,
                      struct err *err) {
    *out = NULL;
    stream->arena = arena;
    forget_anchors(stream);
    if (!check_directives(stream, err) || !peek(stream, err))
        return false;
    while (stream->event.type == YAML_STREAM_START_EVENT || stream->event.type == YAML_DOCUMENT_END_EVENT) {
        drop_event(stream);
        if (!peek(stream, err))
            return false;
    }
    if (stream->event.type == YAML_STREAM_END_EVENT)
        return true;
    const yaml_version_directive_t *version = stream->event.data.document_start.version_directive;
    if (version && (version->major != 1 || version->minor != 1)) {
        stream->parser.problem = "found incompatible YAML document";
        stream->parser.problem_mark = stream->event.start_mark;
        return refuse(stream, err);
    }
    drop_event(stream); // the document's start
    return parse_node(stream, 1, out, err) && peek(stream, err);
}
