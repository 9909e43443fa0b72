// SPDX-License-Identifier: Apache-2.0
// Chart.yaml: its fields, how other types turn into them, and its rules.
#include "helm/private.h"

#include "codec/yaml.h"
#include "go/quote.h"
#include "go/semver.h"
#include "value/number.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum field_type {
    FIELD_STRING,
    FIELD_BOOL,
    FIELD_STRINGS,
    FIELD_STRING_MAP,
    FIELD_STRUCTS,
    FIELD_ANY_LIST,
    FIELD_TIME
};

struct field {
    const char *name;
    enum field_type type;
    const struct record *of; // FIELD_STRUCTS
    bool keep_empty;         // no omitempty
};

struct record {
    const char *name; // Go's, for errors
    const struct field *fields;
    size_t count;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct field maintainer_fields[] = {
    {"name", FIELD_STRING, NULL, false},
    {"email", FIELD_STRING, NULL, false},
    {"url", FIELD_STRING, NULL, false},
};
static const struct record maintainer_record = {"Maintainer", maintainer_fields, COUNT(maintainer_fields)};

static const struct field dependency_fields[] = {
    {"name", FIELD_STRING, NULL, true},
    {"version", FIELD_STRING, NULL, false},
    {"repository", FIELD_STRING, NULL, true},
    {"condition", FIELD_STRING, NULL, false},
    {"tags", FIELD_STRINGS, NULL, false},
    {"enabled", FIELD_BOOL, NULL, false},
    {"import-values", FIELD_ANY_LIST, NULL, false},
    {"alias", FIELD_STRING, NULL, false},
};
static const struct record dependency_record = {"Dependency", dependency_fields, COUNT(dependency_fields)};

static const struct field metadata_fields[] = {
    {"name", FIELD_STRING, NULL, false},
    {"home", FIELD_STRING, NULL, false},
    {"sources", FIELD_STRINGS, NULL, false},
    {"version", FIELD_STRING, NULL, false},
    {"description", FIELD_STRING, NULL, false},
    {"keywords", FIELD_STRINGS, NULL, false},
    {"maintainers", FIELD_STRUCTS, &maintainer_record, false},
    {"icon", FIELD_STRING, NULL, false},
    {"apiVersion", FIELD_STRING, NULL, false},
    {"condition", FIELD_STRING, NULL, false},
    {"tags", FIELD_STRING, NULL, false},
    {"appVersion", FIELD_STRING, NULL, false},
    {"deprecated", FIELD_BOOL, NULL, false},
    {"annotations", FIELD_STRING_MAP, NULL, false},
    {"kubeVersion", FIELD_STRING, NULL, false},
    {"dependencies", FIELD_STRUCTS, &dependency_record, false},
    {"type", FIELD_STRING, NULL, false},
};
static const struct record metadata_record = {"Metadata", metadata_fields, COUNT(metadata_fields)};

static const struct field lock_fields[] = {
    {"generated", FIELD_TIME, NULL, true},
    {"digest", FIELD_STRING, NULL, true},
    {"dependencies", FIELD_STRUCTS, &dependency_record, true},
};
static const struct record lock_record = {"Lock", lock_fields, COUNT(lock_fields)};

// Where a value stands, for errors: Go names the struct and the path of fields to it.
struct place {
    struct arena *arena; // where what is read is made
    const char *package; // "chart" in Helm 3, "v2" in Helm 4
    const char *record, *path;
};

static const char *json_kind(struct value v) {
    switch (value_kind(v)) {
    case VALUE_BOOL: return "bool";
    case VALUE_STRING: return "string";
    case VALUE_LIST: return "array";
    case VALUE_MAP: return "object";
    default: return "number";
    }
}

static bool mismatch(struct value found, struct place place, const char *wanted, struct err *err) {
    return err_set(
        err, ERR_INVALID,
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal %s into Go struct field %s.%s "
        "of type %s",
        json_kind(found), place.record, place.path, wanted);
}

// A float as sigs.k8s.io/yaml writes it into a string field: Go's %g with 32 bits.
static const char *float_text(struct arena *arena, double real) {
    float narrow = (float)real;
    char digits[40];
    int precision = 1;
    do {
        snprintf(digits, sizeof digits, "%.*e", precision - 1, (double)narrow);
    } while (strtof(digits, NULL) != narrow && ++precision < 12);
    int exponent = atoi(strchr(digits, 'e') + 1);
    if (exponent < -4 || exponent >= 6)
        return arena_strdup(arena, digits);
    int decimals = precision - 1 - exponent;
    return arena_printf(arena, "%.*f", decimals > 0 ? decimals : 0, (double)narrow);
}

const char *helm_scalar_text(struct arena *arena, struct value scalar) {
    switch (value_kind(scalar)) {
    case VALUE_STRING: return value_get_string(scalar);
    case VALUE_BOOL: return value_get_bool(scalar) ? "true" : "false";
    case VALUE_INT: return value_number_text(arena, scalar);
    case VALUE_FLOAT:
    case VALUE_NUMBER: return float_text(arena, value_get_float(scalar));
    default: return "";
    }
}

static bool to_string(struct place place, struct value v, struct value *out, struct err *err) {
    if (value_kind(v) == VALUE_LIST || value_kind(v) == VALUE_MAP)
        return mismatch(v, place, "string", err);
    *out = value_kind(v) == VALUE_STRING ? v : value_string(place.arena, helm_scalar_text(place.arena, v));
    return true;
}

static bool to_strings(struct place place, struct value v, struct value *out, struct err *err) {
    *out = value_null();
    if (value_is_null(v))
        return true;
    if (value_kind(v) != VALUE_LIST)
        return mismatch(v, place, "[]string", err);
    struct value *items = arena_array(place.arena, value_len(v) + 1, sizeof *items);
    for (size_t i = 0; i < value_len(v); i++)
        if (!to_string(place, value_at(v, i), &items[i], err))
            return false;
    *out = value_list(place.arena, items, value_len(v));
    return true;
}

static bool to_string_map(struct place place, struct value v, struct value *out, struct err *err) {
    *out = value_null();
    if (value_is_null(v))
        return true;
    if (value_kind(v) != VALUE_MAP)
        return mismatch(v, place, "map[string]string", err);
    struct value_entry *entries = arena_array(place.arena, value_len(v) + 1, sizeof *entries);
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        entries[i].key = entry->key;
        if (!to_string(place, entry->value, &entries[i].value, err))
            return false;
    }
    *out = value_map(place.arena, entries, value_len(v));
    return true;
}

