/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report: the record of an IKE SA, its words, certificates and totals. */
#include "scene.h"

#include <glib.h>

#include "analysis/tracker/distinguished_name.h"
#include "analysis/tracker/format.h"

static void append(const char *text, void *user)
{
    g_string_append(user, text);
}

static bool only_stream_1(const ike_sa *sa, void *user)
{
    (void)user;
    return sa->stream == 1;
}

static void esp(scene *s, uint32_t to_initiator, uint32_t to_responder)
{
    for (uint32_t n = 1; n <= to_initiator; n++)
        scene_esp(s, 0xa1, &s->responder, &s->initiator, n, 50, s->now_ms * 1000000, true);
    for (uint32_t n = 1; n <= to_responder; n++)
        scene_esp(s, 0xb1, &s->initiator, &s->responder, n, 50, s->now_ms * 1000000, false);
}

static void look_at_healthy(const ike_report_sa *r)
{
    assert_string_equal(r->version, "2.0");
    assert_string_equal(r->initiator.address, "192.0.2.1");
    assert_int_equal(r->initiator.port, 500);
    assert_string_equal(r->initiator.id, "moon.example");
    assert_string_equal(r->initiator.id_type, "FQDN");
    assert_string_equal(r->initiator.auth, "PSK");
    assert_int_equal(r->initiator.authentication, IKE_AUTHENTICATION_VERIFIED);
    assert_int_equal(r->responder.authentication, IKE_AUTHENTICATION_UNKNOWN);
    assert_string_equal(r->responder.vendors[0], "strongSwan");
    assert_null(r->responder.vendors[1]);
    assert_null(r->initiator.vendors[0]);
    assert_int_equal(r->outcome, IKE_OUTCOME_ESTABLISHED);
    assert_true(r->setup_ms > 29.9 && r->setup_ms < 30.1);
    assert_null(r->cause.code);
    assert_string_equal(r->proposal.encryption, "ENCR_AES_CBC-256");
    assert_string_equal(r->proposal.integrity, "AUTH_HMAC_SHA2_256_128");
    assert_string_equal(r->proposal.prf, "PRF_HMAC_SHA2_256");
    assert_string_equal(r->proposal.key_exchange[0], "256-bit random ECP group");
    assert_null(r->proposal.key_exchange[1]);
    assert_int_equal(r->child_count, 1);
    const ike_report_child *c = &r->children[0];
    assert_string_equal(c->protocol, "ESP");
    assert_string_equal(c->spi_initiator, "000000a1");
    assert_string_equal(c->spi_responder, "000000b1");
    assert_string_equal(c->mode, "tunnel");
    assert_string_equal(c->ts_initiator[0], "10.1.0.0/16");
    assert_string_equal(c->ts_responder[0], "10.2.0.0/16");
    assert_string_equal(c->encryption, "ENCR_AES_CBC-256");
    assert_string_equal(c->integrity, "AUTH_HMAC_SHA2_256_128");
    assert_null(c->pfs);
    assert_int_equal(c->esp_packets, 7);
    assert_int_equal(c->esp_decrypted, 3);
    assert_string_equal(c->outcome, "established");
    assert_null(c->rekeyed_from);
    assert_int_equal(r->exchange_count, 2);
    assert_string_equal(r->exchanges[0].type, "IKE_SA_INIT");
    assert_int_equal(r->exchanges[0].request, 1);
    assert_int_equal(r->exchanges[0].response, 2);
    assert_true(r->exchanges[0].by_initiator);
    assert_true(r->exchanges[1].ms > 9.9 && r->exchanges[1].ms < 10.1);
    assert_int_equal(r->exchanges[1].message_id, 1);
}

static void test_record(void **state)
{
    scene *s = *state;
    init_request(s, 19, 64);
    s->spi_r = SPI_R;
    v2(s, 34, false, true, 0);
    ike_proposal_with(s, 19, 0);
    s->m.vendors[0] = "strongSwan";
    s->m.vendors[1] = "strongSwan";
    s->m.vendor_count = 2;
    send_now(s);
    auth_request_begin(s, 0xa1);
    send_now(s);
    auth_response_begin(s, 0xb1);
    send_now(s);
    ike_sa_set_auth(s->tracker, s->sa, true, IKE_AUTHENTICATION_VERIFIED, "PSK matches");
    esp(s, 3, 4);
    with_report(s, 0, look_at_healthy);
}

