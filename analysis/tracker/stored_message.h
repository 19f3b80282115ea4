/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be kept of a message until the other half of its exchange is seen. */
#ifndef IKE_ANALYSIS_FACTS_H
#define IKE_ANALYSIS_FACTS_H

#include "analysis/tracker/proposal_list.h"

typedef struct {
    uint16_t type;
    uint8_t protocol;
    uint8_t spi_octets;
    uint32_t spi;    /* a 4-octet SPI */
    uint16_t value;  /* the first two octets of its data: the group of INVALID_KE_PAYLOAD */
    uint16_t octets; /* of data */
} ike_kept_notify;

typedef struct ike_facts {
    const ike_offer *offer; /* NULL: no SA payload */
    ike_verdict *verdict;
    uint64_t ike_spi;                   /* 8-octet SPI of the first proposal */
    uint32_t spi;                       /* 4-octet SPI of the first proposal */
    uint32_t life_seconds, life_kbytes; /* IKEv1: of the first transform */
    uint16_t ke_group;
    uint32_t ke_octets, nonce_octets;
    uint8_t auth_method, eap_code, eap_type;
    uint8_t config_type; /* as in ike_message */
    bool has_id[2];
    bool has_auth;
    uint8_t ts_initiator_count, ts_responder_count;
    const ike_selector *ts_initiator, *ts_responder; /* kept by the tracker */
    uint16_t notify_count;
    ike_kept_notify notifies[];
} ike_facts;

ike_facts *ike_facts_new(ike_tracker *tracker, const ike_message *m, ike_verdict *verdict);
void ike_facts_free(ike_facts *facts); /* NULL is fine */

/* The first notify of a type, or NULL. NULL facts have none. */
const ike_kept_notify *ike_facts_notify(const ike_facts *facts, uint16_t type);

/* The first error notify, or NULL. */
const ike_kept_notify *ike_facts_error(const ike_facts *facts, uint8_t major);

#endif
