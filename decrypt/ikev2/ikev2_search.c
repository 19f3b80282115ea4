/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks for the keys of an IKEv2 SA in all that the key ring offers. The ICV decides. First what is
 * bound to the SA's SPIs, then what is bound to nothing and has the right lengths. */
#include "decrypt/ikev2/ikev2_sa.h"

#include "decrypt/ikev2/ikev2_derive.h"
#include "decrypt/ikev2/ikev2_resume.h"

enum { TRIALS_PER_MESSAGE = 16384, MAX_BOUND_SETS = 512 };

typedef struct {
    ike_crypto *crypto;
    const ike_encrypted_payload *encrypted;
    unsigned side; /* of the sender */
    unsigned trials_left;
    bool bound; /* what is tried now belongs to this SA */
    ike_decrypt_status why;
    ikev2_generation *found;
} search;

/* Reasons in rising order of what they tell. */
static int rank(ike_decrypt_status status)
{
    static const ike_decrypt_status order[] = {
        IKE_DECRYPT_NO_KEY,  IKE_DECRYPT_NO_SUITE,  IKE_DECRYPT_KEY_LENGTH, IKE_DECRYPT_NO_CIPHER,
        IKE_DECRYPT_BAD_ICV, IKE_DECRYPT_WRONG_KEY, IKE_DECRYPT_BLOCK_SIZE, IKE_DECRYPT_SHORT};

    for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
        if (order[i] == status) {
            return (int)i;
        }
    }
    return 0;
}

static void note(search *s, ike_decrypt_status why)
{
    if (rank(why) > rank(s->why)) {
        s->why = why;
    }
}

/* A key of nobody in particular that does not fit says nothing about this SA. */
static void record_misfit(search *s, ike_status status)
{
    if (!s->bound) {
        return;
    }
    switch (status) {
    case IKE_ERR_ICV:
        note(s, IKE_DECRYPT_BAD_ICV);
        break;
    case IKE_ERR_KEY_LENGTH:
        note(s, IKE_DECRYPT_KEY_LENGTH);
        break;
    case IKE_ERR_DATA_LENGTH:
        note(s, IKE_DECRYPT_SHORT);
        break;
    default:
        note(s, IKE_DECRYPT_NO_CIPHER);
    }
}

static bool may_try(search *s)
{
    if (s->trials_left == 0 || !ike_crypto_spend_trial(s->crypto)) {
        s->trials_left = 0; /* ends the walks */
        return false;
    }
    s->trials_left--;
    return true;
}

/* Takes the generation; keeps it in s->found when it fits. */
static bool try_generation(search *s, ikev2_generation *generation)
{
    ike_status status = ikev2_generation_fits(generation, s->encrypted);

    if (status == IKE_OK && ikev2_generation_decrypts_well(generation, s->encrypted)) {
        s->found = generation;
        return true;
    }
    if (status == IKE_OK) {
        note(s, IKE_DECRYPT_WRONG_KEY);
    } else {
        record_misfit(s, status);
    }
    ikev2_generation_free(generation);
    return false;
}

/* ---- sets with SK_e and SK_a
 * ---------------------------------------------------------------------- */

static const ike_secret_kind sk_a_kind[] = {IKE_SECRET_SK_AI, IKE_SECRET_SK_AR};
static const ike_secret_kind sk_e_kind[] = {IKE_SECRET_SK_EI, IKE_SECRET_SK_ER};
static const ike_secret_kind sk_p_kind[] = {IKE_SECRET_SK_PI, IKE_SECRET_SK_PR};

static void take(ike_secret *to, const ike_key_set *set, ike_secret_kind kind)
{
    ike_span secret = ike_key_set_secret(set, kind);

    ike_secret_set(to, secret.data, secret.length);
}

static ikev2_generation *generation_of_set(const search *s, const ike_key_set *set,
                                           const ike_algorithms *rows)
{
    ikev2_generation *generation = ikev2_generation_new(rows);

    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        take(&generation->sk_e[side], set, sk_e_kind[side]);
        take(&generation->sk_p[side], set, sk_p_kind[side]);
        if (rows->integ) {
            take(&generation->sk_a[side], set, sk_a_kind[side]);
        }
    }
    take(&generation->sk_d, set, IKE_SECRET_SK_D);
    generation->origin = ike_source_name(set->source);
    generation->exchange = ikev2_newest_exchange(s->crypto->v2);
    return generation;
}

