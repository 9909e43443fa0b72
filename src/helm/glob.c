// SPDX-License-Identifier: Apache-2.0
// A pattern becomes a small automaton whose states are walked side by side, so
// that no pattern takes exponential time.
#include "helm/glob.h"

#include <stdint.h>
#include <string.h>

#define MAX_STATES 4096
#define MAX_BRACES 64

enum state_kind { STATE_CHAR, STATE_ANY, STATE_SET, STATE_STAR, STATE_SUPER, STATE_SPLIT, STATE_MATCH };

struct state {
    enum state_kind kind;
    bool negated;
    unsigned char c;
    const char *set; // members of [abc]
    unsigned char low, high;
    int next, other; // other: of a split
};

struct glob {
    struct arena *arena;
    struct state *states;
    int count, cap;
    int start;
};

// Loose ends of a piece all lead to one state, made when the piece is closed.
struct compiling {
    struct glob *glob;
    const char *at;
    int braces;
    bool bad;
};

static int add_state(struct compiling *c, struct state state) {
    if (c->glob->count >= c->glob->cap) {
        c->bad = true;
        return 0;
    }
    c->glob->states[c->glob->count] = state;
    return c->glob->count++;
}

static int compile_sequence(struct compiling *c, int next, const char *stops);

static int compile_set(struct compiling *c, int next) {
    struct state state = {.kind = STATE_SET, .next = next};
    const char *p = c->at;
    if (*p == '!') {
        state.negated = true;
        p++;
    }
    size_t len = strcspn(p, "]");
    if (!p[len] || !len) {
        c->bad = true;
        return 0;
    }
    if (len == 3 && p[1] == '-') {
        state.low = (unsigned char)p[0];
        state.high = (unsigned char)p[2];
        c->bad |= state.low > state.high;
    } else {
        state.set = arena_strndup(c->glob->arena, p, len);
    }
    c->at = p + len + 1;
    return add_state(c, state);
}

// The end of an alternative: the ',' or '}' at this level.
static const char *alternative_end(const char *p) {
    int depth = 0;
    for (; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '{')
            depth++;
        else if (*p == '}' && !depth--)
            return p;
        else if (*p == ',' && !depth)
            return p;
    }
    return NULL;
}

static int compile_braces(struct compiling *c, int next) {
    int start = -1;
    if (++c->braces > MAX_BRACES) {
        c->bad = true;
        return 0;
    }
    for (;;) {
        const char *end = alternative_end(c->at);
        if (!end) {
            c->bad = true;
            return 0;
        }
        struct compiling inner = {.glob = c->glob, .braces = c->braces};
        inner.at = arena_strndup(c->glob->arena, c->at, (size_t)(end - c->at));
        int alternative = compile_sequence(&inner, next, "");
        c->bad |= inner.bad;
        c->braces = inner.braces;
        start = start < 0
                    ? alternative
                    : add_state(c, (struct state){.kind = STATE_SPLIT, .next = start, .other = alternative});
        c->at = end + 1;
        if (*end == '}' || c->bad)
            return start;
    }
}

// Where the item that starts at `p` ends.
static const char *item_end(const char *p) {
    if (*p == '\\' && p[1])
        return p + 2;
    if (*p == '*')
        return p + (p[1] == '*' ? 2 : 1);
    if (*p == '[') {
        const char *end = strchr(p, ']');
        return end ? end + 1 : p + strlen(p);
    }
    if (*p != '{')
        return p + 1;
    for (p++;;) {
        const char *end = alternative_end(p);
        if (!end)
            return p + strlen(p);
        if (*end == '}')
            return end + 1;
        p = end + 1;
    }
}

static int compile_item(struct compiling *c, const char *item, int next) {
    c->at = item + 1;
    switch (*item) {
    case '*':
        return add_state(c, (struct state){.kind = item[1] == '*' ? STATE_SUPER : STATE_STAR, .next = next});
    case '?': return add_state(c, (struct state){.kind = STATE_ANY, .next = next});
    case '[': return compile_set(c, next);
    case '{': return compile_braces(c, next);
    case '\\':
        item += item[1] != '\0';
        /* fall through */
    default: return add_state(c, (struct state){.kind = STATE_CHAR, .c = (unsigned char)*item, .next = next});
    }
}

// Items are made from the last to the first, as each must know what follows.
static int compile_sequence(struct compiling *c, int next, const char *stops) {
    const char *text = c->at;
    size_t count = 0, len = strlen(text);
    const char **items = arena_array(c->glob->arena, len + 1, sizeof *items);
    for (const char *p = text; *p && !strchr(stops, *p); p = item_end(p))
        items[count++] = p;
    while (count && !c->bad)
        next = compile_item(c, items[--count], next);
    return next;
}

struct glob *glob_compile(struct arena *arena, const char *pattern) {
    struct glob *glob = arena_alloc(arena, sizeof *glob);
    size_t most = strlen(pattern) * 2 + 2;
    glob->arena = arena;
    glob->cap = most < MAX_STATES ? (int)most : MAX_STATES;
    glob->states = arena_array(arena, (size_t)glob->cap, sizeof *glob->states);
    struct compiling c = {.glob = glob, .at = pattern};
    int match = add_state(&c, (struct state){.kind = STATE_MATCH});
    glob->start = compile_sequence(&c, match, "");
    return c.bad ? NULL : glob;
}

struct states {
    int *items;
    int count;
    bool *seen;
};

static void reach(const struct glob *glob, struct states *set, int index) {
    while (!set->seen[index]) {
        const struct state *state = &glob->states[index];
        set->seen[index] = true;
        if (state->kind == STATE_SPLIT) {
            reach(glob, set, state->other);
            index = state->next;
            continue;
        }
        set->items[set->count++] = index;
        if (state->kind != STATE_STAR && state->kind != STATE_SUPER)
            return;
        index = state->next; // a star may stand for nothing
    }
}

static bool takes(const struct state *state, unsigned char c) {
    switch (state->kind) {
    case STATE_CHAR: return state->c == c;
    case STATE_ANY:
    case STATE_STAR: return c != '/';
    case STATE_SUPER: return true;
    case STATE_SET:
        return (state->set ? strchr(state->set, c) != NULL : c >= state->low && c <= state->high) !=
               state->negated;
    default: return false;
    }
}

bool glob_match(const struct glob *glob, const char *name) {
    SCRATCH_ARENA(scratch);
    size_t count = (size_t)glob->count;
    struct states now = {arena_array(scratch, count, sizeof(int)), 0, arena_array(scratch, count, 1)};
    struct states then = {arena_array(scratch, count, sizeof(int)), 0, arena_array(scratch, count, 1)};
    reach(glob, &now, glob->start);
    for (const char *p = name; *p && now.count; p++) {
        then.count = 0;
        memset(then.seen, 0, count);
        for (int i = 0; i < now.count; i++) {
            const struct state *state = &glob->states[now.items[i]];
            if (takes(state, (unsigned char)*p))
                reach(glob, &then,
                      state->kind == STATE_STAR || state->kind == STATE_SUPER ? now.items[i] : state->next);
        }
        struct states swap = now;
        now = then;
        then = swap;
    }
    for (int i = 0; i < now.count; i++)
        if (glob->states[now.items[i]].kind == STATE_MATCH)
            return true;
    return false;
}
