/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks for the keys of an IKEv1 SA in all that the key ring has. What decides is a payload chain
 * in the plaintext: strict enough for keys that are bound to nothing, as every byte of it counts.
 */
#include "decrypt/ikev1/ikev1_search.h"

#include "decrypt/ikev1/ikev1_derive.h"
#include "decrypt/ikev1/ikev1_plaintext.h"
#include "proto/ike_numbers.h"

typedef struct {
    ikev1_sa *sa;
    const ike_encrypted_payload *encrypted;
    ike_search search;
    ikev1_fit enough;         /* how well the message has to be decrypted */
    ike_decrypt_status wrong; /* what it means when it is not */
    ikev1_keys *found;
    bool derived; /* it was, from the chosen messages */
} key_search;

static void record_reason(key_search *s, ike_decrypt_status why, const ikev1_keys *keys)
{
    ike_search_refuse(
        &s->search,
        &(ike_refusal){.why = why, .origin = keys->origin, .algorithm = keys->rows.encr->name});
}

/* Did these decrypt something else already? Then they were tried on this message, too. */
static bool is_known(const ikev1_sa *sa, const ikev1_keys *keys)
{
    for (unsigned i = 0; i < sa->key_count; i++)
        if (sa->keys[i]->rows.encr == keys->rows.encr &&
            (sa->keys[i]->rows.hash || !keys->rows.hash) &&
            ike_secret_equal(&sa->keys[i]->key, &keys->key))
            return true;
    return false;
}

/* Takes over the keys; stores them in s->found when they decrypt the message well enough. */
static bool try_keys(key_search *s, ikev1_keys *keys)
{
    ikev1_fit fit = IKEV1_NO_FIT;

    if (is_known(s->sa, keys)) {
        record_reason(s, IKE_DECRYPT_WRONG_KEY, keys);
    } else if (ike_search_charge(&s->search, IKE_COST_DECRYPT)) {
        fit = ikev1_keys_fit(s->sa, keys, s->encrypted);
        if (fit < s->enough)
            record_reason(s, keys->cipher ? s->wrong : IKE_DECRYPT_NO_CIPHER, keys);
    }
    if (fit >= s->enough) {
        s->found = keys;
        return true;
    }
    ikev1_keys_free(keys);
    return false;
}

/* ---- one key, known algorithms --------------------------------------------------------------- */

/* The key of a set that is tried: Ka, or SKEYID_e of which it is made. */
static ike_key_origin origin_of(const ike_key_set *set)
{
    return ike_key_set_find(set, IKE_SECRET_V1_KEY, NULL)
               ? ike_key_set_origin(set, IKE_SECRET_V1_KEY, "Ka")
               : ike_key_set_origin(set, IKE_SECRET_V1_SKEYID_E, "Ka");
}

static ikev1_keys *keys_of_set(const ike_key_set *set, const ikev1_rows *rows)
{
    ikev1_keys *keys = ikev1_keys_new(rows);

    ike_secret_set(&keys->skeyid, ike_key_set_secret(set, IKE_SECRET_V1_SKEYID));
    ike_secret_set(&keys->skeyids.d, ike_key_set_secret(set, IKE_SECRET_V1_SKEYID_D));
    ike_secret_set(&keys->skeyids.a, ike_key_set_secret(set, IKE_SECRET_V1_SKEYID_A));
    ike_secret_set(&keys->skeyids.e, ike_key_set_secret(set, IKE_SECRET_V1_SKEYID_E));
    keys->origin = origin_of(set);
    return keys;
}

/* A key that is long enough is used from its start, be it Ka or a SKEYID_e; a shorter one can only
 * be a SKEYID_e to be expanded. */
static bool try_key(key_search *s, const ike_key_set *set, ike_span key, const ikev1_rows *rows)
{
    size_t length = ike_encr_key_length(rows->encr, rows->key_bits);
    ikev1_keys *keys;

    if (key.length < length && (!rows->prf || key.length != rows->prf->output_length)) {
        const ike_refusal refusal = {IKE_DECRYPT_KEY_LENGTH, origin_of(set), rows->encr->name,
                                     key.length, length};

        ike_search_refuse(&s->search, &refusal);
        return false;
    }
    keys = keys_of_set(set, rows);
    if (key.length >= length) {
        ike_secret_set(&keys->key, (ike_span){key.data, length});
    } else if (!ikev1_set_key(keys, key)) {
        ikev1_keys_free(keys);
        return false;
    }
    return try_keys(s, keys);
}

