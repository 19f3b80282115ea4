/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies AUTH payloads with the secrets of the key ring and the certificates of the capture. */
#include "decrypt/ikev2/ikev2_auth_record.h"

#include <string.h>

#include "decrypt/crypto/mschapv2.h"
#include "decrypt/crypto/signature.h"
#include "decrypt/ikev2/ikev2_search.h"
#include "decrypt/ikev2/ikev2_ppk.h"
#include "decrypt/keys/identity.h"
#include "proto/ike_numbers.h"

/* ---- the secrets ----------------------------------------------------------------------------- */

/* One AUTH, what it covers, and how far the trials have come. */
typedef struct {
    ikev2_sa *sa;
    ike_search search;
    const ikev2_auth_record *record;
    ikev2_generation *generation;
    unsigned side;
    const ikev2_init *init; /* the variant of the side's IKE_SA_INIT message */
    const ike_secret *sk_p; /* plain or with a PPK mixed in */
    ike_secret int_auth, bytes;
    unsigned tried;
    bool mixed;            /* a PPK was tried */
    ike_key_origin origin; /* of the shared secret that matched */
    ike_auth_result result;
} verification;

/* ike_peer_use: whether AUTH was made with this shared secret. */
static bool try_shared_key(void *user, ike_span secret, const ike_key_origin *origin)
{
    verification *v = user;
    ike_secret auth = {0};
    bool match;

    if (!ike_search_charge(&v->search, 3 * IKE_COST_PRF))
        return false;
    v->tried++;
    match = ikev2_psk_auth(v->generation->rows.prf, secret, ike_secret_span(&v->bytes), &auth) ==
                IKE_OK &&
            ike_secret_equal(&auth, &v->record->data);
    ike_secret_clear(&auth);
    if (match && origin)
        v->origin = *origin;
    return match;
}

static bool try_psks(verification *v)
{
    const ikev2_auth *auth = v->sa->auth;

    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        char *identity = ike_identity_text(ike_secret_span(&auth->id_body[side]));
        bool match = ike_peer_keys_each(ike_keyring_peer_keys(v->sa->base.capture->ring),
                                        IKE_PEER_PSK, identity, auth->address[side],
                                        auth->address_bytes, try_shared_key, v);

        g_free(identity);
        if (match)
            return true;
    }
    return false;
}

static bool try_msk_of(verification *v, const ike_key_set *set)
{
    ike_span msk = ike_key_set_secret(set, IKE_SECRET_MSK);

    return msk.length && try_shared_key(v, msk, &set->origin);
}

static bool try_msks(verification *v)
{
    const ike_sa_keys *keys = ike_keyring_sa_keys(v->sa->base.capture->ring);
    ike_bound_walk bound = ike_sa_base_walk_bound(&v->sa->base);
    const ike_key_set *set;
    ike_set_walk unbound;

    while ((set = ike_bound_walk_next(&bound)))
        if (try_msk_of(v, set))
            return true;
    ike_sa_keys_walk(keys, IKE_SECRET_MSK, 64, &unbound);
    for (unsigned sets = bound.count;
         sets < IKE_BOUND_SETS_MAX && (set = ike_sa_keys_walk_next(keys, &unbound)); sets++)
        if (try_msk_of(v, set))
            return true;
    return false;
}

/* ike_peer_use: the MSK of EAP-MSCHAPv2 with this password. */
static bool try_password(void *user, ike_span password, const ike_key_origin *origin)
{
    verification *v = user;
    const ikev2_auth *auth = v->sa->auth;
    ike_secret msk = {0};
    bool match = ike_mschapv2_msk(ike_secret_span(&auth->challenge),
                                  ike_secret_span(&auth->response), password, &msk) == IKE_OK &&
                 try_shared_key(v, ike_secret_span(&msk), origin);

    ike_secret_clear(&msk);
    return match;
}

