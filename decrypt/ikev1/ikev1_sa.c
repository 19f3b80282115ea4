/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of one IKEv1 SA: created, stored, wiped. */
#include "decrypt/ikev1/ikev1_sa.h"

#include <string.h>

ikev1_sa *ikev1_sa_new(ike_decrypt_context *capture, uint64_t initiator_spi, uint64_t responder_spi)
{
    ikev1_sa *sa = g_new0(ikev1_sa, 1);

    sa->base.capture = capture;
    sa->base.initiator_spi = initiator_spi;
    sa->base.responder_spi = responder_spi;
    return sa;
}

/* ---- messages of phase 1 --------------------------------------------------------------------- */

static void free_message(ikev1_message *message)
{
    ike_secret_clear(&message->sa_body);
    ike_secret_clear(&message->nonce);
    ike_secret_clear(&message->ke);
    g_free(message);
}

static void set_suite(ikev1_message *message, const ike_key_inputs *inputs)
{
    const ike_prf_alg *prf = inputs->v1_prf ? ike_prf_find(inputs->v1_prf) : NULL;
    ikev1_rows *rows = &message->rows;

    message->has_suite = true;
    message->auth_method = inputs->v1_auth;
    message->group = inputs->v1_group;
    rows->encr = ike_encr_find_v1(inputs->v1_encryption);
    rows->hash = ike_hash_find_v1(inputs->v1_hash);
    rows->prf = prf ? prf : rows->hash;
    rows->key_bits = inputs->v1_key_bits;
    if (rows->encr && !rows->key_bits) {
        rows->key_bits =
            rows->encr->phase1_bits ? rows->encr->phase1_bits : rows->encr->default_bits;
    }
    message->computable = rows->encr && rows->hash && rows->encr->mode == IKE_MODE_CBC &&
                          ike_encr_takes_bits(rows->encr, rows->key_bits);
}

static ikev1_message *message_new(const ike_key_inputs *inputs)
{
    ikev1_message *message = g_new0(ikev1_message, 1);

    message->frame = inputs->frame;
    message->has_sa = inputs->v1_sa_body.length > 0 || inputs->has_v1_suite;
    if (inputs->has_v1_suite)
        set_suite(message, inputs);
    ike_secret_set(&message->sa_body, inputs->v1_sa_body);
    ike_secret_set(&message->nonce, inputs->nonce);
    ike_secret_set(&message->ke, inputs->ke);
    return message;
}

static bool same_message(const ikev1_message *a, const ikev1_message *b)
{
    return a->has_sa == b->has_sa && a->has_suite == b->has_suite &&
           a->auth_method == b->auth_method && a->group == b->group &&
           a->rows.encr == b->rows.encr && a->rows.key_bits == b->rows.key_bits &&
           a->rows.hash == b->rows.hash && a->rows.prf == b->rows.prf &&
           ike_secret_equal(&a->sa_body, &b->sa_body) && ike_secret_equal(&a->nonce, &b->nonce) &&
           ike_secret_equal(&a->ke, &b->ke);
}

static bool is_known(const ikev1_sa *sa, unsigned side, unsigned kind, const ikev1_message *message)
{
    for (unsigned i = 0; i < sa->message_count[side][kind]; i++)
        if (same_message(sa->messages[side][kind][i], message))
            return true;
    return false;
}

/* Of more than there are slots the first half stays, and the newest of the others: neither a flood
 * before the true message nor one after it hides it. */
static void make_slot(ikev1_sa *sa, unsigned side, unsigned kind)
{
    enum { KEPT = IKEV1_MAX_MESSAGES / 2 };
    ikev1_message **list = sa->messages[side][kind];

    if (sa->message_count[side][kind] == IKEV1_MAX_MESSAGES) {
        unsigned gone = list[KEPT] == sa->preferred[side][kind] ? KEPT + 1 : KEPT;

        free_message(list[gone]);
        memmove(&list[gone], &list[gone + 1], (IKEV1_MAX_MESSAGES - gone - 1) * sizeof list[0]);
        sa->message_count[side][kind]--;
    }
}

