/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks for the keys of an IKEv2 SA in all that the key ring has. The ICV decides. First what is
 * bound to the SA's SPIs, then what is bound to nothing and has the right lengths. */
#include "decrypt/ikev2/ikev2_search.h"

#include "decrypt/ikev2/ikev2_resume.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

typedef struct {
    ikev2_sa *sa;
    const ike_keyring *ring;
    const ike_encrypted_payload *encrypted;
    unsigned side; /* of the sender */
    ike_search search;
    const ike_key_set *set; /* that is tried now */
    ikev2_generation *found;
    bool derived; /* it was, from the chosen pair of messages */
} key_search;

static const ike_secret_kind sk_a_kind[] = {IKE_SECRET_SK_AI, IKE_SECRET_SK_AR};
static const ike_secret_kind sk_e_kind[] = {IKE_SECRET_SK_EI, IKE_SECRET_SK_ER};
static const ike_secret_kind sk_p_kind[] = {IKE_SECRET_SK_PI, IKE_SECRET_SK_PR};

static void record_reason(key_search *s, ike_decrypt_status why)
{
    ike_search_refuse(&s->search, &(ike_refusal){.why = why});
}

/* The key of a set that is to blame: the one for the ICV, or that of the cipher. */
static void blame_key(const key_search *s, const ikev2_generation *generation, ike_refusal *refusal)
{
    static const char *const names[2][2] = {{"SK_ei", "SK_er"}, {"SK_ai", "SK_ar"}};
    const ike_algorithms *rows = &generation->rows;
    size_t lengths[] = {generation->sk_e[s->side].length, generation->sk_a[s->side].length};
    size_t needed[] = {ike_encryption_key_length(rows), ike_integrity_key_length(rows)};
    bool has_mac = rows->integ && rows->integ->kind != IKE_MAC_NONE;
    unsigned of_mac =
        has_mac && (refusal->why == IKE_DECRYPT_BAD_ICV ||
                    (refusal->why == IKE_DECRYPT_KEY_LENGTH && lengths[0] == needed[0]));

    refusal->origin = ike_key_set_origin(s->set, (of_mac ? sk_a_kind : sk_e_kind)[s->side],
                                         names[of_mac][s->side]);
    refusal->algorithm = of_mac ? rows->integ->name : rows->encr->name;
    if (refusal->why == IKE_DECRYPT_KEY_LENGTH) {
        refusal->given = lengths[of_mac];
        refusal->needed = needed[of_mac];
    }
}

static ike_decrypt_status misfit_of(const key_search *s, const ikev2_generation *generation,
                                    ike_status status)
{
    switch (status) {
    case IKE_OK:
        return IKE_DECRYPT_WRONG_KEY;
    case IKE_ERR_ICV:
        return IKE_DECRYPT_BAD_ICV;
    case IKE_ERR_KEY_LENGTH:
        return IKE_DECRYPT_KEY_LENGTH;
    case IKE_ERR_DATA_LENGTH:
        return ikev2_misfit(&generation->rows, s->encrypted);
    default:
        return IKE_DECRYPT_NO_CIPHER;
    }
}

/* A shared secret of the IKE SA that this one replaced can be that of another key exchange. */
static void record_misfit(key_search *s, const ikev2_generation *generation, ike_status status)
{
    ike_refusal refusal = {.why = misfit_of(s, generation, status),
                           .origin = generation->origin,
                           .algorithm = generation->rows.encr->name};

    if (s->derived && s->sa->old)
        return;
    if (!s->derived)
        blame_key(s, generation, &refusal);
    ike_search_refuse(&s->search, &refusal);
}

/* Takes over the generation; stores it in s->found when it fits. ikev2_derived_use */
static bool try_generation(void *user, ikev2_generation *generation)
{
    key_search *s = user;
    ike_status status = ikev2_generation_verify(generation, s->encrypted);

    if (status == IKE_OK && ikev2_generation_decrypts_well(generation, s->encrypted)) {
        s->found = generation;
        return true;
    }
    record_misfit(s, generation, status);
    ikev2_generation_free(generation);
    return false;
}

/* ---- sets with SK_e and SK_a ----------------------------------------------------------------- */

