/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data of 3GPP (TS 24.302, TS 24.502): 3gpp.c. */
#ifndef IKEV2_NOTIFY_3GPP_H
#define IKEV2_NOTIFY_3GPP_H

void ikev2_register_notify_3gpp(void);

#endif
