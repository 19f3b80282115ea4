/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies HASH_I, HASH_R and SIG of IKEv1 phase 1 (RFC 2409 5.1 to 5.4). With a pre-shared key no
 * shared secret is needed: what HASH covers is all in the capture, so aggressive mode alone tells
 * whether a PSK is right. */
#include "decrypt/ikev1/ikev1_derive.h"
#include "decrypt/crypto/signature.h"

enum { CERT_X509_SIGNATURE = 4, MAX_CERTS = 8 };

typedef struct {
    ike_secret hash, signature;
    ike_secret keys[MAX_CERTS];
    unsigned key_count;
    ike_auth_result outcome;
    bool judged;
    unsigned revision, sa_keys; /* what was known then */
} auth_side;

struct ikev1_auth_state {
    auth_side sides[2];
};

void ikev1_auth_free(ikev1_auth_state *auth)
{
    if (!auth) {
        return;
    }
    for (unsigned side = IKEV1_I; side <= IKEV1_R; side++) {
        ike_secret_clear(&auth->sides[side].hash);
        ike_secret_clear(&auth->sides[side].signature);
        for (unsigned i = 0; i < auth->sides[side].key_count; i++) {
            ike_secret_clear(&auth->sides[side].keys[i]);
        }
    }
    g_free(auth);
}

void ikev1_auth_update(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    auth_side *side;

    if (!crypto->v1->auth) {
        crypto->v1->auth = g_new0(ikev1_auth_state, 1);
    }
    side = &crypto->v1->auth->sides[inputs->from_initiator ? IKEV1_I : IKEV1_R];
    if (inputs->v1_hash_data.length) {
        ike_secret_set(&side->hash, inputs->v1_hash_data.data, inputs->v1_hash_data.length);
    }
    if (inputs->v1_signature.length) {
        ike_secret_set(&side->signature, inputs->v1_signature.data, inputs->v1_signature.length);
    }
    for (size_t i = 0; i < inputs->cert_count && side->key_count < MAX_CERTS; i++) {
        if (inputs->certs[i].encoding == CERT_X509_SIGNATURE) {
            ike_secret_set(&side->keys[side->key_count++], inputs->certs[i].data.data,
                           inputs->certs[i].data.length);
        }
    }
    side->judged = false;
}

typedef struct {
    const ike_crypto *crypto;
    const auth_side *side;
    bool of_initiator;
    ikev1_phase1 phase1;
    ikev1_auth covered;
    unsigned tried;
} judgement;

static bool hash_of(const judgement *j, ike_span skeyid, ike_secret *hash)
{
    return ikev1_hash_auth(&j->phase1, skeyid, &j->covered, j->of_initiator, hash) == IKE_OK;
}

static bool matches(judgement *j, ike_span skeyid)
{
    ike_secret hash = {0};
    bool match =
        skeyid.length && hash_of(j, skeyid, &hash) && ike_secret_equal(&hash, &j->side->hash);

    j->tried += skeyid.length != 0;
    ike_secret_clear(&hash);
    return match;
}

/* ike_peer_use */
static bool try_psk(void *user, ike_span psk, ike_key_source source)
{
    judgement *j = user;
    ike_secret skeyid = {0};
    bool match = ikev1_skeyid_psk(&j->phase1, psk, &skeyid) == IKE_OK &&
                 matches(j, ike_secret_span(&skeyid));

    (void)source;
    ike_secret_clear(&skeyid);
    return match;
}

static bool try_known_skeyids(judgement *j)
{
    const ikev1_sa *sa = j->crypto->v1;

    for (unsigned i = 0; i < sa->key_count; i++) {
        if (matches(j, ike_secret_span(&sa->keys[i]->skeyid))) {
            return true;
        }
    }
    return false;
}