static bool read_record(struct place outer, const struct record *record, struct value v, struct value *out,
                        struct err *err);

static bool to_structs(struct place place, const struct field *field, struct value v, struct value *out,
                       struct err *err) {
    struct arena *arena = place.arena;
    *out = value_null();
    if (value_is_null(v))
        return true;
    if (value_kind(v) != VALUE_LIST)
        return mismatch(v, place, arena_printf(arena, "[]*%s.%s", place.package, field->of->name), err);
    struct value *items = arena_array(arena, value_len(v) + 1, sizeof *items);
    for (size_t i = 0; i < value_len(v); i++) {
        struct value item = value_at(v, i);
        if (value_is_null(item))
            continue;
        if (value_kind(item) != VALUE_MAP)
            return mismatch(item, place, arena_printf(arena, "%s.%s", place.package, field->of->name), err);
        items[i] = value_map(arena, NULL, 0);
        if (!read_record(place, field->of, item, &items[i], err))
            return false;
    }
    *out = value_list(arena, items, value_len(v));
    return true;
}

static bool read_field(struct place place, const struct field *field, struct value v, struct value *out,
                       struct err *err) {
    switch (field->type) {
    case FIELD_STRING:
    case FIELD_TIME: return to_string(place, v, out, err);
    case FIELD_BOOL:
        *out = value_bool(value_get_bool(v));
        return value_kind(v) == VALUE_BOOL || value_is_null(v) || mismatch(v, place, "bool", err);
    case FIELD_STRINGS: return to_strings(place, v, out, err);
    case FIELD_STRING_MAP: return to_string_map(place, v, out, err);
    case FIELD_STRUCTS: return to_structs(place, field, v, out, err);
    case FIELD_ANY_LIST:
        *out = v;
        return value_kind(v) == VALUE_LIST || value_is_null(v) || mismatch(v, place, "[]interface {}", err);
    }
    return false;
}

