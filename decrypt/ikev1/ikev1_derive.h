/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of an IKEv1 SA by its key schedule (RFC 2409 5): SKEYID from the PSK, the shared secret or
 * the nonces alone, by the authentication method; SKEYID_d, _a and _e from it and the shared
 * secret. */
#ifndef IKEV1_DERIVE_H
#define IKEV1_DERIVE_H

#include "decrypt/ikev1/ikev1_sa.h"

typedef enum { IKEV1_BY_PSK, IKEV1_BY_SIGNATURE, IKEV1_BY_ENCRYPTION } ikev1_auth_kind;

/* What an Authentication Method of RFC 2409 appendix A, or of the XAUTH and hybrid drafts, makes
 * SKEYID from. */
ikev1_auth_kind ikev1_auth_kind_of(uint16_t method);

/* Ka of these keys from SKEYID_e; false when the algorithms do not allow it. */
bool ikev1_set_key(ikev1_keys *keys, ike_span skeyid_e);

/* The PSKs of both peers, those for every peer after them. */
bool ikev1_each_psk(const ikev1_sa *sa, ike_peer_use use, void *user);

/* Derives with every shared secret (bound to the SA, or to nothing: search->bound) and, where the
 * method needs one, every SKEYID or PSK, and hands the keys over to `use`, which owns them, until
 * it returns true. Charged to the search. */
typedef bool (*ikev1_derived_use)(void *user, ikev1_keys *keys);
bool ikev1_each_derived(ikev1_sa *sa, ike_search *search, ikev1_derived_use use, void *user);

#endif
