// SPDX-License-Identifier: Apache-2.0
#include "protocol/rpc.h"

#include "base/utf8.h"
#include "codec/json.h"
#include "codec/msgpack.h"
#include "value/path.h"

#include <string.h>

static ProtobufCBinaryData bytes_of(struct buf *buf) {
    return (ProtobufCBinaryData){buf->len, (uint8_t *)buf_text(buf)};
}

TF(DynamicValue) *to_dynamic(struct rpc *rpc, struct value value, const struct type *type) {
    struct buf buf;
    buf_init(&buf, rpc->arena);
    if (!msgpack_encode(&buf, value, type, &rpc->err))
        return NULL;
    TF(DynamicValue) *message = TF_NEW(rpc, DynamicValue, dynamic_value);
    message->msgpack = bytes_of(&buf);
    return message;
}

TF(ResourceIdentityData) *to_identity(struct rpc *rpc, const struct resource_kind *kind,
                                      struct value identity) {
    if (!kind->identity || value_is_null(identity))
        return NULL;
    TF(ResourceIdentityData) *message = TF_NEW(rpc, ResourceIdentityData, resource_identity_data);
    message->identity_data = to_dynamic(rpc, identity, kind->identity);
    return message->identity_data ? message : NULL;
}

ProtobufCBinaryData to_private(struct rpc *rpc, struct value private) {
    struct buf buf;
    buf_init(&buf, rpc->arena);
    if (value_kind(private) == VALUE_MAP)
        json_encode(&buf, private, JSON_COMPACT);
    return bytes_of(&buf);
}

ProtobufCBinaryData to_type(struct rpc *rpc, const struct type *type) {
    struct buf buf;
    buf_init(&buf, rpc->arena);
    json_encode(&buf, type_to_value(rpc->arena, type), JSON_COMPACT);
    return bytes_of(&buf);
}

// One step further into a type: what the step is called on the wire, and the type behind it. Below
// "dynamic" the text form's keys are attributes and its indices elements. False where nothing can be named:
// a missing attribute, or a set's element.
static bool follow(TF(AttributePath__Step) *step, const struct path_step *from, const struct type **type) {
    enum type_kind kind = (*type)->kind;
    const struct type *next = &type_dynamic;
    if (kind == TYPE_LIST || kind == TYPE_MAP)
        next = (*type)->elem;
    else if (kind == TYPE_OBJECT)
        next = from->key ? type_attr(*type, from->key) : NULL;
    else if (kind == TYPE_TUPLE)
        next = from->index < (*type)->count ? (*type)->attrs[from->index].type : NULL;
    else if (kind != TYPE_DYNAMIC)
        return false;
    *type = next;
    if (from->key && kind == TYPE_MAP) {
        step->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_STRING;
        step->element_key_string = (char *)from->key;
    } else if (from->key) {
        step->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ATTRIBUTE_NAME;
        step->attribute_name = (char *)from->key;
    } else {
        step->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_INT;
        step->element_key_int = (int64_t)from->index;
    }
    return next && (kind == TYPE_DYNAMIC || !from->key == (kind == TYPE_LIST || kind == TYPE_TUPLE));
}

TF(AttributePath) *to_path(struct rpc *rpc, const char *path) {
    const struct path_step *steps;
    size_t count;
    struct err ignored = err_in(rpc->arena);
    if (!path || !rpc->type || !path_parse(rpc->arena, path, &steps, &count, &ignored))
        return NULL;
    TF(AttributePath) *message = TF_NEW(rpc, AttributePath, attribute_path);
    message->steps = arena_array(rpc->arena, count, sizeof *message->steps);
    const struct type *type = rpc->type;
    for (size_t i = 0; i < count; i++) {
        TF(AttributePath__Step) *step = TF_NEW(rpc, AttributePath__Step, attribute_path__step);
        if (!follow(step, &steps[i], &type))
            break;
        message->steps[message->n_steps++] = step;
    }
    return message->n_steps ? message : NULL;
}

// Terraform finds the line of one attribute, or of one element of it written as { … } or [ … ], and gives up
// on anything deeper. An element step finds members of objects too, so the path ends there.
TF(AttributePath) *to_place(struct rpc *rpc, const char *path) {
    if (path && rpc->schema && schema_hides(rpc->schema, path))
        return NULL;
    TF(AttributePath) *place = to_path(rpc, path);
    if (!place || place->n_steps < 2)
        return place;
    TF(AttributePath__Step) *second = place->steps[1];
    if (second->selector_case == TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ATTRIBUTE_NAME)
        second->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_STRING;
    place->n_steps = 2;
    return place;
}

static char *valid_utf8(struct arena *arena, char *text) {
    size_t len = strlen(text), good = utf8_valid_prefix(text, len);
    if (good == len)
        return text;
    struct buf buf;
    buf_init(&buf, arena);
    for (;; good = utf8_valid_prefix(text, len)) {
        buf_add(&buf, text, good);
        if (good == len)
            return buf_text(&buf);
        buf_str(&buf, "\xef\xbf\xbd");
        text += good + 1;
        len -= good + 1;
    }
}

static void field_to_utf8(struct rpc *rpc, const ProtobufCFieldDescriptor *field, void *member) {
    if (field->type == PROTOBUF_C_TYPE_MESSAGE && *(ProtobufCMessage **)member)
        to_utf8(rpc, *(ProtobufCMessage **)member);
    if (field->type == PROTOBUF_C_TYPE_STRING && *(char **)member)
        *(char **)member = valid_utf8(rpc->arena, *(char **)member);
}

void to_utf8(struct rpc *rpc, ProtobufCMessage *message) {
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        char *member = (char *)message + field->offset,
             *quantifier = (char *)message + field->quantifier_offset;
        bool text = field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
        bool one_of = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
        if (!text || (one_of && *(uint32_t *)(void *)quantifier != field->id))
            continue;
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            field_to_utf8(rpc, field, member);
            continue;
        }
        void **items = *(void ***)(void *)member;
        for (size_t n = 0; n < *(size_t *)(void *)quantifier; n++)
            field_to_utf8(rpc, field, &items[n]);
    }
}
