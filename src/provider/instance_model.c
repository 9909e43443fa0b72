// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_model.h"

#include "provider/identity.h"
#include "provider/operator_drift.h"
#include "provider/resource_owner.h"
#include "provider/secret_plan.h"
#include "provider/timeouts.h"
#include "wandb/instance.h"

#include <string.h>

#define MEMBER(kind, field) .member = (kind), .offset = offsetof(struct instance_model, field)

static const char *const API_VERSIONS[] = {INSTANCE_V1, INSTANCE_V2, NULL};
static const char *const WAITS[] = {"ready", "accepted", "none", NULL};
static const char *const DRIFTS[] = {"enforce", "report", NULL};
static const char *const ENDS[] = {"delete", "detach", NULL};
static const char *const STUCK[] = {"fail", "remove_finalizer", NULL};

static bool check_release(const struct schema_attr *attr, struct value value, const char *path,
                          struct err *err) {
    (void)attr;
    const char *text = value_text_or(value, ""), *slash = strchr(text, '/');
    bool fits = slash && slash != text && slash[1] && !strchr(slash + 1, '/');
    return fits ||
           err_at(err, path,
                  "%s must be NAMESPACE/NAME of a Helm release, for example \"default/wandb-cr\"; found "
                  "\"%s\".",
                  path, text);
}

static const struct schema_attr TIMEOUTS[] = {
    {.name = "create",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_duration,
     .doc = "How long creating may take, waiting included, for example `30m`. 20 minutes unless set.",
     MEMBER(SCHEMA_MS, timeouts.create)},
    {.name = "update",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_duration,
     .doc = "How long a change may take. 20 minutes unless set.",
     MEMBER(SCHEMA_MS, timeouts.update)},
    {.name = "delete",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_duration,
     .doc = "How long deleting may take, the operator's finalizer included. 20 minutes unless set.",
     MEMBER(SCHEMA_MS, timeouts.destroy)},
    TIMEOUTS_READ,
    {0},
};

