// SPDX-License-Identifier: Apache-2.0
// Reading one entry of a kubeconfig (a cluster, a user, a context). As strict with types as client-go: who
// writes `token: 12345` or `as-groups: admins` means something that would be lost otherwise.
#ifndef KUBE_ENTRY_H
#define KUBE_ENTRY_H

#include "crypto/identity.h"
#include "value/value.h"

// One entry while it is read. The first thing that is wrong with it fills `err`; what follows reads nothing.
struct kube_entry {
    struct arena *arena;
    const char *what; // "user \"admin\""
    struct value map;
    struct err *err;
    bool failed;
};

void kube_entry_wrong(struct kube_entry *entry, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// What a key holds; NULL, null, false and no texts where it is absent or wrong.
const char *kube_entry_text(struct kube_entry *entry, const char *key);
bool kube_entry_flag(struct kube_entry *entry, const char *key);
struct value kube_entry_part(struct kube_entry *entry, const char *key, enum value_kind kind,
                             const char *needed);
const char *const *kube_entry_texts(struct kube_entry *entry, const char *key, size_t *count);

// `v` as a text; `key` says where it stands.
const char *kube_entry_text_in(struct kube_entry *entry, const char *key, struct value v);

// The text of "<key>-data" (base64) or of the file named by "<key>"; NULL when there is neither.
const char *kube_entry_pem(struct kube_entry *entry, const char *key);
void kube_entry_check(struct kube_entry *entry, const char *key, const char *text, crypto_check *usable);

// A whole file as text; ERR_INVALID says why not.
bool kube_read_file(struct arena *arena, const char *file, const char **out, struct err *err);

#endif
