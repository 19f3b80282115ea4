/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that nothing authenticates, without keys: of two that claim one place the one counts
 * that fits the others. */
#include "scene.h"

static ike_message_record *response_with(scene *s, uint16_t group)
{
    v2(s, 34, false, true, 0);
    ike_proposal_with(s, group, 0);
    key_exchange(s, group, 64);
    nonce(s, 32);
    return send_now(s);
}

/* RFC 7296 3.3: a response chooses from the proposals of the request. */
static void test_choice_that_was_not_proposed(void **state)
{
    scene *s = *state;
    ike_message_record *request = init_request(s, 19, 64);
    s->spi_r = SPI_R;
    response_with(s, 2);
    assert_int_equal(s->sa->negotiated->key_exchange, 2);
    ike_message_record *response = response_with(s, 19);
    assert_int_equal(s->sa->negotiated->key_exchange, 19);
    assert_ptr_equal(s->sa->keys, response);
    assert_ptr_equal(ike_record_partner(request), response);
    response_with(s, 2);
    assert_int_equal(s->sa->negotiated->key_exchange, 19);
}

static void v1_message(scene *s, uint8_t mode, bool from_initiator, uint16_t group, const char *id)
{
    v1(s, mode, from_initiator, 0, false);
    proposal(s, 1, 0, 0);
    ikev1_transform *t = v1_transform(s, 1);
    t->encryption = 7;
    t->key_bits = 256;
    t->hash = 4;
    t->auth_method = 1;
    t->group = group;
    if (mode == 4)
        identity(s, 0, 2, id);
    send_now(s);
}

/* One forged message in aggressive mode before main mode, and one choice of other algorithms. */
static void test_mode_of_both_sides(void **state)
{
    scene *s = *state;
    v1_message(s, 4, true, 2, "forged.example");
    v1_message(s, 2, true, 14, NULL);
    s->spi_r = SPI_R;
    v1_message(s, 2, false, 2, NULL);
    v1_message(s, 2, false, 14, NULL);
    assert_int_equal(s->sa->init->type, 2);
    assert_int_equal(s->sa->negotiated->key_exchange, 14);
    assert_null(s->sa->initiator.id);
    v1_message(s, 4, false, 2, "forged.example");
    assert_int_equal(s->sa->init->type, 2);
    assert_null(s->sa->responder.id);
}

/* Aggressive mode: the first message is the one whose proposals the second one chooses from. */
static void test_identities_of_aggressive_mode(void **state)
{
    scene *s = *state;
    v1_message(s, 4, true, 2, "forged.example");
    v1_message(s, 4, true, 14, "moon.example");
    s->spi_r = SPI_R;
    v1_message(s, 4, false, 14, "sun.example");
    v1_message(s, 4, false, 2, "other.example");
    assert_string_equal(s->sa->initiator.id, "moon.example");
    assert_string_equal(s->sa->responder.id, "sun.example");
    assert_int_equal(s->sa->negotiated->key_exchange, 14);
}

static ike_message_record *encrypted_message(scene *s, uint8_t exchange, bool from_initiator,
                                             bool response, uint32_t id, uint8_t first)
{
    v2(s, exchange, from_initiator, response, id);
    encrypted(s, first, 80);
    return send_now(s);
}

/* While a request waits for its response no other is sent (RFC 7296 2.3). */
static void test_request_that_is_not_answered(void **state)
{
    scene *s = *state;
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    encrypted_message(s, 35, true, false, 1, 35);
    encrypted_message(s, 35, true, false, 2, 35);
    encrypted_message(s, 35, false, true, 1, 41);
    assert_int_equal(s->sa->last_auth->message_id, 1);
    encrypted_message(s, 37, true, false, 2, 0);
    ike_message request = s->m;
    encrypted_message(s, 37, true, false, 3, 0);
    assert_int_equal(s->sa->last_begun[1]->message_id, 3);
    s->m = request;
    send_at(s, 1000);
    assert_int_equal(s->sa->last_begun[1]->message_id, 2);
    encrypted_message(s, 37, true, false, 4, 0);
    assert_int_equal(s->sa->last_begun[1]->message_id, 2);
    encrypted_message(s, 37, false, true, 4, 0);
    assert_int_equal(s->sa->last_begun[1]->message_id, 4);
}

/* A response that begins with IDi, of a length that no message of the SA has, or with the
 * ciphertext of its request. */
