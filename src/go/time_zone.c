// SPDX-License-Identifier: Apache-2.0
#include "go/time_zone.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "go/time_zone_rule.h"

#include <pthread.h>
#include <string.h>

enum { MAX_FILE = 1 << 20 };

struct zone_type {
    const char *abbreviation;
    int32_t offset;
    bool dst;
};

struct time_zone {
    const char *name;  // under which it is looked for
    const char *shown; // what Go says it is called
    struct zone_type *types;
    size_t type_count;
    int64_t *changes;         // ascending
    const uint8_t *change_to; // parallel: a type's index
    size_t change_count;
    bool has_rule;
    struct time_zone_rule rule;
    struct time_zone *next; // in the cache
};

static struct zone_type utc_type = {"UTC", 0, false};
static const struct time_zone utc = {.name = "UTC", .shown = "UTC", .types = &utc_type, .type_count = 1};

// Loaded zones stay for good: there are only so many files.
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static struct time_zone *cache;
static struct arena *cache_arena;

const struct time_zone *time_zone_utc(void) {
    return &utc;
}

const struct time_zone *time_zone_fixed(struct arena *arena, const char *abbreviation, int32_t offset) {
    struct time_zone *zone = arena_alloc(arena, sizeof *zone);
    struct zone_type *type = arena_alloc(arena, sizeof *type);
    *type = (struct zone_type){abbreviation, offset, false};
    *zone = (struct time_zone){.name = abbreviation, .shown = abbreviation, .types = type, .type_count = 1};
    return zone;
}

const char *time_zone_name(const struct time_zone *zone) {
    return zone->shown;
}

// The file as read, with a cursor; every read checks what is left.
struct file {
    const unsigned char *at;
    size_t left;
};

static const unsigned char *take(struct file *file, size_t len) {
    if (len > file->left)
        return NULL;
    const unsigned char *start = file->at;
    file->at += len;
    file->left -= len;
    return start;
}

static int64_t big_endian(const unsigned char *bytes, size_t len) {
    uint64_t n = bytes[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < len; i++)
        n = n << 8 | bytes[i];
    return (int64_t)n;
}

// Counts in the order the header has them.
struct header {
    int64_t utc_flags, std_flags, leaps, changes, types, chars;
    char version;
};

static bool read_header(struct file *file, struct header *out) {
    const unsigned char *bytes = take(file, 44);
    if (!bytes || memcmp(bytes, "TZif", 4) != 0)
        return false;
    int64_t *const counts[] = {&out->utc_flags, &out->std_flags, &out->leaps,
                               &out->changes,   &out->types,     &out->chars};
    out->version = (char)bytes[4];
    for (size_t i = 0; i < 6; i++) {
        *counts[i] = big_endian(bytes + 20 + 4 * i, 4);
        if (*counts[i] < 0 || *counts[i] > MAX_FILE)
            return false;
    }
    return true;
}

static size_t body_len(const struct header *h, size_t time_size) {
    return (size_t)h->changes * (time_size + 1) + (size_t)h->types * 6 + (size_t)h->chars +
           (size_t)h->leaps * (time_size + 4) + (size_t)h->std_flags + (size_t)h->utc_flags;
}

static bool read_types(struct arena *arena, const struct header *h, const unsigned char *types,
                       const unsigned char *chars, struct time_zone *out) {
    out->types = arena_array(arena, (size_t)h->types, sizeof *out->types);
    out->type_count = (size_t)h->types;
    for (size_t i = 0; i < out->type_count; i++) {
        const unsigned char *type = types + 6 * i;
        if (type[5] >= h->chars)
            return false;
        size_t len = strnlen((const char *)chars + type[5], (size_t)h->chars - type[5]);
        out->types[i] = (struct zone_type){arena_strndup(arena, (const char *)chars + type[5], len),
                                           (int32_t)big_endian(type, 4), type[4] != 0};
    }
    for (size_t i = 0; i < out->change_count; i++) {
        if (out->change_to[i] >= out->type_count)
            return false;
    }
    return out->type_count > 0;
}

static bool read_body(struct arena *arena, const struct header *h, size_t time_size, struct file *file,
                      struct time_zone *out) {
    const unsigned char *times = take(file, (size_t)h->changes * time_size);
    const unsigned char *indices = take(file, (size_t)h->changes);
    const unsigned char *types = take(file, (size_t)h->types * 6);
    const unsigned char *chars = take(file, (size_t)h->chars);
    if (!times || !indices || !types || !chars ||
        !take(file, (size_t)h->leaps * (time_size + 4) + (size_t)(h->std_flags + h->utc_flags)))
        return false;
    out->change_count = (size_t)h->changes;
    out->change_to = arena_memdup(arena, indices, out->change_count);
    out->changes = arena_array(arena, out->change_count, sizeof *out->changes);
    for (size_t i = 0; i < out->change_count; i++)
        out->changes[i] = big_endian(times + i * time_size, time_size);
    return read_types(arena, h, types, chars, out);
}

// RFC 8536: the second, 64-bit block of a newer file replaces the first; a rule follows it.
static bool read_zone(struct arena *arena, struct file file, struct time_zone *out) {
    struct header h;
    if (!read_header(&file, &h))
        return false;
    if (!h.version)
        return read_body(arena, &h, 4, &file, out);
    if (!take(&file, body_len(&h, 4)) || !read_header(&file, &h) || !read_body(arena, &h, 8, &file, out))
        return false;
    if (file.left > 2 && file.at[0] == '\n' && file.at[file.left - 1] == '\n')
        out->has_rule = time_zone_rule_parse(
            arena, arena_strndup(arena, (const char *)file.at + 1, file.left - 2), &out->rule);
    return true;
}

