/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One IKE SA for the dissector: shares the work out by version. */
#include "decrypt/ike_crypto.h"

#include "decrypt/crypto/cipher.h"
#include "decrypt/esp/esp_sa.h"
#include "decrypt/ikev1/ikev1_sa.h"
#include "decrypt/ikev2/ikev2_auth.h"
#include "decrypt/ikev2/ikev2_resume.h"
#include "decrypt/crypto/mac.h"
#include "decrypt/crypto/openssl_context.h"
#include "decrypt/crypto/public_value.h"

enum { TRIALS_PER_SA = 65536 };

ike_crypto *ike_crypto_new(ike_keyring *ring, uint8_t major, uint64_t initiator_spi,
                           uint64_t responder_spi)
{
    size_t room = major == 1 ? 0 : sizeof(ikev2_sa);
    ike_crypto *crypto = g_malloc0(sizeof *crypto + room);

    crypto->ring = ring;
    crypto->major = major;
    crypto->initiator_spi = initiator_spi;
    crypto->responder_spi = responder_spi;
    if (major == 1) {
        crypto->v1 = ikev1_sa_new();
    } else {
        crypto->v2 = (ikev2_sa *)(crypto + 1);
    }
    return crypto;
}

void ike_crypto_set_responder_spi(ike_crypto *crypto, uint64_t responder_spi)
{
    crypto->responder_spi = responder_spi;
}

void ike_crypto_free(ike_crypto *crypto)
{
    if (!crypto) {
        return;
    }
    ike_esp_free_sa(crypto);
    ike_crypto_free(crypto->rekeyed);
    if (crypto->v2) {
        ikev2_resume_free(crypto);
        ikev2_sa_clear(crypto->v2);
    }
    ikev1_sa_free(crypto->v1);
    g_free(crypto);
}

ike_crypto *ike_crypto_take_rekeyed(ike_crypto *crypto)
{
    return g_steal_pointer(&crypto->rekeyed);
}

void ike_crypto_spis(const ike_crypto *crypto, uint64_t *initiator_spi, uint64_t *responder_spi)
{
    *initiator_spi = crypto->initiator_spi;
    *responder_spi = crypto->responder_spi;
}

void ike_crypto_update_keys(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    if (crypto->v1) {
        ikev1_update_keys(crypto, inputs);
    } else {
        ikev2_update_keys(crypto, inputs);
    }
}

bool ike_crypto_decrypt(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                        const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    *result = (ike_decrypted_payload){.status = IKE_DECRYPT_NO_KEY};
    if (crypto->v1) {
        ikev1_decrypt(crypto, encrypted, hint, result);
    } else {
        ikev2_decrypt(crypto, encrypted, hint, result);
    }
    /* Keys are looked for on the first pass alone; later ones say the same. */
    if (encrypted->first_pass) {
        result->hint.status = (uint8_t)result->status;
    } else if (result->status != IKE_DECRYPT_OK && hint && hint->status) {
        result->status = hint->status;
        result->hint = *hint;
    }
    return result->status == IKE_DECRYPT_OK;
}

ike_auth_result ike_crypto_auth(const ike_crypto *crypto, bool of_initiator)
{
    return crypto->v1 ? ikev1_auth_result(crypto, of_initiator)
                      : ikev2_auth_result(crypto, of_initiator);
}

bool ike_crypto_spend_trial(ike_crypto *crypto)
{
    unsigned revision = ike_keyring_revision(crypto->ring);

    if (!crypto->trials_given || crypto->trials_revision != revision) {
        crypto->trials_given = true;
        crypto->trials_revision = revision;
        crypto->trials_left = ike_keyring_trials_left(crypto->ring, TRIALS_PER_SA);
    }
    if (crypto->trials_left == 0) {
        return false;
    }
    crypto->trials_left--;
    ike_keyring_spend(crypto->ring);
    return true;
}

const char *ike_decrypt_status_text(ike_decrypt_status status)
{
    static const char *const texts[] = {
        [IKE_DECRYPT_OK] = "Decrypted",
        [IKE_DECRYPT_NOT_BUILT] = "This build cannot decrypt",
        [IKE_DECRYPT_NO_KEY] = "No key for this SA",
        [IKE_DECRYPT_NO_SUITE] =
            "A key is known, but not the algorithms: the messages that negotiated "
            "them are not in the capture",
        [IKE_DECRYPT_BAD_ICV] = "The integrity check fails: wrong key or a changed message",
        [IKE_DECRYPT_WRONG_KEY] = "Decrypts to garbage: wrong key",
        [IKE_DECRYPT_KEY_LENGTH] = "The key has not the length that the algorithm needs",
        [IKE_DECRYPT_NO_CIPHER] =
            "The algorithm is not supported, or not in this OpenSSL (its legacy "
            "provider is missing)",
        [IKE_DECRYPT_SHORT] = "Too short for IV, one block and integrity check value",
        [IKE_DECRYPT_BLOCK_SIZE] = "The ciphertext is no multiple of the cipher's block size",
        [IKE_DECRYPT_PADDING] =
            "The pad length is beyond the plaintext: wrong key or a wrong message",
        [IKE_DECRYPT_NO_IV] = "The IV is unknown: messages before this one are not in the capture",
        [IKE_DECRYPT_WRONG_PSK] =
            "The PSK does not match: with the shared secret of the key exchange it "
            "makes no key that opens this message",
        [IKE_DECRYPT_INVALID_PLAINTEXT] =
            "Decrypts to garbage with the key that opened others of this SA: forged, "
            "changed on its way, or sealed with another key",
        [IKE_DECRYPT_NO_SHARED] =
            "Negotiated with PFS, and the shared secret of its key exchange is "
            "not known",
        [IKE_DECRYPT_NO_SK_D] =
            "Negotiated in the capture, but SK_d (IKEv1: SKEYID_d) of its IKE SA "
            "is not known",
    };
    return (size_t)status < G_N_ELEMENTS(texts) && texts[status] ? texts[status] : "";
}

void ike_decrypt_cleanup(void)
{
    ike_cipher_cleanup();
    ike_mac_cleanup();
    ike_public_value_cleanup();
    ike_ossl_cleanup();
}
