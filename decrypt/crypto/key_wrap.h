/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES key wrap with padding (RFC 5649), as KW_5649_128 and its siblings of RFC 9838 have it. */
#ifndef IKE_KEY_WRAP_H
#define IKE_KEY_WRAP_H

#include "decrypt/crypto/secret.h"
#include "decrypt/crypto/status.h"

/* Unwraps into `key`, which is left alone on errors. kek: 16, 24 or 32 bytes. IKE_ERR_ICV: another
 * key, or modified; IKE_ERR_DATA_LENGTH: no wrapped key has this length. */
ike_status ike_key_unwrap(ike_span kek, ike_span wrapped, ike_secret *key);

#endif
