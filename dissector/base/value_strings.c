/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/value_strings.h"

#include "registry/private.h"

value_string_ext ike_strings[IKE_REG_COUNT];

static void append_row(uint32_t value, const char *name, void *rows)
{
    wmem_array_append_one((wmem_array_t *)rows, ((value_string){value, name}));
}

void ike_register_value_strings(void)
{
    for (unsigned registry = IKE_REG_NONE + 1; registry < IKE_REG_COUNT; registry++) {
        wmem_array_t *rows = wmem_array_new(wmem_epan_scope(), sizeof(value_string));

        ike_number_names((ike_registry)registry, append_row, rows);
        append_row(0, NULL, rows);
        ike_strings[registry] =
            *ike_value_string_ext_new(wmem_array_get_raw(rows), wmem_array_get_count(rows));
    }
}
