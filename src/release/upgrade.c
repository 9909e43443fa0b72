// SPDX-License-Identifier: Apache-2.0
#include "release/private.h"

bool release_upgrade(struct call *call, struct kube_client *kube, const struct release_spec *spec,
                     struct release *out, struct err *err) {
    struct run run = {
        .call = call, .kube = kube, .spec = spec, .manager = spec->manager, .ignored = spec->ignored};
    *out = (struct release){0};
    if (!store_list(call, kube, spec->namespace, spec->name, &run.history, err))
        return err_wrap(err, "upgrade release \"%s\"", spec->name);
    if (!run.history.count)
        return err_set(err, ERR_NOT_FOUND, "release \"%s\" is gone from namespace %s", spec->name,
                       spec->namespace);
    *out = history_newest(&run.history)->release;
    return (predecessor_check(&run, err) && deploy(&run, out, err)) ||
           err_wrap(err, "upgrade release \"%s\"", spec->name);
}
