/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log2pcap/text.h"

#include <glib.h>
#include <string.h>

#include <arpa/inet.h>

bool log_text_after(log_text text, const char *mark, log_text *rest)
{
    size_t length = strlen(mark);
    const char *found = memmem(text.at, log_text_length(text), mark, length);

    if (!found)
        return false;
    *rest = (log_text){found + length, text.end};
    return true;
}

bool log_text_before(log_text text, const char *mark, log_text *front)
{
    const char *found = memmem(text.at, log_text_length(text), mark, strlen(mark));

    if (!found)
        return false;
    *front = (log_text){text.at, found};
    return true;
}

bool log_text_skip(log_text *text, const char *word)
{
    size_t length = strlen(word);

    if (log_text_length(*text) < length || memcmp(text->at, word, length) != 0)
        return false;
    text->at += length;
    return true;
}

log_text log_text_trimmed(log_text text)
{
    while (text.at < text.end && g_ascii_isspace(*text.at))
        text.at++;
    while (text.at < text.end && g_ascii_isspace(text.end[-1]))
        text.end--;
    return text;
}

bool log_text_is_over(log_text text)
{
    return log_text_length(log_text_trimmed(text)) == 0;
}

bool log_text_number(log_text *text, uint64_t max, uint64_t *number)
{
    const char *at = text->at;
    uint64_t value = 0;

    while (at < text->end && g_ascii_isdigit(*at)) {
        unsigned digit = (unsigned)(*at - '0');
        if (value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
        at++;
    }
    if (at == text->at)
        return false;
    text->at = at;
    *number = value;
    return true;
}

int log_text_digit(char c)
{
    return g_ascii_xdigit_value(c);
}

bool log_text_hex(log_text *text, uint64_t *number)
{
    log_text rest = *text;
    uint64_t value = 0;
    unsigned digits = 0;

    log_text_skip(&rest, "0x");
    while (rest.at < rest.end && log_text_digit(*rest.at) >= 0) {
        if (++digits > 16)
            return false;
        value = value << 4 | (unsigned)log_text_digit(*rest.at++);
    }
    if (digits == 0)
        return false;
    *text = rest;
    *number = value;
    return true;
}

size_t log_text_pairs(log_text *text, uint8_t *bytes, size_t count)
{
    size_t pairs = 0;

    while (pairs < count) {
        const char *at = text->at;
        while (at < text->end && (*at == ' ' || *at == '\t'))
            at++;
        if (text->end - at < 2)
            break;
        int high = log_text_digit(at[0]), low = log_text_digit(at[1]);
        if (high < 0 || low < 0)
            break;
        bytes[pairs++] = (uint8_t)(high << 4 | low);
        text->at = at + 2;
    }
    return pairs;
}

static bool parse_address(log_text text, log_endpoint *endpoint)
{
    char copy[INET6_ADDRSTRLEN];
    log_text front;

    if (log_text_before(text, "%", &front)) /* an IPv6 zone */
        text = front;
    if (log_text_length(text) == 0 || log_text_length(text) >= sizeof copy)
        return false;
    memcpy(copy, text.at, log_text_length(text));
    copy[log_text_length(text)] = '\0';
    if (inet_pton(AF_INET, copy, endpoint->address) == 1)
        endpoint->length = 4;
    else if (inet_pton(AF_INET6, copy, endpoint->address) == 1)
        endpoint->length = 16;
    return endpoint->length > 0;
}

static bool is_address_char(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr(".:%_*-", c));
}

static bool begins_arrow(log_text text)
{
    return log_text_skip(&text, "->");
}

/* The port behind an address: "[500]", ":500", " port 500"; none is no error. */
static void take_port(log_text *text, log_endpoint *endpoint)
{
    log_text rest = *text;
    uint64_t port;

    bool bracket = log_text_skip(&rest, "[");
    if (!bracket && !log_text_skip(&rest, ":") && !log_text_skip(&rest, " port "))
        return;
    if (!log_text_number(&rest, UINT16_MAX, &port) || (bracket && !log_text_skip(&rest, "]")))
        return;
    endpoint->port = (uint16_t)port;
    *text = rest;
}

bool log_text_endpoint(log_text *text, log_endpoint *endpoint)
{
    log_text rest = *text, address;

    memset(endpoint, 0, sizeof *endpoint);
    if (log_text_skip(&rest, "[")) {
        if (!log_text_before(rest, "]", &address))
            return false;
        rest.at = address.end + 1;
    } else {
        address = rest;
        while (rest.at < rest.end && is_address_char(*rest.at) && !begins_arrow(rest))
            rest.at++;
        address.end = rest.at;
        const char *colon = memrchr(address.at, ':', log_text_length(address));
        log_text port = {colon ? colon + 1 : NULL, address.end};
        uint64_t number;
        bool bracket = rest.at < rest.end && *rest.at == '[';
        if (colon && !bracket && log_text_number(&port, UINT16_MAX, &number) &&
            port.at == address.end)
            rest.at = address.end = colon;
    }
    if (log_text_length(address) == 0)
        return false;
    take_port(&rest, endpoint);
    parse_address(address, endpoint);
    *text = rest;
    return true;
}
