/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions common to the payloads of G-IKEv2 (RFC 9838). */
#ifndef IKE_GIKEV2_H
#define IKE_GIKEV2_H

#include "dissector/base/payload_chain.h"

enum { GIKEV2_WHOLE_GROUP = 0, GIKEV2_AH = 2, GIKEV2_ESP = 3, GIKEV2_UPDATE = 6 };

/* Dissects what a policy or key bag has after its header and SPI: from `offset` of `part`, which
 * holds all of it. */
typedef void gikev2_part_fn(ike_packet *pkt, tvbuff_t *part, unsigned offset, proto_tree *tree,
                            uint8_t protocol);

/* A payload that is a row of policies or of key bags, what each is called, and what is in it. */
typedef struct {
    const char *of_sa, *of_group;
    gikev2_part_fn *dissect;
} gikev2_parts;

/* The SPI of a part, `offset` as given to its function. */
ike_span gikev2_spi(tvbuff_t *part, unsigned offset);

/* Walks the parts of a GSA or KD payload. They are not recorded as what the message negotiates:
 * they are about other SAs (group_record.h). */
void gikev2_dissect_parts(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                          const gikev2_parts *parts);

ike_payload_fn gikev2_dissect_idg;

void gikev2_register(void);

#endif
