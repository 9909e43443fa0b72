// SPDX-License-Identifier: Apache-2.0
#include "codec/archive.h"

#include "base/cleanup.h"

#include <limits.h>
#include <zlib.h>

enum { WINDOW_GZIP = 15 + 16, CHUNK = 64 * 1024 };

static void cleanup_inflate(z_stream **stream) {
    inflateEnd(*stream);
}

static void cleanup_deflate(z_stream **stream) {
    deflateEnd(*stream);
}

static bool all_zero(const z_stream *stream) {
    for (size_t i = 0; i < stream->avail_in; i++)
        if (stream->next_in[i])
            return false;
    return true;
}

static bool refuse(const z_stream *stream, int status, size_t len, struct err *err) {
    if (status == Z_BUF_ERROR || status == Z_OK)
        return err_set(err, ERR_INVALID, "gzip: the data ends early, after %zu bytes", len);
    return err_set(err, ERR_INVALID, "gzip: bad data at byte %zu: %s", len - stream->avail_in,
                   stream->msg ? stream->msg : "not gzip");
}

// One member, or as much of it as `limit` allows.
static bool inflate_member(z_stream *stream, size_t len, size_t limit, struct buf *out, struct err *err) {
    unsigned char chunk[CHUNK];
    for (;;) {
        stream->next_out = chunk;
        stream->avail_out = sizeof chunk;
        int status = inflate(stream, Z_NO_FLUSH);
        size_t got = sizeof chunk - stream->avail_out;
        if (out->len + got > limit)
            return err_set(err, ERR_LIMIT, "gzip: the contents are larger than %zu bytes", limit);
        buf_add(out, chunk, got);
        if (status == Z_STREAM_END)
            return true;
        if (status != Z_OK || (!got && !stream->avail_in))
            return refuse(stream, status, len, err);
    }
}

bool gzip_decode(struct arena *arena, const void *data, size_t len, size_t limit, struct buf *out,
                 struct err *err) {
    buf_init(out, arena);
    if (len > UINT_MAX)
        return err_set(err, ERR_LIMIT, "gzip: %zu bytes are more than can be read at once", len);
    z_stream z = {.next_in = (Bytef *)data, .avail_in = (uInt)len};
    if (inflateInit2(&z, WINDOW_GZIP) != Z_OK)
        return err_set(err, ERR_INTERNAL, "gzip: zlib would not start");
    CLEANUP(cleanup_inflate) z_stream *stream = &z;
    do {
        if (!inflate_member(stream, len, limit, out, err))
            return false;
        inflateReset(stream);
    } while (stream->avail_in && !all_zero(stream));
    return true;
}

bool gzip_encode(struct arena *arena, const void *data, size_t len, struct buf *out, struct err *err) {
    buf_init(out, arena);
    if (len > UINT_MAX)
        return err_set(err, ERR_LIMIT, "gzip: %zu bytes are more than can be written at once", len);
    z_stream z = {.next_in = (Bytef *)data, .avail_in = (uInt)len};
    if (deflateInit2(&z, 9, Z_DEFLATED, WINDOW_GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_set(err, ERR_INTERNAL, "gzip: zlib would not start");
    CLEANUP(cleanup_deflate) z_stream *stream = &z;
    unsigned char chunk[CHUNK];
    int status;
    do {
        stream->next_out = chunk;
        stream->avail_out = sizeof chunk;
        status = deflate(stream, Z_FINISH);
        buf_add(out, chunk, sizeof chunk - stream->avail_out);
    } while (status == Z_OK);
    return status == Z_STREAM_END || err_set(err, ERR_INTERNAL, "gzip: zlib stopped with %d", status);
}
