// SPDX-License-Identifier: Apache-2.0
#include "provider/operator_move.h"

#include "provider/moved.h"
#include "provider/resource_owner.h"
#include "provider/secrets.h"

#include <string.h>

static const char TARGET[] = "wandb_operator", INSTANCE_CHART[] = "wandb-cr";

bool operator_move(struct call *call, struct provider *provider, const struct resource_source *source,
                   struct resource_state *state, struct err *err) {
    (void)provider;
    struct arena *arena = call->arena;
    struct moved_release release;
    const struct secrets nothing = {0};
    if (!moved_release(call, source, TARGET, &release, err))
        return false;
    if (release.chart_name && !strcmp(release.chart_name, INSTANCE_CHART))
        return err_set(err, ERR_UNSUPPORTED,
                       "The Helm release \"%s\" in namespace %s is of the chart %s, which holds the custom "
                       "resource: it becomes a wandb_instance. The release of the operator's chart becomes a "
                       "wandb_operator",
                       release.name, release.namespace, INSTANCE_CHART);
    secrets_hide_values(call, &release.sensitive);
    struct value_entry known[] = {
        {"chart", value_text(arena, release.chart)},
        {"name", value_string(arena, release.name)},
        {"namespace", value_string(arena, release.namespace)},
        {"repository", value_text(arena, release.repository)},
        {"version", value_text(arena, release.version)},
    };
    struct resource_state nobody = {0};
    state->value =
        resource_owner_state(arena, value_map(arena, known, 5), resource_owner_token(arena, &nobody));
    struct value note = secrets_note(arena, &release.sensitive, &nothing, value_null());
    state->private = value_map(arena, NULL, 0);
    // What became of it since is drift.
    state->private = value_with(arena, state->private, "revision", value_int(release.revision));
    if (!value_is_null(note))
        state->private = value_with(arena, state->private, "secrets", note);
    return true;
}
