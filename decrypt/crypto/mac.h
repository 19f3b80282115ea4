/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One keyed message authentication code: the integrity algorithms, and the ground of the PRFs. */
#ifndef IKE_MAC_H
#define IKE_MAC_H

#include "decrypt/crypto/algorithm.h"
#include "decrypt/crypto/status.h"
#include "proto/ike_span.h"

typedef struct ike_mac ike_mac;

/* The integrity algorithm of a row with its key, copied. NULL on error, the reason in *status
 * (IKE_ERR_KEY_LENGTH: not integ->key_length bytes). The caller frees it. */
ike_mac *ike_mac_new(const ike_integ *integ, ike_span key, ike_status *status);

/* A construction at its full output length: HMAC with any key, XCBC and CMAC with 16 bytes.
 * `digest` is OpenSSL's name for HMAC, else ignored. */
ike_mac *ike_mac_new_full(ike_mac_kind kind, const char *digest, ike_span key, ike_status *status);

/* Wipes and frees; NULL is fine. */
void ike_mac_free(ike_mac *mac);

/* Bytes that ike_mac_compute writes: integ->icv_length, or the full output. */
size_t ike_mac_length(const ike_mac *mac);

/* The MAC over all parts in order, truncated to ike_mac_length(). IKE_ERR_ARGUMENT for rows that
 * check nothing and for GMAC, whose IV is the sender's choice. */
ike_status ike_mac_compute(ike_mac *mac, const ike_span *parts, size_t count, uint8_t *out);

/* Compares in constant time. GMAC: `icv` is IV and tag (RFC 4543 4). Rows that check nothing accept
 * any `icv` of their length. IKE_OK, IKE_ERR_ICV, IKE_ERR_ICV_LENGTH. */
ike_status ike_mac_verify(ike_mac *mac, const ike_span *parts, size_t count, ike_span icv);

#endif
