// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool file_read_stream(FILE *stream, const char *name, size_t limit, struct buf *out, struct err *err) {
    char block[65536];
    size_t start = out->len;
    for (size_t got; (got = fread(block, 1, sizeof block, stream)) > 0;) {
        if (out->len - start + got > limit)
            return err_set(err, ERR_LIMIT, "%s is longer than %zu bytes", name, limit);
        buf_add(out, block, got);
    }
    return true;
}

bool file_read(const char *path, size_t limit, struct buf *out, struct err *err) {
    CLEANUP_FILE file = fopen(path, "rbe");
    struct stat info;
    if (!file)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_INVALID, "open %s: %s", path,
                       errno == ENOENT ? "no such file or directory" : strerror(errno));
    if (!fstat(fileno(file), &info) && S_ISDIR(info.st_mode))
        return err_set(err, ERR_INVALID, "read %s: is a directory", path);
    return file_read_stream(file, path, limit, out, err);
}
