/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integrity algorithms and pseudo-random functions against published vectors. */
#include "encrypt.h"
#include "hex.h"

#include "decrypt/crypto/algorithm.h"
#include "decrypt/crypto/mac.h"
#include "decrypt/crypto/prf.h"

typedef struct {
    const char *source;
    uint16_t id;
    const char *key, *data, *mac;
} vector;

#define KEY_16 "000102030405060708090a0b0c0d0e0f"
#define CMAC_KEY "2b7e151628aed2a6abf7158809cf4f3c"
#define TEXT_40 "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
#define HI "4869205468657265" /* "Hi There" */
#define B16 "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
#define B20 B16 "0b0b0b0b"

static const vector integrity[] = {
    {"RFC 2202 2, case 1, cut (RFC 2403)", 1, B16, HI, "9294727a3638bb1c13f48ef8"},
    {"RFC 2202 2, case 1", 6, B16, HI, "9294727a3638bb1c13f48ef8158bfc9d"},
    {"RFC 2202 3, case 1, cut (RFC 2404)", 2, B20, HI, "b617318655057264e28bc0b6"},
    {"RFC 2202 3, case 1", 7, B20, HI, "b617318655057264e28bc0b6fb378c8ef146be00"},
    {"RFC 4868 2.7.2.1, SHA256-1", 12, B16 B16, HI, "198a607eb44bfbc69903a0f1cf2bbdc5"},
    {"the same, cut to 96 bits", IKE_INTEGRITY_SHA256_96, B16 B16, HI, "198a607eb44bfbc69903a0f1"},
    {"RFC 4868 2.7.2.2, SHA384-1", 13, B16 B16 B16, HI,
     "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973"},
    {"RFC 4868 2.7.2.3, SHA512-1", 14, B16 B16 B16 B16, HI,
     "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8"},
    {"RFC 3566 4.6, case 1", 5, KEY_16, "", "75f0251d528ac01c4573dfd5"},
    {"RFC 3566 4.6, case 2", 5, KEY_16, "000102", "5b376580ae2f19afe7219cee"},
    {"RFC 3566 4.6, case 3", 5, KEY_16, KEY_16, "d2a246fa349b68a79998a439"},
    {"RFC 3566 4.6, case 4", 5, KEY_16, KEY_16 "10111213", "47f51b4564966215b8985c63"},
    {"RFC 3566 4.6, case 5", 5, KEY_16, KEY_16 "101112131415161718191a1b1c1d1e1f",
     "f54f0ec8d2b9f3d36807734b"},
    {"RFC 3566 4.6, case 6", 5, KEY_16, KEY_16 "101112131415161718191a1b1c1d1e1f2021",
     "becbb3bccdb518a30677d548"},
    {"RFC 4494 4.1, case 1", 8, CMAC_KEY, "", "bb1d6929e95937287fa37d12"},
    {"RFC 4494 4.1, case 2", 8, CMAC_KEY, "6bc1bee22e409f96e93d7e117393172a",
     "070a16b46b4d4144f79bdd9d"},
    {"RFC 4494 4.1, case 3", 8, CMAC_KEY, TEXT_40, "dfa66747de9ae63030ca3261"},
};

static void test_integrity(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof integrity / sizeof integrity[0]; i++) {
        const vector *v = &integrity[i];
        ike_span data = hex(v->data), icv = hex(v->mac);
        ike_status status;
        ike_mac *mac = ike_mac_new(ike_integ_find(v->id), hex(v->key), &status);
        uint8_t out[IKE_MAX_HASH];

        print_message("%s\n", v->source);
        assert_non_null(mac);
        for (size_t truncated = 0; truncated <= data.length; truncated++) { /* in any two parts */
            const ike_span parts[] = {{data.data, truncated},
                                      {data.data + truncated, data.length - truncated}};

            assert_int_equal(ike_mac_compute(mac, parts, 2, out), IKE_OK);
            assert_bytes(out, ike_mac_length(mac), v->mac);
            assert_int_equal(ike_mac_verify(mac, parts, 2, icv), IKE_OK);
        }
        for (size_t bit = 0; bit < icv.length * 8; bit++) {
            memcpy(out, icv.data, icv.length);
            out[bit / 8] ^= (uint8_t)(1 << (bit % 8));
            assert_int_equal(ike_mac_verify(mac, &data, 1, (ike_span){out, icv.length}),
                             IKE_ERR_ICV);
        }
        assert_int_equal(ike_mac_verify(mac, &data, 1, (ike_span){icv.data, icv.length - 1}),
                         IKE_ERR_ICV_LENGTH);
        ike_mac_free(mac);
    }
}

static void test_unchecked(void **state)
{
    static const uint8_t bytes[40];
    ike_status status;
    ike_mac *any =
        ike_mac_new(ike_integ_find(IKE_INTEGRITY_ANY + 160), (ike_span){NULL, 0}, &status);
    ike_span data = {bytes, sizeof bytes};

    (void)state;
    assert_non_null(any);
    assert_int_equal(ike_mac_verify(any, &data, 1, (ike_span){bytes, 20}), IKE_OK);
    assert_int_equal(ike_mac_verify(any, &data, 1, (ike_span){bytes, 19}), IKE_ERR_ICV_LENGTH);
    ike_mac_free(any);
    assert_null(ike_mac_new(ike_integ_find(2), (ike_span){bytes, 19}, &status));
    assert_int_equal(status, IKE_ERR_KEY_LENGTH);
}

