/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Postquantum preshared keys (RFC 8784, RFC 9867): whether one was negotiated, and which. */
#include "decrypt/ikev2/ikev2_ppk.h"

#include "proto/ike_numbers.h"

void ikev2_ppk_update(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    bool names_one = inputs->ppk_id.length > 0;

    switch (inputs->exchange) {
    case IKEV2_EXCHANGE_IKE_INTERMEDIATE: /* the initiator proposes some, the response names the one
                                           */
        sa->ppk_int_confirmed = sa->ppk_int_confirmed || (inputs->response && inputs->has_ppk_id);
        names_one = names_one && inputs->response;
        break;
    case IKEV2_EXCHANGE_IKE_AUTH: /* the initiator names it, the response is empty */
        sa->ppk_confirmed = sa->ppk_confirmed || (inputs->response && inputs->has_ppk_id);
        names_one = names_one && !inputs->response;
        break;
    default:
        return;
    }
    if (names_one)
        ike_secret_set(&sa->ppk_id, inputs->ppk_id);
}

bool ikev2_ppk_negotiated(const ikev2_sa *sa)
{
    return (sa->ppk_supported || sa->ppk_confirmed) && sa->ppk_id.length > 0;
}

bool ikev2_each_ppk(const ikev2_sa *sa, ike_peer_use use, void *user)
{
    const ike_secret *id = &sa->ppk_id;
    char *name;
    bool content;

    /* A type byte, then the PPK_ID itself. */
    name = id->length > 1 ? g_strndup((const char *)id->data + 1, id->length - 1) : NULL;
    content = ike_peer_keys_each(ike_keyring_peer_keys(sa->base.capture->ring), IKE_PEER_PPK, name,
                                 NULL, 0, use, user);
    g_free(name);
    return content;
}

/* ---- SK_d ------------------------------------------------------------------------------------ */

typedef struct {
    const ikev2_generation *generation;
    unsigned before; /* PPKs to pass over */
    ike_secret *sk_d;
} choice;

/* ike_peer_use */
static bool mix_chosen(void *user, ike_span ppk, const ike_key_origin *origin)
{
    choice *c = user;

    (void)origin;
    if (c->before > 0) {
        c->before--;
        return false;
    }
    return ikev2_ppk_mix(c->generation->rows.prf, ppk, ike_secret_span(&c->generation->sk_d),
                         c->sk_d) == IKE_OK;
}

bool ikev2_sk_d(const ikev2_sa *sa, const ikev2_generation *generation, unsigned variant,
                ike_secret *sk_d)
{
    const ike_secret *right = generation->mixed ? &generation->mixed->sk_d : NULL;
    choice c = {generation, variant, sk_d};

    ike_secret_clear(sk_d);
    if (right && right->length) {
        if (variant == 0) {
            ike_secret_set(sk_d, (ike_span){right->data, right->length});
            return true;
        }
        c.before--;
    } else if (ikev2_ppk_negotiated(sa) && sa->ppk_confirmed && generation->rows.prf &&
               generation->sk_d.length && ikev2_each_ppk(sa, mix_chosen, &c)) {
        return true;
    }
    if (c.before > 0 || !generation->sk_d.length)
        return false;
    ike_secret_set(sk_d, ike_secret_span(&generation->sk_d));
    return true;
}
