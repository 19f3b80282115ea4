/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates that should not be used: small keys, old hashes, expired, revoked. */
#include "analysis/findings/certificates.h"
#include "analysis/findings/explain.h"

static ike_draft draft_about(ike_f kind, const ike_message_record *record,
                             const ike_recorded_certificate *certificate)
{
    ike_draft draft = ike_draft_new(kind, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    g_string_append(draft.text, "Certificate of ");
    ike_append_quoted(draft.text, certificate->subject);
    return draft;
}

static void check_key(ike_sink *sink, const ike_message_record *record,
                      const ike_recorded_certificate *c)
{
    if (!ike_has_short_rsa_key(c) || !ike_wants(sink, record))
        return;
    ike_draft draft = draft_about(IKE_F_SMALL_RSA_KEY, record, c);
    g_string_append_printf(draft.text, ": RSA key of %u bits, at least %u required", c->key_bits,
                           IKE_LEAST_RSA_BITS);
    draft.finding.values = IKE_VALUES_EXPECTED;
    g_string_append_printf(draft.received, "%u bits", c->key_bits);
    g_string_append_printf(draft.requested, "at least %u bits", IKE_LEAST_RSA_BITS);
    ike_draft_emit(sink, &draft);
}

static void check_signature_hash(ike_sink *sink, const ike_message_record *record,
                                 const ike_recorded_certificate *c)
{
    if (!(c->sha1 || c->md5) || c->self_issued || !ike_wants(sink, record))
        return;
    ike_draft draft = draft_about(IKE_F_SHA1_SIGNATURE, record, c);
    g_string_append_printf(draft.text, " is signed with %s", c->md5 ? "MD5" : "SHA-1");
    ike_draft_emit(sink, &draft);
}

/* A fault of a certificate, and whether it is why the peer rejects its owner. */
typedef struct {
    ike_side sender;
    const char *found;
    bool is_cause;
} certificate_fault;

static void compare_cause(const ike_finding *finding, void *user)
{
    certificate_fault *fault = user;
    bool rejected = finding->kind == ike_kind(IKE_F_AUTHENTICATION_FAILED) ||
                    finding->kind == ike_kind(IKE_F_CERTIFICATE_REJECTED);
    fault->is_cause = rejected && finding->side != fault->sender &&
                      finding->values == IKE_VALUES_EXPECTED &&
                      g_strcmp0(finding->received, fault->found) == 0;
}

/* One expert info per fact: where the peer rejects the certificate for it, the cause says so. */
static void emit_unless_cause(ike_sink *sink, ike_draft *draft)
{
    certificate_fault fault = {draft->finding.side, draft->received->str, false};
    ike_cause_of_sa(sink->tracker, draft->finding.message->exchange->sa, compare_cause, &fault);
    if (fault.is_cause)
        ike_draft_free(draft);
    else
        ike_draft_emit(sink, draft);
}

static void check_validity(ike_sink *sink, const ike_message_record *record,
                           const ike_recorded_certificate *c)
{
    if (!ike_is_out_of_date(c, record->time_ns) || !ike_wants(sink, record))
        return;
    ike_draft draft = draft_about(IKE_F_CERTIFICATE_EXPIRED, record, c);
    g_string_append_c(draft.text, ' ');
    ike_put_validity_fault(&draft, c, record->time_ns);
    emit_unless_cause(sink, &draft);
}

static void check_revocation(ike_sink *sink, const ike_message_record *record,
                             const ike_recorded_certificate *c)
{
    if (!c->revocation.source || !ike_wants(sink, record))
        return;
    ike_draft draft = draft_about(IKE_F_CERTIFICATE_REVOKED, record, c);
    g_string_append_c(draft.text, ' ');
    ike_put_revocation(&draft, &c->revocation);
    emit_unless_cause(sink, &draft);
}

void ike_find_weak_certificates(ike_sink *sink, const ike_message_record *record)
{
    if (!record->content)
        return;
    for (uint8_t i = 0; i < record->content->more->certificate_count; i++) {
        const ike_recorded_certificate *c = &record->content->more->certificates[i];
        check_key(sink, record, c);
        check_signature_hash(sink, record, c);
        check_validity(sink, record, c);
        check_revocation(sink, record, c);
    }
}
