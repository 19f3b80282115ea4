/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify of both versions: the payload and the values in its data. The data of each type belongs to
 * ikev1/notify.c and the families in ikev2/notify/. */
#ifndef IKE_NOTIFICATION_H
#define IKE_NOTIFICATION_H

#include "dissector/base/value_row.h"

/* What differs between the versions. */
typedef struct {
    ike_registry registry; /* of its notification types */
    uint16_t first_private;
    const int *protocol, *spi_size, *type; /* its fields; AuthIP has flags for the SPI size */
    bool has_spi;
    /* How the data of a type is dissected; NULL: bytes, or text. */
    const ike_value_row *(*row_of)(const ike_packet *pkt, uint16_t type, uint8_t protocol);
} ike_notification;

/* Dissects and records a notification whose Protocol ID is at `offset` of `body`. */
void ike_dissect_notification(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                              proto_item *item, const ike_notification *version);

/* Whether `data` has `least` bytes or more; warns at `item` if not, or if it has more than `most`.
 */
bool ike_notify_expect(ike_packet *pkt, tvbuff_t *data, proto_item *item, unsigned least,
                       unsigned most);

/* Adds the data of a notification by the fields of `row`; warns at `item` of a wrong length. */
void ike_notify_add_value(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                          const ike_value_row *row);

void ike_register_notification(void);

#endif
