/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/common/payloads.h"

#include "dissector/common/config_attributes.h"
#include "dissector/common/notification.h"
#include "dissector/common/proposal_substructure.h"
#include "dissector/common/public_key_encryption.h"

void ike_register_common(void)
{
    ike_register_config_attributes();
    ike_register_substructure();
    ikev2_register_ke();
    ike_register_id();
    ikev1_register_public_key_encryption();
    ike_register_cert();
    ike_register_delete();
    ike_register_notification();
    ike_register_vendor();
    ike_register_fragment_payload();
}
