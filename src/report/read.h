// SPDX-License-Identifier: Apache-2.0
// Inside src/report only: reading what Terraform prints.
#ifndef REPORT_READ_H
#define REPORT_READ_H

#include "report/report.h"
#include "value/value.h"

#define REPORT_SENSITIVE "(sensitive value)"
#define REPORT_UNKNOWN "(known after apply)"

// The resource of that address, added where it is missing.
struct report_resource *report_resource_at(struct arena *arena, struct report *report, const char *address);

// Whether a resource type is one of this provider's.
bool report_is_ours(const char *type);

// One document of `terraform show -json`.
void report_read_plan(struct arena *arena, struct value plan, struct report *out);

// One line of `terraform plan -json`.
void report_read_message(struct arena *arena, struct value message, struct report *out);

#endif
