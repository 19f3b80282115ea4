/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every folder registers its fields and its rows in the tables of the layers below. */
#include "dissector/register.h"

#include "dissector/base/attribute.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/former_names.h"
#include "dissector/base/items.h"
#include "dissector/base/payload_chain.h"
#include "dissector/base/subdissector.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/payloads.h"
#include "dissector/group/payloads.h"
#include "dissector/ikev1/payloads.h"
#include "dissector/ikev2/notify/families.h"
#include "dissector/ikev2/payloads.h"
#include "dissector/message.h"
#include "dissector/session/decryption.h"
#include "dissector/session/export_pdu.h"
#include "dissector/session/generated_fields.h"
#include "dissector/session/key_logs.h"
#include "dissector/session/session.h"
#include "dissector/session/tap.h"
#include "dissector/transport/esp.h"
#include "dissector/transport/esp_flow.h"
#include "dissector/transport/fragment.h"
#include "dissector/transport/tcp_encap.h"
#include "dissector/transport/udp_encap.h"

static void (*const registrations[])(void) = {
    ike_register_value_strings, /* the fields below use them */
    ike_register_common_fields,
    ike_register_former_names,
    ike_register_items,
    ike_register_chain,
    ike_register_attribute,
    ike_register_subdissector,
    ike_register_session,
    ike_register_generated_fields,
    ike_register_sa_item,
    ike_register_decryption,
    ike_register_key_logs,
    ike_register_tap,
    ike_register_export_pdu,
    ike_register_message,
    ike_register_udp_encap,
    ike_register_tcp_encap,
    ike_register_fragment,
    ike_register_esp_flow,
    ike_register_esp,
    ike_register_ah,
    ike_register_common,
    ikev1_register,
    ikev2_register,
    ikev2_register_notifies,
    ike_register_group,
};

void ike_register(void)
{
    proto_isakmp = proto_get_id_by_filter_name("isakmp");
    for (unsigned i = 0; i < array_length(registrations); i++)
        registrations[i]();
}

void ike_handoff(void)
{
    ike_subdissector_handoff();
    ike_esp_handoff();
    ike_ah_handoff();
}
