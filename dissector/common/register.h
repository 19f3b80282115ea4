/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_COMMON_REGISTER_H
#define IKE_COMMON_REGISTER_H

/* Registers the fields of the payloads that both versions have. */
void ike_register_common(void);

#endif
