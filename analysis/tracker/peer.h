/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was seen of one address over all IKE SAs of the capture. */
#ifndef IKE_PEER_H
#define IKE_PEER_H

#include "analysis/tracker/records.h"

/* What it chose or proposed, by protocol: at most so many of each, the first ones. */
enum { IKE_PEER_PROPOSALS = 6 };
typedef struct ike_peer_proposals {
    const ike_proposal_list *proposals;
    IKE_LINK struct ike_peer_proposals *next;
    uint32_t frame;
} ike_peer_proposals;

/* The IKE SAs with an address in one role. */
typedef struct {
    uint32_t begun, finished;
    uint32_t others;      /* changes of the other side among them */
    uint32_t first_frame; /* of the first of them */
    ike_endpoint last_other;
    uint64_t first_ns, last_ns; /* when the first and the last of them began */
} ike_peer_sas;

struct ike_peer {
    ike_endpoint address;    /* key, so first; with the version of IKE in port */
    uint32_t answered_frame; /* of a phase 1 or IKE_SA_INIT that it answered with success */
    uint32_t answered;       /* such IKE SAs */
    uint32_t id_frame;
    const char *id;                /* who it was as a responder, last; NULL not seen */
    uint32_t addresses;            /* inner addresses that it assigned */
    uint32_t address_frame;        /* of the last of them */
    IKE_LINK ike_peer_sas *sas[2]; /* as the responder [0], the initiator [1]; NULL none */
    IKE_LINK ike_peer_proposals *chosen, *proposed;
};

/* What is known of an address as a peer of version `major`, or NULL. */
const ike_peer *ike_tracker_find_peer(const ike_tracker *tracker, const ike_endpoint *endpoint,
                                      uint8_t major);

/* The IKE SA in which an identity is up as initiator from another address than `sa`, or NULL. */
const ike_sa *ike_tracker_same_identity(const ike_tracker *tracker, const ike_sa *sa);

/* The newest IKE SA in which the identity of the initiator of `sa` came up, or NULL. */
const ike_sa *ike_tracker_newest_of_identity(const ike_tracker *tracker, const ike_sa *sa);

#endif
