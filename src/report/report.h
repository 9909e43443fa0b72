// SPDX-License-Identifier: Apache-2.0
// What a plan says about W&B's resources, for people and for pipelines: which paths drifted, and what the
// plan would change. Reads what Terraform and OpenTofu print, and nothing else: no cluster, no network, no
// files.
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buf.h"
#include "base/err.h"

// A path that others changed. Texts are as the provider gave them: values as JSON, "absent", "(sensitive)";
// "" for what is not recorded.
struct report_drift {
    const char *object; // "WeightsAndBiases/default/wandb"
    const char *path;   // "" for the object as a whole
    const char *wanted, *found;
    const char *manager, *time;
};

// An attribute's path that the plan changes. Values as JSON; "absent", "(sensitive value)", "(known after
// apply)".
struct report_change {
    const char *path;
    const char *before, *after;
};

struct report_resource {
    const char *address;
    const char *action; // "no-op", "create", "read", "update", "replace", "delete", "forget", "move"
    const char *file;   // where the configuration has it, and in which line; NULL and 0 when unknown
    long line;
    struct report_drift *drifts;
    size_t drift_count;
    struct report_change *changes;
    size_t change_count;
};

struct report {
    struct report_resource *resources; // by address; those that a plan leaves alone, too
    size_t count;
    const char **errors; // of a plan that failed
    size_t error_count;
};

// Reads the output of `terraform show -json PLAN` or of `terraform plan -json`. ERR_INVALID: it is neither. A
// plan's stream has the paths that drifted, but not what the plan changes in attributes.
bool report_read(struct arena *arena, const char *text, size_t len, struct report *out, struct err *err);

// How many paths drifted, and how many resources the plan changes.
size_t report_drifts(const struct report *report);
size_t report_changed(const struct report *report);
bool report_changes(const struct report_resource *resource); // whether the plan changes it

// Writes the report in a format: "text", "markdown", "html", "json", "junit" (JUnit's XML) or "sarif"
// (2.1.0). ERR_INVALID names the formats. Values are escaped as the format needs it.
bool report_write(const struct report *report, const char *format, struct buf *out, struct err *err);

// The command `report [--format FORMAT] < PLAN`: 0 when there is nothing to tell, 2 when something drifted or
// the plan changes something (as Terraform's -detailed-exitcode), 1 when the plan failed or cannot be read.
int report_main(int argc, char **argv);

#endif
