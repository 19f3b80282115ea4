/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CRL (RFC 5280 5) or an OCSP response (RFC 6960 4.2, RFC 4806) in a CERT payload says of a
 * certificate. Their signatures are not verified. */
#ifndef IKE_REVOCATION_H
#define IKE_REVOCATION_H

#include "proto/ike_message.h"

typedef struct {
    const char *source;  /* "CRL" or "OCSP", static; NULL: not said to be revoked */
    const char *reason;  /* "key compromise", static; NULL none given */
    uint64_t revoked_at; /* seconds since the epoch; 0 unknown */
} ike_revocation;

/* Looks for a certificate in the CRL or OCSP response that another CERT payload holds; false when
 * it is none of the two or does not revoke it. In time linear in the payload. */
bool ike_find_revocation(const ike_certificate *payload, const ike_x509 *certificate,
                         ike_revocation *found);

#endif
