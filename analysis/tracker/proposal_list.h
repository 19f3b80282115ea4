/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proposal lists as they were sent, kept once for all messages that sent the same, and compared. */
#ifndef IKE_PROPOSAL_LIST_H
#define IKE_PROPOSAL_LIST_H

#include "analysis/tracker/format.h"

/* One transform of a proposal; type 0 begins a new proposal, whose number is in `proposal`. In
 * IKEv1 each transform payload is a proposal of its own, and its attributes are the transforms. */
typedef struct {
    uint8_t proposal;
    uint8_t type;
    uint16_t id, key_bits;
} ike_proposal_item;

struct ike_proposal_list {
    uint8_t major;
    uint8_t protocol; /* of the first proposal; of IKEv1's AND bundles the one that encrypts */
    uint16_t count;
    uint32_t life_seconds, life_kbytes; /* IKEv1: of the first transform; 0 not said */
    bool truncated;                     /* more may have been sent */
    ike_proposal_item items[];
};

/* The proposals of a message, kept by the tracker; NULL when it has none. Notes the number of
 * duplicate transforms (IKEv2) in *duplicates. */
const ike_proposal_list *ike_store_proposal_list(ike_tracker *tracker, const ike_message *m,
                                                 unsigned *duplicates);

/* The algorithms of the first proposal: what a response chose. Without lifetimes. */
ike_negotiated ike_proposal_list_negotiated(const ike_proposal_list *choice);

/* The algorithms, kept once for all SAs that have the same; they live as long as the tracker. */
const ike_negotiated *ike_store_negotiated(ike_tracker *tracker, const ike_negotiated *negotiated);

/* What is negotiated while nothing is known. */
extern const ike_negotiated ike_negotiated_none;

/* Does `choice` (one proposal) come from `proposals`? If not, appends what was chosen and not
 * proposed to `not_proposed`, which may be NULL. */
bool ike_proposal_list_contains(const ike_proposal_list *proposals, const ike_proposal_list *choice,
                                GString *not_proposed);

/* One proposal with no more than one transform of each type? */
bool ike_proposal_list_is_choice(const ike_proposal_list *list);

/* Is an algorithm in any of the proposals? */
bool ike_proposal_list_has(const ike_proposal_list *proposals, uint8_t type, uint16_t id);

/* Is it known to be in none of them? */
bool ike_proposal_list_lacks(const ike_proposal_list *proposals, uint8_t type, uint16_t id);

/* All distinct values of one type: "ENCR_AES_CBC-256, ENCR_3DES"; returns how many there are. */
unsigned ike_format_proposal_values(GString *out, const ike_proposal_list *proposals, uint8_t type);

/* All values by types, at most about 400 characters. */
void ike_format_proposal_list(GString *out, const ike_proposal_list *proposals);

/* How much of a list a clause names. */
typedef enum {
    IKE_NAMES_ALL,
    IKE_NAMES_BRIEF, /* long names of groups by number; the PRF only where no integrity algorithm
                        has its hash */
    IKE_NAMES_NO_PRF,
    IKE_NAMES_FIRST, /* of each type the first value, and how many more: "AES_CBC-256 +2" */
    IKE_NAMES_KINDS
} ike_names;

/* The algorithms alone, for a clause. */
void ike_format_proposal_names(GString *out, const ike_proposal_list *proposals, ike_names names);

/* Do the proposals have no value of a type in common with any of `known` (what the peer chose or
 * proposed)? Appends the values of both. */
bool ike_proposal_list_conflict(GString *proposed, GString *accepted,
                                const ike_proposal_list *proposals,
                                const ike_proposal_list *const *known, size_t count, uint8_t type);

/* All transform types, in the order of a report; *count of them. */
const uint8_t *ike_proposal_list_types(size_t *count);

#endif
