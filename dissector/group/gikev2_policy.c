/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Group Security Association of G-IKEv2 (RFC 9838 4.4): a policy for each SA of the group, and one
 * for the group as a whole.
 *
 *   of an SA: header, SPI, source and destination traffic selector, transforms, attributes
 *   group-wide: header, attributes
 */
#include "dissector/group/payloads.h"

#include <epan/unit_strings.h>

#include "dissector/base/attribute.h"
#include "dissector/base/bytes.h"
#include "dissector/group/gikev2.h"
#include "dissector/group/group_record.h"
#include "dissector/ikev2/payloads.h"
#include "registry/names.h"

enum { SELECTOR_HEADER = 4, TRANSFORM_HEADER = 8, TRANSFORM = 3, MAX_TRANSFORMS = 255 };

static ike_attribute_fields attribute_fields;
static int hf_lifetime = -1;
static int hf_message_id = -1;
static int hf_next_spi = -1;
static int hf_activation = -1;
static int hf_deactivation = -1;
static int hf_sender_bits = -1;
static int ett_selectors = -1;
static expert_field ei_selectors = EI_INIT;

static const ike_value_row sa_rows[] = {
    {GIKEV2_GSA_KEY_LIFETIME, .fields = {&hf_lifetime}},
    {GIKEV2_GSA_INITIAL_MESSAGE_ID, .fields = {&hf_message_id}},
    {GIKEV2_GSA_NEXT_SPI, .fields = {&hf_next_spi}},
};

static const ike_value_row group_rows[] = {
    {GIKEV2_GWP_ATD, .fields = {&hf_activation}},
    {GIKEV2_GWP_DTD, .fields = {&hf_deactivation}},
    {GIKEV2_GWP_SENDER_ID_BITS, .fields = {&hf_sender_bits}},
};

static const ike_attribute_family sa_attributes =
    IKE_ATTRIBUTE_FAMILY("GSA Attribute", &attribute_fields, IKE_REG_GIKEV2_GSA_ATTR, sa_rows);

static const ike_attribute_family group_attributes = IKE_ATTRIBUTE_FAMILY(
    "Group-wide Policy Attribute", &attribute_fields, IKE_REG_GIKEV2_GW_POLICY_ATTR, group_rows);

/* Where the transforms that begin at `offset` end. No field counts them: each says
 * whether it is the last. An attribute, which may follow, differs from a transform: it has a
 * type of 1 or more where a transform has two bytes of "more" and zero. */
static unsigned end_of_transforms(tvbuff_t *part, unsigned offset)
{
    for (unsigned n = 0; n < MAX_TRANSFORMS && ike_left(part, offset) >= TRANSFORM_HEADER; n++) {
        uint8_t more = tvb_get_uint8(part, offset);
        unsigned length = tvb_get_ntohs(part, offset + 2);

        if ((more && more != TRANSFORM) || tvb_get_uint8(part, offset + 1) ||
            length < TRANSFORM_HEADER || length > ike_left(part, offset))
            break;
        offset += length;
        if (!more)
            break;
    }
    return offset;
}

/* The source's and the destination's selector; returns the offset after them, 0 when one does not
 * fit. */
static unsigned dissect_selectors(ike_packet *pkt, tvbuff_t *part, unsigned offset,
                                  proto_tree *tree)
{
    static const char *const names[] = {"Source Traffic Selector", "Destination Traffic Selector"};

    for (unsigned i = 0; i < array_length(names); i++) {
        proto_item *item;
        unsigned left = ike_left(part, offset);
        unsigned length = left >= SELECTOR_HEADER ? tvb_get_ntohs(part, offset + 2) : 0;

        if (length < SELECTOR_HEADER || length > left) {
            pkt->msg->malformed = true;
            proto_tree_add_expert_format(tree, pkt->pinfo, &ei_selectors, part, 0, -1,
                                         "%s exceeds the policy", names[i]);
            return 0;
        }
        proto_tree *sub =
            proto_tree_add_subtree(tree, part, offset, length, ett_selectors, &item, names[i]);
        if (!ikev2_dissect_selector(pkt, part, offset, sub, IKEV2_PAYLOAD_GSA))
            return 0;
        offset += length;
    }
    return offset;
}

