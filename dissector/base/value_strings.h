/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registries as strings of Wireshark's fields. */
#ifndef IKE_VALUE_STRINGS_H
#define IKE_VALUE_STRINGS_H

#include "dissector/base/compat.h"

#include "registry/names.h"

/* For BASE_EXT_STRING: `&ike_strings[IKE_REG_IKEV2_ENCR]`. A private-use number has a name when all
 * vendors that are known to use it give it the same. */
extern value_string_ext ike_strings[IKE_REG_COUNT];

/* Fills ike_strings; before any field is registered. */
void ike_register_value_strings(void);

#endif
