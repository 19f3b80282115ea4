/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Diffie-Hellman from a known private value, over OpenSSL's numbers, curves and raw keys. */
#include "decrypt/crypto/dh.h"

#include <glib.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>

#include "decrypt/crypto/openssl_context.h"

#define MODP(number, label, named, bytes)                                                          \
    {                                                                                              \
        number, label, IKE_DH_MODP, named, 0, bytes, bytes                                         \
    }
#define CURVE(number, label, curve, bytes)                                                         \
    {                                                                                              \
        number, label, IKE_DH_EC, NULL, curve, 2 * bytes, bytes                                    \
    }

static const ike_dh_group groups[] = {
    MODP(1, "MODP-768", NULL, 96),
    MODP(2, "MODP-1024", NULL, 128),
    MODP(5, "MODP-1536", "modp_1536", 192),
    MODP(14, "MODP-2048", "modp_2048", 256),
    MODP(15, "MODP-3072", "modp_3072", 384),
    MODP(16, "MODP-4096", "modp_4096", 512),
    MODP(17, "MODP-6144", "modp_6144", 768),
    MODP(18, "MODP-8192", "modp_8192", 1024),
    CURVE(19, "ECP-256", NID_X9_62_prime256v1, 32),
    CURVE(20, "ECP-384", NID_secp384r1, 48),
    CURVE(21, "ECP-521", NID_secp521r1, 66),
    MODP(22, "MODP-1024-160", "dh_1024_160", 128),
    MODP(23, "MODP-2048-224", "dh_2048_224", 256),
    MODP(24, "MODP-2048-256", "dh_2048_256", 256),
    CURVE(25, "ECP-192", NID_X9_62_prime192v1, 24),
    CURVE(26, "ECP-224", NID_secp224r1, 28),
    CURVE(27, "brainpoolP224r1", NID_brainpoolP224r1, 28),
    CURVE(28, "brainpoolP256r1", NID_brainpoolP256r1, 32),
    CURVE(29, "brainpoolP384r1", NID_brainpoolP384r1, 48),
    CURVE(30, "brainpoolP512r1", NID_brainpoolP512r1, 64),
    {31, "Curve25519", IKE_DH_MODERN, "X25519", 0, 32, 32},
    {32, "Curve448", IKE_DH_MODERN, "X448", 0, 56, 56},
};

const ike_dh_group *ike_dh_find(uint16_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
        if (groups[i].id == id)
            return &groups[i];
    return NULL;
}

uint32_t ike_dh_cost(const ike_dh_group *group, size_t private_length)
{
    size_t words = (size_t)group->secret_length / 8;

    switch (group->kind) {
    case IKE_DH_MODP: /* a multiplication of all words for each bit of the exponent */
        return (uint32_t)(1000 * words * words / 1024 * MAX(private_length, 1) / 256 + 1);
    case IKE_DH_EC:
        return (uint32_t)(4 * words * words * words);
    case IKE_DH_MODERN:
        break;
    }
    return 50;
}

/* ---- MODP ------------------------------------------------------------------------------------ */

/* Prime and generator. OpenSSL names no group for the two of RFC 2409, whose generator is 2. */
static bool modp_parameters(const ike_dh_group *group, BIGNUM **p, BIGNUM **g)
{
    EVP_PKEY_CTX *context;
    EVP_PKEY *parameters = NULL;
    OSSL_PARAM named[2];
    bool ok;

    if (group->openssl == NULL) {
        *p = group->id == 1 ? BN_get_rfc2409_prime_768(NULL) : BN_get_rfc2409_prime_1024(NULL);
        *g = BN_new();
        return *p != NULL && *g != NULL && BN_set_word(*g, 2) == 1;
    }
    named[0] =
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)group->openssl, 0);
    named[1] = OSSL_PARAM_construct_end();
    context = EVP_PKEY_CTX_new_from_name(ike_ossl(), "DHX", NULL);
    ok = context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
         EVP_PKEY_fromdata(context, &parameters, EVP_PKEY_KEY_PARAMETERS, named) == 1 &&
         EVP_PKEY_get_bn_param(parameters, OSSL_PKEY_PARAM_FFC_P, p) == 1 &&
         EVP_PKEY_get_bn_param(parameters, OSSL_PKEY_PARAM_FFC_G, g) == 1;
    EVP_PKEY_free(parameters);
    EVP_PKEY_CTX_free(context);
    return ok;
}

