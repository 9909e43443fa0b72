// SPDX-License-Identifier: Apache-2.0
// sprig's digests, passwords and encryption; the work is done by src/crypto.
#include "codec/base64.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "funcs/private.h"
#include "funcs/random.h"

#include <string.h>

static bool digest_hex(struct rt *rt, enum crypto_digest digest, struct rv text, struct rv *out) {
    *out = rv_literal(crypto_digest_hex(rt->heap->arena, digest, text.u.text, text.len));
    return true;
}

static bool sha1sum(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return digest_hex(rt, CRYPTO_SHA1, args[0], out);
}

static bool sha256sum(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return digest_hex(rt, CRYPTO_SHA256, args[0], out);
}

static bool sha512sum(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    return digest_hex(rt, CRYPTO_SHA512, args[0], out);
}

static bool adler32sum(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    *out = rv_literal(arena_printf(rt->heap->arena, "%u", crypto_adler32(args[0].u.text, args[0].len)));
    return true;
}

// A failure is the result's text, as in sprig.
static const char *hash_password(struct rt *rt, struct rv password) {
    struct err err = err_in(rt->heap->arena);
    struct crypto_random random = random_source(rt);
    enum { COST = 10, ROUNDS_AS_STEPS = 1000000 };
    if (!rt_spend(rt, ROUNDS_AS_STEPS))
        return NULL;
    const char *hash = crypto_bcrypt(rt->heap->arena, &random, COST, rv_cstr(rt->heap, password), &err);
    return hash ? hash : arena_printf(rt->heap->arena, "failed to encrypt string with bcrypt: %s", err.msg);
}

static bool bcrypt(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *hash = hash_password(rt, args[0]);
    if (hash)
        *out = rv_literal(hash);
    return hash != NULL;
}

static bool htpasswd(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    const char *user = rv_cstr(rt->heap, args[0]);
    if (strchr(user, ':')) {
        *out = rv_literal(arena_printf(rt->heap->arena, "invalid username: %s", user));
        return true;
    }
    const char *hash = hash_password(rt, args[1]);
    if (hash)
        *out = rv_literal(arena_printf(rt->heap->arena, "%s:%s", user, hash));
    return hash != NULL;
}

static bool derive_password(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    enum { SCRYPT_AS_STEPS = 2000000 };
    if (!rt_spend(rt, SCRYPT_AS_STEPS))
        return false;
    struct crypto_site site = {.counter = (uint32_t)args[0].u.integer,
                               .kind = rv_cstr(rt->heap, args[1]),
                               .user = rv_cstr(rt->heap, args[3]),
                               .name = rv_cstr(rt->heap, args[4])};
    const char *password = crypto_derive_password(rt->heap->arena, rv_cstr(rt->heap, args[2]), &site, &err);
    *out = rv_literal(password ? password : err.msg);
    return true;
}

static bool encrypt_aes(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    struct crypto_random random = random_source(rt);
    struct buf encrypted, text;
    buf_init(&encrypted, rt->heap->arena);
    buf_init(&text, rt->heap->arena);
    *out = rv_literal("");
    if (!args[1].len)
        return true;
    if (!crypto_aes_encrypt(&encrypted, &random, rv_cstr(rt->heap, args[0]),
                            cursor_over(args[1].u.text, args[1].len), &err))
        return rt_fail(rt, "%s", err.msg);
    base64_encode(&text, encrypted.ptr, encrypted.len);
    *out = rv_buf(&text);
    return true;
}

enum { AES_BLOCK = 16 };

// What Go says when the slices that sprig takes of a text do not fit; NULL when they do. `room` is what
// was made for the text.
static const char *misfit(struct arena *arena, size_t len, size_t room) {
    if (room < AES_BLOCK)
        return arena_printf(arena, "runtime error: slice bounds out of range [:16] with capacity %zu", room);
    if (len < AES_BLOCK)
        return arena_printf(arena, "runtime error: slice bounds out of range [16:%zu]", len);
    if (len % AES_BLOCK)
        return "crypto/cipher: input not full blocks";
    return len == AES_BLOCK ? "runtime error: index out of range [-1]" : NULL;
}

static bool decrypt_aes(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    struct buf encrypted, text;
    buf_init(&encrypted, rt->heap->arena);
    buf_init(&text, rt->heap->arena);
    *out = rv_literal("");
    if (!args[1].len)
        return true;
    if (!base64_decode(&encrypted, args[1].u.text, args[1].len, &err))
        return rt_fail(rt, "%s", err.msg);
    const char *wrong = misfit(rt->heap->arena, encrypted.len, args[1].len / 4 * 3);
    if (wrong)
        return rt_fail(rt, "%s", wrong);
    if (!crypto_aes_decrypt(&text, rv_cstr(rt->heap, args[0]), buf_text(&encrypted), encrypted.len, &err))
        return rt_fail(rt, "%s", err.msg);
    *out = rv_buf(&text);
    return true;
}

const struct rt_func funcs_crypto[] = {
    {"adler32sum", "s", adler32sum, 0},   {"bcrypt", "s", bcrypt, 0},
    {"decryptAES", "ss", decrypt_aes, 0}, {"derivePassword", "ussss", derive_password, 0},
    {"encryptAES", "ss", encrypt_aes, 0}, {"htpasswd", "ss", htpasswd, 0},
    {"sha1sum", "s", sha1sum, 0},         {"sha256sum", "s", sha256sum, 0},
    {"sha512sum", "s", sha512sum, 0},     {NULL, NULL, NULL, 0},
};
