// SPDX-License-Identifier: Apache-2.0
// The Helm release record: JSON, gzip, base64, in a Secret of type helm.sh/release.v1. What is
// read is kept whole, so a record of another writer loses nothing when its status changes.
// Source of the fields: helm.sh/helm/v3 pkg/release and v4 pkg/release/v1, pkg/storage/driver.
#ifndef RELEASE_RECORD_H
#define RELEASE_RECORD_H

#include "base/call.h"
#include "value/value.h"

#define RELEASE_SECRET_TYPE "helm.sh/release.v1"

// The label of a record's Secret with the token of whoever has the release. helm's upgrade hands labels on.
#define RELEASE_OWNER "terraform-provider-wandb/owner"

struct release_hook {
    const char *name, *kind, *path, *manifest;
    const char *const *events; // as Helm spells them: "pre-install"
    size_t event_count;
    int64_t weight;
    struct value policies; // list of delete policies, as stored
};

// A view of one record; every text lives in the arena it was decoded into.
struct release {
    const char *name, *namespace;
    int revision;
    const char *status; // "deployed", "failed", "pending-upgrade", …
    const char *description, *notes;
    const char *first_deployed, *last_deployed; // RFC 3339
    const char *chart_name, *chart_version, *app_version;
    const char *apply_method; // "ssa" or "csa"
    const char *manifest;     // the document stream, "---\n# Source: …"
    struct value config;      // what the user gave
    struct value values;      // chart defaults, coalesced
    const struct release_hook *hooks;
    size_t hook_count;
    struct value record; // the whole JSON
    const char
        *owner; // the token of the resource that wrote this revision; NULL for none, or not in a Secret
};

// From the JSON record, or from the Secret that holds it (its `data.release` is base64 of base64 of
// gzip; a record that is not gzipped is read too). ERR_INVALID says what is broken.
bool record_decode(struct arena *arena, struct value json, struct release *out, struct err *err);
bool record_from_secret(struct arena *arena, struct value secret, struct release *out, struct err *err);

// How a release is called where objects are: "Release/wandb/operator".
const char *release_text(struct arena *arena, const char *namespace, const char *name);

// "sh.helm.release.v1.<name>.v<revision>"
const char *record_secret_name(struct arena *arena, const char *name, int revision);

// The Secret for a record. `created` stamps createdAt, otherwise modifiedAt; `labels` are the user's.
bool record_to_secret(struct arena *arena, const struct release *release, struct value labels, bool created,
                      struct value *out, struct err *err);

// Whether the Secret can hold it, with room for what a status adds. Kubernetes takes 1 MiB.
bool record_fits(struct arena *arena, const struct release *release);

// The same record with another status and description, its last_deployed untouched.
bool record_with_status(struct arena *arena, const struct release *release, const char *status,
                        const char *description, struct release *out, struct err *err);

#endif
