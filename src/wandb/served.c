// SPDX-License-Identifier: Apache-2.0
#include "wandb/served.h"

#include "base/buf.h"
#include "base/list.h"
#include "wandb/instance.h"
#include "wandb/operator_pods.h"

#include <string.h>

static const char GROUP[] = "apps.wandb.com", PLURAL[] = "weightsandbiases";
static const char ISOLATION[] = "--isolation-namespaces";

// ---- what a chart brings ----

static bool names(struct value list, const char *text) {
    for (size_t i = 0; i < value_len(list); i++)
        if (value_is_text(value_at(list, i), text) || value_is_text(value_at(list, i), "*"))
            return true;
    return false;
}

// Whether a role lets go of instances: their finalizers are written with the object.
static bool covers_instances(struct value role) {
    struct value rules = value_get(role, "rules");
    for (size_t i = 0; i < value_len(rules); i++) {
        struct value rule = value_at(rules, i), verbs = value_get(rule, "verbs");
        if (names(value_get(rule, "apiGroups"), GROUP) && names(value_get(rule, "resources"), PLURAL) &&
            (names(verbs, "update") || names(verbs, "patch")))
            return true;
    }
    return false;
}

static bool is_controller(struct value workload) {
    struct value labels = value_dig(workload, "spec", "template", "metadata", "labels", NULL);
    size_t len = strcspn(OPERATOR_LABEL, "=");
    for (size_t i = 0; i < value_len(labels) && value_kind(labels) == VALUE_MAP; i++) {
        const struct value_entry *label = value_entry_at(labels, i);
        if (!strncmp(label->key, OPERATOR_LABEL, len) && !label->key[len] &&
            value_is_text(label->value, &OPERATOR_LABEL[len + 1]))
            return true;
    }
    return false;
}

static void add_namespaces(struct arena *arena, struct served *out, const char *text) {
    const char **items = (const char **)out->namespaces;
    for (size_t len; *text; text += len + (text[len] == ',')) {
        len = strcspn(text, ",");
        if (len)
            *LIST_ADD(arena, items, out->count) = arena_strndup(arena, text, len);
    }
    out->namespaces = items;
}

// "--isolation-namespaces=a,b", or as two arguments.
static void read_arguments(struct arena *arena, struct value arguments, struct served *out) {
    size_t len = sizeof ISOLATION - 1;
    for (size_t i = 0; i < value_len(arguments); i++) {
        const char *text = value_text_or(value_at(arguments, i), "");
        if (!strncmp(text, ISOLATION, len) && text[len] == '=')
            add_namespaces(arena, out, text + len + 1);
        else if (!strcmp(text, ISOLATION))
            add_namespaces(arena, out, value_text_or(value_at(arguments, i + 1), ""));
    }
}

struct served served_by(struct arena *arena, const struct release_objects *objects) {
    struct served out = {0};
    size_t roles = 0, covering = 0, workloads = 0, controllers = 0;
    for (size_t i = 0; i < objects->count; i++) {
        struct value object = objects->items[i].object;
        const char *kind = value_text_or(value_get(object, "kind"), "");
        struct value containers = value_dig(object, "spec", "template", "spec", "containers", NULL);
        bool role = !strcmp(kind, "Role") || !strcmp(kind, "ClusterRole");
        roles += role;
        covering += role && covers_instances(object);
        workloads += value_len(containers) > 0;
        controllers += is_controller(object);
        for (size_t j = 0; j < value_len(containers); j++) {
            read_arguments(arena, value_get(value_at(containers, j), "args"), &out);
            read_arguments(arena, value_get(value_at(containers, j), "command"), &out);
        }
    }
    out.is_operator = roles ? covering && workloads : controllers > 0;
    return out;
}

// ---- the instances ----

bool served_is_held(struct value instance) {
    static const char *const HELD_BY[] = {"finalizer.app.wandb.com", "wandb.apps.wandb.com/cleanup"};
    struct value finalizers = value_dig(instance, "metadata", "finalizers", NULL);
    for (size_t i = 0; i < value_len(finalizers); i++)
        for (size_t j = 0; j < sizeof HELD_BY / sizeof *HELD_BY; j++)
            if (value_is_text(value_at(finalizers, i), HELD_BY[j]))
                return true;
    return false;
}

static void add_names(struct buf *text, struct value list) {
    for (size_t i = 0; i < value_len(list); i++) {
        struct kube_ref ref = kube_ref_of(value_at(list, i));
        if (served_is_held(value_at(list, i)))
            buf_printf(text, "%s%s/%s", text->len ? ", " : "", ref.namespace ? ref.namespace : "?",
                       ref.name ? ref.name : "?");
    }
}

static bool list_everywhere(struct call *call, struct kube_client *kube, const struct release *release,
                            struct value *list, struct err *err) {
    struct err forbidden = err_in(call->arena);
    if (instance_list(call, kube, NULL, list, &forbidden))
        return true;
    if (forbidden.kind != ERR_FORBIDDEN) {
        *err = forbidden;
        return false;
    }
    call_warn(call, subject_of(release_text(call->arena, release->namespace, release->name)),
              "Instances elsewhere are not known:",
              "Whether W&B instances of other namespaces than %s still need this operator could not be seen: "
              "%s. One that does will wait for an operator when it is deleted.",
              release->namespace, forbidden.msg);
    return instance_list(call, kube, release->namespace, list, err);
}

bool served_instances(struct call *call, struct kube_client *kube, const struct release *release,
                      const char **out, struct err *err) {
    struct release_objects objects;
    struct buf text;
    struct value list;
    *out = NULL;
    if (!release_objects_of(call, kube, release, &objects, err))
        return false;
    struct served served = served_by(call->arena, &objects);
    buf_init(&text, call->arena);
    if (!served.is_operator)
        return true;
    if (!served.count && !list_everywhere(call, kube, release, &list, err))
        return false;
    if (!served.count)
        add_names(&text, list);
    for (size_t i = 0; i < served.count; i++) {
        if (!instance_list(call, kube, served.namespaces[i], &list, err))
            return false;
        add_names(&text, list);
    }
    *out = text.len ? buf_text(&text) : NULL;
    return true;
}
