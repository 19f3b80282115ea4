/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/group/group_record.h"

ike_group_download *ike_group_of(ike_packet *pkt)
{
    if (!pkt->msg->group)
        pkt->msg->group = wmem_new0(pkt->pinfo->pool, ike_group_download);
    return pkt->msg->group;
}

ike_group_policy *ike_record_group_policy(ike_packet *pkt, uint8_t protocol, ike_span spi)
{
    ike_group_download *group = ike_group_of(pkt);

    if (!pkt->first_pass || group->policy_count == IKE_MAX_GROUP_POLICIES)
        return NULL;
    ike_group_policy *policy = &group->policies[group->policy_count++];
    *policy = (ike_group_policy){.protocol = protocol, .spi = spi};
    return policy;
}

ike_group_key *ike_record_group_key(ike_packet *pkt, ike_group_key_kind kind, uint8_t protocol,
                                    ike_span spi)
{
    ike_group_download *group = ike_group_of(pkt);

    if (!pkt->first_pass || group->key_count == IKE_MAX_GROUP_KEYS)
        return NULL;
    ike_group_key *key = &group->keys[group->key_count++];
    *key = (ike_group_key){.kind = kind, .protocol = protocol, .spi = spi};
    return key;
}
