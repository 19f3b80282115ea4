/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verification of signatures: RSA, RSA-PSS, DSA, ECDSA and EdDSA over OpenSSL's EVP. */
#include "decrypt/crypto/signature.h"

#include <limits.h>
#include <string.h>

#include <glib.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "decrypt/crypto/openssl_context.h"
#include "proto/ike_numbers.h"

static const ike_auth_result verified = {IKE_AUTH_VERIFIED, "signature matches the public key",
                                         NULL};
static const ike_auth_result wrong = {IKE_AUTH_WRONG, "signature does not match the public key",
                                      NULL};

static ike_auth_result unknown(const char *reason)
{
    return (ike_auth_result){IKE_AUTH_UNKNOWN, reason, NULL};
}

static ike_auth_result outcome_of(bool fits)
{
    return fits ? verified : wrong;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static EVP_PKEY *key_of_certificate(ike_span der)
{
    const unsigned char *at = der.data;
    X509 *certificate = X509_new_ex(ike_ossl(), NULL);
    EVP_PKEY *key = NULL;

    if (certificate != NULL && d2i_X509(&certificate, &at, (long)der.length) != NULL)
        key = X509_get_pubkey(certificate);
    X509_free(certificate); /* d2i frees and clears it when it fails */
    return key;
}

static EVP_PKEY *read_key(ike_span der)
{
    const unsigned char *at = der.data;
    EVP_PKEY *key;

    if (der.length == 0 || der.length > LONG_MAX)
        return NULL;
    key = key_of_certificate(der);
    if (key == NULL)
        key = d2i_PUBKEY_ex(NULL, &at, (long)der.length, ike_ossl(), NULL);
    if (key == NULL) {
        at = der.data;
        key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)der.length);
    }
    ERR_clear_error();
    return key;
}

static bool is_kind(const EVP_PKEY *key, const char *kind)
{
    return EVP_PKEY_is_a(key, kind) == 1;
}

/* ---- signatures of a given hash value -------------------------------------------------------- */

/* What an RSA signature with PKCS #1 padding holds; NULL when the padding is wrong. g_free it. */
static uint8_t *rsa_recover(EVP_PKEY *key, ike_span signature, size_t *length)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(ike_ossl(), key, NULL);
    int size = EVP_PKEY_get_size(key);
    uint8_t *content = g_malloc(size > 0 ? (size_t)size : 1);

    *length = size > 0 ? (size_t)size : 0;
    if (context == NULL || EVP_PKEY_verify_recover_init(context) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_verify_recover(context, content, length, signature.data, signature.length) != 1) {
        g_free(content);
        content = NULL;
    }
    EVP_PKEY_CTX_free(context);
    return content;
}

/* r | s, halves of equal length, to the DER that OpenSSL wants. g_free it. */
static uint8_t *rs_to_der(ike_span signature, size_t *length)
{
    int half = (int)(signature.length / 2);
    BIGNUM *r = BN_bin2bn(signature.data, half, NULL);
    BIGNUM *s = BN_bin2bn(signature.data + half, half, NULL);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    uint8_t *der = NULL, *at;
    int size;

    if (pair == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(pair);
        return NULL;
    }
    size = i2d_ECDSA_SIG(pair, NULL);
    if (size > 0) {
        at = der = g_malloc((size_t)size);
        *length = (size_t)i2d_ECDSA_SIG(pair, &at);
    }
    ECDSA_SIG_free(pair);
    return der;
}

/* DSA or ECDSA over a hash value, r | s or DER. */
static bool verify_value(EVP_PKEY *key, ike_span value, ike_span signature)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(ike_ossl(), key, NULL);
    size_t length = 0;
    uint8_t *der = rs_to_der(signature, &length);
    bool ok = false;

    if (context != NULL && EVP_PKEY_verify_init(context) == 1) {
        ok =
            (der != NULL && EVP_PKEY_verify(context, der, length, value.data, value.length) == 1) ||
            EVP_PKEY_verify(context, signature.data, signature.length, value.data, value.length) ==
                1;
    }
    g_free(der);
    EVP_PKEY_CTX_free(context);
    return ok;
}

