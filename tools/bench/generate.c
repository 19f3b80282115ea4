/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes captures with hundreds of thousands of IKE messages, the same ones on every run:
 *
 *   generate flood    COUNT CAPTURE        IKE_SA_INIT requests, ten Vendor IDs each
 *   generate sessions COUNT CAPTURE        whole IKEv2 sessions of 20 messages up to the Delete,
 *                                          random bytes in place of ciphertext
 *   generate ikev1    COUNT CAPTURE        the same: main mode, quick mode, Informational
 *   generate gcm      COUNT CAPTURE TABLE  IKEv2 sessions encrypted with AES-GCM-16, and the keys
 *   generate cbc      COUNT CAPTURE TABLE  the same, with AES-CBC and HMAC-SHA2-256
 *
 * TABLE is an ikev2_decryption_table with a row for each IKE SA. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdlib.h>

#include "packet.h"

enum { SA = 33, KE, IDI, IDR, CERT, CERTREQ, AUTH, NONCE, NOTIFY, DELETE, VENDOR, TSI, TSR, SK };
enum { IKE_SA_INIT = 34, IKE_AUTH, CREATE_CHILD_SA, INFORMATIONAL };
enum { GROUP = 100 /* IKE SAs that live at the same time */, KEY_BYTES = 36 };

typedef enum { FLOOD, SESSIONS, IKEV1, GCM, CBC } workload;

/* A message that grows. `next` is where the type of the payload to come belongs. */
typedef struct {
    uint8_t bytes[4096];
    size_t length, next;
} message;

typedef struct {
    uint64_t spi[2]; /* of initiator, responder */
    uint32_t address[2], child[2];
    uint8_t key[2][KEY_BYTES]; /* SK_ei, SK_er, with the salt of GCM */
    uint8_t mac_key[2][32];    /* SK_ai, SK_ar */
    EVP_CIPHER_CTX *cipher[2];
} sa;

static workload work;
static FILE *capture, *table;
static uint64_t time_us = UINT64_C(1700000000000000);

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static void put(message *m, const void *bytes, size_t length)
{
    if (m->length + length > sizeof m->bytes) {
        fputs("message too long\n", stderr);
        exit(1);
    }
    memcpy(m->bytes + m->length, bytes, length);
    m->length += length;
}

static void put_number(message *m, uint64_t value, unsigned bytes)
{
    while (bytes--) {
        uint8_t byte = (uint8_t)(value >> 8 * bytes);
        put(m, &byte, 1);
    }
}

static void put_random(message *m, size_t length)
{
    uint8_t bytes[512];
    random_bytes(bytes, length);
    put(m, bytes, length);
}

/* ---- payloads (RFC 7296 3) ------------------------------------------------------------------- */

/* Begins a payload; end_payload() gets what this returns. */
static size_t begin_payload(message *m, uint8_t type)
{
    size_t start = m->length;
    m->bytes[m->next] = type;
    m->next = start;
    put_number(m, 0, 4);
    return start;
}

static void end_payload(message *m, size_t start)
{
    set_number(m->bytes + start + 2, m->length - start, 2);
}

static void put_payload(message *m, uint8_t type, const char *fixed, size_t fixed_length,
                        size_t random_length)
{
    size_t start = begin_payload(m, type);
    put(m, fixed, fixed_length);
    put_random(m, random_length);
    end_payload(m, start);
}

/* A literal with bytes of zero in it, and its length. */
#define BYTES(text) text, sizeof(text) - 1

static void put_notify(message *m, uint16_t type, size_t data)
{
    char fixed[4] = {0, 0, (char)(type >> 8), (char)type};
    put_payload(m, NOTIFY, fixed, sizeof fixed, data);
}

static void put_ike_proposal(message *m)
{
    size_t start = begin_payload(m, SA);
    if (work == CBC)
        put(m, BYTES("\0\0\0\x2c\1\1\0\4\3\0\0\x0c\1\0\0\x0c\x80\x0e\0\x80"
                     "\3\0\0\x08\3\0\0\x0c\3\0\0\x08\2\0\0\5\0\0\0\x08\4\0\0\x1f"));
    else
        put(m, BYTES("\0\0\0\x24\1\1\0\3\3\0\0\x0c\1\0\0\x14\x80\x0e\1\0"
                     "\3\0\0\x08\2\0\0\5\0\0\0\x08\4\0\0\x1f"));
    end_payload(m, start);
}

