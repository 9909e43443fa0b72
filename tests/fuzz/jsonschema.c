// SPDX-License-Identifier: Apache-2.0
// A JSON document {"schema":…, "instance":…, "documents":{url: …}} through the validator: the documents are
// what the schema may refer to, metaschemas with a $vocabulary of their own included.
#include "codec/json.h"
#include "jsonschema/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool load(void *user, struct arena *arena, const char *url, struct value *out, struct err *err) {
    const struct value *documents = user;
    (void)arena;
    *out = value_get(*documents, url);
    return value_has(*documents, url) || err_set(err, ERR_NOT_FOUND, "there is no %s", url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SCRATCH_ARENA(arena);
    struct err err = err_in(arena);
    struct value all, documents;
    const char *report;
    if (!json_decode(arena, (const char *)data, size, &all, &err))
        return 0;
    documents = value_get(all, "documents");
    struct jsonschema_loader loader = {load, &documents};
    struct jsonschema_document schema = {value_get(all, "schema"), "file:///s.json", &loader};
    jsonschema_check(arena, &schema, value_get(all, "instance"), &report, &err);
    return 0;
}
