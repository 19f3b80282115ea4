/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error notifies whose cause is in what they carry, or in what the sender did before: addresses,
 * Child SAs that are not there or too many, SPIs that are not known. */
#include <string.h>

#include "analysis/findings/explain.h"
#include "analysis/tracker/peer.h"
#include "analysis/tracker/quoted.h"
#include "proto/ike_numbers.h"

static const char *sender(const ike_draft *draft)
{
    return ike_role(draft->finding.message->from_initiator);
}

static const ike_message_record *request_of(const ike_draft *draft)
{
    const ike_finding *finding = &draft->finding;
    return finding->child && finding->child->request ? finding->child->request
                                                     : finding->message->exchange->request;
}

/* RFC 7296 3.15.4: the pool is empty, or there is none for this peer. */
void ike_explain_address_failure(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_sa *sa = draft->finding.message->exchange->sa;
    const ike_party *party = ike_party_of(sa, draft->finding.message->from_initiator);
    const ike_peer *peer = ike_tracker_find_peer(tracker, &party->endpoint, sa->major);
    bool assigns = peer && peer->addresses;
    g_string_append_printf(draft->text, "%s has no inner address for", sender(draft));
    ike_append_whom(draft->text, sa, !draft->finding.message->from_initiator);
    g_string_append(draft->requested, "inner address");
    if (!assigns) {
        g_string_append(draft->text, " (no pool, or exhausted)");
        g_string_append_printf(draft->detail,
                               "Configure an address pool for this peer on the %s, or enlarge it.",
                               sender(draft));
        return;
    }
    draft->finding.frame = peer->address_frame;
    g_string_append(draft->text, " (pool exhausted?)");
    g_string_append_printf(draft->received, "%u address%s", peer->addresses,
                           peer->addresses == 1 ? "" : "es");
    g_string_append_printf(
        draft->detail,
        "The %s assigned an address to another IKE SA in frame %u, and its pool is "
        "probably exhausted: enlarge it, or let it release addresses sooner (dead peer detection, "
        "lifetimes).",
        sender(draft), peer->address_frame);
}

/* RFC 7296 1.3: the responder takes no more Child SAs in this IKE SA. */
void ike_explain_no_additional_sas(const ike_tracker *tracker, ike_draft *draft)
{
    enum { MAX_COUNTED = 1000 };
    const ike_sa *sa = draft->finding.message->exchange->sa;
    unsigned up = 0;
    int looked_at = 0;
    (void)tracker;
    for (const ike_child *child = sa->newest_child; child && looked_at < MAX_COUNTED;
         child = child->previous_of_sa, looked_at++)
        up += ike_child_state_of(child) == IKE_CHILD_ESTABLISHED;
    g_string_append_printf(draft->text, "%s allows no more Child SAs in this IKE SA",
                           sender(draft));
    g_string_append_printf(draft->requested, "Child SA %u", up + 1);
    g_string_append_printf(draft->received, "%u established", up);
    if (up)
        g_string_append_printf(draft->text, " (%u established)", up);
    g_string_append(draft->detail, "It may support a single Child SA per IKE SA: combine the "
                                   "networks in one, or use an IKE SA for each.");
}

static void append_spi(GString *out, uint32_t spi)
{
    g_string_append_printf(out, "SPI %08x", spi);
}

/* RFC 7296 2.25: the request names the Child SA by a REKEY_SA notify. */
void ike_explain_child_not_found(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_message_record *request = request_of(draft);
    const ike_recorded_notify *rekey =
        request ? ike_content_notify(request->content, IKEV2_NOTIFY_REKEY_SA) : NULL;
    (void)tracker;
    g_string_append_printf(draft->text, "%s does not have the Child SA to be rekeyed",
                           sender(draft));
    if (rekey && rekey->spi_bytes == 4) {
        append_spi(draft->requested, rekey->spi);
        g_string_append_printf(draft->text, " (%s)", draft->requested->str);
    }
    g_string_append(draft->detail, "It deleted the Child SA, or the rekeys of both sides crossed: "
                                   "the requester sets up a new one.");
}

