/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data of RFC 7296: data.c. */
#ifndef IKEV2_NOTIFY_DATA_H
#define IKEV2_NOTIFY_DATA_H

void ikev2_register_notify_data(void);

#endif
