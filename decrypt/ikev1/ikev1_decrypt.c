/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens a message of IKEv1. Nothing authenticates it before it is decrypted: a sound payload chain,
 * and a right HASH where SKEYID_a is known, tell the right key and the right IV. Where no IV fits,
 * it is opened from its second block on, and its head is made again from what must have been there.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "decrypt/ikev1/ikev1_sa.h"

enum { GENERIC_HEADER = 4, MOST_PADDING = 32 };

/* hint.generation: 1 + 2 * number of the keys, + 1 when the message opened partly. */
enum { HINT_FIRST = 1, HINT_PARTLY = 1 };

typedef struct {
    const ike_crypto *crypto;
    ikev1_keys *keys;
    unsigned number; /* of the keys in the SA */
    const ike_encrypted_payload *encrypted;
    size_t block;
    uint8_t *plain; /* sealed->body.length bytes */
    uint8_t iv[IKE_MAX_BLOCK];
    bool had_iv; /* there was an IV to try */
    ikev1_hash_check hash;
} decryption;

static bool decrypt(decryption *o, const uint8_t *iv)
{
    return ike_cipher_decrypt(o->keys->cipher, (ike_span){iv, o->block}, (ike_span){NULL, 0},
                              o->encrypted->body, (ike_span){NULL, 0}, o->plain) == IKE_OK;
}

static ike_status make_cipher(ikev1_keys *keys)
{
    ike_status status = IKE_OK;

    if (!keys->cipher) {
        keys->cipher = ike_cipher_new(keys->rows.encr, ike_secret_span(&keys->key), &status);
    }
    return status;
}

/* ---- is it one?
 * ----------------------------------------------------------------------------------- */

/* Payloads of phase 2, informational and transaction messages begin with a HASH. */
static bool begins_with_hash(const ike_encrypted_payload *encrypted)
{
    return encrypted->message_id != 0 && encrypted->next_payload == IKEV1_PAYLOAD_HASH;
}

/* Length of the sound chain in plain, -1 when there is none. */
static long chain_length(const decryption *o)
{
    size_t length = o->encrypted->body.length;
    long chain = ikev1_chain_length(o->encrypted->next_payload, o->plain, length);
    size_t hash = o->keys->rows.prf ? o->keys->rows.prf->output_length : 0;

    if (chain < 0 || length - (size_t)chain > MAX(MOST_PADDING, o->block)) {
        return -1;
    }
    if (begins_with_hash(o->encrypted) && hash &&
        ((size_t)o->plain[2] << 8 | o->plain[3]) != GENERIC_HEADER + hash) {
        return -1;
    }
    return chain;
}

static ikev1_hash_check check_hash(const decryption *o, size_t chain, size_t from, uint8_t *right)
{
    size_t head = (size_t)o->plain[2] << 8 | o->plain[3];

    if (!begins_with_hash(o->encrypted) || head > chain) {
        return IKEV1_HASH_UNKNOWN;
    }
    return ikev1_check_hash(o->crypto, o->keys, o->encrypted,
                            (ike_span){o->plain + GENERIC_HEADER, head - GENERIC_HEADER}, from,
                            (ike_span){o->plain + head, chain - head}, right);
}

/* ikev1_iv_use */
static bool try_iv(void *user, const uint8_t *iv)
{
    decryption *o = user;
    long chain;

    o->had_iv = true;
    if (!decrypt(o, iv) || (chain = chain_length(o)) < 0) {
        return false;
    }
    memcpy(o->iv, iv, o->block);
    o->hash = check_hash(o, (size_t)chain, 0, NULL);
    return true;
}

/* ---- without an IV
 * -------------------------------------------------------------------------------- */

/* Payloads that are looked for behind the first. */
enum {
    SA = 1,
    CERT = 6,
    SIGNATURE = 9,
    NOTIFY = 11,
    DELETE = 12,
    VENDOR = 13,
    ATTRIBUTES = 14,
    NAT_D = 20,
    NAT_D_DRAFT = 130,
};
enum { X509_SIGNATURE = 4, MOST_DOI = 2 };

/* With an IV of zero the first block of `plain` is the true one XOR the true IV. Writes the header
 * that must have been there and finds the IV bytes behind it. */
static void set_head(decryption *o, const uint8_t *head, size_t length)
{
    for (size_t i = 0; i < length && i < o->block; i++) {
        o->iv[i] = o->plain[i] ^ head[i];
        o->plain[i] = head[i];
    }
}

