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

bool wandb_license_decode(struct arena *arena, const char *license, struct wandb_license *out,
                          struct err *err) {
    license += strspn(license, WHITE);
    size_t len = strlen(license);
    while (len && strchr(WHITE, license[len - 1]))
        len--;
    size_t parts[3], count = 0, start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && license[i] != '.')
            continue;
        if (count < 3)
            parts[count] = i - start;
        start = i + 1;
        count++;
    }
    if (count != 3 || !parts[0] || !parts[1] || !parts[2])
        return err_set(
            err, ERR_INVALID,
            "The license is not a JSON Web Token: it must be three texts separated by dots, found %zu in "
            "%zu characters. Copy the whole license from W&B's deployment manager.",
            count, len);
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
