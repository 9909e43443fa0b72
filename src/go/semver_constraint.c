// SPDX-License-Identifier: Apache-2.0
#include "go/quote.h"
#include "go/semver.h"

#include <ctype.h>
#include <string.h>

enum op { OP_EQUAL, OP_NOT_EQUAL, OP_GREATER, OP_LESS, OP_GREATER_EQUAL, OP_LESS_EQUAL, OP_TILDE, OP_CARET };

struct term {
    enum op op;
    struct semver version;
    bool dirty;       // a part is missing or a wildcard
    bool minor_dirty; // …and it is the minor
    bool patch_dirty; // …and it is the patch
};

struct group {
    struct term *terms;
    size_t count;
    bool has_pre;
};

struct semver_constraint {
    struct group *groups;
    size_t count;
    enum semver_rule rule;
};

// Longest first, so that ">=" is not read as ">".
static const struct {
    const char *text;
    enum op op;
} ops[] = {
    {"!=", OP_NOT_EQUAL},  {">=", OP_GREATER_EQUAL}, {"=>", OP_GREATER_EQUAL}, {"<=", OP_LESS_EQUAL},
    {"=<", OP_LESS_EQUAL}, {"~>", OP_TILDE},         {"~", OP_TILDE},          {"^", OP_CARET},
    {">", OP_GREATER},     {"<", OP_LESS},           {"=", OP_EQUAL},          {"", OP_EQUAL},
};

static bool is_space(char c) {
    return c && strchr(" \t\n\f\r", c);
}

static const char *skip_space(const char *at) {
    while (is_space(*at))
        at++;
    return at;
}

// A version with wildcards, in its pieces; all point into the constraint's text.
struct span {
    const char *start;
    size_t len;
};
struct pattern {
    struct span whole, parts[3], pre;
};

// A part is made of digits, wildcards and (a quirk of the library's character class) bars.
static struct span scan_part(const char *at) {
    struct span part = {at, 0};
    part.len = strspn(at, "0123456789xX*|");
    return part;
}

static const char *scan_idents(const char *at, char lead) {
    const char *end = at + (*at == lead);
    if (end == at || !(isalnum((unsigned char)*end) || *end == '-'))
        return at;
    while (isalnum((unsigned char)*end) || *end == '-' ||
           (*end == '.' && (isalnum((unsigned char)end[1]) || end[1] == '-')))
        end++;
    return end;
}

// Reads the longest version pattern at `at`; false when there is none.
static bool scan_pattern(const char *at, struct pattern *out) {
    *out = (struct pattern){.whole = {at, 0}};
    at += *at == 'v';
    out->parts[0] = scan_part(at);
    if (!out->parts[0].len)
        return false;
    at += out->parts[0].len;
    for (size_t i = 1; i < 3 && *at == '.'; i++) {
        out->parts[i] = scan_part(at + 1);
        if (!out->parts[i].len)
            break;
        at += 1 + out->parts[i].len;
    }
    const char *end = scan_idents(at, '-');
    out->pre = (struct span){at, (size_t)(end - at)};
    end = scan_idents(end, '+');
    out->whole.len = (size_t)(end - out->whole.start);
    return true;
}

static bool is_open(struct span part) {
    return part.len == 0 || (part.len == 1 && strchr("xX*", part.start[0]));
}

static bool make_term(struct arena *arena, const struct pattern *p, struct term *out, struct err *err) {
    int pre = (int)p->pre.len, major = (int)p->parts[0].len, minor = (int)p->parts[1].len;
    const char *text = arena_strndup(arena, p->whole.start, p->whole.len);
    if (is_open(p->parts[0])) {
        text = arena_printf(arena, "0.0.0%.*s", pre, p->pre.start);
        out->dirty = true;
    } else if (is_open(p->parts[1])) {
        text = arena_printf(arena, "%.*s.0.0%.*s", major, p->parts[0].start, pre, p->pre.start);
        out->dirty = out->minor_dirty = true;
    } else if (is_open(p->parts[2])) {
        text = arena_printf(arena, "%.*s.%.*s.0%.*s", major, p->parts[0].start, minor, p->parts[1].start, pre,
                            p->pre.start);
        out->dirty = out->patch_dirty = true;
    }
    if (semver_parse_long(arena, text, &out->version, err))
        return true;
    return err_set(err, ERR_INVALID, "constraint parser error");
}

