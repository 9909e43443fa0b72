// SPDX-License-Identifier: Apache-2.0
// What a run may cost: steps and memory.
#include "template/function.h"

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