static ikev2_generation *generation_of_set(const ikev2_sa *sa, const ike_key_set *set,
                                           const ike_algorithms *rows)
{
    ikev2_generation *generation = ikev2_generation_new(rows);

    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        ike_secret_set(&generation->sk_e[side], ike_key_set_secret(set, sk_e_kind[side]));
        ike_secret_set(&generation->sk_p[side], ike_key_set_secret(set, sk_p_kind[side]));
        if (rows->integ)
            ike_secret_set(&generation->sk_a[side], ike_key_set_secret(set, sk_a_kind[side]));
    }
    ike_secret_set(&generation->sk_d, ike_key_set_secret(set, IKE_SECRET_SK_D));
    generation->origin = ike_key_set_origin(set, IKE_SECRET_SK_EI, "SK_e");
    generation->exchange = ikev2_newest_exchange(sa);
    generation->separate = true;
    return generation;
}

/* ike_algorithms_use */
static bool try_rows(void *user, const ike_algorithms *rows)
{
    key_search *s = user;

    return ike_search_charge(&s->search, IKE_COST_DECRYPT) &&
           try_generation(s, generation_of_set(s->sa, s->set, rows));
}

static bool try_keys(key_search *s, const ike_key_set *set)
{
    const ikev2_sa *sa = s->sa;
    ike_algorithms rows;

    if (!ike_key_set_find(set, sk_e_kind[s->side], NULL))
        return false;
    s->set = set;
    s->derived = false;
    if (set->suite && ike_algorithms_of_suite(set->suite, &rows) && try_rows(s, &rows))
        return true;
    if (sa->computable)
        return try_rows(s, sa->rows);
    if (sa->has_suite) {
        record_reason(s, IKE_DECRYPT_UNSUPPORTED);
        return false;
    }
    if (!set->suite)
        record_reason(s, IKE_DECRYPT_NO_SUITE);
    return !set->suite && ike_each_algorithms(ike_key_set_secret(set, sk_e_kind[s->side]).length,
                                              ike_key_set_secret(set, sk_a_kind[s->side]).length,
                                              false, try_rows, s);
}

/* ---- sets to derive from --------------------------------------------------------------------- */

static bool try_skeyseed(key_search *s, const ike_key_set *set)
{
    ike_span skeyseed = ike_key_set_secret(set, IKE_SECRET_SKEYSEED);
    ikev2_generation *generation;

    if (!skeyseed.length || !ike_search_charge(&s->search, IKE_COST_SCHEDULE))
        return false;
    s->derived = true;
    generation = ikev2_from_skeyseed(s->sa, skeyseed);
    if (!generation)
        return false;
    generation->origin = ike_key_set_origin(set, IKE_SECRET_SKEYSEED, "SKEYSEED");
    return try_generation(s, generation);
}

static bool try_set(key_search *s, const ike_key_set *set)
{
    return set->version != 1 && (try_keys(s, set) || try_skeyseed(s, set));
}

/* ---- the search ------------------------------------------------------------------------------ */

static bool try_bound(key_search *s)
{
    ike_bound_walk walk = ike_sa_base_walk_bound(&s->sa->base);
    const ike_key_set *set;

    while ((set = ike_bound_walk_next(&walk)))
        if (try_set(s, set))
            return true;
    return false;
}

/* The unbound sets with a secret of this kind and length. */
static bool try_walk(key_search *s, ike_secret_kind kind, size_t length,
                     bool (*try_one)(key_search *s, const ike_key_set *set))
{
    ike_sa_keys *keys = ike_keyring_sa_keys(s->ring);
    const ike_key_set *set;
    ike_set_walk walk;

    ike_sa_keys_walk(keys, kind, length, &walk);
    while (!s->search.exhausted && (set = ike_sa_keys_walk_next(keys, &walk))) {
        if (set->version != 1 && try_one(s, set)) {
            ike_sa_keys_mark_right(keys, set);
            return true;
        }
    }
    return false;
}

/* SK_e of the length that the cipher needs, or of any length that some cipher needs when the
 * algorithms are unknown; SKEYSEED of the length of the PRF. */
