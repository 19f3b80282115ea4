/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key schedule of IKEv1. */
#include "decrypt/ikev1/ikev1_key_schedule.h"

#include <string.h>

#include <openssl/crypto.h>

#include "decrypt/crypto/prf.h"
#include "proto/network_order.h"

/* The two cookies as bytes. */
static void put_cookies(uint8_t bytes[16], uint64_t first, uint64_t second)
{
    ike_put_u64(bytes, first);
    ike_put_u64(bytes + 8, second);
}

/* ---- SKEYID and its children ----------------------------------------------------------------- */

ike_status ikev1_skeyid_psk(const ikev1_phase1 *phase1, ike_span psk, ike_secret *skeyid)
{
    const ike_span parts[] = {phase1->nonces.i, phase1->nonces.r};

    return ike_prf_secret(phase1->prf, psk, parts, 2, skeyid);
}

ike_status ikev1_skeyid_signature(const ikev1_phase1 *phase1, ike_span dh_shared,
                                  ike_secret *skeyid)
{
    const ike_span nonces[] = {phase1->nonces.i, phase1->nonces.r};
    ike_secret key = {0};
    ike_status status;

    ike_secret_join(nonces, 2, &key);
    status = ike_prf_secret(phase1->prf, ike_secret_span(&key), &dh_shared, 1, skeyid);
    ike_secret_clear(&key);
    return status;
}

ike_status ikev1_skeyid_encryption(const ikev1_phase1 *phase1, ike_secret *skeyid)
{
    const ike_span nonces[] = {phase1->nonces.i, phase1->nonces.r};
    uint8_t key[IKE_MAX_HASH], cookies[16];
    const ike_span part = {cookies, sizeof cookies};
    ike_status status = ike_hash(phase1->hash, nonces, 2, key);

    put_cookies(cookies, phase1->cookie_i, phase1->cookie_r);
    if (status == IKE_OK) {
        status = ike_prf_secret(phase1->prf, (ike_span){key, phase1->hash->output_length}, &part, 1,
                                skeyid);
    }
    OPENSSL_cleanse(key, sizeof key);
    return status;
}

/* prf(SKEYID, [previous |] g^xy | CKY-I | CKY-R | n) */
static ike_status skeyid_child(const ikev1_phase1 *phase1, ike_span skeyid, ike_span dh_shared,
                               const ike_secret *previous, uint8_t n, ike_secret *out)
{
    uint8_t cookies[16];
    const ike_span parts[] = {
        ike_secret_span(previous), dh_shared, {cookies, sizeof cookies}, {&n, 1}};

    put_cookies(cookies, phase1->cookie_i, phase1->cookie_r);
    return ike_prf_secret(phase1->prf, skeyid, parts, 4, out);
}

ike_status ikev1_skeyids_derive(const ikev1_phase1 *phase1, ike_span skeyid, ike_span dh_shared,
                                ikev1_skeyids *skeyids)
{
    static const ike_secret none;
    ike_status status = skeyid_child(phase1, skeyid, dh_shared, &none, 0, &skeyids->d);

    if (status == IKE_OK)
        status = skeyid_child(phase1, skeyid, dh_shared, &skeyids->d, 1, &skeyids->a);
    if (status == IKE_OK)
        status = skeyid_child(phase1, skeyid, dh_shared, &skeyids->a, 2, &skeyids->e);
    return status;
}

void ikev1_skeyids_clear(ikev1_skeyids *skeyids)
{
    ike_secret_clear(&skeyids->d);
    ike_secret_clear(&skeyids->a);
    ike_secret_clear(&skeyids->e);
}

/* K1 = prf(key, [first |] tail), Kn = prf(key, K(n-1) | tail), joined, truncated to length.
 * `tail` goes into every step, `first` only into the first one. */
enum { CHAIN_TAIL = 5 };
static ike_status chain(const ike_prf_alg *prf, ike_span key, ike_span first, const ike_span *tail,
                        size_t count, size_t length, ike_secret *out)
{
    size_t step = prf->output_length;
    ike_span parts[1 + CHAIN_TAIL] = {first};
    uint8_t block[IKE_MAX_HASH];
    ike_secret result = {0};
    ike_status status = IKE_OK;

    if (count > 0)
        memcpy(&parts[1], tail, count * sizeof tail[0]);
    ike_secret_resize(&result, length);
    for (size_t at = 0; at < length && status == IKE_OK; at += step) {
        status = ike_prf(prf, key, parts, count + 1, block);
        parts[0] = (ike_span){block, step};
        if (status == IKE_OK)
            memcpy(result.data + at, block, length - at < step ? length - at : step);
    }
    if (status == IKE_OK)
        ike_secret_move(out, &result);
    ike_secret_clear(&result);
    OPENSSL_cleanse(block, sizeof block);
    return status;
}

