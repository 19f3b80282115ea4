/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was negotiated and should not be used (RFC 8247, RFC 8221, RFC 9395). */
#include "analysis/findings/explain.h"
#include "analysis/tracker/signature_algorithm.h"
#include "proto/ike_numbers.h"
#include "registry/names.h"

/* ---- algorithms ------------------------------------------------------------------------------ */

typedef enum { SUITE_V2, SUITE_V1_PHASE1, SUITE_V1_ESP } suite_kind;

typedef struct {
    suite_kind suite;
    uint8_t type;
    uint16_t id;
    ike_f kind;
    const char *why;
} weak_algorithm;

static const char broken[] = "it can be broken";
static const char small_block[] = "64-bit blocks repeat after some gigabytes (Sweet32)";
static const char bad_hash[] = "MD5 is broken as a hash and must not be used";
static const char small_group[] = "discrete logarithms in it can be computed";
static const char subgroup[] = "parameters of unknown origin";

static const weak_algorithm weak_algorithms[] = {
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_DES_IV64, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_DES, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_3DES, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_RC5, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_IDEA, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_CAST, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_BLOWFISH, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_3IDEA, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_DES_IV32, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_NULL, IKE_F_NULL_ENCRYPTION, "the traffic is not encrypted"},
    {SUITE_V2, IKE_T_ENCR, IKEV2_ENCR_NULL_AUTH_AES_GMAC, IKE_F_NULL_ENCRYPTION,
     "the traffic is not encrypted"},
    {SUITE_V2, IKE_T_INTEG, IKEV2_INTEG_HMAC_MD5_96, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V2, IKE_T_INTEG, IKEV2_INTEG_DES_MAC, IKE_F_WEAK_HASH, broken},
    {SUITE_V2, IKE_T_INTEG, IKEV2_INTEG_KPDK_MD5, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V2, IKE_T_INTEG, IKEV2_INTEG_HMAC_MD5_128, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V2, IKE_T_PRF, IKEV2_PRF_HMAC_MD5, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V1_PHASE1, IKE_T_ENCR, IKEV1_ENCR_DES_CBC, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V1_PHASE1, IKE_T_ENCR, IKEV1_ENCR_IDEA_CBC, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_PHASE1, IKE_T_ENCR, IKEV1_ENCR_BLOWFISH_CBC, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_PHASE1, IKE_T_ENCR, IKEV1_ENCR_RC5_R16_B64_CBC, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_PHASE1, IKE_T_ENCR, IKEV1_ENCR_3DES_CBC, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_PHASE1, IKE_T_ENCR, IKEV1_ENCR_CAST_CBC, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_PHASE1, IKE_T_INTEG, IKEV1_HASH_MD5, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V1_ESP, IKE_T_ENCR, IKEV1_ESP_DES_IV64, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V1_ESP, IKE_T_ENCR, IKEV1_ESP_DES, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V1_ESP, IKE_T_ENCR, IKEV1_ESP_3DES, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_ESP, IKE_T_ENCR, IKEV1_ESP_CAST, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_ESP, IKE_T_ENCR, IKEV1_ESP_BLOWFISH, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_ESP, IKE_T_ENCR, IKEV1_ESP_DES_IV32, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V1_ESP, IKE_T_ENCR, IKEV1_ESP_RC4, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V1_ESP, IKE_T_ENCR, IKEV1_ESP_NULL, IKE_F_NULL_ENCRYPTION,
     "the traffic is not encrypted"},
    {SUITE_V1_ESP, IKE_T_INTEG, IPSEC_AUTH_HMAC_MD5, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V1_ESP, IKE_T_INTEG, IPSEC_AUTH_DES_MAC, IKE_F_WEAK_HASH, broken},
    {SUITE_V1_ESP, IKE_T_INTEG, IPSEC_AUTH_KPDK, IKE_F_WEAK_HASH, bad_hash},
};

static const struct {
    uint16_t group;
    const char *why;
} weak_groups[] = {{1, small_group}, {2, small_group}, {5, small_group},
                   {22, subgroup},   {23, subgroup},   {24, subgroup}};

static void check_algorithm(ike_sink *sink, const ike_message_record *record,
                            const ike_negotiated *negotiated, const ike_child *child, uint8_t type,
                            uint16_t id)
{
    uint8_t major = record->exchange->sa->major;
    suite_kind suite = major != 1                  ? SUITE_V2
                       : negotiated->protocol == 1 ? SUITE_V1_PHASE1
                                                   : SUITE_V1_ESP;
    for (size_t i = 0; i < G_N_ELEMENTS(weak_algorithms); i++) {
        const weak_algorithm *weak = &weak_algorithms[i];
        if (weak->suite != suite || weak->type != type || weak->id != id)
            continue;
        GString *name = g_string_new(NULL);
        ike_format_algorithm(name, major, negotiated->protocol, type, id, 0);
        ike_emit_received(sink, weak->kind, record, child, name->str,
                          "%s negotiated for the %s: %s", name->str,
                          negotiated->protocol == 1 ? "IKE SA" : ike_child_name(major), weak->why);
        g_string_free(name, TRUE);
    }
}

