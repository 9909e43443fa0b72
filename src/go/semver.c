// SPDX-License-Identifier: Apache-2.0
#include "go/semver.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_ident(char c) {
    return isalnum((unsigned char)c) || c == '-';
}

// Consumes one digit run; an empty one is a failure.
static bool eat_digits(const char **at, const char **start, size_t *len) {
    *start = *at;
    while (isdigit((unsigned char)**at))
        (*at)++;
    *len = (size_t)(*at - *start);
    return *len > 0;
}

// Consumes dot-separated identifiers after `lead`, if they are there.
static const char *eat_idents(struct arena *arena, const char **at, char lead) {
    if (**at != lead || !is_ident((*at)[1]))
        return "";
    const char *start = *at + 1, *end = start;
    for (;;) {
        while (is_ident(*end))
            end++;
        if (*end != '.' || !is_ident(end[1]))
            break;
        end++;
    }
    *at = end;
    return arena_strndup(arena, start, (size_t)(end - start));
}

static bool read_number(const char *start, size_t len, const char *context, uint64_t *out, struct err *err) {
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (__builtin_mul_overflow(n, 10u, &n) || __builtin_add_overflow(n, (uint64_t)(start[i] - '0'), &n))
            return err_set(err, ERR_INVALID, "%sstrconv.ParseUint: parsing \"%.*s\": value out of range",
                           context, (int)len, start);
    }
    *out = n;
    return true;
}

// A pre-release identifier that is a number may not have leading zeros.
static bool check_pre(const char *pre, struct err *err) {
    for (const char *part = pre; *part;) {
        size_t len = strcspn(part, ".");
        if (len > 1 && part[0] == '0' && strspn(part, "0123456789") >= len)
            return err_set(err, ERR_INVALID, "version segment starts with 0");
        part += len + (part[len] == '.');
    }
    return true;
}

bool semver_parse(struct arena *arena, const char *text, struct semver *out, struct err *err) {
    if (strlen(text) > SEMVER_MAX_LEN)
        return err_set(err, ERR_INVALID, "version string is too long (max %d bytes)", SEMVER_MAX_LEN);
    return semver_parse_long(arena, text, out, err);
}

bool semver_parse_long(struct arena *arena, const char *text, struct semver *out, struct err *err) {
    struct semver v = {.pre = "", .metadata = "", .original = arena_strdup(arena, text)};
    uint64_t *const numbers[] = {&v.major, &v.minor, &v.patch};
    const char *starts[3], *at = v.original + (text[0] == 'v');
    size_t lens[3] = {0}, count = 0;
    if (!eat_digits(&at, &starts[count], &lens[count]))
        return err_set(err, ERR_INVALID, "invalid semantic version");
    for (count = 1; count < 3 && at[0] == '.' && isdigit((unsigned char)at[1]); count++) {
        at++;
        eat_digits(&at, &starts[count], &lens[count]);
    }
    v.pre = eat_idents(arena, &at, '-');
    v.metadata = eat_idents(arena, &at, '+');
    if (*at)
        return err_set(err, ERR_INVALID, "invalid semantic version");
    for (size_t i = 0; i < count; i++) {
        if (!read_number(starts[i], lens[i], "error parsing version segment: ", numbers[i], err))
            return false;
    }
    *out = v;
    return check_pre(v.pre, err);
}

// Every identifier between dots must be there and hold identifier bytes only.
static bool check_idents(const char *text, const char *message, struct err *err) {
    for (const char *part = text;; part++) {
        const char *start = part;
        while (is_ident(*part))
            part++;
        if (part == start || (*part && *part != '.'))
            return err_set(err, ERR_INVALID, "%s", message);
        if (!*part)
            return true;
    }
}

