/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every file that owns fields registers them; here is the list. */
#include "dissector/base/common_fields.h"
#include "dissector/common/config_attributes.h"
#include "dissector/transport/esp.h"
#include "dissector/base/subdissector.h"
#include "dissector/transport/fragment.h"
#include "dissector/group/gikev2.h"
#include "dissector/base/packet.h"
#include "dissector/session/decryption.h"
#include "dissector/session/generated_fields.h"
#include "dissector/common/proposal_substructure.h"
#include "dissector/session/tap.h"
#include "dissector/transport/tcp_encap.h"

static void (*const registrations[])(void) = {
    ike_register_common_fields,
    ike_register_message,
    ike_register_chain,
    ike_register_encap,
    ike_register_subdissector,
    ike_register_session,
    ike_register_generated_fields,
    ike_register_decryption,
    ike_register_fragment,
    ike_register_attribute,
    ike_register_config_attributes,
    ike_register_substructure,
    ike_register_esp,
    ikev2_register_sa,
    ikev2_register_ke,
    ike_register_id,
    ike_register_cert,
    ikev2_register_auth,
    ikev2_register_notify,
    ike_register_delete,
    ike_register_vendor,
    ikev2_register_ts,
    ikev2_register_sk,
    ikev2_register_cp,
    ikev2_register_extension,
    ikev1_register,
    ike_register_tcp_encap,
    gikev2_register,
    gikev2_register_policy,
    gikev2_register_keys,
    ike_register_tap,
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
}
