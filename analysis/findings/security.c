/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: what came up and should not be used (RFC 8247, RFC 8221, RFC 9395). */
#include "analysis/tracker/internal.h"

#include "analysis/tracker/certificate.h"
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
static const char small_block[] = "its blocks of 64 bits repeat after some gigabytes (Sweet32)";
static const char bad_hash[] = "MD5 is broken as a hash and must not be used";
static const char small_group[] = "its discrete logarithm is within reach";
static const char subgroup[] = "where its numbers come from cannot be checked (RFC 8247)";

static const weak_algorithm weak_algorithms[] = {
    {SUITE_V2, IKE_T_ENCR, 1, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V2, IKE_T_ENCR, 2, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V2, IKE_T_ENCR, 3, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, 4, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, 5, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, 6, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, 7, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, 8, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V2, IKE_T_ENCR, 9, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V2, IKE_T_ENCR, 11, IKE_F_NULL_ENCRYPTION, "it leaves the traffic in clear"},
    {SUITE_V2, IKE_T_ENCR, 21, IKE_F_NULL_ENCRYPTION, "it leaves the traffic in clear"},
    {SUITE_V2, IKE_T_INTEG, 1, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V2, IKE_T_INTEG, 3, IKE_F_WEAK_HASH, broken},
    {SUITE_V2, IKE_T_INTEG, 4, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V2, IKE_T_INTEG, 6, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V2, IKE_T_PRF, 1, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V1_PHASE1, IKE_T_ENCR, 1, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V1_PHASE1, IKE_T_ENCR, 2, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_PHASE1, IKE_T_ENCR, 3, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_PHASE1, IKE_T_ENCR, 4, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_PHASE1, IKE_T_ENCR, 5, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_PHASE1, IKE_T_ENCR, 6, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_PHASE1, IKE_T_INTEG, 1, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V1_ESP, IKE_T_ENCR, 1, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V1_ESP, IKE_T_ENCR, 2, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V1_ESP, IKE_T_ENCR, 3, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_ESP, IKE_T_ENCR, 6, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_ESP, IKE_T_ENCR, 7, IKE_F_WEAK_CIPHER, small_block},
    {SUITE_V1_ESP, IKE_T_ENCR, 9, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V1_ESP, IKE_T_ENCR, 10, IKE_F_WEAK_CIPHER, broken},
    {SUITE_V1_ESP, IKE_T_ENCR, 11, IKE_F_NULL_ENCRYPTION, "it leaves the traffic in clear"},
    {SUITE_V1_ESP, IKE_T_INTEG, 1, IKE_F_WEAK_HASH, bad_hash},
    {SUITE_V1_ESP, IKE_T_INTEG, 3, IKE_F_WEAK_HASH, broken},
    {SUITE_V1_ESP, IKE_T_INTEG, 4, IKE_F_WEAK_HASH, bad_hash},
};

static const struct {
    uint16_t group;
    const char *why;
} weak_groups[] = {{1, small_group}, {2, small_group}, {5, small_group},
                   {22, subgroup},   {23, subgroup},   {24, subgroup}};

static void check_algorithm(ike_tracker *tracker, ike_message_record *record,
                            const ike_negotiated *negotiated, uint8_t type, uint16_t id)
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
        ike_find(tracker, record, weak->kind, "%s was agreed on for %s: %s.", name->str,
                 negotiated->protocol == 1 ? "the IKE SA" : "a CHILD_SA", weak->why);
        g_string_free(name, TRUE);
    }
}

static void check_group(ike_tracker *tracker, ike_message_record *record, uint16_t number)
{
    for (size_t i = 0; i < G_N_ELEMENTS(weak_groups); i++) {
        const ike_group *group = ike_group_find(number);
        if (weak_groups[i].group == number)
            ike_find(tracker, record, IKE_F_WEAK_GROUP, "%s (group %u) was agreed on: %s.",
                     group ? group->name : "A weak group", number, weak_groups[i].why);
    }
}

static bool is_post_quantum(uint16_t number)
{
    const ike_group *group = ike_group_find(number);
    return group && (group->type == IKE_GROUP_KEM || group->type == IKE_GROUP_NTRU ||
                     group->type == IKE_GROUP_HYBRID);
}

static void check_post_quantum(ike_tracker *tracker, ike_message_record *record,
                               const ike_negotiated *negotiated)
{
    bool safe = is_post_quantum(negotiated->key_exchange);
    for (size_t i = 0; i < G_N_ELEMENTS(negotiated->additional); i++)
        safe = safe || is_post_quantum(negotiated->additional[i]);
    if (!safe && negotiated->key_exchange)
        ike_find_once(tracker, record, IKE_F_NO_POST_QUANTUM,
                      "The keys come from %s alone: who records this today can read it with a "
                      "quantum computer.",
                      ike_group_find(negotiated->key_exchange)
                          ? ike_group_find(negotiated->key_exchange)->name
                          : "a group");
}

