// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

enum { ALIGN = 16, FIRST_BLOCK = 8 * 1024, LARGEST_BLOCK = 1024 * 1024 };

struct block {
    struct block *next;
    size_t size; // of data
    size_t used;
    size_t pad; // keeps data aligned
    char data[];
};

struct arena {
    struct block *blocks; // newest first
    struct block *spare;  // the last one given back, zeroed: release and allocate often alternate
    size_t next_size;
    size_t total;
};

static void *checked(void *pointer) {
    if (!pointer) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return pointer;
}

struct arena *arena_create(void) {
    struct arena *arena = checked(calloc(1, sizeof *arena));
    arena->next_size = FIRST_BLOCK;
    return arena;
}

void arena_destroy(struct arena *arena) {
    if (!arena)
        return;
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        ASAN_UNPOISON_MEMORY_REGION(block->data, block->size);
        free(block);
    }
    if (arena->spare)
        ASAN_UNPOISON_MEMORY_REGION(arena->spare->data, arena->spare->size);
    free(arena->spare);
    free(arena);
}

// calloc hands out zeroed pages without touching them, so large blocks cost
// nothing until they are used. Under ASan the unused tail stays poisoned.
static struct block *add_block(struct arena *arena, size_t size) {
    if (arena->spare && arena->spare->size >= size) {
        struct block *spare = arena->spare;
        arena->spare = NULL;
        spare->next = arena->blocks;
        return arena->blocks = spare;
    }
    size_t want = arena->next_size > size ? arena->next_size : size;
    struct block *block = checked(calloc(1, sizeof *block + want));
    block->size = want;
    block->next = arena->blocks;
    arena->blocks = block;
    if (arena->next_size < LARGEST_BLOCK)
        arena->next_size *= 2;
    ASAN_POISON_MEMORY_REGION(block->data, block->size);
    return block;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > SIZE_MAX / 2)
        checked(NULL);
    size_t rounded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct block *block = arena->blocks;
    if (!block || block->size - block->used < rounded)
        block = add_block(arena, rounded);
    void *pointer = block->data + block->used;
    block->used += rounded;
    arena->total += rounded;
    ASAN_UNPOISON_MEMORY_REGION(pointer, size);
    return pointer;
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        checked(NULL);
    return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size) {
    size_t old_rounded = (old_size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    size_t new_rounded = (new_size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct block *block = arena->blocks;
    if (old && block && (char *)old + old_rounded == block->data + block->used &&
        new_rounded - old_rounded <= block->size - block->used) {
        block->used += new_rounded - old_rounded;
        arena->total += new_rounded - old_rounded;
        ASAN_UNPOISON_MEMORY_REGION(old, new_size);
        return old;
    }
    void *fresh = arena_alloc(arena, new_size);
    if (old)
        memcpy(fresh, old, old_size);
    return fresh;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len) {
    char *copy = arena_alloc(arena, len + 1);
    if (len)
        memcpy(copy, text, len);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text) {
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

void *arena_memdup(struct arena *arena, const void *data, size_t len) {
    void *copy = arena_alloc(arena, len);
    if (len)
        memcpy(copy, data, len);
    return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *text = arena_alloc(arena, (size_t)(len < 0 ? 0 : len) + 1);
    if (len > 0)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

struct arena_mark arena_mark(const struct arena *arena) {
    return (struct arena_mark){arena->blocks, arena->blocks ? arena->blocks->used : 0, arena->total};
}

// Memory handed out is zero, so what comes back is zeroed.
static void wipe(struct block *block, size_t from) {
    ASAN_UNPOISON_MEMORY_REGION(block->data + from, block->used - from);
    memset(block->data + from, 0, block->used - from);
    ASAN_POISON_MEMORY_REGION(block->data + from, block->size - from);
    block->used = from;
}

void arena_release(struct arena *arena, struct arena_mark mark) {
    while (arena->blocks != mark.block) {
        struct block *block = arena->blocks;
        arena->blocks = block->next;
        if (arena->spare && arena->spare->size >= block->size) {
            ASAN_UNPOISON_MEMORY_REGION(block->data, block->size);
            free(block);
            continue;
        }
        if (arena->spare)
            ASAN_UNPOISON_MEMORY_REGION(arena->spare->data, arena->spare->size);
        free(arena->spare);
        wipe(block, 0);
        arena->spare = block;
    }
    if (arena->blocks)
        wipe(arena->blocks, mark.used);
    arena->total = mark.total;
}

size_t arena_used(const struct arena *arena) {
    return arena->total;
}

void arena_cleanup(struct arena **arena) {
    arena_destroy(*arena);
}
