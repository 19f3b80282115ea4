/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decrypts ESP packets with every key that may be meant. The ICV decides which it is; two SAs may
 * have the same SPI one after the other. */
#include "decrypt/esp/esp_children.h"
#include "decrypt/esp/esp_table.h"
#include "proto/ike_numbers.h"

/* One packet and what is tried on it. */
typedef struct {
    ike_esp_trial trial;
    ike_span packet;
    ike_decrypted_esp *result;
    /* Of what is tried now. */
    const ike_esp_record *record;
    const ike_algorithms *algorithms;
    ike_esn esn;
    bool transport;
} attempt;

static ike_decrypt_status status_of(ike_status status)
{
    switch (status) {
    case IKE_OK:
        return IKE_DECRYPT_OK;
    case IKE_ERR_ICV:
        return IKE_DECRYPT_BAD_ICV;
    case IKE_ERR_DATA_LENGTH:
        return IKE_DECRYPT_SHORT;
    case IKE_ERR_KEY_LENGTH:
        return IKE_DECRYPT_KEY_LENGTH;
    case IKE_ERR_PADDING:
        return IKE_DECRYPT_PADDING;
    default:
        return IKE_DECRYPT_NO_CIPHER;
    }
}

/* Decrypts with one direction's keys; fills the result. */
static bool decrypt_direction(attempt *a, ike_esp_direction *direction, unsigned guesses,
                              uint32_t *sequence_high)
{
    ike_status status =
        ike_esp_direction_decrypt(direction, a->packet, *sequence_high, guesses, a->result);

    a->result->status = status_of(status);
    if (a->result->icv_ok)
        *sequence_high = a->result->sequence_high;
    return status == IKE_OK;
}

static void fill_result(ike_decrypted_esp *result, const ike_known_direction *known)
{
    result->transport = known->transport;
    result->truncated_icv = known->truncated_icv;
    result->key_source = known->origin;
}

static bool decrypt_known(attempt *a)
{
    for (const GSList *at = a->trial.sa->directions; at; at = at->next) {
        ike_known_direction *known = at->data;

        if (decrypt_direction(a, known->direction, IKE_ESP_NEXT_SEQUENCE, &known->sequence_high)) {
            fill_result(a->result, known);
            return true;
        }
    }
    return false;
}

/* The keys that decrypted the packet, and where they come from. */
typedef struct {
    const ike_algorithms *algorithms;
    ike_span encryption, integrity;
    const ike_key_origin *origin;
} trial;

static void store_direction(attempt *a, const trial *keys, ike_esp_direction *direction,
                            uint32_t sequence_high)
{
    ike_known_direction *known = g_new0(ike_known_direction, 1);

    known->direction = direction;
    known->sequence_high = sequence_high;
    known->transport = a->transport;
    known->truncated_icv = keys->algorithms != a->algorithms;
    known->algorithms = *a->algorithms;
    known->encryption = keys->encryption;
    known->integrity = keys->integrity;
    ike_esp_store_keys(&a->trial, known, keys->origin, a->algorithms->encr->name);
    fill_result(a->result, known);
}

/* The key for the ICV is to blame, or that of the cipher. */
static void refuse(attempt *a, const trial *keys, ike_decrypt_status why)
{
    const ike_integ *integ = keys->algorithms->integ;
    bool has_mac = integ && integ->kind != IKE_MAC_NONE;
    size_t needed[] = {ike_encryption_key_length(keys->algorithms),
                       ike_integrity_key_length(keys->algorithms)};
    bool of_mac = has_mac && (why == IKE_DECRYPT_BAD_ICV || (why == IKE_DECRYPT_KEY_LENGTH &&
                                                             keys->encryption.length == needed[0]));
    ike_refusal refusal = {.why = why,
                           .origin = *keys->origin,
                           .algorithm = of_mac ? integ->name : keys->algorithms->encr->name};

    if (why == IKE_DECRYPT_KEY_LENGTH) {
        refusal.given = of_mac ? keys->integrity.length : keys->encryption.length;
        refusal.needed = needed[of_mac];
    }
    a->result->status = why;
    ike_search_refuse(&a->trial.search, &refusal);
}

static bool try_trial(attempt *a, const trial *keys)
{
    unsigned guesses = a->trial.search.bound ? IKE_ESP_ANY_SEQUENCE : IKE_ESP_NEXT_SEQUENCE;
    uint32_t sequence_high = 0;
    ike_esp_direction *direction;
    ike_status status;

    if (!ike_search_charge(&a->trial.search, 2 * IKE_COST_DECRYPT))
        return false;
    if (a->esn != IKE_ESN_NO && !ike_search_charge(&a->trial.search, guesses * IKE_COST_PRF))
        guesses = 1;
    direction =
        ike_esp_direction_new(keys->algorithms, keys->encryption, keys->integrity, a->esn, &status);
    if (!direction) {
        refuse(a, keys, status_of(status));
        return false;
    }
    if (!decrypt_direction(a, direction, guesses, &sequence_high)) {
        refuse(a, keys, a->result->status);
        ike_esp_direction_free(direction);
        return false;
    }
    store_direction(a, keys, direction, sequence_high);
    return true;
}

