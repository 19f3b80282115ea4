/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv2 failures, missing responses, faults and weak choices: the code of the cause, both sides' values. */
#include "scene.h"

#include <glib.h>

static void keys_negotiated(scene *s)
{
    init_request(s, 19, 64);
    init_response(s, 19, 64);
}

/* IKE_AUTH answered by one notify. */
static void auth_refused(scene *s, uint16_t type, bool with_auth)
{
    auth_request_begin(s, 0xa1);
    send_now(s);
    v2(s, 35, false, true, 1);
    if (with_auth) {
        identity(s, 1, 2, "sun.example");
        auth(s, 2);
    }
    notify(s, type);
    send_now(s);
}

/* ---- failures -------------------------------------------------------------------------------- */

static void test_no_proposal(void **state)
{
    scene *s = *state;
    init_request(s, 2, 128);
    v2(s, 34, false, true, 0);
    notify(s, 14);
    ike_message_record *refused = send_now(s);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_FAILED);
    assert_string_equal(v.code, "NO_PROPOSAL_CHOSEN");
    assert_contains(v.text, "responder accepts no IKE proposal");
    assert_contains(v.text, "ENCR_AES_CBC-256");
    assert_contains(v.text, "1024-bit MODP Group");
    /* Later in the capture the same peer chooses: the sentence names what is not in common. */
    s->spi_i = 0x7777;
    keys_negotiated(s);
    v = report_of(s);
    assert_contains(
        v.text, "IKE proposal has 1024-bit MODP Group, responder chose 256-bit random ECP group | "
                "key exchange 1024-bit MODP Group | key exchange 256-bit random "
                "ECP group | The responder chose the received value in frame 4.");
    assert_null(strstr(v.text, "encryption"));
    assert_contains(find_on(s, refused, "no_proposal_chosen")->text, "256-bit random ECP group");
}

static void test_invalid_ke_not_retried(void **state)
{
    static const uint8_t group[] = {0, 14};
    scene *s = *state;
    init_request(s, 19, 64);
    v2(s, 34, false, true, 0);
    notify_with(s, 17, group, 2);
    send_now(s);
    scene_esp(s, 1, &s->responder, &s->initiator, 1, 9, (s->now_ms + 60000) * 1000000, false);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_FAILED);
    assert_string_equal(v.code, "INVALID_KE_PAYLOAD");
    assert_contains(v.text, "2048-bit MODP Group");
    assert_contains(v.text, "not retried");
    assert_contains(v.text, "The proposals lack that group");
}

static void test_authentication_failed(void **state)
{
    scene *s = *state;
    keys_negotiated(s);
    auth_refused(s, 24, false);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_FAILED);
    assert_string_equal(v.code, "AUTHENTICATION_FAILED");
    assert_contains(v.text, "responder rejected PSK authentication of initiator \"moon.example\"");
    ike_sa_set_auth(s->tracker, s->sa, true, IKE_AUTHENTICATION_WRONG, "the PSK does not match");
    assert_contains(report_of(s).text, "rejected \"moon.example\": the PSK does not match");
    ike_sa_set_auth(s->tracker, s->sa, true, IKE_AUTHENTICATION_VERIFIED, "PSK matches");
    assert_contains(report_of(s).text,
                    "The responder has a different secret or no configuration for");
}

/* The initiator does not accept the responder and says so in an INFORMATIONAL. */
static void test_responder_refused(void **state)
{
    (void)state;
    for (int is_encrypted = 0; is_encrypted < 2; is_encrypted++) {
        scene *s = scene_new();
        keys_negotiated(s);
        auth_request_begin(s, 0xa1);
        if (is_encrypted)
            encrypted(s, 35, 300);
        send_now(s);
        auth_response_begin(s, 0xb1);
        if (is_encrypted)
            encrypted(s, 36, 300);
        send_now(s);
        v2(s, 37, true, false, 2);
        if (is_encrypted)
            encrypted(s, 41, 80);
        else
            notify(s, 24);
        send_now(s);
        auth_text_of_report v = report_of(s);
        assert_int_equal(v.outcome, IKE_OUTCOME_FAILED);
        assert_string_equal(v.code, "AUTHENTICATION_FAILED");
        assert_contains(v.text, "initiator rejected");
        scene_free(s);
    }
}

