/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies the AUTH payloads of IKEv2: keeps what they cover as the messages come, and tries the
 * secrets of the ring or the certificates of the capture when somebody asks. */
#include "decrypt/ikev2/ikev2_auth.h"

#include <string.h>

#include "decrypt/crypto/mschapv2.h"
#include "decrypt/crypto/signature.h"

enum { IKE_SA_INIT = 34, IKE_AUTH = 35, IKE_SESSION_RESUME = 38, IKE_INTERMEDIATE = 43 };

enum { METHOD_SHARED_KEY = 2, METHOD_NULL = 13 };

/* Certificate encodings (RFC 7296 3.6) that hold a key. */
enum {
    CERT_X509_SIGNATURE = 4,
    CERT_RAW_RSA = 11,
    CERT_URL = 12,
    CERT_URL_BUNDLE = 13,
    CERT_RAW_PUBLIC_KEY = 15
};

enum { MAX_AUTHS = 8, MAX_CERTS = 8, MAX_SETS = 512 };

/* One AUTH payload and what it is about. */
typedef struct {
    uint8_t method, generation;
    bool after_eap;
    ike_secret data, id_body;
    ike_secret *keys; /* of the certificates */
    unsigned key_count;
    bool key_behind_url;
    /* The verdict, and what was known when it was given. */
    ike_auth_result outcome;
    bool judged;
    unsigned revision;
} auth_record;

struct ikev2_auth {
    uint8_t address[2][16]; /* of both sides */
    uint8_t address_bytes;
    ike_secret init_message[2];
    ike_secret id_body[2];
    ike_secret *keys[2]; /* room for MAX_CERTS with the first certificate */
    unsigned key_count[2];
    bool key_behind_url[2];
    bool eap_seen, resumed;
    ike_secret challenge, response; /* of EAP-MSCHAPv2 */
    uint32_t first_message_id;      /* of IKE_AUTH; 0 none yet */
    auth_record **records[2];       /* room for MAX_AUTHS with the first one */
    unsigned count[2];
    ikev2_intermediate *intermediate;
    ike_secret first_fragment[2]; /* of the IKE_INTERMEDIATE message that is coming in */
    uint32_t first_fragment_id[2];
};

static void free_record(auth_record *record)
{
    ike_secret_clear(&record->data);
    ike_secret_clear(&record->id_body);
    for (unsigned i = 0; i < record->key_count; i++) {
        ike_secret_clear(&record->keys[i]);
    }
    g_free(record->keys);
    g_free(record);
}

void ikev2_auth_free(ikev2_auth *auth)
{
    if (!auth) {
        return;
    }
    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        ike_secret_clear(&auth->init_message[side]);
        ike_secret_clear(&auth->id_body[side]);
        ike_secret_clear(&auth->first_fragment[side]);
        for (unsigned i = 0; i < auth->key_count[side]; i++) {
            ike_secret_clear(&auth->keys[side][i]);
        }
        g_free(auth->keys[side]);
        for (unsigned i = 0; i < auth->count[side]; i++) {
            free_record(auth->records[side][i]);
        }
        g_free(auth->records[side]);
    }
    ikev2_intermediate_free(auth->intermediate);
    ike_secret_clear(&auth->challenge);
    ike_secret_clear(&auth->response);
    g_free(auth);
}

static ikev2_auth *auth_of(ike_crypto *crypto)
{
    if (!crypto->v2->auth) {
        crypto->v2->auth = g_new0(ikev2_auth, 1);
    }
    return crypto->v2->auth;
}

/* ---- what the messages tell
 * ---------------------------------------------------------------------- */

static void keep(ike_secret *to, ike_span from)
{
    ike_secret_set(to, from.data, from.length);
}

