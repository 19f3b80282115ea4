/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Converts the parsed message to the structures of decrypt/. */
#ifndef IKE_KEY_INPUTS_H
#define IKE_KEY_INPUTS_H

#include "dissector/session/session.h"

/* Translates what was noted of the message. The result borrows from the packet. */
void ike_key_inputs_of_message(const ike_packet *pkt, const ike_sa *sa, ike_key_inputs *inputs);

#endif
