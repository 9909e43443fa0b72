// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_preview.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "helm/values.h"
#include "provider/config.h"
#include "provider/instance_chart.h"
#include "value/path.h"
#include "wandb/instance.h"
#include "wandb/levels.h"
#include "wandb/license.h"
#include "wandb/reference.h"

#include <string.h>
#include <time.h>

enum { CLUSTER_MS = 5000, CHART_MS = 15000, PATHS_AT_MOST = 50 };

// ---- the merge ----

static const char *place_of(struct arena *arena, const struct hierarchy_finding *f) {
    return arena_printf(arena, "spec.values%s%s", *f->path ? "." : "", f->path);
}

static void print_finding(struct arena *arena, struct buf *out, const struct hierarchy_finding *f) {
    const char *high = value_kind_name(f->high), *low = value_kind_name(f->low);
    const char *ending =
        f->kind == HIERARCHY_NULL ? "the operator panics at that" : "the operator stops at that";
    buf_printf(out, "\n  %s: %s in %s, %s in %s; %s", place_of(arena, f), high, f->higher, low, f->lower,
               ending);
}

static void warn_appended(struct call *call, const struct hierarchy_finding *f) {
    if (!levels_is_own(f))
        return;
    size_t high = value_len(value_untyped(f->high)), low = value_len(value_untyped(f->low));
    const char *place = place_of(call->arena, f);
    call_warn(call, subject_at(call_part(call, "%s", place), place), "List will be appended to:",
              "%s has %zu item%s here and %zu in %s. The operator appends lists: the instance "
              "gets %zu, those "
              "of this configuration first. A list cannot be shortened or replaced from here.",
              place, high, high == 1 ? "" : "s", low, f->lower, high + low);
}

// What stops the operator is an error where this configuration can mend it, else a warning.
static bool check_merge(struct call *call, const struct instance_preview *preview,
                        const struct levels *levels, struct err *err) {
    struct value values = value_untyped(value_get(preview->spec, "values"));
    struct hierarchy hierarchy = levels_merge(call->arena, levels, values);
    const char *first = NULL;
    struct buf ours, theirs;
    buf_init(&ours, call->arena);
    buf_init(&theirs, call->arena);
    for (size_t i = 0; i < hierarchy.count; i++) {
        const struct hierarchy_finding *f = &hierarchy.findings[i];
        bool own = levels_is_own(f), fatal = f->kind == HIERARCHY_MISMATCH || f->kind == HIERARCHY_NULL;
        if (f->kind == HIERARCHY_APPENDED)
            warn_appended(call, f);
        if (fatal)
            print_finding(call->arena, own ? &ours : &theirs, f);
        if (fatal && own && !first)
            first = place_of(call->arena, f);
    }
    if (theirs.len)
        call_warn(call, subject_of(call->about), "Levels do not merge:",
                  "Below this configuration, values collide; until they agree the operator neither "
                  "reconciles nor deletes %s/%s:%s",
                  preview->namespace, preview->name, buf_text(&theirs));
    if (!first)
        return true;
    return err_at(err, first,
                  "the operator could not merge this spec with the levels below it. It would neither "
                  "reconcile nor delete %s/%s "
                  "any more, and its phase would not show it. Write the kind that the lower level has, or "
                  "leave the key out:%s",
                  preview->namespace, preview->name, buf_text(&ours));
}

// A broken console Secret stops the operator whatever we write.
static void warn_broken(struct call *call, const struct instance_preview *preview,
                        const struct levels *levels) {
    if (levels->console.present && levels->console.lacks)
        call_warn(call, subject_of(call->about), "Broken Secret:",
                  "The Secret %s/%s-spec-user has no key \"%s\"; the operator does nothing for this instance "
                  "until it has.",
                  preview->namespace, preview->name, levels->console.lacks);
}

