/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies the ICV of AH packets (RFC 4302) with every key that may be meant. */
#include "decrypt/esp/esp_table.h"

#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum { MOST_PADDING = 7 }; /* of the ICV field, to 64 bits (RFC 4302 2.6) */

/* ---- the ICV --------------------------------------------------------------------------------- */

/* The ICV counts as zeros, its padding as it is; the upper half of an extended sequence number is
 * covered behind the packet and not sent (RFC 4302 3.3.3). `kept`: bytes of the ICV field that are
 * no part of the ICV, as the IV of AES-GMAC may be seen (RFC 4543). */
static bool check(const ike_known_direction *key, const ike_ah_packet *packet, size_t kept,
                  const uint32_t *high)
{
    static const uint8_t zeros[IKE_MAX_ICV];
    const ike_span icv = {packet->icv.data, ike_mac_length(key->mac)};
    uint8_t upper[4];
    const ike_span parts[] = {packet->before,
                              {icv.data, kept},
                              {zeros, icv.length - kept},
                              {icv.data + icv.length, packet->icv.length - icv.length},
                              packet->after,
                              {upper, high ? sizeof upper : 0}};

    if (high)
        ike_put_u32(upper, *high);
    return ike_mac_verify(key->mac, parts, G_N_ELEMENTS(parts), icv) == IKE_OK;
}

static bool check_with(const ike_known_direction *key, const ike_ah_packet *packet,
                       const uint32_t *high)
{
    enum { GMAC_IV = 8 };

    return check(key, packet, 0, high) ||
           (key->algorithms.integ->kind == IKE_MAC_GMAC && check(key, packet, GMAC_IV, high));
}

static bool verify(ike_known_direction *key, const ike_ah_packet *packet, unsigned guesses,
                   ike_verified_ah *result)
{
    if (key->esn != IKE_ESN_YES && check_with(key, packet, NULL))
        return true;
    for (unsigned i = 0; key->esn != IKE_ESN_NO && i < guesses; i++) {
        uint32_t high = ike_esn_guess(key->sequence_high, i);

        if (check_with(key, packet, &high)) {
            key->sequence_high = result->sequence_high = high;
            return true;
        }
    }
    return false;
}

static void fill_result(ike_verified_ah *result, const ike_known_direction *key)
{
    result->status = IKE_DECRYPT_OK;
    result->icv_checked = result->icv_ok = true;
    result->icv_length = ike_mac_length(key->mac);
    result->key_source = key->origin;
}

/* ---- trial of keys --------------------------------------------------------------------------- */

/* One packet and what is tried on it. */
typedef struct {
    ike_esp_trial trial;
    const ike_ah_packet *packet;
    ike_verified_ah *result;
} attempt;

static bool fits(const ike_integ *integ, const ike_ah_packet *packet)
{
    return integ && integ->kind != IKE_MAC_NONE && integ->icv_length <= packet->icv.length &&
           packet->icv.length - integ->icv_length <= MOST_PADDING;
}

static bool try_key(attempt *a, const ike_integ *integ, ike_span bytes, ike_esn esn,
                    const ike_key_origin *origin)
{
    ike_known_direction key = {.algorithms.integ = integ, .esn = esn, .integrity = bytes};
    unsigned guesses = a->trial.search.bound ? IKE_ESP_ANY_SEQUENCE : IKE_ESP_NEXT_SEQUENCE;
    ike_status status = IKE_OK;
    ike_refusal refusal = {.why = IKE_DECRYPT_BAD_ICV, .origin = *origin};

    if (!fits(integ, a->packet)) {
        if (integ)
            ike_search_refuse(&a->trial.search, &(ike_refusal){.why = IKE_DECRYPT_SHORT});
        return false;
    }
    if (!ike_search_charge(&a->trial.search, (esn == IKE_ESN_NO ? 2 : 2 + guesses) * IKE_COST_PRF))
        return false;
    key.mac = ike_mac_new(integ, bytes, &status);
    if (!key.mac) {
        refusal = (ike_refusal){IKE_DECRYPT_KEY_LENGTH, *origin, integ->name, bytes.length,
                                integ->key_length};
        ike_search_refuse(&a->trial.search, &refusal);
        return false;
    }
    if (!verify(&key, a->packet, guesses, a->result)) {
        refusal.algorithm = integ->name;
        ike_search_refuse(&a->trial.search, &refusal);
        ike_mac_free(key.mac);
        return false;
    }
    ike_known_direction *known = g_memdup2(&key, sizeof key);

    ike_esp_store_keys(&a->trial, known, origin, integ->name);
    fill_result(a->result, known);
    return true;
}

