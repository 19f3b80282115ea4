/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Derivations and key material as logs give them, on their way to the key ring. */
#include "decrypt/keylog/records.h"

#include <openssl/crypto.h>
#include <string.h>

#include "proto/ike_numbers.h"

void ike_derivation_put(ike_keylog *log, ike_derivation *derivation, uint8_t version,
                        ike_secret_kind kind, ike_span secret, bool first)
{
    bool again = kind != IKE_SECRET_DH_SHARED && derivation->set != 0 &&
                 ike_keylog_set_has(log, derivation->set, kind);
    if (derivation->set == 0 || first || again) {
        derivation->set = ike_keylog_new_set(log, version);
        if (derivation->initiator_spi != 0)
            ike_keylog_bind_set(log, derivation->set, derivation->initiator_spi,
                                derivation->responder_spi);
    }
    (void)ike_keylog_set_secret(log, derivation->set, kind, secret);
}

bool ike_keymats_add(ike_keymats *keymats, ike_span material, uint8_t direction)
{
    if (material.length == 0 || material.length > IKE_KEYMAT_MAX)
        return false;
    if (keymats->count == IKE_KEYMATS) {
        memmove(keymats->waiting, keymats->waiting + 1,
                (IKE_KEYMATS - 1) * sizeof *keymats->waiting);
        keymats->count--;
    }
    unsigned at = keymats->count++;
    memcpy(keymats->waiting[at].bytes, material.data, material.length);
    keymats->waiting[at].length = material.length;
    keymats->waiting[at].direction = direction;
    return true;
}

bool ike_keymats_append(ike_keymats *keymats, ike_span more)
{
    unsigned newest = keymats->count - 1;
    if (keymats->count == 0 || more.length > IKE_KEYMAT_MAX - keymats->waiting[newest].length)
        return false;
    memcpy(keymats->waiting[newest].bytes + keymats->waiting[newest].length, more.data,
           more.length);
    keymats->waiting[newest].length += more.length;
    return true;
}

void ike_keymats_set_direction(ike_keymats *keymats, uint8_t direction)
{
    if (keymats->count > 0)
        keymats->waiting[keymats->count - 1].direction = direction;
}

static void use_keymats(ike_keylog *log, const ike_keymats *keymats, const ike_esp_key *of,
                        uint8_t direction)
{
    for (unsigned i = 0; i < keymats->count; i++) {
        if (keymats->waiting[i].direction != 0 && keymats->waiting[i].direction != direction)
            continue;
        ike_esp_key key = *of;
        ike_span *bytes = key.protocol == IKEV2_PROTOCOL_AH ? &key.integrity : &key.encryption;
        *bytes = (ike_span){keymats->waiting[i].bytes, keymats->waiting[i].length};
        (void)ike_keylog_add_esp(log, &key);
    }
}

static ike_esp_key key_of(uint32_t spi, uint8_t protocol, const ike_suite *suite, bool esn_known)
{
    return (ike_esp_key){.protocol = protocol,
                         .spi = spi,
                         .has_suite = suite != NULL,
                         .suite = suite != NULL ? *suite : (ike_suite){0},
                         .esn_known = esn_known};
}

void ike_keymats_use(ike_keylog *log, const ike_keymats *keymats, uint32_t spi, uint8_t direction,
                     const ike_suite *suite, bool esn_known)
{
    const ike_esp_key key = key_of(spi, 0, suite, esn_known);
    use_keymats(log, keymats, &key, direction);
}

void ike_keymats_use_ah(ike_keylog *log, const ike_keymats *keymats, uint32_t spi,
                        uint8_t direction, const ike_suite *suite, bool esn_known)
{
    const ike_esp_key key = key_of(spi, IKEV2_PROTOCOL_AH, suite, esn_known);
    use_keymats(log, keymats, &key, direction);
}

void ike_keymats_clear(ike_keymats *keymats)
{
    OPENSSL_cleanse(keymats, sizeof *keymats);
}

void ike_keylog_add_psk(ike_keylog *log, ike_span psk)
{
    (void)ike_keylog_add_peer(log, IKE_PEER_PSK, NULL, psk);
}

bool ike_suite_by_names(ike_text encryption, size_t key_bytes, ike_text integrity,
                        unsigned truncation_bits, ike_suite *suite)
{
    char name[64];
    *suite = (ike_suite){0};
    if (!ike_text_copy(encryption, name, sizeof name) ||
        !ike_encryption_by_name(name, key_bytes, &suite->encryption, &suite->key_bits))
        return false;
    if (ike_text_length(integrity) == 0)
        return true;
    return ike_text_copy(integrity, name, sizeof name) &&
           ike_integrity_by_name(name, truncation_bits, &suite->integrity);
}
