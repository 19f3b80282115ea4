/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key ring: what is bound where, what is tried and in which order, and what is forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decrypt/keys/keyring.h"
#include "decrypt/search/dh_candidates.h"

static const uint8_t bytes[64] = {1, 2, 3};

static ike_span span(size_t length)
{
    return (ike_span){bytes, length};
}

static ike_set_id add(ike_keyring *ring, ike_secret_kind kind, size_t length)
{
    ike_set_id set = ike_keyring_new_set(ring, IKE_SOURCE_KEYLOG, 2);

    assert_true(ike_keyring_set_secret(ring, set, kind, span(length)));
    return set;
}

static void test_sets_are_found_by_their_spis(void **state)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    ike_set_id set = add(ring, IKE_SECRET_SK_EI, 32);

    (void)state;
    assert_true(ike_keyring_bind_set(ring, set, 0x11, 0x22));
    assert_int_equal(ike_sa_keys_bound(ike_keyring_sa_keys(ring), 0x11, 0x22, 0)->id, set);
    assert_int_equal(ike_sa_keys_bound(ike_keyring_sa_keys(ring), 0x22, 0x11, 1)->id, set);
    assert_null(ike_sa_keys_bound(ike_keyring_sa_keys(ring), 0x11, 0x23, 0));
    assert_true(ike_keyring_bind_set(ring, set, 0x11, 0));
    assert_null(ike_sa_keys_bound(ike_keyring_sa_keys(ring), 0x11, 0x22, 0));
    assert_int_equal(ike_sa_keys_bound(ike_keyring_sa_keys(ring), 0x11, 0x22, 2)->id, set);
    ike_keyring_free(ring);
}

static void test_secrets_of_one_sa_make_generations(void **state)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    const ike_key_set *first, *second;
    const uint8_t other[32] = {9};

    (void)state;
    ike_keyring_add_secret(ring, IKE_SOURCE_KEYLOG, 2, 1, 2, IKE_SECRET_SK_EI, span(32));
    ike_keyring_add_secret(ring, IKE_SOURCE_KEYLOG, 2, 1, 2, IKE_SECRET_SK_ER, span(32));
    ike_keyring_add_secret(ring, IKE_SOURCE_KEYLOG, 2, 1, 2, IKE_SECRET_SK_EI, span(32));
    ike_keyring_add_secret(ring, IKE_SOURCE_KEYLOG, 2, 1, 2, IKE_SECRET_SK_EI,
                           (ike_span){other, sizeof other});
    first = ike_sa_keys_bound(ike_keyring_sa_keys(ring), 1, 2, 0);
    second = first->next_bound;
    assert_int_equal(ike_key_set_secret(first, IKE_SECRET_SK_ER).length, 32);
    assert_int_equal(ike_key_set_secret(second, IKE_SECRET_SK_EI).data[0], 9);
    assert_int_equal(ike_key_set_secret(second, IKE_SECRET_SK_ER).length, 0);
    assert_null(second->next_bound);
    ike_keyring_free(ring);
}

static void test_unbound_sets_are_tried_near_the_last_right_one(void **state)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    ike_set_id sets[5];
    const guint order[] = {2, 3, 1, 4, 0};
    ike_set_walk walk;

    (void)state;
    for (guint i = 0; i < 5; i++) {
        sets[i] = add(ring, IKE_SECRET_SK_EI, 32);
        add(ring, IKE_SECRET_SK_EI, 16); /* another length: never offered */
    }
    ike_sa_keys_mark_right(ike_keyring_sa_keys(ring),
                           ike_sa_keys_set(ike_keyring_sa_keys(ring), sets[2]));
    ike_sa_keys_walk(ike_keyring_sa_keys(ring), IKE_SECRET_SK_EI, 32, &walk);
    for (guint i = 0; i < 5; i++) {
        assert_int_equal(ike_sa_keys_walk_next(ike_keyring_sa_keys(ring), &walk)->id,
                         sets[order[i]]);
    }
    assert_null(ike_sa_keys_walk_next(ike_keyring_sa_keys(ring), &walk));
    ike_keyring_free(ring);
}

static void test_a_bound_set_is_not_tried_elsewhere(void **state)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    ike_set_id set = add(ring, IKE_SECRET_SKEYSEED, 20);
    ike_set_walk walk;

    (void)state;
    ike_keyring_bind_set(ring, set, 5, 6);
    ike_sa_keys_walk(ike_keyring_sa_keys(ring), IKE_SECRET_SKEYSEED, 20, &walk);
    assert_null(ike_sa_keys_walk_next(ike_keyring_sa_keys(ring), &walk));
    ike_keyring_free(ring);
}

