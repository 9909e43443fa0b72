// SPDX-License-Identifier: Apache-2.0
#include "schema/docs.h"

#include "schema/private.h"

const char *schema_docs_type(struct arena *arena, const struct type *type) {
    static const char *const NAMES[] = {
        [TYPE_DYNAMIC] = "Dynamic", [TYPE_BOOL] = "Boolean",  [TYPE_NUMBER] = "Number",
        [TYPE_STRING] = "String",   [TYPE_LIST] = "List",     [TYPE_SET] = "Set",
        [TYPE_MAP] = "Map",         [TYPE_OBJECT] = "Object", [TYPE_TUPLE] = "Tuple",
    };
    return type->elem
               ? arena_printf(arena, "%s of %s", NAMES[type->kind], schema_docs_type(arena, type->elem))
               : NAMES[type->kind];
}

static const char *type_text(struct arena *arena, const struct schema_attr *attr) {
    static const char *const NESTED[] = {
        [SCHEMA_SINGLE] = "Attributes",
        [SCHEMA_LIST] = "Attributes List",
        [SCHEMA_MAP] = "Attributes Map",
    };
    return attr->nesting ? NESTED[attr->nesting] : schema_docs_type(arena, attr->type);
}

static const struct {
    const char *title;
    unsigned any, none; // flags
} SECTIONS[] = {
    {"Required", SCHEMA_REQUIRED, 0},
    {"Optional", SCHEMA_OPTIONAL, 0},
    {"Read-Only", SCHEMA_COMPUTED, SCHEMA_OPTIONAL},
};
enum { SECTION_COUNT = sizeof SECTIONS / sizeof *SECTIONS };

static bool belongs(const struct schema_attr *attr, size_t section) {
    return (attr->flags & SECTIONS[section].any) && !(attr->flags & SECTIONS[section].none);
}

static void allowed_text(struct buf *out, const struct schema_attr *attr) {
    if (!attr->allowed)
        return;
    buf_str(out, " One of");
    for (size_t i = 0; attr->allowed[i]; i++)
        buf_printf(out, "%s `%s`", i ? "," : "", attr->allowed[i]);
    buf_char(out, '.');
}

static void attr_line(struct buf *out, const struct schema_attr *attr, const char *where) {
    buf_printf(out, "- `%s` (%s", attr->name, type_text(out->arena, attr));
    if (attr->flags & SCHEMA_SENSITIVE)
        buf_str(out, ", Sensitive");
    if (attr->flags & SCHEMA_WRITE_ONLY)
        buf_str(out, ", "
                     "[Write-only](https://developer.hashicorp.com/terraform/language/manage-sensitive-data/"
                     "write-only)");
    if (attr->deprecated)
        buf_str(out, ", Deprecated");
    buf_printf(out, ") %s", attr->doc);
    allowed_text(out, attr);
    if (attr->fallback && strcmp(attr->fallback, "{}") != 0)
        buf_printf(out, " Default: `%s`.", attr->fallback);
    if (attr->flags & SCHEMA_REPLACE)
        buf_str(out, " Changing it makes a new object.");
    if (attr->deprecated)
        buf_printf(out, " %s", attr->deprecated);
    if (attr->attrs)
        buf_printf(out, " (see [below](#nested-schema-for-%s%s))", where, attr->name);
    buf_char(out, '\n');
}

// Anchors as registries make them of titles: letters and digits, nothing for dots.
static void attrs_text(struct buf *out, const struct schema_attr *attrs, const char *heading,
                       const char *title, const char *anchor) {
    for (size_t section = 0; section < SECTION_COUNT; section++) {
        bool any = false;
        for (const struct schema_attr *attr = attrs; attr->name; attr++) {
            if (!belongs(attr, section))
                continue;
            if (!any)
                buf_printf(out, "\n%s %s\n\n", heading, SECTIONS[section].title);
            attr_line(out, attr, anchor);
            any = true;
        }
    }
    for (const struct schema_attr *attr = attrs; attr->name; attr++) {
        if (!attr->attrs)
            continue;
        const char *name = arena_printf(out->arena, "%s%s%s", title, *title ? "." : "", attr->name);
        const char *id = arena_printf(out->arena, "%s%s", anchor, attr->name);
        buf_printf(out, "\n<a id=\"nested-schema-for-%s\"></a>\n### Nested Schema for `%s`\n", id, name);
        attrs_text(out, attr->attrs, "####", name, arena_printf(out->arena, "%s-", id));
    }
}

void schema_docs(struct buf *out, const struct schema *schema) {
    buf_str(out, "## Schema\n");
    attrs_text(out, schema->attrs, "###", "", "");
}
