/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures made by OpenSSL with fresh keys, verified as AUTH and SIG payloads carry them. The
 * AlgorithmIdentifiers are those of RFC 7427 appendix A and RFC 8420. */
#include "hex.h"

#include <glib.h>
#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "decrypt/crypto/signature.h"

static const char bytes_text[] = "the signed bytes of one side";
static ike_span bytes = {(const uint8_t *)bytes_text, sizeof bytes_text - 1};

typedef struct {
    EVP_PKEY *key;
    uint8_t *spki, *pkcs1, *certificate;
    ike_span spki_span, pkcs1_span, certificate_span;
} test_key;

static ike_span certificate_of(EVP_PKEY *key, uint8_t **der)
{
    bool pure = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
    X509 *certificate = X509_new();
    int length;

    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, pure ? NULL : EVP_sha256()) > 0);
    *der = NULL;
    length = i2d_X509(certificate, der);
    X509_free(certificate);
    assert_true(length > 0);
    return (ike_span){*der, (size_t)length};
}

static test_key make(EVP_PKEY *key)
{
    test_key made = {.key = key};

    assert_non_null(key);
    made.spki_span.length = (size_t)i2d_PUBKEY(key, &made.spki);
    made.spki_span.data = made.spki;
    if (EVP_PKEY_is_a(key, "RSA")) {
        made.pkcs1_span.length = (size_t)i2d_PublicKey(key, &made.pkcs1);
        made.pkcs1_span.data = made.pkcs1;
    }
    made.certificate_span = certificate_of(key, &made.certificate);
    return made;
}

static void drop(test_key *made)
{
    EVP_PKEY_free(made->key);
    OPENSSL_free(made->spki);
    OPENSSL_free(made->pkcs1);
    OPENSSL_free(made->certificate);
}

static size_t sign(EVP_PKEY *key, const char *digest, bool pss, int salt, uint8_t *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters;
    size_t length = 1024;

    assert_int_equal(EVP_DigestSignInit_ex(context, &parameters, digest, NULL, NULL, key, NULL), 1);
    if (pss) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt), 1);
    }
    assert_int_equal(EVP_DigestSign(context, out, &length, bytes.data, bytes.length), 1);
    EVP_MD_CTX_free(context);
    return length;
}

static ike_auth_status verify(uint8_t method, ike_span key, const uint8_t *auth, size_t length)
{
    ike_auth_result record = ikev2_signature_verify(method, key, bytes, (ike_span){auth, length});

    assert_non_null(record.reason);
    return record.status;
}

/* The right signature by every form of the key; with any byte from `start` on changed, or cut,
 * never "verified". */
static void check(uint8_t method, const test_key *key, uint8_t *auth, size_t start, size_t length)
{
    assert_int_equal(verify(method, key->spki_span, auth, length), IKE_AUTH_VERIFIED);
    assert_int_equal(verify(method, key->certificate_span, auth, length), IKE_AUTH_VERIFIED);
    if (key->pkcs1 != NULL)
        assert_int_equal(verify(method, key->pkcs1_span, auth, length), IKE_AUTH_VERIFIED);
    for (size_t i = start; i < length; i += 3) {
        auth[i] ^= 0x04;
        assert_int_not_equal(verify(method, key->spki_span, auth, length), IKE_AUTH_VERIFIED);
        auth[i] ^= 0x04;
    }
    auth[length - 1] ^= 0x01; /* inside the signature itself */
    assert_int_equal(verify(method, key->spki_span, auth, length), IKE_AUTH_WRONG);
    auth[length - 1] ^= 0x01;
    for (size_t truncated = 0; truncated < length; truncated++)
        assert_int_not_equal(verify(method, key->spki_span, auth, truncated), IKE_AUTH_VERIFIED);
}

/* RFC 7427 3: length, AlgorithmIdentifier, signature. */
static void check_identified(const test_key *key, const char *identifier, const char *digest,
                             bool pss, int salt)
{
    ike_span id = hex(identifier);
    uint8_t auth[2048];

    auth[0] = (uint8_t)id.length;
    memcpy(auth + 1, id.data, id.length);
    check(14, key, auth, 1 + id.length,
          1 + id.length + sign(key->key, digest, pss, salt, auth + 1 + id.length));
}

