// SPDX-License-Identifier: Apache-2.0
// A custom resource that a Helm release brought (a helm_release, `helm install`). While that release lives,
// whoever uninstalls it deletes the instance; so it is not taken over before that release has let go of it.
#ifndef PROVIDER_INSTANCE_RELEASE_H
#define PROVIDER_INSTANCE_RELEASE_H

#include "kube/client.h"
#include "provider/instance_model.h"
#include "provider/provider.h"

// ERR_CONFLICT, with what to do, when the object belongs to a release that lives and that is not the one
// which is to let go (`retired`: "NAMESPACE/NAME", or NULL). A null object is fine.
bool instance_release_check(struct call *call, struct kube_client *kube, struct value live,
                            const char *retired, struct err *err);

// The same, and the release that is to let go does: it is retired (release/claim.h).
bool instance_release_retire(struct call *call, struct kube_client *kube, struct value live,
                             const char *retired, struct err *err);

// The live object that a plan to create meets, or that goes on with what was imported and never written. Null
// when there is none, and when the cluster does not answer in a few seconds: that is left to the apply.
struct value instance_release_met(struct call *call, struct provider *provider,
                                  const struct resource_plan *plan, const struct instance_model *model);

// The release that is to let go: "NAMESPACE/NAME", or NULL; and whether it asks for that itself, since its
// helm_release moved here.
struct instance_retiring {
    const char *release;
    bool moved;
};

// instance_release_check of what a plan met, with a warning of what the apply does to a release that nothing
// is known of; what cannot be looked at is left to the apply.
bool instance_release_plan(struct call *call, struct provider *provider, struct value met,
                           const struct instance_retiring *retiring, struct err *err);

// Notes in private state that an imported object has marks of a release, until it is written.
void instance_release_note(struct arena *arena, struct value live, bool imported,
                           struct resource_state *state);

// After a write: takes the marks of a release that is gone off the object, which is `live` afterwards.
bool instance_release_forget(struct call *call, struct provider *provider, const struct instance_model *model,
                             struct value *live, struct err *err);

#endif
