// SPDX-License-Identifier: Apache-2.0
#include "provider/instance_ready.h"

#include "wandb/instance.h"

#include <string.h>

enum { LOOK_MS = 5000, OPERATOR_V1 = 1, OPERATOR_V2 };

static const char *const WORDS[] = {
    [READINESS_NONE] = "none", [READINESS_ACCEPTED] = "accepted", [READINESS_READY] = "ready"};

enum readiness instance_ready_wanted(const char *wait_for) {
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (wait_for && !strcmp(WORDS[i], wait_for))
            return (enum readiness)i;
    return READINESS_NONE;
}

// ---- What is still to be waited for ----

static enum readiness waited_for(struct value private, struct value generation) {
    struct value waited = value_get(private, "waited");
    return value_equal(value_get(waited, "generation"), generation)
               ? instance_ready_wanted(value_dig_string(waited, "for", NULL))
               : READINESS_NONE;
}

void instance_ready_note(struct arena *arena, struct value live, enum readiness reached,
                         struct resource_state *state) {
    struct value generation = value_dig(live, "metadata", "generation", NULL);
    enum readiness before = waited_for(state->private, generation);
    const char *word = WORDS[before > reached ? before : reached];
    struct value_entry waited[] = {{"for", value_string_ref(word)}, {"generation", generation}};
    state->private = value_with(arena, state->private, "waited", value_map(arena, waited, 2));
}

bool instance_ready_owed(const struct resource_state *state, const char *wait_for) {
    return instance_ready_wanted(wait_for) >
           waited_for(state->private, value_get(state->value, "generation"));
}

// ---- Looking ----

static struct value progress_note(struct arena *arena, const struct readiness_progress *progress) {
    struct value_entry entries[] = {{"operator", value_int(progress->v2 ? OPERATOR_V2 : OPERATOR_V1)},
                                    {"workloads", progress->workloads}};
    return value_map(arena, entries, 2);
}

// An object that has not moved since its operator was seen not to have taken it need not be asked about
// again, where nobody waits for that: the operator would have written its status.
static bool is_at_rest(const struct resource_state *state, struct value progress) {
    const char *wait_for = value_dig_string(state->value, "wait_for", NULL);
    return value_get_int(value_get(progress, "operator")) == OPERATOR_V1 &&
           value_is_null(value_get(progress, "workloads")) && wait_for &&
           instance_ready_wanted(wait_for) == READINESS_NONE;
}

bool instance_ready_look(struct call *call, struct provider *provider, struct readiness_view *view,
                         struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    struct value noted = value_get(state->private, "progress");
    struct readiness_progress progress = {
        .reached = READINESS_NONE,
        .missing = "the operator has not taken the spec, and has not touched it since"};
    struct err failure = err_in(arena);
    struct call within = call_within(call, LOOK_MS);
    view->workloads = value_get(noted, "workloads");
    bool looked = is_at_rest(state, noted) || readiness_look(&within, view, &progress, &failure);
    call_join(call, &within);
    if (failure.kind == ERR_CANCELLED)
        return err_set(err, failure.kind, "%s", failure.msg);
    state->value =
        value_with(arena, state->value, "ready", value_bool(looked && progress.reached == READINESS_READY));
    struct sighting sighting = {progress.reached, progress.missing, looked ? NULL : failure.msg};
    sightings_note(provider, call->about, &sighting);
    if (!looked)
        return true;
    if (!is_at_rest(state, noted))
        state->private = value_with(arena, state->private, "progress", progress_note(arena, &progress));
    // What is being deleted (which moves the generation, too) is waited for no more.
    enum readiness reached = instance_is_going(view->live) ? READINESS_READY : progress.reached;
    instance_ready_note(arena, view->live, reached, state);
    return true;
}

void instance_ready_tell(struct call *call, const struct sighting *seen, const char *wait_for,
                         const char *outlook) {
    enum readiness wanted = instance_ready_wanted(wait_for);
    struct subject about = subject_of(call->about);
    if (wanted <= seen->reached)
        return;
    if (seen->unmeasured)
        call_warn(call, about, "Readiness not measured:",
                  "%s.\n\nWhat was not measured is not claimed: ready is false until it is. %s",
                  seen->unmeasured, outlook);
    else
        call_warn(call, about, wanted == READINESS_READY ? "Not ready:" : "Not accepted:", "%s.\n\n%s",
                  seen->missing, outlook);
}