static bool try_unbound(key_search *s)
{
    static const uint8_t lengths[] = {36, 32, 16, 20, 28, 24, 35, 19, 27, 8};
    const ikev2_sa *sa = s->sa;

    if (sa->computable) {
        return try_walk(s, sk_e_kind[s->side], ike_encryption_key_length(sa->rows), try_keys) ||
               (sa->rows->prf &&
                try_walk(s, IKE_SECRET_SKEYSEED, sa->rows->prf->output_length, try_skeyseed));
    }
    for (size_t i = 0; !sa->has_suite && i < G_N_ELEMENTS(lengths); i++)
        if (try_walk(s, sk_e_kind[s->side], lengths[i], try_keys))
            return true;
    return false;
}

static bool try_pair(key_search *s)
{
    if (s->search.bound ? try_bound(s) : try_unbound(s))
        return true;
    s->derived = true;
    return ikev2_each_derived(s->sa, &s->search, try_generation, s) ||
           ikev2_each_resumed(s->sa, &s->search, try_generation, s);
}

/* With each pair of IKE_SA_INIT messages that this message can follow. */
static bool try_pairs(key_search *s)
{
    ikev2_sa *sa = s->sa;

    for (unsigned pair = 0; ikev2_sa_choose_pair(sa, pair, sa->base.responder_spi); pair++) {
        if (try_pair(s)) {
            if (s->derived)
                ikev2_sa_fix_init(sa);
            return true;
        }
    }
    return false;
}

ikev2_generation *ikev2_find_keys(ikev2_sa *sa, const ike_encrypted_payload *encrypted,
                                  ike_decrypt_status *why)
{
    ike_decrypt_context *capture = sa->base.capture;
    unsigned revision = ike_keyring_revision(capture->ring);
    key_search s = {.sa = sa,
                    .ring = capture->ring,
                    .encrypted = encrypted,
                    .side = encrypted->from_initiator ? IKE_I : IKE_R};

    *why = sa->has_suite && !sa->computable ? IKE_DECRYPT_UNSUPPORTED : IKE_DECRYPT_NO_KEY;
    /* Nothing was ever put into the ring: the usual case. */
    if (revision == 0)
        return NULL;
    if (encrypted->message.length >= IKE_HEADER && !sa->generation_count)
        sa->base.responder_spi = ike_get_u64(encrypted->message.data + 8);
    ike_search_begin(&s.search, &capture->budget, &sa->base.memo, revision);
    record_reason(&s, *why);
    if (!try_pairs(&s) && ike_search_unbind(&s.search))
        try_pairs(&s);
    ike_search_end(&s.search, s.found != NULL);
    if (!s.found)
        ikev2_sa_choose_default(sa);
    ike_sa_base_refuse(&sa->base, encrypted->from_initiator, &s.search);
    *why = s.search.refusal.why == IKE_DECRYPT_NO_KEY && sa->base.memo.limited
               ? IKE_DECRYPT_NOT_ALL_TRIED
               : s.search.refusal.why;
    return s.found;
}

/* A row of Wireshark's table is used whether it fits or not, a row of a log where it says that its
 * ICV is not to be checked. */
static bool is_used_unchecked(const ike_key_set *set, const ike_algorithms *rows)
{
    return set->origin.source == IKE_SOURCE_TABLE ||
           (rows->integ && rows->integ->kind == IKE_MAC_NONE);
}

ikev2_generation *ikev2_table_keys(const ikev2_sa *sa)
{
    const ike_sa_keys *keys = ike_keyring_sa_keys(sa->base.capture->ring);

    for (unsigned way = 0; way < 2; way++) {
        const ike_key_set *set =
            ike_sa_keys_bound(keys, sa->base.initiator_spi, sa->base.responder_spi, way);
        ike_algorithms rows;

        for (unsigned sets = 0; set && sets < IKE_BOUND_SETS_MAX; set = set->next_bound, sets++) {
            if (set->suite && ike_algorithms_of_suite(set->suite, &rows) &&
                is_used_unchecked(set, &rows)) {
                ikev2_generation *from_table = generation_of_set(sa, set, &rows);

                from_table->from_table = true;
                return from_table;
            }
        }
    }
    return NULL;
}
