/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IVs of IKEv1 (RFC 2409 5.5 and appendix B): one chain for phase 1, one for each message ID,
 * which starts with a hash over the last block of phase 1.
 *
 * CBC needs nothing but the block before: so lost, repeated and reordered messages are met by
 * storing the last block of several messages and trying them. A forged message can add a candidate,
 * never remove a good one. */
#include "decrypt/ikev1/ikev1_iv.h"

#include <string.h>

#include "proto/keyed_hash.h"

enum { MAX_CHAINS = 4096, MAX_LINKS = 16 };

/* One message that went through a chain of IVs. */
typedef struct {
    uint64_t digest; /* of its ciphertext */
    uint8_t iv[IKE_MAX_BLOCK];
    uint8_t last[IKE_MAX_BLOCK]; /* its last bytes: the cipher may not be known yet */
    bool sound;                  /* it was decrypted with that IV */
    bool from_initiator;
} iv_link;

/* The chain of phase 1 or of one message ID: the messages seen last. */
typedef struct {
    iv_link *links; /* the oldest first */
    uint8_t count, capacity;
} iv_chain;

struct ikev1_iv_chains {
    iv_chain phase1;
    GHashTable *by_id; /* message ID -> iv_chain */
    GQueue *order;     /* message IDs, the oldest first */
};

static const iv_chain *find_chain(const ikev1_sa *sa, uint32_t message_id)
{
    if (!sa->chains)
        return NULL;
    return message_id ? g_hash_table_lookup(sa->chains->by_id, GUINT_TO_POINTER(message_id))
                      : &sa->chains->phase1;
}

/* ---- candidates ------------------------------------------------------------------------------ */

static const uint8_t *last_block(const iv_link *link, size_t block_length)
{
    return link->last + IKE_MAX_BLOCK - block_length;
}

static bool try_links(const iv_chain *chain, bool sound, size_t block_length, ikev1_iv_use use,
                      void *user)
{
    for (unsigned i = chain ? chain->count : 0; i > 0; i--) {
        const iv_link *link = &chain->links[i - 1];

        if (link->sound == sound && use(user, last_block(link, block_length)))
            return true;
    }
    return false;
}

/* The same message again, as it was decrypted the first time. */
static bool try_repeated(const iv_chain *chain, uint64_t digest, ikev1_iv_use use, void *user)
{
    for (unsigned i = chain ? chain->count : 0; i > 0; i--) {
        const iv_link *link = &chain->links[i - 1];

        if (link->sound && link->digest == digest && use(user, link->iv))
            return true;
    }
    return false;
}

bool ikev1_iv_is_reflected(const ikev1_sa *sa, const ike_encrypted_payload *encrypted)
{
    const iv_chain *chain = find_chain(sa, encrypted->message_id);

    if (!chain || !chain->count)
        return false;
    uint64_t digest = ike_keyed_hash(encrypted->body.data, encrypted->body.length);
    for (unsigned i = chain->count; i > 0; i--) {
        const iv_link *link = &chain->links[i - 1];

        if (link->sound && link->digest == digest)
            return link->from_initiator != encrypted->from_initiator;
    }
    return false;
}

static bool first_iv(const ikev1_sa *sa, const ike_prf_alg *hash, size_t block_length, uint8_t *iv)
{
    return sa->ke[IKEV1_I].length && sa->ke[IKEV1_R].length &&
           ikev1_iv_phase1(hash, ike_secret_span(&sa->ke[IKEV1_I]),
                           ike_secret_span(&sa->ke[IKEV1_R]), iv, block_length) == IKE_OK;
}

bool ikev1_iv_is_first(const ikev1_sa *sa, const ike_encrypted_payload *encrypted,
                       const uint8_t *iv, size_t block_length)
{
    const iv_chain *chain = find_chain(sa, encrypted->message_id);

    for (unsigned i = 0; chain && i < chain->count; i++)
        if (memcmp(last_block(&chain->links[i], block_length), iv, block_length) == 0)
            return false;
    return true;
}

bool ikev1_iv_begins_phase1(const ikev1_sa *sa, const ike_encrypted_payload *encrypted)
{
    const iv_chain *chain = find_chain(sa, 0);

    if (encrypted->message_id || !encrypted->from_initiator || !sa->ke[IKEV1_I].length ||
        !sa->ke[IKEV1_R].length)
        return false;
    for (unsigned i = 0; chain && i < chain->count; i++)
        if (!chain->links[i].from_initiator)
            return false;
    return true;
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
    const iv_chain *phase1 = find_chain(sa, 0);
    uint8_t iv[IKE_MAX_BLOCK];

    for (unsigned sound = 1;; sound--) {
        for (unsigned i = phase1 ? phase1->count : 0; i > 0; i--) {
            const iv_link *link = &phase1->links[i - 1];

            if (link->sound == sound &&
                try_message_iv(hash, block_length, last_block(link, block_length), message_id, use,
                               user))
                return true;
        }
        if (sound == 0)
            break;
    }
    return first_iv(sa, hash, block_length, iv) &&
           try_message_iv(hash, block_length, iv, message_id, use, user);
}

