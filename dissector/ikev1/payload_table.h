/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKEV1_PAYLOAD_TABLE_H
#define IKEV1_PAYLOAD_TABLE_H

/* Registers the payloads of IKEv1 and their fields. */
void ikev1_register(void);

#endif
