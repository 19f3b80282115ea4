/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the key schedule of IKEv1 with the secrets of the ring. */
#include "decrypt/ikev1/ikev1_derive.h"

#include "decrypt/keys/dh_secrets.h"

enum { MAX_SETS = 512 };

ikev1_auth_kind ikev1_auth_kind_of(uint16_t method)
{
    switch (method) {
    case 1:
    case 65001: /* XAUTHInitPreShared */
    case 65002: /* XAUTHRespPreShared */
        return IKEV1_BY_PSK;
    case 4:
    case 5:
    case 65007: /* XAUTHInitRSAEncryption and its three sisters */
    case 65008:
    case 65009:
    case 65010:
        return IKEV1_BY_ENCRYPTION;
    default:
        return IKEV1_BY_SIGNATURE;
    }
}

bool ikev1_set_key(ikev1_keys *keys, ike_span skeyid_e)
{
    size_t length = ike_encr_key_length(keys->rows.encr, keys->rows.key_bits);

    return keys->rows.prf &&
           ikev1_encryption_key(keys->rows.prf, skeyid_e, length, &keys->key) == IKE_OK;
}

static bool each_psk_of(const ike_crypto *crypto, unsigned side, ike_peer_use use, void *user)
{
    const ikev1_sa *sa = crypto->v1;
    char *identity = ike_identity_text(ike_secret_span(&sa->id[side]));
    bool content = ike_keyring_each_peer(crypto->ring, IKE_PEER_PSK, identity,
                                         side == IKEV1_I ? sa->source : sa->destination,
                                         sa->address_bytes, use, user);

    g_free(identity);
    return content;
}

bool ikev1_each_psk(const ike_crypto *crypto, ike_peer_use use, void *user)
{
    return each_psk_of(crypto, IKEV1_R, use, user) || each_psk_of(crypto, IKEV1_I, use, user);
}

typedef struct {
    ike_crypto *crypto;
    ikev1_phase1 phase1;
    ike_span shared;
    const char *origin;
    ikev1_derived_use use;
    void *user;
} derivation;

static bool derive_from_skeyid(const derivation *d, ike_span skeyid, bool by_psk,
                               const char *origin)
{
    ikev1_keys *keys;

    if (!ike_crypto_spend_trial(d->crypto)) {
        return false;
    }
    keys = ikev1_keys_new(&d->crypto->v1->rows);
    ike_secret_set(&keys->skeyid, skeyid.data, skeyid.length);
    keys->by_psk = by_psk;
    keys->origin = origin;
    if (ikev1_skeyids_derive(&d->phase1, skeyid, d->shared, &keys->skeyids) != IKE_OK ||
        !ikev1_set_key(keys, ike_secret_span(&keys->skeyids.e))) {
        ikev1_keys_free(keys);
        return false;
    }
    return d->use(d->user, keys);
}

/* ike_peer_use */
static bool derive_with_psk(void *user, ike_span psk, ike_key_source source)
{
    const derivation *d = user;
    ike_secret skeyid = {0};
    bool content = ikev1_skeyid_psk(&d->phase1, psk, &skeyid) == IKE_OK &&
                   derive_from_skeyid(d, ike_secret_span(&skeyid), true, ike_source_name(source));

    ike_secret_clear(&skeyid);
    return content;
}

/* SKEYID as a log has it, for this SA. */
static bool derive_with_logged(const derivation *d)
{
    const ike_crypto *crypto = d->crypto;
    unsigned sets = 0;

    for (unsigned way = 0; way < IKE_WAYS_TO_BIND; way++) {
        const ike_key_set *set =
            ike_keyring_bound(crypto->ring, crypto->initiator_spi, crypto->responder_spi, way);

        for (; set && sets < MAX_SETS; set = set->next_bound, sets++) {
            ike_span skeyid = ike_key_set_secret(set, IKE_SECRET_V1_SKEYID);

            if (skeyid.length &&
                derive_from_skeyid(d, skeyid, false, ike_source_name(set->source))) {
                return true;
            }
        }
    }
    return false;
}

/* ike_dh_use */
static bool derive_with(void *user, const ike_span *secrets, const char *origin)
{
    derivation *d = user;
    ike_secret skeyid = {0};
    bool content = false;

    d->shared = secrets[0];
    d->origin = origin;
    if (derive_with_logged(d)) {
        return true;
    }
    switch (ikev1_auth_kind_of(d->crypto->v1->auth_method)) {
    case IKEV1_BY_PSK:
        return ikev1_each_psk(d->crypto, derive_with_psk, d);
    case IKEV1_BY_SIGNATURE:
        content = ikev1_skeyid_signature(&d->phase1, d->shared, &skeyid) == IKE_OK &&
                  derive_from_skeyid(d, ike_secret_span(&skeyid), false, origin);
        break;
    case IKEV1_BY_ENCRYPTION:
        content = ikev1_skeyid_encryption(&d->phase1, &skeyid) == IKE_OK &&
                  derive_from_skeyid(d, ike_secret_span(&skeyid), false, origin);
        break;
    }
    ike_secret_clear(&skeyid);
    return content;
}

bool ikev1_each_derived(ike_crypto *crypto, bool bound, ikev1_derived_use use, void *user)
{
    const ikev1_sa *sa = crypto->v1;
    derivation d = {.crypto = crypto, .use = use, .user = user};
    const ike_dh_wanted wanted = {
        .owners = {{crypto->initiator_spi, crypto->responder_spi}},
        .exchanges = {{sa->group, ike_secret_span(&sa->ke[IKEV1_I]),
                       ike_secret_span(&sa->ke[IKEV1_R])}},
        .count = 1,
    };

    return ikev1_phase1_of(crypto, &d.phase1) &&
           ike_each_dh(crypto->ring, &wanted, bound, derive_with, &d);
}