static bool is_empty(struct value v) {
    switch (value_kind(v)) {
    case VALUE_NULL: return true;
    case VALUE_BOOL: return !value_get_bool(v);
    default: return value_len(v) == 0 && value_kind(v) >= VALUE_STRING;
    }
}

static const struct field *find_field(const struct record *record, const char *key) {
    for (size_t i = 0; i < record->count; i++)
        if (!strcmp(record->fields[i].name, key))
            return &record->fields[i];
    for (size_t i = 0; i < record->count; i++) // Go's JSON takes any case
        if (!strcasecmp(record->fields[i].name, key))
            return &record->fields[i];
    return NULL;
}

// Puts the known fields of `v` over those of *out, as decoding into a struct does.
static bool read_record(struct place outer, const struct record *record, struct value v, struct value *out,
                        struct err *err) {
    struct arena *arena = outer.arena;
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        const struct field *field = find_field(record, entry->key);
        if (!field)
            continue;
        struct place place = {arena, outer.package, record->name,
                              arena_printf(arena, "%s%s%s", outer.path, *outer.path ? "." : "", field->name)};
        if (value_is_null(entry->value) && field->type != FIELD_STRINGS && field->type != FIELD_STRUCTS &&
            field->type != FIELD_STRING_MAP)
            continue; // null leaves a scalar as it is
        struct value member;
        if (!read_field(place, field, entry->value, &member, err))
            return false;
        *out = is_empty(member) && !field->keep_empty ? value_without(arena, *out, field->name)
                                                      : value_with(arena, *out, field->name, member);
    }
    for (size_t i = 0; i < record->count; i++)
        if (record->fields[i].keep_empty && record->fields[i].type == FIELD_STRING &&
            !value_has(*out, record->fields[i].name))
            *out = value_with(arena, *out, record->fields[i].name, value_string_ref(""));
    return true;
}

// What a file is read into: the record, and Go's name of its type for errors.
struct target {
    const struct record *record;
    const char *type;
};

static bool read_yaml_record(struct arena *arena, const struct helm_file *file, struct target into,
                             struct value *out, struct err *err) {
    struct value document;
    bool fine = yaml_decode(arena, file->data, file->len, YAML_NUMBERS_EXACT, &document, err);
    if (fine && value_kind(document) != VALUE_MAP && !value_is_null(document))
        fine = err_set(err, ERR_INVALID,
                       "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal %s into Go "
                       "value of type %s",
                       json_kind(document), into.type);
    if (value_kind(*out) != VALUE_MAP)
        *out = value_map(arena, NULL, 0);
    struct place root = {arena, strncmp(into.type, "chart.", 6) ? "v2" : "chart", "", ""};
    return (fine && read_record(root, into.record, document, out, err)) ||
           err_wrap(err, "cannot load %s", file->name);
}

bool helm_metadata_read(struct arena *arena, const struct helm_file *file, enum helm_metadata_reader reader,
                        struct value *metadata, struct err *err) {
    static const char *const types[] = {"chart.Metadata", "v2.Metadata", "loader.chartBase"}; // by reader
    SCRATCH_ARENA(scratch); // field by field makes a copy a field
    struct value read = *metadata;
    if (!read_yaml_record(scratch, file, (struct target){&metadata_record, types[reader]}, &read, err))
        return false;
    *metadata = value_copy(arena, read);
    return true;
}

bool helm_lock_read(struct arena *arena, const struct helm_file *file, enum helm_profile profile,
                    struct value *lock, struct err *err) {
    struct target target = {&lock_record, profile == HELM_4 ? "v2.Lock" : "chart.Lock"};
    *lock = value_null();
    if (!read_yaml_record(arena, file, target, lock, err))
        return false;
    if (!value_has(*lock, "dependencies"))
        *lock = value_with(arena, *lock, "dependencies", value_null());
    if (!value_has(*lock, "generated"))
        *lock = value_with(arena, *lock, "generated", value_string_ref("0001-01-01T00:00:00Z"));
    return true;
}

// --- rules ---

