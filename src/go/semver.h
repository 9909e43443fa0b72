// SPDX-License-Identifier: Apache-2.0
// Versions and constraints as Helm reads them: the grammar and the comparison
// rules of Masterminds/semver 3.5, used for semverCompare, for
// kubeVersion, for dependency ranges and for picking a chart from an index. Helm 3.20 has 3.4,
// which knows no bounds and quotes nothing in its errors.
#ifndef GO_SEMVER_H
#define GO_SEMVER_H

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

enum {
    SEMVER_MAX_LEN = 256,            // bytes of a version
    SEMVER_MAX_CONSTRAINT_LEN = 512, // bytes of a constraint
    SEMVER_MAX_GROUPS = 32,          // groups separated by ||
    SEMVER_LONG_CONSTRAINT = 16384,  // our own bound for the rules of Helm 3.20, which has none
};

struct semver {
    uint64_t major, minor, patch;
    const char *pre;      // without the dash; "" when there is none
    const char *metadata; // without the plus; "" when there is none
    const char *original; // as it was written
};

// Reads `v1`, `1.2`, `01.2.3-rc.1+b5`: an optional v, one to three numbers (leading
// zeros allowed), pre-release, metadata. ERR_INVALID carries the library's words.
bool semver_parse(struct arena *arena, const char *text, struct semver *out, struct err *err);

// The same without a bound on its length, as 3.4 does.
bool semver_parse_long(struct arena *arena, const char *text, struct semver *out, struct err *err);

// The same for the strict grammar: three numbers, no v, no leading zeros.
bool semver_parse_strict(struct arena *arena, const char *text, struct semver *out, struct err *err);

// -1, 0 or 1 by precedence; metadata does not count.
int semver_compare(const struct semver *a, const struct semver *b);

// Normal form, `1.2.3-pre+meta`, without the v.
const char *semver_text(struct arena *arena, const struct semver *version);

// When a pre-release version may match at all (Masterminds/semver, constraints.go).
enum semver_rule {
    SEMVER_PRE_BY_GROUP = 0, // any pre-release in the AND group admits it (Helm 3.19 and newer, 4)
    SEMVER_PRE_BY_TERM,      // each comparator speaks for itself (Helm up to 3.18)
    SEMVER_OF_HELM_3_20,     // by group, in the words of 3.4
};

struct semver_constraint;

// Reads `>=1.19-0, <2 || ^3.1`; NULL with ERR_INVALID and the library's words.
const struct semver_constraint *semver_constraint_parse(struct arena *arena, const char *text,
                                                        enum semver_rule rule, struct err *err);

bool semver_constraint_check(const struct semver_constraint *constraint, const struct semver *version);

// Whether `version` satisfies `constraint` (an exact version or a constraint, with SEMVER_PRE_BY_GROUP).
// False for a constraint or version that is none.
bool semver_satisfies(struct arena *arena, const char *constraint, const char *version, bool *out,
                      struct err *err);

#endif