static void warn_chart(struct call *call, const struct instance_preview *preview) {
    struct value chart = value_untyped(value_get(preview->spec, "chart"));
    if (value_len(chart) && value_is_known(chart) && levels_chart_form(chart) == LEVELS_CHART_NONE)
        call_warn(call, subject_at(call->about, "spec.chart"), "Chart is not one the operator knows:",
                  "The operator passes over this chart and takes the System Console's or the release "
                  "channel's. It knows { path "
                  "}, { url = \"oci://…\", version } and { url, name, version }.");
}

// ---- values that the chart does not know ----

struct strangers {
    struct buf text;
    size_t count;
};

// Of what no template reads, what the defaults do not know either: those that they know may be read by
// another version, and a chart keeps some for its readers. A null only takes a default away.
static void find_strangers(struct arena *arena, struct strangers *found, const struct path *path,
                           struct value unread, struct value defaults) {
    for (size_t i = 0; i < value_len(unread); i++) {
        const struct value_entry *entry = value_entry_at(unread, i);
        struct path here = {path, {.key = entry->key}};
        struct value known = value_get(defaults, entry->key);
        if (value_kind(entry->value) == VALUE_MAP && value_kind(known) == VALUE_MAP)
            find_strangers(arena, found, &here, entry->value, known);
        else if (!value_is_null(entry->value) && !value_has(defaults, entry->key) &&
                 found->count++ < PATHS_AT_MOST)
            buf_printf(&found->text, "\n  spec.values.%s", path_text(arena, &here));
    }
}

// Without what the operator itself reads.
static struct value for_the_chart(struct arena *arena, struct value given) {
    static const char *const OPERATORS[] = {"reconcileFrequency", "_releaseId"};
    for (size_t i = 0; i < sizeof OPERATORS / sizeof *OPERATORS; i++)
        given = value_without(arena, given, OPERATORS[i]);
    return given;
}

static struct subject values_of(const struct call *call, size_t count) {
    struct subject about = subject_many(call->about, count, "path");
    about.path = "spec.values";
    return about;
}

static bool check_values(struct call *call, struct provider *provider, const struct instance_preview *preview,
                         const struct levels *levels, struct err *err) {
    struct arena *arena = call->arena;
    struct value chart = levels_chart(levels, preview->spec);
    struct repo_options options;
    struct repo_chart loaded;
    struct err why = err_in(arena);
    if (value_is_null(chart) || !instance_chart_find(provider, chart, &options)) {
        log_to(call, LOG_INFO, "provider",
               "the values of %s/%s were not held against a chart: none can be had here", preview->namespace,
               preview->name);
        return true;
    }
    struct call within = call_within(call, CHART_MS);
    struct value given = schema_without_unknowns(arena, value_untyped(value_get(preview->spec, "values")));
    struct value unread;
    if (!repo_load(&within, &options, HELM_4, &loaded, &why) ||
        !helm_values_unread(&within, loaded.chart, for_the_chart(arena, given), &unread, &why)) {
        if (loaded.absent && levels_chart_level(levels, preview->spec) == LEVELS_SPEC)
            return instance_chart_refuse(why.msg, err);
        call_warn(call, subject_at(call->about, "spec.values"),
                  "Values were not checked:", "Whether the chart knows every value could not be checked: %s",
                  why.msg);
        return true;
    }
    struct strangers found = {.count = 0};
    buf_init(&found.text, arena);
    find_strangers(arena, &found, NULL, unread, loaded.chart->values);
    if (found.count > PATHS_AT_MOST)
        buf_printf(&found.text, "\n  … and %zu more", found.count - PATHS_AT_MOST);
    if (found.count)
        call_warn(
            call, values_of(call, found.count), "Values unknown to the chart:",
            "No template of the chart %s %s reads %s, whatever else is set, and its defaults do not have "
            "%s. Misspelt?%s",
            loaded.chart->name, loaded.chart->version, found.count == 1 ? "this value" : "these values",
            found.count == 1 ? "it" : "them", buf_text(&found.text));
    return true;
}

