// SPDX-License-Identifier: Apache-2.0
#include "provider/operator_model.h"

#include "provider/operator_drift.h"
#include "provider/resource_owner.h"
#include "provider/secret_plan.h"
#include "provider/timeouts.h"

enum { DEFAULT_HISTORY = 10 };

#define MEMBER(kind, field) .member = (kind), .offset = offsetof(struct operator_model, field)

static const char *const CRDS[] = {"upgrade", "install", "skip", NULL};
static const char *const DRIFTS[] = {"enforce", "report", NULL};
static const char *const PROFILES[] = {"3", "4", NULL};

enum { LONGEST_NAME = 53 }; // helm's, so that what charts append still fits

static bool check_name(const struct schema_attr *attr, struct value value, const char *path,
                       struct err *err) {
    if (!schema_check_dns_name(attr, value, path, err))
        return false;
    return value_len(value) <= LONGEST_NAME ||
           err_at(err, path, "%s of a Helm release has at most %d characters; found %zu: \"%s\". Shorten it.",
                  path, LONGEST_NAME, value_len(value), value_get_string(value));
}

static bool check_history(const struct schema_attr *attr, struct value value, const char *path,
                          struct err *err) {
    (void)attr;
    return value_kind(value) != VALUE_INT || value_get_int(value) >= 0 ||
           err_at(err, path, "%s must be 0 (keep all) or more; found %lld.", path,
                  (long long)value_get_int(value));
}

static const struct schema_attr TIMEOUTS[] = {
    {.name = "create",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_duration,
     .doc = "How long installing may take, waiting included, for example `10m`. 10 minutes unless set.",
     MEMBER(SCHEMA_MS, timeouts.create)},
    {.name = "update",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_duration,
     .doc = "How long an upgrade may take. 10 minutes unless set.",
     MEMBER(SCHEMA_MS, timeouts.update)},
    {.name = "delete",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_duration,
     .doc = "How long uninstalling may take. 10 minutes unless set.",
     MEMBER(SCHEMA_MS, timeouts.destroy)},
    TIMEOUTS_READ,
    {0},
};

