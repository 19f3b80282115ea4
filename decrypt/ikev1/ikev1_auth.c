/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies HASH_I, HASH_R and SIG of IKEv1 phase 1 (RFC 2409 5.1 to 5.4). With a pre-shared key no
 * shared secret is needed: what HASH covers is all in the capture, so aggressive mode alone shows
 * whether a PSK is right.
 *
 * Several messages can claim to be the one with HASH or SIG: those that verify decide. */
#include "decrypt/ikev1/ikev1_auth.h"

#include "decrypt/crypto/signature.h"
#include "decrypt/ikev1/ikev1_search.h"
#include "decrypt/ikev1/ikev1_derive.h"
#include "decrypt/ikev1/ikev1_hash.h"
#include "proto/ike_numbers.h"

enum { MAX_CERTS = 8, MAX_RECORDS = 8, MAX_IDS = 4 };

/* One HASH or SIG and the identity that it covers. */
typedef struct {
    ike_secret hash, signature, id;
    uint32_t frame;
    bool in_clear; /* of main mode, which encrypts it */
    ike_auth_result result;
    bool has_result;
    unsigned revision, sa_keys, messages; /* what was known then */
} auth_record;

typedef struct {
    ike_secret ids[MAX_IDS]; /* aggressive mode has the initiator's in another message than HASH */
    unsigned id_count;
    ike_secret keys[MAX_CERTS];
    unsigned key_count;
    auth_record records[MAX_RECORDS];
    unsigned count;
} auth_side;

struct ikev1_auth_state {
    auth_side sides[2];
};

static void clear_record(auth_record *record)
{
    ike_secret_clear(&record->hash);
    ike_secret_clear(&record->signature);
    ike_secret_clear(&record->id);
    *record = (auth_record){.has_result = false};
}

void ikev1_auth_free(ikev1_auth_state *auth)
{
    if (!auth)
        return;
    for (unsigned side = IKEV1_I; side <= IKEV1_R; side++) {
        auth_side *s = &auth->sides[side];

        for (unsigned i = 0; i < s->id_count; i++)
            ike_secret_clear(&s->ids[i]);
        for (unsigned i = 0; i < s->count; i++)
            clear_record(&s->records[i]);
        for (unsigned i = 0; i < s->key_count; i++)
            ike_secret_clear(&s->keys[i]);
    }
    g_free(auth);
}

void ikev1_auth_swap_sides(ikev1_auth_state *auth)
{
    if (auth) {
        auth_side initiator = auth->sides[IKEV1_I];

        auth->sides[IKEV1_I] = auth->sides[IKEV1_R];
        auth->sides[IKEV1_R] = initiator;
    }
}

/* ---- what the messages bring ----------------------------------------------------------------- */

static bool equals(const ike_secret *stored, ike_span span)
{
    const ike_secret other = {(uint8_t *)span.data, span.length};

    return ike_secret_equal(stored, &other);
}

/* Of more than there are places the first stay, and the newest. */
static void add_id(auth_side *side, ike_span id)
{
    for (unsigned i = 0; i < side->id_count; i++)
        if (equals(&side->ids[i], id))
            return;
    side->id_count = MIN(side->id_count + 1, MAX_IDS);
    ike_secret_set(&side->ids[side->id_count - 1], id);
}

static void add_record(auth_side *side, const ike_key_inputs *inputs, ike_span id)
{
    bool in_clear = inputs->exchange == IKEV1_EXCHANGE_MAIN_MODE && inputs->plaintext.length == 0;
    auth_record *record;

    for (unsigned i = 0; i < side->count; i++) {
        record = &side->records[i];
        if (!equals(&record->id, id) || !equals(&record->hash, inputs->v1_hash_data) ||
            !equals(&record->signature, inputs->v1_signature))
            continue;
        if (record->in_clear && !in_clear)
            record->frame = inputs->frame; /* before it was sent in another mode */
        record->in_clear &= in_clear;
        return; /* a retransmission */
    }
    if (side->count == MAX_RECORDS) { /* the first stay, and the newest */
        clear_record(&side->records[MAX_RECORDS - 1]);
        side->count--;
    }
    record = &side->records[side->count++];
    record->frame = inputs->frame;
    record->in_clear = in_clear;
    ike_secret_set(&record->hash, inputs->v1_hash_data);
    ike_secret_set(&record->signature, inputs->v1_signature);
    ike_secret_set(&record->id, id);
}

