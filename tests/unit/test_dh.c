/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Diffie-Hellman against published vectors. */
#include "hex.h"

#include <openssl/bn.h>

#include "decrypt/crypto/dh.h"
#include "decrypt/crypto/public_value.h"

typedef struct {
    const char *source;
    uint16_t group;
    const char *private_i, *public_i, *private_r, *public_r, *shared;
} vector;

static const vector vectors[] = {
    {"RFC 5114 A.1", 22, "b9a3b3ae8fefc1a2930496507086f8455d48943e",
     "2a853b3d92197501b9015b2deb3ed84f5e021dcc3e52f109d3273d2b7521281cbabe0e76ff5727fa8acce269"
     "56ba9a1fca26f20228d8693feb10841d84a7360054ece5a7f5b7a61ad3dfb3c60d2e43106d8727da37df9cce"
     "95b478755d06bcea8f9d45965f75a5f3d1df3701165fc9e50c4279ceb07f989540ae96d5d88ed776",
     "9392c9f9eb6a7a6a9022f7d83e7223c6835bbdda",
     "717a6cb053371ff4a3b932941c1e5663f861a1d6ad34ae66576dfb98f6c6cbf9ddd5a56c7833f6bcfdff0955"
     "82ad868e440e8d09fd769e3ceccdc3d3b1e4cfa057776caaf9739b6a9fee8e7411f8d6dac09d6a4edb46cc2b"
     "5d5203090eae6126311e53fd2c14b574e6a3109a3da1be41bdceaa186f5ce06716a2b6a07b3c33fe",
     "5c804f454d30d9c4df85271f93528c91df6b48ab5f80b3b59caac1b28f8acba9cd3e39f3cb614525d9521d2e"
     "644c53b807b810f340062f257d7d6fbfe8d5e8f072e9b6e9afda9413eafb2e8b0699b1fb5a0caceddeaead7e"
     "9cfbb36ae2b420835bd83a19fb0b5e96bf8fa4d09e345525167ecd9155416f46f408ed31b63c6e6d"},
    {"RFC 5114 A.4", 25, "323fa3169d8e9c6593f59476bc142000ab5be0e249c43426",
     "cd46489ecfd6c105e7b3d32566e2b122e249abaadd870612"
     "68887b4877df51dd4dc3d6fd11f0a26f8fd3844317916e9a",
     "631f95bb4a67632c9c476eee9ab695ab240a0499307fcf62",
     "519a121680e0045466ba21df2eee47f5973b500577ef13d5"
     "ff613ab4d64cee3a20875bdb10f953f6b30ca072c60aa57f",
     "ad420182633f8526bfe954acda376f05e5ff4f837f54febe"},
    {"RFC 5114 A.5", 26, "b558eb6c288da707bbb4f8fbae2ab9e9cb62e3bc5c7573e22e26d37f",
     "49dfef309f81488c304cff5ab3ee5a2154367dc7833150e0a51f3eeb"
     "4f2b5ee45762c4f654c1a0c67f54cf88b016b51bce3d7c228d57adb4",
     "ac3b1add3d9770e6f6a708ee9f3b8e0ab3b480e9f27f85c88b5e6d18",
     "6b3ac96a8d0cde6a5599be8032edf10c162d0a8ad219506dcd42a207"
     "d491be99c213a7d1ca3706debfe305f361afcbb33e2609c8b1618ad5",
     "52272f50f46f4edc9151569092f46df2d96ecc3b6dc1714a4ea949fa"},
    {"RFC 5903 8.1", 19, "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
     "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
     "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
     "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
     "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
     "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
     "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
    {"RFC 5114 A.7", 20,
     "d27335ea71664af244dd14e9fd1260715dfd8a7965571c48d709ee7a7962a156"
     "d706a90cbcb5df2986f05feadb9376f1",
     "793148f1787634d5da4c6d9074417d05e057ab62f82054d10ee6b0403d627954"
     "7e6a8ea9d1fd77427d016fe27a8b8c66"
     "c6c41294331d23e6f480f4fb4cd40504c947392e94f4c3f06b8f398bb29e4236"
     "8f7a685923de3b67bacED214a1a1d128",
     "52d1791fdb4b70f89c0f00d456c2f7023b6125262c36a7df1f80231121cce3d3"
     "9be52e00c194a4132c4a6c768bcd94d2",
     "5cd42ab9c41b5347f74b8d4efb708b3d5b36db65915359b44abc17647b6b9999"
     "789d72a84865ae2f223f12b5a1abc120"
     "e171458feaa939aaa3a8bfac46b404bd8f6d5b348c0fa4d80ceca16356ca9332"
     "40bde8723415a8ece035b0edf36755de",
     "5ea1fc4af7256d2055981b110575e0a8cae53160137d904c59d926eb1b8456e4"
     "27aa8a4540884c37de159a58028abc0e"},
    {"RFC 5114 A.8", 21,
     "0113f82da825735e3d97276683b2b74277bad27335ea71664af2430cc4f33459"
     "b9669ee78b3ffb9b8683015d344dcbfef6fb9af4c6c470be254516cd3c1a1fb4"
     "7362",
     "01ebb34dd75721abf8adc9dbed17889cbb9765d90a7c60f2cef007bb0f2b26e1"
     "4881fd4442e689d61cb2dd046ee30e3ffd20f9a45bbdf6413d583a2dbf59924f"
     "d35c"
     "00f6b632d194c0388e22d8437e558c552ae195adfd153f92d74908351b2f8c4e"
     "da94edb0916d1b53c020b5eecaed1a5fc38a233e4830587bb2ee3489b3b42a5a"
     "86a4",
     "00cee3480d8645a17d249f2776d28bae616952d1791fdb4b70f7c3378732aa1b"
     "22928448bcd1dc2496d435b01048066ebe4f72903c361b1a9dc1193dc2c9d089"
     "1b96",
     "010ebfafc6e85e08d24bfffcc1a4511db0e634beeb1b6dec8c5939ae44766201"
     "af6200430ba97c8ac6a0e9f08b33ce7e9feeb5ba4ee5e0d81510c24295b8a08d"
     "0235"
     "00a4a6ec300df9e257b0372b5e7abfef09343"
     "6719a77887ebb0b18cf8099b9f4"
     "212b6e30a1419c18e029d36863cc9d448f4dba4d2a0e60711be572915fbd4fef"
     "2695",
     "00cdea89621cfa46b132f9e4cfe2261cde2d4368eb5656634c7cc98c7a00cde5"
     "4ed1866a0dd3e6126c9d2f845daff82ceb1da08f5d87521bb0ebeca77911169c"
     "20cc"},
    {"RFC 7027 A.1", 28, "81db1ee100150ff2ea338d708271be38300cb54241d79950f77b063039804f1d",
     "44106e913f92bc02a1705d9953a8414db95e1aaa49e81d9e85f929a8e3100be5"
     "8ab4846f11caccb73ce49cbdd120f5a900a69fd32c272223f789ef10eb089bdc",
     "55e40bc41e37e3e2ad25c3c6654511ffa8474a91a0032087593852d3e7d76bd3",
     "8d2d688c6cf93e1160ad04cc4429117dc2c41825e1e9fca0addd34e6f1b39f7b"
     "990c57520812be512641e47034832106bc7d3e8dd0e4c7f1136d7006547cec6a",
     "89afc39d41d3b327814b80940b042590f96556ec91e6ae7939bce31f3a18bf2b"},
    {"RFC 7027 A.2", 29,
     "1e20f5e048a5886f1f157c74e91bde2b98c8b52d58e5003d57053fc4b0bd65d6"
     "f15eb5d1ee1610df870795143627d042",
     "68b665dd91c195800650cdd363c625f4e742e8134667b767b1b476793588f885"
     "ab698c852d4a6e77a252d6380fcaf068"
     "55bc91a39c9ec01dee36017b7d673a931236d2f1f5c83942d049e3fa20607493"
     "e0d038ff2fd30c2ab67d15c85f7faa59",
     "032640bc6003c59260f7250c3db58ce647f98e1260acce4acda3dd869f74e01f"
     "8ba5e0324309db6a9831497abac96670",
     "4d44326f269a597a5b58bba565da5556ed7fd9a8a9eb76c25f46db69d19dc8ce"
     "6ad18e404b15738b2086df37e71d1eb4"
     "62d692136de56cbe93bf5fa3188ef58bc8a3a0ec6c1e151a21038a42e9185329"
     "b5b275903d192f8d4e1f32fe9cc78c48",
     "0bd9d3a7ea0b3d519d09d8e48d0785fb744a6b355e6304bc51c229fbbce239bb"
     "adf6403715c35d4fb2a5444f575d4f42"},
    {"RFC 7027 A.3", 30,
     "16302ff0dbbb5a8d733dab7141c1b45acbc8715939677f6a56850a38bd87bd59"
     "b09e80279609ff333eb9d4c061231fb26f92eeb04982a5f1d1764cad57665422",
     "0a420517e406aac0acdce90fcd71487718d3b953efd7fbec5f7f27e28c614999"
     "9397e91e029e06457db2d3e640668b392c2a7e737a7f0bf04436d11640fd09fd"
     "72e6882e8db28aad36237cd25d580db23783961c8dc52dfa2ec138ad472a0fce"
     "f3887cf62b623b2a87de5c588301ea3e5fc269b373b60724f5e82a6ad147fde7",
     "230e18e1bcc88a362fa54e4ea3902009292f7f8033624fd471b5d8ace49d12cf"
     "abbc19963dab8e2f1eba00bffb29e4d72d13f2224562f405cb80503666b25429",
     "9d45f66de5d67e2e6db6e93a59ce0bb48106097ff78a081de781cdb31fce8ccb"
     "aaea8dd4320c4119f1e9cd437a2eab3731fa9668ab268d871deda55a5473199f"
     "2fdc313095bcdd5fb3a91636f07a959c8e86b5636a1e930e8396049cb481961d"
     "365cc11453a06c719835475b12cb52fc3c383bce35e27ef194512b71876285fa",
     "a7927098655f1f9976fa50a9d566865dc530331846381c87256baf3226244b76"
     "d36403c024d7bbf0aa0803eaff405d3d24f11a9b5c0bef679fe1454b21c4cd1f"},
    {"RFC 7748 6.1", 31, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
     "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
     "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
     "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
     "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
    {"RFC 7748 6.2", 32,
     "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28d"
     "d9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b",
     "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c"
     "22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0",
     "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d"
     "6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d",
     "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b430"
     "27d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
     "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282b"
     "b60c0b56fd2464c335543936521c24403085d59a449a5037514a879d"},
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const vector *v = &vectors[i];
        const ike_dh_group *group = ike_dh_find(v->group);
        ike_secret got = {0};

        print_message("%s\n", v->source);
        assert_int_equal(ike_dh_public(group, hex(v->private_i), &got), IKE_OK);
        assert_bytes(got.data, got.length, v->public_i);
        assert_int_equal(ike_dh_public(group, hex(v->private_r), &got), IKE_OK);
        assert_bytes(got.data, got.length, v->public_r);
        assert_int_equal(ike_dh_shared(group, hex(v->private_i), hex(v->public_r), &got), IKE_OK);
        assert_bytes(got.data, got.length, v->shared);
        assert_int_equal(ike_dh_shared(group, hex(v->private_r), hex(v->public_i), &got), IKE_OK);
        assert_bytes(got.data, got.length, v->shared);
        ike_secret_clear(&got);
    }
}

/* Groups without a vector above: both sides come to the same secret, of the group's length. */
static void test_both_sides_agree(void **state)
{
    ike_span a = hex("1f00aa5522113377"), b = hex("00e07766554433221100ffeeddcc");

    (void)state;
    for (uint16_t id = 0; id < 31; id++) {
        const ike_dh_group *group = ike_dh_find(id);
        ike_secret pa = {0}, pb = {0}, sa = {0}, sb = {0};

        if (group == NULL)
            continue;
        assert_int_equal(ike_dh_public(group, a, &pa), IKE_OK);
        assert_int_equal(ike_dh_public(group, b, &pb), IKE_OK);
        assert_int_equal(pa.length, group->public_length);
        assert_int_equal(ike_dh_shared(group, a, ike_secret_span(&pb), &sa), IKE_OK);
        assert_int_equal(ike_dh_shared(group, b, ike_secret_span(&pa), &sb), IKE_OK);
        assert_int_equal(sa.length, group->secret_length);
        assert_true(ike_secret_equal(&sa, &sb));
        ike_secret_clear(&pa);
        ike_secret_clear(&pb);
        ike_secret_clear(&sa);
        ike_secret_clear(&sb);
    }
}

/* RFC 7296 2.14: leading zeros stay. 2^3 in the 2048 bit group is 8 in 256 bytes. */
static void test_leading_zeros(void **state)
{
    const ike_dh_group *group = ike_dh_find(14);
    ike_secret two = {0}, eight = {0};

    (void)state;
    assert_int_equal(ike_dh_public(group, hex("01"), &two), IKE_OK);
    assert_int_equal(ike_dh_shared(group, hex("03"), ike_secret_span(&two), &eight), IKE_OK);
    assert_int_equal(eight.length, 256);
    assert_int_equal(eight.data[255], 8);
    for (size_t i = 0; i < 255; i++)
        assert_int_equal(eight.data[i], 0);
    ike_secret_clear(&two);
    ike_secret_clear(&eight);
}

static void test_refused(void **state)
{
    static const uint8_t zeros[1024];
    ike_secret out = {0};

    (void)state;
    for (uint16_t id = 0; id < 33; id++) {
        const ike_dh_group *group = ike_dh_find(id);
        ike_span private_value = {(const uint8_t *)"\1", 1};
        uint8_t all_ones[1024];
        ike_span ones;

        if (group == NULL)
            continue;
        memset(all_ones, 0xff, sizeof all_ones);
        ones = (ike_span){all_ones, group->public_length};
        if (group->kind == IKE_DH_MODERN)
            private_value = (ike_span){all_ones, group->public_length};
        else /* 2^n - 1 is no member: beyond the prime, not on the curve */
            assert_int_equal(ike_dh_shared(group, private_value, ones, &out), IKE_ERR_PUBLIC);
        assert_int_equal(
            ike_dh_shared(group, private_value, (ike_span){zeros, group->public_length}, &out),
            IKE_ERR_PUBLIC);
        assert_int_equal(
            ike_dh_shared(group, private_value, (ike_span){zeros, group->public_length - 1u}, &out),
            IKE_ERR_PUBLIC);
        assert_int_equal(ike_dh_shared(group, (ike_span){NULL, 0}, ones, &out), IKE_ERR_KEY_LENGTH);
        assert_null(out.data);
    }
    assert_null(ike_dh_find(0));
    assert_null(ike_dh_find(36)); /* ML-KEM-768 */
}

static const char *fault_of(uint16_t group, const ike_secret *value)
{
    return ike_public_value_fault(group, ike_secret_span(value));
}

/* RFC 6989 2.1 and 2.3, RFC 8031 3.2: the values of the vectors pass, their neighbours do not. */
static void test_public_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const ike_dh_group *group = ike_dh_find(vectors[i].group);
        ike_span public_value = hex(vectors[i].public_i);
        ike_secret value = {0};

        ike_secret_set(&value, public_value);
        assert_null(fault_of(group->id, &value));
        if (group->kind == IKE_DH_EC) {
            value.data[value.length - 1] ^= 1;
            assert_string_equal(fault_of(group->id, &value), "not a point on the curve");
        }
        memset(value.data, 0, value.length);
        assert_non_null(fault_of(group->id, &value));
        value.data[group->kind == IKE_DH_MODERN ? 0 : value.length - 1] = 1;
        assert_non_null(fault_of(group->id, &value));
        value.length--;
        assert_null(fault_of(group->id, &value)); /* the length is somebody else's matter */
        value.length++;
        ike_secret_clear(&value);
    }
    assert_null(ike_public_value_fault(36, (ike_span){NULL, 0}));
    ike_public_value_cleanup();
}

static void test_modp_range(void **state)
{
    (void)state;
    for (uint16_t id = 1; id <= 24; id++) {
        const ike_dh_group *group = ike_dh_find(id);
        BIGNUM *p = group ? ike_dh_prime(group) : NULL;
        ike_secret value = {0};
        if (!p)
            continue;
        uint8_t *bytes = ike_secret_resize(&value, group->public_length);
        BN_bn2binpad(p, bytes, group->public_length);
        assert_string_equal(fault_of(id, &value), "not below the prime of the group");
        BN_sub_word(p, 1);
        BN_bn2binpad(p, bytes, group->public_length);
        assert_string_equal(fault_of(id, &value), "p - 1 is no public value");
        BN_sub_word(p, 1);
        BN_bn2binpad(p, bytes, group->public_length);
        assert_null(fault_of(id, &value));
        ike_secret_clear(&value);
        BN_free(p);
    }
    ike_public_value_cleanup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public_values), cmocka_unit_test(test_modp_range),
        cmocka_unit_test(test_vectors),       cmocka_unit_test(test_both_sides_agree),
        cmocka_unit_test(test_leading_zeros), cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
