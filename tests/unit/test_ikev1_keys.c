/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key schedule of IKEv1 against what real daemons computed. */
#include "hex.h"

#include <glib.h>

#include "decrypt/crypto/prf.h"
#include "decrypt/crypto/signature.h"
#include "decrypt/ikev1/ikev1_key_schedule.h"
#include "lab_ikev1.h"

static void assert_secret(ike_secret *got, const char *expected)
{
    assert_bytes(got->data, got->length, expected);
    ike_secret_clear(got);
}

static ikev1_phase1 phase1_of(const lab_phase1 *lab)
{
    const ike_prf_alg *prf = ike_hash_find_v1(lab->hash);

    return (ikev1_phase1){
        prf, prf, lab->cookie_i, lab->cookie_r, {hex(lab->nonce_i), hex(lab->nonce_r)}};
}

static void test_skeyid(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(lab_phase1s); i++) {
        const lab_phase1 *lab = &lab_phase1s[i];
        ikev1_phase1 phase1 = phase1_of(lab);
        ike_span psk = hex(lab->psk), dh_shared = hex(lab->dh_shared), key = hex(lab->key);
        ikev1_skeyids children = {0};
        ike_secret got = {0};

        print_message("%s\n", lab->name);
        assert_int_equal(psk.length > 0 ? ikev1_skeyid_psk(&phase1, psk, &got)
                                        : ikev1_skeyid_signature(&phase1, dh_shared, &got),
                         IKE_OK);
        assert_secret(&got, lab->skeyid);
        assert_int_equal(ikev1_skeyids_derive(&phase1, hex(lab->skeyid), dh_shared, &children),
                         IKE_OK);
        assert_secret(&children.d, lab->skeyid_d);
        assert_secret(&children.a, lab->skeyid_a);
        assert_secret(&children.e, lab->skeyid_e);
        assert_int_equal(ikev1_encryption_key(phase1.prf, hex(lab->skeyid_e), key.length, &got),
                         IKE_OK);
        assert_secret(&got, lab->key);
    }
}

/* RFC 2409 5.2: prf(hash(Ni_b | Nr_b), CKY-I | CKY-R), from the formula's parts. */
static void test_skeyid_of_public_key_encryption(void **state)
{
    ikev1_phase1 phase1 = phase1_of(&lab_phase1s[0]);
    ike_secret got = {0}, key = {0};
    const ike_span nonces[] = {phase1.nonces.i, phase1.nonces.r};
    uint8_t cookies[16], want[IKE_MAX_HASH];
    ike_span part = {cookies, sizeof cookies};

    (void)state;
    for (int i = 0; i < 8; i++) {
        cookies[i] = (uint8_t)(phase1.cookie_i >> (56 - 8 * i));
        cookies[8 + i] = (uint8_t)(phase1.cookie_r >> (56 - 8 * i));
    }
    ike_secret_resize(&key, phase1.hash->output_length);
    assert_int_equal(ike_hash(phase1.hash, nonces, 2, key.data), IKE_OK);
    assert_int_equal(ike_prf(phase1.prf, ike_secret_span(&key), &part, 1, want), IKE_OK);
    assert_int_equal(ikev1_skeyid_encryption(&phase1, &got), IKE_OK);
    assert_int_equal(got.length, phase1.prf->output_length);
    assert_memory_equal(got.data, want, got.length);
    ike_secret_clear(&got);
    ike_secret_clear(&key);
}

static void test_ivs(void **state)
{
    const ike_prf_alg *hash = ike_hash_find_v1(lab_quick.hash);
    uint8_t iv[32];

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(lab_phase1s); i++) {
        const lab_phase1 *lab = &lab_phase1s[i];
        size_t block = hex(lab->initial_iv).length;

        assert_int_equal(
            ikev1_iv_phase1(ike_hash_find_v1(lab->hash), hex(lab->ke_i), hex(lab->ke_r), iv, block),
            IKE_OK);
        assert_bytes(iv, block, lab->initial_iv);
    }
    assert_int_equal(
        ikev1_iv_message(hash, hex(lab_quick.last_block), lab_quick.message_id, iv, 16), IKE_OK);
    assert_bytes(iv, 16, lab_quick.first_iv);
    assert_int_equal(ikev1_iv_message(ike_hash_find_v1(1), hex(lab_quick.last_block), 1, iv, 17),
                     IKE_ERR_IV_LENGTH);
}

