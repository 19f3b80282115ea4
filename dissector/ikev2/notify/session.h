/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data about sessions and resumption: session.c. */
#ifndef IKEV2_NOTIFY_SESSION_H
#define IKEV2_NOTIFY_SESSION_H

void ikev2_register_notify_session(void);

#endif
