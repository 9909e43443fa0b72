// SPDX-License-Identifier: Apache-2.0
// Maps: an array of entries, sorted when somebody walks it, with a hash index
// once it is too long to scan. Reading never allocates: an action's memory is
// reclaimed under the maps it only read.
#include "template/private.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SCAN_MAX = 8, FIRST_CAP = 4 };

struct rmap {
    struct rheap *heap;
    uint64_t born;
    struct rmap_entry *entries; // a deleted one has no key
    uint32_t *index;            // entry number + 1, or 0; NULL while short enough to scan
    uint32_t mask;              // of index
    uint32_t count;             // entries in use, deleted ones included
    uint32_t live;
    uint32_t cap;
    bool sorted;
    uint32_t walks; // under way over the entries: copy before changing them
};

// Seeded once a process, so that nobody can prepare colliding keys.
static uint64_t hash_seed(void) {
    static _Atomic uint64_t seed;
    uint64_t current = atomic_load_explicit(&seed, memory_order_relaxed);
    if (current)
        return current;
    uint64_t fresh = 0;
    if (getrandom(&fresh, sizeof fresh, 0) != (ssize_t)sizeof fresh)
        fresh = 0x9e3779b97f4a7c15u;
    fresh |= 1;
    return atomic_compare_exchange_strong(&seed, &current, fresh) ? fresh : current;
}

static uint64_t mix(uint64_t a, uint64_t b) {
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint32_t rmap_hash(const char *key, size_t len) {
    uint64_t hash = hash_seed() ^ len;
    while (len >= 8) {
        uint64_t chunk;
        memcpy(&chunk, key, 8);
        hash = mix(hash ^ chunk, 0xa0761d6478bd642fu);
        key += 8;
        len -= 8;
    }
    uint64_t tail = 0;
    if (len)
        memcpy(&tail, key, len);
    hash = mix(hash ^ tail, 0xe7037ed1a0b428dbu);
    return (uint32_t)(hash ^ hash >> 32);
}

struct rmap *rmap_create(struct rheap *heap, size_t expected) {
    struct rmap *map = arena_alloc(heap->arena, sizeof *map);
    map->heap = heap;
    map->born = heap->births++;
    map->sorted = true;
    if (expected > 0 && expected <= UINT32_MAX / 2) {
        map->cap = (uint32_t)expected;
        map->entries = arena_array(heap->arena, map->cap, sizeof *map->entries);
    }
    return map;
}

size_t rmap_len(const struct rmap *map) {
    return map ? map->live : 0;
}

static bool same_key(const struct rmap_entry *entry, const char *key, size_t len, uint32_t hash) {
    return entry->hash == hash && entry->len == len && entry->key && memcmp(entry->key, key, len) == 0;
}

static struct rmap_entry *find(const struct rmap *map, const char *key, size_t len, uint32_t hash) {
    if (!map->index) {
        for (uint32_t i = 0; i < map->count; i++)
            if (same_key(&map->entries[i], key, len, hash))
                return &map->entries[i];
        return NULL;
    }
    for (uint32_t slot = hash & map->mask; map->index[slot]; slot = (slot + 1) & map->mask) {
        struct rmap_entry *entry = &map->entries[map->index[slot] - 1];
        if (same_key(entry, key, len, hash))
            return entry;
    }
    return NULL;
}

static void see(const struct rmap *map, const struct rmap_entry *entry) {
    if (entry->value.note && map->heap->seen)
        map->heap->seen[entry->value.note] = true;
}

bool rmap_get_hashed(const struct rmap *map, const char *key, size_t len, uint32_t hash, struct rv *out) {
    const struct rmap_entry *entry = map ? find(map, key, len, hash) : NULL;
    if (entry)
        see(map, entry);
    *out = entry ? entry->value : (struct rv){0};
    return entry != NULL;
}

bool rmap_get(const struct rmap *map, const char *key, size_t len, struct rv *out) {
    return rmap_get_hashed(map, key, len, rmap_hash(key, len), out);
}

bool rmap_has(const struct rmap *map, const char *key, size_t len) {
    struct rv ignored;
    return rmap_get(map, key, len, &ignored);
}

static void index_add(struct rmap *map, uint32_t number) {
    uint32_t slot = map->entries[number].hash & map->mask;
    while (map->index[slot])
        slot = (slot + 1) & map->mask;
    map->index[slot] = number + 1;
}

static void reindex(struct rmap *map) {
    if (!map->index)
        return;
    memset(map->index, 0, ((size_t)map->mask + 1) * sizeof *map->index);
    for (uint32_t i = 0; i < map->count; i++)
        if (map->entries[i].key)
            index_add(map, i);
}

static void compact(struct rmap *map) {
    if (map->live == map->count)
        return;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < map->count; i++)
        if (map->entries[i].key)
            map->entries[kept++] = map->entries[i];
    map->count = kept;
    reindex(map);
}

