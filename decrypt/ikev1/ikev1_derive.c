/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the key schedule of IKEv1 with the secrets of the key ring. */
#include "decrypt/ikev1/ikev1_derive.h"

#include "decrypt/keys/identity.h"
#include "proto/ike_numbers.h"

ikev1_auth_kind ikev1_auth_kind_of(uint16_t method)
{
    switch (method) {
    case IKEV1_AUTH_PRE_SHARED_KEY:
    case IKEV1_AUTH_XAUTHINITPRESHARED:
    case IKEV1_AUTH_XAUTHRESPPRESHARED:
        return IKEV1_BY_PSK;
    case IKEV1_AUTH_RSA_ENCRYPTION:
    case IKEV1_AUTH_RSA_REVISED_ENCRYPTION:
    case IKEV1_AUTH_XAUTH_INIT_RSA_ENCRYPTION:
    case IKEV1_AUTH_XAUTH_RESP_RSA_ENCRYPTION:
    case IKEV1_AUTH_XAUTH_INIT_RSA_REVISED_ENCRYPTION:
    case IKEV1_AUTH_XAUTH_RESP_RSA_REVISED_ENCRYPTION:
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

/* Of one side: by its identity and one address; then by the other addresses. */
static bool each_psk_of(const ikev1_sa *sa, unsigned side, ike_peer_use use, void *user)
{
    const ike_peer_keys *peers = ike_keyring_peer_keys(sa->base.capture->ring);
    char *identity = ike_identity_text(ike_secret_span(&sa->id[side]));
    unsigned count = MAX(sa->address_count, 1);
    bool content = false;

    for (unsigned i = 0; i < count && !content; i++) {
        const ikev1_addresses *pair = &sa->addresses[i];

        content = ike_peer_keys_each(peers, IKE_PEER_PSK, i == 0 ? identity : NULL,
                                     pair->address[side], pair->length, use, user);
    }
    g_free(identity);
    return content;
}

bool ikev1_each_psk(const ikev1_sa *sa, ike_peer_use use, void *user)
{
    return each_psk_of(sa, IKEV1_R, use, user) || each_psk_of(sa, IKEV1_I, use, user);
}

/* A SKEYID that the SA may have, before the shared secret is known. */
typedef struct {
    ike_secret skeyid;
    bool by_psk;
    ike_key_origin origin;
} known_skeyid;

typedef struct {
    ikev1_sa *sa;
    ike_search *search;
    ikev1_phase1 phase1;
    GArray *skeyids; /* known_skeyid: of PSKs and logs, each computed once for all shared secrets */
    guint place;     /* of the shared secret among those that are handed over */
    guint from, to;  /* how far from its place a SKEYID is tried now */
    ikev1_derived_use use;
    void *user;
} derivation;

/* ---- SKEYID ---------------------------------------------------------------------------------- */

static void add_skeyid(derivation *d, ike_secret *skeyid, bool by_psk, const ike_key_origin *origin)
{
    known_skeyid known = {{0}, by_psk, *origin};

    ike_secret_move(&known.skeyid, skeyid);
    g_array_append_val(d->skeyids, known);
}

/* ike_peer_use: until the search may cost no more. */
static bool add_skeyid_of_psk(void *user, ike_span psk, const ike_key_origin *origin)
{
    derivation *d = user;
    ike_key_origin psk_origin = *origin;
    ike_secret skeyid = {0};

    if (!ike_search_charge(d->search, 2 * IKE_COST_PRF))
        return true;
    psk_origin.secret = "PSK";
    if (ikev1_skeyid_psk(&d->phase1, psk, &skeyid) == IKE_OK)
        add_skeyid(d, &skeyid, true, &psk_origin);
    ike_secret_clear(&skeyid);
    return false;
}

/* SKEYID as a log has it, for this SA. */
static void add_logged_skeyids(derivation *d)
{
    ike_bound_walk walk = ike_sa_base_walk_bound(&d->sa->base);
    const ike_key_set *set;

    while ((set = ike_bound_walk_next(&walk))) {
        ike_span logged = ike_key_set_secret(set, IKE_SECRET_V1_SKEYID);
        const ike_key_origin origin = ike_key_set_origin(set, IKE_SECRET_V1_SKEYID, "SKEYID");
        ike_secret skeyid = {0};

        if (logged.length) {
            ike_secret_set(&skeyid, logged);
            add_skeyid(d, &skeyid, false, &origin);
        }
    }
}

static void add_skeyids(derivation *d)
{
    d->skeyids = g_array_new(FALSE, FALSE, sizeof(known_skeyid));
    add_logged_skeyids(d);
    if (ikev1_auth_kind_of(d->sa->auth_method) == IKEV1_BY_PSK)
        (void)ikev1_each_psk(d->sa, add_skeyid_of_psk, d);
}

static void free_skeyids(derivation *d)
{
    for (guint i = 0; i < d->skeyids->len; i++)
        ike_secret_clear(&g_array_index(d->skeyids, known_skeyid, i).skeyid);
    g_array_free(d->skeyids, TRUE);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool derive_from_skeyid(const derivation *d, ike_span skeyid, ike_span shared, bool by_psk,
                               const ike_key_origin *origin)
{
    ikev1_keys *keys;

    if (!ike_search_charge(d->search, IKE_COST_SCHEDULE))
        return false;
    keys = ikev1_keys_new(&d->sa->rows);
    ike_secret_set(&keys->skeyid, skeyid);
    keys->by_psk = by_psk;
    keys->origin = *origin;
    if (ikev1_skeyids_derive(&d->phase1, skeyid, shared, &keys->skeyids) != IKE_OK ||
        !ikev1_set_key(keys, ike_secret_span(&keys->skeyids.e))) {
        ikev1_keys_free(keys);
        return false;
    }
    return d->use(d->user, keys);
}

/* With SKEYID from the shared secret itself, or from nonces alone. */
static bool derive_by_schedule(const derivation *d, ikev1_auth_kind kind, ike_span shared,
                               const ike_key_origin *origin)
{
    ike_secret skeyid = {0};
    ike_status status = kind == IKEV1_BY_SIGNATURE
                            ? ikev1_skeyid_signature(&d->phase1, shared, &skeyid)
                            : ikev1_skeyid_encryption(&d->phase1, &skeyid);
    bool content =
        status == IKE_OK && derive_from_skeyid(d, ike_secret_span(&skeyid), shared, false, origin);

    ike_secret_clear(&skeyid);
    return content;
}

/* Where the SKEYID of a place is in the list: as for shared secrets (ike_sa_keys_walk_next) the one
 * that was right last comes first, then those on either side of it. */
static guint index_of(const derivation *d, guint place)
{
    guint count = d->skeyids->len, start = d->sa->base.capture->right_skeyid;
    guint behind = count - 1 - MIN(start, count - 1), both = MIN(start, behind);

    if (start >= count)
        return place;
    if (place <= 2 * both)
        return place % 2 == 1 ? start + (place + 1) / 2 : start - place / 2;
    return behind > both ? start + place - both : start - (place - both);
}

/* The SKEYIDs of places from..to - 1. */
static bool derive_range(const derivation *d, guint from, guint to, ike_span shared)
{
    for (guint place = from; place < MIN(to, d->skeyids->len) && !d->search->exhausted; place++) {
        guint index = index_of(d, place);
        const known_skeyid *known = &g_array_index(d->skeyids, known_skeyid, index);

        if (derive_from_skeyid(d, ike_secret_span(&known->skeyid), shared, known->by_psk,
                               &known->origin)) {
            d->sa->base.capture->right_skeyid = index;
            return true;
        }
    }
    return false;
}

/* ike_dh_use */
static bool derive_with(void *user, const ike_span *secrets, const ike_key_origin *origin)
{
    derivation *d = user;
    ikev1_auth_kind kind = ikev1_auth_kind_of(d->sa->auth_method);
    guint place = d->place++;

    if (!d->skeyids)
        add_skeyids(d);
    if (kind == IKEV1_BY_PSK && !d->skeyids->len)
        ike_search_refuse(d->search, &(ike_refusal){.why = IKE_DECRYPT_NO_PSK});
    if ((place >= d->from &&
         derive_range(d, place - MIN(place, d->to - 1), place - d->from + 1, secrets[0])) ||
        derive_range(d, place + MAX(d->from, 1), place + d->to, secrets[0])) {
        ike_keyring_mark_used(d->sa->base.capture->ring, origin); /* beside the PSK's */
        return true;
    }
    return d->from == 0 && kind != IKEV1_BY_PSK && derive_by_schedule(d, kind, secrets[0], origin);
}

/* What a log has of one negotiation is at about the same place among its shared secrets and among
 * its PSKs. Such pairs are tried first, then those that are farther apart, twice as far each time.
 */
static bool derive_by_distance(derivation *d, const ike_dh_wanted *wanted)
{
    ike_dh_cache *cache = d->sa->base.capture->dh;

    for (d->from = 0, d->to = 1;; d->from = d->to, d->to *= 2) {
        d->place = 0;
        if (ike_each_dh(cache, d->search, wanted, derive_with, d))
            return true;
        if (d->search->exhausted || !d->skeyids || d->from >= MAX(d->place, d->skeyids->len))
            return false;
    }
}

bool ikev1_each_derived(ikev1_sa *sa, ike_search *search, ikev1_derived_use use, void *user)
{
    derivation d = {.sa = sa, .search = search, .use = use, .user = user};
    const ike_dh_wanted wanted = {
        .owners = {{sa->base.initiator_spi, sa->base.responder_spi}},
        .exchanges = {{sa->group, ike_secret_span(&sa->ke[IKEV1_I]),
                       ike_secret_span(&sa->ke[IKEV1_R])}},
        .count = 1,
    };
    bool content = ikev1_phase1_of(sa, &d.phase1) && derive_by_distance(&d, &wanted);

    if (d.skeyids)
        free_skeyids(&d);
    return content;
}
