/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking over the protocols isakmp and udpencap from the built-in dissectors. */
#ifndef IKE_TAKEOVER_H
#define IKE_TAKEOVER_H

/* Once, after the fields are registered: makes the handles. */
void ike_takeover_register(void);

/* Once, in the hand-off: takes the ports. */
void ike_takeover_handoff(void);

#endif
