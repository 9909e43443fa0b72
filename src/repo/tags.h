// SPDX-License-Identifier: Apache-2.0
// The tags of a chart in a registry, as versions. Rules: helm pkg/registry ("+" of a version is "_" in a
// tag). Inside src/repo only.
#ifndef REPO_TAGS_H
#define REPO_TAGS_H

#include "repo/private.h"
#include "value/value.h"

// Only strict versions count, as for helm; what is looser ("v1.2.3", "1.2") counts where it is named whole.
struct tags {
    struct repo_version *items;
    size_t count;
    struct repo_version *loose;
    size_t loose_count;
};

// The version that a tag means, and the tag that a version has.
const char *tags_version(struct arena *arena, const char *tag);
const char *tags_tag(struct arena *arena, const char *version);

// Adds those of a list of texts that are versions.
void tags_add(struct arena *arena, struct value list, struct tags *tags);

// Newest first.
void tags_sort(struct tags *tags);

// For "it has …", as repo_versions_text; where there are none, those that are loose.
const char *tags_text(struct arena *arena, const struct tags *tags, const char *wanted);

// The loose one that means the same version, as a version; NULL where there is none.
const char *tags_same(struct arena *arena, const struct tags *tags, const char *version);

#endif
