// SPDX-License-Identifier: Apache-2.0
// Values: what users give, what charts default to, and how the two become what
// templates see. Immutable trees in the caller's arena; numbers read from YAML
// are floats, those of --set are integers, as in Helm.
#ifndef HELM_VALUES_H
#define HELM_VALUES_H

#include "helm/chart.h"

// One thing a user gives. Helm applies them kind by kind in this order, in the
// order given within a kind, each over what is there already.
enum helm_input_kind {
    HELM_INPUT_VALUES,      // `values`: a map; deep merged, nulls kept
    HELM_INPUT_FILE,        // `text`: YAML; `name` for errors (-f)
    HELM_INPUT_SET_JSON,    // a.b={"x":1}, or a whole object
    HELM_INPUT_SET,         // a.b=1,c[0]={x,y}
    HELM_INPUT_SET_STRING,  // the same, every value a string
    HELM_INPUT_SET_FILE,    // a.b=path: the value is the file's text
    HELM_INPUT_SET_LITERAL, // a.b=anything up to the end
};

struct helm_input {
    enum helm_input_kind kind;
    struct value values;
    const char *name;
    const char *text;
    size_t len; // of `text`; 0 means up to its NUL
};

// The user's values: all inputs composed. VALUES and FILE inputs share one rank. Texts of errors are Helm's.
bool helm_values_compose(struct call *call, const struct helm_input *inputs, size_t count,
                         enum helm_profile profile, struct value *out, struct err *err);

// A file of at most `limit` bytes. ERR_NOT_FOUND when there is none; texts of errors are Helm's.
bool helm_read_file(struct arena *arena, const char *path, size_t limit, const char **text, size_t *len,
                    struct err *err);

// What -f and --set-file name: a file, "-" for standard input, or an http(s) URL, as Helm's pkg/cli/values
// reads it.
bool helm_values_read(struct call *call, const char *name, const char **text, size_t *len, struct err *err);

// One --set… expression over `tree` (which may be null). Purely textual kinds only: not SET_FILE.
bool helm_values_set(struct arena *arena, enum helm_input_kind kind, const char *text, struct value *tree,
                     struct err *err);

// Deep merge of maps, `over` wins, nulls kept: what several -f files do.
struct value helm_values_merge(struct arena *arena, struct value base, struct value over);

// Decides which dependencies take part (condition, tags), renames aliases and imports values. Changes the
// chart: afterwards `dependencies` holds those enabled and `values` the defaults of the whole tree. Once per
// loaded chart.
bool helm_values_prepare(struct call *call, struct helm_chart *chart, struct value user, struct err *err);

// Fetches the document at an http(s) URL that a schema refers to.
typedef bool helm_fetch(struct call *call, const char *url, const char **text, size_t *len, struct err *err);

// The usual one, through the http room.
helm_fetch helm_fetch_http;

// Checks a coalesced tree against the values.schema.json of the chart and all its subcharts; the one error
// lists every violation, in Helm's words. Without `fetch` schemas that refer to URLs are refused.
bool helm_values_check_schema(struct call *call, const struct helm_chart *chart, struct value coalesced,
                              helm_fetch *fetch, struct err *err);

#endif
