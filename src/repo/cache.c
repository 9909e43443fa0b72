// SPDX-License-Identifier: Apache-2.0
// Downloaded charts by digest, and which digest an exact request had. Files appear whole (written
// beside and renamed), so several processes, and the threads of one, may share the folder.
#include "repo/private.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "go/semver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *directory(struct fetch *fetch) {
    struct arena *arena = fetch->call->arena;
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (fetch->options->cache_dir)
        return fetch->options->cache_dir;
    if (base && *base == '/')
        return arena_printf(arena, "%s/terraform-provider-wandb/charts", base);
    return home && *home ? arena_printf(arena, "%s/.cache/terraform-provider-wandb/charts", home) : NULL;
}

static const char *hex_of(const char *digest) {
    const char *hex = !strncmp(digest, "sha256:", 7) ? digest + 7 : "";
    return strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64 ? hex : NULL;
}

static const char *path_of(struct fetch *fetch, const char *name, const char *suffix) {
    const char *folder = directory(fetch);
    return folder && name ? arena_printf(fetch->call->arena, "%s/%s%s", folder, name, suffix) : NULL;
}

static const char *request_path(struct fetch *fetch, const char *request) {
    struct arena *arena = fetch->call->arena;
    return path_of(fetch, crypto_digest_hex(arena, CRYPTO_SHA256, request, strlen(request)), ".request");
}

static char *read_file(struct arena *arena, const char *path, size_t limit, size_t *len) {
    CLEANUP_FILE file = path ? fopen(path, "rbe") : NULL;
    struct stat info;
    if (!file || fstat(fileno(file), &info) || !S_ISREG(info.st_mode) || (size_t)info.st_size > limit)
        return NULL;
    char *data = arena_alloc(arena, (size_t)info.st_size + 1);
    *len = fread(data, 1, (size_t)info.st_size, file);
    return *len == (size_t)info.st_size ? data : NULL;
}

bool repo_cache_get(struct fetch *fetch, const char *digest, struct packed *out) {
    size_t len;
    struct arena *arena = fetch->call->arena;
    char *data = read_file(arena, path_of(fetch, hex_of(digest), ".tgz"), HELM_CHART_LIMIT, &len);
    if (!data || strcmp(crypto_content_digest(arena, data, len), digest) != 0)
        return false;
    *out = (struct packed){.origin = "the cache", .version = "", .digest = digest, .data = data, .len = len};
    return true;
}

const char *repo_cache_lookup(struct fetch *fetch, const char *request) {
    size_t len;
    char *digest = read_file(fetch->call->arena, request_path(fetch, request), 128, &len);
    return digest && hex_of(digest) ? digest : NULL;
}

static void make_folders(struct arena *arena, const char *path) {
    char *copy = arena_strdup(arena, path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(copy, 0700);
        *slash = '/';
    }
}

static bool write_file(struct arena *arena, const char *path, const void *data, size_t len) {
    make_folders(arena, path);
    char *beside = arena_printf(arena, "%s.XXXXXX", path);
    int descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0)
        return false;
    FILE *file = fdopen(descriptor, "wb");
    bool written = file && fwrite(data, 1, len, file) == len;
    if (file ? fclose(file) : close(descriptor))
        written = false;
    if (written && rename(beside, path) == 0)
        return true;
    unlink(beside);
    return false;
}

void repo_cache_put(struct fetch *fetch, const struct packed *packed, const char *request) {
    struct arena *arena = fetch->call->arena;
    const char *path = path_of(fetch, hex_of(packed->digest), ".tgz");
    struct packed whole;
    bool kept = path && (repo_cache_get(fetch, packed->digest, &whole) ||
                         write_file(arena, path, packed->data, packed->len));
    if (kept && request)
        kept = write_file(arena, request_path(fetch, request), packed->digest, strlen(packed->digest));
    if (!kept)
        log_to(fetch->call, LOG_DEBUG, "helm", "the chart was not cached: %s",
               path ? strerror(errno) : "no cache folder");
}

// A URL of a file, or an OCI reference with a tag or digest.
static bool names_one(const char *chart) {
    const char *scheme = strstr(chart, "://"), *path = scheme ? strchr(scheme + 3, '/') : NULL;
    return path && (strncmp(chart, "oci://", 6) || strpbrk(path, ":@"));
}

const char *repo_cache_request(struct fetch *fetch) {
    const struct repo_options *options = fetch->options;
    struct arena *arena = fetch->call->arena;
    struct semver version;
    struct err ignored = err_in(arena);
    if (names_one(options->chart))
        return options->chart;
    if (!options->version || !semver_parse_strict(arena, options->version, &version, &ignored))
        return NULL;
    return arena_printf(arena, "%s\n%s\n%s", options->repository ? options->repository : "", options->chart,
                        options->version);
}
