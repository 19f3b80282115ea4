/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES key wrap with padding against the vectors of RFC 5649 6. */
#include "hex.h"

#include "decrypt/crypto/key_wrap.h"
#include "decrypt/crypto/openssl_context.h"

#define KEK "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8"

static const struct {
    const char *key, *wrapped;
} vectors[] = {
    {"c37b7e6492584340bed12207808941155068f738",
     "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a"},
    {"466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f"},
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        ike_span key = hex(vectors[i].key);
        ike_secret plain = {0};

        assert_int_equal(ike_key_unwrap(hex(KEK), hex(vectors[i].wrapped), &plain), IKE_OK);
        assert_int_equal(plain.length, key.length);
        assert_memory_equal(plain.data, key.data, key.length);
        ike_secret_clear(&plain);
    }
}

static void test_modified(void **state)
{
    ike_span wrapped = hex(vectors[0].wrapped);
    ike_secret plain = {0};

    (void)state;
    for (size_t bit = 0; bit < 8 * wrapped.length; bit++) {
        uint8_t *other = (uint8_t *)wrapped.data;

        other[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(ike_key_unwrap(hex(KEK), wrapped, &plain), IKE_ERR_ICV);
        other[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_null(plain.data);
}

static void test_lengths(void **state)
{
    ike_span kek = hex(KEK), wrapped = hex(vectors[0].wrapped);
    ike_secret plain = {0};

    (void)state;
    for (size_t length = 0; length < wrapped.length; length++) {
        ike_status status = ike_key_unwrap(kek, (ike_span){wrapped.data, length}, &plain);

        assert_int_equal(status, length % 8 || length < 16 ? IKE_ERR_DATA_LENGTH : IKE_ERR_ICV);
    }
    for (size_t length = 0; length < 24; length++) {
        ike_status status = ike_key_unwrap((ike_span){kek.data, length}, wrapped, &plain);

        assert_int_equal(status, length == 16 ? IKE_ERR_ICV : IKE_ERR_KEY_LENGTH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_modified),
        cmocka_unit_test(test_lengths),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    ike_ossl_cleanup();
    return failed;
}