/* HASH_I and HASH_R differ: what the other side sent before is sent back. */
static bool is_reflected(const auth_side *other, const ike_key_inputs *inputs)
{
    for (unsigned i = 0; i < other->count; i++)
        if (equals(&other->records[i].hash, inputs->v1_hash_data) &&
            equals(&other->records[i].signature, inputs->v1_signature))
            return true;
    return false;
}

void ikev1_auth_update(ikev1_sa *sa, const ike_key_inputs *inputs)
{
    auth_side *side;
    bool authenticates = inputs->v1_hash_data.length || inputs->v1_signature.length;

    if (!sa->auth)
        sa->auth = g_new0(ikev1_auth_state, 1);
    side = &sa->auth->sides[inputs->from_initiator ? IKEV1_I : IKEV1_R];
    if (authenticates &&
        is_reflected(&sa->auth->sides[inputs->from_initiator ? IKEV1_R : IKEV1_I], inputs))
        return;
    if (inputs->id_body.length)
        add_id(side, inputs->id_body);
    if (authenticates) {
        if (inputs->id_body.length || !side->id_count)
            add_record(side, inputs, inputs->id_body);
        for (unsigned i = 0; !inputs->id_body.length && i < side->id_count; i++)
            add_record(side, inputs, ike_secret_span(&side->ids[i]));
    }
    for (size_t i = 0; i < inputs->cert_count && side->key_count < MAX_CERTS; i++)
        if (inputs->certs[i].encoding == IKEV1_CERT_X509_SIGNATURE)
            ike_secret_set(&side->keys[side->key_count++], inputs->certs[i].data);
}

/* ---- one HASH or SIG ------------------------------------------------------------------------- */

typedef struct {
    ikev1_sa *sa;
    ike_search search;
    const auth_side *side;
    const auth_record *record;
    bool of_initiator, as_initiator;
    ikev1_phase1 phase1;
    ikev1_auth covered;
    unsigned tried;
    ike_key_origin origin; /* of what matched */
} verification;

static bool hash_of(const verification *v, ike_span skeyid, ike_secret *hash)
{
    return ikev1_hash_auth(&v->phase1, skeyid, &v->covered, v->as_initiator, hash) == IKE_OK;
}

static bool matches(verification *v, ike_span skeyid)
{
    ike_secret hash = {0};
    bool match =
        skeyid.length && hash_of(v, skeyid, &hash) && ike_secret_equal(&hash, &v->record->hash);

    v->tried += skeyid.length != 0;
    ike_secret_clear(&hash);
    return match;
}

/* ike_peer_use */
static bool try_psk(void *user, ike_span psk, const ike_key_origin *origin)
{
    verification *v = user;
    ike_secret skeyid = {0};
    bool match = ike_search_charge(&v->search, 2 * IKE_COST_PRF) &&
                 ikev1_skeyid_psk(&v->phase1, psk, &skeyid) == IKE_OK &&
                 matches(v, ike_secret_span(&skeyid));

    ike_secret_clear(&skeyid);
    if (match) {
        v->origin = *origin;
        v->origin.secret = "PSK";
    }
    return match;
}

static bool try_known_skeyids(verification *v)
{
    const ikev1_sa *sa = v->sa;

    for (unsigned i = 0; i < sa->key_count; i++) {
        if (matches(v, ike_secret_span(&sa->keys[i]->skeyid))) {
            v->origin = sa->keys[i]->origin;
            return true;
        }
    }
    return false;
}