/* RFC 4543 4: the ICV of AH is IV and tag, over the same bytes as GCM with no plaintext. */
static void test_gmac(void **state)
{
    ike_span key = hex("feffe9928665731c6d6a8f9467308308cafebabe"), iv = hex("facedbaddecaf888");
    ike_span data = hex(TEXT_40);
    const ike_span parts[] = {{data.data, 7}, {data.data + 7, data.length - 7}};
    ike_status status;
    ike_mac *gmac = ike_mac_new(ike_integ_find(9), key, &status);
    uint8_t icv[24];

    (void)state;
    memcpy(icv, iv.data, 8);
    encrypt(ike_encr_find(20), key, iv, data, (ike_span){NULL, 0}, NULL, icv + 8);
    assert_int_equal(ike_mac_verify(gmac, parts, 2, (ike_span){icv, 24}), IKE_OK);
    icv[23] ^= 1;
    assert_int_equal(ike_mac_verify(gmac, parts, 2, (ike_span){icv, 24}), IKE_ERR_ICV);
    assert_int_equal(ike_mac_compute(gmac, parts, 2, icv), IKE_ERR_ARGUMENT);
    ike_mac_free(gmac);
}

#define AA_16 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define AA_131 AA_16 AA_16 AA_16 AA_16 AA_16 AA_16 AA_16 AA_16 "aaaaaa"

static const vector prfs[] = {
    {"RFC 2202 2, case 2", 1, "4a656665",
     "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "750c783e6ab0b503eaa86e310a5db738"},
    {"RFC 2202 3, case 2", 2, "4a656665",
     "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {"RFC 4231 4.2", 5, B20, HI,
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"RFC 4231 4.2", 6, B20, HI,
     "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
     "faea9ea9076ede7f4af152e8b2fa9cb6"},
    {"RFC 4231 4.2", 7, B20, HI,
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {"RFC 4231 4.7, a key longer than a block", 5, AA_131,
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a"
     "65204b6579202d2048617368204b6579204669727374",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"RFC 4231 4.7, a key longer than a block", 7, AA_131,
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a"
     "65204b6579202d2048617368204b6579204669727374",
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
    {"RFC 4434 3, 16 octet key", 4, KEY_16, KEY_16 "10111213", "47f51b4564966215b8985c63055ed308"},
    {"RFC 4434 3, 10 octet key", 4, "00010203040506070809", KEY_16 "10111213",
     "0fa087af7d866e7653434e602fdde835"},
    {"RFC 4434 3, 18 octet key", 4, KEY_16 "edcb", KEY_16 "10111213",
     "8cd3c93ae598a9803006ffb67c40e9e4"},
    {"RFC 4615 4, 18 octet key", 8, KEY_16 "edcb", KEY_16 "10111213",
     "84a348a4a45d235babfffc0d2b4da09a"},
    {"RFC 4615 4, 16 octet key", 8, KEY_16, KEY_16 "10111213", "980ae87b5f4c9c5214f5b6a8455e4c2d"},
    {"RFC 4615 4, 10 octet key", 8, "00010203040506070809", KEY_16 "10111213",
     "290d9e112edb09ee141fcf64c0b72f3d"},
};

static void test_prf(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof prfs / sizeof prfs[0]; i++) {
        const vector *v = &prfs[i];
        const ike_prf_alg *prf = ike_prf_find((uint16_t)v->id);
        ike_span data = hex(v->data);
        uint8_t out[IKE_MAX_HASH];

        print_message("%s\n", v->source);
        assert_int_equal(ike_prf(prf, hex(v->key), &data, 1, out), IKE_OK);
        assert_bytes(out, prf->output_length, v->mac);
    }
}

/* RFC 7296 2.13 word for word, from single calls of the PRF. */
static void test_prf_plus(void **state)
{
    const ike_prf_alg *prf = ike_prf_find(5);
    ike_span key = hex(KEY_16), seed = hex("aabbcc");
    uint8_t t[3][32], got[80], *big;
    uint8_t n;

    (void)state;
    for (n = 1; n <= 3; n++) {
        const ike_span parts[] = {{t[n == 1 ? 0 : n - 2], n == 1 ? 0 : 32}, seed, {&n, 1}};

        assert_int_equal(ike_prf(prf, key, parts, 3, t[n - 1]), IKE_OK);
    }
    assert_int_equal(ikev2_prf_plus(prf, key, &seed, 1, got, sizeof got), IKE_OK);
    assert_memory_equal(got, t, sizeof got);
    big = test_malloc(255 * 32 + 1);
    assert_int_equal(ikev2_prf_plus(prf, key, &seed, 1, big, 255 * 32), IKE_OK);
    assert_int_equal(ikev2_prf_plus(prf, key, &seed, 1, big, 255 * 32 + 1), IKE_ERR_TOO_LONG);
    test_free(big);
}

static void test_hash(void **state)
{
    ike_span parts[] = {text_span("a"), text_span("bc")};
    uint8_t out[IKE_MAX_HASH];

    (void)state;
    assert_int_equal(ike_hash(ike_hash_find_v1(1), parts, 2, out), IKE_OK);
    assert_bytes(out, 16, "900150983cd24fb0d6963f7d28e17f72"); /* RFC 1321 A.5 */
    assert_int_equal(ike_hash(ike_hash_find_v1(2), parts, 2, out), IKE_OK);
    assert_bytes(out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d"); /* RFC 3174 7.3 */
    assert_int_equal(ike_hash(ike_hash_find_v1(4), parts, 2, out), IKE_OK);
    assert_bytes(out, 32, /* FIPS 180-4, SHA-256 example 1 */
                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(ike_hash(ike_prf_find(4), parts, 2, out), IKE_ERR_ARGUMENT);
    assert_null(ike_hash_find_v1(3)); /* Tiger */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integrity), cmocka_unit_test(test_unchecked),
        cmocka_unit_test(test_gmac),      cmocka_unit_test(test_prf),
        cmocka_unit_test(test_prf_plus),  cmocka_unit_test(test_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
