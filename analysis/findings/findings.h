/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of findings, and how analysis adds one. */
#ifndef IKE_ANALYSIS_FINDINGS_H
#define IKE_ANALYSIS_FINDINGS_H

#include <glib.h>

#include "analysis/tracker/tracker.h"

struct ike_stored_message;

/* Rows of the table in findings.c, in its order. */
typedef enum {
    /* negotiation failures */
    IKE_F_NO_PROPOSAL_CHOSEN,
    IKE_F_INVALID_KE_RETRY,
    IKE_F_INVALID_KE,
    IKE_F_AUTHENTICATION_FAILED,
    IKE_F_PSK_MISMATCH,
    IKE_F_CERTIFICATE_REJECTED,
    IKE_F_CERTIFICATE_EXPIRED,
    IKE_F_TS_UNACCEPTABLE,
    IKE_F_TS_NARROWED,
    IKE_F_SINGLE_PAIR_REQUIRED,
    IKE_F_FAILED_CP_REQUIRED,
    IKE_F_ADDRESS_FAILURE,
    IKE_F_NO_ADDITIONAL_SAS,
    IKE_F_CHILD_SA_NOT_FOUND,
    IKE_F_TEMPORARY_FAILURE,
    IKE_F_FAILURE_PERSISTED,
    IKE_F_PEER_RESTARTED,
    IKE_F_UNSUPPORTED_CRITICAL,
    IKE_F_REDIRECT,
    IKE_F_VERSION_MISMATCH,
    IKE_F_INVALID_ID,
    IKE_F_INVALID_HASH,
    IKE_F_LIFETIME_DIFFERS,
    IKE_F_XAUTH_FAILED,
    IKE_F_EAP_FAILED,
    IKE_F_ERROR_NOTIFY,
    IKE_F_UNKNOWN_FAILURE,
    /* silence */
    IKE_F_NO_RESPONSE,
    IKE_F_MTU,
    IKE_F_PORT_4500,
    IKE_F_ANSWERS_LOST,
    IKE_F_DPD_UNANSWERED,
    IKE_F_HALF_OPEN_FLOOD,
    IKE_F_RETRANSMISSION,
    /* protocol faults */
    IKE_F_RESERVED_SPI,
    IKE_F_WRONG_FLAGS,
    IKE_F_MESSAGE_ID_GAP,
    IKE_F_WINDOW,
    IKE_F_MESSAGE_CHANGED,
    IKE_F_CHOSE_NOT_OFFERED,
    IKE_F_DUPLICATE_TRANSFORM,
    IKE_F_KE_LENGTH,
    IKE_F_NONCE_SHORT,
    IKE_F_SIMULTANEOUS_REKEY,
    IKE_F_CHILD_NEVER_DELETED,
    IKE_F_FIRST_ESP_MISSING,
    IKE_F_MALFORMED,
    IKE_F_UNKNOWN_ESP,
    /* security */
    IKE_F_WEAK_CIPHER,
    IKE_F_WEAK_HASH,
    IKE_F_WEAK_GROUP,
    IKE_F_SHA1_SIGNATURE,
    IKE_F_IKEV1,
    IKE_F_AGGRESSIVE_PSK,
    IKE_F_NULL_ENCRYPTION,
    IKE_F_NULL_AUTHENTICATION,
    IKE_F_SMALL_RSA_KEY,
    IKE_F_NO_PFS,
    IKE_F_IDENTITY_EXPOSED,
    IKE_F_NO_POST_QUANTUM,
    IKE_F_OPEN_RESPONDER,
    IKE_F_KINDS
} ike_f;

/* Adds a finding to a message. The result can be refined (code, certainty, child) by the caller;
 * NULL when the IKE SA has its fill of findings. */
ike_finding *ike_find(ike_tracker *tracker, ike_message_record *record, ike_f kind,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same, unless the IKE SA has one of this kind. */
ike_finding *ike_find_once(ike_tracker *tracker, ike_message_record *record, ike_f kind,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The first finding of a kind in an IKE SA, or NULL. */
ike_finding *ike_found(const ike_sa *sa, ike_f kind);

/* Adds one to those of the end; only within ike_find_late(). */
ike_finding *ike_find_at_end(ike_tracker *tracker, ike_message_record *record, ike_f kind,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Findings that only the end tells, of one IKE SA; made anew when anything changed since the last
 * call. By ->next_of_sa. */
const ike_finding *ike_late_findings(ike_tracker *tracker, ike_sa *sa);

/* The sentence of a finding of which every CHILD_SA may have one: not worth keeping each. The
 * caller frees it; NULL: it is no such finding. */
GString *ike_finding_passing_text(const ike_finding *finding);

/* Makes `text` what is to be read: up to date in what it says about later messages, and kept. */
void ike_finding_refresh(ike_tracker *tracker, const ike_finding *finding);

/* The sentence of a failure whose text depends on what comes later; NULL when it stands as it is.
 */
GString *ike_failure_text(ike_tracker *tracker, const ike_finding *finding);

/* The sentence that the finding's CHILD_SA has no key exchange of its own. */
GString *ike_no_pfs_text(const ike_finding *finding);

/* ---- the rooms: each looks at what it is named after ------------------------------------------
 */

/* The error notifies and failures of one opened message (findings_failures.c). */
void ike_find_failures(ike_tracker *tracker, ike_message_record *record, const ike_message *m);
/* Sealed messages that can only be an error (findings_failures.c). */
void ike_find_encrypted_failures(ike_tracker *tracker, ike_message_record *record,
                                 const ike_message *m);
/* A group that the responder did not want (findings_failures.c). */
void ike_find_invalid_ke(ike_tracker *tracker, ike_exchange *exchange);
/* The response chose what was not offered (findings_protocol.c). */
void ike_check_choice(ike_tracker *tracker, const struct ike_stored_message *request,
                      const struct ike_stored_message *response);
/* A CHILD_SA that was just agreed on: choice, narrowing, PFS. `request` may be NULL. */
void ike_check_child(ike_tracker *tracker, ike_child *child,
                     const struct ike_stored_message *request,
                     const struct ike_stored_message *response);
/* Header and message faults (findings_protocol.c). */
void ike_find_faults(ike_tracker *tracker, ike_message_record *record, const ike_message *m);
/* Algorithms and identities (findings_security.c). */
void ike_find_weak_message(ike_tracker *tracker, ike_message_record *record, const ike_message *m);
void ike_find_weak_suite(ike_tracker *tracker, ike_message_record *record,
                         const ike_negotiated *negotiated);
/* The end (findings_silence.c). */
void ike_find_late(ike_tracker *tracker, ike_sa *sa);

#endif
