/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of one IKEv1 SA: made, kept, wiped. */
#include "decrypt/ikev1/ikev1_sa.h"

ikev1_sa *ikev1_sa_new(void)
{
    ikev1_sa *sa = g_new0(ikev1_sa, 1);

    sa->chains = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    sa->chain_order = g_queue_new();
    sa->quick = g_hash_table_new_full(NULL, NULL, NULL, ikev1_quick_free);
    return sa;
}

void ikev1_sa_free(ikev1_sa *sa)
{
    if (!sa) {
        return;
    }
    for (unsigned side = IKEV1_I; side <= IKEV1_R; side++) {
        ike_secret_clear(&sa->nonce[side]);
        ike_secret_clear(&sa->ke[side]);
        ike_secret_clear(&sa->id[side]);
    }
    ike_secret_clear(&sa->sa_body);
    for (unsigned i = 0; i < sa->key_count; i++) {
        ikev1_keys_free(sa->keys[i]);
    }
    g_hash_table_destroy(sa->chains);
    g_queue_free(sa->chain_order);
    g_hash_table_destroy(sa->quick);
    ikev1_auth_free(sa->auth);
    g_free(sa);
}

ikev1_keys *ikev1_keys_new(const ikev1_rows *rows)
{
    ikev1_keys *keys = g_new0(ikev1_keys, 1);

    keys->rows = *rows;
    return keys;
}

void ikev1_keys_free(ikev1_keys *keys)
{
    if (!keys) {
        return;
    }
    ike_secret_clear(&keys->key);
    ike_secret_clear(&keys->skeyid);
    ikev1_skeyids_clear(&keys->skeyids);
    ike_cipher_free(keys->cipher);
    g_free(keys);
}

bool ikev1_phase1_of(const ike_crypto *crypto, ikev1_phase1 *phase1)
{
    const ikev1_sa *sa = crypto->v1;

    *phase1 = (ikev1_phase1){
        .prf = sa->rows.prf,
        .hash = sa->rows.hash,
        .cookie_i = crypto->initiator_spi,
        .cookie_r = crypto->responder_spi,
        .nonces = {ike_secret_span(&sa->nonce[IKEV1_I]), ike_secret_span(&sa->nonce[IKEV1_R])},
    };
    return sa->computable && sa->nonce[IKEV1_I].length && sa->nonce[IKEV1_R].length;
}