static bool read_file(struct arena *arena, const char *path, struct file *out) {
    CLEANUP_FILE file = fopen(path, "rbe");
    if (!file)
        return false;
    unsigned char *data = arena_alloc(arena, MAX_FILE);
    *out = (struct file){data, fread(data, 1, MAX_FILE, file)};
    return out->left > 0 && !ferror(file);
}

static struct time_zone *read_path(const char *path, const char *name) {
    SCRATCH_ARENA(scratch);
    struct file file;
    if (!read_file(scratch, path, &file))
        return NULL;
    struct time_zone *zone = arena_alloc(cache_arena, sizeof *zone);
    if (!read_zone(cache_arena, file, zone))
        return NULL;
    zone->name = zone->shown = arena_strdup(cache_arena, name);
    return zone;
}

static struct time_zone *search(const char *name) {
    static const char *const folders[] = {"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo",
                                          "/usr/lib/locale/TZ", "/etc/zoneinfo"};
    struct time_zone *zone = NULL;
    SCRATCH_ARENA(scratch);
    for (size_t i = 0; !zone && i < sizeof folders / sizeof *folders; i++)
        zone = read_path(arena_printf(scratch, "%s/%s", folders[i], name), name);
    return zone;
}

// $TZ as Go reads it: unset is the machine's file, empty is UTC, a leading colon is skipped.
static struct time_zone *read_local(void) {
    const char *tz = getenv("TZ");
    struct time_zone *zone = NULL;
    if (!tz) {
        zone = read_path("/etc/localtime", "Local");
    } else if (*tz) {
        tz += *tz == ':';
        const char *shown = strcmp(tz, "/etc/localtime") == 0 ? "Local" : tz;
        zone = *tz == '/' ? read_path(tz, shown) : *tz && strcmp(tz, "UTC") != 0 ? search(tz) : NULL;
    }
    if (!zone) {
        zone = arena_alloc(cache_arena, sizeof *zone);
        *zone = utc;
    }
    zone->name = "Local";
    return zone;
}

static const struct time_zone *cached(const char *name) {
    pthread_mutex_lock(&cache_lock);
    if (!cache_arena)
        cache_arena = arena_create();
    struct time_zone *zone = cache;
    while (zone && strcmp(zone->name, name) != 0)
        zone = zone->next;
    if (!zone && (zone = strcmp(name, "Local") == 0 ? read_local() : search(name))) {
        zone->next = cache;
        cache = zone;
    }
    pthread_mutex_unlock(&cache_lock);
    return zone;
}

const struct time_zone *time_zone_local(void) {
    return cached("Local");
}

const struct time_zone *time_zone_load(const char *name, size_t len) {
    char copy[256];
    if (len == 0 || (len == 3 && !memcmp(name, "UTC", 3)))
        return &utc;
    if (len >= sizeof copy || memchr(name, 0, len) || memmem(name, len, "..", 2) || name[0] == '/' ||
        name[0] == '\\')
        return NULL;
    memcpy(copy, name, len);
    copy[len] = 0;
    return cached(copy);
}

// Before the first change: the first type, unless it belongs to a change.
static const struct zone_type *earliest(const struct time_zone *zone) {
    bool used = false;
    for (size_t i = 0; i < zone->change_count; i++)
        used |= zone->change_to[i] == 0;
    if (!used)
        return &zone->types[0];
    if (zone->change_count && zone->types[zone->change_to[0]].dst) {
        for (size_t i = zone->change_to[0]; i-- > 0;) {
            if (!zone->types[i].dst)
                return &zone->types[i];
        }
    }
    for (size_t i = 0; i < zone->type_count; i++) {
        if (!zone->types[i].dst)
            return &zone->types[i];
    }
    return &zone->types[0];
}

static struct time_zone_span span_of(const struct zone_type *type, int64_t start, int64_t end) {
    return (struct time_zone_span){type->abbreviation, type->offset, type->dst, start, end};
}

struct time_zone_span time_zone_at(const struct time_zone *zone, int64_t seconds) {
    size_t low = 0, high = zone->change_count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (zone->changes[mid] <= seconds)
            low = mid + 1;
        else
            high = mid;
    }
    int64_t end = low < zone->change_count ? zone->changes[low] : INT64_MAX;
    if (low == 0)
        return span_of(earliest(zone), INT64_MIN, end);
    if (low == zone->change_count && zone->has_rule)
        return time_zone_rule_at(&zone->rule, zone->changes[low - 1], seconds);
    return span_of(&zone->types[zone->change_to[low - 1]], zone->changes[low - 1], end);
}

static bool is_called(const char *abbreviation, const char *name, size_t len) {
    return strlen(abbreviation) == len && !memcmp(abbreviation, name, len);
}

bool time_zone_find(const struct time_zone *zone, const char *abbreviation, size_t len, int64_t seconds,
                    int32_t *offset) {
    const struct zone_type *any = NULL;
    for (size_t i = 0; i < zone->type_count; i++) {
        const struct zone_type *type = &zone->types[i];
        if (!is_called(type->abbreviation, abbreviation, len))
            continue;
        any = any ? any : type;
        struct time_zone_span then = time_zone_at(zone, seconds - type->offset);
        if (is_called(then.abbreviation, abbreviation, len)) {
            *offset = then.offset;
            return true;
        }
    }
    if (any)
        *offset = any->offset;
    return any != NULL;
}
