/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of attributes and notifications: one row of a table describes how the value of a type is
 * dissected. */
#ifndef IKE_VALUE_ROW_H
#define IKE_VALUE_ROW_H

#include "dissector/base/packet.h"

#include "registry/names.h"

/* Dissects one value; `value` is that value and not empty. `item` is the item above it. */
typedef void ike_value_fn(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                          uint16_t type);

enum { IKE_MAX_FIELDS = 7 };

/* Fields one after the other, then a function; either may be missing. A number or an address takes
 * the bytes of its type, text and bytes take the rest. */
typedef struct {
    uint16_t type;
    const int *fields[IKE_MAX_FIELDS + 1]; /* NULL behind the last */
    ike_value_fn *dissect;
    ike_registry registry; /* has the names of a single number; IKE_REG_NONE: the field has */
    uint8_t optional;      /* how many of the last fields may be missing */
    bool repeated;         /* the fields come again until the value ends */
    bool by_length;        /* only one is there: the first that the value fits into */
    uint8_t least, most;   /* bytes of the value, where its fields take any number; 0: free */
} ike_value_row;

/* The bytes that a value of this row has: from *least to *most, which may be UINT_MAX. */
void ike_value_limits(const ike_value_row *row, unsigned *least, unsigned *most);

/* Whether it is one number, which attributes shorten to the bytes that they need. */
bool ike_value_is_number(const ike_value_row *row);

/* Adds the fields that are there from `offset` on, and an address with its mask to the label of
 * `item`, which may be NULL. Returns the offset behind the last. */
unsigned ike_add_fields(ike_packet *pkt, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
                        const int *const fields[], proto_item *item);

/* Adds the value by the fields of its row and to the label of `item`. Returns the offset behind
 * what was added. The function of the row is not called. */
unsigned ike_add_value(ike_packet *pkt, proto_tree *tree, tvbuff_t *value, const ike_value_row *row,
                       proto_item *item);

void ike_register_value_row(void);

#endif
