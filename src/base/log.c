// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

static log_sink *current_sink;
static enum log_level lowest_level = LOG_WARN;

void log_set_sink(log_sink *sink, enum log_level lowest) {
    current_sink = sink;
    lowest_level = lowest;
}

bool log_enabled(enum log_level level) {
    return current_sink && level >= lowest_level;
}

void log_to(const struct call *call, enum log_level level, const char *module, const char *format, ...) {
    if (!log_enabled(level))
        return;
    SCRATCH_ARENA(scratch);
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(scratch, format, args);
    va_end(args);
    message = call ? hidden_mask(call->hidden, scratch, message) : message;
    current_sink(level, module, message, call ? call->log_field : (struct log_field){0});
}