static void grow(struct rmap *map) {
    uint32_t cap = map->cap ? map->cap * 2 : FIRST_CAP;
    map->entries = arena_grow(map->heap->arena, map->entries, map->cap * sizeof *map->entries,
                              (size_t)cap * sizeof *map->entries);
    map->cap = cap;
    if (map->index && cap <= map->mask / 2)
        return;
    if (cap <= SCAN_MAX)
        return;
    uint32_t size = 16;
    while (size < cap * 2)
        size *= 2;
    map->mask = size - 1;
    map->index = arena_array(map->heap->arena, size, sizeof *map->index);
    reindex(map);
}

// Called before every change: tells the heap, and leaves walkers their snapshot.
static void change(struct rmap *map) {
    if (map->born < map->heap->oldest_change)
        map->heap->oldest_change = map->born;
    if (map->walks == 0)
        return;
    map->entries = arena_memdup(map->heap->arena, map->entries, map->cap * sizeof *map->entries);
    map->walks = 0;
}

static int compare_entries(const struct rmap_entry *a, const struct rmap_entry *b) {
    size_t shorter = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->key, b->key, shorter);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static void append(struct rmap *map, const char *key, size_t len, uint32_t hash, struct rv v) {
    if (map->count == map->cap && map->live < map->count / 2)
        compact(map);
    if (map->count == map->cap)
        grow(map);
    struct rmap_entry *entry = &map->entries[map->count];
    *entry = (struct rmap_entry){key, (uint32_t)len, hash, v};
    if (map->sorted && map->count > 0)
        map->sorted = entry[-1].key && compare_entries(entry - 1, entry) < 0;
    map->count++;
    map->live++;
    if (!map->index && map->count > SCAN_MAX)
        grow(map);
    else if (map->index)
        index_add(map, map->count - 1);
}

void rmap_set(struct rmap *map, const char *key, size_t len, struct rv v) {
    v.iface = false;
    uint32_t hash = rmap_hash(key, len);
    change(map);
    struct rmap_entry *entry = find(map, key, len, hash);
    if (entry)
        entry->value = v;
    else
        append(map, key ? key : "", len, hash, v);
}

void rmap_put(struct rmap *map, const char *key, struct rv v) {
    rmap_set(map, key, strlen(key), v);
}

void rmap_delete(struct rmap *map, const char *key, size_t len) {
    if (!map || !find(map, key, len, rmap_hash(key, len)))
        return;
    change(map);
    struct rmap_entry *entry = find(map, key, len, rmap_hash(key, len));
    entry->key = NULL;
    map->live--;
}

struct rmap *rmap_copy(struct rheap *heap, const struct rmap *map) {
    struct rmap *copy = rmap_create(heap, rmap_len(map));
    for (uint32_t i = 0; map && i < map->count; i++)
        if (map->entries[i].key)
            append(copy, map->entries[i].key, map->entries[i].len, map->entries[i].hash,
                   map->entries[i].value);
    return copy;
}

static int sort_order(const void *a, const void *b) {
    return compare_entries(a, b);
}

struct rmap_walk rmap_walk_unseen(struct rmap *map) {
    if (!map || map->live == 0)
        return (struct rmap_walk){NULL, 0};
    compact(map);
    if (!map->sorted) {
        qsort(map->entries, map->count, sizeof *map->entries, sort_order);
        map->sorted = true;
        reindex(map);
    }
    map->walks++;
    return (struct rmap_walk){map->entries, map->count};
}

struct rmap_walk rmap_walk(struct rmap *map) {
    struct rmap_walk walk = rmap_walk_unseen(map);
    for (size_t i = 0; i < walk.count; i++)
        see(map, &walk.entries[i]);
    return walk;
}

bool *rv_dump_begin(struct rv map) {
    if (map.type != RT_VALUES3 && map.type != RT_VALUES4)
        return NULL;
    bool *seen = map.u.map->heap->seen;
    map.u.map->heap->seen = NULL;
    return seen;
}

void rv_dump_end(struct rv map, bool *seen) {
    if (seen)
        map.u.map->heap->seen = seen;
}

// A walk nobody ends costs one copy at the next change, no more.
void rmap_walk_end(struct rmap *map, struct rmap_walk walk) {
    if (map && map->entries == walk.entries && map->walks > 0)
        map->walks--;
}
