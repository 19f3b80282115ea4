/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decrypt.h for a build without OpenSSL: keys are accepted and dropped, nothing is decrypted, and
 * the status of every encrypted payload says that this build cannot decrypt. */
#include <glib.h>

#include "decrypt/decrypt.h"

#pragma GCC diagnostic ignored "-Wunused-parameter" /* nearly all of them */

struct ike_keyring {
    unsigned revision;
};

struct ike_decrypt_context {
    char unused;
};

struct ike_crypto {
    char unused;
};

ike_keyring *ike_keyring_new(ike_keyring_warn warn, void *user)
{
    return g_new0(ike_keyring, 1);
}

void ike_keyring_free(ike_keyring *ring)
{
    g_free(ring);
}

void ike_keyring_clear(ike_keyring *ring, ike_key_source source)
{
    ring->revision++;
}

void ike_keyring_close(ike_keyring *ring)
{
}

bool ike_keyring_stays_empty(const ike_keyring *ring)
{
    return true;
}

unsigned ike_keyring_revision(const ike_keyring *ring)
{
    return ring->revision;
}

const char *ike_keyring_add_ikev2_row(ike_keyring *ring, const char *spi_i, const char *spi_r,
                                      const char *sk_ei, const char *sk_er, const char *encryption,
                                      const char *sk_ai, const char *sk_ar, const char *integrity)
{
    return NULL;
}

const char *ike_keyring_add_ikev1_row(ike_keyring *ring, const char *cookie, const char *key)
{
    return NULL;
}

const char *ike_keyring_add_psk_row(ike_keyring *ring, const char *peer, const char *psk)
{
    return NULL;
}

void ike_keyring_add_text(ike_keyring *ring, ike_key_source source, const char *name,
                          const char *text, size_t length, bool last)
{
}

bool ike_keyring_follow_file(ike_keyring *ring, const char *path)
{
    return true;
}

void ike_keyring_each_key_log(const ike_keyring *ring, ike_key_log_use *use, void *user)
{
}

bool ike_key_log_has_ike_sa(const ike_key_log *log, uint64_t initiator_spi, uint64_t responder_spi)
{
    return false;
}

bool ike_key_log_has_esp_spi(const ike_key_log *log, uint32_t spi)
{
    return false;
}

bool ike_key_log_is_empty(const ike_key_log *log)
{
    return true;
}

char *ike_key_log_text(const ike_key_log *log, const char *judgement)
{
    return g_strdup("");
}

ike_decrypt_context *ike_decrypt_context_new(ike_keyring *ring)
{
    return g_new0(ike_decrypt_context, 1);
}

void ike_decrypt_context_free(ike_decrypt_context *context)
{
    g_free(context);
}

ike_crypto *ike_crypto_new(ike_decrypt_context *context, uint8_t major, uint64_t initiator_spi,
                           uint64_t responder_spi)
{
    return g_new0(ike_crypto, 1);
}

void ike_crypto_set_responder_spi(ike_crypto *crypto, uint64_t responder_spi)
{
}

void ike_crypto_free(ike_crypto *crypto)
{
    g_free(crypto);
}

void ike_crypto_update_keys(ike_crypto *crypto, const ike_key_inputs *inputs)
{
}

ike_crypto *ike_crypto_take_rekeyed(ike_crypto *crypto)
{
    return NULL;
}

bool ike_crypto_rekeyed_spis(const ike_crypto *crypto, uint64_t spis[2])
{
    return false;
}

const char *ike_decrypt_status_text(ike_decrypt_status status)
{
    return status == IKE_DECRYPT_OK ? "Decrypted" : "This build cannot decrypt";
}

bool ike_crypto_decrypt(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                        const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    *result = (ike_decrypted_payload){.status = IKE_DECRYPT_NOT_BUILT};
    return false;
}

ike_group_auth ike_crypto_group_auth(const ike_crypto *crypto)
{
    return IKE_GROUP_AUTH_NONE;
}

ike_auth_result ike_group_auth_result(ike_group_auth auth)
{
    return (ike_auth_result){IKE_AUTH_UNKNOWN, NULL, NULL};
}

void ike_crypto_set_sides_swapped(ike_crypto *crypto, bool swapped)
{
}

ike_auth_result ike_crypto_auth(const ike_crypto *crypto, bool of_initiator)
{
    return (ike_auth_result){IKE_AUTH_UNKNOWN, "This build cannot verify", NULL};
}

bool ike_crypto_has_other_psk(const ike_crypto *crypto, bool of_initiator)
{
    return false;
}

bool ike_crypto_verified_frames(const ike_crypto *crypto, uint32_t frames[IKE_VERIFIED_FRAMES])
{
    return false;
}

ike_span ike_crypto_authenticated_id(const ike_crypto *crypto, bool of_initiator)
{
    return (ike_span){NULL, 0};
}

ike_esp_sa *ike_esp_find(ike_decrypt_context *context, uint8_t protocol, uint32_t spi)
{
    return NULL;
}

bool ike_esp_decrypt(ike_esp_sa *sa, ike_span packet, ike_decrypted_esp *result)
{
    *result = (ike_decrypted_esp){.status = IKE_DECRYPT_NOT_BUILT};
    return false;
}

const char *ike_public_value_fault(uint16_t group, ike_span value)
{
    return NULL;
}

ike_x509 *ike_x509_read(ike_span der)
{
    return NULL;
}

void ike_x509_free(ike_x509 *certificate)
{
}

void ike_crypto_write_keys(const ike_crypto *crypto, ike_write_line write, void *user)
{
}

void ike_esp_write_log_keys(const ike_decrypt_context *context, uint32_t spi, ike_write_line write,
                            void *user)
{
}

bool ike_ah_verify(ike_esp_sa *sa, const ike_ah_packet *packet, ike_verified_ah *result)
{
    *result = (ike_verified_ah){.status = IKE_DECRYPT_NOT_BUILT};
    return false;
}

void ike_decrypt_cleanup(void)
{
}
