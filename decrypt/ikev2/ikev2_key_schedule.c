/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key schedule of IKEv2. */
#include "decrypt/ikev2/ikev2_key_schedule.h"

#include <string.h>

#include "decrypt/crypto/prf.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

/* prf+(key, parts) of `length` bytes into a secret. */
static ike_status plus_secret(const ike_prf_alg *prf, ike_span key, const ike_span *parts,
                              size_t count, size_t length, ike_secret *out)
{
    ike_secret result = {0};
    ike_status status =
        ikev2_prf_plus(prf, key, parts, count, ike_secret_resize(&result, length), length);

    if (status == IKE_OK)
        ike_secret_move(out, &result);
    ike_secret_clear(&result);
    return status;
}

/* Takes the next `length` bytes off the front of `from`. */
static void take(ike_span *from, size_t length, ike_secret *to)
{
    ike_secret_set(to, (ike_span){from->data, length});
    from->data += length;
    from->length -= length;
}

/* ---- the IKE SA ------------------------------------------------------------------------------ */

static ike_span at_most(ike_span span, size_t length)
{
    return (ike_span){span.data, span.length < length ? span.length : length};
}

ike_status ikev2_skeyseed(const ike_prf_alg *prf, ike_nonces nonces, ike_span dh_shared,
                          ike_secret *skeyseed)
{
    ike_span parts[] = {nonces.i, nonces.r};
    ike_secret key = {0};
    ike_status status;

    if (prf->kind != IKE_MAC_HMAC) { /* a key of fixed length, half from each nonce */
        parts[0] = at_most(nonces.i, prf->key_length / 2);
        parts[1] = at_most(nonces.r, prf->key_length / 2);
    }
    ike_secret_join(parts, 2, &key);
    status = ike_prf_secret(prf, ike_secret_span(&key), &dh_shared, 1, skeyseed);
    ike_secret_clear(&key);
    return status;
}

/* [SK(0) |] Ni | Nr [| SK(1) .. ]: what SK_d is applied to. Returns the number of parts. */
enum { SEED_PARTS = IKE_MAX_KE + 2 };
static size_t seed_parts(const ike_span *secrets, size_t count, ike_nonces nonces,
                         ike_span parts[SEED_PARTS])
{
    size_t used = 0;

    if (count > 0)
        parts[used++] = secrets[0];
    parts[used++] = nonces.i;
    parts[used++] = nonces.r;
    for (size_t i = 1; i < count; i++)
        parts[used++] = secrets[i];
    return used;
}

ike_status ikev2_skeyseed_from_sk_d(const ike_prf_alg *prf, ike_span sk_d, const ike_span *secrets,
                                    size_t count, ike_nonces nonces, ike_secret *skeyseed)
{
    ike_span parts[SEED_PARTS];

    if (count == 0 || count > IKE_MAX_KE)
        return IKE_ERR_ARGUMENT;
    return ike_prf_secret(prf, sk_d, parts, seed_parts(secrets, count, nonces, parts), skeyseed);
}

ike_status ikev2_skeyseed_resumed(const ike_prf_alg *prf, ike_span sk_d, ike_nonces nonces,
                                  ike_secret *skeyseed)
{
    static const char label[] = "Resumption";
    const ike_span parts[] = {{(const uint8_t *)label, sizeof label - 1}, nonces.i, nonces.r};

    return ike_prf_secret(prf, sk_d, parts, 3, skeyseed);
}

ike_status ikev2_sk_derive(const ike_algorithms *algorithms, ike_span skeyseed, ike_nonces nonces,
                           uint64_t spi_i, uint64_t spi_r, ikev2_sk *sk)
{
    size_t key = algorithms->prf->key_length;
    size_t integ = ike_integrity_key_length(algorithms);
    size_t encr = ike_encr_key_length(algorithms->encr, algorithms->key_bits);
    ike_secret stream = {0};
    uint8_t spis[16];
    const ike_span parts[] = {nonces.i, nonces.r, {spis, sizeof spis}};
    ike_status status;
    ike_span left;

    ike_put_u64(spis, spi_i);
    ike_put_u64(spis + 8, spi_r);
    status =
        plus_secret(algorithms->prf, skeyseed, parts, 3, 3 * key + 2 * integ + 2 * encr, &stream);
    if (status == IKE_OK) {
        left = ike_secret_span(&stream);
        take(&left, key, &sk->d);
        take(&left, integ, &sk->ai);
        take(&left, integ, &sk->ar);
        take(&left, encr, &sk->ei);
        take(&left, encr, &sk->er);
        take(&left, key, &sk->pi);
        take(&left, key, &sk->pr);
    }
    ike_secret_clear(&stream);
    return status;
}