static void check_group(ike_sink *sink, const ike_message_record *record, const ike_child *child,
                        uint16_t number)
{
    for (size_t i = 0; i < G_N_ELEMENTS(weak_groups); i++) {
        if (weak_groups[i].group != number)
            continue;
        const ike_group *group = ike_group_find(number);
        const char *name = group ? group->name : "A weak group";
        ike_emit_received(sink, IKE_F_WEAK_GROUP, record, child, name,
                          "%s (group %u) negotiated: %s", name, number, weak_groups[i].why);
    }
}

static bool is_post_quantum(uint16_t number)
{
    const ike_group *group = ike_group_find(number);
    return group && (group->type == IKE_GROUP_KEM || group->type == IKE_GROUP_NTRU ||
                     group->type == IKE_GROUP_HYBRID);
}

static void check_post_quantum(ike_sink *sink, const ike_message_record *record,
                               const ike_negotiated *negotiated)
{
    bool safe = is_post_quantum(negotiated->key_exchange);
    for (size_t i = 0; i < G_N_ELEMENTS(negotiated->additional); i++)
        safe = safe || is_post_quantum(negotiated->additional[i]);
    if (safe || !negotiated->key_exchange)
        return;
    ike_emit(sink, IKE_F_NO_POST_QUANTUM, record,
             "Keys from group %u alone: recorded traffic can be decrypted later with a quantum "
             "computer",
             negotiated->key_exchange);
}

void ike_find_weak_suite(ike_sink *sink, const ike_message_record *record,
                         const ike_negotiated *negotiated, const ike_child *child)
{
    check_algorithm(sink, record, negotiated, child, IKE_T_ENCR, negotiated->encryption);
    check_algorithm(sink, record, negotiated, child, IKE_T_INTEG, negotiated->integrity);
    check_algorithm(sink, record, negotiated, child, IKE_T_PRF, negotiated->prf);
    check_group(sink, record, child, negotiated->key_exchange);
    if (!child && negotiated->protocol == 1 && record->exchange->sa->major != 1)
        check_post_quantum(sink, record, negotiated);
}

/* ---- authentication -------------------------------------------------------------------------- */

static void check_signature(ike_sink *sink, const ike_message_record *record)
{
    const ike_content *content = record->content;
    if (content->auth_method == IKEV2_AUTH_NULL)
        ike_emit(sink, IKE_F_NULL_AUTHENTICATION, record,
                 "The %s does not authenticate itself (NULL authentication, RFC 7619)",
                 ike_role(record->from_initiator));
    if (content->more->signature_hash == IKE_SIGNATURE_SHA1)
        ike_emit(sink, IKE_F_SHA1_SIGNATURE, record, "The AUTH payload is signed with SHA-1");
    if ((content->auth_method != IKEV2_AUTH_RSA_SIGNATURE &&
         content->auth_method != IKEV2_AUTH_DSS_SIGNATURE) ||
        !ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(IKE_F_SHA1_SIGNATURE, record);
    draft.finding.certainty = IKE_SURE_LIKELY;
    draft.finding.side = ike_side_of(record->from_initiator);
    g_string_append_printf(draft.text,
                           "%s usually signs with SHA-1; Digital Signature (RFC 7427) allows "
                           "stronger hashes",
                           ike_registry_name(IKE_REG_IKEV2_AUTH, content->auth_method));
    ike_draft_emit(sink, &draft);
}

static bool is_first_of_sa(const ike_message_record *record)
{
    return record == record->exchange->sa->exchanges->messages;
}

static void check_ikev1(ike_sink *sink, const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    const char *method = ike_format_auth_method(1, sa->negotiated->auth_method);
    if (is_first_of_sa(record))
        ike_emit(sink, IKE_F_IKEV1, record, "IKEv1 is deprecated (RFC 9395): use IKEv2");
    if (record->exchange->type != IKEV1_EXCHANGE_AGGRESSIVE_MODE ||
        record->grade != IKE_GRADE_UNPROTECTED || !record->content)
        return;
    if (record->step == 2 && method && g_str_has_prefix(method, "PSK"))
        ike_emit(sink, IKE_F_AGGRESSIVE_PSK, record,
                 "HASH_R in the clear lets anyone who receives this message try pre-shared keys "
                 "offline");
    if (!record->content->id[0] || !ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(IKE_F_IDENTITY_EXPOSED, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    g_string_append(draft.text, "Identity ");
    ike_append_quoted(draft.text, record->content->id[0]);
    g_string_append(draft.text, " is sent in the clear to an unauthenticated peer");
    ike_draft_emit(sink, &draft);
}

void ike_find_weak_message(ike_sink *sink, const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    if (sa->major == 1)
        check_ikev1(sink, record);
    if (!record->content)
        return;
    if (sa->major != 1)
        check_signature(sink, record);
    bool chose = sa->major == 1 ? record->exchange == sa->init && record->step == 2
                                : sa->keys == record && !sa->rekeyed_from;
    if (chose && sa->negotiated->known)
        ike_find_weak_suite(sink, record, sa->negotiated, NULL);
}