/* ---- signatures of bytes --------------------------------------------------------------------- */

/* Whether a DigestInfo is that of the bytes. `hash` is the NID that it must name, or NID_undef. */
static ike_auth_result compare_info(const X509_SIG *info, int hash, ike_span bytes)
{
    const ASN1_OCTET_STRING *digest;
    const X509_ALGOR *algorithm;
    const ASN1_OBJECT *oid;
    uint8_t own[EVP_MAX_MD_SIZE];
    size_t length;
    char name[64];

    X509_SIG_get0(info, &algorithm, &digest);
    X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
    OBJ_obj2txt(name, sizeof name, oid, 1);
    if (hash != NID_undef && OBJ_obj2nid(oid) != hash)
        return wrong;
    if (EVP_Q_digest(ike_ossl(), name, NULL, bytes.data, bytes.length, own, &length) != 1)
        return unknown("hash of the signature not supported");
    return outcome_of((size_t)ASN1_STRING_length(digest) == length &&
                      memcmp(ASN1_STRING_get0_data(digest), own, length) == 0);
}

/* RSA with PKCS #1 padding. Method 1 leaves the hash open (RFC 7296 2.15: SHA-1 or better): the
 * DigestInfo names it. */
static ike_auth_result verify_rsa(EVP_PKEY *key, int hash, ike_span bytes, ike_span signature)
{
    size_t length;
    uint8_t *content = rsa_recover(key, signature, &length);
    const unsigned char *at = content;
    ike_auth_result outcome = wrong;
    X509_SIG *info;

    if (content == NULL)
        return wrong;
    info = d2i_X509_SIG(NULL, &at, (long)length);
    if (info != NULL && at == content + length)
        outcome = compare_info(info, hash, bytes);
    X509_SIG_free(info);
    g_free(content);
    return outcome;
}

static ike_auth_result verify_hashed(EVP_PKEY *key, const char *digest, ike_span bytes,
                                     ike_span signature)
{
    uint8_t value[EVP_MAX_MD_SIZE];
    size_t length;

    if (EVP_Q_digest(ike_ossl(), digest, NULL, bytes.data, bytes.length, value, &length) != 1)
        return unknown("hash of the signature not supported");
    return outcome_of(verify_value(key, (ike_span){value, length}, signature));
}

/* ---- RFC 7427 -------------------------------------------------------------------------------- */

/* RSASSA-PSS: hash, mask generation hash and salt length are parameters (RFC 4055 3.1). */
static bool set_pss(EVP_PKEY_CTX *context, const RSA_PSS_PARAMS *parameters)
{
    long salt = parameters->saltLength != NULL ? ASN1_INTEGER_get(parameters->saltLength) : 20;
    const X509_ALGOR *mask = parameters->maskGenAlgorithm;
    X509_ALGOR *mask_hash = NULL;
    const ASN1_OBJECT *oid;
    char name[64] = "SHA1";
    bool ok;

    if (mask != NULL && mask->parameter != NULL) {
        mask_hash = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(X509_ALGOR), mask->parameter);
        if (mask_hash == NULL)
            return false;
        X509_ALGOR_get0(&oid, NULL, NULL, mask_hash);
        OBJ_obj2txt(name, sizeof name, oid, 1);
    }
    ok = salt >= 0 && salt <= 1024 &&
         EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, (int)salt) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, name, NULL) == 1;
    X509_ALGOR_free(mask_hash);
    return ok;
}

