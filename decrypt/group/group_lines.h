/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys that were downloaded over an IKE SA, as lines of the plugin's own key log format. */
#ifndef IKE_GROUP_LINES_H
#define IKE_GROUP_LINES_H

#include "decrypt/group/group_store.h"
#include "decrypt/message.h"

/* Remembers that keys of this SA were downloaded over `base`. */
void ike_group_record_download(ike_sa_base *base, uint8_t protocol, ike_span spi);
void ike_group_forget_downloads(ike_sa_base *base);

/* Writes the keys of these SAs: of ESP and AH, of Rekey SAs, and KEKs. */
void ike_write_group_keys(const ike_sa_base *base, ike_write_line write, void *user);

#endif
