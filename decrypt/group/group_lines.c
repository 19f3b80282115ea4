/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/group/group_lines.h"

#include <string.h>

#include "decrypt/esp/esp_table.h"
#include "decrypt/esp/key_lines.h"
#include "proto/network_order.h"

enum { MAX_DOWNLOADS = 1024 };

typedef struct {
    uint8_t protocol;
    uint8_t spi[IKE_REKEY_SPI]; /* shorter ones at the beginning */
} download;

void ike_group_record_download(ike_sa_base *base, uint8_t protocol, ike_span spi)
{
    download added = {.protocol = protocol};

    if (spi.length > IKE_REKEY_SPI)
        return;
    memcpy(added.spi, spi.data, spi.length);
    if (!base->downloads)
        base->downloads = g_array_new(FALSE, FALSE, sizeof(download));
    for (unsigned i = 0; i < base->downloads->len; i++)
        if (memcmp(&g_array_index(base->downloads, download, i), &added, sizeof added) == 0)
            return;
    if (base->downloads->len < MAX_DOWNLOADS)
        g_array_append_val(base->downloads, added);
}

void ike_group_forget_downloads(ike_sa_base *base)
{
    g_clear_pointer(&base->downloads, g_array_unref);
}

static void write_rekey_sa(const ike_sa_base *base, const uint8_t *spi, ike_write_line write,
                           void *user)
{
    const ike_sa_base named = {.initiator_spi = ike_get_u64(spi),
                               .responder_spi = ike_get_u64(spi + 8)};
    const ike_rekey_sa *sa =
        ike_group_store_find_rekey(base->capture->group, named.initiator_spi, named.responder_spi);

    for (; sa; sa = sa->next) {
        if (sa->gdoi) {
            const ike_span parts[] = {ike_secret_span(&sa->iv), ike_secret_span(&sa->encryption)};
            ike_secret kek = {0};

            ike_secret_join(parts, 2, &kek);
            ike_write_sa_key(&named, "GDOI_KEK", &kek, write, user);
            ike_secret_clear(&kek);
        } else {
            ike_write_sa_key(&named, "IKEV2_SK_AI", &sa->integrity, write, user);
            ike_write_sa_key(&named, "IKEV2_SK_EI", &sa->encryption, write, user);
        }
    }
}

void ike_write_group_keys(const ike_sa_base *base, ike_write_line write, void *user)
{
    for (unsigned i = 0; base->downloads && i < base->downloads->len; i++) {
        const download *at = &g_array_index(base->downloads, download, i);

        if (at->protocol == IKE_GROUP_REKEY) {
            write_rekey_sa(base, at->spi, write, user);
            continue;
        }
        for (const ike_esp_record *record =
                 ike_esp_group_keys(base->capture->esp, ike_get_u32(at->spi));
             record; record = record->next)
            ike_write_esp_key(&record->key, write, user);
    }
}