static void update_certs(ikev2_auth *auth, unsigned side, const ike_key_inputs *inputs)
{
    if (inputs->cert_count == 0) {
        return;
    }
    for (unsigned i = 0; i < auth->key_count[side]; i++) {
        ike_secret_clear(&auth->keys[side][i]);
    }
    auth->key_count[side] = 0;
    auth->key_behind_url[side] = false;
    if (!auth->keys[side]) {
        auth->keys[side] = g_new0(ike_secret, MAX_CERTS);
    }
    for (size_t i = 0; i < inputs->cert_count && auth->key_count[side] < MAX_CERTS; i++) {
        switch (inputs->certs[i].encoding) {
        case CERT_X509_SIGNATURE:
        case CERT_RAW_RSA:
        case CERT_RAW_PUBLIC_KEY:
            keep(&auth->keys[side][auth->key_count[side]++], inputs->certs[i].data);
            break;
        case CERT_URL:
        case CERT_URL_BUNDLE:
            auth->key_behind_url[side] = true;
            break;
        default:
            break;
        }
    }
}

static void add_record(ike_crypto *crypto, unsigned side, const ike_key_inputs *inputs,
                       uint8_t method, ike_span data)
{
    ikev2_auth *auth = crypto->v2->auth;
    auth_record *record;

    for (unsigned i = 0; i < auth->count[side]; i++) {
        const ike_secret *old = &auth->records[side][i]->data;

        if (old->length == data.length && memcmp(old->data, data.data, data.length) == 0) {
            return; /* a retransmission */
        }
    }
    if (auth->count[side] == MAX_AUTHS || data.length == 0) {
        return;
    }
    if (!auth->records[side]) {
        auth->records[side] = g_new0(auth_record *, MAX_AUTHS);
    }
    record = g_new0(auth_record, 1);
    auth->records[side][auth->count[side]++] = record;
    record->method = method;
    record->generation = crypto->v2->generation_count;
    /* The last AUTHs stand alone, also where the EAP packets are not in the capture. */
    record->after_eap = !inputs->eap.length && (auth->eap_seen || !inputs->id_body.length);
    keep(&record->data, data);
    keep(&record->id_body, ike_secret_span(&auth->id_body[side]));
    record->key_behind_url = auth->key_behind_url[side];
    record->key_count = auth->key_count[side];
    record->keys = record->key_count ? g_new0(ike_secret, record->key_count) : NULL;
    for (unsigned i = 0; i < record->key_count; i++) {
        keep(&record->keys[i], ike_secret_span(&auth->keys[side][i]));
    }
}

/* Of EAP-MSCHAPv2 the two packets that a password can be tried on are kept. */
static void update_eap(ikev2_auth *auth, ike_span eap)
{
    enum { REQUEST = 1, RESPONSE = 2, MSCHAPV2 = 26, CHALLENGE_OP = 1, RESPONSE_OP = 2 };
    enum { TYPE = 4, OPCODE = 5 };

    auth->eap_seen = auth->eap_seen || eap.length;
    if (eap.length <= OPCODE || eap.data[TYPE] != MSCHAPV2) {
        return;
    }
    if (eap.data[0] == REQUEST && eap.data[OPCODE] == CHALLENGE_OP) {
        keep(&auth->challenge, eap);
    } else if (eap.data[0] == RESPONSE && eap.data[OPCODE] == RESPONSE_OP) {
        keep(&auth->response, eap);
    }
}

static void update_auth(ike_crypto *crypto, unsigned side, const ike_key_inputs *inputs)
{
    ikev2_auth *auth = auth_of(crypto);

    if (!auth->first_message_id) {
        auth->first_message_id = inputs->message_id;
    }
    if (inputs->id_body.length) {
        keep(&auth->id_body[side], inputs->id_body);
    }
    update_certs(auth, side, inputs);
    if (inputs->auth_method) {
        add_record(crypto, side, inputs, inputs->auth_method, inputs->auth);
    }
    update_eap(auth, inputs->eap);
}

static void update_intermediate(ike_crypto *crypto, unsigned side, const ike_key_inputs *inputs)
{
    ikev2_auth *auth = auth_of(crypto);
    bool fragmented =
        auth->first_fragment[side].length && auth->first_fragment_id[side] == inputs->message_id;

    ikev2_intermediate_add(&auth->intermediate, inputs,
                           fragmented ? &auth->first_fragment[side] : NULL,
                           crypto->v2->generation_count);
    ike_secret_clear(&auth->first_fragment[side]);
}

