/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data about authentication: auth.c. */
#ifndef IKEV2_NOTIFY_AUTH_H
#define IKEV2_NOTIFY_AUTH_H

void ikev2_register_notify_auth(void);

#endif
