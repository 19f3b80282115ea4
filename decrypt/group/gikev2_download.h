/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes the keys out of a Key Download payload of G-IKEv2 (RFC 9838 3 and 4.5): Rekey SAs for
 * GSA_REKEY, keys of ESP and AH, key wrap keys. */
#ifndef IKE_GIKEV2_DOWNLOAD_H
#define IKE_GIKEV2_DOWNLOAD_H

#include "decrypt/group/group_store.h"

/* What the default key wrap key (KWK ID 0) may be, for a message of one IKE SA or Rekey SA. */
enum { IKE_MAX_DEFAULT_KWK = 16 };
typedef struct {
    ike_span keys[IKE_MAX_DEFAULT_KWK];
    unsigned count;
} ike_default_kwk;

/* Of an authentic message alone. `over`: the Rekey SA that it came over, or NULL. `frame`: where it
 * is, for the tree. Returns how many keys were unwrapped. */
unsigned ike_gikev2_download(ike_sa_base *base, const ike_group_download *download,
                             const ike_default_kwk *kwk, ike_rekey_sa *over, uint32_t frame);

#endif