// `op version` at `*at`, with the space around it.
static bool scan_term(const char **at, enum op *op, struct pattern *pattern) {
    const char *start = skip_space(*at);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        size_t len = strlen(ops[i].text);
        if (strncmp(start, ops[i].text, len) || !scan_pattern(skip_space(start + len), pattern))
            continue;
        *op = ops[i].op;
        *at = pattern->whole.start + pattern->whole.len;
        return true;
    }
    return false;
}

static bool improper(const char *text, bool plain, struct err *err) {
    if (plain)
        return err_set(err, ERR_INVALID, "improper constraint: %s", text);
    struct buf quoted;
    buf_init(&quoted, err->arena);
    quote_text(&quoted, text, strlen(text));
    return err_set(err, ERR_INVALID, "improper constraint: %s", buf_text(&quoted));
}

// Comparators joined by space or comma: all must hold. The whole group is scanned before any
// version in it is read, so a bad shape is reported before a bad version.
static bool parse_group(struct arena *arena, const char *text, bool plain, struct group *out,
                        struct err *err) {
    size_t room = strlen(text) / 2 + 1;
    struct pattern *patterns = arena_array(arena, room, sizeof *patterns);
    *out = (struct group){.terms = arena_array(arena, room, sizeof *out->terms)};
    for (const char *at = text;;) {
        if (out->count == room || !scan_term(&at, &out->terms[out->count].op, &patterns[out->count]))
            return improper(text, plain, err);
        out->count++;
        const char *next = skip_space(at);
        if (!*next)
            break;
        if (*next != ',' && next == at)
            return improper(text, plain, err);
        at = next + (*next == ',');
    }
    for (size_t i = 0; i < out->count; i++) {
        if (!make_term(arena, &patterns[i], &out->terms[i], err))
            return false;
        out->has_pre |= *out->terms[i].version.pre != 0;
    }
    return true;
}

// The first `A - B` at or after `*at`; the match runs to `*end` and includes the space around.
static bool find_range(const char *text, const char **start, const char **end, struct pattern *from,
                       struct pattern *to) {
    for (const char *at = text; *at; at++) {
        if (!scan_pattern(skip_space(at), from))
            continue;
        const char *dash = skip_space(from->whole.start + from->whole.len);
        if (dash == from->whole.start + from->whole.len || *dash != '-' || !is_space(dash[1]) ||
            !scan_pattern(skip_space(dash + 1), to))
            continue;
        *start = at;
        *end = skip_space(to->whole.start + to->whole.len);
        return true;
    }
    return false;
}

// Ranges become two comparators. As the library does, each found text is replaced where it
// first occurs in what earlier replacements left.
static const char *rewrite_ranges(struct arena *arena, const char *text) {
    const char *out = text, *at = text, *start, *end;
    struct pattern from, to;
    while (find_range(at, &start, &end, &from, &to)) {
        const char *found = strstr(out, arena_strndup(arena, start, (size_t)(end - start)));
        if (found)
            out = arena_printf(arena, "%.*s>= %.*s, <= %.*s %s", (int)(found - out), out, (int)from.whole.len,
                               from.whole.start, (int)to.whole.len, to.whole.start, found + (end - start));
        at = end;
    }
    return out;
}

static size_t count_groups(const char *text) {
    size_t count = 1;
    for (const char *at = text; (at = strstr(at, "||")); at += 2)
        count++;
    return count;
}

const struct semver_constraint *semver_constraint_parse(struct arena *arena, const char *text,
                                                        enum semver_rule rule, struct err *err) {
    bool old = rule == SEMVER_OF_HELM_3_20;
    int longest = old ? SEMVER_LONG_CONSTRAINT : SEMVER_MAX_CONSTRAINT_LEN;
    if (strlen(text) > (size_t)longest) {
        err_set(err, ERR_INVALID, "constraint string is too long (max %d bytes)", longest);
        return NULL;
    }
    text = rewrite_ranges(arena, text);
    size_t count = count_groups(text);
    if (count > SEMVER_MAX_GROUPS && !old) {
        err_set(err, ERR_INVALID, "too many constraint groups (max %d)", SEMVER_MAX_GROUPS);
        return NULL;
    }
    struct semver_constraint *c = arena_alloc(arena, sizeof *c);
    *c = (struct semver_constraint){arena_array(arena, count, sizeof *c->groups), count, rule};
    for (size_t i = 0; i < count; i++) {
        const char *end = strstr(text, "||");
        size_t len = end ? (size_t)(end - text) : strlen(text);
        if (!parse_group(arena, arena_strndup(arena, text, len), old, &c->groups[i], err))
            return NULL;
        text += len + 2 * (end != NULL);
    }
    return c;
}

