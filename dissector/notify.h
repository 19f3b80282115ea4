/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data of IKEv2: a type that has data of its own is a row in one of the tables. */
#ifndef IKE_NOTIFY_H
#define IKE_NOTIFY_H

#include "ike.h"

/* Dissects the data of one notification; `data` holds the data alone and is not empty. `item` is
 * the field with the raw octets. */
typedef void ikev2_notify_fn(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                             uint16_t type);

/* Either a field that takes all of the data, or a function. */
typedef struct {
    uint16_t type;
    const int *hf;
    ikev2_notify_fn *dissect;
} ikev2_notify_row;

#define IKEV2_NOTIFY_TABLES_MAX 8

/* Adds the rows of a file; called from that file's register function. The rows stay the caller's.
 */
void ikev2_notify_add_rows(const ikev2_notify_row *rows, unsigned count);

#endif
