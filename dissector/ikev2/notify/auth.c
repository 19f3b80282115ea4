/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data about authentication: lifetime (RFC 4478), secure passwords (RFC 6467), ERP
 * (RFC 6867), hash algorithms (RFC 7427), postquantum pre-shared keys (RFC 8784, RFC 9867),
 * announced methods (RFC 9593). */
#include "dissector/ikev2/notify/families.h"

#include "dissector/base/items.h"
#include "dissector/base/subdissector.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/notification.h"
#include "dissector/ikev2/notify/notify.h"
#include "registry/names.h"

enum { PPK_CONFIRMATION = 8 };
enum { TWO_BYTES = 2, THREE_BYTES = 3 };

static int hf_lifetime = -1;
static int hf_password_methods = -1;
static int hf_password_method = -1;
static int hf_erp_domain = -1;
static int hf_hash_algorithm = -1;
static int hf_ppk_type = -1;
static int hf_ppk_id = -1;
static int hf_ppk_confirmation = -1;
static int hf_no_ppk_auth = -1;
static int hf_announcement = -1;
static int hf_announcement_length = -1;
static int hf_announcement_method = -1;
static int hf_announcement_link = -1;
static int hf_announcement_algorithm = -1;
static int ett_announcement = -1;
static int ett_algorithm = -1;
static expert_field ei_announcement = EI_INIT;

static void dissect_lifetime(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                             uint16_t type _U_)
{
    if (!ike_notify_expect(pkt, data, item, 4, 4))
        return;
    uint32_t seconds = tvb_get_ntohl(data, 0);
    proto_tree_add_uint_format_value(tree, hf_lifetime, data, 0, 4, seconds, "%u seconds (%s)",
                                     seconds, unsigned_time_secs_to_str(pkt->pinfo->pool, seconds));
}

/* The built-in has a field for all of them. */
static void add_password_methods(ike_packet *pkt _U_, tvbuff_t *data, proto_tree *tree,
                                 proto_item *item _U_, uint16_t type _U_)
{
    ike_add_rest(tree, hf_password_methods, data, 0, ENC_NA);
}

static const ike_value_row ppk_identity = {.fields = {&hf_ppk_type, &hf_ppk_id}};

/* RFC 9867: a PPK_ID as in PPK_IDENTITY and eight bytes that prove that the sender has the PPK. */
static void dissect_ppk_identity_key(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                     proto_item *item, uint16_t type _U_)
{
    unsigned length = tvb_reported_length(data);

    if (!ike_notify_expect(pkt, data, item, 1 + PPK_CONFIRMATION, UINT_MAX))
        return;
    unsigned id = length - PPK_CONFIRMATION;
    ike_notify_add_value(pkt, tvb_new_subset_length(data, 0, id), tree, item, &ppk_identity);
    proto_tree_add_item(tree, hf_ppk_confirmation, data, id, PPK_CONFIRMATION, ENC_NA);
}

/* The length of an announcement determines its parts: a method; which of the CERTREQ payloads it
 * belongs to; an AlgorithmIdentifier. */
static void dissect_announcement(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree)
{
    unsigned length = tvb_reported_length(tvb);
    proto_item *item = proto_tree_add_item(tree, hf_announcement, tvb, 0, length, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_announcement);
    uint8_t method = tvb_get_uint8(tvb, 1);
    const char *name = ike_registry_name(IKE_REG_IKEV2_AUTH, method);

    proto_item_append_text(item, ": %s", name ? name : "Unknown");
    proto_tree_add_item(sub, hf_announcement_length, tvb, 0, 1, ENC_NA);
    proto_tree_add_item(sub, hf_announcement_method, tvb, 1, 1, ENC_NA);
    if (length >= THREE_BYTES)
        proto_tree_add_item(sub, hf_announcement_link, tvb, 2, 1, ENC_NA);
    if (length > THREE_BYTES) {
        proto_item *algorithm = ike_add_rest(sub, hf_announcement_algorithm, tvb, 3, ENC_NA);
        ike_call_asn1(pkt, IKE_ASN1_ALGORITHM, tvb_new_subset_remaining(tvb, 3),
                      proto_item_add_subtree(algorithm, ett_algorithm), item);
    }
}

static void dissect_announcements(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                  proto_item *item, uint16_t type _U_)
{
    unsigned offset = 0;

    while (ike_left(data, offset)) {
        unsigned length = tvb_get_uint8(data, offset);
        if (length < TWO_BYTES || length > ike_left(data, offset)) {
            expert_add_info(pkt->pinfo, item, &ei_announcement);
            return;
        }
        dissect_announcement(pkt, tvb_new_subset_length(data, offset, length), tree);
        offset += length;
    }
}

