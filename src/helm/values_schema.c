// SPDX-License-Identifier: Apache-2.0
// Each chart's schema against its own part of the values.
#include "base/file.h"
#include "codec/json.h"
#include "go/url.h"
#include "helm/private.h"
#include "jsonschema/validate.h"

#include <string.h>

static const char SCHEMA_URL[] = "file:///values.schema.json";
enum { LOAD_LIMIT = 5 * 1024 * 1024 };

struct checking {
    struct call *call;
    helm_fetch *fetch;
};

static bool load_file(struct arena *arena, const char *path, struct value *out, struct err *err) {
    struct buf file;
    buf_init(&file, arena);
    if (!file_read(path, LOAD_LIMIT, &file, err))
        return false;
    const char *problem = json_problem(arena, buf_text(&file), file.len);
    return problem ? err_set(err, ERR_INVALID, "%s", problem)
                   : json_decode(arena, buf_text(&file), file.len, out, err);
}

static bool load_url(const struct checking *checking, const char *url, struct value *out, struct err *err) {
    const char *text;
    size_t len;
    if (!checking->fetch)
        return err_set(err, ERR_UNSUPPORTED, "%s is not fetched here", url);
    return checking->fetch(checking->call, url, &text, &len, err) &&
           json_decode(checking->call->arena, text, len, out, err);
}

// A urn: that nobody resolves permits everything, as in Helm.
static bool load(void *user, struct arena *arena, const char *url, struct value *out, struct err *err) {
    const struct checking *checking = user;
    struct go_url parts;
    *out = value_bool(true);
    if (!go_url_parse(arena, url, strlen(url), &parts, err))
        return false;
    if (!strcmp(parts.scheme, "file"))
        return load_file(arena, parts.path, out, err);
    if (!strcmp(parts.scheme, "http") || !strcmp(parts.scheme, "https"))
        return load_url(checking, url, out, err);
    return !strcmp(parts.scheme, "urn") ||
           err_set(err, ERR_UNSUPPORTED, "no URLLoader registered for \"%s\"", url);
}

static void check_chart(struct checking *checking, const struct helm_chart *chart, struct value values,
                        struct buf *report) {
    struct call *call = checking->call;
    const struct jsonschema_loader loader = {load, checking};
    struct err reason = err_in(call->arena);
    struct jsonschema_document schema = {.url = SCHEMA_URL, .loader = &loader};
    const char *lines = NULL;
    const char *problem = json_problem(call->arena, chart->schema->data, chart->schema->len);
    bool ok = !problem &&
              json_decode(call->arena, chart->schema->data, chart->schema->len, &schema.schema, &reason) &&
              jsonschema_check(call->arena, &schema, values, &lines, &reason);
    if (problem)
        buf_printf(report, "%s:\n%s", chart->name, problem);
    else if (!ok)
        buf_printf(report, "%s:\n%s", chart->name, reason.msg);
    else if (lines)
        buf_printf(report, "%s:\n%s\n", chart->name, lines);
}

static const char *go_type(struct value v) {
    switch (value_kind(v)) {
    case VALUE_BOOL: return "bool";
    case VALUE_INT: return "int64";
    case VALUE_STRING: return "string";
    case VALUE_LIST: return "[]interface {}";
    default: return "float64";
    }
}

static void check_tree(struct checking *checking, const struct helm_chart *chart, struct value values,
                       struct buf *report) {
    if (chart->schema)
        check_chart(checking, chart, values, report);
    for (size_t i = 0; i < chart->dependency_count; i++) {
        const struct helm_chart *child = chart->dependencies[i];
        struct value own = value_get(values, child->name);
        if (value_kind(own) == VALUE_MAP)
            check_tree(checking, child, own, report);
        else if (!value_is_null(own))
            buf_printf(report, "%s:\ninvalid type for values: expected object (map), got %s\n", child->name,
                       go_type(own));
    }
}

bool helm_values_check_schema(struct call *call, const struct helm_chart *chart, struct value coalesced,
                              helm_fetch *fetch, struct err *err) {
    struct checking checking = {call, fetch};
    struct buf report;
    buf_init(&report, call->arena);
    check_tree(&checking, chart, coalesced, &report);
    if (!report.len)
        return true;
    return err_set(err, ERR_INVALID,
                   "values don't meet the specifications of the schema(s) in the following chart(s):\n%s",
                   buf_text(&report));
}