// Spaces of all sorts become ' ', what can't be printed goes.
static const char *sanitized(struct arena *arena, const char *text) {
    struct buf out;
    buf_init(&out, arena);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (isspace(*p) || (p[0] == 0xc2 && (p[1] == 0x85 || p[1] == 0xa0))) {
            buf_char(&out, ' ');
            p += *p == 0xc2;
        } else if (p[0] == 0xe2 && p[1] == 0x80 &&
                   (p[2] >= 0x80 && (p[2] <= 0x8a || p[2] == 0xa8 || p[2] == 0xa9))) {
            buf_char(&out, ' ');
            p += 2;
        } else if (p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0x8b && p[2] <= 0x8f) {
            p += 2; // zero width
        } else if (*p >= 0x20 && *p != 0x7f) {
            buf_char(&out, (char)*p);
        }
    }
    return buf_text(&out);
}

static struct value sanitized_value(struct arena *arena, struct value v) {
    if (value_kind(v) == VALUE_STRING)
        return value_string(arena, sanitized(arena, value_text_or(v, "")));
    if (value_kind(v) != VALUE_LIST)
        return v;
    struct value *items = arena_array(arena, value_len(v) + 1, sizeof *items);
    for (size_t i = 0; i < value_len(v); i++)
        items[i] = sanitized_value(arena, value_at(v, i));
    return value_list(arena, items, value_len(v));
}

static struct value sanitized_members(struct arena *arena, struct value map, const char *const *names,
                                      size_t count) {
    size_t len = value_len(map);
    struct value_entry *entries = arena_array(arena, len + 1, sizeof *entries);
    for (size_t i = 0; i < len; i++) {
        entries[i] = *value_entry_at(map, i);
        for (size_t j = 0; j < count; j++)
            if (!strcmp(entries[i].key, names[j]))
                entries[i].value = sanitized_value(arena, entries[i].value);
    }
    return value_map_of(entries, len);
}

static const char *text_of(struct value map, const char *key) {
    return value_text_or(value_get(map, key), "");
}

static bool invalid(struct err *err, const char *text) {
    return err_set(err, ERR_INVALID, "validation: %s", text);
}

static bool check_identity(struct arena *arena, const struct helm_chart *chart, struct err *err) {
    struct semver version;
    struct err ignored = err_in(arena);
    if (!*chart->api_version)
        return invalid(err, "chart.metadata.apiVersion is required");
    if (!*chart->name)
        return invalid(err, "chart.metadata.name is required");
    if (strchr(chart->name, '/'))
        return invalid(
            err, arena_printf(arena, "chart.metadata.name %s is invalid", quote_of(arena, chart->name)));
    if (chart->profile == HELM_4 && (!strcmp(chart->name, ".") || !strcmp(chart->name, "..")))
        return invalid(err, arena_printf(arena, "chart.metadata.name \"%s\" is not allowed", chart->name));
    if (!*chart->version)
        return invalid(err, "chart.metadata.version is required");
    if (!(chart->profile == HELM_3 ? semver_parse_long : semver_parse)(arena, chart->version, &version,
                                                                       &ignored))
        return invalid(err, arena_printf(arena, "chart.metadata.version %s is invalid",
                                         quote_of(arena, chart->version)));
    if (*chart->type && strcmp(chart->type, "application") != 0 && strcmp(chart->type, "library") != 0)
        return invalid(err, "chart.metadata.type must be application or library");
    return true;
}

static bool clean_maintainers(struct arena *arena, struct helm_chart *chart, struct err *err) {
    static const char *const names[] = {"name", "email", "url"};
    struct value list = value_get(chart->metadata, "maintainers");
    if (!value_len(list))
        return true;
    struct value *items = arena_array(arena, value_len(list), sizeof *items);
    for (size_t i = 0; i < value_len(list); i++) {
        if (value_is_null(value_at(list, i)))
            return invalid(err, "maintainers must not contain empty or null nodes");
        items[i] = sanitized_members(arena, value_at(list, i), names, COUNT(names));
    }
    chart->metadata =
        value_with(arena, chart->metadata, "maintainers", value_list(arena, items, value_len(list)));
    return true;
}

