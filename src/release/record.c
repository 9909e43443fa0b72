// SPDX-License-Identifier: Apache-2.0
#include "release/record.h"

#include "codec/archive.h"
#include "codec/base64.h"
#include "codec/json.h"

#include <string.h>
#include <time.h>

enum { RECORD_LIMIT = 64 * 1024 * 1024 };

static const char *text_or(struct value v, const char *otherwise) {
    return value_kind(v) == VALUE_STRING ? value_get_string(v) : otherwise;
}

static void read_hook(struct arena *arena, struct value json, struct release_hook *hook) {
    struct value events = value_get(json, "events");
    const char **names = arena_array(arena, value_len(events), sizeof *names);
    for (size_t i = 0; i < value_len(events); i++)
        names[i] = text_or(value_at(events, i), "");
    *hook = (struct release_hook){
        .name = text_or(value_get(json, "name"), ""),
        .kind = text_or(value_get(json, "kind"), ""),
        .path = text_or(value_get(json, "path"), ""),
        .manifest = text_or(value_get(json, "manifest"), ""),
        .events = names,
        .event_count = value_len(events),
        .weight = value_get_int(value_get(json, "weight")),
        .policies = value_get(json, "delete_policies"),
    };
}

bool record_decode(struct arena *arena, struct value json, struct release *out, struct err *err) {
    if (value_kind(json) != VALUE_MAP || !value_dig_string(json, "name", NULL))
        return err_set(err, ERR_INVALID, "not a Helm release record: it has no name");
    struct value info = value_get(json, "info"), metadata = value_dig(json, "chart", "metadata", NULL);
    struct value hooks = value_get(json, "hooks");
    struct release_hook *list = arena_array(arena, value_len(hooks), sizeof *list);
    for (size_t i = 0; i < value_len(hooks); i++)
        read_hook(arena, value_at(hooks, i), &list[i]);
    *out = (struct release){
        .name = value_dig_string(json, "name", NULL),
        .namespace = text_or(value_get(json, "namespace"), "default"),
        .revision = (int)value_get_int(value_get(json, "version")),
        .status = text_or(value_get(info, "status"), "unknown"),
        .description = text_or(value_get(info, "description"), ""),
        .notes = text_or(value_get(info, "notes"), ""),
        .first_deployed = text_or(value_get(info, "first_deployed"), ""),
        .last_deployed = text_or(value_get(info, "last_deployed"), ""),
        .chart_name = text_or(value_get(metadata, "name"), ""),
        .chart_version = text_or(value_get(metadata, "version"), ""),
        .app_version = text_or(value_get(metadata, "appVersion"), ""),
        .apply_method = text_or(value_get(json, "apply_method"), "csa"),
        .manifest = text_or(value_get(json, "manifest"), ""),
        .config = value_get(json, "config"),
        .values = value_dig(json, "chart", "values", NULL),
        .hooks = list,
        .hook_count = value_len(hooks),
        .record = json,
    };
    return true;
}

static bool decode_data(struct arena *arena, const char *data, struct value *json, struct err *err) {
    struct buf outer, inner, text;
    buf_init(&outer, arena);
    buf_init(&inner, arena);
    buf_init(&text, arena);
    if (!base64_decode(&outer, data, strlen(data), err) ||
        !base64_decode(&inner, buf_text(&outer), outer.len, err))
        return false;
    bool zipped = inner.len > 2 && !memcmp(inner.ptr, "\x1f\x8b\x08", 3);
    if (zipped && !gzip_decode(arena, inner.ptr, inner.len, RECORD_LIMIT, &text, err))
        return false;
    const struct buf *plain = zipped ? &text : &inner;
    return json_decode(arena, plain->ptr, plain->len, json, err);
}

