/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv2 sessions: responses, retransmissions, which IKE SA and Child SA it is (RFC 7296). */
#include "scene.h"

#include <glib.h>
#include <stdlib.h>
#include <time.h>

#include "proto/ike_numbers.h"

static void test_handshake(void **state)
{
    scene *s = *state;
    char step[64];
    ike_message_record *init1 = init_request(s, 19, 64);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_NEW);
    assert_null(ike_record_partner(init1));
    ike_message_record *init2 = init_response(s, 19, 64);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_KEYS_NEGOTIATED);
    assert_ptr_equal(ike_record_partner(init1), init2);
    assert_ptr_equal(ike_record_partner(init2), init1);
    assert_true(s->sa->responder_spi == SPI_R);
    auth_request_begin(s, 0xa1);
    ike_message_record *auth1 = send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_AUTHENTICATING);
    auth_response_begin(s, 0xb1);
    ike_message_record *auth2 = send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
    assert_int_equal(init1->state, IKE_SA_NEW);
    assert_int_equal(auth2->state, IKE_SA_ESTABLISHED);
    assert_int_equal(ike_tracker_count(s->tracker), 1);

    uint64_t ns = 0;
    assert_true(ike_record_response_time(auth2, &ns));
    assert_int_equal(ns, 10000000);
    assert_false(ike_record_response_time(auth1, &ns));
    assert_string_equal(ike_record_step(auth1, step, sizeof step), "IKE_AUTH request");
    assert_string_equal(ike_record_step(init2, step, sizeof step), "IKE_SA_INIT response");

    assert_string_equal(
        ike_sa_algorithms(s->sa),
        "ENCR_AES_CBC-256, AUTH_HMAC_SHA2_256_128, PRF_HMAC_SHA2_256, 256-bit random ECP group");
    assert_string_equal(s->sa->initiator.id, "moon.example");
    assert_string_equal(s->sa->responder.id, "sun.example");
    const ike_child *child = s->sa->children;
    assert_non_null(child);
    assert_ptr_equal(auth2->exchange->child, child);
    assert_int_equal(ike_child_state_of(child), IKE_CHILD_ESTABLISHED);
    assert_int_equal(child->spi_initiator, 0xa1);
    assert_int_equal(child->spi_responder, 0xb1);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_ESTABLISHED);
    assert_string_equal(v.code, "");
    assert_int_equal(v.loud, 0);
}

/* RFC 7296 2.6: the same message ID 0, the responder's SPI zero or not. */
static void cookie(uint64_t spi_with_cookie)
{
    scene *s = scene_new();
    ike_message_record *first = init_request(s, 19, 64);
    s->spi_r = spi_with_cookie;
    v2(s, 34, false, true, 0);
    notify_with(s, 16390, "cookie", 6);
    ike_message_record *asked = send_now(s);
    assert_ptr_equal(ike_record_partner(asked), first);
    s->spi_r = 0;
    v2(s, 34, true, false, 0);
    notify_with(s, 16390, "cookie", 6);
    ike_proposal_with(s, 19, 0);
    key_exchange(s, 19, 64);
    nonce(s, 32);
    ike_message_record *again = send_now(s);
    assert_null(again->original);
    ike_message_record *answer = init_response(s, 19, 64);
    assert_ptr_equal(ike_record_partner(answer), again);
    assert_ptr_equal(ike_record_partner(first), asked);
    assert_int_equal(ike_tracker_count(s->tracker), 1);
    assert_true(s->sa->responder_spi == SPI_R);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_KEYS_NEGOTIATED);
    /* Messages with the final SPIs find it. */
    auth_request_begin(s, 1);
    send_now(s);
    assert_int_equal(s->sa->stream, 0);
    scene_free(s);
}

static void test_cookie(void **state)
{
    (void)state;
    cookie(0);
    cookie(0x9999999999999999u);
}

