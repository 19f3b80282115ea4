/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Postquantum preshared keys (RFC 8784): who has agreed on one, and which. */
#include <string.h>

#include "ikev2_auth.h"

enum { IKE_SA_INIT = 34, IKE_AUTH = 35 };

void ikev2_ppk_learn(ike_crypto *crypto, const ike_key_facts *facts)
{
    ikev2_sa *sa = crypto->v2;

    if (facts->exchange == IKE_SA_INIT && facts->response && facts->use_ppk) {
        sa->ppk_supported = true;
    }
    if (facts->exchange != IKE_AUTH || !facts->ppk_id.data) {
        return;
    }
    if (!facts->response) {
        ike_secret_set(&sa->ppk_id, facts->ppk_id.data, facts->ppk_id.length);
    } else {
        sa->ppk_confirmed = true;
    }
}

bool ikev2_ppk_agreed(const ikev2_sa *sa)
{
    return sa->ppk_supported && sa->ppk_id.length > 0;
}

bool ikev2_each_ppk(const ike_crypto *crypto, ike_peer_use use, void *user)
{
    const ike_secret *id = &crypto->v2->ppk_id;
    char *name;
    bool content;

    /* A type octet, then the PPK_ID itself. */
    name = id->length > 1 ? g_strndup((const char *)id->data + 1, id->length - 1) : NULL;
    content = ike_keyring_each_peer(crypto->ring, IKE_PEER_PPK, name, NULL, 0, use, user);
    g_free(name);
    return content;
}

/* ike_peer_use: the first one. */
static bool mix_sk_d(void *user, ike_span ppk, ike_key_source source)
{
    ikev2_generation *generation = user;

    (void)source;
    return ikev2_ppk_mix(generation->rows.prf, ppk, ike_secret_span(&generation->sk_d),
                         &generation->sk_d_ppk) == IKE_OK;
}

void ikev2_ppk_settle(const ike_crypto *crypto, ikev2_generation *generation)
{
    if (ikev2_ppk_agreed(crypto->v2) && crypto->v2->ppk_confirmed && generation->rows.prf &&
        generation->sk_d.length && !generation->sk_d_ppk.length) {
        ikev2_each_ppk(crypto, mix_sk_d, generation);
    }
}