/* Whether payloads of type `next` from `at` on run to the end but for padding. */
static bool chain_behind(const decryption *o, uint8_t next, size_t at)
{
    size_t length = o->encrypted->body.length;
    long chain;

    if (at > length) {
        return false;
    }
    if (next == 0) {
        /* Nothing but padding, which is zero with most senders. */
        for (size_t i = at; i < length; i++) {
            if (o->plain[i] != 0 && i + 1 < length) {
                return false;
            }
        }
        return length - at <= MAX(MOST_PADDING, o->block);
    }
    chain = ikev1_chain_length(next, o->plain + at, length - at);
    return chain >= 0 && length - at - (size_t)chain <= MAX(MOST_PADDING, o->block);
}

/* A DELETE of which the number of SPIs and their size make its length; else it is a NOTIFY. */
static bool is_delete(const uint8_t *payload, size_t length)
{
    enum { HEAD = 12 };

    return length >= HEAD && payload[9] && (payload[10] || payload[11]) &&
           HEAD + payload[9] * ((size_t)payload[10] << 8 | payload[11]) ==
               ((size_t)payload[2] << 8 | payload[3]);
}

static bool is_hash_long(const decryption *o, size_t at)
{
    size_t hash = o->keys->rows.prf ? o->keys->rows.prf->output_length : 0;

    return hash && ((size_t)o->plain[at + 2] << 8 | o->plain[at + 3]) == GENERIC_HEADER + hash;
}

/* SA, NOTIFY and DELETE begin with a DOI, attributes with the type of their message. */
static bool begins_well(const decryption *o, uint8_t type, size_t at)
{
    const uint8_t *body = o->plain + at + GENERIC_HEADER;

    return type == ATTRIBUTES ? body[0] && !body[1]
                              : !body[0] && !body[1] && !body[2] && body[3] <= MOST_DOI;
}

/* Told by the next one, as they come in pairs. */
static uint8_t nat_d_type(const decryption *o, size_t at)
{
    return o->plain[at] == NAT_D_DRAFT ? NAT_D_DRAFT : NAT_D;
}

/* Behind the HASH of a phase 1 message: NAT-D has the length of a hash, too. */
static bool guess_in_phase1(const decryption *o, size_t at, uint8_t *type)
{
    if (!chain_behind(o, VENDOR, at)) {
        return false;
    }
    if (is_hash_long(o, at)) {
        *type = nat_d_type(o, at);
    } else {
        *type = chain_behind(o, NOTIFY, at) && begins_well(o, NOTIFY, at) ? NOTIFY : VENDOR;
    }
    return true;
}

static uint8_t usual_behind_hash(uint8_t exchange)
{
    switch (exchange) {
    case IKEV1_QUICK:
    case IKEV1_NEW_GROUP:
        return SA;
    case IKEV1_TRANSACTION:
        return ATTRIBUTES;
    default:
        return NOTIFY;
    }
}

/* Behind the HASH: an SA in quick mode, attributes in a transaction, a notify or delete else; or
 * nothing. */
static bool guess_behind_hash(const decryption *o, size_t at, uint8_t *type)
{
    *type = usual_behind_hash(o->encrypted->exchange);
    if (o->encrypted->message_id == 0 && guess_in_phase1(o, at, type)) {
        return true;
    }
    if (chain_behind(o, *type, at) && begins_well(o, *type, at)) {
        if (*type == NOTIFY && is_delete(o->plain + at, o->encrypted->body.length - at)) {
            *type = DELETE;
        }
        return true;
    }
    *type = 0;
    return chain_behind(o, 0, at);
}

/* Behind the identity of phase 1, or a certificate: a HASH or NAT-D has its length, a certificate
 * its encoding and more behind it, a signature neither. */
static bool guess_behind_other(const decryption *o, size_t at, uint8_t *type)
{
    if (!chain_behind(o, SIGNATURE, at)) {
        return false;
    }
    if (o->encrypted->next_payload == IKEV1_PAYLOAD_ID && is_hash_long(o, at)) {
        *type = IKEV1_PAYLOAD_HASH;
    } else if (is_hash_long(o, at) || o->plain[at] == nat_d_type(o, at)) {
        *type = nat_d_type(o, at);
    } else {
        *type =
            o->plain[at] != 0 && o->plain[at + GENERIC_HEADER] == X509_SIGNATURE ? CERT : SIGNATURE;
    }
    return true;
}

static bool restore_head(decryption *o, size_t length)
{
    uint8_t head[GENERIC_HEADER] = {0, 0, (uint8_t)(length >> 8), (uint8_t)length};

    bool guessed = o->encrypted->next_payload == IKEV1_PAYLOAD_HASH
                       ? guess_behind_hash(o, length, &head[0])
                       : guess_behind_other(o, length, &head[0]);

    if (length < o->block || !guessed) {
        return false;
    }
    set_head(o, head, sizeof head);
    return true;
}

