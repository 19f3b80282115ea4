/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key schedule and AUTH of IKEv2 against what real daemons computed. */
#include "hex.h"

#include <glib.h>

#include "decrypt/crypto/prf.h"
#include "decrypt/crypto/signature.h"
#include "decrypt/ikev2/ikev2_key_schedule.h"
#include "lab_ikev2.h"

static void assert_secret(ike_secret *got, const char *expected)
{
    assert_bytes(got->data, got->length, expected);
    ike_secret_clear(got);
}

static ike_algorithms algorithms_of(uint16_t encr, uint16_t bits, uint16_t integ, uint16_t prf)
{
    const ike_suite suite = {.encryption = encr, .key_bits = bits, .integrity = integ, .prf = prf};
    ike_algorithms found;

    assert_true(ike_algorithms_of_suite(&suite, &found));
    return found;
}

static void test_sessions(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(lab_sessions); i++) {
        const lab_session *lab = &lab_sessions[i];
        ike_algorithms ike =
            algorithms_of(lab->encryption, lab->key_bits, lab->integrity, lab->prf);
        ike_algorithms child =
            algorithms_of(lab->child_encryption, lab->child_key_bits, lab->child_integrity, 0);
        ike_nonces nonces = {hex(lab->nonce_i), hex(lab->nonce_r)};
        ike_secret skeyseed = {0};
        ike_child_keys keys = {0};
        ikev2_sk sk = {0};

        print_message("%s\n", lab->name);
        assert_int_equal(ikev2_skeyseed(ike.prf, nonces, hex(lab->dh_shared), &skeyseed), IKE_OK);
        assert_secret(&skeyseed, lab->skeyseed);
        assert_int_equal(
            ikev2_sk_derive(&ike, hex(lab->skeyseed), nonces, lab->spi_i, lab->spi_r, &sk), IKE_OK);
        assert_int_equal(
            ikev2_child_keys(ike.prf, &child, ike_secret_span(&sk.d), NULL, 0, nonces, &keys),
            IKE_OK);
        assert_secret(&sk.d, lab->sk_d);
        assert_secret(&sk.ai, lab->sk_ai);
        assert_secret(&sk.ar, lab->sk_ar);
        assert_secret(&sk.ei, lab->sk_ei);
        assert_secret(&sk.er, lab->sk_er);
        assert_secret(&sk.pi, lab->sk_pi);
        assert_secret(&sk.pr, lab->sk_pr);
        assert_secret(&keys.ei, lab->child_ei);
        assert_secret(&keys.ai, lab->child_ai);
        assert_secret(&keys.er, lab->child_er);
        assert_secret(&keys.ar, lab->child_ar);
    }
}

static void test_child_with_pfs(void **state)
{
    ike_algorithms child = algorithms_of(12, 256, 12, 0);
    ike_span secret = hex(lab_child_pfs.dh_shared);
    ike_nonces nonces = {hex(lab_child_pfs.nonce_i), hex(lab_child_pfs.nonce_r)};
    ike_child_keys keys = {0}, truncated = {0};
    ike_secret keymat = {0};

    (void)state;
    assert_int_equal(ikev2_child_keys(ike_prf_find(5), &child, hex(lab_child_pfs.sk_d), &secret, 1,
                                      nonces, &keys),
                     IKE_OK);
    assert_int_equal(ike_child_keymat_length(&child), 128);
    ike_secret_join((const ike_span[]){ike_secret_span(&keys.ei), ike_secret_span(&keys.ai),
                                       ike_secret_span(&keys.er), ike_secret_span(&keys.ar)},
                    4, &keymat);
    assert_false(ike_child_keys_split(&child, (ike_span){keymat.data, 127}, &truncated));
    assert_true(ike_child_keys_split(&child, ike_secret_span(&keymat), &truncated));
    assert_true(ike_secret_equal(&truncated.ar, &keys.ar));
    assert_secret(&keys.ei, lab_child_pfs.ei);
    assert_secret(&keys.ai, lab_child_pfs.ai);
    assert_secret(&keys.er, lab_child_pfs.er);
    assert_secret(&keys.ar, lab_child_pfs.ar);
    ike_child_keys_clear(&truncated);
    ike_secret_clear(&keymat);
}