BIGNUM *ike_dh_prime(const ike_dh_group *group)
{
    BIGNUM *p = NULL, *g = NULL;

    if (group->kind == IKE_DH_MODP && !modp_parameters(group, &p, &g))
        ERR_clear_error();
    BN_free(g);
    return p;
}

/* 1 < value < p - 1: the rest gives a secret that needs no key. */
static bool modp_member(const BIGNUM *value, const BIGNUM *p)
{
    BIGNUM *last = BN_dup(p);
    bool ok = last != NULL && BN_sub_word(last, 1) == 1 && BN_cmp(value, BN_value_one()) > 0 &&
              BN_cmp(value, last) < 0;

    BN_free(last);
    return ok;
}

/* base^private mod p, padded to the length of p. `peer` empty: base is the generator. */
static ike_status modp_power(const ike_dh_group *group, ike_span private_value, ike_span peer,
                             ike_secret *result)
{
    BIGNUM *p = NULL, *g = NULL;
    BIGNUM *base = BN_bin2bn(peer.data, (int)peer.length, NULL);
    BIGNUM *x = BN_bin2bn(private_value.data, (int)private_value.length, NULL);
    BIGNUM *power = BN_new();
    BN_CTX *context = BN_CTX_new_ex(ike_ossl());
    ike_status status = IKE_ERR_OPENSSL;

    if (base == NULL || x == NULL || power == NULL || context == NULL ||
        !modp_parameters(group, &p, &g))
        goto done;
    if (BN_is_zero(x)) {
        status = IKE_ERR_KEY_LENGTH;
        goto done;
    }
    if (peer.length > 0 && !modp_member(base, p)) {
        status = IKE_ERR_PUBLIC;
        goto done;
    }
    if (peer.length > 0)
        BN_set_flags(x, BN_FLG_CONSTTIME); /* small generators take half the time without */
    if (BN_mod_exp(power, peer.length > 0 ? base : g, x, p, context) == 1 &&
        BN_bn2binpad(power, ike_secret_resize(result, group->secret_length),
                     group->secret_length) == group->secret_length)
        status = IKE_OK;
done:
    BN_CTX_free(context);
    BN_clear_free(power);
    BN_clear_free(x);
    BN_free(base);
    BN_free(p);
    BN_free(g);
    return status;
}

/* ---- elliptic curves ------------------------------------------------------------------------- */

static bool set_point(const EC_GROUP *curve, EC_POINT *point, ike_span bytes, BN_CTX *context)
{
    int half = (int)(bytes.length / 2);
    BIGNUM *x = BN_bin2bn(bytes.data, half, NULL);
    BIGNUM *y = BN_bin2bn(bytes.data + half, half, NULL);
    bool ok =
        x != NULL && y != NULL && EC_POINT_set_affine_coordinates(curve, point, x, y, context) == 1;

    BN_free(x);
    BN_free(y);
    return ok; /* OpenSSL refuses points that are not on the curve */
}

/* x, or x | y when the result has the length of both. */
static bool get_point(const EC_GROUP *curve, const EC_POINT *point, int half, bool both,
                      ike_secret *result, BN_CTX *context)
{
    BIGNUM *x = BN_new(), *y = BN_new();
    uint8_t *out = ike_secret_resize(result, (size_t)half * (both ? 2 : 1));
    bool ok = x != NULL && y != NULL &&
              EC_POINT_get_affine_coordinates(curve, point, x, y, context) == 1 &&
              BN_bn2binpad(x, out, half) == half &&
              (!both || BN_bn2binpad(y, out + half, half) == half);

    BN_clear_free(x);
    BN_clear_free(y);
    return ok;
}

