/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SPIs that the proposals of a request bring: which of them counts is known by the answer,
 * which names the number of the proposal it chose (RFC 7296 3.3.1, RFC 2408 4.2). */
#ifndef IKE_PROPOSED_SPIS_H
#define IKE_PROPOSED_SPIS_H

#include "decrypt/message.h"

enum { IKE_MAX_PROPOSALS = 16 };

typedef struct {
    ike_proposal_spi list[IKE_MAX_PROPOSALS];
    unsigned count;
} ike_proposed_spis;

/* Stores those of a request. */
void ike_proposed_spis_set(ike_proposed_spis *spis, const ike_key_inputs *request);

/* The SPI of the proposal with this number and protocol; of the first with this protocol, when the
 * answer is numbered otherwise; 0 when there is none. */
uint64_t ike_proposed_spis_find(const ike_proposed_spis *spis, uint8_t number, uint8_t protocol);

#endif
