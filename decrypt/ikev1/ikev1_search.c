/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks for the keys of an IKEv1 SA in all that the key ring offers. What decides is a payload
 * chain in the plaintext: strict enough for keys that are bound to nothing, as every byte of it
 * counts. */
#include <openssl/crypto.h>

#include "decrypt/ikev1/ikev1_derive.h"

enum { TRIALS_PER_MESSAGE = 4096, MAX_SETS = 512 };

typedef struct {
    ike_crypto *crypto;
    const ike_encrypted_payload *encrypted;
    unsigned trials_left;
    bool bound;
    ikev1_fit enough;         /* how well the message has to open */
    ike_decrypt_status wrong; /* what it means when it does not open */
    ike_decrypt_status why;
    ikev1_keys *found;
} search;

static int rank(ike_decrypt_status status)
{
    switch (status) {
    case IKE_DECRYPT_NO_SUITE:
        return 1;
    case IKE_DECRYPT_KEY_LENGTH:
        return 2;
    case IKE_DECRYPT_NO_CIPHER:
        return 3;
    case IKE_DECRYPT_WRONG_KEY:
        return 4;
    case IKE_DECRYPT_WRONG_PSK:
        return 5;
    default:
        return 0;
    }
}

static void note(search *s, ike_decrypt_status why)
{
    if (s->bound && rank(why) > rank(s->why)) {
        s->why = why;
    }
}

/* Did these open something else already? Then they were tried on this message, too. */
static bool is_known(const ikev1_sa *sa, const ikev1_keys *keys)
{
    for (unsigned i = 0; i < sa->key_count; i++) {
        if (sa->keys[i]->rows.encr == keys->rows.encr &&
            (sa->keys[i]->rows.hash || !keys->rows.hash) &&
            ike_secret_equal(&sa->keys[i]->key, &keys->key)) {
            return true;
        }
    }
    return false;
}

/* Takes the keys; keeps them in s->found when they open the message well enough. */
static bool try_keys(search *s, ikev1_keys *keys)
{
    ikev1_fit fit = IKEV1_CLOSED;

    if (is_known(s->crypto->v1, keys)) {
        note(s, IKE_DECRYPT_WRONG_KEY);
    } else if (s->trials_left > 0 && ike_crypto_spend_trial(s->crypto)) {
        s->trials_left--;
        fit = ikev1_keys_fit(s->crypto, keys, s->encrypted);
        if (fit < s->enough) {
            note(s, keys->cipher ? s->wrong : IKE_DECRYPT_NO_CIPHER);
        }
    } else {
        s->trials_left = 0; /* ends the walks */
    }
    if (fit >= s->enough) {
        s->found = keys;
        return true;
    }
    ikev1_keys_free(keys);
    return false;
}

/* ---- one key, known algorithms
 * -------------------------------------------------------------------- */

static void take(ike_secret *to, const ike_key_set *set, ike_secret_kind kind)
{
    ike_span secret = ike_key_set_secret(set, kind);

    ike_secret_set(to, secret.data, secret.length);
}

static ikev1_keys *keys_of_set(const ike_key_set *set, const ikev1_rows *rows)
{
    ikev1_keys *keys = ikev1_keys_new(rows);

    take(&keys->skeyid, set, IKE_SECRET_V1_SKEYID);
    take(&keys->skeyids.d, set, IKE_SECRET_V1_SKEYID_D);
    take(&keys->skeyids.a, set, IKE_SECRET_V1_SKEYID_A);
    take(&keys->skeyids.e, set, IKE_SECRET_V1_SKEYID_E);
    keys->origin = ike_source_name(set->source);
    return keys;
}

/* A key that is long enough is used from its start, be it Ka or a SKEYID_e; a shorter one can only
 * be a SKEYID_e to be expanded. */
static bool try_key(search *s, const ike_key_set *set, ike_span key, const ikev1_rows *rows)
{
    size_t length = ike_encr_key_length(rows->encr, rows->key_bits);
    ikev1_keys *keys;

    if (key.length < length && (!rows->prf || key.length != rows->prf->output_length)) {
        note(s, IKE_DECRYPT_KEY_LENGTH);
        return false;
    }
    keys = keys_of_set(set, rows);
    if (key.length >= length) {
        ike_secret_set(&keys->key, key.data, length);
    } else if (!ikev1_set_key(keys, key)) {
        ikev1_keys_free(keys);
        return false;
    }
    return try_keys(s, keys);
}

