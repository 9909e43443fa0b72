// SPDX-License-Identifier: Apache-2.0
#include "wandb/license.h"

#include "base/rfc3339.h"
#include "codec/base64.h"
#include "codec/json.h"

#include <string.h>

static const char WHITE[] = " \t\r\n";

static const char *expiry(struct arena *arena, struct value claims) {
    const char *text = value_dig_string(claims, "expiresAt", NULL);
    struct value exp = value_get(claims, "exp");
    if (text && *text)
        return text;
    return value_kind(exp) == VALUE_INT ? rfc3339_text(arena, value_get_int(exp)) : NULL;
}

// The three parts of a JSON Web Token, RFC 7519.
enum { PARTS = 3 };

static size_t split(const char *text, size_t len, size_t parts[PARTS]) {
    size_t count = 0, start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '.')
            continue;
        if (count < PARTS)
            parts[count] = i - start;
        start = i + 1;
        count++;
    }
    return count;
}

// Which parts are empty; NULL when none is.
static const char *empty_parts(struct arena *arena, const size_t parts[PARTS]) {
    static const char *const NAMES[PARTS] = {"first", "second", "third"};
    struct buf names;
    size_t count = 0;
    buf_init(&names, arena);
    for (size_t i = 0; i < PARTS; i++)
        if (!parts[i])
            buf_printf(&names, "%s%s", count++ ? " and the " : "", NAMES[i]);
    return count ? arena_printf(arena, "the %s of the three %s empty", buf_text(&names),
                                count > 1 ? "are" : "is")
                 : NULL;
}

static bool check_shape(struct arena *arena, const char *license, size_t len, size_t parts[PARTS],
                        struct err *err) {
    size_t count = split(license, len, parts);
    const char *found = count == PARTS ? empty_parts(arena, parts) : arena_printf(arena, "found %zu", count);
    return !found ||
           err_set(err, ERR_INVALID,
                   "The license is not a JSON Web Token: it must be three texts separated by dots, %s%s. "
                   "Copy the whole license from W&B's deployment manager.",
                   len ? found : "found an empty text",
                   len ? arena_printf(arena, " in %zu characters", len) : "");
}

bool wandb_license_decode(struct arena *arena, const char *license, struct wandb_license *out,
                          struct err *err) {
    license += strspn(license, WHITE);
    size_t len = strlen(license), parts[PARTS];
    while (len && strchr(WHITE, license[len - 1]))
        len--;
    if (!check_shape(arena, license, len, parts, err))
        return false;
    struct buf payload;
    buf_init(&payload, arena);
    struct err cause = err_in(arena);
    if (!base64url_decode(&payload, license + parts[0] + 1, parts[1], &cause) ||
        !json_decode(arena, buf_text(&payload), payload.len, &out->claims, &cause) ||
        value_kind(out->claims) != VALUE_MAP)
        return err_set(
            err, ERR_INVALID,
            "The license's second part does not hold a JSON object in base64. Some of it may be missing: "
            "copy the whole license from W&B's deployment manager.");
    out->deployment_id = value_dig_string(out->claims, "deploymentId", NULL);
    out->expires_at = expiry(arena, out->claims);
    return true;
}
