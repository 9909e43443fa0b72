// SPDX-License-Identifier: Apache-2.0
// Finding functions by name. The families are tables; a later family hides an
// earlier one's name, as Helm's functions hide sprig's and sprig's text/template's.
#include "funcs/funcs.h"

#include "funcs/private.h"

#include <pthread.h>
#include <string.h>

static const struct rt_func *const families[] = {
    template_builtins, funcs_strings, funcs_join,   funcs_numeric, funcs_list, funcs_dict,
    funcs_defaults,    funcs_path,    funcs_regex,  funcs_semver,  funcs_date, funcs_duration,
    funcs_url,         funcs_random,  funcs_crypto, funcs_cert,    funcs_helm,
};

enum { SLOTS = 1024 };

static struct {
    const struct rt_func *slots[2][SLOTS]; // by profile
} table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct rt_func **slot_of(const struct rt_func **slots, const char *name, size_t len) {
    for (uint32_t at = rmap_hash(name, len);; at++) {
        const struct rt_func **slot = &slots[at % SLOTS];
        if (!*slot || (strlen((*slot)->name) == len && memcmp((*slot)->name, name, len) == 0))
            return slot;
    }
}

static void add(const struct rt_func *func) {
    for (int profile = TEMPLATE_HELM3; profile <= TEMPLATE_HELM4; profile++)
        if (!func->only || func->only == profile)
            *slot_of(table.slots[profile - TEMPLATE_HELM3], func->name, strlen(func->name)) = func;
}

static void fill(void) {
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (const struct rt_func *func = families[i]; func->name; func++)
            add(func);
}

void funcs_names(void (*each)(void *context, const char *name), void *context) {
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (const struct rt_func *func = families[i]; func->name; func++)
            each(context, func->name);
}

const struct rt_func *funcs_find(enum template_profile profile, const char *name, size_t len) {
    pthread_once(&once, fill);
    return *slot_of(table.slots[profile == TEMPLATE_HELM4], name, len);
}
