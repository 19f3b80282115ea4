/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One IKEv2 SA: takes in its messages. */
#include "decrypt/ikev2/ikev2.h"

#include "decrypt/esp/esp_table.h"
#include "decrypt/group/group_lines.h"
#include "decrypt/ikev2/ikev2_auth.h"
#include "decrypt/ikev2/ikev2_child.h"
#include "decrypt/ikev2/ikev2_search.h"
#include "decrypt/ikev2/ikev2_group.h"
#include "decrypt/ikev2/ikev2_resume.h"
#include "proto/ike_numbers.h"

static unsigned sender(const ike_key_inputs *inputs)
{
    return inputs->from_initiator ? IKE_I : IKE_R;
}

static bool is_first_exchange(const ike_key_inputs *inputs)
{
    return inputs->exchange == IKEV2_EXCHANGE_IKE_SA_INIT ||
           inputs->exchange == IKEV2_EXCHANGE_IKE_SESSION_RESUME;
}

/* IKE_INTERMEDIATE with an additional key exchange: request and response make one, whichever of the
 * two was captured first. */
static void update_intermediate(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    ikev2_exchange *exchange;

    if (!inputs->ke.length || sa->exchange_count == 0 ||
        sa->exchange_count == IKEV2_MAX_KEY_EXCHANGES)
        return;
    for (unsigned i = 1; i < sa->exchange_count; i++)
        if (sa->exchanges[i].message_id == inputs->message_id)
            return; /* a copy or retransmission */
    exchange = ikev2_sa_exchange(sa, sa->exchange_count);
    if (exchange->message_id != inputs->message_id) {
        ike_secret_clear(&exchange->ke[IKE_I]);
        ike_secret_clear(&exchange->ke[IKE_R]);
    }
    exchange->message_id = inputs->message_id;
    exchange->group = inputs->ke_group;
    ike_secret_set(&exchange->ke[sender(inputs)], inputs->ke);
    if (exchange->ke[IKE_I].length && exchange->ke[IKE_R].length)
        sa->exchange_count++;
}

/* Only what is protected with the IKE SA's own keys comes after IKE_AUTH (RFC 7296 1.2). What was
 * stored to derive them and to verify AUTH is wiped, once they lack nothing or nothing more will
 * come. */
static void finish(ikev2_sa *sa)
{
    ikev2_generation *generation = ikev2_current(sa);

    ikev2_auth_finish(sa);
    if (!generation || sa->auth || !sa->nonce[IKE_I].data)
        return;
    ikev2_complete(sa, generation);
    if (ikev2_is_complete(generation) || ike_keyring_is_closed(sa->base.capture->ring))
        ikev2_sa_clear_exchanges(sa);
}

void ikev2_update_keys(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    if (is_first_exchange(inputs)) {
        if (!ike_keyring_stays_empty(sa->base.capture->ring)) {
            ikev2_sa_add_init(sa, sender(inputs), inputs);
            ikev2_auth_verify_again(sa->auth);
        } else if (inputs->response && inputs->nonce.length && inputs->has_suite &&
                   inputs->suite_protocol <= IKEV2_PROTOCOL_IKE) {
            ikev2_sa_set_suite(sa,
                               &inputs->suite); /* where in an encrypted message its parts are */
        }
        ikev2_resume_update(sa, inputs);
        return;
    }
    /* Once traffic of the SA is verified, only what is verified counts. */
    if (sa->verified && !inputs->authentic)
        return;
    if (inputs->exchange == IKEV2_EXCHANGE_IKE_INTERMEDIATE)
        update_intermediate(sa, inputs);
    ikev2_update_child(sa, inputs);
    ikev2_resume_update(sa, inputs);
    ikev2_auth_update(sa, inputs);
    ikev2_update_group(sa, inputs);
    if (inputs->plaintext.length && (inputs->exchange == IKEV2_EXCHANGE_CREATE_CHILD_SA ||
                                     inputs->exchange == IKEV2_EXCHANGE_INFORMATIONAL))
        finish(sa);
}

void ikev2_drop_unverified(ikev2_sa *sa)
{
    g_clear_pointer(&sa->auth, ikev2_auth_free);
    g_clear_pointer(&sa->pending, ikev2_pending_free);
    g_clear_pointer(&sa->rekeyed, ikev2_sa_free);
    g_clear_pointer(&sa->first_child, g_free);
    sa->first_child_spi = 0;
    ike_secret_clear(&sa->ppk_id);
    sa->ppk_confirmed = sa->ppk_int_confirmed = false;
}

void ikev2_sa_free(ikev2_sa *sa)
{
    if (!sa)
        return;
    ike_esp_remove_children(&sa->base);
    ike_group_forget_downloads(&sa->base);
    g_clear_pointer(&sa->base.plaintexts, g_hash_table_destroy);
    ikev2_resume_free(sa);
    ikev2_pending_free(sa->pending);
    ikev2_auth_free(sa->auth);
    ikev2_sa_free(sa->rekeyed);
    ikev2_sa_clear(sa);
    g_free(sa);
}