/* Asking again gives the same: a live capture is reported many times. */
static void test_text(void **state)
{
    scene *s = *state;
    init_request(s, 2, 128);
    v2(s, 34, false, true, 0);
    notify(s, 14);
    send_now(s);
    s->spi_i = 0x22;
    handshake(s);
    GString *first = g_string_new(NULL), *second = g_string_new(NULL), *one = g_string_new(NULL);
    ike_report_text(s->tracker, NULL, NULL, append, first);
    ike_report_text(s->tracker, NULL, NULL, append, second);
    assert_string_equal(first->str, second->str);
    assert_contains(
        first->str,
        "IKE SA 0: IKEv2 192.0.2.1 <-> 198.51.100.2, FAILED\n  Cause:     NO_PROPOSAL_CHOSEN: "
        "IKE proposal has ");
    assert_contains(first->str, "IKE SA 1: IKEv2 192.0.2.1 <-> 198.51.100.2, established");
    ike_report_text(s->tracker, only_stream_1, NULL, append, one);
    assert_null(strstr(one->str, "IKE SA 0:"));
    assert_contains(one->str, "10.1.0.0/16 === 10.2.0.0/16");
    assert_contains(one->str, "FQDN \"moon.example\", PSK");
    g_string_free(first, TRUE);
    g_string_free(second, TRUE);
    g_string_free(one, TRUE);
}

static void test_summary(void **state)
{
    scene *s = *state;
    for (uint32_t n = 0; n < 20; n++) {
        s->spi_i = 0x100 + n;
        if (n % 4 == 0) {
            init_request(s, 19, 64);
            v2(s, 34, false, true, 0);
            notify(s, 14);
            send_now(s);
            continue;
        }
        init_request(s, 19, 64);
        init_response(s, 19, 64);
        auth_request_begin(s, 0xa1 + n);
        send_at(s, 100 * n);
        auth_response_begin(s, 0x1000 + n);
        send_now(s);
    }
    ike_summary *summary = ike_summary_new(s->tracker, NULL, NULL);
    assert_int_equal(summary->ike_sas, 20);
    assert_int_equal(summary->outcomes[IKE_OUTCOME_ESTABLISHED], 15);
    assert_int_equal(summary->outcomes[IKE_OUTCOME_FAILED], 5);
    assert_int_equal(summary->cause_count, 1);
    assert_string_equal(summary->causes[0].name, "NO_PROPOSAL_CHOSEN");
    assert_int_equal(summary->causes[0].count, 5);
    assert_int_equal(summary->algorithms[0].count, 15);
    assert_int_equal(summary->slow_count, IKE_SLOWEST);
    assert_int_equal(summary->slowest[0].stream, 19);
    assert_true(summary->slowest[0].ms > summary->slowest[9].ms);
    GString *text = g_string_new(NULL);
    ike_summary_text(summary, append, text);
    assert_contains(text->str, "NO_PROPOSAL_CHOSEN");
    g_string_free(text, TRUE);
    ike_summary_free(summary);
}

/* ---- words ----------------------------------------------------------------------------------- */

static void address_is(const uint8_t bytes[16], const char *expected)
{
    ike_endpoint e = {.family = 6};
    memcpy(e.bytes, bytes, 16);
    GString *text = g_string_new(NULL);
    ike_format_address(text, &e);
    assert_string_equal(text->str, expected);
    g_string_free(text, TRUE);
}

/* RFC 5952 4 and 5. */
static void test_ipv6(void **state)
{
    (void)state;
    address_is((const uint8_t[16]){0}, "::");
    address_is((const uint8_t[16]){[15] = 1}, "::1");
    address_is((const uint8_t[16]){0x20, 1, 0x0d, 0xb8, [15] = 1}, "2001:db8::1");
    address_is((const uint8_t[16]){0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1},
               "2001:db8:0:1:1:1:1:1");
    address_is((const uint8_t[16]){0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1},
               "2001:0:0:1::1");
    address_is((const uint8_t[16]){0xfe, 0x80}, "fe80::");
    address_is((const uint8_t[16]){0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1},
               "2001:db8::1:0:0:1");
}

