/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ciphers and AEADs against published vectors. */
#include "encrypt.h"
#include "hex.h"

#include <openssl/evp.h>

#include "decrypt/crypto/algorithm.h"
#include "decrypt/crypto/ccm.h"
#include "decrypt/crypto/cipher.h"

typedef struct {
    const char *source;
    uint16_t id;
    const char *key; /* salt at its end */
    const char *iv, *aad, *plain, *encrypted, *icv;
} vector;

static const vector vectors[] = {
    {"RFC 3602 4, case 1", 12, "06a9214036b8a15b512e03d534120006",
     "3dafba429d9eb430b422da802c9fac41", "", "53696e676c6520626c6f636b206d7367",
     "e353779c1079aeb82708942dbe77181a", ""},
    {"RFC 3602 4, case 2", 12, "c286696d887c9aa0611bbb3e2025a45a",
     "562e17996d093d28ddb3ba695a2e6f58", "",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1", ""},
    {"NIST SP 800-38A F.2.3", 12, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
     "000102030405060708090a0b0c0d0e0f", "", "6bc1bee22e409f96e93d7e117393172a",
     "4f021db243bc633d7178183a9fa071e8", ""},
    {"NIST SP 800-38A F.2.5", 12,
     "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     "000102030405060708090a0b0c0d0e0f", "", "6bc1bee22e409f96e93d7e117393172a",
     "f58c4c04d6e5f1ba779eabfb5f7bfbd6", ""},
    {"RFC 3686 6, vector 1", 13, "ae6852f8121067cc4bf7a5765577f39e 00000030", "0000000000000000",
     "", "53696e676c6520626c6f636b206d7367", "e4095d4fb7a7b3792d6175a3261311b8", ""},
    {"RFC 3686 6, vector 2", 13, "7e24067817fae0d743d6ce1f32539163 006cb6db", "c0543b59da48d90b",
     "", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28", ""},
    {"RFC 3686 6, vector 4", 13, "16af5b145fc9f579c175f93e3bfb0eed863d06ccfdb78515 00000048",
     "36733c147d6d93cb", "", "53696e676c6520626c6f636b206d7367", "4b55384fe259c9c84e7935a003cbe928",
     ""},
    {"RFC 3686 6, vector 7", 13,
     "776beff2851db06f4c8a0542c8696f6c6a81af1eec96b4d37fc1d689e6c1c104 00000060",
     "db5672c97aa8f0b2", "", "53696e676c6520626c6f636b206d7367", "145ad01dbf824ec7560863dc71e3e0c0",
     ""},
    {"McGrew and Viega, The Galois/Counter Mode of Operation, case 4", 20,
     "feffe9928665731c6d6a8f9467308308 cafebabe", "facedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {"the same, ICV cut to 12 bytes (RFC 4106 6)", 19, "feffe9928665731c6d6a8f9467308308 cafebabe",
     "facedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
     "5bc94fbc3221a5db94fae95a"},
    {"the same, ICV cut to 8 bytes (RFC 4106 6)", 18, "feffe9928665731c6d6a8f9467308308 cafebabe",
     "facedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
     "5bc94fbc3221a5db"},
    {"McGrew and Viega, case 1: nothing but a tag, as GMAC", 21,
     "00000000000000000000000000000000 00000000", "0000000000000000", "", "", "",
     "58e2fccefa7e3061367f1d57a4e7455a"},
    {"RFC 8439 2.8.2", 28,
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f 07000000",
     "4041424344454647", "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
     "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
     "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
     "637265656e20776f756c642062652069742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
     "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
     "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
     "3ff4def08e4b7a9de576d26586cec64b6116",
     "1ae10b594f09e26a7e902ecbd0600691"},
    {"RFC 7634 appendix B, an IKE message", 28,
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f a0a1a2a3",
     "1011121314151617", "c0c1c2c3c4c5c6c7d0d1d2d3d4d5d6d72e202500000000090000004529000029",
     "0000000c000040010000000a00", "610394701f8d017f7c12924889",
     "6b71bfe25236efd7cdc67066906315b2"},
    {"RFC 3713 appendix A, 128 bits (CBC of one block with IV 0 is ECB)", 23,
     "0123456789abcdeffedcba9876543210", "00000000000000000000000000000000", "",
     "0123456789abcdeffedcba9876543210", "67673138549669730857065648eabe43", ""},
    {"RFC 3713 appendix A, 192 bits", 23, "0123456789abcdeffedcba98765432100011223344556677",
     "00000000000000000000000000000000", "", "0123456789abcdeffedcba9876543210",
     "b4993401b3e996f84ee5cee7d79b09b9", ""},
    {"RFC 3713 appendix A, 256 bits", 23,
     "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff",
     "00000000000000000000000000000000", "", "0123456789abcdeffedcba9876543210",
     "9acc237dff16d76c20ef7c919e3a7509", ""},
    {"RFC 5528 4.1, vector 1", 24, "ae6852f8121067cc4bf7a5765577f39e 00000030", "0000000000000000",
     "", "53696e676c6520626c6f636b206d7367", "d09dc29a8214619a20877c76db1f0b3f", ""},
    {"NIST SP 800-67 appendix B, first block (CBC with IV 0 is ECB)", 3,
     "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000", "", "5468652071756663",
     "a826fd8ce53b855f", ""},
    {"FIPS 81 table C1", 2, "0123456789abcdef", "1234567890abcdef", "",
     "4e6f77206973207468652074696d6520666f7220616c6c20",
     "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6", ""},
    {"RFC 2144 appendix B.1, 128 bits", 6, "0123456712345678234567893456789a", "0000000000000000",
     "", "0123456789abcdef", "238b4fe5847e44b2", ""},
    {"RFC 2144 appendix B.1, 80 bits", 6, "01234567123456782345", "0000000000000000", "",
     "0123456789abcdef", "eb6a711a2c02271b", ""},
    {"RFC 2144 appendix B.1, 40 bits", 6, "0123456712", "0000000000000000", "", "0123456789abcdef",
     "7ac816d16e9b302e", ""},
    {"Schneier's Blowfish vectors (E. Young), CBC, first four blocks", 7,
     "0123456789abcdeff0e1d2c3b4a59687", "fedcba9876543210", "",
     "37363534333231204e6f77206973207468652074696d6520666f722000000000",
     "6b77b4d63006dee605b156e27403979358deb9e7154616d959f1652bd5ff92cc", ""},
    {"no cipher", 11, "", "", "", "0102030405", "0102030405", ""},
};

static ike_cipher *make(const vector *v)
{
    ike_status status;
    ike_cipher *cipher = ike_cipher_new(ike_encr_find(v->id), hex(v->key), &status);

    if (cipher == NULL)
        fail_msg("%s: status %d", v->source, (int)status);
    return cipher;
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const vector *v = &vectors[i];
        ike_span encrypted = hex(v->encrypted), icv = hex(v->icv);
        ike_cipher *cipher = make(v);
        uint8_t out[512];

        print_message("%s\n", v->source);
        for (int round = 0; round < 2; round++) { /* a context is used again */
            assert_int_equal(
                ike_cipher_decrypt(cipher, hex(v->iv), hex(v->aad), encrypted, icv, out), IKE_OK);
            assert_bytes(out, encrypted.length, v->plain);
        }
        ike_cipher_free(cipher);
    }
}

/* Many ciphers at a time, more than there are contexts: each goes on where another one took its. */
static void test_many(void **state)
{
    enum { MANY = 700 };
    const size_t count = sizeof vectors / sizeof vectors[0];
    static ike_cipher *ciphers[MANY];

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        ciphers[i] = make(&vectors[i % count]);
    for (size_t round = 0; round < 3 * MANY; round++) {
        size_t i = round * 11 % MANY; /* in another order than they were made */
        size_t bytes_before = hex_used;
        const vector *v = &vectors[i % count];
        ike_span encrypted = hex(v->encrypted);
        uint8_t out[512];

        assert_int_equal(
            ike_cipher_decrypt(ciphers[i], hex(v->iv), hex(v->aad), encrypted, hex(v->icv), out),
            IKE_OK);
        assert_bytes(out, encrypted.length, v->plain);
        if (round % 5 == 0) { /* some go, some come */
            ike_cipher_free(ciphers[i]);
            ciphers[i] = make(v);
        }
        hex_used = bytes_before;
    }
    for (size_t i = 0; i < MANY; i++)
        ike_cipher_free(ciphers[i]);
    ike_cipher_cleanup();
}

/* Any one bit of ciphertext, additional data or ICV changed: "ICV wrong" and no plaintext. */
static void test_forged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const vector *v = &vectors[i];
        ike_span parts[] = {hex(v->encrypted), hex(v->aad), hex(v->icv)}, iv = hex(v->iv);
        static const uint8_t zeros[512];
        ike_cipher *cipher;

        if (parts[2].length == 0)
            continue;
        cipher = make(v);
        for (size_t p = 0; p < 3; p++) {
            for (size_t bit = 0; bit < parts[p].length * 8; bit += 5) {
                uint8_t *byte = (uint8_t *)parts[p].data + bit / 8;
                uint8_t out[512];

                *byte ^= (uint8_t)(1 << (bit % 8));
                assert_int_equal(ike_cipher_decrypt(cipher, iv, parts[1], parts[0], parts[2], out),
                                 IKE_ERR_ICV);
                assert_memory_equal(out, zeros, parts[0].length);
                *byte ^= (uint8_t)(1 << (bit % 8));
            }
        }
        ike_cipher_free(cipher);
    }
}

