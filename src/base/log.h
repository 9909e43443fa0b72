// SPDX-License-Identifier: Apache-2.0
// A log with a pluggable sink: base knows no wire format. Secrets never go in.
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/call.h"

enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

// Receives one record, with the call's log_field. Must be thread-safe.
typedef void log_sink(enum log_level level, const char *module, const char *message, struct log_field field);

// Set once before threads start. NULL (the default) drops everything.
void log_set_sink(log_sink *sink, enum log_level lowest);

// True when a record of that level would be written; saves building costly texts.
bool log_enabled(enum log_level level);

// One record, without the secrets of the call. `call` may be NULL.
void log_to(const struct call *call, enum log_level level, const char *module, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