/* Passwords stand in key logs by that name, and in the PSK table. */
static bool try_passwords(verification *v)
{
    enum { NAME = 59 }; /* behind the value of 49 bytes */
    const ikev2_auth *auth = v->sa->auth;
    const ike_peer_keys *peers = ike_keyring_peer_keys(v->sa->base.capture->ring);
    const ike_secret *response = &auth->response;
    char *name;
    bool match;

    if (!auth->challenge.length || response->length < NAME)
        return false;
    name = g_strndup((const char *)response->data + NAME, response->length - NAME);
    match = ike_peer_keys_each(peers, IKE_PEER_PASSWORD, name, NULL, 0, try_password, v) ||
            ike_peer_keys_each(peers, IKE_PEER_PSK, name, NULL, 0, try_password, v);
    g_free(name);
    return match;
}

/* A shared secret of the user matches: names where it stands. */
static ike_auth_result matching(verification *v, const char *reason, const char *secret)
{
    v->origin.secret = secret;
    return (ike_auth_result){
        .status = IKE_AUTH_VERIFIED,
        .reason = reason,
        .key_source = ike_keyring_used_text(v->sa->base.capture->ring, &v->origin, NULL)};
}

static ike_auth_result verify_after_eap(verification *v)
{
    /* Methods that make no key: SK_p takes its place (RFC 7296 2.16). */
    if (try_shared_key(v, ike_secret_span(v->sk_p), NULL)) {
        return (ike_auth_result){IKE_AUTH_VERIFIED, "SK_p matches: the EAP method derives no key",
                                 NULL};
    }
    if (try_msks(v))
        return matching(v, "MSK of EAP matches", "MSK");
    if (try_passwords(v))
        return matching(v, "EAP-MSCHAPv2 with this password matches", "password");
    return (ike_auth_result){IKE_AUTH_UNKNOWN, "The MSK of EAP is not known", NULL};
}

/* Whether a log says that a daemon verified AUTH with another PSK, in vain. */
static bool has_rejecting_psk(verification *v)
{
    ike_bound_walk walk = ike_sa_base_walk_bound(&v->sa->base);
    const ike_key_set *set;

    while ((set = ike_bound_walk_next(&walk))) {
        ike_span psk = ike_key_set_secret(set, IKE_SECRET_REJECTING_PSK);

        if (psk.length)
            return !try_shared_key(v, psk, NULL);
    }
    return false;
}

static ike_auth_result verify_shared_key(verification *v)
{
    if (v->record->after_eap)
        return verify_after_eap(v);
    if (try_psks(v)) {
        v->sa->other_psk[v->side] = has_rejecting_psk(v);
        return matching(v, "PSK matches", "PSK");
    }
    if (v->search.exhausted) {
        return (ike_auth_result){IKE_AUTH_UNKNOWN, "There are too many PSKs to try all of them",
                                 NULL};
    }
    if (!v->tried)
        return (ike_auth_result){IKE_AUTH_UNKNOWN, "The PSK is not known", NULL};
    return (ike_auth_result){IKE_AUTH_WRONG,
                             v->mixed ? "PSK or PPK does not match" : "PSK does not match", NULL};
}

static ike_auth_result verify_null(verification *v)
{
    return try_shared_key(v, ike_secret_span(v->sk_p), NULL)
               ? (ike_auth_result){IKE_AUTH_VERIFIED,
                                   "NULL authentication: the message is complete, "
                                   "its sender is not authenticated",
                                   NULL}
               : (ike_auth_result){IKE_AUTH_WRONG, "NULL authentication does not match", NULL};
}

static ike_auth_result verify_signature(const verification *v)
{
    ike_auth_result first = {IKE_AUTH_UNKNOWN, "No certificate of this side in the capture", NULL};

    if (v->record->key_behind_url)
        first.reason = "The certificate is given as a URL only";
    for (unsigned i = 0; i < v->record->key_count; i++) {
        ike_auth_result result =
            ikev2_signature_verify(v->record->method, ike_secret_span(&v->record->keys[i]),
                                   ike_secret_span(&v->bytes), ike_secret_span(&v->record->data));

        if (result.status == IKE_AUTH_VERIFIED)
            return result;
        if (i == 0)
            first = result; /* the end entity's comes first */
    }
    return first;
}