void ike_find_weak_suite(ike_tracker *tracker, ike_message_record *record,
                         const ike_negotiated *negotiated)
{
    check_algorithm(tracker, record, negotiated, IKE_T_ENCR, negotiated->encryption);
    check_algorithm(tracker, record, negotiated, IKE_T_INTEG, negotiated->integrity);
    check_algorithm(tracker, record, negotiated, IKE_T_PRF, negotiated->prf);
    check_group(tracker, record, negotiated->key_exchange);
    if (negotiated->protocol == 1 && record->exchange->sa->major != 1)
        check_post_quantum(tracker, record, negotiated);
}

/* ---- authentication -------------------------------------------------------------------------- */

static void check_signature(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    if (m->auth_method == 13)
        ike_find(tracker, record, IKE_F_NULL_AUTHENTICATION,
                 "The %s does not authenticate itself (NULL authentication, RFC 7619).",
                 record->from_initiator ? "initiator" : "responder");
    /* RFC 7427 3: one byte of length, then the AlgorithmIdentifier. */
    if (m->auth_method == 14 && m->auth.data && m->auth.length > 1 &&
        ike_algorithm_is_sha1(m->auth.data + 1, MIN(m->auth.data[0], m->auth.length - 1)))
        ike_find(tracker, record, IKE_F_SHA1_SIGNATURE, "The AUTH payload is signed with SHA-1.");
    if (m->auth_method == 1 || m->auth_method == 3) {
        ike_finding *finding =
            ike_find(tracker, record, IKE_F_SHA1_SIGNATURE,
                     "AUTH method \"%s\" signs with SHA-1 as a rule (RFC 7296 3.8); "
                     "\"Digital Signature\" (RFC 7427) has better hashes.",
                     ike_registry_name(IKE_REG_IKEV2_AUTH, m->auth_method));
        if (finding)
            finding->certainty = IKE_SURE_LIKELY;
    }
}

static void check_certificates(ike_tracker *tracker, ike_message_record *record,
                               const ike_message *m)
{
    ike_certificate_info inputs;
    uint64_t now = m->time_ns / 1000000000u;
    for (uint8_t i = 0; i < m->certificate_count && i < IKE_MAX_CERTIFICATES; i++) {
        const ike_certificate *certificate = &m->certificates[i];
        if (certificate->encoding != 4 ||
            !ike_certificate_read(certificate->data.data, certificate->data.length, &inputs))
            continue;
        GString *subject = g_string_new(NULL);
        if (!ike_format_name(subject, inputs.subject, inputs.subject_length))
            g_string_append(subject, "without a subject");
        if (inputs.rsa_bits && inputs.rsa_bits < 2048)
            ike_find(tracker, record, IKE_F_SMALL_RSA_KEY,
                     "The RSA key of \"%s\" has %u bits, 2048 are the least.", subject->str,
                     inputs.rsa_bits);
        if ((inputs.sha1 || inputs.md5) && !inputs.self_issued)
            ike_find(tracker, record, IKE_F_SHA1_SIGNATURE,
                     "The certificate of \"%s\" is signed with %s.", subject->str,
                     inputs.md5 ? "MD5" : "SHA-1");
        if ((inputs.not_after && now > inputs.not_after) ||
            (inputs.not_before && now < inputs.not_before))
            ike_find(tracker, record, IKE_F_CERTIFICATE_EXPIRED,
                     "The certificate of \"%s\" %s at the time of "
                     "the capture.",
                     subject->str,
                     inputs.not_after && now > inputs.not_after ? "had expired"
                                                                : "was not valid yet");
        g_string_free(subject, TRUE);
    }
}

static void check_ikev1(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    const ike_sa *sa = record->exchange->sa;
    const char *method = ike_format_auth_method(1, sa->negotiated->auth_method);
    ike_find_once(tracker, record, IKE_F_IKEV1, "IKEv1 is deprecated (RFC 9395): use IKEv2.");
    if (m->exchange != IKEV1_AGGRESSIVE_MODE || m->encrypted)
        return;
    if (record->step == 2 && method && g_str_has_prefix(method, "PSK"))
        ike_find_once(tracker, record, IKE_F_AGGRESSIVE_PSK,
                      "HASH_R in clear lets anybody who sees or asks for this message try "
                      "pre-shared keys offline.");
    if (m->id_count > 0) {
        GString *id = g_string_new(NULL);
        ike_format_identity(id, 1, &m->id[0]);
        ike_find(tracker, record, IKE_F_IDENTITY_EXPOSED,
                 "The identity \"%s\" is sent in clear to a peer that is not authenticated "
                 "(aggressive mode).",
                 id->str);
        g_string_free(id, TRUE);
    }
}

void ike_find_weak_message(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    if (m->major == 1)
        check_ikev1(tracker, record, m);
    else
        check_signature(tracker, record, m);
    check_certificates(tracker, record, m);
}
