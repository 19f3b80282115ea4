/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Session resumption of IKEv2 (RFC 5723): finds the old SA and derives the new one's keys from it.
 */
#include "decrypt/ikev2/ikev2_resume.h"

#include "decrypt/ikev2/ikev2_auth.h"
#include "decrypt/ikev2/ikev2_derive.h"

enum { IKE_SESSION_RESUME = 38 };
enum { MAX_TICKETS = 16, MAX_TICKET = 16384, MAX_SETS = 4096 };

/* ---- tickets
 * -------------------------------------------------------------------------------------- */

static void free_ticket(gpointer ticket)
{
    g_bytes_unref(ticket);
}

static ike_crypto *giver_of(const ike_crypto *crypto)
{
    const ike_secret *ticket = &crypto->v2->ticket;
    GBytes *key;
    ike_crypto *giver;

    if (!ticket->length) {
        return NULL;
    }
    key = g_bytes_new_static(ticket->data, ticket->length);
    giver = g_hash_table_lookup(ike_keyring_tickets(crypto->ring), key);
    g_bytes_unref(key);
    return giver != crypto ? giver : NULL;
}

static void remember(ike_crypto *crypto, ike_span ticket)
{
    ikev2_sa *sa = crypto->v2;
    GHashTable *tickets = ike_keyring_tickets(crypto->ring);
    GBytes *key = g_bytes_new(ticket.data, ticket.length);

    if (!sa->tickets) {
        sa->tickets = g_ptr_array_new_with_free_func(free_ticket);
    }
    if (sa->tickets->len == MAX_TICKETS || g_hash_table_contains(tickets, key)) {
        g_bytes_unref(key);
        return;
    }
    g_ptr_array_add(sa->tickets, key);
    g_hash_table_insert(tickets, key, crypto);
}

void ikev2_resume_free(ike_crypto *crypto)
{
    ikev2_sa *sa = crypto->v2;
    GHashTable *tickets = ike_keyring_tickets(crypto->ring);

    for (guint i = 0; sa->tickets && i < sa->tickets->len; i++) {
        g_hash_table_remove(tickets, sa->tickets->pdata[i]);
    }
    g_clear_pointer(&sa->tickets, g_ptr_array_unref);
}

/* The response brings a nonce and no proposal: the algorithms are those of the old SA. */
static void take_over(ike_crypto *crypto)
{
    ikev2_sa *sa = crypto->v2;
    const ike_crypto *giver = giver_of(crypto);

    sa->exchange_count = 0; /* no key exchange */
    if (giver && giver->v2->has_suite && !sa->has_suite) {
        sa->has_suite = true;
        sa->computable = giver->v2->computable;
        sa->rows = giver->v2->rows;
    }
}

void ikev2_resume_update(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    ikev2_sa *sa = crypto->v2;
    bool has_ticket = inputs->ticket.length > 0 && inputs->ticket.length <= MAX_TICKET;

    if (inputs->exchange != IKE_SESSION_RESUME) {
        if (inputs->response && has_ticket) {
            remember(crypto, inputs->ticket);
        }
    } else if (sa->generation_count == 0 && !inputs->response && has_ticket) {
        ike_secret_set(&sa->ticket, inputs->ticket.data, inputs->ticket.length);
    } else if (sa->generation_count == 0 && inputs->response && inputs->nonce.length) {
        take_over(crypto);
    }
}

/* ---- keys
 * ----------------------------------------------------------------------------------------- */

typedef struct {
    ike_crypto *crypto;
    bool (*spend)(void *user);
    bool (*use)(void *user, ikev2_generation *generation);
    void *user;
} resumption;

static bool derive_from(const resumption *r, const ike_algorithms *rows, ike_span sk_d,
                        const char *origin)
{
    const ikev2_sa *sa = r->crypto->v2;
    const ike_nonces nonces = {ike_secret_span(&sa->nonce[IKE_I]),
                               ike_secret_span(&sa->nonce[IKE_R])};
    ikev2_generation *generation = NULL;
    ike_secret skeyseed = {0};

    if (!rows->prf || !r->spend(r->user)) {
        return false;
    }
    if (ikev2_skeyseed_resumed(rows->prf, sk_d, nonces, &skeyseed) == IKE_OK) {
        generation = ikev2_from_skeyseed_for(r->crypto, rows, ike_secret_span(&skeyseed));
    }
    ike_secret_clear(&skeyseed);
    if (!generation) {
        return false;
    }
    generation->origin = origin;
    return r->use(r->user, generation);
}

static bool try_giver(const resumption *r, ike_crypto *giver)
{
    ikev2_generation *old = ikev2_current(giver->v2);
    ike_secret sk_d = {0};
    bool content = false;

    if (!old) {
        return false;
    }
    ikev2_complete(giver, old);
    for (unsigned i = 0; !content && i < IKEV2_SK_D_VARIANTS && ikev2_sk_d(giver, old, i, &sk_d);
         i++) {
        content = derive_from(r, &old->rows, ike_secret_span(&sk_d), "SK_d of the resumed IKE SA");
    }
    ike_secret_clear(&sk_d);
    return content;
}

/* With the SA's algorithms; where the old SA is not in the capture, with those that the set names.
 */
static bool try_set(const resumption *r, const ike_key_set *set)
{
    const ikev2_sa *sa = r->crypto->v2;
    ike_span sk_d = ike_key_set_secret(set, IKE_SECRET_SK_D);
    ike_algorithms rows = sa->rows ? *sa->rows : (ike_algorithms){0};

    if (!sk_d.length || set->version == 1 ||
        (!sa->computable && (!set->suite || !ikev2_rows_of_suite(set->suite, true, &rows)))) {
        return false;
    }
    return rows.prf && rows.prf->key_length == sk_d.length &&
           derive_from(r, &rows, sk_d, ike_source_name(set->source));
}

/* The newest first: of a log that is read while it grows. */
static bool try_ring(const resumption *r)
{
    const ike_keyring *ring = r->crypto->ring;
    unsigned looked_at = 0;

    for (ike_set_id id = ike_keyring_newest_set(ring); id > 0 && looked_at < MAX_SETS;
         id--, looked_at++) {
        const ike_key_set *set = ike_keyring_set(ring, id);

        if (set && try_set(r, set)) {
            return true;
        }
    }
    return false;
}

bool ikev2_each_resumed(ike_crypto *crypto, bool (*spend)(void *user),
                        bool (*use)(void *user, ikev2_generation *generation), void *user)
{
    const resumption r = {crypto, spend, use, user};
    const ikev2_sa *sa = crypto->v2;
    ike_crypto *giver = giver_of(crypto);

    /* Messages after a rekey are those of another SA: keys are made once. */
    if (!sa->ticket.length || sa->old || !sa->nonce[IKE_I].length || !sa->nonce[IKE_R].length) {
        return false;
    }
    return (giver && try_giver(&r, giver)) || try_ring(&r);
}
