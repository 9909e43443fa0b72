// SPDX-License-Identifier: Apache-2.0
// Where schemas lie: documents, ids, anchors and what references lead to.
#include "base/buf.h"
#include "base/percent.h"
#include "go/url.h"
#include "jsonschema/private.h"

#include <stdlib.h>
#include <string.h>

void js_broken(struct js_run *run, const char *format, ...) {
    if (run->broken)
        return; // the first reason is the one to tell
    va_list args;
    va_start(args, format);
    err_set(run->err, ERR_INVALID, "%s", arena_vprintf(run->arena, format, args));
    va_end(args);
    run->broken = true;
}

bool js_same(struct value a, struct value b) {
    return value_entry_at(a, 0) && value_entry_at(a, 0) == value_entry_at(b, 0);
}

static const char *string_member(struct value map, const char *key) {
    struct value v = value_get(map, key);
    return value_kind(v) == VALUE_STRING ? value_get_string(v) : NULL;
}

static const char *id_keyword(int draft) {
    return draft == 4 ? "id" : "$id";
}

// Beside a $ref nothing counts before 2019-09. "" when there is none.
static const char *own_id(struct js_run *run, struct value schema, int draft) {
    const char *id =
        draft < 2019 && value_has(schema, "$ref") ? NULL : string_member(schema, id_keyword(draft));
    return id ? arena_strndup(run->arena, id, strcspn(id, "#")) : "";
}

static int known_draft(const char *url) {
    static const struct {
        const char *url;
        int draft;
    } DRAFTS[] = {
        {"json-schema.org/schema", 2020},
        {"json-schema.org/draft/2020-12/schema", 2020},
        {"json-schema.org/draft/2019-09/schema", 2019},
        {"json-schema.org/draft-07/schema", 7},
        {"json-schema.org/draft-06/schema", 6},
        {"json-schema.org/draft-04/schema", 4},
    };
    url += !strncmp(url, "http://", 7) ? 7 : !strncmp(url, "https://", 8) ? 8 : 0;
    size_t len = strcspn(url, "#");
    for (size_t i = 0; i < sizeof DRAFTS / sizeof *DRAFTS; i++)
        if (strlen(DRAFTS[i].url) == len && !strncmp(DRAFTS[i].url, url, len) && (!url[len] || !url[len + 1]))
            return DRAFTS[i].draft;
    return 0;
}

static bool load(struct js_run *run, const char *url, struct value *out) {
    struct err reason = err_in(run->arena);
    if (js_meta_load(run->arena, url, out))
        return true;
    if (!run->loader)
        js_broken(run, "failing loading \"%s\": references to other documents are not followed here", url);
    else if (!run->loader->load(run->loader->user, run->arena, url, out, &reason))
        js_broken(run, "failing loading \"%s\": %s", url, reason.msg);
    return !run->broken;
}

enum { MAX_METASCHEMAS = 8 };

// "$schema" may name a metaschema of its own, whose "$schema" tells then. `url`: where the schema lies;
// `*vocabularies`: what the first of them asks for.
static int draft_of(struct js_run *run, struct value schema, const char *url, int fallback,
                    unsigned *vocabularies) {
    const char *seen[MAX_METASCHEMAS], *own = NULL;
    struct value first = schema;
    for (size_t count = 0; count < MAX_METASCHEMAS && !run->broken; count++) {
        const char *meta = string_member(schema, "$schema");
        int draft = meta ? known_draft(meta) : fallback;
        struct go_url parsed;
        struct err reason = err_in(run->arena);
        if (draft || !meta) {
            *vocabularies = own ? js_vocab_of(run, first, own, draft) : 0;
            return draft;
        }
        seen[count] = arena_strndup(run->arena, meta, strcspn(meta, "#"));
        if (!go_url_parse(run->arena, seen[count], strlen(seen[count]), &parsed, &reason))
            js_broken(run, "invalid $schema in \"%s#\": %s", url, reason.msg);
        else if (!strcmp(seen[count], url))
            js_broken(run, "draft \"%s\" is not supported", url);
        for (size_t i = 0; i < count; i++)
            if (!strcmp(seen[i], seen[count]))
                js_broken(run, "cycle in resolving $schema in \"%s\"", seen[count]);
        if (run->broken || !load(run, seen[count], &schema))
            return fallback;
        own = own ? own : seen[0];
        first = count ? first : schema;
        url = seen[count];
    }
    js_broken(run, "more than %d metaschemas name one another", MAX_METASCHEMAS);
    return fallback;
}

enum shape { ONE, LIST, MAP };

