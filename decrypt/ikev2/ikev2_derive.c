/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the key schedule of IKEv2 with the secrets of the key ring. */
#include "decrypt/ikev2/ikev2_derive.h"

#include "decrypt/ikev2/ikev2_ppk.h"

static ike_nonces nonces_of(const ikev2_sa *sa)
{
    return (ike_nonces){ike_secret_span(&sa->nonce[IKE_I]), ike_secret_span(&sa->nonce[IKE_R])};
}

static bool has_nonces(const ikev2_sa *sa)
{
    return sa->nonce[IKE_I].length && sa->nonce[IKE_R].length;
}

static bool can_derive(const ikev2_sa *sa)
{
    return sa->computable && sa->rows->prf && has_nonces(sa);
}

uint8_t ikev2_newest_exchange(const ikev2_sa *sa)
{
    return sa->exchange_count ? (uint8_t)(sa->exchange_count - 1) : 0;
}

ikev2_generation *ikev2_from_skeyseed_for(const ikev2_sa *sa, const ike_algorithms *rows,
                                          ike_span skeyseed)
{
    ikev2_generation *generation;
    ikev2_sk sk = {0};

    if (!rows->prf || !has_nonces(sa) ||
        ikev2_sk_derive(rows, skeyseed, nonces_of(sa), sa->base.initiator_spi,
                        sa->base.responder_spi, &sk) != IKE_OK) {
        ikev2_sk_clear(&sk);
        return NULL;
    }
    generation = ikev2_generation_new(rows);
    ike_secret_move(&generation->sk_d, &sk.d);
    ike_secret_move(&generation->sk_a[IKE_I], &sk.ai);
    ike_secret_move(&generation->sk_a[IKE_R], &sk.ar);
    ike_secret_move(&generation->sk_e[IKE_I], &sk.ei);
    ike_secret_move(&generation->sk_e[IKE_R], &sk.er);
    ike_secret_move(&generation->sk_p[IKE_I], &sk.pi);
    ike_secret_move(&generation->sk_p[IKE_R], &sk.pr);
    generation->exchange = ikev2_newest_exchange(sa);
    return generation;
}

ikev2_generation *ikev2_from_skeyseed(const ikev2_sa *sa, ike_span skeyseed)
{
    return sa->computable ? ikev2_from_skeyseed_for(sa, sa->rows, skeyseed) : NULL;
}

/* What the next SKEYSEED is made of, beside the shared secrets. */
typedef struct {
    bool first; /* from the nonces alone: IKE_SA_INIT */
    const ike_prf_alg *prf;
    ike_span sk_d;    /* else from this one: rekey, IKE_INTERMEDIATE */
    uint8_t exchange; /* index of the first key exchange that goes in */
    uint8_t count;    /* how many go in */
} seed_recipe;

/* `variant` counts what SK_d can be: that of a rekeyed SA may have a PPK mixed in. */
static bool next_recipe(const ikev2_sa *sa, unsigned variant, seed_recipe *recipe)
{
    const ikev2_generation *current = ikev2_current(sa);

    if (!can_derive(sa) || sa->exchange_count == 0)
        return false;
    if (variant > 0 && (current || !sa->old))
        return false;
    if (!current && !sa->old) {
        *recipe = (seed_recipe){.first = true, .prf = sa->rows->prf, .exchange = 0, .count = 1};
        return true;
    }
    if (!current && !sa->old->sk_d)
        return false;
    if (!current) {
        *recipe = (seed_recipe){.prf = sa->old->prf,
                                .sk_d = ike_secret_span(&sa->old->sk_d[variant]),
                                .exchange = 0,
                                .count = sa->exchange_count};
        return sa->old->prf && sa->old->sk_d[variant].length;
    }
    *recipe = (seed_recipe){.prf = sa->rows->prf,
                            .sk_d = ike_secret_span(&current->sk_d),
                            .exchange = (uint8_t)(current->exchange + 1),
                            .count = 1};
    return current->sk_d.length && recipe->exchange < sa->exchange_count;
}

static ike_status make_seed(const ikev2_sa *sa, const seed_recipe *recipe, const ike_span *secrets,
                            ike_secret *skeyseed)
{
    if (recipe->first)
        return ikev2_skeyseed(recipe->prf, nonces_of(sa), secrets[0], skeyseed);
    return ikev2_skeyseed_from_sk_d(recipe->prf, recipe->sk_d, secrets, recipe->count,
                                    nonces_of(sa), skeyseed);
}