static bool strict_numbers(char *parts[3], struct semver *v, struct err *err) {
    uint64_t *const numbers[] = {&v->major, &v->minor, &v->patch};
    for (size_t i = 0; i < 3; i++) {
        if (parts[i][strspn(parts[i], "0123456789")])
            return err_set(err, ERR_INVALID, "invalid characters in version");
        if (parts[i][0] == '0' && parts[i][1])
            return err_set(err, ERR_INVALID, "version segment starts with 0");
    }
    for (size_t i = 0; i < 3; i++) {
        if (!*parts[i])
            return err_set(err, ERR_INVALID, "strconv.ParseUint: parsing \"\": invalid syntax");
        if (!read_number(parts[i], strlen(parts[i]), "", numbers[i], err))
            return false;
    }
    return true;
}

// Cuts the text at the first `c`; what follows it, or NULL.
static char *cut(char *text, char c) {
    char *at = strchr(text, c);
    if (at)
        *at++ = 0;
    return at;
}

bool semver_parse_strict(struct arena *arena, const char *text, struct semver *out, struct err *err) {
    if (strlen(text) > SEMVER_MAX_LEN)
        return err_set(err, ERR_INVALID, "version string is too long (max %d bytes)", SEMVER_MAX_LEN);
    if (!*text)
        return err_set(err, ERR_INVALID, "version string empty");
    struct semver v = {.pre = "", .metadata = "", .original = arena_strdup(arena, text)};
    char *parts[3] = {arena_strdup(arena, text)};
    for (size_t i = 1; i < 3; i++) {
        parts[i] = cut(parts[i - 1], '.');
        if (!parts[i])
            return err_set(err, ERR_INVALID, "invalid semantic version");
    }
    char *metadata = cut(parts[2], '+'), *pre = cut(parts[2], '-');
    if (metadata && !check_idents(metadata, "invalid metadata string", err))
        return false;
    if (pre && !(check_idents(pre, "invalid prerelease string", err) && check_pre(pre, err)))
        return false;
    v.metadata = metadata ? metadata : "";
    v.pre = pre ? pre : "";
    *out = v;
    return strict_numbers(parts, out, err);
}

static int compare_number(uint64_t a, uint64_t b) {
    return a < b ? -1 : a > b;
}

static bool as_number(const char *text, size_t len, uint64_t *out) {
    char copy[24];
    if (!len || len >= sizeof copy || strspn(text, "0123456789") < len)
        return false;
    memcpy(copy, text, len);
    copy[len] = 0;
    errno = 0;
    *out = strtoull(copy, NULL, 10);
    return errno == 0;
}

// One identifier of a pre-release: none < number < word; a number too big for 64 bits is a word.
static int compare_ident(const char *a, size_t alen, const char *b, size_t blen) {
    uint64_t x = 0, y = 0;
    if (!alen || !blen)
        return (alen > 0) - (blen > 0);
    bool a_number = as_number(a, alen, &x), b_number = as_number(b, blen, &y);
    if (a_number && b_number)
        return compare_number(x, y);
    if (a_number != b_number)
        return a_number ? -1 : 1;
    int order = memcmp(a, b, alen < blen ? alen : blen);
    return order ? (order > 0) - (order < 0) : (alen > blen) - (alen < blen);
}

static int compare_pre(const char *a, const char *b) {
    while (*a || *b) {
        size_t alen = strcspn(a, "."), blen = strcspn(b, ".");
        int order = compare_ident(a, alen, b, blen);
        if (order)
            return order;
        a += alen + (a[alen] == '.');
        b += blen + (b[blen] == '.');
    }
    return 0;
}

int semver_compare(const struct semver *a, const struct semver *b) {
    int order = compare_number(a->major, b->major);
    if (!order)
        order = compare_number(a->minor, b->minor);
    if (!order)
        order = compare_number(a->patch, b->patch);
    if (order)
        return order;
    if (!*a->pre || !*b->pre)
        return (*b->pre != 0) - (*a->pre != 0);
    return compare_pre(a->pre, b->pre);
}

const char *semver_text(struct arena *arena, const struct semver *version) {
    return arena_printf(arena, "%llu.%llu.%llu%s%s%s%s", (unsigned long long)version->major,
                        (unsigned long long)version->minor, (unsigned long long)version->patch,
                        *version->pre ? "-" : "", version->pre, *version->metadata ? "+" : "",
                        version->metadata);
}