/* ---- unknown algorithms ---------------------------------------------------------------------- */

/* Each cipher and key length that phase 1 negotiates in the field, the most used first, with each
 * of the hashes (0: with none); `enough` is how well the message has to be decrypted. */
static bool try_rows(key_search *s, const ike_key_set *set, ike_span key, const uint16_t *hashes,
                     size_t hash_count, ikev1_fit enough)
{
    static const struct {
        uint16_t encryption, bits;
    } ciphers[] = {
        {IKEV1_ENCR_AES_CBC, 256},      {IKEV1_ENCR_AES_CBC, 128},
        {IKEV1_ENCR_3DES_CBC, 192},     {IKEV1_ENCR_AES_CBC, 192},
        {IKEV1_ENCR_CAMELLIA_CBC, 256}, {IKEV1_ENCR_CAMELLIA_CBC, 128},
        {IKEV1_ENCR_CAMELLIA_CBC, 192}, {IKEV1_ENCR_DES_CBC, 64},
        {IKEV1_ENCR_BLOWFISH_CBC, 128}, {IKEV1_ENCR_CAST_CBC, 128},
        {IKEV1_ENCR_BLOWFISH_CBC, 256},
    };

    s->enough = enough;
    for (size_t i = 0; i < G_N_ELEMENTS(ciphers) * hash_count; i++) {
        size_t c = i / hash_count;
        uint16_t hash = hashes[i % hash_count];
        ikev1_rows rows = {.encr = ike_encr_find_v1(ciphers[c].encryption),
                           .key_bits = ciphers[c].bits,
                           .hash = hash ? ike_hash_find_v1(hash) : NULL};

        rows.prf = rows.hash;
        if (rows.encr && key.length >= ike_encr_key_length(rows.encr, rows.key_bits) &&
            try_key(s, set, key, &rows))
            return true;
    }
    return false;
}

/* With a wrong hash the IV is wrong: first all that is decrypted from the first block on, then what
 * has its HASH. A message without one decides the cipher alone; a later message decides the hash.
 */
static bool try_all_rows(key_search *s, const ike_key_set *set, ike_span key)
{
    static const uint16_t hashes[] = {IKEV1_HASH_SHA, IKEV1_HASH_SHA2_256, IKEV1_HASH_SHA2_512,
                                      IKEV1_HASH_SHA2_384, IKEV1_HASH_MD5};
    static const uint16_t none[] = {0};
    bool has_hash = s->encrypted->next_payload == IKEV1_PAYLOAD_HASH;
    const ike_refusal before = s->search.refusal;
    bool found = try_rows(s, set, key, hashes, G_N_ELEMENTS(hashes), IKEV1_COMPLETE) ||
                 try_rows(s, set, key, hashes, G_N_ELEMENTS(hashes), IKEV1_SURELY) ||
                 try_rows(s, set, key, has_hash ? hashes : none,
                          has_hash ? G_N_ELEMENTS(hashes) : 1, IKEV1_PARTLY);

    if (!found) {
        s->enough = IKEV1_PARTLY;
        s->search.refusal = before; /* that all were wrong means nothing for the key */
        ike_search_refuse(&s->search, &(ike_refusal){.why = IKE_DECRYPT_NO_SUITE});
    }
    return found;
}

static bool try_secret(key_search *s, const ike_key_set *set, ike_secret_kind kind)
{
    const ikev1_sa *sa = s->sa;
    ike_span key = ike_key_set_secret(set, kind);

    if (!key.length)
        return false;
    if (sa->computable)
        return try_key(s, set, key, &sa->rows);
    if (sa->has_suite) {
        ike_search_refuse(&s->search, &(ike_refusal){.why = IKE_DECRYPT_UNSUPPORTED});
        return false;
    }
    return s->search.bound && try_all_rows(s, set, key);
}

