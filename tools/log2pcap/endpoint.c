/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log2pcap/endpoint.h"

#include <glib.h>
#include <string.h>

static bool is_address_char(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr(".:%_*-", c));
}

static bool begins_arrow(ike_text text)
{
    return ike_text_skip(&text, "->");
}

/* The port behind an address: "[500]", ":500", " port 500"; none is no error. */
static void take_port(ike_text *text, log_endpoint *endpoint)
{
    ike_text rest = *text;
    uint64_t port;

    bool bracket = ike_text_skip(&rest, "[");
    if (!bracket && !ike_text_skip(&rest, ":") && !ike_text_skip(&rest, " port "))
        return;
    if (!ike_text_take_number(&rest, UINT16_MAX, &port) || (bracket && !ike_text_skip(&rest, "]")))
        return;
    endpoint->port = (uint16_t)port;
    *text = rest;
}

bool log_take_endpoint(ike_text *text, log_endpoint *endpoint)
{
    ike_text rest = *text, address, front;

    *endpoint = (log_endpoint){.length = 0};
    if (ike_text_skip(&rest, "[")) {
        if (!ike_text_before(rest, "]", &address))
            return false;
        rest.at = address.end + 1;
    } else {
        address = rest;
        while (rest.at < rest.end && is_address_char(*rest.at) && !begins_arrow(rest))
            rest.at++;
        address.end = rest.at;
        const char *colon = memrchr(address.at, ':', ike_text_length(address));
        ike_text port = {colon ? colon + 1 : NULL, address.end};
        uint64_t number;
        bool bracket = rest.at < rest.end && *rest.at == '[';
        if (colon && !bracket && ike_text_take_number(&port, UINT16_MAX, &number) &&
            port.at == address.end)
            rest.at = address.end = colon;
    }
    if (ike_text_length(address) == 0)
        return false;
    take_port(&rest, endpoint);
    if (ike_text_before(address, "%", &front)) /* an IPv6 zone */
        address = front;
    endpoint->length = ike_text_address(address, endpoint->address);
    *text = rest;
    return true;
}
