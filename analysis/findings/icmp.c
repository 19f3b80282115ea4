/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ICMP errors about a request say. */
#include <string.h>

#include "analysis/findings/explain.h"

typedef struct {
    uint8_t version, type;
    int code; /* -1 any */
    const char *means;
} icmp_row;

/* RFC 792, RFC 1812 5.2.7.1, RFC 4443 3. */
static const icmp_row icmp_rows[] = {
    {4, 3, 0, "network unreachable: no route"},
    {4, 3, 1, "host unreachable"},
    {4, 3, 2, "protocol unreachable"},
    {4, 3, 3, "port unreachable: nothing listens there, or a firewall rejects it"},
    {4, 3, 4, "fragmentation needed"},
    {4, 3, 9, "administratively prohibited: a firewall rejects it"},
    {4, 3, 10, "administratively prohibited: a firewall rejects it"},
    {4, 3, 13, "administratively prohibited: a firewall rejects it"},
    {4, 3, -1, "destination unreachable"},
    {4, 11, -1, "time exceeded: a routing loop, or fragments are lost"},
    {6, 1, 0, "no route to destination"},
    {6, 1, 1, "administratively prohibited: a firewall rejects it"},
    {6, 1, 3, "address unreachable"},
    {6, 1, 4, "port unreachable: nothing listens there, or a firewall rejects it"},
    {6, 1, 5, "rejected by policy"},
    {6, 1, 6, "route rejected"},
    {6, 1, -1, "destination unreachable"},
    {6, 2, -1, "packet too big"},
    {6, 3, -1, "time exceeded: a routing loop, or fragments are lost"},
};

static const char *icmp_meaning(const ike_icmp_error *error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(icmp_rows); i++)
        if (icmp_rows[i].version == error->version && icmp_rows[i].type == error->type &&
            (icmp_rows[i].code < 0 || icmp_rows[i].code == error->code))
            return icmp_rows[i].means;
    return "unreachable: nothing listens there, a firewall rejects it, or there is no route";
}

static bool is_too_big(const ike_icmp_error *error)
{
    return (error->version == 4 && error->type == 3 && error->code == 4) ||
           (error->version == 6 && error->type == 2);
}

/* The kernel of the sender acts on the first that has the MTU of the path. */
static bool has_mtu(const ike_icmp_record *icmp)
{
    return is_too_big(&icmp->error) && icmp->length > IKE_MTU_BYTES;
}

static bool is_more_credible(const ike_icmp_record *icmp, const ike_icmp_record *other)
{
    return icmp->count == other->count ? has_mtu(icmp) && !has_mtu(other)
                                       : icmp->count > other->count;
}

/* ICMP errors about it, a single one included; of several kinds that which was sent most often. */
static const ike_icmp_record *errors_after(const ike_message_record *request)
{
    const ike_icmp_record *found = NULL;
    for (const ike_icmp_record *icmp = request->exchange->sa->icmp; icmp; icmp = icmp->next)
        if (icmp->last_frame >= request->frame && icmp->from_initiator == request->from_initiator &&
            (!found || is_more_credible(icmp, found)))
            found = icmp;
    return found;
}

const ike_icmp_record *ike_icmp_about(const ike_message_record *request)
{
    const ike_icmp_record *icmp = errors_after(request);
    if (!icmp)
        return NULL;
    return icmp->count >= 2 || !request->retransmissions || has_mtu(icmp) ? icmp : NULL;
}

void ike_mention_icmp(ike_draft *draft, const ike_message_record *request)
{
    const ike_icmp_record *icmp = errors_after(request);
    if (icmp && !ike_icmp_about(request))
        g_string_append_printf(
            draft->detail,
            " A single ICMP error is about it, frame %u, which may be forged, or "
            "the only one of a limited rate: %s.",
            icmp->first_frame, icmp_meaning(&icmp->error));
}

/* The network reports it: ICMP errors that carry the request. They are not authenticated. */
bool ike_explain_icmp(ike_draft *draft, const ike_message_record *request)
{
    const ike_icmp_record *icmp = ike_icmp_about(request);
    if (!icmp)
        return false;
    bool too_big = is_too_big(&icmp->error);
    if (too_big)
        draft->finding.kind = ike_kind(IKE_F_MTU);
    draft->finding.code = draft->finding.kind->code;
    draft->finding.side = IKE_SIDE_NETWORK;
    draft->finding.frame = icmp->first_frame;
    g_string_append(draft->text, "no response to ");
    ike_append_request(draft->text, request);
    const char *means = icmp_meaning(&icmp->error), *more = strchr(means, ':');
    g_string_append_printf(draft->text, ": ICMP %.*s",
                           (int)(more ? (size_t)(more - means) : strlen(means)), means);
    if (!too_big)
        g_string_append_printf(draft->text, " (port %u)", icmp->to.port);
    if (too_big && icmp->error.mtu) {
        g_string_append_printf(draft->text, ", next-hop MTU %u", icmp->error.mtu);
        g_string_append_printf(draft->received, "%u bytes", icmp->error.mtu);
    }
    if (too_big) {
        g_string_append_printf(draft->requested, "%u bytes", icmp->length);
    } else {
        g_string_append_printf(draft->requested, "UDP port %u", icmp->to.port);
        g_string_append_printf(draft->received, "ICMP type %u, code %u", icmp->error.type,
                               icmp->error.code);
    }
    g_string_append_printf(draft->detail, "%u ICMP error%s for port %u, first in frame %u: %s.",
                           icmp->count, ike_plural(icmp->count), icmp->to.port, icmp->first_frame,
                           icmp_meaning(&icmp->error));
    return true;
}
