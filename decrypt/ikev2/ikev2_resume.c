/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Session resumption of IKEv2 (RFC 5723): finds the old SA and derives the keys of the new one. */
#include "decrypt/ikev2/ikev2_resume.h"

#include "decrypt/ikev2/ikev2_ppk.h"
#include "proto/ike_numbers.h"

enum { MAX_TICKETS = 16, MAX_TICKET = 16384, MAX_SETS = 4096 };

/* ---- tickets --------------------------------------------------------------------------------- */

static void free_ticket(gpointer ticket)
{
    g_bytes_unref(ticket);
}

/* The IKE SA that gave out the ticket, or NULL. */
static const ikev2_sa *issuer_of(const ikev2_sa *sa)
{
    const ike_secret *ticket = &sa->ticket;
    const ikev2_sa *issuer;
    GBytes *key;

    if (!ticket->length)
        return NULL;
    key = g_bytes_new_static(ticket->data, ticket->length);
    issuer = g_hash_table_lookup(sa->base.capture->tickets, key);
    g_bytes_unref(key);
    return issuer != sa ? issuer : NULL;
}

static void store_ticket(ikev2_sa *sa, ike_span ticket)
{
    GHashTable *tickets = sa->base.capture->tickets;
    GBytes *key = g_bytes_new(ticket.data, ticket.length);

    if (!sa->tickets)
        sa->tickets = g_ptr_array_new_with_free_func(free_ticket);
    if (sa->tickets->len == MAX_TICKETS || g_hash_table_contains(tickets, key)) {
        g_bytes_unref(key);
        return;
    }
    g_ptr_array_add(sa->tickets, key);
    g_hash_table_insert(tickets, key, sa);
}

void ikev2_resume_free(ikev2_sa *sa)
{
    for (guint i = 0; sa->tickets && i < sa->tickets->len; i++)
        g_hash_table_remove(sa->base.capture->tickets, sa->tickets->pdata[i]);
    g_clear_pointer(&sa->tickets, g_ptr_array_unref);
}

void ikev2_resume_update(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    bool has_ticket = inputs->ticket.length > 0 && inputs->ticket.length <= MAX_TICKET;

    if (inputs->exchange != IKEV2_EXCHANGE_IKE_SESSION_RESUME && inputs->response && has_ticket)
        store_ticket(sa, inputs->ticket);
}

void ikev2_resume_suite(ikev2_sa *sa)
{
    const ikev2_sa *issuer = issuer_of(sa);

    if (!issuer || !issuer->has_suite || sa->has_suite)
        return;
    sa->has_suite = true;
    sa->computable = issuer->computable;
    sa->rows = issuer->rows;
}

/* ---- keys ------------------------------------------------------------------------------------ */

typedef struct {
    ikev2_sa *sa;
    ike_search *search;
    ikev2_derived_use use;
    void *user;
} resumption;

static bool derive_from(const resumption *r, const ike_algorithms *rows, ike_span sk_d,
                        const ike_key_origin *origin)
{
    const ikev2_sa *sa = r->sa;
    const ike_nonces nonces = {ike_secret_span(&sa->nonce[IKE_I]),
                               ike_secret_span(&sa->nonce[IKE_R])};
    ikev2_generation *generation = NULL;
    ike_secret skeyseed = {0};

    if (!rows->prf || !ike_search_charge(r->search, IKE_COST_SCHEDULE))
        return false;
    if (ikev2_skeyseed_resumed(rows->prf, sk_d, nonces, &skeyseed) == IKE_OK)
        generation = ikev2_from_skeyseed_for(sa, rows, ike_secret_span(&skeyseed));
    ike_secret_clear(&skeyseed);
    if (!generation)
        return false;
    generation->origin = *origin;
    return r->use(r->user, generation);
}

static bool try_issuer(const resumption *r, const ikev2_sa *issuer)
{
    const ike_key_origin origin = {.source = IKE_SOURCES, .secret = "SK_d of the resumed IKE SA"};
    const ikev2_generation *old = ikev2_current(issuer);
    ike_secret sk_d = {0};
    bool content = false;

    for (unsigned i = 0;
         old && !content && i < IKEV2_SK_D_VARIANTS && ikev2_sk_d(issuer, old, i, &sk_d); i++)
        content = derive_from(r, &old->rows, ike_secret_span(&sk_d), &origin);
    ike_secret_clear(&sk_d);
    return content;
}

/* With the SA's algorithms; if the old SA is not in the capture, with those that the set names. */
static bool try_set(const resumption *r, const ike_key_set *set)
{
    const ike_key_origin origin =
        ike_key_set_origin(set, IKE_SECRET_SK_D, "SK_d of the resumed IKE SA");
    const ikev2_sa *sa = r->sa;
    ike_span sk_d = ike_key_set_secret(set, IKE_SECRET_SK_D);
    ike_algorithms rows = sa->rows ? *sa->rows : (ike_algorithms){0};

    if (!sk_d.length || set->version == 1 ||
        (!sa->computable && (!set->suite || !ike_algorithms_of_suite(set->suite, &rows))))
        return false;
    return rows.prf && rows.prf->key_length == sk_d.length && derive_from(r, &rows, sk_d, &origin);
}

/* The newest first: of a log that is read while it grows. */
static bool try_ring(const resumption *r)
{
    const ike_sa_keys *keys = ike_keyring_sa_keys(r->sa->base.capture->ring);
    unsigned sets = 0;

    for (ike_set_id id = ike_sa_keys_newest(keys); id > 0 && sets < MAX_SETS; id--, sets++) {
        const ike_key_set *set = ike_sa_keys_set(keys, id);

        if (set && try_set(r, set))
            return true;
    }
    return false;
}

bool ikev2_each_resumed(ikev2_sa *sa, ike_search *search, ikev2_derived_use use, void *user)
{
    const resumption r = {sa, search, use, user};
    const ikev2_sa *issuer = issuer_of(sa);

    /* Messages after a rekey are those of another SA: keys are made once. */
    if (!sa->ticket.length || sa->old || !sa->nonce[IKE_I].length || !sa->nonce[IKE_R].length)
        return false;
    return search->bound ? issuer && try_issuer(&r, issuer) : try_ring(&r);
}
