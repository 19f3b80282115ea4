/* SPDX-License-Identifier: GPL-2.0-or-later
 * Numbers from the private-use ranges: a name is one vendor's. Free of epan. */
#ifndef IKE_REGISTRY_PRIVATE_H
#define IKE_REGISTRY_PRIVATE_H

#include "registry/names.h"
#include "registry/vendor_ids.h"

/* The name of the private `value` in the registry of `vendor`; NULL if it has none. The registry
 * shows the IKE version. A name of low confidence ends in " (?)". */
const char *ike_private_name(ike_vendor vendor, ike_registry registry, uint32_t value);

/* For an unknown peer: how many vendors use `value` goes to *count (may be NULL), and
 * the name is returned when all use the same name, else NULL. Names of low confidence do
 * not count. */
const char *ike_private_any(ike_registry registry, uint32_t value, unsigned *count);

/* The name that everything shows for `value`: that of the registry, else what one of `vendors` (bit
 * n for vendor n) calls the private number, else what all vendors that use it call it; NULL when
 * there is none or the vendors disagree. A static string. */
const char *ike_number_name(ike_registry registry, uint32_t value, uint64_t vendors);

/* Calls `add` for each single number of `registry` whose name does not depend on the vendor, in
 * ascending order: those of the registry, and private ones that all their users name alike. */
void ike_number_names(ike_registry registry,
                      void (*add)(uint32_t value, const char *name, void *data), void *data);

#endif
