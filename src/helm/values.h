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

// Reads what a URL or a name stands for; src/repo has those that reach the network. The text lives in the
// call's arena.
typedef bool helm_fetch(struct call *call, const char *name, const char **text, size_t *len, struct err *err);

struct helm_input {
    enum helm_input_kind kind;
    struct value values;
    const char *name;
    const char *text;
    size_t len;       // of `text`; 0 means up to its NUL
    helm_fetch *read; // SET_FILE: reads the files it names
};

// The user's values: all inputs composed. VALUES and FILE inputs share one rank. Texts of errors are Helm's.
bool helm_values_compose(struct call *call, const struct helm_input *inputs, size_t count,
                         enum helm_profile profile, struct value *out, struct err *err);

// One --set… expression over `tree` (which may be null). Purely textual kinds only: not SET_FILE.
bool helm_values_set(struct arena *arena, enum helm_input_kind kind, const char *text, struct value *tree,
                     struct err *err);

// Deep merge of maps, `over` wins, nulls kept: what several -f files do.
struct value helm_values_merge(struct arena *arena, struct value base, struct value over);

// Decides which dependencies take part (condition, tags), renames aliases and imports values. Changes the
// chart: afterwards `dependencies` holds those enabled and `values` the defaults of the whole tree. Once per
// loaded chart.
bool helm_values_prepare(struct call *call, struct helm_chart *chart, struct value user, struct err *err);

// Which of the user's values no template looks at, whatever the other values are: every dependency takes
// part, every branch of the templates runs, and what fails is passed over. *unread holds those values alone,
// as maps down to the highest that nothing looks at; an empty map when there are none. The chart is a freshly
// loaded one and is prepared, so that its `values` have the defaults of every dependency. ERR_LIMIT: the
// templates take too long to know.
bool helm_values_unread(struct call *call, struct helm_chart *chart, struct value user, struct value *unread,
                        struct err *err);

// Checks a coalesced tree against the values.schema.json of the chart and all its subcharts; the one error
// lists every violation, in Helm's words. Without `fetch` schemas that refer to URLs are refused.
bool helm_values_check_schema(struct call *call, const struct helm_chart *chart, struct value coalesced,
                              helm_fetch *fetch, struct err *err);

#endif
