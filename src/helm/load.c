// SPDX-License-Identifier: Apache-2.0
// From files to a chart: what each name means, and the subcharts in charts/.
#include "crypto/digest.h"
#include "helm/private.h"

#include "base/cleanup.h"
#include "base/list.h"
#include "codec/archive.h"
#include "codec/yaml.h"
#include "go/quote.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_SUBCHART_DEPTH 32

// How a chart is read: as which Helm does, and in how many other charts it lies.
struct reading {
    enum helm_profile profile;
    int depth;
};

static bool load_files(struct arena *arena, const struct helm_files *files, struct reading reading,
                       struct helm_chart **out, struct err *err);
static bool load_tgz(struct arena *arena, struct cursor data, struct reading reading, struct helm_chart **out,
                     struct err *err);

static void files_add(struct arena *arena, struct helm_files *files, struct helm_file file) {
    *LIST_ADD(arena, files->items, files->count) = file;
}

// --- values.yaml ---

static bool load_values(struct arena *arena, struct helm_chart *chart, const struct helm_file *file,
                        struct err *err) {
    bool fine = chart->profile == HELM_4
                    ? helm_values_decode_all(arena, file->data, file->len, &chart->values, err)
                    : helm_values_decode(arena, file->data, file->len, &chart->values, err);
    return fine || err_wrap(err, "cannot load values.yaml");
}

// --- a chart's own files ---

struct loading {
    struct arena *arena;
    struct helm_chart *chart;
    struct helm_files subfiles; // of charts/, names without "charts/"
    struct err *err;
};

static bool is_v1(const struct helm_chart *chart) {
    return value_is_text(value_get(chart->metadata, "apiVersion"), "v1");
}

static enum helm_metadata_reader reader_of(const struct helm_chart *chart) {
    return chart->profile == HELM_4 ? HELM_METADATA_4 : HELM_METADATA_3;
}

static bool take_requirements(struct loading *loading, const struct helm_file *file) {
    struct helm_chart *chart = loading->chart;
    if (!helm_metadata_read(loading->arena, file, reader_of(chart), &chart->metadata, loading->err))
        return false;
    if (is_v1(chart))
        files_add(loading->arena, &chart->files, *file);
    return true;
}

static bool take_requirements_lock(struct loading *loading, const struct helm_file *file) {
    if (!helm_lock_read(loading->arena, file, loading->chart->profile, &loading->chart->lock, loading->err))
        return false;
    if (is_v1(loading->chart))
        files_add(loading->arena, &loading->chart->files, *file);
    return true;
}

static bool take_file(struct loading *loading, const struct helm_file *file) {
    struct helm_chart *chart = loading->chart;
    const char *name = file->name;
    if (!strcmp(name, "Chart.yaml"))
        return true; // was read first
    if (!strcmp(name, "Chart.lock"))
        return helm_lock_read(loading->arena, file, chart->profile, &chart->lock, loading->err);
    if (!strcmp(name, "values.yaml"))
        return load_values(loading->arena, chart, file, loading->err);
    if (!strcmp(name, "requirements.yaml"))
        return take_requirements(loading, file);
    if (!strcmp(name, "requirements.lock"))
        return take_requirements_lock(loading, file);
    if (!strcmp(name, "values.schema.json"))
        chart->schema = arena_memdup(loading->arena, file, sizeof *file);
    else if (go_has_prefix(name, "templates/"))
        files_add(loading->arena, &chart->templates, *file);
    else if (go_has_prefix(name, "charts/") && !go_has_suffix(name, ".prov"))
        files_add(loading->arena, &loading->subfiles, (struct helm_file){name + 7, file->data, file->len});
    else
        files_add(loading->arena, &chart->files, *file);
    return true;
}