static void test_encrypted_authentication_failed(void **state)
{
    scene *s = *state;
    keys_negotiated(s);
    v2(s, 35, true, false, 1);
    encrypted(s, 35, 300);
    send_now(s);
    v2(s, 35, false, true, 1);
    encrypted(s, 41, 80);
    ike_message_record *refused = send_now(s);
    assert_int_equal(report_of(s).outcome, IKE_OUTCOME_FAILED);
    assert_string_equal(report_of(s).code, "AUTHENTICATION_FAILED");
    assert_int_equal(find_on(s, refused, "authentication_failed")->certainty, IKE_SURE_LIKELY);
}

static void test_child_failures(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        const char *code, *text_of;
    } errors[] = {
        {14, "NO_PROPOSAL_CHOSEN", "ENCR_AES_CBC-256"},
        {34, "SINGLE_PAIR_REQUIRED", "one pair"},
        {35, "NO_ADDITIONAL_SAS", "no more"},
        {36, "INTERNAL_ADDRESS_FAILURE", "inner address"},
        {37, "FAILED_CP_REQUIRED", "configuration request"},
        {38, "TS_UNACCEPTABLE", "10.1.0.0/16 === 10.2.0.0/16"},
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        scene *s = scene_new();
        keys_negotiated(s);
        auth_refused(s, errors[i].type, true);
        auth_text_of_report v = report_of(s);
        assert_int_equal(v.outcome, IKE_OUTCOME_ESTABLISHED);
        assert_string_equal(v.code, "");
        assert_string_equal(v.child_outcome, "failed");
        assert_string_equal(v.child_code, errors[i].code);
        assert_contains(v.child_text, errors[i].text_of);
        scene_free(s);
    }
}

static void test_selectors_elsewhere(void **state)
{
    scene *s = *state;
    keys_negotiated(s);
    auth_refused(s, 38, true);
    s->spi_i = 0x4242;
    keys_negotiated(s);
    auth_request_begin(s, 0xa5);
    send_now(s);
    auth_response_begin(s, 0xb5);
    s->m.ts_responder[0].start[1] = s->m.ts_responder[0].end[1] = 99;
    ike_message_record *outside = send_now(s);
    assert_contains(report_of(s).child_text, "In frame 8 it accepted 10.1.0.0/16 === 10.99.0.0/16");
    assert_contains(find_on(s, outside, "ts_not_requested")->text,
                    "| 10.1.0.0/16 === 10.2.0.0/16 | 10.1.0.0/16 === 10.99.0.0/16");
    assert_null(find_on(s, outside, "ts_narrowed"));
}

static void test_selectors_narrowed(void **state)
{
    scene *s = *state;
    keys_negotiated(s);
    auth_request_begin(s, 0xa5);
    send_now(s);
    auth_response_begin(s, 0xb5);
    s->m.ts_responder[0].end[2] = 0;
    ike_message_record *narrowed = send_now(s);
    assert_contains(find_on(s, narrowed, "ts_narrowed")->text, "10.1.0.0/16 === 10.2.0.0/24");
    assert_null(find_on(s, narrowed, "ts_not_requested"));
}

static void test_eap_failed(void **state)
{
    (void)state;
    scene *s = scene_new();
    keys_negotiated(s);
    v2(s, 35, true, false, 1);
    identity(s, 0, 2, "carol");
    send_now(s);
    v2(s, 35, false, true, 1);
    s->m.eap_code = 1;
    s->m.eap_type = 26;
    send_now(s);
    v2(s, 35, true, false, 2);
    s->m.eap_code = 2;
    s->m.eap_type = 26;
    send_now(s);
    v2(s, 35, false, true, 2);
    s->m.eap_code = 4;
    send_now(s);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_FAILED);
    assert_string_equal(v.code, "EAP_FAILED");
    assert_contains(v.text, "EAP-MSCHAPv2");
    assert_contains(v.text, "carol");
    scene_free(s);

    /* Encrypted: EAP ends with a short message and the initiator does not go on. */
    s = scene_new();
    keys_negotiated(s);
    for (uint32_t id = 1; id <= 3; id++) {
        v2(s, 35, true, false, id);
        encrypted(s, id == 1 ? 35 : 48, 150);
        send_now(s);
        v2(s, 35, false, true, id);
        encrypted(s, id == 1 ? 36 : 48, id == 3 ? 80 : 150);
        send_now(s);
    }
    assert_string_equal(report_of(s).code, ""); /* the capture may end here */
    assert_int_equal(report_of(s).outcome, IKE_OUTCOME_INCOMPLETE);
    wait_ms(s, 30000);
    assert_string_equal(report_of(s).code, "EAP_FAILED");
    scene_free(s);
}

