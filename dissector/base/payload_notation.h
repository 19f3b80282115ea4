/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message in the notation of RFC 7296 1.2: which payloads it has, in one line. */
#ifndef IKE_PAYLOAD_NOTATION_H
#define IKE_PAYLOAD_NOTATION_H

#include "dissector/base/packet.h"

/* Records that the chain has reached a payload of this type. */
void ike_record_payload(ike_packet *pkt, uint8_t type);

/* Ties the notification that is about to be recorded to the payload that is being dissected. */
void ike_record_payload_notify(ike_packet *pkt);

/* "[ IDi CERT AUTH SA TSi TSr N(MOBIKE) ]": the payloads of the message as far as they have been
 * dissected, those inside an encrypted payload instead of it. "[ SK ]" and "[ encrypted ]" (IKEv1)
 * when it was not decrypted, "[ SKF 2/3 ]" for a fragment. Lives as long as the packet. */
const char *ike_payload_notation(const ike_packet *pkt);

#endif
