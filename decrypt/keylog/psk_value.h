/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pre-shared key or password as configurations write it, and whom it is for. */
#ifndef IKE_KEYLOG_PSK_VALUE_H
#define IKE_KEYLOG_PSK_VALUE_H

#include "decrypt/keylog/reader.h"

enum { IKE_PSK_PEERS = 8, IKE_PSK_PEER_SIZE = 256 };

/* The peers that a secret is for; all zero: none is named. */
typedef struct {
    unsigned count;
    char names[IKE_PSK_PEERS][IKE_PSK_PEER_SIZE];
} ike_psk_peers;

/* Adds an identity or address, quotes taken off. What stands for any peer (%any, *, a subnet) is
 * left out: a secret is tried for every peer, after those that are named. */
void ike_psk_peers_add(ike_psk_peers *peers, ike_text name);

/* Takes the value that `text` begins with: between quotes, 0x and hex, 0s and base64, or a word.
 * `whole_line`: without quotes it goes on to the end of the line. NULL, or why it cannot be used.
 */
const char *ike_psk_use(ike_keylog *log, ike_peer_kind kind, const ike_psk_peers *peers,
                        ike_text text, bool whole_line);

#endif