static ike_auth_result verify_pss(EVP_PKEY *key, const X509_ALGOR *algorithm, ike_span bytes,
                                  ike_span signature)
{
    RSA_PSS_PARAMS *parameters = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context = NULL; /* owned by context */
    ike_auth_result outcome = unknown("RSA-PSS parameters not supported");
    char name[64] = "SHA1";

    if (algorithm->parameter != NULL) {
        parameters =
            ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), algorithm->parameter);
    }
    if (parameters != NULL && parameters->hashAlgorithm != NULL) {
        const ASN1_OBJECT *oid;

        X509_ALGOR_get0(&oid, NULL, NULL, parameters->hashAlgorithm);
        OBJ_obj2txt(name, sizeof name, oid, 1);
    }
    if (parameters != NULL && context != NULL &&
        EVP_DigestVerifyInit_ex(context, &key_context, name, ike_ossl(), NULL, key, NULL) == 1 &&
        set_pss(key_context, parameters)) {
        outcome = outcome_of(EVP_DigestVerify(context, signature.data, signature.length, bytes.data,
                                              bytes.length) == 1);
    }
    RSA_PSS_PARAMS_free(parameters);
    EVP_MD_CTX_free(context);
    return outcome;
}

/* EdDSA signs the bytes themselves (RFC 8420 2). */
static ike_auth_result verify_eddsa(EVP_PKEY *key, ike_span bytes, ike_span signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ike_auth_result outcome = unknown("EdDSA not supported");

    if (context != NULL &&
        EVP_DigestVerifyInit_ex(context, NULL, NULL, ike_ossl(), NULL, key, NULL) == 1) {
        outcome = outcome_of(EVP_DigestVerify(context, signature.data, signature.length, bytes.data,
                                              bytes.length) == 1);
    }
    EVP_MD_CTX_free(context);
    return outcome;
}

static ike_auth_result verify_identified(EVP_PKEY *key, const X509_ALGOR *algorithm, ike_span bytes,
                                         ike_span signature)
{
    const ASN1_OBJECT *oid;
    int nid, hash, kind;

    X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
    nid = OBJ_obj2nid(oid);
    if (nid == NID_rsassaPss) {
        return is_kind(key, "RSA") || is_kind(key, "RSA-PSS")
                   ? verify_pss(key, algorithm, bytes, signature)
                   : unknown("signature algorithm is not that of the public key");
    }
    if (nid == NID_ED25519 || nid == NID_ED448) {
        return is_kind(key, nid == NID_ED25519 ? "ED25519" : "ED448")
                   ? verify_eddsa(key, bytes, signature)
                   : unknown("signature algorithm is not that of the public key");
    }
    if (OBJ_find_sigid_algs(nid, &hash, &kind) != 1)
        return unknown("signature algorithm not supported");
    if (kind == NID_rsaEncryption && is_kind(key, "RSA"))
        return verify_rsa(key, hash, bytes, signature);
    if ((kind == NID_X9_62_id_ecPublicKey && is_kind(key, "EC")) ||
        (kind == NID_dsa && is_kind(key, "DSA")))
        return verify_hashed(key, OBJ_nid2sn(hash), bytes, signature);
    return unknown("signature algorithm is not that of the public key");
}

/* Length of the AlgorithmIdentifier, AlgorithmIdentifier, signature (RFC 7427 3). */
static ike_auth_result verify_7427(EVP_PKEY *key, ike_span bytes, ike_span signature)
{
    const unsigned char *at;
    X509_ALGOR *algorithm;
    ike_auth_result outcome;
    size_t length;

    if (signature.length < 1 || signature.data[0] >= signature.length)
        return unknown("AlgorithmIdentifier is truncated");
    length = signature.data[0];
    at = signature.data + 1;
    algorithm = d2i_X509_ALGOR(NULL, &at, (long)length);
    if (algorithm == NULL)
        return unknown("AlgorithmIdentifier cannot be read");
    outcome =
        verify_identified(key, algorithm, bytes,
                          (ike_span){signature.data + 1 + length, signature.length - 1 - length});
    X509_ALGOR_free(algorithm);
    return outcome;
}

