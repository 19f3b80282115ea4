/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NAT detection (RFC 7296 2.23, RFC 3947 3.2). The hashes were computed with Python's hashlib over
 * cookies, address and port; those of strongSwan come from testdata/ikev2/nat-t and ikev1/nat-t. */
#include "scene.h"

#include <glib.h>

static void unhex(const char *hex, uint8_t *out, size_t bytes)
{
    assert_int_equal(strlen(hex), 2 * bytes);
    for (size_t i = 0; i < bytes; i++)
        out[i] =
            (uint8_t)(g_ascii_xdigit_value(hex[2 * i]) * 16 + g_ascii_xdigit_value(hex[2 * i + 1]));
}

static const char request_source[] = "644b4575455bd6fcc1efe2be8162a9218e448e5f";
static const char request_destination[] = "ffb5f34c3c39a75de3d3bfacc231e5649f991d18";
static const char response_of_initiator[] = "d798d986143f878f70765e0e869c80bbc375f701";
static const char response_of_responder[] = "72ad275fac48b1f5f2dcdf87c7a69611eaa4f5b6";

/* Sends, and asks at once. */
static ike_message_record *send_settled(scene *s)
{
    ike_message_record *record = send_now(s);
    (void)(s->sa);
    return record;
}

static void nat_notify(scene *s, uint16_t type, const char *hex)
{
    uint8_t hash[20];
    unhex(hex, hash, sizeof hash);
    notify_with(s, type, hash, sizeof hash);
}

static ike_message_record *request(scene *s)
{
    v2(s, 34, true, false, 0);
    ike_proposal_with(s, 19, 0);
    nat_notify(s, 16388, request_source);
    nat_notify(s, 16389, request_destination);
    return send_settled(s);
}

static ike_message_record *response(scene *s)
{
    s->spi_r = SPI_R;
    v2(s, 34, false, true, 0);
    ike_proposal_with(s, 19, 0);
    nat_notify(s, 16388, response_of_responder);
    nat_notify(s, 16389, response_of_initiator);
    return send_settled(s);
}

static void test_no_nat(void **state)
{
    scene *s = *state;
    ike_message_record *first = request(s), *second = response(s);
    assert_int_equal(first->nat_source, IKE_NAT_SAME);
    assert_int_equal(first->nat_destination, IKE_NAT_SAME);
    assert_int_equal(second->nat_source, IKE_NAT_SAME);
    assert_int_equal(second->nat_destination, IKE_NAT_SAME);
    assert_true(s->sa->initiator.nat_known);
    assert_false(s->sa->initiator.behind_nat);
    assert_false(s->sa->responder.behind_nat);
}

/* The capture behind the NAT: the packet has another source than the initiator knows. */
static void test_source_translated(void **state)
{
    scene *s = *state;
    s->initiator = scene_ip(203, 0, 113, 9, 61234);
    ike_message_record *first = request(s);
    assert_int_equal(first->nat_source, IKE_NAT_TRANSLATED);
    assert_int_equal(first->nat_destination, IKE_NAT_SAME);
    assert_true(s->sa->initiator.behind_nat);
    assert_false(s->sa->responder.behind_nat);
}

/* The capture before the NAT: only what the responder says of the initiator differs. */
static void test_seen_from_inside(void **state)
{
    scene *s = *state;
    request(s);
    s->spi_r = SPI_R;
    v2(s, 34, false, true, 0);
    ike_proposal_with(s, 19, 0);
    nat_notify(s, 16388, response_of_responder);
    nat_notify(s, 16389, request_source);
    ike_message_record *second = send_settled(s);
    assert_int_equal(second->nat_destination, IKE_NAT_TRANSLATED);
    assert_true(s->sa->initiator.behind_nat);
    assert_false(s->sa->responder.behind_nat);
}

/* Several source hashes, one of which fits (RFC 7296 2.23). */
static void test_many_sources(void **state)
{
    scene *s = *state;
    v2(s, 34, true, false, 0);
    nat_notify(s, 16388, request_destination);
    nat_notify(s, 16388, request_source);
    ike_message_record *first = send_settled(s);
    assert_int_equal(first->nat_source, IKE_NAT_SAME);
    assert_int_equal(first->nat_destination, IKE_NAT_NOT_SAID);
}

static void test_ipv6(void **state)
{
    scene *s = *state;
    s->initiator =
        (ike_endpoint){.family = 6, .port = 500, .bytes = {0x20, 1, 0x0d, 0xb8, [15] = 1}};
    s->responder =
        (ike_endpoint){.family = 6, .port = 500, .bytes = {0x20, 1, 0x0d, 0xb8, [15] = 2}};
    v2(s, 34, true, false, 0);
    nat_notify(s, 16388, "7fa12a60a3a27ef1b3fed26cc6d5b8fbf553292f");
    nat_notify(s, 16389, "7fa12a60a3a27ef1b3fed26cc6d5b8fbf553292f");
    ike_message_record *first = send_settled(s);
    assert_int_equal(first->nat_source, IKE_NAT_SAME);
    assert_int_equal(first->nat_destination, IKE_NAT_TRANSLATED);
}

