/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP packets: SPI, sequence number, IV, ciphertext, ICV. */
#include "decrypt/esp/esp_packet.h"

#include <string.h>

#include <glib.h>
#include <openssl/crypto.h>

#include "decrypt/crypto/cipher.h"
#include "decrypt/crypto/mac.h"
#include "proto/network_order.h"

enum { ESP_HEADER = 8, ESP_TRAILER = 2 };

struct ike_esp_direction {
    ike_algorithms algorithms;
    ike_esn esn;
    ike_secret encryption; /* until there is a cipher */
    ike_cipher *cipher;
    ike_mac *mac; /* NULL with an AEAD */
};

static bool is_checked(const ike_esp_direction *direction)
{
    return direction->mac == NULL || direction->algorithms.integ->kind != IKE_MAC_NONE;
}

/* With an ICV the cipher waits until one is right: a key schedule can cost more than all the rest
 * of a trial (Blowfish's is 500 blocks). */
static ike_status make_cipher(ike_esp_direction *direction)
{
    ike_status status = IKE_OK;

    if (direction->cipher == NULL)
        direction->cipher = ike_cipher_new(direction->algorithms.encr,
                                           ike_secret_span(&direction->encryption), &status);
    if (status == IKE_OK)
        ike_secret_clear(&direction->encryption);
    return status;
}

ike_esp_direction *ike_esp_direction_new(const ike_algorithms *algorithms, ike_span encr_key,
                                         ike_span integ_key, ike_esn esn, ike_status *status)
{
    ike_esp_direction *direction = g_new0(ike_esp_direction, 1);

    direction->algorithms = *algorithms;
    direction->esn = esn;
    *status = IKE_OK;
    ike_secret_set(&direction->encryption, encr_key);
    if (!ike_encr_is_aead(algorithms->encr)) {
        if (algorithms->integ == NULL)
            direction->algorithms.integ = ike_integ_find(IKEV2_INTEG_NONE);
        direction->mac = ike_mac_new(direction->algorithms.integ, integ_key, status);
    }
    if (*status == IKE_OK && encr_key.length != ike_encryption_key_length(algorithms))
        *status = IKE_ERR_KEY_LENGTH;
    else if (*status == IKE_OK && !(direction->mac != NULL && is_checked(direction)))
        *status = make_cipher(direction);
    if (*status != IKE_OK) {
        ike_esp_direction_free(direction);
        return NULL;
    }
    return direction;
}

void ike_esp_direction_free(ike_esp_direction *direction)
{
    if (direction != NULL) {
        ike_secret_clear(&direction->encryption);
        ike_cipher_free(direction->cipher);
        ike_mac_free(direction->mac);
        g_free(direction);
    }
}

/* Where the ciphertext is, between IV and ICV. */
static ike_status find_data(const ike_esp_direction *direction, ike_span packet,
                            ike_decrypted_esp *result, ike_span *data)
{
    const ike_encr *encr = direction->algorithms.encr;

    result->iv_length = ike_encr_wire_iv(encr);
    result->icv_length = direction->mac != NULL ? ike_mac_length(direction->mac) : encr->icv_length;
    size_t around = ESP_HEADER + result->iv_length + result->icv_length;
    if (packet.length < around + ESP_TRAILER)
        return IKE_ERR_DATA_LENGTH;
    *data = (ike_span){packet.data + ESP_HEADER + result->iv_length, packet.length - around};
    return data->length % encr->block_length == 0 ? IKE_OK : IKE_ERR_DATA_LENGTH;
}

/* One guess at the sequence number's form. On success `plain` holds the plaintext. */
static ike_status try_sequence(ike_esp_direction *direction, ike_span packet, ike_span data,
                               bool esn, uint32_t high, uint8_t *plain)
{
    const ike_encr *encr = direction->algorithms.encr;
    const uint8_t *end = data.data + data.length;
    ike_span iv = {packet.data + ESP_HEADER, (size_t)(data.data - packet.data) - ESP_HEADER};
    ike_span icv = {end, packet.length - (size_t)(end - packet.data)};
    uint8_t aad[ESP_HEADER + 4 + 8], counter[8] = {0}, upper[4];
    size_t aad_length = ESP_HEADER;

    ike_put_u32(upper, high);
    if (encr->implicit_iv) { /* RFC 8750: the sequence number, 64 bits */
        memcpy(counter + 4, packet.data + 4, 4);
        if (esn)
            memcpy(counter, upper, 4);
        iv = (ike_span){counter, sizeof counter};
    }
    if (direction->mac != NULL) { /* the upper half is covered behind the ciphertext, not sent */
        const ike_span parts[] = {{packet.data, packet.length - icv.length}, {upper, esn ? 4 : 0}};
        ike_status status = ike_mac_verify(direction->mac, parts, 2, icv);

        if (status == IKE_OK)
            status = make_cipher(direction);
        return status != IKE_OK ? status
                                : ike_cipher_decrypt(direction->cipher, iv, (ike_span){NULL, 0},
                                                     data, (ike_span){NULL, 0}, plain);
    }
    memcpy(aad, packet.data, 4);
    if (esn) {
        memcpy(aad + 4, upper, 4);
        aad_length += 4;
    }
    memcpy(aad + aad_length - 4, packet.data + 4, 4);
    if (encr->mode == IKE_MODE_GMAC) { /* RFC 4543 3.3: the IV is authenticated too */
        memcpy(aad + aad_length, iv.data, iv.length);
        aad_length += iv.length;
    }
    return ike_cipher_decrypt(direction->cipher, iv, (ike_span){aad, aad_length}, data, icv, plain);
}

