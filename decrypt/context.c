/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all SAs of a capture share; the texts of what comes out. */
#include "decrypt/context.h"

#include "decrypt/message.h"

const ike_algorithms *ike_decrypt_context_intern(ike_decrypt_context *decryption,
                                                 const ike_algorithms *algorithms)
{
    ike_algorithms *known = g_hash_table_lookup(decryption->algorithms, algorithms);

    if (!known) {
        known = g_memdup2(algorithms, sizeof *algorithms);
        g_hash_table_add(decryption->algorithms, known);
    }
    return known;
}

ike_bound_walk ike_sa_base_walk_bound(const ike_sa_base *base)
{
    return ike_sa_keys_walk_bound(ike_keyring_sa_keys(base->capture->ring), base->initiator_spi,
                                  base->responder_spi);
}

void ike_sa_base_refuse(ike_sa_base *base, bool from_initiator, const ike_search *search)
{
    const char *refused = ike_refusal_text(base->capture->ring, &search->refusal);

    if (refused)
        base->refused[from_initiator] = refused;
}

ike_auth_result ike_group_auth_result(ike_group_auth auth)
{
    static const ike_auth_result results[] = {
        [IKE_GROUP_AUTH_NONE] = {.status = IKE_AUTH_UNKNOWN},
        [IKE_GROUP_AUTH_IMPLICIT] = {.status = IKE_AUTH_UNKNOWN,
                                     .reason =
                                         "not signed: any member of the group may have sent it"},
        [IKE_GROUP_AUTH_VERIFIED] = {.status = IKE_AUTH_VERIFIED,
                                     .reason = "signature matches the group's key server"},
        [IKE_GROUP_AUTH_NO_KEY] = {.status = IKE_AUTH_UNKNOWN,
                                   .reason =
                                       "the public key of the group's key server is not known"},
        [IKE_GROUP_AUTH_UNSUPPORTED] = {.status = IKE_AUTH_UNKNOWN,
                                        .reason = "signature algorithm not supported"},
        [IKE_GROUP_AUTH_WRONG] = {.status = IKE_AUTH_WRONG,
                                  .reason = "signature does not match the group's key server"},
        [IKE_GROUP_AUTH_MISSING] = {.status = IKE_AUTH_WRONG,
                                    .reason = "the group's policy demands a signature"},
        [IKE_GROUP_AUTH_REPLAYED] = {.status = IKE_AUTH_UNKNOWN,
                                     .reason = "its sequence number is not higher than that of an "
                                               "earlier message: a replay"},
    };
    return (size_t)auth < G_N_ELEMENTS(results) ? results[auth] : results[IKE_GROUP_AUTH_NONE];
}

const char *ike_decrypt_status_text(ike_decrypt_status status)
{
    static const char *const texts[IKE_DECRYPT_STATUSES] = {
        [IKE_DECRYPT_OK] = "Decrypted",
        [IKE_DECRYPT_NOT_BUILT] = "This build cannot decrypt",
        [IKE_DECRYPT_NO_KEY] = "No key for this SA",
        [IKE_DECRYPT_NO_SUITE] =
            "A key is known, but not the algorithms: their negotiation is not in the capture",
        [IKE_DECRYPT_BAD_ICV] = "The integrity check fails: wrong key or modified message",
        [IKE_DECRYPT_WRONG_KEY] = "Decryption produced invalid plaintext (wrong key?)",
        [IKE_DECRYPT_KEY_LENGTH] = "Invalid key length for the algorithm",
        [IKE_DECRYPT_NO_CIPHER] =
            "The algorithm is not in this OpenSSL (its legacy provider is missing)",
        [IKE_DECRYPT_SHORT] = "Too short for IV, one block and integrity check value",
        [IKE_DECRYPT_BLOCK_SIZE] = "The ciphertext is no multiple of the cipher's block size",
        [IKE_DECRYPT_PADDING] = "The pad length exceeds the plaintext: wrong key or malformed",
        [IKE_DECRYPT_NO_IV] = "The IV is unknown: messages before this one are not in the capture",
        [IKE_DECRYPT_WRONG_PSK] =
            "PSK does not match (or the shared secret): its keys do not decrypt this message",
        [IKE_DECRYPT_INVALID_PLAINTEXT] =
            "Invalid plaintext with the keys of this SA: forged, modified, or other keys",
        [IKE_DECRYPT_NO_SHARED] =
            "Negotiated with PFS; the shared secret of its key exchange is not known",
        [IKE_DECRYPT_NO_SK_D] =
            "Negotiated in the capture; SK_d (IKEv1: SKEYID_d) of its IKE SA is not known",
        [IKE_DECRYPT_NO_GROUP_KEY] =
            "No key for this Rekey SA: its key download is not in the capture, or not decrypted",
        [IKE_DECRYPT_UNSUPPORTED] = "A negotiated algorithm is not supported",
        [IKE_DECRYPT_NOT_AUTHENTIC] =
            "Not authentic: the integrity check fails with the verified keys of this SA",
        [IKE_DECRYPT_NO_PSK] =
            "The shared secret of the key exchange is known, but no PSK for this peer",
        [IKE_DECRYPT_NO_PPK] =
            "A PPK was negotiated (RFC 8784); the PPK for its PPK_ID is not known",
        [IKE_DECRYPT_OTHER_VALUE] =
            "The private value is of another key exchange: it makes neither public value",
        [IKE_DECRYPT_NOT_ALL_TRIED] =
            "Too many secrets without SPIs: not all were tried; bind them to the SPIs of this SA",
    };
    return (size_t)status < IKE_DECRYPT_STATUSES && texts[status] ? texts[status] : "";
}