static void put_child_proposal(message *m, uint32_t spi)
{
    size_t start = begin_payload(m, SA);
    put(m, BYTES("\0\0\0\x20\1\3\4\2"));
    put_number(m, spi, 4);
    put(m, BYTES("\3\0\0\x0c\1\0\0\x14\x80\x0e\1\0\0\0\0\x08\5\0\0\0"));
    end_payload(m, start);
}

static void put_selector(message *m, uint8_t type, uint32_t network)
{
    size_t start = begin_payload(m, type);
    put(m, BYTES("\1\0\0\0\7\0\0\x10\0\0\xff\xff"));
    put_number(m, network, 4);
    put_number(m, network | 0xff, 4);
    end_payload(m, start);
}

static void put_child(message *m, const sa *s, unsigned side)
{
    put_child_proposal(m, s->child[side]);
    put_selector(m, TSI, 0x0a010000);
    put_selector(m, TSR, 0x0a020000);
}

static void put_spi(message *m, uint8_t type, const char *fixed, size_t length, uint32_t spi)
{
    size_t start = begin_payload(m, type);
    put(m, fixed, length);
    put_number(m, spi, 4);
    end_payload(m, start);
}

/* ---- captures -------------------------------------------------------------------------------- */

static void write_message(const message *m, uint32_t from, uint32_t to)
{
    uint8_t packet[IP_HEADER + UDP_HEADER + sizeof m->bytes];
    size_t length = set_udp(packet, m->length, from, to, (uint16_t[]){500, 500});

    memcpy(packet + IP_HEADER + UDP_HEADER, m->bytes, m->length);
    write_packet(capture, time_us += 50, packet, length);
}

static void write_key_bytes(const uint8_t *key, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fprintf(table, "%02x", key[i]);
    fputc(',', table);
}

static void write_row(const sa *s)
{
    size_t length = work == GCM ? 36 : 16;

    fprintf(table, "%016llx,%016llx,", (unsigned long long)s->spi[0],
            (unsigned long long)s->spi[1]);
    write_key_bytes(s->key[0], length);
    write_key_bytes(s->key[1], length);
    if (work == GCM) {
        fputs("\"AES-GCM-256 with 16 octet ICV [RFC5282]\",,,\"NONE [RFC4306]\"\n", table);
        return;
    }
    fputs("\"AES-CBC-128 [RFC3602]\",", table);
    write_key_bytes(s->mac_key[0], 32);
    write_key_bytes(s->mac_key[1], 32);
    fputs("\"HMAC_SHA2_256_128 [RFC4868]\"\n", table);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void begin_message(message *m, const sa *s, uint8_t exchange, uint32_t id, bool response,
                          unsigned side)
{
    m->length = 0;
    m->next = 16;
    put_number(m, s->spi[0], 8);
    put_number(m, exchange == IKE_SA_INIT && !response ? 0 : s->spi[1], 8);
    put_number(m, 0, 1);
    put_number(m, 0x20, 1);
    put_number(m, exchange, 1);
    put_number(m, (response ? 0x20u : 0u) | (side == 0 ? 0x08u : 0u), 1);
    put_number(m, id, 4);
    put_number(m, 0, 4);
}

static void send_message(message *m, const sa *s, unsigned side)
{
    set_number(m->bytes + 24, m->length, 4);
    write_message(m, s->address[side], s->address[!side]);
}

static void crypt_gcm(const sa *s, unsigned side, uint8_t *head, size_t head_length, uint8_t *text,
                      size_t length)
{
    EVP_CIPHER_CTX *ctx = s->cipher[side];
    uint8_t nonce[12];
    int done;

    memcpy(nonce, s->key[side] + 32, 4);
    memcpy(nonce + 4, head + head_length, 8);
    if (!EVP_EncryptInit_ex2(ctx, EVP_aes_256_gcm(), s->key[side], nonce, NULL) ||
        !EVP_EncryptUpdate(ctx, NULL, &done, head, (int)head_length) ||
        !EVP_EncryptUpdate(ctx, text, &done, text, (int)length) ||
        !EVP_EncryptFinal_ex(ctx, text + length, &done) ||
        !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, text + length))
        fail("AES-GCM");
}

static void crypt_cbc(const sa *s, unsigned side, uint8_t *iv, uint8_t *text, size_t length)
{
    EVP_CIPHER_CTX *ctx = s->cipher[side];
    int done;

    if (!EVP_EncryptInit_ex2(ctx, EVP_aes_128_cbc(), s->key[side], iv, NULL) ||
        !EVP_CIPHER_CTX_set_padding(ctx, 0) ||
        !EVP_EncryptUpdate(ctx, text, &done, text, (int)length))
        fail("AES-CBC");
}

