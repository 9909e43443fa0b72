// SPDX-License-Identifier: Apache-2.0
// Growing arrays: a pointer and a count, both zero at first, in an arena.
//     const char **names = NULL;
//     size_t count = 0;
//     *LIST_ADD(arena, names, count) = "one";
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/arena.h"

enum { LIST_FIRST = 4 };

// Room for one more item of `size` bytes. It doubles where the count is a power of two, so that nobody has to
// know how much there is; an array that came to be in another way must not grow through it.
static inline void *list_room(struct arena *arena, void *items, size_t count, size_t size) {
    if (count && (count < LIST_FIRST || (count & (count - 1))))
        return items;
    return arena_grow(arena, items, count * size, (count ? count * 2 : LIST_FIRST) * size);
}

// Where one more item goes, which counts from now on. Names its arguments more than once.
#define LIST_ADD(arena, items, count)                                                                        \
    ((items) = list_room((arena), (items), (count), sizeof *(items)), &(items)[(count)++])

#endif
