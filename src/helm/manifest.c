// SPDX-License-Identifier: Apache-2.0
// Documents: hook or manifest, and in which order.
#include "helm/manifest.h"

#include "base/list.h"
#include "codec/yaml.h"
#include "go/path.h"
#include "go/quote.h"
#include "go/strings.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const install_order[] = {
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration", // these two since Helm 4
    "ValidatingWebhookConfiguration",
};

static const char *const uninstall_order[] = {
    "ValidatingWebhookConfiguration", // these two since Helm 4
    "MutatingWebhookConfiguration",
    "APIService",
    "Ingress",
    "IngressClass",
    "Service",
    "CronJob",
    "Job",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
    "DaemonSet",
    "RoleBindingList",
    "RoleBinding",
    "RoleList",
    "Role",
    "ClusterRoleBindingList",
    "ClusterRoleBinding",
    "ClusterRoleList",
    "ClusterRole",
    "CustomResourceDefinition",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ConfigMap",
    "SecretList",
    "Secret",
    "ServiceAccount",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "Namespace",
    "PriorityClass",
};

enum { KINDS = sizeof install_order / sizeof *install_order };

static int rank(const char *const *order, enum helm_profile profile, const char *kind) {
    bool webhook =
        !strcmp(kind, "MutatingWebhookConfiguration") || !strcmp(kind, "ValidatingWebhookConfiguration");
    if (profile == HELM_3 && webhook)
        return KINDS;
    for (int i = 0; i < KINDS; i++)
        if (!strcmp(order[i], kind))
            return i;
    return KINDS; // unknown kinds come last
}

static int compare(const char *const *order, enum helm_profile profile, const char *a, const char *b) {
    int first = rank(order, profile, a), second = rank(order, profile, b);
    if (first == KINDS && second == KINDS)
        return strcmp(a, b);
    return first - second;
}

int helm_kind_compare_install(enum helm_profile profile, const char *a, const char *b) {
    return compare(install_order, profile, a, b);
}

int helm_kind_compare_uninstall(enum helm_profile profile, const char *a, const char *b) {
    return compare(uninstall_order, profile, a, b);
}

// --- a document's head ---

struct head {
    const char *api_version, *kind, *name, *namespace;
    struct value annotations; // a map of strings, or null
    struct value object;
};

static const char *const head_type[] = {[HELM_3] = "releaseutil", [HELM_4] = "util"};

static bool wrong_type(struct value v, const char *where, const char *type, struct err *err) {
    const char *found = value_kind(v) == VALUE_LIST     ? "array"
                        : value_kind(v) == VALUE_MAP    ? "object"
                        : value_kind(v) == VALUE_BOOL   ? "bool"
                        : value_kind(v) == VALUE_STRING ? "string"
                                                        : "number";
    return err_set(
        err, ERR_INVALID,
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal %s into Go %s of type %s",
        found, where, type);
}

// A field of a map, and what errors call it.
struct field {
    const char *key, *where;
};

// Scalars become text, as sigs.k8s.io/yaml makes them for a string field.
static bool text_field(struct arena *arena, struct value map, struct field field, const char **out,
                       struct err *err) {
    struct value v = value_get(map, field.key);
    *out = "";
    if (value_kind(v) == VALUE_LIST || value_kind(v) == VALUE_MAP)
        return wrong_type(v, field.where, "string", err);
    if (!value_is_null(v))
        *out = helm_scalar_text(arena, v);
    return true;
}

static bool read_annotations(struct arena *arena, struct value metadata, struct head *head, struct err *err) {
    struct value map = value_get(metadata, "annotations");
    if (value_is_null(map))
        return true;
    if (value_kind(map) != VALUE_MAP)
        return wrong_type(map, "struct field .metadata.annotations", "map[string]string", err);
    struct value_entry *entries = arena_array(arena, value_len(map) + 1, sizeof *entries);
    for (size_t i = 0; i < value_len(map); i++) {
        struct field field = {value_entry_at(map, i)->key, "struct field .metadata.annotations"};
        const char *text;
        if (!text_field(arena, map, field, &text, err))
            return false;
        entries[i] = (struct value_entry){field.key, value_string_ref(text)};
    }
    head->annotations = value_map(arena, entries, value_len(map));
    return true;
}

static const struct field API_VERSION = {"apiVersion", "struct field SimpleHead.apiVersion"},
                          KIND = {"kind", "struct field SimpleHead.kind"},
                          NAME = {"name", "struct field .metadata.name"};

