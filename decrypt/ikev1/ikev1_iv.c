/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IVs of IKEv1 (RFC 2409 5.5 and appendix B): one chain for phase 1, one for each message ID,
 * which starts with a hash over the last block of phase 1.
 *
 * CBC needs nothing but the block before: so what was lost, repeated or swapped is met by keeping
 * the last block of several messages and trying them. A forged message can add a candidate, never
 * take a good one away. */
#include <string.h>

#include "decrypt/ikev1/ikev1_sa.h"

enum { MAX_CHAINS = 4096 };

static uint64_t digest_of(ike_span data)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

    for (size_t i = 0; i < data.length; i++) {
        digest = (digest ^ data.data[i]) * UINT64_C(0x100000001b3);
    }
    return digest ^ data.length;
}

static const ikev1_chain *find_chain(const ikev1_sa *sa, uint32_t message_id)
{
    return message_id ? g_hash_table_lookup(sa->chains, GUINT_TO_POINTER(message_id)) : &sa->phase1;
}

/* ---- candidates
 * ----------------------------------------------------------------------------------- */

static const uint8_t *last_block(const ikev1_link *link, size_t block_length)
{
    return link->last + IKE_MAX_BLOCK - block_length;
}

static bool try_links(const ikev1_chain *chain, bool sound, size_t block_length, ikev1_iv_use use,
                      void *user)
{
    for (unsigned i = chain ? chain->count : 0; i > 0; i--) {
        const ikev1_link *link = &chain->links[i - 1];

        if (link->sound == sound && use(user, last_block(link, block_length))) {
            return true;
        }
    }
    return false;
}

/* The same message again, as it opened the first time. */
static bool try_repeated(const ikev1_chain *chain, uint64_t digest, ikev1_iv_use use, void *user)
{
    for (unsigned i = chain ? chain->count : 0; i > 0; i--) {
        const ikev1_link *link = &chain->links[i - 1];

        if (link->sound && link->digest == digest && use(user, link->iv)) {
            return true;
        }
    }
    return false;
}

static bool first_iv(const ikev1_sa *sa, const ike_prf_alg *hash, size_t block_length, uint8_t *iv)
{
    return sa->ke[IKEV1_I].length && sa->ke[IKEV1_R].length &&
           ikev1_iv_phase1(hash, ike_secret_span(&sa->ke[IKEV1_I]),
                           ike_secret_span(&sa->ke[IKEV1_R]), iv, block_length) == IKE_OK;
}

static bool try_message_iv(const ike_prf_alg *hash, size_t block_length, const uint8_t *block,
                           uint32_t message_id, ikev1_iv_use use, void *user)
{
    uint8_t iv[IKE_MAX_BLOCK];

    return ikev1_iv_message(hash, (ike_span){block, block_length}, message_id, iv, block_length) ==
               IKE_OK &&
           use(user, iv);
}

/* The first IV of a message ID, made from every block that can have been phase 1's last. Aggressive
 * mode may end without any encrypted message: then it is the IV that phase 1 would start with. */
static bool try_first_ivs(const ikev1_sa *sa, const ike_prf_alg *hash, size_t block_length,
                          uint32_t message_id, ikev1_iv_use use, void *user)
{
    uint8_t iv[IKE_MAX_BLOCK];

    for (unsigned sound = 1;; sound--) {
        for (unsigned i = sa->phase1.count; i > 0; i--) {
            const ikev1_link *link = &sa->phase1.links[i - 1];

            if (link->sound == sound &&
                try_message_iv(hash, block_length, last_block(link, block_length), message_id, use,
                               user)) {
                return true;
            }
        }
        if (sound == 0) {
            break;
        }
    }
    return first_iv(sa, hash, block_length, iv) &&
           try_message_iv(hash, block_length, iv, message_id, use, user);
}