/* Puts the chain `inner` (type of its first payload in byte 16) into an SK payload (RFC 7296 3.14).
 */
static void encrypt(message *m, message *inner, const sa *s, unsigned side)
{
    size_t iv = work == GCM ? 8 : 16, block = work == GCM ? 4 : 16;
    size_t start = begin_payload(m, SK);
    size_t plain = inner->length - 28, pad = (block - (plain + 1) % block) % block;

    m->bytes[start] = inner->bytes[16];
    put_random(m, iv);
    size_t text = m->length;
    put(m, inner->bytes + 28, plain);
    for (size_t i = 0; i < pad; i++)
        put_number(m, 0, 1);
    put_number(m, pad, 1);
    size_t length = m->length - text;
    put_random(m, 16); /* the checksum's place */
    end_payload(m, start);
    set_number(m->bytes + 24, m->length, 4);
    if (work == SESSIONS)
        random_bytes(m->bytes + text, length);
    else if (work == GCM)
        crypt_gcm(s, side, m->bytes, start + 4, m->bytes + text, length);
    else {
        uint8_t mac[32];
        crypt_cbc(s, side, m->bytes + start + 4, m->bytes + text, length);
        HMAC(EVP_sha256(), s->mac_key[side], 32, m->bytes, text + length, mac, NULL);
        memcpy(m->bytes + text + length, mac, 16);
    }
}

static void send_encrypted(message *inner, const sa *s, uint8_t exchange, uint32_t id,
                           bool response, unsigned side)
{
    message m;

    begin_message(&m, s, exchange, id, response, side);
    encrypt(&m, inner, s, side);
    send_message(&m, s, side);
}

/* ---- steps of a session ---------------------------------------------------------------------- */

static void send_init(const sa *s, unsigned side)
{
    message m;

    begin_message(&m, s, IKE_SA_INIT, 0, side == 1, side);
    put_ike_proposal(&m);
    put_payload(&m, KE, BYTES("\0\x1f\0\0"), 32);
    put_payload(&m, NONCE, "", 0, 32);
    put_notify(&m, 16388, 20); /* NAT_DETECTION_SOURCE_IP, _DESTINATION_IP */
    put_notify(&m, 16389, 20);
    put_notify(&m, 16430, 0); /* IKEV2_FRAGMENTATION_SUPPORTED */
    send_message(&m, s, side);
}

static void send_auth(const sa *s, unsigned side)
{
    message m;

    begin_message(&m, s, IKE_AUTH, 1, side == 1, side);
    put_payload(&m, side ? IDR : IDI, BYTES("\2\0\0\0gateway.example.org"), 0);
    put_payload(&m, AUTH, BYTES("\2\0\0\0"), 32);
    put_child(&m, s, side);
    put_notify(&m, 16404, 0); /* MULTIPLE_AUTH_SUPPORTED */
    put_notify(&m, 16417, 0); /* EAP_ONLY_AUTHENTICATION */
    send_encrypted(&m, s, IKE_AUTH, 1, side == 1, side);
}

static void send_rekey(const sa *s, uint32_t id, unsigned side, uint32_t old)
{
    message m;

    begin_message(&m, s, CREATE_CHILD_SA, id, side == 1, side);
    if (side == 0)
        put_spi(&m, NOTIFY, BYTES("\3\4\x40\x09"), old);
    put_payload(&m, NONCE, "", 0, 32);
    put_child(&m, s, side);
    send_encrypted(&m, s, CREATE_CHILD_SA, id, side == 1, side);
}

static void send_delete(const sa *s, uint32_t id, unsigned side, uint32_t child)
{
    message m;

    begin_message(&m, s, INFORMATIONAL, id, side == 1, side);
    if (child)
        put_spi(&m, DELETE, BYTES("\3\4\0\1"), child);
    else if (side == 0)
        put_payload(&m, DELETE, BYTES("\1\0\0\0"), 0);
    send_encrypted(&m, s, INFORMATIONAL, id, side == 1, side);
}

static void send_dpd(const sa *s, uint32_t id, unsigned side)
{
    message m;

    begin_message(&m, s, INFORMATIONAL, id, side == 1, side);
    send_encrypted(&m, s, INFORMATIONAL, id, side == 1, side);
}

