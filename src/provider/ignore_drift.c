// SPDX-License-Identifier: Apache-2.0
#include "provider/ignore_drift.h"

static bool read_patterns(struct arena *arena, struct value object, struct kube_ignored *out,
                          struct err *err) {
    return kube_ignored_parse(arena, "ignore_drift", value_get(object, "ignore_drift"), out, err);
}

bool ignore_drift_check(struct arena *arena, struct value config, struct err *err) {
    struct kube_ignored ignored;
    return read_patterns(arena, config, &ignored, err);
}

struct kube_ignored ignore_drift_of(struct arena *arena, struct value object) {
    struct kube_ignored ignored;
    struct err checked = err_in(arena); // at validation
    return read_patterns(arena, object, &ignored, &checked) ? ignored : (struct kube_ignored){NULL, 0};
}

bool ignore_drift_has(struct arena *arena, const struct kube_ignored *ignored,
                      const struct drift_item *item) {
    struct kube_ignored of = kube_ignored_named(arena, ignored, item->object);
    return kube_ignored_at(arena, &of, item->path) == KUBE_IGNORED_WHOLLY;
}

struct value ignore_drift_rest(struct arena *arena, const struct kube_ignored *ignored, struct value found) {
    struct drift drift = drift_of_value(arena, found);
    size_t count = 0;
    if (!ignored->count)
        return found;
    for (size_t i = 0; i < drift.count; i++)
        if (!ignore_drift_has(arena, ignored, &drift.items[i]))
            drift.items[count++] = drift.items[i];
    drift.count = count;
    return drift_to_value(arena, &drift);
}
