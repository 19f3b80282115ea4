/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1 sessions: steps, pairs, phases and negotiated suites (RFC 2408, 2409, 3706). */
#include "scene.h"

enum { SA = 1, KE = 4, ID = 5, HASH = 8 };

static void phase1_proposal(scene *s, uint16_t cipher, uint16_t hash, uint16_t auth_method,
                            uint16_t group)
{
    proposal(s, 1, 0, 0);
    ikev1_transform *t = v1_transform(s, 1);
    t->encryption = cipher;
    t->key_bits = cipher == 7 ? 256 : 0;
    t->hash = hash;
    t->auth_method = auth_method;
    t->group = group;
    t->life_seconds = 28800;
}

static ike_message_record *main_mode(scene *s, int step, uint16_t auth_method)
{
    bool from_initiator = step % 2 == 1;
    s->spi_r = step == 1 ? 0 : SPI_R;
    v1(s, 2, from_initiator, 0, step > 4);
    if (step <= 2)
        phase1_proposal(s, 7, 4, auth_method, 14);
    else if (step <= 4)
        key_exchange(s, 0, 256);
    else
        identity(s, 0, 2, from_initiator ? "moon.example" : "sun.example");
    if (step == 3 || step == 4)
        nonce(s, 20);
    return send_now(s);
}

static void phase2_proposal(scene *s, uint32_t spi, uint16_t mode, uint32_t life)
{
    proposal(s, 3, spi, 4);
    ikev1_transform *t = v1_transform(s, 12);
    t->key_bits = 256;
    t->auth_algorithm = 5;
    t->encapsulation = mode;
    t->group = 14;
    t->life_seconds = life;
}

static void subnet_id(scene *s, int slot, uint8_t net)
{
    const uint8_t data[] = {10, net, 0, 0, 255, 255, 0, 0};
    s->m.id[slot].type = 4;
    s->m.id[slot].data = scene_bytes(s, data, sizeof data);
    s->m.id_count = (uint8_t)(slot + 1);
}

static ike_message_record *quick_mode(scene *s, int step, uint32_t id, uint32_t spi, uint32_t life)
{
    v1(s, 32, step != 2, id, true);
    if (step < 3) {
        phase2_proposal(s, spi, 1, life);
        nonce(s, 20);
        subnet_id(s, 0, 1);
        subnet_id(s, 1, 2);
    }
    return send_now(s);
}

static void test_main_mode(void **state)
{
    scene *s = *state;
    ike_message_record *messages[7];
    char step[64];
    for (int i = 1; i <= 6; i++) {
        messages[i] = main_mode(s, i, 1);
        assert_int_equal(messages[i]->step, i);
        assert_int_equal(messages[i]->steps, 6);
        assert_int_equal(messages[i]->response, i % 2 == 0);
    }
    for (int i = 1; i <= 6; i += 2) {
        assert_ptr_equal(ike_record_partner(messages[i]), messages[i + 1]);
        assert_ptr_equal(ike_record_partner(messages[i + 1]), messages[i]);
    }
    assert_string_equal(ike_record_step(messages[3], step, sizeof step), "Main Mode 3/6");
    assert_int_equal(messages[4]->state, IKE_SA_KEYS_NEGOTIATED);
    assert_int_equal(messages[5]->state, IKE_SA_AUTHENTICATING);
    assert_int_equal(messages[6]->state, IKE_SA_ESTABLISHED);
    assert_int_equal(ike_tracker_count(s->tracker), 1);
    assert_string_equal(ike_sa_algorithms(s->sa), "AES-CBC-256, SHA2-256, 2048-bit MODP Group");
    assert_string_equal(s->sa->initiator.id, "moon.example");
    assert_string_equal(s->sa->responder.id, "sun.example");
    assert_int_equal(s->sa->negotiated->life_seconds, 28800);
    assert_int_equal(report_of(s).loud, 0);
}