static void test_a_source_is_forgotten_alone(void **state)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    unsigned before;

    (void)state;
    ike_keyring_add_secret(ring, IKE_SOURCE_KEYLOG, 2, 1, 2, IKE_SECRET_SK_D, span(20));
    ike_keyring_add_secret(ring, IKE_SOURCE_CAPTURE, 2, 1, 2, IKE_SECRET_SK_D, span(32));
    before = ike_keyring_revision(ring);
    ike_keyring_clear(ring, IKE_SOURCE_KEYLOG);
    assert_true(ike_keyring_revision(ring) > before);
    assert_int_equal(
        ike_key_set_secret(ike_sa_keys_bound(ike_keyring_sa_keys(ring), 1, 2, 0), IKE_SECRET_SK_D)
            .length,
        32);
    assert_null(ike_sa_keys_bound(ike_keyring_sa_keys(ring), 1, 2, 0)->next_bound);
    ike_keyring_free(ring);
}

static void test_what_cannot_be_a_secret_is_refused(void **state)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    ike_set_id set = ike_keyring_new_set(ring, IKE_SOURCE_KEYLOG, 2);

    (void)state;
    assert_false(ike_keyring_set_secret(ring, set, IKE_SECRET_SK_D, span(0)));
    assert_false(ike_keyring_set_secret(ring, set, IKE_SECRET_SK_D, (ike_span){bytes, 5000}));
    assert_false(ike_keyring_set_secret(ring, set + 1, IKE_SECRET_SK_D, span(20)));
    assert_non_null(ike_keyring_add_ikev1_row(ring, "1122", "00"));
    assert_non_null(ike_keyring_add_ikev1_row(ring, "1122334455667788", "0x0g"));
    assert_non_null(ike_keyring_add_ikev1_row(ring, "1122334455667788", "00ff"));
    assert_null(ike_keyring_add_ikev1_row(ring, "11:22:33:44:55:66:77:88", "0x00ff112233445566"));
    ike_keyring_free(ring);
}

/* Of four keys of 16 and 20 bytes one is a byte short. */
static void test_row_with_a_short_key_is_refused(void **state)
{
    static const char hex[] = "000102030405060708090a0b0c0d0e0f10111213";
    static const char *const names[] = {"SK_ei", "SK_er", "SK_ai", "SK_ar"};

    (void)state;
    for (int wrong = 0; wrong < 4; wrong++) {
        ike_keyring *ring = ike_keyring_new(NULL, NULL);
        const char *keys[4];
        for (int i = 0; i < 4; i++)
            keys[i] = hex + (i < 2 ? 8 : 0) + (i == wrong ? 2 : 0);
        const char *why = ike_keyring_add_ikev2_row(ring, "1122334455667788", "8877665544332211",
                                                    keys[0], keys[1], "AES-CBC-128 [RFC3602]",
                                                    keys[2], keys[3], "HMAC_SHA1_96 [RFC2404]");
        assert_non_null(why);
        assert_memory_equal(why, names[wrong], strlen(names[wrong]));
        ike_keyring_free(ring);
    }
}

/* RFC 7748 6.1: Alice's private value and Bob's public one. */
static const char alice_private[] =
    "\x77\x07\x6d\x0a\x73\x18\xa5\x7d\x3c\x16\xc1\x72\x51\xb2\x66\x45"
    "\xdf\x4c\x2f\x87\xeb\xc0\x99\x2a\xb1\x77\xfb\xa5\x1d\xb9\x2c\x2a";
static const char alice_public[] =
    "\x85\x20\xf0\x09\x89\x30\xa7\x54\x74\x8b\x7d\xdc\xb4\x3e\xf7\x5a"
    "\x0d\xbf\x3a\x0d\x26\x38\x1a\xf4\xeb\xa4\xa9\x8e\xaa\x9b\x4e\x6a";
static const char bob_public[] = "\xde\x9e\xdb\x7d\x7b\x7d\xc1\xb4\xd3\x5b\x61\xc2\xec\xe4\x35\x37"
                                 "\x3f\x83\x43\xc8\x5b\x78\x67\x4d\xad\xfc\x7e\x14\x6f\x88\x2b\x4f";
static const char shared[] = "\x4a\x5d\x9d\x5b\xa4\xce\x2d\xe1\x72\x8e\x3b\xf4\x80\x35\x0f\x25"
                             "\xe0\x7e\x21\xc9\x47\xd1\x9e\x33\x76\xf0\x9b\x3c\x1e\x16\x17\x42";

static bool is_shared(void *user, const ike_span *secrets, const ike_key_origin *origin)
{
    (void)user, (void)origin;
    return secrets[0].length == 32 && memcmp(secrets[0].data, shared, 32) == 0;
}

static ike_span text_span(const char *text)
{
    return (ike_span){(const uint8_t *)text, 32};
}

