/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lost, late, replayed and copied ESP packets, against a count by sorting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>

#include "analysis/tracker/sequence_numbers.h"

enum { MS = 1000000 };

static ike_sequence_packet packet_of(uint32_t sequence, uint64_t time_ns)
{
    return (ike_sequence_packet){.sequence = sequence,
                                 .digest = sequence * 77u,
                                 .time_ns = time_ns,
                                 .ttl = 64,
                                 .interface = 1};
}

static ike_sequence_class add(ike_sequence_numbers *numbers, uint32_t sequence, uint64_t time_ns)
{
    ike_sequence_packet packet = packet_of(sequence, time_ns);

    return ike_sequence_numbers_add(numbers, &packet);
}

static void test_lost_and_late(void **state)
{
    ike_sequence_numbers *numbers = ike_sequence_numbers_new();
    (void)state;

    assert_int_equal(add(numbers, 5, 1 * MS), IKE_SEQUENCE_NEW);
    assert_int_equal(add(numbers, 9, 2 * MS), IKE_SEQUENCE_NEW);
    assert_int_equal(add(numbers, 7, 3 * MS), IKE_SEQUENCE_LATE);
    assert_int_equal(add(numbers, 3, 4 * MS), IKE_SEQUENCE_LATE);
    ike_sequence_counts counts = ike_sequence_numbers_counts(numbers);
    assert_int_equal(counts.lowest, 3);
    assert_int_equal(counts.highest, 9);
    assert_int_equal(ike_sequence_lost(&counts), 3); /* 4, 6, 8 */
    assert_int_equal(counts.late, 2);
    ike_sequence_numbers_free(numbers);
}

/* What came before the first packet that verifies, and did not, is forged. */
static void test_suspects(void **state)
{
    ike_sequence_numbers *numbers = ike_sequence_numbers_new();
    ike_sequence_packet forged = packet_of(900000, 1 * MS), verified = packet_of(1, 2 * MS);
    (void)state;

    forged.suspect = true;
    verified.decrypted = true;
    ike_sequence_numbers_add(numbers, &forged);
    assert_false(ike_sequence_numbers_verified(numbers));
    assert_int_equal(ike_sequence_numbers_add(numbers, &verified), IKE_SEQUENCE_NEW);
    assert_true(ike_sequence_numbers_verified(numbers));
    ike_sequence_counts counts = ike_sequence_numbers_counts(numbers);
    assert_int_equal(counts.distinct, 1);
    assert_int_equal(counts.highest, 1);
    ike_sequence_numbers_free(numbers);
}

static void test_copies_and_replays(void **state)
{
    ike_sequence_numbers *numbers = ike_sequence_numbers_new();
    ike_sequence_packet other = packet_of(1, 500 * MS);
    (void)state;

    add(numbers, 1, 0);
    assert_int_equal(add(numbers, 1, 1 * MS), IKE_SEQUENCE_REPEATED);
    assert_int_equal(add(numbers, 1, 50000), IKE_SEQUENCE_COPY); /* mirrored */
    other.interface = 2;
    assert_int_equal(ike_sequence_numbers_add(numbers, &other), IKE_SEQUENCE_COPY);
    other.interface = 1;
    other.ttl = 63;
    assert_int_equal(ike_sequence_numbers_add(numbers, &other), IKE_SEQUENCE_COPY);
    assert_true(ike_sequence_numbers_has(numbers, &other));
    other.digest++;
    assert_false(ike_sequence_numbers_has(numbers, &other));
    assert_int_equal(ike_sequence_numbers_add(numbers, &other), IKE_SEQUENCE_REUSED);
    ike_sequence_counts counts = ike_sequence_numbers_counts(numbers);
    assert_int_equal(counts.distinct, 1);
    assert_int_equal(ike_sequence_lost(&counts), 0);
    assert_int_equal(counts.repeated, 1);
    assert_int_equal(counts.copies, 3);
    assert_int_equal(counts.reused, 1);
    assert_false(ike_sequence_repeats_are_copies(&counts));
    ike_sequence_numbers_free(numbers);
}

static void test_doubled_capture(void **state)
{
    ike_sequence_numbers *numbers = ike_sequence_numbers_new();
    (void)state;

    for (uint32_t n = 1; n <= 40; n++) {
        add(numbers, n, n * (uint64_t)MS);
        add(numbers, n, (n + 300) * (uint64_t)MS); /* the other machine's clock */
    }
    ike_sequence_counts counts = ike_sequence_numbers_counts(numbers);
    assert_int_equal(counts.repeated, 40);
    assert_true(ike_sequence_repeats_are_copies(&counts));
    ike_sequence_numbers_free(numbers);
}

static void test_extended(void **state)
{
    ike_sequence_numbers *numbers = ike_sequence_numbers_new();
    (void)state;

    add(numbers, 0xfffffffe, 1 * MS);
    add(numbers, 0xffffffff, 2 * MS);
    assert_int_equal(add(numbers, 1, 3 * MS),
                     IKE_SEQUENCE_NEW); /* RFC 4303 A2.1: the next high half */
    assert_int_equal(add(numbers, 0, 4 * MS), IKE_SEQUENCE_LATE);
    ike_sequence_counts counts = ike_sequence_numbers_counts(numbers);
    assert_true(counts.highest == UINT64_C(0x100000001));
    assert_int_equal(ike_sequence_lost(&counts), 0);
    ike_sequence_packet known = packet_of(2, 5 * MS);
    known.sequence_high = 1;
    known.high_known = true;
    assert_int_equal(ike_sequence_numbers_add(numbers, &known), IKE_SEQUENCE_NEW);
    ike_sequence_numbers_free(numbers);
}

static void test_random_against_a_set(void **state)
{
    GRand *random = g_rand_new_with_seed(7);
    (void)state;

    for (unsigned round = 0; round < 50; round++) {
        ike_sequence_numbers *numbers = ike_sequence_numbers_new();
        GHashTable *set = g_hash_table_new(NULL, NULL);
        uint32_t base = g_rand_int_range(random, 1, 100000), low = UINT32_MAX, high = 0;
        for (unsigned i = 0; i < 400; i++) {
            uint32_t n = base + (uint32_t)g_rand_int_range(random, 0, 500);
            bool known = !g_hash_table_add(set, GUINT_TO_POINTER(n));
            ike_sequence_class class = add(numbers, n, i * (uint64_t)MS);
            assert_int_equal(known, class == IKE_SEQUENCE_REPEATED || class == IKE_SEQUENCE_COPY);
            low = MIN(low, n);
            high = MAX(high, n);
        }
        ike_sequence_counts counts = ike_sequence_numbers_counts(numbers);
        assert_int_equal(counts.distinct, g_hash_table_size(set));
        assert_int_equal(ike_sequence_lost(&counts), high - low + 1 - g_hash_table_size(set));
        g_hash_table_destroy(set);
        ike_sequence_numbers_free(numbers);
    }
    g_rand_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suspects),           cmocka_unit_test(test_lost_and_late),
        cmocka_unit_test(test_copies_and_replays), cmocka_unit_test(test_doubled_capture),
        cmocka_unit_test(test_extended),           cmocka_unit_test(test_random_against_a_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
