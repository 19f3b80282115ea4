/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DER (X.690) as far as labels need it: what an object is called, whose certificate it is. The
 * trees are made by Wireshark's dissectors. */
#ifndef IKE_DER_NAMES_H
#define IKE_DER_NAMES_H

#include "dissector/base/packet.h"

/* Reads the tag and length at `offset`. Returns the offset of the contents, 0 if the element
 * exceeds `tvb`. */
unsigned ike_der_header(tvbuff_t *tvb, unsigned offset, uint8_t *tag, unsigned *length);

/* The elements of the SEQUENCE at the start of `tvb`; 0 if there is none. */
unsigned ike_der_count(tvbuff_t *tvb);

/* "id-at-commonName=a,id-at-countryName=CH": the Name (RFC 5280 4.1.2.4) at `offset`, without
 * control characters; NULL if there is none. In the packet's memory, like the two below. */
const char *ike_der_name(wmem_allocator_t *pool, tvbuff_t *tvb, unsigned offset);

/* The subject of the certificate that `tvb` holds; NULL if there is none. */
const char *ike_der_subject(wmem_allocator_t *pool, tvbuff_t *tvb);

/* The name of the object identifier that `tvb` begins with, in SEQUENCEs or not; NULL if it begins
 * with something else. */
const char *ike_der_first_oid(wmem_allocator_t *pool, tvbuff_t *tvb);

#endif
