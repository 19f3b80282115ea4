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
    {"keys hidden", "keys are hidden; run ip xfrm state as root and without nokeys"},
    {"QUIC_CLIENT_", "a TLS key log (SSLKEYLOGFILE)"},
    {"LOCAL_STATIC_PRIVATE_KEY", "a WireGuard key log"},
    {"PresharedKey", "a WireGuard configuration"},
    {"-----BEGIN CERTIFICATE", "a certificate, which decrypts nothing"},
    {"-----BEGIN ENCRYPTED P", "a private key, which authenticates and decrypts nothing"},
    {"-----BEGIN OPENSSH PR", "a private key of SSH"},
    {": ECDSA ", "a private key authenticates and decrypts nothing"},
    {"IKEv2-PROTO-", "debug output of Cisco ASA, which has no keys; the peer's log may"},
    {"ISAKMP:(", "debug output of Cisco IOS, which has no keys; the peer's log may"},
    {"IKEv1 DEBUG", "debug output of Cisco ASA, which has no keys; the peer's log may"},
    {"ikemgr", "ikemgr of Palo Alto below the level dump; the peer's log may have keys"},
    {"iked_", "a log without keys of Junos or OpenIKED (iked -dvvv); the peer's log may have them"},
    {"kmd_", "a log of Junos, which has no keys; the peer's log may"},
    {"[vpnd ", "a log of Check Point; the key material is in ikev2.xmll or the peer's log"},
    {"Microsoft-Windows-IKE", "events of Windows, which have no keys; the peer's log may"},
    {"#pkts encaps", "SAs of Cisco, listed without keys"},
    {"IPSEC-SPI", "SAs listed without keys"},
    {", type=ESP, ", "SAs of libreswan, listed without keys; take ip xfrm state as root"},
    {"ESTABLISHED, IKEv", "SAs of strongSwan, listed without keys; take its log at level 4"},
    {"charon", "strongSwan's log without secrets; they come at level 4 of ike and chd"},
    {"STATE_V2_", "libreswan's log without secrets; they come with plutodebug=all,private"},
    {"racoon", "racoon's log without secrets; they come with log debug"},
    {"ipsec,info", "RouterOS's log without secrets; they come with topics=ipsec,debug"},
    {"ike V=", "FortiGate's log without secrets; they come with diagnose debug application ike -1"},
    {"spi: ikev2_", "iked's log without secrets; they come with iked -dvvv"},
    {"proto esp spi 0x", "SAs listed without keys; run ip xfrm state as root"},
};

enum { LINES_MAX = 2000 /* so many lines with a mark are looked at */ };

typedef struct {
    ike_keylog *log;
    unsigned best, lines;
} hint_reader;

static void hint_begin(void *state, ike_keylog *log)
{
    hint_reader *h = state;
    h->log = log;
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
    .name = "no key log",
    .marks = marks,
    .one_line = true,
    .state_bytes = sizeof(hint_reader),
    .begin = hint_begin,
    .line = hint_line,
};