static void selector_is(ike_selector selector, const char *expected)
{
    GString *text = g_string_new(NULL);
    ike_format_selector(text, &selector);
    assert_string_equal(text->str, expected);
    g_string_free(text, TRUE);
}

static void test_selectors(void **state)
{
    (void)state;
    ike_selector ts = {.type = 7, .end_port = 0xffff, .end = {255, 255, 255, 255}};
    selector_is(ts, "0.0.0.0/0");
    ts =
        (ike_selector){.type = 7, .end_port = 0xffff, .start = {10, 0, 0, 1}, .end = {10, 0, 0, 1}};
    selector_is(ts, "10.0.0.1/32");
    ts.end[3] = 9;
    selector_is(ts, "10.0.0.1-10.0.0.9");
    ts.ip_protocol = 6;
    ts.start_port = ts.end_port = 443;
    selector_is(ts, "10.0.0.1-10.0.0.9[tcp/443]");
    ts.ip_protocol = 17;
    ts.start_port = 0xffff;
    ts.end_port = 0;
    selector_is(ts, "10.0.0.1-10.0.0.9[udp/opaque]");
    ts = (ike_selector){.type = 8,
                        .end_port = 0xffff,
                        .start = {0x20, 1, 0x0d, 0xb8},
                        .end = {0x20, 1, 0x0d, 0xb8}};
    memset(ts.end + 8, 0xff, 8);
    selector_is(ts, "2001:db8::/64");
}

static void test_identities(void **state)
{
    (void)state;
    static const uint8_t binary[] = {1, 2, 0xff}, net[] = {10, 0, 0, 0, 255, 0, 0, 0};
    ike_identity key = {.type = 11, .data = {binary, sizeof binary}};
    ike_identity subnet = {.type = 4, .protocol = 17, .port = 1701, .data = {net, sizeof net}};
    GString *text = g_string_new(NULL);
    ike_format_identity(text, 2, &key);
    assert_string_equal(text->str, "0102ff");
    g_string_truncate(text, 0);
    ike_format_identity(text, 1, &subnet);
    assert_string_equal(text->str, "10.0.0.0/8[udp/1701]");
    /* Hostile: too short for its type. */
    subnet.data.length = 5;
    g_string_truncate(text, 0);
    ike_format_identity(text, 1, &subnet);
    assert_string_equal(text->str, "0a000000ff");
    g_string_free(text, TRUE);
}

/* ---- certificates ---------------------------------------------------------------------------- */

static void test_certificate_findings(void **state)
{
    scene *s = *state;
    init_request(s, 19, 64);
    init_response(s, 19, 64);
    auth_request_begin(s, 0xa1);
    static const uint8_t name[] = {0x30, 0x16, 0x31, 0x14, 0x30, 0x12, 0x06, 0x03,
                                   0x55, 0x04, 0x03, 0x0c, 0x0b, 'o',  'l',  'd',
                                   '.',  'e',  'x',  'a',  'm',  'p',  'l',  'e'};
    const ike_x509 old = {.not_before = 1262401445,
                          .not_after = 1330559999,
                          .key = "RSA",
                          .key_bits = 1024,
                          .sha1 = true,
                          .subject = name,
                          .subject_length = sizeof name,
                          .issuer = name,
                          .issuer_length = sizeof name};
    s->m.certificates[0] = (ike_certificate){.encoding = 4, .x509 = &old};
    s->m.certificate_count = 1;
    s->now_ms = 1700000000000u;
    ike_message_record *request = send_now(s);
    assert_contains(find_on(s, request, "small_rsa_key")->text, "1024 bits");
    assert_contains(find_on(s, request, "sha1_signature")->text, "SHA-1");
    assert_contains(find_on(s, request, "certificate_expired")->text, "CN=old.example");
    v2(s, 35, false, true, 1);
    notify(s, 24);
    send_now(s);
    assert_contains(report_of(s).text, "certificate expired on 2012-02-29");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(test_record),
        scene_test(test_text),
        scene_test(test_summary),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_selectors),
        cmocka_unit_test(test_identities),
        scene_test(test_certificate_findings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
