/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of a message in the terms of decrypt/. */
#ifndef IKE_FACTS_H
#define IKE_FACTS_H

#include "dissector/session/session.h"

/* Translates what was noted of the message. The result borrows from the packet. */
void ike_facts_for_keys(const ike_packet *pkt, const ike_sa *sa, ike_key_facts *facts);

#endif
