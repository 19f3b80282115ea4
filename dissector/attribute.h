/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ISAKMP data attributes (RFC 2408 3.3), as all versions use them: two octets of type with the AF
 * bit, then either two octets of value or two of length and the value. */
#ifndef IKE_ATTRIBUTE_H
#define IKE_ATTRIBUTE_H

#include "ike.h"

/* Dissects the value of one attribute; `value` holds the value alone (2 octets for TV). */
typedef void ike_attribute_fn(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                              uint16_t type);

/* What is known of one attribute: a field of the value's own type, a function, or both (the
 * function then runs after the field was shown). With neither only the octets are shown. */
typedef struct {
    uint16_t type;
    const int *hf;
    ike_attribute_fn *dissect;
} ike_attribute_row;

/* A family of attributes: where its fields are and which it knows. */
typedef struct {
    const char *label; /* "Transform Attribute" */
    const int *hf, *format, *type, *length, *value;
    int *ett;
    const char *(*name)(const ike_packet *pkt, uint16_t type); /* NULL when unknown */
    const ike_attribute_row *rows;
    unsigned count;
    ike_attribute_fn *other; /* for attributes without a row; may be NULL */
    bool empty_is_fine;      /* requests of CP and mode config carry no values */
} ike_attribute_family;

/* The names of the AF bit, for the format fields. */
extern const true_false_string ike_attribute_format;

/* Dissects attributes from `offset` of `tvb` to its end. */
void ike_dissect_attributes(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                            const ike_attribute_family *family);

/* Steps through attributes: tells the type and the value as a number (saturated; 0 when it is empty
 * or cut) of the one at *offset, and moves *offset behind it. false at the end. */
bool ike_attribute_next(tvbuff_t *tvb, unsigned *offset, uint16_t *type, uint32_t *number);

/* The value of the attribute `type` among those from `offset` on as a number (TV, or TLV of up to
 * four octets; saturated above); `otherwise` when it is absent. */
uint32_t ike_attribute_number(tvbuff_t *tvb, unsigned offset, uint16_t type, uint32_t otherwise);

/* The octets that a field of fixed size takes; 0 for a field that takes any number. */
unsigned ike_fixed_length(int hf);

#endif
