// SPDX-License-Identifier: Apache-2.0
// Labels and annotations that the chart had and has no more. Those that are ours alone an apply takes away;
// one that somebody else has changed meanwhile stays his. Helm 3 takes all of them away, and so do we; what
// others added by themselves is none of them.
#include "release/write.h"

static const char *const FIELDS[] = {"annotations", "labels"};

// A merge patch; null where nothing is left.
static struct value removal(struct arena *arena, struct value before, struct value now, struct value live) {
    struct value none = value_map(arena, NULL, 0), patch = none;
    for (size_t i = 0; i < 2; i++) {
        struct value dropped = none, had = value_dig(before, "metadata", FIELDS[i], NULL);
        for (size_t j = 0; value_kind(had) == VALUE_MAP && j < value_len(had); j++) {
            const char *key = value_entry_at(had, j)->key;
            if (!value_has(value_dig(now, "metadata", FIELDS[i], NULL), key) &&
                value_has(value_dig(live, "metadata", FIELDS[i], NULL), key))
                dropped = value_with(arena, dropped, key, value_null());
        }
        if (value_len(dropped))
            patch = value_with(arena, patch, FIELDS[i], dropped);
    }
    return value_len(patch) ? value_with(arena, none, "metadata", patch) : value_null();
}

bool take_dropped(struct run *run, const struct write *write, struct err *err) {
    const struct release_object *before = objects_find(&run->old, &write->object.ref);
    struct kube_request request = {
        .verb = KUBE_PATCH_MERGE, .ref = write->object.ref, .manager = run->manager};
    if (!before)
        return true;
    struct value had = kube_ignored_take(run->call->arena, &write->ignored, before->object, value_null());
    request.body = removal(run->call->arena, had, write->object.object, write->answer.object);
    return value_is_null(request.body) || kube_do(run->call, run->kube, &request, NULL, err);
}