static ike_auth_result verify_hash(verification *v)
{
    bool psk = ikev1_auth_kind_of(v->sa->auth_method) == IKEV1_BY_PSK;

    if (try_known_skeyids(v) || (psk && ikev1_each_psk(v->sa, try_psk, v))) {
        return (ike_auth_result){
            .status = IKE_AUTH_VERIFIED,
            .reason = psk ? "PSK matches" : "HASH matches",
            .key_source = ike_keyring_used_text(v->sa->base.capture->ring, &v->origin, NULL)};
    }
    if (v->search.exhausted) {
        return (ike_auth_result){IKE_AUTH_UNKNOWN, "There are too many PSKs to try all of them",
                                 NULL};
    }
    if (v->tried) {
        return (ike_auth_result){IKE_AUTH_WRONG, psk ? "PSK does not match" : "HASH does not match",
                                 NULL};
    }
    return (ike_auth_result){IKE_AUTH_UNKNOWN,
                             psk ? "Neither the PSK nor SKEYID is known" : "SKEYID is not known",
                             NULL};
}

/* Over the certificates of the side; the first is the end entity's. */
static ike_auth_result verify_with_keys(const verification *v, const ike_secret *hash)
{
    ike_auth_result first = {IKE_AUTH_UNKNOWN, "No certificate of this side in the capture", NULL};

    for (unsigned i = 0; i < v->side->key_count; i++) {
        ike_auth_result one =
            ikev1_signature_verify(ike_secret_span(&v->side->keys[i]), ike_secret_span(hash),
                                   ike_secret_span(&v->record->signature));

        if (one.status == IKE_AUTH_VERIFIED)
            return one;
        if (i == 0)
            first = one;
    }
    return first;
}

static ike_auth_result verify_signature(verification *v)
{
    const ikev1_sa *sa = v->sa;
    ike_auth_result result = {IKE_AUTH_UNKNOWN, "SKEYID is not known", NULL};
    ike_secret hash = {0};

    v->phase1.prf = ikev1_signature_prf(sa->auth_method, v->phase1.prf);
    for (unsigned i = 0; i < sa->key_count && result.status != IKE_AUTH_VERIFIED; i++) {
        ike_span skeyid = ike_secret_span(&sa->keys[i]->skeyid);

        if (skeyid.length && v->phase1.prf && hash_of(v, skeyid, &hash))
            result = verify_with_keys(v, &hash);
    }
    ike_secret_clear(&hash);
    return result;
}

/* Over the variants of the SA payload. */
static ike_auth_result verify_chosen(verification *v)
{
    ike_auth_result first = {IKE_AUTH_UNKNOWN, "Messages of phase 1 are not in the capture", NULL};

    bool any = false;

    for (unsigned i = 0; i < IKEV1_AUTH_MATERIALS; i++) {
        bool swapped;

        if (!ikev1_auth_material(v->sa, i, &v->phase1, &v->covered, &swapped))
            continue;
        v->as_initiator = v->of_initiator != swapped;
        ike_auth_result result = v->record->signature.length ? verify_signature(v) : verify_hash(v);

        if (result.status == IKE_AUTH_VERIFIED)
            return result;
        if (!any)
            first = result;
        any = true;
    }
    if (first.status == IKE_AUTH_WRONG && !ikev1_sides_are_known(v->sa)) {
        first =
            (ike_auth_result){IKE_AUTH_UNKNOWN, "Messages of phase 1 are not in the capture", NULL};
    }
    return first;
}

/* Who authenticates with a PSK signs nothing: message 2 of another method is forged. */
static bool is_of_method(const ikev1_sa *sa, const auth_record *record)
{
    return !record->signature.length || ikev1_auth_kind_of(sa->auth_method) != IKEV1_BY_PSK;
}

