// SPDX-License-Identifier: Apache-2.0
// sprig's keys and certificates; the work is done by src/crypto.
#include "codec/base64.h"
#include "crypto/x509.h"
#include "funcs/private.h"
#include "funcs/random.h"
#include "funcs/time.h"

#include <string.h>

enum { KEY_AS_STEPS = 5000000 }; // making a key counts as so much work

static const struct rfield certificate_fields[] = {{"Cert", "Cert", false}, {"Key", "Key", false}};
static const struct rt_func no_methods[] = {{NULL, NULL, NULL, 0}};
static const struct rclass certificate_class = {
    .name = "sprig.certificate",
    .kind_name = "struct",
    .kind = RV_STRUCT,
    .fields = certificate_fields,
    .field_count = 2,
    .methods = no_methods,
};

static bool give_certificate(struct rt *rt, struct rv cert, struct rv key, struct rv *out) {
    struct robject *object = arena_alloc(rt->heap->arena, sizeof *object);
    object->class = &certificate_class;
    object->fields = rv_items(rt->heap, 2);
    object->fields[0] = cert;
    object->fields[1] = key;
    *out = rv_object(object);
    return true;
}

// The texts of a list, or the complaint about the first that is none.
static bool texts_of(struct rt *rt, struct rv list, const char *complaint, const char *const **out) {
    const char **texts = arena_array(rt->heap->arena, (size_t)list.len + 1, sizeof *texts);
    *out = texts;
    for (size_t i = 0; i < list.len; i++) {
        if (list.u.items[i].type != RT_STRING) {
            struct buf shown;
            buf_init(&shown, rt->heap->arena);
            if (!fmt_value(&shown, list.u.items[i]))
                return rt_fail_cut(rt);
            return rt_fail(rt, "%s: %s is not a string", complaint, buf_text(&shown));
        }
        texts[i] = rv_cstr(rt->heap, list.u.items[i]);
    }
    return true;
}

static bool create(struct rt *rt, struct crypto_certificate_request *request, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    struct crypto_random random = random_source(rt);
    struct crypto_certificate made;
    request->now = date_now(rt).seconds;
    if (!rt_spend(rt, KEY_AS_STEPS))
        return false;
    if (!crypto_certificate_create(rt->heap->arena, &random, request, &made, &err))
        return rt_fail(rt, "%s", err.msg);
    return give_certificate(rt, rv_literal(made.cert), rv_literal(made.key), out);
}

static bool gen_ca(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct crypto_certificate_request request = {
        .common_name = rv_cstr(rt->heap, args[0]),
        .days = args[1].u.integer,
        .is_ca = true,
        .key = count > 2 ? rv_cstr(rt->heap, args[2]) : NULL,
    };
    return create(rt, &request, out);
}

// What the signed and the self-signed forms share: name, addresses, DNS names, days.
static bool read_request(struct rt *rt, const struct rv *args, struct crypto_certificate_request *out) {
    *out = (struct crypto_certificate_request){
        .common_name = rv_cstr(rt->heap, args[0]),
        .ip_count = args[1].len,
        .dns_count = args[2].len,
        .days = args[3].u.integer,
    };
    return texts_of(rt, args[1], "error parsing ip", &out->ips) &&
           texts_of(rt, args[2], "error processing alternate dns name", &out->dns_names);
}

static bool gen_self_signed(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct crypto_certificate_request request;
    if (!read_request(rt, args, &request))
        return false;
    request.key = count > 4 ? rv_cstr(rt->heap, args[4]) : NULL;
    return create(rt, &request, out);
}

static bool gen_signed(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct crypto_certificate_request request;
    if (!read_request(rt, args, &request))
        return false;
    const struct rv *fields = args[4].u.object->fields;
    struct crypto_certificate signer = {rv_cstr(rt->heap, fields[0]), rv_cstr(rt->heap, fields[1])};
    request.signer = &signer;
    request.key = count > 5 ? rv_cstr(rt->heap, args[5]) : NULL;
    return create(rt, &request, out);
}

static bool gen_private_key(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    if (!rt_spend(rt, KEY_AS_STEPS))
        return false;
    const char *key = crypto_private_key(rt->heap->arena, rv_cstr(rt->heap, args[0]), &err);
    *out = rv_literal(key ? key : err.msg);
    return true;
}

static bool decoded(struct rt *rt, struct rv text, struct buf *out) {
    struct err ignored = err_in(rt->heap->arena);
    buf_init(out, rt->heap->arena);
    return base64_decode(out, text.u.text, text.len, &ignored);
}

static bool build_custom(struct rt *rt, const struct rv *args, size_t count, struct rv *out) {
    struct err err = err_in(rt->heap->arena);
    struct buf cert, key;
    if (!decoded(rt, args[0], &cert))
        return rt_fail(rt, "unable to decode base64 certificate");
    if (!decoded(rt, args[1], &key))
        return rt_fail(rt, "unable to decode base64 private key");
    if (!crypto_certificate_check(buf_text(&cert), buf_text(&key), &err))
        return rt_fail(rt, "%s", err.msg);
    return give_certificate(rt, rv_buf(&cert), rv_buf(&key), out);
}

const struct rt_func funcs_cert[] = {
    {"buildCustomCert", "ss", build_custom, 0},
    {"genCA", "si", gen_ca, 0},
    {"genCAWithKey", "sis", gen_ca, 0},
    {"genPrivateKey", "s", gen_private_key, 0},
    {"genSelfSignedCert", "saai", gen_self_signed, 0},
    {"genSelfSignedCertWithKey", "saais", gen_self_signed, 0},
    {"genSignedCert", "saaic", gen_signed, 0},
    {"genSignedCertWithKey", "saaics", gen_signed, 0},
    {NULL, NULL, NULL, 0},
};
