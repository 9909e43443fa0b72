// SPDX-License-Identifier: Apache-2.0
#include "http/status.h"

#include <stddef.h>

static const struct {
    int status;
    enum err_kind kind;
} KINDS[] = {
    {401, ERR_UNAUTHORIZED}, // Unauthorized
    {403, ERR_FORBIDDEN},    // Forbidden
    {404, ERR_NOT_FOUND},    // Not Found
    {405, ERR_UNSUPPORTED},  // Method Not Allowed
    {406, ERR_UNSUPPORTED},  // Not Acceptable
    {407, ERR_UNAUTHORIZED}, // Proxy Authentication Required
    {408, ERR_UNAVAILABLE},  // Request Timeout
    {409, ERR_CONFLICT},     // Conflict
    {410, ERR_NOT_FOUND},    // Gone
    {412, ERR_CONFLICT},     // Precondition Failed
    {413, ERR_LIMIT},        // Content Too Large
    {415, ERR_UNSUPPORTED},  // Unsupported Media Type
    {429, ERR_UNAVAILABLE},  // Too Many Requests
};

enum err_kind http_status_kind(int status) {
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (KINDS[i].status == status)
            return KINDS[i].kind;
    return status >= 500 ? ERR_UNAVAILABLE : status >= 400 ? ERR_INVALID : ERR_INTERNAL;
}