/* Lost and repeated packets: the content of a message tells its step. */
static void test_main_mode_with_gaps(void **state)
{
    scene *s = *state;
    main_mode(s, 1, 1);
    main_mode(s, 2, 1);
    ike_message_record *fourth = main_mode(s, 4, 1);
    assert_int_equal(fourth->step, 4);
    assert_null(ike_record_partner(fourth));
    ike_message_record *third = main_mode(s, 3, 1);
    assert_int_equal(third->step, 3);
    assert_ptr_equal(ike_record_partner(third), fourth);
    ike_message_record *again = send_now(s);
    assert_ptr_equal(again->original, third);
    assert_ptr_equal(ike_record_partner(again), fourth);
    assert_int_equal(main_mode(s, 6, 1)->step, 6);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
    assert_int_equal(report_of(s).loud, 0);
}

static void test_aggressive_mode(void **state)
{
    scene *s = *state;
    v1(s, 4, true, 0, false);
    phase1_proposal(s, 5, 1, 1, 2);
    key_exchange(s, 0, 128);
    identity(s, 0, 2, "moon.example");
    ike_message_record *first = send_now(s);
    s->spi_r = SPI_R;
    v1(s, 4, false, 0, false);
    phase1_proposal(s, 5, 1, 1, 2);
    key_exchange(s, 0, 128);
    identity(s, 0, 2, "sun.example");
    ike_message_record *second = send_now(s);
    assert_int_equal(second->state, IKE_SA_KEYS_NEGOTIATED);
    v1(s, 4, true, 0, true);
    ike_message_record *third = send_now(s);
    assert_ptr_equal(ike_record_partner(first), second);
    assert_null(ike_record_partner(third));
    assert_int_equal(third->step, 3);
    assert_int_equal(third->steps, 3);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
    assert_non_null(find_on(s, second, "aggressive_psk"));
    assert_non_null(find_on(s, first, "ikev1"));
    assert_contains(find_on(s, first, "identity_exposed")->text, "moon.example");
    assert_contains(find_on(s, second, "weak_cipher")->text, "3DES-CBC");
    assert_non_null(find_on(s, second, "weak_hash"));
    assert_contains(find_on(s, second, "weak_group")->text, "group 2");
    assert_int_equal(report_of(s).loud, 0);
}

static void test_quick_mode(void **state)
{
    scene *s = *state;
    for (int i = 1; i <= 6; i++)
        main_mode(s, i, 1);
    ike_message_record *first = quick_mode(s, 1, 0xabcd, 0xa1, 3600);
    ike_message_record *second = quick_mode(s, 2, 0xabcd, 0xb1, 3600);
    ike_message_record *third = quick_mode(s, 3, 0xabcd, 0, 0);
    char step[64];
    assert_ptr_equal(ike_record_partner(first), second);
    assert_string_equal(ike_record_step(third, step, sizeof step), "Quick Mode 3/3");
    const ike_child *child = s->sa->children;
    assert_non_null(child);
    assert_int_equal(ike_child_state_of(child), IKE_CHILD_ESTABLISHED);
    assert_int_equal(child->spi_initiator, 0xa1);
    assert_int_equal(child->spi_responder, 0xb1);
    assert_int_equal(child->negotiated->encryption, 12);
    assert_int_equal(child->negotiated->integrity, 5);
    assert_int_equal(child->negotiated->key_exchange, 14);
    assert_int_equal(child->negotiated->life_seconds, 3600);
    assert_false(child->transport);
    assert_int_equal(child->ts_initiator->start[1], 1);
    assert_int_equal(child->ts_initiator->end[3], 255);
    /* The responder rekeys: same networks, seen from its side. */
    s->sa = NULL;
    v1(s, 32, false, 0x9999, true);
    phase2_proposal(s, 0xb2, 1, 3600);
    subnet_id(s, 0, 2);
    subnet_id(s, 1, 1);
    send_now(s);
    v1(s, 32, true, 0x9999, true);
    phase2_proposal(s, 0xa2, 1, 3600);
    subnet_id(s, 0, 2);
    subnet_id(s, 1, 1);
    send_now(s);
    const ike_child *newer = child->next_of_sa;
    assert_non_null(newer);
    assert_ptr_equal(newer->rekeyed_from, child);
    assert_int_equal(ike_child_state_of(child), IKE_CHILD_REKEYED);
    assert_int_equal(newer->spi_initiator, 0xa2);
    v1(s, 5, true, 0x777, true);
    deletes(s, 3, 0xa2);
    send_now(s);
    assert_int_equal(ike_child_state_of(newer), IKE_CHILD_DELETED);
    v1(s, 5, true, 0x778, true);
    deletes(s, 1, 0);
    send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_DELETED);
    assert_int_equal(report_of(s).loud, 0);
}

