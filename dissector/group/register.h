/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_GROUP_REGISTER_H
#define IKE_GROUP_REGISTER_H

/* Registers GDOI with IKEv1 and G-IKEv2 with IKEv2. */
void ike_register_group(void);

#endif
