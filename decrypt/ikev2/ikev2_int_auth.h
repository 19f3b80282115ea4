/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IntAuth (RFC 9242 3.3): what AUTH covers of the IKE_INTERMEDIATE exchanges before it. */
#ifndef IKEV2_INT_AUTH_H
#define IKEV2_INT_AUTH_H

#include "decrypt/ikev2/ikev2_sa.h"

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

#endif
