/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether key exchange data can be a public value of its group at all (RFC 6989, RFC 8031 3). */
#ifndef IKE_PUBLIC_VALUE_H
#define IKE_PUBLIC_VALUE_H

#include "proto/ike_span.h"

/* What is wrong with `value` as the key exchange data of a group (RFC 6989), as a static text;
 * NULL: nothing, or the group cannot be checked. */
const char *ike_public_value_fault(uint16_t group, ike_span value);

/* Frees what the checks share. */
void ike_public_value_cleanup(void);

#endif
