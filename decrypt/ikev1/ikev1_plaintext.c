/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tries keys and IVs on an IKEv1 message. Nothing authenticates it before it is decrypted: a sound
 * payload chain, and a right HASH where SKEYID_a is known, show the right key and the right IV.
 * Where no IV fits, it is decrypted from its second block on, and its head is restored from what
 * must have been there. */
#include "decrypt/ikev1/ikev1_plaintext.h"

#include <string.h>

#include <openssl/crypto.h>

#include "decrypt/crypto/x509.h"
#include "decrypt/ikev1/ikev1_iv.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum { GENERIC_HEADER = 4, MOST_PADDING = 32, MOST_DOI = 2 };

/* ---- payload chains -------------------------------------------------------------------------- */

static size_t payload_length(const uint8_t *header)
{
    return ike_get_u16(header + 2);
}

/* Payload types of version 1: RFC 2408 3.1 and what came after, private ones included. */
static bool ikev1_type_exists(uint8_t type)
{
    return type <= 24 || type >= 128;
}

/* The least body of a payload that has fixed fields. */
static size_t ikev1_least_body(uint8_t type)
{
    switch (type) {
    case IKEV1_PAYLOAD_SA: /* DOI and situation, or DOI alone */
    case IKEV1_PAYLOAD_ID:
    case IKEV1_PAYLOAD_ATTR:
        return 4;
    case IKEV1_PAYLOAD_CERT:
    case IKEV1_PAYLOAD_CR:
        return 1;
    case IKEV1_PAYLOAD_HASH:
    case IKEV1_PAYLOAD_SIG:
    case IKEV1_PAYLOAD_NONCE:
    case IKEV1_PAYLOAD_NOTIFY:
    case IKEV1_PAYLOAD_DELETE:
        return 8;
    default:
        return 0;
    }
}

long ikev1_payload_chain_length(uint8_t next, const uint8_t *plain, size_t length)
{
    size_t at = 0;

    if (next == 0)
        return -1;
    while (next != 0) {
        if (length - at < GENERIC_HEADER || plain[at + 1] != 0 || !ikev1_type_exists(next) ||
            payload_length(plain + at) < GENERIC_HEADER + ikev1_least_body(next) ||
            payload_length(plain + at) > length - at)
            return -1;
        next = plain[at];
        at += payload_length(plain + at);
    }
    return (long)at;
}
static bool decrypt(ikev1_decryption *o, const uint8_t *iv)
{
    return ike_cipher_decrypt(o->keys->cipher, (ike_span){iv, o->block}, (ike_span){NULL, 0},
                              o->encrypted->body, (ike_span){NULL, 0}, o->plain) == IKE_OK;
}

bool ikev1_use_keys(ikev1_decryption *o, ikev1_keys *keys)
{
    ike_status status = IKE_OK;

    o->keys = keys;
    o->block = keys->rows.encr->block_length;
    o->hash = IKEV1_HASH_UNKNOWN;
    o->damaged = false;
    if (!o->encrypted->body.length || o->encrypted->body.length % o->block)
        return false;
    if (!keys->cipher)
        keys->cipher = ike_cipher_new(keys->rows.encr, ike_secret_span(&keys->key), &status);
    return keys->cipher != NULL;
}

/* ---- is it plaintext? ------------------------------------------------------------------------ */

/* Payloads of phase 2, informational and transaction messages begin with a HASH. */
static bool begins_with_hash(const ike_encrypted_payload *encrypted)
{
    return encrypted->message_id != 0 && encrypted->next_payload == IKEV1_PAYLOAD_HASH;
}

/* Length of the sound chain in plain, -1 when there is none. */
static long chain_length(const ikev1_decryption *o)
{
    size_t length = o->encrypted->body.length;
    long chain = ikev1_payload_chain_length(o->encrypted->next_payload, o->plain, length);
    size_t hash = o->keys->rows.prf ? o->keys->rows.prf->output_length : 0;

    if (chain < 0 || length - (size_t)chain > MAX(MOST_PADDING, o->block))
        return -1;
    if (begins_with_hash(o->encrypted) && hash &&
        ike_get_u16(o->plain + 2) != GENERIC_HEADER + hash)
        return -1;
    return chain;
}

