/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP packets of real daemons and of RFC 7634, and what hostile ones come to. */
#include "encrypt.h"
#include "hex.h"

#include <glib.h>

#include "decrypt/crypto/mac.h"
#include "decrypt/esp/esp_packet.h"
#include "lab_esp.h"
#include "proto/network_order.h"

static ike_esp_direction *make(uint16_t encr, uint16_t bits, uint16_t integ, ike_span encr_key,
                               ike_span integ_key, ike_esn esn)
{
    ike_algorithms algorithms = {.encr = ike_encr_find(encr), .key_bits = bits};
    ike_esp_direction *direction;
    ike_status status;

    algorithms.integ = ike_encr_is_aead(algorithms.encr) ? NULL : ike_integ_find(integ);
    direction = ike_esp_direction_new(&algorithms, encr_key, integ_key, esn, &status);
    assert_int_equal(status, IKE_OK);
    assert_non_null(direction);
    return direction;
}

static ike_esp_direction *make_lab(const lab_esp_packet *lab, ike_esn esn)
{
    return make(lab->encryption, lab->key_bits, lab->integrity, hex(lab->encryption_key),
                hex(lab->integrity_key), esn);
}

/* Without padding, its length and the next header (RFC 4303 2). */
static size_t payload_length(const ike_decrypted_esp *decrypted)
{
    return decrypted->plain_length - decrypted->pad_length - 2;
}

/* A whole IPv4 packet of the lab's inner network with a right header checksum (RFC 1071). */
static void assert_lab_packet(const ike_decrypted_esp *decrypted)
{
    uint32_t sum = 0;

    assert_int_equal(decrypted->next_header, 4);
    assert_true(payload_length(decrypted) >= 28 && payload_length(decrypted) <= 1500);
    assert_int_equal(decrypted->plain[0], 0x45);
    assert_int_equal(decrypted->plain[2] << 8 | decrypted->plain[3], payload_length(decrypted));
    assert_int_equal(decrypted->plain[9], 1); /* ICMP */
    for (size_t i = 0; i < 20; i += 2)
        sum += (uint32_t)decrypted->plain[i] << 8 | decrypted->plain[i + 1];
    assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
    assert_int_equal(ike_get_u32(decrypted->plain + 12), 0x0a5b0001); /* 10.91.0.1 */
    assert_int_equal(ike_get_u32(decrypted->plain + 16), 0x0a5c0001); /* 10.92.0.1 */
}

static void test_lab(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(lab_esp_packets); i++) {
        const lab_esp_packet *lab = &lab_esp_packets[i];
        ike_esp_direction *direction = make_lab(lab, IKE_ESN_UNKNOWN);
        ike_span packet = hex(lab->packet);
        ike_decrypted_esp decrypted = {0};

        print_message("%s\n", lab->name);
        assert_int_equal(ike_esp_direction_decrypt(direction, packet, 0, 4, &decrypted), IKE_OK);
        assert_true(decrypted.icv_checked && decrypted.icv_ok && !decrypted.sequence_high);
        assert_int_equal(8 + decrypted.iv_length + decrypted.plain_length + decrypted.icv_length,
                         packet.length);
        assert_lab_packet(&decrypted);
        g_clear_pointer(&decrypted.plain, g_free);
        for (size_t byte = 0; byte < packet.length; byte++) { /* all of it is covered */
            ((uint8_t *)packet.data)[byte] ^= 0x10;
            assert_int_equal(ike_esp_direction_decrypt(direction, packet, 0, 4, &decrypted),
                             IKE_ERR_ICV);
            assert_null(decrypted.plain);
            assert_true(decrypted.icv_checked && !decrypted.icv_ok);
            ((uint8_t *)packet.data)[byte] ^= 0x10;
        }
        for (size_t truncated = 0; truncated < packet.length; truncated++) {
            ike_status status = ike_esp_direction_decrypt(
                direction, (ike_span){packet.data, truncated}, 0, 4, &decrypted);

            assert_true(status == IKE_ERR_ICV || status == IKE_ERR_DATA_LENGTH);
            assert_null(decrypted.plain);
        }
        ike_esp_direction_free(direction);
    }
}

