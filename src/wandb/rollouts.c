// SPDX-License-Identifier: Apache-2.0
#include "wandb/rollouts.h"

#include "wandb/instance.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FRESH_MS = 10000, PATIENCE_MS = 2000, LOOK_AGAIN_MS = 10, OWNERS = 4 };

static const struct {
    const char *api_version, *kind;
} KINDS[] = {{"batch/v1", "Job"},
             {"apps/v1", "Deployment"},
             {"apps/v1", "StatefulSet"},
             {"apps/v1", "DaemonSet"},
             {INSTANCE_V2, "Application"}}; // of an operator 2.x alone
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS, WORKLOAD_KINDS = KIND_COUNT - 1 };

// One object, of the little that is kept of it.
struct seen {
    struct rollout rollout;
    const char *uid, *release, *release_namespace; // of the Helm release, NULL for none
    const char *owners[OWNERS];                    // uids
};

// What was listed of a namespace.
struct listing {
    struct listing *next;
    const char *namespace;
    bool helm;           // what helm installed; else everything, and Applications
    bool busy;           // somebody is listing
    int64_t at;          // when that began
    unsigned epoch;      // and of which epoch it is
    struct arena *arena; // NULL: never listed. Holds what follows
    struct seen *items;
    size_t count;
    struct err failure;
};

struct rollouts {
    pthread_mutex_t lock;
    struct arena *arena; // of the listings themselves
    struct listing *listings;
    unsigned epoch; // counts rollouts_forget
};

struct rollouts *rollouts_create(void) {
    struct arena *arena = arena_create();
    struct rollouts *rollouts = arena_alloc(arena, sizeof *rollouts);
    *rollouts = (struct rollouts){.arena = arena};
    pthread_mutex_init(&rollouts->lock, NULL);
    return rollouts;
}

void rollouts_destroy(struct rollouts *rollouts) {
    if (!rollouts)
        return;
    for (struct listing *l = rollouts->listings; l; l = l->next)
        arena_destroy(l->arena);
    pthread_mutex_destroy(&rollouts->lock);
    arena_destroy(rollouts->arena);
}

void rollouts_forget(struct rollouts *rollouts) {
    pthread_mutex_lock(&rollouts->lock);
    rollouts->epoch++;
    pthread_mutex_unlock(&rollouts->lock);
}

bool rollout_is(const char *kind) {
    for (size_t i = 0; i < WORKLOAD_KINDS; i++)
        if (!strcmp(kind, KINDS[i].kind))
            return true;
    return false;
}

enum kube_rules rollout_rules(const char *kind) {
    return strcmp(kind, "Job") ? KUBE_RULES_KSTATUS : KUBE_RULES_HOOK;
}

// ---- Listing ----

static struct rollout rollout_copy(struct arena *arena, const struct rollout *from) {
    const struct kube_ref *ref = &from->ref;
    return (struct rollout){KUBE_REF(arena_strdup(arena, ref->api_version), arena_strdup(arena, ref->kind),
                                     arena_strdup(arena, ref->namespace), arena_strdup(arena, ref->name)),
                            {from->status.state, arena_strdup(arena, from->status.reason)}};
}

static struct seen see(struct arena *arena, struct value object) {
    struct rollout rollout = {.ref = kube_ref_of(object)};
    struct value metadata = value_get(object, "metadata"), owners = value_get(metadata, "ownerReferences");
    struct value notes = value_get(metadata, "annotations");
    rollout.status = kube_status_of(arena, rollout_rules(rollout.ref.kind), object, (int64_t)time(NULL));
    struct seen seen = {
        .rollout = rollout_copy(arena, &rollout),
        .uid = arena_strdup(arena, value_dig_string(metadata, "uid", NULL)),
        .release = arena_strdup(arena, value_dig_string(notes, "meta.helm.sh/release-name", NULL)),
        .release_namespace =
            arena_strdup(arena, value_dig_string(notes, "meta.helm.sh/release-namespace", NULL)),
    };
    for (size_t i = 0; i < value_len(owners) && i < OWNERS; i++)
        seen.owners[i] = arena_strdup(arena, value_dig_string(value_at(owners, i), "uid", NULL));
    return seen;
}

static bool take(struct listing *listing, const struct kube_answer *answers, size_t kinds, struct err *err) {
    size_t count = 0;
    for (size_t i = 0; i < kinds; i++) {
        // a cluster without Applications has none
        if (answers[i].failure.kind != ERR_NONE &&
            (i < WORKLOAD_KINDS || answers[i].failure.kind != ERR_NOT_FOUND))
            return err_set(err, answers[i].failure.kind, "%s", answers[i].failure.msg);
        count += value_len(answers[i].object);
    }
    listing->items = arena_array(listing->arena, count + 1, sizeof *listing->items);
    for (size_t i = 0; i < kinds; i++)
        for (size_t j = 0; j < value_len(answers[i].object); j++)
            listing->items[listing->count++] = see(listing->arena, value_at(answers[i].object, j));
    return true;
}