static bool try_set(key_search *s, const ike_key_set *set)
{
    return try_secret(s, set, IKE_SECRET_V1_KEY) || try_secret(s, set, IKE_SECRET_V1_SKEYID_E);
}

/* ---- the search ------------------------------------------------------------------------------ */

static bool try_bound(key_search *s)
{
    ike_bound_walk walk = ike_sa_base_walk_bound(&s->sa->base);
    const ike_key_set *set;

    while ((set = ike_bound_walk_next(&walk)))
        if (set->version != 2 && try_set(s, set))
            return true;
    return false;
}

static bool try_walk(key_search *s, ike_secret_kind kind, size_t length)
{
    ike_sa_keys *keys = ike_keyring_sa_keys(s->sa->base.capture->ring);
    const ike_key_set *set;
    ike_set_walk walk;

    ike_sa_keys_walk(keys, kind, length, &walk);
    while (!s->search.exhausted && (set = ike_sa_keys_walk_next(keys, &walk))) {
        if (set->version != 2 && try_secret(s, set, kind)) {
            ike_sa_keys_mark_right(keys, set);
            return true;
        }
    }
    return false;
}

/* Ka has the cipher's length, SKEYID_e that of the PRF. */
static bool try_unbound(key_search *s)
{
    const ikev1_rows *rows = &s->sa->rows;

    if (!s->sa->computable)
        return false;
    return try_walk(s, IKE_SECRET_V1_KEY, ike_encr_key_length(rows->encr, rows->key_bits)) ||
           try_walk(s, IKE_SECRET_V1_SKEYID_E, rows->prf->output_length) ||
           try_walk(s, IKE_SECRET_V1_KEY, rows->prf->output_length);
}

/* ikev1_derived_use */
static bool try_derived(void *user, ikev1_keys *keys)
{
    key_search *s = user;

    s->derived = true;
    s->wrong = keys->by_psk ? IKE_DECRYPT_WRONG_PSK : IKE_DECRYPT_WRONG_KEY;
    return try_keys(s, keys);
}

/* With each combination of the messages of phase 1: the one under which the message is decrypted
 * completely, before any under which it may be partly. */
static bool try_choices(key_search *s, ikev1_fit enough)
{
    for (unsigned choice = 0; ikev1_sa_choose(s->sa, choice); choice++) {
        s->enough = enough;
        s->derived = false;
        s->wrong = IKE_DECRYPT_WRONG_KEY;
        if ((s->search.bound ? try_bound(s) : try_unbound(s)) ||
            ikev1_each_derived(s->sa, &s->search, try_derived, s)) {
            if (s->derived)
                ikev1_sa_fix_choice(s->sa);
            else if (enough == IKEV1_COMPLETE)
                ikev1_sa_prefer_choice(s->sa);
            return true;
        }
    }
    return false;
}

ikev1_keys *ikev1_find_keys(ikev1_sa *sa, const ike_encrypted_payload *encrypted,
                            ike_decrypt_status *why)
{
    ike_decrypt_context *capture = sa->base.capture;
    unsigned revision = ike_keyring_revision(capture->ring);
    key_search s = {.sa = sa, .encrypted = encrypted};

    *why = sa->has_suite && !sa->computable ? IKE_DECRYPT_UNSUPPORTED : IKE_DECRYPT_NO_KEY;
    if (revision == 0)
        return NULL;
    ike_search_begin(&s.search, &capture->budget, &sa->base.memo, revision);
    ike_search_refuse(&s.search, &(ike_refusal){.why = *why});
    if (!try_choices(&s, IKEV1_COMPLETE) && !try_choices(&s, IKEV1_PARTLY) &&
        ike_search_unbind(&s.search))
        try_choices(&s, IKEV1_COMPLETE);
    ike_search_end(&s.search, s.found != NULL);
    ike_sa_base_refuse(&sa->base, encrypted->from_initiator, &s.search);
    *why = s.found                                      ? IKE_DECRYPT_OK
           : s.search.refusal.why != IKE_DECRYPT_NO_KEY ? s.search.refusal.why
           : sa->base.memo.limited                      ? IKE_DECRYPT_NOT_ALL_TRIED
                                                        : IKE_DECRYPT_NO_KEY;
    return s.found;
}
