/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One IKEv1 SA: takes in its messages. */
#include "decrypt/ikev1/ikev1.h"

#include "decrypt/esp/esp_table.h"
#include "decrypt/group/group_lines.h"
#include "decrypt/ikev1/ikev1_auth.h"
#include "decrypt/ikev1/ikev1_iv.h"
#include "decrypt/ikev1/ikev1_push.h"
#include "decrypt/ikev1/ikev1_quick.h"
#include "proto/ike_numbers.h"

/* Main, aggressive and base mode. */
static void update_phase1(ikev1_sa *sa, const ike_key_inputs *inputs)
{
    unsigned side = inputs->from_initiator ? IKEV1_I : IKEV1_R;

    if (inputs->id_body.length && (!sa->id[side].length || !sa->choice_fixed || inputs->authentic ||
                                   inputs->plaintext.length))
        ike_secret_set(&sa->id[side], inputs->id_body);
    if (inputs->v1_sa_body.length || inputs->has_v1_suite || inputs->nonce.length)
        ikev1_sa_add_message(sa, inputs);
    ikev1_sa_add_addresses(sa, inputs);
    ikev1_auth_update(sa, inputs);
}

void ikev1_update_keys(ikev1_sa *sa, const ike_key_inputs *inputs)
{
    if (ike_keyring_stays_empty(sa->base.capture->ring))
        return; /* nothing will ever be decrypted or verified */
    if (ikev1_update_group(sa, inputs))
        return;
    switch (inputs->exchange) {
    case IKEV1_EXCHANGE_QUICK_MODE:
        /* Once traffic of the SA is verified, only what is verified counts. */
        if (inputs->authentic || !sa->verified)
            ikev1_update_quick(sa, inputs);
        break;
    case IKEV1_EXCHANGE_INFORMATIONAL:
    case IKEV1_EXCHANGE_TRANSACTION:
        break;
    default:
        if (inputs->message_id == 0)
            update_phase1(sa, inputs);
        break;
    }
}

void ikev1_swap_sides(ikev1_sa *sa)
{
    ikev1_sa_swap_sides(sa);
    ikev1_auth_swap_sides(sa->auth);
    ikev1_iv_swap_sides(sa->chains);
}

void ikev1_sa_free(ikev1_sa *sa)
{
    if (!sa)
        return;
    ike_esp_remove_children(&sa->base);
    ike_group_forget_downloads(&sa->base);
    g_clear_pointer(&sa->base.plaintexts, g_hash_table_destroy);
    ikev1_iv_free(sa->chains);
    if (sa->quick)
        g_hash_table_destroy(sa->quick);
    ikev1_auth_free(sa->auth);
    ikev1_sa_clear(sa);
    g_free(sa);
}