static ike_auth_result verify(ikev1_sa *sa, const auth_side *side, const auth_record *record,
                              bool of_initiator)
{
    ike_decrypt_context *capture = sa->base.capture;
    verification v = {.sa = sa, .side = side, .record = record, .of_initiator = of_initiator};
    ike_auth_result first = {IKE_AUTH_UNKNOWN, "The identity is not in the capture", NULL};
    ike_search_memo memo = {0};

    if (!record->id.length)
        return first;
    for (unsigned i = 0; i < sa->key_count; i++)
        ikev1_complete(sa, sa->keys[i]);
    v.covered.id = ike_secret_span(&record->id);
    ike_search_begin(&v.search, &capture->budget, &memo, ike_keyring_revision(capture->ring));
    (void)ike_search_unbind(&v.search);
    bool any = false;
    for (unsigned choice = 0; ikev1_sa_choose(sa, choice); choice++) {
        if (!is_of_method(sa, record))
            continue;
        ike_auth_result result = verify_chosen(&v);

        bool is_more_specific = first.status == IKE_AUTH_UNKNOWN && result.status == IKE_AUTH_WRONG;
        if (!any || result.status == IKE_AUTH_VERIFIED || is_more_specific)
            first = result;
        any = true;
        if (result.status == IKE_AUTH_VERIFIED) {
            ikev1_sa_fix_choice(sa);
            break;
        }
    }
    ike_search_end(&v.search, first.status == IKE_AUTH_VERIFIED);
    return first;
}

/* ---- the result ------------------------------------------------------------------------------ */

static unsigned message_total(const ikev1_sa *sa)
{
    return sa->message_count[0][0] + sa->message_count[0][1] + sa->message_count[1][0] +
           sa->message_count[1][1];
}

static void update_result(ikev1_sa *sa, auth_side *side, auth_record *record, bool of_initiator)
{
    unsigned revision = ike_keyring_revision(sa->base.capture->ring), total = message_total(sa);

    if (record->has_result && (record->result.status == IKE_AUTH_VERIFIED ||
                               (record->revision == revision && record->sa_keys == sa->key_count &&
                                record->messages == total)))
        return;
    record->result = verify(sa, side, record, of_initiator);
    record->has_result = true;
    record->revision = revision;
    record->sa_keys = sa->key_count;
    record->messages = total;
    if (record->result.status == IKE_AUTH_VERIFIED)
        sa->verified = sa->phase1_verified[of_initiator ? IKEV1_I : IKEV1_R] = true;
}

static bool is_in_clear(const auth_side *side)
{
    for (unsigned i = 0; i < side->count; i++)
        if (side->records[i].in_clear)
            return true;
    return false;
}

ike_auth_result ikev1_auth_result(ikev1_sa *sa, bool of_initiator)
{
    auth_side *side = sa->auth ? &sa->auth->sides[of_initiator ? IKEV1_I : IKEV1_R] : NULL;
    /* Both sides encrypt it, or a copy that was made behind the decryption has both in clear. */
    bool forged = side && (sa->key_count || !is_in_clear(&sa->auth->sides[IKEV1_I]) ||
                           !is_in_clear(&sa->auth->sides[IKEV1_R]));
    ike_auth_result first = {IKE_AUTH_UNKNOWN, "No HASH or SIG of this side is decrypted", NULL};
    bool any = false;

    for (unsigned i = 0; side && i < side->count; i++) {
        if (side->records[i].in_clear && forged)
            continue;
        update_result(sa, side, &side->records[i], of_initiator);
        if (side->records[i].result.status == IKE_AUTH_VERIFIED)
            return side->records[i].result;
        if (!any)
            first = side->records[i].result;
        any = true;
    }
    return first;
}

ikev1_authenticated ikev1_auth_verified(const ikev1_sa *sa, bool of_initiator)
{
    const auth_side *side = sa->auth ? &sa->auth->sides[of_initiator ? IKEV1_I : IKEV1_R] : NULL;

    for (unsigned i = 0; side && i < side->count; i++) {
        const auth_record *record = &side->records[i];

        if (record->has_result && record->result.status == IKE_AUTH_VERIFIED)
            return (ikev1_authenticated){record->frame, ike_secret_span(&record->id)};
    }
    return (ikev1_authenticated){0, {NULL, 0}};
}
