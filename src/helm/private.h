// SPDX-License-Identifier: Apache-2.0
// Shared inside src/helm only: tables that change in place, requirements, file name patterns.
#ifndef HELM_PRIVATE_H
#define HELM_PRIVATE_H

#include "base/buf.h"
#include "go/path.h"
#include "go/strings.h"
#include "helm/values.h"

// While values are composed they are references that several scopes share and
// change, as Go's maps are; Helm's results depend on it. A table is such a map.
enum node_kind { NODE_LEAF, NODE_TABLE, NODE_LIST };

struct table;
struct node_list;

struct node {
    enum node_kind kind;
    union {
        struct value leaf; // anything but a map
        struct table *table;
        struct node_list *list; // only while --set expressions are read
    } u;
};

struct table_entry {
    const char *key; // sorted bytewise
    struct node node;
};

struct table {
    struct table_entry *entries;
    size_t count, cap;
    void *twin; // what it became elsewhere, so that shared tables stay shared
};

struct node_list {
    struct node *items;
    size_t count;
};

struct node node_null(void);
struct node node_leaf(struct value leaf);
struct node node_table(struct table *table);
bool node_is_null(const struct node *node);
// Maps become tables, deeply; lists stay leaves.
struct node node_from_value(struct arena *arena, struct value v);

struct table *table_create(struct arena *arena);
struct table *table_from_value(struct arena *arena, struct value map); // null gives an empty table
struct value table_to_value(struct arena *arena, const struct table *table);
struct table *table_copy(struct arena *arena, const struct table *table); // deep
struct table *table_copy_shallow(struct arena *arena, const struct table *table);
struct node *table_find(const struct table *table, const char *key);
struct table *table_find_table(const struct table *table, const char *key); // NULL when it is something else
void table_set(struct arena *arena, struct table *table, const char *key, struct node node);
// Adds entries whose keys are sorted and not in the table, in one pass.
void table_add(struct arena *arena, struct table *table, const struct table_entry *entries, size_t count);
// Drops every entry whose node is marked by `drop`.
void table_filter(struct table *table, bool (*drop)(const struct node *node));

// One entry of Chart.yaml's dependencies. Shared by the copies that aliases make of a chart (in profile 3),
// as Helm shares it.
struct helm_requirement {
    const char *name, *version, *repository, *condition, *alias; // "" when absent
    const char **tags;
    size_t tag_count;
    bool enabled;
    struct value import_values; // a list or null
    bool imported;              // they were: what is left of them no Helm reads a second time
};

// helm_values_prepare with every dependency, whatever conditions and tags say.
bool helm_values_prepare_every(struct call *call, struct helm_chart *chart, struct value user,
                               struct err *err);

// Puts the requirements back into the chart's metadata.
void helm_chart_store_requirements(struct arena *arena, struct helm_chart *chart);

// Who reads: a Helm, or Helm 4's first look at a root chart's API version.
enum helm_metadata_reader { HELM_METADATA_3, HELM_METADATA_4, HELM_METADATA_PROBE };

// Reads Chart.yaml (or requirements.yaml, over what is there) into metadata; fields of the wrong type fail in
// Go's words.
bool helm_metadata_read(struct arena *arena, const struct helm_file *file, enum helm_metadata_reader reader,
                        struct value *metadata, struct err *err);
// Cleans texts, checks the rules and fills the chart's fields from its metadata.
bool helm_metadata_validate(struct arena *arena, struct helm_chart *chart, struct err *err);

// The text of a scalar as sigs.k8s.io/yaml gives it to a string field.
const char *helm_scalar_text(struct arena *arena, struct value scalar);

// Chart.lock and requirements.lock.
bool helm_lock_read(struct arena *arena, const struct helm_file *file, enum helm_profile profile,
                    struct value *lock, struct err *err);

// The files of a folder that .helmignore lets pass, in Helm's walking order.
bool helm_folder_read(struct call *call, const char *path, enum helm_profile profile, struct helm_files *out,
                      struct err *err);

// The rules of a .helmignore.
struct ignore_rules;
struct ignore_rules *ignore_create(struct arena *arena);
// Adds the rules of a file's text, a line each.
bool ignore_read(struct arena *arena, struct ignore_rules *rules, const char *text, size_t len,
                 struct err *err);
bool ignore_matches(const struct ignore_rules *rules, const char *path, bool is_directory);

// "sha256:<hex>" of files, by sorted name, length and content.
const char *helm_digest_files(struct arena *arena, const struct helm_files *files);

// A YAML text that must hold a map (numbers as floats): its first document, or all merged (Helm 4).
bool helm_values_decode(struct arena *arena, const char *text, size_t len, struct value *out,
                        struct err *err);
bool helm_values_decode_all(struct arena *arena, const char *text, size_t len, struct value *out,
                            struct err *err);

// One --set… expression over what the table holds already.
bool strvals_parse(struct call *call, const struct helm_input *input, struct table *table, struct err *err);
// A JSON object, its numbers floats.
bool helm_json_values(struct arena *arena, const char *text, size_t len, struct value *out, struct err *err);

// True when a version lies in a semver range; a bad one never does.
bool helm_version_matches(struct arena *arena, const char *constraint, const char *version);

#endif
