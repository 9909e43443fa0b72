// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include <stdlib.h>
#include <string.h>

enum { RECORD_MS = 5000 };

static int by_revision(const void *a, const void *b) {
    return ((const struct stored *)a)->release.revision - ((const struct stored *)b)->release.revision;
}

bool store_list(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                struct history *out, struct err *err) {
    struct kube_ref secrets = KUBE_REF("v1", "Secret", namespace, NULL);
    struct value list;
    if (!kube_list(call, kube, &secrets, arena_printf(call->arena, "name=%s,owner=helm", name), &list, err))
        return err_wrap(err, "look for the release \"%s\" in namespace %s", name, namespace);
    *out =
        (struct history){arena_array(call->arena, value_len(list) + 1, sizeof *out->items), value_len(list)};
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].secret = value_at(list, i);
        if (!record_from_secret(call->arena, out->items[i].secret, &out->items[i].release, err))
            return err_wrap(err, "namespace %s", namespace);
    }
    qsort(out->items, out->count, sizeof *out->items, by_revision);
    return true;
}

// Before there is one more, as helm does it.
static bool prune(struct run *run, int keep, struct err *err) {
    const struct history *history = &run->history;
    const struct stored *deployed = history_deployed(history);
    struct stored *victims = arena_array(run->call->arena, history->count + 1, sizeof *victims);
    size_t count = 0;
    for (size_t i = 0; keep > 0 && i < history->count && history->count - count >= (size_t)keep; i++)
        if (&history->items[i] != deployed)
            victims[count++] = history->items[i];
    return store_delete(run, victims, count, err);
}

static struct value with_holder(struct arena *arena, struct value secret) {
    struct value_entry annotations[] = {{HOLDER_ANNOTATION, value_string(arena, holder_self(arena))}};
    struct value metadata =
        value_with(arena, value_get(secret, "metadata"), "annotations", value_map(arena, annotations, 1));
    return value_with(arena, secret, "metadata", metadata);
}

bool store_create(struct run *run, int keep, struct err *err) {
    struct value secret;
    if (!prune(run, keep, err) ||
        !record_to_secret(run->call->arena, &run->release, run->labels, true, &secret, err) ||
        !kube_create(run->call, run->kube, with_holder(run->call->arena, secret), run->manager, NULL, err))
        return err_wrap(err, "store revision %d of release \"%s\"", run->release.revision, run->release.name);
    return true;
}

// A plain replace, last writer wins, as Helm's own drivers do.
static bool write(struct run *run, const struct release *release, struct value labels, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request request = {
        .verb = KUBE_REPLACE,
        .ref = KUBE_REF("v1", "Secret", release->namespace,
                        record_secret_name(arena, release->name, release->revision)),
        .manager = run->manager,
    };
    if (!record_to_secret(arena, release, labels, false, &request.body, err) ||
        !kube_do(run->call, run->kube, &request, NULL, err))
        return err_wrap(err, "store revision %d of release \"%s\"", release->revision, release->name);
    return true;
}

// The record must be written even when the work was stopped or ran out of time: a record left
// pending blocks the next run.
static struct call call_for_the_record(const struct call *call) {
    struct call within = *call;
    within.stop[0] = within.stop[1] = NULL;
    within.deadline = call_now() + RECORD_MS;
    return within;
}

bool store_status(struct run *run, const char *status, const char *description, struct err *err) {
    struct release changed;
    description = call_shown(run->call, description); // `helm history` shows it
    if (!record_with_status(run->call->arena, &run->release, status, description, &changed, err))
        return false;
    run->release = changed;
    struct call within = call_for_the_record(run->call);
    struct run writing = *run;
    if (!call_alive(run->call, &(struct err){.arena = run->call->arena}))
        writing.call = &within;
    return write(&writing, &run->release, run->labels, err);
}

