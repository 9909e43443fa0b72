// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool file_read_stream(struct arena *arena, FILE *stream, const char *name, size_t limit, const char **text,
                      size_t *len, struct err *err) {
    struct buf all;
    char block[65536];
    buf_init(&all, arena);
    for (size_t got; (got = fread(block, 1, sizeof block, stream)) > 0;) {
        if (all.len + got > limit)
            return err_set(err, ERR_LIMIT, "%s is longer than %zu bytes", name, limit);
        buf_add(&all, block, got);
    }
    *text = buf_text(&all);
    *len = all.len;
    return true;
}

bool file_read(struct arena *arena, const char *path, size_t limit, const char **text, size_t *len,
               struct err *err) {
    CLEANUP_FILE file = fopen(path, "rbe");
    struct stat info;
    if (!file)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_INVALID, "open %s: %s", path,
                       errno == ENOENT ? "no such file or directory" : strerror(errno));
    if (!fstat(fileno(file), &info) && S_ISDIR(info.st_mode))
        return err_set(err, ERR_INVALID, "read %s: is a directory", path);
    return file_read_stream(arena, file, path, limit, text, len, err);
}
