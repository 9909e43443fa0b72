// SPDX-License-Identifier: Apache-2.0
// How far an operator 2.x says that it is (wandb/operator main, internal/controller/reconciler). It sets the
// condition Ready only once every store below it is ready; until then the stores' own states tell what is
// missing.
#include "base/buf.h"
#include "wandb/private.h"

#include "wandb/instance.h"

#include <string.h>

bool instance_is_v2(struct call *call, struct kube_client *kube, const struct kube_ref *ref) {
    struct kube_resource resource;
    struct err ignored = err_in(call->arena);
    return !strcmp(ref->api_version, INSTANCE_V2) ||
           kube_resolve(call, kube, INSTANCE_V2, INSTANCE_KIND, &resource, &ignored);
}

// The database is at the version that the spec asks for.
static const char *migration_problem(struct arena *arena, struct value live) {
    const char *wanted = value_dig_string(live, "spec", "wandb", "version", NULL);
    struct value migration = value_dig(live, "status", "wandb", "migration", NULL);
    struct value version = value_get(migration, "version");
    if (!wanted || value_is_null(migration))
        return NULL;
    if (!value_is_text(version, wanted))
        return arena_printf(arena, "the migration is at version %s, not yet %s",
                            value_text_or(version, "unset"), wanted);
    return value_get_bool(value_get(migration, "ready"))
               ? NULL
               : arena_printf(arena, "the migration to version %s is not done", wanted);
}

static void add_store(struct buf *text, const char *kind, const char *key, struct value status) {
    const char *state = value_dig_string(status, "state", NULL);
    if (value_get_bool(value_get(status, "ready")))
        return;
    buf_printf(text, "%s%s%s%s", text->len ? ", " : "", kind, key ? "/" : "", key ? key : "");
    if (state && *state)
        buf_printf(text, " (%s)", state);
}

// "mysql/default (Creating), kafka": the stores that are not ready, "" when none is known not to be.
static const char *stores(struct arena *arena, struct value status) {
    static const struct {
        const char *member, *kind;
    } MAPS[] = {{"mysqlStatus", "mysql"},
                {"redisStatus", "redis"},
                {"objectStoreStatus", "objectStore"},
                {"clickhouseStatus", "clickhouse"}};
    struct buf text;
    buf_init(&text, arena);
    for (size_t i = 0; i < sizeof MAPS / sizeof *MAPS; i++) {
        struct value map = value_get(status, MAPS[i].member);
        for (size_t j = 0; j < value_len(map); j++)
            add_store(&text, MAPS[i].kind, value_entry_at(map, j)->key, value_entry_at(map, j)->value);
    }
    if (value_has(status, "kafkaStatus"))
        add_store(&text, "kafka", NULL, value_get(status, "kafkaStatus"));
    return buf_text(&text);
}

static struct value condition_ready(struct value live) {
    struct value conditions = value_dig(live, "status", "conditions", NULL);
    for (size_t i = 0; i < value_len(conditions); i++) {
        if (value_is_text(value_get(value_at(conditions, i), "type"), "Ready"))
            return value_at(conditions, i);
    }
    return value_null();
}

static const char *not_ready(struct arena *arena, struct value condition) {
    struct value status = value_get(condition, "status"), reason = value_get(condition, "reason");
    const char *message = value_text_or(value_get(condition, "message"), "");
    if (value_is_text(status, "True"))
        return NULL;
    return arena_printf(arena, "the condition Ready is %s (%s)%s%s", value_text_or(status, "unset"),
                        value_text_or(reason, "no reason given"), *message ? ": " : "", message);
}

const char *readiness_v2_missing(struct arena *arena, struct value live, enum readiness wanted) {
    struct value generation = value_dig(live, "metadata", "generation", NULL);
    struct value status = value_get(live, "status"), condition = condition_ready(live);
    bool observed = value_equal(value_get(condition, "observedGeneration"), generation);
    bool seen = value_equal(value_get(status, "observedGeneration"), generation);
    const char *missing = stores(arena, status);
    if (wanted == READINESS_ACCEPTED && (observed || seen))
        return NULL;
    if (value_is_null(condition))
        return *missing
                   ? arena_printf(arena, "the operator has not set the condition Ready yet; not ready: %s",
                                  missing)
                   : "the operator has not set the condition Ready yet";
    if (!observed)
        return *missing
                   ? arena_printf(arena, "the condition Ready is about an earlier generation; not ready: %s",
                                  missing)
                   : "the condition Ready is about an earlier generation";
    const char *problem = not_ready(arena, condition);
    return problem ? problem : migration_problem(arena, live);
}