/* What happens in a session, a request and its response for each step. */
typedef enum { DO_INIT, DO_AUTH, DO_REKEY, DO_DELETE_CHILD, DO_DPD, DO_DELETE } step;

static const step steps[] = {DO_INIT,         DO_AUTH, DO_DPD,   DO_DPD,          DO_REKEY,
                             DO_DELETE_CHILD, DO_DPD,  DO_REKEY, DO_DELETE_CHILD, DO_DELETE};
enum { STEPS = sizeof steps / sizeof *steps };

static void run_step(sa *s, uint32_t id)
{
    static uint32_t old[GROUP][2]; /* the SPIs of CHILD_SAs that were replaced */
    uint32_t *before = old[s->address[0] % GROUP];

    switch (steps[id]) {
    case DO_INIT:
        send_init(s, 0);
        send_init(s, 1);
        return;
    case DO_AUTH:
        send_auth(s, 0);
        send_auth(s, 1);
        return;
    case DO_REKEY:
        memcpy(before, s->child, sizeof s->child);
        random_bytes((uint8_t *)s->child, sizeof s->child);
        send_rekey(s, id, 0, before[0]);
        send_rekey(s, id, 1, 0);
        return;
    case DO_DELETE_CHILD:
        send_delete(s, id, 0, before[0]);
        send_delete(s, id, 1, before[1]);
        return;
    case DO_DPD:
        send_dpd(s, id, 0);
        send_dpd(s, id, 1);
        return;
    case DO_DELETE:
        send_delete(s, id, 0, 0);
        send_delete(s, id, 1, 0);
        return;
    }
}

/* ---- IKEv1 (RFC 2408, RFC 2409) -------------------------------------------------------------- */
enum { V1_SA = 1, V1_KE = 4, V1_ID = 5, V1_HASH = 8, V1_NONCE = 10 };
enum { MAIN_MODE = 2, V1_INFORMATIONAL = 5, QUICK_MODE = 32, V1_ENCRYPTED = 1 };

/* `first` is the type of the payload that is encrypted first, 0: nothing is. */
static void send_ikev1(message *m, const sa *s, uint8_t first, unsigned side)
{
    m->bytes[17] = 0x10;
    m->bytes[19] = first ? V1_ENCRYPTED : 0;
    if (first) {
        m->bytes[16] = first;
        put_random(m, first == V1_HASH ? 96 : 64);
    }
    send_message(m, s, side);
}

static void send_main_mode(const sa *s, unsigned number)
{
    unsigned side = number % 2;
    message m;

    begin_message(&m, s, MAIN_MODE, 0, false, side);
    if (number == 0)
        memset(m.bytes + 8, 0, 8);
    if (number < 2) {
        size_t start = begin_payload(&m, V1_SA);
        put(&m, BYTES("\0\0\0\1\0\0\0\1\0\0\0\x2c\1\1\0\1\0\0\0\x24\1\1\0\0"
                      "\x80\1\0\7\x80\x0e\0\x80\x80\2\0\4\x80\3\0\1"
                      "\x80\4\0\x0e\x80\x0b\0\1\x80\x0c\x70\x80"));
        end_payload(&m, start);
    } else if (number < 4) {
        put_payload(&m, V1_KE, "", 0, 256);
        put_payload(&m, V1_NONCE, "", 0, 32);
    }
    send_ikev1(&m, s, number < 4 ? 0 : V1_ID, side);
}

/* Message `number` of 20: main mode, quick mode, Informational exchanges. */
static void send_ikev1_message(sa *s, unsigned number)
{
    enum { QUICK = 6, AFTER = 9 };
    static uint32_t quick[GROUP];
    uint32_t *id = &quick[s->address[0] % GROUP];
    message m;

    if (number < QUICK) {
        send_main_mode(s, number);
        return;
    }
    if (number == QUICK || number >= AFTER)
        *id = (uint32_t)random_u64() | 1;
    begin_message(&m, s, number < AFTER ? QUICK_MODE : V1_INFORMATIONAL, *id, false, number % 2);
    send_ikev1(&m, s, V1_HASH, number % 2);
}

/* ---- workloads ------------------------------------------------------------------------------- */

static void begin_sa(sa *s, uint32_t number)
{
    random_bytes((uint8_t *)s->spi, sizeof s->spi);
    random_bytes((uint8_t *)s->child, sizeof s->child);
    random_bytes((uint8_t *)s->key, sizeof s->key);
    random_bytes((uint8_t *)s->mac_key, sizeof s->mac_key);
    s->address[0] = 0x0b000000 + number;
    s->address[1] = 0x0a000001;
    if (table)
        write_row(s);
}