bool ikev1_each_iv(const ikev1_sa *sa, const ike_prf_alg *hash, size_t block_length,
                   const ike_encrypted_payload *encrypted, ikev1_iv_use use, void *user)
{
    const ikev1_chain *chain = find_chain(sa, encrypted->message_id);
    uint8_t iv[IKE_MAX_BLOCK];

    if (try_repeated(chain, digest_of(encrypted->body), use, user) ||
        try_links(chain, true, block_length, use, user)) {
        return true;
    }
    if (!hash) {
        return try_links(chain, false, block_length, use, user);
    }
    if (encrypted->message_id) {
        if (try_first_ivs(sa, hash, block_length, encrypted->message_id, use, user)) {
            return true;
        }
    } else if (first_iv(sa, hash, block_length, iv) && use(user, iv)) {
        return true;
    }
    return try_links(chain, false, block_length, use, user);
}

/* ---- keeping
 * -------------------------------------------------------------------------------------- */

static ikev1_chain *own_chain(ikev1_sa *sa, uint32_t message_id)
{
    ikev1_chain *chain;

    if (!message_id) {
        return &sa->phase1;
    }
    chain = g_hash_table_lookup(sa->chains, GUINT_TO_POINTER(message_id));
    if (chain) {
        return chain;
    }
    if (g_queue_get_length(sa->chain_order) == MAX_CHAINS) {
        gpointer oldest = g_queue_pop_head(sa->chain_order);

        g_hash_table_remove(sa->chains, oldest);
        g_hash_table_remove(sa->quick, oldest);
    }
    chain = g_new0(ikev1_chain, 1);
    chain->message_id = message_id;
    g_hash_table_insert(sa->chains, GUINT_TO_POINTER(message_id), chain);
    g_queue_push_tail(sa->chain_order, GUINT_TO_POINTER(message_id));
    return chain;
}

static bool shares_iv(const ikev1_chain *chain, unsigned number)
{
    for (unsigned i = 0; i < number; i++) {
        if (memcmp(chain->links[i].iv, chain->links[number].iv, IKE_MAX_BLOCK) == 0) {
            return true;
        }
    }
    return false;
}

/* The oldest that did not open; else the newest that has its IV from another, as no two true ones
 * do; else the oldest. */
static unsigned dispensable(const ikev1_chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++) {
        if (!chain->links[i].sound) {
            return i;
        }
    }
    for (unsigned i = chain->count; i > 0; i--) {
        if (shares_iv(chain, i - 1)) {
            return i - 1;
        }
    }
    return 0;
}

/* Room for one more. */
static ikev1_link *new_link(ikev1_chain *chain)
{
    if (chain->count == IKEV1_LINKS) {
        unsigned gone = dispensable(chain);

        memmove(&chain->links[gone], &chain->links[gone + 1],
                (IKEV1_LINKS - gone - 1) * sizeof chain->links[0]);
        chain->count--;
    }
    return &chain->links[chain->count++];
}

void ikev1_chain_add(ikev1_sa *sa, const ike_encrypted_payload *encrypted, const uint8_t *iv)
{
    uint64_t digest = digest_of(encrypted->body);
    ikev1_chain *chain;
    ikev1_link *link = NULL;
    size_t tail;

    chain = own_chain(sa, encrypted->message_id);
    for (unsigned i = 0; i < chain->count; i++) {
        if (chain->links[i].digest == digest) {
            link = &chain->links[i];
        }
    }
    if (link && (link->sound || !iv)) {
        return; /* a retransmission moves nothing */
    }
    if (!link) {
        link = new_link(chain);
    }
    *link = (ikev1_link){.digest = digest, .sound = iv != NULL};
    if (iv) {
        memcpy(link->iv, iv, IKE_MAX_BLOCK);
    }
    tail = MIN(encrypted->body.length, IKE_MAX_BLOCK);
    memcpy(link->last + IKE_MAX_BLOCK - tail, encrypted->body.data + encrypted->body.length - tail,
           tail);
}