static bool finds_shared(ike_dh_cache *cache, const ike_dh_wanted *wanted, bool bound)
{
    ike_search_budget budget = {0};
    ike_search_memo memo = {0};
    ike_search search;

    ike_search_begin(&search, &budget, &memo, 0);
    if (!bound)
        ike_search_unbind(&search);
    return ike_each_dh(cache, &search, wanted, is_shared, NULL);
}

static void test_private_values_make_the_shared_secret(void **state)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    ike_dh_cache *cache = ike_dh_cache_new(ring);
    ike_dh_wanted wanted = {.owners = {{7, 8}}, .count = 1};

    (void)state;
    wanted.exchanges[0].group = 31;
    wanted.exchanges[0].ke_i = text_span(alice_public);
    wanted.exchanges[0].ke_r = text_span(bob_public);
    assert_false(finds_shared(cache, &wanted, false));
    ike_keyring_add_secret(ring, IKE_SOURCE_KEYLOG, 0, 0, 0, IKE_SECRET_DH_PRIVATE,
                           text_span(alice_private));
    assert_true(finds_shared(cache, &wanted, false));
    ike_keyring_clear(ring, IKE_SOURCE_KEYLOG);
    assert_false(finds_shared(cache, &wanted, false));
    assert_false(finds_shared(cache, &wanted, true));
    ike_keyring_add_secret(ring, IKE_SOURCE_KEYLOG, 0, 7, 8, IKE_SECRET_DH_PRIVATE,
                           text_span(alice_private));
    assert_true(finds_shared(cache, &wanted, true));
    ike_dh_cache_free(cache);
    ike_keyring_free(ring);
}

static void test_searches_share_one_budget(void **state)
{
    ike_search_budget budget = {0};
    ike_search_memo memos[64] = {{0}};
    unsigned long spent = 0;
    ike_search search;

    (void)state;
    for (unsigned round = 0; round < 64 * 64; round++) {
        ike_search_begin(&search, &budget, &memos[round % 64], 0);
        while (ike_search_unbind(&search) && ike_search_charge(&search, 1000))
            spent += 1000;
        ike_search_end(&search, false);
    }
    assert_true(spent >= 500000 && spent <= 1500000);
    /* A key ring that changed begins a new one. */
    ike_search_begin(&search, &budget, &memos[0], 1);
    assert_true(ike_search_unbind(&search));
    assert_true(ike_search_charge(&search, 1000));
}

static bool count_peer(void *user, ike_span secret, const ike_key_origin *origin)
{
    (void)secret, (void)origin;
    ++*(unsigned *)user;
    return false;
}

static unsigned peers(const ike_keyring *ring, const char *identity, const uint8_t *address)
{
    unsigned count = 0;

    ike_peer_keys_each(ike_keyring_peer_keys(ring), IKE_PEER_PSK, identity, address,
                       address ? 4 : 0, count_peer, &count);
    return count;
}

static void test_psks_belong_to_identities_addresses_or_everybody(void **state)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    const uint8_t home[] = {192, 0, 2, 1}, away[] = {192, 0, 2, 2};

    (void)state;
    assert_null(ike_keyring_add_psk_row(ring, "a.example", "one"));
    assert_null(ike_keyring_add_psk_row(ring, "192.0.2.1", "0x0102"));
    assert_int_equal(peers(ring, "A.example", NULL), 1);
    assert_int_equal(peers(ring, "b.example", away), 0);
    assert_int_equal(peers(ring, "b.example", home), 1);
    assert_null(ike_keyring_add_psk_row(ring, "*", "0sAQID"));
    assert_null(ike_keyring_add_psk_row(ring, "*", "0sAQID")); /* the same again */
    assert_int_equal(peers(ring, "b.example", away), 1);
    assert_int_equal(peers(ring, "a.example", home), 3);
    assert_non_null(ike_keyring_add_psk_row(ring, "*", ""));
    assert_non_null(ike_keyring_add_psk_row(ring, "*", "0x012"));
    ike_keyring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sets_are_found_by_their_spis),
        cmocka_unit_test(test_secrets_of_one_sa_make_generations),
        cmocka_unit_test(test_unbound_sets_are_tried_near_the_last_right_one),
        cmocka_unit_test(test_a_bound_set_is_not_tried_elsewhere),
        cmocka_unit_test(test_a_source_is_forgotten_alone),
        cmocka_unit_test(test_what_cannot_be_a_secret_is_refused),
        cmocka_unit_test(test_row_with_a_short_key_is_refused),
        cmocka_unit_test(test_private_values_make_the_shared_secret),
        cmocka_unit_test(test_searches_share_one_budget),
        cmocka_unit_test(test_psks_belong_to_identities_addresses_or_everybody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
