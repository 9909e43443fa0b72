// SPDX-License-Identifier: Apache-2.0
#include "release/claim.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// ---- records, by their labels ----

static const char *maker_of(struct value record, const char *asking) {
    struct value fields = value_dig(record, "metadata", "managedFields", NULL);
    for (size_t i = 0; i < value_len(fields); i++) {
        struct value manager = value_get(value_at(fields, i), "manager");
        if (value_kind(manager) == VALUE_STRING && !value_is_text(manager, asking))
            return value_get_string(manager);
    }
    return NULL;
}

static bool look_in(struct call *call, struct kube_client *kube, const char *kind,
                    const struct release_target *target, struct release_seen *out, struct err *err) {
    struct kube_ref records = KUBE_REF("v1", kind, target->namespace, NULL);
    const char *selector = arena_printf(call->arena, "name=%s,owner=helm", target->name);
    struct value list;
    *out = (struct release_seen){0};
    if (!kube_list(call, kube, &records, selector, &list, err))
        return err_wrap(err, "look for the release \"%s\" in namespace %s", target->name, target->namespace);
    for (size_t i = 0; i < value_len(list); i++) {
        struct value labels = value_dig(value_at(list, i), "metadata", "labels", NULL);
        int revision = atoi(value_text_or(value_get(labels, "version"), "0"));
        if (revision > out->revision)
            *out = (struct release_seen){revision, value_text_or(value_get(labels, "status"), "unknown"),
                                         maker_of(value_at(list, i), target->manager)};
    }
    return true;
}

bool release_look(struct call *call, struct kube_client *kube, const struct release_target *target,
                  struct release_seen *out, struct err *err) {
    return look_in(call, kube, "Secret", target, out, err);
}

// ---- marks ----

struct release_claim release_claim_marks(struct value live) {
    struct value annotations = value_dig(live, "metadata", "annotations", NULL);
    const char *name = value_dig_string(annotations, CLAIM_NAME, NULL);
    const char *namespace = value_dig_string(annotations, CLAIM_NAMESPACE, NULL);
    if (!name || !namespace)
        return (struct release_claim){.state = CLAIM_NONE};
    return (struct release_claim){.state = CLAIM_STALE, .name = name, .namespace = namespace};
}

// No release has a name that a label cannot hold, whatever an annotation says.
static bool can_be_named(const char *text) {
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i]))
            return false;
    return len > 0 && len <= 63;
}