static void test_rsa(void **state)
{
    test_key key = make(EVP_RSA_gen(1024));
    static const char *const digests[] = {"SHA1", "SHA256", "SHA384", "SHA512"};
    static const char *const identifiers[] = {
        "300d06092a864886f70d0101050500", "300d06092a864886f70d01010b0500",
        "300d06092a864886f70d01010c0500", "300d06092a864886f70d01010d0500"};
    uint8_t auth[1024];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        check(1, &key, auth, 0, sign(key.key, digests[i], false, 0, auth));
        check_identified(&key, identifiers[i], digests[i], false, 0);
    }
    /* RFC 7427 A.4: defaults left out, defaults written, SHA-256. */
    check_identified(&key, "300d06092a864886f70d01010a3000", "SHA1", true, 20);
    check_identified(&key,
                     "303e06092a864886f70d01010a3031a00b300906052b0e03021a0500a118301606092a8648"
                     "86f70d010108300906052b0e03021a0500a203020114a303020101",
                     "SHA1", true, 20);
    check_identified(&key,
                     "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06"
                     "092a864886f70d010108300d06096086480165030402010500a203020120",
                     "SHA256", true, 32);
    drop(&key);
}

/* r | s of RFC 4754 from the DER that OpenSSL makes. */
static size_t raw_ecdsa(uint8_t *auth, size_t length, int half)
{
    const unsigned char *at = auth;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)length);

    assert_non_null(pair);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), auth, half), half);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), auth + half, half), half);
    ECDSA_SIG_free(pair);
    return 2 * (size_t)half;
}

static void test_ecdsa(void **state)
{
    static const struct {
        const char *curve, *digest, *identifier;
        uint8_t method;
        int half;
    } cases[] = {
        {"P-256", "SHA256", "300a06082a8648ce3d040302", 9, 32},
        {"P-384", "SHA384", "300a06082a8648ce3d040303", 10, 48},
        {"P-521", "SHA512", "300a06082a8648ce3d040304", 11, 66},
    };
    uint8_t auth[1024];

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        test_key key = make(EVP_EC_gen(cases[i].curve));
        size_t length = sign(key.key, cases[i].digest, false, 0, auth);

        check(cases[i].method, &key, auth, 0, raw_ecdsa(auth, length, cases[i].half));
        check_identified(&key, cases[i].identifier, cases[i].digest, false, 0);
        check_identified(&key, "300906072a8648ce3d0401", "SHA1", false, 0);
        drop(&key);
    }
}

static EVP_PKEY *make_dsa(void)
{
    EVP_PKEY_CTX *parameters = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL), *generator;
    EVP_PKEY *domain = NULL, *key = NULL;

    assert_int_equal(EVP_PKEY_paramgen_init(parameters), 1);
    assert_int_equal(EVP_PKEY_CTX_set_dsa_paramgen_bits(parameters, 1024), 1);
    assert_int_equal(EVP_PKEY_CTX_set_dsa_paramgen_q_bits(parameters, 160), 1);
    assert_int_equal(EVP_PKEY_paramgen(parameters, &domain), 1);
    generator = EVP_PKEY_CTX_new_from_pkey(NULL, domain, NULL);
    assert_int_equal(EVP_PKEY_keygen_init(generator), 1);
    assert_int_equal(EVP_PKEY_generate(generator, &key), 1);
    EVP_PKEY_CTX_free(generator);
    EVP_PKEY_CTX_free(parameters);
    EVP_PKEY_free(domain);
    return key;
}

/* DSS: r | s of 20 bytes each, SHA-1 (RFC 7296 3.8). In IKEv1 the hash is signed as it is. */
static void test_dsa(void **state)
{
    test_key key = make(make_dsa());
    uint8_t auth[256], hash[EVP_MAX_MD_SIZE];
    size_t length = raw_ecdsa(auth, sign(key.key, "SHA1", false, 0, auth), 20), hash_length;

    (void)state;
    check(3, &key, auth, 0, length);
    assert_int_equal(EVP_Q_digest(NULL, "SHA1", NULL, bytes.data, bytes.length, hash, &hash_length),
                     1);
    assert_int_equal(
        ikev1_signature_verify(key.spki_span, (ike_span){hash, 20}, (ike_span){auth, length})
            .status,
        IKE_AUTH_VERIFIED);
    drop(&key);
}

