// SPDX-License-Identifier: Apache-2.0
// The clock of a running template and time.Time as a template's value. Private to src/template.
#ifndef FUNCS_TIME_H
#define FUNCS_TIME_H

#include "go/time.h"
#include "template/function.h"

struct go_time date_now(struct rt *rt);
const struct time_zone *date_zone(struct rt *rt); // the machine's

bool date_is_time(struct rv v);
struct go_time date_of(struct rv time); // of a value that is one
bool date_give(struct rt *rt, struct go_time m, struct rv *out);
// The moment as text in a layout; false when that is beyond the limits.
bool date_format(struct rt *rt, struct go_time m, struct rv layout, struct rv *out);

#endif
