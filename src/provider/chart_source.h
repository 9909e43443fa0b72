// SPDX-License-Identifier: Apache-2.0
// Where a resource's chart comes from: resolved once, kept until it must change.
#ifndef PROVIDER_CHART_SOURCE_H
#define PROVIDER_CHART_SOURCE_H

#include "provider/provider.h"
#include "repo/repo.h"

struct chart_source {
    const char *chart, *repository, *version;
    const char *username, *password;
    const char *ca_pem;
    enum helm_profile profile; // 0: HELM_3
    bool pass_credentials;     // the login goes to other hosts that the repository names
};

// What a plan may know of the chart. Its digest is not promised: until apply, files may change and versions
// be published anew.
struct chart_plan {
    struct value version; // of the attribute chart_version; unknown where only apply can tell
    bool changed;         // a local chart is not what it was
    struct value digest;  // of a local chart whose release others made, so that the state has none; else null
};

// ERR_INVALID at `repository` when that is no address of one, at `version` when that is neither a version nor
// a constraint.
bool chart_source_check(struct arena *arena, const struct chart_source *source, struct err *err);

// Needs no network: a local chart is loaded, another one keeps the version that `prior` has while chart,
// repository and constraint admit it.
bool chart_source_plan(struct call *call, struct value prior, struct value planned,
                       const struct chart_source *source, struct chart_plan *out, struct err *err);

// Finds and loads the chart. `planned`: the planned object; its chart_version is held to where it is
// known.
bool chart_source_load(struct call *call, struct provider *provider, const struct chart_source *source,
                       struct value planned, struct repo_chart *out, struct err *err);

// A structured value as a chart's templates see it: helm reads YAML, where every number is a binary64, so
// 1000000 prints as 1e+06 there and an integer beyond 2^53 loses its last digits. Null stays null.
struct value chart_source_values(struct arena *arena, struct value values);

#endif
