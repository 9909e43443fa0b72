// SPDX-License-Identifier: Apache-2.0
// data wandb_chart_template: what a chart renders to, without a cluster.
#include "codec/yaml.h"
#include "helm/render.h"
#include "provider/chart_source.h"
#include "provider/config.h"
#include "provider/content.h"
#include "provider/timeouts.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_LIMIT = 53, WALK_DEPTH = 100 };

struct model {
    const char *name, *namespace, *kube_version, *profile;
    struct chart_source source;
    struct value values;
    struct schema_strings values_yaml, api_versions, show_only;
    bool include_crds, is_upgrade, no_hooks, skip_tests;
};

#define MEMBER(kind, field) .member = (kind), .offset = offsetof(struct model, field)

static const char *const PROFILES[] = {"3", "4", NULL};

static const struct schema_attr HOOK[] = {
    {.name = "name", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Name of the object."},
    {.name = "kind", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Its kind."},
    {.name = "source", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "The template it comes from."},
    {.name = "events",
     .type = &schema_strings_type,
     .flags = SCHEMA_COMPUTED,
     .doc = "When it runs: `pre-install`, `post-upgrade`, …"},
    {.name = "weight",
     .type = &type_number,
     .flags = SCHEMA_COMPUTED,
     .doc = "Its place among the hooks of an event, the lowest first."},
    {.name = "manifest", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Its YAML text."},
    {0},
};

static const struct schema_attr ATTRS[] = {
    {.name = "chart",
     .type = &type_string,
     .flags = SCHEMA_REQUIRED,
     .check = schema_check_not_empty,
     .doc = "The chart: a name in `repository`, a folder, a `.tgz` file, a URL of one, or "
            "`oci://HOST/PATH[:TAG][@DIGEST]`.",
     MEMBER(SCHEMA_STRING, source.chart)},
    {.name = "repository",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_not_empty,
     .doc = "Chart repository, `https://…` or `oci://…`. Not used when `chart` is a path or URL.",
     MEMBER(SCHEMA_STRING, source.repository)},
    {.name = "version",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Chart version: exact, or a constraint such as `~> 1.4`. The newest release unless set.",
     MEMBER(SCHEMA_STRING, source.version)},
    {.name = "repository_username",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .doc = "User name for the repository.",
     MEMBER(SCHEMA_STRING, source.username)},
    {.name = "repository_password",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_SENSITIVE,
     .doc =
         "Password for the repository. Terraform keeps the arguments of data sources in its state; a login "
         "that must not be there goes into `registries` of the provider block or into docker's config.json.",
     MEMBER(SCHEMA_STRING, source.password)},
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
    {.name = "name",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_dns_name,
     .doc = "Name of the release, at most 53 characters; `release-name` unless set.",
     MEMBER(SCHEMA_STRING, name)},
    {.name = "namespace",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_dns_label,
     .doc = "Its namespace, `default` unless set.",
     MEMBER(SCHEMA_STRING, namespace)},
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
    {.name = "kube_version",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_not_empty,
     .doc = "Kubernetes version to render for, for example `1.31`. That of the chosen helm's own build "
            "unless set.",
     MEMBER(SCHEMA_STRING, kube_version)},
    {.name = "api_versions",
     .type = &schema_strings_type,
     .flags = SCHEMA_OPTIONAL,
     .doc = "API versions that the chart is told the cluster has, beside Kubernetes' own, such as "
            "`monitoring.coreos.com/v1`.",
     MEMBER(SCHEMA_STRINGS, api_versions)},
    {.name = "is_upgrade",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Render as for an upgrade instead of an installation.",
     MEMBER(SCHEMA_BOOL, is_upgrade)},
    {.name = "profile",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .allowed = PROFILES,
     .doc = "Which major of helm to render like, `3` unless set.",
     MEMBER(SCHEMA_STRING, profile)},
    {.name = "include_crds",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Put the CustomResourceDefinitions of `crds/` into `manifest` too.",
     MEMBER(SCHEMA_BOOL, include_crds)},
    {.name = "no_hooks",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Leave hooks out of `manifest`, `hooks` and `images`.",
     MEMBER(SCHEMA_BOOL, no_hooks)},
    {.name = "skip_tests",
     .type = &type_bool,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Leave the test hooks out.",
     MEMBER(SCHEMA_BOOL, skip_tests)},
    {.name = "show_only",
     .type = &schema_strings_type,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Templates to show in `manifest`, as paths or patterns within the chart such as "
            "`templates/deployment.yaml`. The other attributes hold everything.",
     MEMBER(SCHEMA_STRINGS, show_only)},
    TIMEOUTS_OF_DATA,
    {.name = "manifest",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED | SCHEMA_SENSITIVE,
     .doc = "Everything as one YAML stream, as `helm template` prints it. Sensitive, as the next two, "
            "because charts write passwords from their values into Secrets."},
    {.name = "manifests",
     .type = &schema_string_map_type,
     .flags = SCHEMA_COMPUTED | SCHEMA_SENSITIVE,
     .doc = "The YAML text by template, without hooks and CRDs. Several objects of one template stand in the "
            "order of installation with `---` between."},
    {.name = "hooks",
     .nesting = SCHEMA_LIST,
     .attrs = HOOK,
     .flags = SCHEMA_COMPUTED | SCHEMA_SENSITIVE,
     .doc = "The hooks."},
    {.name = "crds",
     .type = &schema_string_map_type,
     .flags = SCHEMA_COMPUTED,
     .doc = "The files of `crds/`, by path."},
    {.name = "notes",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED | SCHEMA_SENSITIVE,
     .doc = "The chart's notes for whoever installs it; empty when it has none."},
    {.name = "images",
     .type = &schema_strings_type,
     .flags = SCHEMA_COMPUTED,
     .doc = "Every image that containers of the objects and hooks run, sorted, each once: what a mirror for "
            "an airgapped cluster has to hold. Images that a controller starts by itself later are not in a "
            "chart."},
    {.name = "chart_version",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "Version of the chart that was found."},
    {.name = "app_version",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "The chart's appVersion, empty when it has none."},
    {.name = "chart_digest",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "Digest of the chart's content, `sha256:…`."},
    {0},
};

static const struct schema SCHEMA = {
    .name = "wandb_chart_template",
    .doc = "Renders a Helm chart as `helm template` does, without a cluster, and lists the images that it "
           "needs. For looking at what an "
           "upgrade would bring, and for filling the mirrors of airgapped clusters.",
    .attrs = ATTRS,
};

// ---- validate ----

static bool validate(struct call *call, struct provider *provider, struct value config, struct err *err) {
    struct model model = {0};
    (void)provider;
    if (!schema_decode(call->arena, &SCHEMA, config, &model, err))
        return false;
    enum value_kind kind = value_kind(value_untyped(model.values));
    if (kind != VALUE_NULL && kind != VALUE_UNKNOWN && kind != VALUE_MAP)
        return err_at(
            err, "values",
            "values must be an object of chart values such as { image = { tag = \"1.22.0\" } }, found a %s",
            value_kind_name(value_untyped(model.values)));
    if (model.name && strlen(model.name) > NAME_LIMIT)
        return err_at(err, "name", "the name has %zu characters; Helm takes at most %d. Choose a shorter one",
                      strlen(model.name), NAME_LIMIT);
    struct err why = err_in(call->arena);
    if (!helm_kube_version_check(call->arena, HELM_3, model.kube_version, &why))
        return err_at(err, "kube_version", "%s. Write a version such as 1.31 or v1.31.4", why.msg);
    return chart_source_check(call->arena, &model.source, err);
}

// ---- images ----

// Names of images as keys, so that value_map sorts them and keeps each once.
struct images {
    struct value_entry *items;
    size_t count;
};

static void collect(struct arena *arena, struct value node, struct images *images, int depth);

// `outer` and `inner` (or NULL) lead from an item of a list to its image.
static void collect_list(struct arena *arena, struct value list, const char *outer, const char *inner,
                         struct images *images) {
    size_t size = sizeof *images->items;
    for (size_t i = 0; i < value_len(list); i++) {
        const char *image = value_dig_string(value_at(list, i), outer, inner, NULL);
        if (!image || !*image)
            continue;
        images->items = arena_grow(arena, images->items, images->count * size, (images->count + 1) * size);
        images->items[images->count++] = (struct value_entry){image, value_null()};
    }
}

static void collect_map(struct arena *arena, struct value map, struct images *images, int depth) {
    static const struct {
        const char *list, *outer, *inner;
    } places[] = {{"containers", "image", NULL},
                  {"initContainers", "image", NULL},
                  {"ephemeralContainers", "image", NULL},
                  {"volumes", "image", "reference"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct value list = value_get(map, places[i].list);
        if (value_kind(list) == VALUE_LIST)
            collect_list(arena, list, places[i].outer, places[i].inner, images);
    }
    for (size_t i = 0; i < value_len(map); i++)
        collect(arena, value_entry_at(map, i)->value, images, depth + 1);
}

// Pod templates are found by their form, wherever they stand: custom resources hold them too.
static void collect(struct arena *arena, struct value node, struct images *images, int depth) {
    if (depth > WALK_DEPTH)
        return;
    if (value_kind(node) == VALUE_MAP)
        collect_map(arena, node, images, depth);
    for (size_t i = 0; value_kind(node) == VALUE_LIST && i < value_len(node); i++)
        collect(arena, value_at(node, i), images, depth + 1);
}

static void collect_object(struct arena *arena, struct value object, struct images *images) {
    if (!value_is_text(value_get(object, "kind"), "CustomResourceDefinition"))
        collect(arena, object, images, 0);
}

static bool is_shown(const struct model *model, const struct helm_hook *hook) {
    for (size_t i = 0; model->skip_tests && i < hook->event_count; i++)
        if (!strcmp(hook->events[i], "test"))
            return false;
    return !model->no_hooks;
}

static struct value images_of(struct arena *arena, const struct model *model,
                              const struct helm_rendered *rendered) {
    struct images images = {0};
    for (size_t i = 0; i < rendered->manifest_count; i++)
        collect_object(arena, rendered->manifests[i].object, &images);
    for (size_t i = 0; i < rendered->hook_count; i++) {
        const char *text = rendered->hooks[i].manifest;
        struct value object;
        struct err ignored = err_in(arena); // rendering has read it before
        if (is_shown(model, &rendered->hooks[i]) &&
            yaml_decode(arena, text, strlen(text), YAML_NUMBERS_EXACT, &object, &ignored))
            collect_object(arena, object, &images);
    }
    struct value names = value_map(arena, images.items, images.count);
    struct value *list = arena_array(arena, value_len(names) + 1, sizeof *list);
    for (size_t i = 0; i < value_len(names); i++)
        list[i] = value_string(arena, value_entry_at(names, i)->key);
    return value_list(arena, list, value_len(names));
}

// ---- the other outputs ----

// By template; within one, the order of installation stays.
static int by_source(const void *a, const void *b) {
    const struct helm_manifest *x = *(const struct helm_manifest *const *)a,
                               *y = *(const struct helm_manifest *const *)b;
    int order = strcmp(x->source, y->source);
    return order ? order : (x > y) - (x < y);
}

static struct value manifests_of(struct arena *arena, const struct helm_rendered *rendered) {
    size_t total = rendered->manifest_count, count = 0;
    const struct helm_manifest **sorted = arena_array(arena, total + 1, sizeof *sorted);
    struct value_entry *entries = arena_array(arena, total + 1, sizeof *entries);
    for (size_t i = 0; i < total; i++)
        sorted[i] = &rendered->manifests[i];
    if (total)
        qsort(sorted, total, sizeof *sorted, by_source);
    for (size_t i = 0; i < total; count++) {
        const char *source = sorted[i]->source;
        struct buf text;
        buf_init(&text, arena);
        for (; i < total && !strcmp(sorted[i]->source, source); i++)
            buf_printf(&text, "%s%s\n", text.len ? "---\n" : "", sorted[i]->text);
        entries[count] = (struct value_entry){source, value_string_len(arena, buf_text(&text), text.len)};
    }
    return value_map(arena, entries, count);
}

static struct value hook_value(struct arena *arena, const struct helm_hook *hook) {
    struct value events = value_list(arena, NULL, 0);
    for (size_t i = 0; i < hook->event_count; i++)
        events = value_append(arena, events, value_string(arena, hook->events[i]));
    struct value_entry entries[] = {
        {"events", events},
        {"kind", value_string(arena, hook->kind)},
        {"manifest", value_string(arena, hook->manifest)},
        {"name", value_string(arena, hook->name)},
        {"source", value_string(arena, hook->path)},
        {"weight", value_int(hook->weight)},
    };
    return value_map(arena, entries, sizeof entries / sizeof *entries);
}

static struct value hooks_of(struct arena *arena, const struct model *model,
                             const struct helm_rendered *rendered) {
    struct value *hooks = arena_array(arena, rendered->hook_count + 1, sizeof *hooks);
    size_t count = 0;
    for (size_t i = 0; i < rendered->hook_count; i++)
        if (is_shown(model, &rendered->hooks[i]))
            hooks[count++] = hook_value(arena, &rendered->hooks[i]);
    return value_list(arena, hooks, count);
}

static struct value crds_of(struct arena *arena, const struct helm_rendered *rendered) {
    struct value_entry *entries = arena_array(arena, rendered->crds.count + 1, sizeof *entries);
    for (size_t i = 0; i < rendered->crds.count; i++)
        entries[i] = (struct value_entry){
            rendered->crds.items[i].file,
            value_string_len(arena, rendered->crds.items[i].text, rendered->crds.items[i].len)};
    return value_map(arena, entries, rendered->crds.count);
}

static bool print(struct arena *arena, const struct model *model, const struct helm_rendered *rendered,
                  struct value *out, struct err *err) {
    struct helm_print_options options = {
        .include_crds = model->include_crds,
        .no_hooks = model->no_hooks,
        .skip_tests = model->skip_tests,
        .show_only = model->show_only.items,
        .show_only_count = model->show_only.count,
    };
    struct buf text;
    buf_init(&text, arena);
    if (!helm_render_print(rendered, model->source.profile, &options, &text, err)) {
        const char *why = err->msg;
        return err_at(err, "show_only",
                      "%s. Name templates by their path within the chart, such as templates/service.yaml",
                      why);
    }
    *out = value_string_len(arena, buf_text(&text), text.len);
    return true;
}

// ---- read ----

static bool user_values(struct call *call, const struct model *model, struct value *out, struct err *err) {
    size_t count = model->values_yaml.count;
    struct helm_input *inputs = arena_array(call->arena, count + 1, sizeof *inputs);
    for (size_t i = 0; i < count; i++)
        inputs[i] = (struct helm_input){.kind = HELM_INPUT_FILE,
                                        .name = arena_printf(call->arena, "values_yaml[%zu]", i),
                                        .text = model->values_yaml.items[i]};
    inputs[count] = (struct helm_input){.kind = HELM_INPUT_VALUES,
                                        .values = chart_source_values(call->arena, model->values)};
    count += !value_is_null(inputs[count].values);
    return helm_values_compose(call, inputs, count, model->source.profile, out, err);
}

static bool render(struct call *call, const struct model *model, struct helm_chart *chart,
                   struct helm_rendered *out, struct err *err) {
    struct value user;
    struct helm_render_options options = {
        .release_name = model->name,
        .namespace = model->namespace,
        .is_upgrade = model->is_upgrade,
        .fetch = repo_get_document,
        .capabilities = {.kube_version = model->kube_version,
                         .extra_api_versions = model->api_versions.items,
                         .extra_api_version_count = model->api_versions.count},
    };
    return (user_values(call, model, &user, err) && helm_chart_check_installable(chart, err) &&
            helm_chart_check_dependencies(call->arena, chart, err) &&
            helm_render(call, chart, user, &options, out, err)) ||
           err_wrap(err, "render chart %s %s", chart->name, chart->version);
}

static bool is_oci(const char *text) {
    return text && !strncmp(text, "oci://", 6);
}

static bool load(struct call *call, struct provider *provider, const struct model *model,
                 struct repo_chart *out, struct err *err) {
    const struct chart_source *source = &model->source;
    bool asks_provider = !source->username && (is_oci(source->chart) || is_oci(source->repository));
    if (asks_provider && (!provider_knows(provider, "registries", err) ||
                          !provider_knows(provider, "registry_config_path", err)))
        return false;
    return chart_source_load(call, provider, source, value_null(), out, err);
}

static bool read(struct call *call, struct provider *provider, struct value config, struct value *out,
                 struct err *err) {
    struct arena *arena = call->arena;
    struct model model = {.name = "release-name", .namespace = "default"};
    struct repo_chart found;
    struct helm_rendered rendered;
    struct value manifest;
    if (!schema_decode(arena, &SCHEMA, config, &model, err))
        return false;
    model.source.profile = model.profile && *model.profile == '4' ? HELM_4 : HELM_3;
    if (!load(call, provider, &model, &found, err) || !render(call, &model, found.chart, &rendered, err) ||
        !print(arena, &model, &rendered, &manifest, err))
        return false;
    const struct value_entry computed[] = {
        {"app_version", value_string(arena, found.chart->app_version)},
        {"chart_digest", value_string(arena, found.digest)},
        {"chart_version", value_string(arena, found.chart->version)},
        {"crds", crds_of(arena, &rendered)},
        {"hooks", hooks_of(arena, &model, &rendered)},
        {"images", images_of(arena, &model, &rendered)},
        {"manifest", manifest},
        {"manifests", manifests_of(arena, &rendered)},
        {"notes", value_string(arena, rendered.notes)},
    };
    *out = config;
    for (size_t i = 0; i < sizeof computed / sizeof *computed; i++)
        *out = value_with(arena, *out, computed[i].key, computed[i].value);
    return true;
}

const struct data_impl data_chart_template = {.schema = &SCHEMA, .validate = validate, .read = read};
