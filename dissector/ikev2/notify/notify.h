/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data of IKEv2: a type that has data of its own is a row in one of the tables. The function
 * of a row gets the data; its `item` is the field with the raw bytes. */
#ifndef IKE_NOTIFY_H
#define IKE_NOTIFY_H

#include "dissector/base/value_row.h"

#include "registry/private.h"

/* Adds the rows of a file; called from its register function. The rows stay the caller's. */
void ikev2_notify_add_rows(const ike_value_row *rows, unsigned count);

/* The same for numbers of the private-use range: they apply where ike_vendor_notify_name() is the
 * name that `vendor` gives the number. A number may have a row for each vendor. */
void ikev2_notify_add_private(ike_vendor vendor, const ike_value_row *rows, unsigned count);

/* Adds the Notify payload to those of IKEv2. */
void ikev2_register_notify(void);

#endif