static const ike_value_row rows[] = {
    {IKEV2_NOTIFY_AUTH_LIFETIME, .dissect = dissect_lifetime},
    {IKEV2_NOTIFY_SECURE_PASSWORD_METHODS, .fields = {&hf_password_method}, .repeated = true,
     .dissect = add_password_methods},
    {IKEV2_NOTIFY_ERX_SUPPORTED, .fields = {&hf_erp_domain}},
    {IKEV2_NOTIFY_SIGNATURE_HASH_ALGORITHMS, .fields = {&hf_hash_algorithm}, .repeated = true},
    {IKEV2_NOTIFY_PPK_IDENTITY, .fields = {&hf_ppk_type, &hf_ppk_id}},
    {IKEV2_NOTIFY_NO_PPK_AUTH, .fields = {&hf_no_ppk_auth}},
    {IKEV2_NOTIFY_SUPPORTED_AUTH_METHODS, .dissect = dissect_announcements},
    {IKEV2_NOTIFY_PPK_IDENTITY_KEY, .dissect = dissect_ppk_identity_key},
};

void ikev2_register_notify_auth(void)
{
    static hf_register_info hf[] = {
        {&hf_lifetime,
         {"Authentication Lifetime", "isakmp.notify.data.auth_lifetime", FT_UINT32, BASE_DEC, NULL,
          0, "Seconds after which the initiator must have authenticated again", HFILL}},
        {&hf_password_methods,
         {"Secure Password Methods", "isakmp.notify.data.secure_password_methods", FT_BYTES,
          BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_password_method,
         {"Secure Password Method", "isakmp.notify.data.secure_password_method", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV2_SECURE_PASSWORD], 0,
          "Password authentication method that the sender supports (RFC 6467)", HFILL}},
        {&hf_erp_domain,
         {"ERP domain name", "isakmp.notify.data.erx_domain", FT_STRING, BASE_NONE, NULL, 0,
          "Domain of the local EAP re-authentication server", HFILL}},
        {&hf_hash_algorithm,
         {"Supported Signature Hash Algorithm", "isakmp.notify.data.signature_hash_algorithms",
          FT_UINT16, BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV2_HASH], 0, NULL, HFILL}},
        {&hf_ppk_type,
         {"PPK ID type", "isakmp.notify.data.ppk_id.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_PPK], 0, "Type of the PPK_ID (RFC 8784)", HFILL}},
        {&hf_ppk_id,
         {"PPK ID", "isakmp.notify.data.ppk_id", FT_BYTES, BASE_SHOW_ASCII_PRINTABLE, NULL, 0,
          "Which postquantum pre-shared key", HFILL}},
        {&hf_ppk_confirmation,
         {"PPK confirmation", "isakmp.notify.data.ppk_confirmation", FT_BYTES, BASE_NONE, NULL, 0,
          "Proves that the sender has the same PPK", HFILL}},
        {&hf_no_ppk_auth,
         {"Authentication data without PPK", "isakmp.notify.data.no_ppk_auth", FT_BYTES, BASE_NONE,
          NULL, 0, "For a responder that does not have the PPK", HFILL}},
        {&hf_announcement,
         {"Authentication announcement", "isakmp.notify.data.supported_auth_methods.announcement",
          FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_announcement_length,
         {"Length", "isakmp.notify.data.supported_auth_methods.length", FT_UINT8, BASE_DEC, NULL, 0,
          "Length of the announcement in bytes (RFC 9593)", HFILL}},
        {&hf_announcement_method,
         {"Authentication Method", "isakmp.notify.data.supported_auth_methods.method", FT_UINT8,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV2_AUTH], 0,
          "Authentication method that the sender accepts (RFC 9593)", HFILL}},
        {&hf_announcement_link,
         {"Certificate link", "isakmp.notify.data.supported_auth_methods.cert_link", FT_UINT8,
          BASE_DEC, NULL, 0,
          "Which of the authorities in the CERTREQ payloads it goes with, from 1; 0: none", HFILL}},
        {&hf_announcement_algorithm,
         {"Algorithm identifier", "isakmp.notify.data.supported_auth_methods.algorithm", FT_BYTES,
          BASE_NONE, NULL, 0, "AlgorithmIdentifier of the signature in DER (RFC 9593)", HFILL}},
    };
    static int *ett[] = {&ett_announcement, &ett_algorithm};
    static ei_register_info ei[] = {
        {&ei_announcement,
         {"isakmp.notify.data.supported_auth_methods.length.invalid", PI_MALFORMED, PI_ERROR,
          "Announcement shorter than two bytes, or exceeding the notification data", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    ikev2_notify_add_rows(rows, array_length(rows));
}
