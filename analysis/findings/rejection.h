/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why one side rejects the other: what the reasons have in common, those of certificates apart from
 * the others; the files of findings/ only. */
#ifndef IKE_FINDINGS_REJECTION_H
#define IKE_FINDINGS_REJECTION_H

#include "analysis/findings/emit.h"

/* A rejection in the making. */
typedef struct {
    const ike_tracker *tracker;
    ike_draft *draft;
    const ike_message_record *message; /* that rejects */
    const ike_sa *sa;
    const ike_party *rejected, *rejecting;
    bool of_initiator;  /* the initiator is rejected */
    const char *method; /* with which it authenticates itself, NULL not known */
    bool *is_complete;  /* set where the reason is a clause of its own */
} ike_rejection;

/* rejected_certificate.c */
/* Appends a sentence to the detail. */
void ike_reject_add(const ike_rejection *r, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Puts into `requested` how the rejected side authenticates itself, and whom it asks for. */
void ike_reject_put_method(const ike_rejection *r);

/* Reasons in the certificate or the signature. Each appends the clause that
 * names it, fills in both values and the detail; false: that is not it. */
bool ike_reject_dates(const ike_rejection *r);
bool ike_reject_revocation(const ike_rejection *r);
bool ike_reject_name(const ike_rejection *r);
bool ike_reject_authorities(const ike_rejection *r);
bool ike_reject_issuer(const ike_rejection *r);
bool ike_reject_self_signed(const ike_rejection *r);
bool ike_reject_other_issuer(const ike_rejection *r);
bool ike_reject_short_key(const ike_rejection *r);
bool ike_reject_key_usage(const ike_rejection *r);
bool ike_reject_no_certificate(const ike_rejection *r);
bool ike_reject_signature(const ike_rejection *r);
bool ike_reject_few_hashes(const ike_rejection *r);
/* What else may be wrong with a certificate whose names and dates are right. */
void ike_reject_add_certificate_reasons(const ike_rejection *r, bool verified);

#endif
