// SPDX-License-Identifier: Apache-2.0
// W&B's deployer: which chart and values the release channel offers to a license, or under a release id.
#ifndef WANDB_CHANNEL_H
#define WANDB_CHANNEL_H

#include "base/call.h"
#include "value/value.h"

struct channel_query {
    const char *url;        // "https://deploy.wandb.ai"
    const char *license;    // NULL for none: the latest stable release
    const char *release_id; // NULL: what the channel offers now
};

// {metadata, chart, values}, each a map or null. As the operator does: five tries, two seconds apart, half a
// minute each; but a refusal (400 to 499) is final. ERR_UNAUTHORIZED and ERR_FORBIDDEN: the license;
// ERR_NOT_FOUND: the release id.
bool channel_get(struct call *call, const struct channel_query *query, struct value *out, struct err *err);

// What of an offered chart holds an instance at it, as spec.chart: how it is found (url, name, version, and
// the name of the Secret with a login), with no login in it. Null when the chart is none of a version.
struct value channel_pin(struct arena *arena, struct value chart);

#endif
