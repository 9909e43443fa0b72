// SPDX-License-Identifier: Apache-2.0
// What had the custom resource before, and lets go of it with the first write: a Helm release that brought it
// (asked for by a `moved` block, or by retire_helm_release), or another provider's manifest. Private state's
// "predecessor" remembers it until then: {"release": "NAMESPACE/NAME", "managers": [field manager]}.
#ifndef PROVIDER_INSTANCE_PREDECESSOR_H
#define PROVIDER_INSTANCE_PREDECESSOR_H

#include "provider/instance_model.h"
#include "provider/provider.h"

// The note. `release` may be NULL; of the managers, NULL is none.
struct value instance_predecessor_note(struct arena *arena, const char *release,
                                       const char *const managers[2]);

// The Helm release that is to let go, "NAMESPACE/NAME"; NULL when nothing asks for it.
const char *instance_predecessor_release(const struct resource_state *prior,
                                         const struct instance_model *model);

// Whether something of a predecessor is still on the object, and is to go: a reason to write.
bool instance_predecessor_owed(const struct resource_state *prior, const struct instance_model *model);

// `state` with `helm_release` and `last_applied_configuration` as the live object says: after a read; after a
// write as planned, where the plan knew.
struct value instance_predecessor_read(struct arena *arena, struct value state, struct value live);
struct value instance_predecessor_written(struct arena *arena, struct value state, struct value planned,
                                          struct value live);

// The same as planned: null where they go, as before where nothing is written.
struct value instance_predecessor_planned(struct arena *arena, const struct resource_plan *plan, bool owed,
                                          bool writes);

// The field managers whose fields the first write takes over, null for none: those noted, and those that own
// what helm and kubectl leave on an object, as `live` says.
struct value instance_predecessor_managers(struct arena *arena, const struct resource_state *prior,
                                           const struct instance_model *model, struct value live);

// Takes off the object what helm and kubectl leave on one, hands their fields over, and puts this resource's
// token on it; nothing else of it changes. `live` may be null: then there is nothing to do.
bool instance_predecessor_let_go(struct call *call, struct provider *provider,
                                 const struct resource_state *prior, const struct instance_model *model,
                                 struct value live, struct err *err);

// `private` without the note.
struct value instance_predecessor_drop(struct arena *arena, struct value private);

#endif
