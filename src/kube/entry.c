// SPDX-License-Identifier: Apache-2.0
#include "kube/entry.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "codec/base64.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 16 << 20 };

bool kube_read_file(struct arena *arena, const char *file, const char **out, struct err *err) {
    CLEANUP_FD fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info))
        return err_set(err, ERR_INVALID, "cannot read \"%s\": %s", file, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return err_set(err, ERR_INVALID, "cannot read \"%s\": it is a directory, a file is needed", file);
    struct buf text;
    buf_init(&text, arena);
    char chunk[16384];
    for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) != 0;) {
        if (n < 0)
            return err_set(err, ERR_INVALID, "cannot read \"%s\": %s", file, strerror(errno));
        buf_add(&text, chunk, (size_t)n);
        if (text.len > FILE_LIMIT)
            return err_set(err, ERR_LIMIT, "\"%s\" is longer than %d bytes", file, FILE_LIMIT);
    }
    *out = buf_text(&text);
    return true;
}

void kube_entry_wrong(struct kube_entry *entry, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (!entry->failed)
        err_set(entry->err, ERR_INVALID, "%s: %s", entry->what, arena_vprintf(entry->arena, format, args));
    va_end(args);
    entry->failed = true;
}

const char *kube_entry_text_in(struct kube_entry *entry, const char *key, struct value v) {
    const char *text = value_text_or(v, "");
    if (value_is_null(v))
        return NULL;
    if (value_kind(v) != VALUE_STRING)
        kube_entry_wrong(entry, "%s holds a %s; a text is needed. Put it into quotes", key,
                         value_kind_name(v));
    else if (strlen(text) != value_len(v))
        kube_entry_wrong(entry, "%s holds a NUL character", key);
    return entry->failed ? NULL : text;
}

const char *kube_entry_text(struct kube_entry *entry, const char *key) {
    return kube_entry_text_in(entry, key, value_get(entry->map, key));
}

bool kube_entry_flag(struct kube_entry *entry, const char *key) {
    struct value v = value_get(entry->map, key);
    if (!value_is_null(v) && value_kind(v) != VALUE_BOOL)
        kube_entry_wrong(entry, "%s holds a %s; true or false is needed, without quotes", key,
                         value_kind_name(v));
    return value_get_bool(v);
}

struct value kube_entry_part(struct kube_entry *entry, const char *key, enum value_kind kind,
                             const char *needed) {
    struct value v = value_get(entry->map, key);
    if (value_is_null(v) || value_kind(v) == kind)
        return v;
    kube_entry_wrong(entry, "%s holds a %s; %s is needed", key, value_kind_name(v), needed);
    return value_null();
}

const char *const *kube_entry_texts(struct kube_entry *entry, const char *key, size_t *count) {
    struct value list = kube_entry_part(entry, key, VALUE_LIST, "a list of texts");
    const char **texts = arena_array(entry->arena, value_len(list) + 1, sizeof *texts);
    *count = value_len(list);
    for (size_t i = 0; i < *count && !entry->failed; i++) {
        const char *text =
            kube_entry_text_in(entry, arena_printf(entry->arena, "%s[%zu]", key, i), value_at(list, i));
        texts[i] = text ? text : "";
    }
    return texts;
}

// The text of "<key>-data" (base64) or of the file named by "<key>"; NULL when there is neither.
const char *kube_entry_pem(struct kube_entry *entry, const char *key) {
    const char *data_key = arena_printf(entry->arena, "%s-data", key), *text = NULL;
    const char *data = kube_entry_text(entry, data_key), *file = kube_entry_text(entry, key);
    struct err why = err_in(entry->arena);
    struct buf pem;
    buf_init(&pem, entry->arena);
    if (data && *data) {
        if (!base64_decode(&pem, data, strlen(data), &why))
            kube_entry_wrong(entry, "%s: %s", data_key, why.msg);
        else if (strlen(buf_text(&pem)) != pem.len)
            kube_entry_wrong(entry, "%s holds base64 of binary data; base64 of PEM text is needed", data_key);
        return buf_text(&pem);
    }
    if (file && *file && !kube_read_file(entry->arena, file, &text, &why))
        kube_entry_wrong(entry, "%s: %s", key, why.msg);
    return text;
}

void kube_entry_check(struct kube_entry *entry, const char *key, const char *text, crypto_check *usable) {
    struct err why = err_in(entry->arena);
    if (text && !entry->failed && !usable(text, &why))
        kube_entry_wrong(entry, "%s %s", key, why.msg);
}