/* RFC 5723 5.1: the sender's IKE_SESSION_RESUME message under SK_p. */
static ike_auth_result verify_resumed(const verification *v)
{
    ike_secret auth = {0};
    const ike_secret *message = &v->init->message;
    bool match = ikev2_resume_auth(v->generation->rows.prf, ike_secret_span(v->sk_p),
                                   ike_secret_span(message), &auth) == IKE_OK &&
                 ike_secret_equal(&auth, &v->record->data);

    ike_secret_clear(&auth);
    return match ? (ike_auth_result){IKE_AUTH_VERIFIED, "Session resumption matches", NULL}
                 : (ike_auth_result){IKE_AUTH_WRONG, "Session resumption does not match", NULL};
}

/* ---- one AUTH -------------------------------------------------------------------------------- */

/* With one SK_p and one variant of IKE_SA_INIT. true when AUTH is right. */
static bool verify_variant(verification *v, const ike_secret *sk_p)
{
    const ikev2_sa *sa = v->sa;
    const ikev2_signed covered = {
        .message = ike_secret_span(&v->init->message),
        .nonce = ike_secret_span(&sa->nonce[!v->side]),
        .sk_p = ike_secret_span(sk_p),
        .id_body = ike_secret_span(&v->record->id_body),
        .int_auth = ike_secret_span(&v->int_auth),
    };

    v->sk_p = sk_p;
    if (ikev2_signed_bytes(v->generation->rows.prf, &covered, &v->bytes) != IKE_OK)
        v->result = (ike_auth_result){IKE_AUTH_UNKNOWN, "The PRF is not supported", NULL};
    else if (sa->resumed && v->record->method == IKEV2_AUTH_SHARED_KEY)
        v->result = verify_resumed(v);
    else if (v->record->method == IKEV2_AUTH_SHARED_KEY)
        v->result = verify_shared_key(v);
    else if (v->record->method == IKEV2_AUTH_NULL)
        v->result = verify_null(v);
    else
        v->result = verify_signature(v);
    return v->result.status == IKE_AUTH_VERIFIED;
}

/* With one SK_p: over every message that claims to be the side's IKE_SA_INIT and has its nonce. */
static bool verify_with(verification *v, const ike_secret *sk_p)
{
    ikev2_sa *sa = v->sa;
    const ikev2_init *chosen = sa->chosen[v->side];

    v->init = chosen;
    if (verify_variant(v, sk_p))
        return true;
    for (unsigned i = 0; i < sa->init_count[v->side]; i++) {
        v->init = sa->init[v->side][i];
        if (v->init != chosen && ike_secret_equal(&v->init->nonce, &chosen->nonce) &&
            verify_variant(v, sk_p))
            return true;
    }
    return false;
}

/* ike_peer_use: with a PPK mixed in; the right one is stored for SK_d. */
static bool verify_with_ppk(void *user, ike_span ppk, const ike_key_origin *origin)
{
    verification *v = user;
    ikev2_generation *generation = v->generation;
    ike_secret mixed = {0};
    bool right;

    (void)origin;
    v->mixed = true;
    right = ikev2_ppk_mix(generation->rows.prf, ppk, ike_secret_span(&generation->sk_p[v->side]),
                          &mixed) == IKE_OK &&
            verify_with(v, &mixed);
    if (right && v->sa->ppk_confirmed) {
        (void)ikev2_ppk_mix(generation->rows.prf, ppk, ike_secret_span(&generation->sk_d),
                            &ikev2_generation_mixed(generation)->sk_d);
    }
    ike_secret_clear(&mixed);
    return right;
}

static bool verify_with_each_sk_p(verification *v)
{
    ikev2_generation *generation = v->generation;
    const ikev2_mixed *mixed = generation->mixed;

    v->mixed = false;
    if (!ikev2_ppk_negotiated(v->sa))
        return verify_with(v, &generation->sk_p[v->side]);
    if ((mixed && mixed->sk_p[v->side].length && verify_with(v, &mixed->sk_p[v->side])) ||
        ikev2_each_ppk(v->sa, verify_with_ppk, v) || verify_with(v, &generation->sk_p[v->side]))
        return true;
    if (!v->mixed)
        v->result = (ike_auth_result){IKE_AUTH_UNKNOWN, "The PPK is not known", NULL};
    return false;
}