void ikev2_auth_first_fragment(ike_crypto *crypto, const ike_encrypted_payload *encrypted)
{
    unsigned side = encrypted->from_initiator ? IKE_I : IKE_R;
    const uint8_t *numbers = encrypted->body.data - 4;

    if (encrypted->exchange == IKE_INTERMEDIATE && !crypto->v2->judged && numbers[0] == 0 &&
        numbers[1] == 1) {
        ikev2_auth *auth = auth_of(crypto);

        keep(&auth->first_fragment[side],
             (ike_span){encrypted->message.data,
                        (size_t)(encrypted->body.data - encrypted->message.data)});
        auth->first_fragment_id[side] = encrypted->message_id;
    }
}

/* PSKs are looked up by address too. */
static void update_addresses(ikev2_auth *auth, unsigned side, const ike_key_inputs *inputs)
{
    auth->address_bytes = inputs->address_bytes;
    memcpy(auth->address[side], inputs->source, sizeof inputs->source);
    memcpy(auth->address[side == IKE_I ? IKE_R : IKE_I], inputs->destination,
           sizeof inputs->destination);
}

void ikev2_auth_update(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    unsigned side = inputs->from_initiator ? IKE_I : IKE_R;

    ikev2_ppk_update(crypto, inputs);
    if (crypto->v2->judged) {
        return;
    }
    switch (inputs->exchange) {
    case IKE_SA_INIT:
    case IKE_SESSION_RESUME:
        if (!crypto->v2->generation_count && inputs->nonce.length) {
            keep(&auth_of(crypto)->init_message[side], inputs->message);
            crypto->v2->auth->resumed = inputs->exchange == IKE_SESSION_RESUME;
        }
        break;
    case IKE_INTERMEDIATE:
        update_intermediate(crypto, side, inputs);
        break;
    case IKE_AUTH:
        update_auth(crypto, side, inputs);
        break;
    default:
        break;
    }
    if (crypto->v2->auth) {
        update_addresses(crypto->v2->auth, side, inputs);
    }
}

/* ---- the secrets
 * ---------------------------------------------------------------------------------- */

/* One judgement: an AUTH, what it covers, and how far the trials have come. */
typedef struct {
    const ike_crypto *crypto;
    const auth_record *record;
    ikev2_generation *generation;
    unsigned side;
    const ike_secret *sk_p; /* plain or with a PPK mixed in */
    ike_secret int_auth, bytes;
    unsigned tried;
    bool mixed; /* a PPK was tried */
    ike_auth_result outcome;
} judgement;

/* ike_peer_use: whether AUTH was made with this shared secret. */
static bool try_shared_key(void *user, ike_span secret, ike_key_source source)
{
    judgement *j = user;
    ike_secret auth = {0};
    bool match;

    (void)source;
    j->tried++;
    match = ikev2_psk_auth(j->generation->rows.prf, secret, ike_secret_span(&j->bytes), &auth) ==
                IKE_OK &&
            ike_secret_equal(&auth, &j->record->data);
    ike_secret_clear(&auth);
    return match;
}

static bool try_psks(judgement *j)
{
    const ikev2_sa *sa = j->crypto->v2;

    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        char *identity = ike_identity_text(ike_secret_span(&sa->auth->id_body[side]));
        bool match =
            ike_keyring_each_peer(j->crypto->ring, IKE_PEER_PSK, identity, sa->auth->address[side],
                                  sa->auth->address_bytes, try_shared_key, j);

        g_free(identity);
        if (match) {
            return true;
        }
    }
    return false;
}

static bool try_msk_of(judgement *j, const ike_key_set *set)
{
    ike_span msk = ike_key_set_secret(set, IKE_SECRET_MSK);

    return msk.length && try_shared_key(j, msk, set->source);
}