/* RFC 3610 8, packet vector 1, and the same with Camellia, RFC 5528 4.2: our own CCM. */
static void check_ccm(const char *block_cipher, const char *encrypted, const char *tag)
{
    EVP_CIPHER_CTX *ecb = EVP_CIPHER_CTX_new();
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, block_cipher, NULL);
    ike_span nonce = hex("00000003020100a0a1a2a3a4a5"), aad = hex("0001020304050607");
    ike_span plain = hex("08090a0b0c0d0e0f101112131415161718191a1b1c1d1e");
    uint8_t out[32], got[16];

    assert_non_null(cipher);
    assert_int_equal(
        EVP_EncryptInit_ex2(ecb, cipher, hex("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf").data, NULL, NULL),
        1);
    EVP_CIPHER_CTX_set_padding(ecb, 0);
    assert_true(ike_ccm_decrypt(ecb, nonce, aad, hex(encrypted), out, got, 8));
    assert_memory_equal(out, plain.data, plain.length);
    assert_bytes(got, 8, tag);
    EVP_CIPHER_free(cipher);
    EVP_CIPHER_CTX_free(ecb);
}

static void test_own_ccm(void **state)
{
    (void)state;
    check_ccm("AES-128-ECB", "588c979a61c663d2f066d0c2c0f989806d5f6b61dac384", "17e8d12cfdf926e0");
    check_ccm("CAMELLIA-128-ECB", "ba737185e719310492f38a5f1251da55fafbc949848a0d",
              "fcaece746b3db9ad");
}

