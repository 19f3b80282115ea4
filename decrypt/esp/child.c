/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the keys of CHILD_SAs from what was negotiated and what the ring knows. */
#include "decrypt/esp/child.h"

#include "decrypt/ikev2/ikev2_sa.h"

enum { MAX_CHOICES = 4096 };

ike_child *ike_child_new(ike_crypto *owner, unsigned exchange_count)
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
    for (unsigned role = IKE_CHILD_I; role <= IKE_CHILD_R; role++) {
        ike_secret_set(&child->nonces[role], nonces[role].data, nonces[role].length);
    }
}

ike_span ike_child_nonce(const ike_child *child, unsigned role)
{
    return child->nonces ? ike_secret_span(&child->nonces[role]) : (ike_span){NULL, 0};
}

void ike_child_free(ike_child *child)
{
    if (!child) {
        return;
    }
    for (unsigned side = IKE_CHILD_I; side <= IKE_CHILD_R; side++) {
        if (child->nonces) {
            ike_secret_clear(&child->nonces[side]);
        }
        for (unsigned i = 0; i < child->exchange_count; i++) {
            ike_secret_clear(&child->exchanges[i].ke[side]);
        }
    }
    g_free(child->nonces);
    g_free(child->exchanges);
    if (child->known_keys) {
        ike_child_keys_clear(&child->known_keys->keys);
    }
    g_free(child->known_keys);
    g_free(child);
}

typedef struct {
    ike_child *child;
    ike_child_use use;
    void *user;
    unsigned choices_left;
} key_search;

static bool try_choice(key_search *search, const ike_span *secrets, const char *origin)
{
    ike_child *child = search->child;

    for (unsigned variant = 0; variant < IKEV2_SK_D_VARIANTS; variant++) {
        ike_child_keys keys = {{0}, {0}, {0}, {0}};

        if (search->choices_left == 0 || !child->derive(child, variant, secrets, &keys)) {
            ike_child_keys_clear(&keys);
            return false;
        }
        search->choices_left--;
        if (search->use(search->user, &keys, origin)) {
            child->known_keys = g_new(ike_child_known_keys, 1);
            *child->known_keys = (ike_child_known_keys){keys, origin};
            return true;
        }
        ike_child_keys_clear(&keys);
    }
    return false;
}

static bool try_secrets(void *user, const ike_span *secrets, const char *origin)
{
    return try_choice(user, secrets, origin);
}

static void fill_wanted(const ike_child *child, ike_dh_wanted *wanted)
{
    *wanted = (ike_dh_wanted){.count = child->exchange_count};
    wanted->owners[0].initiator_spi = child->owner->initiator_spi;
    wanted->owners[0].responder_spi = child->owner->responder_spi;
    if (child->owner->v2 && child->owner->v2->old) {
        wanted->owners[1].initiator_spi = child->owner->v2->old->initiator_spi;
        wanted->owners[1].responder_spi = child->owner->v2->old->responder_spi;
    }
    for (unsigned i = 0; i < child->exchange_count; i++) {
        wanted->exchanges[i].group = child->exchanges[i].group;
        wanted->exchanges[i].ke_i = ike_secret_span(&child->exchanges[i].ke[IKE_CHILD_I]);
        wanted->exchanges[i].ke_r = ike_secret_span(&child->exchanges[i].ke[IKE_CHILD_R]);
    }
}

bool ike_child_each_keys(ike_child *child, ike_child_use use, void *user)
{
    key_search search = {child, use, user, MAX_CHOICES};
    ike_dh_wanted wanted;

    if (child->known_keys) {
        return use(user, &child->known_keys->keys, child->known_keys->origin);
    }
    if (child->exchange_count == 0) {
        return try_choice(&search, NULL, "keys of the IKE SA");
    }
    fill_wanted(child, &wanted);
    return ike_each_dh(child->owner->ring, &wanted, true, try_secrets, &search) ||
           ike_each_dh(child->owner->ring, &wanted, false, try_secrets, &search);
}
