// SPDX-License-Identifier: Apache-2.0
// Addresses and names of hosts and mailboxes.
#include "jsonschema/formats.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

const char *format_ipv4(struct arena *arena, const char *text) {
    size_t dots = 0;
    for (const char *c = text; *c; c++)
        dots += *c == '.';
    if (dots != 3)
        return "expected four decimals";
    for (const char *at = text; at; at = strchr(at, '.') ? strchr(at, '.') + 1 : NULL) {
        size_t len = strcspn(at, "."), digits = strspn(at, "0123456789");
        if (len > 1 && *at == '0')
            return "leading zeros";
        if (!len || digits < len)
            return arena_printf(arena, "strconv.Atoi: parsing \"%.*s\": invalid syntax", (int)len, at);
        if (len > 3 || (len == 3 && strncmp(at, "255", 3) > 0))
            return "decimal must be between 0 and 255";
    }
    return NULL;
}

const char *format_ipv6(struct arena *arena, const char *text) {
    unsigned char bytes[16];
    if (!strchr(text, ':'))
        return "missing colon";
    const char *zone = strchr(text, '%');
    const char *address = zone ? arena_strndup(arena, text, (size_t)(zone - text)) : text;
    if (inet_pton(AF_INET6, address, bytes) != 1)
        return arena_printf(arena, "ParseAddr(\"%s\"): unable to parse IP", text);
    return zone ? "zone id is not a part of ipv6 address" : NULL;
}

static const char *label_problem(struct arena *arena, const char *label, size_t len) {
    if (len < 1 || len > 63)
        return "label must be 1 to 63 characters long";
    if (label[0] == '-')
        return "label starts with hyphen";
    if (label[len - 1] == '-')
        return "label ends with hyphen";
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)label[i]) && label[i] != '-')
            return arena_printf(arena, "invalid character '%.*s'", (unsigned char)label[i] < 0x80 ? 1 : 2,
                                label + i);
    return NULL;
}

const char *format_hostname(struct arena *arena, const char *text) {
    size_t len = strlen(text);
    if (len && text[len - 1] == '.')
        text = arena_strndup(arena, text, --len);
    if (len > 253)
        return "more than 253 characters long";
    for (const char *at = text;; at++) {
        size_t label = strcspn(at, ".");
        const char *problem = label_problem(arena, at, label);
        if (problem)
            return problem;
        at += label;
        if (!*at)
            return NULL;
    }
}

static const char *local_problem(struct arena *arena, const char *local, size_t len) {
    if (len > 64)
        return "local part more than 64 characters long";
    if (len > 1 && local[0] == '"') {
        bool bad = memchr(local + 1, '\\', len - 2) || memchr(local + 1, '"', len - 2);
        return bad ? "backslash and quote are not allowed within quoted local part" : NULL;
    }
    if (len && local[0] == '.')
        return "starts with dot";
    if (len && local[len - 1] == '.')
        return "ends with dot";
    for (size_t i = 0; i + 1 < len; i++)
        if (local[i] == '.' && local[i + 1] == '.')
            return "consecutive dots";
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)local[i]) && !strchr(".!#$%&'*+-/=?^_`{|}~", local[i]))
            return arena_printf(arena, "invalid character '%c'", local[i]);
    return NULL;
}

static const char *domain_problem(struct arena *arena, const char *domain) {
    size_t len = strlen(domain);
    const char *problem;
    if (len < 2 || domain[0] != '[' || domain[len - 1] != ']') {
        problem = format_hostname(arena, domain);
        return problem ? arena_printf(arena, "invalid domain: %s", problem) : NULL;
    }
    const char *address = arena_strndup(arena, domain + 1, len - 2);
    bool six = !strncmp(address, "IPv6:", 5);
    problem = six ? format_ipv6(arena, address + 5) : format_ipv4(arena, address);
    return problem ? arena_printf(arena, "invalid ipv%d address: %s", six ? 6 : 4, problem) : NULL;
}

const char *format_email(struct arena *arena, const char *text) {
    if (strlen(text) > 254)
        return "more than 255 characters long";
    const char *at = strrchr(text, '@');
    if (!at)
        return "missing @";
    const char *problem = local_problem(arena, text, (size_t)(at - text));
    return problem ? problem : domain_problem(arena, at + 1);
}