// The system's labels are made anew; the others are the user's.
struct value store_user_labels(struct arena *arena, struct value secret) {
    static const char *const system[] = {"createdAt", "modifiedAt", "name", "owner", "status", "version"};
    struct value labels = value_dig(secret, "metadata", "labels", NULL);
    for (size_t i = 0; i < sizeof system / sizeof *system; i++)
        labels = value_without(arena, labels, system[i]);
    return labels;
}

bool store_mark(struct run *run, const struct stored *stored, const char *status, const char *description,
                struct err *err) {
    struct release changed;
    return record_with_status(run->call->arena, &stored->release, status, description, &changed, err) &&
           write(run, &changed, store_user_labels(run->call->arena, stored->secret), err);
}

bool store_delete(struct run *run, const struct stored *records, size_t count, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request *requests = arena_array(arena, count, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, count, sizeof *answers);
    for (size_t i = 0; i < count; i++) {
        const struct release *release = &records[i].release;
        requests[i].verb = KUBE_DELETE;
        requests[i].ref = KUBE_REF("v1", "Secret", release->namespace,
                                   record_secret_name(arena, release->name, release->revision));
    }
    if (kube_do_many(run->call, run->kube, requests, count, answers, err))
        return true;
    for (size_t i = 0; i < count; i++)
        if (answers[i].failure.kind != ERR_NONE && answers[i].failure.kind != ERR_NOT_FOUND) {
            *err = answers[i].failure;
            return err_wrap(err, "delete the record of release \"%s\"", records[i].release.name);
        }
    return true;
}

bool store_supersede(struct run *run, struct err *err) {
    for (size_t i = 0; i < run->history.count; i++) {
        const struct stored *stored = &run->history.items[i];
        if (!strcmp(stored->release.status, "deployed") &&
            !store_mark(run, stored, "superseded", stored->release.description, err))
            return false;
    }
    return true;
}

// The revision that is known and, in the same breath, the one that would follow it: a few KB instead of all
// revisions. Null when the two do not settle what the newest is.
static bool find_known(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                       int known, struct value *out, struct err *err) {
    struct kube_request requests[2];
    struct kube_answer answers[2];
    for (int i = 0; i < 2; i++)
        requests[i] = (struct kube_request){
            .verb = KUBE_GET,
            .ref = KUBE_REF("v1", "Secret", namespace, record_secret_name(call->arena, name, known + i))};
    kube_do_many(call, kube, requests, 2, answers, err);
    *err = (struct err){.arena = err->arena};
    *out = value_null();
    for (int i = 0; i < 2; i++)
        if (answers[i].failure.kind != ERR_NONE && answers[i].failure.kind != ERR_NOT_FOUND) {
            *err = answers[i].failure;
            return err_wrap(err, "look for the release \"%s\" in namespace %s", name, namespace);
        }
    struct value status = value_dig(answers[0].object, "metadata", "labels", "status", NULL);
    if (value_kind(status) == VALUE_STRING && !value_is_text(status, "superseded") &&
        answers[1].failure.kind == ERR_NOT_FOUND)
        *out = answers[0].object;
    return true;
}

bool release_find(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                  int known, struct release *out, struct err *err) {
    struct history history;
    struct value secret = value_null();
    if (known > 0 && !find_known(call, kube, namespace, name, known, &secret, err))
        return false;
    if (!value_is_null(secret))
        return record_from_secret(call->arena, secret, out, err);
    if (!store_list(call, kube, namespace, name, &history, err))
        return false;
    if (!history.count)
        return err_set(err, ERR_NOT_FOUND, "there is no Helm release \"%s\" in namespace %s", name,
                       namespace);
    *out = history_newest(&history)->release;
    return true;
}

bool release_latest(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                    struct release *out, struct err *err) {
    return release_find(call, kube, namespace, name, 0, out, err);
}

bool release_owner(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                   const char **out, struct err *err) {
    struct history history;
    if (!store_list(call, kube, namespace, name, &history, err))
        return false;
    *out = history_owner(&history);
    return true;
}
