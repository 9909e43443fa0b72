// SPDX-License-Identifier: Apache-2.0
// Metaschemas of one's own, since 2019-09: "$vocabulary" says which keywords count. The others are taken
// out of the document before it is looked at; only the check by the metaschema sees them.
#include "jsonschema/private.h"

#include <string.h>

// A vocabulary's name, behind the draft's prefix, and its keywords that can fail; NULL: no draft's.
static const struct {
    const char *name, *keywords;
    int draft; // 0: both
} VOCABULARIES[] = {
    {"core", "", 0},
    {"applicator",
     "allOf anyOf oneOf not items additionalItems prefixItems properties patternProperties "
     "additionalProperties dependencies contains propertyNames if then else dependentSchemas",
     0},
    {"applicator", "unevaluatedItems unevaluatedProperties", 2019},
    {"unevaluated", "unevaluatedItems unevaluatedProperties", 2020},
    {"validation",
     "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum minLength maxLength "
     "pattern "
     "minItems maxItems uniqueItems maxProperties minProperties required minContains maxContains "
     "dependentRequired",
     0},
    {"meta-data", "", 0},
    {"format", "", 2019},
    {"format-annotation", "", 2020},
    {"format-assertion", "", 2020},
    {"content", "", 0},
};
enum { VOCABULARY_COUNT = sizeof VOCABULARIES / sizeof *VOCABULARIES };

static bool counts(size_t index, int draft) {
    return !VOCABULARIES[index].draft || VOCABULARIES[index].draft == draft;
}

// The bits of a vocabulary's rows; 0 when it is not known.
static unsigned bits_of(const char *url, int draft) {
    const char *prefix = draft == 2019 ? "https://json-schema.org/draft/2019-09/vocab/"
                                       : "https://json-schema.org/draft/2020-12/vocab/";
    unsigned bits = 0;
    for (size_t i = 0; !strncmp(url, prefix, strlen(prefix)) && i < VOCABULARY_COUNT; i++)
        if (counts(i, draft) && !strcmp(VOCABULARIES[i].name, url + strlen(prefix)))
            bits |= 1u << i;
    return bits;
}

unsigned js_vocab_of(struct js_run *run, struct value metaschema, const char *url, int draft) {
    struct value listed = value_get(metaschema, "$vocabulary");
    unsigned all = 1; // core is always there
    if (draft < 2019 || value_kind(listed) != VALUE_MAP)
        return 0;
    for (size_t i = 0; i < value_len(listed); i++) {
        const struct value_entry *entry = value_entry_at(listed, i);
        unsigned bits = bits_of(entry->key, draft);
        if (value_kind(entry->value) != VALUE_BOOL || !value_get_bool(entry->value))
            continue;
        if (!bits)
            js_broken(run, "unsupported vocabulary \"%s\" in \"%s\"", entry->key, url);
        all |= bits;
    }
    return all;
}

bool js_vocab_has(unsigned vocabularies, const char *name) {
    for (size_t i = 0; i < VOCABULARY_COUNT; i++)
        if (vocabularies & 1u << i && !strcmp(VOCABULARIES[i].name, name))
            return true;
    return false;
}

static bool is_listed(const char *keywords, const char *word) {
    size_t len = strlen(word);
    for (const char *at = keywords; len && (at = strstr(at, word)); at += len)
        if ((at == keywords || at[-1] == ' ') && (!at[len] || at[len] == ' '))
            return true;
    return false;
}

static bool is_off(unsigned vocabularies, const char *keyword) {
    bool known = false;
    for (size_t i = 0; i < VOCABULARY_COUNT; i++) {
        bool here = is_listed(VOCABULARIES[i].keywords, keyword);
        known |= here;
        if (here && vocabularies & 1u << i)
            return false;
    }
    return known;
}

static struct value without(struct js_run *run, struct value v, unsigned vocabularies, bool schema) {
    if (value_kind(v) == VALUE_LIST) {
        struct value *items = arena_array(run->arena, value_len(v) + 1, sizeof *items);
        for (size_t i = 0; i < value_len(v); i++)
            items[i] = without(run, value_at(v, i), vocabularies, true);
        return value_list(run->arena, items, value_len(v));
    }
    if (value_kind(v) != VALUE_MAP)
        return v;
    struct value_entry *entries = arena_array(run->arena, value_len(v) + 1, sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; i < value_len(v); i++) {
        struct value_entry entry = *value_entry_at(v, i);
        if (schema && is_off(vocabularies, entry.key))
            continue;
        // const, enum and their like hold values, not schemas; taking keywords out of them would change them.
        int shape = schema ? js_holds(entry.key) : 1;
        if (shape)
            entry.value = without(run, entry.value, vocabularies, shape == 1);
        entries[count++] = entry;
    }
    return value_map(run->arena, entries, count);
}

struct value js_vocab_apply(struct js_run *run, struct value document, unsigned vocabularies) {
    return vocabularies ? without(run, document, vocabularies, true) : document;
}

// All of the vocabularies' own schemas, as one that their references to "meta" come back to.
struct js_schema js_vocab_metaschema(struct js_run *check, unsigned vocabularies, int draft) {
    struct value parts[VOCABULARY_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < VOCABULARY_COUNT; i++) {
        const char *url = arena_printf(check->arena, "https://json-schema.org/draft/%s/meta/%s",
                                       draft == 2019 ? "2019-09" : "2020-12", VOCABULARIES[i].name);
        if (vocabularies & 1u << i && (i == 0 || strcmp(VOCABULARIES[i].name, VOCABULARIES[i - 1].name) != 0))
            count += js_meta_load(check->arena, url, &parts[count]);
    }
    struct value_entry entries[] = {{"$dynamicAnchor", value_string_ref("meta")},
                                    {"allOf", value_list(check->arena, parts, count)}};
    struct value all = value_map(check->arena, entries, 2);
    struct js_resource *resource = js_add_document(check, all, "urn:mem:metaschema", draft);
    return (struct js_schema){resource ? resource->root : value_bool(true), resource};
}
