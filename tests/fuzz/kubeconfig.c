// SPDX-License-Identifier: Apache-2.0
// A kubeconfig: what is taken is whole, what is refused says why.
#include "kube/config.h"

#include "base/cleanup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *place(void) {
    static char folder[] = "/tmp/fuzz_kubeconfig.XXXXXX", path[sizeof folder + 8];
    if (!*path) {
        if (!mkdtemp(folder))
            abort();
        strcat(strcpy(path, folder), "/config");
    }
    return path;
}

static void check(const struct kube_config *config) {
    const struct kube_impersonation *as = &config->login.impersonate;
    if (!config->host || (strncmp(config->host, "https://", 8) && strncmp(config->host, "http://", 7)))
        abort();
    if (config->login.exec &&
        (!config->login.exec->command || !*config->login.exec->command || !config->login.exec->api_version))
        abort();
    for (size_t i = 0; config->login.exec && i < config->login.exec->arg_count; i++)
        if (!config->login.exec->args[i])
            abort();
    for (size_t i = 0; config->login.exec && i < config->login.exec->env_count; i++)
        if (!config->login.exec->env[i].name || !config->login.exec->env[i].value)
            abort();
    if (!as->user && (as->uid || as->group_count || as->extra_count))
        abort();
    if (config->login.client_certificate && !config->login.client_key)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (memmem(data, size, "/dev", 4) || memmem(data, size, "/proc", 5)) // files that wait or never end
        return 0;
    SCRATCH_ARENA(arena);
    struct call call = call_in(arena);
    struct err err = err_in(arena);
    struct kube_settings settings = {.config_path = place()};
    struct kube_config config;
    {
        CLEANUP_FILE file = fopen(settings.config_path, "w");
        if (!file || fwrite(data, 1, size, file) != size)
            abort();
    }
    if (kube_config_resolve(&call, &settings, &config, &err))
        check(&config);
    else if (err.kind == ERR_NONE || !err.msg || !*err.msg)
        abort();
    return 0;
}