static void test_peer_restarted(void **state)
{
    (void)state;
    scene *s = scene_new();
    handshake(s);
    v2(s, 37, true, false, 2);
    uint64_t asked = s->m.digest;
    send_at(s, 60000);
    v2(s, 37, false, true, 2);
    s->m.encrypted = false;
    s->m.decryption = IKE_PLAIN;
    notify(s, 4);
    ike_message_record *lost = send_now(s);
    /* What is not protected is a hint, and ends nothing. */
    assert_string_equal(report_of(s).code, "");
    assert_contains(find_on(s, lost, "overruled_error")->text, "Unauthenticated INVALID_IKE_SPI");
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
    assert_int_equal(report_of(s).loud, 0);
    /* It explains why a request gets no other response. */
    v2(s, 37, true, false, 2);
    s->m.digest = asked;
    for (int i = 0; i < 3; i++)
        send_at(s, 4000);
    assert_string_equal(report_of(s).code, "PEER_RESTARTED");
    scene_free(s);

    /* Dead peer detection unanswered, and then a new IKE SA with the same peer. */
    s = scene_new();
    handshake(s);
    v2(s, 37, true, false, 2);
    send_at(s, 60000);
    for (int i = 0; i < 3; i++)
        send_at(s, 4000);
    assert_string_equal(report_of(s).code, "NO_RESPONSE");
    s->spi_i = 0x9999;
    s->spi_r = 0;
    handshake(s);
    assert_string_equal(report_of(s).code, "PEER_RESTARTED");
    scene_free(s);
}

static void test_other_errors(void **state)
{
    (void)state;
    scene *s = scene_new();
    init_request(s, 19, 64);
    v2(s, 34, false, true, 0);
    notify(s, 5);
    send_now(s);
    assert_string_equal(report_of(s).code, "VERSION_MISMATCH");
    scene_free(s);

    s = scene_new();
    keys_negotiated(s);
    auth_refused(s, 1, false);
    assert_string_equal(report_of(s).code, "UNSUPPORTED_CRITICAL_PAYLOAD");
    scene_free(s);

    s = scene_new();
    keys_negotiated(s);
    auth_refused(s, 7, false);
    assert_string_equal(report_of(s).code, "INVALID_SYNTAX");
    scene_free(s);

    s = scene_new();
    init_request(s, 19, 64);
    v2(s, 34, false, true, 0);
    static const uint8_t gateway[] = {1, 4, 203, 0, 113, 5};
    notify_with(s, 16407, gateway, sizeof gateway);
    send_now(s);
    const ike_message_record *redirect = s->sa->exchanges->response;
    assert_string_equal(report_of(s).code, "REDIRECT");
    assert_int_equal(report_of(s).outcome, IKE_OUTCOME_INCOMPLETE);
    assert_contains(find_on(s, redirect, "redirect")->text, "203.0.113.5");
    scene_free(s);
}

/* Put off and never made good; put off and made good is nothing to worry about (see the tracker's
 * tests). */
static void test_failure_persists(void **state)
{
    scene *s = *state;
    handshake(s);
    v2(s, 36, true, false, 2);
    esp_proposal(s, 0xa2, 12, 256);
    nonce(s, 32);
    send_now(s);
    v2(s, 36, false, true, 2);
    notify(s, 43);
    ike_message_record *refused = send_now(s);
    assert_null(find_on(s, refused, "failure_persisted"));
    v2(s, 37, true, false, 3);
    send_at(s, 300000);
    v2(s, 37, false, true, 3);
    send_now(s);
    assert_string_equal(find_on(s, refused, "failure_persisted")->code, "TEMPORARY_FAILURE");
    assert_string_equal(report_of(s).child_code, "TEMPORARY_FAILURE");
}

/* The same as handshake(), not decrypted. */
static void encrypted_handshake(scene *s)
{
    keys_negotiated(s);
    v2(s, 35, true, false, 1);
    encrypted(s, 35, 300);
    send_now(s);
    v2(s, 35, false, true, 1);
    encrypted(s, 36, 280);
    send_now(s);
}

