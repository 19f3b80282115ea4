/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a message lacks or must not have (RFC 7296 1.2 to 1.5, RFC 2409 5), what an error is about,
 * and what the responder configures. */
#include "scene.h"

static void keys_negotiated(scene *s)
{
    init_request(s, 19, 64);
    init_response(s, 19, 64);
}

static ike_message_record *answer(scene *s, uint8_t exchange, uint32_t id, uint16_t type)
{
    v2(s, exchange, false, true, id);
    notify(s, type);
    return send_now(s);
}

/* ---- what is missing or forbidden ------------------------------------------------------------ */

static void test_missing_identity(void **state)
{
    scene *s = *state;
    keys_negotiated(s);
    v2(s, 35, true, false, 1);
    auth(s, 2);
    esp_proposal(s, 0xa1, 12, 256);
    selector(s, true, 1);
    s->m.config_type = 2 + 1; /* CFG_REPLY */
    scene_has(s, 47);
    send_now(s);
    answer(s, 35, 1, 7);
    auth_text_of_report v = report_of(s);
    assert_string_equal(v.code, "INVALID_SYNTAX");
    assert_contains(
        v.text, "responder rejects IKE_AUTH in frame 3: lacks IDi and TSr; CFG_REPLY in a request");
}

/* RFC 7296 1.2. */
static void test_clear(void **state)
{
    scene *s = *state;
    keys_negotiated(s);
    auth_request_begin(s, 0xa1);
    s->m.encrypted = false;
    s->m.decryption = IKE_PLAIN;
    send_now(s);
    ike_message_record *refused = answer(s, 35, 1, 7);
    assert_contains(find_on(s, refused, "error_notify")->text,
                    "IKE_AUTH in frame 3: message is not encrypted");
}

static void test_forbidden(void **state)
{
    scene *s = *state;
    handshake(s);
    v2(s, 37, true, false, 2);
    nonce(s, 32);
    send_now(s);
    ike_message_record *refused = answer(s, 37, 2, 7);
    assert_contains(find_on(s, refused, "error_notify")->text, "has Nonce, not allowed there");
}

/* A childless IKE SA (RFC 6023) has no SA, TSi and TSr in IKE_AUTH; to another responder they are
 * missing. */
static void test_childless(void **state)
{
    (void)state;
    for (int announced = 0; announced < 2; announced++) {
        scene *s = scene_new();
        init_request(s, 19, 64);
        s->spi_r = SPI_R;
        v2(s, 34, false, true, 0);
        ike_proposal_with(s, 19, 0);
        key_exchange(s, 19, 64);
        nonce(s, 32);
        if (announced)
            notify(s, 16418);
        send_now(s);
        v2(s, 35, true, false, 1);
        identity(s, 0, 2, "moon.example");
        auth(s, 2);
        send_now(s);
        answer(s, 35, 1, 7);
        auth_text_of_report v = report_of(s);
        if (announced)
            assert_contains(v.text, "well-formed");
        else
            assert_contains(v.text, "lacks SA, TSi and TSr");
        scene_free(s);
    }
}

static void test_rekey_without_ke(void **state)
{
    scene *s = *state;
    handshake(s);
    v2(s, 36, true, false, 2);
    ike_proposal_with(s, 19, 0x77);
    nonce(s, 32);
    send_now(s);
    ike_message_record *refused = answer(s, 36, 2, 7);
    assert_contains(find_on(s, refused, "error_notify")->text, "lacks KE");
}

static void test_eap_wanted(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        scene *s = scene_new();
        keys_negotiated(s);
        v2(s, 35, true, false, 1);
        identity(s, 0, 2, "moon.example");
        esp_proposal(s, 0xa1, 12, 256);
        selector(s, true, 1);
        selector(s, false, 2);
        send_now(s);
        answer(s, 35, 1, i ? 24 : 7);
        auth_text_of_report v = report_of(s);
        assert_string_equal(v.code, i ? "AUTHENTICATION_FAILED" : "INVALID_SYNTAX");
        assert_contains(v.text, i ? "responder rejected EAP of \"moon.example\" at once, "
                                    "no EAP_ONLY offered"
                                  : "without AUTH: the initiator \"moon.example\" wants EAP");
        scene_free(s);
    }
}

static void test_malformed(void **state)
{
    scene *s = *state;
    v2(s, 34, true, false, 0);
    s->m.malformed = true;
    s->m.fault = "an attribute exceeds it";
    s->m.fault_payload = 33;
    ike_proposal_with(s, 19, 0);
    ike_message_record *request = send_now(s);
    assert_contains(find_on(s, request, "malformed")->text,
                    "SA malformed (an attribute exceeds it)");
    answer(s, 34, 0, 7);
    assert_contains(report_of(s).text,
                    "IKE_SA_INIT in frame 1: SA malformed (an attribute exceeds it)");
}