/* What authenticates a side in its last message of phase 1. */
typedef struct {
    ike_span id, hash, certificate, signature;
} phase1_payloads;

static void find_phase1_payloads(const ikev1_decryption *o, size_t chain, phase1_payloads *found)
{
    uint8_t type = o->encrypted->next_payload;

    for (size_t at = 0; type != 0 && at + GENERIC_HEADER <= chain;) {
        size_t length = payload_length(o->plain + at);
        ike_span data = {o->plain + at + GENERIC_HEADER, length - GENERIC_HEADER};

        if (type == IKEV1_PAYLOAD_ID)
            found->id = data;
        else if (type == IKEV1_PAYLOAD_HASH)
            found->hash = data;
        else if (type == IKEV1_PAYLOAD_SIG)
            found->signature = data;
        else if (type == IKEV1_PAYLOAD_CERT && data.length > 1 && !found->certificate.length &&
                 data.data[0] == IKEV1_CERT_X509_SIGNATURE)
            found->certificate = (ike_span){data.data + 1, data.length - 1};
        type = o->plain[at];
        at += length;
    }
}

/* Whether a payload that neither HASH nor SIG covers has a content that a sender makes. */
static bool is_content_intact(uint8_t type, ike_span data)
{
    switch (type) {
    case IKEV1_PAYLOAD_CERT:
        return data.data[0] != IKEV1_CERT_X509_SIGNATURE ||
               ike_x509_is_intact((ike_span){data.data + 1, data.length - 1});
    case IKEV1_PAYLOAD_CR:
        return data.data[0] != IKEV1_CERT_X509_SIGNATURE || data.length == 1 ||
               ike_x509_name_is_intact((ike_span){data.data + 1, data.length - 1});
    case IKEV1_PAYLOAD_NOTIFY:
    case IKEV1_PAYLOAD_DELETE:
        return !data.data[0] && !data.data[1] && !data.data[2] && data.data[3] <= MOST_DOI;
    default:
        return true;
    }
}

static bool is_intact(const ikev1_decryption *o, size_t chain)
{
    uint8_t type = o->encrypted->next_payload;
    bool intact = true;

    for (size_t at = 0; intact && type != 0 && at + GENERIC_HEADER <= chain;) {
        size_t length = payload_length(o->plain + at);
        intact = is_content_intact(
            type, (ike_span){o->plain + at + GENERIC_HEADER, length - GENERIC_HEADER});
        type = o->plain[at];
        at += length;
    }
    return intact;
}

/* HASH_I or HASH_R, or SIG over it. */
static ikev1_hash_check check_phase1(ikev1_decryption *o, size_t chain)
{
    bool of_initiator = o->encrypted->from_initiator;
    phase1_payloads found = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    ikev1_hash_check check = IKEV1_HASH_UNKNOWN;

    find_phase1_payloads(o, chain, &found);
    if (!found.id.length)
        return IKEV1_HASH_UNKNOWN;
    if (found.hash.length) {
        check = ikev1_check_phase1_hash(o->sa, o->keys, of_initiator, found.id, found.hash);
    } else if (found.signature.length && found.certificate.length) {
        check = ikev1_check_phase1_signature(o->sa, o->keys, of_initiator, found.id,
                                             found.certificate, found.signature);
        o->by_signature = true;
    }
    o->damaged = check == IKEV1_HASH_RIGHT && !is_intact(o, chain);
    return check;
}

static ikev1_hash_check check_hash(ikev1_decryption *o, size_t chain, size_t from, uint8_t *right)
{
    size_t head = ike_get_u16(o->plain + 2);

    if (o->encrypted->message_id == 0)
        return check_phase1(o, chain);
    if (!begins_with_hash(o->encrypted) || head > chain)
        return IKEV1_HASH_UNKNOWN;
    return ikev1_check_hash(o->sa, o->keys, o->encrypted,
                            (ike_span){o->plain + GENERIC_HEADER, head - GENERIC_HEADER}, from,
                            (ike_span){o->plain + head, chain - head}, right, &o->hash_number);
}