/* With the algorithms as negotiated; then with the truncation that old kernels use, unless packets
 * of the SA have the complete ICV: then this one lost its last bytes. */
static bool try_keys(attempt *a, ike_span encryption, ike_span integrity,
                     const ike_key_origin *origin)
{
    trial keys = {a->algorithms, encryption, integrity, origin};
    ike_algorithms variant = *a->algorithms;

    if (try_trial(a, &keys))
        return true;
    variant.integ = variant.integ ? ike_integ_field_variant(variant.integ) : NULL;
    keys.algorithms = &variant;
    const ike_refusal refusal = a->trial.search.refusal;
    const ike_decrypted_esp as_negotiated = *a->result;
    if (variant.integ &&
        (a->result->status == IKE_DECRYPT_BAD_ICV || a->result->status == IKE_DECRYPT_SHORT) &&
        !ike_known_directions_has_complete_icv(a->trial.sa->directions,
                                               a->trial.child ? a->trial.child->owner : NULL) &&
        try_trial(a, &keys))
        return true;
    a->trial.search.refusal = refusal;
    *a->result = as_negotiated;
    return false;
}

/* ike_child_use: a packet with the SPI that the responder chose comes from the initiator. */
static bool try_child_keys(void *user, const ike_child_keys *keys, const ike_key_origin *origin)
{
    attempt *a = user;
    const ike_child *child = a->trial.child;
    bool from_initiator = child->spi[IKE_CHILD_R] == a->trial.sa->spi;

    a->algorithms = child->algorithms;
    a->esn = (ike_esn)child->esn;
    a->transport = child->transport;
    return from_initiator
               ? try_keys(a, ike_secret_span(&keys->ei), ike_secret_span(&keys->ai), origin)
               : try_keys(a, ike_secret_span(&keys->er), ike_secret_span(&keys->ar), origin);
}

/* ---- keys of logs ---------------------------------------------------------------------------- */

/* Splits what may be the whole KEYMAT of one direction. ike_algorithms_use */
static bool try_record_as(void *user, const ike_algorithms *algorithms)
{
    attempt *a = user;
    const ike_esp_record *record = a->record;
    size_t encryption = ike_encryption_key_length(algorithms);
    size_t integrity = ike_integrity_key_length(algorithms);
    ike_span all = record->key.encryption;
    ike_key_origin origin = record->origin;

    origin.secret = origin.source == IKE_SOURCE_GROUP ? "TEK" : "ESP key";
    a->algorithms = algorithms;
    if (record->key.integrity.length == 0 && integrity && all.length == encryption + integrity) {
        return try_keys(a, (ike_span){all.data, encryption},
                        (ike_span){all.data + encryption, integrity}, &origin);
    }
    if (all.length != encryption || (algorithms->integ && algorithms->integ->kind != IKE_MAC_NONE &&
                                     record->key.integrity.length != integrity)) {
        const trial keys = {algorithms, all, record->key.integrity, &origin};

        refuse(a, &keys, IKE_DECRYPT_KEY_LENGTH);
        return false;
    }
    return try_keys(a, all, algorithms->integ ? record->key.integrity : (ike_span){NULL, 0},
                    &origin);
}

static bool try_record(void *user, const ike_esp_record *record)
{
    attempt *a = user;
    const ike_esp_key *key = &record->key;
    uint32_t spi = a->trial.sa->spi;
    ike_algorithms algorithms;

    if (key->protocol == IKEV2_PROTOCOL_AH)
        return false;
    a->record = record;
    a->esn = ike_esp_record_esn(record);
    a->transport = false;
    if (key->has_suite && ike_algorithms_of_suite(&key->suite, &algorithms) &&
        try_record_as(a, &algorithms))
        return true;
    ike_child *children = ike_esp_first_child(a->trial.sa);

    for (ike_child *child = children; child; child = ike_esp_children_next(child, spi)) {
        a->esn = (ike_esn)child->esn;
        a->transport = child->transport;
        if (!child->unsupported && try_record_as(a, child->algorithms))
            return true;
    }
    return !key->has_suite && !children &&
           ike_each_algorithms(key->encryption.length, key->integrity.length, true, try_record_as,
                               a);
}

/* ---- the packet ------------------------------------------------------------------------------ */

bool ike_esp_decrypt(ike_esp_sa *sa, ike_span packet, ike_decrypted_esp *result)
{
    attempt a = {.packet = packet, .result = result};

    a.trial = (ike_esp_trial){
        .sa = sa, .try_child_keys = try_child_keys, .try_record = try_record, .user = &a};
    *result = (ike_decrypted_esp){.status = IKE_DECRYPT_NO_KEY};
    if (decrypt_known(&a))
        return true;

    const ike_decrypted_esp with_known = *result;

    if (ike_esp_try_keys(&a.trial))
        return true;
    result->status = sa->why;
    result->refused = sa->refused;
    result->icv_checked = result->icv_checked && sa->why == IKE_DECRYPT_BAD_ICV;
    /* Keys that decrypted others of its packets tell more of this one than trials do. */
    if (with_known.icv_checked)
        *result = with_known;
    return false;
}
