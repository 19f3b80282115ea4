/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/group/group_auth.h"

#include <string.h>

#include "decrypt/crypto/prf.h"
#include "decrypt/crypto/signature.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

static ike_group_auth group_auth_of(ike_auth_result result)
{
    switch (result.status) {
    case IKE_AUTH_VERIFIED:
        return IKE_GROUP_AUTH_VERIFIED;
    case IKE_AUTH_WRONG:
        return IKE_GROUP_AUTH_WRONG;
    default:
        return IKE_GROUP_AUTH_UNSUPPORTED;
    }
}

/* ---- G-IKEv2 --------------------------------------------------------------------------------- */

enum { GCAUTH_SIGNATURE = 2 };

ike_group_auth ike_gsa_rekey_auth(const ike_rekey_sa *sa, uint8_t method, ike_span signed_bytes,
                                  ike_span auth)
{
    if (!auth.length) {
        return sa->has_policy && sa->authentication == GCAUTH_SIGNATURE ? IKE_GROUP_AUTH_MISSING
                                                                        : IKE_GROUP_AUTH_IMPLICIT;
    }
    if (!sa->public_key.length)
        return IKE_GROUP_AUTH_NO_KEY;
    return group_auth_of(
        ikev2_signature_verify(method, ike_secret_span(&sa->public_key), signed_bytes, auth));
}

/* ---- GDOI ------------------------------------------------------------------------------------ */

enum { GENERIC_HEADER = 4, LENGTH_AT = 24, SIG_ALG_RSA = 1 };

/* The method of RFC 7296 that signs alike; RSA signatures name their hash. */
static uint8_t method_of(uint16_t algorithm)
{
    static const uint8_t methods[] = {[1] = IKEV2_AUTH_RSA_SIGNATURE,
                                      [2] = IKEV2_AUTH_DSS_SIGNATURE,
                                      [4] = IKEV2_AUTH_ECDSA_256,
                                      [5] = IKEV2_AUTH_ECDSA_384,
                                      [6] = IKEV2_AUTH_ECDSA_521};

    return algorithm < G_N_ELEMENTS(methods) ? methods[algorithm] : 0;
}

/* An RSA signature of the hash itself, as IKEv1's are (RFC 2409 5.1). */
static ike_auth_result verify_bare_hash(const ike_rekey_sa *sa, ike_span bytes, ike_span signature)
{
    static const uint16_t hashes[] = {[1] = 1, [2] = 2, [3] = 4, [4] = 5, [5] = 6};
    uint16_t hash = sa->authentication_hash;
    const ike_prf_alg *prf = hash < G_N_ELEMENTS(hashes) ? ike_hash_find_v1(hashes[hash]) : NULL;
    uint8_t value[IKE_MAX_HASH];

    if (!prf || ike_hash(prf, &bytes, 1, value) != IKE_OK)
        return (ike_auth_result){IKE_AUTH_UNKNOWN, NULL, NULL};
    return ikev1_signature_verify(ike_secret_span(&sa->public_key),
                                  (ike_span){value, prf->output_length}, signature);
}

/* RFC 6407 does not say what the header's Length is while the message is signed: with all payloads
 * and their padding as it was sent, without padding, without SIG. */
static ike_auth_result verify_with_length(const ike_rekey_sa *sa, ike_span message,
                                          ike_span covered, ike_span signature, size_t length)
{
    static const uint8_t prefix[] = {'r', 'e', 'k', 'e', 'y'};
    uint8_t header[IKE_HEADER];
    const ike_span parts[] = {{prefix, sizeof prefix}, {header, sizeof header}, covered};
    ike_secret bytes = {0};
    ike_auth_result result;

    memcpy(header, message.data, IKE_HEADER);
    ike_put_u32(header + LENGTH_AT, (uint32_t)length);
    ike_secret_join(parts, G_N_ELEMENTS(parts), &bytes);
    result = ikev2_signature_verify(method_of(sa->authentication), ike_secret_span(&sa->public_key),
                                    ike_secret_span(&bytes), signature);
    if (result.status == IKE_AUTH_WRONG && sa->authentication == SIG_ALG_RSA) {
        ike_auth_result bare = verify_bare_hash(sa, ike_secret_span(&bytes), signature);

        result = bare.status == IKE_AUTH_VERIFIED ? bare : result;
    }
    ike_secret_clear(&bytes);
    return result;
}

ike_group_auth ike_groupkey_push_auth(const ike_rekey_sa *sa, ike_span message, ike_span payloads,
                                      ike_span signature)
{
    ike_auth_result result = {IKE_AUTH_UNKNOWN, NULL, NULL};

    if (!signature.length || signature.data < payloads.data + GENERIC_HEADER ||
        signature.data + signature.length > payloads.data + payloads.length) {
        return sa->has_policy && sa->authentication ? IKE_GROUP_AUTH_MISSING
                                                    : IKE_GROUP_AUTH_IMPLICIT;
    }
    if (!sa->public_key.length)
        return IKE_GROUP_AUTH_NO_KEY;
    if (!method_of(sa->authentication) || message.length < IKE_HEADER)
        return IKE_GROUP_AUTH_UNSUPPORTED;
    const ike_span covered = {payloads.data,
                              (size_t)(signature.data - payloads.data) - GENERIC_HEADER};
    const size_t lengths[] = {message.length, IKE_HEADER + payloads.length,
                              IKE_HEADER + covered.length, 0};
    for (size_t i = 0; i < G_N_ELEMENTS(lengths) && result.status != IKE_AUTH_VERIFIED; i++)
        result = verify_with_length(sa, message, covered, signature, lengths[i]);
    return group_auth_of(result);
}
