// SPDX-License-Identifier: Apache-2.0
// CRDs of a chart's crds/ folders. Helm installs them once and never again; by default we apply
// them at every install and upgrade, but never take away a version that objects are stored in.
#include "release/write.h"

#include "codec/base64.h"
#include "kube/ready.h"

#include <string.h>
#include <strings.h>

static bool has_version(struct value crd, const char *name) {
    struct value versions = value_dig(crd, "spec", "versions", NULL);
    for (size_t i = 0; i < value_len(versions); i++) {
        if (value_is_text(value_get(value_at(versions, i), "name"), name))
            return true;
    }
    return false;
}

static bool check_stored_versions(struct value live, struct value wanted, const char *name, struct err *err) {
    struct value stored = value_dig(live, "status", "storedVersions", NULL);
    for (size_t i = 0; i < value_len(stored); i++) {
        const char *version = value_get_string(value_at(stored, i));
        if (version && !has_version(wanted, version))
            return err_set(
                err, ERR_CONFLICT,
                "CustomResourceDefinition %s: the chart's definition lacks version %s, in which objects are "
                "stored (status.storedVersions). Use a chart that has it, or set crds = \"skip\" or "
                "\"install\"",
                name, version);
    }
    return true;
}

static bool write_crds(struct run *run, const struct release_objects *crds, const struct value *live,
                       struct err *err) {
    struct release_object *wanted = arena_array(run->call->arena, crds->count + 1, sizeof *wanted);
    size_t count = 0;
    for (size_t i = 0; i < crds->count; i++)
        if (run->spec->crds != RELEASE_CRDS_INSTALL || value_is_null(live[i]))
            wanted[count++] = crds->items[i];
    return apply_batch(run, wanted, count, err) || err_wrap(err, "apply the chart's CRDs");
}

static bool read_live(struct run *run, const struct release_objects *crds, struct value *live,
                      struct err *err) {
    struct arena *arena = run->call->arena;
    struct kube_request *requests = arena_array(arena, crds->count, sizeof *requests);
    struct kube_answer *answers = arena_array(arena, crds->count, sizeof *answers);
    struct err ignored = err_in(arena); // each answer carries its own
    struct release_claim known = {.state = CLAIM_NONE};
    for (size_t i = 0; i < crds->count; i++)
        requests[i] = (struct kube_request){.verb = KUBE_GET, .ref = crds->items[i].ref};
    kube_do_many(run->call, run->kube, requests, crds->count, answers, &ignored);
    for (size_t i = 0; i < crds->count; i++) {
        const char *name = crds->items[i].ref.name ? crds->items[i].ref.name : "?";
        if (answers[i].failure.kind != ERR_NONE && answers[i].failure.kind != ERR_NOT_FOUND) {
            *err = answers[i].failure;
            return err_wrap(err, "read CustomResourceDefinition %s", name);
        }
        live[i] = answers[i].object;
        if (run->spec->crds == RELEASE_CRDS_UPGRADE && !ownership_refuse_living(run, live[i], &known, err))
            return err_wrap(err, "the chart's CRDs (crds = \"install\" or \"skip\" leaves them as they are)");
        if (run->spec->crds == RELEASE_CRDS_UPGRADE &&
            !check_stored_versions(live[i], crds->items[i].object, name, err))
            return false;
    }
    return true;
}

bool apply_crds(struct run *run, const struct helm_crds *files, struct err *err) {
    struct arena *arena = run->call->arena;
    struct release_objects crds;
    if (run->spec->crds == RELEASE_CRDS_SKIP || !files->count)
        return true;
    if (!release_crds_of(arena, files, &crds, err))
        return err_wrap(err, "read the chart's CRDs");
    struct value *live = arena_array(arena, crds.count, sizeof *live);
    if (!read_live(run, &crds, live, err) || !write_crds(run, &crds, live, err))
        return false;
    struct kube_ref *refs = arena_array(arena, crds.count + 1, sizeof *refs);
    for (size_t i = 0; i < crds.count; i++)
        refs[i] = crds.items[i].ref;
    struct kube_wait wait = {.rules = KUBE_RULES_KSTATUS};
    if (!kube_wait_ready(run->call, run->kube, refs, crds.count, &wait, err))
        return err_wrap(err, "wait until the chart's CRDs are established");
    kube_client_forget(run->kube);
    return true;
}