/* ---- what is called -------------------------------------------------------------------------- */

static ike_auth_result verify_v2(uint8_t method, EVP_PKEY *key, ike_span bytes, ike_span signature)
{
    static const char other_key[] = "authentication method is not that of the public key";

    switch (method) {
    case IKEV2_AUTH_RSA_SIGNATURE:
        return is_kind(key, "RSA") ? verify_rsa(key, NID_undef, bytes, signature)
                                   : unknown(other_key);
    case IKEV2_AUTH_DSS_SIGNATURE:
        return is_kind(key, "DSA") ? verify_hashed(key, "SHA1", bytes, signature)
                                   : unknown(other_key);
    case IKEV2_AUTH_ECDSA_256:
    case IKEV2_AUTH_ECDSA_384:
    case IKEV2_AUTH_ECDSA_521: {
        static const char *const hash[] = {"SHA256", "SHA384", "SHA512"};

        return is_kind(key, "EC")
                   ? verify_hashed(key, hash[method - IKEV2_AUTH_ECDSA_256], bytes, signature)
                   : unknown(other_key);
    }
    case IKEV2_AUTH_DIGITAL_SIGNATURE:
        return verify_7427(key, bytes, signature);
    default:
        return unknown("authentication method is no signature that can be verified");
    }
}

ike_auth_result ikev2_signature_verify(uint8_t method, ike_span key, ike_span bytes,
                                       ike_span signature)
{
    ike_auth_result outcome = unknown("public key cannot be read");
    EVP_PKEY *public_key = read_key(key);

    if (public_key != NULL && signature.length <= INT_MAX)
        outcome = verify_v2(method, public_key, bytes, signature);
    EVP_PKEY_free(public_key);
    ERR_clear_error();
    return outcome;
}

const ike_prf_alg *ikev1_signature_prf(uint16_t method, const ike_prf_alg *negotiated)
{
    switch (method) {
    case IKEV1_AUTH_DSS_SIGNATURES:
    case IKEV1_AUTH_HYBRIDINITDSS:
    case IKEV1_AUTH_HYBRIDRESPDSS:
    case IKEV1_AUTH_XAUTHINITDSS:
    case IKEV1_AUTH_XAUTHRESPDSS:
        return ike_prf_find(IKEV2_PRF_HMAC_SHA1);
    case IKEV1_AUTH_ECDSA_256:
        return ike_prf_find(IKEV2_PRF_HMAC_SHA2_256);
    case IKEV1_AUTH_ECDSA_384:
        return ike_prf_find(IKEV2_PRF_HMAC_SHA2_384);
    case IKEV1_AUTH_ECDSA_521:
        return ike_prf_find(IKEV2_PRF_HMAC_SHA2_512);
    default:
        return negotiated;
    }
}

static bool verify_v1(EVP_PKEY *key, ike_span hash, ike_span signature)
{
    size_t length;
    uint8_t *content;
    bool same;

    if (!is_kind(key, "RSA"))
        return verify_value(key, hash, signature);
    content = rsa_recover(key, signature, &length);
    same = content != NULL && length == hash.length && memcmp(content, hash.data, length) == 0;
    g_free(content);
    return same;
}

ike_auth_result ikev1_signature_verify(ike_span key, ike_span hash, ike_span signature)
{
    ike_auth_result outcome = unknown("public key cannot be read");
    EVP_PKEY *public_key = read_key(key);

    if (public_key != NULL && signature.length <= INT_MAX) {
        outcome =
            is_kind(public_key, "RSA") || is_kind(public_key, "EC") || is_kind(public_key, "DSA")
                ? outcome_of(verify_v1(public_key, hash, signature))
                : unknown("public key of a kind that IKEv1 does not sign with");
    }
    EVP_PKEY_free(public_key);
    ERR_clear_error();
    return outcome;
}
