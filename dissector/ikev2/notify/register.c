/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Notify payload and the families of its data: to support one is to add a line here. */
#include "dissector/ikev2/notify/families.h"

#include "dissector/ikev2/notify/3gpp_elements.h"
#include "dissector/ikev2/notify/notify.h"

void ikev2_register_notifies(void)
{
    ikev2_register_notify();
    ikev2_register_notify_data();
    ikev2_register_notify_auth();
    ikev2_register_notify_children();
    ikev2_register_notify_mobility();
    ikev2_register_notify_session();
    ike_3gpp_register_value();
    ike_3gpp_register_qos();
    ike_3gpp_register_tft();
    ikev2_register_notify_3gpp();
    ikev2_register_notify_vendor();
}
