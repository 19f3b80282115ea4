/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of the tracker; its own files only. All hashes are keyed (proto/keyed_hash.h) and all
 * keys are compared in full. */
#ifndef IKE_TABLES_H
#define IKE_TABLES_H

#include <glib.h>

#include "analysis/tracker/arena.h"
#include "analysis/tracker/peer.h"

typedef struct {
    uint64_t initiator, responder;
} ike_spi_pair;

typedef struct ike_address_pair {
    uint64_t hash;
    ike_endpoint low, high; /* ports 0 */
    ike_sa *newest;         /* IKE SA between them, or NULL */
    ike_sa *newest_used;    /* of those in which both sides sent protected messages, or NULL */
    ike_exchange *last_create[2]; /* CREATE_CHILD_SA begun by `low` [0], by `high` [1], or NULL */
    struct ike_address_pair *inside; /* has the same packets inside a NAT; itself: several have */
} ike_address_pair;

typedef struct {
    GPtrArray *blocks;
    size_t left; /* in the last one */
    uint8_t *next;
} ike_arena;

struct ike_tracker {
    GPtrArray *sas;
    GPtrArray *children;
    GHashTable *by_spis;          /* both SPIs -> ike_sa */
    GHashTable *by_initiator_spi; /* initiator SPI -> the newest ike_sa with it */
    GHashTable *by_initiator;     /* the same and addresses, where it has several IKE SAs */
    GHashTable *pairs;            /* set of ike_address_pair */
    GHashTable *by_identity;      /* identity of an initiator that came up -> the newest ike_sa */
    GHashTable *by_ticket;    /* of session resumption (RFC 5723) -> the ike_sa that gave it out */
    GHashTable *exchanges;    /* set of the newest ike_exchange of each key */
    GHashTable *stored;       /* bytes stored once */
    GHashTable *peers;        /* set of ike_peer */
    GHashTable *child_spis;   /* SPI -> Child SA: child_esp.c */
    GHashTable *flows;        /* SPI and destination -> ike_esp_flow */
    GHashTable *flows_by_spi; /* SPI -> the newest ike_esp_flow */
    GPtrArray *numbers;       /* ike_sequence_numbers of all flows */
    GHashTable *networks;     /* IKEv1: IKE SA and selectors -> the newest ike_child: child.c */
    GHashTable *text_of[2];   /* ike_negotiated -> its text: IKEv2 [0], IKEv1 [1] */
    GPtrArray *records;       /* blocks, in the order of the frames */
    uint32_t record_count;
    ike_address_pair *last_pair; /* that was looked up, or NULL */
    ike_peer *recent_peers[2];   /* likewise */
    ike_arena arena;
    uint32_t unknown_flows;
    uint64_t last_ns;
    uint32_t last_frame;
    bool reading; /* a message is shown before the next one is read */
};

void ike_arena_init(ike_tracker *tracker); /* arena.c */
void ike_arena_free(ike_tracker *tracker);
void ike_tables_init(ike_tracker *tracker);
void ike_tables_free(ike_tracker *tracker);

/* Fills a key, padding included: the address with a number in place of its port. */
void ike_key_of_endpoint(ike_endpoint *key, const ike_endpoint *endpoint, uint16_t port);

/* Two addresses in either order, made when they are new. */
ike_address_pair *ike_table_pair(ike_tracker *tracker, const ike_endpoint *a,
                                 const ike_endpoint *b);
/* The same, or those inside a NAT between which its packets were seen, too. */
const ike_address_pair *ike_table_inside(ike_tracker *tracker, const ike_endpoint *a,
                                         const ike_endpoint *b);

ike_sa *ike_table_by_spis(const ike_tracker *tracker, ike_spi_pair pair);
void ike_table_add_spis(ike_tracker *tracker, ike_spi_pair pair, ike_sa *sa);

/* The newest IKE SA of a version with an initiator SPI between two addresses. */
ike_sa *ike_table_by_initiator(ike_tracker *tracker, uint64_t spi, uint8_t major,
                               const ike_endpoint *a, const ike_endpoint *b);
void ike_table_add_initiator(ike_tracker *tracker, const ike_endpoint *a, const ike_endpoint *b,
                             ike_sa *sa);

/* The newest IKE SA with an initiator SPI, of any version and peers; those before it by
 * ->same_initiator_spi. */
ike_sa *ike_table_by_initiator_spi(const ike_tracker *tracker, uint64_t spi);
void ike_table_add_initiator_spi(ike_tracker *tracker, ike_sa *sa);

/* The peer, made when it is new. */
ike_peer *ike_tracker_peer(ike_tracker *tracker, const ike_endpoint *endpoint, uint8_t major);
/* The IKE SAs with the address of a side of `sa` in its role. */
ike_peer_sas *ike_tracker_peer_sas(ike_tracker *tracker, const ike_sa *sa, bool initiator);
void ike_peer_chose(ike_tracker *tracker, ike_peer *peer, const ike_proposal_list *proposals,
                    uint32_t frame);
void ike_peer_proposed(ike_tracker *tracker, ike_peer *peer, const ike_proposal_list *proposals,
                       uint32_t frame);

#endif
