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
    ike_secret_set(&direction->encryption, encr_key.data, encr_key.length);
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

static ike_status find_layout(const ike_esp_direction *direction, ike_span packet,
                              ike_esp_packet *decrypted)
{
    const ike_encr *encr = direction->algorithms.encr;

    decrypted->iv_offset = ESP_HEADER;
    decrypted->iv_length = ike_encr_wire_iv(encr);
    decrypted->data_offset = ESP_HEADER + decrypted->iv_length;
    decrypted->icv_length =
        direction->mac != NULL ? ike_mac_length(direction->mac) : encr->icv_length;
    if (packet.length < decrypted->data_offset + decrypted->icv_length + ESP_TRAILER)
        return IKE_ERR_DATA_LENGTH;
    decrypted->data_length = packet.length - decrypted->data_offset - decrypted->icv_length;
    return decrypted->data_length % encr->block_length == 0 ? IKE_OK : IKE_ERR_DATA_LENGTH;
}

/* One guess at the sequence number's form. On success `plain` holds the plaintext. */
static ike_status try_sequence(ike_esp_direction *direction, ike_span packet, bool esn,
                               uint32_t high, const ike_esp_packet *at, uint8_t *plain)
{
    const ike_encr *encr = direction->algorithms.encr;
    ike_span iv = {packet.data + at->iv_offset, at->iv_length};
    ike_span data = {packet.data + at->data_offset, at->data_length};
    ike_span icv = {data.data + data.length, at->icv_length};
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
        const ike_span parts[] = {{packet.data, packet.length - at->icv_length},
                                  {upper, esn ? 4 : 0}};
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

/* The upper half number `guess`: round the last one first, then from zero on. */
static uint32_t guess_of(uint32_t high, unsigned guess)
{
    switch (guess) {
    case 0:
        return high;
    case 1:
        return high + 1;
    case 2:
        return high - 1;
    default:
        return guess - 3;
    }
}

static ike_status search(ike_esp_direction *direction, ike_span packet, uint32_t high,
                         unsigned guesses, ike_esp_packet *decrypted, uint8_t *plain)
{
    ike_status status = IKE_ERR_ICV;

    if (direction->esn != IKE_ESN_YES) {
        status = try_sequence(direction, packet, false, 0, decrypted, plain);
        if (direction->esn == IKE_ESN_NO || status != IKE_ERR_ICV)
            return status;
    }
    for (unsigned i = 0; i == 0 || i < guesses; i++) {
        status = try_sequence(direction, packet, true, guess_of(high, i), decrypted, plain);
        if (status != IKE_ERR_ICV) {
            decrypted->esn = true;
            decrypted->sequence_high = guess_of(high, i);
            return status;
        }
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

/* The length that an inner IP packet gives itself, or all. */
static size_t inner_length(uint8_t next_header, const uint8_t *payload, size_t length)
{
    size_t own = length;

    if (next_header == 4 && length >= 20)
        own = ike_get_u16(payload + 2);
    else if (next_header == 41 && length >= 40)
        own = 40u + ike_get_u16(payload + 4);
    return own >= 20 && own < length ? own : length;
}

static ike_status take_trailer(const ike_esp_direction *direction, ike_esp_packet *decrypted,
                               const uint8_t *plain)
{
    size_t length = decrypted->data_length - ESP_TRAILER;

    decrypted->pad_length = plain[length];
    decrypted->next_header = plain[length + 1];
    if (decrypted->pad_length > length ||
        (!is_checked(direction) &&
         !(counts_up(plain + length - decrypted->pad_length, decrypted->pad_length) &&
           is_plausible(decrypted->next_header, plain, length - decrypted->pad_length))))
        return IKE_ERR_PADDING;
    length -= decrypted->pad_length;
    decrypted->payload_length = inner_length(decrypted->next_header, plain, length);
    return IKE_OK;
}

ike_status ike_esp_direction_decrypt(ike_esp_direction *direction, ike_span packet,
                                     uint32_t sequence_high, unsigned guesses,
                                     ike_esp_packet *decrypted)
{
    ike_status status;
    uint8_t *plain;

    *decrypted = (ike_esp_packet){0};
    status = find_layout(direction, packet, decrypted);
    if (status != IKE_OK)
        return status;
    plain = g_malloc(decrypted->data_length);
    status = search(direction, packet, sequence_high, guesses, decrypted, plain);
    decrypted->icv_checked = is_checked(direction) && (status == IKE_OK || status == IKE_ERR_ICV);
    decrypted->icv_ok = decrypted->icv_checked && status == IKE_OK;
    if (status == IKE_OK)
        status = take_trailer(direction, decrypted, plain);
    if (status == IKE_OK) {
        decrypted->plain = plain;
    } else {
        OPENSSL_cleanse(plain, decrypted->data_length);
        g_free(plain);
    }
    return status;
}
