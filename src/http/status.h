// SPDX-License-Identifier: Apache-2.0
// What a response's status says, as an error.
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

#include "base/err.h"

// The kind of error that a status other than success is. Source: RFC 9110 section 15, RFC 6585 section 4.
enum err_kind http_status_kind(int status);

#endif