/* HASH_I and HASH_R with a PSK; SIG over them with certificates. */
static void test_authentication(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(lab_phase1s); i++) {
        const lab_phase1 *lab = &lab_phase1s[i];
        ikev1_phase1 phase1 = phase1_of(lab);
        ikev1_auth auth = {hex(lab->ke_i), hex(lab->ke_r), hex(lab->sa_i), hex(lab->id_i)};
        ike_span cert = hex(lab->cert_i), sig = hex(lab->hash_i);
        ike_secret hash = {0};

        if (cert.length > 0) { /* method 3 is RSA, 9 to 11 ECDSA by the curve */
            phase1.prf =
                ikev1_signature_prf(strstr(lab->name, "ecdsa") != NULL ? 9 : 3, phase1.prf);
            assert_int_equal(ikev1_hash_auth(&phase1, hex(lab->skeyid), &auth, true, &hash),
                             IKE_OK);
            assert_int_equal(ikev1_signature_verify(cert, ike_secret_span(&hash), sig).status,
                             IKE_AUTH_VERIFIED);
            hash.data[0] ^= 1;
            assert_int_equal(ikev1_signature_verify(cert, ike_secret_span(&hash), sig).status,
                             IKE_AUTH_WRONG);
            ike_secret_clear(&hash);
            continue;
        }
        assert_int_equal(ikev1_hash_auth(&phase1, hex(lab->skeyid), &auth, true, &hash), IKE_OK);
        assert_secret(&hash, lab->hash_i);
        auth.id = hex(lab->id_r);
        assert_int_equal(ikev1_hash_auth(&phase1, hex(lab->skeyid), &auth, false, &hash), IKE_OK);
        assert_secret(&hash, lab->hash_r);
    }
}

static void test_quick_mode(void **state)
{
    const ike_prf_alg *prf = ike_hash_find_v1(lab_quick.hash);
    ike_nonces nonces = {hex(lab_quick.nonce_i), hex(lab_quick.nonce_r)};
    ike_span skeyid_a = hex(lab_quick.skeyid_a);
    uint32_t id = lab_quick.message_id;
    ike_secret got = {0};

    (void)state;
    assert_int_equal(ikev1_hash_1(prf, skeyid_a, id, hex(lab_quick.rest_1), &got), IKE_OK);
    assert_secret(&got, lab_quick.hash_1);
    assert_int_equal(ikev1_hash_2(prf, skeyid_a, id, nonces.i, hex(lab_quick.rest_2), &got),
                     IKE_OK);
    assert_secret(&got, lab_quick.hash_2);
    assert_int_equal(ikev1_hash_3(prf, skeyid_a, id, nonces, &got), IKE_OK);
    assert_secret(&got, lab_quick.hash_3);
    for (int i = 0; i < 2; i++) {
        ike_span encryption = hex(lab_quick.encryption[i]), integrity = hex(lab_quick.integrity[i]);

        assert_int_equal(ikev1_keymat(prf, hex(lab_quick.skeyid_d), hex(lab_quick.dh_shared), 3,
                                      lab_quick.spi[i], nonces,
                                      encryption.length + integrity.length, &got),
                         IKE_OK);
        assert_memory_equal(got.data, encryption.data, encryption.length);
        assert_memory_equal(got.data + encryption.length, integrity.data, integrity.length);
        ike_secret_clear(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_skeyid),     cmocka_unit_test(test_skeyid_of_public_key_encryption),
        cmocka_unit_test(test_ivs),        cmocka_unit_test(test_authentication),
        cmocka_unit_test(test_quick_mode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
