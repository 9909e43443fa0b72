// SPDX-License-Identifier: Apache-2.0
// For programs: JSON of our own, JUnit's XML, and SARIF.
#include "report/private.h"

#include "codec/json.h"
#include "value/value.h"

static struct value text(const char *text) {
    return value_string_ref(text);
}

// ---- JSON ----

static struct value drift_value(struct arena *arena, const struct report_drift *drift) {
    const struct value_entry entries[] = {{"object", text(drift->object)},   {"path", text(drift->path)},
                                          {"wanted", text(drift->wanted)},   {"found", text(drift->found)},
                                          {"manager", text(drift->manager)}, {"time", text(drift->time)}};
    return value_map(arena, entries, sizeof entries / sizeof *entries);
}

static struct value change_value(struct arena *arena, const struct report_change *change) {
    const struct value_entry entries[] = {
        {"path", text(change->path)}, {"before", text(change->before)}, {"after", text(change->after)}};
    return value_map(arena, entries, sizeof entries / sizeof *entries);
}

static struct value resource_value(struct arena *arena, const struct report_resource *resource) {
    struct value *drifts = arena_array(arena, resource->drift_count + 1, sizeof *drifts);
    struct value *changes = arena_array(arena, resource->change_count + 1, sizeof *changes);
    for (size_t i = 0; i < resource->drift_count; i++)
        drifts[i] = drift_value(arena, &resource->drifts[i]);
    for (size_t i = 0; i < resource->change_count; i++)
        changes[i] = change_value(arena, &resource->changes[i]);
    const struct value_entry entries[] = {
        {"address", text(resource->address)},
        {"action", text(resource->action)},
        {"drift", value_list(arena, drifts, resource->drift_count)},
        {"changes", value_list(arena, changes, resource->change_count)},
    };
    return value_map(arena, entries, sizeof entries / sizeof *entries);
}

void report_json(const struct report *report, struct buf *out) {
    struct arena *arena = out->arena;
    struct value *resources = arena_array(arena, report->count + 1, sizeof *resources);
    struct value *errors = arena_array(arena, report->error_count + 1, sizeof *errors);
    for (size_t i = 0; i < report->count; i++)
        resources[i] = resource_value(arena, &report->resources[i]);
    for (size_t i = 0; i < report->error_count; i++)
        errors[i] = text(report->errors[i]);
    const struct value_entry entries[] = {
        {"format_version", text("1.0")},
        {"drifted", value_int((int64_t)report_drifts(report))},
        {"to_change", value_int((int64_t)report_changed(report))},
        {"errors", value_list(arena, errors, report->error_count)},
        {"resources", value_list(arena, resources, report->count)},
    };
    json_encode(out, value_map(arena, entries, sizeof entries / sizeof *entries), JSON_PRETTY);
    buf_char(out, '\n');
}

// ---- JUnit ----

static void write_case(struct buf *out, const struct report_resource *resource) {
    struct buf line;
    buf_str(out, "  <testcase classname=\"wandb\" name=\"");
    report_escape(out, resource->address);
    if (!resource->drift_count) {
        buf_str(out, "\"/>\n");
        return;
    }
    buf_str(out, "\">\n    <failure type=\"drift\" message=\"");
    report_headline(out, resource);
    buf_str(out, "\">");
    for (size_t i = 0; i < resource->drift_count; i++) {
        buf_init(&line, out->arena);
        report_sentence(&line, &resource->drifts[i]);
        report_escape(out, buf_text(&line));
        buf_char(out, '\n');
    }
    buf_str(out, "</failure>\n  </testcase>\n");
}

// A plan's change is what was asked for, so only drift fails a case.
void report_junit(const struct report *report, struct buf *out) {
    size_t drifted = 0;
    for (size_t i = 0; i < report->count; i++)
        drifted += report->resources[i].drift_count > 0;
    buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buf_printf(
        out, "<testsuite name=\"terraform-provider-wandb\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
        report->count + report->error_count, drifted, report->error_count);
    for (size_t i = 0; i < report->error_count; i++) {
        buf_str(out, "  <testcase classname=\"terraform\" name=\"plan\">\n    <error message=\"");
        report_escape(out, report->errors[i]);
        buf_str(out, "\"/>\n  </testcase>\n");
    }
    for (size_t i = 0; i < report->count; i++)
        write_case(out, &report->resources[i]);
    buf_str(out, "</testsuite>\n");
}

// ---- SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html) ----

static struct value one_of(struct arena *arena, const char *key, struct value v) {
    const struct value_entry entry = {key, v};
    return value_map(arena, &entry, 1);
}

// 3.28: where the resource is configured, when that is known, and its address.
static struct value location_of(struct arena *arena, const struct report_resource *resource) {
    struct value logical = one_of(arena, "fullyQualifiedName", text(resource->address));
    struct value location = one_of(arena, "logicalLocations", value_list(arena, &logical, 1));
    if (!resource->file)
        return location;
    const struct value_entry place[] = {
        {"artifactLocation", one_of(arena, "uri", text(resource->file))},
        {"region", one_of(arena, "startLine", value_int(resource->line > 0 ? resource->line : 1))}};
    return value_with(arena, location, "physicalLocation", value_map(arena, place, 2));
}

static struct value result_of(struct arena *arena, const struct report_resource *resource,
                              const struct report_drift *drift) {
    struct buf sentence;
    buf_init(&sentence, arena);
    report_sentence(&sentence, drift);
    struct value location = location_of(arena, resource);
    const struct value_entry entries[] = {
        {"ruleId", text("drift")},
        {"level", text("warning")},
        {"message", one_of(arena, "text", text(buf_text(&sentence)))},
        {"locations", value_list(arena, &location, 1)},
    };
    return value_map(arena, entries, sizeof entries / sizeof *entries);
}

static struct value tool(struct arena *arena) {
    const struct value_entry rule_entries[] = {
        {"id", text("drift")},
        {"shortDescription", one_of(arena, "text", text("The cluster is not as it was last written."))}};
    struct value rule = value_map(arena, rule_entries, 2);
    const struct value_entry driver[] = {
        {"name", text("terraform-provider-wandb")},
        {"rules", value_list(arena, &rule, 1)},
    };
    return one_of(arena, "driver", value_map(arena, driver, 2));
}

static struct value invocation(struct arena *arena, const struct report *report) {
    return one_of(arena, "executionSuccessful", value_bool(report->error_count == 0));
}

void report_sarif(const struct report *report, struct buf *out) {
    struct arena *arena = out->arena;
    struct value *results = arena_array(arena, report_drifts(report) + 1, sizeof *results);
    struct value invoked = invocation(arena, report);
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        for (size_t k = 0; k < report->resources[i].drift_count; k++)
            results[count++] = result_of(arena, &report->resources[i], &report->resources[i].drifts[k]);
    const struct value_entry run_entries[] = {{"tool", tool(arena)},
                                              {"invocations", value_list(arena, &invoked, 1)},
                                              {"results", value_list(arena, results, count)}};
    struct value run = value_map(arena, run_entries, 3);
    const struct value_entry entries[] = {
        {"$schema", text("https://json.schemastore.org/sarif-2.1.0.json")},
        {"version", text("2.1.0")},
        {"runs", value_list(arena, &run, 1)},
    };
    json_encode(out, value_map(arena, entries, 3), JSON_PRETTY);
    buf_char(out, '\n');
}
