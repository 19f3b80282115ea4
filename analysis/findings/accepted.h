/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two peers accepted of each other in another IKE SA; the files of findings/ only. */
#ifndef IKE_FINDINGS_ACCEPTED_H
#define IKE_FINDINGS_ACCEPTED_H

#include "analysis/findings/emit.h"

/* The newest IKE SA between the addresses of `sa`, with its roles, that came up and shows who the
 * two sides are; NULL none. In constant time. */
const ike_sa *ike_accepted_elsewhere(const ike_tracker *tracker, const ike_sa *sa);

/* IKEv2: the IKE SA, of the first 256, whose responder chose its proposal in that frame; NULL none.
 */
const ike_sa *ike_chosen_in(const ike_tracker *tracker, uint32_t frame);

/* Appends the first of identity, authentication method and requested identity of one side that
 * was another one in `other`, and both values to the parts of the finding; false when none was. */
bool ike_append_accepted(ike_draft *draft, const ike_sa *other, bool of_initiator);

#endif