/* The first message of quick mode has HASH(1), which can always be computed. */
static bool lacks_hash_1(const ikev1_decryption *o, const uint8_t *iv)
{
    return o->encrypted->first_pass && o->encrypted->exchange == IKEV1_EXCHANGE_QUICK_MODE &&
           begins_with_hash(o->encrypted) && o->keys->skeyids.a.length && o->keys->rows.prf &&
           ikev1_iv_is_first(o->sa, o->encrypted, iv, o->block);
}

/* The HASH of a message that was decrypted with this IV. */
static ikev1_hash_check check_complete(ikev1_decryption *o, size_t chain, const uint8_t *iv)
{
    ikev1_hash_check check = check_hash(o, chain, 0, NULL);

    return check == IKEV1_HASH_UNKNOWN && lacks_hash_1(o, iv) ? IKEV1_HASH_WRONG : check;
}

/* ikev1_iv_use */
static bool try_iv(void *user, const uint8_t *iv)
{
    ikev1_decryption *o = user;
    long chain;

    o->had_iv = true;
    if (!decrypt(o, iv) || (chain = chain_length(o)) < 0)
        return false;
    o->hash = check_complete(o, (size_t)chain, iv);
    if (o->hash == IKEV1_HASH_WRONG && o->had_wrong_hash)
        return false;
    memcpy(o->iv, iv, o->block);
    o->had_wrong_hash = o->hash == IKEV1_HASH_WRONG;
    return !o->had_wrong_hash;
}

/* ---- without an IV --------------------------------------------------------------------------- */

/* With an IV of zero the first block of `plain` is the true one XOR the true IV. Writes the header
 * that must have been there and finds the IV bytes behind it. */
static void set_head(ikev1_decryption *o, const uint8_t *head, size_t length)
{
    for (size_t i = 0; i < length && i < o->block; i++) {
        o->iv[i] = o->plain[i] ^ head[i];
        o->plain[i] = head[i];
    }
}

/* Whether payloads of type `next` from `at` on run to the end but for padding. */
static bool chain_behind(const ikev1_decryption *o, uint8_t next, size_t at)
{
    size_t length = o->encrypted->body.length;
    long chain;

    if (at > length)
        return false;
    if (next == 0) {
        /* Nothing but padding, which is zero with most senders. */
        for (size_t i = at; i < length; i++)
            if (o->plain[i] != 0 && i + 1 < length)
                return false;
        return length - at <= MAX(MOST_PADDING, o->block);
    }
    chain = ikev1_payload_chain_length(next, o->plain + at, length - at);
    return chain >= 0 && length - at - (size_t)chain <= MAX(MOST_PADDING, o->block);
}

/* A DELETE of which the number of SPIs and their size make its length; else it is a NOTIFY. */
static bool is_delete(const uint8_t *payload, size_t length)
{
    enum { HEAD = 12 };

    return length >= HEAD && payload[9] && (payload[10] || payload[11]) &&
           HEAD + payload[9] * ike_get_u16(payload + 10) == ike_get_u16(payload + 2);
}

static bool is_hash_long(const ikev1_decryption *o, size_t at)
{
    size_t hash = o->keys->rows.prf ? o->keys->rows.prf->output_length : 0;

    return hash && ike_get_u16(o->plain + at + 2) == GENERIC_HEADER + hash;
}

/* SA, NOTIFY and DELETE begin with a DOI, attributes with the type of their message. */
static bool begins_well(const ikev1_decryption *o, uint8_t type, size_t at)
{
    const uint8_t *body = o->plain + at + GENERIC_HEADER;

    return type == IKEV1_PAYLOAD_ATTR ? body[0] && !body[1]
                                      : !body[0] && !body[1] && !body[2] && body[3] <= MOST_DOI;
}

/* Known by the next one, as they come in pairs. */
static uint8_t nat_d_type(const ikev1_decryption *o, size_t at)
{
    return o->plain[at] == IKEV1_PAYLOAD_NAT_D_DRAFTS_00_03 ? IKEV1_PAYLOAD_NAT_D_DRAFTS_00_03
                                                            : IKEV1_PAYLOAD_NAT_D;
}

