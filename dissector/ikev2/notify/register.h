/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKEV2_NOTIFY_REGISTER_H
#define IKEV2_NOTIFY_REGISTER_H

void ikev2_register_notifies(void);

#endif