/* ike_child_use: a packet with the SPI that the responder chose comes from the initiator. */
static bool try_child_keys(void *user, const ike_child_keys *keys, const ike_key_origin *origin)
{
    attempt *a = user;
    const ike_child *child = a->trial.child;
    const ike_secret *key = child->spi[IKE_CHILD_R] == a->trial.sa->spi ? &keys->ai : &keys->ar;

    return try_key(a, child->algorithms->integ, ike_secret_span(key), (ike_esn)child->esn, origin);
}

/* Logs may leave the algorithm out, or the truncation that is used. */
static bool try_record(void *user, const ike_esp_record *record)
{
    static const uint16_t others[] = {
        IKEV2_INTEG_HMAC_SHA2_256_128, IKEV2_INTEG_HMAC_SHA1_96, IKEV2_INTEG_HMAC_SHA2_384_192,
        IKEV2_INTEG_HMAC_SHA2_512_256, IKEV2_INTEG_HMAC_MD5_96,  IKEV2_INTEG_AES_XCBC_96,
        IKEV2_INTEG_AES_CMAC_96,       IKEV2_INTEG_AES_128_GMAC, IKEV2_INTEG_AES_192_GMAC,
        IKEV2_INTEG_AES_256_GMAC,      IKE_INTEGRITY_SHA256_96,  IKE_INTEGRITY_RIPEMD_96,
    };
    attempt *a = user;
    const ike_esp_key *key = &record->key;
    bool of_ah = key->protocol == IKEV2_PROTOCOL_AH || (!key->protocol && !key->encryption.length);
    ike_esn esn = ike_esp_record_esn(record);
    const ike_integ *named = key->has_suite ? ike_integ_find(key->suite.integrity) : NULL;
    ike_key_origin origin = record->origin;

    if (!of_ah || !key->integrity.length)
        return false;
    origin.secret = origin.source == IKE_SOURCE_GROUP ? "TEK" : "AH key";
    if (named && named->kind != IKE_MAC_NONE) {
        const ike_integ *variant = ike_integ_field_variant(named);

        return try_key(a, named, key->integrity, esn, &origin) ||
               (variant && try_key(a, variant, key->integrity, esn, &origin));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        const ike_integ *integ = ike_integ_find(others[i]);

        if (integ && integ->key_length == key->integrity.length && fits(integ, a->packet) &&
            try_key(a, integ, key->integrity, esn, &origin))
            return true;
    }
    return false;
}

bool ike_ah_verify(ike_esp_sa *sa, const ike_ah_packet *packet, ike_verified_ah *result)
{
    attempt a = {.packet = packet, .result = result};

    a.trial = (ike_esp_trial){
        .sa = sa, .try_child_keys = try_child_keys, .try_record = try_record, .user = &a};
    *result = (ike_verified_ah){.status = IKE_DECRYPT_NO_KEY};
    for (const GSList *at = sa->directions; at; at = at->next) {
        ike_known_direction *known = at->data;

        if (ike_mac_length(known->mac) <= packet->icv.length &&
            verify(known, packet, IKE_ESP_NEXT_SEQUENCE, result)) {
            fill_result(result, known);
            return true;
        }
    }
    if (ike_esp_try_keys(&a.trial))
        return true;
    /* Keys that verified others of the SPI decide. */
    result->status = sa->directions ? IKE_DECRYPT_NOT_AUTHENTIC : sa->why;
    result->refused = sa->directions ? NULL : sa->refused;
    result->icv_checked = sa->directions || sa->why == IKE_DECRYPT_BAD_ICV;
    return false;
}