/* Behind the HASH of a phase 1 message: NAT-D has the length of a hash, too. */
static bool guess_in_phase1(const ikev1_decryption *o, size_t at, uint8_t *type)
{
    if (!chain_behind(o, IKEV1_PAYLOAD_VENDOR_ID, at))
        return false;
    if (is_hash_long(o, at)) {
        *type = nat_d_type(o, at);
    } else {
        *type =
            chain_behind(o, IKEV1_PAYLOAD_NOTIFY, at) && begins_well(o, IKEV1_PAYLOAD_NOTIFY, at)
                ? IKEV1_PAYLOAD_NOTIFY
                : IKEV1_PAYLOAD_VENDOR_ID;
    }
    return true;
}

static uint8_t usual_behind_hash(uint8_t exchange)
{
    switch (exchange) {
    case IKEV1_EXCHANGE_QUICK_MODE:
    case IKEV1_EXCHANGE_NEW_GROUP_MODE:
        return IKEV1_PAYLOAD_SA;
    case IKEV1_EXCHANGE_TRANSACTION:
        return IKEV1_PAYLOAD_ATTR;
    default:
        return IKEV1_PAYLOAD_NOTIFY;
    }
}

/* Behind the HASH: an SA in quick mode, attributes in a transaction, a notify or delete else; or
 * nothing. */
static bool guess_behind_hash(const ikev1_decryption *o, size_t at, uint8_t *type)
{
    *type = usual_behind_hash(o->encrypted->exchange);
    if (o->encrypted->message_id == 0 && guess_in_phase1(o, at, type))
        return true;
    if (chain_behind(o, *type, at) && begins_well(o, *type, at)) {
        if (*type == IKEV1_PAYLOAD_NOTIFY &&
            is_delete(o->plain + at, o->encrypted->body.length - at))
            *type = IKEV1_PAYLOAD_DELETE;
        return true;
    }
    *type = 0;
    return chain_behind(o, 0, at);
}

/* Behind the identity of phase 1, or a certificate: a HASH or NAT-D has its length, a certificate
 * its encoding and more behind it, a signature neither. */
static bool guess_behind_other(const ikev1_decryption *o, size_t at, uint8_t *type)
{
    if (!chain_behind(o, IKEV1_PAYLOAD_SIG, at))
        return false;
    if (o->encrypted->next_payload == IKEV1_PAYLOAD_ID && is_hash_long(o, at)) {
        *type = IKEV1_PAYLOAD_HASH;
    } else if (is_hash_long(o, at) || o->plain[at] == nat_d_type(o, at)) {
        *type = nat_d_type(o, at);
    } else {
        *type = o->plain[at] != 0 && o->plain[at + GENERIC_HEADER] == IKEV1_CERT_X509_SIGNATURE
                    ? IKEV1_PAYLOAD_CERT
                    : IKEV1_PAYLOAD_SIG;
    }
    return true;
}

static bool restore_head(ikev1_decryption *o, size_t length)
{
    uint8_t head[GENERIC_HEADER] = {0, 0, (uint8_t)(length >> 8), (uint8_t)length};

    bool guessed = o->encrypted->next_payload == IKEV1_PAYLOAD_HASH
                       ? guess_behind_hash(o, length, &head[0])
                       : guess_behind_other(o, length, &head[0]);

    if (length < o->block || !guessed)
        return false;
    set_head(o, head, sizeof head);
    return true;
}

/* Whether the HASH ends where so much padding of zeros begins that it is no coincidence. */
static bool ends_in_zeros(const ikev1_decryption *o, size_t at)
{
    enum { SIGNIFICANT = 6 };
    size_t zeros = 0, end = o->encrypted->body.length - 1; /* the last may be the pad length */

    while (zeros < end && o->plain[end - 1 - zeros] == 0)
        zeros++;
    return zeros >= SIGNIFICANT && end - zeros <= at && at - (end - zeros) < 2;
}

