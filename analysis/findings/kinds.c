/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of findings. */
#include <glib.h>

#include "analysis/findings/kinds.h"

#define ERROR IKE_SEVERITY_ERROR
#define WARN IKE_SEVERITY_WARN
#define NOTE IKE_SEVERITY_NOTE
#define CHAT IKE_SEVERITY_CHAT
#define CERTAIN IKE_SURE_CERTAIN
#define LIKELY IKE_SURE_LIKELY
#define POSSIBLE IKE_SURE_POSSIBLE

/* In the order of ike_f. Only rows with `security` may be errors or warnings in healthy ones. */
static const ike_finding_kind kinds[IKE_F_KINDS] = {
    {"no_proposal_chosen", "NO_PROPOSAL_CHOSEN", "The peer accepts none of the proposals", ERROR,
     CERTAIN, false},
    {"invalid_ke_payload_retry", "INVALID_KE_PAYLOAD",
     "The responder requests another key exchange group", NOTE, CERTAIN, false},
    {"invalid_ke_payload", "INVALID_KE_PAYLOAD",
     "The responder requests a group that the initiator never tries", ERROR, CERTAIN, false},
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
    {"ts_not_requested", "TS_NOT_REQUESTED", "The peer chose traffic selectors outside the request",
     WARN, CERTAIN, false},
    {"single_pair_required", "SINGLE_PAIR_REQUIRED",
     "The peer accepts only one pair of addresses per Child SA", ERROR, CERTAIN, false},
    {"failed_cp_required", "FAILED_CP_REQUIRED", "The peer requires a configuration request", ERROR,
     CERTAIN, false},
    {"internal_address_failure", "INTERNAL_ADDRESS_FAILURE", "The peer cannot assign an address",
     ERROR, CERTAIN, false},
    {"no_additional_sas", "NO_ADDITIONAL_SAS", "The peer accepts no more Child SAs in this IKE SA",
     ERROR, CERTAIN, false},
    {"child_sa_not_found", "CHILD_SA_NOT_FOUND", "The peer does not know the Child SA", NOTE,
     CERTAIN, false},
    {"temporary_failure", "TEMPORARY_FAILURE", "The peer is rekeying or deleting the SA itself",
     NOTE, CERTAIN, false},
    {"failure_persisted", "TEMPORARY_FAILURE", "A refused rekey was never retried successfully",
     ERROR, LIKELY, false},
    {"peer_restarted", "PEER_RESTARTED", "The peer no longer has the SA", ERROR, LIKELY, false},
    {"restarted", "PEER_RESTARTED", "The peer restarted and set up a new IKE SA", NOTE, LIKELY,
     false},
    {"unsupported_critical_payload", "UNSUPPORTED_CRITICAL_PAYLOAD",
     "The peer does not know a critical payload", ERROR, CERTAIN, false},
    {"redirect", "REDIRECT", "The gateway redirects the client to another gateway", NOTE, CERTAIN,
     false},
    {"version_mismatch", "VERSION_MISMATCH", "The peers use different versions of IKE", ERROR,
     CERTAIN, false},
    {"invalid_id_information", "INVALID_ID_INFORMATION", "The peer does not accept the identities",
     ERROR, CERTAIN, false},
    {"invalid_hash_information", "INVALID_HASH_INFORMATION", "The peer reports a hash mismatch",
     ERROR, CERTAIN, false},
    {"lifetime_differs", "LIFETIME_DIFFERS", "The two sides have different lifetimes", NOTE,
     CERTAIN, false},
    {"xauth_failed", "XAUTH_FAILED", "Extended authentication failed", ERROR, CERTAIN, false},
    {"eap_failed", "EAP_FAILED", "EAP authentication failed", ERROR, CERTAIN, false},
    {"error_notify", "ERROR_NOTIFY", "The peer reports an error", ERROR, CERTAIN, false},
    {"unknown_failure", "UNKNOWN",
     "Negotiation failed; the reason is in an encrypted message (no key)", ERROR, LIKELY, false},

    {"overruled_error", "UNAUTHENTICATED_ERROR",
     "An unprotected error notify, which later messages contradict", NOTE, CERTAIN, false},
    {"several_refused", "UNKNOWN", "Several Child SAs were refused in encrypted messages", WARN,
     LIKELY, false},
    {"refused_once", "UNKNOWN", "A request was refused, and the next one accepted at once", NOTE,
     LIKELY, false},

    {"missing_ppk", "MISSING_PPK",
     "The initiator announced a PPK, the responder did not, and nothing followed", ERROR, POSSIBLE,
     false},
    {"initiator_stops", "INITIATOR_STOPS",
     "The initiator does not go on: it may not accept what the responder sent", NOTE, POSSIBLE,
     false},
    {"nothing_follows", "INITIATOR_STOPS",
     "Nothing follows: the initiator does not go on, or the capture ends", NOTE, POSSIBLE, false},

    {"no_response", "NO_RESPONSE", "A request got no response", ERROR, LIKELY, false},
    {"mtu", "MTU", "Large messages are lost, small ones get through", ERROR, LIKELY, false},
    {"port_4500_silent", "NO_RESPONSE", "Port 500 works, no response on port 4500", ERROR, LIKELY,
     false},
    {"answers_lost", "NO_RESPONSE", "The responses in the capture do not reach the requester",
     ERROR, LIKELY, false},
    {"dpd_unanswered", "NO_RESPONSE", "No response to dead peer detection", ERROR, LIKELY, false},
    {"late_response", "LATE_RESPONSE", "The response arrived after the requester had given up",
     NOTE, LIKELY, false},
    {"fragment_lost", "NO_RESPONSE", "A fragment of the message never arrives", ERROR, LIKELY,
     false},
    {"path_dead", "NO_RESPONSE", "No response on the new path", ERROR, LIKELY, false},
    {"nat_mapping_changed", "NAT_MAPPING_CHANGED", "A NAT mapping changed: one side has a new port",
     NOTE, CERTAIN, false},
    {"half_open_flood", "HALF_OPEN_FLOOD",
     "Many IKE SAs started and never completed: flood or scan", WARN, POSSIBLE, false},
    {"scan", "SCAN", "One address starts IKE SAs with many others: a scan", NOTE, LIKELY, false},
    {"retransmission", "RETRANSMISSION", "Retransmission", CHAT, CERTAIN, false},

    {"reserved_spi", "RESERVED_SPI", "An SPI has a reserved value", WARN, CERTAIN, false},
    {"wrong_flags", "WRONG_FLAGS", "The flags do not match the sender", WARN, CERTAIN, false},
    {"message_id_gap", "MESSAGE_ID_GAP", "Message IDs are missing before this one", NOTE, CERTAIN,
     false},
    {"window", "WINDOW_EXCEEDED", "A request was sent before the previous one was answered", NOTE,
     POSSIBLE, false},
    {"message_changed", "MESSAGE_ID_REUSED", "Message ID reused with different content", NOTE,
     CERTAIN, false},
    {"chose_not_offered", "CHOSE_NOT_OFFERED",
     "The responder chose something that was not proposed", WARN, CERTAIN, false},
    {"duplicate_transform", "DUPLICATE_TRANSFORM", "A proposal lists a transform twice", NOTE,
     CERTAIN, false},
    {"ke_length", "KE_LENGTH", "Invalid length of the key exchange data", WARN, CERTAIN, false},
    {"nonce_short", "NONCE_SHORT", "The nonce is shorter than the protocol allows", WARN, CERTAIN,
     true},
    {"simultaneous_rekey", "SIMULTANEOUS_REKEY", "Both sides rekey at the same time", NOTE, CERTAIN,
     false},
    {"child_never_deleted", "CHILD_NEVER_DELETED", "A replaced Child SA was not deleted", NOTE,
     LIKELY, false},
    {"child_dropped", "CHILD_SA_DROPPED",
     "The requester deleted a Child SA as soon as it was set up", WARN, LIKELY, false},
    {"rapid_rekey", "RAPID_REKEY", "SAs are rekeyed every few seconds", NOTE, CERTAIN, false},
    {"short_lifetime", "SHORT_LIFETIME", "A very short lifetime was negotiated", NOTE, CERTAIN,
     true},
    {"flapping", "FLAPPING", "One identity sets up IKE SAs again and again", WARN, LIKELY, false},
    {"first_esp_missing", "FIRST_ESP_MISSING", "The first ESP packets are not in the capture", NOTE,
     CERTAIN, false},
    {"esp_one_way", "ESP_ONE_WAY", "ESP in one direction only", NOTE, POSSIBLE, false},
    {"esp_lost", "ESP_LOST", "ESP packets are missing", NOTE, CERTAIN, false},
    {"esp_heavy_loss", "ESP_LOST", "Many ESP packets are missing", WARN, CERTAIN, false},
    {"esp_too_big", "MTU", "ESP packets are larger than the path MTU", NOTE, LIKELY, false},
    {"esp_replayed", "ESP_REPLAYED", "ESP packets were replayed", NOTE, CERTAIN, false},
    {"esp_sequence_reused", "ESP_SEQUENCE_REUSED",
     "An ESP sequence number was used for two packets", NOTE, CERTAIN, false},
    {"esp_not_authentic", "ESP_NOT_AUTHENTIC", "ESP packets with a wrong ICV", NOTE, CERTAIN,
     false},
    {"esp_after_delete", "ESP_AFTER_DELETE", "ESP long after the Child SA was deleted", NOTE,
     CERTAIN, false},
    {"esp_truncated_icv", "ESP_TRUNCATED_ICV", "HMAC-SHA-256 truncated to 96 bits", NOTE, CERTAIN,
     false},
    {"auth_in_clear", "AUTH_NOT_ENCRYPTED",
     "A message that must be encrypted was sent in the clear", NOTE, CERTAIN, true},
    {"malformed", "MALFORMED", "The message does not follow the protocol", WARN, CERTAIN, false},
    {"payload_missing", "PAYLOAD_MISSING", "The response lacks payloads that the protocol requires",
     WARN, CERTAIN, false},
    {"auth_response_empty", "PAYLOAD_MISSING", "The IKE_AUTH response is empty", ERROR, CERTAIN,
     false},
    {"payload_not_allowed", "PAYLOAD_NOT_ALLOWED",
     "The response has payloads that the protocol does not allow", NOTE, CERTAIN, true},
    {"no_inner_address", "NO_INNER_ADDRESS", "The configuration reply has no inner address", WARN,
     CERTAIN, false},
    {"transport_declined", "TRANSPORT_MODE_DECLINED",
     "Transport mode was requested, the responder chose tunnel mode", NOTE, CERTAIN, true},
    {"ipcomp_declined", "IPCOMP_DECLINED", "IPComp was requested, the responder does without", NOTE,
     CERTAIN, true},
    {"auth_lifetime", "AUTH_LIFETIME", "The responder requires the initiator to reauthenticate",
     NOTE, CERTAIN, true},
    {"unknown_esp", "UNKNOWN_ESP", "ESP with SPIs of no known Child SA", NOTE, LIKELY, false},

    {"weak_cipher", "WEAK_CIPHER", "A broken or weak cipher was negotiated", WARN, CERTAIN, true},
    {"weak_hash", "WEAK_HASH", "A broken or weak hash was negotiated", WARN, CERTAIN, true},
    {"weak_group", "WEAK_GROUP", "A weak key exchange group was negotiated", WARN, CERTAIN, true},
    {"sha1_signature", "SHA1_SIGNATURE", "A signature is made with SHA-1", WARN, CERTAIN, true},
    {"ikev1", "IKEV1", "IKEv1 is deprecated (RFC 9395)", NOTE, CERTAIN, true},
    {"aggressive_psk", "AGGRESSIVE_PSK",
     "Aggressive mode with PSK: the hash can be attacked offline", WARN, CERTAIN, true},
    {"null_encryption", "NULL_ENCRYPTION", "Traffic is not encrypted", WARN, CERTAIN, true},
    {"null_authentication", "NULL_AUTHENTICATION", "One side does not authenticate", WARN, CERTAIN,
     true},
    {"certificate_revoked", "CERTIFICATE_REVOKED",
     "A CRL or OCSP response beside the certificate revokes it", WARN, CERTAIN, true},
    {"small_rsa_key", "SMALL_RSA_KEY", "An RSA key is too short", WARN, CERTAIN, true},
    {"no_pfs", "NO_PFS", "A rekeyed Child SA has no forward secrecy of its own", NOTE, CERTAIN,
     true},
    {"identity_exposed", "IDENTITY_EXPOSED", "An identity is sent to an unauthenticated peer", NOTE,
     CERTAIN, true},
    {"no_post_quantum", "NO_POST_QUANTUM", "No key exchange is quantum-resistant", NOTE, CERTAIN,
     true},
    {"open_responder", "OPEN_RESPONDER", "The responder replies to unauthenticated initiators",
     NOTE, POSSIBLE, true},
};

const ike_finding_kind *ike_finding_kinds(size_t *count)
{
    *count = IKE_F_KINDS;
    return kinds;
}

const ike_finding_kind *ike_kind(ike_f kind)
{
    return &kinds[kind];
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

static const struct {
    const char *name, *label;
} value_names[IKE_VALUE_PAIRS][2] = {
    [IKE_VALUES_REQUESTED] = {{"requested", "Requested"}, {"received", "Received"}},
    [IKE_VALUES_CHANGED] = {{"before", "Before"}, {"after", "After"}},
    [IKE_VALUES_EXPECTED] = {{"expected", "Expected"}, {"found", "Found"}},
};

const char *ike_value_name(ike_value_pair pair, bool second)
{
    return value_names[pair][second].name;
}

const char *ike_value_label(ike_value_pair pair, bool second)
{
    return value_names[pair][second].label;
}

const char *ike_side_text(ike_side side)
{
    static const char *const texts[] = {NULL, "initiator", "responder", "network"};
    return (size_t)side < G_N_ELEMENTS(texts) ? texts[side] : NULL;
}