/* The transforms from number `first` on are those of the policy of this SA. */
static void record_policy(ike_packet *pkt, uint8_t protocol, ike_span spi, unsigned first)
{
    ike_group_policy *policy = ike_record_group_policy(pkt, protocol, spi);

    for (unsigned i = first; policy && i < pkt->msg->transform_count; i++) {
        const ike_transform *transform = &pkt->msg->transforms[i];
        uint16_t *const fields[] = {
            [IKEV2_TRANSFORM_ENCR] = &policy->encryption,
            [IKEV2_TRANSFORM_INTEG] = &policy->integrity,
            [IKEV2_TRANSFORM_SN] = &policy->sequence_numbers,
            [IKEV2_TRANSFORM_KWA] = &policy->key_wrap,
            [IKEV2_TRANSFORM_GCAUTH] = &policy->authentication,
        };
        if (transform->type < array_length(fields) && fields[transform->type])
            *fields[transform->type] = transform->id;
        if (transform->type == IKEV2_TRANSFORM_ENCR)
            policy->key_bits = transform->key_bits;
    }
}

static void dissect_policy(ike_packet *pkt, tvbuff_t *part, unsigned offset, proto_tree *tree,
                           uint8_t protocol)
{
    if (protocol == GIKEV2_WHOLE_GROUP) {
        ike_dissect_attributes(pkt, part, offset, tree, &group_attributes);
        return;
    }
    ike_span spi = gikev2_spi(part, offset);
    unsigned first = pkt->msg->transform_count;
    offset = dissect_selectors(pkt, part, offset, tree);
    if (!offset)
        return;
    unsigned end = end_of_transforms(part, offset);
    if (end > offset)
        ikev2_dissect_transforms(pkt, tvb_new_subset_length(part, offset, end - offset), tree);
    record_policy(pkt, protocol, spi, first);
    if (ike_left(part, end))
        ike_dissect_attributes(pkt, part, end, tree, &sa_attributes);
}

void gikev2_dissect_gsa(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                        uint8_t type _U_)
{
    static const gikev2_parts policies = {"Group Policy", "Group-wide Policy", dissect_policy};

    gikev2_dissect_parts(pkt, body, tree, item, &policies);
}

void gikev2_register_policy(void)
{
    static hf_register_info hf[] = {
        IKE_ATTRIBUTE_FIELDS(attribute_fields, "isakmp.gsa.attr", "GSA Attribute"),
        {&hf_lifetime,
         {"GSA Key Lifetime", "isakmp.gsa.attr.key_lifetime", FT_UINT32,
          BASE_DEC | BASE_UNIT_STRING, UNS(&units_second_seconds), 0, "How long the SA is valid",
          HFILL}},
        {&hf_message_id,
         {"GSA Initial Message ID", "isakmp.gsa.attr.initial_message_id", FT_UINT32, BASE_DEC, NULL,
          0, "Message ID of the next GSA_REKEY", HFILL}},
        {&hf_next_spi,
         {"GSA Next SPI", "isakmp.gsa.attr.next_spi", FT_BYTES, BASE_NONE, NULL, 0,
          "SPI that is kept for the SA that will replace this one", HFILL}},
        {&hf_activation,
         {"Activation Time Delay", "isakmp.gsa.attr.activation_delay", FT_UINT16,
          BASE_DEC | BASE_UNIT_STRING, UNS(&units_second_seconds), 0,
          "How long senders wait before they use new SAs", HFILL}},
        {&hf_deactivation,
         {"Deactivation Time Delay", "isakmp.gsa.attr.deactivation_delay", FT_UINT16,
          BASE_DEC | BASE_UNIT_STRING, UNS(&units_second_seconds), 0,
          "How long receivers keep SAs that were deleted", HFILL}},
        {&hf_sender_bits,
         {"Sender-ID Bits", "isakmp.gsa.attr.sender_id_bits", FT_UINT16, BASE_DEC, NULL, 0,
          "How many bits of the nonce are the Sender-ID (RFC 6054)", HFILL}},
    };
    static int *ett[] = {&ett_selectors};
    static ei_register_info ei[] = {
        {&ei_selectors,
         {"isakmp.gsa.ts.invalid", PI_MALFORMED, PI_ERROR, "Traffic selector exceeds the policy",
          EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
