// SPDX-License-Identifier: Apache-2.0
#include "provider/input_check.h"

#include "value/path.h"

#include <ctype.h>
#include <float.h>
#include <string.h>

// ---- numbers ----

static bool check_number(const struct path *at, struct value value, struct err *err) {
    double real = value_get_float(value);
    if (real <= DBL_MAX && real >= -DBL_MAX)
        return true;
    const char *place = path_text(err->arena, at);
    return err_at(err, place,
                  "%s is a number that JSON's readers cannot hold: nothing beyond 1.7e308. Write it as text, "
                  "in quotes, if it is meant.",
                  place);
}

static bool check_numbers(const struct path *at, struct value value, struct err *err) {
    value = value_untyped(value);
    if (value_is_number(value))
        return check_number(at, value, err);
    enum value_kind kind = value_kind(value);
    for (size_t i = 0; (kind == VALUE_LIST || kind == VALUE_MAP) && i < value_len(value); i++) {
        struct path here = {at, {NULL, i}};
        if (kind == VALUE_MAP)
            here.step.key = value_entry_at(value, i)->key;
        if (!check_numbers(&here, kind == VALUE_MAP ? value_entry_at(value, i)->value : value_at(value, i),
                           err))
            return false;
    }
    return true;
}

bool input_check_numbers(const char *attribute, struct value value, struct err *err) {
    return check_numbers(&(struct path){NULL, {attribute, 0}}, value, err);
}

// ---- labels ----

enum { LABEL_LENGTH = 63, PREFIX_LENGTH = 253 };

static bool is_name(const char *text) {
    size_t len = strlen(text);
    if (!len || len > LABEL_LENGTH || !isalnum((unsigned char)text[0]) ||
        !isalnum((unsigned char)text[len - 1]))
        return false;
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c >= 0x80 || (!isalnum((unsigned char)*c) && !strchr("-_.", *c)))
            return false;
    return true;
}

// A DNS name.
static bool is_prefix(const char *text, size_t len) {
    bool begins = true;
    for (size_t i = 0; i < len; i++) {
        bool dot = text[i] == '.',
             letter = islower((unsigned char)text[i]) || isdigit((unsigned char)text[i]);
        bool ends = i + 1 == len || text[i + 1] == '.';
        if (!letter && (dot ? begins || ends : text[i] != '-' || begins || ends))
            return false;
        begins = dot;
    }
    return len && len <= PREFIX_LENGTH;
}

// The letters of an annotation's key may be of either case.
static bool is_key(struct arena *arena, const char *key, bool any_case) {
    const char *slash = strchr(key, '/');
    char *prefix = arena_strndup(arena, key, slash ? (size_t)(slash - key) : 0);
    for (char *c = prefix; any_case && *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return (!slash || is_prefix(prefix, strlen(prefix))) && is_name(slash ? slash + 1 : key);
}

static bool bad_key(const char *attribute, const char *key, struct err *err) {
    return err_at(err, attribute,
                  "%s has the key \"%s\"; a key is a name of at most 63 letters, digits, '-', '_' and '.', "
                  "beginning and ending with a letter or digit, and before it a DNS name with a '/' if any, "
                  "like \"example.com/team\".",
                  attribute, key);
}

static bool bad_value(const char *attribute, const struct value_entry *entry, struct err *err) {
    struct path at = {NULL, {attribute, 0}}, here = {&at, {entry->key, 0}};
    const char *place = path_text(err->arena, &here);
    return err_at(
        err, place,
        "%s is \"%s\"; a label is at most 63 letters, digits, '-', '_' and '.', beginning and ending "
        "with a letter or digit, or empty. An annotation may hold any text.",
        place, value_text_or(entry->value, ""));
}

bool input_check_labels(const char *attribute, struct value map, bool values, struct err *err) {
    map = value_untyped(map);
    for (size_t i = 0; value_kind(map) == VALUE_MAP && i < value_len(map); i++) {
        const struct value_entry *entry = value_entry_at(map, i);
        const char *text = value_text_or(entry->value, "");
        if (!is_key(err->arena, entry->key, !values))
            return bad_key(attribute, entry->key, err);
        if (values && *text && !is_name(text))
            return bad_value(attribute, entry, err);
    }
    return true;
}