static bool read_head(struct arena *arena, enum helm_profile profile, struct value object, struct head *head,
                      struct err *err) {
    *head = (struct head){.api_version = "", .kind = "", .name = "", .namespace = "", .object = object};
    if (value_is_null(object))
        return true; // only comments
    const char *type = head_type[profile];
    if (value_kind(object) != VALUE_MAP)
        return wrong_type(object, "value", arena_printf(arena, "%s.SimpleHead", type), err);
    if (!text_field(arena, object, API_VERSION, &head->api_version, err) ||
        !text_field(arena, object, KIND, &head->kind, err))
        return false;
    struct value metadata = value_get(object, "metadata");
    if (value_is_null(metadata))
        return true;
    if (value_kind(metadata) != VALUE_MAP)
        return wrong_type(metadata, "struct field SimpleHead.metadata",
                          "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string "
                          "\"json:\\\"annotations\\\"\" }",
                          err);
    struct value space = value_get(metadata, "namespace");
    if (value_kind(space) == VALUE_STRING)
        head->namespace = value_get_string(space);
    return text_field(arena, metadata, NAME, &head->name, err) &&
           read_annotations(arena, metadata, head, err);
}

// --- hooks ---

// Where a document stands.
struct place {
    const char *path;
    size_t document; // from 1
};

static const char *const events[] = {"pre-install",  "post-install",  "pre-delete",
                                     "post-delete",  "pre-upgrade",   "post-upgrade",
                                     "pre-rollback", "post-rollback", "test"};

static const char *event_named(const char *text) {
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (!strcmp(events[i], text))
            return events[i];
    return strcmp(text, "test-success") ? NULL : "test";
}

// Of the letters outside ASCII only the Kelvin sign becomes one of ASCII in lower case, as Go makes it.
const char *helm_annotation_word(struct arena *arena, const char *text, size_t len) {
    char *word = (char *)go_trim_space(arena, text, len), *out = word;
    for (const char *p = word; *p; p++) {
        bool kelvin = !strncmp(p, "\xe2\x84\xaa", 3);
        *out++ = kelvin ? 'k' : (char)tolower((unsigned char)*p);
        p += kelvin ? 2 : 0;
    }
    *out = 0;
    return word;
}

// The items of a comma list.
static struct texts comma_list(struct arena *arena, const char *text) {
    struct texts list = {0};
    size_t most = 1;
    for (const char *p = text; *p; p++)
        most += *p == ',';
    list.items = arena_array(arena, most, sizeof *list.items);
    while (list.count < most) {
        size_t len = strcspn(text, ",");
        list.items[list.count++] = helm_annotation_word(arena, text, len);
        text += len + 1;
    }
    return list;
}

static struct texts policy_list(struct arena *arena, struct value annotations, const char *key) {
    struct value text = value_get(annotations, key);
    return value_is_null(text) ? (struct texts){0} : comma_list(arena, value_text_or(text, ""));
}

// strconv.Atoi on a machine of 64 bits, 0 when it is none.
static int64_t hook_weight(const char *text) {
    char *end;
    if (!isdigit((unsigned char)text[*text == '-' || *text == '+']))
        return 0;
    errno = 0;
    long long weight = strtoll(text, &end, 10);
    return *end || errno ? 0 : weight;
}

// False when one of the events is unknown: then the document counts for nothing.
static bool read_hook(struct arena *arena, const struct head *head, const struct place *at, const char *text,
                      struct helm_hook *out) {
    struct texts names = comma_list(arena, value_text_or(value_get(head->annotations, "helm.sh/hook"), ""));
    for (size_t i = 0; i < names.count; i++)
        if (!(names.items[i] = event_named(names.items[i])))
            return false;
    struct texts deletes = policy_list(arena, head->annotations, "helm.sh/hook-delete-policy");
    struct texts logs = policy_list(arena, head->annotations, "helm.sh/hook-output-log-policy");
    *out = (struct helm_hook){
        .name = head->name,
        .kind = head->kind,
        .path = at->path,
        .document = at->document,
        .manifest = text,
        .events = names.items,
        .event_count = names.count,
        .weight = hook_weight(value_text_or(value_get(head->annotations, "helm.sh/hook-weight"), "")),
        .delete_policies = deletes.items,
        .delete_policy_count = deletes.count,
        .output_log_policies = logs.items,
        .output_log_policy_count = logs.count,
    };
    return true;
}

// --- sorting ---

// Where something belongs: by its kind, and of equals, as it came.
struct order {
    int rank;
    const char *kind;
    size_t index;
};

struct sorted_manifest {
    struct helm_manifest manifest;
    struct order order;
};

struct sorted_hook {
    struct helm_hook hook;
    struct order order;
};

struct sorting {
    struct call *call;
    struct arena *arena;
    enum helm_profile profile;
    struct sorted_manifest *manifests;
    size_t manifest_count;
    struct sorted_hook *hooks;
    size_t hook_count;
};

