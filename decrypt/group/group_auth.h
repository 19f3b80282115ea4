/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sent a rekey message: its ICV, or the KEK, shows a member of the group, and a signature the
 * key server. */
#ifndef IKE_GROUP_AUTH_H
#define IKE_GROUP_AUTH_H

#include "decrypt/group/group_store.h"
#include "decrypt/message.h"

/* AUTH of GSA_REKEY (RFC 9838 2.4.1.1). `signed_bytes`: A | P with the signature's bytes zero;
 * `auth`: the Authentication Data as sent, empty without an AUTH payload. */
ike_group_auth ike_gsa_rekey_auth(const ike_rekey_sa *sa, uint8_t method, ike_span signed_bytes,
                                  ike_span auth);

/* SIG of GROUPKEY-PUSH (RFC 6407 4): over "rekey", the header and the payloads before SIG.
 * `payloads`: the decrypted ones, without padding; `signature`: the data of SIG, which is the last
 * of them; empty without one. */
ike_group_auth ike_groupkey_push_auth(const ike_rekey_sa *sa, ike_span message, ike_span payloads,
                                      ike_span signature);

#endif