static bool try_msks(judgement *j)
{
    const ike_crypto *crypto = j->crypto;
    const ike_key_set *set;
    ike_set_walk walk;
    unsigned sets = 0;

    for (unsigned way = 0; way < IKE_WAYS_TO_BIND; way++) {
        set = ike_keyring_bound(crypto->ring, crypto->initiator_spi, crypto->responder_spi, way);
        for (; set && sets < MAX_SETS; set = set->next_bound, sets++) {
            if (try_msk_of(j, set)) {
                return true;
            }
        }
    }
    ike_keyring_walk(crypto->ring, IKE_SECRET_MSK, 64, &walk);
    while (sets++ < MAX_SETS && (set = ike_keyring_walk_next(crypto->ring, &walk))) {
        if (try_msk_of(j, set)) {
            return true;
        }
    }
    return false;
}

/* ike_peer_use: the MSK of EAP-MSCHAPv2 with this password. */
static bool try_password(void *user, ike_span password, ike_key_source source)
{
    judgement *j = user;
    const ikev2_auth *auth = j->crypto->v2->auth;
    ike_secret msk = {0};
    bool match = ike_mschapv2_msk(ike_secret_span(&auth->challenge),
                                  ike_secret_span(&auth->response), password, &msk) == IKE_OK &&
                 try_shared_key(j, ike_secret_span(&msk), source);

    ike_secret_clear(&msk);
    return match;
}

/* Passwords stand in key logs by that name, and in the PSK table. */
static bool try_passwords(judgement *j)
{
    enum { NAME = 59 }; /* behind the value of 49 bytes */
    const ikev2_auth *auth = j->crypto->v2->auth;
    const ike_secret *response = &auth->response;
    char *name;
    bool match;

    if (!auth->challenge.length || response->length < NAME) {
        return false;
    }
    name = g_strndup((const char *)response->data + NAME, response->length - NAME);
    match =
        ike_keyring_each_peer(j->crypto->ring, IKE_PEER_PASSWORD, name, NULL, 0, try_password, j) ||
        ike_keyring_each_peer(j->crypto->ring, IKE_PEER_PSK, name, NULL, 0, try_password, j);
    g_free(name);
    return match;
}

static ike_auth_result judge_shared_key(judgement *j)
{
    if (j->record->after_eap) {
        /* Methods that make no key: SK_p takes its place (RFC 7296 2.16). */
        if (try_shared_key(j, ike_secret_span(j->sk_p), IKE_SOURCES)) {
            return (ike_auth_result){IKE_AUTH_VERIFIED,
                                     "SK_p matches: the EAP method makes no key"};
        }
        if (try_msks(j)) {
            return (ike_auth_result){IKE_AUTH_VERIFIED, "MSK of EAP matches"};
        }
        if (try_passwords(j)) {
            return (ike_auth_result){IKE_AUTH_VERIFIED, "EAP-MSCHAPv2 with this password matches"};
        }
        return (ike_auth_result){IKE_AUTH_UNKNOWN, "The MSK of EAP is not known"};
    }
    if (try_psks(j)) {
        return (ike_auth_result){IKE_AUTH_VERIFIED, "PSK matches"};
    }
    return j->tried ? (ike_auth_result){IKE_AUTH_WRONG, "PSK does not match"}
                    : (ike_auth_result){IKE_AUTH_UNKNOWN, "The PSK is not known"};
}

static ike_auth_result judge_null(judgement *j)
{
    return try_shared_key(j, ike_secret_span(j->sk_p), IKE_SOURCES)
               ? (ike_auth_result){IKE_AUTH_VERIFIED, "NULL authentication: the message is whole, "
                                                      "who sent it is not proven"}
               : (ike_auth_result){IKE_AUTH_WRONG, "NULL authentication does not match"};
}

static ike_auth_result judge_signature(const judgement *j)
{
    ike_auth_result first = {IKE_AUTH_UNKNOWN, "No certificate of this side in the capture"};

    if (j->record->key_behind_url) {
        first.reason = "The certificate is behind a URL";
    }
    for (unsigned i = 0; i < j->record->key_count; i++) {
        ike_auth_result outcome =
            ikev2_signature_verify(j->record->method, ike_secret_span(&j->record->keys[i]),
                                   ike_secret_span(&j->bytes), ike_secret_span(&j->record->data));

        if (outcome.result == IKE_AUTH_VERIFIED) {
            return outcome;
        }
        if (i == 0) {
            first = outcome; /* the end entity's comes first */
        }
    }
    return first;
}

