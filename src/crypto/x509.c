// SPDX-License-Identifier: Apache-2.0
#include "crypto/x509.h"

#include "crypto/key.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { SERIAL_BYTES = 16, KEY_ID_BYTES = 20 };
static const int64_t SECONDS_A_DAY = 24 * 60 * 60;

static void cleanup_x509(X509 **cert) {
    X509_free(*cert);
}

static void cleanup_bn(BIGNUM **number) {
    BN_free(*number);
}

static void cleanup_names(GENERAL_NAMES **names) {
    GENERAL_NAMES_free(*names);
}

static void cleanup_octets(ASN1_OCTET_STRING **octets) {
    ASN1_OCTET_STRING_free(*octets);
}

static void cleanup_key_id(AUTHORITY_KEYID **id) {
    AUTHORITY_KEYID_free(*id);
}

static bool set_serial(X509 *cert, const struct crypto_random *random) {
    unsigned char bytes[SERIAL_BYTES];
    random->fill(random->user, bytes, sizeof bytes);
    CLEANUP(cleanup_bn) BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    return number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
}

static bool is_printable(const char *text) {
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("'()+,-./ :=?", *text))
            return false;
    return true;
}

// Set as typed bytes: OpenSSL's text interface would cut at 64 characters, Go does not.
static bool set_subject(X509 *cert, const char *common_name) {
    int type = is_printable(common_name) ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
    return !*common_name ||
           X509_NAME_add_entry_by_NID(X509_get_subject_name(cert), NID_commonName, type,
                                      (const unsigned char *)common_name, (int)strlen(common_name), -1, 0);
}

// Four bytes for IPv4, also where it is written as ::ffff:1.2.3.4.
static int ip_bytes(const char *text, unsigned char out[16]) {
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (inet_pton(AF_INET, text, out) == 1)
        return 4;
    if (inet_pton(AF_INET6, text, out) != 1)
        return 0;
    if (memcmp(out, mapped, sizeof mapped) != 0)
        return 16;
    memmove(out, out + 12, 4);
    return 4;
}

static bool add_name(GENERAL_NAMES *names, int kind, const void *data, int len) {
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *text = ASN1_STRING_type_new(kind == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
    if (!name || !text || !ASN1_STRING_set(text, data, len) || !sk_GENERAL_NAME_push(names, name)) {
        ASN1_STRING_free(text);
        GENERAL_NAME_free(name);
        return false;
    }
    GENERAL_NAME_set0_value(name, kind, text);
    return true;
}

static bool add_dns_names(GENERAL_NAMES *names, const struct crypto_certificate_request *request,
                          struct err *err) {
    for (size_t i = 0; i < request->dns_count; i++) {
        const char *name = request->dns_names[i];
        for (const char *c = name; *c; c++)
            if ((unsigned char)*c >= 0x80)
                return err_set(err, ERR_INVALID,
                               "error creating certificate: x509: \"%s\" cannot be encoded as an IA5String",
                               name);
        if (!add_name(names, GEN_DNS, name, (int)strlen(name)))
            return openssl_failed("error creating certificate", err);
    }
    return true;
}

static bool add_ips(GENERAL_NAMES *names, const struct crypto_certificate_request *request, struct err *err) {
    for (size_t i = 0; i < request->ip_count; i++) {
        unsigned char bytes[16];
        int len = ip_bytes(request->ips[i], bytes);
        if (!len)
            return err_set(err, ERR_INVALID, "error parsing ip: %s", request->ips[i]);
        if (!add_name(names, GEN_IPADD, bytes, len))
            return openssl_failed("error creating certificate", err);
    }
    return true;
}

static bool add_alternative_names(X509 *cert, const struct crypto_certificate_request *request,
                                  struct err *err) {
    CLEANUP(cleanup_names) GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    if (!names || !add_dns_names(names, request, err) || !add_ips(names, request, err))
        return false;
    return !sk_GENERAL_NAME_num(names) || X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0) == 1 ||
           openssl_failed("error creating certificate", err);
}

static bool add_extension(X509 *cert, int nid, const char *text) {
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, text);
    bool ok = extension && X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return ok;
}

// The first 160 bits of the public key's SHA-256, as Go takes them.
static bool add_subject_key_id(X509 *cert) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len;
    CLEANUP(cleanup_octets) ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    return id && X509_pubkey_digest(cert, EVP_sha256(), digest, &len) &&
           ASN1_OCTET_STRING_set(id, digest, KEY_ID_BYTES) &&
           X509_add1_ext_i2d(cert, NID_subject_key_identifier, id, 0, 0) == 1;
}

static bool add_authority_key_id(X509 *cert, X509 *signer) {
    const ASN1_OCTET_STRING *theirs = X509_get0_subject_key_id(signer);
    if (!theirs || !X509_NAME_cmp(X509_get_subject_name(cert), X509_get_subject_name(signer)))
        return true;
    CLEANUP(cleanup_key_id) AUTHORITY_KEYID *id = AUTHORITY_KEYID_new();
    if (!id || !(id->keyid = ASN1_OCTET_STRING_dup(theirs)))
        return false;
    return X509_add1_ext_i2d(cert, NID_authority_key_identifier, id, 0, 0) == 1;
}

