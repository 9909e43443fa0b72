// SPDX-License-Identifier: Apache-2.0
// .Chart: a Go struct in Helm 3, a map with the struct's field names in Helm 4.
#include "helm/scope.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum shape { TEXT, TEXTS, BOOLEAN, TEXT_MAP, RECORDS, ANY_LIST };

struct member {
    struct rfield field;
    enum shape shape;
    const struct record *of; // RECORDS
};

struct record {
    const struct member *members;
    size_t count;
    const struct rclass *pointer, *slice; // *chart.X and []*chart.X
};

static const struct member maintainer_members[] = {
    {{"Name", "name", true}, TEXT, NULL},
    {{"Email", "email", true}, TEXT, NULL},
    {{"URL", "url", true}, TEXT, NULL},
};
static const struct member dependency_members[] = {
    {{"Name", "name", false}, TEXT, NULL},
    {{"Version", "version", true}, TEXT, NULL},
    {{"Repository", "repository", false}, TEXT, NULL},
    {{"Condition", "condition", true}, TEXT, NULL},
    {{"Tags", "tags", true}, TEXTS, NULL},
    {{"Enabled", "enabled", true}, BOOLEAN, NULL},
    {{"ImportValues", "import-values", true}, ANY_LIST, NULL},
    {{"Alias", "alias", true}, TEXT, NULL},
};

static const struct rfield maintainer_fields[] = {
    {"Name", "name", true}, {"Email", "email", true}, {"URL", "url", true}};
static const struct rfield dependency_fields[] = {
    {"Name", "name", false},
    {"Version", "version", true},
    {"Repository", "repository", false},
    {"Condition", "condition", true},
    {"Tags", "tags", true},
    {"Enabled", "enabled", true},
    {"ImportValues", "import-values", true},
    {"Alias", "alias", true},
};

// A chart was validated when it was loaded.
static bool validate(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_error(rt->heap, NULL);
    return true;
}

static const struct rt_func record_methods[] = {{"Validate", "", validate, 0}, {NULL, NULL, NULL, 0}};
static const struct rclass maintainer_class = {.name = "*chart.Maintainer",
                                               .kind_name = "ptr",
                                               .kind = RV_POINTER,
                                               .fields = maintainer_fields,
                                               .field_count = COUNT(maintainer_fields),
                                               .methods = record_methods};
static const struct rclass dependency_class = {.name = "*chart.Dependency",
                                               .kind_name = "ptr",
                                               .kind = RV_POINTER,
                                               .fields = dependency_fields,
                                               .field_count = COUNT(dependency_fields),
                                               .methods = record_methods};
static const struct rclass maintainers_class = {
    .name = "[]*chart.Maintainer", .kind_name = "slice", .kind = RV_SLICE};
static const struct rclass dependencies_class = {
    .name = "[]*chart.Dependency", .kind_name = "slice", .kind = RV_SLICE};

static const struct record maintainer_record = {maintainer_members, COUNT(maintainer_members),
                                                &maintainer_class, &maintainers_class};
static const struct record dependency_record = {dependency_members, COUNT(dependency_members),
                                                &dependency_class, &dependencies_class};

static const struct member metadata_members[] = {
    {{"Name", "name", true}, TEXT, NULL},
    {{"Home", "home", true}, TEXT, NULL},
    {{"Sources", "sources", true}, TEXTS, NULL},
    {{"Version", "version", true}, TEXT, NULL},
    {{"Description", "description", true}, TEXT, NULL},
    {{"Keywords", "keywords", true}, TEXTS, NULL},
    {{"Maintainers", "maintainers", true}, RECORDS, &maintainer_record},
    {{"Icon", "icon", true}, TEXT, NULL},
    {{"APIVersion", "apiVersion", true}, TEXT, NULL},
    {{"Condition", "condition", true}, TEXT, NULL},
    {{"Tags", "tags", true}, TEXT, NULL},
    {{"AppVersion", "appVersion", true}, TEXT, NULL},
    {{"Deprecated", "deprecated", true}, BOOLEAN, NULL},
    {{"Annotations", "annotations", true}, TEXT_MAP, NULL},
    {{"KubeVersion", "kubeVersion", true}, TEXT, NULL},
    {{"Dependencies", "dependencies", true}, RECORDS, &dependency_record},
    {{"Type", "type", true}, TEXT, NULL},
};

static const struct rfield metadata_fields[] = {
    {"Name", "name", true},
    {"Home", "home", true},
    {"Sources", "sources", true},
    {"Version", "version", true},
    {"Description", "description", true},
    {"Keywords", "keywords", true},
    {"Maintainers", "maintainers", true},
    {"Icon", "icon", true},
    {"APIVersion", "apiVersion", true},
    {"Condition", "condition", true},
    {"Tags", "tags", true},
    {"AppVersion", "appVersion", true},
    {"Deprecated", "deprecated", true},
    {"Annotations", "annotations", true},
    {"KubeVersion", "kubeVersion", true},
    {"Dependencies", "dependencies", true},
    {"Type", "type", true},
};
static const struct rclass metadata_class = {.name = "chart.Metadata",
                                             .kind_name = "struct",
                                             .kind = RV_STRUCT,
                                             .fields = metadata_fields,
                                             .field_count = COUNT(metadata_fields)};

