// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_release.h"

#include "provider/config.h"
#include "release/claim.h"
#include "wandb/instance.h"

enum { LOOK_MS = 5000 };

static bool refuse(struct arena *arena, struct value live, const struct release_claim *claim,
                   struct err *err) {
    struct kube_ref ref = kube_ref_of(live);
    return err_set(
        err, ERR_CONFLICT,
        "%s belongs to %s. Whoever uninstalls that release, such as a helm_release that goes in the same "
        "apply, deletes the instance and everything that runs for it; so it is not taken over. Where this "
        "configuration has it as a helm_release, a moved block from that to this wandb_instance lets it go "
        "by "
        "itself. Otherwise let the release go first, without uninstalling it:\n\n%s\n"
        "Instead of step 2, this resource can do that in its own apply: retire_helm_release = \"%s/%s\".\n\n"
        "Then plan again. Nothing was changed.",
        kube_ref_text(arena, &ref), release_claim_text(arena, claim), release_claim_way_out(arena, claim),
        claim->namespace, claim->name);
}

// The object's release, where that may go on holding it or is `retired`.
static bool look(struct call *call, struct kube_client *kube, struct value live, const char *retired,
                 struct release_claim *claim, struct err *err) {
    return release_claim_of(call, kube, live, claim, err) &&
           (claim->state != CLAIM_LIVING || release_claim_is(claim, retired) ||
            refuse(call->arena, live, claim, err));
}

bool instance_release_check(struct call *call, struct kube_client *kube, struct value live,
                            const char *retired, struct err *err) {
    struct release_claim claim;
    return look(call, kube, live, retired, &claim, err);
}

bool instance_release_retire(struct call *call, struct kube_client *kube, struct value live,
                             const char *retired, struct err *err) {
    struct release_claim claim;
    return look(call, kube, live, retired, &claim, err) && release_claim_retire(call, kube, &claim, err);
}

struct value instance_release_met(struct call *call, struct provider *provider,
                                  const struct resource_plan *plan, const struct instance_model *model) {
    struct err unseen = err_in(call->arena);
    struct value live = value_null();
    struct kube_ref ref = instance_model_ref(model);
    bool wanted = value_is_null(plan->prior.value) || value_has(plan->prior.private, "helm_release");
    if (!wanted || !model->api_version || !model->namespace || !model->name ||
        !provider_knows(provider, "kubernetes", &unseen))
        return live;
    struct kube_client *kube = provider_kube(call, provider, &unseen);
    struct call within = call_within(call, LOOK_MS);
    bool read = kube && instance_get(&within, kube, &ref, &live, &unseen);
    return read ? live : value_null();
}

bool instance_release_plan(struct call *call, struct provider *provider, struct value met,
                           const struct instance_retiring *retiring, struct err *err) {
    struct arena *arena = call->arena;
    struct err unseen = err_in(arena);
    struct release_claim claim;
    struct kube_client *kube = value_is_null(met) ? NULL : provider_kube(call, provider, &unseen);
    struct call within = call_within(call, LOOK_MS);
    if (!kube)
        return true;
    if (!look(&within, kube, met, retiring->release, &claim, &unseen))
        return unseen.kind != ERR_CONFLICT || err_set(err, unseen.kind, "%s", unseen.msg);
    struct kube_ref ref = kube_ref_of(met);
    const char *object = kube_ref_text(arena, &ref);
    if (claim.state == CLAIM_LIVING && !retiring->moved)
        call_warn(
            call, subject_of(object), "Helm release lets go of",
            "%s belongs to %s, which retire_helm_release names: applying this plan deletes the records of "
            "that release, and none of its objects. Nothing may uninstall it in the same apply: see that "
            "the plan destroys no helm_release of it.",
            object, release_claim_text(arena, &claim));
    return true;
}

void instance_release_note(struct arena *arena, struct value live, bool imported,
                           struct resource_state *state) {
    bool marked = release_claim_marks(live).name != NULL;
    bool noted = value_has(state->private, "helm_release");
    struct value private = value_is_null(state->private) ? value_map(arena, NULL, 0) : state->private;
    if (marked && imported)
        state->private = value_with(arena, private, "helm_release", value_bool(true));
    else if (noted && !marked)
        state->private = value_without(arena, private, "helm_release");
}

bool instance_release_forget(struct call *call, struct provider *provider, const struct instance_model *model,
                             struct value *live, struct err *err) {
    struct release_claim claim;
    struct kube_client *kube = provider_kube(call, provider, err);
    struct value patch = release_claim_removal(call->arena, *live, value_untyped(model->labels),
                                               value_untyped(model->annotations));
    if (!kube || value_is_null(patch))
        return kube != NULL;
    if (!release_claim_of(call, kube, *live, &claim, err))
        return false;
    struct kube_request request = {.verb = KUBE_PATCH_MERGE,
                                   .ref = kube_ref_of(*live),
                                   .body = patch,
                                   .manager = provider_settings(provider)->field_manager};
    struct kube_answer answer;
    if (claim.state == CLAIM_LIVING)
        return true;
    if (!kube_do(call, kube, &request, &answer, err))
        return err_wrap(err, "take the marks of the Helm release \"%s\" off", claim.name);
    *live = answer.object;
    return true;
}
