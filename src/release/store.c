// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

#include <stdlib.h>
#include <string.h>

static int by_revision(const void *a, const void *b) {
    return ((const struct stored *)a)->release.revision - ((const struct stored *)b)->release.revision;
}

bool store_list(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                struct stored **out, size_t *count, struct err *err) {
    struct kube_ref secrets = {"v1", "Secret", namespace, NULL};
    struct value list;
    if (!kube_list(call, kube, &secrets, arena_printf(call->arena, "name=%s,owner=helm", name), &list, err))
        return err_wrap(err, "look for the release \"%s\" in namespace %s", name, namespace);
    struct stored *records = arena_array(call->arena, value_len(list) + 1, sizeof *records);
    for (size_t i = 0; i < value_len(list); i++) {
        records[i].secret = value_at(list, i);
        if (!record_from_secret(call->arena, records[i].secret, &records[i].release, err))
            return err_wrap(err, "namespace %s", namespace);
    }
    qsort(records, value_len(list), sizeof *records, by_revision);
    *out = records;
    *count = value_len(list);
    return true;
}

bool store_create(struct run *run, struct err *err) {
    struct value secret;
    if (!record_to_secret(run->call->arena, &run->release, run->labels, true, &secret, err) ||
        !kube_create(run->call, run->kube, secret, run->manager, NULL, err))
        return err_wrap(err, "store revision %d of release \"%s\"", run->release.revision, run->release.name);
    return true;
}

// A plain replace, last writer wins, as Helm's own drivers do.
static bool write(struct run *run, const struct release *release, struct value labels, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request request = {
        .verb = KUBE_REPLACE,
        .ref = {"v1", "Secret", release->namespace, record_secret_name(arena, release->name, release->revision)},
        .manager = run->manager,
    };
    if (!record_to_secret(arena, release, labels, false, &request.body, err) ||
        !kube_do(run->call, run->kube, &request, NULL, err))
        return err_wrap(err, "store revision %d of release \"%s\"", release->revision, release->name);
    return true;
}

// The record must be written even when the work was stopped or ran out of time: a record left
// pending blocks the next run. Five seconds, whatever the call says.
static struct call last_words(const struct call *call) {
    struct call words = *call;
    words.stop[0] = words.stop[1] = NULL;
    words.deadline = call_now() + 5000;
    return words;
}

bool store_status(struct run *run, const char *status, const char *description, struct err *err) {
    struct release changed;
    if (!record_with_status(run->call->arena, &run->release, status, description, &changed, err))
        return false;
    run->release = changed;
    struct call words = last_words(run->call);
    struct run writing = *run;
    if (!call_alive(run->call, &(struct err){.arena = run->call->arena}))
        writing.call = &words;
    return write(&writing, &run->release, run->labels, err);
}

// The system's labels are made anew; the others are the user's.
static struct value user_labels(struct arena *arena, struct value secret) {
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
           write(run, &changed, user_labels(run->call->arena, stored->secret), err);
}

bool store_delete(struct run *run, const struct stored *records, size_t count, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request *requests = arena_array(arena, count, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, count, sizeof *answers);
    for (size_t i = 0; i < count; i++) {
        const struct release *release = &records[i].release;
        requests[i].verb = KUBE_DELETE;
        requests[i].ref = (struct kube_ref){"v1", "Secret", release->namespace,
                                            record_secret_name(arena, release->name, release->revision)};
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

bool store_prune(struct run *run, int keep, struct err *err) {
    struct stored *records;
    size_t count, victims = 0;
    if (keep <= 0)
        return true;
    if (!store_list(run->call, run->kube, run->release.namespace, run->release.name, &records, &count, err))
        return false;
    struct stored *victim = arena_array(run->call->arena, count + 1, sizeof *victim);
    for (size_t i = 0; i < count && count - victims > (size_t)keep; i++)
        if (strcmp(records[i].release.status, "deployed") != 0 &&
            records[i].release.revision != run->release.revision)
            victim[victims++] = records[i];
    return store_delete(run, victim, victims, err);
}

bool release_latest(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                    struct release *out, struct err *err) {
    struct stored *records;
    size_t count;
    if (!store_list(call, kube, namespace, name, &records, &count, err))
        return false;
    if (!count)
        return err_set(err, ERR_NOT_FOUND, "there is no Helm release \"%s\" in namespace %s", name, namespace);
    *out = records[count - 1].release;
    return true;
}

bool release_history(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                     struct release **out, size_t *count, struct err *err) {
    struct stored *records;
    if (!store_list(call, kube, namespace, name, &records, count, err))
        return false;
    *out = arena_array(call->arena, *count + 1, sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = records[i].release;
    return true;
}