static void test_transport_and_lifetime(void **state)
{
    scene *s = *state;
    for (int i = 1; i <= 6; i++)
        main_mode(s, i, 1);
    v1(s, 32, true, 5, true);
    phase2_proposal(s, 0xa1, 4, 3600);
    send_now(s);
    v1(s, 32, false, 5, true);
    phase2_proposal(s, 0xb1, 4, 1800);
    ike_message_record *second = send_now(s);
    assert_true(s->sa->children->transport);
    const ike_finding *finding = find_on(s, second, "lifetime_differs");
    assert_contains(finding->text, "3600 s");
    assert_contains(finding->text, "1800 s");
    assert_int_equal(report_of(s).loud, 0);
}

static void test_xauth(void **state)
{
    scene *s = *state;
    for (int i = 1; i <= 6; i++)
        main_mode(s, i, 65001);
    static const bool from_initiator[] = {false, true};
    ike_message_record *pair[2];
    for (int i = 0; i < 2; i++) {
        v1(s, 6, from_initiator[i], 0x11, true);
        s->m.config_type = (uint8_t)(2 + i);
        pair[i] = send_now(s);
    }
    assert_ptr_equal(ike_record_partner(pair[0]), pair[1]);
    v1(s, 6, false, 0x12, true);
    s->m.config_type = 4;
    s->m.xauth_status = 2; /* OK */
    send_now(s);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
    assert_int_equal(report_of(s).loud, 0);
    v1(s, 6, false, 0x13, true);
    s->m.config_type = 4;
    s->m.xauth_status = 1; /* FAIL */
    send_now(s);
    v1(s, 6, true, 0x13, true);
    s->m.config_type = 5;
    send_now(s);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_FAILED);
    assert_string_equal(v.code, "XAUTH_FAILED");
}

static ike_message_record *dpd(scene *s, bool from_initiator, uint32_t id, uint16_t type,
                               uint8_t sequence)
{
    const uint8_t data[] = {0, 0, 0, sequence};
    v1(s, 5, from_initiator, id, true);
    notify_with(s, type, data, sizeof data);
    return send_at(s, 10000);
}

static void test_dpd(void **state)
{
    scene *s = *state;
    for (int i = 1; i <= 6; i++)
        main_mode(s, i, 1);
    ike_message_record *asked = dpd(s, true, 1, 36136, 7);
    ike_message_record *answer = dpd(s, false, 2, 36137, 7);
    assert_ptr_equal(ike_record_partner(asked), answer);
    assert_ptr_equal(ike_record_partner(answer), asked);
    assert_true(answer->response);
    ike_message_record *stray = dpd(s, false, 3, 36137, 9);
    assert_null(ike_record_partner(stray));
    assert_int_equal(report_of(s).loud, 0);
    ike_message_record *first = dpd(s, true, 10, 36136, 10);
    dpd(s, true, 11, 36136, 11);
    assert_int_equal(report_of(s).loud, 0);
    dpd(s, true, 12, 36136, 12);
    assert_non_null(find_on(s, first, "dpd_unanswered"));
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_ESTABLISHED);
    assert_string_equal(v.code, "NO_RESPONSE");
}

/* ---- failures -------------------------------------------------------------------------------- */

