// SPDX-License-Identifier: Apache-2.0
// Pointers, UUIDs, versions and URIs.
#include "base/percent.h"
#include "go/url.h"
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

// ---- URIs ----

// What is wrong with a text as a URL, in the words of Go and of Helm's validator.
static const char *url_problem(struct arena *arena, const char *text, struct go_url *url) {
    struct err err = err_in(arena);
    if (!go_url_parse(arena, text, strlen(text), url, &err))
        return err.msg;
    const char *host = go_url_hostname(arena, url), *problem = NULL;
    if (!strchr(host, ':'))
        return NULL;
    if (!strchr(url->host, '[') || !strchr(url->host, ']'))
        return "ipv6 address not enclosed in brackets";
    problem = format_ipv6(arena, host);
    return problem ? arena_printf(arena, "invalid ipv6 address: %s", problem) : NULL;
}

const char *format_uri_reference(struct arena *arena, const char *text) {
    struct go_url url;
    return strchr(text, '\\') ? "contains \\" : url_problem(arena, text, &url);
}

const char *format_uri(struct arena *arena, const char *text) {
    struct go_url url;
    const char *problem = url_problem(arena, text, &url);
    return problem ? problem : *url.scheme ? NULL : "relative url";
}

// Braces within each element of a path; a path that needs no escapes has none.
const char *format_uri_template(struct arena *arena, const char *text) {
    struct go_url url;
    const char *problem = url_problem(arena, text, &url);
    bool open = false;
    for (const char *c = problem || !url.raw_path ? "" : url.raw_path; *c && !problem; c++) {
        bool escaped = *c == '%'; // read already, so it is a whole escape
        int byte = escaped ? percent_byte(c) : *c;
        c += escaped ? 2 : 0;
        if (byte == '/' && !escaped && open)
            problem = "no matching closing brace";
        else if ((byte == '{' && open) || (byte == '}' && !open))
            problem = "nested curly braces";
        else if (byte == '{' || byte == '}')
            open = byte == '{';
    }
    return problem ? problem : open ? "no matching closing brace" : NULL;
}