// Keywords that hold schemas, from which draft on.
static const struct {
    const char *keyword;
    enum shape shape;
    int since;
} HOLDERS[] = {
    {"definitions", MAP, 4},
    {"not", ONE, 4},
    {"allOf", LIST, 4},
    {"anyOf", LIST, 4},
    {"oneOf", LIST, 4},
    {"properties", MAP, 4},
    {"additionalProperties", ONE, 4},
    {"patternProperties", MAP, 4},
    {"items", ONE, 4},
    {"items", LIST, 4},
    {"additionalItems", ONE, 4},
    {"dependencies", MAP, 4},
    {"propertyNames", ONE, 6},
    {"contains", ONE, 6},
    {"if", ONE, 7},
    {"then", ONE, 7},
    {"else", ONE, 7},
    {"$defs", MAP, 2019},
    {"dependentSchemas", MAP, 2019},
    {"unevaluatedProperties", ONE, 2019},
    {"unevaluatedItems", ONE, 2019},
    {"contentSchema", ONE, 2019},
    {"prefixItems", LIST, 2020},
};

int js_holds(const char *keyword) {
    for (size_t i = 0; i < sizeof HOLDERS / sizeof *HOLDERS; i++)
        if (!strcmp(HOLDERS[i].keyword, keyword))
            return HOLDERS[i].shape == MAP ? 2 : 1;
    return 0;
}

// What a reference without a fragment means beside `base`.
static bool join(struct arena *arena, const char *base, const char *reference, const char **out,
                 struct err *err) {
    struct go_url from, to, joined;
    struct buf text;
    if (!go_url_parse(arena, base, strlen(base), &from, err) ||
        !go_url_parse(arena, reference, strlen(reference), &to, err))
        return false;
    go_url_resolve(arena, &from, &to, &joined);
    if (!*to.scheme && *from.opaque) // the validator of Helm goes on where Go forgets it
        joined.opaque = from.opaque;
    buf_init(&text, arena);
    go_url_string(&text, &joined);
    *out = buf_text(&text);
    return true;
}

static void collect(struct js_run *run, struct js_resource *base, struct value schema);

static void collect_members(struct js_run *run, struct js_resource *base, struct value schema) {
    for (size_t i = 0; i < sizeof HOLDERS / sizeof *HOLDERS && !run->broken; i++) {
        struct value held = value_get(schema, HOLDERS[i].keyword);
        if (base->draft < HOLDERS[i].since)
            continue;
        if (HOLDERS[i].shape == ONE && value_kind(held) == VALUE_MAP)
            collect(run, base, held);
        for (size_t j = 0; HOLDERS[i].shape == LIST && value_kind(held) == VALUE_LIST && j < value_len(held);
             j++)
            collect(run, base, value_at(held, j));
        for (size_t j = 0; HOLDERS[i].shape == MAP && value_kind(held) == VALUE_MAP && j < value_len(held);
             j++)
            collect(run, base, value_entry_at(held, j)->value);
    }
}

// The JSON pointer of a schema inside `from`; NULL when it is not there. Only errors need it.
static const char *pointer_to(struct arena *arena, struct value from, struct value schema,
                              const char *prefix) {
    if (js_same(from, schema))
        return prefix;
    for (size_t i = 0; i < value_len(from) && value_kind(from) >= VALUE_LIST; i++) {
        const struct value_entry *entry = value_entry_at(from, i);
        const char *at = entry ? arena_printf(arena, "%s/%s", prefix, entry->key)
                               : arena_printf(arena, "%s/%zu", prefix, i);
        const char *found = pointer_to(arena, entry ? entry->value : value_at(from, i), schema, at);
        if (found)
            return found;
    }
    return NULL;
}

static void twice(struct js_run *run, const char *what, const char *name, struct value a, struct value b) {
    const char *first = pointer_to(run->arena, run->document, a, "");
    const char *second = pointer_to(run->arena, run->document, b, "");
    js_broken(run, "duplicate %s \"%s\" in \"%s\" at \"%s\" and \"%s\"", what, name, run->url,
              first ? first : "", second ? second : "");
}

static void add_anchor(struct js_run *run, struct js_resource *resource, const char *name,
                       struct value schema, bool dynamic) {
    if (!name || !*name)
        return;
    for (struct js_anchor *other = resource->anchors; other; other = other->next)
        if (!strcmp(other->name, name) && !js_same(other->schema, schema))
            twice(run, "anchor", name, other->schema, schema);
    struct js_anchor *anchor = arena_alloc(run->arena, sizeof *anchor);
    *anchor = (struct js_anchor){resource->anchors, name, schema, dynamic};
    resource->anchors = anchor;
}