typedef struct {
    ikev2_sa *sa;
    ike_search *search;
    seed_recipe recipe;
    ikev2_derived_use use;
    void *user;
} derivation;

/* ---- a PPK in IKE_INTERMEDIATE (RFC 9867) ---------------------------------------------------- */

typedef struct {
    derivation *d;
    const ikev2_generation *base;
} ppk_step;

/* ike_peer_use: SKEYSEED = prf+(PPK, SK_d). */
static bool derive_with_ppk(void *user, ike_span ppk, const ike_key_origin *origin)
{
    const ppk_step *step = user;
    const derivation *d = step->d;
    ikev2_generation *generation = NULL;
    ike_secret skeyseed = {0};

    if (!ike_search_charge(d->search, IKE_COST_SCHEDULE))
        return false;
    if (ikev2_ppk_mix(step->base->rows.prf, ppk, ike_secret_span(&step->base->sk_d), &skeyseed) ==
        IKE_OK)
        generation = ikev2_from_skeyseed(d->sa, ike_secret_span(&skeyseed));
    ike_secret_clear(&skeyseed);
    if (!generation)
        return false;
    generation->exchange = step->base->exchange;
    generation->ppk_mixed = true;
    generation->origin = *origin;
    generation->origin.secret = "PPK";
    return d->use(d->user, generation);
}

/* From `base` on, when it is of the last key exchange: the PPK comes with that or after it. */
static bool derive_ppk_of(derivation *d, const ikev2_generation *base)
{
    const ikev2_sa *sa = d->sa;
    ppk_step step = {d, base};

    return sa->ppk_int_confirmed && can_derive(sa) && !base->ppk_mixed && base->rows.prf &&
           base->sk_d.length && base->exchange + 1 >= sa->exchange_count &&
           ikev2_each_ppk(d->sa, derive_with_ppk, &step);
}

/* ---- shared secrets -------------------------------------------------------------------------- */

/* ike_dh_use: one choice of shared secrets. */
static bool derive_with(void *user, const ike_span *secrets, const ike_key_origin *origin)
{
    derivation *d = user;
    ikev2_sa *sa = d->sa;
    ikev2_generation *generation = NULL;
    ike_secret skeyseed = {0};

    if (!ike_search_charge(d->search, IKE_COST_SCHEDULE))
        return false;
    if (make_seed(sa, &d->recipe, secrets, &skeyseed) == IKE_OK)
        generation = ikev2_from_skeyseed(d->sa, ike_secret_span(&skeyseed));
    ike_secret_clear(&skeyseed);
    if (!generation)
        return false;
    generation->exchange = (uint8_t)(d->recipe.exchange + d->recipe.count - 1);
    generation->origin = *origin;
    if (derive_ppk_of(d, generation)) {
        ike_keyring_mark_used(sa->base.capture->ring, origin); /* beside the PPK's */
        ikev2_generation_free(generation);
        return true;
    }
    return d->use(d->user, generation);
}

static void fill_wanted(const ikev2_sa *sa, const seed_recipe *recipe, ike_dh_wanted *wanted)
{
    const ike_sa_base *base = &sa->base;

    *wanted = (ike_dh_wanted){.owners = {{base->initiator_spi, base->responder_spi},
                                         {base->old_initiator_spi, base->old_responder_spi}},
                              .count = recipe->count};
    for (unsigned i = 0; i < recipe->count; i++) {
        const ikev2_exchange *exchange = &sa->exchanges[recipe->exchange + i];

        wanted->exchanges[i].group = exchange->group;
        wanted->exchanges[i].ke_i = ike_secret_span(&exchange->ke[IKE_I]);
        wanted->exchanges[i].ke_r = ike_secret_span(&exchange->ke[IKE_R]);
    }
}

bool ikev2_each_derived(ikev2_sa *sa, ike_search *search, ikev2_derived_use use, void *user)
{
    derivation d = {.sa = sa, .search = search, .use = use, .user = user};
    const ikev2_generation *current = ikev2_current(sa);
    ike_dh_wanted wanted;

    if (search->bound && current && derive_ppk_of(&d, current))
        return true;
    for (unsigned variant = 0; variant < IKEV2_SK_D_VARIANTS; variant++) {
        if (!next_recipe(sa, variant, &d.recipe))
            continue;
        fill_wanted(sa, &d.recipe, &wanted);
        if (ike_each_dh(sa->base.capture->dh, search, &wanted, derive_with, &d))
            return true;
    }
    return false;
}
