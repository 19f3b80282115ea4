/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pluto sends again. Older ones dump it as any message; libreswan 5 says no more than
 *
 *     "c" #1: IKE_SA_INIT_I: retransmission; will wait 0.5 seconds for response
 */
#ifndef LOG2PCAP_PLUTO_SENT_H
#define LOG2PCAP_PLUTO_SENT_H

#include "tools/log2pcap/readers.h"

typedef struct pluto_sent pluto_sent;

pluto_sent *pluto_sent_new(void);
void pluto_sent_free(pluto_sent *sent);

/* The number of the state that a line is about: "#1"; 0 where there is none. */
uint32_t pluto_state_number(ike_text line);

/* A message that was sent for a state: what it sends again, with the fragments before it. */
void pluto_sent_record(pluto_sent *sent, uint32_t state, const log_message *message);

/* The line that is read now says that a state sends again. Its messages are added when no dump of
 * them follows. */
void pluto_sent_again(pluto_sent *sent, log_context *context, uint32_t state);

/* A dump begins, or the log ends: state 0. */
void pluto_sent_dump(pluto_sent *sent, log_context *context, uint32_t state, size_t size);

#endif
