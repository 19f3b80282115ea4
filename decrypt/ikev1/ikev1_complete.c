/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys that decrypted a message may be Ka alone, as a decryption table has it. The rest (SKEYID and
 * its children) is taken from the other secrets of the key ring, when these make the same Ka. */
#include "decrypt/ikev1/ikev1_search.h"

#include <openssl/crypto.h>

#include "decrypt/ikev1/ikev1_auth.h"
#include "decrypt/ikev1/ikev1_derive.h"

static bool lacks(const ikev1_keys *keys)
{
    return !keys->skeyid.length || !keys->skeyids.d.length || !keys->skeyids.a.length;
}

static bool makes_key(const ikev1_keys *keys, ike_span ka, ike_span skeyid_e)
{
    size_t length = keys->key.length;

    return (ka.length >= length && CRYPTO_memcmp(ka.data, keys->key.data, length) == 0) ||
           (skeyid_e.length >= length && CRYPTO_memcmp(skeyid_e.data, keys->key.data, length) == 0);
}

static void fill_from_sets(const ikev1_sa *sa, ikev1_keys *keys)
{
    ike_bound_walk walk = ike_sa_base_walk_bound(&sa->base);
    const ike_key_set *set;

    while ((set = ike_bound_walk_next(&walk))) {
        ike_span ka = ike_key_set_secret(set, IKE_SECRET_V1_KEY);
        ike_span skeyid_e = ike_key_set_secret(set, IKE_SECRET_V1_SKEYID_E);

        if (set->version == 2 || ((ka.length || skeyid_e.length) && !makes_key(keys, ka, skeyid_e)))
            continue;
        ike_secret_fill(&keys->skeyid, ike_key_set_secret(set, IKE_SECRET_V1_SKEYID));
        ike_secret_fill(&keys->skeyids.d, ike_key_set_secret(set, IKE_SECRET_V1_SKEYID_D));
        ike_secret_fill(&keys->skeyids.a, ike_key_set_secret(set, IKE_SECRET_V1_SKEYID_A));
    }
}

bool ikev1_has_other_psk(const ikev1_sa *sa)
{
    ike_bound_walk walk = ike_sa_base_walk_bound(&sa->base);
    const ike_key_set *set;
    ike_span first = {0};

    if (!sa->key_count || ikev1_auth_kind_of(sa->auth_method) != IKEV1_BY_PSK)
        return false;
    while ((set = ike_bound_walk_next(&walk))) {
        ike_span skeyid = ike_key_set_secret(set, IKE_SECRET_V1_SKEYID);

        if (set->version == 2 || !skeyid.length)
            continue;
        if (!first.length)
            first = skeyid;
        else if (skeyid.length == first.length &&
                 CRYPTO_memcmp(skeyid.data, first.data, first.length) != 0)
            return true;
    }
    return false;
}

static bool fill_from_derived(void *user, ikev1_keys *derived)
{
    ikev1_keys *keys = user;
    bool same = ike_secret_equal(&keys->key, &derived->key);

    if (same) {
        ike_secret_fill(&keys->skeyid, ike_secret_span(&derived->skeyid));
        ike_secret_fill(&keys->skeyids.d, ike_secret_span(&derived->skeyids.d));
        ike_secret_fill(&keys->skeyids.a, ike_secret_span(&derived->skeyids.a));
    }
    ikev1_keys_free(derived);
    return same;
}

static bool fill_by_choice(ikev1_sa *sa, ike_search *search, ikev1_keys *keys)
{
    for (unsigned choice = 0; ikev1_sa_choose(sa, choice); choice++) {
        if (ikev1_each_derived(sa, search, fill_from_derived, keys)) {
            ikev1_sa_fix_choice(sa);
            return true;
        }
    }
    return false;
}

static void fill_by_schedule(ikev1_sa *sa, ikev1_keys *keys)
{
    ike_decrypt_context *capture = sa->base.capture;
    ike_search search;
    bool found;

    ike_search_begin(&search, &capture->budget, &sa->base.memo,
                     ike_keyring_revision(capture->ring));
    found = fill_by_choice(sa, &search, keys) ||
            (ike_search_unbind(&search) && fill_by_choice(sa, &search, keys));
    ike_search_end(&search, found);
}

void ikev1_complete(ikev1_sa *sa, ikev1_keys *keys)
{
    unsigned now = ike_keyring_revision(sa->base.capture->ring) + 1;

    if (!lacks(keys) || keys->completed == now)
        return;
    keys->completed = now;
    fill_from_sets(sa, keys);
    if (lacks(keys))
        fill_by_schedule(sa, keys);
}