uint32_t ike_esn_guess(uint32_t last, unsigned guess)
{
    static const int steps[] = {0, 1, -1};

    return guess < G_N_ELEMENTS(steps) ? last + (uint32_t)steps[guess] : guess - 3;
}

/* *high: the upper half of the last packet, then of this one. */
static ike_status search(ike_esp_direction *direction, ike_span packet, ike_span data,
                         unsigned guesses, uint32_t *high, uint8_t *plain)
{
    const uint32_t last = *high;
    ike_status status = IKE_ERR_ICV;

    *high = 0;
    if (direction->esn != IKE_ESN_YES) {
        status = try_sequence(direction, packet, data, false, 0, plain);
        if (direction->esn == IKE_ESN_NO)
            return status;
    }
    for (unsigned i = 0; status == IKE_ERR_ICV && (i == 0 || i < guesses); i++) {
        *high = ike_esn_guess(last, i);
        status = try_sequence(direction, packet, data, true, *high, plain);
    }
    return status;
}

/* The padding that RFC 4303 2.4 asks for by default: 1, 2, 3, ... */
static bool counts_up(const uint8_t *padding, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (padding[i] != (uint8_t)(i + 1))
            return false;
    return true;
}

/* Without an ICV the payload must look like what the next header names. */
static bool is_plausible(uint8_t next_header, const uint8_t *payload, size_t length)
{
    enum { ICMP = 1, IPV4 = 4, TCP = 6, UDP = 17, IPV6 = 41, GRE = 47, ICMPV6 = 58, NONE = 59 };
    enum { L2TP = 115, SCTP = 132 };

    switch (next_header) {
    case IPV4:
        return length >= 20 && payload[0] >> 4 == 4 && ike_get_u16(payload + 2) <= length;
    case IPV6:
        return length >= 40 && payload[0] >> 4 == 6 && 40u + ike_get_u16(payload + 4) <= length;
    case UDP:
        return length >= 8 && ike_get_u16(payload + 4) == length;
    case TCP:
        return length >= 20 && payload[12] >> 4 >= 5 && (size_t)(payload[12] >> 4) * 4 <= length;
    case ICMP:
    case ICMPV6:
    case GRE:
    case L2TP:
    case SCTP:
        return length >= 4;
    case NONE:
        return true;
    default:
        return false;
    }
}

static ike_status take_trailer(const ike_esp_direction *direction, ike_decrypted_esp *result,
                               const uint8_t *plain, size_t length)
{
    length -= ESP_TRAILER;
    result->pad_length = plain[length];
    result->next_header = plain[length + 1];
    if (result->pad_length > length ||
        (!is_checked(direction) &&
         !(counts_up(plain + length - result->pad_length, result->pad_length) &&
           is_plausible(result->next_header, plain, length - result->pad_length))))
        return IKE_ERR_PADDING;
    return IKE_OK;
}

ike_status ike_esp_direction_decrypt(ike_esp_direction *direction, ike_span packet,
                                     uint32_t sequence_high, unsigned guesses,
                                     ike_decrypted_esp *result)
{
    ike_span data;

    result->icv_checked = result->icv_ok = false;
    ike_status status = find_data(direction, packet, result, &data);
    if (status != IKE_OK)
        return status;
    uint8_t *plain = g_malloc(data.length);
    status = search(direction, packet, data, guesses, &sequence_high, plain);
    result->icv_checked = is_checked(direction) && (status == IKE_OK || status == IKE_ERR_ICV);
    result->icv_ok = result->icv_checked && status == IKE_OK;
    if (status == IKE_OK)
        status = take_trailer(direction, result, plain, data.length);
    if (status != IKE_OK) {
        OPENSSL_cleanse(plain, data.length);
        g_free(plain);
        return status;
    }
    result->plain = plain;
    result->plain_length = data.length;
    result->sequence_high = sequence_high;
    return IKE_OK;
}
