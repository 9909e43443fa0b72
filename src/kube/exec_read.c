// SPDX-License-Identifier: Apache-2.0
// What is said of a credential plugin.
#include "kube/private.h"

#include <string.h>

// ---- a kubeconfig's ----

static const struct kube_pair *env_of(struct kube_entry *exec, size_t *count) {
    struct value list = kube_entry_part(exec, "env", VALUE_LIST, "a list of names and values");
    struct kube_pair *pairs = arena_array(exec->arena, value_len(list) + 1, sizeof *pairs);
    *count = value_len(list);
    for (size_t i = 0; i < *count && !exec->failed; i++) {
        struct value item = value_at(list, i);
        const char *name =
            kube_entry_text_in(exec, arena_printf(exec->arena, "env[%zu].name", i), value_get(item, "name"));
        const char *text = kube_entry_text_in(exec, arena_printf(exec->arena, "env[%zu].value", i),
                                              value_get(item, "value"));
        if (!name || !*name || strchr(name, '='))
            kube_entry_wrong(exec, "env[%zu] needs a name, and one without =", i);
        pairs[i] = (struct kube_pair){name, text ? text : ""};
    }
    return pairs;
}

const struct kube_exec *kube_exec_read(struct kube_entry *user) {
    struct kube_entry entry = *user;
    entry.map = kube_entry_part(user, "exec", VALUE_MAP, "a map with command and apiVersion");
    entry.what = arena_printf(user->arena, "%s, exec", user->what);
    if (value_is_null(entry.map))
        return NULL;
    struct kube_exec *exec = arena_alloc(user->arena, sizeof *exec);
    exec->api_version = kube_entry_text(&entry, "apiVersion");
    exec->command = kube_entry_text(&entry, "command");
    exec->args = kube_entry_texts(&entry, "args", &exec->arg_count);
    exec->provide_cluster_info = kube_entry_flag(&entry, "provideClusterInfo");
    exec->interactive_mode = kube_entry_text(&entry, "interactiveMode");
    exec->install_hint = kube_entry_text(&entry, "installHint");
    exec->env = env_of(&entry, &exec->env_count);
    if (!exec->command || !*exec->command)
        kube_entry_wrong(&entry, "command is missing: the program to run for the credential");
    user->failed |= entry.failed;
    return exec;
}

// ---- anybody's ----

bool kube_exec_check(const struct kube_exec *exec, struct err *err) {
    static const char *const versions[] = {"client.authentication.k8s.io/v1",
                                           "client.authentication.k8s.io/v1beta1", NULL};
    static const char *const modes[] = {"", "Never", "IfAvailable", "Always", NULL};
    const char *version = exec->api_version ? exec->api_version : "",
               *mode = exec->interactive_mode ? exec->interactive_mode : "";
    if (!kube_is_among(version, versions))
        return err_at(err, "kubernetes.exec.api_version",
                      "Found \"%s\"; a credential plugin speaks %s or %s. Set one that \"%s\" supports.",
                      version, versions[0], versions[1], exec->command);
    return kube_is_among(mode, modes) ||
           err_set(err, ERR_INVALID,
                   "The interactiveMode of the credential plugin \"%s\" is \"%s\"; it must be Never, "
                   "IfAvailable or Always.",
                   exec->command, mode);
}
