// SPDX-License-Identifier: Apache-2.0
#include "wandb/reference.h"

#include "value/path.h"

#include <string.h>

// Source of the forms: wandb/helm-charts operator-wandb 0.43.8 values.yaml and templates/_env.tpl,
// wandb/operator v1.22.0 pkg/wandb/spec/charts (credentialSecret).
static const struct form {
    const char *member;  // the map's key
    const char *name;    // its member with the Secret's name
    const char *keys[3]; // its members with keys in the Secret
} FORMS[] = {
    {"licenseSecret", "name", {"key"}},
    {"passwordSecret", "name", {"passwordKey", "rootPasswordKey"}},
    {"oidcSecret", "name", {"secretKey"}},
    {"secret", "secretName", {"secretKey", "accessKeyName", "secretKeyName"}},
    {"secretKeyRef", "name", {"key"}},
    {"credentialSecret", "name", {"usernameKey", "passwordKey"}},
};

static const char *text_of(struct value map, const char *key) {
    const char *text = value_get_string(value_untyped(value_get(map, key)));
    return text && *text ? text : NULL;
}

static void add(struct arena *arena, struct references *found, const struct form *form,
                const struct path *path, struct value map) {
    const char *secret = text_of(map, form->name);
    bool optional = value_get_bool(value_untyped(value_get(map, "optional")));
    if (!secret || optional)
        return;
    if (found->count == found->cap) {
        size_t cap = found->cap ? found->cap * 2 : 8;
        found->items =
            arena_grow(arena, found->items, found->cap * sizeof *found->items, cap * sizeof *found->items);
        found->cap = cap;
    }
    struct reference *reference = &found->items[found->count++];
    *reference = (struct reference){.path = path_text(arena, path), .secret = secret};
    for (size_t i = 0; i < sizeof form->keys / sizeof *form->keys && form->keys[i]; i++)
        if (text_of(map, form->keys[i]))
            reference->keys[reference->key_count++] = text_of(map, form->keys[i]);
}

static void find(struct arena *arena, struct references *found, const struct path *path, struct value v) {
    v = value_untyped(v);
    for (size_t i = 0; value_kind(v) == VALUE_LIST && i < value_len(v); i++) {
        struct path here = {path, {.index = i}};
        find(arena, found, &here, value_at(v, i));
    }
    for (size_t i = 0; value_kind(v) == VALUE_MAP && i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        struct path here = {path, {.key = entry->key}};
        struct value member = value_untyped(entry->value);
        for (size_t j = 0; j < sizeof FORMS / sizeof *FORMS && value_kind(member) == VALUE_MAP; j++)
            if (!strcmp(entry->key, FORMS[j].member))
                add(arena, found, &FORMS[j], &here, member);
        find(arena, found, &here, member);
    }
}

struct references references_find(struct arena *arena, struct value spec) {
    struct references found = {0};
    find(arena, &found, NULL, spec);
    return found;
}

// The index of the first reference to the same Secret, so that each is asked for once.
static size_t first_of(const struct references *references, size_t index) {
    size_t first = 0;
    while (strcmp(references->items[first].secret, references->items[index].secret) != 0)
        first++;
    return first;
}

static struct subject subject(struct call *call, const char *namespace, const struct reference *reference) {
    const char *path = arena_printf(call->arena, "spec.%s", reference->path);
    return subject_at(arena_printf(call->arena, "Secret/%s/%s at %s", namespace, reference->secret,
                                   call_part(call, "%s", path)),
                      path);
}

static void check_keys(struct call *call, const char *namespace, const struct reference *reference,
                       struct value secret) {
    struct value data = value_get(secret, "data");
    for (size_t i = 0; i < reference->key_count; i++)
        if (!value_has(data, reference->keys[i]))
            call_warn(call, subject(call, namespace, reference),
                      arena_printf(call->arena, "Key \"%s\" is missing:", reference->keys[i]),
                      "The Secret %s/%s has no key \"%s\". The pods that use it will not start until it has.",
                      namespace, reference->secret, reference->keys[i]);
}

static void check_one(struct call *call, const char *namespace, const struct reference *reference,
                      const struct kube_answer *answer) {
    if (answer->failure.kind == ERR_NONE)
        check_keys(call, namespace, reference, answer->object);
    else if (answer->failure.kind == ERR_NOT_FOUND)
        call_warn(call, subject(call, namespace, reference), "Secret is missing:",
                  "The Secret %s/%s does not exist. What uses it will not start until it does; create it, or "
                  "correct the name.",
                  namespace, reference->secret);
    else
        call_warn(call, subject(call, namespace, reference),
                  "Secret was not checked:", "Whether the Secret %s/%s exists could not be read: %s",
                  namespace, reference->secret, answer->failure.msg);
}

void references_check(struct call *call, struct kube_client *kube, const char *namespace,
                      const struct references *references) {
    struct arena *arena = call->arena;
    struct kube_request *requests = arena_array(arena, references->count + 1, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, references->count + 1, sizeof *answers);
    size_t *asked = arena_array(arena, references->count + 1, sizeof *asked);
    size_t count = 0;
    struct err ignored = err_in(arena); // each answer carries its own
    for (size_t i = 0; i < references->count; i++) {
        size_t first = first_of(references, i);
        asked[i] = first < i ? asked[first] : count;
        if (first == i)
            requests[count++] = (struct kube_request){
                .verb = KUBE_GET, .ref = KUBE_REF("v1", "Secret", namespace, references->items[i].secret)};
    }
    kube_do_many(call, kube, requests, count, answers, &ignored);
    for (size_t i = 0; i < references->count; i++)
        check_one(call, namespace, &references->items[i], &answers[asked[i]]);
}