static void test_critical(void **state)
{
    static const uint8_t type[] = {130};
    scene *s = *state;
    keys_negotiated(s);
    auth_request_begin(s, 0xa1);
    send_now(s);
    v2(s, 35, false, true, 1);
    notify_with(s, 1, type, 1);
    send_now(s);
    auth_text_of_report v = report_of(s);
    assert_string_equal(v.code, "UNSUPPORTED_CRITICAL_PAYLOAD");
    assert_contains(v.text, "IKE_AUTH in frame 3: critical payload type 130 not supported");
}

static void test_invalid_public_value(void **state)
{
    scene *s = *state;
    v2(s, 34, true, false, 0);
    ike_proposal_with(s, 19, 0);
    key_exchange(s, 19, 64);
    s->m.ke[0].fault = "not a point on the curve";
    nonce(s, 32);
    send_now(s);
    answer(s, 34, 0, 14);
    assert_contains(
        report_of(s).text,
        "rejected faulty request: invalid public value in KE (not a point on the curve)");
}

/* A nonce without a key exchange: what is left of message 3. */
static void test_main_mode(void **state)
{
    scene *s = *state;
    v1(s, 2, true, 0, false);
    s->m.responder_spi = 0;
    nonce(s, 16);
    send_now(s);
    s->spi_r = SPI_R;
    v1(s, 5, false, 5, false);
    notify(s, 16);
    send_now(s);
    assert_contains(report_of(s).text, "Main Mode in frame 1: lacks KE");
}

/* ---- responses ------------------------------------------------------------------------------- */

static void test_empty_response(void **state)
{
    scene *s = *state;
    keys_negotiated(s);
    auth_request_begin(s, 0xa1);
    send_now(s);
    v2(s, 35, false, true, 1);
    s->m.first_inside = 1;
    assert_contains(find_on(s, send_now(s), "auth_response_empty")->text,
                    "IKE_AUTH response of the responder is empty");
}

static void test_delete_response(void **state)
{
    (void)state;
    for (int empty = 0; empty < 2; empty++) {
        scene *s = scene_new();
        handshake(s);
        v2(s, 37, true, false, 2);
        deletes(s, 1, 0);
        send_now(s);
        v2(s, 37, false, true, 2);
        if (empty)
            s->m.first_inside = 1;
        else
            deletes(s, 1, 0);
        const ike_finding *f = find_on(s, send_now(s), "payload_not_allowed");
        if (empty)
            assert_null(f);
        else
            assert_contains(f->text, "is not empty");
        scene_free(s);
    }
}

/* A whole handshake lacks nothing. */
static void test_complete(void **state)
{
    scene *s = *state;
    handshake(s);
    for (const ike_exchange *e = s->sa->exchanges; e; e = e->next) {
        assert_null(find_on(s, e->response, "payload_missing"));
        assert_null(find_on(s, e->response, "payload_not_allowed"));
    }
}

/* ---- configuration --------------------------------------------------------------------------- */

static void configuration(scene *s, uint8_t type, uint16_t attribute, const void *value,
                          uint32_t length)
{
    s->m.config_type = (uint8_t)(type + 1);
    scene_has(s, s->m.major == 1 ? 14 : 47);
    s->m.config_attributes[s->m.config_attribute_count++] = (ike_config_attribute){
        .type = attribute, .value = length ? scene_bytes(s, value, length) : (ike_span){0}};
}

static void test_no_address(void **state)
{
    (void)state;
    static const uint8_t address[] = {10, 9, 8, 7}, dns[] = {10, 0, 0, 53};
    for (int assigned = 0; assigned < 2; assigned++) {
        scene *s = scene_new();
        keys_negotiated(s);
        auth_request_begin(s, 0xa1);
        configuration(s, 1, 1, NULL, 0);
        send_now(s);
        auth_response_begin(s, 0xb1);
        configuration(s, 2, 3, dns, 4);
        if (assigned)
            configuration(s, 2, 1, address, 4);
        const ike_finding *f = find_on(s, send_now(s), "no_inner_address");
        if (assigned)
            assert_null(f);
        else
            assert_contains(f->text,
                            "without an inner address: responder assigns none to \"moon.example\"");
        scene_free(s);
    }
}