static void test_invalid_ke(void **state)
{
    scene *s = *state;
    static const uint8_t group[] = {0, 14};
    init_request(s, 19, 64);
    v2(s, 34, false, true, 0);
    notify_with(s, 17, group, 2);
    ike_message_record *refused = send_now(s);
    init_request(s, 14, 256);
    ike_message_record *answer = init_response(s, 14, 256);
    assert_int_equal(ike_record_partner(answer)->frame, 3);
    const ike_finding *finding = find_on(s, refused, "invalid_ke_payload_retry");
    assert_non_null(finding);
    assert_contains(finding->text, "2048-bit MODP Group");
    assert_contains(finding->text, "256-bit random ECP group");
    assert_contains(finding->text, "retried in frame 3");
    assert_null(find_on(s, refused, "invalid_ke_payload"));
    assert_int_equal(report_of(s).loud, 0);
}

static void test_retransmission(void **state)
{
    scene *s = *state;
    ike_message_record *first = init_request(s, 19, 64);
    ike_message copy = s->m;
    s->m = copy;
    ike_message_record *again = send_at(s, 500);
    assert_ptr_equal(again->original, first);
    assert_int_equal(first->retransmissions, 1);
    ike_message_record *answer = init_response(s, 19, 64);
    ike_message answer_copy = s->m;
    assert_ptr_equal(ike_record_partner(answer), first);
    assert_ptr_equal(ike_record_partner(again), answer);
    s->m = copy;
    ike_message_record *third = send_at(s, 500);
    assert_ptr_equal(third->original, first);
    assert_ptr_equal(ike_record_partner(third), answer);
    s->m = answer_copy;
    ike_message_record *answer_again = send_at(s, 500);
    assert_ptr_equal(answer_again->original, answer);
    assert_ptr_equal(ike_record_partner(answer_again), first);
    assert_int_equal(first->exchange->more->retransmissions, 3);
    assert_non_null(find_on(s, again, "retransmission"));
    assert_int_equal(ike_tracker_count(s->tracker), 1);
    assert_int_equal(report_of(s).loud, 0);
}

/* The response comes before its request in the capture. */
static void test_reordered(void **state)
{
    scene *s = *state;
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    auth_response_begin(s, 0xb1);
    ike_message_record *response = send_now(s);
    assert_null(ike_record_partner(response));
    auth_request_begin(s, 0xa1);
    ike_message_record *request = send_now(s);
    assert_ptr_equal(ike_record_partner(request), response);
    assert_ptr_equal(ike_record_partner(response), request);
    uint64_t ns = 1;
    assert_false(ike_record_response_time(response, &ns)); /* time runs backwards */
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
    assert_int_equal(s->sa->children->spi_initiator, 0xa1);
    assert_int_equal(s->sa->children->spi_responder, 0xb1);
    assert_null(s->sa->children->next_of_sa);
    assert_int_equal(report_of(s).loud, 0);
}

/* Lost responses: a request has no response, later ones have theirs; nothing to worry about. */
static void test_loss(void **state)
{
    scene *s = *state;
    handshake(s);
    v2(s, 37, true, false, 2);
    ike_message_record *lost = send_at(s, 10000);
    v2(s, 37, true, false, 3);
    send_at(s, 10000);
    v2(s, 37, false, true, 3);
    ike_message_record *answered = send_now(s);
    assert_null(ike_record_partner(lost));
    assert_int_equal(ike_record_partner(answered)->exchange->message_id, 3);
    v2(s, 37, true, false, 6);
    ike_message_record *gap = send_now(s);
    assert_contains(find_on(s, gap, "message_id_gap")->text, "2 requests");
    assert_int_equal(report_of(s).loud, 0);
}

/* Both sides use message ID 0, 1, ... for their own requests. */
static void test_both_directions(void **state)
{
    scene *s = *state;
    handshake(s);
    v2(s, 37, false, false, 0);
    ike_message_record *request = send_now(s);
    v2(s, 37, true, false, 2);
    ike_message_record *other = send_now(s);
    v2(s, 37, true, true, 0);
    ike_message_record *response = send_now(s);
    v2(s, 37, false, true, 2);
    ike_message_record *other_response = send_now(s);
    assert_ptr_equal(ike_record_partner(response), request);
    assert_ptr_equal(ike_record_partner(other_response), other);
    assert_false(request->exchange->by_initiator);
    assert_true(other->exchange->by_initiator);
}

