/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EAP packets made by hand from the RFCs of the methods. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/eap_packet.h"

enum { REQUEST = 1, RESPONSE = 2, FAILURE = 4 };

/* A packet of `data` behind the type. */
static ike_eap_packet parse(uint8_t code, uint8_t type, const char *data, size_t length)
{
    static uint8_t packet[512];
    ike_eap_packet parsed;

    assert_true(length + 5 <= sizeof packet);
    packet[0] = code;
    packet[1] = 7;
    packet[2] = (uint8_t)((length + 5) >> 8);
    packet[3] = (uint8_t)(length + 5);
    packet[4] = type;
    memcpy(packet + 5, data, length);
    ike_parse_eap((ike_span){packet, (uint32_t)length + 5}, &parsed);
    return parsed;
}

#define PARSE(code, type, data) parse(code, type, data, sizeof(data) - 1)

static void assert_bytes(ike_span bytes, const char *text)
{
    assert_int_equal(bytes.length, strlen(text));
    assert_memory_equal(bytes.data, text, bytes.length);
}

static void test_identity_and_nak(void **state)
{
    (void)state;
    assert_bytes(PARSE(RESPONSE, 1, "user@example").identity, "user@example");
    assert_null(PARSE(REQUEST, 1, "Name?").identity.data);
    assert_bytes(PARSE(REQUEST, 2, "Account expired").text, "Account expired");
    assert_bytes(PARSE(REQUEST, 6, "Password: ").text, "Password: ");
    assert_bytes(PARSE(RESPONSE, 3, "\x0d\x15").wanted, "\x0d\x15");
    /* RFC 3748 5.3.2: expanded NAK that wants EAP-TLS */
    ike_eap_packet nak = PARSE(RESPONSE, 254, "\0\0\0\0\0\0\3\xfe\0\0\0\0\0\0\x0d");
    assert_int_equal(nak.type, 3);
    assert_bytes(nak.wanted, "\x0d");
    assert_int_equal(PARSE(RESPONSE, 254, "\0\x37\x2a\0\0\0\3").type, 254);
}

static void test_mschapv2(void **state)
{
    ike_eap_packet failure = PARSE(REQUEST, 26,
                                   "\4\1\0\x28"
                                   "E=691 R=1 C=00112233445566778899aabbccddeeff V=3 M=no");

    (void)state;
    assert_int_equal(failure.mschapv2_error, 691);
    assert_memory_equal(failure.text.data, "E=691 R=1", 9);
    assert_int_equal(PARSE(REQUEST, 26, "\4\1\0\4X=691").mschapv2_error, 0);
    assert_int_equal(PARSE(REQUEST, 26, "\3\1\0\4S=0123").mschapv2_error, 0);
    assert_int_equal(PARSE(RESPONSE, 26, "\4").mschapv2_error,
                     0); /* the client's acknowledgement */
    assert_int_equal(PARSE(REQUEST, 26, "\4\1\0\4").text.length, 0);
}

static void test_tls_alerts(void **state)
{
    (void)state;
    /* fatal, unknown_ca (RFC 5246 7.2) */
    ike_eap_packet alert = PARSE(RESPONSE, 13, "\0\x15\3\3\0\2\2\x30");
    assert_true(alert.tls_alert);
    assert_int_equal(alert.tls_alert_level, 2);
    assert_int_equal(alert.tls_alert_description, 48);
    /* with its length, behind another record, in TTLS, PEAP, FAST and TEAP as well */
    assert_int_equal(
        PARSE(REQUEST, 21, "\x80\0\0\0\x0e\x14\3\3\0\1\1\x15\3\1\0\2\2\x28").tls_alert_description,
        40);
    assert_true(PARSE(REQUEST, 25, "\1\x15\3\3\0\2\1\0").tls_alert);
    assert_true(PARSE(REQUEST, 43, "\1\x15\3\3\0\2\1\0").tls_alert);
    assert_true(PARSE(REQUEST, 55, "\1\x15\3\3\0\2\1\0").tls_alert);
    /* an encrypted one is longer */
    assert_false(PARSE(RESPONSE, 13, "\0\x15\3\3\0\4\1\2\3\4").tls_alert);
    /* the middle of a fragmented message, acknowledgements, truncated records */
    assert_false(PARSE(REQUEST, 13, "\x40\x15\3\3\0\2\2\x30\xff").tls_alert);
    assert_false(PARSE(RESPONSE, 13, "\0").tls_alert);
    assert_false(PARSE(RESPONSE, 13, "").tls_alert);
    assert_false(PARSE(RESPONSE, 13, "\x80\0\0").tls_alert);
    assert_false(PARSE(RESPONSE, 13, "\0\x15\3\3").tls_alert);
    assert_false(PARSE(RESPONSE, 13, "\0\x15\3\3\0\2\2").tls_alert);
}

static void test_aka(void **state)
{
    /* RFC 4187 9.10: notification, AT_NOTIFICATION 1026 (access temporarily denied) */
    ike_eap_packet aka = PARSE(REQUEST, 23, "\x0c\0\0\x0c\1\x04\x02");

    (void)state;
    assert_int_equal(aka.aka_subtype, 12);
    assert_true(aka.aka_has_code);
    assert_int_equal(aka.aka_code, 1026);
    /* RFC 4187 9.9: client error, behind AT_MAC of 20 bytes */
    aka = PARSE(RESPONSE, 50, "\x0e\0\0\x0b\5\0\0mmmmmmmmmmmmmmmm\x16\1\0\2");
    assert_int_equal(aka.aka_subtype, 14);
    assert_int_equal(aka.aka_code, 2);
    /* authentication reject has nothing behind it */
    aka = PARSE(RESPONSE, 23, "\2\0\0");
    assert_int_equal(aka.aka_subtype, 2);
    assert_false(aka.aka_has_code);
    assert_false(PARSE(RESPONSE, 23, "\x0e\0\0\x0b\0\0\0\x16\1\0\2").aka_has_code);
}

static void test_truncated(void **state)
{
    static const uint8_t packet[] = {RESPONSE, 1, 0, 7, 1, 'a', 'b', 'c', 'd'};
    ike_eap_packet parsed;

    (void)state;
    for (uint32_t length = 0; length < sizeof packet; length++)
        ike_parse_eap((ike_span){packet, length}, &parsed);
    /* what is behind the length does not belong to the packet */
    ike_parse_eap((ike_span){packet, sizeof packet}, &parsed);
    assert_bytes(parsed.identity, "ab");
    ike_parse_eap((ike_span){(const uint8_t[]){FAILURE, 1, 0, 4}, 4}, &parsed);
    assert_int_equal(parsed.code, FAILURE);
    assert_int_equal(parsed.type, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_and_nak), cmocka_unit_test(test_mschapv2),
        cmocka_unit_test(test_tls_alerts),       cmocka_unit_test(test_aka),
        cmocka_unit_test(test_truncated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