static void test_transport_declined(void **state)
{
    (void)state;
    for (int accepted = 0; accepted < 2; accepted++) {
        scene *s = scene_new();
        keys_negotiated(s);
        auth_request_begin(s, 0xa1);
        notify(s, 16391);
        send_now(s);
        auth_response_begin(s, 0xb1);
        if (accepted)
            notify(s, 16391);
        const ike_finding *f = find_on(s, send_now(s), "transport_declined");
        if (accepted)
            assert_null(f);
        else
            assert_contains(f->text, "responder chose tunnel mode for Child SA 0");
        scene_free(s);
    }
}

static void test_auth_lifetime(void **state)
{
    static const uint8_t seconds[] = {0, 0, 14, 16};
    scene *s = *state;
    keys_negotiated(s);
    auth_request_begin(s, 0xa1);
    send_now(s);
    auth_response_begin(s, 0xb1);
    notify_with(s, 16403, seconds, 4);
    assert_contains(find_on(s, send_now(s), "auth_lifetime")->text,
                    "reauthentication within 3600 s");
}

/* ---- proposals ------------------------------------------------------------------------------- */

/* The Child SA of IKE_AUTH has no key exchange: the same algorithms refused later point to PFS. */
static void test_pfs_wanted(void **state)
{
    (void)state;
    for (int pfs = 0; pfs < 2; pfs++) {
        scene *s = scene_new();
        handshake(s);
        v2(s, 36, true, false, 2);
        esp_proposal(s, 0xa2, 12, 256);
        if (pfs) {
            transform(s, 4, 14, 0);
            key_exchange(s, 14, 256);
        }
        nonce(s, 32);
        selector(s, true, 1);
        selector(s, false, 2);
        send_now(s);
        const ike_finding *f = find_on(s, answer(s, 36, 2, 14), "no_proposal_chosen");
        assert_contains(f->text, "accepted the same in frame 4");
        assert_contains(f->text, pfs ? "Most likely it wants another key exchange group (PFS) "
                                       "than 2048-bit MODP Group, or none"
                                     : "Most likely it wants PFS");
        scene_free(s);
    }
}

static void child_refused(scene *s, uint8_t protocol, uint16_t esn)
{
    v2(s, 36, true, false, 2);
    proposal(s, protocol, 0xa2, 4);
    if (protocol == 3)
        transform(s, 1, 12, 256);
    transform(s, 3, 12, 0);
    transform(s, 5, esn, 0);
    nonce(s, 32);
    selector(s, true, 1);
    selector(s, false, 2);
    send_now(s);
    answer(s, 36, 2, 14);
}

static void test_protocol_differs(void **state)
{
    scene *s = *state;
    handshake(s);
    child_refused(s, 2, 0);
    const ike_finding *f = find_on(s, s->sa->last_create->response, "no_proposal_chosen");
    assert_contains(f->text, "AH proposal, responder chose ESP");
    assert_contains(f->text, "chose ESP in frame 4");
}

static void test_esn_differs(void **state)
{
    scene *s = *state;
    handshake(s);
    child_refused(s, 3, 1);
    assert_contains(find_on(s, s->sa->last_create->response, "no_proposal_chosen")->text,
                    "ESP proposal has ESN yes, responder chose no");
}

/* What the responder would accept is not known: PFS is one possibility. */
static void test_pfs_possible(void **state)
{
    scene *s = *state;
    keys_negotiated(s);
    auth_request_begin(s, 0xa1);
    s->m.proposal_count = s->m.transform_count = 0;
    s->m.payloads[0] &= ~(UINT64_C(1) << 33);
    send_now(s);
    v2(s, 35, false, true, 1);
    identity(s, 1, 2, "sun.example");
    auth(s, 2);
    send_now(s);
    child_refused(s, 3, 0);
    assert_contains(
        find_on(s, s->sa->last_create->response, "no_proposal_chosen")->text,
        "It is also possible that it wants PFS: the request has no key exchange of its own.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_missing_identity),
        scene_test(test_forbidden),
        scene_test(test_clear),
        cmocka_unit_test(test_childless),
        scene_test(test_rekey_without_ke),
        cmocka_unit_test(test_eap_wanted),
        scene_test(test_malformed),
        scene_test(test_critical),
        scene_test(test_invalid_public_value),
        scene_test(test_main_mode),
        scene_test(test_empty_response),
        cmocka_unit_test(test_delete_response),
        scene_test(test_complete),
        cmocka_unit_test(test_no_address),
        cmocka_unit_test(test_transport_declined),
        scene_test(test_auth_lifetime),
        cmocka_unit_test(test_pfs_wanted),
        scene_test(test_pfs_possible),
        scene_test(test_protocol_differs),
        scene_test(test_esn_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