/* Encrypted: a refusal that stays, and one that comes of a collision. */
static void test_encrypted_refusal(void **state)
{
    (void)state;
    for (int both = 0; both < 2; both++) {
        scene *s = scene_new();
        encrypted_handshake(s);
        v2(s, 36, true, false, 2);
        encrypted(s, 41, 300);
        send_at(s, 60000);
        if (both) {
            v2(s, 36, false, false, 0);
            encrypted(s, 41, 300);
            send_now(s);
            v2(s, 36, true, true, 0);
            encrypted(s, 33, 280);
            send_now(s);
        }
        v2(s, 36, false, true, 2);
        encrypted(s, 41, 80);
        ike_message_record *refused = send_now(s);
        assert_int_equal(find_on(s, refused, "unknown_failure") == NULL, both);
        assert_int_equal(report_of(s).loud, both ? 0 : 1);
        scene_free(s);
    }
}

/* Encrypted: an IKE SA that nobody announced, after a CREATE_CHILD_SA between the same peers. */
static void test_encrypted_rekey(void **state)
{
    scene *s = *state;
    handshake(s);
    ike_sa *old = s->sa;
    v2(s, 36, true, false, 2);
    encrypted(s, 33, 300);
    send_at(s, 60000);
    v2(s, 36, false, true, 2);
    encrypted(s, 33, 300);
    send_now(s);
    s->spi_i = 0xaaaa;
    s->spi_r = 0xbbbb;
    v2(s, 37, true, false, 0);
    encrypted(s, 0, 80);
    send_now(s);
    assert_ptr_equal(s->sa->rekeyed_from, old);
    assert_ptr_equal(old->rekeyed_to, s->sa);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_INFERRED);
    assert_false(s->sa->late_start);
    assert_int_equal(report_of(s).loud, 0);
}

/* ---- no response --------------------------------------------------------------------------------- */

static void retransmit(scene *s, int times)
{
    for (int i = 0; i < times; i++)
        send_at(s, 4000);
}

static void test_no_response(void **state)
{
    scene *s = *state;
    ike_message_record *request = init_request(s, 19, 64);
    assert_int_equal(report_of(s).outcome, IKE_OUTCOME_INCOMPLETE);
    retransmit(s, 4);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_NO_RESPONSE);
    assert_string_equal(v.code, "NO_RESPONSE");
    assert_contains(v.text, "responder does not respond to IKE_SA_INIT request, sent 5 times");
    assert_non_null(find_on(s, request, "no_response"));
    /* Later an answer comes: nothing of it stays. */
    init_response(s, 19, 64);
    assert_null(find_on(s, request, "no_response"));
    assert_int_equal(report_of(s).loud, 0);
}

static void test_port_4500(void **state)
{
    scene *s = *state;
    keys_negotiated(s);
    s->initiator.port = s->responder.port = 4500;
    auth_request_begin(s, 0xa1);
    ike_message_record *request = send_now(s);
    retransmit(s, 3);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_NO_RESPONSE);
    assert_string_equal(v.code, "NO_RESPONSE");
    assert_contains(v.text, "port 4500");
    assert_non_null(find_on(s, request, "port_4500_silent"));
}

