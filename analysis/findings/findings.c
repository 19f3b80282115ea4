/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of findings, and where they are kept. */
#include "analysis/tracker/internal.h"

#include <stdarg.h>
#include <string.h>

enum { MAX_FINDINGS = 256 }; /* of one IKE SA */

#define ERROR IKE_SEVERITY_ERROR
#define WARN IKE_SEVERITY_WARN
#define NOTE IKE_SEVERITY_NOTE
#define CHAT IKE_SEVERITY_CHAT
#define CERTAIN IKE_SURE_CERTAIN
#define LIKELY IKE_SURE_LIKELY
#define POSSIBLE IKE_SURE_POSSIBLE

/* In the order of ike_f. Only rows with `security` may be errors or warnings of healthy sessions.
 */
static const ike_finding_kind kinds[IKE_F_KINDS] = {
    {"no_proposal_chosen", "NO_PROPOSAL_CHOSEN", "The peer accepts none of the proposals", ERROR,
     CERTAIN, false},
    {"invalid_ke_payload_retry", "INVALID_KE_PAYLOAD",
     "The responder wants another key exchange group", NOTE, CERTAIN, false},
    {"invalid_ke_payload", "INVALID_KE_PAYLOAD",
     "The responder wants a group that the initiator does not try", ERROR, CERTAIN, false},
    {"authentication_failed", "AUTHENTICATION_FAILED", "The peer rejects the authentication", ERROR,
     CERTAIN, false},
    {"psk_mismatch", "PSK_MISMATCH", "The two sides have different pre-shared keys", ERROR, CERTAIN,
     false},
    {"certificate_rejected", "CERTIFICATE_REJECTED", "The peer rejects the certificate", ERROR,
     CERTAIN, false},
    {"certificate_expired", "CERTIFICATE_EXPIRED",
     "The certificate was not valid at the time of the capture", WARN, CERTAIN, true},
    {"ts_unacceptable", "TS_UNACCEPTABLE", "The peer accepts none of the traffic selectors", ERROR,
     CERTAIN, false},
    {"ts_narrowed", "TS_NARROWED", "The peer narrowed the traffic selectors", NOTE, CERTAIN, false},
    {"single_pair_required", "SINGLE_PAIR_REQUIRED",
     "The peer wants one pair of addresses for each CHILD_SA", ERROR, CERTAIN, false},
    {"failed_cp_required", "FAILED_CP_REQUIRED", "The peer wants a configuration request", ERROR,
     CERTAIN, false},
    {"internal_address_failure", "INTERNAL_ADDRESS_FAILURE", "The peer cannot assign an address",
     ERROR, CERTAIN, false},
    {"no_additional_sas", "NO_ADDITIONAL_SAS", "The peer accepts no more CHILD_SAs in this IKE SA",
     ERROR, CERTAIN, false},
    {"child_sa_not_found", "CHILD_SA_NOT_FOUND", "The peer does not know the CHILD_SA", NOTE,
     CERTAIN, false},
    {"temporary_failure", "TEMPORARY_FAILURE", "The peer is busy with a rekeying of its own", NOTE,
     CERTAIN, false},
    {"failure_persisted", "TEMPORARY_FAILURE", "A refused rekeying was never made good", ERROR,
     LIKELY, false},
    {"peer_restarted", "PEER_RESTARTED", "The peer has lost the SA", ERROR, LIKELY, false},
    {"unsupported_critical_payload", "UNSUPPORTED_CRITICAL_PAYLOAD",
     "The peer does not know a critical payload", ERROR, CERTAIN, false},
    {"redirect", "REDIRECT", "The gateway sends the client to another one", NOTE, CERTAIN, false},
    {"version_mismatch", "VERSION_MISMATCH", "The two sides speak different versions of IKE", ERROR,
     CERTAIN, false},
    {"invalid_id_information", "INVALID_ID_INFORMATION", "The peer does not accept the identities",
     ERROR, CERTAIN, false},
    {"invalid_hash_information", "INVALID_HASH_INFORMATION", "The peer computes another hash",
     ERROR, CERTAIN, false},
    {"lifetime_differs", "LIFETIME_DIFFERS", "The two sides have different lifetimes", NOTE,
     CERTAIN, false},
    {"xauth_failed", "XAUTH_FAILED", "Extended authentication failed", ERROR, CERTAIN, false},
    {"eap_failed", "EAP_FAILED", "EAP authentication failed", ERROR, CERTAIN, false},
    {"error_notify", "ERROR_NOTIFY", "The peer reports an error", ERROR, CERTAIN, false},
    {"unknown_failure", "UNKNOWN", "Something failed and what it was is sealed", ERROR, LIKELY,
     false},

    {"no_response", "NO_RESPONSE", "A request got no response", ERROR, LIKELY, false},
    {"mtu", "MTU", "Large messages vanish where small ones pass", ERROR, LIKELY, false},
    {"port_4500_silent", "NO_RESPONSE", "Port 500 works, port 4500 is silent", ERROR, LIKELY,
     false},
    {"answers_lost", "NO_RESPONSE",
     "The requester does not get the answers that are in the capture", ERROR, LIKELY, false},
    {"dpd_unanswered", "NO_RESPONSE", "Dead peer detection got no answer", ERROR, LIKELY, false},
    {"half_open_flood", "HALF_OPEN_FLOOD", "Many initiators never finish: a flood or a scan", WARN,
     POSSIBLE, false},
    {"retransmission", "RETRANSMISSION", "The message was sent before", CHAT, CERTAIN, false},

    {"reserved_spi", "RESERVED_SPI", "An SPI has a reserved value", WARN, CERTAIN, false},
    {"wrong_flags", "WRONG_FLAGS", "The flags do not fit the sender", WARN, CERTAIN, false},
    {"message_id_gap", "MESSAGE_ID_GAP", "Message IDs are missing before this one", NOTE, CERTAIN,
     false},
    {"window", "WINDOW_EXCEEDED", "A request was sent before the one before it was answered", NOTE,
     POSSIBLE, false},
    {"message_changed", "MESSAGE_ID_REUSED", "The same message ID with other content", NOTE,
     CERTAIN, false},
    {"chose_not_offered", "CHOSE_NOT_OFFERED", "The responder chose what was not offered", WARN,
     CERTAIN, false},
    {"duplicate_transform", "DUPLICATE_TRANSFORM", "A proposal lists a transform twice", NOTE,
     CERTAIN, false},
    {"ke_length", "KE_LENGTH", "The key exchange data has not the length of its group", WARN,
     CERTAIN, false},
    {"nonce_short", "NONCE_SHORT", "The nonce is shorter than the protocol allows", WARN, CERTAIN,
     true},
    {"simultaneous_rekey", "SIMULTANEOUS_REKEY", "Both sides rekey at once", NOTE, CERTAIN, false},
    {"child_never_deleted", "CHILD_NEVER_DELETED", "A replaced CHILD_SA was not deleted", NOTE,
     LIKELY, false},
    {"first_esp_missing", "FIRST_ESP_MISSING", "The first ESP packets are not in the capture", NOTE,
     CERTAIN, false},
    {"malformed", "MALFORMED", "The message does not follow the protocol", WARN, CERTAIN, false},
    {"unknown_esp", "UNKNOWN_ESP", "ESP with SPIs that no CHILD_SA has", NOTE, LIKELY, false},

    {"weak_cipher", "WEAK_CIPHER", "A broken or weak cipher was agreed on", WARN, CERTAIN, true},
    {"weak_hash", "WEAK_HASH", "A broken or weak hash was agreed on", WARN, CERTAIN, true},
    {"weak_group", "WEAK_GROUP", "A weak key exchange group was agreed on", WARN, CERTAIN, true},
    {"sha1_signature", "SHA1_SIGNATURE", "A signature is made with SHA-1", WARN, CERTAIN, true},
    {"ikev1", "IKEV1", "IKEv1 is deprecated (RFC 9395)", NOTE, CERTAIN, true},
    {"aggressive_psk", "AGGRESSIVE_PSK",
     "Aggressive mode with a PSK: its hash can be attacked offline", WARN, CERTAIN, true},
    {"null_encryption", "NULL_ENCRYPTION", "Traffic is not encrypted", WARN, CERTAIN, true},
    {"null_authentication", "NULL_AUTHENTICATION", "One side does not authenticate", WARN, CERTAIN,
     true},
    {"small_rsa_key", "SMALL_RSA_KEY", "An RSA key is too short", WARN, CERTAIN, true},
    {"no_pfs", "NO_PFS", "A rekeyed CHILD_SA has no forward secrecy of its own", NOTE, CERTAIN,
     true},
    {"identity_exposed", "IDENTITY_EXPOSED", "An identity goes to a peer that is not authenticated",
     NOTE, CERTAIN, true},
    {"no_post_quantum", "NO_POST_QUANTUM", "No key exchange withstands a quantum computer", NOTE,
     CERTAIN, true},
    {"open_responder", "OPEN_RESPONDER", "The responder answers anybody", NOTE, POSSIBLE, true},
};

