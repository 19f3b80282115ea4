/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data about mobility, redirect and high availability: mobility.c. */
#ifndef IKEV2_NOTIFY_MOBILITY_H
#define IKEV2_NOTIFY_MOBILITY_H

void ikev2_register_notify_mobility(void);

#endif
