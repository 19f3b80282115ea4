/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the AUTH payloads of an IKEv2 SA cover, as it was seen, and their verification. */
#ifndef IKEV2_AUTH_RECORD_H
#define IKEV2_AUTH_RECORD_H

#include "decrypt/ikev2/ikev2_sa.h"

/* ikev2_int_auth.c: IntAuth (RFC 9242 3.3), what AUTH covers of the IKE_INTERMEDIATE exchanges
 * before it. */

typedef struct ikev2_intermediate ikev2_intermediate; /* IKE_INTERMEDIATE messages seen */

void ikev2_intermediate_add(ikev2_intermediate **list, const ike_key_inputs *inputs,
                            const ike_secret *first_fragment, uint8_t generation);
void ikev2_intermediate_free(ikev2_intermediate *list);

/* Where SK or SKF starts in a message; 0 when there is none. */
size_t ikev2_find_encrypted(ike_span message);

/* IntAuth of RFC 9242 3.3 for the first IKE_AUTH with this message ID; empty without
 * IKE_INTERMEDIATE. false when a message or a key for it is missing. */
bool ikev2_int_auth_all(ikev2_sa *sa, const ikev2_intermediate *list, uint32_t auth_message_id,
                        ike_secret *int_auth);

/* ikev2_auth.c: the payloads as they come. */

enum { IKEV2_MAX_AUTHS = 8, IKEV2_MAX_CERTS = 8 };

/* One AUTH payload. */
typedef struct {
    uint8_t method, generation;
    bool has_own_id; /* its message has the identity: not the AUTH that ends EAP */
    bool after_eap;
    ike_secret data, id_body;
    ike_secret *keys; /* of the certificates */
    unsigned key_count;
    bool key_behind_url;
    /* The result, and what was known when it was computed. */
    ike_auth_result result;
    bool has_result;
    unsigned revision;
} ikev2_auth_record;

struct ikev2_auth {
    uint8_t address[2][16]; /* of both sides */
    uint8_t address_bytes;
    ike_secret id_body[2];
    ike_secret *keys[2]; /* IKEV2_MAX_CERTS, allocated with the first certificate */
    unsigned key_count[2];
    bool key_behind_url[2];
    bool eap_seen;
    ike_secret challenge, response; /* of EAP-MSCHAPv2 */
    uint32_t first_message_id;      /* of IKE_AUTH, the lowest; 0 none yet */
    ikev2_auth_record **records[2]; /* IKEV2_MAX_AUTHS, allocated with the first one */
    unsigned count[2];
    ikev2_intermediate *intermediate;
    ike_secret first_fragment[2]; /* of the IKE_INTERMEDIATE message that is coming in */
    uint32_t first_fragment_id[2];
};

/* ikev2_auth_verify.c: with the secrets of the key ring and the certificates of the capture. */

/* The result for all AUTH payloads of one side (IKE_I, IKE_R) so far. One that verifies fixes which
 * IKE_SA_INIT messages are the right ones. */
ike_auth_result ikev2_auth_verify(ikev2_sa *sa, unsigned side);

#endif
