// SPDX-License-Identifier: Apache-2.0
// One template set for all charts: files are parsed and run from the deepest to
// the shallowest, so that the root chart's definitions win.
#include "helm/engine.h"
#include "base/list.h"
#include "funcs/funcs.h"

#include "go/path.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct template_file {
    const char *name; // "root/charts/child/templates/a.yaml"
    const struct helm_file *file;
    struct rmap *scope;
    const char *base_path;
    size_t slashes, index;
};

struct engine {
    struct arena *arena;
    const struct helm_render_options *options;
    struct scope_making making;
    struct template_set *set;
    struct template_file *files;
    size_t count;
    struct err *err;
};

static void add_template(struct engine *e, struct template_file file) {
    for (const char *p = file.name; *p; p++)
        file.slashes += *p == '/';
    file.index = e->count;
    *LIST_ADD(e->arena, e->files, e->count) = file;
}

static struct table *child_values(const struct table *values, const char *name) {
    for (;;) { // Helm looks the name up as a dotted path
        size_t len = strcspn(name, ".");
        char part[256];
        if (!values || len >= sizeof part)
            return NULL;
        memcpy(part, name, len);
        part[len] = '\0';
        struct table *found = table_find_table(values, part);
        if (!name[len])
            return found;
        values = found;
        name += len + 1;
    }
}

static bool counts(const struct helm_chart *chart, const struct helm_file *file) {
    return strcasecmp(chart->type, "library") != 0 || *go_path_base(file->name) == '_';
}

// The scope all templates of one chart share, and those of its subcharts in .Subcharts.
static struct rmap *make_scope(struct engine *e, const struct helm_chart *chart, struct table *values) {
    struct rmap *scope = rmap_create(e->making.heap, 8);
    struct rmap *subcharts = rmap_create(e->making.heap, chart->dependency_count);
    struct rmap *map = values ? scope_values(&e->making, values) : rmap_create(e->making.heap, 0);
    const char *path = helm_chart_full_path(e->arena, chart);
    rmap_put(scope, "Chart", scope_chart(&e->making, chart));
    rmap_put(scope, "Files", scope_files(&e->making, &chart->files));
    rmap_put(scope, "Release", e->making.release);
    rmap_put(scope, "Capabilities", e->making.capabilities);
    rmap_put(scope, "Values", rv_map(scope_values_type(e->making.profile), map));
    rmap_put(scope, "Subcharts", rv_map(RT_MAP, subcharts));
    for (size_t i = 0; i < chart->dependency_count; i++) {
        const struct helm_chart *child = chart->dependencies[i];
        struct rmap *inner = make_scope(e, child, child_values(values, child->name));
        rmap_put(subcharts, child->name, rv_map(RT_MAP, inner));
    }
    for (size_t i = 0; i < chart->templates.count; i++) {
        const struct helm_file *file = &chart->templates.items[i];
        if (counts(chart, file))
            add_template(e,
                         (struct template_file){.name = arena_printf(e->arena, "%s/%s", path, file->name),
                                                .file = file,
                                                .scope = scope,
                                                .base_path = arena_printf(e->arena, "%s/templates", path)});
    }
    return scope;
}

// Most slashes first, then by name backwards; of equal names the one added last comes first.
static int by_depth(const void *a, const void *b) {
    const struct template_file *x = a, *y = b;
    if (x->slashes != y->slashes)
        return x->slashes > y->slashes ? -1 : 1;
    int order = strcmp(y->name, x->name);
    return order ? order : x->index > y->index ? -1 : 1;
}

static void sort_templates(struct engine *e) {
    size_t kept = 0;
    if (e->count)
        qsort(e->files, e->count, sizeof *e->files, by_depth);
    for (size_t i = 0; i < e->count; i++)
        if (!kept || strcmp(e->files[kept - 1].name, e->files[i].name) != 0)
            e->files[kept++] = e->files[i];
    e->count = kept;
}

static bool parse_all(struct engine *e) {
    for (size_t i = 0; i < e->count; i++) {
        const struct template_file *file = &e->files[i];
        if (template_parse(e->set, file->name, file->file->data, file->file->len, e->err))
            continue;
        if (e->err->kind != ERR_INVALID)
            return err_wrap(e->err, "%s", file->name);
        return err_set(e->err, ERR_INVALID, "%s",
                       engine_parse_error(e->arena, file->name, template_last_error(e->set)->text));
    }
    return true;
}

