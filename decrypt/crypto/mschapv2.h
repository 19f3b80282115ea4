/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EAP-MSCHAPv2 (draft-kamath-pppext-eap-mschapv2, RFC 2759, RFC 3079): with the password the
 * exchange can be verified and its MSK, which AUTH is made with, derived. */
#ifndef IKE_MSCHAPV2_H
#define IKE_MSCHAPV2_H

#include "decrypt/crypto/secret.h"
#include "decrypt/crypto/status.h"

/* Tries a password (UTF-8) on the two EAP packets that carry the Challenge and the Response, each
 * from its code byte on. IKE_OK: it is the right one, and `msk` has the 64 bytes. IKE_ERR_ICV: it
 * is not. IKE_ERR_ARGUMENT: these are not the two packets of EAP-MSCHAPv2. IKE_ERR_NO_CIPHER: this
 * OpenSSL has no MD4 or DES. */
ike_status ike_mschapv2_msk(ike_span challenge_packet, ike_span response_packet, ike_span password,
                            ike_secret *msk);

#endif