bool record_from_secret(struct arena *arena, struct value secret, struct release *out, struct err *err) {
    const char *name = value_dig_string(secret, "metadata", "name", NULL);
    const char *data = value_dig_string(secret, "data", "release", NULL);
    struct value json;
    if (!data)
        return err_set(err, ERR_INVALID, "Secret %s holds no Helm release: it has no key \"release\"",
                       name ? name : "?");
    if (!decode_data(arena, data, &json, err) || !record_decode(arena, json, out, err))
        return err_wrap(err, "Secret %s", name ? name : "?");
    out->owner = value_dig_string(secret, "metadata", "labels", RELEASE_OWNER, NULL);
    return true;
}

const char *release_text(struct arena *arena, const char *namespace, const char *name) {
    return arena_printf(arena, "Release/%s/%s", namespace, name);
}

const char *record_secret_name(struct arena *arena, const char *name, int revision) {
    return arena_printf(arena, "sh.helm.release.v1.%s.v%d", name, revision);
}

static struct value secret_labels(struct arena *arena, const struct release *release, struct value labels,
                                  bool created) {
    const char *now = arena_printf(arena, "%lld", (long long)time(NULL));
    struct value_entry entries[] = {
        {created ? "createdAt" : "modifiedAt", value_string(arena, now)},
        {"name", value_string(arena, release->name)},
        {"owner", value_string_ref("helm")},
        {"status", value_string(arena, release->status)},
        {"version", value_string(arena, arena_printf(arena, "%d", release->revision))},
    };
    struct value all = value_kind(labels) == VALUE_MAP ? labels : value_map(arena, NULL, 0);
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        all = value_with(arena, all, entries[i].key, entries[i].value);
    return all;
}

// The text in the Secret before Kubernetes' own base64.
static bool encode_data(struct arena *arena, const struct release *release, struct buf *out,
                        struct err *err) {
    struct buf json, zipped;
    buf_init(&json, arena);
    buf_init(&zipped, arena);
    buf_init(out, arena);
    json_encode(&json, release->record, JSON_ESCAPE_HTML);
    if (!gzip_encode(arena, json.ptr, json.len, &zipped, err))
        return err_wrap(err, "encode release \"%s\"", release->name);
    base64_encode(out, zipped.ptr, zipped.len);
    return true;
}

enum { SECRET_LIMIT = 1 << 20, ROOM = 32 << 10 };

bool record_fits(struct arena *arena, const struct release *release) {
    struct buf data;
    struct err ignored = err_in(arena);
    return encode_data(arena, release, &data, &ignored) && data.len <= SECRET_LIMIT - ROOM;
}

bool record_to_secret(struct arena *arena, const struct release *release, struct value labels, bool created,
                      struct value *out, struct err *err) {
    struct buf inner, outer;
    buf_init(&outer, arena);
    if (!encode_data(arena, release, &inner, err))
        return false;
    base64_encode(&outer, inner.ptr, inner.len);
    struct value_entry metadata[] = {
        {"labels", secret_labels(arena, release, labels, created)},
        {"name", value_string(arena, record_secret_name(arena, release->name, release->revision))},
        {"namespace", value_string(arena, release->namespace)},
    };
    struct value_entry data[] = {{"release", value_string_len(arena, buf_text(&outer), outer.len)}};
    struct value_entry secret[] = {
        {"apiVersion", value_string_ref("v1")},
        {"data", value_map(arena, data, 1)},
        {"kind", value_string_ref("Secret")},
        {"metadata", value_map(arena, metadata, 3)},
        {"type", value_string_ref(RELEASE_SECRET_TYPE)},
    };
    *out = value_map(arena, secret, 5);
    return true;
}

bool record_with_status(struct arena *arena, const struct release *release, const char *status,
                        const char *description, struct release *out, struct err *err) {
    struct value info = value_get(release->record, "info");
    info = value_with(arena, info, "status", value_string(arena, status));
    info = value_with(arena, info, "description", value_string(arena, description));
    return record_decode(arena, value_with(arena, release->record, "info", info), out, err);
}
