/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key Download, Sequence Number and Proof of Possession of GDOI: gdoi_keys.c. */
#ifndef GDOI_KEYS_H
#define GDOI_KEYS_H

#include "dissector/base/payload_chain.h"

ike_payload_fn gdoi_dissect_key_download;
ike_payload_fn gdoi_dissect_sequence;
ike_payload_fn gdoi_dissect_pop;

void gdoi_register_keys(void);

#endif
