/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pseudo-random functions: key handling here, the constructions in mac.c. */
#include "decrypt/crypto/prf.h"

#include <string.h>

#include <openssl/crypto.h>

#include "decrypt/crypto/mac.h"
#include "decrypt/crypto/openssl_context.h"

enum { FIXED_KEY = 16 }; /* of AES-XCBC-PRF-128 and AES-CMAC-PRF-128 */

/* A key of any length to one of 16 bytes: RFC 4434 pads short ones with zeros, RFC 4615 does not;
 * both run what is left through the MAC with a key of zeros. */
static ike_status fit_key(const ike_prf_alg *prf, ike_span key, uint8_t fitted[FIXED_KEY])
{
    static const uint8_t zeros[FIXED_KEY];
    ike_status status = IKE_OK;
    ike_mac *mac;

    if (key.length == FIXED_KEY || (prf->kind == IKE_MAC_XCBC && key.length < FIXED_KEY)) {
        memset(fitted, 0, FIXED_KEY);
        if (key.length > 0)
            memcpy(fitted, key.data, key.length);
        return IKE_OK;
    }
    mac = ike_mac_new_full(prf->kind, NULL, (ike_span){zeros, FIXED_KEY}, &status);
    if (mac != NULL) {
        status = ike_mac_compute(mac, &key, 1, fitted);
        ike_mac_free(mac);
    }
    return status;
}

static ike_mac *prf_keyed(const ike_prf_alg *prf, ike_span key, ike_status *status)
{
    uint8_t fitted[FIXED_KEY];
    ike_mac *mac = NULL;

    if (prf->kind == IKE_MAC_HMAC)
        return ike_mac_new_full(prf->kind, prf->digest, key, status);
    *status = fit_key(prf, key, fitted);
    if (*status == IKE_OK)
        mac = ike_mac_new_full(prf->kind, NULL, (ike_span){fitted, FIXED_KEY}, status);
    OPENSSL_cleanse(fitted, sizeof fitted);
    return mac;
}

ike_status ike_prf(const ike_prf_alg *prf, ike_span key, const ike_span *parts, size_t count,
                   uint8_t *out)
{
    ike_status status;
    ike_mac *mac = prf_keyed(prf, key, &status);

    if (mac != NULL) {
        status = ike_mac_compute(mac, parts, count, out);
        ike_mac_free(mac);
    }
    return status;
}

ike_status ike_prf_secret(const ike_prf_alg *prf, ike_span key, const ike_span *parts, size_t count,
                          ike_secret *out)
{
    uint8_t result[IKE_MAX_HASH];
    ike_status status = ike_prf(prf, key, parts, count, result);

    if (status == IKE_OK)
        ike_secret_set(out, (ike_span){result, prf->output_length});
    OPENSSL_cleanse(result, sizeof result);
    return status;
}

/* The longest list is SK(0), Ni, Nr, SK(1) to SK(7), with T before it and the counter behind. */
enum { PLUS_PARTS = 16 };

ike_status ikev2_prf_plus(const ike_prf_alg *prf, ike_span key, const ike_span *parts, size_t count,
                          uint8_t *out, size_t length)
{
    size_t step = prf->output_length;
    ike_span input[PLUS_PARTS];
    uint8_t block[IKE_MAX_HASH];
    uint8_t counter = 0;
    ike_status status;
    ike_mac *mac;

    if (count + 2 > PLUS_PARTS)
        return IKE_ERR_ARGUMENT;
    if (length > 255 * step)
        return IKE_ERR_TOO_LONG;
    mac = prf_keyed(prf, key, &status);
    if (mac == NULL)
        return status;
    input[0] = (ike_span){block, 0}; /* T0 is empty */
    if (count > 0)
        memcpy(&input[1], parts, count * sizeof parts[0]);
    input[count + 1] = (ike_span){&counter, 1};
    for (size_t at = 0; at < length && status == IKE_OK; at += step) {
        counter++;
        status = ike_mac_compute(mac, input, count + 2, block);
        input[0].length = step;
        memcpy(out + at, block, length - at < step ? length - at : step);
    }
    ike_mac_free(mac);
    OPENSSL_cleanse(block, sizeof block);
    return status;
}

ike_status ike_hash(const ike_prf_alg *prf, const ike_span *parts, size_t count, uint8_t *out)
{
    if (prf->digest == NULL)
        return IKE_ERR_ARGUMENT;
    return ike_ossl_hash(ike_ossl_digest(prf->digest, false), (ike_span){NULL, 0}, parts, count,
                         out)
               ? IKE_OK
               : IKE_ERR_OPENSSL;
}
