// SPDX-License-Identifier: Apache-2.0
// Hooks by event, as helm pkg/action/hooks.go runs them: by weight, then name, one at a time.
#include "release/private.h"

#include "base/rfc3339.h"
#include "codec/yaml.h"
#include "kube/ready.h"
#include "kube/watch.h"

#include <stdlib.h>
#include <string.h>

static bool has_event(const struct release_hook *hook, const char *event) {
    for (size_t i = 0; i < hook->event_count; i++)
        if (!strcmp(hook->events[i], event))
            return true;
    return false;
}

static bool has_policy(const struct release_hook *hook, const char *policy) {
    if (!value_len(hook->policies))
        return !strcmp(policy, "before-hook-creation"); // Helm's default
    for (size_t i = 0; i < value_len(hook->policies); i++) {
        if (value_is_text(value_at(hook->policies, i), policy))
            return true;
    }
    return false;
}

struct step {
    const struct release_hook *hook;
    size_t index;                   // in the record
    struct objects found;           // in its document, several where that is a list
    struct release_objects objects; // the same, placed
    struct kube_ref *refs;          // theirs
};

// All steps of an event.
struct steps {
    struct step *items;
    size_t count;
};

static int by_weight_and_name(const void *a, const void *b) {
    const struct step *x = a, *y = b;
    if (x->hook->weight != y->hook->weight)
        return x->hook->weight < y->hook->weight ? -1 : 1;
    int order = strcmp(x->hook->name, y->hook->name);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static bool read_document(struct run *run, struct step *step, struct err *err) {
    struct arena *arena = run->call->arena;
    struct value document;
    const char *manifest = step->hook->manifest;
    return yaml_decode(arena, manifest, strlen(manifest), YAML_NUMBERS_EXACT, &document, err) &&
           documents_add(arena, document, &step->found, err);
}

static bool is_namesake(const struct kube_ref *ref, const struct kube_ref *other) {
    return other->kind && other->api_version && !strcmp(ref->kind, other->kind) &&
           !kube_same_group(ref, other);
}

// Whether the release has the kind of another API group, too, among its objects or what runs at this event.
static bool has_namesake(const struct run *run, const struct steps *steps, const struct kube_ref *ref) {
    for (size_t i = 0; i < run->objects.count; i++)
        if (is_namesake(ref, &run->objects.items[i].ref))
            return true;
    for (size_t i = 0; i < steps->count; i++)
        for (size_t j = 0; j < steps->items[i].found.count; j++) {
            struct kube_ref other = kube_ref_of(steps->items[i].found.items[j]);
            if (is_namesake(ref, &other))
                return true;
        }
    return false;
}

static bool place(struct run *run, const struct steps *steps, struct step *step, struct err *err) {
    struct arena *arena = run->call->arena;
    step->objects.items = arena_array(arena, step->found.count + 1, sizeof *step->objects.items);
    step->refs = arena_array(arena, step->found.count + 1, sizeof *step->refs);
    for (size_t i = 0; i < step->found.count; i++, step->objects.count++) {
        struct release_object *object = &step->objects.items[i];
        if (!objects_place(run, step->found.items[i], true, object, err))
            return false;
        object->ref.grouped = has_namesake(run, steps, &object->ref);
        step->refs[i] = object->ref;
    }
    return true;
}

// CRDs made by hooks are never deleted: that would delete every object of their kind.
static bool remove_hook(struct run *run, const struct step *step, struct err *err) {
    struct kube_ref *refs = arena_array(run->call->arena, step->objects.count + 1, sizeof *refs);
    size_t count = 0;
    for (size_t i = 0; i < step->objects.count; i++)
        if (strcmp(step->refs[i].kind, "CustomResourceDefinition") != 0)
            refs[count++] = step->refs[i];
    for (size_t i = 0; i < count; i++)
        if (!kube_delete(run->call, run->kube, &refs[i], err))
            return false;
    return !count || kube_wait_gone(run->call, run->kube, refs, count, err);
}

static void note_run(struct run *run, const struct step *step, const char *started, const char *phase) {
    struct arena *arena = run->call->arena;
    bool over = strcmp(phase, "Running") != 0;
    struct value_entry last[] = {{"completed_at", value_string(arena, over ? rfc3339_now(arena) : "")},
                                 {"phase", value_string(arena, phase)},
                                 {"started_at", value_string(arena, started)}};
    struct value hooks = value_get(run->release.record, "hooks");
    struct value *items = arena_array(arena, value_len(hooks), sizeof *items);
    for (size_t i = 0; i < value_len(hooks); i++)
        items[i] = i == step->index
                       ? value_with(arena, value_at(hooks, i), "last_run", value_map(arena, last, 3))
                       : value_at(hooks, i);
    run->release.record =
        value_with(arena, run->release.record, "hooks", value_list(arena, items, value_len(hooks)));
}

static bool create(struct run *run, const struct step *step, struct err *err) {
    for (size_t i = 0; i < step->objects.count; i++) {
        struct kube_request request = {.verb = KUBE_CREATE,
                                       .ref = step->refs[i],
                                       .body = step->objects.items[i].object,
                                       .manager = run->manager};
        if (!kube_do(run->call, run->kube, &request, NULL, err))
            return false;
    }
    return true;
}

static bool execute(struct run *run, const struct step *step, struct err *err) {
    if (has_policy(step->hook, "before-hook-creation") && !remove_hook(run, step, err))
        return err_wrap(err, "delete what an earlier run left");
    const char *started = rfc3339_now(run->call->arena);
    note_run(run, step, started, "Running");
    struct kube_wait wait = {.rules = KUBE_RULES_HOOK};
    bool done = create(run, step, err) &&
                (!step->objects.count ||
                 kube_wait_ready(run->call, run->kube, step->refs, step->objects.count, &wait, err));
    note_run(run, step, started, done ? "Succeeded" : "Failed");
    return done;
}

// A list goes by its own kind.
static const char *hook_text(struct arena *arena, const struct step *step) {
    const struct release_hook *hook = step->hook;
    bool single = step->objects.count == 1 && !strcmp(step->refs[0].kind, hook->kind);
    return arena_printf(arena, "%s %s", single ? kube_kind_text(arena, &step->refs[0]) : hook->kind,
                        *hook->name ? hook->name : hook->path);
}

// The steps that had succeeded go too when their policy says so, as Helm 4 does.
static bool fail(struct run *run, const struct step *steps, size_t failed, const char *event,
                 struct err *err) {
    struct err ignored = err_in(run->call->arena);
    if (has_policy(steps[failed].hook, "hook-failed"))
        remove_hook(run, &steps[failed], &ignored);
    for (size_t i = failed; i-- > 0;)
        if (has_policy(steps[i].hook, "hook-succeeded"))
            remove_hook(run, &steps[i], &ignored);
    return err_wrap(err, "%s hook %s", event, hook_text(run->call->arena, &steps[failed]));
}

bool run_hooks(struct run *run, const char *event, struct err *err) {
    struct step *steps = arena_array(run->call->arena, run->release.hook_count + 1, sizeof *steps);
    size_t count = 0;
    for (size_t i = 0; i < run->release.hook_count; i++)
        if (has_event(&run->release.hooks[i], event))
            steps[count++] = (struct step){.hook = &run->release.hooks[i], .index = i};
    qsort(steps, count, sizeof *steps, by_weight_and_name);
    struct steps all = {steps, count};
    for (size_t i = 0; i < count; i++)
        if (!read_document(run, &steps[i], err))
            return fail(run, steps, i, event, err);
    for (size_t i = 0; i < count; i++)
        if (!place(run, &all, &steps[i], err) || !execute(run, &steps[i], err))
            return fail(run, steps, i, event, err);
    for (size_t i = count; i-- > 0;)
        if (has_policy(steps[i].hook, "hook-succeeded") && !remove_hook(run, &steps[i], err))
            return err_wrap(err, "delete the %s hook %s", event, hook_text(run->call->arena, &steps[i]));
    return true;
}
