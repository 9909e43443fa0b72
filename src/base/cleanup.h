// SPDX-License-Identifier: Apache-2.0
// Cleanup attributes for foreign handles; memory of our own lives in arenas.
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

static inline void cleanup_file(FILE **file) {
    if (*file)
        fclose(*file);
}

static inline void cleanup_dir(DIR **dir) {
    if (*dir)
        closedir(*dir);
}

static inline void cleanup_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
}

// For memory that a foreign library hands over and wants free()d.
static inline void cleanup_free(void *pointer) {
    free(*(void **)pointer);
}

#define CLEANUP_FILE CLEANUP(cleanup_file) FILE *
#define CLEANUP_DIR CLEANUP(cleanup_dir) DIR *
#define CLEANUP_FD CLEANUP(cleanup_fd) int

#endif