static const struct schema_attr CHART[] = {
    {.name = "name", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Its name."},
    {.name = "version", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Its version."},
    {0},
};

static const struct schema_attr ATTRS[] = {
    {.name = "name",
     .type = &type_string,
     .flags = SCHEMA_REQUIRED | SCHEMA_REPLACE,
     .check = schema_check_dns_name,
     .doc = "Name of the custom resource; the operator names the Helm release after it, so 53 characters "
            "are the most (v2: 63).",
     MEMBER(SCHEMA_STRING, name)},
    {.name = "namespace",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED | SCHEMA_REPLACE,
     .fallback = "default",
     .check = schema_check_dns_label,
     .doc = "Its namespace. It must exist.",
     MEMBER(SCHEMA_STRING, namespace)},
    {.name = "api_version",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = INSTANCE_V1,
     .allowed = API_VERSIONS,
     .doc = "API version to write. Changing it never replaces the instance.",
     MEMBER(SCHEMA_STRING, api_version)},
    {.name = "labels",
     .type = &schema_string_map_type,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Labels of the custom resource. Labels set by others stay.",
     MEMBER(SCHEMA_VALUE, labels)},
    {.name = "annotations",
     .type = &schema_string_map_type,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Annotations of the custom resource. Annotations set by others stay.",
     MEMBER(SCHEMA_VALUE, annotations)},
    {.name = "spec",
     .type = &type_dynamic,
     .flags = SCHEMA_REQUIRED,
     .doc =
         "The spec, as an object: for `apps.wandb.com/v1` with the members `values` and optionally "
         "`chart`. It is owned as a whole: what others add inside it is drift, but for secrets, which stay.",
     MEMBER(SCHEMA_VALUE, spec)},
    {.name = "license_wo",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_WRITE_ONLY | SCHEMA_SENSITIVE,
     .doc = "The license. Written to `values.global.license` (v2: `wandb.license`) at every write, never "
            "stored.",
     MEMBER(SCHEMA_STRING, license_wo)},
    {.name = "secret_values_wo",
     .type = &type_dynamic,
     .flags = SCHEMA_OPTIONAL | SCHEMA_WRITE_ONLY | SCHEMA_SENSITIVE,
     .doc = "Secret parts of the spec, in the same shape as `spec`; merged into it by path at every write, "
            "never stored. What is no longer given is kept; null lets it go.",
     MEMBER(SCHEMA_VALUE, secret_values_wo)},
    {.name = "wait_for",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "ready",
     .allowed = WAITS,
     .doc = "What a write waits for: `accepted`, the operator has taken this spec; `ready`, and every "
            "workload is rolled out; `none`. Where a wait did not come to its end, the next plan goes on "
            "with it.",
     MEMBER(SCHEMA_STRING, wait_for)},
    {.name = "drift",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "enforce",
     .allowed = DRIFTS,
     .doc = "`enforce` plans to put back what others changed; `report` only warns.",
     MEMBER(SCHEMA_STRING, drift)},
    {.name = "ignore_drift",
     .type = &schema_strings_type,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Fields that others write and that are none of this resource's business: no drift, and left as "
            "they are by every write, also where another field manager applies them. A list of "
            "`WeightsAndBiases/NAME PATH`, for example `WeightsAndBiases/* spec.values.app.resources`. `*` "
            "stands for any text in a name or key, `[*]` for any item of a list."},
    {.name = "force",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "false",
     .doc = "Take fields over that another field manager applies.",
     MEMBER(SCHEMA_BOOL, force)},
    {.name = "adopt",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "false",
     .doc = "Take over a custom resource of this name that exists already. If it belonged to another "
            "`wandb_instance`, destroying that one no longer deletes it. What a Helm release holds that "
            "lives is taken over only with `retire_helm_release`.",
     MEMBER(SCHEMA_BOOL, adopt)},
    {.name = "retire_helm_release",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = check_release,
     .doc =
         "The Helm release, as `NAMESPACE/NAME`, that holds the custom resource and lets go of it when this "
         "takes it over (`adopt`, or after an import): its records are deleted, and none of its objects. "
         "Nothing may uninstall that release in the same apply: no `helm_release` that goes, here or "
         "elsewhere. A `moved` block from a `helm_release` asks for this by itself.",
     MEMBER(SCHEMA_STRING, retire_helm_release)},
    {.name = "on_destroy",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "delete",
     .allowed = ENDS,
     .doc = "`delete` deletes the instance, `detach` leaves it running.",
     MEMBER(SCHEMA_STRING, on_destroy)},
    {.name = "on_destroy_stuck",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "fail",
     .allowed = STUCK,
     .doc = "What to do when the operator can never finish deleting the instance, because its levels do not "
            "merge or its chart was never installed: `fail` says so and how to mend it; `remove_finalizer` "
            "uninstalls the Helm release and removes the operator's finalizer, with a warning.",
     MEMBER(SCHEMA_STRING, on_destroy_stuck)},
    {.name = "timeouts",
     .nesting = SCHEMA_SINGLE,
     .attrs = TIMEOUTS,
     .flags = SCHEMA_OPTIONAL,
     .doc = "How long operations may take."},
    {.name = "uid",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED | SCHEMA_STABLE,
     .doc = "UID of the object."},
    {.name = "owner",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED | SCHEMA_STABLE,
     .doc = RESOURCE_OWNER_DOC},
    {.name = "secret_versions",
     .type = &secret_versions_type,
     .flags = SCHEMA_COMPUTED,
     .doc = SECRET_VERSIONS_DOC},
    {.name = "generation",
     .type = &type_number,
     .flags = SCHEMA_COMPUTED,
     .doc = "Generation of the object: counts changes of its spec."},
    {.name = "phase",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "The operator's phase, for example `Completed`."},
    {.name = "ready",
     .type = &type_bool,
     .flags = SCHEMA_COMPUTED,
     .doc =
         "Whether the instance is ready, measured at every read: the operator has taken the spec, and every "
         "workload is rolled out. False where that cannot be measured."},
    {.name = "url",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "Address of the server, as the spec says."},
    {.name = "helm_release",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc =
         "The Helm release that brought the custom resource, as `NAMESPACE/NAME`, while the object carries "
         "its marks. Whoever uninstalls it deletes the instance."},
    {.name = "last_applied_configuration",
     .type = &type_bool,
     .flags = SCHEMA_COMPUTED,
     .doc =
         "True while the object carries the annotation `kubectl.kubernetes.io/last-applied-configuration`, "
         "which holds the whole spec in clear, secrets included. After a `moved` block the first apply takes "
         "it away."},
    {.name = "active_chart",
     .nesting = SCHEMA_SINGLE,
     .attrs = CHART,
     .flags = SCHEMA_COMPUTED,
     .doc = "The chart that is installed now. It moves by itself where the spec does not pin one."},
    {.name = "overrides",
     .type = &schema_strings_type,
     .flags = SCHEMA_COMPUTED,
     .doc = "Paths that `spec.values` sets and that hide another value of the System Console or the release "
            "channel."},
    {.name = "drift_found",
     .nesting = SCHEMA_LIST,
     .attrs = drift_attrs,
     .flags = SCHEMA_COMPUTED,
     .doc = "What others changed since the last write. Empty after every write."},
    {0},
};

const struct schema instance_schema = {
    .name = "wandb_instance",
    .doc = "Runs a W&B server: writes the custom resource `WeightsAndBiases` that the operator turns into a "
           "running instance, and reports what others changed in it.",
    .attrs = ATTRS,
};

const struct schema instance_identity_schema = {.name = "wandb_instance", .attrs = identity_attrs};

bool instance_decode(struct call *call, struct value value, struct instance_model *out, struct err *err) {
    *out = (struct instance_model){
        .wait_for = "ready", .drift = "enforce", .on_destroy = "delete", .on_destroy_stuck = "fail"};
    return schema_decode(call->arena, &instance_schema, value, out, err);
}

struct kube_ref instance_model_ref(const struct instance_model *model) {
    return KUBE_REF(model->api_version, INSTANCE_KIND, model->namespace, model->name);
}

const char *instance_text(struct arena *arena, const struct instance_model *model) {
    static const char UNKNOWN[] = "(known after apply)";
    return arena_printf(arena, INSTANCE_KIND "/%s/%s", model->namespace ? model->namespace : UNKNOWN,
                        model->name ? model->name : UNKNOWN);
}
