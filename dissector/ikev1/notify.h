/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notification of IKEv1: notify.c. */
#ifndef IKEV1_NOTIFY_H
#define IKEV1_NOTIFY_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev1_dissect_notify;

void ikev1_register_notify(void);

#endif
