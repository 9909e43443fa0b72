// SPDX-License-Identifier: Apache-2.0
// A bump allocator. One arena per RPC owns everything born while serving it,
// and is freed whole when the reply has left. Running out of memory aborts.
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

// An empty arena on the heap; allocates its first block on first use.
struct arena *arena_create(void);

// Frees the arena and everything allocated from it. Takes NULL.
void arena_destroy(struct arena *arena);

// `size` zeroed bytes, aligned for any type. Never NULL.
void *arena_alloc(struct arena *arena, size_t size);

// Zeroed array of `count` elements; aborts when the product overflows.
void *arena_array(struct arena *arena, size_t count, size_t size);

// A block of `new_size` bytes holding the first `old_size` bytes of `old`
// (which may be NULL); grows in place when `old` was the latest allocation.
void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size);

// NUL-terminated copies in the arena. `arena_strdup(arena, NULL)` is NULL.
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
void *arena_memdup(struct arena *arena, const void *data, size_t len);

// printf into the arena.
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args);

// Bytes handed out so far; for limits on hostile input.
size_t arena_used(const struct arena *arena);

// Gives back everything allocated since a mark; marks nest. What arena_grow moved or grew
// across the mark must not be used afterwards.
struct arena_mark {
    const void *block;
    size_t used, total;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_release(struct arena *arena, struct arena_mark mark);

// A block-scoped scratch arena: `SCRATCH_ARENA(scratch);`
void arena_cleanup(struct arena **arena);
#define SCRATCH_ARENA(name) __attribute__((cleanup(arena_cleanup))) struct arena *name = arena_create()

#endif
