// SPDX-License-Identifier: Apache-2.0
// The published metaschemas: schemas are checked by them, and may refer to them without a network.
#include "codec/json.h"
#include "jsonschema/private.h"

#include <string.h>

static const struct {
    int draft;
    const char *url, *location; // the location as it is told
} METASCHEMAS[] = {
    {4, "http://json-schema.org/draft-04/schema", "http://json-schema.org/draft-04/schema#"},
    {6, "http://json-schema.org/draft-06/schema", "http://json-schema.org/draft-06/schema#"},
    {7, "http://json-schema.org/draft-07/schema", "http://json-schema.org/draft-07/schema#"},
    {2019, "https://json-schema.org/draft/2019-09/schema", "https://json-schema.org/draft/2019-09/schema#"},
    {2020, "https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2020-12/schema#"},
};

// What follows the host of a json-schema.org URL; NULL for others.
static const char *published_name(const char *url) {
    static const char *const HOSTS[] = {"http://json-schema.org/", "https://json-schema.org/"};
    for (size_t i = 0; i < sizeof HOSTS / sizeof *HOSTS; i++)
        if (!strncmp(url, HOSTS[i], strlen(HOSTS[i])))
            return url + strlen(HOSTS[i]);
    return NULL;
}

bool js_meta_load(struct arena *arena, const char *url, struct value *out) {
    const char *name = published_name(url);
    struct err reason = err_in(arena);
    if (name && !strcmp(name, "schema")) // the newest
        name = "draft/2020-12/schema";
    for (const struct js_metaschema *meta = JS_METASCHEMAS; name && meta->name; meta++)
        if (!strcmp(meta->name, name))
            return json_decode(arena, meta->text, meta->len, out, &reason);
    return false;
}

static struct js_schema metaschema(struct js_run *run, int draft) {
    size_t i = 0;
    while (METASCHEMAS[i].draft != draft)
        i++;
    struct js_resource *resource = run->resources;
    while (resource && strcmp(resource->id, METASCHEMAS[i].url) != 0)
        resource = resource->next;
    struct value document;
    if (!resource && js_meta_load(run->arena, METASCHEMAS[i].url, &document))
        resource = js_add_document(run, document, METASCHEMAS[i].url, draft);
    return (struct js_schema){resource ? resource->root : value_bool(true), resource};
}

struct js_schema js_meta_switch(struct js_run *run, struct js_schema schema, struct value v) {
    if (!run->subject || !schema.resource || (!value_has(v, "$id") && !value_has(v, "id")) ||
        !js_same(schema.v, schema.resource->root) ||
        !js_same(schema.v, metaschema(run, schema.resource->draft).v))
        return schema;
    const struct js_resource *own = js_find_root(run->subject, v);
    return own && own->draft != schema.resource->draft ? metaschema(run, own->draft) : schema;
}

static const char *location(int draft) {
    for (size_t i = 0; i < sizeof METASCHEMAS / sizeof *METASCHEMAS; i++)
        if (METASCHEMAS[i].draft == draft)
            return METASCHEMAS[i].location;
    return "";
}

void js_meta_check(struct js_run *run, const struct js_resource *resource, struct value schema,
                   const char *url, const char *pointer) {
    if (published_name(url) || run->subject)
        return;
    struct err reason = err_in(run->arena);
    struct js_run check = {.arena = run->arena, .subject = run, .err = &reason};
    struct js_schema meta = resource->vocabularies
                                ? js_vocab_metaschema(&check, resource->vocabularies, resource->draft)
                                : metaschema(&check, resource->draft);
    struct js_failure *failure = check.broken ? NULL : js_validate_root(&check, meta, schema);
    if (check.broken)
        js_broken(run, "%s", reason.msg);
    else if (failure)
        js_broken(run,
                  "\"%s#%s\" is not valid against metaschema: jsonschema validation failed with '%s'\n%s",
                  url, pointer, resource->vocabularies ? "urn:mem:metaschema" : location(resource->draft),
                  js_report(run->arena, failure));
}
