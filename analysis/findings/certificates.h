/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the certificates and certificate requests of a side tell; the files of findings/ only. */
#ifndef IKE_FINDINGS_CERTIFICATES_H
#define IKE_FINDINGS_CERTIFICATES_H

#include "analysis/findings/emit.h"

/* Validity (RFC 5280 4.1.2.5) at a time of the capture; false for NULL. */
bool ike_is_out_of_date(const ike_recorded_certificate *certificate, uint64_t now_ns);

/* Appends "expired on 2021-01-01", "is not valid before 2035-01-01" to the text of a finding, and
 * the date and the validity to its two values. */
void ike_put_validity_fault(ike_draft *draft, const ike_recorded_certificate *certificate,
                            uint64_t now_ns);
/* An RSA key shorter than that (NIST SP 800-131A); false for NULL, other keys and unknown sizes. */
enum { IKE_LEAST_RSA_BITS = 2048 };
bool ike_has_short_rsa_key(const ike_recorded_certificate *certificate);
/* Appends "is revoked since 2021-01-01 (key compromise)", as a CRL or OCSP response says, to the
 * text of a finding, and which of the two says so to its values. */
void ike_put_revocation(ike_draft *draft, const ike_revocation *revocation);
/* Subject and subjectAltNames, quoted. */
void ike_append_names(GString *out, const ike_recorded_certificate *certificate);

/* False when both sides name authorities (RFC 7296 3.7, RFC 2408 3.10) and none of them is the
 * same. */
bool ike_have_common_authority(const ike_party *a, const ike_party *b);
/* "CA 0a1b2c3d", the first bytes of the hash of its public key; in IKEv1 its name. */
void ike_append_authorities(GString *out, const ike_recorded_authorities *authorities);

/* The issuer of the last certificate of the chain that a side sent; NULL without one. */
const char *ike_top_issuer(const ike_party *party);
/* Whether a side names an issuer among the authorities that it asks for (IKEv1), or sent a
 * certificate of that issuer. */
bool ike_knows_issuer(const ike_party *party, const char *issuer);

/* A sentence about the certificate of a side and its issuers, as far as they were sent. */
void ike_add_certificate(GString *detail, const ike_party *party);

#endif