static bool check_alias(const char *alias) {
    return alias[strspn(alias, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] == '\0';
}

static struct helm_requirement *requirement_from(struct arena *arena, struct value v) {
    struct helm_requirement *r = arena_alloc(arena, sizeof *r);
    r->name = text_of(v, "name");
    r->version = text_of(v, "version");
    r->repository = text_of(v, "repository");
    r->condition = text_of(v, "condition");
    r->alias = text_of(v, "alias");
    r->enabled = value_get_bool(value_get(v, "enabled"));
    r->import_values = value_get(v, "import-values");
    struct value tags = value_get(v, "tags");
    r->tag_count = value_len(tags);
    r->tags = arena_array(arena, r->tag_count + 1, sizeof *r->tags);
    for (size_t i = 0; i < r->tag_count; i++)
        r->tags[i] = value_text_or(value_at(tags, i), "");
    return r;
}

static const char *requirement_key(const struct helm_requirement *r) {
    return *r->alias ? r->alias : r->name;
}

static bool read_requirements(struct arena *arena, struct helm_chart *chart, struct err *err) {
    static const char *const names[] = {"name", "version", "repository", "condition", "tags"};
    struct value list = value_get(chart->metadata, "dependencies");
    chart->requirement_count = value_len(list);
    chart->requirements = arena_array(arena, value_len(list) + 1, sizeof *chart->requirements);
    for (size_t i = 0; i < value_len(list); i++) {
        if (value_is_null(value_at(list, i)))
            return invalid(err, "dependencies must not contain empty or null nodes");
        struct helm_requirement *r =
            requirement_from(arena, sanitized_members(arena, value_at(list, i), names, COUNT(names)));
        if (!check_alias(r->alias))
            return invalid(err, arena_printf(arena, "dependency %s has disallowed characters in the alias",
                                             quote_of(arena, r->name)));
        for (size_t j = 0; j < i; j++)
            if (!strcmp(requirement_key(chart->requirements[j]), requirement_key(r)))
                return invalid(err, arena_printf(arena, "more than one dependency with name or alias %s",
                                                 quote_of(arena, requirement_key(r))));
        chart->requirements[i] = r;
    }
    helm_chart_store_requirements(arena, chart);
    return true;
}

bool helm_metadata_validate(struct arena *arena, struct helm_chart *chart, struct err *err) {
    static const char *const names[] = {"name", "description", "home",        "icon",    "condition",
                                        "tags", "appVersion",  "kubeVersion", "sources", "keywords"};
    chart->metadata = sanitized_members(arena, chart->metadata, names, COUNT(names));
    chart->name = text_of(chart->metadata, "name");
    chart->version = text_of(chart->metadata, "version");
    chart->app_version = text_of(chart->metadata, "appVersion");
    chart->api_version = text_of(chart->metadata, "apiVersion");
    chart->type = text_of(chart->metadata, "type");
    chart->kube_version = text_of(chart->metadata, "kubeVersion");
    return check_identity(arena, chart, err) && clean_maintainers(arena, chart, err) &&
           read_requirements(arena, chart, err);
}

static struct value requirement_value(struct arena *arena, const struct helm_requirement *r) {
    struct value *tags = arena_array(arena, r->tag_count + 1, sizeof *tags);
    for (size_t i = 0; i < r->tag_count; i++)
        tags[i] = value_string_ref(r->tags[i]);
    const struct value_entry all[] = {
        {"name", value_string_ref(r->name)},
        {"repository", value_string_ref(r->repository)},
        {"version", value_string_ref(r->version)},
        {"condition", value_string_ref(r->condition)},
        {"tags", value_list(arena, tags, r->tag_count)},
        {"enabled", value_bool(r->enabled)},
        {"import-values", r->import_values},
        {"alias", value_string_ref(r->alias)},
    };
    struct value_entry kept[COUNT(all)];
    size_t count = 0;
    for (size_t i = 0; i < COUNT(all); i++)
        if (i < 2 || !is_empty(all[i].value)) // name and repository are always written
            kept[count++] = all[i];
    return value_map(arena, kept, count);
}

void helm_chart_store_requirements(struct arena *arena, struct helm_chart *chart) {
    if (!chart->requirement_count) {
        chart->metadata = value_without(arena, chart->metadata, "dependencies");
        return;
    }
    struct value *items = arena_array(arena, chart->requirement_count, sizeof *items);
    for (size_t i = 0; i < chart->requirement_count; i++)
        items[i] = requirement_value(arena, chart->requirements[i]);
    chart->metadata = value_with(arena, chart->metadata, "dependencies",
                                 value_list(arena, items, chart->requirement_count));
}
