/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys that decrypted a message may be SK_e and SK_a alone, as a decryption table has them. The
 * rest (SK_d for CHILD_SAs, SK_p for AUTH) is taken from the other secrets of the ring, when these
 * make the same SK_e. */
#include "decrypt/ikev2/ikev2_search.h"

#include <openssl/crypto.h>

#include "decrypt/ikev2/ikev2_resume.h"

bool ikev2_is_complete(const ikev2_generation *generation)
{
    return generation->rows.prf && generation->sk_d.length && generation->sk_p[IKE_I].length &&
           generation->sk_p[IKE_R].length;
}

static bool lacks(const ikev2_generation *generation)
{
    return !generation->sk_d.length || !generation->sk_p[IKE_I].length ||
           !generation->sk_p[IKE_R].length;
}

/* The same key on a side where both have one, and on one side at least. */
static bool same_keys(const ikev2_generation *generation, ike_span ei, ike_span er)
{
    const ike_span other[] = {ei, er};
    bool same = false;

    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        const ike_secret *own = &generation->sk_e[side];

        if (!own->length || !other[side].length)
            continue;
        if (own->length != other[side].length ||
            CRYPTO_memcmp(own->data, other[side].data, own->length) != 0)
            return false;
        same = true;
    }
    return same;
}

/* ---- from the sets of the SA ----------------------------------------------------------------- */

/* A log that has SK_d twice for one SK_e: the second time with a PPK mixed in (RFC 8784). */
static void fill_mixed(ikev2_generation *generation, const ike_key_set *set)
{
    ike_span sk_d = ike_key_set_secret(set, IKE_SECRET_SK_D);

    if (sk_d.length == generation->sk_d.length &&
        CRYPTO_memcmp(sk_d.data, generation->sk_d.data, sk_d.length) != 0) {
        ikev2_mixed *mixed = ikev2_generation_mixed(generation);

        ike_secret_fill(&mixed->sk_d, sk_d);
        ike_secret_fill(&mixed->sk_p[IKE_I], ike_key_set_secret(set, IKE_SECRET_SK_PI));
        ike_secret_fill(&mixed->sk_p[IKE_R], ike_key_set_secret(set, IKE_SECRET_SK_PR));
    }
}

/* Sets without SK_e at all are of this generation only when there is but one. */
static void fill_from_sets(const ikev2_sa *sa, ikev2_generation *generation)
{
    ike_bound_walk walk = ike_sa_base_walk_bound(&sa->base);
    const ike_key_set *set;

    while ((set = ike_bound_walk_next(&walk))) {
        ike_span ei = ike_key_set_secret(set, IKE_SECRET_SK_EI);
        ike_span er = ike_key_set_secret(set, IKE_SECRET_SK_ER);
        if (!ei.length && !er.length && generation->sk_d.length)
            fill_mixed(generation, set);
        bool single = !ei.length && !er.length && sa->generation_count == 0;

        if (single || same_keys(generation, ei, er)) {
            ike_secret_fill(&generation->sk_d, ike_key_set_secret(set, IKE_SECRET_SK_D));
            ike_secret_fill(&generation->sk_p[IKE_I], ike_key_set_secret(set, IKE_SECRET_SK_PI));
            ike_secret_fill(&generation->sk_p[IKE_R], ike_key_set_secret(set, IKE_SECRET_SK_PR));
        }
    }
}

/* ---- by the key schedule --------------------------------------------------------------------- */

static bool fill_from_derived(void *user, ikev2_generation *derived)
{
    ikev2_generation *generation = user;
    bool same = same_keys(generation, ike_secret_span(&derived->sk_e[IKE_I]),
                          ike_secret_span(&derived->sk_e[IKE_R]));

    if (same) {
        ike_secret_fill(&generation->sk_d, ike_secret_span(&derived->sk_d));
        ike_secret_fill(&generation->sk_p[IKE_I], ike_secret_span(&derived->sk_p[IKE_I]));
        ike_secret_fill(&generation->sk_p[IKE_R], ike_secret_span(&derived->sk_p[IKE_R]));
        ike_secret_fill(&generation->sk_e[IKE_I], ike_secret_span(&derived->sk_e[IKE_I]));
        ike_secret_fill(&generation->sk_e[IKE_R], ike_secret_span(&derived->sk_e[IKE_R]));
        ike_secret_fill(&generation->sk_a[IKE_I], ike_secret_span(&derived->sk_a[IKE_I]));
        ike_secret_fill(&generation->sk_a[IKE_R], ike_secret_span(&derived->sk_a[IKE_R]));
        if (!generation->rows.prf)
            generation->rows.prf = derived->rows.prf;
    }
    ikev2_generation_free(derived);
    return same;
}

/* ---- the PRF --------------------------------------------------------------------------------- */

/* Without the negotiation it follows from the length of SK_d, but for 16 bytes. */
static const ike_prf_alg *guess_prf(const ikev2_generation *generation)
{
    static const uint16_t xcbc = 4, cmac = 8;
    static const uint16_t by_length[] = {2, 5, 6, 7};

    if (generation->sk_d.length == 16 && generation->rows.integ) {
        switch (generation->rows.integ->kind) {
        case IKE_MAC_XCBC:
            return ike_prf_find(xcbc);
        case IKE_MAC_CMAC:
            return ike_prf_find(cmac);
        default:
            return ike_prf_find(1);
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(by_length); i++) {
        const ike_prf_alg *prf = ike_prf_find(by_length[i]);

        if (prf && prf->key_length == generation->sk_d.length)
            return prf;
    }
    return NULL;
}

/* What was derived from one pair of IKE_SA_INIT messages shows that it is the right one. */
static bool fill_by_pairs(ikev2_sa *sa, ike_search *search, ikev2_generation *generation)
{
    for (unsigned pair = 0; ikev2_sa_choose_pair(sa, pair, sa->base.responder_spi); pair++) {
        if (ikev2_each_derived(sa, search, fill_from_derived, generation) ||
            (search->bound && ikev2_each_resumed(sa, search, fill_from_derived, generation))) {
            ikev2_sa_fix_init(sa);
            return true;
        }
    }
    ikev2_sa_choose_default(sa);
    return false;
}

static void fill_by_schedule(ikev2_sa *sa, ikev2_generation *generation)
{
    ike_decrypt_context *capture = sa->base.capture;
    ike_search search;
    bool found;

    ike_search_begin(&search, &capture->budget, &sa->base.memo,
                     ike_keyring_revision(capture->ring));
    found = fill_by_pairs(sa, &search, generation);
    if (!found && ike_search_unbind(&search))
        found = fill_by_pairs(sa, &search, generation);
    ike_search_end(&search, found);
}

void ikev2_complete(ikev2_sa *sa, ikev2_generation *generation)
{
    unsigned now = ike_keyring_revision(sa->base.capture->ring) + 1;

    if (sa->has_suite && !generation->rows.prf)
        generation->rows.prf = sa->rows->prf;
    if (generation->completed != now) {
        generation->completed = now;
        fill_from_sets(sa, generation);
        if (lacks(generation))
            fill_by_schedule(sa, generation);
    }
    if (!sa->has_suite && !generation->rows.prf)
        generation->rows.prf = guess_prf(generation);
}