/* RFC 8784, then RFC 7296 2.18 from the mixed SK_d. */
static void test_ppk_and_rekey(void **state)
{
    const ike_prf_alg *prf = ike_prf_find(5);
    ike_nonces nonces = {hex(lab_ppk.nonce_i), hex(lab_ppk.nonce_r)};
    ike_span ppk = hex(lab_ppk.ppk), secret = hex(lab_ppk.dh_shared);
    ike_secret got = {0};

    (void)state;
    assert_int_equal(ikev2_ppk_mix(prf, ppk, hex(lab_ppk.sk_pi), &got), IKE_OK);
    assert_secret(&got, lab_ppk.mixed_pi);
    assert_int_equal(ikev2_ppk_mix(prf, ppk, hex(lab_ppk.sk_pr), &got), IKE_OK);
    assert_secret(&got, lab_ppk.mixed_pr);
    ike_secret_set(&got, (ike_span){hex(lab_ppk.sk_d).data, 32});
    assert_int_equal(ikev2_ppk_mix(prf, ppk, ike_secret_span(&got), &got), IKE_OK); /* in place */
    assert_bytes(got.data, got.length, lab_ppk.mixed_d);
    assert_int_equal(ikev2_skeyseed_from_sk_d(prf, ike_secret_span(&got), &secret, 1, nonces, &got),
                     IKE_OK);
    assert_secret(&got, lab_ppk.skeyseed);
}

/* RFC 9370 2.2.2: each IKE_INTERMEDIATE makes a new SKEYSEED from the SK_d before it. 2.2.4: all
 * secrets of IKE_FOLLOWUP_KE together. */
static void test_additional_key_exchanges(void **state)
{
    ike_span secrets[] = {hex(lab_intermediate.secret_1), {NULL, 0}};
    ike_nonces nonces = {hex(lab_intermediate.nonce_i), hex(lab_intermediate.nonce_r)};
    ike_algorithms child = algorithms_of(20, 256, 0, 0);
    ike_child_keys keys = {0};
    ike_secret got = {0};

    (void)state;
    assert_int_equal(ikev2_skeyseed_from_sk_d(ike_prf_find(5), hex(lab_intermediate.sk_d_0),
                                              secrets, 1, nonces, &got),
                     IKE_OK);
    assert_secret(&got, lab_intermediate.skeyseed_1);

    secrets[0] = hex(lab_followup_ike.secret_0);
    secrets[1] = hex(lab_followup_ike.secret_1);
    nonces = (ike_nonces){hex(lab_followup_ike.nonce_i), hex(lab_followup_ike.nonce_r)};
    assert_int_equal(ikev2_skeyseed_from_sk_d(ike_prf_find(6), hex(lab_followup_ike.sk_d), secrets,
                                              2, nonces, &got),
                     IKE_OK);
    assert_secret(&got, lab_followup_ike.skeyseed);

    secrets[0] = hex(lab_followup_child.secret_0);
    secrets[1] = hex(lab_followup_child.secret_1);
    nonces = (ike_nonces){hex(lab_followup_child.nonce_i), hex(lab_followup_child.nonce_r)};
    assert_int_equal(ikev2_child_keys(ike_prf_find(6), &child, hex(lab_followup_child.sk_d),
                                      secrets, 2, nonces, &keys),
                     IKE_OK);
    assert_secret(&keys.ei, lab_followup_child.ei);
    assert_secret(&keys.er, lab_followup_child.er);
}

/* prf(key, parts) laid end to end by hand. */
static void assert_prf(const ike_secret *got, const ike_prf_alg *prf, const char *key,
                       const char *bytes)
{
    ike_span data = hex(bytes);
    uint8_t want[IKE_MAX_HASH];

    assert_int_equal(ike_prf(prf, hex(key), &data, 1, want), IKE_OK);
    assert_int_equal(got->length, prf->output_length);
    assert_memory_equal(got->data, want, got->length);
}

/* The order of several secrets, RFC 9370 2.2.4, and of RFC 5723 5.1. */
static void test_order_of_secrets(void **state)
{
    const ike_prf_alg *prf = ike_prf_find(5);
    const ike_span secrets[] = {hex("a0a0"), hex("a1a1a1"), hex("a2")};
    ike_nonces nonces = {hex("1111"), hex("2222")};
    ike_algorithms child = algorithms_of(20, 128, 0, 0);
    ike_child_keys keys = {0};
    ike_secret got = {0};
    ike_span seed = hex("a0a0 1111 2222 a1a1a1 a2");
    uint8_t keymat[40];

    (void)state;
    assert_int_equal(ikev2_skeyseed_from_sk_d(prf, hex("dd"), secrets, 3, nonces, &got), IKE_OK);
    assert_prf(&got, prf, "dd", "a0a0 1111 2222 a1a1a1 a2");
    assert_int_equal(ikev2_skeyseed_from_sk_d(prf, hex("dd"), secrets, 0, nonces, &got),
                     IKE_ERR_ARGUMENT);
    assert_int_equal(ikev2_skeyseed_resumed(prf, hex("dd"), nonces, &got), IKE_OK);
    assert_prf(&got, prf, "dd", "526573756d7074696f6e 1111 2222"); /* "Resumption" */
    assert_int_equal(ikev2_resume_auth(prf, hex("dd"), hex("0102"), &got), IKE_OK);
    assert_prf(&got, prf, "dd", "0102");
    ike_secret_clear(&got);

    assert_int_equal(ikev2_prf_plus(prf, hex("dd"), &seed, 1, keymat, sizeof keymat), IKE_OK);
    assert_int_equal(ikev2_child_keys(prf, &child, hex("dd"), secrets, 3, nonces, &keys), IKE_OK);
    assert_int_equal(keys.ei.length, 20);
    assert_memory_equal(keys.ei.data, keymat, 20);
    assert_memory_equal(keys.er.data, keymat + 20, 20);
    assert_int_equal(keys.ai.length, 0);
    ike_child_keys_clear(&keys);
}