/* RFC 5723 5.1: the sender's IKE_SESSION_RESUME message under SK_p. */
static ike_auth_result judge_resumed(const judgement *j)
{
    ike_secret auth = {0};
    const ike_secret *message = &j->crypto->v2->auth->init_message[j->side];
    bool match = ikev2_resume_auth(j->generation->rows.prf, ike_secret_span(j->sk_p),
                                   ike_secret_span(message), &auth) == IKE_OK &&
                 ike_secret_equal(&auth, &j->record->data);

    ike_secret_clear(&auth);
    return match ? (ike_auth_result){IKE_AUTH_VERIFIED, "Session resumption matches"}
                 : (ike_auth_result){IKE_AUTH_WRONG, "Session resumption does not match"};
}

/* ---- the judgement
 * -------------------------------------------------------------------------------- */

/* With one SK_p. true when AUTH is right. */
static bool judge_with(judgement *j, const ike_secret *sk_p)
{
    const ikev2_sa *sa = j->crypto->v2;
    const ikev2_signed covered = {
        .message = ike_secret_span(&sa->auth->init_message[j->side]),
        .nonce = ike_secret_span(&sa->nonce[j->side == IKE_I ? IKE_R : IKE_I]),
        .sk_p = ike_secret_span(sk_p),
        .id_body = ike_secret_span(&j->record->id_body),
        .int_auth = ike_secret_span(&j->int_auth),
    };

    j->sk_p = sk_p;
    if (ikev2_signed_bytes(j->generation->rows.prf, &covered, &j->bytes) != IKE_OK) {
        j->outcome = (ike_auth_result){IKE_AUTH_UNKNOWN, "The PRF cannot be computed"};
    } else if (sa->auth->resumed && j->record->method == METHOD_SHARED_KEY) {
        j->outcome = judge_resumed(j);
    } else if (j->record->method == METHOD_SHARED_KEY) {
        j->outcome = judge_shared_key(j);
    } else if (j->record->method == METHOD_NULL) {
        j->outcome = judge_null(j);
    } else {
        j->outcome = judge_signature(j);
    }
    return j->outcome.result == IKE_AUTH_VERIFIED;
}

/* ike_peer_use: with a PPK mixed in; the right one is kept for SK_d. */
static bool judge_with_ppk(void *user, ike_span ppk, ike_key_source source)
{
    judgement *j = user;
    ikev2_generation *generation = j->generation;
    ike_secret mixed = {0};
    bool right;

    (void)source;
    j->mixed = true;
    right = ikev2_ppk_mix(generation->rows.prf, ppk, ike_secret_span(&generation->sk_p[j->side]),
                          &mixed) == IKE_OK &&
            judge_with(j, &mixed);
    if (right && j->crypto->v2->ppk_confirmed) {
        (void)ikev2_ppk_mix(generation->rows.prf, ppk, ike_secret_span(&generation->sk_d),
                            &ikev2_generation_mixed(generation)->sk_d);
    }
    ike_secret_clear(&mixed);
    return right;
}

static void judge_all(judgement *j)
{
    ikev2_generation *generation = j->generation;

    if (!ikev2_ppk_negotiated(j->crypto->v2)) {
        judge_with(j, &generation->sk_p[j->side]);
        return;
    }
    const ikev2_mixed *mixed = generation->mixed;
    if ((mixed && mixed->sk_p[j->side].length && judge_with(j, &mixed->sk_p[j->side])) ||
        ikev2_each_ppk(j->crypto, judge_with_ppk, j) || judge_with(j, &generation->sk_p[j->side])) {
        return;
    }
    if (!j->mixed) {
        j->outcome = (ike_auth_result){IKE_AUTH_UNKNOWN, "The PPK is not known"};
    }
}