static void test_two_responders(void **state)
{
    scene *s = *state;
    init_request(s, 19, 64);
    ike_sa *one = s->sa;
    s->responder = scene_ip(198, 51, 100, 3, 500);
    init_request(s, 19, 64);
    ike_sa *two = s->sa;
    assert_ptr_not_equal(one, two);
    v2(s, 34, false, true, 0);
    s->m.responder_spi = 0x77;
    ike_proposal_with(s, 19, 0);
    send_now(s);
    assert_ptr_equal(s->sa, two);
    s->responder = scene_ip(198, 51, 100, 2, 500);
    v2(s, 34, false, true, 0);
    s->m.responder_spi = 0x66;
    ike_proposal_with(s, 19, 0);
    send_now(s);
    assert_ptr_equal(s->sa, one);
    assert_int_equal(ike_tracker_count(s->tracker), 2);
}

/* The capture sees the same message before and behind a NAT: one IKE SA. */
static void test_both_sides_of_nat(void **state)
{
    scene *s = *state;
    ike_message_record *inside = init_request(s, 19, 64);
    s->m.source = scene_ip(203, 0, 113, 9, 1024);
    ike_message_record *outside = send_at(s, 0);
    assert_ptr_equal(outside->original, inside);
    assert_int_equal(ike_tracker_count(s->tracker), 1);
}

static void test_late_start(void **state)
{
    scene *s = *state;
    s->spi_r = SPI_R;
    v2(s, 37, false, false, 7);
    encrypted(s, 0, 80);
    ike_message_record *request = send_now(s);
    assert_true(s->sa->late_start);
    assert_int_equal(s->sa->initiator.endpoint.bytes[3], 1);
    v2(s, 37, true, true, 7);
    encrypted(s, 0, 80);
    ike_message_record *response = send_now(s);
    assert_ptr_equal(ike_record_partner(response), request);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_INFERRED);
    assert_int_equal(s->sa->encrypted_messages, 2);
    assert_int_equal(s->sa->decrypted_messages, 0);
    assert_int_equal(report_of(s).outcome, IKE_OUTCOME_ESTABLISHED);
    assert_int_equal(report_of(s).loud, 0);
}

/* Without keys: the first payload type inside stands in clear. */
static void test_encrypted_session(void **state)
{
    scene *s = *state;
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    v2(s, 35, true, false, 1);
    encrypted(s, 35, 300);
    send_now(s);
    v2(s, 35, false, true, 1);
    encrypted(s, 36, 250);
    send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_INFERRED);
    v2(s, 37, true, false, 2);
    encrypted(s, 42, 80);
    send_at(s, 60000);
    v2(s, 37, false, true, 2);
    encrypted(s, 0, 80);
    send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_DELETED);
    assert_int_equal(report_of(s).outcome, IKE_OUTCOME_DELETED);
    assert_int_equal(report_of(s).loud, 0);
}

static void test_encrypted_eap(void **state)
{
    scene *s = *state;
    static const uint8_t requests[] = {35, 48, 48, 39}, responses[] = {36, 48, 48, 39};
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    for (uint32_t i = 0; i < 4; i++) {
        v2(s, 35, true, false, i + 1);
        encrypted(s, requests[i], 300);
        send_now(s);
        v2(s, 35, false, true, i + 1);
        encrypted(s, responses[i], i == 2 ? 80 : 250);
        send_now(s);
        if (i == 1)
            assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_AUTHENTICATING);
    }
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_INFERRED);
    assert_int_equal(report_of(s).loud, 0);
}

