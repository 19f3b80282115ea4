/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP and AH whose Child SA is not in the capture: by SPI and destination. */
#include <string.h>

#include "analysis/report/report.h"
#include "analysis/tracker/format.h"

enum { MAX_FLOWS = 1000 };

typedef struct {
    void (*fn)(const ike_report_flow *flow, void *user);
    void *user;
    const ike_esp_flow *flows[MAX_FLOWS];
    size_t count;
} collector;

static void collect(const ike_esp_flow *flow, void *user)
{
    collector *all = user;
    if (all->count < MAX_FLOWS)
        all->flows[all->count++] = flow;
}

static void put_address(char *to, size_t size, const ike_endpoint *endpoint)
{
    GString *text = g_string_new(NULL);
    ike_format_address(text, endpoint);
    g_strlcpy(to, text->str, size);
    g_string_free(text, TRUE);
}

/* Whether any flow goes the other way. */
static bool has_return(const collector *all, const ike_esp_flow *flow)
{
    for (size_t i = 0; i < all->count; i++)
        if (ike_same_address(&all->flows[i]->source, &flow->destination) &&
            ike_same_address(&all->flows[i]->destination, &flow->source))
            return true;
    return false;
}

void ike_report_each_flow(const ike_tracker *tracker,
                          void (*fn)(const ike_report_flow *flow, void *user), void *user)
{
    enum { ONE_WAY_PACKETS = 3 };
    collector *all = g_new0(collector, 1);
    ike_tracker_each_unknown_flow(tracker, collect, all);
    for (size_t i = 0; i < all->count; i++) {
        const ike_esp_flow *flow = all->flows[i];
        ike_report_flow to = {.health = ike_esp_health_of_flow(flow)};
        g_snprintf(to.spi, sizeof to.spi, "%08x", flow->spi);
        put_address(to.source, sizeof to.source, &flow->source);
        put_address(to.destination, sizeof to.destination, &flow->destination);
        if (to.health.packets >= ONE_WAY_PACKETS && all->count < MAX_FLOWS &&
            !has_return(all, flow))
            to.finding = "no packets in the other direction";
        fn(&to, user);
    }
    g_free(all);
}
