// SPDX-License-Identifier: Apache-2.0
// What can be said about an instance's spec before it is written: what the operator's merge will make of
// it, which values its chart does not know, which Secrets are missing.
#ifndef PROVIDER_INSTANCE_PREVIEW_H
#define PROVIDER_INSTANCE_PREVIEW_H

#include "provider/provider.h"

struct instance_preview {
    const char *api_version, *name, *namespace;
    struct value spec; // with its secrets; may hold unknowns
    bool secrets;      // it has some
};

// Leaves warnings about what the call is for (call->about); false for what would stop the operator. Where the
// cluster or the chart cannot be asked, a warning says what was not checked. Takes at most some seconds.
bool instance_preview(struct call *call, struct provider *provider, const struct instance_preview *preview,
                      struct err *err);

// Warns, likewise, when a license is expired, or (`decode_too`) is none.
void instance_preview_license(struct call *call, const char *path, const char *license, bool decode_too);

#endif