const ike_finding_kind *ike_finding_kinds(size_t *count)
{
    *count = IKE_F_KINDS;
    return kinds;
}

size_t ike_finding_index(const ike_finding *finding)
{
    return (size_t)(finding->kind - kinds);
}

const char *ike_certainty_text(ike_certainty certainty)
{
    static const char *const texts[] = {"possible", "likely", "certain"};
    return (size_t)certainty < G_N_ELEMENTS(texts) ? texts[certainty] : "unknown";
}

/* ---- adding ---------------------------------------------------------------------------------- */

static void fill(ike_tracker *tracker, ike_finding *finding, ike_message_record *record, ike_f kind,
                 const char *text)
{
    finding->kind = &kinds[kind];
    finding->code = kinds[kind].code;
    finding->certainty = kinds[kind].certainty;
    finding->message = record;
    finding->text = ike_store_text(tracker, text);
}

__attribute__((format(printf, 4, 0))) static ike_finding *add(ike_tracker *tracker,
                                                              ike_message_record *record,
                                                              ike_f kind, const char *format,
                                                              va_list arguments)
{
    ike_sa_private *own = record->exchange->sa->own;
    /* Repeats are marked anyway: they must not crowd out the rest. */
    if (own->finding_count >= (kind == IKE_F_RETRANSMISSION ? MAX_FINDINGS / 4 : MAX_FINDINGS))
        return NULL;
    own->finding_count++;
    char *text = g_strdup_vprintf(format, arguments);
    ike_finding *finding = ike_tracker_alloc(tracker, sizeof *finding);
    fill(tracker, finding, record, kind, text);
    g_free(text);
    const ike_finding **of_message = &record->findings;
    while (*of_message)
        of_message = (const ike_finding **)(guintptr) & (*of_message)->next;
    *of_message = finding;
    *own->finding_tail = finding;
    own->finding_tail = (ike_finding **)(guintptr)&finding->next_of_sa;
    tracker->revision++;
    return finding;
}

