/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that were sent in IKE fragments (RFC 7383, [MS-IKEE] 2.2.3.1), of which some never
 * arrive; the files of findings/ only. */
#ifndef IKE_FINDINGS_FRAGMENTS_H
#define IKE_FINDINGS_FRAGMENTS_H

#include "analysis/findings/emit.h"

enum { IKE_MAX_FRAGMENTS = 64 };

/* The newest message of one side of an exchange that was sent in fragments. */
typedef struct {
    const ike_message_record *first; /* the first fragment that was seen, NULL: none */
    uint64_t seen;                   /* bit n: fragment n + 1 */
    uint16_t total;                  /* how many there are; 0: the last one was never seen */
    uint32_t largest;                /* bytes of the largest message that carries one */
    uint32_t times;                  /* how often it was sent */
    bool complete;
} ike_fragments;

/* In constant time. */
ike_fragments ike_fragments_of(const ike_exchange *exchange, bool from_initiator);

/* "fragment 2 of 4", "fragments 2 and 3 of 4", "the last fragment" of those that are missing;
 * returns how many they are. */
unsigned ike_append_missing(GString *out, const ike_fragments *fragments);
/* "fragments 1, 3 and 4", those that arrive. */
void ike_append_arrived(GString *out, const ike_fragments *fragments);

/* What may have lost them: whether larger ones arrive. */
void ike_append_fragment_loss(GString *out, const ike_fragments *fragments);

/* "in 4 fragments of up to 508 bytes" */
void ike_append_fragments(GString *out, const ike_fragments *fragments);

#endif
