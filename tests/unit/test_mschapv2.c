/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EAP-MSCHAPv2 against RFC 2759 and RFC 3079, and a system without the legacy provider. */
#include "hex.h"

#include <glib.h>

#include "decrypt/crypto/cipher.h"
#include "decrypt/crypto/mschapv2.h"
#include "decrypt/crypto/openssl_context.h"

/* RFC 2759 9.2, in EAP packets: user "User", password "clientPass". */
#define CHALLENGE "010e001b 1a 01 0e 0016 10 5b5d7c7d7b3f2f3e3c2c602132262628 73"
#define RESPONSE_TO(length, ms_length, name)                                                       \
    "020e" length "1a 02 0e" ms_length "31 21402324255e262a28295f2b3a337c7e 0000000000000000"      \
    "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df 00" name
#define RESPONSE RESPONSE_TO("003f", "003a", "55736572")

static void test_rfc(void **state)
{
    ike_secret msk = {0};

    (void)state;
    assert_int_equal(ike_mschapv2_msk(hex(CHALLENGE), hex(RESPONSE), text_span("clientPass"), &msk),
                     IKE_OK);
    assert_int_equal(msk.length, 64);
    /* RFC 3079 3.5.3: the server's SendStartKey128. */
    assert_bytes(msk.data + 16, 16, "8b7cdc149b993a1ba118cb153f56dccb");
    for (size_t i = 32; i < 64; i++)
        assert_int_equal(msk.data[i], 0);
    ike_secret_clear(&msk);
    /* "D\User" is the same user. */
    assert_int_equal(ike_mschapv2_msk(hex(CHALLENGE),
                                      hex(RESPONSE_TO("0041", "003c", "445c55736572")),
                                      text_span("clientPass"), &msk),
                     IKE_OK);
    ike_secret_clear(&msk);
}

static void test_wrong(void **state)
{
    ike_span challenge = hex(CHALLENGE), response = hex(RESPONSE), right = text_span("clientPass");
    ike_secret msk = {0};

    (void)state;
    assert_int_equal(ike_mschapv2_msk(challenge, response, text_span("clientpass"), &msk),
                     IKE_ERR_ICV);
    assert_int_equal(ike_mschapv2_msk(challenge, response, (ike_span){NULL, 0}, &msk), IKE_ERR_ICV);
    assert_int_equal(ike_mschapv2_msk(challenge, response, hex("ff"), &msk), IKE_ERR_ICV);
    assert_int_equal(ike_mschapv2_msk(response, challenge, right, &msk), IKE_ERR_ARGUMENT);
    for (size_t truncated = 0; truncated < response.length; truncated++) {
        assert_int_equal(
            ike_mschapv2_msk(challenge, (ike_span){response.data, truncated}, right, &msk),
            IKE_ERR_ARGUMENT);
    }
    assert_null(msk.data);
}

/* A modules folder with nothing in it: legacy ciphers are known and not there, the rest works. */
static void test_without_legacy(void **state)
{
    static const uint8_t key[32];
    ike_secret msk = {0};
    ike_status status;
    ike_cipher *cipher;

    (void)state;
    ike_ossl_cleanup();
    g_setenv("OPENSSL_MODULES", "/nonexistent", TRUE);
    assert_null(ike_cipher_new(ike_encr_find(2), (ike_span){key, 8}, &status));
    assert_int_equal(status, IKE_ERR_NO_CIPHER);
    assert_int_equal(ike_mschapv2_msk(hex(CHALLENGE), hex(RESPONSE), text_span("clientPass"), &msk),
                     IKE_ERR_NO_CIPHER);
    cipher = ike_cipher_new(ike_encr_find(12), (ike_span){key, 16}, &status);
    assert_non_null(cipher);
    ike_cipher_free(cipher);
    g_unsetenv("OPENSSL_MODULES");
    ike_ossl_cleanup();
    cipher = ike_cipher_new(ike_encr_find(2), (ike_span){key, 8}, &status);
    assert_non_null(cipher);
    ike_cipher_free(cipher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_without_legacy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
