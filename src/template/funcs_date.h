// SPDX-License-Identifier: Apache-2.0
// What the date functions lend the duration functions. Private to src/template.
#ifndef TEMPLATE_FUNCS_DATE_H
#define TEMPLATE_FUNCS_DATE_H

#include "template/funcs.h"
#include "template/moment.h"

// True for a time.Time, whose object's data is a struct moment.
bool date_is_time(struct rv v);

// The options' clock, or the system's.
struct moment date_now(struct rt *rt);

#endif
