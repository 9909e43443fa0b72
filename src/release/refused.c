// SPDX-License-Identifier: Apache-2.0
// What the server does not take by server-side apply. An object that has the other half of an either-or field
// is sent once whole, without that half, and then applied. What has no typed form (two entries of one key, a
// field that the schema does not have) is written as helm 3 writes it where the chart is in its profile.
#include "kube/merge.h"
#include "release/write.h"

#include "base/buf.h"

#include <string.h>

enum { TRIES = 6 };

static const char UNTYPED[] = "failed to create typed patch object";

static bool is_helm_4(const struct run *run) {
    return run->spec && run->spec->chart->profile == HELM_4;
}

static bool fail(const struct write *write, struct err *err) {
    *err = write->answer.failure;
    return false;
}

static bool send(struct run *run, struct write *write, const struct kube_request *request) {
    struct err own = err_in(run->call->arena); // the answer carries it
    return kube_do(run->call, run->kube, request, &write->answer, &own);
}

// What the server says after the object's name, in one line.
static const char *reasons(struct arena *arena, const char *message) {
    const char *at = strstr(message, "): ");
    struct buf text;
    buf_init(&text, arena);
    at = at ? at + 3 : message;
    for (at += strspn(at, " \n"); *at;) {
        size_t len = strcspn(at, "\n");
        bool title = !strncmp(at, "errors:", 7);
        if (!title)
            buf_printf(&text, "%s%.*s", text.len ? "; " : "", (int)len, at);
        at += title ? 7 : len;
        at += strspn(at, " \n");
    }
    return buf_text(&text);
}

// True where the profile takes it, with a warning; else the error says how it would be taken.
static bool permit(struct run *run, const struct write *write, const char *why, struct err *err) {
    const char *text = kube_ref_text(run->call->arena, &write->object.ref);
    if (is_helm_4(run))
        return err_set(err, ERR_REFUSED,
                       "the server does not apply it: %s. helm 4 refuses it, too. Correct the chart or its "
                       "values; or set profile = \"3\", which writes such an object as helm 3 does",
                       why);
    call_warn(run->call, subject_of(text), "Written as helm 3 does:",
              "The server does not apply %s: %s. With profile = \"3\" it is written all the same, as helm 3 "
              "writes it; helm 4 refuses it. Correct the chart or its values.",
              text, why);
    return true;
}

// ---- fields of metadata that only the server writes ----

// Without them the server takes it; true also where that was not the matter, which `write->answer` tells.
static bool strip(struct run *run, struct write *write, struct err *err) {
    struct arena *arena = run->call->arena;
    const char *fields = kube_server_fields_text(arena, write->object.object);
    struct write stripped = *write;
    if (!fields)
        return true;
    stripped.whole = kube_without_server_fields(arena, write->whole);
    stripped.object.object = kube_without_server_fields(arena, write->object.object);
    struct kube_request request = apply_request(run, &stripped.object);
    request.dry_run = is_helm_4(run);
    send(run, &stripped, &request);
    if (stripped.answer.failure.kind && !strcmp(stripped.answer.failure.msg, write->answer.failure.msg))
        return true;
    const char *why = arena_printf(arena, "%s may only be written by the server", fields);
    if (!permit(run, write, why, err))
        return false;
    *write = stripped;
    return true;
}

// ---- one update that is merged here ----

static bool read_live(struct run *run, const struct write *write, struct value *out, struct err *err) {
    return kube_find(run->call, run->kube, &write->object.ref, out, err);
}

static struct value merged(struct run *run, const struct write *write, struct value live, struct value causes,
                           size_t *taken) {
    struct arena *arena = run->call->arena;
    const struct release_object *before = objects_find(&run->old, &write->object.ref);
    struct value original = before ? before->object : value_null();
    original = kube_left_to_controllers(arena, &write->controlled, original);
    struct kube_merge merge = {kube_ignored_take(arena, &write->ignored, original, value_null()),
                               write->object.object, live, causes};
    return kube_merged(arena, &merge, taken);
}

// As helm 3 does: what is not there is created, else the three are merged.
static bool write_untyped(struct run *run, struct write *write, struct err *err) {
    struct arena *arena = run->call->arena;
    write->merged = true;
    for (int i = 0; i < TRIES; i++) {
        size_t ignored;
        struct value live;
        struct kube_request request = {.ref = write->object.ref, .manager = run->manager};
        if (!read_live(run, write, &live, err))
            return false;
        bool absent = value_is_null(live);
        request.verb = absent ? KUBE_CREATE : KUBE_REPLACE;
        request.body = absent ? kube_without_server_fields(arena, write->object.object)
                              : merged(run, write, live, value_null(), &ignored);
        if (send(run, write, &request))
            return true;
        if (write->answer.failure.kind != ERR_CONFLICT)
            return fail(write, err);
    }
    return fail(write, err);
}

static struct value with_causes(struct arena *arena, struct value causes, const struct kube_answer *answer) {
    struct value more = value_get(answer->details, "causes");
    for (size_t i = 0; i < value_len(more); i++)
        causes = value_append(arena, causes, value_at(more, i));
    return causes;
}

// Their half goes in the update that brings ours; the apply after it makes the fields ours. Where nothing is
// to go, or it does not help, the server's first answer stands.
static bool write_other_half(struct run *run, struct write *write, struct err *err) {
    struct arena *arena = run->call->arena;
    const struct kube_answer first = write->answer;
    struct value causes = with_causes(arena, value_list(arena, NULL, 0), &first), live, sent = value_null();
    for (int i = 0; i < TRIES; i++) {
        size_t taken;
        if (!read_live(run, write, &live, err))
            return false;
        struct value body = value_is_null(live) ? live : merged(run, write, live, causes, &taken);
        if (value_is_null(body) || !taken || value_equal(body, sent))
            break;
        sent = body;
        struct kube_request update = {
            .verb = KUBE_REPLACE, .ref = write->object.ref, .body = body, .manager = run->manager};
        struct kube_request apply = apply_request(run, &write->object);
        if (send(run, write, &update))
            return send(run, write, &apply) || fail(write, err);
        if (write->answer.failure.kind == ERR_REFUSED)
            causes = with_causes(arena, causes, &write->answer);
        else if (write->answer.failure.kind == ERR_CONFLICT) // it has changed: the same may be taken now
            sent = value_null();
        else
            return fail(write, err);
    }
    write->answer = first;
    return fail(write, err);
}

bool apply_refused(struct run *run, struct write *write, struct err *err) {
    struct arena *arena = run->call->arena;
    enum err_kind kind = write->answer.failure.kind;
    if (kind != ERR_REFUSED && kind != ERR_CONFLICT)
        return fail(write, err);
    if (!strip(run, write, err))
        return false;
    if (!write->answer.failure.kind)
        return true;
    const char *untyped = strstr(write->answer.failure.msg, UNTYPED);
    if (untyped)
        return permit(run, write, reasons(arena, untyped), err) && write_untyped(run, write, err);
    return write->answer.status == 422 ? write_other_half(run, write, err) : fail(write, err);
}
