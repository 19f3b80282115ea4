/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats, each in the file of its name. racoon.c has isakmpd and vpnc, too; esp_lists.c the
 * lists of ESP SAs of many programs; psk.c and psk_list.c configurations; wireshark.c the rows of
 * Wireshark's tables; named.c any log with the names of the RFCs; native.c our own format; hints.c
 * files that hold no key. */
#include <stddef.h>

#include "decrypt/keylog/reader.h"

extern const ike_keylog_reader ike_reader_native, ike_reader_wireshark, ike_reader_charon,
    ike_reader_pluto, ike_reader_pluto_messages, ike_reader_iked, ike_reader_racoon,
    ike_reader_fortigate, ike_reader_xfrm, ike_reader_setkey, ike_reader_ipsecctl,
    ike_reader_mikrotik, ike_reader_tcpdump, ike_reader_vpp, ike_reader_psk, ike_reader_psk_list,
    ike_reader_named, ike_reader_hint, ike_reader_esp_lists;

/* Hints see every line; those whose marks no other format has come next; names with any separator
 * last. */
const ike_keylog_reader *const ike_keylog_readers[] = {
    &ike_reader_hint,      &ike_reader_native,         &ike_reader_wireshark, &ike_reader_charon,
    &ike_reader_pluto,     &ike_reader_pluto_messages, &ike_reader_iked,      &ike_reader_racoon,
    &ike_reader_fortigate, &ike_reader_esp_lists,      &ike_reader_tcpdump,   &ike_reader_xfrm,
    &ike_reader_setkey,    &ike_reader_ipsecctl,       &ike_reader_mikrotik,  &ike_reader_vpp,
    &ike_reader_psk,       &ike_reader_named,          &ike_reader_psk_list,  NULL,
};
