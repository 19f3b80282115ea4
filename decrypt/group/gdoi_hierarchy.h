/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A logical key hierarchy (RFC 6407 5.6.3): keys that encrypt others, up to the KEK. */
#ifndef IKE_GDOI_HIERARCHY_H
#define IKE_GDOI_HIERARCHY_H

#include "decrypt/group/group_store.h"

/* Takes in one key of an array. Calls `use` with its IV and key, or with what they may be when they
 * are encrypted under keys of which several are known by that name; never where none is known. */
typedef void (*ike_lkh_use)(void *user, ike_bytes key);
void ike_lkh_update(ike_group_store *store, const ike_group_key *key, ike_lkh_use use, void *user);

#endif
