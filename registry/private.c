/* SPDX-License-Identifier: GPL-2.0-or-later
 * Looks private-use numbers up: the rows of one number are adjacent, one for each vendor. */
#include "registry/private.h"

#include <string.h>

#include "registry/tables.h"

static bool is_before(const ike_private_row *row, ike_registry registry, uint32_t value)
{
    return row->registry < registry || (row->registry == registry && row->last < value);
}

static bool holds(const ike_private_row *row, ike_registry registry, uint32_t value)
{
    return row->registry == registry && row->first <= value && value <= row->last;
}

/* Index of the first row that holds `value`, when any does. */
static size_t first_row(ike_registry registry, uint32_t value)
{
    size_t low = 0, high = ike_private_rows_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(&ike_private_rows[middle], registry, value))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const char *ike_private_name(ike_vendor vendor, ike_registry registry, uint32_t value)
{
    for (size_t i = first_row(registry, value);
         i < ike_private_rows_count && holds(&ike_private_rows[i], registry, value); i++)
        if (ike_private_rows[i].vendor == vendor)
            return ike_private_rows[i].name;
    return NULL;
}

const char *ike_private_any(ike_registry registry, uint32_t value, unsigned *count)
{
    const char *name = NULL;
    bool same = true;
    unsigned vendors = 0;

    for (size_t i = first_row(registry, value);
         i < ike_private_rows_count && holds(&ike_private_rows[i], registry, value); i++) {
        const ike_private_row *row = &ike_private_rows[i];
        if (!row->certain)
            continue;
        same = same && (!name || strcmp(name, row->name) == 0);
        name = row->name;
        vendors++;
    }
    if (count)
        *count = vendors;
    return same ? name : NULL;
}

const char *ike_number_name(ike_registry registry, uint32_t value, uint64_t vendors)
{
    const char *assigned = ike_registry_assigned_name(registry, value);

    if (assigned)
        return assigned;
    for (unsigned vendor = 0; vendor < IKE_VENDOR_COUNT; vendor++) {
        const char *name =
            vendors >> vendor & 1 ? ike_private_name((ike_vendor)vendor, registry, value) : NULL;
        if (name)
            return name;
    }
    return ike_private_any(registry, value, NULL);
}

void ike_number_names(ike_registry registry,
                      void (*add)(uint32_t value, const char *name, void *data), void *data)
{
    const ike_registry_row *own = ike_registry_tables[registry].rows;
    const ike_registry_row *end = own + ike_registry_tables[registry].singles;

    for (size_t i = first_row(registry, 0);
         i < ike_private_rows_count && ike_private_rows[i].registry == registry; i++) {
        const ike_private_row *row = &ike_private_rows[i];
        const char *name = ike_private_any(registry, row->first, NULL);

        for (; own < end && own->first < row->first; own++)
            add(own->first, own->name, data);
        if ((own == end || own->first > row->first) && row->first == row->last && name &&
            i == first_row(registry, row->first))
            add(row->first, name, data);
    }
    for (; own < end; own++)
        add(own->first, own->name, data);
}
