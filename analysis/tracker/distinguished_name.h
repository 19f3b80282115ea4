/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Distinguished names (X.501) as text. */
#ifndef IKE_DISTINGUISHED_NAME_H
#define IKE_DISTINGUISHED_NAME_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends a DER Name as "C=CH, O=strongSwan, CN=moon". false (nothing appended) when it is none. */
bool ike_format_name(GString *out, const uint8_t *der, size_t length);

#endif
