// SPDX-License-Identifier: Apache-2.0
// A docker config.json of anybody, asked for the login of a few hosts. There are no credential helpers.
#include "repo/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const hosts[] = {"r.example", "r.example:5000", "docker.io"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int file = -1;
    static char path[32];
    SCRATCH_ARENA(arena);
    if (file < 0) {
        file = memfd_create("config.json", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        setenv("PATH", "", 1);
    }
    if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
        abort();
    struct call call = call_in(arena);
    struct repo_options options = {.chart = "oci://r.example/a/b", .registry_config = path};
    struct fetch fetch = {.call = &call, .http = NULL, .options = &options};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct registry_login login = registry_login_for(&fetch, hosts[i]);
        if (login.encrypted || (login.password && !login.username))
            abort();
    }
    return 0;
}
