/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyed hash: equal input gives equal output within a process, and the key differs from one
 * process to the next. The algorithm itself is checked against OpenSSL's SipHash-1-3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../proto/keyed_hash.c"

/* The key 00 01 .. 0f and the input 00 01 .. 0e of "SipHash: a fast short-input PRF", appendix A,
 * and the empty input, as "openssl mac -macopt c-rounds:1 -macopt d-rounds:3 -macopt size:8
 * SIPHASH" has them. */
static void test_vectors(void **state)
{
    (void)state;
    uint8_t input[15];
    for (uint8_t i = 0; i < sizeof input; i++)
        input[i] = i;
    (void)ike_keyed_hash(NULL, 0); /* draws the key, which is then overwritten */
    key[0] = UINT64_C(0x0706050403020100);
    key[1] = UINT64_C(0x0f0e0d0c0b0a0908);
    assert_true(ike_keyed_hash(input, sizeof input) == UINT64_C(0xd320d86d2a519956));
    assert_true(ike_keyed_hash(input, 0) == UINT64_C(0xabac0158050fc4dc));
}

static void test_words_are_bytes(void **state)
{
    (void)state;
    const uint8_t bytes[16] = {1, [8] = 2};
    assert_true(ike_keyed_hash_words(1, 2) == ike_keyed_hash(bytes, sizeof bytes));
    assert_true(ike_keyed_hash_words(1, 2) != ike_keyed_hash_words(2, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_words_are_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
