/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The failure that an EAP method reports (RFC 2759 6, RFC 5246 7.2, RFC 4187 8 and 10), and what is
 * concluded. */
#include "scene.h"

#include "analysis/tracker/eap_failure.h"

enum { REQUEST = 1, RESPONSE = 2, FAILURE = 4 };

static void assert_failure(const ike_eap_packet *eap, const char *text, const char *meaning)
{
    GString *out = g_string_new(NULL);
    ike_eap_failure failure;
    assert_int_equal(ike_append_eap_failure(out, eap, &failure), text != NULL);
    assert_string_equal(out->str, text ? text : "");
    if (meaning)
        assert_contains(failure.meaning, meaning);
    else
        assert_null(failure.meaning);
    g_string_free(out, TRUE);
}

static void test_methods(void **state)
{
    (void)state;
    assert_failure(&(ike_eap_packet){.type = 26, .mschapv2_error = 691},
                   "MSCHAPv2 failure E=691 (authentication failure)", "user name or password");
    assert_failure(&(ike_eap_packet){.type = 26, .mschapv2_error = 648},
                   "MSCHAPv2 failure E=648 (password expired)", "expired");
    assert_failure(&(ike_eap_packet){.type = 26, .mschapv2_error = 999}, "MSCHAPv2 failure E=999",
                   NULL);
    assert_failure(
        &(ike_eap_packet){
            .type = 13, .tls_alert = true, .tls_alert_level = 2, .tls_alert_description = 48},
        "TLS alert unknown_ca (48)", "CA is not known");
    /* What strongSwan sends for an expired certificate too. */
    assert_failure(
        &(ike_eap_packet){
            .type = 13, .tls_alert = true, .tls_alert_level = 2, .tls_alert_description = 46},
        "TLS alert certificate_unknown (46)", "out of date");
    assert_failure(&(ike_eap_packet){.type = 13, .tls_alert = true, .tls_alert_level = 1}, NULL,
                   NULL);
    assert_failure(&(ike_eap_packet){.type = 23, .aka_subtype = 2}, "AKA-Authentication-Reject",
                   "AUTN");
    assert_failure(&(ike_eap_packet){.type = 18, .aka_subtype = 2}, NULL, NULL);
    assert_failure(
        &(ike_eap_packet){.type = 23, .aka_subtype = 12, .aka_has_code = true, .aka_code = 1031},
        "notification 1031 (not subscribed)", "no subscription");
    assert_failure(&(ike_eap_packet){.type = 23, .aka_subtype = 14, .aka_has_code = true},
                   "client error 0 (unable to process packet)", NULL);
    assert_failure(
        &(ike_eap_packet){.type = 23, .aka_subtype = 12, .aka_has_code = true, .aka_code = 32768},
        NULL, NULL); /* success */
}

static void eap(scene *s, bool from_initiator, uint32_t id, uint8_t code, uint8_t type)
{
    v2(s, 35, from_initiator, !from_initiator, id);
    s->m.eap_code = s->m.eap_packet.code = code;
    s->m.eap_type = s->m.eap_packet.type = type;
    scene_has(s, 48);
}

static scene *eap_begun(uint8_t method)
{
    scene *s = scene_new();
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    v2(s, 35, true, false, 1);
    identity(s, 0, 2, "moon.example");
    send_now(s);
    eap(s, false, 1, REQUEST, 1);
    identity(s, 1, 2, "sun.example");
    auth(s, 1);
    send_now(s);
    eap(s, true, 2, RESPONSE, 1);
    s->m.eap_packet.identity = scene_bytes(s, "carol", 5);
    send_now(s);
    if (!method)
        return s;
    eap(s, false, 2, REQUEST, method);
    send_now(s);
    return s;
}

static void eap_failed(scene *s, uint32_t id)
{
    eap(s, false, id, FAILURE, 0);
    send_now(s);
}

static void test_identity_refused(void **state)
{
    (void)state;
    scene *s = eap_begun(0);
    eap_failed(s, 2);
    auth_text_of_report v = report_of(s);
    assert_int_equal(v.outcome, IKE_OUTCOME_FAILED);
    assert_string_equal(v.code, "EAP_FAILED");
    assert_contains(v.text, "gateway rejected the EAP identity \"carol\"");
    scene_free(s);
}

static void test_alert(void **state)
{
    (void)state;
    for (int by_client = 0; by_client < 2; by_client++) {
        scene *s = eap_begun(13);
        eap(s, true, 3, RESPONSE, 13);
        if (!by_client) {
            send_now(s);
            eap(s, false, 3, REQUEST, 13);
        }
        s->m.eap_packet.tls_alert = true;
        s->m.eap_packet.tls_alert_level = 2;
        s->m.eap_packet.tls_alert_description = 48;
        send_now(s);
        eap_failed(s, by_client ? 3 : 4);
        auth_text_of_report v = report_of(s);
        assert_contains(v.text, by_client ? "client rejected EAP-TLS of \""
                                          : "gateway rejected EAP-TLS of \"");
        assert_contains(v.text, ": TLS alert unknown_ca (48)");
        assert_contains(v.text, by_client
                                    ? "The client does not accept the certificate of the gateway"
                                    : "The gateway does not accept the certificate of the client");
        scene_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_identity_refused),
        cmocka_unit_test(test_alert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
