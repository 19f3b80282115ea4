/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies AUTH payloads with the secrets of the key ring and the certificates of the capture. */
#ifndef IKEV2_AUTH_VERIFY_H
#define IKEV2_AUTH_VERIFY_H

#include "decrypt/ikev2/ikev2_auth_record.h"

/* The result for all AUTH payloads of one side (IKE_I, IKE_R) so far. One that verifies fixes which
 * IKE_SA_INIT messages are the right ones. */
ike_auth_result ikev2_auth_verify(ikev2_sa *sa, unsigned side);

#endif