static void test_eap(void **state)
{
    scene *s = *state;
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    v2(s, 35, true, false, 1);
    identity(s, 0, 2, "carol");
    esp_proposal(s, 0xa1, 12, 256);
    selector(s, true, 1);
    selector(s, false, 2);
    send_now(s);
    v2(s, 35, false, true, 1);
    identity(s, 1, 2, "sun.example");
    auth(s, 14);
    s->m.eap_code = 1;
    scene_has(s, 48);
    s->m.eap_type = 26;
    send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_AUTHENTICATING);
    v2(s, 35, true, false, 2);
    s->m.eap_code = 2;
    scene_has(s, 48);
    s->m.eap_type = 26;
    send_now(s);
    v2(s, 35, false, true, 2);
    s->m.eap_code = 3;
    scene_has(s, 48);
    send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_AUTHENTICATING);
    v2(s, 35, true, false, 3);
    auth(s, 2);
    send_now(s);
    v2(s, 35, false, true, 3);
    auth(s, 2);
    esp_proposal(s, 0xb1, 12, 256);
    selector(s, true, 1);
    selector(s, false, 2);
    ike_message_record *last = send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
    assert_int_equal(s->sa->children->spi_initiator, 0xa1);
    assert_int_equal(s->sa->children->spi_responder, 0xb1);
    assert_ptr_equal(last->exchange->child, s->sa->children);
    assert_null(s->sa->children->next_of_sa);
    assert_int_equal(report_of(s).loud, 0);
}

/* Two networks that touch may be answered as one, which is no more than was requested; a third one
 * was not. */
static void test_union_of_selectors(void **state)
{
    scene *s = *state;
    handshake(s);
    for (int other = 0; other <= 1; other++) {
        v2(s, 36, true, false, (uint32_t)(2 + other));
        esp_proposal(s, 0xa2, 12, 256);
        nonce(s, 32);
        selector(s, true, 4);
        selector(s, true, 5);
        selector(s, false, 2);
        send_now(s);
        v2(s, 36, false, true, (uint32_t)(2 + other));
        esp_proposal(s, 0xb2, 12, 256);
        nonce(s, 32);
        selector(s, true, 4);
        s->m.ts_initiator[0].end[1] = other ? 6 : 5;
        selector(s, false, 2);
        send_now(s);
        assert_int_equal(report_of(s).loud, other);
    }
}

static unsigned freed;

static void detach(void *attached)
{
    assert_ptr_equal(attached, &freed);
    freed++;
}

static void test_rekey_ike(void **state)
{
    (void)state;
    scene *s = scene_new();
    handshake(s);
    ike_sa *old = s->sa;
    old->attached = &freed;
    old->detach = detach;
    /* The responder asks, so it is the initiator of the new IKE SA (RFC 7296 2.18). */
    v2(s, 36, false, false, 0);
    ike_proposal_with(s, 31, 0xaaaaaaaaaaaaaaaau);
    key_exchange(s, 31, 32);
    nonce(s, 32);
    send_now(s);
    v2(s, 36, true, true, 0);
    ike_proposal_with(s, 31, 0xbbbbbbbbbbbbbbbbu);
    key_exchange(s, 31, 32);
    nonce(s, 32);
    ike_message_record *done = send_now(s);
    const ike_sa *new = done->exchange->more->new_sa;
    assert_non_null(new);
    assert_ptr_equal(old->rekeyed_to, new);
    assert_ptr_equal(new->rekeyed_from, old);
    assert_int_equal(ike_sa_state_of(old), IKE_SA_REKEYED);
    assert_int_equal(new->negotiated->key_exchange, 31);
    assert_null(new->attached);
    assert_string_equal(new->initiator.id, "sun.example");
    /* The old one is deleted in itself, and the first message of the new one finds it. */
    v2(s, 37, false, false, 1);
    deletes(s, 1, 0);
    send_now(s);
    assert_ptr_equal(s->sa, old);
    s->spi_i = 0xaaaaaaaaaaaaaaaau;
    s->spi_r = 0xbbbbbbbbbbbbbbbbu;
    v2(s, 37, false, false, 0);
    s->m.initiator = true;
    ike_message_record *first = send_now(s);
    assert_ptr_equal(s->sa, new);
    assert_true(first->from_initiator);
    /* Child SAs are inherited: a delete in the new IKE SA means the old Child SA. */
    v2(s, 37, true, false, 0);
    s->m.initiator = false;
    deletes(s, 3, 0xa1);
    send_now(s);
    assert_int_equal(ike_child_state_of(old->children), IKE_CHILD_DELETED);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_DELETED);
    assert_int_equal(v.loud, 0);
    freed = 0;
    scene_free(s);
    assert_int_equal(freed, 1);
}