static void informational_error(scene *s, uint16_t type, bool from_initiator, bool encrypted)
{
    v1(s, 5, from_initiator, 0x4444, encrypted);
    notify(s, type);
    send_now(s);
}

static void test_no_proposal(void **state)
{
    scene *s = *state;
    main_mode(s, 1, 1);
    s->spi_r = SPI_R;
    informational_error(s, 14, false, false);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_FAILED);
    assert_string_equal(v.code, "NO_PROPOSAL_CHOSEN");
    assert_contains(v.text, "AES-CBC-256");
    assert_contains(v.text, "2048-bit MODP Group");
}

static void test_wrong_psk(void **state)
{
    (void)state;
    /* The responder says that the first encrypted message is malformed. */
    scene *s = scene_new();
    for (int i = 1; i <= 5; i++)
        main_mode(s, i, 1);
    informational_error(s, 16, false, false);
    assert_string_equal(report_of(s).code, "PSK_MISMATCH");
    assert_int_equal(report_of(s).outcome, IKE_OUTCOME_FAILED);
    scene_free(s);

    /* The answer is encrypted, and the initiator stops: it could read it, so the keys are equal. */
    s = scene_new();
    for (int i = 1; i <= 5; i++)
        main_mode(s, i, 1);
    ike_message fifth = s->m;
    v1(s, 5, false, 0x4444, true);
    encrypted(s, HASH, 92);
    send_now(s);
    assert_string_equal(report_of(s).code, "AUTHENTICATION_FAILED");
    /* It goes on repeating message 5: it cannot read the answers. */
    s->m = fifth;
    send_at(s, 4000);
    assert_string_equal(report_of(s).code, "PSK_MISMATCH");
    assert_int_equal(report_of(s).outcome, IKE_OUTCOME_FAILED);
    /* Message 6 comes after all. */
    main_mode(s, 6, 1);
    assert_string_equal(report_of(s).code, "");
    scene_free(s);

    /* It says nothing at all. */
    s = scene_new();
    for (int i = 1; i <= 5; i++)
        main_mode(s, i, 1);
    for (int i = 0; i < 3; i++)
        send_at(s, 4000);
    assert_string_equal(report_of(s).code, "PSK_MISMATCH");
    assert_contains(report_of(s).text, "sent 4 times, gets no response");
    scene_free(s);

    /* With certificates it is no PSK. */
    s = scene_new();
    for (int i = 1; i <= 5; i++)
        main_mode(s, i, 3);
    informational_error(s, 24, false, true);
    assert_string_equal(report_of(s).code, "AUTHENTICATION_FAILED");
    scene_free(s);

    s = scene_new();
    for (int i = 1; i <= 5; i++)
        main_mode(s, i, 3);
    informational_error(s, 20, false, true);
    assert_string_equal(report_of(s).code, "CERTIFICATE_REJECTED");
    assert_contains(report_of(s).text, "INVALID_CERTIFICATE");
    scene_free(s);
}

static void test_quick_mode_fails(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        const char *code;
    } errors[] = {{14, "NO_PROPOSAL_CHOSEN"},
                  {18, "INVALID_ID_INFORMATION"},
                  {23, "INVALID_HASH_INFORMATION"}};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        scene *s = scene_new();
        for (int step = 1; step <= 6; step++)
            main_mode(s, step, 1);
        quick_mode(s, 1, 0xabcd, 0xa1, 3600);
        informational_error(s, errors[i].type, false, true);
        auth_text_of_report v = report_of(s);
        assert_int_equal(v.outcome, IKE_OUTCOME_ESTABLISHED);
        assert_string_equal(v.code, "");
        assert_string_equal(v.child_outcome, "failed");
        assert_string_equal(v.child_code, errors[i].code);
        scene_free(s);
    }
}

static void test_encrypted_quick_mode_fails(void **state)
{
    scene *s = *state;
    for (int i = 1; i <= 6; i++)
        main_mode(s, i, 1);
    v1(s, 32, true, 0xabcd, true);
    encrypted(s, HASH, 300);
    send_now(s);
    v1(s, 5, false, 0x4444, true);
    encrypted(s, HASH, 92);
    send_now(s);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_ESTABLISHED);
    assert_string_equal(v.code, "UNKNOWN");
}

