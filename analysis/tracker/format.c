/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for addresses, identities, selectors. */
#include "analysis/tracker/format.h"

#include <string.h>

#include "analysis/tracker/distinguished_name.h"
#include "analysis/tracker/quoted.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"
#include "registry/names.h"

static void append_ipv6(GString *out, const uint8_t *bytes)
{
    uint16_t text_of[8];
    int best = -1, best_length = 1; /* the longest run of zeros, two words at least (RFC 5952) */
    for (int i = 0; i < 8; i++)
        text_of[i] = ike_get_u16(bytes + 2 * i);
    for (int i = 0; i < 8; i++) {
        int length = 0;
        while (i + length < 8 && text_of[i + length] == 0)
            length++;
        if (length > best_length) {
            best = i;
            best_length = length;
        }
    }
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            g_string_append(out, "::");
            i += best_length - 1;
            continue;
        }
        if (i > 0 && (best < 0 || i != best + best_length))
            g_string_append_c(out, ':');
        g_string_append_printf(out, "%x", text_of[i]);
    }
}

/* Findings have addresses: printf takes many times as long. */
static void append_decimal(GString *out, unsigned number)
{
    if (number >= 10)
        append_decimal(out, number / 10);
    g_string_append_c(out, (char)('0' + number % 10));
}

static void append_ip(GString *out, uint8_t family, const uint8_t *bytes)
{
    for (int i = 0; family == 4 && i < 4; i++) {
        if (i)
            g_string_append_c(out, '.');
        append_decimal(out, bytes[i]);
    }
    if (family != 4)
        append_ipv6(out, bytes);
}

void ike_format_address(GString *out, const ike_endpoint *endpoint)
{
    if (endpoint->family == 4 || endpoint->family == 6)
        append_ip(out, endpoint->family, endpoint->bytes);
    else
        g_string_append(out, "unknown address");
}

void ike_format_endpoint(GString *out, const ike_endpoint *endpoint)
{
    bool brackets = endpoint->family == 6;
    if (brackets)
        g_string_append_c(out, '[');
    ike_format_address(out, endpoint);
    g_string_append(out, brackets ? "]:" : ":");
    append_decimal(out, endpoint->port);
}

bool ike_same_address(const ike_endpoint *a, const ike_endpoint *b)
{
    if (a->family != b->family)
        return false;
    return (a->family == 4 ? memcmp(a->bytes, b->bytes, 4) : memcmp(a->bytes, b->bytes, 16)) == 0;
}

void ike_format_bytes(GString *out, const uint8_t *data, size_t length)
{
    size_t shown = MIN(length, 128);
    bool printable = true;
    for (size_t i = 0; i < shown && printable; i++)
        printable = data[i] >= 0x20 && data[i] < 0x7f;
    if (printable)
        g_string_append_len(out, (const char *)data, (gssize)shown);
    else
        for (size_t i = 0; i < shown; i++)
            g_string_append_printf(out, "%02x", data[i]);
    if (shown < length)
        g_string_append(out, "...");
}

/* ---- identities ------------------------------------------------------------------------------ */

enum {
    ID_IPV4 = 1,
    ID_IPV4_SUBNET = 4,
    ID_IPV6 = 5,
    ID_IPV6_SUBNET = 6,
    ID_IPV4_RANGE = 7,
    ID_IPV6_RANGE = 8,
    ID_DN = 9,
    ID_KEY = 11,
};

/* Prefix length of a mask, -1 when its ones are not all in front. */
static int mask_bits(const uint8_t *mask, size_t bytes)
{
    int bits = 0;
    size_t i = 0;
    while (i < bytes && mask[i] == 0xff) {
        bits += 8;
        i++;
    }
    if (i < bytes) {
        uint8_t rest = mask[i++];
        while (rest & 0x80) {
            bits++;
            rest = (uint8_t)(rest << 1);
        }
        if (rest)
            return -1;
    }
    for (; i < bytes; i++)
        if (mask[i])
            return -1;
    return bits;
}

static bool append_address_id(GString *out, const ike_identity *id)
{
    bool v6 = id->type == ID_IPV6 || id->type == ID_IPV6_SUBNET || id->type == ID_IPV6_RANGE;
    size_t bytes = v6 ? 16 : 4;
    uint8_t family = v6 ? 6 : 4;
    const uint8_t *data = id->data.data;

    if (id->type == ID_IPV4 || id->type == ID_IPV6) {
        if (id->data.length != bytes)
            return false;
        append_ip(out, family, data);
        return true;
    }
    if (id->data.length != 2 * bytes)
        return false;
    append_ip(out, family, data);
    int bits = mask_bits(data + bytes, bytes);
    if ((id->type == ID_IPV4_SUBNET || id->type == ID_IPV6_SUBNET) && bits >= 0) {
        g_string_append_printf(out, "/%d", bits);
    } else {
        g_string_append_c(out, id->type == ID_IPV4_RANGE || id->type == ID_IPV6_RANGE ? '-' : '/');
        append_ip(out, family, data + bytes);
    }
    return true;
}

