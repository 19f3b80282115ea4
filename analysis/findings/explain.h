/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind the error notifies: each function fills in a draft whose kind, code and
 * message are set; the files of findings/ only. */
#ifndef IKE_EXPLAIN_H
#define IKE_EXPLAIN_H

#include "analysis/findings/emit.h"

void ike_explain_no_proposal(const ike_tracker *tracker, ike_draft *draft); /* proposals.c */
void ike_explain_invalid_ke(const ike_tracker *tracker, ike_draft *draft);  /* proposals.c */
void ike_explain_authentication(const ike_tracker *tracker,
                                ike_draft *draft);                          /* authentication.c */
void ike_explain_eap(const ike_tracker *tracker, ike_draft *draft);         /* eap.c */
void ike_explain_eap_refused(const ike_tracker *tracker, ike_draft *draft); /* eap.c */
void ike_explain_syntax(const ike_tracker *tracker, ike_draft *draft);      /* syntax.c */
void ike_explain_selectors(const ike_tracker *tracker, ike_draft *draft);   /* selectors.c */

/* refusals.c */
void ike_explain_address_failure(const ike_tracker *tracker, ike_draft *draft);
void ike_explain_no_additional_sas(const ike_tracker *tracker, ike_draft *draft);
void ike_explain_child_not_found(const ike_tracker *tracker, ike_draft *draft);
void ike_explain_invalid_spi(const ike_tracker *tracker, ike_draft *draft);
void ike_explain_temporary_failure(const ike_tracker *tracker, ike_draft *draft);
/* An error that no row of errors.c explains: by what its registry says, and the text in it. */
void ike_explain_private(ike_draft *draft, uint16_t type);

/* The request that follows INVALID_KE_PAYLOAD with the group that the responder wants, and the IKE
 * SA when it is another one; NULL none. */
const ike_message_record *ike_next_attempt(const ike_exchange *exchange, const ike_sa **retried);

/* Whether the initiator does not retry with the group that the responder wants: no_response.c. */
bool ike_gave_up_group(const ike_tracker *tracker, const ike_sa *sa);

/* The Child SA that an exchange requests, with EAP in an IKE_AUTH exchange before it; or NULL:
 * selectors.c. */
const ike_child *ike_requested_child(const ike_exchange *exchange);

/* errors.c */
/* The findings about the error notifies, EAP failures and redirects in a message. */
void ike_find_errors(ike_sink *sink, const ike_message_record *record);
/* An error in clear of IKEv1 phase 1 that the silence after it supports. */
bool ike_find_refused_in_clear(ike_sink *sink, const ike_sa *sa);
/* The one of them that ended the IKE SA, or refused the Child SA. */
void ike_find_failure(ike_sink *sink, const ike_message_record *record, uint16_t type,
                      const ike_child *child);

/* Whether it is known, or the end of the capture, that nothing follows `last`: stops.c. */
bool ike_may_stop(const ike_sink *sink, const ike_message_record *last);
/* A finding about an initiator that does not go on after `last`, which `what` names, and why that
 * may be: stops.c. */
ike_draft ike_stop_draft(const ike_sink *sink, const ike_message_record *last, const char *what,
                         const char *why);

/* XAUTH-STATUS says that the user is not let in: xauth.c. */
void ike_emit_xauth_failure(ike_sink *sink, const ike_message_record *record);

/* message_faults.c, weak.c, child_findings.c: of one message */
void ike_find_faults(ike_sink *sink, const ike_message_record *record);
/* "KE of 0 bytes, Curve25519 has 32", where a KE payload has an invalid length. */
bool ike_append_ke_length(GString *out, const ike_message_record *record);
/* configuration.c: inner addresses, transport mode, lifetimes of authentication */
void ike_find_configuration(ike_sink *sink, const ike_message_record *record);
/* IKEv2: transport mode was requested, and the response chose tunnel mode. */
bool ike_is_transport_declined(const ike_child *child);
void ike_find_weak_message(ike_sink *sink, const ike_message_record *record);
/* weak_certificates.c */
void ike_find_weak_certificates(ike_sink *sink, const ike_message_record *record);
void ike_find_weak_suite(ike_sink *sink, const ike_message_record *record,
                         const ike_negotiated *negotiated, const ike_child *child);