// ---- v1 objects served through v2's conversion ----

static void warn_conversion(struct call *call, struct kube_client *kube,
                            const struct instance_preview *preview, const struct levels *levels) {
    struct kube_resource resource;
    struct err ignored = err_in(call->arena);
    if (!kube_resolve(call, kube, INSTANCE_V2, INSTANCE_KIND, &resource, &ignored))
        return;
    if (preview->secrets)
        call_warn(
            call, subject_at(call->about, "api_version"), "Secrets in annotations:",
            "This cluster stores instances as " INSTANCE_V2
            ". Its conversion keeps a v1 object's values as they are, secrets included, in the object's "
            "annotations legacy.operator.wandb.com/…, where whoever may read the object reads them. Refer to "
            "Secrets instead (global.licenseSecret, passwordSecret, …), or move to api_version = "
            "\"" INSTANCE_V2 "\".");
    if (levels->active.present)
        call_warn(call, subject_at(call->about, "api_version"), "Edits may be ignored:",
                  "This cluster stores instances as " INSTANCE_V2
                  ". Its conversion takes the values of a v1 object from the "
                  "Secret <name>-spec-active in preference to spec.values, so this change may have no "
                  "effect: move to "
                  "api_version = \"" INSTANCE_V2 "\", or delete that Secret.");
}

// ---- all of it ----

static bool check_levels(struct call *call, struct provider *provider, struct kube_client *kube,
                         const struct instance_preview *preview, struct err *err) {
    struct levels levels;
    struct err why = err_in(call->arena);
    struct call within = call_within(call, CLUSTER_MS);
    if (!levels_get(&within, kube, preview->namespace, preview->name, &levels, &why)) {
        call_warn(call, subject_of(call->about), "Spec was not checked:",
                  "How the operator would merge this spec with the System Console and the release channel "
                  "was not checked, nor "
                  "whether the Secrets it names exist: %s",
                  why.msg);
        return instance_chart_check(call, provider, preview->spec, err);
    }
    warn_broken(call, preview, &levels);
    warn_chart(call, preview);
    warn_conversion(call, kube, preview, &levels);
    return check_values(call, provider, preview, &levels, err) && check_merge(call, preview, &levels, err);
}

bool instance_preview(struct call *call, struct provider *provider, const struct instance_preview *preview,
                      struct err *err) {
    struct err why = err_in(call->arena);
    struct kube_client *kube =
        provider_knows(provider, "kubernetes", &why) ? provider_kube(call, provider, &why) : NULL;
    if (!kube) {
        call_warn(call, subject_of(call->about), "Spec was not checked:",
                  "How the operator would merge this spec with the System Console and the release channel "
                  "was not checked, nor "
                  "whether the Secrets it names exist: the cluster cannot be asked yet. %s",
                  why.msg);
        return instance_chart_check(call, provider, preview->spec, err);
    }
    struct references references = references_find(call->arena, preview->spec);
    struct call within = call_within(call, CLUSTER_MS);
    bool fine =
        strcmp(preview->api_version, INSTANCE_V1) != 0 || check_levels(call, provider, kube, preview, err);
    if (references.count)
        references_check(&within, kube, preview->namespace, &references);
    call_join(call, &within);
    return fine;
}

void instance_preview_license(struct call *call, const char *path, const char *text, bool decode_too) {
    struct wandb_license license = {0};
    struct err err = err_in(call->arena);
    int64_t end;
    if (!wandb_license_decode(call->arena, text, &license, &err)) {
        if (decode_too)
            call_warn(call, subject_at(call->about, path), "Not a license:", "%s", err.msg);
        return;
    }
    if (rfc3339_parse(license.expires_at, &end) && end < time(NULL))
        call_warn(call, subject_at(call->about, path), "License has expired:",
                  "The license expired at %s. Get a new one from W&B's deployment manager.",
                  license.expires_at);
}