ike_finding *ike_find(ike_tracker *tracker, ike_message_record *record, ike_f kind,
                      const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    ike_finding *finding = add(tracker, record, kind, format, arguments);
    va_end(arguments);
    return finding;
}

ike_finding *ike_found(const ike_sa *sa, ike_f kind)
{
    for (ike_finding *finding = sa->own->findings; finding;
         finding = (ike_finding *)(guintptr)finding->next_of_sa)
        if (finding->kind == &kinds[kind])
            return finding;
    return NULL;
}

ike_finding *ike_find_once(ike_tracker *tracker, ike_message_record *record, ike_f kind,
                           const char *format, ...)
{
    va_list arguments;
    if (ike_found(record->exchange->sa, kind))
        return NULL;
    va_start(arguments, format);
    ike_finding *finding = add(tracker, record, kind, format, arguments);
    va_end(arguments);
    return finding;
}

void ike_findings_free(ike_finding *late)
{
    while (late) {
        ike_finding *next = (ike_finding *)(guintptr)late->next_of_sa;
        g_free(late);
        late = next;
    }
}

/* ---- findings of the end --------------------------------------------------------------------- */

ike_finding *ike_find_at_end(ike_tracker *tracker, ike_message_record *record, ike_f kind,
                             const char *format, ...)
{
    ike_sa_private *own = record->exchange->sa->own;
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    ike_finding *finding = g_new0(ike_finding, 1);
    fill(tracker, finding, record, kind, text);
    g_free(text);
    finding->next_of_sa = own->late;
    own->late = finding;
    return finding;
}

const ike_finding *ike_late_findings(ike_tracker *tracker, ike_sa *sa)
{
    ike_sa_private *own = sa->own;
    if (own->late_revision == tracker->revision + 1)
        return own->late;
    ike_findings_free(own->late);
    own->late = NULL;
    own->late_revision = tracker->revision + 1;
    ike_find_late(tracker, sa);
    return own->late;
}

GString *ike_finding_passing_text(const ike_finding *finding)
{
    return finding->kind == &kinds[IKE_F_NO_PFS] && finding->child ? ike_no_pfs_text(finding)
                                                                   : NULL;
}

void ike_finding_refresh(ike_tracker *tracker, const ike_finding *finding)
{
    GString *text = ike_finding_passing_text(finding);
    if (!text)
        text = ike_failure_text(tracker, finding);
    if (text)
        ((ike_finding *)(guintptr)finding)->text = ike_store_string(tracker, text);
}
