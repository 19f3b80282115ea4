/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Derives the keys of Child SAs from what was negotiated and what the key ring has. */
#include "decrypt/esp/child.h"

enum { MAX_VARIANTS = 16 }; /* of SK_d: with PPKs that may be meant */

ike_child *ike_child_new(ike_sa_base *owner, unsigned exchange_count)
{
    ike_child *child = g_new0(ike_child, 1);

    child->owner = owner;
    child->exchange_count = (uint8_t)exchange_count;
    child->exchanges = exchange_count ? g_new0(ike_child_exchange, exchange_count) : NULL;
    return child;
}

void ike_child_set_nonces(ike_child *child, const ike_secret nonces[2])
{
    child->nonces = g_new0(ike_secret, 2);
    for (unsigned role = IKE_CHILD_I; role <= IKE_CHILD_R; role++)
        ike_secret_set(&child->nonces[role], ike_secret_span(&nonces[role]));
}

ike_span ike_child_nonce(const ike_child *child, unsigned role)
{
    return child->nonces ? ike_secret_span(&child->nonces[role]) : (ike_span){NULL, 0};
}

void ike_child_free(ike_child *child)
{
    if (!child)
        return;
    for (unsigned side = IKE_CHILD_I; side <= IKE_CHILD_R; side++) {
        if (child->nonces)
            ike_secret_clear(&child->nonces[side]);
        for (unsigned i = 0; i < child->exchange_count; i++)
            ike_secret_clear(&child->exchanges[i].ke[side]);
    }
    g_free(child->nonces);
    g_free(child->exchanges);
    if (child->known_keys)
        ike_child_keys_clear(&child->known_keys->keys);
    g_free(child->known_keys);
    g_free(child);
}

typedef struct {
    ike_child *child;
    ike_search *search;
    ike_child_use use;
    void *user;
} key_search;

/* `origin` of the secrets of PFS; NULL without: the keys come from the IKE SA alone. */
static bool try_choice(const key_search *s, const ike_span *secrets, const ike_key_origin *origin)
{
    ike_child *child = s->child;

    for (unsigned variant = 0; variant < MAX_VARIANTS; variant++) {
        ike_child_keys keys = {{0}, {0}, {0}, {0}};
        ike_key_origin of_ike_sa = {.source = IKE_SOURCES};

        if (!ike_search_charge(s->search, IKE_COST_SCHEDULE) ||
            !child->derive(child, variant, secrets, &keys, &of_ike_sa)) {
            ike_child_keys_clear(&keys);
            return false;
        }
        of_ike_sa.of_ike_sa = of_ike_sa.source < IKE_SOURCES;
        of_ike_sa.secret = NULL; /* of the IKE SA's cipher, not of SK_d */
        const ike_key_origin *from = origin ? origin : &of_ike_sa;

        if (s->use(s->user, &keys, from)) {
            child->known_keys = g_new(ike_child_known_keys, 1);
            *child->known_keys = (ike_child_known_keys){keys, *from};
            return true;
        }
        ike_child_keys_clear(&keys);
    }
    return false;
}

/* ike_dh_use */
static bool try_secrets(void *user, const ike_span *secrets, const ike_key_origin *origin)
{
    return try_choice(user, secrets, origin);
}

static void fill_wanted(const ike_child *child, ike_dh_wanted *wanted)
{
    const ike_sa_base *owner = child->owner;

    *wanted = (ike_dh_wanted){
        .owners = {{owner->initiator_spi, owner->responder_spi},
                   {owner->old_initiator_spi, owner->old_responder_spi}},
        .count = child->exchange_count,
    };
    for (unsigned i = 0; i < child->exchange_count; i++) {
        wanted->exchanges[i].group = child->exchanges[i].group;
        wanted->exchanges[i].ke_i = ike_secret_span(&child->exchanges[i].ke[IKE_CHILD_I]);
        wanted->exchanges[i].ke_r = ike_secret_span(&child->exchanges[i].ke[IKE_CHILD_R]);
    }
}

static bool each_keys(ike_child *child, ike_search *search, ike_child_use use, void *user)
{
    ike_dh_cache *dh = child->owner->capture->dh;
    key_search s = {child, search, use, user};
    ike_dh_wanted wanted;
    bool found;

    if (child->known_keys)
        return use(user, &child->known_keys->keys, &child->known_keys->origin);
    search->bound = true;
    if (child->exchange_count == 0)
        return try_choice(&s, NULL, NULL);
    fill_wanted(child, &wanted);
    found = ike_each_dh(dh, search, &wanted, try_secrets, &s);
    if (!found && ike_search_unbind(search))
        found = ike_each_dh(dh, search, &wanted, try_secrets, &s);
    search->bound = true;
    return found;
}

bool ike_child_each_keys(ike_child *child, ike_search *search, ike_child_use use, void *user)
{
    ike_refusal refusal = {.why = child->unsupported      ? IKE_DECRYPT_UNSUPPORTED
                                  : child->exchange_count ? IKE_DECRYPT_NO_SHARED
                                                          : IKE_DECRYPT_NO_SK_D};

    if (!child->unsupported && each_keys(child, search, use, user))
        return true;
    if (!child->unsupported && child->lacks_ppk && child->lacks_ppk(child))
        refusal.why = IKE_DECRYPT_NO_PPK;
    ike_search_refuse(search, &refusal);
    return false;
}
