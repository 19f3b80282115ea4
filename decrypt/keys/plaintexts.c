/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/keys/plaintexts.h"

#include <glib.h>

#include "proto/network_order.h"

void ike_plaintext_name(ike_span message, uint64_t name[2])
{
    enum { SHA256_BYTES = 32 };
    uint8_t digest[SHA256_BYTES];
    gsize length = sizeof digest;
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);

    g_checksum_update(checksum, message.data, (gssize)message.length);
    g_checksum_get_digest(checksum, digest, &length);
    g_checksum_free(checksum);
    name[0] = ike_get_u64(digest);
    name[1] = ike_get_u64(digest + sizeof name[0]);
}
