/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of an IKE SA, and NAT on each of its paths. */
#include "analysis/report/report_parts.h"

#include <string.h>

#include "analysis/tracker/format.h"

enum { PORT_IKE = 500, PORT_NAT_T = 4500 };

typedef enum { NAT_UNKNOWN, NAT_NONE, NAT_OR_ENCAPSULATION, NAT_CERTAIN } nat_state;

/* A daemon that wants UDP encapsulation in any case sends a false hash of its own address (RFC 3948
 * 3.4 has no other way): the hash alone does not tell that from a NAT; a translated port does. */
static nat_state state_of(const ike_path *path, bool initiator)
{
    uint8_t seen = path->nat[initiator];
    uint16_t port = initiator ? path->initiator.port : path->responder.port;
    if (seen & IKE_NAT_SEEN_BY_PEER)
        return NAT_CERTAIN;
    if (seen & IKE_NAT_SEEN_BY_SOURCE)
        return port == PORT_IKE || port == PORT_NAT_T ? NAT_OR_ENCAPSULATION : NAT_CERTAIN;
    return seen ? NAT_NONE : NAT_UNKNOWN;
}

static void append_state(GString *out, const char *who, nat_state state)
{
    if (state < NAT_OR_ENCAPSULATION)
        return;
    g_string_append_printf(out, "%s%s behind NAT", out->len ? "; " : "", who);
    if (state == NAT_OR_ENCAPSULATION)
        g_string_append(out, ", or forced UDP encapsulation");
}

/* NULL when no NAT detection payload was compared on the path. */
static char *nat_text(const ike_path *path)
{
    nat_state initiator = state_of(path, true), responder = state_of(path, false);
    if (initiator == NAT_UNKNOWN && responder == NAT_UNKNOWN)
        return NULL;
    GString *text = g_string_new(NULL);
    if (initiator == responder) {
        append_state(text, "both sides", initiator);
    } else {
        append_state(text, "initiator", initiator);
        append_state(text, "responder", responder);
    }
    if (!text->len)
        g_string_append(text, "none");
    return g_string_free(text, FALSE);
}

/* The payloads are in the first messages; those on port 4500 have none (RFC 7296 2.23). */
static const ike_path *with_payloads(const ike_sa *sa, uint8_t index)
{
    const ike_path *path = sa->paths[index];
    for (uint8_t i = 0; !path->nat[0] && !path->nat[1] && i < index; i++)
        if (ike_same_address(&sa->paths[i]->initiator, &sa->paths[index]->initiator) &&
            ike_same_address(&sa->paths[i]->responder, &sa->paths[index]->responder))
            path = sa->paths[i];
    return path;
}

static void put_endpoint(char *to, size_t size, const ike_endpoint *endpoint)
{
    GString *text = g_string_new(NULL);
    ike_format_endpoint(text, endpoint);
    g_strlcpy(to, text->str, size);
    g_string_free(text, TRUE);
}

static void *own(GPtrArray *owned, void *memory)
{
    if (memory)
        g_ptr_array_add(owned, memory);
    return memory;
}

/* What is the same on all paths where it is known. */
static const char *common_nat(const ike_report_sa *record)
{
    const char *common = NULL;
    for (size_t i = 0; i < record->path_count; i++) {
        const char *nat = record->paths[i].nat;
        if (nat && common && strcmp(nat, common) != 0)
            return NULL;
        common = nat ? nat : common;
    }
    return common;
}

/* The other side of a NAT, or a path of the IKE SA that a rekey replaced, which is no longer used. */
static bool is_left_out(const ike_sa *sa, const ike_path *path)
{
    bool used = path->messages[0] || path->messages[1];
    return path->copies || (!used && sa->rekeyed_from && sa->messages);
}

void ike_report_put_paths(GPtrArray *owned, ike_report_sa *record)
{
    const ike_sa *sa = record->sa;
    ike_report_path *list = own(owned, g_new0(ike_report_path, sa->path_count + 1));
    record->paths = list;
    for (uint8_t i = 0; i < sa->path_count; i++) {
        const ike_path *path = sa->paths[i];
        if (is_left_out(sa, path))
            continue;
        ike_report_path *to = &list[record->path_count++];
        put_endpoint(to->initiator, sizeof to->initiator, &path->initiator);
        put_endpoint(to->responder, sizeof to->responder, &path->responder);
        to->first_frame = path->first_frame;
        to->last_frame = path->last_frame;
        to->nat = own(owned, nat_text(with_payloads(sa, i)));
    }
    record->nat = common_nat(record);
}