/* ICMP has type and code where others have ports (RFC 7296 3.13.1). */
static void append_icmp_type(GString *out, uint16_t port)
{
    g_string_append_printf(out, "%u", port >> 8);
    if ((port & 0xff) != 0 && (port & 0xff) != 0xff)
        g_string_append_printf(out, "(%u)", port & 0xff);
}

static void append_icmp(GString *out, uint16_t start, uint16_t end)
{
    g_string_append_c(out, '/');
    append_icmp_type(out, start);
    if (start >> 8 != end >> 8 || (start != end && (start & 0xff) != 0)) {
        g_string_append_c(out, '-');
        append_icmp_type(out, end);
    }
}

static void append_protocol(GString *out, uint8_t protocol)
{
    static const struct {
        uint8_t protocol;
        const char *name;
    } names[] = {{0, "any"},  {1, "icmp"},       {6, "tcp"},
                 {17, "udp"}, {58, "ipv6-icmp"}, {132, "sctp"}};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (names[i].protocol == protocol) {
            g_string_append(out, names[i].name);
            return;
        }
    g_string_append_printf(out, "%u", protocol);
}

static void append_ports(GString *out, uint8_t protocol, uint16_t start, uint16_t end)
{
    bool all = start == 0 && (end == 0xffff || end == 0);

    if (protocol == 0 && all)
        return;
    g_string_append_c(out, '[');
    append_protocol(out, protocol);
    if (start > end) /* RFC 7296 3.13.1: OPAQUE */
        g_string_append(out, "/opaque");
    else if (!all && (protocol == 1 || protocol == 58))
        append_icmp(out, start, end);
    else if (!all && start == end)
        g_string_append_printf(out, "/%u", start);
    else if (!all)
        g_string_append_printf(out, "/%u-%u", start, end);
    g_string_append_c(out, ']');
}

void ike_format_identity(GString *out, uint8_t major, const ike_identity *id)
{
    bool address = id->type == ID_IPV4 || id->type == ID_IPV6 ||
                   (major == 1 && (id->type == ID_IPV4_SUBNET ||
                                   (id->type >= ID_IPV6_SUBNET && id->type <= ID_IPV6_RANGE)));
    if (address && append_address_id(out, id)) {
        if (major == 1 && id->type != ID_IPV4 && id->type != ID_IPV6)
            append_ports(out, id->protocol, id->port, id->port);
        return;
    }
    if (id->type == ID_DN && ike_format_name(out, id->data.data, id->data.length))
        return;
    ike_format_bytes(out, id->data.data, id->data.length);
}

const char *ike_format_id_type(uint8_t major, uint8_t type)
{
    const char *name = ike_registry_name(major == 1 ? IKE_REG_IKEV1_ID : IKE_REG_IKEV2_ID, type);
    return name && g_str_has_prefix(name, "ID_") ? name + 3 : name;
}

/* ---- traffic selectors ----------------------------------------------------------------------- */

/* The prefix length when start and end span one prefix, else -1. */
static int prefix_bits(const uint8_t *start, const uint8_t *end, size_t bytes)
{
    uint8_t mask[16];
    for (size_t i = 0; i < bytes; i++) {
        mask[i] = (uint8_t) ~(start[i] ^ end[i]);
        if ((start[i] & ~mask[i] & 0xff) != 0 || (end[i] | mask[i]) != 0xff)
            return -1;
    }
    return mask_bits(mask, bytes);
}

static void append_label(GString *out, const ike_selector *selector)
{
    char *label = g_strndup(selector->label, sizeof selector->label);
    g_string_append_c(out, ' ');
    ike_format_quoted(out, label, 0);
    g_free(label);
}

void ike_format_selector(GString *out, const ike_selector *selector)
{
    if (selector->type != 7 && selector->type != 8) {
        const char *name = ike_registry_name(IKE_REG_IKEV2_TS, selector->type);
        g_string_append(out, name ? name : "unknown selector");
        if (selector->type == IKEV2_TS_SECLABEL && selector->label[0])
            append_label(out, selector);
        return;
    }
    uint8_t family = selector->type == 7 ? 4 : 6;
    int bits = prefix_bits(selector->start, selector->end, family == 4 ? 4 : 16);
    append_ip(out, family, selector->start);
    if (bits >= 0) {
        g_string_append_printf(out, "/%d", bits);
    } else {
        g_string_append_c(out, '-');
        append_ip(out, family, selector->end);
    }
    append_ports(out, selector->ip_protocol, selector->start_port, selector->end_port);
}

static void format_selectors(GString *out, const ike_selector *selectors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            g_string_append(out, ", ");
        ike_format_selector(out, &selectors[i]);
    }
    if (count == 0)
        g_string_append(out, "none");
}

void ike_format_selector_pair(GString *out, const ike_selector *initiator, size_t initiators,
                              const ike_selector *responder, size_t responders)
{
    format_selectors(out, initiator, initiators);
    g_string_append(out, " === ");
    format_selectors(out, responder, responders);
}
