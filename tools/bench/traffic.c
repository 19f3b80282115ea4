/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes captures of traffic without IKE, the same ones on every run:
 *
 *   traffic esp COUNT CAPTURE TABLE    ESP packets of 1,250 bytes over 16 SAs (AES-CBC-256 and
 *                                      HMAC-SHA2-256-128), and an esp_sa table with the keys
 *   traffic udp COUNT CAPTURE          UDP datagrams of the same size, no IKE and no ESP
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "packet.h"

enum {
    SAS = 16,
    ESP_BYTES = 1250, /* of an ESP packet: header, IV, ciphertext, ICV */
    ESP_HEADER = 8,
    IV = 16,
    ICV = 16,
    CIPHERTEXT = (ESP_BYTES - ESP_HEADER - IV - ICV) / 16 * 16,
    NEXT_IPV4 = 4
};

typedef struct {
    uint32_t spi, sequence;
    uint8_t key[32], mac_key[32];
} sa;

static uint32_t address(unsigned index, unsigned side)
{
    return 0x0a090000u + index * 256u + 1u + side;
}

static size_t write_udp(uint8_t *packet, size_t payload, uint32_t from, uint32_t to)
{
    size_t length = set_udp(packet, payload, from, to, (uint16_t[]){40000, 40001});

    memset(packet + IP_HEADER + UDP_HEADER, 0x55, payload);
    return length;
}

/* RFC 4303: SPI, sequence number, IV, inner packet with trailer, ICV. */
static void write_esp(uint8_t *esp, sa *s, unsigned index, EVP_CIPHER_CTX *cipher)
{
    uint8_t plain[CIPHERTEXT] = {0}, mac[32];
    size_t inner = write_udp(plain, CIPHERTEXT - IP_HEADER - UDP_HEADER - 2 - 6,
                             address(index + 100, 0), address(index + 100, 1));
    int length;

    for (size_t i = inner; i < CIPHERTEXT - 2; i++)
        plain[i] = (uint8_t)(i - inner + 1);
    plain[CIPHERTEXT - 2] = (uint8_t)(CIPHERTEXT - 2 - inner);
    plain[CIPHERTEXT - 1] = NEXT_IPV4;
    set_number(esp, s->spi, 4);
    set_number(esp + 4, ++s->sequence, 4);
    random_bytes(esp + ESP_HEADER, IV);
    EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, s->key, esp + ESP_HEADER);
    EVP_CIPHER_CTX_set_padding(cipher, 0);
    EVP_EncryptUpdate(cipher, esp + ESP_HEADER + IV, &length, plain, CIPHERTEXT);
    HMAC(EVP_sha256(), s->mac_key, sizeof s->mac_key, esp, ESP_HEADER + IV + CIPHERTEXT, mac, NULL);
    memcpy(esp + ESP_HEADER + IV + CIPHERTEXT, mac, ICV);
}

static void write_hex(FILE *table, const uint8_t *bytes, size_t length)
{
    fputs(",\"0x", table);
    for (size_t i = 0; i < length; i++)
        fprintf(table, "%02x", bytes[i]);
    fputc('"', table);
}

static void begin_sas(sa *sas, FILE *table)
{
    for (unsigned i = 0; i < SAS; i++) {
        sas[i].spi = 0x1000u + i;
        random_bytes(sas[i].key, sizeof sas[i].key);
        random_bytes(sas[i].mac_key, sizeof sas[i].mac_key);
        fprintf(table, "\"IPv4\",\"10.9.%u.1\",\"10.9.%u.2\",\"0x%08x\",\"AES-CBC [RFC3602]\"", i,
                i, sas[i].spi);
        write_hex(table, sas[i].key, sizeof sas[i].key);
        fputs(",\"HMAC-SHA-256-128 [RFC4868]\"", table);
        write_hex(table, sas[i].mac_key, sizeof sas[i].mac_key);
        fputc('\n', table);
    }
}

int main(int argc, char **argv)
{
    int esp = argc == 5 && !strcmp(argv[1], "esp");
    FILE *capture = esp || (argc == 4 && !strcmp(argv[1], "udp")) ? fopen(argv[3], "wb") : NULL;
    FILE *table = esp ? fopen(argv[4], "w") : NULL;
    uint8_t packet[2048];
    static sa sas[SAS];

    if (!capture || (esp && !table)) {
        fprintf(stderr, "usage: %s esp COUNT CAPTURE TABLE | udp COUNT CAPTURE\n", argv[0]);
        return 1;
    }
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    if (esp)
        begin_sas(sas, table);
    write_capture_header(capture);
    for (uint32_t i = 0, count = (uint32_t)strtoul(argv[2], NULL, 10); i < count; i++) {
        unsigned index = i % SAS;
        size_t length = IP_HEADER + ESP_HEADER + IV + CIPHERTEXT + ICV;
        if (esp) {
            set_ip(packet, PROTOCOL_ESP, length, address(index, 0), address(index, 1));
            write_esp(packet + IP_HEADER, &sas[index], index, cipher);
        } else {
            length = write_udp(packet, ESP_BYTES, address(index, 0), address(index, 1));
        }
        write_packet(capture, UINT64_C(1700000000000000) + i * UINT64_C(100), packet, length);
    }
    EVP_CIPHER_CTX_free(cipher);
    return fclose(capture) || (table && fclose(table));
}
