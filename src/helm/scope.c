// SPDX-License-Identifier: Apache-2.0
// .Release, .Capabilities and .Values as templates see them.
#include "helm/scope.h"

#include "go/quote.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum rv_type scope_values_type(enum helm_profile profile) {
    return profile == HELM_4 ? RT_VALUES4 : RT_VALUES3;
}

const struct noted *noted_at(const struct noted *map, const char *key) {
    size_t low = 0, high = map ? map->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(map->entries[middle].key, key);
        if (!order)
            return &map->entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

// A subchart's globals are the user's own at the root, unless given to the subchart itself.
static const struct noted *noted_below(const struct scope_making *m, const struct noted *map,
                                       const char *key) {
    const struct noted *found = noted_at(map, key);
    return found || strcmp(key, "global") != 0 ? found : noted_at(m->noted, key);
}

static struct rmap *map_of(const struct scope_making *m, struct table *table, const struct noted *noted) {
    if (table->twin)
        return table->twin;
    struct rmap *map = rmap_create(m->heap, table->count);
    table->twin = map;
    for (size_t i = 0; i < table->count; i++) {
        const struct node *node = &table->entries[i].node;
        const struct noted *own = m->noted ? noted_below(m, noted, table->entries[i].key) : NULL;
        struct rv v = node->kind == NODE_TABLE ? rv_map(RT_MAP, map_of(m, node->u.table, own))
                                               : rv_from_value(m->heap, node->u.leaf);
        v.note = own ? own->note : 0;
        rmap_put(map, table->entries[i].key, v);
    }
    return map;
}

struct rmap *scope_values(const struct scope_making *m, struct table *table) {
    return map_of(m, table, m->noted);
}

struct rv scope_release(const struct scope_making *m, const struct helm_render_options *options) {
    struct rmap *map = rmap_create(m->heap, 6);
    rmap_put(map, "Name", rv_literal(options->release_name));
    rmap_put(map, "Namespace", rv_literal(options->namespace ? options->namespace : "default"));
    rmap_put(map, "IsUpgrade", rv_bool(options->is_upgrade));
    rmap_put(map, "IsInstall", rv_bool(!options->is_upgrade));
    rmap_put(map, "Revision", rv_integer(RT_INT, options->revision ? options->revision : 1));
    rmap_put(map, "Service", rv_literal("Helm"));
    return rv_map(RT_MAP, map);
}

// --- .Capabilities ---

// What client-go registers, in its order: 0.35 in Helm 3.20.1, 0.37 in 4.3.1.
static const char apis_common_1[] =
    "v1 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 "
    "admissionregistration.k8s.io/v1beta1 internal.apiserver.k8s.io/v1alpha1 apps/v1 "
    "apps/v1beta1 apps/v1beta2 authentication.k8s.io/v1 authentication.k8s.io/v1alpha1 "
    "authentication.k8s.io/v1beta1 authorization.k8s.io/v1 authorization.k8s.io/v1beta1 "
    "autoscaling/v1 autoscaling/v2 ";
static const char apis_common_2[] =
    "batch/v1 batch/v1beta1 certificates.k8s.io/v1 certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1 "
    "coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1 coordination.k8s.io/v1 discovery.k8s.io/v1 "
    "discovery.k8s.io/v1beta1 events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1 "
    "flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1 "
    "flowcontrol.apiserver.k8s.io/v1beta2 "
    "flowcontrol.apiserver.k8s.io/v1beta3 ";
static const char apis_common_3[] =
    "networking.k8s.io/v1 networking.k8s.io/v1beta1 node.k8s.io/v1 node.k8s.io/v1alpha1 node.k8s.io/v1beta1 "
    "policy/v1 "
    "policy/v1beta1 rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 "
    "rbac.authorization.k8s.io/v1alpha1 resource.k8s.io/v1 resource.k8s.io/v1beta2 resource.k8s.io/v1beta1 "
    "resource.k8s.io/v1alpha3 ";
static const char apis_common_4[] = "scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1 storage.k8s.io/v1beta1 "
                                    "storage.k8s.io/v1 storage.k8s.io/v1alpha1 ";
static const char apis_common_5[] =
    "storagemigration.k8s.io/v1beta1 apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1";

static const char *const apis_3[] = {apis_common_1,
                                     "autoscaling/v2beta1 autoscaling/v2beta2 ",
                                     apis_common_2,
                                     apis_common_3,
                                     "scheduling.k8s.io/v1alpha1 ",
                                     apis_common_4,
                                     apis_common_5,
                                     NULL};
static const char *const apis_4[] = {apis_common_1,
                                     apis_common_2,
                                     "lifecycle.k8s.io/v1alpha1 ",
                                     apis_common_3,
                                     "scheduling.k8s.io/v1alpha3 ",
                                     apis_common_4,
                                     "storagemigration.k8s.io/v1 ",
                                     apis_common_5,
                                     NULL};

static const struct rfield kube_fields_3[] = {
    {"Version", "Version", false}, {"Major", "Major", false}, {"Minor", "Minor", false}};
static const struct rfield kube_fields_4[] = {{"Version", "Version", false},
                                              {"normalizedVersion", NULL, false},
                                              {"Major", "Major", false},
                                              {"Minor", "Minor", false}};

static bool git_version(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rt->self.u.object->fields[0];
    return true;
}

// String() is the version that constraints are checked with.
static bool kube_string(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const struct kube_version_parts *parts = rt->self.u.object->data;
    *out = rv_literal(parts->normalized);
    return true;
}

static void kube_print(const struct robject *self, struct buf *out) {
    buf_str(out, ((const struct kube_version_parts *)self->data)->normalized);
}

static const struct rt_func kube_methods[] = {
    {"GitVersion", "", git_version, 0}, {"String", "", kube_string, 0}, {NULL, NULL, NULL, 0}};
static const struct rclass kube_class_3 = {.name = "chartutil.KubeVersion",
                                           .kind_name = "struct",
                                           .kind = RV_STRUCT,
                                           .fields = kube_fields_3,
                                           .field_count = COUNT(kube_fields_3),
                                           .methods = kube_methods,
                                           .string = kube_print,
                                           .by_address = true};
static const struct rclass kube_class_4 = {.name = "common.KubeVersion",
                                           .kind_name = "struct",
                                           .kind = RV_STRUCT,
                                           .fields = kube_fields_4,
                                           .field_count = COUNT(kube_fields_4),
                                           .methods = kube_methods,
                                           .string = kube_print,
                                           .by_address = true};

static bool version_set_has(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct rv set = rt->self.u.object->under;
    *out = rv_bool(false);
    for (size_t i = 0; i < set.len; i++)
        if (set.u.items[i].len == args[0].len && !memcmp(set.u.items[i].u.text, args[0].u.text, args[0].len))
            *out = rv_bool(true);
    return true;
}

static const struct rt_func version_set_methods[] = {{"Has", "s", version_set_has, 0}, {NULL, NULL, NULL, 0}};
static const struct rclass version_set_3 = {
    .name = "chartutil.VersionSet", .kind_name = "slice", .kind = RV_SLICE, .methods = version_set_methods};
static const struct rclass version_set_4 = {
    .name = "common.VersionSet", .kind_name = "slice", .kind = RV_SLICE, .methods = version_set_methods};

static const struct rfield build_fields[] = {{"Version", "version", true},
                                             {"GitCommit", "git_commit", true},
                                             {"GitTreeState", "git_tree_state", true},
                                             {"GoVersion", "go_version", true},
                                             {"KubeClientVersion", "kube_client_version", false}};
static const struct rclass build_class_3 = {.name = "version.BuildInfo",
                                            .kind_name = "struct",
                                            .kind = RV_STRUCT,
                                            .fields = build_fields,
                                            .field_count = 4};
static const struct rclass build_class_4 = {.name = "version.BuildInfo",
                                            .kind_name = "struct",
                                            .kind = RV_STRUCT,
                                            .fields = build_fields,
                                            .field_count = 5};

static const struct rfield capability_fields[] = {{"KubeVersion", "KubeVersion", false},
                                                  {"APIVersions", "APIVersions", false},
                                                  {"HelmVersion", "HelmVersion", false}};

static struct robject *make_object(struct arena *arena, const struct rclass *class);

static bool copy_capabilities(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct robject *copy = make_object(rt->heap->arena, rt->self.u.object->class);
    memcpy(copy->fields, rt->self.u.object->fields, COUNT(capability_fields) * sizeof *copy->fields);
    *out = rv_object(copy);
    return true;
}

static const struct rt_func capability_methods[] = {{"Copy", "", copy_capabilities, 0},
                                                    {NULL, NULL, NULL, 0}};
static const struct rclass capabilities_3 = {.name = "*chartutil.Capabilities",
                                             .kind_name = "ptr",
                                             .kind = RV_POINTER,
                                             .fields = capability_fields,
                                             .field_count = COUNT(capability_fields),
                                             .methods = capability_methods};
static const struct rclass capabilities_4 = {.name = "*common.Capabilities",
                                             .kind_name = "ptr",
                                             .kind = RV_POINTER,
                                             .fields = capability_fields,
                                             .field_count = COUNT(capability_fields),
                                             .methods = capability_methods};

static struct robject *make_object(struct arena *arena, const struct rclass *class) {
    struct robject *object = arena_alloc(arena, sizeof *object);
    object->class = class;
    if (class->field_count)
        object->fields = arena_array(arena, class->field_count, sizeof *object->fields);
    return object;
}

static size_t number_at(const char **text) {
    size_t len = strspn(*text, "0123456789");
    *text += len;
    return len;
}

// The grammar of k8s.io/apimachinery's ParseGeneric: digits joined by dots, at least two, then anything.
bool scope_kube_version(struct arena *arena, enum helm_profile profile, const char *text,
                        struct kube_version_parts *out, struct err *err) {
    const char *start = text;
    while (isspace((unsigned char)*start))
        start++;
    start += *start == 'v';
    const char *major = start, *p = start;
    size_t major_len = number_at(&p), parts = major_len > 0;
    const char *minor = *p == '.' ? p + 1 : p;
    size_t minor_len = 0;
    while (parts && *p == '.' && isdigit((unsigned char)p[1])) {
        p++;
        size_t len = number_at(&p);
        if (parts++ == 1)
            minor_len = len;
    }
    if (parts < 2)
        return err_set(err, ERR_INVALID, "could not parse %s as version", quote_of(arena, text));
    out->major = arena_strndup(arena, major, major_len);
    out->minor = arena_strndup(arena, minor, minor_len);
    out->normalized = arena_printf(arena, "v%.*s", (int)(p - start), start);
    out->version = profile == HELM_3 ? out->normalized
                   : *text == 'v'    ? arena_strdup(arena, text)
                                     : arena_printf(arena, "v%s", text);
    return true;
}

static struct rv kube_version_rv(const struct scope_making *m, const struct kube_version_parts *version) {
    struct robject *object =
        make_object(m->heap->arena, m->profile == HELM_4 ? &kube_class_4 : &kube_class_3);
    struct rv *field = object->fields;
    object->data = version;
    *field++ = rv_literal(version->version);
    if (m->profile == HELM_4)
        *field++ = rv_literal(version->normalized);
    *field++ = rv_literal(version->major);
    *field++ = rv_literal(version->minor);
    return rv_object(object);
}

static struct rv *add_words(const struct scope_making *m, const char *words, struct rv *to) {
    while (*words) {
        size_t len = strcspn(words, " ");
        *to++ = rv_string(arena_strndup(m->arena, words, len), len);
        words += len + (words[len] == ' ');
    }
    return to;
}

static struct rv version_set_rv(const struct scope_making *m, const struct helm_capabilities *options) {
    struct rv *items = rv_items(m->heap, options->api_version_count + options->extra_api_version_count + 80),
              *to = items;
    if (options->api_versions)
        for (size_t i = 0; i < options->api_version_count; i++)
            *to++ = rv_literal(options->api_versions[i]);
    else
        for (const char *const *words = m->profile == HELM_4 ? apis_4 : apis_3; *words; words++)
            to = add_words(m, *words, to);
    for (size_t i = 0; i < options->extra_api_version_count; i++)
        *to++ = rv_literal(options->extra_api_versions[i]);
    struct robject *object =
        make_object(m->heap->arena, m->profile == HELM_4 ? &version_set_4 : &version_set_3);
    object->under = rv_slice(RT_STRINGS, items, (size_t)(to - items));
    return rv_object(object);
}

static struct rv build_info_rv(const struct scope_making *m) {
    static const char *const texts[][5] = {{"v3.20.1", "", "clean", "go1.26.8", ""},
                                           {"v4.3.1", "", "", "go1.26.8", "v1.37"}};
    struct robject *object =
        make_object(m->heap->arena, m->profile == HELM_4 ? &build_class_4 : &build_class_3);
    for (size_t i = 0; i < object->class->field_count; i++)
        object->fields[i] = rv_literal(texts[m->profile == HELM_4][i]);
    return rv_object(object);
}

struct rv scope_capabilities(const struct scope_making *m, const struct helm_capabilities *options,
                             const struct kube_version_parts *version) {
    struct robject *object =
        make_object(m->heap->arena, m->profile == HELM_4 ? &capabilities_4 : &capabilities_3);
    object->fields[0] = kube_version_rv(m, version);
    object->fields[1] = version_set_rv(m, options);
    object->fields[2] = build_info_rv(m);
    return rv_object(object);
}
