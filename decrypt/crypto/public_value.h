/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether key exchange data can be a public value of its group at all (RFC 6989, RFC 8031 3). */
#ifndef IKE_PUBLIC_VALUE_H
#define IKE_PUBLIC_VALUE_H

#include "decrypt/decrypt.h" /* ike_public_value_fault() */

/* Frees what the checks share. */
void ike_public_value_cleanup(void);

#endif
