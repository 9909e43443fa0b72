// SPDX-License-Identifier: Apache-2.0
// data wandb_instance: one instance as it is, with the levels that its spec is made of.
#include "kube/ready.h"
#include "provider/config.h"
#include "provider/content.h"
#include "provider/timeouts.h"
#include "wandb/instance.h"
#include "wandb/levels.h"
#include "wandb/readiness.h"
#include "wandb/rollouts.h"

#include <string.h>
#include <time.h>

struct model {
    const char *name, *namespace, *api_version;
};

#define MEMBER(kind, field) .member = (kind), .offset = offsetof(struct model, field)

static const char *const API_VERSIONS[] = {INSTANCE_V1, INSTANCE_V2, NULL};

static const struct schema_attr CHART[] = {
    {.name = "name", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Its name."},
    {.name = "version", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Its version."},
    {0},
};

static const struct schema_attr WORKLOAD[] = {
    {.name = "kind",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "`Deployment`, `StatefulSet`, `DaemonSet` or `Job`."},
    {.name = "name", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Its name."},
    {.name = "ready",
     .type = &type_bool,
     .flags = SCHEMA_COMPUTED,
     .doc = "Whether it is rolled out; of a Job, whether it is done."},
    {.name = "reason",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "What is missing, null when it is ready."},
    {0},
};

#define SECRET_DYNAMIC .type = &type_dynamic, .flags = SCHEMA_COMPUTED | SCHEMA_SENSITIVE

static const struct schema_attr ATTRS[] = {
    {.name = "name",
     .type = &type_string,
     .flags = SCHEMA_REQUIRED,
     .check = schema_check_dns_name,
     .doc = "Name of the custom resource.",
     MEMBER(SCHEMA_STRING, name)},
    {.name = "namespace",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_dns_label,
     .doc = "Its namespace, `default` unless set.",
     MEMBER(SCHEMA_STRING, namespace)},
    {.name = "api_version",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .allowed = API_VERSIONS,
     .doc = "API version to read, `apps.wandb.com/v1` unless set.",
     MEMBER(SCHEMA_STRING, api_version)},
    TIMEOUTS_OF_DATA,
    {.name = "uid", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "UID of the object."},
    {.name = "generation",
     .type = &type_number,
     .flags = SCHEMA_COMPUTED,
     .doc = "Generation of the object."},
    {.name = "phase", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "The operator's phase."},
    {.name = "ready",
     .type = &type_bool,
     .flags = SCHEMA_COMPUTED,
     .doc = "Whether it is ready: the operator has taken the spec, and every workload is rolled out. False "
            "where "
            "that cannot be measured; see `workloads` for what runs."},
    {.name = "url", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Address of the server."},
    {.name = "active_chart",
     .nesting = SCHEMA_SINGLE,
     .attrs = CHART,
     .flags = SCHEMA_COMPUTED,
     .doc = "The chart that is installed now."},
    {.name = "status", .type = &type_dynamic, .flags = SCHEMA_COMPUTED, .doc = "The object's status."},
    {.name = "spec", SECRET_DYNAMIC, .doc = "The custom resource's spec: the highest level."},
    {.name = "levels",
     SECRET_DYNAMIC,
     .doc = "The levels below, each an object with `chart`, `values` and `metadata`, or null: `console` "
            "(what the System Console set), `channel` (the release channel's last answer) and `active` (what "
            "the operator merged and applied last)."},
    {.name = "effective_values",
     SECRET_DYNAMIC,
     .doc = "What the operator makes of all levels now. Equal to `levels.active.values` once it has taken "
            "them; null when the levels do not merge."},
    {.name = "problem",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "Why the operator can not get on with these levels, null when it can."},
    {.name = "workloads",
     .nesting = SCHEMA_LIST,
     .attrs = WORKLOAD,
     .flags = SCHEMA_COMPUTED,
     .doc = "What the chart installed that runs pods."},
    {0},
};

static const struct schema SCHEMA = {
    .name = "wandb_instance",
    .doc = "Reads a W&B instance: its levels (custom resource, System Console, release channel), what the "
           "operator makes of them, and "
           "its workloads.",
    .attrs = ATTRS,
};

static struct value dynamic(struct arena *arena, struct value v) {
    return value_typed(arena, type_of_value(arena, v), v);
}

static struct value chart(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                          const struct levels *levels) {
    struct arena *arena = call->arena;
    const char *name, *version;
    levels_active_chart(call, kube, ref, levels, &name, &version);
    struct value_entry entries[] = {{"name", value_text(arena, name)},
                                    {"version", value_text(arena, version)}};
    return name || version ? value_map(arena, entries, 2) : value_null();
}

static struct value workload(struct arena *arena, const struct kube_ref *ref,
                             const struct kube_answer *answer) {
    struct kube_status status =
        kube_status_of(arena, rollout_rules(ref->kind), answer->object, (int64_t)time(NULL));
    struct value_entry entries[] = {
        {"kind", value_string(arena, ref->kind)},
        {"name", value_string(arena, ref->name)},
        {"ready", value_bool(status.state == KUBE_STATE_READY)},
        {"reason", value_text(arena, status.state == KUBE_STATE_READY ? NULL : status.reason)},
    };
    return value_map(arena, entries, 4);
}

static bool read_workloads(struct call *call, struct kube_client *kube, const struct kube_ref *ref,
                           struct value *out, struct err *err) {
    struct arena *arena = call->arena;
    struct readiness_workloads found;
    if (!readiness_workloads(call, kube, ref, &found, err))
        return false;
    struct kube_request *requests = arena_array(arena, found.count + 1, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, found.count + 1, sizeof *answers);
    struct value *items = arena_array(arena, found.count + 1, sizeof *items);
    struct err ignored = err_in(arena); // each answer carries its own
    for (size_t i = 0; i < found.count; i++)
        requests[i] = (struct kube_request){.verb = KUBE_GET, .ref = found.items[i]};
    kube_do_many(call, kube, requests, found.count, answers, &ignored);
    for (size_t i = 0; i < found.count; i++)
        items[i] = workload(arena, &found.items[i], &answers[i]);
    *out = value_list(arena, items, found.count);
    return true;
}

static bool is_ready(struct call *call, const struct readiness_view *view) {
    struct err ignored = err_in(call->arena);
    struct readiness_progress progress;
    return readiness_look(call, view, &progress, &ignored) && progress.reached == READINESS_READY;
}

static bool read(struct call *call, struct provider *provider, struct value config, struct value *out,
                 struct err *err) {
    struct arena *arena = call->arena;
    struct model model = {.namespace = "default", .api_version = INSTANCE_V1};
    struct value live, workloads;
    struct levels levels;
    struct kube_client *kube = provider_kube(call, provider, err);
    if (!kube || !schema_decode(arena, &SCHEMA, config, &model, err))
        return false;
    struct kube_ref ref = KUBE_REF(model.api_version, INSTANCE_KIND, model.namespace, model.name);
    if (!instance_get(call, kube, &ref, &live, err))
        return false;
    if (value_is_null(live))
        return err_set(err, ERR_NOT_FOUND, "there is no %s", kube_ref_text(arena, &ref));
    if (!levels_get(call, kube, ref.namespace, ref.name, &levels, err) ||
        !read_workloads(call, kube, &ref, &workloads, err))
        return false;
    struct readiness_view view = {.kube = kube, .ref = ref, .live = live, .levels = &levels};
    struct value spec = value_get(live, "spec"), metadata = value_get(live, "metadata");
    struct hierarchy merged = levels_merge(arena, &levels, value_get(spec, "values"));
    struct value_entry entries[] = {
        {"active_chart", chart(call, kube, &ref, &levels)},
        {"api_version", value_get(config, "api_version")},
        {"effective_values", dynamic(arena, merged.fatal ? value_null() : merged.merged)},
        {"generation", value_get(metadata, "generation")},
        {"levels", dynamic(arena, levels_to_value(arena, &levels))},
        {"name", value_get(config, "name")},
        {"namespace", value_get(config, "namespace")},
        {"phase", value_string(arena, instance_phase(live))},
        {"problem", value_text(arena, levels_problem(arena, &ref, &levels, value_get(spec, "values")))},
        {"ready", value_bool(is_ready(call, &view))},
        {"spec", dynamic(arena, spec)},
        {"status", dynamic(arena, value_get(live, "status"))},
        {"timeouts", value_get(config, "timeouts")},
        {"uid", value_get(metadata, "uid")},
        {"url", value_text(arena, instance_url(arena, spec))},
        {"workloads", workloads},
    };
    *out = value_map(arena, entries, sizeof entries / sizeof *entries);
    return true;
}

const struct data_impl data_instance = {.schema = &SCHEMA, .read = read};