void ikev1_sa_add_message(ikev1_sa *sa, const ike_key_inputs *inputs)
{
    unsigned side = inputs->from_initiator ? IKEV1_I : IKEV1_R;
    unsigned kind = inputs->nonce.length ? IKEV1_WITH_KE : IKEV1_WITH_SA;
    ikev1_message *message;

    if (sa->choice_fixed && sa->chosen[side][kind])
        return;
    message = message_new(inputs);
    if ((!message->has_sa && !message->nonce.length) || is_known(sa, side, kind, message)) {
        free_message(message);
        return;
    }
    make_slot(sa, side, kind);
    sa->messages[side][kind][sa->message_count[side][kind]++] = message;
    if (sa->has_preferred && !sa->preferred[side][kind])
        sa->preferred[side][kind] = message; /* what was missing */
    ikev1_sa_choose_default(sa);
}

/* ---- the choice ------------------------------------------------------------------------------ */

static void choose_suite(ikev1_sa *sa, const ikev1_message *message)
{
    sa->has_suite = message && message->has_suite;
    sa->computable = sa->has_suite && message->computable;
    sa->rows = sa->has_suite ? message->rows : (ikev1_rows){0};
    sa->auth_method = message ? message->auth_method : 0;
    sa->group = message ? message->group : 0;
}

/* The message with the SA payload of a side: in aggressive mode that with its KE. */
static const ikev1_message *with_sa(const ikev1_sa *sa, unsigned side)
{
    const ikev1_message *with_ke = sa->chosen[side][IKEV1_WITH_KE];

    return with_ke && with_ke->has_sa ? with_ke : sa->chosen[side][IKEV1_WITH_SA];
}

static void use_chosen(ikev1_sa *sa)
{
    const ikev1_message *proposal = with_sa(sa, IKEV1_I), *choice = with_sa(sa, IKEV1_R);

    choose_suite(sa, choice && choice->has_suite ? choice : proposal);
    for (unsigned side = IKEV1_I; side <= IKEV1_R; side++) {
        const ikev1_message *message = sa->chosen[side != sa->swapped][IKEV1_WITH_KE];

        ike_secret_set(&sa->nonce[side],
                       message ? ike_secret_span(&message->nonce) : (ike_span){NULL, 0});
        ike_secret_set(&sa->ke[side],
                       message ? ike_secret_span(&message->ke) : (ike_span){NULL, 0});
    }
}

void ikev1_sa_choose_default(ikev1_sa *sa)
{
    if (!sa->has_preferred) {
        ikev1_sa_choose(sa, 0);
        return;
    }
    memcpy(sa->chosen, sa->preferred, sizeof sa->chosen);
    sa->swapped = sa->preferred_swapped;
    use_chosen(sa);
}

void ikev1_sa_prefer_choice(ikev1_sa *sa)
{
    memcpy(sa->preferred, sa->chosen, sizeof sa->preferred);
    sa->preferred_swapped = sa->swapped;
    sa->has_preferred = true;
}

bool ikev1_sa_choose(ikev1_sa *sa, unsigned number)
{
    static const struct {
        unsigned side, kind;
    } order[] = {{IKEV1_R, IKEV1_WITH_SA},
                 {IKEV1_R, IKEV1_WITH_KE},
                 {IKEV1_I, IKEV1_WITH_KE},
                 {IKEV1_I, IKEV1_WITH_SA}};

    if (sa->choice_fixed)
        return number == 0;
    if (sa->has_preferred && number-- == 0) {
        ikev1_sa_choose_default(sa);
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
        unsigned side = order[i].side, kind = order[i].kind;
        unsigned count = sa->message_count[side][kind];

        sa->chosen[side][kind] = count ? sa->messages[side][kind][number % count] : NULL;
        number /= MAX(count, 1);
    }
    sa->swapped = number % 2;
    if (number / 2 > 0) {
        ikev1_sa_choose_default(sa);
        return false;
    }
    use_chosen(sa);
    return true;
}

void ikev1_sa_fix_choice(ikev1_sa *sa)
{
    ikev1_sa_prefer_choice(sa);
    sa->choice_fixed = true;
}

void ikev1_sa_frames(const ikev1_sa *sa, uint32_t frames[4])
{
    const ikev1_message *const messages[] = {
        with_sa(sa, IKEV1_I),
        with_sa(sa, IKEV1_R),
        sa->chosen[IKEV1_I][IKEV1_WITH_KE],
        sa->chosen[IKEV1_R][IKEV1_WITH_KE],
    };

    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++)
        frames[i] = messages[i] ? messages[i]->frame : 0;
}

