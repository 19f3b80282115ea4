/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/ikev2/ikev2_group.h"

#include <string.h>

#include <openssl/crypto.h>

#include "decrypt/crypto/prf.h"
#include "decrypt/group/download.h"
#include "decrypt/group/group_auth.h"
#include "decrypt/ikev2/ikev2_auth_record.h"
#include "decrypt/ikev2/ikev2_search.h"
#include "decrypt/ikev2/ikev2_ppk.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum { GENERIC_HEADER = 4 };

/* ---- keys of a Rekey SA ---------------------------------------------------------------------- */

/* One direction has messages; both have its keys. */
static ikev2_generation *generation_of(const ike_rekey_sa *rekey)
{
    ikev2_generation *generation = ikev2_generation_new(&rekey->algorithms);

    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        ike_secret_set(&generation->sk_e[side], ike_secret_span(&rekey->encryption));
        ike_secret_set(&generation->sk_a[side], ike_secret_span(&rekey->integrity));
    }
    generation->origin = rekey->origin;
    return generation;
}

ikev2_generation *ikev2_find_rekey_keys(const ike_encrypted_payload *encrypted,
                                        ike_decrypt_context *capture, ike_decrypt_status *why)
{
    const uint8_t *header = encrypted->message.data;
    const ike_rekey_sa *rekey;

    if (encrypted->message.length < IKE_HEADER)
        return NULL;
    rekey =
        ike_group_store_find_rekey(capture->group, ike_get_u64(header), ike_get_u64(header + 8));
    for (; rekey; rekey = rekey->next) {
        if (rekey->gdoi)
            continue;
        if (!rekey->computable) {
            *why = IKE_DECRYPT_UNSUPPORTED;
            continue;
        }
        ikev2_generation *generation = generation_of(rekey);
        if (ikev2_generation_verify(generation, encrypted) == IKE_OK)
            return generation;
        ikev2_generation_free(generation);
        *why = IKE_DECRYPT_NOT_AUTHENTIC;
    }
    return NULL;
}

/* ---- the default key wrap key (RFC 9838 3.2.1) ----------------------------------------------- */

static ike_rekey_sa *rekey_sa_of(const ikev2_sa *sa)
{
    return ike_group_store_find_rekey(sa->base.capture->group, sa->base.initiator_spi,
                                      sa->base.responder_spi);
}

/* GSK_w of a Rekey SA comes with its keys. */
static void put_rekey_kwk(const ike_rekey_sa *rekey, ike_default_kwk *kwk)
{
    for (; rekey && kwk->count < IKE_MAX_DEFAULT_KWK; rekey = rekey->next)
        kwk->keys[kwk->count++] = ike_secret_span(&rekey->wrap);
}

enum { LONGEST_KWK = 32 };
typedef uint8_t derived_kwk[IKEV2_SK_D_VARIANTS][LONGEST_KWK];
_Static_assert((int)IKEV2_SK_D_VARIANTS <= (int)IKE_MAX_DEFAULT_KWK, "one for each");

/* GSK_w = prf+(SK_d, "Key Wrap for G-IKEv2") */
static void derive_kwk(ikev2_sa *sa, derived_kwk derived, ike_default_kwk *kwk)
{
    static const char label[] = "Key Wrap for G-IKEv2";
    const ike_span seed = {(const uint8_t *)label, sizeof label - 1};
    ikev2_generation *generation = ikev2_current(sa);
    ike_secret sk_d = {0};

    if (!generation)
        return;
    ikev2_complete(sa, generation);
    for (unsigned i = 0;
         generation->rows.prf && i < IKEV2_SK_D_VARIANTS && ikev2_sk_d(sa, generation, i, &sk_d);
         i++)
        if (ikev2_prf_plus(generation->rows.prf, ike_secret_span(&sk_d), &seed, 1, derived[i],
                           LONGEST_KWK) == IKE_OK)
            kwk->keys[kwk->count++] = (ike_span){derived[i], LONGEST_KWK};
    ike_secret_clear(&sk_d);
}