/* GMAC with plaintext is GCM with all of it as additional data (RFC 4543 3). */
static void test_gmac_covers_text(void **state)
{
    ike_span key = hex("feffe9928665731c6d6a8f9467308308 cafebabe"), iv = hex("facedbaddecaf888");
    ike_span whole = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), none = {NULL, 0};
    ike_status status;
    ike_cipher *gmac = ike_cipher_new(ike_encr_find(21), key, &status);
    uint8_t tag[16], out[32];

    (void)state;
    encrypt(ike_encr_find(20), key, iv, whole, none, NULL, tag);
    assert_int_equal(ike_cipher_decrypt(gmac, iv, (ike_span){whole.data, 8},
                                        (ike_span){whole.data + 8, 12}, (ike_span){tag, 16}, out),
                     IKE_OK);
    assert_memory_equal(out, whole.data + 8, 12);
    ike_cipher_free(gmac);
}

static void test_wrong_lengths(void **state)
{
    static const uint8_t bytes[64];
    ike_span none = {NULL, 0};
    ike_status status;

    (void)state;
    for (uint16_t id = 0; id < 40; id++) {
        const ike_encr *encr = ike_encr_find(id);
        size_t right = encr != NULL ? ike_encr_key_length(encr, 0) : 0;
        ike_span iv = {bytes, encr != NULL ? encr->iv_length : 0};
        ike_cipher *cipher;
        uint8_t out[64];

        if (encr == NULL || encr->mode == IKE_MODE_NULL || !ike_encr_is_supported(encr))
            continue;
        assert_null(ike_cipher_new(encr, none, &status));
        assert_int_equal(status, IKE_ERR_KEY_LENGTH);
        for (size_t length = 0; !encr->key_range && length < sizeof bytes; length++) {
            bool fits = length >= encr->salt_length &&
                        ike_encr_takes_bits(encr, (unsigned)(length - encr->salt_length) * 8);

            cipher = ike_cipher_new(encr, (ike_span){bytes, length}, &status);
            assert_int_equal(cipher != NULL, fits);
            ike_cipher_free(cipher);
        }
        cipher = ike_cipher_new(encr, (ike_span){bytes, right}, &status);
        assert_non_null(cipher);
        assert_int_equal(
            ike_cipher_decrypt(cipher, none, none, none, (ike_span){bytes, encr->icv_length}, out),
            IKE_ERR_IV_LENGTH);
        assert_int_equal(ike_cipher_decrypt(cipher, iv, none, none,
                                            (ike_span){bytes, encr->icv_length + 1u}, out),
                         IKE_ERR_ICV_LENGTH);
        if (encr->block_length > 1) {
            assert_int_equal(ike_cipher_decrypt(cipher, iv, none,
                                                (ike_span){bytes, encr->block_length + 1u}, none,
                                                out),
                             IKE_ERR_DATA_LENGTH);
        }
        ike_cipher_free(cipher);
    }
}

