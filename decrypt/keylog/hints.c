/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs, lists and files that people take for key logs and that hold no key: what they are, and
 * where keys are. Said only of a log in which nothing was recognised. */
#include <glib.h>
#include <string.h>

#include "decrypt/keylog/reader.h"

/* What stands in such a file, in the order of certainty: the first that is found counts. */
static const char *const marks[] = {
    "Keys hidden",
    "keys hidden",
    "CLIENT_RANDOM ",
    "_TRAFFIC_SECRET",
    "QUIC_CLIENT_",
    "LOCAL_STATIC_PRIVATE_KEY",
    "PresharedKey",
    "-----BEGIN CERTIFICATE",
    "-----BEGIN PRIVATE KEY",
    "-----BEGIN RSA PRIVATE",
    "-----BEGIN EC PRIVATE",
    "-----BEGIN ENCRYPTED P",
    "-----BEGIN OPENSSH PR",
    ": RSA ",
    ": ECDSA ",
    "IKEv2-PROTO-",
    "IKEv2:(SESSION",
    "ISAKMP: (",
    "ISAKMP:(",
    "IKEv1 DEBUG",
    "PROTO_NOTIFY",
    "ikemgr",
    "iked_",
    "KMD_",
    "kmd_",
    "[vpnd ",
    "Microsoft-Windows-IKE",
    "current_inbound_spi:",
    "#pkts encaps",
    "IPSEC-SPI",
    "trafficstatus",
    ", type=ESP, ",
    "Security Associations (",
    "list-sa event {",
    "ESTABLISHED, IKEv",
    "[IKE] ",
    "charon",
    "pluto[",
    "STATE_MAIN_",
    "STATE_V2_",
    "ISAKMP-SA established",
    "racoon",
    "ipsec,info",
    "ike 0:",
    "ike V=",
    "spi: ikev2_",
    "proto esp spi 0x",
    NULL,
};

/* What it is, and to which mark that belongs: up to this one. */
static const struct {
    const char *last_mark, *hint;
} hints[] = {
    {"keys hidden", "keys are hidden; run ip xfrm state as root, without nokeys"},
    {"QUIC_CLIENT_", "a TLS key log (SSLKEYLOGFILE)"},
    {"LOCAL_STATIC_PRIVATE_KEY", "a WireGuard key log"},
    {"PresharedKey", "a WireGuard configuration"},
    {"-----BEGIN CERTIFICATE", "a certificate, which decrypts nothing"},
    {"-----BEGIN ENCRYPTED P", "a private key, which authenticates and decrypts nothing"},
    {"-----BEGIN OPENSSH PR", "an SSH private key"},
    {": ECDSA ", "a private key, which authenticates and decrypts nothing"},
    {"IKEv2-PROTO-", "Cisco ASA debug output, which has no keys; the peer's log may have them"},
    {"ISAKMP:(", "Cisco IOS debug output, which has no keys; the peer's log may have them"},
    {"IKEv1 DEBUG", "Cisco ASA debug output, which has no keys; the peer's log may have them"},
    {"ikemgr", "a Palo Alto ikemgr log below level dump; the peer's log may have the keys"},
    {"iked_",
     "a Junos or OpenIKED log without keys (run iked -dvvv); the peer's log may have them"},
    {"kmd_", "a Junos log, which has no keys; the peer's log may have them"},
    {"[vpnd ", "a Check Point log; the keys are in ikev2.xmll or the peer's log"},
    {"Microsoft-Windows-IKE", "Windows events, which have no keys; the peer's log may have them"},
    {"#pkts encaps", "a list of Cisco SAs without keys"},
    {"IPSEC-SPI", "a list of SAs without keys"},
    {", type=ESP, ", "a list of libreswan SAs without keys; run ip xfrm state as root"},
    {"ESTABLISHED, IKEv", "a list of strongSwan SAs without keys; take its log at level 4"},
    {"charon", "a strongSwan log without secrets; set ike and chd to level 4"},
    {"STATE_V2_", "a libreswan log without secrets; set plutodebug=all,crypt,private"},
    {"racoon", "a racoon log without secrets; set log debug"},
    {"ipsec,info", "a RouterOS log without secrets; set topics=ipsec,debug"},
    {"ike V=", "a FortiGate log without secrets; run diagnose debug application ike -1"},
    {"spi: ikev2_", "an iked log without secrets; run iked -dvvv"},
    {"proto esp spi 0x", "a list of SAs without keys; run ip xfrm state as root"},
};

enum { LINES_MAX = 2000 /* so many lines with a mark are looked at */ };

typedef struct {
    ike_keylog *log;
    unsigned best, lines;
} hint_reader;

static void hint_begin(void *state)
{
    hint_reader *h = state;
    h->best = G_N_ELEMENTS(marks) - 1;
}

static const char *hint_of(unsigned which)
{
    for (size_t i = 0; i < G_N_ELEMENTS(hints); i++)
        for (unsigned at = which; marks[at] != NULL; at++)
            if (strcmp(marks[at], hints[i].last_mark) == 0)
                return hints[i].hint;
    return NULL;
}

static bool hint_line(void *state, ike_text line)
{
    hint_reader *h = state;
    if (h->lines++ > LINES_MAX)
        return false;
    for (unsigned i = 0; i < h->best; i++)
        if (ike_text_find(line, marks[i]) != NULL) {
            h->best = i;
            ike_keylog_set_hint(h->log, hint_of(i));
        }
    return false;
}

const ike_keylog_reader ike_reader_hint = {
    .marks = marks,
    .state_bytes = sizeof(hint_reader),
    .begin = hint_begin,
    .line = hint_line,
};