static bool not_equal(const struct term *t, const struct semver *v) {
    const struct semver *c = &t->version;
    if (!t->dirty)
        return semver_compare(v, c) != 0;
    if (c->major != v->major)
        return true;
    if (t->minor_dirty)
        return false;
    if (c->minor != v->minor)
        return true;
    if (t->patch_dirty)
        return strcmp(v->pre, c->pre) != 0;
    return c->patch != v->patch || semver_compare(v, c) != 0;
}

static bool greater(const struct term *t, const struct semver *v) {
    const struct semver *c = &t->version;
    if (!t->dirty)
        return semver_compare(v, c) > 0;
    if (v->major != c->major)
        return v->major > c->major;
    if (t->minor_dirty)
        return false;
    if (t->patch_dirty)
        return v->minor > c->minor;
    return semver_compare(v, c) > 0;
}

static bool less_equal(const struct term *t, const struct semver *v) {
    const struct semver *c = &t->version;
    if (!t->dirty)
        return semver_compare(v, c) <= 0;
    return v->major < c->major || (v->major == c->major && (v->minor <= c->minor || t->minor_dirty));
}

static bool tilde(const struct term *t, const struct semver *v) {
    const struct semver *c = &t->version;
    if (semver_compare(v, c) < 0)
        return false;
    if (!c->major && !c->minor && !c->patch && !t->minor_dirty && !t->patch_dirty)
        return true; // ~0.0.0 and * take everything
    return v->major == c->major && (v->minor == c->minor || t->minor_dirty);
}

static bool caret(const struct term *t, const struct semver *v) {
    const struct semver *c = &t->version;
    if (semver_compare(v, c) < 0)
        return false;
    if (c->major > 0 || t->minor_dirty)
        return v->major == c->major;
    if (v->major > 0)
        return false;
    if (c->minor > 0 || t->patch_dirty)
        return v->minor == c->minor;
    return v->minor == 0 && v->patch == c->patch;
}

static bool term_holds(const struct term *t, const struct semver *v) {
    switch (t->op) {
    case OP_EQUAL: return t->dirty ? tilde(t, v) : semver_compare(v, &t->version) == 0;
    case OP_NOT_EQUAL: return not_equal(t, v);
    case OP_GREATER: return greater(t, v);
    case OP_LESS: return semver_compare(v, &t->version) < 0;
    case OP_GREATER_EQUAL: return semver_compare(v, &t->version) >= 0;
    case OP_LESS_EQUAL: return less_equal(t, v);
    case OP_TILDE: return tilde(t, v);
    case OP_CARET: return caret(t, v);
    }
    return false;
}

// Whether the pre-release version `v` may match the term at all.
static bool admits(const struct semver_constraint *c, const struct group *g, const struct term *t) {
    if (c->rule != SEMVER_PRE_BY_TERM)
        return g->has_pre;
    return *t->version.pre || (t->op == OP_NOT_EQUAL && !t->dirty);
}

bool semver_constraint_check(const struct semver_constraint *constraint, const struct semver *version) {
    for (size_t i = 0; i < constraint->count; i++) {
        const struct group *g = &constraint->groups[i];
        size_t held = 0;
        while (held < g->count && (!*version->pre || admits(constraint, g, &g->terms[held])) &&
               term_holds(&g->terms[held], version))
            held++;
        if (held == g->count)
            return true;
    }
    return false;
}

bool semver_satisfies(struct arena *arena, const char *constraint, const char *version, bool *out,
                      struct err *err) {
    struct semver parsed;
    const struct semver_constraint *wanted =
        semver_constraint_parse(arena, constraint, SEMVER_PRE_BY_GROUP, err);
    if (!wanted || !semver_parse(arena, version, &parsed, err))
        return false;
    *out = semver_constraint_check(wanted, &parsed);
    return true;
}
