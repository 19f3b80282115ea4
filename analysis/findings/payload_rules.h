/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which payloads a message must and must not have; the files of findings/ only. */
#ifndef IKE_PAYLOAD_RULES_H
#define IKE_PAYLOAD_RULES_H

#include "analysis/findings/emit.h"

/* Appends what is malformed, invalid, missing or forbidden in a message: "frame 3 lacks IDi".
 * Appends nothing and returns false when nothing is, or its content is not known. */
bool ike_append_payload_fault(GString *out, const ike_message_record *record);

/* The message that an error is about: the request, in IKEv1 the last message of the other side
 * before it; NULL not in the capture. */
const ike_message_record *ike_message_complained_about(const ike_message_record *error);

/* Appends "TSi" or "payload type 99". */
void ike_append_payload_name(GString *out, uint8_t major, uint8_t type);

/* Findings about responses that lack what they must have, or have what they must not. */
void ike_find_payload_faults(ike_sink *sink, const ike_message_record *record);

#endif
