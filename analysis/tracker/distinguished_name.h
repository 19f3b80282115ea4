/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Distinguished names (X.501) as text, and the hash in an algorithm's name. */
#ifndef IKE_DISTINGUISHED_NAME_H
#define IKE_DISTINGUISHED_NAME_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends a DER Name as "C=CH, O=strongSwan, CN=moon". false (nothing appended) when it is none. */
bool ike_format_name(GString *out, const uint8_t *der, size_t length);

/* Does a DER AlgorithmIdentifier (RFC 7427) name a signature with SHA-1? */
bool ike_algorithm_is_sha1(const uint8_t *der, size_t length);

#endif