void ike_find_choice(ike_sink *sink, const ike_message_record *request,
                     const ike_message_record *response);
void ike_find_of_child(ike_sink *sink, const ike_child *child);
void ike_find_esp(ike_sink *sink, const ike_child *child); /* esp.c: of an established one */

/* Hypotheses about an IKE SA that did not come up or stopped: each passes on at most one finding
 * and returns whether it did. */
bool ike_find_encrypted_failure(ike_sink *sink, const ike_sa *sa); /* encrypted.c */
bool ike_find_no_response(ike_sink *sink, const ike_sa *sa);       /* no_response.c */
bool ike_find_empty_auth(ike_sink *sink, const ike_sa *sa);        /* payload_rules.c */
bool ike_find_phase1(ike_sink *sink, const ike_sa *sa);            /* phase1.c */
bool ike_find_dropped(ike_sink *sink, const ike_sa *sa);           /* dropped.c */
bool ike_find_xauth(ike_sink *sink, const ike_sa *sa);             /* xauth.c */
bool ike_find_stops(ike_sink *sink, const ike_sa *sa);             /* stops.c */
bool ike_find_dpd(ike_sink *sink, const ike_sa *sa);               /* dpd.c */
bool ike_find_restart(ike_sink *sink, const ike_sa *sa);           /* dpd.c */

/* The peer goes on sending other messages or ESP while it does not answer this request: dpd.c. */
bool ike_is_heard_after(const ike_message_record *request);
/* Of one side there is no message at all, and the other goes on from request to request, which the
 * capture lacks the responses to, or responds to requests that it lacks. */
bool ike_lacks_side(const ike_sa *sa, bool of_initiator);

/* Why a request has no response, and what lost a response that was sent: no_response.c. */
bool ike_has_no_response(const ike_message_record *request, bool first);
void ike_find_unanswered(ike_sink *sink, const ike_message_record *request, const ike_child *child);
bool ike_find_response_lost(ike_sink *sink, const ike_message_record *request,
                            const ike_message_record *response, uint32_t after,
                            const ike_child *child);

/* Remarks about an IKE SA beside its cause. */
void ike_find_half_open(ike_sink *sink, const ike_sa *sa);   /* scan.c */
void ike_find_unknown_esp(ike_sink *sink, const ike_sa *sa); /* scan.c */

/* changes.c: new mappings of a NAT, rates, identities that come and go */
void ike_find_changes(ike_sink *sink, const ike_sa *sa);
void ike_find_child_changes(ike_sink *sink, const ike_child *child);

/* A CREATE_CHILD_SA response that is not decrypted and has room for an error only: encrypted.c. */
void ike_find_encrypted_refusal(ike_sink *sink, const ike_message_record *record);
bool ike_find_last_refusal(ike_sink *sink, const ike_sa *sa);

enum { IKE_MTU_BYTES = 1200 }; /* messages up to that size pass nearly everywhere */

/* The ICMP errors about a request; NULL none, or a single one, which may be forged, though the
 * request was sent again: icmp.c. */
const ike_icmp_record *ike_icmp_about(const ike_message_record *request);
/* What they say why it has no response; false without them. */
bool ike_explain_icmp(ike_draft *draft, const ike_message_record *request);
/* In the detail, the single one that explains nothing. */
void ike_mention_icmp(ike_draft *draft, const ike_message_record *request);

/* A response that came late: no_response.c. */
void ike_find_late_response(ike_sink *sink, const ike_message_record *record);

/* A Child SA that is requested and not answered, or refused in a message that was not decrypted. */
bool ike_find_child_cause(ike_sink *sink, const ike_child *child); /* child_findings.c */
/* It was refused because of what the peer did itself, and came up later, or the Child SA that it
 * was to replace goes on. */
bool ike_child_gave_way(const ike_tracker *tracker, const ike_child *child);

/* The bytes that the payloads inside an encrypted message have at most, by the lengths of IV,
 * padding and ICV of the negotiated algorithms: plaintext_length.c. */
uint32_t ike_plaintext_max(const ike_message_record *record);
/* The bytes of an AUTH payload that a PRF makes (RFC 7296 2.15, 2.16). */
uint32_t ike_shared_key_auth_bytes(const ike_negotiated *negotiated);

#endif
