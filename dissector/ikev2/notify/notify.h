/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data of IKEv2: a type that has data of its own is a row in one of the tables. */
#ifndef IKE_NOTIFY_H
#define IKE_NOTIFY_H

#include "dissector/base/packet.h"

#include "registry/private.h"

/* Dissects the data of one notification; `data` holds the data alone and is not empty. `item` is
 * the field with the raw bytes. */
typedef void ikev2_notify_fn(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                             uint16_t type);

/* Either a field that takes all of the data, or a function. A field of fixed size (a number, an
 * address) has its length checked. */
typedef struct {
    uint16_t type;
    const int *hf;
    ikev2_notify_fn *dissect;
} ikev2_notify_row;

/* Adds the rows of a file; called from that file's register function. The rows stay the caller's.
 */
void ikev2_notify_add_rows(const ikev2_notify_row *rows, unsigned count);

/* The same for numbers of the private-use range: they count where the number goes by the name that
 * `vendor` gives it (vendor.h). A number may have a row for each vendor. */
void ikev2_notify_add_private(ike_vendor vendor, const ikev2_notify_row *rows, unsigned count);

/* Whether there are `least` bytes of data; says so at `item` where there are not, or where there
 * are more than `most`. */
bool ikev2_notify_expect(ike_packet *pkt, tvbuff_t *data, proto_item *item, unsigned least,
                         unsigned most);

/* Fields that lie one after the other. */
typedef struct {
    const int *hf;
    uint8_t bytes; /* 0: the rest, which may be empty; only for the last */
} ikev2_notify_part;

/* Shows the parts as far as the data goes and says where it has not their length. */
void ikev2_notify_show_parts(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                             const ikev2_notify_part *parts, unsigned count);

/* Shows data that is a list of values of two bytes. */
void ikev2_notify_show_list(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                            int hf);

/* Adds the Notify payload to those of IKEv2. */
void ikev2_register_notify(void);

#endif
