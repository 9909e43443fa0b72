// SPDX-License-Identifier: Apache-2.0
// What sigs.k8s.io/yaml.Marshal writes: the value's JSON, read as YAML by goyaml.v2
// and emitted again. libyaml's emitter is the one goyaml was ported from.
#include "base/cleanup.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "codec/yaml.h"
#include "codec/yaml_key_order.h"
#include "codec/yaml_scalar.h"
#include "value/number.h"

#include <math.h>
#include <string.h>
#include <yaml.h>

struct encoder {
    yaml_emitter_t emitter;
    struct arena *scratch;
    struct buf *out;
    bool bad; // something no YAML can hold
};

static void cleanup_emitter(yaml_emitter_t **emitter) {
    yaml_emitter_delete(*emitter);
}

static int append(void *data, unsigned char *bytes, size_t len) {
    buf_add(((struct encoder *)data)->out, bytes, len);
    return 1;
}

static void emit(struct encoder *encoder, yaml_event_t *event) {
    if (!yaml_emitter_emit(&encoder->emitter, event))
        encoder->bad = true;
}

static void emit_scalar(struct encoder *encoder, const char *text, size_t len, yaml_scalar_style_t style) {
    yaml_event_t event;
    if (yaml_scalar_event_initialize(&event, NULL, NULL, (const unsigned char *)text, (int)len, 1, 1, style))
        emit(encoder, &event);
    else
        encoder->bad = true;
}

// The reader of the JSON text refuses these, so Marshal fails.
static bool is_refused(uint32_t rune) {
    return rune == 0x7f || (rune >= 0x80 && rune < 0xa0 && rune != 0x85) || rune == 0xfffe || rune == 0xffff;
}

// JSON turns invalid bytes into U+FFFD, and the YAML reader folds a raw U+0085 as the line
// break it is in YAML. Both are rare: the text is walked once and copied only then.
static void as_reread(struct encoder *encoder, const char **text, size_t *len) {
    bool rewrite = false;
    for (size_t i = 0; i < *len;) {
        uint32_t rune;
        size_t width = utf8_decode(*text + i, *len - i, &rune);
        rewrite |= utf8_is_broken(rune, width) || rune == 0x85;
        encoder->bad |= is_refused(rune);
        i += width;
    }
    if (!rewrite || encoder->bad)
        return;
    struct buf json;
    buf_init(&json, encoder->scratch);
    json_quote(&json, *text, *len, JSON_COMPACT);
    struct value reread;
    struct err err = err_in(encoder->scratch);
    if (!yaml_decode(encoder->scratch, buf_text(&json), json.len, YAML_NUMBERS_EXACT, &reread, &err)) {
        encoder->bad = true;
        return;
    }
    *text = value_get_string(reread);
    *len = value_len(reread);
}

static void encode_string(struct encoder *encoder, const char *text, size_t len) {
    as_reread(encoder, &text, &len);
    yaml_scalar_style_t style = YAML_PLAIN_SCALAR_STYLE;
    if (memchr(text, '\n', len))
        style = YAML_LITERAL_SCALAR_STYLE;
    else if (yaml_needs_quotes(text, len))
        style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    emit_scalar(encoder, text, len, style);
}

// To the YAML reader a JSON key is a "simple key": on one line, 1024 characters with its quotes.
static bool is_readable_key(struct encoder *encoder, const char *key) {
    if (strstr(key, "\xc2\x85"))
        return false;
    if (strlen(key) < 1024 / 6)
        return true;
    struct buf json;
    buf_init(&json, encoder->scratch);
    json_quote(&json, key, strlen(key), JSON_ESCAPE_HTML);
    size_t runes = 0;
    for (size_t i = 0; i < json.len; i++)
        runes += ((unsigned char)json.ptr[i] & 0xc0) != 0x80;
    return runes <= 1024;
}

// The number's JSON text is what YAML resolves: whole numbers up to uint64 are ints.
static void encode_float(struct encoder *encoder, double real) {
    char text[NUMBER_TEXT];
    number_json(real, text);
    if (!isfinite(real))
        encoder->bad = true;
    struct yaml_scalar scalar = yaml_resolve(text, strlen(text), false);
    if (scalar.kind == YAML_FLOAT)
        number_g(real, text);
    else if (scalar.kind == YAML_INT && !scalar.u.integer)
        strcpy(text, "0"); // -0
    emit_scalar(encoder, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
}

static void encode(struct encoder *encoder, struct value v);

static void encode_list(struct encoder *encoder, struct value v) {
    yaml_event_t event;
    yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
    emit(encoder, &event);
    for (size_t i = 0; i < value_len(v) && !encoder->bad; i++)
        encode(encoder, value_at(v, i));
    yaml_sequence_end_event_initialize(&event);
    emit(encoder, &event);
}

static void encode_map(struct encoder *encoder, struct value v) {
    yaml_event_t event;
    yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
    emit(encoder, &event);
    const struct value_entry **entries = yaml_sorted_entries(encoder->scratch, v, false);
    for (size_t i = 0; i < value_len(v) && !encoder->bad; i++) {
        encoder->bad |= !is_readable_key(encoder, entries[i]->key);
        encode_string(encoder, entries[i]->key, strlen(entries[i]->key));
        encode(encoder, entries[i]->value);
    }
    yaml_mapping_end_event_initialize(&event);
    emit(encoder, &event);
}

static void encode(struct encoder *encoder, struct value v) {
    v = value_untyped(v);
    switch (value_kind(v)) {
    case VALUE_STRING: encode_string(encoder, value_get_string(v), value_len(v)); break;
    case VALUE_LIST: encode_list(encoder, v); break;
    case VALUE_MAP: encode_map(encoder, v); break;
    case VALUE_FLOAT: encode_float(encoder, value_get_float(v)); break;
    default: {
        const char *text = json_text(encoder->scratch, v);
        emit_scalar(encoder, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
    }
    }
}

static void encode_document(struct encoder *encoder, struct value v) {
    yaml_event_t event;
    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    emit(encoder, &event);
    yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1);
    emit(encoder, &event);
    encode(encoder, v);
    yaml_document_end_event_initialize(&event, 1);
    emit(encoder, &event);
    encoder->emitter.open_ended = 0; // no "..." after a block scalar that keeps its last lines
    yaml_stream_end_event_initialize(&event);
    emit(encoder, &event);
}

bool yaml_encode(struct buf *out, struct value v) {
    SCRATCH_ARENA(scratch);
    struct buf text;
    buf_init(&text, scratch);
    struct encoder encoder = {.scratch = scratch, .out = &text};
    CLEANUP(cleanup_emitter) yaml_emitter_t *emitter = &encoder.emitter;
    yaml_emitter_initialize(emitter);
    yaml_emitter_set_unicode(emitter, 1);
    yaml_emitter_set_output(emitter, append, &encoder);
    encode_document(&encoder, v);
    if (!encoder.bad)
        buf_add(out, buf_text(&text), text.len);
    return !encoder.bad;
}
