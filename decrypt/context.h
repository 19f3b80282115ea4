/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all SAs of a capture share, and what IKE SAs of both versions have. */
#ifndef IKE_DECRYPT_CONTEXT_H
#define IKE_DECRYPT_CONTEXT_H

#include <glib.h>

#include "decrypt/crypto/algorithm_set.h"
#include "decrypt/search/dh_candidates.h"

typedef struct ike_esp_table ike_esp_table;     /* esp/esp_table.h */
typedef struct ike_group_store ike_group_store; /* group/group_store.h */

/* Of a capture. */
typedef struct ike_decrypt_context ike_decrypt_context;
struct ike_decrypt_context {
    ike_keyring *ring;
    ike_search_budget budget;
    ike_dh_cache *dh;
    guint right_skeyid;     /* place in the list of PSKs of the one that was right last */
    GHashTable *algorithms; /* set of ike_algorithms: thousands of SAs have the same */
    ike_esp_table *esp;
    ike_group_store *group;
    GHashTable *tickets; /* RFC 5723: ticket (GBytes) -> ikev2_sa that gave it out */
};

/* The same algorithms, stored once as long as the capture. */
const ike_algorithms *ike_decrypt_context_intern(ike_decrypt_context *decryption,
                                                 const ike_algorithms *algorithms);

/* Of an IKE SA. */
typedef struct {
    ike_decrypt_context *capture;
    uint64_t initiator_spi, responder_spi;
    uint64_t old_initiator_spi, old_responder_spi; /* of the IKE SA that it replaced; 0 none */
    ike_search_memo memo;
    const char *refused[2];     /* ike_refusal_text() of the last search in vain for one of the
                                 * responder, of the initiator; NULL none */
    GArray *downloads;          /* group/group_lines.h: group SAs whose keys came over it; NULL */
    GHashTable *plaintexts;     /* sets of the ring with plaintexts of its messages; NULL */
    uint32_t identity_message;  /* of IKE_AUTH, fragmented, that begins with IDi; 0 none seen */
    struct ike_child *children; /* esp/child.h: its Child SAs, by next_of_owner */
} ike_sa_base;

/* Stores what a search for a message refused. */
void ike_sa_base_refuse(ike_sa_base *base, bool from_initiator, const ike_search *search);

/* The key sets bound to it by its SPIs. */
ike_bound_walk ike_sa_base_walk_bound(const ike_sa_base *base);

#endif