static const struct schema_attr ATTRS[] = {
    {.name = "name",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED | SCHEMA_REPLACE,
     .fallback = "operator",
     .check = check_name,
     .doc = "Name of the Helm release.",
     MEMBER(SCHEMA_STRING, name)},
    {.name = "namespace",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED | SCHEMA_REPLACE,
     .fallback = "wandb",
     .check = schema_check_dns_label,
     .doc = "Its namespace.",
     MEMBER(SCHEMA_STRING, namespace)},
    {.name = "create_namespace",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "true",
     .doc = "Create the namespace where it is missing. It is never deleted.",
     MEMBER(SCHEMA_BOOL, create_namespace)},
    {.name = "chart",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "operator",
     .check = schema_check_not_empty,
     .doc = "The chart: a name in `repository`, a folder, a `.tgz` file, a URL of one, or "
            "`oci://HOST/PATH[:TAG][@DIGEST]`.",
     MEMBER(SCHEMA_STRING, source.chart)},
    {.name = "repository",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "https://charts.wandb.ai",
     .doc = "Chart repository. Not used when `chart` is a path or URL.",
     MEMBER(SCHEMA_STRING, source.repository)},
    {.name = "version",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Chart version: exact, or a constraint such as `~> 1.4` or `^1.4`. It is resolved once and kept "
            "for as long as it satisfies the constraint. The newest release unless set.",
     MEMBER(SCHEMA_STRING, source.version)},
    {.name = "repository_username",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .doc = "User name for the repository.",
     MEMBER(SCHEMA_STRING, source.username)},
    {.name = "repository_password_wo",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_WRITE_ONLY | SCHEMA_SENSITIVE,
     .doc = "Password for the repository; never stored.",
     MEMBER(SCHEMA_STRING, password_wo)},
    {.name = "repository_pass_credentials",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Send the login also to another host where the repository's index says that a chart is.",
     MEMBER(SCHEMA_BOOL, source.pass_credentials)},
    {.name = "repository_ca",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Certificates (PEM) to trust for the repository.",
     MEMBER(SCHEMA_STRING, source.ca_pem)},
    {.name = "values",
     .type = &type_dynamic,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Values for the chart, as an object.",
     MEMBER(SCHEMA_VALUE, values)},
    {.name = "values_yaml",
     .type = &schema_strings_type,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Values as YAML documents, merged in order before `values`.",
     MEMBER(SCHEMA_STRINGS, values_yaml)},
    {.name = "values_wo",
     .type = &type_dynamic,
     .flags = SCHEMA_OPTIONAL | SCHEMA_WRITE_ONLY | SCHEMA_SENSITIVE,
     .doc = "Secret values for the chart, merged last, sent at every write, never stored in the state. Helm "
            "keeps them in the release's Secret. What is no longer given is kept; null lets it go.",
     MEMBER(SCHEMA_VALUE, values_wo)},
    {.name = "crds",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "upgrade",
     .allowed = CRDS,
     .doc = "The chart's CustomResourceDefinitions: `upgrade` applies them at every install and upgrade, "
            "`install` only creates missing ones (as Helm does), `skip` leaves them alone. They are never "
            "deleted.",
     MEMBER(SCHEMA_STRING, crds)},
    {.name = "profile",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "3",
     .allowed = PROFILES,
     .doc = "Which major of helm to render, to write and to wait like.",
     MEMBER(SCHEMA_STRING, profile)},
    {.name = "wait",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "true",
     .doc =
         "Wait until every object is ready. With `profile = \"3\"` by the rules of Helm 3's `--wait`: "
         "Deployments and DaemonSets may lack as many pods as their strategy allows, a Service of type "
         "LoadBalancer needs its address, Jobs and custom resources are not waited for. With "
         "`profile = \"4\"` by those of kstatus, as Helm 4 does: every replica, a Job has started, a custom "
         "resource that has a `Ready` condition is ready and its controller has seen it, and a StatefulSet "
         "whose pod crashes again and again fails.",
     MEMBER(SCHEMA_BOOL, wait)},
    {.name = "atomic",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "false",
     .doc = "Uninstall a failed install, roll a failed upgrade back.",
     MEMBER(SCHEMA_BOOL, atomic)},
    {.name = "adopt",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "false",
     .doc = "Take over a release of this name, or objects of it, that exist already. What another Helm "
            "release holds that lives is never taken over. If the release belonged to another "
            "`wandb_operator`, destroying that one no longer uninstalls it.",
     MEMBER(SCHEMA_BOOL, adopt)},
    {.name = "drift",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "enforce",
     .allowed = DRIFTS,
     .doc = "`enforce` plans to put back what others changed in the release's objects and CRDs; `report` "
            "only warns.",
     MEMBER(SCHEMA_STRING, drift)},
    {.name = "ignore_drift",
     .type = &schema_strings_type,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Fields that others write and that are none of this resource's business: no drift, and left as "
            "they are when the release is written. A list of `KIND/NAME PATH`, for example "
            "`Deployment/wandb-controller-manager spec.replicas`; `KIND.GROUP` and `KIND/NAMESPACE/NAME` "
            "say more. `*` stands for any text in a kind, name or key, `[*]` for any item of a list."},
    {.name = "max_history",
     .type = &type_number,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "10",
     .check = check_history,
     .doc = "Revisions kept; 0 keeps all.",
     MEMBER(SCHEMA_INT, max_history)},
    {.name = "timeouts",
     .nesting = SCHEMA_SINGLE,
     .attrs = TIMEOUTS,
     .flags = SCHEMA_OPTIONAL,
     .doc = "How long operations may take."},
    {.name = "owner",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED | SCHEMA_STABLE,
     .doc = RESOURCE_OWNER_DOC},
    {.name = "secret_versions",
     .type = &secret_versions_type,
     .flags = SCHEMA_COMPUTED,
     .doc = SECRET_VERSIONS_DOC},
    {.name = "chart_version",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "Version of the chart that is installed."},
    {.name = "app_version", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "The chart's appVersion."},
    {.name = "chart_digest",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "Digest of the chart's content; a local chart that changed is noticed by it."},
    {.name = "revision",
     .type = &type_number,
     .flags = SCHEMA_COMPUTED,
     .doc = "Revision of the Helm release."},
    {.name = "status", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Status of the Helm release."},
    {.name = "objects",
     .type = &schema_strings_type,
     .flags = SCHEMA_COMPUTED,
     .doc = "What the release consists of, as `Kind/namespace/name`; `Kind.group/namespace/name` where it "
            "has a kind of two API groups."},
    {.name = "drift_found",
     .nesting = SCHEMA_LIST,
     .attrs = drift_attrs,
     .flags = SCHEMA_COMPUTED,
     .doc = "What others changed since the last write. Empty after every write."},
    {0},
};

const struct schema operator_schema = {
    .name = "wandb_operator",
    .doc = "Installs the W&B operator: a Helm release of the operator chart with its "
           "CustomResourceDefinitions, and reports what others changed in it.",
    .attrs = ATTRS,
};

bool operator_decode(struct call *call, struct value value, struct operator_model *out, struct err *err) {
    *out = (struct operator_model){.crds = "upgrade", .drift = "enforce", .max_history = DEFAULT_HISTORY};
    if (!schema_decode(call->arena, &operator_schema, value, out, err))
        return false;
    out->source.profile = out->profile && *out->profile == '4' ? HELM_4 : HELM_3;
    return true;
}
