// SPDX-License-Identifier: Apache-2.0
// What a deleted instance leaves: to the garbage collector, and for good.
#include "base/log.h"
#include "kube/watch.h"
#include "release/claim.h"
#include "wandb/instance.h"
#include "wandb/levels.h"

enum { COLLECTED_MS = 60000 };

static bool has_owner(struct value object, const char *name) {
    struct value owners = value_dig(object, "metadata", "ownerReferences", NULL);
    for (size_t i = 0; i < value_len(owners); i++)
        if (value_is_text(value_get(value_at(owners, i), "kind"), INSTANCE_KIND) &&
            value_is_text(value_get(value_at(owners, i), "name"), name))
            return true;
    return false;
}

// An operator 1.x compares what it should do with the Secret <name>-spec-active alone: where it still is, a
// new instance of the same spec is "Completed" at once, and nothing is installed (wandb/operator v1.22.0
// internal/controller/weightsandbiases_controller.go).
bool instance_await_leftovers(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                              struct err *err) {
    struct kube_request levels[LEVEL_COUNT];
    levels_requests(call->arena, ref->namespace, ref->name, levels);
    const struct kube_ref *active = &levels[LEVEL_ACTIVE].ref;
    struct value secret;
    if (!kube_find(call, kube, active, &secret, err)) { // who may not read Secrets may still write instances
        bool hidden = err->kind == ERR_FORBIDDEN;
        err->kind = hidden ? ERR_NONE : err->kind;
        return hidden || err_wrap(err, "look for what a former %s left", kube_ref_text(call->arena, ref));
    }
    if (value_is_null(secret) || !has_owner(secret, ref->name))
        return true;
    struct call within = call_within(call, COLLECTED_MS);
    log_to(call, LOG_INFO, "wandb", "waiting until %s of a former instance is gone",
           kube_ref_text(call->arena, active));
    bool gone = kube_wait_gone(&within, kube, active, 1, err);
    call_join(call, &within);
    return gone ||
           err_wrap(
               err,
               "a former %s left its Secret %s, and as long as it is there the operator takes a new one for "
               "installed. The cluster's garbage collector deletes it; where it does not, delete it, then "
               "apply again",
               kube_ref_text(call->arena, ref), active->name);
}

// ---- Secrets that stay ----

// The chart operator-wandb annotates the Secrets of the license, the databases and the session key with
// helm.sh/resource-policy: keep, and gives them none of the labels by which the operator finds what is to
// go with the instance.
static bool is_left(struct value secret, const struct kube_ref *instance) {
    struct value metadata = value_get(secret, "metadata"), notes = value_get(metadata, "annotations");
    return value_is_text(value_get(notes, CLAIM_NAME), instance->name) &&
           value_is_text(value_get(notes, CLAIM_NAMESPACE), instance->namespace) &&
           value_len(value_get(secret, "data")) && !has_owner(secret, instance->name) &&
           value_is_null(value_get(metadata, "deletionTimestamp"));
}

struct value instance_left_of(struct arena *arena, struct value secrets, const struct kube_ref *instance) {
    struct value names = value_list(arena, NULL, 0);
    for (size_t i = 0; i < value_len(secrets); i++) {
        struct value secret = value_at(secrets, i);
        if (is_left(secret, instance))
            names = value_append(arena, names, value_dig(secret, "metadata", "name", NULL));
    }
    return names;
}

bool instance_left_secrets(struct call *call, struct kube_client *kube, const struct kube_ref *instance,
                           struct value *names, struct err *err) {
    const struct kube_ref secrets = KUBE_REF("v1", "Secret", instance->namespace, NULL);
    struct value found;
    if (!kube_list(call, kube, &secrets, CLAIM_LABEL "=Helm", &found, err))
        return false;
    *names = instance_left_of(call->arena, found, instance);
    return true;
}