// ---- what a record says was applied ----

// "crds/a.yaml", "charts/child/crds/a.yaml": the names that Helm takes for CRDs, per chart.
static bool names_crds(const char *name) {
    const char *dot = strrchr(name, '.');
    while (strncmp(name, "charts/", 7) == 0 && strchr(name + 7, '/'))
        name = strchr(name + 7, '/') + 1;
    return strncmp(name, "crds/", 5) == 0 && dot &&
           (!strcasecmp(dot, ".yaml") || !strcasecmp(dot, ".yml") || !strcasecmp(dot, ".json"));
}

static struct release_objects each_once(struct arena *arena, const struct release_objects *crds) {
    struct release_objects out = {arena_array(arena, crds->count + 1, sizeof *out.items), 0};
    for (size_t i = 0; i < crds->count; i++) {
        struct release_objects one = {&crds->items[i], 1};
        one = objects_minus(arena, &one, &out);
        if (one.count)
            out.items[out.count++] = one.items[0];
    }
    return out;
}

bool release_crds_stored(struct arena *arena, const struct release *release, struct release_objects *out,
                         struct err *err) {
    struct value files = value_dig(release->record, "chart", "files", NULL);
    struct release_objects all = {0};
    for (size_t i = 0; i < value_len(files); i++) {
        const char *name = value_text_or(value_get(value_at(files, i), "name"), "");
        const char *data = value_text_or(value_get(value_at(files, i), "data"), "");
        struct buf text;
        if (!*data || !names_crds(name))
            continue;
        buf_init(&text, arena);
        if (!base64_decode(&text, data, strlen(data), err))
            return err_wrap(err, "%s", name);
        struct helm_crd file = {name, buf_text(&text), text.len};
        struct release_objects crds;
        struct err unread = err_in(arena);
        if (release_crds_of(arena, &(struct helm_crds){&file, 1}, &crds, &unread))
            objects_add(arena, &all, &crds);
    }
    *out = each_once(arena, &all);
    return true;
}

// The APIs that the chart's own CRDs will add: Helm installs CRDs before it renders, we render first
// so that a chart that does not render changes nothing.
static size_t crd_apis(struct arena *arena, const struct release_objects *crds, const char **out) {
    size_t count = 0;
    for (size_t i = 0; i < crds->count; i++) {
        struct value spec = value_get(crds->items[i].object, "spec");
        const char *group = value_dig_string(spec, "group", NULL);
        const char *kind = value_dig_string(spec, "names", "kind", NULL);
        struct value versions = value_get(spec, "versions");
        for (size_t j = 0; j < value_len(versions) && group && kind; j++) {
            const char *version = value_dig_string(value_at(versions, j), "name", NULL);
            if (out)
                out[count] = arena_printf(arena, "%s/%s", group, version);
            if (out)
                out[count + 1] = arena_printf(arena, "%s/%s/%s", group, version, kind);
            count += 2;
        }
    }
    return count;
}

bool crds_apis(struct run *run, const char *const **out, size_t *count, struct err *err) {
    struct arena *arena = run->call->arena;
    struct helm_crds files = helm_chart_crds(arena, run->spec->chart);
    struct release_objects crds;
    if (!release_crds_of(arena, &files, &crds, err))
        return false;
    const char **apis = arena_array(arena, crd_apis(arena, &crds, NULL) + 1, sizeof *apis);
    *count = crd_apis(arena, &crds, apis);
    *out = apis;
    return true;
}