static bool try_rows(search *s, const ike_key_set *set, const ike_algorithms *rows)
{
    return may_try(s) && try_generation(s, generation_of_set(s, set, rows));
}

/* All ciphers that keys of these lengths can be for, the most used ones first. */
static bool try_lengths(search *s, const ike_key_set *set)
{
    static const uint16_t aead[] = {20, 28, 18, 19, 16, 14, 15, 27, 25, 26};
    static const uint16_t plain[] = {12, 3, 13, 23, 24, 2, 7, 6};
    static const uint16_t integ[] = {12, 2, 13, 14, 1, 5, 8, 7, 6, IKE_INTEGRITY_SHA256_96};
    size_t key = ike_key_set_secret(set, sk_e_kind[s->side]).length;
    size_t mac_key = ike_key_set_secret(set, sk_a_kind[s->side]).length;
    const uint16_t *ciphers = mac_key ? plain : aead;
    size_t cipher_count = mac_key ? G_N_ELEMENTS(plain) : G_N_ELEMENTS(aead);

    for (size_t c = 0; c < cipher_count; c++) {
        ike_algorithms rows = {.encr = ike_encr_find(ciphers[c])};

        if (!rows.encr || key <= rows.encr->salt_length ||
            !ike_encr_takes_bits(rows.encr, (unsigned)(key - rows.encr->salt_length) * 8)) {
            continue;
        }
        rows.key_bits = (unsigned)(key - rows.encr->salt_length) * 8;
        if (!mac_key) {
            if (try_rows(s, set, &rows)) {
                return true;
            }
            continue;
        }
        for (size_t i = 0; i < G_N_ELEMENTS(integ); i++) {
            rows.integ = ike_set_integ(integ[i]);
            if (rows.integ && rows.integ->key_length == mac_key && try_rows(s, set, &rows)) {
                return true;
            }
        }
    }
    return false;
}

static bool try_keys(search *s, const ike_key_set *set)
{
    const ikev2_sa *sa = s->crypto->v2;
    ike_algorithms rows;

    if (!ike_key_set_find(set, sk_e_kind[s->side], NULL)) {
        return false;
    }
    if (set->suite && ikev2_rows_of_suite(set->suite, true, &rows) && try_rows(s, set, &rows)) {
        return true;
    }
    if (sa->computable) {
        return try_rows(s, set, sa->rows);
    }
    if (sa->has_suite) {
        if (s->bound) {
            note(s, IKE_DECRYPT_NO_CIPHER);
        }
        return false;
    }
    if (s->bound && !set->suite) {
        note(s, IKE_DECRYPT_NO_SUITE);
    }
    return !set->suite && try_lengths(s, set);
}

/* ---- sets to derive from
 * -------------------------------------------------------------------------- */

static bool try_skeyseed(search *s, ike_span skeyseed, const char *origin)
{
    ikev2_generation *generation;

    if (!may_try(s)) {
        return false;
    }
    generation = ikev2_from_skeyseed(s->crypto, skeyseed);
    if (!generation) {
        return false;
    }
    generation->origin = origin;
    return try_generation(s, generation);
}

static bool try_derived(void *user, ikev2_generation *generation)
{
    search *s = user;

    return try_generation(s, generation);
}

static bool spend(void *user)
{
    return may_try(user);
}

static bool try_set(search *s, const ike_key_set *set)
{
    ike_span skeyseed = ike_key_set_secret(set, IKE_SECRET_SKEYSEED);

    return try_keys(s, set) ||
           (skeyseed.length && try_skeyseed(s, skeyseed, ike_source_name(set->source)));
}

/* ---- the search
 * ----------------------------------------------------------------------------------- */

