/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encrypted payloads of both versions: decryption, and the items around the plaintext. */
#ifndef IKE_DECRYPTION_H
#define IKE_DECRYPTION_H

#include "decrypt/decrypt.h"
#include "dissector/base/packet.h"

/* Decrypts `body` with the keys of the IKE SA. What later passes need is stored in pkt->data. The
 * caller frees result->plain, or passes it to ike_add_plaintext_source(). */
bool ike_decrypt_payload(ike_packet *pkt, tvbuff_t *body, uint8_t first, bool fragment,
                         ike_decrypted_payload *result);

/* Whether a message other than that of `pkt`, of the same IKE SA and direction, decrypts:
 * IKE_AUTHENTIC if its ICV, HASH or SIG verifies, too; 1 yes, -1 no, 0 if unknown (not encrypted,
 * no key). First pass only; no record is made of it. */
enum { IKE_AUTHENTIC = 2 };
int ike_message_decrypts(const ike_packet *pkt, ike_span message);

/* A data source "Decrypted IKE" that owns result->plain. NULL when there is no plaintext. */
tvbuff_t *ike_add_plaintext_source(ike_packet *pkt, ike_decrypted_payload *result);

/* Adds why a payload was not decrypted, and its bytes; frees result->plain. */
void ike_add_decrypt_failure(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                             ike_decrypted_payload *result);

/* Adds IV, ciphertext and ICV of an IKEv2 payload whose layout is known. */
void ike_add_encrypted_layout(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                              const ike_decrypted_payload *result);

/* Adds the source of the key if it decrypted the message. */
void ike_add_key_source(ike_packet *pkt, proto_tree *tree, const ike_decrypted_payload *result);

/* Adds "Decrypted Data" with "Contained Data" below it for `plain`, of which the last 1 + pad
 * bytes are padding (`padded`: there is a pad length byte). Returns the contained bytes, NULL
 * when there are none; *tree becomes the tree below "Contained Data". */
tvbuff_t *ike_add_plaintext(ike_packet *pkt, tvbuff_t *plain, proto_tree **tree, unsigned contained,
                            bool padded);

void ike_register_decryption(void);

#endif