static void rekey_child(scene *s, bool by_initiator, uint32_t id, uint32_t old_spi, uint32_t spi,
                        uint32_t answer)
{
    v2(s, 36, by_initiator, false, id);
    rekey_sa(s, old_spi);
    esp_proposal(s, spi, 12, 256);
    nonce(s, 32);
    selector(s, true, by_initiator ? 1 : 2);
    selector(s, false, by_initiator ? 2 : 1);
    send_now(s);
    if (!answer)
        return;
    v2(s, 36, !by_initiator, true, id);
    esp_proposal(s, answer, 12, 256);
    nonce(s, 32);
    selector(s, true, by_initiator ? 1 : 2);
    selector(s, false, by_initiator ? 2 : 1);
    send_now(s);
}

static void test_rekey_child(void **state)
{
    scene *s = *state;
    handshake(s);
    rekey_child(s, false, 0, 0xb1, 0xb2, 0xa2); /* by the responder, with its inbound SPI */
    const ike_child *old = s->sa->children, *new = old->next_of_sa;
    assert_non_null(new);
    assert_ptr_equal(new->rekeyed_from, old);
    assert_ptr_equal(old->rekeyed_to, new);
    assert_int_equal(ike_child_state_of(old), IKE_CHILD_REKEYED);
    assert_int_equal(ike_child_state_of(new), IKE_CHILD_ESTABLISHED);
    assert_int_equal(new->spi_initiator, 0xa2);
    assert_int_equal(new->spi_responder, 0xb2);
    /* Selectors are told by the roles of the IKE SA, not of the exchange. */
    assert_int_equal(new->ts_initiator->start[1], 1);
    v2(s, 37, false, false, 1);
    deletes(s, 3, 0xb1);
    send_now(s);
    assert_int_equal(ike_child_state_of(old), IKE_CHILD_REKEYED);
    v2(s, 37, true, false, 2);
    deletes(s, 3, 0xa2);
    send_now(s);
    assert_int_equal(ike_child_state_of(new), IKE_CHILD_DELETED);
    assert_int_equal(report_of(s).loud, 0);
}

/* The request that rekeys a Child SA was captured before the one that it was requested with. */
static void test_rekey_child_reordered(void **state)
{
    scene *s = *state;
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    rekey_child(s, true, 2, 0xa1, 0xa2, 0);
    auth_response_begin(s, 0xb1);
    send_now(s);
    auth_request_begin(s, 0xa1);
    send_now(s);
    v2(s, 36, false, true, 2);
    esp_proposal(s, 0xb2, 12, 256);
    nonce(s, 32);
    ike_message_record *response = send_now(s);
    const ike_child *new = response->exchange->child;
    assert_non_null(new->rekeyed_from);
    assert_ptr_equal(new->rekeyed_from->rekeyed_to, new);
    assert_int_equal(ike_child_state_of(new->rekeyed_from), IKE_CHILD_REKEYED);
    assert_int_equal(response->exchange->purpose, IKE_PURPOSE_REKEY_CHILD);
}

static void test_simultaneous_rekey(void **state)
{
    scene *s = *state;
    handshake(s);
    rekey_child(s, true, 2, 0xa1, 0xa2, 0);
    rekey_child(s, false, 0, 0xb1, 0xb3, 0xa3);
    v2(s, 36, false, true, 2);
    notify(s, 43); /* TEMPORARY_FAILURE */
    send_now(s);
    const ike_child *failed = s->sa->children->next_of_sa;
    assert_int_equal(ike_child_state_of(failed), IKE_CHILD_FAILED);
    assert_non_null(find_on(s, failed->exchange->next->request, "simultaneous_rekey"));
    s->now_ms += 600000;
    v2(s, 37, true, false, 3);
    send_now(s);
    assert_int_equal(report_of(s).loud, 0);
}