static bool take_metadata(struct loading *loading, const struct helm_files *files, int depth) {
    struct helm_chart *chart = loading->chart;
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->items[i].name, "Chart.yaml") != 0)
            continue;
        bool probe =
            chart->profile == HELM_4 && !depth; // Helm 4 first looks what API version a root chart has
        if (!helm_metadata_read(loading->arena, &files->items[i],
                                probe ? HELM_METADATA_PROBE : reader_of(chart), &chart->metadata,
                                loading->err))
            return false;
        if (!value_has(chart->metadata, "apiVersion")) // Helm 2's charts
            chart->metadata =
                value_with(loading->arena, chart->metadata, "apiVersion", value_string_ref("v1"));
    }
    return true;
}

// --- subcharts ---

static void add_dependency(struct arena *arena, struct helm_chart *chart, struct helm_chart *child) {
    *LIST_ADD(arena, chart->dependencies, chart->dependency_count) = child;
    child->parent = chart;
}

static bool same_subchart(const char *name, const char *entry, size_t len) {
    return strncmp(name, entry, len) == 0 && (name[len] == '/' || !name[len]);
}

static bool load_packed(struct loading *loading, const char *entry, const struct helm_file *file, int depth,
                        struct helm_chart **out) {
    if (strcmp(file->name, entry) != 0)
        return err_set(loading->err, ERR_INVALID, "error unpacking subchart tar in %s: expected %s, got %s",
                       loading->chart->name, entry, file->name);
    struct reading inner = {loading->chart->profile, depth + 1};
    return load_tgz(loading->arena, cursor_over(file->data, file->len), inner, out, loading->err) ||
           err_wrap(loading->err, "error unpacking subchart %s in %s", entry, loading->chart->name);
}

static bool load_subchart(struct loading *loading, const char *entry, const struct helm_files *files,
                          int depth) {
    struct helm_chart *child;
    if (*entry == '_' || *entry == '.')
        return true;
    if (go_has_suffix(entry, ".tgz")) {
        if (!load_packed(loading, entry, &files->items[0], depth, &child))
            return false;
    } else {
        struct helm_files inner = {0};
        for (size_t i = 0; i < files->count; i++) {
            const char *slash = strchr(files->items[i].name, '/');
            if (slash) // a file right in charts/ is no chart
                files_add(loading->arena, &inner,
                          (struct helm_file){slash + 1, files->items[i].data, files->items[i].len});
        }
        if (!load_files(loading->arena, &inner, (struct reading){loading->chart->profile, depth + 1}, &child,
                        loading->err))
            return err_wrap(loading->err, "error unpacking subchart %s in %s", entry, loading->chart->name);
    }
    add_dependency(loading->arena, loading->chart, child);
    return true;
}