/* Exchanges two arrays of `bytes` bytes. */
static void swap_bytes(void *first, void *second, size_t bytes)
{
    uint8_t *a = first, *b = second;

    for (size_t i = 0; i < bytes; i++) {
        uint8_t byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

static bool has_messages(const ikev1_sa *sa)
{
    for (unsigned side = IKEV1_I; side <= IKEV1_R; side++)
        for (unsigned kind = IKEV1_WITH_SA; kind <= IKEV1_WITH_KE; kind++)
            if (sa->message_count[side][kind])
                return true;
    return false;
}

void ikev1_sa_swap_sides(ikev1_sa *sa)
{
    swap_bytes(sa->messages[IKEV1_I], sa->messages[IKEV1_R], sizeof sa->messages[0]);
    swap_bytes(sa->message_count[IKEV1_I], sa->message_count[IKEV1_R], sizeof sa->message_count[0]);
    swap_bytes(sa->chosen[IKEV1_I], sa->chosen[IKEV1_R], sizeof sa->chosen[0]);
    swap_bytes(sa->preferred[IKEV1_I], sa->preferred[IKEV1_R], sizeof sa->preferred[0]);
    swap_bytes(&sa->id[IKEV1_I], &sa->id[IKEV1_R], sizeof sa->id[0]);
    swap_bytes(&sa->phase1_verified[IKEV1_I], &sa->phase1_verified[IKEV1_R],
               sizeof sa->phase1_verified[0]);
    for (unsigned i = 0; i < sa->address_count; i++) {
        swap_bytes(sa->addresses[i].address[IKEV1_I], sa->addresses[i].address[IKEV1_R],
                   sizeof sa->addresses[i].address[0]);
    }
    /* What the messages so far were taken for stays; without any there is nothing to keep. */
    sa->swapped = has_messages(sa) && !sa->swapped;
    sa->preferred_swapped = has_messages(sa) && !sa->preferred_swapped;
    sa->sides_swapped = !sa->sides_swapped;
}

void ikev1_sa_add_addresses(ikev1_sa *sa, const ike_key_inputs *inputs)
{
    bool by_initiator = inputs->from_initiator;
    ikev1_addresses pair = {.length = inputs->address_bytes};

    memcpy(pair.address[IKEV1_I], by_initiator ? inputs->source : inputs->destination, 16);
    memcpy(pair.address[IKEV1_R], by_initiator ? inputs->destination : inputs->source, 16);
    for (unsigned i = 0; i < sa->address_count; i++)
        if (memcmp(&sa->addresses[i], &pair, sizeof pair) == 0)
            return;
    if (pair.length && sa->address_count < IKEV1_MAX_ADDRESSES)
        sa->addresses[sa->address_count++] = pair;
}

/* ---- the SA ---------------------------------------------------------------------------------- */

void ikev1_sa_clear(ikev1_sa *sa)
{
    for (unsigned side = IKEV1_I; side <= IKEV1_R; side++) {
        ike_secret_clear(&sa->nonce[side]);
        ike_secret_clear(&sa->ke[side]);
        ike_secret_clear(&sa->id[side]);
        for (unsigned kind = IKEV1_WITH_SA; kind <= IKEV1_WITH_KE; kind++) {
            for (unsigned i = 0; i < sa->message_count[side][kind]; i++)
                free_message(sa->messages[side][kind][i]);
            sa->message_count[side][kind] = 0;
        }
    }
    for (unsigned i = 0; i < sa->key_count; i++)
        ikev1_keys_free(sa->keys[i]);
    sa->key_count = 0;
}

ikev1_keys *ikev1_keys_new(const ikev1_rows *rows)
{
    ikev1_keys *keys = g_new0(ikev1_keys, 1);

    keys->rows = *rows;
    return keys;
}

void ikev1_keys_free(ikev1_keys *keys)
{
    if (!keys)
        return;
    ike_secret_clear(&keys->key);
    ike_secret_clear(&keys->skeyid);
    ikev1_skeyids_clear(&keys->skeyids);
    ike_cipher_free(keys->cipher);
    g_free(keys);
}

bool ikev1_phase1_of(const ikev1_sa *sa, ikev1_phase1 *phase1)
{
    *phase1 = (ikev1_phase1){
        .prf = sa->rows.prf,
        .hash = sa->rows.hash,
        .cookie_i = sa->base.initiator_spi,
        .cookie_r = sa->base.responder_spi,
        .nonces = {ike_secret_span(&sa->nonce[IKEV1_I]), ike_secret_span(&sa->nonce[IKEV1_R])},
    };
    return sa->computable && sa->nonce[IKEV1_I].length && sa->nonce[IKEV1_R].length;
}