static void send_unread(scene *s, uint8_t exchange, bool from_initiator, uint32_t id,
                        uint32_t length)
{
    enum { MAIN_MODE = 2 };
    s->spi_r = SPI_R;
    v1(s, exchange, from_initiator, id, true);
    encrypted(s, exchange == MAIN_MODE ? ID : HASH, length);
    send_now(s);
}

/* One message that may be forged does not withdraw the refusal, a quick mode of both sides does. */
static void test_forged_after_refusal(void **state)
{
    scene *s = *state;
    for (int i = 1; i <= 6; i++)
        main_mode(s, i, 1);
    send_unread(s, 32, true, 0xabcd, 300);
    send_unread(s, 6, true, 0x7777, 124); /* before the refusal */
    send_unread(s, 5, false, 0x4444, 92);
    assert_string_equal(report_of(s).code, "UNKNOWN");
    send_unread(s, 32, true, 0x8888, 300);
    assert_string_equal(report_of(s).code, "UNKNOWN");
    send_unread(s, 32, false, 0x8888, 301); /* no multiple of a block */
    assert_string_equal(report_of(s).code, "UNKNOWN");
    send_unread(s, 32, false, 0x8888, 300);
    assert_string_equal(report_of(s).code, "");
}

/* Message 6 alone may be forged: it sets up nothing without message 5. */
static void test_message_6_alone(void **state)
{
    scene *s = *state;
    for (int i = 1; i <= 4; i++)
        main_mode(s, i, 1);
    send_unread(s, 2, false, 0, 92);
    assert_false(ike_sa_was_up(s->sa));
    send_unread(s, 2, true, 0, 92);
    send_unread(s, 2, false, 0, 100);
    assert_int_equal(ike_sa_was_up(s->sa), true);
}

/* A peer that answers IKEv2 and never IKEv1. */
static void test_wrong_version(void **state)
{
    scene *s = *state;
    main_mode(s, 1, 1);
    for (int i = 0; i < 3; i++)
        send_at(s, 4000);
    assert_string_equal(report_of(s).code, "NO_RESPONSE");
    s->spi_i = 0x5555;
    handshake(s);
    auth_text_of_report v = report_of(s);
    assert_string_equal(v.code, "VERSION_MISMATCH");
    assert_contains(v.text, "IKEv1");
    assert_contains(v.text, "IKEv2");
}

/* Exchanges of the other version under the SPIs of an IKE SA of IKEv1 have no steps, whether more
 * of them is read later or an IKEv1 message has the same message ID and a type without a name. */
static void test_other_version_under_the_same_spis(void **state)
{
    scene *s = *state;
    main_mode(s, 1, 1);
    main_mode(s, 2, 1);
    static const uint8_t types[] = {0, 5, 32, 37};
    for (size_t i = 0; i < sizeof types; i++) {
        for (int from_initiator = 0; from_initiator <= 1; from_initiator++) {
            v2(s, types[i], from_initiator, false, 7);
            s->m.decryption = IKE_DECRYPTION_NONE;
            send_now(s);
            s->m.decryption = IKE_DECRYPTION_DONE;
            send_at(s, 500);
            v1(s, types[i], from_initiator, 7, true);
            send_now(s);
        }
    }
    assert_int_equal(s->sa->major, 1);
}

/* The capture begins with main mode 6, quick mode 2 or XAUTH, all sent by the responder. */
static void test_roles_of_late_captures(void **state)
{
    enum { MAIN_MODE = 2, TRANSACTION = 6, QUICK_MODE = 32 };
    static const struct {
        uint8_t exchange;
        uint32_t id, length;
        uint32_t next_id, next_length;
    } begins[] = {
        {MAIN_MODE, 0, 108, 77, 220}, {QUICK_MODE, 77, 220, 77, 76}, {TRANSACTION, 5, 92, 77, 220}};
    (void)state;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        scene *s = scene_new();
        send_unread(s, begins[i].exchange, false, begins[i].id, begins[i].length);
        send_unread(s, QUICK_MODE, true, begins[i].next_id, begins[i].next_length);
        assert_int_equal(s->sa->initiator.endpoint.bytes[0], s->initiator.bytes[0]);
        scene_free(s);
    }
}