/* What is missing for a judgement, or NULL. */
static const char *missing(const judgement *j)
{
    const ikev2_sa *sa = j->crypto->v2;

    if (!j->generation || !j->generation->rows.prf) {
        return "The PRF is not known, or none that can be computed";
    }
    if (!j->generation->sk_p[j->side].length) {
        return "SK_pi or SK_pr is not known";
    }
    if (!sa->auth->init_message[j->side].length || !sa->nonce[IKE_I].length ||
        !sa->nonce[IKE_R].length) {
        return "IKE_SA_INIT is not in the capture";
    }
    if (!j->record->id_body.length) {
        return "The identity is not in the capture";
    }
    return NULL;
}

static ike_auth_result judge(const ike_crypto *crypto, unsigned side, const auth_record *record)
{
    const ikev2_sa *sa = crypto->v2;
    judgement j = {.crypto = crypto, .record = record, .side = side};
    const char *why;

    if (record->generation && record->generation <= sa->generation_count) {
        j.generation = sa->generations[record->generation - 1];
        ikev2_complete((ike_crypto *)crypto, j.generation);
    }
    why = missing(&j);
    if (why) {
        return (ike_auth_result){IKE_AUTH_UNKNOWN, why};
    }
    if (!ikev2_int_auth_all(crypto, sa->auth->intermediate, sa->auth->first_message_id,
                            &j.int_auth)) {
        return (ike_auth_result){IKE_AUTH_UNKNOWN,
                                 "IKE_INTERMEDIATE messages are not in the capture"};
    }
    judge_all(&j);
    ike_secret_clear(&j.int_auth);
    ike_secret_clear(&j.bytes);
    return j.outcome;
}

static ike_auth_result outcome_of(const ike_crypto *crypto, unsigned side, auth_record *record)
{
    unsigned revision = ike_keyring_revision(crypto->ring);

    if (!record->judged ||
        (record->revision != revision && record->outcome.result != IKE_AUTH_VERIFIED)) {
        record->outcome = judge(crypto, side, record);
        record->judged = true;
        record->revision = revision;
    }
    return record->outcome;
}

/* Several AUTHs of one side (EAP, RFC 4739): one that is wrong decides, then one that is unknown.
 */
ike_auth_result ikev2_auth_result(const ike_crypto *crypto, bool of_initiator)
{
    unsigned side = of_initiator ? IKE_I : IKE_R;
    ikev2_auth *auth = crypto->v2->auth;
    ike_auth_result all = {IKE_AUTH_UNKNOWN, "No AUTH payload of this side in the capture"};

    if (crypto->v2->judged) {
        return crypto->v2->judged[side];
    }
    for (unsigned i = 0; auth && i < auth->count[side]; i++) {
        ike_auth_result outcome = outcome_of(crypto, side, auth->records[side][i]);

        if (outcome.result == IKE_AUTH_WRONG) {
            return outcome;
        }
        if (i == 0 || outcome.result == IKE_AUTH_UNKNOWN || all.result == IKE_AUTH_VERIFIED) {
            all = outcome;
        }
    }
    return all;
}

/* ---- the end
 * -------------------------------------------------------------------------------------- */

/* Whether both sides have sent AUTH and no secret that may still come can change what is said about
 * it. */
static bool is_final(const ike_crypto *crypto)
{
    const ikev2_auth *auth = crypto->v2->auth;

    if (!auth->count[IKE_I] || !auth->count[IKE_R]) {
        return false; /* it may come late */
    }
    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        for (unsigned i = 0; i < auth->count[side]; i++) {
            const auth_record *record = auth->records[side][i];

            if (!record->judged || record->outcome.result != IKE_AUTH_VERIFIED) {
                return ike_keyring_is_closed(crypto->ring);
            }
        }
    }
    return true;
}

void ikev2_auth_finish(ike_crypto *crypto)
{
    ikev2_sa *sa = crypto->v2;

    if (!sa->auth || !is_final(crypto)) {
        return;
    }
    ike_auth_result *judged = g_new(ike_auth_result, 2);
    judged[IKE_I] = ikev2_auth_result(crypto, true);
    judged[IKE_R] = ikev2_auth_result(crypto, false);
    sa->judged = judged;
    g_clear_pointer(&sa->auth, ikev2_auth_free);
}