// "configmap/a --namespace b", "weightsandbiases.apps.wandb.com/wandb --namespace default"
static const char *in_kubectl(struct arena *arena, struct value live) {
    struct kube_ref ref = kube_ref_of(live);
    const char *slash = ref.api_version ? strchr(ref.api_version, '/') : NULL;
    char *kind = arena_strdup(arena, ref.kind ? ref.kind : "");
    for (char *p = kind; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return arena_printf(arena, "%s%s%.*s/%s%s%s", kind, slash ? "." : "",
                        slash ? (int)(slash - ref.api_version) : 0, slash ? ref.api_version : "",
                        ref.name ? ref.name : "", ref.namespace ? " --namespace " : "",
                        ref.namespace ? ref.namespace : "");
}

static bool is_living(const struct release_seen *seen) {
    return seen->revision && strcmp(seen->status, "uninstalled") != 0;
}

// True when the look told something: a release, or that it may not be looked for.
static bool settle(struct call *call, struct kube_client *kube, const char *kind, struct release_claim *claim,
                   struct err *err) {
    struct release_target target = {.name = claim->name, .namespace = claim->namespace};
    if (look_in(call, kube, kind, &target, &claim->seen, err)) {
        claim->state = is_living(&claim->seen) ? CLAIM_LIVING : CLAIM_STALE;
        return claim->seen.revision > 0;
    }
    if (err->kind != ERR_FORBIDDEN)
        return true;
    claim->state = CLAIM_LIVING;
    claim->unread = err->msg;
    err->kind = ERR_NONE;
    return true;
}

bool release_claim_of(struct call *call, struct kube_client *kube, struct value live,
                      struct release_claim *out, struct err *err) {
    const char *driver = getenv("HELM_DRIVER");
    *out = release_claim_marks(live);
    if (out->state == CLAIM_NONE || !can_be_named(out->name) || !can_be_named(out->namespace))
        return true;
    out->object = in_kubectl(call->arena, live);
    out->kept_in = "secret";
    if (settle(call, kube, "Secret", out, err))
        return err->kind == ERR_NONE;
    out->kept_in = "configmap";
    if (settle(call, kube, "ConfigMap", out, err))
        return err->kind == ERR_NONE;
    out->kept_in = "secret";
    if (driver && !strcmp(driver, "sql")) {
        out->state = CLAIM_LIVING;
        out->unread = "HELM_DRIVER is sql, so they are in a database";
    }
    return true;
}

// ---- letting go ----

bool release_claim_is(const struct release_claim *claim, const char *name) {
    size_t len = claim->namespace ? strlen(claim->namespace) : 0;
    return name && claim->name && !strncmp(name, claim->namespace, len) && name[len] == '/' &&
           !strcmp(name + len + 1, claim->name);
}

static bool is_busy(const struct release_seen *seen) {
    return !strncmp(seen->status, "pending-", 8) || !strcmp(seen->status, "uninstalling");
}

bool release_claim_retire(struct call *call, struct kube_client *kube, const struct release_claim *claim,
                          struct err *err) {
    struct arena *arena = call->arena;
    const char *text = release_claim_text(arena, claim);
    const char *kind = claim->kept_in && !strcmp(claim->kept_in, "configmap") ? "ConfigMap" : "Secret";
    struct kube_ref records = KUBE_REF("v1", kind, claim->namespace, NULL);
    struct value list;
    if (claim->state != CLAIM_LIVING)
        return true;
    if (claim->unread)
        return err_set(err, ERR_FORBIDDEN,
                       "%s: so they cannot be deleted from here.\n\n%s\n\nNothing was changed", text,
                       release_claim_way_out(arena, claim));
    if (is_busy(&claim->seen))
        return err_set(
            err, ERR_CONFLICT,
            "%s is being changed by something else, or was left so. See helm history %s --namespace "
            "%s; when that has come to its end, apply again. Nothing was changed",
            text, claim->name, claim->namespace);
    const char *selector = arena_printf(arena, "name=%s,owner=helm", claim->name);
    if (!kube_list(call, kube, &records, selector, &list, err))
        return err_wrap(err, "look for the records of %s", text);
    size_t count = value_len(list);
    struct kube_request *requests = arena_array(arena, count + 1, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, count + 1, sizeof *answers);
    for (size_t i = 0; i < count; i++)
        requests[i] = (struct kube_request){.verb = KUBE_DELETE, .ref = kube_ref_of(value_at(list, i))};
    if (kube_do_many(call, kube, requests, count, answers, err))
        return true;
    for (size_t i = 0; i < count; i++)
        if (answers[i].failure.kind != ERR_NONE && answers[i].failure.kind != ERR_NOT_FOUND) {
            *err = answers[i].failure;
            return err_wrap(err, "delete the records of %s", text);
        }
    err->kind = ERR_NONE;
    return true;
}

// ---- what to say, what to take off ----

const char *release_claim_text(struct arena *arena, const struct release_claim *claim) {
    const char *release =
        arena_printf(arena, "the Helm release \"%s\" in namespace %s", claim->name, claim->namespace);
    if (claim->unread)
        return arena_printf(arena, "%s, which is taken for living because its records were not read (%s)",
                            release, claim->unread);
    return arena_printf(arena, "%s (revision %d, %s)", release, claim->seen.revision, claim->seen.status);
}

const char *release_claim_way_out(struct arena *arena, const struct release_claim *claim) {
    const char *records = arena_printf(arena, "%s --namespace %s --selector owner=helm,name=%s",
                                       claim->kept_in, claim->namespace, claim->name);
    const char *steps = arena_printf(
        arena,
        "1. Where a configuration has it as a helm_release, take that out of configuration and state without "
        "uninstalling it: a removed block with lifecycle { destroy = false }; or `terraform state rm "
        "ADDRESS`, and no longer declaring it.\n"
        "2. Delete its records. That deletes none of its objects, and lets go of all of them:\n"
        "     kubectl delete %s",
        records);
    if (!claim->unread)
        return steps;
    return arena_printf(arena,
                        "%s\nWhere somebody who may look finds that there is no such release any more, its "
                        "marks can go instead:\n"
                        "     kubectl get %s\n"
                        "     kubectl annotate %s " CLAIM_NAME "- " CLAIM_NAMESPACE "-\n"
                        "     kubectl label %s " CLAIM_LABEL "-",
                        steps, records, claim->object, claim->object);
}

static struct value take_off(struct arena *arena, struct value patch, const char *key, struct value wanted) {
    return value_has(wanted, key) ? patch : value_with(arena, patch, key, value_null());
}

struct value release_claim_removal(struct arena *arena, struct value live, struct value labels,
                                   struct value annotations) {
    struct value none = value_map(arena, NULL, 0), label = none;
    if (release_claim_marks(live).state == CLAIM_NONE)
        return value_null();
    if (value_is_text(value_dig(live, "metadata", "labels", CLAIM_LABEL, NULL), "Helm"))
        label = take_off(arena, label, CLAIM_LABEL, labels);
    struct value marks = take_off(arena, none, CLAIM_NAME, annotations);
    marks = take_off(arena, marks, CLAIM_NAMESPACE, annotations);
    if (!value_len(label) && !value_len(marks))
        return value_null();
    struct value_entry metadata[] = {{"annotations", marks}, {"labels", label}};
    struct value_entry patch[] = {{"metadata", value_map(arena, metadata, 2)}};
    return value_map(arena, patch, 1);
}
