// SPDX-License-Identifier: Apache-2.0
// A provider of notes: each is a JSON file in the directory that NOTE_DIR names. It has an attribute of every
// sort, and tests make it misbehave through the environment:
//   NOTE_FAIL   create and update fail after the file is written
//   NOTE_SLEEP  create and update take that many milliseconds after the file is written
//   NOTE_WARN   plan leaves this warning about `text`
//   NOTE_BREAK  create ends with another text than planned
#include "base/cleanup.h"
#include "codec/json.h"
#include "provider/config.h"
#include "value/retain.h"

#include <errno.h>
#include <string.h>

struct model {
    const char *name, *text, *secret;
};

#define MEMBER(field) .member = SCHEMA_STRING, .offset = offsetof(struct model, field)

static const struct schema_attr LINE[] = {
    {.name = "text",
     .type = &type_string,
     .flags = SCHEMA_REQUIRED,
     .check = schema_check_not_empty,
     .doc = "Text."},
    {.name = "weight",
     .type = &type_number,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "1",
     .doc = "W."},
    {.name = "number",
     .type = &type_number,
     .flags = SCHEMA_COMPUTED,
     .doc = "Place among the lines, from 1."},
    {0},
};

static const char *const COLORS[] = {"white", "yellow", NULL};

static const struct schema_attr ATTRS[] = {
    {.name = "name",
     .type = &type_string,
     .flags = SCHEMA_REQUIRED | SCHEMA_REPLACE,
     .check = schema_check_dns_label,
     .doc = "Name of the file.",
     MEMBER(name)},
    {.name = "text",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "hello",
     .doc = "Text.",
     MEMBER(text)},
    {.name = "color",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .fallback = "white",
     .allowed = COLORS,
     .doc = "Colour."},
    {.name = "free", .type = &type_dynamic, .flags = SCHEMA_OPTIONAL, .doc = "Anything."},
    {.name = "lines", .nesting = SCHEMA_LIST, .attrs = LINE, .flags = SCHEMA_OPTIONAL, .doc = "Lines."},
    {.name = "tabs", .nesting = SCHEMA_MAP, .attrs = LINE, .flags = SCHEMA_OPTIONAL, .doc = "Tabs."},
    {.name = "secret_wo",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_WRITE_ONLY | SCHEMA_SENSITIVE,
     .doc = "Its length is stored.",
     MEMBER(secret)},
    {.name = "id", .type = &type_string, .flags = SCHEMA_COMPUTED | SCHEMA_STABLE, .doc = "Made once."},
    {.name = "revision", .type = &type_number, .flags = SCHEMA_COMPUTED, .doc = "Counts writes."},
    {.name = "secret_length", .type = &type_number, .flags = SCHEMA_COMPUTED, .doc = "Of the secret."},
    {0},
};
static const struct schema SCHEMA = {.name = "wandb_note", .version = 1, .doc = "A note.", .attrs = ATTRS};

static const struct schema_attr IDENTITY_ATTRS[] = {
    {.name = "name", .type = &type_string, .flags = SCHEMA_REQUIRED, .doc = "Name of the file."}, {0}};
static const struct schema IDENTITY = {.name = "wandb_note", .attrs = IDENTITY_ATTRS};

static const char *path_of(struct arena *arena, struct value object) {
    const char *folder = getenv("NOTE_DIR");
    return arena_printf(arena, "%s/%s.json", folder ? folder : ".", value_dig_string(object, "name", NULL));
}

static bool load(struct arena *arena, struct value object, struct value *out, struct err *err) {
    CLEANUP_FILE file = fopen(path_of(arena, object), "r");
    *out = value_null();
    if (!file)
        return errno == ENOENT || err_set(err, ERR_UNAVAILABLE, "cannot read the note: %s", strerror(errno));
    char text[65536];
    size_t len = fread(text, 1, sizeof text, file);
    return json_decode(arena, text, len, out, err);
}

static bool store(struct arena *arena, struct value object, struct err *err) {
    CLEANUP_FILE file = fopen(path_of(arena, object), "w");
    if (!file)
        return err_set(err, ERR_FORBIDDEN, "cannot write the note: %s", strerror(errno));
    fputs(json_text(arena, object), file);
    return true;
}

static struct value number_lines(struct arena *arena, struct value lines) {
    struct value numbered = value_list(arena, NULL, 0);
    for (size_t i = 0; i < value_len(lines); i++)
        numbered = value_append(arena, numbered,
                                value_with(arena, value_at(lines, i), "number", value_int((int64_t)i + 1)));
    return value_is_null(lines) ? lines : numbered;
}

static struct value number_tabs(struct arena *arena, struct value tabs) {
    for (size_t i = 0; i < value_len(tabs); i++) {
        const struct value_entry *entry = value_entry_at(tabs, i);
        tabs = value_with(arena, tabs, entry->key,
                          value_with(arena, entry->value, "number", value_int((int64_t)i + 1)));
    }
    return tabs;
}

static struct value identity_of(struct arena *arena, struct value object) {
    return value_with(arena, value_null(), "name", value_get(object, "name"));
}

