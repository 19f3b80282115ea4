/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of one IKEv2 SA: made, kept, wiped. */
#include "decrypt/ikev2/ikev2_sa.h"

#include <string.h>

#include "decrypt/ikev2/ikev2_auth.h"
#include "decrypt/ikev2/ikev2_child.h"

static void free_old_sk_d(ikev2_sa *sa)
{
    for (unsigned i = 0; sa->old && sa->old->sk_d && i < IKEV2_SK_D_VARIANTS; i++) {
        ike_secret_clear(&sa->old->sk_d[i]);
    }
    if (sa->old) {
        g_clear_pointer(&sa->old->sk_d, g_free);
    }
}

void ikev2_sa_clear(ikev2_sa *sa)
{
    ikev2_sa_clear_exchanges(sa);
    for (unsigned i = 0; i < sa->generation_count; i++) {
        ikev2_generation_free(sa->generations[i]);
    }
    g_free(sa->generations);
    g_free(sa->old);
    ike_secret_clear(&sa->ticket);
    ike_secret_clear(&sa->ppk_id);
    ikev2_pending_free(sa->pending);
    ikev2_auth_free(sa->auth);
    g_free(sa->judged);
}

ikev2_exchange *ikev2_sa_exchange(ikev2_sa *sa, unsigned index)
{
    uint8_t room = index == 0 ? 1 : IKEV2_MAX_KEY_EXCHANGES;

    if (index >= sa->exchange_room) {
        sa->exchanges = g_renew(ikev2_exchange, sa->exchanges, room);
        memset(sa->exchanges + sa->exchange_room, 0,
               (size_t)(room - sa->exchange_room) * sizeof(ikev2_exchange));
        sa->exchange_room = room;
    }
    return &sa->exchanges[index];
}

void ikev2_sa_clear_exchanges(ikev2_sa *sa)
{
    for (unsigned i = 0; i < sa->exchange_room; i++) {
        ike_secret_clear(&sa->exchanges[i].ke[IKE_I]);
        ike_secret_clear(&sa->exchanges[i].ke[IKE_R]);
        ike_secret_clear(&sa->exchanges[i].shared);
    }
    g_clear_pointer(&sa->exchanges, g_free);
    sa->exchange_room = 0;
    ike_secret_clear(&sa->nonce[IKE_I]);
    ike_secret_clear(&sa->nonce[IKE_R]);
    free_old_sk_d(sa);
}

void ikev2_sa_set_suite(ike_crypto *crypto, const ike_suite *suite)
{
    ike_algorithms rows = {0};

    crypto->v2->has_suite = true;
    crypto->v2->computable = ikev2_rows_of_suite(suite, false, &rows);
    crypto->v2->rows = ike_keyring_share(crypto->ring, &rows);
}

const ike_integ *ike_set_integ(uint16_t integrity)
{
    switch (integrity) {
    case IKE_INTEGRITY_SHA256_96:
        return ike_integ_find(IKE_INTEG_ID_SHA256_96);
    case IKE_INTEGRITY_ANY + 64:
        return ike_integ_find(IKE_INTEG_ID_ANY_64);
    case IKE_INTEGRITY_ANY + 96:
        return ike_integ_find(IKE_INTEG_ID_ANY_96);
    case IKE_INTEGRITY_ANY + 128:
        return ike_integ_find(IKE_INTEG_ID_ANY_128);
    case IKE_INTEGRITY_ANY + 160:
        return ike_integ_find(IKE_INTEG_ID_ANY_160);
    case IKE_INTEGRITY_ANY + 192:
        return ike_integ_find(IKE_INTEG_ID_ANY_192);
    case IKE_INTEGRITY_ANY + 256:
        return ike_integ_find(IKE_INTEG_ID_ANY_256);
    default:
        return ike_integ_find(integrity);
    }
}

bool ikev2_rows_of_suite(const ike_suite *suite, bool from_set, ike_algorithms *rows)
{
    rows->encr = ike_encr_find(suite->encryption);
    rows->integ = from_set ? ike_set_integ(suite->integrity) : ike_integ_find(suite->integrity);
    rows->prf = ike_prf_find(suite->prf);
    if (!rows->encr || !rows->integ) {
        return false;
    }
    if (ike_encr_is_aead(rows->encr)) {
        rows->integ = NULL;
    }
    rows->key_bits = suite->key_bits ? suite->key_bits : rows->encr->default_bits;
    return ike_encr_takes_bits(rows->encr, rows->key_bits);
}

ikev2_generation *ikev2_generation_new(const ike_algorithms *rows)
{
    ikev2_generation *generation = g_new0(ikev2_generation, 1);

    generation->rows = *rows;
    return generation;
}

ikev2_mixed *ikev2_generation_mixed(ikev2_generation *generation)
{
    if (!generation->mixed) {
        generation->mixed = g_new0(ikev2_mixed, 1);
    }
    return generation->mixed;
}

enum { CONTEXT_SLOTS = 256 };
static ikev2_generation *context_slot[CONTEXT_SLOTS];
static unsigned woken;

static void rest(ikev2_generation *generation)
{
    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        g_clear_pointer(&generation->cipher[side], ike_cipher_free);
        g_clear_pointer(&generation->mac[side], ike_mac_free);
    }
    context_slot[generation->context_slot - 1] = NULL;
    generation->context_slot = 0;
}

void ikev2_generation_create_context(ikev2_generation *generation)
{
    unsigned place = woken % CONTEXT_SLOTS;

    if (generation->context_slot) {
        return;
    }
    if (context_slot[place]) {
        rest(context_slot[place]);
    }
    context_slot[place] = generation;
    generation->context_slot = (uint16_t)(place + 1);
    woken++;
}

void ikev2_generation_free(ikev2_generation *generation)
{
    if (!generation) {
        return;
    }
    ike_secret_clear(&generation->sk_d);
    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        ike_secret_clear(&generation->sk_a[side]);
        ike_secret_clear(&generation->sk_e[side]);
        ike_secret_clear(&generation->sk_p[side]);
        if (generation->mixed) {
            ike_secret_clear(&generation->mixed->sk_p[side]);
        }
    }
    if (generation->mixed) {
        ike_secret_clear(&generation->mixed->sk_d);
    }
    g_free(generation->mixed);
    if (generation->context_slot) {
        rest(generation);
    }
    g_free(generation);
}

ikev2_generation *ikev2_current(const ikev2_sa *sa)
{
    return sa->generation_count ? sa->generations[sa->generation_count - 1] : NULL;
}

uint8_t ikev2_sa_store(ikev2_sa *sa, ikev2_generation *generation)
{
    if (sa->generation_count == IKEV2_MAX_GENERATIONS) {
        ikev2_generation_free(generation);
        return 0;
    }
    sa->generations = g_renew(ikev2_generation *, sa->generations, sa->generation_count + 1u);
    sa->generations[sa->generation_count] = generation;
    return ++sa->generation_count;
}
