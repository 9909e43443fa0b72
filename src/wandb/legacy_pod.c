// SPDX-License-Identifier: Apache-2.0
// What the old pod has beside its environment.
#include "base/buf.h"
#include "wandb/legacy_private.h"

#include <string.h>

static const char *text_at(struct value map, const char *key) {
    const char *text = value_dig_string(map, key, NULL);
    return text ? text : "";
}

// "host/name:tag" or "host/name@sha256:…", up to what follows the name.
static size_t repository_len(const char *image) {
    const char *digest = strchr(image, '@'), *slash = strrchr(image, '/');
    if (digest)
        return (size_t)(digest - image);
    const char *colon = strrchr(slash ? slash : image, ':');
    return colon ? (size_t)(colon - image) : strlen(image);
}

static void image(struct legacy_mapping *mapping) {
    const char *text = text_at(mapping->container, "image");
    size_t len = repository_len(text);
    const char *repository = arena_strndup(mapping->arena, text, len);
    static const char HUB[] = "docker.io/";
    const char *name = !strncmp(repository, HUB, sizeof HUB - 1) ? repository + sizeof HUB - 1 : repository;
    if (len && strcmp(name, "wandb/local") != 0)
        legacy_put_text(mapping, LEGACY_AT("app", "image", "repository"), repository);
    legacy_note(
        mapping,
        "The version is not carried over (%s): the release channel decides which one runs. Databases are "
        "migrated when the new version starts, while the old one still serves.",
        text);
}

// The old module's and the old chart's own, as the API server writes them: limits are null for none.
static const struct {
    const char *cpu, *memory, *limit_cpu, *limit_memory;
} DEFAULTS[] = {{"500m", "1G", "4", "8G"}, {"1", "1G", "", ""}, {"1", "2Gi", "", ""}};

static const char *quantity(struct value amounts, const char *name) {
    static const char *const SAME[][2] = {{"1000m", "1"}, {"4000m", "4"}};
    const char *text = text_at(amounts, name);
    for (size_t i = 0; i < sizeof SAME / sizeof *SAME; i++)
        if (!strcmp(text, SAME[i][0]))
            return SAME[i][1];
    return text;
}

static bool is_default(struct value resources) {
    struct value requests = value_get(resources, "requests"), limits = value_get(resources, "limits");
    if (!value_len(requests) && !value_len(limits))
        return true;
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++)
        if (!strcmp(quantity(requests, "cpu"), DEFAULTS[i].cpu) &&
            !strcmp(quantity(requests, "memory"), DEFAULTS[i].memory) &&
            !strcmp(quantity(limits, "cpu"), DEFAULTS[i].limit_cpu) &&
            !strcmp(quantity(limits, "memory"), DEFAULTS[i].limit_memory) && value_len(requests) == 2)
            return true;
    return false;
}

static void resources(struct legacy_mapping *mapping) {
    struct value wanted = value_get(mapping->container, "resources");
    struct value replicas = value_dig(mapping->objects->deployment, "spec", "replicas", NULL);
    if (!is_default(wanted))
        legacy_put(mapping, LEGACY_AT("app", "resources"), wanted);
    if (value_is_number(replicas) && value_get_int(replicas) > 1)
        legacy_put(mapping, LEGACY_AT("app", "replicaCount"), replicas);
    if (value_is_number(replicas) && value_get_int(replicas) == 0)
        legacy_note(mapping, "The old Deployment is scaled to none: nothing serves until the new pods do.");
}

// Those by which the old Service and ReplicaSet select stay theirs alone.
static bool is_selector(struct value selector, const char *key) {
    return value_has(selector, key) || !strncmp(key, "app.kubernetes.io/", 18) || !strcmp(key, "app");
}

static void labels(struct legacy_mapping *mapping) {
    struct value selector = value_dig(mapping->objects->deployment, "spec", "selector", "matchLabels", NULL);
    struct value found =
        value_dig(mapping->objects->deployment, "spec", "template", "metadata", "labels", NULL);
    for (size_t i = 0; i < value_len(found); i++) {
        const struct value_entry *entry = value_entry_at(found, i);
        if (!is_selector(selector, entry->key))
            legacy_put(mapping, LEGACY_AT("global", "pod", "labels", entry->key), entry->value);
    }
}

