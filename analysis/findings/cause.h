/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hypotheses about an IKE SA; the files of findings/ only. */
#ifndef IKE_CAUSE_H
#define IKE_CAUSE_H

#include "analysis/findings/emit.h"

/* The first hypothesis that the record supports, when no message decides: why the IKE SA did not
 * come up, or stopped. Emits at most one finding, and returns whether it did. */
bool ike_find_hypothesis(ike_sink *sink, const ike_sa *sa);

#endif