// The objects whole are as large as their managedFields make them; they live no longer than this.
static bool list(const struct call *call, struct kube_client *kube, struct listing *listing,
                 struct err *err) {
    SCRATCH_ARENA(scratch);
    struct call within = *call;
    struct kube_request requests[KIND_COUNT];
    struct kube_answer answers[KIND_COUNT] = {0};
    struct err ignored = err_in(scratch); // each answer carries its own
    size_t kinds = listing->helm ? WORKLOAD_KINDS : KIND_COUNT;
    within.arena = scratch;
    for (size_t i = 0; i < kinds; i++)
        requests[i] = (struct kube_request){
            .verb = KUBE_LIST,
            .ref = KUBE_REF(KINDS[i].api_version, KINDS[i].kind, listing->namespace, NULL),
            .label_selector = listing->helm ? "app.kubernetes.io/managed-by=Helm" : NULL,
        };
    kube_do_many(&within, kube, requests, kinds, answers, &ignored);
    return take(listing, answers, kinds, err);
}

// ---- Sharing ----

static struct listing *listing_of(struct rollouts *rollouts, const char *namespace, bool helm) {
    for (struct listing *l = rollouts->listings; l; l = l->next)
        if (l->helm == helm && !strcmp(l->namespace, namespace))
            return l;
    struct listing *made = arena_alloc(rollouts->arena, sizeof *made);
    *made = (struct listing){
        .next = rollouts->listings, .namespace = arena_strdup(rollouts->arena, namespace), .helm = helm};
    return rollouts->listings = made;
}

static bool is_fresh(const struct rollouts *rollouts, const struct listing *listing) {
    return listing->arena && listing->epoch == rollouts->epoch && call_now() - listing->at < FRESH_MS;
}

// What says something about who asked rather than about the cluster.
static bool is_own_affair(const struct listing *failed) {
    enum err_kind kind = failed->failure.kind;
    return kind == ERR_CANCELLED || (kind == ERR_TIMEOUT && call_now() - failed->at < PATIENCE_MS);
}

// Lists anew, unlocked meanwhile.
static void renew(struct call *call, const struct rollout_query *query, struct listing *listing) {
    struct rollouts *rollouts = query->rollouts;
    struct listing now = {.next = listing->next, .namespace = listing->namespace, .helm = listing->helm};
    now.at = call_now();
    now.epoch = rollouts->epoch;
    now.arena = arena_create();
    now.failure = err_in(now.arena);
    listing->busy = true;
    pthread_mutex_unlock(&rollouts->lock);
    bool listed = list(call, query->kube, &now, &now.failure);
    pthread_mutex_lock(&rollouts->lock);
    arena_destroy(listing->arena);
    if (!listed && is_own_affair(&now)) {
        arena_destroy(now.arena);
        now.arena = NULL;
    }
    *listing = now;
}

// Holds the lock when it returns a listing; NULL when the call ends first.
static struct listing *lock_listing(struct call *call, const struct rollout_query *query, struct err *err) {
    struct rollouts *rollouts = query->rollouts;
    pthread_mutex_lock(&rollouts->lock);
    struct listing *listing = listing_of(rollouts, query->namespace, query->release != NULL);
    while (!is_fresh(rollouts, listing)) {
        if (!listing->busy)
            renew(call, query, listing);
        if (is_fresh(rollouts, listing))
            break;
        pthread_mutex_unlock(&rollouts->lock);
        if (!call_sleep(call, LOOK_AGAIN_MS, err))
            return NULL;
        pthread_mutex_lock(&rollouts->lock);
    }
    return listing;
}

// ---- Asking ----

static bool is_owned_by(const struct seen *seen, const char *uid) {
    for (size_t i = 0; i < OWNERS && seen->owners[i]; i++)
        if (uid && !strcmp(seen->owners[i], uid))
            return true;
    return false;
}

static bool is_application(const struct seen *seen) {
    return !strcmp(seen->rollout.ref.kind, KINDS[WORKLOAD_KINDS].kind);
}

static bool is_of_release(const struct seen *seen, const struct rollout_query *query) {
    return seen->release && !strcmp(seen->release, query->release) && seen->release_namespace &&
           !strcmp(seen->release_namespace, query->namespace);
}

static bool is_of_owner(const struct listing *listing, const struct seen *seen, const char *owner) {
    if (is_owned_by(seen, owner))
        return true;
    for (size_t i = 0; i < listing->count; i++) {
        const struct seen *other = &listing->items[i];
        if (is_application(other) && is_owned_by(other, owner) && is_owned_by(seen, other->uid))
            return true;
    }
    return false;
}

static void answer(struct arena *arena, const struct rollout_query *query, const struct listing *listing,
                   struct rollout_list *out) {
    *out = (struct rollout_list){arena_array(arena, listing->count + 1, sizeof *out->items), 0};
    for (size_t i = 0; i < listing->count; i++) {
        const struct seen *seen = &listing->items[i];
        bool asked_for =
            query->release ? is_of_release(seen, query) : is_of_owner(listing, seen, query->owner);
        if (asked_for && !is_application(seen))
            out->items[out->count++] = rollout_copy(arena, &seen->rollout);
    }
}

bool rollouts_find(struct call *call, const struct rollout_query *query, struct rollout_list *out,
                   struct err *err) {
    struct rollouts *rollouts = query->rollouts;
    struct listing own = {
        .namespace = query->namespace, .helm = query->release != NULL, .arena = call->arena};
    if (!rollouts) {
        if (!list(call, query->kube, &own, err))
            return false;
        answer(call->arena, query, &own, out);
        return true;
    }
    struct listing *listing = lock_listing(call, query, err);
    if (!listing)
        return false;
    bool failed = listing->failure.kind != ERR_NONE;
    if (failed)
        err_set(err, listing->failure.kind, "%s", listing->failure.msg);
    else
        answer(call->arena, query, listing, out);
    pthread_mutex_unlock(&rollouts->lock);
    return !failed;
}
