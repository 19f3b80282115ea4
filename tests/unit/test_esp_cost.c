/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys of ESP without SPIs cost, in trials of a key: 500 keys over 20,000 packets. */
#include "hex.h"

#include <string.h>

#include "decrypt/context.h"
#include "decrypt/decrypt.h"
#include "decrypt/esp/esp_packet.h"
#include "decrypt/keys/keyring.h"
#include "lab_esp.h"
#include "proto/network_order.h"

enum { KEYS = 500, PACKETS = 20000, PACKET_MAX = 512 };

static unsigned trials;

ike_esp_direction *__real_ike_esp_direction_new(const ike_algorithms *algorithms,
                                                ike_span encryption, ike_span integrity,
                                                ike_esn esn, ike_status *status);
ike_esp_direction *__wrap_ike_esp_direction_new(const ike_algorithms *algorithms,
                                                ike_span encryption, ike_span integrity,
                                                ike_esn esn, ike_status *status);

/* Each key that is tried comes through here (linked with --wrap). */
ike_esp_direction *__wrap_ike_esp_direction_new(const ike_algorithms *algorithms,
                                                ike_span encryption, ike_span integrity,
                                                ike_esn esn, ike_status *status)
{
    trials++;
    return __real_ike_esp_direction_new(algorithms, encryption, integrity, esn, status);
}

static void add_key(ike_keyring *ring, ike_span encryption, ike_span integrity)
{
    const ike_esp_key key = {
        .protocol = IKEV2_PROTOCOL_ESP,
        .has_suite = true,
        .suite = {.encryption = 12, .key_bits = 256, .integrity = 12},
        .encryption = encryption,
        .integrity = integrity,
    };

    assert_true(ike_keyring_add_esp(ring, IKE_SOURCE_KEYLOG, &key));
}

static void add_wrong_keys(ike_keyring *ring)
{
    uint8_t encryption[32] = {0}, integrity[32] = {0};

    for (unsigned i = 1; i < KEYS; i++) {
        ike_put_u32(encryption, i);
        add_key(ring, (ike_span){encryption, 32}, (ike_span){integrity, 32});
    }
}

/* Decrypts 20,000 packets of `spis` SPIs; returns how many were. */
static unsigned read_packets(ike_keyring *ring, const lab_esp_packet *lab, unsigned spis)
{
    ike_decrypt_context *context = ike_decrypt_context_new(ring);
    ike_span packet = hex(lab->packet);
    uint8_t copy[PACKET_MAX];
    unsigned decrypted = 0;

    assert_true(packet.length <= sizeof copy);
    memcpy(copy, packet.data, packet.length);
    trials = 0;
    for (unsigned i = 0; i < PACKETS; i++) {
        ike_decrypted_esp result = {0};

        if (spis > 1)
            ike_put_u32(copy, 1000 + i % spis);
        ike_esp_sa *sa = ike_esp_find(context, IKEV2_PROTOCOL_ESP, ike_get_u32(copy));
        decrypted += sa && ike_esp_decrypt(sa, (ike_span){copy, packet.length}, &result);
        g_free(result.plain);
    }
    ike_decrypt_context_free(context);
    return decrypted;
}

/* One SPI of which no key is right: it is asked a few times, whatever comes later. */
static void test_none_fits(void **state)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);

    (void)state;
    add_wrong_keys(ring);
    assert_int_equal(read_packets(ring, &lab_esp_packets[0], 1), 0);
    assert_true(trials >= KEYS && trials <= 20 * KEYS);
    ike_keyring_free(ring);
}

/* Each packet has another SPI: one budget for all of them, so no 10,000,000 trials. */
static void test_many_spis(void **state)
{
    enum { MOST = 400000 }; /* less than a second */
    ike_keyring *ring = ike_keyring_new(NULL, NULL);

    (void)state;
    add_wrong_keys(ring);
    assert_int_equal(read_packets(ring, &lab_esp_packets[0], PACKETS), 0);
    assert_true(trials >= KEYS && trials <= MOST);
    ike_keyring_free(ring);
}

/* The right one is found with the first packet, and asked first from then on. */
static void test_one_fits(void **state)
{
    const lab_esp_packet *lab = &lab_esp_packets[0];
    ike_keyring *ring = ike_keyring_new(NULL, NULL);

    (void)state;
    add_key(ring, hex(lab->encryption_key), hex(lab->integrity_key));
    add_wrong_keys(ring);
    assert_int_equal(read_packets(ring, lab, 1), PACKETS);
    assert_true(trials >= KEYS && trials <= 2 * KEYS);
    ike_keyring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_fits),
        cmocka_unit_test(test_many_spis),
        cmocka_unit_test(test_one_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
