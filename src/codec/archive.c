// SPDX-License-Identifier: Apache-2.0
// Tar: ustar, GNU long names, pax records. Regular files only.
#include "codec/archive.h"

#include "base/list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 512,
    NAME = 0,
    NAME_LEN = 100,
    SIZE = 124,
    SIZE_LEN = 12,
    CHECKSUM = 148,
    CHECKSUM_LEN = 8,
    TYPE = 156
};
enum { MAGIC = 257, PREFIX = 345, PREFIX_LEN = 155 };

struct tar {
    struct arena *arena;
    const unsigned char *data;
    size_t len, at; // `at` is a multiple of BLOCK
    struct archive_limits limits;
    size_t left;           // of the total limit
    const char *next_name; // from a long-name or pax header, for the entry after it
    bool has_next_size;
    size_t next_size;
    struct archive_file *files;
    size_t count;
};

struct entry {
    char type;
    const char *name;
    size_t size;
    const unsigned char *data;
};

static bool corrupt(const struct tar *tar, const char *what, struct err *err) {
    return err_set(err, ERR_INVALID, "tar: %s in the header at byte %zu", what, tar->at);
}

// Octal digits, or GNU's base 256 when the top bit is set.
static bool number(const unsigned char *field, size_t len, size_t *out) {
    *out = 0;
    if (*field & 0x80) {
        for (size_t i = 0; i < len; i++) {
            if (*out >> 55)
                return false;
            *out = *out << 8 | (i ? field[i] : *field & 0x7f);
        }
        return true;
    }
    size_t i = 0;
    while (i < len && field[i] == ' ')
        i++;
    for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
        *out = *out << 3 | (size_t)(field[i] - '0');
    return i == len || !field[i] || field[i] == ' ';
}

static bool checksum_fits(const unsigned char *header) {
    size_t stored, sum = 0;
    long signed_sum = 0; // some old writers summed signed bytes
    for (size_t i = 0; i < BLOCK; i++) {
        bool blank = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LEN;
        sum += blank ? ' ' : header[i];
        signed_sum += blank ? ' ' : (signed char)header[i];
    }
    return number(header + CHECKSUM, CHECKSUM_LEN, &stored) && (stored == sum || (long)stored == signed_sum);
}

static const char *header_name(const struct tar *tar, const unsigned char *header) {
    const char *name = (const char *)header + NAME;
    const char *prefix = (const char *)header + PREFIX;
    char *plain = arena_strndup(tar->arena, name, strnlen(name, NAME_LEN));
    if (memcmp(header + MAGIC, "ustar", 6) != 0 || !*prefix)
        return plain;
    return arena_printf(tar->arena, "%.*s/%s", (int)strnlen(prefix, PREFIX_LEN), prefix, plain);
}

static bool is_end(const struct tar *tar) {
    for (size_t i = 0; tar->at + BLOCK <= tar->len && i < BLOCK; i++)
        if (tar->data[tar->at + i])
            return false;
    return true;
}

// Reads the header at `at` and steps over the entry's data.
static bool next_entry(struct tar *tar, struct entry *entry, struct err *err) {
    const unsigned char *header = tar->data + tar->at;
    if (!checksum_fits(header))
        return corrupt(tar, "the checksum does not fit", err);
    entry->type = (char)header[TYPE];
    entry->name = header_name(tar, header);
    if (!number(header + SIZE, SIZE_LEN, &entry->size))
        return corrupt(tar, "the size is no number", err);
    bool extension = strchr("xgLK", entry->type) && entry->type;
    if (!extension && tar->has_next_size)
        entry->size = tar->next_size;
    entry->data = header + BLOCK;
    size_t left = tar->len - tar->at - BLOCK;
    if (entry->size > left)
        return err_set(err, ERR_INVALID, "tar: \"%s\" ends early: %zu of %zu bytes", entry->name, left,
                       entry->size);
    size_t padded = (entry->size + BLOCK - 1) / BLOCK * BLOCK;
    tar->at += BLOCK + (padded < left ? padded : left);
    return true;
}

