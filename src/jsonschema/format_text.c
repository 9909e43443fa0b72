// SPDX-License-Identifier: Apache-2.0
// Pointers, UUIDs, versions and URIs.
#include "jsonschema/formats.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

const char *format_json_pointer(struct arena *arena, const char *text) {
    (void)arena;
    if (*text && *text != '/')
        return "not starting with /";
    for (const char *c = text; *c; c++)
        if (*c == '~' && c[1] != '0' && c[1] != '1')
            return "~ must be followed by 0 or 1";
    return NULL;
}

const char *format_relative_json_pointer(struct arena *arena, const char *text) {
    size_t digits = strspn(text, "0123456789");
    if (!digits)
        return "must start with non-negative integer";
    if (digits > 1 && *text == '0')
        return "starts with zero";
    return !strcmp(text + digits, "#") ? NULL : format_json_pointer(arena, text + digits);
}

const char *format_uuid(struct arena *arena, const char *text) {
    static const size_t lengths[] = {8, 4, 4, 4, 12};
    size_t dashes = 0;
    for (const char *c = text; *c; c++)
        dashes += *c == '-';
    if (dashes != 4)
        return "must have 5 elements";
    for (int i = 0; i < 5; i++) {
        size_t len = strcspn(text, "-");
        if (len != lengths[i])
            return arena_printf(arena, "element %d must be %zu characters long", i + 1, lengths[i]);
        for (size_t j = 0; j < len; j++)
            if (!isxdigit((unsigned char)text[j]))
                return arena_printf(arena, "non-hex character '%c'", text[j]);
        text += len + (i < 4);
    }
    return NULL;
}

// Dot-separated identifiers of letters, digits and hyphens.
static const char *identifiers(struct arena *arena, const char *text, size_t len, const char *what,
                               bool no_zeros) {
    for (const char *at = text, *end = text + len; at <= end; at++) {
        const char *dot = memchr(at, '.', (size_t)(end - at));
        size_t size = (size_t)((dot ? dot : end) - at);
        bool digits = true;
        if (!size)
            return arena_printf(arena, "%s identifier is empty", what);
        for (size_t i = 0; i < size; i++) {
            if (!isalnum((unsigned char)at[i]) && at[i] != '-')
                return arena_printf(arena, "invalid character '%c' in %s identifier", at[i], what);
            digits &= isdigit((unsigned char)at[i]) != 0;
        }
        if (no_zeros && digits && size > 1 && *at == '0')
            return arena_printf(arena, "%s numeric identifier starts with zero", what);
        at += size;
    }
    return NULL;
}

static const char *core_problem(struct arena *arena, const char *text) {
    static const char *const names[] = {"major", "minor", "patch"};
    size_t dots = 0;
    for (const char *c = text; *c; c++)
        dots += *c == '.';
    if (dots != 2)
        return "versionCore must have 3 numbers separated by dot";
    for (int i = 0; i < 3; i++) {
        size_t len = strcspn(text, ".");
        if (!len)
            return arena_printf(arena, "%s is empty", names[i]);
        if (len > 1 && *text == '0')
            return arena_printf(arena, "%s starts with zero", names[i]);
        if (strspn(text, "0123456789") < len)
            return arena_printf(arena, "%s contains non-digit", names[i]);
        text += len + (i < 2);
    }
    return NULL;
}

const char *format_semver(struct arena *arena, const char *text) {
    const char *problem = NULL, *plus = strchr(text, '+');
    if (plus) {
        problem = plus[1] ? identifiers(arena, plus + 1, strlen(plus + 1), "build", false) : "build is empty";
        text = arena_strndup(arena, text, (size_t)(plus - text));
    }
    const char *dash = strchr(text, '-');
    if (dash && !problem) {
        problem = identifiers(arena, dash + 1, strlen(dash + 1), "pre-release", true);
        text = arena_strndup(arena, text, (size_t)(dash - text));
    }
    return problem ? problem : core_problem(arena, text);
}

// What Go's net/url finds wrong with a text, of which only the usual cases are told apart.
static const char *url_problem(struct arena *arena, const char *text) {
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return arena_printf(arena, "parse \"%s\": net/url: invalid control character in URL", text);
    for (const char *c = strchr(text, '%'); c; c = strchr(c + 1, '%'))
        if (!isxdigit((unsigned char)c[1]) || !isxdigit((unsigned char)c[2]))
            return arena_printf(arena, "parse \"%s\": invalid URL escape \"%.3s\"", text, c);
    if (*text == ':')
        return arena_printf(arena, "parse \"%s\": missing protocol scheme", text);
    size_t first = strcspn(text, ":/?#");
    bool scheme = text[first] == ':' && isalpha((unsigned char)*text);
    for (size_t i = 0; scheme && i < first; i++)
        scheme = isalnum((unsigned char)text[i]) || strchr("+-.", text[i]);
    if (text[first] == ':' && !scheme)
        return arena_printf(arena, "parse \"%s\": first path segment in URL cannot contain colon", text);
    const char *authority = strstr(text, "//");
    size_t length = authority ? strcspn(authority + 2, "/?#") : 0;
    if (authority && memchr(authority + 2, ' ', length))
        return arena_printf(arena, "parse \"%s\": invalid character \" \" in host name", text);
    if (authority && memchr(authority + 2, '[', length) && !memchr(authority + 2, ']', length))
        return arena_printf(arena, "parse \"%s\": missing ']' in host", text);
    return NULL;
}

const char *format_uri_reference(struct arena *arena, const char *text) {
    return strchr(text, '\\') ? "contains \\" : url_problem(arena, text);
}

const char *format_uri(struct arena *arena, const char *text) {
    const char *problem = url_problem(arena, text);
    if (problem)
        return problem;
    return text[strcspn(text, ":/?#")] == ':' ? NULL : "relative url";
}

const char *format_uri_template(struct arena *arena, const char *text) {
    const char *problem = url_problem(arena, text);
    bool open = false;
    for (const char *c = text; !problem && *c; c++) {
        if (*c == '{' || *c == '}') {
            if (open == (*c == '{'))
                problem = "nested curly braces";
            open = *c == '{';
        } else if (*c == '/' && open) {
            problem = "no matching closing brace";
        }
    }
    return problem ? problem : open ? "no matching closing brace" : NULL;
}