/* Lengths that the first payload can have: a HASH has one, others are looked for. */
static ikev1_fit decrypt_partly(ikev1_decryption *o)
{
    size_t hash = o->keys->rows.prf ? o->keys->rows.prf->output_length : 0;
    static const uint8_t zero[IKE_MAX_BLOCK];

    memset(o->iv, 0, sizeof o->iv);
    if (o->encrypted->body.length <= o->block || !decrypt(o, zero))
        return IKEV1_NO_FIT;
    if (o->encrypted->next_payload == IKEV1_PAYLOAD_HASH && hash) {
        if (!restore_head(o, GENERIC_HEADER + hash))
            return IKEV1_NO_FIT;
        if (o->plain[0] != 0)
            return IKEV1_SURELY;
        return ends_in_zeros(o, GENERIC_HEADER + hash) ? IKEV1_PARTLY : IKEV1_PERHAPS;
    }
    for (size_t length = o->block; length < o->encrypted->body.length; length++)
        if (restore_head(o, length))
            return o->plain[0] == IKEV1_PAYLOAD_HASH ? IKEV1_SURELY : IKEV1_PARTLY;
    return IKEV1_NO_FIT;
}

/* A partly decrypted message whose HASH can be computed is decrypted completely. */
static ikev1_fit complete_head(ikev1_decryption *o, ikev1_fit fit)
{
    uint8_t right[IKE_MAX_HASH], garbled[IKE_MAX_BLOCK];
    long chain = chain_length(o);
    ikev1_hash_check check;

    if (chain < 0 || !begins_with_hash(o->encrypted))
        return fit;
    check = check_hash(o, (size_t)chain, o->block - GENERIC_HEADER, right);
    if (check != IKEV1_HASH_RIGHT) {
        /* The bytes of the HASH that need no IV are wrong, although others of the SA were right. */
        if (check == IKEV1_HASH_WRONG && o->sa->verified)
            o->hash = IKEV1_HASH_WRONG;
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

bool ikev1_decrypt_complete(ikev1_decryption *o)
{
    o->had_wrong_hash = false;
    if (ikev1_each_iv(o->sa, o->keys->rows.hash, o->block, o->encrypted, try_iv, o))
        return true;
    /* With the IV of a forged message the first block can differ in a bit: that with a right HASH
     * was looked for; there is none. */
    return o->had_wrong_hash && ikev1_decrypt_with(o, o->iv, false);
}

ikev1_fit ikev1_decrypt_headless(ikev1_decryption *o)
{
    ikev1_fit fit;

    fit = decrypt_partly(o);
    return fit == IKEV1_NO_FIT ? fit : complete_head(o, fit);
}

ikev1_fit ikev1_keys_fit(ikev1_sa *sa, ikev1_keys *keys, const ike_encrypted_payload *encrypted)
{
    ikev1_decryption o = {.sa = sa, .encrypted = encrypted};
    ikev1_fit fit;

    if (!ikev1_use_keys(&o, keys))
        return IKEV1_NO_FIT;
    o.plain = g_malloc(encrypted->body.length);
    fit = ikev1_decrypt_complete(&o) ? IKEV1_COMPLETE : ikev1_decrypt_headless(&o);
    OPENSSL_cleanse(o.plain, encrypted->body.length);
    g_free(o.plain);
    return fit;
}

bool ikev1_decrypt_with(ikev1_decryption *o, const uint8_t *iv, bool partly)
{
    long chain;

    memmove(o->iv, iv, o->block);
    if (!decrypt(o, o->iv))
        return false;
    chain = chain_length(o);
    if (chain >= 0 && !partly) {
        o->hash = check_complete(o, (size_t)chain, o->iv);
        /* The key may be that of another certificate; one message of each side verifies. */
        if (o->hash == IKEV1_HASH_WRONG && o->by_signature &&
            !o->sa->phase1_verified[o->encrypted->from_initiator ? IKEV1_I : IKEV1_R])
            o->hash = IKEV1_HASH_UNKNOWN;
    }
    return true;
}

size_t ikev1_padding_length(const ikev1_decryption *o)
{
    long chain = chain_length(o);

    return chain < 0 ? 0 : o->encrypted->body.length - (size_t)chain;
}
