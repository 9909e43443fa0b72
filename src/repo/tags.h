// SPDX-License-Identifier: Apache-2.0
// The tags of a chart in a registry, as versions. Rules: helm pkg/registry ("+" of a version is "_" in a
// tag). Inside src/repo only.
#ifndef REPO_TAGS_H
#define REPO_TAGS_H

#include "go/semver.h"
#include "value/value.h"

struct tag {
    const char *text;
    struct semver version;
};

// Only strict versions count, as for helm; what is looser ("v1.2.3", "1.2") counts where it is named whole.
struct tags {
    struct tag *items;
    size_t count;
    struct tag *loose;
    size_t loose_count;
};

// The version that a tag means.
const char *tags_version(struct arena *arena, const char *tag);

// Adds those of a list of texts that are versions.
void tags_add(struct arena *arena, struct value list, struct tags *tags);

// Newest first.
void tags_sort(struct tags *tags);

// For "it has …": the newest.
const char *tags_text(struct arena *arena, const struct tags *tags);

// The loose one that means the same version, as a version; NULL where there is none.
const char *tags_same(struct arena *arena, const struct tags *tags, const char *version);

#endif
