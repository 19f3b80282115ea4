/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be kept of a message until the other half of its exchange is seen. */
#ifndef IKE_STORED_MESSAGE_H
#define IKE_STORED_MESSAGE_H

#include "analysis/tracker/proposal_list.h"

typedef struct {
    uint16_t type;
    uint8_t protocol;
    uint8_t spi_bytes;
    uint32_t spi;   /* a 4-byte SPI */
    uint16_t value; /* the first two bytes of its data: the group of INVALID_KE_PAYLOAD */
    uint16_t bytes; /* of data */
} ike_kept_notify;

typedef struct ike_stored_message {
    const ike_proposal_list *proposals; /* NULL: no SA payload */
    ike_message_record *record;
    uint64_t ike_spi;                   /* 8-byte SPI of the first proposal */
    uint32_t spi;                       /* 4-byte SPI of the first proposal */
    uint32_t life_seconds, life_kbytes; /* IKEv1: of the first transform */
    uint16_t ke_group;
    uint32_t ke_bytes, nonce_bytes;
    uint8_t auth_method, eap_code, eap_type;
    uint8_t config_type; /* as in ike_message */
    bool has_id[2];
    bool has_auth;
    uint8_t ts_initiator_count, ts_responder_count;
    const ike_selector *ts_initiator, *ts_responder; /* kept by the tracker */
    uint16_t notify_count;
    ike_kept_notify notifies[];
} ike_stored_message;

ike_stored_message *ike_stored_message_new(ike_tracker *tracker, const ike_message *m,
                                           ike_message_record *record);
void ike_stored_message_free(ike_stored_message *inputs); /* NULL is fine */

/* The first notify of a type, or NULL. NULL facts have none. */
const ike_kept_notify *ike_stored_message_notify(const ike_stored_message *inputs, uint16_t type);

/* The first error notify, or NULL. */
const ike_kept_notify *ike_stored_message_error(const ike_stored_message *inputs, uint8_t major);

#endif