bool ikev1_each_iv(const ikev1_sa *sa, const ike_prf_alg *hash, size_t block_length,
                   const ike_encrypted_payload *encrypted, ikev1_iv_use use, void *user)
{
    const iv_chain *chain = find_chain(sa, encrypted->message_id);
    uint8_t iv[IKE_MAX_BLOCK];

    if (try_repeated(chain, ike_keyed_hash(encrypted->body.data, encrypted->body.length), use,
                     user) ||
        try_links(chain, true, block_length, use, user))
        return true;
    if (!hash)
        return try_links(chain, false, block_length, use, user);
    if (encrypted->message_id) {
        if (try_first_ivs(sa, hash, block_length, encrypted->message_id, use, user))
            return true;
    } else if (first_iv(sa, hash, block_length, iv) && use(user, iv)) {
        return true;
    }
    return try_links(chain, false, block_length, use, user);
}

/* ---- storing --------------------------------------------------------------------------------- */

static void free_chain(gpointer data)
{
    iv_chain *chain = data;

    g_free(chain->links);
    g_free(chain);
}

void ikev1_iv_free(ikev1_iv_chains *chains)
{
    if (!chains)
        return;
    g_free(chains->phase1.links);
    g_hash_table_destroy(chains->by_id);
    g_queue_free(chains->order);
    g_free(chains);
}

static void swap_sides(iv_chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++)
        chain->links[i].from_initiator = !chain->links[i].from_initiator;
}

void ikev1_iv_swap_sides(ikev1_iv_chains *chains)
{
    GHashTableIter each;
    gpointer chain;

    if (!chains)
        return;
    swap_sides(&chains->phase1);
    g_hash_table_iter_init(&each, chains->by_id);
    while (g_hash_table_iter_next(&each, NULL, &chain))
        swap_sides(chain);
}

static iv_chain *own_chain(ikev1_sa *sa, uint32_t message_id)
{
    ikev1_iv_chains *chains = sa->chains;
    iv_chain *chain;

    if (!chains) {
        sa->chains = chains = g_new0(ikev1_iv_chains, 1);
        chains->by_id = g_hash_table_new_full(ike_hash_number, g_direct_equal, NULL, free_chain);
        chains->order = g_queue_new();
    }
    if (!message_id)
        return &chains->phase1;
    chain = g_hash_table_lookup(chains->by_id, GUINT_TO_POINTER(message_id));
    if (chain)
        return chain;
    if (g_queue_get_length(chains->order) == MAX_CHAINS) {
        gpointer oldest = g_queue_pop_head(chains->order);

        g_hash_table_remove(chains->by_id, oldest);
        if (sa->quick)
            g_hash_table_remove(sa->quick, oldest);
    }
    chain = g_new0(iv_chain, 1);
    g_hash_table_insert(chains->by_id, GUINT_TO_POINTER(message_id), chain);
    g_queue_push_tail(chains->order, GUINT_TO_POINTER(message_id));
    return chain;
}

static bool shares_iv(const iv_chain *chain, unsigned number)
{
    for (unsigned i = 0; i < number; i++)
        if (memcmp(chain->links[i].iv, chain->links[number].iv, IKE_MAX_BLOCK) == 0)
            return true;
    return false;
}

/* The oldest that was not decrypted; else the newest that has its IV from another, as no two true
 * ones do; else the oldest. */
static unsigned dispensable(const iv_chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++)
        if (!chain->links[i].sound)
            return i;
    for (unsigned i = chain->count; i > 0; i--)
        if (shares_iv(chain, i - 1))
            return i - 1;
    return 0;
}

/* A place for one more. */
static iv_link *new_link(iv_chain *chain)
{
    if (chain->count == MAX_LINKS) {
        unsigned gone = dispensable(chain);

        memmove(&chain->links[gone], &chain->links[gone + 1],
                (MAX_LINKS - gone - 1) * sizeof chain->links[0]);
        chain->count--;
    }
    if (chain->count == chain->capacity) {
        chain->capacity = chain->capacity ? (uint8_t)(2 * chain->capacity) : 1;
        chain->links = g_renew(iv_link, chain->links, chain->capacity);
    }
    return &chain->links[chain->count++];
}

void ikev1_iv_add(ikev1_sa *sa, const ike_encrypted_payload *encrypted, const uint8_t *iv)
{
    uint64_t digest = ike_keyed_hash(encrypted->body.data, encrypted->body.length);
    iv_chain *chain;
    iv_link *link = NULL;
    size_t tail;

    if (ike_keyring_stays_empty(sa->base.capture->ring))
        return; /* nothing will ever be decrypted */
    chain = own_chain(sa, encrypted->message_id);
    for (unsigned i = 0; i < chain->count; i++)
        if (chain->links[i].digest == digest)
            link = &chain->links[i];
    if (link && (link->sound || !iv))
        return; /* a retransmission moves nothing */
    if (!link)
        link = new_link(chain);
    *link = (iv_link){
        .digest = digest, .sound = iv != NULL, .from_initiator = encrypted->from_initiator};
    if (iv)
        memcpy(link->iv, iv, IKE_MAX_BLOCK);
    tail = MIN(encrypted->body.length, IKE_MAX_BLOCK);
    memcpy(link->last + IKE_MAX_BLOCK - tail, encrypted->body.data + encrypted->body.length - tail,
           tail);
}
