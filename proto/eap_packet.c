/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an EAP packet says of the outcome of its method:
 *
 *   +---------------+---------------+-------------------------------+
 *   |     Code      |  Identifier   |            Length             |
 *   +---------------+---------------+-------------------------------+
 *   |     Type      |  data of the method
 *   +---------------+
 */
#include "proto/eap_packet.h"

#include <string.h>

#include "proto/network_order.h"

enum { EAP_HEADER = 4, REQUEST = 1, RESPONSE = 2 };
enum {
    TYPE_IDENTITY = 1,
    TYPE_NOTIFICATION = 2,
    TYPE_NAK = 3,
    TYPE_GTC = 6,
    TYPE_TLS = 13,
    TYPE_SIM = 18,
    TYPE_TTLS = 21,
    TYPE_AKA = 23,
    TYPE_PEAP = 25,
    TYPE_MSCHAPV2 = 26,
    TYPE_FAST = 43,
    TYPE_AKA_PRIME = 50,
    TYPE_TEAP = 55,
    TYPE_EXPANDED = 254,
};

/* What is left of `bytes` behind `skip` of them; empty when there are fewer. */
static ike_span rest_of(ike_span bytes, uint32_t skip)
{
    return skip < bytes.length ? (ike_span){bytes.data + skip, bytes.length - skip}
                               : (ike_span){NULL, 0};
}

/* Expanded NAK (RFC 3748 5.3.2): type 254, vendor 0, type 3, then types of eight bytes, of which
 * the IETF's own have vendor 0. Only the first one is kept: they are not a row of bytes. */
static void parse_expanded(ike_span data, ike_eap_packet *to)
{
    static const uint8_t nak[] = {0, 0, 0, 0, 0, 0, TYPE_NAK};
    enum { EXPANDED = 8, LAST = 7 };

    if (data.length < sizeof nak || memcmp(data.data, nak, sizeof nak) != 0)
        return;
    to->type = TYPE_NAK;
    data = rest_of(data, sizeof nak);
    if (data.length >= EXPANDED && data.data[0] == TYPE_EXPANDED && !data.data[1] &&
        !data.data[2] && !data.data[3])
        to->wanted = (ike_span){data.data + LAST, 1};
}

/* A failure (RFC 2759 6): "E=691 R=1 C=... V=3 M=..." */
static uint32_t error_of(ike_span text)
{
    uint32_t number = 0;

    if (text.length < 3 || text.data[0] != 'E' || text.data[1] != '=')
        return 0;
    for (uint32_t i = 2; i < text.length && i < 8 && text.data[i] >= '0' && text.data[i] <= '9';
         i++)
        number = number * 10 + (uint32_t)(text.data[i] - '0');
    return number;
}

/* EAP-MSCHAPv2 (draft-kamath-pppext-eap-mschapv2): operation, identifier, length, message. */
static void parse_mschapv2(ike_span data, ike_eap_packet *to)
{
    enum { HEADER = 4, SUCCESS = 3, FAILURE = 4 };

    if (to->code != REQUEST || data.length <= HEADER ||
        (data.data[0] != SUCCESS && data.data[0] != FAILURE))
        return;
    to->text = rest_of(data, HEADER);
    if (data.data[0] == FAILURE)
        to->mschapv2_error = error_of(to->text);
}

/* Flags, a length of four bytes where the first flag is set (RFC 5216 3.1), TLS records. A packet
 * in the middle of a message does not begin with a record: all records must fit. */
static void parse_tls(ike_span data, ike_eap_packet *to)
{
    enum {
        LENGTH_INCLUDED = 0x80,
        LENGTH = 4,
        HEADER = 5,
        CHANGE_CIPHER = 20,
        ALERT = 21,
        APPLICATION = 23,
        ALERT_LENGTH = 2
    };
    ike_eap_packet found = *to;

    if (!data.length)
        return;
    data = rest_of(data, data.data[0] & LENGTH_INCLUDED ? 1 + LENGTH : 1);
    while (data.length) {
        uint32_t length = data.length >= HEADER ? ike_get_u16(data.data + 3) : 0;

        if (data.length < HEADER || length > data.length - HEADER || data.data[0] < CHANGE_CIPHER ||
            data.data[0] > APPLICATION || data.data[1] != 3)
            return;
        if (data.data[0] == ALERT && length == ALERT_LENGTH) {
            found.tls_alert = true;
            found.tls_alert_level = data.data[HEADER];
            found.tls_alert_description = data.data[HEADER + 1];
        }
        data = rest_of(data, HEADER + length);
    }
    *to = found;
}

/* EAP-SIM and EAP-AKA (RFC 4186 8.1, RFC 4187 8.1): subtype, two reserved bytes, attributes of
 * multiples of four bytes. */
static void parse_aka(ike_span data, ike_eap_packet *to)
{
    enum { HEADER = 3, UNIT = 4, AT_NOTIFICATION = 12, AT_CLIENT_ERROR_CODE = 22 };

    if (!data.length)
        return;
    to->aka_subtype = data.data[0];
    for (data = rest_of(data, HEADER); data.length >= UNIT;) {
        uint32_t length = UNIT * data.data[1];

        if (data.data[0] == AT_NOTIFICATION || data.data[0] == AT_CLIENT_ERROR_CODE) {
            to->aka_has_code = true;
            to->aka_code = ike_get_u16(data.data + 2);
        }
        if (!length)
            return;
        data = rest_of(data, length);
    }
}

static void parse_method(ike_span data, ike_eap_packet *to)
{
    switch (to->type) {
    case TYPE_IDENTITY:
        if (to->code == RESPONSE)
            to->identity = data;
        break;
    case TYPE_NOTIFICATION:
    case TYPE_GTC:
        if (to->code == REQUEST)
            to->text = data;
        break;
    case TYPE_NAK:
        to->wanted = data;
        break;
    case TYPE_EXPANDED:
        parse_expanded(data, to);
        break;
    case TYPE_MSCHAPV2:
        parse_mschapv2(data, to);
        break;
    case TYPE_TLS:
    case TYPE_TTLS:
    case TYPE_PEAP:
    case TYPE_FAST:
    case TYPE_TEAP:
        parse_tls(data, to);
        break;
    case TYPE_SIM:
    case TYPE_AKA:
    case TYPE_AKA_PRIME:
        parse_aka(data, to);
        break;
    default:
        break;
    }
}

void ike_parse_eap(ike_span packet, ike_eap_packet *to)
{
    memset(to, 0, sizeof *to);
    if (packet.length < EAP_HEADER)
        return;
    uint32_t length = ike_get_u16(packet.data + 2);

    to->code = packet.data[0];
    if (length < packet.length)
        packet.length = length; /* the rest is padding of a lower layer (RFC 3748 4) */
    if (packet.length <= EAP_HEADER || (to->code != REQUEST && to->code != RESPONSE))
        return;
    to->type = packet.data[EAP_HEADER];
    parse_method(rest_of(packet, EAP_HEADER + 1), to);
}