/* A strongSwan behind a masquerading router, captured outside of it. */
static void test_recorded_ikev2(void **state)
{
    scene *s = *state;
    s->spi_i = 0x6c4b3e3d61d7af2du;
    s->initiator = scene_ip(10, 9, 0, 254, 500);
    s->responder = scene_ip(10, 9, 0, 2, 500);
    v2(s, 34, true, false, 0);
    nat_notify(s, 16388, "d19bf07757657066f3cc65d0ad4ff9e84a063865");
    nat_notify(s, 16389, "cba8473cc463c83f1fa5e3313317a5e4b20f420a");
    ike_message_record *first = send_settled(s);
    assert_int_equal(first->nat_source, IKE_NAT_TRANSLATED);
    assert_int_equal(first->nat_destination, IKE_NAT_SAME);
    s->spi_r = 0x5e6bcde435bd86fau;
    v2(s, 34, false, true, 0);
    nat_notify(s, 16389, "856cdd288ef95e7d94ad13a75ad87ddd57ee8a3c");
    assert_int_equal(send_settled(s)->nat_destination, IKE_NAT_SAME);
}

/* ---- IKEv1: the negotiated hash, destination first ------------------------------------------- */

static void negotiate_hash(scene *s, uint16_t hash)
{
    for (int i = 0; i < 2; i++) {
        s->m.responder_spi = 0;
        s->spi_r = i ? SPI_R : 0;
        v1(s, 2, i == 0, 0, false);
        proposal(s, 1, 0, 0);
        ikev1_transform *t = v1_transform(s, 1);
        t->encryption = 7;
        t->key_bits = 128;
        t->hash = hash;
        t->auth_method = 1;
        t->group = 14;
        send_settled(s);
    }
}

static void test_ikev1(void **state)
{
    (void)state;
    static const struct {
        uint16_t hash;
        size_t bytes;
        const char *initiator, *responder;
    } rows[] = {
        {1, 16, "cf5faa9384eb43f6272e122d4934e27f", "70a8e1b96222148452d66ee6d5e20f6f"},
        {2, 20, "d798d986143f878f70765e0e869c80bbc375f701",
         "72ad275fac48b1f5f2dcdf87c7a69611eaa4f5b6"},
        {4, 32, "1f2143b5f4921e97f1d040b016b4443a97ba0383703aa02d511907f137b11a77",
         "76bba38322f06c32ea483c8f968582812134f72fdb6ecd97f8201b6567c1ee6b"},
        {5, 48,
         "36504044f5e49a1e581d4c54da7ad2b5fc4846129e0f71b453caa2769a7877c467d85d6b0af020c07e50dea0b"
         "388371d",
         "e1f510ad13cc295cb563853adae0d08117e33395ba499a95451d359d6cea8e8be512c5cb3c331a30a69882bb9"
         "328e53a"},
        {6, 64,
         "af5a96ed138a8e5693110fd38fb2881053d2c57ae97817bf7346852016040a3c1e7e3a854579618d1ebf82eda"
         "7d363ba4e83"
         "b3bbb3d0829a700f6d16e816569a",
         "63771ec5bbb9b4e053156b945445514a79a119be5d53c5b4cbb080a7dd4e566af98b50445caf819d0af6ab820"
         "27d20ea5f49"
         "e3b133b2bb629581b2f95bd1e4de"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scene *s = scene_new();
        uint8_t of_initiator[64], of_responder[64];
        unhex(rows[i].initiator, of_initiator, rows[i].bytes);
        unhex(rows[i].responder, of_responder, rows[i].bytes);
        negotiate_hash(s, rows[i].hash);
        v1(s, 2, true, 0, false);
        s->m.nat_hashes[0] = scene_bytes(s, of_responder, rows[i].bytes);
        s->m.nat_hashes[1] = scene_bytes(s, of_initiator, rows[i].bytes);
        s->m.nat_hash_count = 2;
        ike_message_record *third = send_settled(s);
        assert_int_equal(third->nat_destination, IKE_NAT_SAME);
        assert_int_equal(third->nat_source, IKE_NAT_SAME);
        v1(s, 2, false, 0, false);
        s->m.nat_hashes[0] = scene_bytes(s, of_responder, rows[i].bytes);
        s->m.nat_hashes[1] = scene_bytes(s, of_responder, rows[i].bytes);
        s->m.nat_hash_count = 2;
        ike_message_record *fourth = send_settled(s);
        assert_int_equal(fourth->nat_destination, IKE_NAT_TRANSLATED);
        assert_int_equal(fourth->nat_source, IKE_NAT_SAME);
        assert_true(s->sa->initiator.behind_nat);
        scene_free(s);
    }
}

static void test_ikev1_unknown_hash(void **state)
{
    scene *s = *state;
    negotiate_hash(s, 3); /* Tiger */
    v1(s, 2, true, 0, false);
    s->m.nat_hashes[0] = scene_bytes(s, NULL, 24);
    s->m.nat_hash_count = 1;
    ike_message_record *third = send_settled(s);
    assert_int_equal(third->nat_destination, IKE_NAT_NOT_COMPUTED);
    assert_int_equal(third->nat_source, IKE_NAT_NOT_SAID);
    assert_false(s->sa->initiator.nat_known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_no_nat),
        scene_test(test_source_translated),
        scene_test(test_seen_from_inside),
        scene_test(test_many_sources),
        scene_test(test_ipv6),
        scene_test(test_recorded_ikev2),
        cmocka_unit_test(test_ikev1),
        scene_test(test_ikev1_unknown_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
