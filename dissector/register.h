/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What plugin/ calls to register the dissector. */
#ifndef IKE_REGISTER_H
#define IKE_REGISTER_H

/* All fields, expert infos, payload tables; then what needs other dissectors. */
void ike_register(void);
void ike_handoff(void);

#endif