static struct value finished(struct arena *arena, const struct resource_change *change,
                             const struct model *model) {
    struct value object = change->planned.value;
    int64_t revision = value_get_int(value_get(change->prior.value, "revision")) + 1;
    object = value_with(arena, object, "lines", number_lines(arena, value_get(object, "lines")));
    object = value_with(arena, object, "tabs", number_tabs(arena, value_get(object, "tabs")));
    object = value_with(arena, object, "revision", value_int(revision));
    object = value_with(arena, object, "secret_length",
                        value_int(model->secret ? (int64_t)strlen(model->secret) : 0));
    if (value_kind(value_get(object, "id")) == VALUE_UNKNOWN)
        object =
            value_with(arena, object, "id", value_string(arena, arena_printf(arena, "id-%s", model->name)));
    return getenv("NOTE_BREAK") ? value_with(arena, object, "text", value_string_ref("broken")) : object;
}

static bool write_note(struct call *call, struct provider *provider, const struct resource_change *change,
                       struct resource_state *state, struct err *err) {
    struct arena *arena = call->arena;
    struct model model = {0};
    (void)provider;
    if (!schema_decode(arena, &SCHEMA, change->config, &model, err))
        return false;
    struct value object = finished(arena, change, &model);
    if (!store(arena, object, err))
        return false;
    *state = (struct resource_state){object, identity_of(arena, object),
                                     value_with(arena, value_null(), "written", value_bool(true))};
    if (getenv("NOTE_FAIL"))
        return err_set(err, ERR_TIMEOUT, "%s", getenv("NOTE_FAIL"));
    return !getenv("NOTE_SLEEP") || call_sleep(call, atoll(getenv("NOTE_SLEEP")), err);
}

static bool destroy(struct call *call, struct provider *provider, struct resource_state *state,
                    struct err *err) {
    (void)provider;
    if (unlink(path_of(call->arena, state->value)) == 0 || errno == ENOENT)
        return true;
    return err_set(err, ERR_FORBIDDEN, "cannot remove the note: %s", strerror(errno));
}

static bool read_note(struct call *call, struct provider *provider, struct resource_state *state,
                      struct err *err) {
    struct value live, object = state->value;
    (void)provider;
    if (!load(call->arena, object, &live, err))
        return false;
    state->identity = identity_of(call->arena, object);
    if (value_is_null(live)) {
        state->value = live;
        return true;
    }
    for (const struct schema_attr *attr = ATTRS; attr->name; attr++)
        object =
            value_with(call->arena, object, attr->name,
                       value_retain(call->arena, value_get(object, attr->name), value_get(live, attr->name)));
    state->value = object;
    return true;
}

static bool import(struct call *call, struct provider *provider, const char *id, struct value identity,
                   struct resource_state *state, struct err *err) {
    (void)provider, (void)err;
    struct value name = id ? value_string(call->arena, id) : value_get(identity, "name");
    state->value = state->identity = value_with(call->arena, value_null(), "name", name);
    return true;
}

// A change of the secret is no change of the configuration that Terraform can see.
static bool plan(struct call *call, struct provider *provider, struct resource_plan *plan, struct err *err) {
    struct model model = {0};
    (void)provider;
    if (getenv("NOTE_WARN"))
        call_warn(call, subject_at("wandb_note", "text"), "Note on", "%s", getenv("NOTE_WARN"));
    if (value_is_null(plan->config) || value_is_null(plan->prior.value))
        return true;
    if (!schema_decode(call->arena, &SCHEMA, plan->config, &model, err))
        return false;
    if (value_get_int(value_get(plan->prior.value, "secret_length")) !=
        (model.secret ? (int64_t)strlen(model.secret) : 0))
        resource_plan_update(call->arena, &SCHEMA, plan);
    return true;
}

static bool move(struct call *call, struct provider *provider, const struct resource_source *source,
                 struct resource_state *state, struct err *err) {
    (void)provider;
    if (strcmp(source->type, "terraform_data") != 0)
        return err_set(err, ERR_UNSUPPORTED, "A %s of %s is no note.", source->type, source->provider);
    struct value input = value_dig(source->state, "input", "value", NULL);
    state->value = value_with(call->arena, value_null(), "name", input);
    return true;
}

static const struct resource_impl RESOURCE = {
    .schema = &SCHEMA,
    .identity = &IDENTITY,
    .plan = plan,
    .create = write_note,
    .update = write_note,
    .destroy = destroy,
    .read = read_note,
    .import = import,
    .move = move,
};

static const struct schema_attr DATA_ATTRS[] = {
    {.name = "name", .type = &type_string, .flags = SCHEMA_REQUIRED, .doc = "Name of the file."},
    {.name = "text", .type = &type_string, .flags = SCHEMA_COMPUTED, .doc = "Text."},
    {0},
};
static const struct schema DATA_SCHEMA = {.name = "wandb_note", .doc = "Reads a note.", .attrs = DATA_ATTRS};

static bool read_data(struct call *call, struct provider *provider, struct value config, struct value *out,
                      struct err *err) {
    struct value live;
    (void)provider;
    if (!load(call->arena, config, &live, err))
        return false;
    if (value_is_null(live))
        return err_at(err, "name", "There is no note \"%s\".", value_dig_string(config, "name", NULL));
    *out = value_with(call->arena, config, "text", value_get(live, "text"));
    return true;
}

static const struct data_impl DATA = {.schema = &DATA_SCHEMA, .read = read_data};

static const struct resource_impl *const RESOURCES[] = {&RESOURCE, NULL};
static const struct data_impl *const DATA_SOURCES[] = {&DATA, NULL};
static const struct function_impl *const FUNCTIONS[] = {NULL};

extern const struct provider_content note_content;
const struct provider_content note_content = {&provider_config_schema, RESOURCES, DATA_SOURCES, FUNCTIONS};