static void test_doubtful_response(void **state)
{
    (void)state;
    for (int doubt = 0; doubt < 4; doubt++) {
        scene *s = scene_new();
        init_request(s, 19, 64);
        init_response(s, 19, 64);
        v2(s, 35, true, false, 1);
        encrypted(s, 35, 200);
        s->m.prefix_digest = 5;
        send_now(s);
        v2(s, 35, false, true, 1);
        encrypted(s, doubt == 1 ? 35 : 36, 200);
        s->m.misfit = doubt == 2;
        s->m.prefix_digest = doubt == 3 ? 5 : 6;
        ike_message_record *forged = send_now(s);
        assert_ptr_equal(forged->exchange->response, forged);
        v2(s, 35, false, true, 1);
        encrypted(s, 36, 200);
        s->m.prefix_digest = 7;
        ike_message_record *response = send_now(s);
        assert_ptr_equal(response->exchange->response, doubt ? response : forged);
        scene_free(s);
    }
}

/* Fragments that complete a message do not replace one that was verified. */
static void test_fragments_beside_a_verified_response(void **state)
{
    scene *s = *state;
    handshake(s);
    v2(s, 37, true, false, 2);
    send_now(s);
    v2(s, 37, false, true, 2);
    ike_message_record *response = send_now(s);
    assert_ptr_equal(response->exchange->response, response);
    for (uint16_t n = 1; n <= 2; n++) {
        v2(s, 37, false, true, 2);
        encrypted(s, 41, 80);
        s->m.first_payload = 53; /* SKF */
        s->m.fragment = n;
        s->m.fragments = 2;
        ike_message_record *forged = send_now(s);
        assert_true(forged->reassembled == (n == 2));
    }
    assert_ptr_equal(response->exchange->response, response);
}

/* A request in clear that an IKE SA with verified messages did not take is not taken when it is
 * sent again. */
static void test_request_in_clear_sent_twice(void **state)
{
    scene *s = *state;
    handshake(s);
    v2(s, 36, true, false, 2);
    send_now(s);
    v2(s, 36, false, true, 2);
    send_now(s);
    const ike_exchange *create = s->sa->last_create;
    assert_int_equal(create->message_id, 2);
    v2(s, 36, true, false, 3);
    s->m.encrypted = false;
    s->m.decryption = IKE_PLAIN;
    ike_message request = s->m;
    send_now(s);
    s->m = request;
    send_at(s, 1000);
    assert_ptr_equal(s->sa->last_create, create);
}

/* The error follows message 2 of an aggressive mode whose message 1 was not captured. */
static void test_error_without_first_message(void **state)
{
    scene *s = *state;
    s->spi_r = SPI_R;
    v1_message(s, 4, false, 14, "sun.example");
    ike_message second = s->m;
    s->m = second;
    send_at(s, 1000);
    init_response(s, 14, 256);
    v1(s, 5, true, 7, false);
    notify(s, 14);
    ike_message_record *error = send_now(s);
    assert_non_null(find_on(s, error, NULL));
}

/* A responder that does not accept message 5 says so after phase 1 alone: a quick mode that nobody
 * answers is none. */
static void test_clear_quick_mode_before_a_refusal(void **state)
{
    scene *s = *state;
    v1_message(s, 2, true, 14, NULL);
    s->spi_r = SPI_R;
    v1_message(s, 2, false, 14, NULL);
    v1(s, 32, true, 7, false);
    nonce(s, 32);
    send_now(s);
    for (int step = 3; step <= 6; step++) {
        v1(s, 2, step % 2 == 1, 0, step > 4);
        if (step > 4)
            identity(s, 0, 2, "moon.example");
        else
            key_exchange(s, 14, 256);
        send_now(s);
    }
    v1(s, 5, true, 9, true);
    notify(s, 18);
    ike_message_record *refusal = send_now(s);
    assert_ptr_equal(s->sa->failed, refusal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_choice_that_was_not_proposed),
        scene_test(test_mode_of_both_sides),
        scene_test(test_identities_of_aggressive_mode),
        scene_test(test_request_that_is_not_answered),
        scene_test(test_fragments_beside_a_verified_response),
        scene_test(test_request_in_clear_sent_twice),
        scene_test(test_error_without_first_message),
        scene_test(test_clear_quick_mode_before_a_refusal),
        cmocka_unit_test(test_doubtful_response),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
