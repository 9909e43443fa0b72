// SPDX-License-Identifier: Apache-2.0
#include "helm/repo.h"

#include "go/semver.h"

bool helm_version_satisfies(struct arena *arena, const char *constraint, const char *version, bool *out,
                            struct err *err) {
    struct semver parsed;
    const struct semver_constraint *wanted =
        semver_constraint_parse(arena, constraint, SEMVER_PRE_BY_GROUP, err);
    if (!wanted || !semver_parse(arena, version, &parsed, err))
        return false;
    *out = semver_constraint_check(wanted, &parsed);
    return true;
}