/* ---- AUTH of GSA_REKEY ----------------------------------------------------------------------- */

/* A of RFC 9838 2.4.1.1: of a fragmented message its first fragment has the header. */
static bool find_head(const ikev2_sa *sa, const ike_key_inputs *inputs, ike_secret *head)
{
    unsigned side = inputs->from_initiator ? IKE_I : IKE_R;
    ike_span message = inputs->message;

    if (sa->auth && sa->auth->first_fragment[side].length &&
        sa->auth->first_fragment_id[side] == inputs->message_id)
        message = ike_secret_span(&sa->auth->first_fragment[side]);
    size_t at = ikev2_find_encrypted(message);
    return at && ikev2_int_auth_head(message, at, inputs->plaintext.length, head);
}

/* With RFC 7427's method the AlgorithmIdentifier is signed, and the signature counts as zeros. */
static size_t identifier_length(uint8_t method, ike_span auth)
{
    size_t length = auth.length ? 1 + (size_t)auth.data[0] : 0;

    return method == IKEV2_AUTH_DIGITAL_SIGNATURE && length <= auth.length ? length : 0;
}

/* A | P */
static bool signed_bytes(const ikev2_sa *sa, const ike_key_inputs *inputs, ike_secret *bytes)
{
    ike_secret head = {0};
    size_t at = (size_t)(inputs->auth.data - inputs->plaintext.data);
    size_t kept = identifier_length(inputs->auth_method, inputs->auth);

    if (inputs->auth.data < inputs->plaintext.data ||
        at + inputs->auth.length > inputs->plaintext.length || !find_head(sa, inputs, &head))
        return false;
    const ike_span parts[] = {ike_secret_span(&head), inputs->plaintext};
    ike_secret_join(parts, 2, bytes);
    memset(bytes->data + head.length + at + kept, 0, inputs->auth.length - kept);
    ike_secret_clear(&head);
    return true;
}

static ike_group_auth verify(const ikev2_sa *sa, const ike_key_inputs *inputs)
{
    const ike_rekey_sa *rekey = rekey_sa_of(sa);
    ike_group_auth auth = IKE_GROUP_AUTH_NO_KEY;
    ike_secret bytes = {0};

    if (inputs->auth.length && !signed_bytes(sa, inputs, &bytes))
        return IKE_GROUP_AUTH_UNSUPPORTED;
    for (; rekey && auth != IKE_GROUP_AUTH_VERIFIED; rekey = rekey->next) {
        auth =
            ike_gsa_rekey_auth(rekey, inputs->auth_method, ike_secret_span(&bytes), inputs->auth);
    }
    ike_secret_clear(&bytes);
    return auth;
}

/* ---- a message ------------------------------------------------------------------------------- */

static bool is_of_group(uint8_t exchange)
{
    return exchange >= IKEV2_EXCHANGE_GSA_AUTH && exchange <= IKEV2_EXCHANGE_GSA_INBAND_REKEY;
}

void ikev2_update_group(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    ike_default_kwk kwk = {.count = 0};
    derived_kwk derived;
    ike_rekey_sa *over = NULL;

    sa->group_auth = IKE_GROUP_AUTH_NONE;
    if (!is_of_group(inputs->exchange) || !inputs->authentic)
        return;
    if (inputs->exchange == IKEV2_EXCHANGE_GSA_REKEY) {
        over = rekey_sa_of(sa);
        sa->group_auth = (uint8_t)verify(sa, inputs);
        put_rekey_kwk(over, &kwk);
    } else {
        derive_kwk(sa, derived, &kwk);
    }
    if (inputs->group && sa->group_auth != IKE_GROUP_AUTH_WRONG &&
        sa->group_auth != IKE_GROUP_AUTH_MISSING)
        ike_gikev2_download(&sa->base, inputs->group, &kwk, over, inputs->frame);
    OPENSSL_cleanse(derived, sizeof derived);
}
