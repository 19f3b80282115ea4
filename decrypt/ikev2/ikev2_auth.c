/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The AUTH payloads of IKEv2 (RFC 7296 2.15 and 2.16, RFC 9242, RFC 8784, RFC 7619): stores what
 * they cover as the messages come. */
#include "decrypt/ikev2/ikev2_auth.h"

#include <string.h>

#include "decrypt/ikev2/ikev2_auth_record.h"
#include "decrypt/ikev2/ikev2_ppk.h"
#include "proto/ike_numbers.h"

/* Certificate encodings (RFC 7296 3.6) that hold a key. */
enum {
    CERT_X509_SIGNATURE = 4,
    CERT_RAW_RSA = 11,
    CERT_URL = 12,
    CERT_URL_BUNDLE = 13,
    CERT_RAW_PUBLIC_KEY = 15
};

static void free_record(ikev2_auth_record *record)
{
    ike_secret_clear(&record->data);
    ike_secret_clear(&record->id_body);
    for (unsigned i = 0; i < record->key_count; i++)
        ike_secret_clear(&record->keys[i]);
    g_free(record->keys);
    g_free(record);
}

void ikev2_auth_free(ikev2_auth *auth)
{
    if (!auth)
        return;
    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        ike_secret_clear(&auth->id_body[side]);
        ike_secret_clear(&auth->first_fragment[side]);
        for (unsigned i = 0; i < auth->key_count[side]; i++)
            ike_secret_clear(&auth->keys[side][i]);
        g_free(auth->keys[side]);
        for (unsigned i = 0; i < auth->count[side]; i++)
            free_record(auth->records[side][i]);
        g_free(auth->records[side]);
    }
    ikev2_intermediate_free(auth->intermediate);
    ike_secret_clear(&auth->challenge);
    ike_secret_clear(&auth->response);
    g_free(auth);
}

static ikev2_auth *auth_of(ikev2_sa *sa)
{
    if (!sa->auth)
        sa->auth = g_new0(ikev2_auth, 1);
    return sa->auth;
}

/* ---- what the messages bring ----------------------------------------------------------------- */