static int by_file_name(const void *a, const void *b) {
    const struct helm_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

// The order of subcharts is random in Helm (it walks a map); here it is that of their names.
static bool load_subcharts(struct loading *loading, int depth) {
    struct helm_files *all = &loading->subfiles;
    if (all->count)
        qsort(all->items, all->count, sizeof *all->items, by_file_name);
    bool *taken = arena_array(loading->arena, all->count + 1, sizeof *taken);
    for (size_t i = 0; i < all->count; i++) {
        if (taken[i])
            continue;
        size_t len = strcspn(all->items[i].name, "/");
        const char *entry = arena_strndup(loading->arena, all->items[i].name, len);
        struct helm_files files = {0};
        for (size_t j = i; j < all->count && strncmp(all->items[j].name, entry, len) == 0; j++)
            if (!taken[j] && same_subchart(all->items[j].name, entry, len)) {
                files_add(loading->arena, &files, all->items[j]);
                taken[j] = true;
            }
        if (!load_subchart(loading, entry, &files, depth))
            return false;
    }
    return true;
}

// Helm 4 looks at the API version before it loads anything.
static bool check_version(const struct helm_chart *chart, struct err *err) {
    struct value version = value_get(chart->metadata, "apiVersion");
    if (chart->profile == HELM_3)
        return true;
    if (value_is_null(version) && value_kind(chart->metadata) != VALUE_MAP)
        return err_set(err, ERR_INVALID, "Chart.yaml file is missing"); // ignored, as it was there
    if (value_is_null(version))
        return err_set(err, ERR_INVALID, "unable to detect chart version, no Chart.yaml found");
    return value_is_text(version, "v1") || value_is_text(version, "v2") ||
           err_set(err, ERR_UNSUPPORTED,
                   value_is_text(version, "v3") ? "invalid chart apiVersion" : "unsupported chart version");
}

static bool load_files(struct arena *arena, const struct helm_files *files, struct reading reading,
                       struct helm_chart **out, struct err *err) {
    int depth = reading.depth;
    struct helm_chart *chart = arena_alloc(arena, sizeof *chart);
    struct loading loading = {.arena = arena, .chart = chart, .err = err};
    if (depth > MAX_SUBCHART_DEPTH)
        return err_set(err, ERR_LIMIT, "subcharts are nested deeper than %d charts", MAX_SUBCHART_DEPTH);
    chart->profile = reading.profile;
    chart->values = value_map(arena, NULL, 0);
    if (!take_metadata(&loading, files, depth) || (!depth && !check_version(chart, err)))
        return false;
    for (size_t i = 0; i < files->count; i++)
        if (!take_file(&loading, &files->items[i]))
            return false;
    if (value_kind(chart->metadata) != VALUE_MAP)
        return err_set(err, ERR_INVALID, "Chart.yaml file is missing");
    if (!helm_metadata_validate(arena, chart, err) || !load_subcharts(&loading, depth))
        return false;
    *out = chart;
    return true;
}

// --- archives ---

// The name inside the chart: the first folder goes, whatever it is called; what points elsewhere is refused.
static bool inner_name(struct arena *arena, const char *stored, const char **out, struct err *err) {
    char delimiter = strchr(stored, '\\') ? '\\' : '/';
    const char *rest = strchr(stored, delimiter);
    if (!rest && !strcmp(stored, "Chart.yaml"))
        return err_set(err, ERR_INVALID, "chart yaml not in base directory");
    char *name = arena_strdup(arena, rest ? rest + 1 : "");
    for (char *p = name; *p; p++)
        if (*p == delimiter)
            *p = '/';
    if (*name == '/')
        return err_set(err, ERR_INVALID, "chart illegally contains absolute paths");
    name = (char *)go_path_clean(arena, name);
    if (!strcmp(name, "."))
        return err_set(err, ERR_INVALID, "chart illegally contains content outside the base directory: %s",
                       quote_of(arena, stored));
    if (go_has_prefix(name, ".."))
        return err_set(err, ERR_INVALID, "chart illegally references parent directory");
    if (isalpha((unsigned char)name[0]) && name[1] == ':' && name[2] == '/')
        return err_set(err, ERR_INVALID, "chart contains illegally named files");
    if (go_has_prefix(stored, "Chart.yaml") && stored[10] == delimiter)
        return err_set(err, ERR_INVALID, "chart yaml not in base directory");
    *out = name;
    return true;
}

static bool load_tgz(struct arena *arena, struct cursor data, struct reading reading, struct helm_chart **out,
                     struct err *err) {
    struct archive archive;
    struct helm_files files = {0};
    if (cursor_left(data) < 10)
        return err_set(err, ERR_INVALID, cursor_left(data) ? "unexpected EOF" : "EOF");
    if (memcmp(data.at, "\x1f\x8b\x08", 3) != 0)
        return err_set(err, ERR_INVALID, "gzip: invalid header");
    struct archive_limits limits = {reading.profile == HELM_3 ? HELM_FILE_LIMIT : HELM_CHART_LIMIT,
                                    HELM_CHART_LIMIT};
    if (!archive_read_tgz(arena, data, &limits, &archive, err))
        return false;
    for (size_t i = 0; i < archive.count; i++) {
        const struct archive_file *file = &archive.files[i];
        size_t mark = file->len >= 3 && !memcmp(file->data, "\xef\xbb\xbf", 3) ? 3 : 0;
        const char *name = NULL;
        if (!inner_name(arena, file->name, &name, err))
            return false;
        files_add(arena, &files, (struct helm_file){name, file->data + mark, file->len - mark});
    }
    if (!files.count)
        return err_set(err, ERR_INVALID, "no files in chart archive");
    return load_files(arena, &files, reading, out, err);
}

bool helm_chart_load_tgz(struct arena *arena, struct cursor data, enum helm_profile profile,
                         struct helm_chart **out, struct err *err) {
    if (!load_tgz(arena, data, (struct reading){profile, 0}, out, err))
        return false;
    (*out)->digest = crypto_content_digest(arena, data.at, cursor_left(data));
    return true;
}

bool helm_chart_load_files(struct arena *arena, const struct helm_files *files, enum helm_profile profile,
                           struct helm_chart **out, struct err *err) {
    if (!load_files(arena, files, (struct reading){profile, 0}, out, err))
        return false;
    (*out)->digest = helm_digest_files(arena, files);
    return true;
}

// What Go's http.DetectContentType says of a file that is no gzip.
static const char *content_type(const char *data, size_t len) {
    size_t look = len < 512 ? len : 512;
    if (look >= 4 && !memcmp(data, "PK\x03\x04", 4))
        return "application/zip";
    if (look >= 5 && !memcmp(data, "%PDF-", 5))
        return "application/pdf";
    for (size_t i = 0; i < look; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c <= 0x08 || c == 0x0b || (c >= 0x0e && c <= 0x1a) || (c >= 0x1c && c <= 0x1f))
            return "application/octet-stream";
    }
    return len < 512 ? "application/octet-stream"
                     : "text/plain; charset=utf-8"; // Helm looks at 512 bytes, NUL filled
}