/* ---- unknown algorithms
 * --------------------------------------------------------------------------- */

/* Each cipher and key length that phase 1 negotiates in the field, the most used first, with each
 * of the hashes (0: with none); `enough` is how well the message has to open. */
static bool try_rows(search *s, const ike_key_set *set, ike_span key, const uint16_t *hashes,
                     size_t hash_count, ikev1_fit enough)
{
    static const struct {
        uint16_t encryption, bits; /* numbers of RFC 2409 appendix A */
    } ciphers[] = {{7, 256}, {7, 128}, {5, 192}, {7, 192}, {8, 256}, {8, 128},
                   {8, 192}, {1, 64},  {3, 128}, {6, 128}, {3, 256}};

    s->enough = enough;
    for (size_t i = 0; i < G_N_ELEMENTS(ciphers) * hash_count; i++) {
        size_t c = i / hash_count;
        uint16_t hash = hashes[i % hash_count];
        ikev1_rows rows = {.encr = ike_encr_find_v1(ciphers[c].encryption),
                           .key_bits = ciphers[c].bits,
                           .hash = hash ? ike_hash_find_v1(hash) : NULL};

        rows.prf = rows.hash;
        if (rows.encr && key.length >= ike_encr_key_length(rows.encr, rows.key_bits) &&
            try_key(s, set, key, &rows)) {
            return true;
        }
    }
    return false;
}

/* With a wrong hash the IV is wrong: first all that opens whole, then what has its HASH. A message
 * without one tells the cipher alone; the hash is told by a later message. */
static bool try_all_rows(search *s, const ike_key_set *set, ike_span key)
{
    static const uint16_t hashes[] = {2, 4, 6, 5, 1}, none[] = {0};
    bool has_hash = s->encrypted->next_payload == IKEV1_PAYLOAD_HASH;
    ike_decrypt_status before = s->why;
    bool found = try_rows(s, set, key, hashes, G_N_ELEMENTS(hashes), IKEV1_COMPLETE) ||
                 try_rows(s, set, key, hashes, G_N_ELEMENTS(hashes), IKEV1_SURELY) ||
                 try_rows(s, set, key, has_hash ? hashes : none,
                          has_hash ? G_N_ELEMENTS(hashes) : 1, IKEV1_PARTLY);

    if (!found) {
        s->enough = IKEV1_PARTLY;
        s->why = before; /* that all were wrong says nothing of the key */
        note(s, IKE_DECRYPT_NO_SUITE);
    }
    return found;
}

static bool try_secret(search *s, const ike_key_set *set, ike_secret_kind kind)
{
    const ikev1_sa *sa = s->crypto->v1;
    ike_span key = ike_key_set_secret(set, kind);

    if (!key.length) {
        return false;
    }
    if (sa->computable) {
        return try_key(s, set, key, &sa->rows);
    }
    if (sa->has_suite) {
        note(s, IKE_DECRYPT_NO_CIPHER);
        return false;
    }
    return s->bound && try_all_rows(s, set, key);
}

static bool try_set(search *s, const ike_key_set *set)
{
    return try_secret(s, set, IKE_SECRET_V1_KEY) || try_secret(s, set, IKE_SECRET_V1_SKEYID_E);
}

/* ---- the search
 * ----------------------------------------------------------------------------------- */

static bool try_bound(search *s)
{
    const ike_crypto *crypto = s->crypto;
    unsigned sets = 0;

    for (unsigned way = 0; way < IKE_WAYS_TO_BIND; way++) {
        const ike_key_set *set =
            ike_keyring_bound(crypto->ring, crypto->initiator_spi, crypto->responder_spi, way);

        for (; set && sets < MAX_SETS; set = set->next_bound, sets++) {
            if (set->version != 2 && try_set(s, set)) {
                return true;
            }
        }
    }
    return false;
}

static bool try_unbound(search *s, ike_secret_kind kind, size_t length)
{
    const ike_key_set *set;
    ike_set_walk walk;

    ike_keyring_walk(s->crypto->ring, kind, length, &walk);
    while (s->trials_left && (set = ike_keyring_walk_next(s->crypto->ring, &walk))) {
        if (set->version != 2 && try_secret(s, set, kind)) {
            ike_keyring_mark_right(s->crypto->ring, set);
            return true;
        }
    }
    return false;
}

