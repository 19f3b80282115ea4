/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SPIs that the proposals of a request bring. */
#include "decrypt/esp/proposed_spis.h"

#include <glib.h>
#include <string.h>

void ike_proposed_spis_set(ike_proposed_spis *spis, const ike_key_inputs *request)
{
    spis->count = (unsigned)MIN(request->proposal_count, IKE_MAX_PROPOSALS);
    if (spis->count)
        memcpy(spis->list, request->proposals, spis->count * sizeof spis->list[0]);
}

uint64_t ike_proposed_spis_find(const ike_proposed_spis *spis, uint8_t number, uint8_t protocol)
{
    uint64_t first = 0;

    for (unsigned i = 0; i < spis->count; i++) {
        const ike_proposal_spi *at = &spis->list[i];

        if (at->protocol == protocol && at->number == number)
            return at->spi;
        if (at->protocol == protocol && !first)
            first = at->spi;
    }
    return first;
}
