// SPDX-License-Identifier: Apache-2.0
// What a run may cost: steps and memory, and the size of one printed value.
#include "template/fmt.h"

static _Thread_local bool tripped;

bool limit_deeper(int depth) {
    if (depth >= RV_DEPTH_MAX)
        tripped = true;
    return !tripped;
}

bool limit_bytes(const struct buf *out, size_t more) {
    if (out->len + more > FMT_BYTES_MAX)
        tripped = true;
    return !tripped;
}

bool limit_tripped(void) {
    bool was = tripped;
    tripped = false;
    return was;
}

bool rt_spend(struct rt *rt, uint64_t amount) {
    const struct template_limits *limits = &rt->options->limits;
    rt->steps += amount;
    if (rt->steps > limits->steps || amount > limits->steps)
        return rt_fail_limit(rt, "the template does more work than its limit of %llu steps allows",
                             (unsigned long long)limits->steps);
    if (arena_used(rt->heap->arena) > limits->memory || arena_used(rt->keep) > limits->memory)
        return rt_fail_limit(rt, "the template's values take more memory than its limit of %zu bytes",
                             limits->memory);
    return true;
}
