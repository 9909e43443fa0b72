// SPDX-License-Identifier: Apache-2.0
// RFC 4648 texts.
#ifndef CODEC_BASE64_H
#define CODEC_BASE64_H

#include "base/buf.h"
#include "base/err.h"

// Standard alphabet with padding.
void base64_encode(struct buf *out, const void *data, size_t len);

// Standard alphabet; line breaks are skipped, anything else wrong is ERR_INVALID
// ("illegal base64 data at input byte N", Go's words).
bool base64_decode(struct buf *out, const char *text, size_t len, struct err *err);

// URL alphabet, padding optional (JWTs).
bool base64url_decode(struct buf *out, const char *text, size_t len, struct err *err);

// RFC 4648 base32 with padding, upper case.
void base32_encode(struct buf *out, const void *data, size_t len);
bool base32_decode(struct buf *out, const char *text, size_t len, struct err *err);

#endif
