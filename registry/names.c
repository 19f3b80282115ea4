/* SPDX-License-Identifier: GPL-2.0-or-later
 * Looks numbers up in the tables of names_table.c. */
#include "registry/names.h"

#include <string.h>

#include "registry/tables.h"

/* Binary search in `count` rows that ascend and do not overlap. */
static const ike_registry_row *find_row(const ike_registry_row *rows, size_t count, uint32_t value)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (value < rows[middle].first)
            high = middle;
        else if (value > rows[middle].last)
            low = middle + 1;
        else
            return &rows[middle];
    }
    return NULL;
}

/* The rows of the numbers of one byte, which every payload needs: their index in the
 * table and 1, 0 without a row. Made when the first of a table is asked for. */
static const uint16_t *index_by_byte(ike_registry registry)
{
    static uint16_t places[IKE_REG_COUNT][UINT8_MAX + 1];
    static bool made[IKE_REG_COUNT];
    const ike_registry_table *table = &ike_registry_tables[registry];
    uint16_t *place = places[registry];

    if (made[registry])
        return place;
    made[registry] = true;
    for (size_t row = table->singles + table->ranges; row-- > 0;)
        for (uint32_t value = table->rows[row].first;
             value <= table->rows[row].last && value <= UINT8_MAX; value++)
            place[value] = (uint16_t)(row + 1);
    return place;
}

const ike_registry_row *ike_registry_find(ike_registry registry, uint32_t value)
{
    const ike_registry_table *table;
    const ike_registry_row *single;

    if ((unsigned)registry >= IKE_REG_COUNT)
        return NULL;
    table = &ike_registry_tables[registry];
    if (!table->rows)
        return NULL; /* a registry of vendors' numbers alone */
    if (value <= UINT8_MAX) {
        uint16_t place = index_by_byte(registry)[value];
        return place ? &table->rows[place - 1] : NULL;
    }
    single = find_row(table->rows, table->singles, value);
    return single ? single : find_row(table->rows + table->singles, table->ranges, value);
}

const char *ike_registry_name(ike_registry registry, uint32_t value)
{
    const ike_registry_row *row = ike_registry_find(registry, value);
    return row ? row->name : NULL;
}

const char *ike_registry_assigned_name(ike_registry registry, uint32_t value)
{
    const ike_registry_row *row = ike_registry_find(registry, value);

    return row && row->first == row->last && strncmp(row->name, "Reserved", 8) != 0 &&
                   strcmp(row->name, "Unassigned") != 0
               ? row->name
               : NULL;
}

bool ike_registry_assigned(ike_registry registry, uint32_t value)
{
    return ike_registry_assigned_name(registry, value) != NULL;
}

const ike_group *ike_group_find(uint16_t id)
{
    size_t low = 0, high = ike_groups_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ike_groups[middle].id == id)
            return &ike_groups[middle];
        if (ike_groups[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