/* Whether the HASH ends where so much padding of zeros begins that it is no chance. */
static bool ends_in_zeros(const decryption *o, size_t at)
{
    enum { TELLING = 6 };
    size_t zeros = 0, end = o->encrypted->body.length - 1; /* the last may be the pad length */

    while (zeros < end && o->plain[end - 1 - zeros] == 0) {
        zeros++;
    }
    return zeros >= TELLING && end - zeros <= at && at - (end - zeros) < 2;
}

/* Lengths that the first payload can have: a HASH has one, others are looked for. */
static ikev1_fit open_partly(decryption *o)
{
    size_t hash = o->keys->rows.prf ? o->keys->rows.prf->output_length : 0;
    static const uint8_t zero[IKE_MAX_BLOCK];

    memset(o->iv, 0, sizeof o->iv);
    if (o->encrypted->body.length <= o->block || !decrypt(o, zero)) {
        return IKEV1_CLOSED;
    }
    if (o->encrypted->next_payload == IKEV1_PAYLOAD_HASH && hash) {
        if (!restore_head(o, GENERIC_HEADER + hash)) {
            return IKEV1_CLOSED;
        }
        if (o->plain[0] != 0) {
            return IKEV1_SURELY;
        }
        return ends_in_zeros(o, GENERIC_HEADER + hash) ? IKEV1_PARTLY : IKEV1_PERHAPS;
    }
    for (size_t length = o->block; length < o->encrypted->body.length; length++) {
        if (restore_head(o, length)) {
            return o->plain[0] == IKEV1_PAYLOAD_HASH ? IKEV1_SURELY : IKEV1_PARTLY;
        }
    }
    return IKEV1_CLOSED;
}

/* A partly open message whose HASH can be computed is opened whole. */
static ikev1_fit make_whole(decryption *o, ikev1_fit fit)
{
    uint8_t right[IKE_MAX_HASH], garbled[IKE_MAX_BLOCK];
    long chain = chain_length(o);

    if (chain < 0 || !begins_with_hash(o->encrypted) ||
        check_hash(o, (size_t)chain, o->block - GENERIC_HEADER, right) != IKEV1_HASH_RIGHT) {
        return fit;
    }
    memcpy(garbled, o->plain, o->block);
    for (size_t i = GENERIC_HEADER; i < o->block; i++) {
        o->iv[i] = garbled[i] ^ right[i - GENERIC_HEADER];
        o->plain[i] = right[i - GENERIC_HEADER];
    }
    o->hash = IKEV1_HASH_RIGHT;
    return IKEV1_COMPLETE;
}

static bool open_whole(decryption *o)
{
    return ikev1_each_iv(o->crypto->v1, o->keys->rows.hash, o->block, o->encrypted, try_iv, o);
}

/* Opens without an IV. */
static ikev1_fit open_headless(decryption *o)
{
    ikev1_fit fit = open_partly(o);

    return fit == IKEV1_CLOSED ? fit : make_whole(o, fit);
}

ikev1_fit ikev1_keys_fit(const ike_crypto *crypto, ikev1_keys *keys,
                         const ike_encrypted_payload *encrypted)
{
    decryption o = {.crypto = crypto,
                    .keys = keys,
                    .encrypted = encrypted,
                    .block = keys->rows.encr->block_length};
    ikev1_fit fit = IKEV1_CLOSED;

    if (encrypted->body.length < o.block || encrypted->body.length % o.block ||
        make_cipher(keys) != IKE_OK) {
        return IKEV1_CLOSED;
    }
    o.plain = g_malloc(encrypted->body.length);
    fit = open_whole(&o) ? IKEV1_COMPLETE : open_headless(&o);
    OPENSSL_cleanse(o.plain, encrypted->body.length);
    g_free(o.plain);
    return fit;
}

/* ---- the message
 * ---------------------------------------------------------------------------------- */

static void give(decryption *o, ikev1_fit fit, ike_decrypted_payload *result)
{
    long chain = chain_length(o);

    result->status = fit == IKEV1_COMPLETE ? IKE_DECRYPT_OK : IKE_DECRYPT_NO_IV;
    result->plain = o->plain;
    result->plain_length = o->encrypted->body.length;
    result->first_good = fit == IKEV1_COMPLETE ? 0 : o->block;
    result->pad_length = chain < 0 ? 0 : (uint8_t)(o->encrypted->body.length - (size_t)chain);
    result->hash_checked = o->hash != IKEV1_HASH_UNKNOWN;
    result->hash_ok = o->hash == IKEV1_HASH_RIGHT;
    result->key_source = o->keys->origin;
    result->hint.generation =
        (uint8_t)(HINT_FIRST + 2 * o->number + (fit == IKEV1_COMPLETE ? 0 : HINT_PARTLY));
    result->hint.iv_length = (uint8_t)o->block;
    memcpy(result->hint.iv, o->iv, o->block);
    o->plain = NULL;
}