static void collect_anchors(struct js_run *run, struct js_resource *resource, struct value schema) {
    if (resource->draft < 2019) {
        const char *id = string_member(schema, id_keyword(resource->draft));
        const char *hash = id && !value_has(schema, "$ref") ? strchr(id, '#') : NULL;
        if (hash && hash[1] != '/')
            add_anchor(run, resource, hash + 1, schema, false);
        return;
    }
    add_anchor(run, resource, string_member(schema, "$anchor"), schema, false);
    if (resource->draft >= 2020)
        add_anchor(run, resource, string_member(schema, "$dynamicAnchor"), schema, true);
}

struct js_resource *js_find_root(const struct js_run *run, struct value schema) {
    for (struct js_resource *resource = run->resources; resource; resource = resource->next)
        if (js_same(resource->root, schema))
            return resource;
    return NULL;
}

static struct js_resource *add_resource(struct js_run *run, const char *id, struct value root, int draft) {
    for (struct js_resource *other = run->resources; other; other = other->next)
        if (!strcmp(other->id, id) && !js_same(other->root, root) && value_len(other->root))
            twice(run, "id", id, root, other->root);
    struct js_resource *resource = arena_alloc(run->arena, sizeof *resource);
    *resource =
        (struct js_resource){.next = run->resources, .url = run->url, .id = id, .root = root, .draft = draft};
    run->resources = resource;
    return resource;
}

static void collect(struct js_run *run, struct js_resource *base, struct value schema) {
    if (value_kind(schema) != VALUE_MAP || run->broken || js_find_root(run, schema))
        return;
    unsigned vocabularies; // of a document's root only
    int draft = value_has(schema, "$schema") ? draft_of(run, schema, run->url, base->draft, &vocabularies)
                                             : base->draft;
    const char *id = own_id(run, schema, draft);
    if (!*id) {
        draft = base->draft;
        id = own_id(run, schema, draft);
    }
    if (*id) {
        const char *url;
        struct err reason = err_in(run->arena);
        if (!join(run->arena, base->id, id, &url, &reason)) {
            js_broken(run, "error in parsing id at \"%s#%s\"", run->url,
                      pointer_to(run->arena, run->document, schema, ""));
            return;
        }
        base = add_resource(run, url, schema, draft);
    }
    collect_anchors(run, base, schema);
    collect_members(run, base, schema);
}

struct js_resource *js_add_document(struct js_run *run, struct value document, const char *url, int draft) {
    struct value whole = document;
    unsigned vocabularies = 0;
    draft = draft_of(run, document, url, draft, &vocabularies);
    run->url = url;
    run->document = document = js_vocab_apply(run, document, vocabularies);
    const char *id = own_id(run, document, draft), *resolved = url;
    struct err reason = err_in(run->arena);
    if (*id && !join(run->arena, url, id, &resolved, &reason))
        js_broken(run, "error in parsing id at \"%s#\"", url);
    if (run->broken)
        return NULL;
    if (strcmp(resolved, url) != 0) // the document answers to both names
        add_resource(run, url, document, draft)->root = value_null();
    struct js_resource *resource = add_resource(run, resolved, document, draft);
    resource->vocabularies = vocabularies;
    collect_anchors(run, resource, document);
    collect_members(run, resource, document);
    for (struct js_resource *twin = run->resources; twin; twin = twin->next)
        if (!strcmp(twin->id, url) && value_is_null(twin->root))
            *twin = (struct js_resource){twin->next, url,          twin->id,          document,
                                         draft,      vocabularies, resource->anchors, NULL};
    if (!run->broken)
        js_meta_check(run, resource, whole, url, "");
    return resource;
}

struct js_schema js_subschema(struct js_run *run, struct js_schema parent, struct value v) {
    struct js_resource *own = NULL;
    if (value_has(v, "$id") || value_has(v, "id"))
        own = js_find_root(run, v);
    return (struct js_schema){v, own ? own : parent.resource};
}

const struct js_anchor *js_find_anchor(const struct js_resource *resource, const char *name, bool dynamic) {
    for (const struct js_anchor *anchor = resource->anchors; anchor; anchor = anchor->next)
        if (!strcmp(anchor->name, name) && (anchor->dynamic || !dynamic))
            return anchor;
    return NULL;
}

// One token of a JSON pointer, up to the next slash.
static const char *pointer_token(struct arena *arena, const char *at, size_t len) {
    char *out = arena_alloc(arena, len + 1), *to = out;
    for (size_t i = 0; i < len; i++) {
        bool escape = at[i] == '~' && i + 1 < len && (at[i + 1] == '0' || at[i + 1] == '1');
        *to++ = !escape ? at[i] : at[i + 1] == '0' ? '~' : '/';
        i += escape;
    }
    return out;
}