static void test_esp(void **state)
{
    scene *s = *state;
    ike_endpoint i = s->initiator, r = s->responder;
    i.port = r.port = 0;
    /* ESP that overtakes the message that tells its SPI. */
    ike_esp_flow *early = scene_esp(s, 0xa1, &r, &i, 1, 90, 5, true);
    assert_non_null(early);
    assert_null(early->child);
    assert_int_equal(ike_tracker_unknown_flows(s->tracker), 1);
    handshake(s);
    const ike_child *child = s->sa->children;
    assert_ptr_equal(early->child, child);
    assert_ptr_equal(child->to_initiator, early);
    assert_int_equal(ike_tracker_unknown_flows(s->tracker), 0);
    for (uint32_t n = 1; n <= 5; n++)
        scene_esp(s, 0xb1, &i, &r, n, 100 + n, 10, n != 3);
    assert_int_equal(child->to_responder->packets, 5);
    assert_int_equal(child->to_responder->decrypted, 4);
    /* An SPI of nobody between the peers of an IKE SA. */
    ike_esp_flow *stray = scene_esp(s, 0xdead, &i, &r, 1, 200, 20, false);
    assert_null(stray->child);
    assert_ptr_equal(stray->sa, s->sa);
    assert_int_equal(s->sa->esp_packets, 1);
}

/* Child SAs are found by their SPIs with few of them and with many, before ESP comes and after. */
static void test_many_children(void **state)
{
    enum { MANY = 100 };
    (void)state;
    for (uint32_t count = 2; count <= MANY; count += MANY - 2) {
        for (int after_esp = 0; after_esp < 2; after_esp++) {
            scene *s = scene_new();
            uint32_t id = 2;
            handshake(s);
            const ike_child *first = s->sa->children, *last = first;
            for (uint32_t n = 1; n < count; n++, last = last->next_of_sa)
                rekey_child(s, true, id++, 0xa1 + n - 1, 0xa1 + n, 0xb1 + n);
            assert_int_equal(last->spi_initiator, 0xa1 + count - 1);
            assert_ptr_equal(last->rekeyed_from->rekeyed_to, last);
            assert_int_equal(ike_child_state_of(first), IKE_CHILD_REKEYED);
            if (after_esp)
                scene_esp(s, 0xdead, &s->initiator, &s->responder, 1, 900, 9, false);
            v2(s, 37, true, false, id);
            deletes(s, 3, last->spi_initiator);
            send_now(s);
            assert_int_equal(ike_child_state_of(last), IKE_CHILD_DELETED);
            assert_int_equal(ike_child_state_of(last->rekeyed_from), IKE_CHILD_REKEYED);
            ike_esp_flow *flow =
                scene_esp(s, 0xb1, &s->initiator, &s->responder, 1, 1000, 10, false);
            assert_ptr_equal(flow->child, first);
            scene_free(s);
        }
    }
}

/* Unknown SPIs are counted in a bounded table. */
static void test_esp_bound(void **state)
{
    scene *s = *state;
    unsigned refused = 0;
    for (uint32_t spi = 1; spi <= 70000; spi++)
        refused += scene_esp(s, spi, &s->initiator, &s->responder, 1, spi, spi, false) == NULL;
    assert_int_equal(refused, 70000 - 65536);
    assert_int_equal(ike_tracker_unknown_flows(s->tracker), 65536);
}

static void test_mobike(void **state)
{
    scene *s = *state;
    handshake(s);
    s->initiator = scene_ip(192, 0, 2, 77, 4500);
    v2(s, 37, true, false, 2);
    notify(s, 16400);
    send_now(s);
    assert_int_equal(ike_tracker_count(s->tracker), 1);
    assert_int_equal(s->sa->initiator.endpoint.bytes[3], 77);
    assert_int_equal(s->sa->initiator.endpoint.port, 4500);
    ike_endpoint from = s->responder, to = s->initiator;
    ike_esp_flow *flow = scene_esp(s, 0xa1, &from, &to, 1, 50, 9, false);
    assert_ptr_equal(flow->child, s->sa->children);
    assert_int_equal(report_of(s).loud, 0);
}

