// SPDX-License-Identifier: Apache-2.0
// The life of one object: plan, apply, read, upgrade, import, move, destroy.
#include "fixture.h"

#include <limits.h>

static TF(PlanResourceChange__Response) *plan(struct peer *peer, struct value config, struct value prior,
                                              struct value proposed) {
    TF(PlanResourceChange__Request) in = TFPLUGIN6__PLAN_RESOURCE_CHANGE__REQUEST__INIT;
    in.type_name = "wandb_note";
    in.config = dynamic(peer, config);
    in.prior_state = dynamic(peer, prior);
    in.proposed_new_state = dynamic(peer, proposed);
    return ask(peer, "PlanResourceChange", &in, &tfplugin6__plan_resource_change__response__descriptor);
}

static TF(ApplyResourceChange__Response) *apply(struct peer *peer, struct value config, struct value prior,
                                                struct value planned) {
    TF(ApplyResourceChange__Request) in = TFPLUGIN6__APPLY_RESOURCE_CHANGE__REQUEST__INIT;
    in.type_name = "wandb_note";
    in.config = dynamic(peer, config);
    in.prior_state = dynamic(peer, prior);
    in.planned_state = dynamic(peer, planned);
    in.planned_private = (ProtobufCBinaryData){16, (uint8_t *)"{\"planned\":true}"};
    return ask(peer, "ApplyResourceChange", &in, &tfplugin6__apply_resource_change__response__descriptor);
}

static void expect_private(ProtobufCBinaryData private, const char *text) {
    assert_int_equal(private.len, strlen(text));
    assert_memory_equal(private.data, text, private.len);
}

static void create(void **state) {
    struct peer *peer = *state;
    struct value config = note(peer, "name", S("a"), "secret_wo", S("hush"), NULL);
    TF(PlanResourceChange__Response) *planned = plan(peer, config, value_null(), config);
    assert_int_equal(planned->n_diagnostics, 0);
    assert_int_equal(planned->n_requires_replace, 0);
    expect_private(planned->planned_private, "{\"planned\":true}");
    struct value object = undynamic(peer, planned->planned_state);
    assert_string_equal(value_dig_string(object, "text", NULL), "hello");
    assert_true(value_is_null(value_get(object, "secret_wo")));
    assert_int_equal(value_kind(value_get(object, "revision")), VALUE_UNKNOWN);

    TF(ApplyResourceChange__Response) *out = apply(peer, config, value_null(), object);
    assert_int_equal(out->n_diagnostics, 0);
    assert_string_equal(behave.seen, "hush");
    expect_private(out->private_, "{\"planned\":true,\"written\":1}");
    assert_non_null(out->new_identity);
    object = undynamic(peer, out->new_state);
    assert_int_equal(value_get_int(value_get(object, "revision")), 1);

    planned = plan(peer, config, object, value_with(peer->arena, object, "secret_wo", S("hush")));
    assert_true(value_equal(undynamic(peer, planned->planned_state), object)); // nothing to do
}

static void failed_create_keeps_what_exists(void **state) {
    struct peer *peer = *state;
    struct value config = note(peer, "name", S("a"), NULL);
    struct value planned = undynamic(peer, plan(peer, config, value_null(), config)->planned_state);
    behave.fail = true;
    TF(ApplyResourceChange__Response) *out = apply(peer, config, value_null(), planned);
    assert_int_equal(out->n_diagnostics, 1);
    assert_string_equal(out->diagnostics[0]->summary, "Cannot create wandb_note: timed out");
    assert_string_equal(out->diagnostics[0]->detail, "the pen broke");
    struct value object = undynamic(peer, out->new_state);
    assert_string_equal(value_dig_string(object, "name", NULL), "a");
    assert_true(value_is_null(value_get(object, "revision"))); // no unknowns are stored
}

// Five minutes for everything but a write, whose handler knows how long it may take.
static void has_a_deadline_unless_it_writes(void **state) {
    struct peer *peer = *state;
    struct value config = note(peer, "name", S("a"), NULL);
    TF(ReadResource__Request) in = TFPLUGIN6__READ_RESOURCE__REQUEST__INIT;
    in.type_name = "wandb_note";
    struct value planned = undynamic(peer, plan(peer, config, value_null(), config)->planned_state);
    assert_in_range(behave.left, PROVIDER_READ_MS - 60000, PROVIDER_READ_MS);
    in.current_state = dynamic(peer, undynamic(peer, apply(peer, config, value_null(), planned)->new_state));
    assert_int_equal(behave.left, INT_MAX);
    ask(peer, "ReadResource", &in, &tfplugin6__read_resource__response__descriptor);
    assert_in_range(behave.left, PROVIDER_READ_MS - 60000, PROVIDER_READ_MS);
}