static bool step(struct value from, const char *token, struct value *out) {
    if (value_kind(from) == VALUE_MAP) {
        *out = value_get(from, token);
        return value_has(from, token);
    }
    char *end;
    size_t index = strtoul(token, &end, 10);
    *out = value_at(from, index);
    return value_kind(from) == VALUE_LIST && end != token && !*end && index < value_len(from);
}

enum place { SCHEMA, HOLDER, ELSEWHERE };

// Where one step from there leads; `held` is what lies under `token`.
static enum place step_place(enum place from, int draft, const char *token, struct value held) {
    if (from != SCHEMA)
        return from == HOLDER ? SCHEMA : ELSEWHERE;
    enum shape wanted = value_kind(held) == VALUE_LIST ? LIST : MAP;
    enum place place = ELSEWHERE;
    for (size_t i = 0; i < sizeof HOLDERS / sizeof *HOLDERS; i++)
        if (draft >= HOLDERS[i].since && !strcmp(HOLDERS[i].keyword, token))
            place = HOLDERS[i].shape == wanted                  ? HOLDER
                    : HOLDERS[i].shape == ONE && wanted != LIST ? SCHEMA
                                                                : place;
    return place;
}

// A schema where no keyword holds one, which the check of the whole document has not seen.
static void add_elsewhere(struct js_run *run, struct js_schema *schema, const char *pointer) {
    for (const struct js_anchor *seen = run->elsewhere; seen; seen = seen->next)
        if (js_same(seen->schema, schema->v))
            return;
    struct js_anchor *seen = arena_alloc(run->arena, sizeof *seen);
    *seen = (struct js_anchor){.next = run->elsewhere, .schema = schema->v};
    run->elsewhere = seen;
    collect(run, schema->resource, schema->v);
    *schema = js_subschema(run, *schema, schema->v);
    js_meta_check(run, schema->resource, schema->v, schema->resource->url, pointer);
}

// Follows a JSON pointer from a resource's root, changing resource where an id stands on the way.
static bool walk(struct js_run *run, const char *pointer, struct js_schema *schema) {
    enum place place = SCHEMA;
    for (const char *at = pointer; *at == '/';) {
        size_t len = strcspn(++at, "/");
        const char *token = pointer_token(run->arena, at, len);
        struct value v;
        if (!step(schema->v, token, &v))
            return false;
        place = step_place(place, schema->resource->draft, token, v);
        *schema = js_subschema(run, *schema, v);
        at += len;
    }
    if (place != SCHEMA)
        add_elsewhere(run, schema, pointer);
    return true;
}

static struct js_resource *find_resource(struct js_run *run, const char *url) {
    for (struct js_resource *resource = run->resources; resource; resource = resource->next)
        if (!strcmp(resource->id, url))
            return resource;
    struct value document;
    return load(run, url, &document) ? js_add_document(run, document, url, 2020) : NULL;
}

static bool resolve(struct js_run *run, struct js_schema from, const char *reference, struct js_link *out) {
    const char *hash = strchr(reference, '#'), *url = from.resource->id;
    const char *fragment = hash ? percent_decode(run->arena, hash + 1, strlen(hash + 1)) : "";
    struct err reason = err_in(run->arena);
    reference = arena_strndup(run->arena, reference, strcspn(reference, "#"));
    if (*reference && !join(run->arena, url, reference, &url, &reason)) {
        js_broken(run, "error in parsing \"%s\": %s", reference, reason.msg);
        return false;
    }
    struct js_resource *resource = find_resource(run, url);
    if (!resource)
        return false;
    struct js_schema schema = {resource->root, resource};
    bool pointer = !*fragment || *fragment == '/';
    const struct js_anchor *anchor = pointer ? NULL : js_find_anchor(resource, fragment, false);
    if (anchor)
        schema = js_subschema(run, schema, anchor->schema);
    else if (!pointer)
        js_broken(run, "anchor in \"%s#%s\" not found in schema \"%s\"", url, fragment, resource->id);
    else if (!walk(run, fragment, &schema))
        js_broken(run, "json-pointer in \"%s#%s\" not found", url, fragment);
    out->anchor = pointer ? NULL : fragment;
    out->schema = schema.v;
    out->resource = schema.resource;
    return !run->broken;
}

bool js_resolve(struct js_run *run, struct js_schema from, const char *reference, struct js_schema *out,
                const char **anchor) {
    struct js_link *link = from.resource->links;
    while (link && link->reference != reference)
        link = link->next;
    if (!link) {
        link = arena_alloc(run->arena, sizeof *link);
        link->reference = reference;
        if (!resolve(run, from, reference, link))
            return false;
        link->next = from.resource->links;
        from.resource->links = link;
    }
    *out = (struct js_schema){link->schema, link->resource};
    if (anchor)
        *anchor = link->anchor;
    return true;
}
