// SPDX-License-Identifier: Apache-2.0
// Shared by src/jsonschema/_format*.c: one function a format. NULL when the text fits,
// else the validator's reason.
#ifndef JSONSCHEMA_FORMATS_H
#define JSONSCHEMA_FORMATS_H

#include "base/arena.h"

const char *format_json_pointer(struct arena *arena, const char *text);
const char *format_relative_json_pointer(struct arena *arena, const char *text);
const char *format_uuid(struct arena *arena, const char *text);
const char *format_semver(struct arena *arena, const char *text);
const char *format_uri(struct arena *arena, const char *text);
const char *format_uri_reference(struct arena *arena, const char *text);
const char *format_uri_template(struct arena *arena, const char *text);

const char *format_ipv4(struct arena *arena, const char *text);
const char *format_ipv6(struct arena *arena, const char *text);
const char *format_hostname(struct arena *arena, const char *text);
const char *format_email(struct arena *arena, const char *text);

const char *format_date(struct arena *arena, const char *text);
const char *format_time(struct arena *arena, const char *text);
const char *format_date_time(struct arena *arena, const char *text);
const char *format_duration(struct arena *arena, const char *text);
const char *format_period(struct arena *arena, const char *text);

#endif
