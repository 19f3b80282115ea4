/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes the keys out of a Key Download payload of GDOI (RFC 6407 5.6): the KEK of GROUPKEY-PUSH,
 * its signature key, and the TEKs of ESP and AH. */
#ifndef IKE_GDOI_DOWNLOAD_H
#define IKE_GDOI_DOWNLOAD_H

#include "decrypt/group/group_store.h"

/* Of an authentic message alone. `over`: the KEK that it was pushed under, or NULL. `frame`: where
 * it is, for the tree. */
void ike_gdoi_download(ike_sa_base *base, const ike_group_download *download,
                       const ike_rekey_sa *over, uint32_t frame);

#endif