static void test_fragments(void **state)
{
    scene *s = *state;
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    ike_message_record *parts[3];
    for (uint16_t n = 1; n <= 3; n++) {
        auth_request_begin(s, 0xa1);
        s->m.fragment = n;
        s->m.fragments = 3;
        s->m.decryption = n < 3 ? IKE_FRAGMENT : IKE_DECRYPTION_DONE;
        s->m.reassembled = n == 3;
        parts[n - 1] = send_now(s);
    }
    ike_message last = s->m;
    auth_response_begin(s, 0xb1);
    ike_message_record *response = send_now(s);
    assert_ptr_equal(ike_record_partner(response), parts[2]);
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(ike_record_partner(parts[i]), response);
        assert_null(parts[i]->original);
    }
    s->m = last;
    s->m.decryption = IKE_FRAGMENT;
    s->m.reassembled = false;
    assert_ptr_equal(send_now(s)->original, parts[2]);
    assert_int_equal(s->sa->encrypted_messages, 2);
    assert_int_equal(s->sa->decrypted_messages, 2);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
    assert_int_equal(report_of(s).loud, 0);
}

/* RFC 9242, RFC 9370: exchanges of their own between the usual ones. */
static void test_additional_exchanges(void **state)
{
    scene *s = *state;
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    v2(s, 43, true, false, 1);
    key_exchange(s, 36, 1184);
    ike_message_record *request = send_now(s);
    v2(s, 43, false, true, 1);
    key_exchange(s, 36, 1088);
    ike_message_record *response = send_now(s);
    char step[64];
    assert_ptr_equal(ike_record_partner(response), request);
    assert_string_equal(ike_record_step(request, step, sizeof step), "IKE_INTERMEDIATE request");
    auth_request_begin(s, 0xa1);
    s->m.message_id = 2;
    send_now(s);
    auth_response_begin(s, 0xb1);
    s->m.message_id = 2;
    send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
    assert_int_equal(report_of(s).loud, 0);
}

/* RFC 5723. */
static void test_resumption(void **state)
{
    scene *s = *state;
    v2(s, 38, true, false, 0);
    s->m.encrypted = false;
    s->m.decryption = IKE_PLAIN;
    notify_with(s, 16413, "ticket", 6);
    nonce(s, 32);
    send_now(s);
    assert_false(s->sa->late_start);
    s->spi_r = SPI_R;
    v2(s, 38, false, true, 0);
    s->m.encrypted = false;
    s->m.decryption = IKE_PLAIN;
    nonce(s, 32);
    ike_message_record *response = send_now(s);
    assert_non_null(ike_record_partner(response));
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_KEYS_NEGOTIATED);
    auth_request_begin(s, 0xa1);
    send_now(s);
    auth_response_begin(s, 0xb1);
    send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
    assert_int_equal(ike_tracker_count(s->tracker), 1);
}

static size_t resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long total = 0, pages = 0;
    if (!file)
        return 0;
    if (fscanf(file, "%lu %lu", &total, &pages) != 2)
        pages = 0;
    fclose(file);
    return pages * 4096;
}

/* Of two requests the second; the first one may be forged as long as nothing answers it. */
static bool is_crossed_after(uint64_t ms, uint64_t second_spi, bool answered)
{
    scene *s = scene_new();
    s->spi_r = SPI_R;
    v2(s, 36, true, false, 0);
    encrypted(s, 33, 400);
    send_now(s);
    s->spi_i = second_spi;
    v2(s, 36, false, false, 0);
    encrypted(s, 33, 400);
    const ike_message_record *request = send_at(s, ms);
    s->spi_i = SPI_I;
    v2(s, 36, false, true, 0);
    encrypted(s, 33, 400);
    if (answered)
        send_now(s);
    bool crossed = ike_exchange_is_crossed(request->exchange);
    scene_free(s);
    return crossed;
}

/* Both sides rekeyed the IKE SA, and each goes on in one of the two new ones. */
static void test_requests_crossing(void **state)
{
    (void)state;
    assert_true(is_crossed_after(100, SPI_I, true));
    assert_true(is_crossed_after(100, 0x7777, true));
    assert_false(is_crossed_after(3000, 0x7777, true));
    assert_false(is_crossed_after(100, SPI_I, false));
}

/* However many exchanges an IKE SA has, a message finds its own: a response its request, a
 * retransmission the message that it repeats. */
