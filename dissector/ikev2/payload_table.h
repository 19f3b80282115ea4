/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKEV2_PAYLOAD_TABLE_H
#define IKEV2_PAYLOAD_TABLE_H

/* Registers the payloads of IKEv2 and their fields. */
void ikev2_register(void);

#endif