/* The capture begins with message 5: what follows says nothing else. */
static void test_roles_after_message_5(void **state)
{
    enum { MAIN_MODE = 2, INFORMATIONAL = 5, QUICK_MODE = 32 };
    scene *s = *state;
    send_unread(s, MAIN_MODE, true, 0, 108);
    send_unread(s, INFORMATIONAL, false, 5, 92);
    assert_int_equal(s->sa->initiator.endpoint.bytes[0], s->initiator.bytes[0]);
    send_unread(s, QUICK_MODE, true, 77, 220);
    send_unread(s, QUICK_MODE, false, 77, 220);
    assert_int_equal(s->sa->initiator.endpoint.bytes[0], s->initiator.bytes[0]);
}

/* All of main mode, of which message 5 and 6 are not decrypted. */
static void unread_main_mode(scene *s)
{
    for (int i = 1; i <= 4; i++)
        main_mode(s, i, 1);
    send_unread(s, 2, true, 0, 108);
    send_unread(s, 2, false, 0, 76);
}

/* INITIAL-CONTACT in an INFORMATIONAL of its own, before quick mode: not a rejection where quick
 * mode begins at the end of the capture; one where nothing comes of that. */
static void test_informational_before_quick_mode(void **state)
{
    scene *s = *state;
    unread_main_mode(s);
    send_unread(s, 5, true, 0x4444, 92);
    assert_string_equal(report_of(s).code, "AUTHENTICATION_FAILED");
    send_unread(s, 32, true, 0x8888, 300);
    assert_string_equal(report_of(s).code, "");
    v1(s, 5, false, 0x1234, false);
    send_at(s, 10000);
    assert_string_equal(report_of(s).code, "AUTHENTICATION_FAILED");
}

/* An error and at once the Delete of the ISAKMP SA: no IPsec SA is torn down before there is one.
 */
static void test_quick_mode_refused_and_deleted(void **state)
{
    scene *s = *state;
    unread_main_mode(s);
    send_unread(s, 32, true, 0x8888, 300);
    send_unread(s, 5, false, 0x4444, 76);
    send_unread(s, 5, false, 0x5555, 92);
    assert_string_equal(report_of(s).code, "UNKNOWN");
}

/* Of message 5 and 6 the first is the initiator's, whatever came between them. */
static void test_roles_of_main_mode_5(void **state)
{
    scene *s = *state;
    send_unread(s, 2, true, 0, 108);
    send_unread(s, 32, false, 77, 220);
    send_unread(s, 2, false, 0, 108);
    assert_int_equal(s->sa->initiator.endpoint.bytes[0], s->initiator.bytes[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles_of_late_captures),
        scene_test(test_roles_after_message_5),
        scene_test(test_informational_before_quick_mode),
        scene_test(test_quick_mode_refused_and_deleted),
        scene_test(test_roles_of_main_mode_5),
        scene_test(test_main_mode),
        scene_test(test_other_version_under_the_same_spis),
        scene_test(test_main_mode_with_gaps),
        scene_test(test_aggressive_mode),
        scene_test(test_quick_mode),
        scene_test(test_transport_and_lifetime),
        scene_test(test_xauth),
        scene_test(test_dpd),
        scene_test(test_no_proposal),
        cmocka_unit_test(test_wrong_psk),
        cmocka_unit_test(test_quick_mode_fails),
        scene_test(test_encrypted_quick_mode_fails),
        scene_test(test_forged_after_refusal),
        scene_test(test_message_6_alone),
        scene_test(test_wrong_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
