// SPDX-License-Identifier: Apache-2.0
// A chart's folder on disk, dotfiles, .helmignore and links among the files: "name\0content\0…". What is read
// is what is there and not ignored, and loading it is loading the same files from memory.
#include "helm/private.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_FILES = 12, MAX_NAME = 60 };

static const char *next_text(const uint8_t **data, size_t *size, size_t *len) {
    const uint8_t *text = *data, *end = memchr(text, 0, *size);
    if (!end)
        return NULL;
    *len = (size_t)(end - text);
    *size -= *len + 1;
    *data = end + 1;
    return (const char *)text;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info;
    (void)type;
    return walk->level ? remove(path) : 0;
}

// Makes the folders that a name lies in.
static void make_parents(const char *path) {
    char part[256];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        memcpy(part, path, (size_t)(slash - path));
        part[slash - path] = '\0';
        mkdir(part, 0700);
    }
}

// A name that leads out of the folder is none; "-> target" as content makes a link within it.
static void make_file(struct arena *arena, const char *root, const char *name, const char *content,
                      size_t len) {
    const char *path = arena_printf(arena, "%s/%s", root, name);
    if (!*name || strlen(name) > MAX_NAME || *name == '/' || strstr(name, ".."))
        return;
    make_parents(path);
    if (len > 3 && !strncmp(content, "-> ", 3) && content[3] != '/' && !strstr(content, "..")) {
        if (symlink(content + 3, path)) // it may be there
            return;
        return;
    }
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0 && (write(file, content, len) != (ssize_t)len || close(file)))
        abort();
}

static void check(const char *root, enum helm_profile profile) {
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena), other = err_in(arena);
    struct helm_files files;
    struct helm_chart *chart, *again;
    if (!helm_folder_read(&call, root, profile, &files, &err))
        return;
    for (size_t i = 0; i < files.count; i++)
        if (access(arena_printf(arena, "%s/%s", root, files.items[i].name), F_OK))
            abort();
    bool loaded = helm_chart_load(&call, root, profile, &chart, &err);
    if (loaded != helm_chart_load_files(arena, &files, profile, &again, &other))
        abort();
    if (loaded && (strcmp(chart->name, again->name) || chart->files.count != again->files.count))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char root[] = "/tmp/fuzz_folder.XXXXXX";
    static bool made;
    SCRATCH_ARENA(arena);
    if (!made && !mkdtemp(root))
        abort();
    made = true;
    for (int i = 0; i < MAX_FILES; i++) {
        size_t name_len, len;
        const char *name = next_text(&data, &size, &name_len);
        const char *content = name ? next_text(&data, &size, &len) : NULL;
        if (!content)
            break;
        make_file(arena, root, name, content, len);
    }
    make_file(arena, root, "Chart.yaml", "{apiVersion: v2, name: a, version: 1.0.0}", 41);
    check(root, HELM_3);
    check(root, HELM_4);
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}