/* Ka has the cipher's length, SKEYID_e that of the PRF. */
static bool try_all_unbound(search *s)
{
    const ikev1_rows *rows = &s->crypto->v1->rows;

    if (!s->crypto->v1->computable) {
        return false;
    }
    return try_unbound(s, IKE_SECRET_V1_KEY, ike_encr_key_length(rows->encr, rows->key_bits)) ||
           try_unbound(s, IKE_SECRET_V1_SKEYID_E, rows->prf->output_length) ||
           try_unbound(s, IKE_SECRET_V1_KEY, rows->prf->output_length);
}

/* ikev1_derived_use */
static bool try_derived(void *user, ikev1_keys *keys)
{
    search *s = user;

    s->wrong = keys->by_psk ? IKE_DECRYPT_WRONG_PSK : IKE_DECRYPT_WRONG_KEY;
    return try_keys(s, keys);
}

ikev1_keys *ikev1_find_keys(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                            ike_decrypt_status *why)
{
    search s = {.crypto = crypto,
                .encrypted = encrypted,
                .trials_left = TRIALS_PER_MESSAGE,
                .bound = true,
                .enough = IKEV1_PARTLY,
                .wrong = IKE_DECRYPT_WRONG_KEY,
                .why = IKE_DECRYPT_NO_KEY};

    if (!try_bound(&s) && !ikev1_each_derived(crypto, true, try_derived, &s)) {
        s.bound = false;
        s.enough = IKEV1_COMPLETE; /* keys of nobody */
        if (!try_all_unbound(&s)) {
            ikev1_each_derived(crypto, false, try_derived, &s);
        }
    }
    *why = s.found ? IKE_DECRYPT_OK : s.why;
    return s.found;
}

/* ---- what the keys lack
 * --------------------------------------------------------------------------- */

static bool lacks(const ikev1_keys *keys)
{
    return !keys->skeyid.length || !keys->skeyids.d.length || !keys->skeyids.a.length;
}

static void fill(ike_secret *to, ike_span from)
{
    if (!to->length && from.length) {
        ike_secret_set(to, from.data, from.length);
    }
}

static bool makes_key(const ikev1_keys *keys, ike_span ka, ike_span skeyid_e)
{
    size_t length = keys->key.length;

    return (ka.length >= length && CRYPTO_memcmp(ka.data, keys->key.data, length) == 0) ||
           (skeyid_e.length >= length && CRYPTO_memcmp(skeyid_e.data, keys->key.data, length) == 0);
}

static void fill_from_sets(const ike_crypto *crypto, ikev1_keys *keys)
{
    unsigned sets = 0;

    for (unsigned way = 0; way < IKE_WAYS_TO_BIND; way++) {
        const ike_key_set *set =
            ike_keyring_bound(crypto->ring, crypto->initiator_spi, crypto->responder_spi, way);

        for (; set && sets < MAX_SETS; set = set->next_bound, sets++) {
            ike_span ka = ike_key_set_secret(set, IKE_SECRET_V1_KEY);
            ike_span skeyid_e = ike_key_set_secret(set, IKE_SECRET_V1_SKEYID_E);

            if (set->version == 2 ||
                ((ka.length || skeyid_e.length) && !makes_key(keys, ka, skeyid_e))) {
                continue;
            }
            fill(&keys->skeyid, ike_key_set_secret(set, IKE_SECRET_V1_SKEYID));
            fill(&keys->skeyids.d, ike_key_set_secret(set, IKE_SECRET_V1_SKEYID_D));
            fill(&keys->skeyids.a, ike_key_set_secret(set, IKE_SECRET_V1_SKEYID_A));
        }
    }
}

static bool fill_from_derived(void *user, ikev1_keys *derived)
{
    ikev1_keys *keys = user;
    bool same = ike_secret_equal(&keys->key, &derived->key);

    if (same) {
        fill(&keys->skeyid, ike_secret_span(&derived->skeyid));
        fill(&keys->skeyids.d, ike_secret_span(&derived->skeyids.d));
        fill(&keys->skeyids.a, ike_secret_span(&derived->skeyids.a));
    }
    ikev1_keys_free(derived);
    return same;
}

void ikev1_complete(ike_crypto *crypto, ikev1_keys *keys)
{
    unsigned now = ike_keyring_revision(crypto->ring) + 1;

    if (!lacks(keys) || keys->completed == now) {
        return;
    }
    keys->completed = now;
    fill_from_sets(crypto, keys);
    if (lacks(keys) && !ikev1_each_derived(crypto, true, fill_from_derived, keys)) {
        ikev1_each_derived(crypto, false, fill_from_derived, keys);
    }
}