// Every chart below that runs pods of the server has an account of its own.
static void service_account(struct legacy_mapping *mapping) {
    static const char *const CHARTS[] = {"api",      "app",        "console",
                                         "executor", "filestream", "flat-run-fields-updater",
                                         "glue",     "parquet",    "settingsMigrationJob",
                                         "weave",    "weave-trace"};
    struct value found = value_dig(mapping->objects->service_account, "metadata", "annotations", NULL);
    found = value_without(mapping->arena, found, "kubectl.kubernetes.io/last-applied-configuration");
    for (size_t i = 0; value_len(found) && i < sizeof CHARTS / sizeof *CHARTS; i++)
        legacy_put(mapping, LEGACY_AT(CHARTS[i], "serviceAccount", "annotations"), found);
    if (value_len(found))
        legacy_note(
            mapping,
            "The annotations of the ServiceAccount \"%s\" go to those of the new pods. A cloud that trusts "
            "accounts by name must be told the new names.",
            text_at(value_get(mapping->objects->service_account, "metadata"), "name"));
}

// The old chart mounts certificates of its own from a ConfigMap "…-ca-certs".
static void certificates(struct legacy_mapping *mapping) {
    struct value volumes = value_get(mapping->pod, "volumes");
    for (size_t i = 0; i < value_len(volumes); i++) {
        const char *name = value_dig_string(value_at(volumes, i), "configMap", "name", NULL);
        struct value data = value_get(mapping->objects->config_maps, name ? name : "");
        struct value list = value_list(mapping->arena, NULL, 0);
        for (size_t j = 0; j < value_len(data); j++)
            if (!strncmp(value_entry_at(data, j)->key, "customCA", 8))
                list = value_append(mapping->arena, list, value_entry_at(data, j)->value);
        if (value_len(list))
            legacy_put(mapping, LEGACY_AT("global", "customCACerts"), list);
    }
}

// What the module and the chart mount: the certificates above, the volume of files, that of an LDAP server.
static bool is_known_volume(const char *name) {
    static const char *const KNOWN[] = {"wandb", "wandb-ca-certs", "wandb-data"};
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (!strcmp(KNOWN[i], name))
            return true;
    return false;
}

static void volumes(struct legacy_mapping *mapping) {
    struct value found = value_get(mapping->pod, "volumes");
    for (size_t i = 0; i < value_len(found); i++) {
        const char *name = text_at(value_at(found, i), "name");
        if (!is_known_volume(name))
            legacy_unmapped(
                mapping, LEGACY_MINOR, arena_printf(mapping->arena, "the volume \"%s\"", name),
                "the new pods do not have it",
                "Mount it with global.volumes and global.volumeMounts where the server needs it.");
    }
}

static void placement(struct legacy_mapping *mapping) {
    static const char *const PARTS[] = {"affinity",     "hostAliases", "imagePullSecrets",
                                        "nodeSelector", "tolerations", "topologySpreadConstraints"};
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++)
        if (value_len(value_get(mapping->pod, PARTS[i])))
            legacy_unmapped(
                mapping, LEGACY_MINOR, arena_printf(mapping->arena, "%s of the pod", PARTS[i]),
                "what each new pod needs differs from chart to chart",
                arena_printf(mapping->arena, "Set %s for the charts below where it is needed.", PARTS[i]));
    size_t containers = value_len(value_get(mapping->pod, "containers"));
    if (containers > 1)
        legacy_unmapped(
            mapping, LEGACY_MINOR, "the other containers of the pod",
            arena_printf(mapping->arena, "it has %zu; only the server's own is mapped", containers),
            "Run them beside the instance where they are needed.");
    const char *priority = text_at(mapping->pod, "priorityClassName");
    if (*priority)
        legacy_note(
            mapping,
            "The PriorityClass \"%s\" is not carried over; global.priorityClassName takes one that stays.",
            priority);
}

void legacy_pod(struct legacy_mapping *mapping) {
    image(mapping);
    resources(mapping);
    labels(mapping);
    service_account(mapping);
    certificates(mapping);
    volumes(mapping);
    placement(mapping);
}