static void test_mtu(void **state)
{
    (void)state;
    scene *s = scene_new();
    keys_negotiated(s);
    s->initiator.port = s->responder.port = 4500;
    auth_request_begin(s, 0xa1);
    s->m.length = 2100;
    send_now(s);
    retransmit(s, 3);
    assert_string_equal(report_of(s).code, "MTU");
    assert_contains(report_of(s).text, "2100 bytes");
    scene_free(s);

    /* Seen from the responder: its large answer does not arrive. */
    s = scene_new();
    keys_negotiated(s);
    auth_request_begin(s, 0xa1);
    encrypted(s, 35, 400);
    send_now(s);
    ike_message request = s->m;
    v2(s, 35, false, true, 1);
    encrypted(s, 41, 1900);
    send_now(s);
    s->m = request;
    retransmit(s, 4);
    assert_string_equal(report_of(s).code, "MTU");
    assert_contains(report_of(s).text, "1900 bytes");
    scene_free(s);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void test_faults(void **state)
{
    (void)state;
    scene *s = scene_new();
    ike_message_record *request = init_request(s, 19, 63);
    const ike_finding *finding = find_on(s, request, "ke_length");
    assert_contains(finding->text, "63 bytes");
    assert_contains(finding->text, "64 bytes");
    s->spi_r = SPI_R;
    v2(s, 34, false, true, 0);
    s->m.initiator = true;
    proposal(s, 1, 0, 0);
    transform(s, 1, 3, 0);
    transform(s, 3, 12, 0);
    transform(s, 2, 5, 0);
    transform(s, 4, 19, 0);
    key_exchange(s, 19, 64);
    nonce(s, 15);
    ike_message_record *response = send_now(s);
    assert_contains(find_on(s, response, "chose_not_offered")->text, "ENCR_3DES");
    assert_contains(find_on(s, response, "nonce_short")->text, "15 bytes");
    assert_non_null(find_on(s, response, "wrong_flags"));
    scene_free(s);

    s = scene_new();
    s->spi_i = 0;
    v2(s, 34, true, false, 0);
    ike_proposal_with(s, 19, 0);
    transform(s, 4, 19, 0);
    request = send_now(s);
    assert_non_null(find_on(s, request, "reserved_spi"));
    assert_non_null(find_on(s, request, "duplicate_transform"));
    scene_free(s);
}

static void test_window(void **state)
{
    scene *s = *state;
    handshake(s);
    v2(s, 37, true, false, 2);
    send_now(s);
    v2(s, 37, true, false, 3);
    assert_non_null(find_on(s, send_now(s), "window"));
    v2(s, 37, true, false, 3);
    s->m.length = 333;
    assert_non_null(find_on(s, send_now(s), "message_changed"));
}

static void test_esp_findings(void **state)
{
    scene *s = *state;
    handshake(s);
    const ike_message_record *response = s->sa->children->response;
    scene_esp(s, 0xa1, &s->responder, &s->initiator, 12, 50, s->now_ms * 1000000, true);
    assert_contains(find_on(s, response, "first_esp_missing")->text, "sequence number 12");
    scene_esp(s, 0xdead, &s->responder, &s->initiator, 1, 51, s->now_ms * 1000000, false);
    assert_non_null(find_on(s, response, "unknown_esp"));
    assert_int_equal(report_of(s).loud, 0);
}

/* ---- security -------------------------------------------------------------------------------- */

static void test_weak(void **state)
{
    scene *s = *state;
    for (int i = 0; i < 2; i++) {
        v2(s, 34, i == 0, i == 1, 0);
        s->m.responder_spi = i ? SPI_R : 0;
        proposal(s, 1, 0, 0);
        transform(s, 1, 3, 0);
        transform(s, 3, 1, 0);
        transform(s, 2, 1, 0);
        transform(s, 4, 2, 0);
        key_exchange(s, 2, 128);
        nonce(s, 32);
        send_now(s);
    }
    const ike_message_record *response = s->sa->exchanges->response;
    assert_contains(find_on(s, response, "weak_cipher")->text, "ENCR_3DES");
    assert_non_null(find_on(s, response, "weak_hash"));
    assert_contains(find_on(s, response, "weak_group")->text, "group 2");
    assert_non_null(find_on(s, response, "no_post_quantum"));
    s->spi_r = SPI_R;
    v2(s, 35, true, false, 1);
    identity(s, 0, 2, "stranger");
    auth(s, 13);
    ike_message_record *request = send_now(s);
    assert_non_null(find_on(s, request, "null_authentication"));
    v2(s, 35, false, true, 1);
    identity(s, 1, 2, "sun.example");
    scene_has(s, 39);
    s->m.auth_method = 14; /* RFC 7427: length, then AlgorithmIdentifier of ecdsa-with-SHA1 */
    static const uint8_t signature[] = {11,   0x30, 0x09, 0x06, 0x07, 0x2a, 0x86,
                                        0x48, 0xce, 0x3d, 0x04, 0x01, 0xff, 0xff};
    s->m.auth = scene_bytes(s, signature, sizeof signature);
    assert_non_null(find_on(s, send_now(s), "sha1_signature"));
    assert_int_equal(report_of(s).loud, 0);
}

static void test_post_quantum(void **state)
{
    scene *s = *state;
    for (int i = 0; i < 2; i++) {
        v2(s, 34, i == 0, i == 1, 0);
        s->m.responder_spi = i ? SPI_R : 0;
        ike_proposal_with(s, 19, 0);
        transform(s, 6, 36, 0);
        send_now(s);
    }
    assert_null(find_on(s, s->sa->exchanges->response, "no_post_quantum"));
    assert_int_equal(s->sa->negotiated->additional[0], 36);
}

static void test_pfs(void **state)
{
    (void)state;
    for (int pfs = 0; pfs < 2; pfs++) {
        scene *s = scene_new();
        handshake(s);
        for (int i = 0; i < 2; i++) {
            v2(s, 36, i == 0, i == 1, 2);
            esp_proposal(s, 0xa2 + (uint32_t)i, i == 0 || pfs ? 12 : 11, i == 0 || pfs ? 256 : 0);
            if (pfs)
                transform(s, 4, 19, 0);
            nonce(s, 32);
            send_now(s);
        }
        const ike_message_record *response = s->sa->children->next_of_sa->response;
        assert_int_equal(find_on(s, response, "no_pfs") == NULL, pfs);
        assert_int_equal(find_on(s, response, "null_encryption") == NULL, pfs);
        scene_free(s);
    }
}

/* A scan: many that begin and never go on. */
static void test_half_open(void **state)
{
    scene *s = *state;
    for (uint32_t n = 0; n < 30; n++) {
        s->initiator = scene_ip(203, 0, 113, (uint8_t)n, 500);
        s->spi_i = 0x1000 + n;
        init_request(s, 19, 64);
        init_response(s, 19, 64);
    }
    bool flood = false, scan = false;
    wait_ms(s, 2000);
    ike_summary *summary = ike_summary_new(s->tracker, NULL, NULL);
    for (size_t i = 0; i < summary->finding_count; i++) {
        flood = flood || strcmp(summary->findings[i].name, "half_open_flood") == 0;
        scan = scan || strcmp(summary->findings[i].name, "open_responder") == 0;
        assert_contains(summary->findings[i].text, "198.51.100.2");
    }
    assert_true(flood);
    assert_true(scan);
    ike_summary_free(summary);
    s->now_ms += 5000;
    init_request(s, 19, 64);
    const ike_message_record *first = ike_tracker_stream(s->tracker, 0)->exchanges->messages;
    assert_contains(find_on(s, first, "half_open_flood")->text, "30 answered");
    assert_contains(find_on(s, first, "open_responder")->text, "unauthenticated initiators (30)");
}

/* ---- the table ------------------------------------------------------------------------------- */

/* Each row is whole, its name fits a filter and is its own. */
static void test_table(void **state)
{
    (void)state;
    size_t count;
    const ike_finding_kind *kinds = ike_finding_kinds(&count);
    assert_true(count > 40);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(kinds[i].name);
        assert_non_null(kinds[i].code);
        assert_non_null(kinds[i].summary);
        for (const char *c = kinds[i].name; *c; c++)
            assert_true(g_ascii_islower(*c) || g_ascii_isdigit(*c) || *c == '_');
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(kinds[i].name, kinds[k].name);
    }
}