static void test_many_exchanges(void **state)
{
    enum { EXCHANGES = 40 };
    scene *s = *state;
    const ike_message_record *requests[EXCHANGES];
    handshake(s);
    for (uint32_t n = 0; n < EXCHANGES; n++) {
        for (uint32_t side = 0; side < 2; side++) {
            v2(s, IKEV2_EXCHANGE_INFORMATIONAL, side == 0, false, 2 + n);
            s->m.digest = 1000 + 2 * n + side;
            const ike_message_record *request = send_now(s);
            v2(s, IKEV2_EXCHANGE_INFORMATIONAL, side != 0, true, 2 + n);
            assert_ptr_equal(ike_record_partner(send_now(s)), request);
            if (side == 0)
                requests[n] = request;
        }
        v2(s, IKEV2_EXCHANGE_INFORMATIONAL, true, false, 2 + n / 2);
        s->m.digest = 1000 + 2 * (n / 2);
        assert_ptr_equal(send_at(s, 1000)->original, requests[n / 2]);
    }
    assert_int_equal(s->sa->exchange_count, 2 + 2 * EXCHANGES);
}

/* A busy gateway: time and memory grow with the number of IKE SAs and no faster. */
static void test_many(void **state)
{
    enum { SAS = 100000 };
    scene *s = *state;
    size_t before = resident();
    clock_t start = clock();
    for (uint32_t n = 0; n < SAS; n++) {
        s->initiator = scene_ip(10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, 500);
        s->spi_i = 0x100000000u + n;
        init_request(s, 19, 64);
        s->spi_r = 0x200000000u + n;
        v2(s, 34, false, true, 0);
        ike_proposal_with(s, 19, 0);
        key_exchange(s, 19, 64);
        nonce(s, 32);
        send_now(s);
        auth_request_begin(s, 0x10000000u + n);
        send_now(s);
        auth_response_begin(s, 0x20000000u + n);
        send_now(s);
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    size_t each = (resident() - before) / SAS;
    print_message("%u IKE SAs of 4 messages and one Child SA: %.2f s, %zu bytes each\n", SAS,
                  seconds, each);
    assert_int_equal(ike_tracker_count(s->tracker), SAS);
#if !defined(__SANITIZE_ADDRESS__)
    assert_true(each < 3500);
    assert_true(seconds < 20);
#endif
    start = clock();
    ike_summary *summary = ike_summary_new(s->tracker, NULL, NULL);
    print_message("summary: %.2f s\n", (double)(clock() - start) / CLOCKS_PER_SEC);
    assert_int_equal(summary->outcomes[IKE_OUTCOME_ESTABLISHED], SAS);
    assert_int_equal(summary->child_sas, SAS);
    ike_summary_free(summary);
}

/* A flood with one initiator SPI and one with one packet must not take time beyond its length. */
static void test_floods(void **state)
{
    scene *s = *state;
    clock_t start = clock();
    for (uint32_t n = 0; n < 50000; n++) {
        s->responder = scene_ip(10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, 500);
        init_request(s, 19, 64);
    }
    for (uint32_t n = 0; n < 50000; n++) {
        s->m.digest = 42;
        send_now(s);
    }
    for (uint32_t n = 0; n < 50000; n++) {
        s->m.digest = 1000000 + n;
        send_now(s);
    }
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 30);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_NO_RESPONSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_handshake),
        cmocka_unit_test(test_cookie),
        scene_test(test_invalid_ke),
        scene_test(test_retransmission),
        scene_test(test_reordered),
        scene_test(test_loss),
        scene_test(test_both_directions),
        scene_test(test_two_responders),
        scene_test(test_both_sides_of_nat),
        scene_test(test_late_start),
        scene_test(test_encrypted_session),
        scene_test(test_encrypted_eap),
        scene_test(test_eap),
        scene_test(test_union_of_selectors),
        cmocka_unit_test(test_rekey_ike),
        scene_test(test_rekey_child),
        scene_test(test_rekey_child_reordered),
        scene_test(test_simultaneous_rekey),
        scene_test(test_esp),
        cmocka_unit_test(test_many_children),
        scene_test(test_esp_bound),
        scene_test(test_mobike),
        scene_test(test_fragments),
        scene_test(test_additional_exchanges),
        scene_test(test_resumption),
        cmocka_unit_test(test_requests_crossing),
        scene_test(test_many_exchanges),
        scene_test(test_many),
        scene_test(test_floods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