static bool read_packed(struct call *call, const char *path, size_t size, struct cursor *out,
                        struct err *err) {
    CLEANUP_FILE file = fopen(path, "rb");
    if (!file)
        return err_set(err, ERR_INVALID, "open %s: %s", path, strerror(errno));
    if (size > HELM_CHART_LIMIT)
        return err_set(err, ERR_LIMIT, "%s is %zu bytes long; a packaged chart may have %zu", path, size,
                       HELM_CHART_LIMIT);
    char *data = arena_alloc(call->arena, size + 1);
    size = fread(data, 1, size, file);
    if (size < 3 || memcmp(data, "\x1f\x8b\x08", 3) != 0) {
        if (go_has_suffix(path, ".yml") || go_has_suffix(path, ".yaml"))
            return err_set(err, ERR_INVALID,
                           "file '%s' seems to be a YAML file, but expected a gzipped archive", path);
        return err_set(err, ERR_INVALID, "file '%s' does not appear to be a gzipped archive; got '%s'", path,
                       content_type(data, size));
    }
    *out = cursor_over(data, size);
    return true;
}

bool helm_chart_load(struct call *call, const char *path, enum helm_profile profile, struct helm_chart **out,
                     struct err *err) {
    struct stat info;
    struct helm_files files;
    const char *chart_yaml = arena_printf(call->arena, "%s/Chart.yaml", path);
    if (stat(path, &info) != 0)
        return err_set(err, ERR_NOT_FOUND, "stat %s: %s", path,
                       errno == ENOENT ? "no such file or directory" : strerror(errno));
    if (S_ISDIR(info.st_mode) && profile == HELM_4 && access(chart_yaml, F_OK) != 0)
        return err_set(err, ERR_INVALID, "unable to detect chart at %s: open %s: no such file or directory",
                       chart_yaml, chart_yaml);
    struct cursor packed;
    if (!S_ISDIR(info.st_mode))
        return read_packed(call, path, (size_t)info.st_size, &packed, err) &&
               helm_chart_load_tgz(call->arena, packed, profile, out, err);
    return helm_folder_read(call, path, profile, &files, err) &&
           helm_chart_load_files(call->arena, &files, profile, out, err);
}