// One "LENGTH key=value\n" record; the length counts itself.
static const char *pax_record(struct tar *tar, const char *at, const char *end) {
    char *space;
    size_t len = strtoul(at, &space, 10);
    if (!isdigit((unsigned char)*at) || *space != ' ' || len > (size_t)(end - at) ||
        len < (size_t)(space - at) + 3 || at[len - 1] != '\n')
        return NULL;
    const char *key = space + 1, *stop = at + len - 1;
    const char *equals = memchr(key, '=', (size_t)(stop - key));
    if (!equals)
        return NULL;
    const char *text = arena_strndup(tar->arena, equals + 1, (size_t)(stop - equals - 1));
    if (!strncmp(key, "path=", 5)) {
        tar->next_name = text;
    } else if (!strncmp(key, "size=", 5)) {
        tar->has_next_size = true;
        tar->next_size = strtoul(text, NULL, 10);
    }
    return at + len;
}

static bool read_pax(struct tar *tar, const struct entry *entry, struct err *err) {
    const char *text = arena_strndup(tar->arena, (const char *)entry->data, entry->size);
    for (const char *at = text, *end = text + entry->size; at < end && *at;) {
        at = pax_record(tar, at, end);
        if (!at)
            return err_set(err, ERR_INVALID, "tar: the pax header \"%s\" is damaged", entry->name);
    }
    return true;
}

static bool add_file(struct tar *tar, const struct entry *entry, struct err *err) {
    if (entry->size > tar->left)
        return err_set(err, ERR_LIMIT, "decompressed chart is larger than the maximum size %zu",
                       tar->limits.total);
    if (entry->size > tar->limits.file)
        return err_set(err, ERR_LIMIT,
                       "decompressed chart file \"%s\" is larger than the maximum file size %zu", entry->name,
                       tar->limits.file);
    tar->left -= entry->size;
    const char *data = arena_strndup(tar->arena, (const char *)entry->data, entry->size);
    *LIST_ADD(tar->arena, tar->files, tar->count) = (struct archive_file){entry->name, data, entry->size};
    return true;
}

static bool refuse_kind(const struct entry *entry, struct err *err) {
    static const struct {
        char type;
        const char *name;
    } KINDS[] = {{'1', "a hard link"},    {'2', "a symbolic link"}, {'3', "a character device"},
                 {'4', "a block device"}, {'6', "a pipe"},          {'S', "a sparse file"}};
    const char *name = "an entry of unknown type";
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (KINDS[i].type == entry->type)
            name = KINDS[i].name;
    return err_set(err, ERR_UNSUPPORTED,
                   "tar: \"%s\" is %s: only files and folders are read; pack it again with the file itself "
                   "in its place (tar --dereference --hard-dereference)",
                   entry->name, name);
}

static bool read_entry(struct tar *tar, struct entry *entry, struct err *err) {
    switch (entry->type) {
    case 'g':
    case 'K': return true;
    case 'x': return read_pax(tar, entry, err);
    case 'L': tar->next_name = arena_strndup(tar->arena, (const char *)entry->data, entry->size); return true;
    default: break;
    }
    if (tar->next_name)
        entry->name = tar->next_name;
    tar->next_name = NULL;
    tar->has_next_size = false;
    size_t len = strlen(entry->name);
    bool folder = entry->type == '5' || (len && entry->name[len - 1] == '/');
    if (folder)
        return true;
    if (entry->type == '0' || entry->type == '7' || !entry->type)
        return add_file(tar, entry, err);
    return refuse_kind(entry, err);
}

bool archive_read_tgz(struct arena *arena, struct cursor data, const struct archive_limits *limits,
                      struct archive *out, struct err *err) {
    SCRATCH_ARENA(scratch);
    struct buf raw; // headers and padding come on top of the files
    if (!gzip_decode(scratch, data.at, cursor_left(data), 2 * limits->total + 1024 * 1024, &raw, err))
        return false;
    struct tar tar = {.arena = arena,
                      .data = (const unsigned char *)buf_text(&raw),
                      .len = raw.len,
                      .limits = *limits,
                      .left = limits->total};
    while (tar.at + BLOCK <= tar.len && !is_end(&tar)) {
        struct entry entry = {0};
        if (!next_entry(&tar, &entry, err) || !read_entry(&tar, &entry, err))
            return false;
    }
    *out = (struct archive){tar.files, tar.count};
    return true;
}