static void test_find(void **state)
{
    static const struct {
        const char *name; /* of Wireshark's table */
        uint16_t id, bits;
    } named[] = {
        {"AES-CBC-256 [RFC3602]", 12, 256},
        {"AES-GCM-192 with 12 octet ICV [RFC5282]", 19, 192},
        {"AES-CCM-128 with 8 octet ICV", 14, 128},
        {"3DES [RFC2451]", 3, 0},
        {"NULL [RFC2410]", 11, 0},
    };
    uint16_t id, bits;

    (void)state;
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        assert_true(ike_encryption_by_name(named[i].name, 0, &id, &bits));
        assert_int_equal(id, named[i].id);
        assert_int_equal(bits, named[i].bits);
    }
    assert_false(ike_encryption_by_name("HMAC_SHA1_96 [RFC2404]", 0, &id, &bits));
    assert_false(ike_encryption_by_name("", 0, &id, &bits));
    assert_int_equal(ike_encr_find_v1(7)->id, 12);
    assert_int_equal(ike_encr_find_v1(5)->id, 3);
    assert_false(ike_encr_is_supported(ike_encr_find_v1(2))); /* IDEA */
    assert_null(ike_encr_find_v1(9));
    assert_int_equal(ike_encr_find_v1(3)->phase1_bits, 448); /* Blowfish, RFC 2409 appendix B */
    assert_int_equal(ike_encr_find_v1_esp(12)->id, 12);
    assert_int_equal(ike_encr_find_v1_esp(22)->id, 23);
    assert_null(ike_encr_find(17));
    assert_int_equal(ike_encr_key_length(ike_encr_find(20), 256), 36);
    assert_int_equal(ike_encr_key_length(ike_encr_find(14), 128), 19);
    assert_int_equal(ike_encr_wire_iv(ike_encr_find(30)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),       cmocka_unit_test(test_forged),
        cmocka_unit_test(test_own_ccm),       cmocka_unit_test(test_gmac_covers_text),
        cmocka_unit_test(test_wrong_lengths), cmocka_unit_test(test_find),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
