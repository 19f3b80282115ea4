/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -z isakmp,keys[,FILTER]: the keys of the IKE SAs that match, in the plugin's key log format: to
 * let somebody decrypt these and nothing else. */
#include "plugin/report_tap.h"

#include "dissector/session/session.h"
#include "proto/keyed_hash.h"

typedef struct {
    ike_report_write write;
    void *user;
    GHashTable *spis; /* of which the keys of logs are written already */
} key_writer;

static void write_spi(const key_writer *keys, uint32_t spi)
{
    const ike_decrypt_context *decryption = ike_session_decryption();

    if (spi && decryption && g_hash_table_add(keys->spis, GUINT_TO_POINTER(spi)))
        ike_esp_write_log_keys(decryption, spi, keys->write, keys->user);
}

static void write_sa(const key_writer *keys, const ike_sa *sa)
{
    if (sa->attached)
        ike_crypto_write_keys(sa->attached, keys->write, keys->user);
    for (const ike_child *child = sa->children; child; child = child->next_of_sa) {
        write_spi(keys, child->spi_initiator);
        write_spi(keys, child->spi_responder);
    }
}

void ike_keys_write(const ike_tracker *tracker, ike_report_filter filter, void *user,
                    const GHashTable *spis, ike_report_write write, void *write_user)
{
    const key_writer keys = {write, write_user, g_hash_table_new(ike_hash_number, NULL)};

    for (uint32_t stream = 0; stream < ike_tracker_count(tracker); stream++) {
        const ike_sa *sa = ike_tracker_stream(tracker, stream);
        if (!filter || filter(sa, user))
            write_sa(&keys, sa);
    }
    GHashTableIter each;
    void *spi;
    g_hash_table_iter_init(&each, (GHashTable *)(uintptr_t)spis);
    while (g_hash_table_iter_next(&each, &spi, NULL))
        write_spi(&keys, GPOINTER_TO_UINT(spi));
    g_hash_table_unref(keys.spis);
}
