// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"
#include "codec/base64.h"
#include "wandb/legacy.h"

#include <string.h>

// What is read while the pod is walked.
struct reading {
    struct call *call;
    struct kube_client *kube;
    const char *namespace;
    struct legacy_objects *out;
    struct err *err;
};

// A Secret's data as texts, which no message shows from now on.
static struct value decoded(struct call *call, struct value data) {
    struct arena *arena = call->arena;
    struct value out = value_map(arena, NULL, 0);
    for (size_t i = 0; i < value_len(data); i++) {
        const struct value_entry *entry = value_entry_at(data, i);
        const char *text = value_get_string(entry->value);
        struct err ignored = err_in(arena);
        struct buf bytes;
        buf_init(&bytes, arena);
        if (!text || !base64_decode(&bytes, text, value_len(entry->value), &ignored))
            continue;
        call_hide(call, buf_text(&bytes));
        out = value_with(arena, out, entry->key, value_string_len(arena, buf_text(&bytes), bytes.len));
    }
    return out;
}

// Reads one Secret or ConfigMap once; one that is not there leaves nothing.
static bool take(const struct reading *reading, const char *kind, const char *name) {
    struct arena *arena = reading->call->arena;
    bool secret = !strcmp(kind, "Secret");
    struct value *known = secret ? &reading->out->secrets : &reading->out->config_maps, object;
    struct kube_ref ref = KUBE_REF("v1", kind, reading->namespace, name);
    if (!name || value_has(*known, name))
        return true;
    if (!kube_find(reading->call, reading->kube, &ref, &object, reading->err))
        return err_wrap(reading->err, "read what the old pod refers to");
    struct value data = value_get(object, "data");
    if (value_is_null(data))
        data = value_map(arena, NULL, 0);
    if (!value_is_null(object))
        *known = value_with(arena, *known, name, secret ? decoded(reading->call, data) : data);
    return true;
}

static bool take_container(const struct reading *reading, struct value container) {
    struct value env = value_get(container, "env"), sources = value_get(container, "envFrom");
    for (size_t i = 0; i < value_len(env); i++) {
        struct value from = value_get(value_at(env, i), "valueFrom");
        if (!take(reading, "Secret", value_dig_string(from, "secretKeyRef", "name", NULL)) ||
            !take(reading, "ConfigMap", value_dig_string(from, "configMapKeyRef", "name", NULL)))
            return false;
    }
    for (size_t i = 0; i < value_len(sources); i++) {
        struct value source = value_at(sources, i);
        if (!take(reading, "Secret", value_dig_string(source, "secretRef", "name", NULL)) ||
            !take(reading, "ConfigMap", value_dig_string(source, "configMapRef", "name", NULL)))
            return false;
    }
    return true;
}

static bool take_pod(const struct reading *reading, struct value pod) {
    struct value containers = value_get(pod, "containers"), volumes = value_get(pod, "volumes");
    const char *account = value_dig_string(pod, "serviceAccountName", NULL);
    for (size_t i = 0; i < value_len(containers); i++)
        if (!take_container(reading, value_at(containers, i)))
            return false;
    for (size_t i = 0; i < value_len(volumes); i++)
        if (!take(reading, "ConfigMap", value_dig_string(value_at(volumes, i), "configMap", "name", NULL)))
            return false;
    struct kube_ref ref = KUBE_REF("v1", "ServiceAccount", reading->namespace, account);
    return !account ||
           kube_find(reading->call, reading->kube, &ref, &reading->out->service_account, reading->err) ||
           err_wrap(reading->err, "read the account of the old pod");
}

bool legacy_read(struct call *call, struct kube_client *kube, const char *namespace, const char *name,
                 struct legacy_objects *out, struct err *err) {
    struct arena *arena = call->arena;
    struct kube_ref ref = KUBE_REF("apps/v1", "Deployment", namespace, name);
    struct reading reading = {call, kube, namespace, out, err};
    *out = (struct legacy_objects){.secrets = value_map(arena, NULL, 0),
                                   .config_maps = value_map(arena, NULL, 0)};
    if (!kube_find(call, kube, &ref, &out->deployment, err))
        return false;
    if (value_is_null(out->deployment))
        return err_set(err, ERR_NOT_FOUND,
                       "there is no %s. The module wandb/wandb/kubernetes calls it \"wandb\"; the Helm chart "
                       "wandb calls it "
                       "after its release",
                       kube_ref_text(arena, &ref));
    return take_pod(&reading, value_dig(out->deployment, "spec", "template", "spec", NULL));
}