static void signed_bytes(const lab_auth *lab, ike_secret *bytes)
{
    const ikev2_signed parts = {.message = hex(lab->message),
                                .nonce = hex(lab->nonce),
                                .sk_p = hex(lab->sk_p),
                                .id_body = hex(lab->id_body)};

    assert_int_equal(ikev2_signed_bytes(ike_prf_find(lab->prf), &parts, bytes), IKE_OK);
}

static void test_psk_auth(void **state)
{
    const lab_auth *lab = &lab_auth_psk;
    const ike_prf_alg *prf = ike_prf_find(lab->prf);
    ike_secret bytes = {0}, auth = {0};

    (void)state;
    signed_bytes(lab, &bytes);
    assert_int_equal(ikev2_psk_auth(prf, hex(lab->secret), ike_secret_span(&bytes), &auth), IKE_OK);
    assert_secret(&auth, lab->auth);
    ike_secret_clear(&bytes);
}

static void test_signature_auth(void **state)
{
    const lab_auth *labs[] = {&lab_auth_ecdsa, &lab_auth_ed25519, &lab_auth_pss, &lab_auth_rsa};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(labs); i++) {
        ike_span cert = hex(labs[i]->secret), auth = hex(labs[i]->auth);
        ike_secret bytes = {0};

        signed_bytes(labs[i], &bytes);
        assert_int_equal(
            ikev2_signature_verify(labs[i]->method, cert, ike_secret_span(&bytes), auth).status,
            IKE_AUTH_VERIFIED);
        bytes.data[bytes.length - 1] ^= 1;
        assert_int_equal(
            ikev2_signature_verify(labs[i]->method, cert, ike_secret_span(&bytes), auth).status,
            IKE_AUTH_WRONG);
        bytes.data[bytes.length - 1] ^= 1;
        assert_int_equal(ikev2_signature_verify(labs[i]->method, cert, ike_secret_span(&bytes),
                                                (ike_span){auth.data, auth.length - 1})
                             .status,
                         IKE_AUTH_WRONG);
        for (size_t truncated = 0; truncated < cert.length; truncated += 7) {
            assert_int_equal(ikev2_signature_verify(labs[i]->method,
                                                    (ike_span){cert.data, truncated},
                                                    ike_secret_span(&bytes), auth)
                                 .status,
                             IKE_AUTH_UNKNOWN);
        }
        ike_secret_clear(&bytes);
    }
}

/* RFC 9242 3.3.2. */
static void test_int_auth(void **state)
{
    /* IKE_INTERMEDIATE with SK of 40 bytes after a payload of 6; plaintext of 9 bytes. */
    ike_span message = hex("0102030405060708 1112131415161718 2b 20 2b 08 00000001 0000004a"
                           "2e000006 aabb"
                           "22000028 00000000000000000000000000000000 00000000000000000000000000"
                           "00000000000000");
    ike_secret head = {0}, first = {0}, second = {0}, all = {0};
    const ike_prf_alg *prf = ike_prf_find(5);
    uint8_t fragment[74];

    (void)state;
    assert_int_equal(message.length, 74);
    assert_true(ikev2_int_auth_head(message, 34, 9, &head));
    assert_bytes(head.data, head.length,
                 "0102030405060708 1112131415161718 2b 20 2b 08 00000001 0000002f"
                 "2e000006 aabb 2200000d");
    memcpy(fragment, message.data, sizeof fragment);
    fragment[28] = 53; /* as SKF it gives the same */
    assert_true(ikev2_int_auth_head((ike_span){fragment, sizeof fragment}, 34, 9, &first));
    assert_true(ike_secret_equal(&head, &first));
    for (size_t at = 0; at < 80; at++)
        assert_int_equal(ikev2_int_auth_head(message, at, 9, &first), at == 28 || at == 34);
    assert_false(ikev2_int_auth_head((ike_span){message.data, 37}, 34, 9, &first));

    assert_int_equal(
        ikev2_int_auth(prf, hex("0a"), (ike_span){NULL, 0}, hex("b0b1"), hex("c0"), &first),
        IKE_OK);
    assert_prf(&first, prf, "0a", "b0b1c0");
    assert_int_equal(ikev2_int_auth(prf, hex("0a"), hex("ee"), hex("b0b1"), hex("c0"), &second),
                     IKE_OK);
    assert_prf(&second, prf, "0a", "eeb0b1c0");
    ikev2_int_auth_join(hex("0102"), hex("0304"), 7, &all);
    assert_secret(&all, "0102030400000007");
    ike_secret_clear(&head);
    ike_secret_clear(&first);
    ike_secret_clear(&second);
}

