// SPDX-License-Identifier: Apache-2.0
// What makes an object a release's (helm pkg/action/validate.go), and what of others' is never taken.
#include "release/private.h"

#include "base/buf.h"

#include <string.h>

struct stamp {
    const char *field, *what, *key, *value;
};

static void stamps_of(const struct release *release, struct stamp out[3]) {
    out[0] = (struct stamp){"labels", "label", CLAIM_LABEL, "Helm"};
    out[1] = (struct stamp){"annotations", "annotation", CLAIM_NAME, release->name};
    out[2] = (struct stamp){"annotations", "annotation", CLAIM_NAMESPACE, release->namespace};
}

struct value ownership_stamp(struct arena *arena, struct value object, const struct release *release) {
    struct stamp stamps[3];
    stamps_of(release, stamps);
    struct value metadata = value_get(object, "metadata");
    for (size_t i = 0; i < 3; i++) {
        struct value field = value_with(arena, value_get(metadata, stamps[i].field), stamps[i].key,
                                        value_string(arena, stamps[i].value));
        metadata = value_with(arena, metadata, stamps[i].field, field);
    }
    return value_with(arena, object, "metadata", metadata);
}

const char *ownership_problems(struct arena *arena, struct value live, const struct release *release) {
    struct stamp stamps[3];
    struct buf text, *problems = &text;
    buf_init(problems, arena);
    stamps_of(release, stamps);
    for (size_t i = 0; i < 3; i++) {
        struct value found = value_dig(live, "metadata", stamps[i].field, stamps[i].key, NULL);
        if (value_is_text(found, stamps[i].value))
            continue;
        buf_printf(problems, "; %s validation error: ", stamps[i].what);
        if (!value_is_null(found))
            buf_printf(problems, "key \"%s\" must equal \"%s\": current value is \"%s\"", stamps[i].key,
                       stamps[i].value, value_text_or(found, ""));
        else
            buf_printf(problems, "missing key \"%s\": must be set to \"%s\"", stamps[i].key, stamps[i].value);
    }
    return buf_text(problems);
}

static bool is_of(const struct release_claim *claim, const struct release *release) {
    return !strcmp(claim->name, release->name) && !strcmp(claim->namespace, release->namespace);
}

// Its records were not there when the history was read.
static bool is_new(const struct release_claim *claim, const struct release *release) {
    return is_of(claim, release) && claim->kept_in && !strcmp(claim->kept_in, "secret");
}

static bool refuse(struct run *run, struct value live, const struct release_claim *claim, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_ref ref = kube_ref_of(live);
    if (is_new(claim, &run->release))
        return err_set(
            err, ERR_CONFLICT,
            "%s exists since a moment ago: something else installs it at the same time. Nothing was "
            "changed. Plan again when it is done",
            release_claim_text(arena, claim));
    const char *way =
        is_of(claim, &run->release)
            ? "This provider goes on with releases whose records are Secrets, and with no others"
            : arena_printf(arena,
                           "Leave it to that release (values or a chart without it); or give this "
                           "one the name %s and the namespace %s, to go on with that release as a "
                           "whole",
                           claim->name, claim->namespace);
    return err_set(
        err, ERR_CONFLICT,
        "%s belongs to %s: whoever uninstalls that release deletes it, so it is not taken over. %s; or "
        "let it go of its objects:\n\n%s\n\nThen plan again. Nothing was changed",
        kube_ref_text(arena, &ref), release_claim_text(arena, claim), way,
        release_claim_way_out(arena, claim));
}

bool ownership_refuse_living(struct run *run, struct value live, struct release_claim *known,
                             struct err *err) {
    struct release_claim claim = release_claim_marks(live);
    if (claim.state == CLAIM_NONE || (is_of(&claim, &run->release) && run->history.count) ||
        (known->name && !strcmp(known->name, claim.name) && !strcmp(known->namespace, claim.namespace)))
        return true;
    if (!release_claim_of(run->call, run->kube, live, &claim, err))
        return false;
    *known = claim;
    return claim.state != CLAIM_LIVING || refuse(run, live, &claim, err);
}

static bool check_answer(struct run *run, const struct release_object *object,
                         const struct kube_answer *answer, struct release_claim *known, struct err *err) {
    const char *text = kube_ref_text(run->call->arena, &object->ref);
    if (answer->failure.kind == ERR_NOT_FOUND)
        return true;
    if (answer->failure.kind != ERR_NONE) {
        *err = answer->failure;
        return err_wrap(err, "see whether %s exists", text);
    }
    const char *problems = ownership_problems(run->call->arena, answer->object, &run->release);
    if (!ownership_refuse_living(run, answer->object, known, err))
        return false;
    if (!*problems || run->spec->adopt)
        return true;
    return err_set(err, ERR_CONFLICT,
                   "%s exists and is not part of this release: invalid ownership metadata%s. Set adopt = "
                   "true to take it "
                   "over, or delete it",
                   text, problems);
}

bool ownership_check(struct run *run, const struct release_objects *objects, struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request *requests = arena_array(arena, objects->count, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, objects->count, sizeof *answers);
    struct err ignored = err_in(arena); // each answer carries its own
    struct release_claim known = {.state = CLAIM_NONE};
    struct release_objects served = {arena_array(arena, objects->count + 1, sizeof *served.items), 0};
    for (size_t i = 0; i < objects->count; i++)
        if (!objects->items[i].unserved)
            served.items[served.count++] = objects->items[i];
    for (size_t i = 0; i < served.count; i++)
        requests[i] = (struct kube_request){.verb = KUBE_GET, .ref = served.items[i].ref};
    kube_do_many(run->call, run->kube, requests, served.count, answers, &ignored);
    for (size_t i = 0; i < served.count; i++)
        if (!check_answer(run, &served.items[i], &answers[i], &known, err))
            return false;
    return true;
}
