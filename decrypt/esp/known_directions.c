/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/esp/known_directions.h"

#include "decrypt/esp/key_lines.h"
#include "proto/ike_numbers.h"

enum { MAX_DIRECTIONS = 64 };

static void free_direction(gpointer data)
{
    ike_known_direction *known = data;

    ike_esp_direction_free(known->direction);
    ike_mac_free(known->mac);
    g_free(known);
}

/* `truncated`: only those with a truncated ICV. */
static void remove_directions(ike_known_directions *list, const ike_sa_base *owner, bool truncated)
{
    for (GSList *at = *list, *next; at; at = next) {
        const ike_known_direction *known = at->data;

        next = at->next;
        if (known->owner == owner && (!truncated || known->truncated_icv)) {
            free_direction(at->data);
            *list = g_slist_delete_link(*list, at);
        }
    }
}

void ike_known_directions_add(ike_known_directions *list, ike_known_direction *known)
{
    if (!known->truncated_icv)
        remove_directions(list, known->owner, true);
    if (g_slist_length(*list) == MAX_DIRECTIONS) {
        GSList *oldest = g_slist_last(*list);

        free_direction(oldest->data);
        *list = g_slist_delete_link(*list, oldest);
    }
    *list = g_slist_prepend(*list, known);
}

bool ike_known_directions_has_complete_icv(ike_known_directions list, const ike_sa_base *owner)
{
    for (const GSList *at = list; at; at = at->next) {
        const ike_known_direction *known = at->data;

        if (known->owner == owner && !known->truncated_icv)
            return true;
    }
    return false;
}

void ike_known_directions_remove(ike_known_directions *list, const ike_sa_base *owner)
{
    remove_directions(list, owner, false);
}

void ike_known_directions_clear(ike_known_directions *list)
{
    g_slist_free_full(*list, free_direction);
    *list = NULL;
}

void ike_known_directions_write(ike_known_directions list, uint32_t spi, ike_write_line write,
                                void *user)
{
    for (const GSList *at = list; at; at = at->next) {
        const ike_known_direction *known = at->data;

        if (known->of_log)
            ike_write_key_line(known->mac ? IKEV2_PROTOCOL_AH : IKEV2_PROTOCOL_ESP, spi,
                               &known->algorithms, known->encryption, known->integrity, write,
                               user);
    }
}