void ikev2_sk_clear(ikev2_sk *sk)
{
    ike_secret *all[] = {&sk->d, &sk->ai, &sk->ar, &sk->ei, &sk->er, &sk->pi, &sk->pr};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ike_secret_clear(all[i]);
}

ike_status ikev2_ppk_mix(const ike_prf_alg *prf, ike_span ppk, ike_span sk, ike_secret *mixed)
{
    return plus_secret(prf, ppk, &sk, 1, sk.length, mixed);
}

/* ---- Child SAs ------------------------------------------------------------------------------- */

ike_status ikev2_child_keys(const ike_prf_alg *prf, const ike_algorithms *child, ike_span sk_d,
                            const ike_span *secrets, size_t count, ike_nonces nonces,
                            ike_child_keys *keys)
{
    ike_span parts[SEED_PARTS];
    ike_secret keymat = {0};
    ike_status status;

    if (count > IKE_MAX_KE)
        return IKE_ERR_ARGUMENT;
    status = plus_secret(prf, sk_d, parts, seed_parts(secrets, count, nonces, parts),
                         ike_child_keymat_length(child), &keymat);
    if (status == IKE_OK)
        ike_child_keys_split(child, ike_secret_span(&keymat), keys);
    ike_secret_clear(&keymat);
    return status;
}

/* ---- AUTH ------------------------------------------------------------------------------------ */

ike_status ikev2_signed_bytes(const ike_prf_alg *prf, const ikev2_signed *parts, ike_secret *bytes)
{
    ike_secret maced_id = {0};
    ike_status status = ike_prf_secret(prf, parts->sk_p, &parts->id_body, 1, &maced_id);

    if (status == IKE_OK) {
        const ike_span all[] = {parts->message, parts->nonce, ike_secret_span(&maced_id),
                                parts->int_auth};

        ike_secret_join(all, 4, bytes);
    }
    ike_secret_clear(&maced_id);
    return status;
}

ike_status ikev2_psk_auth(const ike_prf_alg *prf, ike_span secret, ike_span signed_bytes,
                          ike_secret *auth)
{
    static const char pad[] = "Key Pad for IKEv2";
    const ike_span part = {(const uint8_t *)pad, sizeof pad - 1};
    ike_secret key = {0};
    ike_status status = ike_prf_secret(prf, secret, &part, 1, &key);

    if (status == IKE_OK)
        status = ike_prf_secret(prf, ike_secret_span(&key), &signed_bytes, 1, auth);
    ike_secret_clear(&key);
    return status;
}

ike_status ikev2_resume_auth(const ike_prf_alg *prf, ike_span sk_p, ike_span message,
                             ike_secret *auth)
{
    return ike_prf_secret(prf, sk_p, &message, 1, auth);
}

ike_status ikev2_int_auth(const ike_prf_alg *prf, ike_span sk_p, ike_span previous,
                          ike_span header_and_sk, ike_span plaintext, ike_secret *int_auth)
{
    const ike_span parts[] = {previous, header_and_sk, plaintext};

    return ike_prf_secret(prf, sk_p, parts, 3, int_auth);
}

enum { GENERIC = 4 };

/* The offset of the byte that names the payload at `target`; 0 when the chain does not lead there.
 */
static size_t named_at(ike_span message, size_t target)
{
    size_t name = 16, at = IKE_HEADER; /* next payload of the header; the first payload */

    while (at < target && message.length - at >= GENERIC) {
        size_t length = ike_get_u16(message.data + at + 2);

        if (length < GENERIC || length > message.length - at)
            return 0;
        name = at;
        at += length;
    }
    return at == target ? name : 0;
}

bool ikev2_int_auth_head(ike_span message, size_t sk_offset, size_t plaintext_length,
                         ike_secret *head)
{
    size_t length = sk_offset + GENERIC;
    size_t name;

    if (message.length < IKE_HEADER + GENERIC || sk_offset < IKE_HEADER ||
        sk_offset > message.length - GENERIC || plaintext_length > UINT16_MAX - GENERIC)
        return false;
    name = named_at(message, sk_offset);
    if (name == 0)
        return false;
    ike_secret_set(head, (ike_span){message.data, length});
    head->data[name] = IKEV2_PAYLOAD_SK;
    ike_put_u32(head->data + 24, (uint32_t)(length + plaintext_length));
    head->data[sk_offset + 2] = (uint8_t)((GENERIC + plaintext_length) >> 8);
    head->data[sk_offset + 3] = (uint8_t)(GENERIC + plaintext_length);
    return true;
}

void ikev2_int_auth_join(ike_span int_auth_i, ike_span int_auth_r, uint32_t auth_message_id,
                         ike_secret *int_auth)
{
    uint8_t id[4];
    const ike_span parts[] = {int_auth_i, int_auth_r, {id, sizeof id}};

    ike_put_u32(id, auth_message_id);
    ike_secret_join(parts, 3, int_auth);
}