static const struct rfield chart_fields[] = {{"Metadata", "", false}, {"IsRoot", "IsRoot", false}};
static const struct rclass chart_class = {.name = "struct { chart.Metadata; IsRoot bool }",
                                          .kind_name = "struct",
                                          .kind = RV_STRUCT,
                                          .fields = chart_fields,
                                          .field_count = COUNT(chart_fields)};

static const struct record metadata_record = {metadata_members, COUNT(metadata_members), NULL, NULL};

static struct rv text_rv(const char *text) {
    return text ? rv_literal(text) : rv_literal("");
}

static struct robject *make_object(const struct scope_making *m, const struct rclass *class) {
    struct robject *object = arena_alloc(m->heap->arena, sizeof *object);
    object->class = class;
    if (class->field_count)
        object->fields = arena_array(m->heap->arena, class->field_count, sizeof *object->fields);
    return object;
}

static struct rv member_rv(const struct scope_making *m, const struct member *member, struct value v);

static struct rv texts_rv(const struct scope_making *m, struct value v) {
    size_t count = value_len(v);
    struct rv *items = value_kind(v) == VALUE_LIST || m->profile == HELM_4 ? rv_items(m->heap, count) : NULL;
    for (size_t i = 0; i < count; i++)
        items[i] = text_rv(value_get_string(value_at(v, i)));
    return rv_slice(m->profile == HELM_4 ? RT_LIST : RT_STRINGS, items, count);
}

static struct rv text_map_rv(const struct scope_making *m, struct value v) {
    if (value_kind(v) != VALUE_MAP)
        return rv_map(RT_STRING_MAP, NULL);
    struct rmap *map = rmap_create(m->heap, value_len(v));
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        rmap_put(map, entry->key, text_rv(value_get_string(entry->value)));
    }
    return rv_map(RT_STRING_MAP, map);
}

static struct rmap *record_map(const struct scope_making *m, const struct record *record, struct value v) {
    struct rmap *map = rmap_create(m->heap, record->count + 1);
    for (size_t i = 0; i < record->count; i++) {
        const struct member *member = &record->members[i];
        rmap_put(map, member->field.name, member_rv(m, member, value_get(v, member->field.json)));
    }
    return map;
}

static void fill_fields(const struct scope_making *m, const struct record *record, struct value v,
                        struct rv *fields) {
    for (size_t i = 0; i < record->count; i++)
        fields[i] = member_rv(m, &record->members[i], value_get(v, record->members[i].field.json));
}

static struct rv records_rv(const struct scope_making *m, const struct record *record, struct value v) {
    size_t count = value_len(v);
    struct rv *items = value_kind(v) == VALUE_LIST || m->profile == HELM_4 ? rv_items(m->heap, count) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (m->profile == HELM_4) {
            items[i] = rv_map(RT_MAP, record_map(m, record, value_at(v, i)));
            continue;
        }
        struct robject *object = make_object(m, record->pointer);
        fill_fields(m, record, value_at(v, i), object->fields);
        items[i] = rv_object(object);
    }
    if (m->profile == HELM_4)
        return rv_slice(RT_LIST, items, count);
    struct robject *slice = make_object(m, record->slice);
    slice->under = rv_slice(RT_LIST, items, count);
    return rv_object(slice);
}

static struct rv member_rv(const struct scope_making *m, const struct member *member, struct value v) {
    switch (member->shape) {
    case TEXTS: return texts_rv(m, v);
    case BOOLEAN: return rv_bool(value_get_bool(v));
    case TEXT_MAP: return text_map_rv(m, v);
    case RECORDS: return records_rv(m, member->of, v);
    case ANY_LIST:
        return value_kind(v) == VALUE_LIST
                   ? rv_from_value(m->heap, v)
                   : rv_slice(RT_LIST, m->profile == HELM_4 ? rv_items(m->heap, 0) : NULL, 0);
    default: return text_rv(value_get_string(v));
    }
}

struct rv scope_chart(const struct scope_making *m, const struct helm_chart *chart) {
    if (m->profile == HELM_4) {
        struct rmap *map = record_map(m, &metadata_record, chart->metadata);
        rmap_put(map, "IsRoot", rv_bool(!chart->parent));
        return rv_map(RT_MAP, map);
    }
    struct robject *metadata = make_object(m, &metadata_class);
    fill_fields(m, &metadata_record, chart->metadata, metadata->fields);
    struct robject *object = make_object(m, &chart_class);
    object->fields[0] = rv_object(metadata);
    object->fields[1] = rv_bool(!chart->parent);
    return rv_object(object);
}
