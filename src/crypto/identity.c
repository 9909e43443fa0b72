// SPDX-License-Identifier: Apache-2.0
#include "crypto/identity.h"

#include "crypto/key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

enum { BLOCKS = 10000 }; // of a text; more is no bundle of certificates

static const char KEY[] = "PRIVATE KEY", CERTIFICATE[] = "CERTIFICATE";

// One block of PEM.
struct block {
    char *name, *header;
    unsigned char *data;
    long len;
};

static void cleanup_block(struct block *block) {
    OPENSSL_free(block->name);
    OPENSSL_free(block->header);
    OPENSSL_clear_free(block->data, block->len > 0 ? (size_t)block->len : 0);
    *block = (struct block){0};
}

static void cleanup_cert(X509 **cert) {
    X509_free(*cert);
}

static bool ends_with(const char *text, const char *end) {
    size_t len = strlen(text), size = strlen(end);
    return len >= size && !strcmp(text + len - size, end);
}

// The next block whose name ends so; what stands between, such as the parameters of a curve, is passed over.
static bool next_block(BIO *bio, const char *end, struct block *out) {
    for (int i = 0; i < BLOCKS; i++) {
        cleanup_block(out);
        if (!PEM_read_bio(bio, &out->name, &out->header, &out->data, &out->len)) {
            ERR_clear_error();
            return false;
        }
        if (ends_with(out->name, end))
            return true;
    }
    return false;
}

// A SEQUENCE, and in its first bytes what no text has.
static bool is_der(const char *text) {
    bool binary = false;
    for (size_t i = 1; i < 8 && text[i]; i++)
        binary |= (unsigned char)text[i] < '\t' || (unsigned char)text[i] >= 0x80;
    return text[0] == 0x30 && binary;
}

const char *crypto_pem_find(const char *text) {
    return strstr(text, "-----BEGIN ");
}

// Why a text holds no block of the kind that is needed.
static bool no_block(const char *pem, const char *kind, struct err *err) {
    static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n";
    const char *begins = crypto_pem_find(pem);
    if (!*pem)
        return err_set(err, ERR_INVALID, "is empty; PEM text of a %s is needed", kind);
    if (begins && !strstr(begins, kind))
        return err_set(err, ERR_INVALID, "is PEM of something else; that of a %s is needed", kind);
    if (begins)
        return err_set(err, ERR_INVALID, "holds no whole PEM block of a %s: is it cut off or damaged?", kind);
    if (is_der(pem))
        return err_set(err, ERR_INVALID,
                       "is binary (DER); PEM text is needed. `openssl %s -inform DER` makes it of the other",
                       strcmp(kind, KEY) ? "x509" : "pkey");
    return err_set(err, ERR_INVALID, "is not PEM: no \"-----BEGIN %s-----\" line was found%s", kind,
                   strspn(pem, BASE64) == strlen(pem)
                       ? "; it looks like base64, as cloud providers hand it out: wrap it in base64decode()"
                       : "");
}

// OpenSSL's reason, which quotes nothing.
static bool unreadable(const char *kind, struct err *err) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return err_set(err, ERR_INVALID, "cannot be read as a %s: %s", kind,
                   reason ? reason : "no reason is given");
}

static bool read_certificate(const char *pem, X509 **out, struct err *err) {
    CLEANUP(cleanup_bio) BIO *bio = BIO_new_mem_buf(pem, -1);
    CLEANUP(cleanup_block) struct block block = {0};
    if (!bio || !next_block(bio, CERTIFICATE, &block))
        return no_block(pem, CERTIFICATE, err);
    const unsigned char *data = block.data;
    *out = d2i_X509(NULL, &data, block.len);
    return *out || unreadable("certificate", err);
}

static bool read_key(const char *pem, EVP_PKEY **out, struct err *err) {
    CLEANUP(cleanup_bio) BIO *bio = BIO_new_mem_buf(pem, -1);
    CLEANUP(cleanup_block) struct block block = {0};
    if (!bio || !next_block(bio, KEY, &block))
        return no_block(pem, KEY, err);
    if (!strncmp(block.name, "ENCRYPTED", 9) || strstr(block.header, "ENCRYPTED"))
        return err_set(
            err, ERR_INVALID,
            "is encrypted, and there is nobody here to ask for its passphrase. Give the key without "
            "one: `openssl pkey -in ENCRYPTED.pem -out KEY.pem`, with the file kept as safe as the "
            "passphrase");
    const unsigned char *data = block.data;
    *out = d2i_AutoPrivateKey(NULL, &data, block.len);
    return *out || unreadable("private key", err);
}

bool crypto_authorities_check(const char *pem, struct err *err) {
    CLEANUP(cleanup_bio) BIO *bio = BIO_new_mem_buf(pem, -1);
    CLEANUP(cleanup_block) struct block block = {0};
    bool any = false;
    while (bio && next_block(bio, CERTIFICATE, &block)) {
        const unsigned char *data = block.data;
        CLEANUP(cleanup_cert) X509 *cert = d2i_X509(NULL, &data, block.len);
        if (cert) {
            ERR_clear_error();
            return true;
        }
        any = true;
    }
    return any ? unreadable("certificate", err) : no_block(pem, CERTIFICATE, err);
}

bool crypto_certificate_usable(const char *pem, struct err *err) {
    CLEANUP(cleanup_cert) X509 *cert = NULL;
    return read_certificate(pem, &cert, err);
}

bool crypto_key_usable(const char *pem, struct err *err) {
    CLEANUP(cleanup_pkey) EVP_PKEY *key = NULL;
    return read_key(pem, &key, err);
}

bool crypto_key_fits(const char *cert, const char *key, struct err *err) {
    CLEANUP(cleanup_cert) X509 *certificate = NULL;
    CLEANUP(cleanup_pkey) EVP_PKEY *private = NULL;
    if (!read_certificate(cert, &certificate, err) || !read_key(key, &private, err))
        return false;
    bool fits = X509_check_private_key(certificate, private) == 1;
    ERR_clear_error();
    return fits ||
           err_set(err, ERR_INVALID,
                   "is not the key of the client certificate: the two belong to different pairs. Give the "
                   "key that the certificate was made with");
}
