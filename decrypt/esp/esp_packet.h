/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One direction of a Child SA and the decryption of its packets, RFC 4303; AH, RFC 4302. */
#ifndef IKE_ESP_PACKET_H
#define IKE_ESP_PACKET_H

#include "decrypt/crypto/algorithm_set.h"
#include "decrypt/crypto/status.h"

typedef struct ike_esp_direction ike_esp_direction;

typedef enum {
    IKE_ESN_NO,
    IKE_ESN_YES,
    IKE_ESN_UNKNOWN, /* both are tried */
} ike_esn;

/* Ready for any number of packets. Keys are copied: encr_key with salt, integ_key empty with an
 * AEAD or when nothing is checked. NULL on error, the reason in *status. The caller frees it. */
ike_esp_direction *ike_esp_direction_new(const ike_algorithms *algorithms, ike_span encr_key,
                                         ike_span integ_key, ike_esn esn, ike_status *status);

/* Wipes and frees; NULL is fine. */
void ike_esp_direction_free(ike_esp_direction *direction);

typedef struct {
    /* Known as soon as the packet is long enough. */
    size_t iv_offset, iv_length;     /* in the packet */
    size_t data_offset, data_length; /* the ciphertext */
    size_t icv_length;               /* at the end of the packet */
    bool icv_checked, icv_ok;
    /* Known when the ICV was right or is not checked. */
    uint8_t *plain; /* g_malloc'd, data_length bytes: payload, padding, pad length, next header.
                       The caller frees it with g_free; NULL when not decrypted */
    size_t payload_length; /* without padding, pad length, next header and TFC padding */
    uint8_t pad_length, next_header;
    bool esn;               /* the SA has extended sequence numbers */
    uint32_t sequence_high; /* the ESN's upper half that fits */
} ike_esp_packet;

/* Decrypts the packet, given from the SPI on. With ESN the upper half is tried round
 * `sequence_high` (as given, one more, one less), then from 0 on, `guesses` values at most; the
 * first is always tried. *decrypted is always filled. IKE_ERR_DATA_LENGTH: too short or no multiple
 * of the block; IKE_ERR_ICV; IKE_ERR_PADDING (with no ICV to check: very likely a wrong key). */
ike_status ike_esp_direction_decrypt(ike_esp_direction *direction, ike_span packet,
                                     uint32_t sequence_high, unsigned guesses,
                                     ike_esp_packet *decrypted);

#endif