static bool try_bound(search *s)
{
    const ike_crypto *crypto = s->crypto;
    unsigned sets = 0;

    s->bound = true;
    for (unsigned way = 0; way < IKE_WAYS_TO_BIND; way++) {
        const ike_key_set *set =
            ike_keyring_bound(crypto->ring, crypto->initiator_spi, crypto->responder_spi, way);

        for (; set && sets < MAX_BOUND_SETS; set = set->next_bound, sets++) {
            if (set->version != 1 && try_set(s, set)) {
                return true;
            }
        }
    }
    return false;
}

/* Sets of nobody with SK_e of the length that the cipher needs, or of any length that some cipher
 * needs when the algorithms are unknown. */
static bool try_unbound_keys(search *s)
{
    static const uint8_t lengths[] = {36, 32, 16, 20, 28, 24, 35, 19, 27, 8};
    const ikev2_sa *sa = s->crypto->v2;
    size_t known = sa->computable ? ike_encr_key_length(sa->rows->encr, sa->rows->key_bits) : 0;

    for (size_t i = 0; i < (known ? 1 : G_N_ELEMENTS(lengths)); i++) {
        const ike_key_set *set;
        ike_set_walk walk;

        if (!known && sa->has_suite) {
            return false;
        }
        ike_keyring_walk(s->crypto->ring, sk_e_kind[s->side], known ? known : lengths[i], &walk);
        while (s->trials_left && (set = ike_keyring_walk_next(s->crypto->ring, &walk))) {
            if (set->version != 1 && try_keys(s, set)) {
                ike_keyring_mark_right(s->crypto->ring, set);
                return true;
            }
        }
    }
    return false;
}

static bool try_unbound_skeyseeds(search *s)
{
    const ike_algorithms *rows = s->crypto->v2->rows;
    const ike_key_set *set;
    ike_set_walk walk;

    if (!s->crypto->v2->computable || !rows->prf) {
        return false;
    }
    ike_keyring_walk(s->crypto->ring, IKE_SECRET_SKEYSEED, rows->prf->output_length, &walk);
    while (s->trials_left && (set = ike_keyring_walk_next(s->crypto->ring, &walk))) {
        if (try_skeyseed(s, ike_key_set_secret(set, IKE_SECRET_SKEYSEED),
                         ike_source_name(set->source))) {
            ike_keyring_mark_right(s->crypto->ring, set);
            return true;
        }
    }
    return false;
}

ikev2_generation *ikev2_find_keys(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                                  ike_decrypt_status *why)
{
    search s = {.crypto = crypto,
                .encrypted = encrypted,
                .side = encrypted->from_initiator ? IKE_I : IKE_R,
                .trials_left = TRIALS_PER_MESSAGE,
                .why = IKE_DECRYPT_NO_KEY};

    /* Nothing was ever put into the ring: the usual case. */
    if (ike_keyring_revision(crypto->ring) == 0) {
        *why = s.why;
        return NULL;
    }
    if (!try_bound(&s) && !ikev2_each_derived(crypto, true, spend, try_derived, &s) &&
        !ikev2_each_resumed(crypto, spend, try_derived, &s)) {
        s.bound = false;
        if (!try_unbound_keys(&s) && !try_unbound_skeyseeds(&s)) {
            ikev2_each_derived(crypto, false, spend, try_derived, &s);
        }
    }
    *why = s.why;
    return s.found;
}

ikev2_generation *ikev2_table_keys(const ike_crypto *crypto)
{
    if (ike_keyring_revision(crypto->ring) == 0)
        return NULL;
    for (unsigned way = 0; way < 2; way++) {
        const ike_key_set *set =
            ike_keyring_bound(crypto->ring, crypto->initiator_spi, crypto->responder_spi, way);
        ike_algorithms rows;

        for (unsigned sets = 0; set && sets < MAX_BOUND_SETS; set = set->next_bound, sets++) {
            if (set->suite && set->source == IKE_SOURCE_TABLE &&
                ikev2_rows_of_suite(set->suite, true, &rows)) {
                const search s = {.crypto = (ike_crypto *)crypto};
                ikev2_generation *from_table = generation_of_set(&s, set, &rows);

                from_table->from_table = true;
                return from_table;
            }
        }
    }
    return NULL;
}