ike_status ikev1_encryption_key(const ike_prf_alg *prf, ike_span skeyid_e, size_t length,
                                ike_secret *key)
{
    static const uint8_t zero;

    if (skeyid_e.length >= length) {
        ike_secret_set(key, (ike_span){skeyid_e.data, length});
        return IKE_OK;
    }
    return chain(prf, skeyid_e, (ike_span){&zero, 1}, NULL, 0, length, key);
}

/* ---- IVs ------------------------------------------------------------------------------------- */

static ike_status hash_truncated(const ike_prf_alg *hash, const ike_span *parts, size_t count,
                                 uint8_t *iv, size_t length)
{
    uint8_t full[IKE_MAX_HASH];
    ike_status status = ike_hash(hash, parts, count, full);

    if (status == IKE_OK && length > hash->output_length)
        status = IKE_ERR_IV_LENGTH;
    if (status == IKE_OK)
        memcpy(iv, full, length);
    return status;
}

ike_status ikev1_iv_phase1(const ike_prf_alg *hash, ike_span ke_i, ike_span ke_r, uint8_t *iv,
                           size_t block_length)
{
    const ike_span parts[] = {ke_i, ke_r};

    return hash_truncated(hash, parts, 2, iv, block_length);
}

ike_status ikev1_iv_message(const ike_prf_alg *hash, ike_span last_block, uint32_t message_id,
                            uint8_t *iv, size_t block_length)
{
    uint8_t id[4];
    const ike_span parts[] = {last_block, {id, sizeof id}};

    ike_put_u32(id, message_id);
    return hash_truncated(hash, parts, 2, iv, block_length);
}

/* ---- HASH payloads --------------------------------------------------------------------------- */

ike_status ikev1_hash_auth(const ikev1_phase1 *phase1, ike_span skeyid, const ikev1_auth *auth,
                           bool of_initiator, ike_secret *hash)
{
    uint8_t cookies[16];
    ike_span parts[] = {auth->ke_i, auth->ke_r, {cookies, sizeof cookies}, auth->sa_i, auth->id};

    if (of_initiator) {
        put_cookies(cookies, phase1->cookie_i, phase1->cookie_r);
    } else {
        put_cookies(cookies, phase1->cookie_r, phase1->cookie_i);
        parts[0] = auth->ke_r;
        parts[1] = auth->ke_i;
    }
    return ike_prf_secret(phase1->prf, skeyid, parts, 5, hash);
}

ike_status ikev1_hash_1(const ike_prf_alg *prf, ike_span skeyid_a, uint32_t message_id,
                        ike_span rest, ike_secret *hash)
{
    return ikev1_hash_2(prf, skeyid_a, message_id, (ike_span){NULL, 0}, rest, hash);
}

ike_status ikev1_hash_2(const ike_prf_alg *prf, ike_span skeyid_a, uint32_t message_id,
                        ike_span nonce_i, ike_span rest, ike_secret *hash)
{
    uint8_t id[4];
    const ike_span parts[] = {{id, sizeof id}, nonce_i, rest};

    ike_put_u32(id, message_id);
    return ike_prf_secret(prf, skeyid_a, parts, 3, hash);
}

ike_status ikev1_hash_3(const ike_prf_alg *prf, ike_span skeyid_a, uint32_t message_id,
                        ike_nonces nonces, ike_secret *hash)
{
    uint8_t zero_and_id[5] = {0};
    const ike_span parts[] = {{zero_and_id, sizeof zero_and_id}, nonces.i, nonces.r};

    ike_put_u32(zero_and_id + 1, message_id);
    return ike_prf_secret(prf, skeyid_a, parts, 3, hash);
}

ike_status ikev1_hash_gdoi(const ike_prf_alg *prf, ike_span skeyid_a, uint32_t message_id,
                           ike_nonces nonces, ike_span rest, ike_secret *hash)
{
    uint8_t id[4];
    const ike_span parts[] = {{id, sizeof id}, nonces.i, nonces.r, rest};

    ike_put_u32(id, message_id);
    return ike_prf_secret(prf, skeyid_a, parts, 4, hash);
}

/* ---- phase 2 --------------------------------------------------------------------------------- */

ike_status ikev1_keymat(const ike_prf_alg *prf, ike_span skeyid_d, ike_span dh_shared,
                        uint8_t protocol, uint32_t spi, ike_nonces nonces, size_t length,
                        ike_secret *keymat)
{
    uint8_t spi_bytes[4];
    const ike_span tail[] = {
        dh_shared, {&protocol, 1}, {spi_bytes, sizeof spi_bytes}, nonces.i, nonces.r};

    ike_put_u32(spi_bytes, spi);
    return chain(prf, skeyid_d, (ike_span){NULL, 0}, tail, 5, length, keymat);
}
