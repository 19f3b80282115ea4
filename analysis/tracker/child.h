/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the tracker makes and changes Child SAs; its own files only. */
#ifndef IKE_CHILD_H
#define IKE_CHILD_H

#include "analysis/tracker/content.h"

void ike_children_init(ike_tracker *tracker);
void ike_children_free(ike_tracker *tracker);
void ike_flows_init(ike_tracker *tracker); /* child_esp.c */
void ike_flows_free(ike_tracker *tracker);

ike_child *ike_child_add(ike_tracker *tracker, ike_exchange *exchange, uint8_t protocol);
/* Takes a Child SA, or all, from the IKE SA. */
void ike_child_withdraw(ike_tracker *tracker, ike_child *child);
void ike_children_withdraw(ike_tracker *tracker, ike_sa *sa);
void ike_child_record_request(ike_tracker *tracker, ike_child *child, ike_message_record *request,
                              bool by_initiator);
void ike_child_record_response(ike_tracker *tracker, ike_child *child, ike_message_record *response,
                               bool by_initiator);
void ike_child_record_refusal(ike_child *child, const ike_message_record *record, uint16_t type);
/* IKEv1: the IPsec SA with the same networks that `child` replaces or, where it was captured later,
 * that replaces it; NULL none. */
ike_child *ike_child_replace_networks(ike_tracker *tracker, ike_child *child);
/* Which of two was requested first. */
bool ike_child_began_before(const ike_child *child, const ike_child *other);
/* The newest Child SA of an IKE SA that is requested and not answered, or NULL. */
ike_child *ike_child_newest_requested(const ike_sa *sa);
/* The Delete payloads of a verified message (RFC 7296 1.4.1, RFC 2408 3.15). */
void ike_record_deletes(ike_tracker *tracker, ike_message_record *record, const ike_message *m);

/* child_esp.c */

/* The newest Child SA whose inbound SPI of one side it is, in the IKE SA or those before and after
 * it by rekeying; NULL none. */
ike_child *ike_child_find(const ike_tracker *tracker, const ike_sa *sa, bool of_initiator,
                          uint32_t spi);
void ike_child_index_spi(ike_tracker *tracker, ike_child *child, bool of_initiator, uint32_t spi,
                         bool companion);

/* The flows of a Child SA belong to none. */
void ike_flows_release(ike_tracker *tracker, ike_child *child);

#endif
