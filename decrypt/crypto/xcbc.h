/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES-XCBC-MAC (RFC 3566), which OpenSSL has not. */
#ifndef IKE_XCBC_H
#define IKE_XCBC_H

#include "proto/ike_span.h"

typedef struct ike_xcbc ike_xcbc;

enum { IKE_XCBC_LENGTH = 16 }; /* of key and full output */

/* NULL when OpenSSL fails. The key, 16 bytes, is copied; the caller frees the result. */
ike_xcbc *ike_xcbc_new(const uint8_t key[IKE_XCBC_LENGTH]);

/* Wipes and frees; NULL is fine. */
void ike_xcbc_free(ike_xcbc *xcbc);

/* The full MAC over all parts in order. false when OpenSSL fails. */
bool ike_xcbc_compute(ike_xcbc *xcbc, const ike_span *parts, size_t count,
                      uint8_t out[IKE_XCBC_LENGTH]);

#endif