static void int_auth_of(ike_span sk_p, ike_span head, uint32_t sk_offset, ike_span plain,
                        ike_secret *int_auth)
{
    ike_secret adjusted = {0};

    assert_true(ikev2_int_auth_head(head, sk_offset, plain.length, &adjusted));
    assert_int_equal(ikev2_int_auth(ike_prf_find(5), sk_p, (ike_span){NULL, 0},
                                    ike_secret_span(&adjusted), plain, int_auth),
                     IKE_OK);
    ike_secret_clear(&adjusted);
}

/* The AUTH of a session with IKE_INTERMEDIATE. */
static void test_auth_with_int_auth(void **state)
{
    const ike_prf_alg *prf = ike_prf_find(5);
    ike_secret i = {0}, r = {0}, int_auth = {0}, bytes = {0}, auth = {0};
    ikev2_signed parts = {.message = hex(lab_intermediate.message),
                          .nonce = hex(lab_intermediate.nonce_r),
                          .sk_p = hex(lab_intermediate.sk_pi_1),
                          .id_body = hex(lab_intermediate.id_body)};

    (void)state;
    int_auth_of(hex(lab_intermediate.sk_pi_0), hex(lab_intermediate.head_i),
                lab_intermediate.sk_offset_i, hex(lab_intermediate.plain_i), &i);
    int_auth_of(hex(lab_intermediate.sk_pr_0), hex(lab_intermediate.head_r),
                lab_intermediate.sk_offset_r, hex(lab_intermediate.plain_r), &r);
    ikev2_int_auth_join(ike_secret_span(&i), ike_secret_span(&r), lab_intermediate.auth_message_id,
                        &int_auth);
    parts.int_auth = ike_secret_span(&int_auth);
    assert_int_equal(ikev2_signed_bytes(prf, &parts, &bytes), IKE_OK);
    assert_int_equal(ikev2_psk_auth(prf, hex(lab_intermediate.psk), ike_secret_span(&bytes), &auth),
                     IKE_OK);
    assert_secret(&auth, lab_intermediate.auth);
    ike_secret_clear(&i);
    ike_secret_clear(&r);
    ike_secret_clear(&int_auth);
    ike_secret_clear(&bytes);
}

static void test_unknown_algorithms(void **state)
{
    ike_suite suite = {.encryption = 12, .key_bits = 256, .integrity = 12, .prf = 5};
    ike_algorithms found;

    (void)state;
    assert_true(ike_algorithms_of_suite(&suite, &found));
    suite.prf = 9; /* Streebog: not supported, though the ICV can be checked */
    assert_true(ike_algorithms_of_suite(&suite, &found));
    assert_null(found.prf);
    suite.prf = 5;
    suite.integrity = 4;
    assert_false(ike_algorithms_of_suite(&suite, &found));
    suite.encryption = 20;
    suite.integrity = 12; /* an AEAD has no use for it */
    assert_true(ike_algorithms_of_suite(&suite, &found));
    assert_null(found.integ);
    suite.encryption = IKEV2_ENCR_IDEA; /* known, not supported */
    assert_false(ike_algorithms_of_suite(&suite, &found));
    assert_string_equal(found.encr->name, "IDEA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions),           cmocka_unit_test(test_child_with_pfs),
        cmocka_unit_test(test_ppk_and_rekey),      cmocka_unit_test(test_order_of_secrets),
        cmocka_unit_test(test_psk_auth),           cmocka_unit_test(test_signature_auth),
        cmocka_unit_test(test_int_auth),           cmocka_unit_test(test_additional_key_exchanges),
        cmocka_unit_test(test_auth_with_int_auth), cmocka_unit_test(test_unknown_algorithms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
