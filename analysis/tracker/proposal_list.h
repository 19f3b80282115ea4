/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proposal lists as they were sent, kept once for all messages that sent the same, and compared. */
#ifndef IKE_ANALYSIS_OFFER_H
#define IKE_ANALYSIS_OFFER_H

#include "analysis/tracker/format.h"

/* One transform of a proposal; type 0 begins a new proposal, whose number is in `proposal`. In
 * IKEv1 each transform payload is a proposal of its own, and its attributes are the transforms. */
typedef struct {
    uint8_t proposal;
    uint8_t type;
    uint16_t id, key_bits;
} ike_offered;

struct ike_offer {
    uint8_t major;
    uint8_t protocol; /* of the first proposal */
    uint16_t count;
    ike_offered items[];
};

/* The proposals of a message, kept by the tracker; NULL when it has none. Notes the number of
 * duplicate transforms (IKEv2) in *duplicates. */
const ike_offer *ike_offer_keep(ike_tracker *tracker, const ike_message *m, unsigned *duplicates);

/* The algorithms of the first proposal: what a response chose. Lifetimes are not told there. */
ike_agreed ike_offer_agreed(const ike_offer *choice);

/* The algorithms, kept once for all SAs that have the same; they live as long as the tracker. */
const ike_agreed *ike_agree_on(ike_tracker *tracker, const ike_agreed *agreed);

/* What was agreed on while nothing is known. */
extern const ike_agreed ike_agreed_nothing;

/* Does `choice` (one proposal) come from `offer`? If not, appends what was chosen and not offered.
 */
bool ike_offer_contains(const ike_offer *offer, const ike_offer *choice, GString *not_offered);

/* Is an algorithm in any proposal of the offer? Finds the first whose type is `type` and for which
 * `match` says true. */
bool ike_offer_has(const ike_offer *offer, uint8_t type, uint16_t id);

/* All distinct values of one type: "ENCR_AES_CBC-256, ENCR_3DES"; returns how many there are. */
unsigned ike_offer_values(GString *out, const ike_offer *offer, uint8_t type);

/* The whole offer by types, at most about 400 characters. */
void ike_offer_text(GString *out, const ike_offer *offer);

/* Which transform types of `offer` have no value in common with any of `known` (what the peer chose
 * or offered): appends "key exchange (offered ..., 10.9.0.2 chose ...)" for each; returns how many.
 */
unsigned ike_offer_conflicts(GString *out, const ike_offer *offer, const ike_offer *const *known,
                             size_t count, const char *peer_words);

#endif