static int by_order(const struct order *a, const struct order *b) {
    int order = a->rank != b->rank ? a->rank - b->rank : a->rank == KINDS ? strcmp(a->kind, b->kind) : 0;
    return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

static int by_manifest(const void *a, const void *b) {
    const struct sorted_manifest *x = a, *y = b;
    return by_order(&x->order, &y->order);
}

static int by_hook(const void *a, const void *b) {
    const struct sorted_hook *x = a, *y = b;
    return by_order(&x->order, &y->order);
}

static int by_path(const void *a, const void *b) {
    const struct rendered_file *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static struct helm_manifest manifest_of(const struct place *at, const char *text, const struct head *head) {
    return (struct helm_manifest){.source = at->path,
                                  .document = at->document,
                                  .text = text,
                                  .api_version = head->api_version,
                                  .kind = head->kind,
                                  .name = head->name,
                                  .namespace = head->namespace,
                                  .object = head->object};
}

static void take_document(struct sorting *s, const struct place *at, const char *text,
                          const struct head *head) {
    struct helm_hook hook;
    struct order order = {rank(install_order, s->profile, head->kind), head->kind, 0};
    if (value_has(head->annotations, "helm.sh/hook")) {
        if (!read_hook(s->arena, head, at, text, &hook)) {
            call_warn(s->call,
                      subject_of(call_part(s->call, "%s %s in %s", head->kind, head->name, at->path)),
                      "Hook of an unknown kind is skipped:", "info: skipping unknown hook: %s",
                      quote_of(s->arena, value_text_or(value_get(head->annotations, "helm.sh/hook"), "")));
            return;
        }
        order.index = s->hook_count;
        *LIST_ADD(s->arena, s->hooks, s->hook_count) = (struct sorted_hook){hook, order};
        return;
    }
    struct helm_manifest manifest = manifest_of(at, text, head);
    order.index = s->manifest_count;
    *LIST_ADD(s->arena, s->manifests, s->manifest_count) = (struct sorted_manifest){manifest, order};
}

static bool take_file(struct sorting *s, const struct rendered_file *file, struct err *err) {
    struct texts documents = manifest_documents(s->arena, s->profile, file->text, file->len);
    for (size_t i = 0; i < documents.count; i++) {
        const char *text = documents.items[i];
        struct head head;
        struct value object;
        if (!yaml_decode(s->arena, text, documents.lens[i], YAML_NUMBERS_EXACT, &object, err) ||
            !read_head(s->arena, s->profile, object, &head, err))
            return err_wrap(err, "YAML parse error on %s", file->path);
        take_document(s, &(struct place){file->path, i + 1}, text, &head);
    }
    return true;
}

static void give_out(struct sorting *s, struct helm_rendered *out) {
    struct helm_manifest *manifests = arena_array(s->arena, s->manifest_count + 1, sizeof *manifests);
    struct helm_hook *hooks = arena_array(s->arena, s->hook_count + 1, sizeof *hooks);
    if (s->manifest_count)
        qsort(s->manifests, s->manifest_count, sizeof *s->manifests, by_manifest);
    if (s->hook_count)
        qsort(s->hooks, s->hook_count, sizeof *s->hooks, by_hook);
    for (size_t i = 0; i < s->manifest_count; i++)
        manifests[i] = s->manifests[i].manifest;
    for (size_t i = 0; i < s->hook_count; i++)
        hooks[i] = s->hooks[i].hook;
    out->manifests = manifests;
    out->manifest_count = s->manifest_count;
    out->hooks = hooks;
    out->hook_count = s->hook_count;
}

bool manifest_sort(struct call *call, enum helm_profile profile, struct rendered_files *files,
                   struct helm_rendered *out, struct err *err) {
    struct sorting s = {.call = call, .arena = call->arena, .profile = profile};
    if (files->count)
        qsort(files->items, files->count, sizeof *files->items, by_path);
    for (size_t i = 0; i < files->count; i++)
        if (*go_path_base(files->items[i].path) != '_' && !take_file(&s, &files->items[i], err))
            return false;
    give_out(&s, out);
    return true;
}

// --- stored manifests ---

// The path in "# Source: path" on the first line, or NULL; the text behind it.
static const char *source_of(struct arena *arena, const char **text) {
    static const char mark[] = "# Source: ";
    if (!go_has_prefix(*text, mark))
        return NULL;
    const char *path = *text + sizeof mark - 1;
    size_t len = strcspn(path, "\n");
    *text = path + len + (path[len] == '\n');
    return arena_strndup(arena, path, len);
}

bool helm_manifest_split(struct arena *arena, enum helm_profile profile, const char *text,
                         const struct helm_manifest **out, size_t *count, struct err *err) {
    struct texts documents = manifest_documents(arena, profile, text, strlen(text));
    struct helm_manifest *manifests = arena_array(arena, documents.count + 1, sizeof *manifests);
    const char *source = "";
    for (size_t i = 0; i < documents.count; i++) {
        struct head head;
        struct value object;
        const char *body = documents.items[i];
        // A template that begins with several "---" leaves its mark alone in a document before the object's.
        const char *marked = source_of(arena, &body);
        source = marked ? marked : source;
        if (!yaml_decode(arena, body, strlen(body), YAML_NUMBERS_EXACT, &object, err) ||
            !read_head(arena, profile, object, &head, err))
            return err_wrap(err, "YAML parse error on %s", *source ? source : "the stored manifest");
        manifests[i] = manifest_of(&(struct place){source, i + 1}, body, &head);
    }
    *out = manifests;
    *count = documents.count;
    return true;
}
