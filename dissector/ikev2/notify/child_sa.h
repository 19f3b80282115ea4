/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data about Child SAs: child_sa.c. */
#ifndef IKEV2_NOTIFY_CHILD_SA_H
#define IKEV2_NOTIFY_CHILD_SA_H

void ikev2_register_notify_children(void);

#endif
