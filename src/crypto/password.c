// SPDX-License-Identifier: Apache-2.0
#include "crypto/password.h"

#include "base/cleanup.h"
#include "crypto/digest.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void system_fill(void *user, void *out, size_t len) {
    (void)user;
    crypto_random_bytes(out, len);
}

const struct crypto_random crypto_random_system = {.fill = system_fill};

enum { BCRYPT_LONGEST = 72, BCRYPT_SALT = 16, AES_KEY = 32, AES_BLOCK = 16, ROUNDS = 60000 };

const char *crypto_bcrypt(struct arena *arena, const struct crypto_random *random, unsigned cost,
                          const char *password, struct err *err) {
    char salt[BCRYPT_SALT], setting[CRYPT_GENSALT_OUTPUT_SIZE];
    if (strlen(password) > BCRYPT_LONGEST) {
        err_set(err, ERR_INVALID, "bcrypt: password length exceeds 72 bytes");
        return NULL;
    }
    random->fill(random->user, salt, sizeof salt);
    struct crypt_data *data = arena_alloc(arena, sizeof *data);
    if (!crypt_gensalt_rn("$2a$", cost, salt, sizeof salt, setting, sizeof setting) ||
        !crypt_r(password, setting, data) || data->output[0] == '*') {
        err_set(err, ERR_INVALID, "bcrypt: cost %u is outside allowed range (4,31)", cost);
        return NULL;
    }
    const char *hash = arena_strdup(arena, data->output);
    OPENSSL_cleanse(data, sizeof *data);
    return hash;
}

bool crypto_bcrypt_check(const char *hash, const char *password) {
    SCRATCH_ARENA(scratch);
    struct crypt_data *data = arena_alloc(scratch, sizeof *data);
    const char *again = crypt_r(password, hash, data);
    size_t len = strlen(hash);
    return again && strlen(again) == len && !CRYPTO_memcmp(again, hash, len);
}

// The alphabets that a template's letters choose from.
static const struct {
    char letter;
    const char *choices;
} ALPHABETS[] = {
    {'V', "AEIOU"},
    {'C', "BCDFGHJKLMNPQRSTVWXYZ"},
    {'v', "aeiou"},
    {'c', "bcdfghjklmnpqrstvwxyz"},
    {'A', "AEIOUBCDFGHJKLMNPQRSTVWXYZ"},
    {'a', "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"},
    {'n', "0123456789"},
    {'o', "@&%?,=[]_:-+*$#!'^~;()/."},
    {'x', "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()"},
};

static const struct {
    const char *kind;
    const char *templates[22];
} TEMPLATES[] = {
    {"maximum", {"anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"}},
    {"long", {"CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv",
              "CvccCvcvCvcvno", "CvcvnoCvccCvcv", "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc",
              "CvcvCvcvnoCvcc", "CvcvCvcvCvccno", "CvccnoCvccCvcv", "CvccCvccnoCvcv", "CvccCvccCvcvno",
              "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc",
              "CvccCvcvCvccno"}},
    {"medium", {"CvcnoCvc", "CvcCvcno"}},
    {"short", {"Cvcn"}},
    {"basic", {"aaanaaan", "aannaaan", "aaannaaa"}},
    {"pin", {"nnnn"}},
};

static const char *const *templates_of(const char *kind) {
    for (size_t i = 0; i < sizeof TEMPLATES / sizeof *TEMPLATES; i++)
        if (!strcmp(TEMPLATES[i].kind, kind))
            return TEMPLATES[i].templates;
    return NULL;
}

static char pick(char letter, unsigned char seed) {
    for (size_t i = 0; i < sizeof ALPHABETS / sizeof *ALPHABETS; i++)
        if (ALPHABETS[i].letter == letter)
            return ALPHABETS[i].choices[seed % strlen(ALPHABETS[i].choices)];
    return '?';
}

static void add_u32(struct buf *out, uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_char(out, (char)(number >> shift));
}

// The algorithm's name, a length and a text: the salt of both its steps.
static struct buf salted(struct arena *arena, const char *text) {
    struct buf out;
    buf_init(&out, arena);
    buf_str(&out, "com.lyndir.masterpassword");
    add_u32(&out, (uint32_t)strlen(text));
    buf_str(&out, text);
    return out;
}

