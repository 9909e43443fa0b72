// SPDX-License-Identifier: Apache-2.0
// The rules Terraform holds a provider to (hashicorp/terraform, internal/plans/objchange), so
// that tests and developer builds find a breach before Terraform reports it.
#ifndef SCHEMA_CONSISTENCY_H
#define SCHEMA_CONSISTENCY_H

#include "schema/schema.h"

// Whether a table can be a schema at all: flags that fit together, one of type and nested, no
// reserved or duplicate names, defaults only where the provider may choose. ERR_INTERNAL names the attribute.
bool schema_check_table(const struct schema *schema, struct err *err);

// Whether Terraform accepts `planned` as a plan from `prior` for `config`. ERR_INTERNAL names path and rule.
bool schema_check_plan(const struct schema *schema, struct value config, struct value prior,
                       struct value planned, struct err *err);

// Whether `state`, the result of applying `planned`, keeps every known part of it and knows all.
bool schema_check_apply(const struct schema *schema, struct value planned, struct value state,
                        struct err *err);

#endif
