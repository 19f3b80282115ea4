/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error notifies whose cause is in what they carry, or in what the sender did before: addresses,
 * Child SAs that are not there or too many, SPIs that are not known. */
#include "analysis/findings/explain.h"
#include "analysis/tracker/peer.h"
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
    g_string_append_printf(draft->text, "%s cannot assign an inner address to %s", sender(draft),
                           ike_role(!draft->finding.message->from_initiator));
    ike_append_identity(draft->text, ike_party_of(sa, !draft->finding.message->from_initiator));
    g_string_append(draft->requested, "inner address");
    if (!assigns) {
        g_string_append(draft->text, " (no pool, or pool exhausted)");
        g_string_append_printf(draft->detail,
                               "Configure an address pool for this peer on the %s, or enlarge it.",
                               sender(draft));
        return;
    }
    draft->finding.frame = peer->address_frame;
    g_string_append_printf(draft->text, ": pool exhausted, it assigned %u in this capture",
                           peer->addresses);
    g_string_append_printf(draft->received, "%u address%s assigned before", peer->addresses,
                           peer->addresses == 1 ? "" : "es");
    g_string_append_printf(draft->detail,
                           "The %s assigned an address to another IKE SA in frame %u: enlarge its "
                           "pool, or let it release addresses sooner (dead peer detection, "
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
    g_string_append_printf(draft->text, "%s does not have the Child SA that is to be rekeyed",
                           sender(draft));
    if (rekey && rekey->spi_bytes == 4) {
        append_spi(draft->requested, rekey->spi);
        g_string_append_printf(draft->text, " (%s)", draft->requested->str);
    }
    g_string_append(draft->detail, "It deleted it, or the rekeyings of both sides crossed: the "
                                   "requester sets up a new one.");
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
    g_string_append_printf(draft->text, "%s received ESP or AH with %s%s that it does not have",
                           sender(draft), draft->received->len ? "" : "an ",
                           draft->received->len ? draft->received->str : "SPI");
    g_string_append_printf(draft->detail,
                           "The %s restarted or deleted that SA; the other side still uses it.",
                           sender(draft));
}

/* RFC 7296 2.25: nothing is wrong unless it goes on. */
void ike_explain_temporary_failure(const ike_tracker *tracker, ike_draft *draft)
{
    (void)tracker;
    g_string_append_printf(
        draft->text, "%s is rekeying or deleting this SA itself; request rejected", sender(draft));
    g_string_append(draft->detail, "The requester tries again. If it repeats, let the rekey times "
                                   "of the two sides differ.");
}