static void write_sessions(uint32_t count)
{
    static sa group[GROUP];

    for (uint32_t i = 0; i < GROUP; i++)
        for (unsigned side = 0; side < 2; side++)
            if (!(group[i].cipher[side] = EVP_CIPHER_CTX_new()))
                fail("cipher context");
    for (uint32_t begin = 0; begin < count; begin += GROUP) {
        uint32_t size = count - begin < GROUP ? count - begin : GROUP;
        for (uint32_t i = 0; i < size; i++)
            begin_sa(&group[i], begin + i);
        for (uint32_t id = 0; work != IKEV1 && id < STEPS; id++)
            for (uint32_t i = 0; i < size; i++)
                run_step(&group[i], id);
        for (uint32_t number = 0; work == IKEV1 && number < 2 * STEPS; number++)
            for (uint32_t i = 0; i < size; i++)
                send_ikev1_message(&group[i], number);
    }
    for (uint32_t i = 0; i < GROUP; i++)
        for (unsigned side = 0; side < 2; side++)
            EVP_CIPHER_CTX_free(group[i].cipher[side]);
}

/* Vendor IDs as the draft or the vendor publishes them: RFC 3706, RFC 3947, drafts, XAUTH, Cisco,
 * Microsoft; and two that nobody knows. */
static const struct {
    const char *bytes;
    size_t length, random;
} vendors[] = {
    {BYTES("\xaf\xca\xd7\x13\x68\xa1\xf1\xc9\x6b\x86\x96\xfc\x77\x57\x01\x00"), 0},
    {BYTES("\x4a\x13\x1c\x81\x07\x03\x58\x45\x5c\x57\x28\xf2\x0e\x95\x45\x2f"), 0},
    {BYTES("\x90\xcb\x80\x91\x3e\xbb\x69\x6e\x08\x63\x81\xb5\xec\x42\x7b\x1f"), 0},
    {BYTES("\x7d\x94\x19\xa6\x53\x10\xca\x6f\x2c\x17\x9d\x92\x15\x52\x9d\x56"), 0},
    {BYTES("\x09\x00\x26\x89\xdf\xd6\xb7\x12"), 0},
    {BYTES("\x12\xf5\xf2\x8c\x45\x71\x68\xa9\x70\x2d\x9f\xe2\x74\xcc\x01\x00"), 0},
    {BYTES("\x40\x48\xb7\xd5\x6e\xbc\xe8\x85\x25\xe7\xde\x7f\x00\xd6\xc2\xd3\x80\x00\x00\x00"), 0},
    {BYTES("\x1e\x2b\x51\x69\x05\x99\x1c\x7d\x7c\x96\xfc\xbf\xb5\x87\xe4\x61\x00\x00\x00\x09"), 0},
    {BYTES(""), 16},
    {BYTES(""), 20},
};

static void write_flood(uint32_t count)
{
    message m;
    sa s = {0};

    for (uint32_t i = 0; i < count; i++) {
        begin_sa(&s, i);
        begin_message(&m, &s, IKE_SA_INIT, 0, false, 0);
        put_ike_proposal(&m);
        put_payload(&m, KE, BYTES("\0\x1f\0\0"), 32);
        put_payload(&m, NONCE, "", 0, 32);
        for (size_t v = 0; v < sizeof vendors / sizeof *vendors; v++)
            put_payload(&m, VENDOR, vendors[v].bytes, vendors[v].length, vendors[v].random);
        send_message(&m, &s, 0);
    }
}

static bool read_workload(const char *name)
{
    static const char *const names[] = {"flood", "sessions", "ikev1", "gcm", "cbc"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) {
            work = (workload)i;
            return true;
        }
    return false;
}

int main(int argc, char **argv)
{
    if (argc < 4 || !read_workload(argv[1]) || (work >= GCM) != (argc == 5)) {
        fputs("usage: generate flood|sessions|ikev1|gcm|cbc COUNT CAPTURE [TABLE]\n", stderr);
        return 2;
    }
    uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
    if (!(capture = fopen(argv[3], "wb")))
        fail(argv[3]);
    if (argc == 5 && !(table = fopen(argv[4], "w")))
        fail(argv[4]);
    write_capture_header(capture);
    if (work == FLOOD)
        write_flood(count);
    else
        write_sessions(count);
    if (fclose(capture) || (table && fclose(table)))
        fail("cannot write");
    return 0;
}
