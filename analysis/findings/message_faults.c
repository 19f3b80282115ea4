/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the protocol does not allow in one message. */
#include "analysis/findings/explain.h"
#include "analysis/findings/payload_rules.h"
#include "proto/ike_numbers.h"
#include "registry/names.h"

static void emit_malformed(ike_sink *sink, const ike_message_record *record)
{
    GString *fault = g_string_new(NULL);
    if (ike_append_payload_fault(fault, record))
        ike_emit(sink, IKE_F_MALFORMED, record, "%s", fault->str);
    else
        ike_emit(sink, IKE_F_MALFORMED, record, "Invalid length of a payload in this message");
    g_string_free(fault, TRUE);
}

static void check_header(ike_sink *sink, const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    if (sa->initiator_spi == 0 && record->frame == sa->first_frame)
        ike_emit(sink, IKE_F_RESERVED_SPI, record, "Initiator SPI is zero, which is reserved");
    if (record->malformed)
        emit_malformed(sink, record);
    /* In clear, once other messages of the IKE SA are protected, it is somebody else's; and so is a
     * response of the side that begins IKE_SA_INIT. */
    bool is_protected = sa->last_protected[0] || sa->last_protected[1];
    bool not_of_sa = record->grade == IKE_GRADE_UNPROTECTED &&
                     (record->unslotted || (is_protected && record != sa->keys));
    if (!record->flags_wrong || not_of_sa)
        return;
    bool init = record->exchange->type == IKEV2_EXCHANGE_IKE_SA_INIT;
    if (init)
        ike_emit(sink, IKE_F_WRONG_FLAGS, record, "IKE_SA_INIT %s with the Initiator flag %s",
                 record->response ? "response" : "request", record->response ? "set" : "not set");
    else
        ike_emit(sink, IKE_F_WRONG_FLAGS, record,
                 "Initiator flag is %s, but the %s sent this message",
                 record->from_initiator ? "not set" : "set", ike_role(record->from_initiator));
}

static void check_sequence(ike_sink *sink, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    uint32_t id = exchange->message_id, missing = record->ids_missing;
    if (missing)
        ike_emit(sink, IKE_F_MESSAGE_ID_GAP, record,
                 "Message ID %u follows %u: %u request%s of this side missing", id,
                 id > missing ? id - missing - 1 : 0, missing, ike_plural(missing));
    if (record->other_content)
        ike_emit(sink, IKE_F_MESSAGE_CHANGED, record,
                 "Message ID %u was reused by the same sender with different content", id);
    if (record->window)
        ike_emit(sink, IKE_F_WINDOW, record,
                 "Request %u sent while request %u has no response in the capture", id, id - 1);
}

/* The group whose public values have another length than the KE payload `index` of a message, and
 * that length; NULL where it is right or not known. */
static const ike_group *group_of_other_length(const ike_message_record *record, uint8_t index,
                                              uint32_t *expected)
{
    const ike_sa *sa = record->exchange->sa;
    const ike_content *content = record->content;
    uint16_t number = sa->major == 1 ? sa->negotiated->key_exchange : content->ke_group[index];
    if (sa->major == 1 && record->exchange->type != IKEV1_EXCHANGE_MAIN_MODE)
        return NULL;
    const ike_group *group = ike_group_find(number);
    uint32_t bytes = content->ke_bytes[index];
    *expected = !group ? 0 : record->response ? group->resp_bytes : group->init_bytes;
    if (*expected == 0 || bytes == *expected)
        return NULL;
    /* IKEv1 allows a shorter value of some implementations, without its leading zeros. */
    bool short_modp = sa->major == 1 && group->type == IKE_GROUP_MODP && bytes < *expected &&
                      bytes + 4 >= *expected;
    return short_modp ? NULL : group;
}

bool ike_append_ke_length(GString *out, const ike_message_record *record)
{
    const ike_content *content = record ? record->content : NULL;
    for (uint8_t i = 0; content && i < content->ke_count; i++) {
        uint32_t expected;
        const ike_group *group = group_of_other_length(record, i, &expected);
        if (!group)
            continue;
        g_string_append_printf(out, "KE of %u bytes instead of %u (%s)", content->ke_bytes[i],
                               expected, group->name);
        return true;
    }
    return false;
}

static void check_key_exchange(ike_sink *sink, const ike_message_record *record)
{
    const ike_content *content = record->content;
    for (uint8_t i = 0; i < content->ke_count; i++) {
        uint32_t expected;
        const ike_group *group = group_of_other_length(record, i, &expected);
        if (!group || !ike_wants(sink, record))
            continue;
        ike_draft draft = ike_draft_new(IKE_F_KE_LENGTH, record);
        draft.finding.side = ike_side_of(record->from_initiator);
        g_string_append_printf(draft.text, "Key exchange data of %u bytes, %s needs %u bytes",
                               content->ke_bytes[i], group->name, expected);
        g_string_append_printf(draft.requested, "%s, %u bytes", group->name, expected);
        g_string_append_printf(draft.received, "%u bytes", content->ke_bytes[i]);
        ike_draft_emit(sink, &draft);
    }
}

static void check_content(ike_sink *sink, const ike_message_record *record)
{
    const ike_content *content = record->content;
    uint32_t least = record->exchange->sa->major == 1 ? 8 : 16; /* RFC 2409 5, RFC 7296 3.9 */
    check_key_exchange(sink, record);
    if (content->has_nonce && content->nonce_bytes < least)
        ike_emit(sink, IKE_F_NONCE_SHORT, record, "Nonce of %u bytes, at least %u required",
                 content->nonce_bytes, least);
    if (content->duplicate_transforms)
        ike_emit(sink, IKE_F_DUPLICATE_TRANSFORM, record,
                 "A proposal repeats the same transform %u time%s", content->duplicate_transforms,
                 ike_plural(content->duplicate_transforms));
}

/* IKE_AUTH and what follows it is always protected (RFC 7296 1.2). */
static void check_clear(ike_sink *sink, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    bool v2 = exchange->sa->major != 1;
    bool protected = v2 ? exchange->type >= IKEV2_EXCHANGE_IKE_AUTH &&
                              exchange->type <= IKEV2_EXCHANGE_INFORMATIONAL
                        : exchange->type == IKEV1_EXCHANGE_QUICK_MODE && !ike_is_gdoi(exchange->sa);
    if (!protected || record->grade != IKE_GRADE_UNPROTECTED || !record->content ||
        ike_content_error(record->content, exchange->sa->major))
        return;
    ike_emit(sink, IKE_F_AUTH_IN_CLEAR, record, "%s message is not encrypted",
             ike_format_exchange_of(exchange));
}

/* RESPONDER-LIFETIME (RFC 2407 4.6.3.1). */
static void check_lifetime(ike_sink *sink, const ike_message_record *record)
{
    if (record->exchange->sa->major == 1 &&
        ike_content_notify(record->content, IKEV1_NOTIFY_RESPONDER_LIFETIME))
        ike_emit(
            sink, IKE_F_LIFETIME_DIFFERS, record,
            "RESPONDER-LIFETIME: the sender announces its own lifetime; the shorter one applies");
}

void ike_find_faults(ike_sink *sink, const ike_message_record *record)
{
    check_header(sink, record);
    check_sequence(sink, record);
    ike_find_payload_faults(sink, record);
    ike_find_configuration(sink, record);
    if (!record->content)
        return;
    check_content(sink, record);
    check_clear(sink, record);
    check_lifetime(sink, record);
}
