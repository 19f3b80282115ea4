/* SPDX-License-Identifier: GPL-2.0-or-later
 * The generated tables, for the look-ups of this folder only. */
#ifndef IKE_REGISTRY_TABLES_H
#define IKE_REGISTRY_TABLES_H

#include <stddef.h>

#include "registry/names.h"
#include "registry/vendor_ids.h"

/* `singles` rows with first == last in ascending order, then `ranges` rows that do not overlap. */
typedef struct {
    const ike_registry_row *rows;
    uint16_t singles, ranges;
} ike_registry_table;

extern const ike_registry_table ike_registry_tables[IKE_REG_COUNT];

extern const ike_group ike_groups[];
extern const size_t ike_groups_count;

/* The first ike_vendor_ids_at_start are sorted by their bytes; the others begin with any bytes. */
extern const ike_vendor_id ike_vendor_ids[];
extern const size_t ike_vendor_ids_at_start, ike_vendor_ids_count;
extern const char *const ike_vendor_names[IKE_VENDOR_COUNT];

typedef struct {
    ike_registry registry;
    uint32_t first, last;
    ike_vendor vendor;
    bool certain;
    const char *name;
} ike_private_row;

/* Sorted by registry, first, last; in one registry `last` never decreases. */
extern const ike_private_row ike_private_rows[];
extern const size_t ike_private_rows_count;

#endif