/* RFC 7296 1.5, RFC 2408 3.14.1: the SPI of the ESP or AH packet. */
void ike_explain_invalid_spi(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_message_record *record = draft->finding.message;
    const ike_recorded_notify *notify = ike_content_notify(
        record->content,
        record->exchange->sa->major == 1 ? IKEV1_NOTIFY_INVALID_SPI : IKEV2_NOTIFY_INVALID_SPI);
    (void)tracker;
    if (notify && notify->recorded >= 4)
        g_string_append_printf(draft->received, "SPI %02x%02x%02x%02x", notify->data[0],
                               notify->data[1], notify->data[2], notify->data[3]);
    else if (notify && notify->spi_bytes == 4)
        append_spi(draft->received, notify->spi);
    g_string_append_printf(draft->text, "%s received ESP or AH with %s%s", sender(draft),
                           draft->received->len ? "unknown " : "an unknown SPI",
                           draft->received->str);
    g_string_append_printf(draft->detail,
                           "The %s restarted or deleted that SA; the other side still uses it.",
                           sender(draft));
}

/* ---- private error notifies ------------------------------------------------------------------ */

/* What those mean that 3GPP (TS 24.302 8.1.2.2, TS 24.502) and strongSwan assign. */
static const struct {
    const char *name, *means;
} private_errors[] = {
    {"PDN_CONNECTION_REJECTION", "rejects the connection to this APN (IDr)"},
    {"MAX_CONNECTION_REACHED", "allows no more PDN connections of this subscriber"},
    {"SEMANTIC_ERROR_IN_THE_TFT_OPERATION", "cannot apply the traffic flow template"},
    {"SYNTACTICAL_ERROR_IN_THE_TFT_OPERATION", "cannot parse the traffic flow template"},
    {"SEMANTIC_ERRORS_IN_PACKET_FILTERS", "cannot apply the packet filters"},
    {"SYNTACTICAL_ERRORS_IN_PACKET_FILTERS", "cannot parse the packet filters"},
    {"NON_3GPP_ACCESS_TO_EPC_NOT_ALLOWED", "does not allow non-3GPP access for this subscriber"},
    {"USER_UNKNOWN", "does not know this subscriber"},
    {"NO_APN_SUBSCRIPTION", "has no subscription to this APN (IDr) for this subscriber"},
    {"AUTHORIZATION_REJECTED", "does not authorize this subscriber"},
    {"ILLEGAL_ME", "rejects this device"},
    {"NETWORK_FAILURE", "reports a failure of its network"},
    {"RAT_TYPE_NOT_ALLOWED", "does not allow this kind of radio access"},
    {"IMEI_NOT_ACCEPTED", "rejects the IMEI of this device"},
    {"PLMN_NOT_ALLOWED", "does not allow this network (PLMN) for this subscriber"},
    {"UNAUTHENTICATED_EMERGENCY_NOT_SUPPORTED",
     "does not accept emergency calls without authentication"},
    {"CONGESTION", "is congested"},
    {"NO_RESOURCES_OVER_N3GPP", "has no resources over non-3GPP access"},
    {"ME_CONNECT_FAILED", "cannot mediate the connection"},
};

static const char *private_meaning(const char *code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(private_errors); i++)
        if (g_str_has_prefix(code, private_errors[i].name) &&
            code[strlen(private_errors[i].name)] == ':')
            return private_errors[i].means;
    return NULL;
}

static bool is_text(const ike_recorded_notify *notify)
{
    for (uint8_t i = 0; i < notify->recorded; i++)
        if (notify->data[i] < ' ' || notify->data[i] > '~')
            return false;
    return notify->recorded >= 4;
}

void ike_explain_private(ike_draft *draft, uint16_t type)
{
    const ike_message_record *record = draft->finding.message;
    const ike_recorded_notify *notify = ike_content_notify(record->content, type);
    const ike_sa *sa = record->exchange->sa;
    const char *means = private_meaning(draft->text->str);
    g_string_append_printf(draft->text, "%s %s", sender(draft), means ? means : "reports an error");
    if (sa->major != 1 && sa->requested_id && record->response) {
        g_string_append(draft->requested, sa->requested_id);
        draft->finding.from_wire |= IKE_WIRE_REQUESTED;
    }
    if (!notify || !is_text(notify))
        return;
    GString *text = g_string_new_len((const char *)notify->data, notify->recorded);
    g_string_append(draft->text, ": ");
    ike_format_quoted(draft->text, text->str, 0);
    g_string_append(draft->received, text->str);
    draft->finding.from_wire |= IKE_WIRE_RECEIVED;
    g_string_free(text, TRUE);
}

/* RFC 7296 2.25: nothing is wrong unless it goes on. */
void ike_explain_temporary_failure(const ike_tracker *tracker, ike_draft *draft)
{
    (void)tracker;
    g_string_append_printf(
        draft->text, "%s is rekeying or deleting this SA itself; request rejected", sender(draft));
    g_string_append(draft->detail, "The requester tries again. If this repeats, configure "
                                   "different rekey times on the two sides.");
}