/* What is missing for a verification, or NULL. */
static const char *missing(const verification *v)
{
    if (!v->generation || !v->generation->rows.prf)
        return "The PRF is not known or not supported";
    if (!v->generation->sk_p[v->side].length)
        return "SK_pi or SK_pr is not known";
    if (!v->sa->init_count[v->side] || !v->sa->nonce[IKE_I].length || !v->sa->nonce[IKE_R].length)
        return "IKE_SA_INIT is not in the capture";
    if (!v->record->id_body.length)
        return "The identity is not in the capture";
    if (v->sa->ppk_confirmed && !v->sa->ppk_id.length)
        return "The request that names the PPK is not in the capture";
    return NULL;
}

/* Over the pairs of IKE_SA_INIT messages that can be the right ones. Where AUTH verifies with none,
 * the result is that of the likely one. */
static void verify_pairs(verification *v)
{
    ikev2_sa *sa = v->sa;
    const ikev2_init *likely[2];
    ike_auth_result result = {IKE_AUTH_UNKNOWN, NULL, NULL};

    ikev2_sa_choose_default(sa);
    memcpy(likely, sa->chosen, sizeof likely);
    for (unsigned pair = 0; ikev2_sa_choose_pair(sa, pair, sa->base.responder_spi); pair++) {
        if (verify_with_each_sk_p(v)) {
            sa->chosen[v->side] = v->init;
            ikev2_sa_fix_init(sa);
            return;
        }
        if (pair == 0 || memcmp(likely, sa->chosen, sizeof likely) == 0)
            result = v->result;
    }
    ikev2_sa_choose_default(sa);
    v->result = result;
}

static ike_auth_result verify(ikev2_sa *sa, unsigned side, const ikev2_auth_record *record)
{
    ike_decrypt_context *capture = sa->base.capture;
    verification v = {.sa = sa, .record = record, .side = side};
    ike_search_memo memo = {0};
    const char *why;

    if (record->generation && record->generation <= sa->generation_count) {
        v.generation = sa->generations[record->generation - 1];
        ikev2_complete(sa, v.generation);
    }
    why = missing(&v);
    if (why)
        return (ike_auth_result){IKE_AUTH_UNKNOWN, why, NULL};
    if (!ikev2_int_auth_all(sa, sa->auth->intermediate, sa->auth->first_message_id, &v.int_auth)) {
        return (ike_auth_result){IKE_AUTH_UNKNOWN,
                                 "IKE_INTERMEDIATE messages are not in the capture", NULL};
    }
    ike_search_begin(&v.search, &capture->budget, &memo, ike_keyring_revision(capture->ring));
    (void)ike_search_unbind(&v.search);
    verify_pairs(&v);
    ike_search_end(&v.search, v.result.status == IKE_AUTH_VERIFIED);
    ike_secret_clear(&v.int_auth);
    ike_secret_clear(&v.bytes);
    return v.result;
}

static ike_auth_result result_of(ikev2_sa *sa, unsigned side, ikev2_auth_record *record)
{
    unsigned revision = ike_keyring_revision(sa->base.capture->ring);

    if (!record->has_result ||
        (record->revision != revision && record->result.status != IKE_AUTH_VERIFIED)) {
        record->result = verify(sa, side, record);
        record->has_result = true;
        record->revision = revision;
    }
    return record->result;
}

/* Several AUTHs of one side (EAP, RFC 4739): a wrong one decides, then an unknown one. */
ike_auth_result ikev2_auth_verify(ikev2_sa *sa, unsigned side)
{
    const ikev2_auth *auth = sa->auth;
    ike_auth_result all = {IKE_AUTH_UNKNOWN, "No AUTH payload of this side in the capture", NULL};

    for (unsigned i = 0; auth && i < auth->count[side]; i++) {
        ike_auth_result result = result_of(sa, side, auth->records[side][i]);

        if (result.status == IKE_AUTH_WRONG)
            return result;
        if (i == 0 || result.status == IKE_AUTH_UNKNOWN || all.status == IKE_AUTH_VERIFIED)
            all = result;
    }
    return all;
}
