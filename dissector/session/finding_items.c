/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The findings of analysis/ as expert infos: one kind there is one "isakmp.finding.<name>" here. */
#include "dissector/session/finding_items.h"

#include "dissector/session/session.h"

static expert_field *experts; /* as many as there are kinds */
static size_t kinds;

static void show_one(const ike_finding *finding, void *user)
{
    const ike_packet *pkt = user;
    size_t index = ike_finding_index(finding);

    if (index < kinds)
        expert_add_info_format(pkt->pinfo, pkt->item, &experts[index], "%s", finding->text);
}

void ike_add_findings(ike_packet *pkt, const ike_message_record *record)
{
    ike_findings_of_message(ike_session_tracker(), record, show_one, pkt);
}

void ike_register_findings(void)
{
    static const int severities[] = {
        [IKE_SEVERITY_CHAT] = PI_CHAT,
        [IKE_SEVERITY_NOTE] = PI_NOTE,
        [IKE_SEVERITY_WARN] = PI_WARN,
        [IKE_SEVERITY_ERROR] = PI_ERROR,
    };
    const ike_finding_kind *kind = ike_finding_kinds(&kinds);
    ei_register_info *ei = wmem_alloc0_array(wmem_epan_scope(), ei_register_info, kinds);

    /* epan keeps these for the life of the program. */
    experts = wmem_alloc0_array(wmem_epan_scope(), expert_field, kinds);
    for (size_t i = 0; i < kinds; i++) {
        experts[i] = (expert_field)EI_INIT;
        ei[i] = (ei_register_info){
            &experts[i],
            {wmem_strdup_printf(wmem_epan_scope(), "isakmp.finding.%s", kind[i].name),
             kind[i].security ? PI_SECURITY : PI_SEQUENCE, severities[kind[i].severity],
             kind[i].summary, EXPFILL}};
    }
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, (int)kinds);
}
