/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proposals as daemons log them: names of transforms with slashes or dashes between. */
#ifndef IKE_KEYLOG_PROPOSAL_H
#define IKE_KEYLOG_PROPOSAL_H

#include "decrypt/log/text.h"
#include "decrypt/keys/keyring.h"

/* "AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519/KE1_ML_KEM_768/NO_EXT_SEQ": the text
 * up to the first blank. false when a name is not known or there is no encryption algorithm; *suite
 * is then of no use. */
bool ike_proposal_read(ike_text proposal, ike_suite *suite);

#endif
