// SPDX-License-Identifier: Apache-2.0
// Which of Terraform's two forms it is.
#include "report/read.h"

#include "base/cursor.h"
#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

static const char WHAT_TO_GIVE[] =
    "Give it a plan: `terraform show -json PLAN | terraform-provider-wandb report`, or the output of "
    "`terraform plan -json`";

static int by_address(const void *a, const void *b) {
    return strcmp(((const struct report_resource *)a)->address, ((const struct report_resource *)b)->address);
}

static bool read_messages(struct arena *arena, struct cursor text, struct report *out, struct err *err) {
    for (size_t number = 1; cursor_left(text); number++) {
        struct cursor line = cursor_line(&text);
        struct value message;
        cursor_skip(&line, " \t\r");
        if (!cursor_left(line))
            continue;
        if (!json_decode(arena, line.at, cursor_left(line), &message, err))
            return err_wrap(err, "line %zu of the plan's messages is no JSON", number);
        report_read_message(arena, message, out);
    }
    return true;
}

static bool read_document(struct arena *arena, struct value document, struct report *out, struct err *err) {
    if (value_has(document, "resource_changes") || value_has(document, "planned_values")) {
        report_read_plan(arena, document, out);
        return true;
    }
    if (value_has(document, "values"))
        return err_set(err, ERR_INVALID, "this is a state, and a report is about a plan. %s", WHAT_TO_GIVE);
    return err_set(err, ERR_INVALID, "this is JSON, but no plan of Terraform or OpenTofu. %s", WHAT_TO_GIVE);
}

bool report_read(struct arena *arena, const char *text, size_t len, struct report *out, struct err *err) {
    struct cursor all = cursor_over(text, len), first;
    struct value document;
    struct err ignored = err_in(arena);
    *out = (struct report){0};
    cursor_skip(&all, " \t\r\n");
    if (!cursor_left(all))
        return err_set(err, ERR_INVALID, "there is nothing to read. %s", WHAT_TO_GIVE);
    if (cursor_peek(all) != '{')
        return err_set(err, ERR_INVALID, "this is no JSON. %s", WHAT_TO_GIVE);
    struct cursor rest = all;
    first = cursor_line(&rest);
    bool fine =
        json_decode(arena, first.at, cursor_left(first), &document, &ignored) && value_has(document, "@level")
            ? read_messages(arena, all, out, err)
            : json_decode(arena, all.at, cursor_left(all), &document, err) &&
                  read_document(arena, document, out, err);
    if (fine && out->count)
        qsort(out->resources, out->count, sizeof *out->resources, by_address);
    return fine;
}
