/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys that opened a message may be SK_e and SK_a alone, as a decryption table has them. The rest
 * (SK_d for CHILD_SAs, SK_p for AUTH) is taken from the other secrets of the ring, when these make
 * the same SK_e. */
#include "decrypt/ikev2/ikev2_derive.h"
#include "decrypt/ikev2/ikev2_resume.h"
#include "decrypt/ikev2/ikev2_sa.h"

#include <openssl/crypto.h>

enum { MAX_SETS = 512 };

bool ikev2_lacks_nothing(const ikev2_generation *generation)
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

        if (!own->length || !other[side].length) {
            continue;
        }
        if (own->length != other[side].length ||
            CRYPTO_memcmp(own->data, other[side].data, own->length) != 0) {
            return false;
        }
        same = true;
    }
    return same;
}

static void fill(ike_secret *to, ike_span from)
{
    if (!to->length && from.length) {
        ike_secret_set(to, from.data, from.length);
    }
}

/* ---- from the sets of the SA
 * ---------------------------------------------------------------------- */

/* A log that has SK_d twice for one SK_e: the second time with a PPK mixed in (RFC 8784). */
static void fill_mixed(ikev2_generation *generation, const ike_key_set *set)
{
    ike_span sk_d = ike_key_set_secret(set, IKE_SECRET_SK_D);

    if (sk_d.length == generation->sk_d.length &&
        CRYPTO_memcmp(sk_d.data, generation->sk_d.data, sk_d.length) != 0) {
        ikev2_mixed *mixed = ikev2_generation_mixed(generation);

        fill(&mixed->sk_d, sk_d);
        fill(&mixed->sk_p[IKE_I], ike_key_set_secret(set, IKE_SECRET_SK_PI));
        fill(&mixed->sk_p[IKE_R], ike_key_set_secret(set, IKE_SECRET_SK_PR));
    }
}

/* Sets without SK_e at all are of this generation only when there is but one. */
static void fill_from_sets(const ike_crypto *crypto, ikev2_generation *generation)
{
    unsigned seen = 0;

    for (unsigned way = 0; way < IKE_WAYS_TO_BIND; way++) {
        const ike_key_set *set =
            ike_keyring_bound(crypto->ring, crypto->initiator_spi, crypto->responder_spi, way);

        for (; set && seen < MAX_SETS; set = set->next_bound, seen++) {
            ike_span ei = ike_key_set_secret(set, IKE_SECRET_SK_EI);
            ike_span er = ike_key_set_secret(set, IKE_SECRET_SK_ER);
            if (!ei.length && !er.length && generation->sk_d.length) {
                fill_mixed(generation, set);
            }
            bool single = !ei.length && !er.length && crypto->v2->generation_count == 0;

            if (single || same_keys(generation, ei, er)) {
                fill(&generation->sk_d, ike_key_set_secret(set, IKE_SECRET_SK_D));
                fill(&generation->sk_p[IKE_I], ike_key_set_secret(set, IKE_SECRET_SK_PI));
                fill(&generation->sk_p[IKE_R], ike_key_set_secret(set, IKE_SECRET_SK_PR));
            }
        }
    }
}

/* ---- by the key schedule
 * -------------------------------------------------------------------------- */

typedef struct {
    ike_crypto *crypto;
    ikev2_generation *generation;
    unsigned trials;
} completion;

static bool spend(void *user)
{
    completion *c = user;

    return c->trials > 0 && c->trials-- > 0 && ike_crypto_spend_trial(c->crypto);
}

static bool fill_from_derived(void *user, ikev2_generation *derived)
{
    completion *c = user;
    bool same = same_keys(c->generation, ike_secret_span(&derived->sk_e[IKE_I]),
                          ike_secret_span(&derived->sk_e[IKE_R]));

    if (same) {
        fill(&c->generation->sk_d, ike_secret_span(&derived->sk_d));
        fill(&c->generation->sk_p[IKE_I], ike_secret_span(&derived->sk_p[IKE_I]));
        fill(&c->generation->sk_p[IKE_R], ike_secret_span(&derived->sk_p[IKE_R]));
        fill(&c->generation->sk_e[IKE_I], ike_secret_span(&derived->sk_e[IKE_I]));
        fill(&c->generation->sk_e[IKE_R], ike_secret_span(&derived->sk_e[IKE_R]));
        fill(&c->generation->sk_a[IKE_I], ike_secret_span(&derived->sk_a[IKE_I]));
        fill(&c->generation->sk_a[IKE_R], ike_secret_span(&derived->sk_a[IKE_R]));
        if (!c->generation->rows.prf) {
            c->generation->rows.prf = derived->rows.prf;
        }
    }
    ikev2_generation_free(derived);
    return same;
}

/* ---- the PRF
 * -------------------------------------------------------------------------------------- */

/* Without the negotiation the length of SK_d tells it, but for 16 bytes. */
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

        if (prf && prf->key_length == generation->sk_d.length) {
            return prf;
        }
    }
    return NULL;
}

void ikev2_complete(ike_crypto *crypto, ikev2_generation *generation)
{
    unsigned now = ike_keyring_revision(crypto->ring) + 1;
    completion c = {crypto, generation, 4096};

    if (crypto->v2->has_suite && !generation->rows.prf) {
        generation->rows.prf = crypto->v2->rows->prf;
    }
    if (generation->completed != now) {
        generation->completed = now;
        fill_from_sets(crypto, generation);
        if (lacks(generation) && !ikev2_each_derived(crypto, true, spend, fill_from_derived, &c) &&
            !ikev2_each_resumed(crypto, spend, fill_from_derived, &c)) {
            ikev2_each_derived(crypto, false, spend, fill_from_derived, &c);
        }
    }
    if (!crypto->v2->has_suite && !generation->rows.prf) {
        generation->rows.prf = guess_prf(generation);
    }
}
