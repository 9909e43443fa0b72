// SPDX-License-Identifier: Apache-2.0
#include "provider/private_state.h"

#include "codec/json.h"

static bool is_text(struct value v) {
    return value_kind(v) == VALUE_STRING;
}

static bool is_count(struct value v) {
    return value_kind(v) == VALUE_INT;
}

static bool is_map_of(struct value map, bool (*is_member)(struct value)) {
    for (size_t i = 0; value_kind(map) == VALUE_MAP && i < value_len(map); i++)
        if (!is_member(value_entry_at(map, i)->value))
            return false;
    return value_kind(map) == VALUE_MAP;
}

static bool is_map_of_texts(struct value v) {
    return is_map_of(v, is_text);
}

static bool is_list_of_texts(struct value v) {
    for (size_t i = 0; value_kind(v) == VALUE_LIST && i < value_len(v); i++)
        if (!is_text(value_at(v, i)))
            return false;
    return value_kind(v) == VALUE_LIST;
}

// {"salt", "hashes": {path: hash}, "kept": [path]}; before there was "kept", without it (provider/secrets.h)
static bool is_secrets(struct value v) {
    return value_len(value_get(v, "salt")) && is_text(value_get(v, "salt")) &&
           is_map_of_texts(value_get(v, "hashes")) &&
           (!value_has(v, "kept") || is_list_of_texts(value_get(v, "kept")));
}

// {"salt", "known": {path: hash}}, before that a list of {"path", "found"} (drift/baseline.h)
static bool is_one_baseline(struct value v) {
    for (size_t i = 0; value_kind(v) == VALUE_LIST && i < value_len(v); i++)
        if (!is_map_of_texts(value_at(v, i)))
            return false;
    return value_kind(v) == VALUE_LIST ||
           (is_text(value_get(v, "salt")) && is_map_of_texts(value_get(v, "known")));
}

// Of one object, or of each of a release's by its name.
static bool is_baseline(struct value v) {
    return is_one_baseline(v) || is_map_of(v, is_one_baseline);
}

// What is noted of a progress, a release or a wait says what it is by its members, each read for its kind.
static bool is_object(struct value v) {
    return value_kind(v) == VALUE_MAP;
}

static const struct note {
    const char *name;
    bool (*fits)(struct value);
    bool keeps; // something that would be lost without it
    const char *layout;
} NOTES[] = {
    {"baseline", is_baseline, false, "an object of \"salt\" and \"known\""},
    {"imported_from", is_text, true, "a text"},
    {"owner", is_text, true, "a text"},
    {"predecessor", is_object, false, "an object"},
    {"progress", is_object, false, "an object"},
    {"resource_version", is_text, false, "a text"},
    {"revision", is_count, false, "a whole number"},
    {"secrets", is_secrets, true,
     "an object of \"salt\", a text, \"hashes\", an object of texts, and \"kept\", a list of texts"},
    {"seen", is_object, false, "an object"},
    {"waited", is_object, false, "an object"},
    {"written", is_object, false, "an object"},
};

static bool refuse(struct err *err, const char *what) {
    return err_set(err, ERR_INVALID,
                   "The private state of this resource cannot be read: %s. Another version of this provider "
                   "wrote it, or it was damaged. Nothing was changed, for without these notes secrets could "
                   "be lost. Use the version that wrote it; or take the resource out of the state (a removed "
                   "block, or terraform state rm) and import it again",
                   what);
}

static struct value without(struct call *call, struct value notes, const struct note *note) {
    call_warn(call, subject_of(call_part(call, "note \"%s\"", note->name)), "Private state was not read:",
              "The note \"%s\" of this resource is a %s; %s is needed. Another version of this provider "
              "wrote it, or it was damaged. It is made anew with the next write; until then differences may "
              "be reported that are none.",
              note->name, value_kind_name(value_get(notes, note->name)), note->layout);
    return value_without(call->arena, notes, note->name);
}

bool private_state_decode(struct call *call, const void *bytes, size_t len, struct value *out,
                          struct err *err) {
    struct err unread = err_in(call->arena);
    *out = value_null();
    if (!len)
        return true;
    if (!json_decode(call->arena, bytes, len, out, &unread))
        return refuse(err, "it is not JSON");
    if (value_kind(*out) != VALUE_MAP)
        return refuse(err, arena_printf(call->arena, "it holds a %s", value_kind_name(*out)));
    for (size_t i = 0; i < sizeof NOTES / sizeof *NOTES; i++) {
        struct value note = value_get(*out, NOTES[i].name);
        if (value_is_null(note) || NOTES[i].fits(note))
            continue;
        if (NOTES[i].keeps)
            return refuse(
                err, arena_printf(call->arena, "its note \"%s\" is not %s", NOTES[i].name, NOTES[i].layout));
        *out = without(call, *out, &NOTES[i]);
    }
    return true;
}
