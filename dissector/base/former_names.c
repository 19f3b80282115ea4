/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/former_names.h"

static int hf_names[IKE_FORMER_NAMES] = {-1, -1, -1, -1, -1, -1, -1, -1, -1};
static int hf_network = -1;
static int hf_netmask = -1;
static int hf_selector = -1;

void ike_add_former_name(const ike_packet *pkt, ike_former_name name)
{
    proto_item_set_hidden(proto_tree_add_item(pkt->tree, hf_names[name], pkt->tvb, 0, 0, ENC_NA));
}

void ike_add_former_network(proto_tree *tree, tvbuff_t *tvb, unsigned offset, bool bare)
{
    int at = (int)offset;

    proto_item_set_hidden(proto_tree_add_item(tree, hf_network, tvb, at, 4, ENC_BIG_ENDIAN));
    proto_item_set_hidden(proto_tree_add_item(tree, hf_netmask, tvb, at + 4, 4, ENC_BIG_ENDIAN));
    if (!bare)
        proto_item_set_hidden(proto_tree_add_item(tree, hf_selector, tvb, at + 8, 6, ENC_NA));
}

#define FORMER(name, abbreviation, present)                                                        \
    {                                                                                              \
        &hf_names[name],                                                                           \
        {                                                                                          \
            "Former name", abbreviation, FT_NONE, BASE_NONE, NULL, 0, "Former name of " present,   \
                HFILL                                                                              \
        }                                                                                          \
    }

void ike_register_former_names(void)
{
    static hf_register_info hf[] = {
        FORMER(IKE_FORMER_NOTIFY_ERROR, "isakmp.notify.error.ikev1", "isakmp.notify.error"),
        FORMER(IKE_FORMER_NOTIFY_LENGTH, "isakmp.notify.data.length.ikev1",
               "isakmp.notify.data.length"),
        FORMER(IKE_FORMER_NOTIFY_UNKNOWN, "isakmp.notify.msgtype.unassigned",
               "isakmp.notify.msgtype.unknown"),
        FORMER(IKE_FORMER_NOTIFY_SPI_SIZE, "isakmp.notify.spisize.invalid",
               "isakmp.spisize.invalid"),
        FORMER(IKE_FORMER_PROPOSAL_SPI, "isakmp.prop.spisize.too_long",
               "isakmp.prop.spisize.invalid"),
        FORMER(IKE_FORMER_TRANSFORMS, "isakmp.prop.transforms.count",
               "isakmp.prop.transforms.invalid"),
        FORMER(IKE_FORMER_DELETE_SPIS, "isakmp.spinum.too_many", "isakmp.spinum.invalid"),
        FORMER(IKE_FORMER_CONFIG_LENGTH, "isakmp.cfg.attr.length.mismatch",
               "isakmp.cfg.attr.length.invalid"),
        FORMER(IKE_FORMER_RETRANSMISSION, "isakmp.retransmission.note",
               "isakmp.finding.retransmission"),
        {&hf_network,
         {"Former name", "isakmp.cfg.attr.unity.subnet.ip", FT_IPv4, BASE_NONE, NULL, 0,
          "Former name of isakmp.cfg.attr.unity.split_include and .local_lan", HFILL}},
        {&hf_netmask,
         {"Former name", "isakmp.cfg.attr.unity.subnet.netmask", FT_IPv4, BASE_NETMASK, NULL, 0,
          "Former name of isakmp.cfg.attr.unity.split_include.netmask and .local_lan.netmask",
          HFILL}},
        {&hf_selector,
         {"Former name", "isakmp.cfg.attr.unity.subnet.selector", FT_BYTES, BASE_NONE, NULL, 0,
          "Former name of isakmp.cfg.attr.unity.network.protocol, .srcport and .dstport", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