/* private * peer as x, or private * generator as x | y when `peer` is empty. */
static ike_status ec_multiply(const ike_dh_group *group, ike_span private_value, ike_span peer,
                              ike_secret *result)
{
    EC_GROUP *curve = EC_GROUP_new_by_curve_name_ex(ike_ossl(), NULL, group->nid);
    BN_CTX *context = BN_CTX_new_ex(ike_ossl());
    BIGNUM *d = BN_bin2bn(private_value.data, (int)private_value.length, NULL);
    EC_POINT *base = NULL, *product = NULL;
    ike_status status = IKE_ERR_NO_CIPHER;
    bool own = peer.length == 0;

    if (curve == NULL)
        goto done; /* some builds of OpenSSL leave curves out */
    status = IKE_ERR_OPENSSL;
    base = EC_POINT_new(curve);
    product = EC_POINT_new(curve);
    if (context == NULL || d == NULL || base == NULL || product == NULL)
        goto done;
    if (BN_is_zero(d)) {
        status = IKE_ERR_KEY_LENGTH;
        goto done;
    }
    if (!own && !set_point(curve, base, peer, context)) {
        status = IKE_ERR_PUBLIC;
        goto done;
    }
    if (EC_POINT_mul(curve, product, own ? d : NULL, own ? NULL : base, own ? NULL : d, context) ==
            1 &&
        get_point(curve, product, group->secret_length, own, result, context))
        status = IKE_OK;
done:
    EC_POINT_free(base);
    EC_POINT_clear_free(product);
    BN_clear_free(d);
    BN_CTX_free(context);
    EC_GROUP_free(curve);
    return status;
}

/* ---- X25519 and X448 ------------------------------------------------------------------------- */

static ike_status modern_derive(EVP_PKEY *own, EVP_PKEY *peer, size_t length, ike_secret *shared)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(ike_ossl(), own, NULL);
    bool ok = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
              EVP_PKEY_derive_set_peer(context, peer) == 1 &&
              EVP_PKEY_derive(context, ike_secret_resize(shared, length), &length) == 1;

    EVP_PKEY_CTX_free(context);
    return ok ? IKE_OK : IKE_ERR_PUBLIC; /* all zero: a point of small order */
}

static ike_status modern(const ike_dh_group *group, ike_span private_value, ike_span peer,
                         ike_secret *result)
{
    size_t length = group->public_length;
    EVP_PKEY *own, *other = NULL;
    ike_status status = IKE_ERR_OPENSSL;

    if (private_value.length != length)
        return IKE_ERR_KEY_LENGTH;
    own = EVP_PKEY_new_raw_private_key_ex(ike_ossl(), group->openssl, NULL, private_value.data,
                                          private_value.length);
    if (own != NULL && peer.length == 0) {
        status = EVP_PKEY_get_raw_public_key(own, ike_secret_resize(result, length), &length) == 1
                     ? IKE_OK
                     : IKE_ERR_OPENSSL;
    } else if (own != NULL) {
        other = EVP_PKEY_new_raw_public_key_ex(ike_ossl(), group->openssl, NULL, peer.data,
                                               peer.length);
        status = other != NULL ? modern_derive(own, other, length, result) : IKE_ERR_PUBLIC;
    }
    EVP_PKEY_free(own);
    EVP_PKEY_free(other);
    return status;
}

/* ---- for all --------------------------------------------------------------------------------- */

static ike_status compute(const ike_dh_group *group, ike_span private_value, ike_span peer,
                          ike_secret *result)
{
    ike_secret fresh = {0};
    ike_status status = IKE_ERR_ALGORITHM;

    if (private_value.length == 0 || private_value.length > group->public_length)
        return IKE_ERR_KEY_LENGTH;
    switch (group->kind) {
    case IKE_DH_MODP:
        status = modp_power(group, private_value, peer, &fresh);
        break;
    case IKE_DH_EC:
        status = ec_multiply(group, private_value, peer, &fresh);
        break;
    case IKE_DH_MODERN:
        status = modern(group, private_value, peer, &fresh);
        break;
    }
    if (status == IKE_OK)
        ike_secret_move(result, &fresh);
    ike_secret_clear(&fresh);
    ERR_clear_error();
    return status;
}

ike_status ike_dh_shared(const ike_dh_group *group, ike_span private_value, ike_span peer_public,
                         ike_secret *shared)
{
    if (peer_public.length != group->public_length)
        return IKE_ERR_PUBLIC;
    return compute(group, private_value, peer_public, shared);
}

ike_status ike_dh_public(const ike_dh_group *group, ike_span private_value,
                         ike_secret *public_value)
{
    return compute(group, private_value, (ike_span){NULL, 0}, public_value);
}