const char *crypto_derive_password(struct arena *arena, const char *password, const struct crypto_site *site,
                                   struct err *err) {
    const char *const *templates = templates_of(site->kind);
    if (!templates) {
        err_set(err, ERR_INVALID, "cannot find password template %s", site->kind);
        return NULL;
    }
    unsigned char key[64], seed[32];
    struct buf salt = salted(arena, site->user);
    if (!EVP_PBE_scrypt(password, strlen(password), (unsigned char *)salt.ptr, salt.len, 32768, 8, 2,
                        128 * 1024 * 1024, key, sizeof key)) {
        err_set(err, ERR_INTERNAL, "failed to derive password: scrypt would not run");
        return NULL;
    }
    struct buf message = salted(arena, site->name);
    add_u32(&message, site->counter);
    crypto_hmac_sha256(key, sizeof key, message.ptr, message.len, seed);
    size_t count = 0;
    while (templates[count])
        count++;
    const char *template = templates[seed[0] % count];
    char *out = arena_alloc(arena, strlen(template) + 1);
    for (size_t i = 0; template[i]; i++)
        out[i] = pick(template[i], seed[i + 1]);
    return out;
}

const char *crypto_slow_fingerprint(struct arena *arena, const char *salt, const void *data, size_t len) {
    unsigned char out[32];
    // Fails only without SHA-512 or without memory; nothing weaker may take its place.
    if (len > INT32_MAX || !PKCS5_PBKDF2_HMAC(data, (int)len, (const unsigned char *)salt, (int)strlen(salt),
                                              ROUNDS, EVP_sha512(), sizeof out, out)) {
        fputs("PBKDF2 would not run\n", stderr);
        abort();
    }
    return crypto_hex(arena, out, sizeof out);
}

static void cleanup_cipher(EVP_CIPHER_CTX **context) {
    EVP_CIPHER_CTX_free(*context);
}

static void key_of(const char *password, unsigned char key[AES_KEY]) {
    size_t len = strlen(password);
    memset(key, 0, AES_KEY);
    memcpy(key, password, len < AES_KEY ? len : AES_KEY);
}

bool crypto_aes_encrypt(struct buf *out, const struct crypto_random *random, const char *password,
                        struct cursor text, struct err *err) {
    unsigned char key[AES_KEY], iv[AES_BLOCK];
    size_t len = cursor_left(text);
    key_of(password, key);
    random->fill(random->user, iv, sizeof iv);
    CLEANUP(cleanup_cipher) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char *data = arena_alloc(out->arena, len + AES_BLOCK);
    int done = 0, last = 0;
    if (!context || len > INT32_MAX - AES_BLOCK ||
        !EVP_EncryptInit_ex(context, EVP_aes_256_cbc(), NULL, key, iv) ||
        !EVP_EncryptUpdate(context, data, &done, (const unsigned char *)text.at, (int)len) ||
        !EVP_EncryptFinal_ex(context, data + done, &last))
        return err_set(err, ERR_INTERNAL, "AES: %zu bytes could not be encrypted", len);
    buf_add(out, iv, sizeof iv);
    buf_add(out, data, (size_t)(done + last));
    return true;
}

bool crypto_aes_decrypt(struct buf *out, const char *password, const void *data, size_t len,
                        struct err *err) {
    if (len < 2 * AES_BLOCK || len % AES_BLOCK || len > INT32_MAX)
        return err_set(err, ERR_INVALID, "AES: %zu bytes are not whole blocks after an initialisation vector",
                       len);
    unsigned char key[AES_KEY];
    key_of(password, key);
    CLEANUP(cleanup_cipher) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char *text = arena_alloc(out->arena, len);
    int done = 0, last = 0;
    if (!context || !EVP_DecryptInit_ex(context, EVP_aes_256_cbc(), NULL, key, data) ||
        !EVP_CIPHER_CTX_set_padding(context, 0) ||
        !EVP_DecryptUpdate(context, text, &done, (const unsigned char *)data + AES_BLOCK,
                           (int)(len - AES_BLOCK)) ||
        !EVP_DecryptFinal_ex(context, text + done, &last))
        return err_set(err, ERR_INTERNAL, "AES: %zu bytes could not be decrypted", len);
    size_t padded = (size_t)(done + last), padding = text[padded - 1];
    if (padding > padded) // sprig checks no more than that; a wrong password gives rubbish
        return err_set(err, ERR_INVALID, "runtime error: slice bounds out of range [:-%zu]",
                       padding - padded);
    buf_add(out, text, padded - padding);
    return true;
}