static ike_auth_result judge_hash(judgement *j)
{
    bool psk = ikev1_auth_kind_of(j->crypto->v1->auth_method) == IKEV1_BY_PSK;

    if (try_known_skeyids(j) || (psk && ikev1_each_psk(j->crypto, try_psk, j))) {
        return (ike_auth_result){IKE_AUTH_VERIFIED, psk ? "PSK matches" : "HASH matches"};
    }
    if (j->tried) {
        return (ike_auth_result){IKE_AUTH_WRONG,
                                 psk ? "PSK does not match" : "HASH does not match"};
    }
    return (ike_auth_result){IKE_AUTH_UNKNOWN,
                             psk ? "Neither the PSK nor SKEYID is known" : "SKEYID is not known"};
}

static ike_auth_result judge_signature(judgement *j)
{
    const ikev1_sa *sa = j->crypto->v1;
    ike_auth_result outcome = {IKE_AUTH_UNKNOWN, "SKEYID is not known"};
    ike_secret hash = {0};

    j->phase1.prf = ikev1_signature_prf(sa->auth_method, j->phase1.prf);
    for (unsigned i = 0; i < sa->key_count && outcome.result != IKE_AUTH_VERIFIED; i++) {
        ike_span skeyid = ike_secret_span(&sa->keys[i]->skeyid);

        if (!skeyid.length || !j->phase1.prf || !hash_of(j, skeyid, &hash)) {
            continue;
        }
        outcome = (ike_auth_result){IKE_AUTH_UNKNOWN, "No certificate of this side in the capture"};
        for (unsigned c = 0; c < j->side->key_count; c++) {
            ike_auth_result one =
                ikev1_signature_verify(ike_secret_span(&j->side->keys[c]), ike_secret_span(&hash),
                                       ike_secret_span(&j->side->signature));

            if (c == 0 || one.result == IKE_AUTH_VERIFIED) {
                outcome = one;
            }
        }
    }
    ike_secret_clear(&hash);
    return outcome;
}

static ike_auth_result judge(const ike_crypto *crypto, const auth_side *side, bool of_initiator)
{
    const ikev1_sa *sa = crypto->v1;
    judgement j = {.crypto = crypto, .side = side, .of_initiator = of_initiator};

    if (!ikev1_phase1_of(crypto, &j.phase1) || !sa->ke[IKEV1_I].length || !sa->ke[IKEV1_R].length ||
        !sa->sa_body.length) {
        return (ike_auth_result){IKE_AUTH_UNKNOWN, "Messages of phase 1 are not in the capture"};
    }
    if (!sa->id[of_initiator ? IKEV1_I : IKEV1_R].length) {
        return (ike_auth_result){IKE_AUTH_UNKNOWN, "The identity is not in the capture"};
    }
    j.covered = (ikev1_auth){
        .ke_i = ike_secret_span(&sa->ke[IKEV1_I]),
        .ke_r = ike_secret_span(&sa->ke[IKEV1_R]),
        .sa_i = ike_secret_span(&sa->sa_body),
        .id = ike_secret_span(&sa->id[of_initiator ? IKEV1_I : IKEV1_R]),
    };
    for (unsigned i = 0; i < sa->key_count; i++) {
        ikev1_complete((ike_crypto *)crypto, sa->keys[i]);
    }
    return side->signature.length ? judge_signature(&j) : judge_hash(&j);
}

ike_auth_result ikev1_auth_result(const ike_crypto *crypto, bool of_initiator)
{
    const ikev1_sa *sa = crypto->v1;
    unsigned revision = ike_keyring_revision(crypto->ring);
    auth_side *side = sa->auth ? &sa->auth->sides[of_initiator ? IKEV1_I : IKEV1_R] : NULL;

    if (!side || (!side->hash.length && !side->signature.length)) {
        return (ike_auth_result){IKE_AUTH_UNKNOWN, "No HASH or SIG of this side is open"};
    }
    if (!side->judged || side->revision != revision || side->sa_keys != sa->key_count) {
        side->outcome = judge(crypto, side, of_initiator);
        side->judged = true;
        side->revision = revision;
        side->sa_keys = sa->key_count;
    }
    return side->outcome;
}