// Go writes "<no value>" for what is not there; Helm takes every such text out.
static void add_without_marks(struct buf *out, const char *text, size_t len) {
    static const char mark[] = "<no value>";
    const char *end = text + len;
    for (const char *hit; (hit = memmem(text, (size_t)(end - text), mark, sizeof mark - 1));) {
        buf_add(out, text, (size_t)(hit - text));
        text = hit + sizeof mark - 1;
    }
    buf_add(out, text, (size_t)(end - text));
}

static bool run_file(struct engine *e, const struct template_file *file, struct rendered_file *out) {
    SCRATCH_ARENA(scratch);
    struct buf raw, text;
    struct rmap *place = rmap_create(e->making.heap, 2);
    rmap_put(place, "Name", rv_literal(file->name));
    rmap_put(place, "BasePath", rv_literal(file->base_path));
    rmap_put(file->scope, "Template", rv_map(scope_values_type(e->making.profile), place));
    buf_init(&raw, scratch);
    struct rv data = rv_map(scope_values_type(e->making.profile), file->scope);
    if (!template_execute(e->set, file->name, data, &raw, e->err)) {
        if (e->err->kind != ERR_INVALID)
            return err_wrap(e->err, "%s", file->name);
        return err_set(
            e->err, ERR_INVALID, "%s",
            engine_exec_error(e->arena, e->making.profile, file->name, template_last_error(e->set)));
    }
    buf_init(&text, e->arena);
    add_without_marks(&text, buf_text(&raw), raw.len);
    *out = (struct rendered_file){file->name, buf_text(&text), text.len};
    return true;
}

static bool run_all(struct engine *e, struct call *call, struct rendered_files *out) {
    size_t total = 0, limit = e->options->output_limit ? e->options->output_limit : (size_t)256 << 20;
    out->items = arena_array(e->arena, e->count + 1, sizeof *out->items);
    out->count = 0;
    for (size_t i = 0; i < e->count; i++) {
        if (*go_path_base(e->files[i].name) == '_')
            continue;
        if (!call_alive(call, e->err) || !run_file(e, &e->files[i], &out->items[out->count]))
            return false;
        total += out->items[out->count++].len;
        if (total > limit)
            return err_set(e->err, ERR_LIMIT, "the chart renders to more than %zu bytes", limit);
    }
    return true;
}

// --- what the options become for the template room ---

static bool look_up(void *context, const struct template_object *wanted, struct value *out, struct err *err) {
    const struct helm_render_options *options = context;
    return options->lookup(options->lookup_context, wanted->api_version, wanted->kind, wanted->namespace,
                           wanted->name, out, err);
}

static void tell_time(void *context, int64_t *seconds, int32_t *nanoseconds, int32_t *offset) {
    const struct helm_render_options *options = context;
    *seconds = options->now / 1000000000;
    *nanoseconds = (int32_t)(options->now % 1000000000);
    *offset = 0;
}

static void cleanup_set(struct template_set **set) {
    template_set_destroy(*set);
}

bool engine_render(struct call *call, const struct rendering *rendering, struct rendered_files *out,
                   struct err *err) {
    const struct helm_chart *chart = rendering->chart;
    const struct helm_render_options *options = rendering->options;
    struct template_options how = {
        .profile = chart->profile == HELM_4 ? TEMPLATE_HELM4 : TEMPLATE_HELM3,
        .functions = rendering->functions ? rendering->functions : funcs_find,
        .every_branch = rendering->noted != NULL,
        .limits = {.output = options->output_limit, .steps = rendering->steps},
        .lookup = options->lookup ? look_up : NULL,
        .lookup_context = (void *)options,
        .random = options->random,
        .random_context = options->random_context,
        .now = options->now ? tell_time : NULL,
        .now_context = (void *)options,
    };
    __attribute__((cleanup(cleanup_set))) struct template_set *set = template_set_create(&how);
    struct engine e = {.arena = call->arena, .options = options, .set = set, .err = err};
    e.making = (struct scope_making){.arena = call->arena,
                                     .noted = rendering->noted,
                                     .heap = template_heap(set),
                                     .profile = chart->profile};
    e.making.heap->seen = rendering->seen;
    e.making.release = scope_release(&e.making, options);
    e.making.capabilities = scope_capabilities(&e.making, &options->capabilities, &rendering->version);
    make_scope(&e, chart, rendering->values);
    sort_templates(&e);
    return parse_all(&e) && run_all(&e, call, out);
}
