// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_ignore.h"

#include "base/buf.h"
#include "provider/ignore_drift.h"
#include "value/diff.h"
#include "wandb/instance.h"

// ---- checks ----

static bool check_object(struct call *call, const struct instance_model *model, struct value config,
                         struct err *err) {
    struct value patterns = value_untyped(value_get(config, "ignore_drift"));
    struct kube_ref ref = instance_model_ref(model);
    ref.api_version = ref.api_version ? ref.api_version : INSTANCE_V1;
    for (size_t i = 0; model->name && model->namespace && i < value_len(patterns); i++) {
        struct value pattern = value_at(patterns, i);
        const char *place = arena_printf(call->arena, "ignore_drift[%zu]", i);
        struct kube_ignored one;
        if (!kube_ignored_parse(call->arena, place, value_list(call->arena, &pattern, 1), &one, err))
            return false;
        if (one.count && !kube_ignored_of(call->arena, &one, &ref).count)
            return err_at(err, place,
                          "%s is \"%s\", which is not this resource's object, %s. What the operator's chart "
                          "installs is the wandb_operator's; what the operator makes of this instance no "
                          "resource compares.",
                          place, value_get_string(pattern), instance_text(call->arena, model));
    }
    return true;
}

bool instance_ignore_check(struct call *call, const struct instance_model *model, struct value config,
                           const struct secrets *given, struct err *err) {
    if (!ignore_drift_check(call->arena, config, err) || !check_object(call, model, config, err))
        return false;
    struct kube_ignored ignored = ignore_drift_of(call->arena, config);
    for (size_t i = 0; i < given->count; i++) {
        const char *path = arena_printf(call->arena, "spec.%s", given->items[i].path);
        if (kube_ignored_at(call->arena, &ignored, path) == KUBE_IGNORED_WHOLLY)
            return err_at(err, "ignore_drift",
                          "ignore_drift leaves %s to others, and a write-only attribute gives it: it would "
                          "never be written. Take it out of one of the two.",
                          path);
    }
    return true;
}

// ---- plans ----

struct kube_ignored instance_ignore_of(struct arena *arena, const struct instance_model *model,
                                       struct value planned) {
    struct kube_ignored all = ignore_drift_of(arena, planned);
    struct kube_ref ref = instance_model_ref(model);
    return model->api_version && model->name ? kube_ignored_of(arena, &all, &ref)
                                             : (struct kube_ignored){NULL, 0};
}

// As the object has them.
static struct value object_of(struct arena *arena, struct value state) {
    static const char *const METADATA[] = {"labels", "annotations"};
    struct value none = value_map(arena, NULL, 0), metadata = none;
    for (size_t i = 0; i < sizeof METADATA / sizeof *METADATA; i++)
        if (!value_is_null(value_get(state, METADATA[i])))
            metadata = value_with(arena, metadata, METADATA[i], value_get(state, METADATA[i]));
    struct value object = value_with(arena, none, "metadata", metadata);
    return value_with(arena, object, "spec", value_untyped(value_get(state, "spec")));
}

bool instance_ignore_differs(struct arena *arena, const struct instance_model *model, struct value before,
                             struct value planned) {
    struct kube_ignored ignored = instance_ignore_of(arena, model, planned);
    struct value now = object_of(arena, before), next = object_of(arena, planned);
    return !value_equal(kube_ignored_take(arena, &ignored, now, next), next);
}

void instance_ignore_tell(struct call *call, const struct instance_model *model,
                          const struct resource_plan *plan) {
    struct arena *arena = call->arena;
    struct kube_ignored ignored = instance_ignore_of(arena, model, plan->planned.value);
    struct value now = object_of(arena, plan->prior.value), next = object_of(arena, plan->planned.value);
    if (!ignored.count || !value_is_known(next))
        return;
    struct diff diff = diff_values(arena, next, now, "", true);
    struct buf paths;
    size_t count = 0;
    buf_init(&paths, arena);
    for (size_t i = 0; i < diff.count; i++)
        if (kube_ignored_at(arena, &ignored, diff.items[i].path) == KUBE_IGNORED_WHOLLY) {
            buf_printf(&paths, "\n  %s", diff.items[i].path);
            count++;
        }
    if (count)
        call_warn(call, subject_many(call->about, count, "path"), "Left to others in",
                  "What this plan says there is not written, and what is in the cluster stays, since "
                  "ignore_drift names it:%s\n\nWhere it is to be written, take it out of ignore_drift.",
                  buf_text(&paths));
}
