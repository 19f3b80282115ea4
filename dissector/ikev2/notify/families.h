/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The families of notify data, a file for each: it adds its rows and registers its fields. */
#ifndef IKEV2_NOTIFY_FAMILIES_H
#define IKEV2_NOTIFY_FAMILIES_H

void ikev2_register_notify_3gpp(void); /* TS 24.302, TS 24.502 */
void ikev2_register_notify_auth(void);
void ikev2_register_notify_children(void); /* child_sa.c */
void ikev2_register_notify_data(void);     /* RFC 7296 */
void ikev2_register_notify_mobility(void); /* and redirect, high availability */
void ikev2_register_notify_session(void);  /* and resumption */
void ikev2_register_notify_vendor(void);

/* All of them; register.c. */
void ikev2_register_notifies(void);

#endif
