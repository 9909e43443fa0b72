// SPDX-License-Identifier: Apache-2.0
#include "go/path.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *go_path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// The first character of a text that is not at its end.
static size_t first_rune(const char *p, uint32_t *rune) {
    return utf8_decode(p, strnlen(p, 4), rune);
}

// One member of a bracket: a rune, perhaps escaped. False for a bad pattern.
static bool bracket_rune(const char **pattern, uint32_t *out) {
    const char *p = *pattern;
    if (!*p || *p == '-' || *p == ']')
        return false;
    if (*p == '\\' && !*++p)
        return false;
    size_t len = first_rune(p, out);
    *pattern = p + len;
    return **pattern != '\0' && !utf8_is_broken(*out, len);
}

// A bracket after its '['. 1 match, 0 none, -1 bad; *pattern ends behind the ']'.
static int match_bracket(const char **pattern, uint32_t rune) {
    const char *p = *pattern;
    bool negated = *p == '^', matched = false;
    if (negated)
        p++;
    for (int ranges = 0;; ranges++) {
        if (*p == ']' && ranges > 0)
            break;
        uint32_t low, high;
        if (!bracket_rune(&p, &low))
            return -1;
        high = low;
        if (*p == '-') {
            p++;
            if (!bracket_rune(&p, &high))
                return -1;
        }
        if (low <= rune && rune <= high)
            matched = true;
    }
    *pattern = p + 1;
    return matched != negated;
}

// One pattern item that is no star against the front of the name.
static int match_item(const char **pattern, const char **name) {
    const char *p = *pattern;
    uint32_t rune = 0, wanted;
    size_t len = first_rune(*name, &rune);
    int result = len > 0;
    if (*p == '[') {
        p++;
        result = match_bracket(&p, rune);
        if (!len && result >= 0)
            result = 0;
    } else if (*p == '?') {
        p++;
        result = len && **name != '/';
    } else {
        if (*p == '\\' && !*++p)
            return -1;
        size_t item = first_rune(p, &wanted);
        result = len == item && memcmp(p, *name, item) == 0;
        p += item;
    }
    *pattern = p;
    *name += len;
    return result;
}

// Go looks at the whole pattern even when the name has failed already.
static int check_rest(const char *pattern) {
    while (*pattern) {
        const char *none = "";
        if (*pattern == '*')
            pattern++;
        else if (match_item(&pattern, &none) < 0)
            return -1;
    }
    return 0;
}

int go_path_match(const char *pattern, const char *name) {
    const char *star = NULL, *resume = NULL;
    for (;;) {
        if (*pattern == '*') {
            while (*pattern == '*')
                pattern++;
            star = pattern;
            resume = name;
            continue;
        }
        if (!*pattern && !*name)
            return 1;
        if (*pattern) {
            int result = match_item(&pattern, &name);
            if (result < 0)
                return -1;
            if (result)
                continue;
        }
        if (!star || !*resume || *resume == '/')
            return check_rest(pattern);
        uint32_t skipped;
        resume += first_rune(resume, &skipped);
        pattern = star;
        name = resume;
    }
}

const char *go_path_clean(struct arena *arena, const char *path) {
    bool rooted = *path == '/';
    char *out = arena_alloc(arena, strlen(path) + 2);
    size_t len = 0, keep = 0; // nothing before `keep` can be gone back over
    if (rooted)
        out[len++] = '/', keep = 1;
    for (const char *p = path; *p;) {
        size_t item = strcspn(p, "/");
        if (item == 2 && p[0] == '.' && p[1] == '.' && len > keep) {
            while (len > keep && out[--len] != '/')
                ;
        } else if (item == 2 && p[0] == '.' && p[1] == '.' && !rooted) {
            len += (size_t)sprintf(out + len, len ? "/.." : "..");
            keep = len;
        } else if (item && !(item == 1 && *p == '.') && !(item == 2 && p[0] == '.' && p[1] == '.')) {
            if (len > (size_t)rooted)
                out[len++] = '/';
            memcpy(out + len, p, item);
            len += item;
        }
        p += item;
        p += *p == '/';
    }
    out[len] = '\0';
    return len ? out : ".";
}