static bool add_extensions(X509 *cert, const struct crypto_certificate_request *request, X509 *signer,
                           struct err *err) {
    const char *usage = request->is_ca ? "critical,digitalSignature,keyEncipherment,keyCertSign"
                                       : "critical,digitalSignature,keyEncipherment";
    bool ok = add_extension(cert, NID_key_usage, usage) &&
              add_extension(cert, NID_ext_key_usage, "serverAuth,clientAuth") &&
              add_extension(cert, NID_basic_constraints,
                            request->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
              (!request->is_ca || add_subject_key_id(cert)) &&
              (!signer || add_authority_key_id(cert, signer));
    if (!ok)
        return openssl_failed("error creating certificate", err);
    return add_alternative_names(cert, request, err);
}

static bool set_validity(X509 *cert, const struct crypto_certificate_request *request) {
    int64_t seconds, end;
    return !__builtin_mul_overflow(request->days, SECONDS_A_DAY, &seconds) &&
           !__builtin_add_overflow(request->now, seconds, &end) &&
           ASN1_TIME_set(X509_getm_notBefore(cert), request->now) &&
           ASN1_TIME_set(X509_getm_notAfter(cert), end);
}

static bool sign(X509 *cert, EVP_PKEY *key, struct err *err) {
    int type = EVP_PKEY_get_base_id(key);
    if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC && type != EVP_PKEY_ED25519)
        return err_set(err, ERR_UNSUPPORTED,
                       "error creating certificate: x509: only RSA, ECDSA and Ed25519 keys supported");
    const EVP_MD *digest = type == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
    if (type == EVP_PKEY_EC && EVP_PKEY_get_bits(key) > 256)
        digest = EVP_PKEY_get_bits(key) > 384 ? EVP_sha512() : EVP_sha384();
    return X509_sign(cert, key, digest) > 0 || openssl_failed("error creating certificate", err);
}

// Who signs: a certificate and its key, both NULL for a self-signed certificate.
struct signer {
    X509 *cert;
    EVP_PKEY *key;
};

static void cleanup_signer(struct signer *signer) {
    X509_free(signer->cert);
    EVP_PKEY_free(signer->key);
}

static X509 *build(const struct crypto_random *random, const struct crypto_certificate_request *request,
                   EVP_PKEY *key, const struct signer *signer, struct err *err) {
    CLEANUP(cleanup_x509) X509 *cert = X509_new();
    bool ok = cert && X509_set_version(cert, X509_VERSION_3) && set_serial(cert, random) &&
              set_subject(cert, request->common_name) && set_validity(cert, request) &&
              X509_set_pubkey(cert, key) &&
              X509_set_issuer_name(cert, X509_get_subject_name(signer->cert ? signer->cert : cert));
    if (!ok) {
        openssl_failed("error creating certificate", err);
        return NULL;
    }
    if (!add_extensions(cert, request, signer->cert, err) ||
        !sign(cert, signer->key ? signer->key : key, err))
        return NULL;
    X509 *made = cert;
    cert = NULL;
    return made;
}

static X509 *cert_from_pem(const char *pem, struct err *err) {
    CLEANUP(cleanup_bio) BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    if (cert)
        return cert;
    bool none = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (none)
        err_set(err, ERR_INVALID, "unable to decode certificate");
    else
        openssl_failed("error parsing certificate", err);
    ERR_clear_error();
    return NULL;
}

static const char *cert_to_pem(struct arena *arena, X509 *cert) {
    CLEANUP(cleanup_bio) BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, cert);
    return bio_text(arena, bio);
}

static bool load_signer(const struct crypto_certificate *pem, struct signer *signer, struct err *err) {
    signer->cert = cert_from_pem(pem->cert, err);
    if (!signer->cert)
        return false;
    signer->key = key_from_pem(pem->key, err);
    if (!signer->key)
        return err_wrap(err, "error parsing private key");
    if (!X509_check_private_key(signer->cert, signer->key))
        return openssl_failed(
            "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey", err);
    return true;
}

bool crypto_certificate_create(struct arena *arena, const struct crypto_random *random,
                               const struct crypto_certificate_request *request,
                               struct crypto_certificate *out, struct err *err) {
    CLEANUP(cleanup_signer) struct signer signer = {NULL, NULL};
    CLEANUP(cleanup_pkey)
    EVP_PKEY *key = request->key ? key_from_pem(request->key, err) : key_new_rsa(2048, err);
    if (!key)
        return request->key ? err_wrap(err, "parsing private key") : false;
    if (request->signer && !load_signer(request->signer, &signer, err))
        return false;
    CLEANUP(cleanup_x509) X509 *cert = build(random, request, key, &signer, err);
    if (!cert)
        return false;
    out->cert = cert_to_pem(arena, cert);
    out->key = key_to_pem(arena, key, err);
    return out->key != NULL;
}

bool crypto_certificate_check(const char *cert, const char *key, struct err *err) {
    CLEANUP(cleanup_x509) X509 *parsed = cert_from_pem(cert, err);
    if (!parsed)
        return false;
    CLEANUP(cleanup_pkey) EVP_PKEY *private = key_from_pem(key, err);
    return private || err_wrap(err, "error parsing private key");
}