static void test_rfc_7634(void **state)
{
    ike_span packet = hex("01020304 00000005 1011121314151617"
                          "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c6"
                          "14ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3"
                          "cbec163fac469b502773f6fb94e664da9165b82829f641e0"
                          "76aaa8266b7fb0f7b11b369907e1ad43");
    ike_esp_direction *direction = make(
        28, 256, 0, hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3"),
        (ike_span){NULL, 0}, IKE_ESN_NO);
    ike_decrypted_esp decrypted = {0};

    (void)state;
    assert_int_equal(ike_esp_direction_decrypt(direction, packet, 0, 4, &decrypted), IKE_OK);
    assert_int_equal(decrypted.pad_length, 2);
    assert_int_equal(decrypted.next_header, 4);
    assert_int_equal(payload_length(&decrypted), 84);
    assert_bytes(decrypted.plain, 84,
                 "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec10"
                 "0007362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223"
                 "2425262728292a2b2c2d2e2f3031323334353637");
    g_free(decrypted.plain);
    ike_esp_direction_free(direction);
}

/* ---- packets made here, byte by byte as the RFCs lay them out ------------------------------ */

static const uint8_t key[80] = {7, 1, 2, 3, 4, 5, 6, 7, 8, 9};

/* RFC 4106 5 and RFC 8750 4: the ESN is in the additional data, and the IV when it is implicit. */
static size_t encrypt_gcm(uint16_t id, uint32_t high, const uint8_t *text, size_t length,
                          uint8_t *packet)
{
    const ike_encr *encr = ike_encr_find(id);
    uint8_t aad[12], *iv = packet + 8, *data = packet + 8 + ike_encr_wire_iv(encr);
    uint8_t counter[8];

    ike_put_u32(packet, 0x11223344);
    ike_put_u32(packet + 4, 9);
    ike_put_u32(aad, 0x11223344);
    ike_put_u32(aad + 4, high);
    ike_put_u32(aad + 8, 9);
    ike_put_u64(counter, (uint64_t)high << 32 | 9);
    memset(iv, 0xee, 8);
    encrypt(encr, (ike_span){key, 20}, (ike_span){encr->implicit_iv ? counter : iv, 8},
            (ike_span){aad, 12}, (ike_span){text, length}, data, data + length);
    return (size_t)(data - packet) + length + 16;
}

static void check_esn(ike_esp_direction *direction, ike_span packet, uint32_t hint, uint32_t high,
                      bool found)
{
    ike_decrypted_esp decrypted = {0};

    assert_int_equal(ike_esp_direction_decrypt(direction, packet, hint, 4, &decrypted),
                     found ? IKE_OK : IKE_ERR_ICV);
    if (found) {
        assert_int_equal(decrypted.sequence_high, high);
        assert_int_equal(decrypted.next_header, 59); /* a dummy packet */
        g_free(decrypted.plain);
    }
}

static void check_esn_window(uint16_t encr, uint16_t integ, size_t encr_key, size_t integ_key,
                             ike_span packet, uint32_t high)
{
    const ike_esn modes[] = {IKE_ESN_YES, IKE_ESN_UNKNOWN};
    ike_esp_direction *direction;

    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        direction =
            make(encr, 0, integ, (ike_span){key, encr_key}, (ike_span){key, integ_key}, modes[i]);
        check_esn(direction, packet, high, high, true);
        check_esn(direction, packet, high - 1, high, true);
        check_esn(direction, packet, high + 1, high, true);
        check_esn(direction, packet, high + 2, high, false);
        ike_esp_direction_free(direction);
    }
    direction =
        make(encr, 0, integ, (ike_span){key, encr_key}, (ike_span){key, integ_key}, IKE_ESN_NO);
    check_esn(direction, packet, high, high, false);
    ike_esp_direction_free(direction);
}

static void test_esn(void **state)
{
    static const uint8_t text[] = {1, 2, 2, 59};
    const ike_integ *integ = ike_integ_find(12);
    uint8_t packet[64] = {0}, upper[4];
    const ike_span parts[] = {{packet, 8 + sizeof text}, {upper, 4}};
    ike_status status;
    ike_mac *mac;
    size_t length;

    (void)state;
    length = encrypt_gcm(20, 5, text, sizeof text, packet);
    check_esn_window(20, 0, 20, 0, (ike_span){packet, length}, 5);
    length = encrypt_gcm(30, 5, text, sizeof text, packet);
    assert_int_equal(length, 8 + 4 + 16); /* no IV on the wire */
    check_esn_window(30, 0, 20, 0, (ike_span){packet, length}, 5);

    /* RFC 4303 2.2.1: with a separate ICV the upper half is behind the ciphertext. NULL cipher. */
    memcpy(packet + 8, text, sizeof text);
    ike_put_u32(upper, 7);
    mac = ike_mac_new(integ, (ike_span){key, integ->key_length}, &status);
    assert_int_equal(ike_mac_compute(mac, parts, 2, packet + 12), IKE_OK);
    ike_mac_free(mac);
    check_esn_window(11, 12, 0, 32, (ike_span){packet, 12 + 16}, 7);
}

