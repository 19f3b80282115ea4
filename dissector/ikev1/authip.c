/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Microsoft's Authenticated Internet Protocol (MS-AIPS): exchanges 243 to 246 in the frame of
 * IKEv1, with payloads of their own. */
#include "dissector/ikev1/payloads.h"

#include "dissector/base/items.h"
#include "dissector/base/subdissector.h"
#include "dissector/base/value_strings.h"

static int hf_token = -1;
static int hf_sequence = -1;
static int hf_iv = -1;
static int hf_encrypted = -1;
static int hf_name = -1;
static int hf_method = -1;
static int hf_flags = -1;
static int hf_dictation = -1;
static int hf_weight = -1;
static int ett_token = -1;
static expert_field ei_methods = EI_INIT;

bool ikev1_is_authip(const ike_message *msg)
{
    return msg->exchange >= IKEV1_EXCHANGE_AUTHIP_MAIN_MODE &&
           msg->exchange <= IKEV1_EXCHANGE_AUTHIP_NOTIFY;
}

/* A token of Kerberos, NTLM or TLS under GSS-API. */
void ikev1_dissect_gss_token(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                             proto_item *item _U_, uint8_t type _U_)
{
    proto_item *token = ike_add_rest(tree, hf_token, body, 0, ENC_NA);

    if (ike_left(body, 0))
        ike_call_gssapi(pkt, body, proto_item_add_subtree(token, ett_token));
    ike_add_hidden_data(tree, body);
}

/* A sequence number, then an IV; with the header's encryption flag all else is encrypted. */
void ikev1_dissect_authip_crypto(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                                 proto_item *item _U_, uint8_t type _U_)
{
    enum { SEQUENCE = 4 };

    proto_tree_add_item(tree, hf_sequence, body, 0, SEQUENCE, ENC_BIG_ENDIAN);
    if (ike_left(body, SEQUENCE))
        ike_add_rest(tree, pkt->msg->encrypted ? hf_encrypted : hf_iv, body, SEQUENCE, ENC_NA);
    ike_add_hidden_data(tree, body);
}

/* The name of a security principal, in UTF-16. */
void ikev1_dissect_gss_id(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                          uint8_t type _U_)
{
    char *name = NULL;
    bool big = ike_left(body, 0) >= 2 && !tvb_get_uint8(body, 0);

    proto_tree_add_item_ret_display_string(tree, hf_name, body, 0, tvb_reported_length(body),
                                           ENC_UTF_16 | (big ? ENC_BIG_ENDIAN : ENC_LITTLE_ENDIAN),
                                           pkt->pinfo->pool, &name);
    ike_append_text(item, " - ", name);
    ike_add_hidden_data(tree, body);
}

/* Authentication methods that the initiator supports, each with reserved flags. */
void ikev1_dissect_authip_auth(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                               uint8_t type _U_)
{
    unsigned offset = 0;

    for (; ike_left(body, offset) >= 4; offset += 4) {
        uint16_t method = tvb_get_ntohs(body, offset);

        proto_tree_add_item(tree, hf_method, body, offset, 2, ENC_BIG_ENDIAN);
        proto_tree_add_item(tree, hf_flags, body, offset + 2, 2, ENC_BIG_ENDIAN);
        proto_item_append_text(
            item, "%s %s", offset ? "," : " -",
            val_to_str_ext_const(method, &ike_strings[IKE_REG_AUTHIP_AUTH], "unknown"));
    }
    if (!offset)
        expert_add_info(pkt->pinfo, item, &ei_methods);
    ike_trailing(pkt, body, tree, offset);
    ike_add_hidden_data(tree, body);
}

/* Keys that a node prescribes, encrypted like the contents of Crypto. */
void ikev1_dissect_key_dictation(ike_packet *pkt _U_, tvbuff_t *body, proto_tree *tree,
                                 proto_item *item _U_, uint8_t type _U_)
{
    ike_add_rest(tree, hf_dictation, body, 0, ENC_NA);
    ike_add_hidden_data(tree, body);
}

void ikev1_dissect_dictation_weight(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                                    proto_item *item _U_, uint8_t type _U_)
{
    proto_tree_add_item(tree, hf_weight, body, 0, 4, ENC_BIG_ENDIAN);
    ike_trailing(pkt, body, tree, 4);
    ike_add_hidden_data(tree, body);
}

void ikev1_register_authip(void)
{
    static hf_register_info hf[] = {
        {&hf_token,
         {"GSS-API token", "isakmp.gss_token", FT_BYTES, BASE_NONE, NULL, 0,
          "Token of Kerberos, NTLM or TLS (MS-AIPS)", HFILL}},
        {&hf_sequence,
         {"Sequence number", "isakmp.authip.seq", FT_UINT32, BASE_DEC, NULL, 0,
          "Of the packet that is expected next", HFILL}},
        {&hf_iv,
         {"Initialization Vector", "isakmp.authip.iv", FT_BYTES, BASE_NONE, NULL, 0,
          "Initialization vector of the Crypto payload (MS-AIPS)", HFILL}},
        {&hf_encrypted,
         {"IV, encrypted payloads and integrity checksum", "isakmp.authip.encrypted", FT_BYTES,
          BASE_NONE, NULL, 0, "Contents of the Crypto payload, not decrypted (MS-AIPS)", HFILL}},
        {&hf_name,
         {"Security principal name", "isakmp.authip.gss_id", FT_STRING, BASE_NONE, NULL, 0,
          "Name of the sender's security principal (MS-AIPS)", HFILL}},
        {&hf_method,
         {"Authentication method", "isakmp.authip.auth_method", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_AUTHIP_AUTH], 0,
          "Authentication method that the initiator supports (MS-AIPS)", HFILL}},
        {&hf_flags,
         {"Flags", "isakmp.authip.auth_flags", FT_UINT16, BASE_HEX, NULL, 0,
          "Reserved flags of an authentication method (MS-AIPS)", HFILL}},
        {&hf_dictation,
         {"IV, encrypted keys and integrity checksum", "isakmp.authip.key_dictation", FT_BYTES,
          BASE_NONE, NULL, 0, "Contents of the Key Dictation payload, not decrypted (MS-AIPS)",
          HFILL}},
        {&hf_weight,
         {"Weight", "isakmp.authip.key_dictation_weight", FT_UINT32, BASE_DEC, NULL, 0,
          "The greater one's keys are used", HFILL}},
    };
    static int *ett[] = {&ett_token};
    static ei_register_info ei[] = {
        {&ei_methods,
         {"isakmp.authip.auth.empty", PI_PROTOCOL, PI_WARN, "No authentication method", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