static void look_at_bound(const ike_report_sa *r)
{
    assert_true(r->finding_count <= 1000);
    assert_true(r->finding_total >= 1998);
}

/* The report lists a bounded number of findings and counts the rest. */
static void test_bound(void **state)
{
    scene *s = *state;
    handshake(s);
    for (uint32_t id = 2; id < 2000; id++) {
        v2(s, 37, true, false, id);
        s->m.malformed = true;
        send_now(s);
    }
    with_report(s, 0, look_at_bound);
    assert_int_equal(ike_sa_state_of(s->sa), IKE_SA_ESTABLISHED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_no_proposal),
        scene_test(test_invalid_ke_not_retried),
        scene_test(test_authentication_failed),
        cmocka_unit_test(test_responder_refused),
        scene_test(test_encrypted_authentication_failed),
        cmocka_unit_test(test_child_failures),
        scene_test(test_selectors_elsewhere),
        scene_test(test_selectors_narrowed),
        cmocka_unit_test(test_eap_failed),
        cmocka_unit_test(test_peer_restarted),
        cmocka_unit_test(test_other_errors),
        scene_test(test_failure_persists),
        cmocka_unit_test(test_encrypted_refusal),
        scene_test(test_encrypted_rekey),
        scene_test(test_no_response),
        scene_test(test_port_4500),
        cmocka_unit_test(test_mtu),
        cmocka_unit_test(test_faults),
        scene_test(test_window),
        scene_test(test_esp_findings),
        scene_test(test_weak),
        scene_test(test_post_quantum),
        cmocka_unit_test(test_pfs),
        scene_test(test_half_open),
        cmocka_unit_test(test_table),
        scene_test(test_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