static void test_eddsa(void **state)
{
    test_key ed25519 = make(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
    test_key ed448 = make(EVP_PKEY_Q_keygen(NULL, NULL, "ED448"));

    (void)state;
    check_identified(&ed25519, "300506032b6570", NULL, false, 0);
    check_identified(&ed448, "300506032b6571", NULL, false, 0);
    drop(&ed25519);
    drop(&ed448);
}

/* A signature with another hash than the identifier says. */
static void test_other_hash(void **state)
{
    test_key key = make(EVP_RSA_gen(1024));
    ike_span id = hex("300d06092a864886f70d01010b0500"); /* SHA-256 */
    uint8_t auth[256];
    size_t length;

    (void)state;
    auth[0] = (uint8_t)id.length;
    memcpy(auth + 1, id.data, id.length);
    length = 1 + id.length + sign(key.key, "SHA1", false, 0, auth + 1 + id.length);
    assert_int_equal(verify(14, key.spki_span, auth, length), IKE_AUTH_WRONG);
    drop(&key);
}

/* Not knowing is neither good nor bad. */
static void test_unknown(void **state)
{
    test_key ec = make(EVP_EC_gen("P-256"));
    ike_span rsa_id = hex("0f300d06092a864886f70d01010b0500aabb");
    ike_span odd_id = hex("0530030601ffaabb"), cut_id = hex("05300306"), no_id = hex("00aabb");

    (void)state;
    assert_int_equal(verify(1, ec.spki_span, bytes.data, 64), IKE_AUTH_UNKNOWN);
    assert_int_equal(verify(3, ec.spki_span, bytes.data, 20), IKE_AUTH_UNKNOWN);
    assert_int_equal(verify(2, ec.spki_span, bytes.data, 20), IKE_AUTH_UNKNOWN);
    assert_int_equal(verify(14, ec.spki_span, rsa_id.data, rsa_id.length), IKE_AUTH_UNKNOWN);
    assert_int_equal(verify(14, ec.spki_span, odd_id.data, odd_id.length), IKE_AUTH_UNKNOWN);
    assert_int_equal(verify(14, ec.spki_span, cut_id.data, cut_id.length), IKE_AUTH_UNKNOWN);
    assert_int_equal(verify(14, ec.spki_span, no_id.data, no_id.length), IKE_AUTH_UNKNOWN);
    assert_int_equal(verify(14, ec.spki_span, NULL, 0), IKE_AUTH_UNKNOWN);
    assert_int_equal(verify(9, (ike_span){NULL, 0}, bytes.data, 64), IKE_AUTH_UNKNOWN);
    assert_int_equal(verify(9, bytes, bytes.data, 64), IKE_AUTH_UNKNOWN);
    assert_int_equal(verify(9, ec.spki_span, NULL, 0), IKE_AUTH_WRONG);
    drop(&ec);
}

/* RFC 2409 5.1: the hash is signed as it is, PKCS #1 padding and no DigestInfo. */
static void test_ikev1_rsa(void **state)
{
    test_key key = make(EVP_RSA_gen(1024));
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key.key, NULL);
    ike_span hash = hex("000102030405060708090a0b0c0d0e0f10111213");
    uint8_t sig[256], with_info[256];
    size_t length = sizeof sig;

    (void)state;
    assert_int_equal(EVP_PKEY_sign_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), 1);
    assert_int_equal(EVP_PKEY_sign(context, sig, &length, hash.data, hash.length), 1);
    assert_int_equal(
        ikev1_signature_verify(key.certificate_span, hash, (ike_span){sig, length}).status,
        IKE_AUTH_VERIFIED);
    assert_int_equal(
        ikev1_signature_verify(key.spki_span, (ike_span){hash.data, 19}, (ike_span){sig, length})
            .status,
        IKE_AUTH_WRONG);
    length = sign(key.key, "SHA1", false, 0, with_info);
    assert_int_equal(
        ikev1_signature_verify(key.spki_span, hash, (ike_span){with_info, length}).status,
        IKE_AUTH_WRONG);
    assert_int_equal(ikev1_signature_verify(hash, hash, (ike_span){sig, length}).status,
                     IKE_AUTH_UNKNOWN);
    EVP_PKEY_CTX_free(context);
    drop(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsa),        cmocka_unit_test(test_ecdsa),
        cmocka_unit_test(test_eddsa),      cmocka_unit_test(test_dsa),
        cmocka_unit_test(test_unknown),    cmocka_unit_test(test_ikev1_rsa),
        cmocka_unit_test(test_other_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
