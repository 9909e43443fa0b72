// SPDX-License-Identifier: Apache-2.0
// The "format" keyword: a rule until draft 7 and in metaschemas, an annotation otherwise.
#include "go/regexp.h"
#include "jsonschema/formats.h"
#include "jsonschema/private.h"

#include <string.h>

typedef const char *format_check(struct arena *arena, const char *text);

static const struct {
    const char *name;
    format_check *check;
} FORMATS[] = {
    {"json-pointer", format_json_pointer},
    {"relative-json-pointer", format_relative_json_pointer},
    {"uuid", format_uuid},
    {"duration", format_duration},
    {"period", format_period},
    {"ipv4", format_ipv4},
    {"ipv6", format_ipv6},
    {"hostname", format_hostname},
    {"email", format_email},
    {"date", format_date},
    {"time", format_time},
    {"date-time", format_date_time},
    {"uri", format_uri},
    {"iri", format_uri},
    {"uri-reference", format_uri_reference},
    {"iri-reference", format_uri_reference},
    {"uri-template", format_uri_template},
    {"semver", format_semver},
};

// NULL when the text fits the format or the format is unknown; else why not.
static const char *format_problem(struct arena *arena, const char *format, const char *text, size_t len) {
    if (!strcmp(format, "regex")) {
        struct err reason = err_in(arena);
        REGEXP regex = regexp_open(text, len, &reason);
        return regex ? NULL : reason.msg;
    }
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (!strcmp(FORMATS[i].name, format))
            return FORMATS[i].check(arena, text);
    return NULL;
}

bool js_check_format(struct js_visit *visit) {
    struct value format = js_keyword(visit, "format", VALUE_STRING);
    const struct js_resource *resource = visit->schema.resource;
    bool rule = resource->draft < 2019 || visit->run->subject || // metaschemas mean it
                js_vocab_has(resource->vocabularies, resource->draft == 2019 ? "format" : "format-assertion");
    if (!rule || value_is_null(format) || value_kind(visit->v) != VALUE_STRING)
        return true;
    const char *problem = format_problem(visit->run->arena, value_get_string(format),
                                         value_get_string(visit->v), value_len(visit->v));
    if (problem)
        js_fail(visit, NULL, "%s is not valid %s: %s",
                js_quote(visit->run, value_get_string(visit->v), value_len(visit->v)),
                value_get_string(format), problem);
    return !problem;
}
