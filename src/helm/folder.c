// SPDX-License-Identifier: Apache-2.0
// Reads a chart's folder: links followed, .helmignore obeyed, sizes bounded.
#include "helm/private.h"

#include "base/cleanup.h"
#include "base/list.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 256     // a link to a parent is followed until the kernel stops it, as in Helm
#define MAX_LINKS 255     // Go's bound on one path
#define MAX_FILES 1000000 // a chart of a million files is no chart

struct walk {
    struct call *call;
    struct arena *arena;
    enum helm_profile profile;
    const char *root; // absolute, ends with '/'
    struct ignore_rules *rules;
    struct helm_files *files;
    size_t bytes;
    struct err *err;
};

// errno in Go's words: the C library's without its capital.
static const char *why(struct arena *arena) {
    char *text = arena_strdup(arena, strerror(errno));
    text[0] = (char)tolower((unsigned char)text[0]);
    return text;
}

// Reads `size` bytes, or fewer where the file has become shorter.
static bool read_whole(struct walk *walk, const char *path, size_t size, char **out, size_t *len) {
    CLEANUP_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(walk->err, ERR_INVALID, "open %s: %s", path, why(walk->arena));
    *out = arena_alloc(walk->arena, size + 1);
    *len = 0;
    while (*len < size) {
        ssize_t got = read(fd, *out + *len, size - *len);
        if (got < 0 && errno != EINTR)
            return err_set(walk->err, ERR_INVALID, "read %s: %s", path, why(walk->arena));
        if (got == 0)
            break;
        *len += got > 0 ? (size_t)got : 0;
    }
    return true;
}

static bool check_size(struct walk *walk, const char *name, const struct stat *info) {
    size_t size = (size_t)info->st_size;
    if (walk->profile == HELM_3 && size > HELM_FILE_LIMIT)
        return err_set(walk->err, ERR_LIMIT, "chart file \"%s\" is larger than the maximum file size %zu",
                       go_path_base(name), HELM_FILE_LIMIT);
    if (walk->bytes + size > HELM_CHART_LIMIT)
        return err_set(walk->err, ERR_LIMIT,
                       walk->profile == HELM_3
                           ? "the chart's files exceed %zu bytes; packaged charts may not either"
                           : "chart exceeds maximum decompressed size of %zu bytes",
                       HELM_CHART_LIMIT);
    return true;
}

static struct helm_file *add_file(struct walk *walk) {
    return LIST_ADD(walk->arena, walk->files->items, walk->files->count);
}

static bool read_file(struct walk *walk, const char *path, const char *name, const struct stat *info) {
    if (!S_ISREG(info->st_mode))
        return err_set(walk->err, ERR_INVALID,
                       "cannot load irregular file %s as it has file mode type bits set", path);
    if (!check_size(walk, name, info))
        return false;
    if (walk->files->count >= MAX_FILES)
        return err_set(walk->err, ERR_LIMIT, "the folder %s holds more than %d files", walk->root, MAX_FILES);
    char *text;
    size_t len;
    if (!read_whole(walk, path, (size_t)info->st_size, &text, &len))
        return err_wrap(walk->err, "error reading %s", name);
    walk->bytes += len;
    size_t mark = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
    *add_file(walk) = (struct helm_file){name, text + mark, len - mark};
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool list_folder(struct walk *walk, const char *path, const char ***out, size_t *count) {
    CLEANUP_DIR dir = opendir(path);
    if (!dir)
        return err_set(walk->err, ERR_INVALID, "open %s: %s", path, why(walk->arena));
    const char **names = NULL;
    size_t used = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        *LIST_ADD(walk->arena, names, used) = arena_strdup(walk->arena, entry->d_name);
    }
    if (used)
        qsort(names, used, sizeof *names, by_name);
    *out = names;
    *count = used;
    return true;
}

static bool walk_path(struct walk *walk, const char *path, int depth);

static bool walk_folder(struct walk *walk, const char *path, int depth) {
    const char **names = NULL;
    size_t count = 0;
    if (depth > MAX_DEPTH)
        return err_set(walk->err, ERR_LIMIT,
                       "%s lies deeper than %d folders (does a link point to its own parent?)", path,
                       MAX_DEPTH);
    if (!call_alive(walk->call, walk->err) || !list_folder(walk, path, &names, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!walk_path(walk, arena_printf(walk->arena, "%s/%s", path, names[i]), depth + 1))
            return false;
    return true;
}

// Whether a link leads to itself, and not just through more links than the kernel follows.
static bool is_circle(struct arena *arena, const char *path) {
    char target[PATH_MAX];
    for (int i = 0; i < MAX_LINKS; i++) {
        ssize_t len = readlink(path, target, sizeof target - 1);
        if (len < 0)
            return false;
        target[len] = '\0';
        int folder = *target == '/' ? 0 : (int)(go_path_base(path) - path);
        path = arena_printf(arena, "%.*s%s", folder, path, target);
    }
    return true;
}

// In Go's words, which name what is missing behind the link. glibc leaves the path so far in the result.
static bool bad_link(struct walk *walk, const char *path) {
    char resolved[PATH_MAX] = "";
    if (errno == ELOOP)
        return is_circle(walk->arena, path)
                   ? err_set(walk->err, ERR_INVALID,
                             "error evaluating symlink %s: EvalSymlinks: too many links", path)
                   : err_set(walk->err, ERR_INVALID, "open %s: too many levels of symbolic links", path);
    if (errno != ENOENT || realpath(path, resolved))
        return err_set(walk->err, ERR_INVALID, "error evaluating symlink %s: lstat %s: %s", path, path,
                       why(walk->arena));
    return err_set(walk->err, ERR_INVALID, "error evaluating symlink %s: lstat %s: no such file or directory",
                   path, resolved);
}

static bool walk_path(struct walk *walk, const char *path, int depth) {
    struct stat info;
    if (stat(path, &info) != 0)
        return bad_link(walk, path);
    const char *name = path + strlen(walk->root);
    if (ignore_matches(walk->rules, name, S_ISDIR(info.st_mode)))
        return true;
    return S_ISDIR(info.st_mode) ? walk_folder(walk, path, depth) : read_file(walk, path, name, &info);
}

static bool read_ignore(struct walk *walk) {
    const char *path = arena_printf(walk->arena, "%s.helmignore", walk->root);
    struct stat info;
    walk->rules = ignore_create(walk->arena);
    if (stat(path, &info) == 0) {
        char *text;
        size_t len, size = (size_t)info.st_size;
        if (!read_whole(walk, path, size < HELM_FILE_LIMIT ? size : HELM_FILE_LIMIT, &text, &len))
            return false;
        if (!ignore_read(walk->arena, walk->rules, text, len, walk->err))
            return false;
    }
    return ignore_read(walk->arena, walk->rules, "templates/.?*", 13, walk->err);
}

bool helm_folder_read(struct call *call, const char *path, enum helm_profile profile, struct helm_files *out,
                      struct err *err) {
    char absolute[PATH_MAX];
    if (!realpath(path, absolute))
        return err_set(err, ERR_NOT_FOUND, "lstat %s: %s", path, why(call->arena));
    *out = (struct helm_files){0};
    struct walk walk = {
        .call = call,
        .arena = call->arena,
        .profile = profile,
        .files = out,
        .err = err,
        .root = arena_printf(call->arena, "%s/", absolute),
    };
    return read_ignore(&walk) && walk_folder(&walk, absolute, 0);
}
