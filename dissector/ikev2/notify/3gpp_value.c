/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/ikev2/notify/3gpp_elements.h"

#include "dissector/base/bytes.h"

expert_field ei_ike_3gpp_length = EI_INIT;

tvbuff_t *ike_3gpp_value(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, int hf)
{
    unsigned length = tvb_get_uint8(data, 0);
    unsigned left = ike_left(data, 1);
    proto_item *item = proto_tree_add_item(tree, hf, data, 0, 1, ENC_NA);

    if (length != left)
        expert_add_info_format(pkt->pinfo, item, &ei_ike_3gpp_length,
                               "Length %u, but %u bytes follow", length, left);
    if (length > left)
        length = left;
    return length ? tvb_new_subset_length(data, 1, length) : NULL;
}

void ike_3gpp_register_value(void)
{
    static ei_register_info ei[] = {
        {&ei_ike_3gpp_length,
         {"isakmp.notify.priv.3gpp.length.invalid", PI_PROTOCOL, PI_WARN,
          "Length field does not match the data", EXPFILL}},
    };

    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