// Whatever repeats a secret of the configuration, diagnostics do not.
static void secrets_are_not_repeated(void **state) {
    struct peer *peer = *state;
    struct value config = note(peer, "name", S("a"), "secret_wo", S("hush \"me\""), NULL);
    struct value planned = undynamic(peer, plan(peer, config, value_null(), config)->planned_state);
    behave.repeat = true;
    TF(ApplyResourceChange__Response) *out = apply(peer, config, value_null(), planned);
    assert_int_equal(out->n_diagnostics, 2);
    assert_string_equal(out->diagnostics[0]->detail, "Invalid value: \"(sensitive)\"");
    assert_string_equal(out->diagnostics[1]->summary, "Repeated: (sensitive)");
    assert_string_equal(out->diagnostics[1]->detail, "warned of (sensitive)");
    behave.repeat = false;
}

static void update_and_replace(void **state) {
    struct peer *peer = *state;
    struct value prior = note(peer, "name", S("a"), "text", S("x"), "revision", value_int(4), NULL);
    struct value config = note(peer, "name", S("a"), "text", S("y"), NULL);
    TF(PlanResourceChange__Response) *planned =
        plan(peer, config, prior, value_with(peer->arena, prior, "text", S("y")));
    assert_int_equal(planned->n_requires_replace, 0);
    struct value object = undynamic(peer, planned->planned_state);
    assert_int_equal(value_kind(value_get(object, "revision")), VALUE_UNKNOWN);
    object = undynamic(peer, apply(peer, config, prior, object)->new_state);
    assert_int_equal(value_get_int(value_get(object, "revision")), 5);

    config = note(peer, "name", S("b"), "text", S("x"), NULL);
    planned = plan(peer, config, prior, value_with(peer->arena, prior, "name", S("b")));
    assert_int_equal(planned->n_requires_replace, 1);
    assert_string_equal(planned->requires_replace[0]->steps[0]->attribute_name, "name");
}

static void plan_handler_may_find_a_reason(void **state) {
    struct peer *peer = *state;
    struct value prior = note(peer, "name", S("a"), "text", S("x"), "revision", value_int(4), NULL);
    struct value config = note(peer, "name", S("a"), "text", S("x"), NULL);
    struct value object = undynamic(peer, plan(peer, config, prior, prior)->planned_state);
    assert_true(value_equal(object, prior));
    behave.plan_update = true;
    object = undynamic(peer, plan(peer, config, prior, prior)->planned_state);
    assert_int_equal(value_kind(value_get(object, "revision")), VALUE_UNKNOWN);
}

static void destroy(void **state) {
    struct peer *peer = *state;
    struct value prior = note(peer, "name", S("a"), "text", S("x"), "revision", value_int(4), NULL);
    TF(PlanResourceChange__Response) *planned = plan(peer, value_null(), prior, value_null());
    assert_true(value_is_null(undynamic(peer, planned->planned_state)));
    behave.fail = true;
    TF(ApplyResourceChange__Response) *out = apply(peer, value_null(), prior, value_null());
    assert_string_equal(out->diagnostics[0]->summary, "Cannot destroy wandb_note: conflict");
    assert_true(value_equal(undynamic(peer, out->new_state), prior));
    behave.fail = false;
    out = apply(peer, value_null(), prior, value_null());
    assert_int_equal(out->n_diagnostics, 0);
    assert_true(value_is_null(undynamic(peer, out->new_state)));
}

static TF(ReadResource__Response) *read(struct peer *peer, struct value current) {
    TF(ReadResource__Request) in = TFPLUGIN6__READ_RESOURCE__REQUEST__INIT;
    in.type_name = "wandb_note";
    in.current_state = dynamic(peer, current);
    in.private_ = (ProtobufCBinaryData){7, (uint8_t *)"{\"p\":1}"};
    return ask(peer, "ReadResource", &in, &tfplugin6__read_resource__response__descriptor);
}

static void read_echoes_or_loses(void **state) {
    struct peer *peer = *state;
    struct value current = note(peer, "name", S("a"), NULL);
    TF(ReadResource__Response) *out = read(peer, current);
    assert_true(value_equal(undynamic(peer, out->new_state), current));
    expect_private(out->private_, "{\"p\":1}");
    behave.gone = true;
    assert_true(value_is_null(undynamic(peer, read(peer, current)->new_state)));
}

static struct value upgrade(struct peer *peer, int64_t version, const char *json) {
    TF(RawState) raw = TFPLUGIN6__RAW_STATE__INIT;
    raw.json = (ProtobufCBinaryData){strlen(json), (uint8_t *)json};
    TF(UpgradeResourceState__Request) in = TFPLUGIN6__UPGRADE_RESOURCE_STATE__REQUEST__INIT;
    in.type_name = "wandb_note";
    in.version = version;
    in.raw_state = &raw;
    TF(UpgradeResourceState__Response) *out =
        ask(peer, "UpgradeResourceState", &in, &tfplugin6__upgrade_resource_state__response__descriptor);
    assert_int_equal(out->n_diagnostics, 0);
    return undynamic(peer, out->upgraded_state);
}

