/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One direction of a Child SA and the decryption of its packets, RFC 4303; AH, RFC 4302. */
#ifndef IKE_ESP_PACKET_H
#define IKE_ESP_PACKET_H

#include "decrypt/crypto/algorithm_set.h"
#include "decrypt/crypto/status.h"
#include "decrypt/message.h"

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

/* Decrypts the packet, given from the SPI on. With ESN the upper half is tried round
 * `sequence_high` (as given, one more, one less), then from 0 on, `guesses` values at most; the
 * first is always tried. The lengths and what is known of the ICV go to *result in any case, the
 * plaintext and its trailer when there is one; the caller frees it with g_free.
 * IKE_ERR_DATA_LENGTH: too short or no multiple of the block; IKE_ERR_ICV; IKE_ERR_PADDING (with no
 * ICV to check: very likely a wrong key). */
ike_status ike_esp_direction_decrypt(ike_esp_direction *direction, ike_span packet,
                                     uint32_t sequence_high, unsigned guesses,
                                     ike_decrypted_esp *result);

/* The upper half of the ESN number `guess`: round the last one first, then from zero on. */
uint32_t ike_esn_guess(uint32_t last, unsigned guess);

#endif
