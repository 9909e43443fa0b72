// SPDX-License-Identifier: Apache-2.0
// The operator's own Secrets beside an instance: what the System Console, the release channel
// and the last successful merge say (wandb/operator v1.22.0 pkg/wandb/spec/state/secrets).
#ifndef WANDB_LEVELS_H
#define WANDB_LEVELS_H

#include "base/call.h"
#include "kube/client.h"
#include "value/value.h"
#include "wandb/hierarchy.h"

// One level: maps or null.
struct level {
    bool present;      // the Secret exists
    const char *lacks; // the key that the operator cannot do without and that is not there, or NULL
    struct value chart, values, metadata;
};

struct levels {
    struct level console; // <name>-spec-user
    struct level channel; // <name>-latest-cached-release, or what stands in its place
    struct level active;  // <name>-spec-active
    bool managed;         // `channel` is the managed spec: this operator asks no release channel any more
};

// Reads the three Secrets, and whether there is a managed spec, in parallel. Absent ones are not `present`; a
// broken one is an error.
bool levels_get(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                struct levels *out, struct err *err);

// The managed spec of a namespace, which an operator started with --managed-spec-enabled takes in the release
// channel's stead once its cutover is complete: the ConfigMap wandb-spec-managed, where
// wandb-managed-spec-state says so (wandb/operator, branch v1, internal/controller/managed_spec.go). Not
// `present` where the channel counts, and where ConfigMaps may not be read.
bool levels_managed(struct call *call, struct kube_client *kube, const char *namespace, struct level *out,
                    struct err *err);
void levels_manage(struct levels *levels, const struct level *managed); // puts it in its place when present

// The same from answers to `levels_requests`, so that a caller can ask for more in one go.
enum { LEVEL_CONSOLE, LEVEL_CHANNEL, LEVEL_ACTIVE, LEVEL_COUNT };
void levels_requests(struct arena *arena, const char *namespace, const char *name,
                     struct kube_request out[LEVEL_COUNT]);
bool levels_from(struct arena *arena, const struct kube_answer answers[LEVEL_COUNT], struct levels *out,
                 struct err *err);

// What the operator would make of `spec_values` over these levels. Its own defaults are included:
// global.operator, with the namespace the operator runs in taken from the active spec (else "wandb").
struct hierarchy levels_merge(struct arena *arena, const struct levels *levels, struct value spec_values);

// Whether it is the custom resource that has the path of a finding of `levels_merge`: no other level is ours
// to change.
bool levels_is_own(const struct hierarchy_finding *finding);

// Paths below "values", as a list of texts, at which `spec_values` hide another value of a level below. What
// the System Console hides of the channel where the spec says nothing is none.
struct value levels_overrides(struct arena *arena, const struct levels *levels, struct value spec_values);

// A sentence saying why the operator can never get on with these levels (values that do not merge, a broken
// Secret) and what to mend, for v1 instances; NULL when it can.
const char *levels_problem(struct arena *arena, const struct kube_ref *ref, const struct levels *levels,
                           struct value spec_values);

// The forms of a chart that the operator knows; it passes over a chart of no form as if the level had none.
enum levels_chart_form {
    LEVELS_CHART_NONE,
    LEVELS_CHART_PATH, // {path}: a .tgz beside the operator
    LEVELS_CHART_OCI,  // {url: "oci://…", version}, or the version as the URL's tag
    LEVELS_CHART_REPO, // {url, name, version}
};
enum levels_chart_form levels_chart_form(struct value chart);

// The chart the operator is to install: of the first level that has one, null when none has.
struct value levels_chart(const struct levels *levels, struct value spec);

// The level that has it.
enum levels_of_chart { LEVELS_NOWHERE, LEVELS_SPEC, LEVELS_CONSOLE, LEVELS_CHANNEL };
enum levels_of_chart levels_chart_level(const struct levels *levels, struct value spec);

// The chart that is installed: as the active spec names it, and where that has no version (a path, an OCI
// tag) as the Helm release has it. NULL when unknown.
void levels_active_chart(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                         const struct levels *levels, const char **name, const char **version);

// All of it for showing: {console, channel, active}, each {chart, values, metadata} or null.
struct value levels_to_value(struct arena *arena, const struct levels *levels);

#endif
