// SPDX-License-Identifier: Apache-2.0
#include "go/duration.h"
#include "schema/private.h"

bool schema_duration(const char *text, int64_t *ms) {
    SCRATCH_ARENA(scratch);
    struct err unread = err_in(scratch);
    int64_t nanoseconds;
    if (*text == '-' || *text == '+' || !duration_parse(text, strlen(text), &nanoseconds, &unread))
        return false;
    *ms = nanoseconds / 1000000 + (nanoseconds % 1000000 >= 500000);
    return true;
}

// What was found, as text for a message: nothing of a sensitive value.
static const char *found(struct arena *arena, const struct schema_attr *attr, struct value value) {
    const char *text = value_get_string(value_untyped(value));
    if (attr->flags & (SCHEMA_SENSITIVE | SCHEMA_WRITE_ONLY))
        return "found another value (not shown, it is sensitive)";
    return text ? arena_printf(arena, "found \"%s\"", text)
                : arena_printf(arena, "found a %s", value_kind_name(value));
}

bool schema_check_duration(const struct schema_attr *attr, struct value value, const char *path,
                           struct err *err) {
    int64_t ms = 0;
    const char *text = value_get_string(value);
    if (text && schema_duration(text, &ms) && ms > 0)
        return true;
    return err_at(err, path,
                  "%s must be a positive duration of hours, minutes and seconds; %s. "
                  "Write it like \"90s\", \"10m\" or \"1h30m\".",
                  path, found(err->arena, attr, value));
}

bool schema_check_not_empty(const struct schema_attr *attr, struct value value, const char *path,
                            struct err *err) {
    (void)attr;
    if (value_kind(value) != VALUE_STRING || value_len(value))
        return true;
    return err_at(err, path, "%s must not be empty; found \"\". Give a value, or leave it out.", path);
}

bool schema_check_url(const struct schema_attr *attr, struct value value, const char *path, struct err *err) {
    const char *text = value_text_or(value, "");
    size_t scheme = !strncmp(text, "https://", 8) ? 8 : !strncmp(text, "http://", 7) ? 7 : 0;
    if (scheme && text[scheme] && !strchr("/:?#", text[scheme]) && !strpbrk(text, " \t\r\n"))
        return true;
    return err_at(err, path,
                  "%s must be a URL with http:// or https:// and a host; %s. "
                  "Write it like \"https://example.com\".",
                  path, found(err->arena, attr, value));
}

// RFC 1123: lower case letters, digits and '-' inside; labels of at most 63, separated by dots.
static size_t label_length(const char *text) {
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return !len || len > 63 || text[0] == '-' || text[len - 1] == '-' ? 0 : len;
}

bool schema_check_dns_label(const struct schema_attr *attr, struct value value, const char *path,
                            struct err *err) {
    const char *text = value_text_or(value, "");
    if (*text && label_length(text) == strlen(text))
        return true;
    return err_at(err, path,
                  "%s must be a DNS label: 1 to 63 lower case letters, digits or '-', "
                  "starting and ending with a letter or digit; %s.",
                  path, found(err->arena, attr, value));
}

bool schema_check_dns_name(const struct schema_attr *attr, struct value value, const char *path,
                           struct err *err) {
    const char *text = value_text_or(value, "");
    bool good = *text && strlen(text) <= 253;
    while (good) {
        size_t len = label_length(text);
        if (len && !text[len])
            return true;
        good = len && text[len] == '.';
        text += len + 1;
    }
    return err_at(err, path,
                  "%s must be a DNS name: at most 253 lower case letters, digits, '-' or '.', "
                  "each part starting and ending with a letter or digit; %s.",
                  path, found(err->arena, attr, value));
}
