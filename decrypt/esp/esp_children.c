/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Child SAs of a capture by SPI. */
#include "decrypt/esp/esp_children.h"

#include "proto/keyed_hash.h"

enum { OLDER, NEWER };

static void wait_for_esp(ike_esp_children *children, ike_child *child)
{
    child->links[OLDER] = children->newest;
    *(children->newest ? &children->newest->links[NEWER] : &children->oldest) = child;
    children->newest = child;
}

static void stop_waiting(ike_esp_children *children, ike_child *child)
{
    ike_child *older = child->links[OLDER], *newer = child->links[NEWER];

    *(older ? &older->links[NEWER] : &children->oldest) = newer;
    *(newer ? &newer->links[OLDER] : &children->newest) = older;
    child->links[OLDER] = child->links[NEWER] = NULL;
}

/* Where a Child SA in the chain of an SPI has the next one. With one SPI for both directions it is
 * in one chain. */
static ike_child **next_of(ike_child *child, uint32_t spi)
{
    return &child->links[child->spi[IKE_CHILD_I] == spi ? IKE_CHILD_I : IKE_CHILD_R];
}

static void set_first(GHashTable *by_spi, uint32_t spi, ike_child *first)
{
    if (first)
        g_hash_table_insert(by_spi, GUINT_TO_POINTER(spi), first);
    else
        g_hash_table_remove(by_spi, GUINT_TO_POINTER(spi));
}

static void leave_chain(GHashTable *by_spi, uint32_t spi, ike_child *gone)
{
    ike_child *first = g_hash_table_lookup(by_spi, GUINT_TO_POINTER(spi));

    if (first == gone) {
        set_first(by_spi, spi, *next_of(gone, spi));
        return;
    }
    for (ike_child *at = first; at; at = *next_of(at, spi)) {
        if (*next_of(at, spi) == gone) {
            *next_of(at, spi) = *next_of(gone, spi);
            return;
        }
    }
}

/* Puts the newest before the others, of which the oldest is left out when there are too many. */
static void join_chain(GHashTable *by_spi, uint32_t spi, ike_child *child)
{
    unsigned count = 1;

    *next_of(child, spi) = g_hash_table_lookup(by_spi, GUINT_TO_POINTER(spi));
    for (ike_child *at = child; at; at = *next_of(at, spi))
        if (count++ == IKE_MAX_CHILDREN)
            *next_of(at, spi) = NULL;
    set_first(by_spi, spi, child);
}

/* Calls it for each SPI of a Child SA, once for those that are the same. */
static void each_spi(GHashTable *by_spi, ike_child *child,
                     void (*use)(GHashTable *by_spi, uint32_t spi, ike_child *child))
{
    if (child->spi[IKE_CHILD_I])
        use(by_spi, child->spi[IKE_CHILD_I], child);
    if (child->spi[IKE_CHILD_R] && child->spi[IKE_CHILD_R] != child->spi[IKE_CHILD_I])
        use(by_spi, child->spi[IKE_CHILD_R], child);
}

ike_child *ike_esp_children_find(ike_esp_children *children, uint32_t spi)
{
    ike_child *child;

    if (!children->by_spi) {
        children->by_spi = g_hash_table_new(ike_hash_number, g_direct_equal);
        while ((child = children->oldest)) {
            stop_waiting(children, child);
            each_spi(children->by_spi, child, join_chain);
        }
    }
    return g_hash_table_size(children->by_spi)
               ? g_hash_table_lookup(children->by_spi, GUINT_TO_POINTER(spi))
               : NULL;
}

ike_child *ike_esp_children_next(ike_child *child, uint32_t spi)
{
    return *next_of(child, spi);
}

void ike_esp_children_add(ike_esp_children *children, ike_child *child)
{
    if (children->by_spi)
        each_spi(children->by_spi, child, join_chain);
    else
        wait_for_esp(children, child);
}

void ike_esp_children_remove(ike_esp_children *children, ike_child *child)
{
    if (children->by_spi)
        each_spi(children->by_spi, child, leave_chain);
    else
        stop_waiting(children, child);
}

void ike_esp_children_clear(ike_esp_children *children)
{
    g_clear_pointer(&children->by_spi, g_hash_table_destroy);
}
