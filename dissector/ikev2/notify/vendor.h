/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data of vendors: vendor.c. */
#ifndef IKEV2_NOTIFY_VENDOR_H
#define IKEV2_NOTIFY_VENDOR_H

void ikev2_register_notify_vendor(void);

#endif