static void update_certs(ikev2_auth *auth, unsigned side, const ike_key_inputs *inputs)
{
    if (inputs->cert_count == 0)
        return;
    for (unsigned i = 0; i < auth->key_count[side]; i++)
        ike_secret_clear(&auth->keys[side][i]);
    auth->key_count[side] = 0;
    auth->key_behind_url[side] = false;
    if (!auth->keys[side])
        auth->keys[side] = g_new0(ike_secret, IKEV2_MAX_CERTS);
    for (size_t i = 0; i < inputs->cert_count && auth->key_count[side] < IKEV2_MAX_CERTS; i++) {
        switch (inputs->certs[i].encoding) {
        case CERT_X509_SIGNATURE:
        case CERT_RAW_RSA:
        case CERT_RAW_PUBLIC_KEY:
            ike_secret_set(&auth->keys[side][auth->key_count[side]++], inputs->certs[i].data);
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

/* The keys that decrypted a message, or else the newest: fragments leave none. */
static uint8_t generation_of(const ikev2_sa *sa, const ike_key_inputs *inputs)
{
    return inputs->generation ? inputs->generation : sa->generation_count;
}

static void add_record(ikev2_sa *sa, unsigned side, const ike_key_inputs *inputs, uint8_t method,
                       ike_span data)
{
    ikev2_auth *auth = sa->auth;
    ikev2_auth_record *record;

    for (unsigned i = 0; i < auth->count[side]; i++) {
        const ike_secret *old = &auth->records[side][i]->data;

        if (ike_span_equal(ike_secret_span(old), data))
            return; /* a retransmission */
    }
    if (auth->count[side] == IKEV2_MAX_AUTHS || data.length == 0)
        return;
    if (!auth->records[side])
        auth->records[side] = g_new0(ikev2_auth_record *, IKEV2_MAX_AUTHS);
    record = g_new0(ikev2_auth_record, 1);
    auth->records[side][auth->count[side]++] = record;
    record->method = method;
    record->generation = generation_of(sa, inputs);
    /* The AUTHs that end EAP stand alone, also where the EAP packets are not in the capture. */
    record->has_own_id = inputs->id_body.length > 0;
    record->after_eap = !inputs->eap.length && !record->has_own_id;
    ike_secret_set(&record->data, data);
    ike_secret_set(&record->id_body, ike_secret_span(&auth->id_body[side]));
    record->key_behind_url = auth->key_behind_url[side];
    record->key_count = auth->key_count[side];
    record->keys = record->key_count ? g_new0(ike_secret, record->key_count) : NULL;
    for (unsigned i = 0; i < record->key_count; i++)
        ike_secret_set(&record->keys[i], ike_secret_span(&auth->keys[side][i]));
}

/* Of EAP-MSCHAPv2 the two packets that a password can be tried on are stored. */
static void update_eap(ikev2_auth *auth, ike_span eap)
{
    enum { REQUEST = 1, RESPONSE = 2, MSCHAPV2 = 26, CHALLENGE_OP = 1, RESPONSE_OP = 2 };
    enum { TYPE = 4, OPCODE = 5 };

    auth->eap_seen = auth->eap_seen || eap.length;
    if (eap.length <= OPCODE || eap.data[TYPE] != MSCHAPV2)
        return;
    if (eap.data[0] == REQUEST && eap.data[OPCODE] == CHALLENGE_OP)
        ike_secret_set(&auth->challenge, eap);
    else if (eap.data[0] == RESPONSE && eap.data[OPCODE] == RESPONSE_OP)
        ike_secret_set(&auth->response, eap);
}

static void update_auth(ikev2_sa *sa, unsigned side, const ike_key_inputs *inputs)
{
    ikev2_auth *auth = auth_of(sa);

    if (!auth->first_message_id || inputs->message_id < auth->first_message_id)
        auth->first_message_id = inputs->message_id;
    if (inputs->id_body.length) {
        ike_secret_set(&auth->id_body[side], inputs->id_body);
        auth->eap_seen = false; /* another authentication (RFC 4739) may follow one by EAP */
    }
    update_certs(auth, side, inputs);
    if (inputs->auth_method)
        add_record(sa, side, inputs, inputs->auth_method, inputs->auth);
    update_eap(auth, inputs->eap);
}

static void update_intermediate(ikev2_sa *sa, unsigned side, const ike_key_inputs *inputs)
{
    ikev2_auth *auth = auth_of(sa);
    bool fragmented =
        auth->first_fragment[side].length && auth->first_fragment_id[side] == inputs->message_id;

    ikev2_intermediate_add(&auth->intermediate, inputs,
                           fragmented ? &auth->first_fragment[side] : NULL,
                           generation_of(sa, inputs));
    if (fragmented)
        ike_secret_clear(&auth->first_fragment[side]);
}

void ikev2_auth_first_fragment(ikev2_sa *sa, const ike_encrypted_payload *encrypted)
{
    unsigned side = encrypted->from_initiator ? IKE_I : IKE_R;
    const uint8_t *numbers = encrypted->body.data - 4;

    if ((encrypted->exchange == IKEV2_EXCHANGE_IKE_INTERMEDIATE ||
         encrypted->exchange == IKEV2_EXCHANGE_GSA_REKEY) &&
        !sa->auth_results && numbers[0] == 0 && numbers[1] == 1) {
        ikev2_auth *auth = auth_of(sa);

        ike_secret_set(&auth->first_fragment[side],
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

void ikev2_auth_verify_again(const ikev2_auth *auth)
{
    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        for (unsigned i = 0; auth && i < auth->count[side]; i++) {
            ikev2_auth_record *record = auth->records[side][i];

            record->has_result = record->has_result && record->result.status == IKE_AUTH_VERIFIED;
        }
    }
}

void ikev2_auth_update(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    unsigned side = inputs->from_initiator ? IKE_I : IKE_R;
    bool ppk_named = sa->ppk_id.length > 0;

    ikev2_ppk_update(sa, inputs);
    if (sa->auth_results)
        return;
    bool new_ppk = !ppk_named && sa->ppk_id.length;
    if (new_ppk || inputs->exchange == IKEV2_EXCHANGE_IKE_INTERMEDIATE ||
        (inputs->exchange == IKEV2_EXCHANGE_IKE_AUTH && !inputs->auth_method))
        ikev2_auth_verify_again(sa->auth);
    switch (inputs->exchange) {
    case IKEV2_EXCHANGE_IKE_INTERMEDIATE:
        update_intermediate(sa, side, inputs);
        break;
    case IKEV2_EXCHANGE_IKE_AUTH:
    case IKEV2_EXCHANGE_GSA_AUTH:
        update_auth(sa, side, inputs);
        break;
    default:
        break;
    }
    if (sa->auth)
        update_addresses(sa->auth, side, inputs);
}

/* ---- the result ------------------------------------------------------------------------------ */

ike_auth_result ikev2_auth_result(ikev2_sa *sa, bool of_initiator)
{
    unsigned side = of_initiator ? IKE_I : IKE_R;

    return sa->auth_results ? sa->auth_results[side] : ikev2_auth_verify(sa, side);
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Whether both sides have sent AUTH and no secret that may still come can change what is said about
 * it. */
static bool is_final(const ikev2_sa *sa)
{
    const ikev2_auth *auth = sa->auth;

    if (!auth->count[IKE_I] || !auth->count[IKE_R])
        return false; /* it may come late */
    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        for (unsigned i = 0; i < auth->count[side]; i++) {
            const ikev2_auth_record *record = auth->records[side][i];

            if (!record->has_result || record->result.status != IKE_AUTH_VERIFIED)
                return ike_keyring_is_closed(sa->base.capture->ring);
        }
    }
    return true;
}

void ikev2_auth_finish(ikev2_sa *sa)
{
    if (!sa->auth || !is_final(sa))
        return;
    ike_auth_result *results = g_new(ike_auth_result, 2);
    results[IKE_I] = ikev2_auth_verify(sa, IKE_I);
    results[IKE_R] = ikev2_auth_verify(sa, IKE_R);
    sa->auth_results = results;
    g_clear_pointer(&sa->auth, ikev2_auth_free);
}
