/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Postquantum preshared keys (RFC 8784, RFC 9867): who has agreed on one, and which. */
#include <string.h>

#include "decrypt/ikev2/ikev2_auth.h"

enum { IKE_SA_INIT = 34, IKE_AUTH = 35, IKE_INTERMEDIATE = 43 };

void ikev2_ppk_update(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    ikev2_sa *sa = crypto->v2;
    bool names_one = inputs->ppk_id.length > 0;

    switch (inputs->exchange) {
    case IKE_SA_INIT:
        sa->ppk_supported = sa->ppk_supported || (inputs->response && inputs->use_ppk);
        sa->ppk_int_supported = sa->ppk_int_supported || (inputs->response && inputs->use_ppk_int);
        break;
    case IKE_INTERMEDIATE: /* the initiator offers some, the response names the one */
        sa->ppk_int_confirmed = sa->ppk_int_confirmed || (inputs->response && inputs->has_ppk_id);
        names_one = names_one && inputs->response;
        break;
    case IKE_AUTH: /* the initiator names it, the response is empty */
        sa->ppk_confirmed = sa->ppk_confirmed || (inputs->response && inputs->has_ppk_id);
        names_one = names_one && !inputs->response;
        break;
    default:
        return;
    }
    if (names_one) {
        ike_secret_set(&sa->ppk_id, inputs->ppk_id.data, inputs->ppk_id.length);
    }
}

bool ikev2_ppk_negotiated(const ikev2_sa *sa)
{
    return (sa->ppk_supported || sa->ppk_confirmed) && sa->ppk_id.length > 0;
}

bool ikev2_each_ppk(const ike_crypto *crypto, ike_peer_use use, void *user)
{
    const ike_secret *id = &crypto->v2->ppk_id;
    char *name;
    bool content;

    /* A type byte, then the PPK_ID itself. */
    name = id->length > 1 ? g_strndup((const char *)id->data + 1, id->length - 1) : NULL;
    content = ike_keyring_each_peer(crypto->ring, IKE_PEER_PPK, name, NULL, 0, use, user);
    g_free(name);
    return content;
}

/* ---- SK_d
 * ------------------------------------------------------------------------------------------ */

typedef struct {
    const ikev2_generation *generation;
    unsigned before; /* PPKs to pass over */
    ike_secret *sk_d;
} choice;

/* ike_peer_use */
static bool mix_chosen(void *user, ike_span ppk, ike_key_source source)
{
    choice *c = user;

    (void)source;
    if (c->before > 0) {
        c->before--;
        return false;
    }
    return ikev2_ppk_mix(c->generation->rows.prf, ppk, ike_secret_span(&c->generation->sk_d),
                         c->sk_d) == IKE_OK;
}

bool ikev2_sk_d(const ike_crypto *crypto, const ikev2_generation *generation, unsigned variant,
                ike_secret *sk_d)
{
    const ike_secret *right = generation->mixed ? &generation->mixed->sk_d : NULL;
    choice c = {generation, variant, sk_d};

    ike_secret_clear(sk_d);
    if (right && right->length) {
        if (variant == 0) {
            ike_secret_set(sk_d, right->data, right->length);
            return true;
        }
        c.before--;
    } else if (ikev2_ppk_negotiated(crypto->v2) && crypto->v2->ppk_confirmed &&
               generation->rows.prf && generation->sk_d.length &&
               ikev2_each_ppk(crypto, mix_chosen, &c)) {
        return true;
    }
    if (c.before > 0 || !generation->sk_d.length) {
        return false;
    }
    ike_secret_set(sk_d, generation->sk_d.data, generation->sk_d.length);
    return true;
}