/* Makes `o` ready for some of the SA's keys. */
static bool take_keys(decryption *o, unsigned number)
{
    if (number >= o->crypto->v1->key_count) {
        return false;
    }
    o->number = number;
    o->keys = o->crypto->v1->keys[number];
    o->block = o->keys->rows.encr->block_length;
    return o->encrypted->body.length >= o->block && o->encrypted->body.length % o->block == 0 &&
           make_cipher(o->keys) == IKE_OK;
}

/* A later pass: with the keys and the IV of the first one. */
static bool open_again(decryption *o, const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    unsigned number = (hint->generation - HINT_FIRST) / 2u;
    bool partly = (hint->generation - HINT_FIRST) % 2 == HINT_PARTLY;
    long chain;

    if (!take_keys(o, number) || hint->iv_length != o->block) {
        return false;
    }
    memcpy(o->iv, hint->iv, o->block);
    if (!decrypt(o, o->iv)) {
        return false;
    }
    chain = chain_length(o);
    if (chain >= 0 && !partly) {
        o->hash = check_hash(o, (size_t)chain, 0, NULL);
    }
    give(o, partly ? IKEV1_PARTLY : IKEV1_COMPLETE, result);
    return true;
}

/* Keys that are known first, whole; then those that the ring has; then without an IV. */
static ikev1_fit open_first(decryption *o, ike_crypto *crypto, ike_decrypt_status *why)
{
    ikev1_sa *sa = crypto->v1;
    ikev1_fit fit;

    for (unsigned number = sa->key_count; number > 0; number--) {
        if (take_keys(o, number - 1) && open_whole(o)) {
            return IKEV1_COMPLETE;
        }
    }
    if (o->encrypted->first_pass && sa->key_count < IKEV1_MAX_KEYS) {
        ikev1_keys *found = ikev1_find_keys(crypto, o->encrypted, why);

        if (found) {
            sa->keys[sa->key_count++] = found;
            ikev1_complete(crypto, found);
            if (take_keys(o, sa->key_count - 1)) {
                return open_whole(o) ? IKEV1_COMPLETE : open_headless(o);
            }
        }
    }
    for (unsigned number = sa->key_count; number > 0; number--) {
        if (take_keys(o, number - 1) && (fit = open_headless(o)) != IKEV1_CLOSED) {
            return fit;
        }
    }
    return IKEV1_CLOSED;
}

static ike_decrypt_status judge_length(const ikev1_rows *rows,
                                       const ike_encrypted_payload *encrypted)
{
    size_t block = rows->encr ? rows->encr->block_length : 8;

    if (encrypted->body.length < block) {
        return IKE_DECRYPT_SHORT;
    }
    return encrypted->body.length % block ? IKE_DECRYPT_BLOCK_SIZE : IKE_DECRYPT_OK;
}

bool ikev1_decrypt(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                   const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    ikev1_sa *sa = crypto->v1;
    decryption o = {.crypto = crypto, .encrypted = encrypted};
    ikev1_fit fit;

    result->layout_known = true;
    result->status = judge_length(sa->key_count ? &sa->keys[0]->rows : &sa->rows, encrypted);
    if (result->status != IKE_DECRYPT_OK) {
        return false;
    }
    o.plain = g_malloc(encrypted->body.length);
    if (hint && hint->generation && open_again(&o, hint, result)) {
        return result->status == IKE_DECRYPT_OK;
    }
    result->status = sa->key_count ? IKE_DECRYPT_WRONG_KEY : IKE_DECRYPT_NO_KEY;
    for (unsigned i = 0; encrypted->first_pass && i < sa->key_count; i++) {
        ikev1_complete(crypto, sa->keys[i]);
    }
    fit = open_first(&o, crypto, &result->status);
    if (encrypted->first_pass) {
        bool advance = fit == IKEV1_COMPLETE && o.hash != IKEV1_HASH_WRONG;

        ikev1_chain_add(sa, encrypted, advance ? o.iv : NULL);
    }
    if (fit != IKEV1_CLOSED) {
        give(&o, fit, result);
    } else if (sa->key_count && result->status != IKE_DECRYPT_WRONG_PSK) {
        result->status = o.had_iv ? IKE_DECRYPT_INVALID_PLAINTEXT : IKE_DECRYPT_NO_IV;
    }
    g_free(o.plain);
    return result->status == IKE_DECRYPT_OK;
}
