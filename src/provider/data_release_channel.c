// SPDX-License-Identifier: Apache-2.0
// data wandb_release_channel: what W&B's deployer offers.
#include "provider/config.h"
#include "provider/content.h"
#include "provider/timeouts.h"
#include "wandb/channel.h"

struct model {
    const char *license, *release_id, *url;
};

#define MEMBER(field) .member = SCHEMA_STRING, .offset = offsetof(struct model, field)

static const struct schema_attr ATTRS[] = {
    {.name = "license",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_SENSITIVE,
     .check = schema_check_not_empty,
     .doc = "The license to ask with. Without one the deployer offers the latest stable release.",
     MEMBER(license)},
    {.name = "release_id",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL | SCHEMA_COMPUTED,
     .check = schema_check_not_empty,
     .doc = "A release to ask for, as `_releaseId` in the System Console pins it. Without it, what the "
            "channel offers now is asked for; this is then the id of that release, null where the deployer "
            "gives none.",
     MEMBER(release_id)},
    {.name = "url",
     .type = &type_string,
     .flags = SCHEMA_OPTIONAL,
     .check = schema_check_url,
     .doc = "The deployer's address. The provider's `deployer_url` unless set.",
     MEMBER(url)},
    TIMEOUTS_OF_DATA,
    {.name = "chart_name",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "Name of the chart, null when the offer has none."},
    {.name = "chart_version",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc =
         "Version of the chart. Compare it with an instance's `active_chart` to see whether it will move."},
    {.name = "chart_url",
     .type = &type_string,
     .flags = SCHEMA_COMPUTED,
     .doc = "Where the chart comes from."},
    {.name = "pin",
     .type = &type_dynamic,
     .flags = SCHEMA_COMPUTED,
     .doc =
         "What to write as `spec.chart` to hold an instance at this chart: its `url`, `name` and `version`, "
         "without a login. Null when the offer names no version."},
    {.name = "chart",
     .type = &type_dynamic,
     .flags = SCHEMA_COMPUTED | SCHEMA_SENSITIVE,
     .doc = "The chart as it is offered; usable as `spec.chart` to pin it. Sensitive, because it may hold a "
            "password; `pin` is the same without."},
    {.name = "values",
     .type = &type_dynamic,
     .flags = SCHEMA_COMPUTED | SCHEMA_SENSITIVE,
     .doc = "The channel's level of values."},
    {.name = "metadata",
     .type = &type_dynamic,
     .flags = SCHEMA_COMPUTED,
     .doc = "What the channel says about the release."},
    {0},
};

static const struct schema SCHEMA = {
    .name = "wandb_release_channel",
    .doc = "Asks W&B's deployer which release it offers to a license, or under a release id. An instance "
           "whose spec names no chart "
           "moves to that release by itself, within the hour.",
    .attrs = ATTRS,
};

static struct value dynamic(struct arena *arena, struct value v) {
    return value_typed(arena, type_of_value(arena, v), v);
}

static struct value text(struct arena *arena, struct value map, const char *key) {
    return value_text(arena, value_dig_string(map, key, NULL));
}

// What was asked for; else what the offer calls itself.
static struct value release_id(struct arena *arena, const struct model *model, struct value offer) {
    return model->release_id ? value_string(arena, model->release_id)
                             : text(arena, value_get(offer, "metadata"), "releaseId");
}

static bool read(struct call *call, struct provider *provider, struct value config, struct value *out,
                 struct err *err) {
    struct arena *arena = call->arena;
    struct model model = {0};
    struct value offer;
    if (!schema_decode(arena, &SCHEMA, config, &model, err))
        return false;
    if (!model.url && !provider_knows(provider, "deployer_url", err))
        return false;
    struct channel_query query = {
        .url = model.url ? model.url : provider_settings(provider)->deployer_url,
        .license = model.license,
        .release_id = model.release_id,
    };
    if (!channel_get(call, &query, &offer, err))
        return false;
    struct value chart = value_get(offer, "chart");
    struct value_entry entries[] = {
        {"chart", dynamic(arena, chart)},
        {"chart_name", text(arena, chart, "name")},
        {"chart_url", text(arena, chart, "url")},
        {"chart_version", text(arena, chart, "version")},
        {"license", value_get(config, "license")},
        {"metadata", dynamic(arena, value_get(offer, "metadata"))},
        {"pin", dynamic(arena, channel_pin(arena, chart))},
        {"release_id", release_id(arena, &model, offer)},
        {"timeouts", value_get(config, "timeouts")},
        {"url", value_get(config, "url")},
        {"values", dynamic(arena, value_get(offer, "values"))},
    };
    *out = value_map(arena, entries, sizeof entries / sizeof *entries);
    return true;
}

const struct data_impl data_release_channel = {.schema = &SCHEMA, .read = read};