/* RFC 4543 3.3: header, IV and text are all additional data of GCM. */
static void test_gmac(void **state)
{
    uint8_t packet[64] = {0x11, 0x22, 0x33, 0x44, 0, 0, 0,    9,    1, 1,
                          1,    1,    1,    1,    1, 1, 0xaa, 0xbb, 0, 17};
    ike_esp_direction *direction =
        make(21, 128, 0, (ike_span){key, 20}, (ike_span){NULL, 0}, IKE_ESN_NO);
    ike_decrypted_esp decrypted = {0};

    (void)state;
    encrypt(ike_encr_find(20), (ike_span){key, 20}, (ike_span){packet + 8, 8},
            (ike_span){packet, 20}, (ike_span){NULL, 0}, NULL, packet + 20);
    assert_int_equal(ike_esp_direction_decrypt(direction, (ike_span){packet, 36}, 0, 4, &decrypted),
                     IKE_OK);
    assert_int_equal(payload_length(&decrypted), 2);
    assert_int_equal(decrypted.next_header, 17);
    assert_bytes(decrypted.plain, 4, "aabb0011");
    g_free(decrypted.plain);
    packet[10] ^= 1; /* the IV */
    assert_int_equal(ike_esp_direction_decrypt(direction, (ike_span){packet, 36}, 0, 4, &decrypted),
                     IKE_ERR_ICV);
    ike_esp_direction_free(direction);
}

/* No cipher and nothing checked: the padding alone decides. RFC 4303 2.4, 2.7. */
static ike_status open_plain(const char *text, ike_decrypted_esp *decrypted)
{
    ike_esp_direction *direction =
        make(11, 0, IKEV2_INTEG_NONE, (ike_span){NULL, 0}, (ike_span){NULL, 0}, IKE_ESN_UNKNOWN);
    uint8_t packet[128] = {0};
    ike_span body = hex(text);
    ike_status status;

    memcpy(packet + 8, body.data, body.length);
    status =
        ike_esp_direction_decrypt(direction, (ike_span){packet, 8 + body.length}, 0, 4, decrypted);
    assert_false(decrypted->icv_checked);
    ike_esp_direction_free(direction);
    return status;
}

static void test_padding(void **state)
{
    ike_decrypted_esp decrypted = {0};

    (void)state;
    assert_int_equal(open_plain("aa 010203 03 3b", &decrypted), IKE_OK);
    assert_int_equal(payload_length(&decrypted), 1);
    assert_int_equal(decrypted.pad_length, 3);
    g_free(decrypted.plain);
    assert_int_equal(open_plain("aa 010203 05 3b", &decrypted), IKE_ERR_PADDING); /* beyond */
    assert_int_equal(open_plain("aa 010303 03 3b", &decrypted),
                     IKE_ERR_PADDING); /* does not count */
    assert_int_equal(open_plain("aa 010203 03 11", &decrypted), IKE_ERR_PADDING); /* no UDP */
    assert_int_equal(open_plain("00 04", &decrypted), IKE_ERR_PADDING);           /* no IPv4 */
    assert_int_equal(open_plain("00 3b", &decrypted), IKE_OK);
    assert_int_equal(payload_length(&decrypted), 0);
    g_free(decrypted.plain);
    assert_int_equal(open_plain("00", &decrypted), IKE_ERR_DATA_LENGTH);
    /* An IPv4 packet of 20 bytes and 5 bytes of traffic flow confidentiality padding. */
    assert_int_equal(
        open_plain("45000014 00000000 4000 0000 0a000001 0a000002 cccccccccc 01 01 04", &decrypted),
        IKE_OK);
    assert_int_equal(payload_length(&decrypted), 25);
    g_free(decrypted.plain);
}

static void test_new_refuses(void **state)
{
    ike_algorithms algorithms = {
        .encr = ike_encr_find(12), .key_bits = 128, .integ = ike_integ_find(12)};
    ike_status status;

    (void)state;
    assert_null(ike_esp_direction_new(&algorithms, (ike_span){key, 15}, (ike_span){key, 32},
                                      IKE_ESN_NO, &status));
    assert_int_equal(status, IKE_ERR_KEY_LENGTH);
    assert_null(ike_esp_direction_new(&algorithms, (ike_span){key, 16}, (ike_span){key, 31},
                                      IKE_ESN_NO, &status));
    assert_int_equal(status, IKE_ERR_KEY_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lab),     cmocka_unit_test(test_rfc_7634),
        cmocka_unit_test(test_esn),     cmocka_unit_test(test_gmac),
        cmocka_unit_test(test_padding), cmocka_unit_test(test_new_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
