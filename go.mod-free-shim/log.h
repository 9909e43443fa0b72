// SPDX-License-Identifier: Apache-2.0
// Lines of the log, as the host reads them.
#ifndef SHIM_LOG_H
#define SHIM_LOG_H

#include "shim.h"

#include <stddef.h>
#include <time.h>

enum { LOG_LINE_MAX = 60 * 1024 };

void log_init(const struct shim_config *config);
// The level the first set variable of `names` asks for; warn when none is set, trace for what it does not
// know.
enum shim_level log_level(const char *const *names);
// What a line tells.
struct log_event {
    struct timespec at;
    enum shim_level level;
    const char *module, *message;
    const struct shim_field *fields;
    size_t n_fields;
};
// One line with its LF into `line` (LOG_LINE_MAX bytes); the length.
size_t log_format(char *line, const struct log_event *event);

#endif
