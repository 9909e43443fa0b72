// SPDX-License-Identifier: Apache-2.0
// .helmignore: which files of a folder are no part of the chart.
#include "helm/private.h"

#include <ctype.h>
#include <string.h>

enum anchor { MATCH_BASE, MATCH_PATH };

struct ignore_rule {
    struct ignore_rule *next;
    const char *pattern;
    enum anchor anchor;
    bool negated, only_directories;
};

struct ignore_rules {
    struct ignore_rule *first, **tail;
};

struct ignore_rules *ignore_create(struct arena *arena) {
    struct ignore_rules *rules = arena_alloc(arena, sizeof *rules);
    rules->tail = &rules->first;
    return rules;
}

static const char *trimmed(struct arena *arena, const char *line, size_t len) {
    while (len && isspace((unsigned char)line[len - 1]))
        len--;
    while (len && isspace((unsigned char)*line))
        line++, len--;
    return arena_strndup(arena, line, len);
}

static bool add_rule(struct arena *arena, struct ignore_rules *rules, const char *line, size_t len,
                     struct err *err) {
    const char *text = trimmed(arena, line, len);
    if (!*text || *text == '#')
        return true;
    if (strstr(text, "**"))
        return err_set(err, ERR_INVALID, "double-star (**) syntax is not supported");
    if (go_path_match(text, "abc") < 0)
        return err_set(err, ERR_INVALID, "syntax error in pattern");
    struct ignore_rule *rule = arena_alloc(arena, sizeof *rule);
    rule->negated = *text == '!';
    char *pattern = arena_strdup(arena, text + rule->negated);
    size_t end = strlen(pattern);
    if (end && pattern[end - 1] == '/') {
        rule->only_directories = true;
        pattern[end - 1] = '\0';
    }
    rule->anchor = strchr(pattern, '/') ? MATCH_PATH : MATCH_BASE;
    rule->pattern = *pattern == '/' ? pattern + 1 : pattern;
    *rules->tail = rule;
    rules->tail = &rule->next;
    return true;
}

bool ignore_read(struct arena *arena, struct ignore_rules *rules, const char *text, size_t len,
                 struct err *err) {
    const char *line = text, *end = text + len;
    if (len >= 3 && !memcmp(line, "\xef\xbb\xbf", 3))
        line += 3;
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        if (!add_rule(arena, rules, line, (size_t)(stop - line), err))
            return false;
        line = stop + 1;
    }
    return true;
}

static bool rule_matches(const struct ignore_rule *rule, const char *path) {
    return go_path_match(rule->pattern, rule->anchor == MATCH_BASE ? go_path_base(path) : path) > 0;
}

bool ignore_matches(const struct ignore_rules *rules, const char *path, bool is_directory) {
    for (const struct ignore_rule *rule = rules->first; rule; rule = rule->next) {
        bool wrong_kind = rule->only_directories && !is_directory;
        if (rule->negated) { // Helm's quirk: what a negated rule does not match is ignored
            if (wrong_kind || !rule_matches(rule, path))
                return true;
        } else if (!wrong_kind && rule_matches(rule, path)) {
            return true;
        }
    }
    return false;
}