static void upgrades(void **state) {
    struct peer *peer = *state;
    struct value object =
        upgrade(peer, 2,
                " {\n\"name\": \"a\", \"revision\": 12345678901234567890, \"left\": [1],\n"
                "\"free\": {\"type\": [\"tuple\",[\"number\"]], \"value\": [0.1]}, \"secret_wo\": \"x\"}");
    assert_string_equal(value_dig_string(object, "name", NULL), "a");
    assert_true(value_is_null(value_get(object, "text")));
    assert_true(value_is_null(value_get(object, "secret_wo")));
    assert_string_equal(value_number_text(peer->arena, value_get(object, "revision")),
                        "12345678901234567890");
    assert_int_equal(value_type_of(value_get(object, "free"))->kind, TYPE_TUPLE);
    object = upgrade(peer, 1, "{\"name\":\"a\",\"body\":\"old\"}");
    assert_string_equal(value_dig_string(object, "text", NULL), "old");
}

static void refuses_flatmap(void **state) {
    struct peer *peer = *state;
    TF(RawState__FlatmapEntry) entry = TFPLUGIN6__RAW_STATE__FLATMAP_ENTRY__INIT;
    TF(RawState__FlatmapEntry) *entries[] = {&entry};
    TF(RawState) raw = TFPLUGIN6__RAW_STATE__INIT;
    raw.flatmap = entries;
    raw.n_flatmap = 1;
    TF(UpgradeResourceState__Request) in = TFPLUGIN6__UPGRADE_RESOURCE_STATE__REQUEST__INIT;
    in.type_name = "wandb_note";
    in.raw_state = &raw;
    TF(UpgradeResourceState__Response) *out =
        ask(peer, "UpgradeResourceState", &in, &tfplugin6__upgrade_resource_state__response__descriptor);
    assert_int_equal(out->n_diagnostics, 1);
    assert_non_null(strstr(out->diagnostics[0]->detail, "0.11"));
}

static void imports(void **state) {
    struct peer *peer = *state;
    TF(ImportResourceState__Request) in = TFPLUGIN6__IMPORT_RESOURCE_STATE__REQUEST__INIT;
    in.type_name = "wandb_note";
    in.id = "by-id";
    TF(ImportResourceState__Response) *out =
        ask(peer, "ImportResourceState", &in, &tfplugin6__import_resource_state__response__descriptor);
    assert_int_equal(out->n_imported_resources, 1);
    assert_string_equal(out->imported_resources[0]->type_name, "wandb_note");
    assert_string_equal(value_dig_string(undynamic(peer, out->imported_resources[0]->state), "name", NULL),
                        "by-id");

    assert_string_equal(value_dig_string(undynamic(peer, out->imported_resources[0]->state), "text", NULL),
                        "hello");

    const struct type *type = peer->type;
    peer->type = schema_type(peer->arena, &NOTE_IDENTITY);
    TF(ResourceIdentityData) identity = TFPLUGIN6__RESOURCE_IDENTITY_DATA__INIT;
    identity.identity_data = dynamic(peer, value_with(peer->arena, value_null(), "name", S("by-identity")));
    peer->type = type;
    in.id = "";
    in.identity = &identity;
    out = ask(peer, "ImportResourceState", &in, &tfplugin6__import_resource_state__response__descriptor);
    assert_string_equal(value_dig_string(undynamic(peer, out->imported_resources[0]->state), "name", NULL),
                        "by-identity");
    assert_non_null(out->imported_resources[0]->identity);
}

static void moves(void **state) {
    struct peer *peer = *state;
    TF(RawState) raw = TFPLUGIN6__RAW_STATE__INIT;
    raw.json = (ProtobufCBinaryData){13, (uint8_t *)"{\"title\":\"t\"}"};
    TF(MoveResourceState__Request) in = TFPLUGIN6__MOVE_RESOURCE_STATE__REQUEST__INIT;
    in.source_provider_address = "registry.terraform.io/x/y";
    in.source_type_name = "old_note";
    in.target_type_name = "wandb_note";
    in.source_state = &raw;
    TF(MoveResourceState__Response) *out =
        ask(peer, "MoveResourceState", &in, &tfplugin6__move_resource_state__response__descriptor);
    assert_int_equal(out->n_diagnostics, 0);
    assert_string_equal(value_dig_string(undynamic(peer, out->target_state), "name", NULL), "t");
    in.source_type_name = "table";
    out = ask(peer, "MoveResourceState", &in, &tfplugin6__move_resource_state__response__descriptor);
    assert_string_equal(out->diagnostics[0]->summary, "Cannot move an object to wandb_note: not supported");
    assert_null(out->target_state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        PEER_TEST(create),
        PEER_TEST(failed_create_keeps_what_exists),
        PEER_TEST(destroy),
        PEER_TEST(plan_handler_may_find_a_reason),
        PEER_TEST(upgrades),
        PEER_TEST(update_and_replace),
        PEER_TEST(secrets_are_not_repeated),
        PEER_TEST(has_a_deadline_unless_it_writes),
        PEER_TEST(imports),
        PEER_TEST(read_echoes_or_loses),
        PEER_TEST(moves),
        PEER_TEST(refuses_flatmap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
