/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FortiGate: "diagnose debug application ike -1",
 *   ike 0:HQ:12: ISAKMP SA 5b1aa7ee9e2f2f2e/8d2a0c3c1c0d5e77 key 16:0011..
 *   ike 0:HQ:12: IKE SA 5b1aa7ee9e2f2f2e/8d2a0c3c1c0d5e77 SK_ei 16:0011..
 *   ike 0:HQ:12:HQ:30: IPsec SA dec spi c9a1b2c3 key 16:0011.. auth 20:0011..
 * "diagnose vpn ike gateway list" (id/spi:, key:, SK_ei: with dashes in the bytes), and "diagnose
 * vpn tunnel list" (dec: spi=.. esp=aes key=16 0011.. and ah=sha1 key=20 0011.. in the same or next
 * line). */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/esp_entry.h"
#include "decrypt/keylog/records.h"

typedef struct {
    ike_keylog *log;
    ike_derivation gateway; /* of the gateway list */
    bool esp_waits;         /* a direction whose line "ah=.." has not come */
    ike_esp_entry esp;
} fortigate;

static const struct {
    const char *name;
    ike_secret_kind kind;
    uint8_t version;
} secrets[] = {
    {"key", IKE_SECRET_V1_KEY, 1},  {"SK_ei", IKE_SECRET_SK_EI, 2}, {"SK_er", IKE_SECRET_SK_ER, 2},
    {"SK_ai", IKE_SECRET_SK_AI, 2}, {"SK_ar", IKE_SECRET_SK_AR, 2}, {"SK_pi", IKE_SECRET_SK_PI, 2},
    {"SK_pr", IKE_SECRET_SK_PR, 2}, {"SK_d", IKE_SECRET_SK_D, 2},
};

/* Bytes in hex, dashes between groups allowed. `said` is their number, 0 when the log does not
 * say. */
static bool read_key(fortigate *f, ike_text hex, unsigned said, ike_esp_transform *transform)
{
    const char *why = NULL;
    size_t length = 0;
    while (hex.at < hex.end && why == NULL) {
        size_t more = 0;
        why = ike_text_bytes(ike_text_until(&hex, '-'), transform->key + length,
                             IKE_ESP_KEY_MAX - length, &more);
        length += more;
    }
    if (why == NULL && said != 0 && said != length)
        why = "the key is shorter or longer than the line says";
    ike_keylog_warn(f->log, 0, why);
    transform->key_length = length;
    return why == NULL;
}

/* "16:0011.." */
static bool read_counted(fortigate *f, ike_text word, ike_esp_transform *transform)
{
    unsigned said;
    transform->key_length = 0;
    if (!ike_text_decimal(ike_text_until(&word, ':'), &said)) {
        ike_keylog_warn(f->log, 0, "no length before the key");
        return false;
    }
    return said == 0 || read_key(f, word, said, transform);
}

static bool read_spis(ike_text word, uint64_t *spi_i, uint64_t *spi_r)
{
    return ike_text_hex_number(ike_text_until(&word, '/'), spi_i) &&
           ike_text_hex_number(word, spi_r);
}

/* "5b1aa7ee9e2f2f2e/8d2a0c3c1c0d5e77 SK_ei 16:0011..", several names may follow. */
static bool ike_sa_line(fortigate *f, ike_text text)
{
    uint64_t spi_i, spi_r;
    bool found = false;
    if (!read_spis(ike_text_word(&text), &spi_i, &spi_r))
        return false;
    for (ike_text name = ike_text_word(&text); ike_text_length(name) > 0;
         name = ike_text_word(&text))
        for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++) {
            ike_esp_transform key;
            if (!ike_text_is(name, secrets[i].name))
                continue;
            found = true;
            if (read_counted(f, ike_text_word(&text), &key) && key.key_length > 0)
                (void)ike_keylog_add_secret(f->log, secrets[i].version, spi_i, spi_r,
                                            secrets[i].kind, (ike_span){key.key, key.key_length});
            OPENSSL_cleanse(&key, sizeof key);
            break;
        }
    return found;
}

static void add_esp(fortigate *f)
{
    if (f->esp_waits && f->esp.encryption.key_length + f->esp.integrity.key_length > 0)
        ike_keylog_warn(f->log, 0, ike_esp_entry_use(f->log, &f->esp));
    f->esp_waits = false;
}

static bool begin_esp(fortigate *f, ike_text spi_word)
{
    uint64_t spi;
    add_esp(f);
    if (!ike_text_hex_number(spi_word, &spi) || spi > UINT32_MAX)
        return false;
    f->esp = (ike_esp_entry){.has_spi = true, .spi = (uint32_t)spi};
    return f->esp_waits = true;
}

/* "dec spi c9a1b2c3 key 16:0011.. auth 20:0011.." */
static bool ipsec_sa_line(fortigate *f, ike_text text)
{
    ike_text direction = ike_text_word(&text);
    if ((!ike_text_is(direction, "dec") && !ike_text_is(direction, "enc")) ||
        !ike_text_is(ike_text_word(&text), "spi") || !begin_esp(f, ike_text_word(&text)))
        return false;
    for (ike_text word = ike_text_word(&text); ike_text_length(word) > 0;
         word = ike_text_word(&text))
        if ((ike_text_is(word, "key") &&
             !read_counted(f, ike_text_word(&text), &f->esp.encryption)) ||
            (ike_text_is(word, "auth") &&
             !read_counted(f, ike_text_word(&text), &f->esp.integrity)))
            f->esp_waits = false;
    add_esp(f);
    return true;
}

/* "spi=148a8320 esp=aes key=16 0011.. ah=sha1 key=20 0011..": any part of it. */
static void tunnel_words(fortigate *f, ike_text text)
{
    bool auth = false;
    for (ike_text word = ike_text_word(&text); ike_text_length(word) > 0;
         word = ike_text_word(&text)) {
        unsigned said;
        if (ike_text_skip(&word, "spi=")) {
            (void)begin_esp(f, word);
        } else if (ike_text_skip(&word, "esp=")) {
            ike_esp_set_name(&f->esp.encryption, word);
        } else if (ike_text_skip(&word, "ah=")) {
            auth = true;
            ike_esp_set_name(&f->esp.integrity, word);
        } else if (ike_text_skip(&word, "key=") && ike_text_decimal(word, &said) && said > 0 &&
                   !read_key(f, ike_text_word(&text), said,
                             auth ? &f->esp.integrity : &f->esp.encryption)) {
            f->esp_waits = false;
        }
    }
    if (auth)
        add_esp(f);
}

/* "id/spi: 0 1f454ba48eb31ef1/779d7de61a925ba5" and below it "key:
 * 26b761298dff1684-03a1e6994809ae6d" */
static bool gateway_line(fortigate *f, ike_text text)
{
    ike_text name = ike_text_until(&text, ':');
    if (ike_text_is(name, "id/spi")) {
        f->gateway = (ike_derivation){0};
        (void)ike_text_word(&text);
        if (!read_spis(ike_text_word(&text), &f->gateway.initiator_spi, &f->gateway.responder_spi))
            f->gateway = (ike_derivation){0};
        return true;
    }
    if (f->gateway.initiator_spi == 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++)
        if (ike_text_is(name, secrets[i].name)) {
            ike_esp_transform key;
            if (read_key(f, ike_text_word(&text), 0, &key) && key.key_length > 0)
                ike_derivation_put(f->log, &f->gateway, secrets[i].version, secrets[i].kind,
                                   (ike_span){key.key, key.key_length}, false);
            OPENSSL_cleanse(&key, sizeof key);
            return true;
        }
    return false;
}

static bool in_gateway(fortigate *f, ike_text text)
{
    static const char *const names[] = {
        "id/spi:", "key:", "SK_ei:", "SK_er:", "SK_ai:", "SK_ar:", "SK_pi:", "SK_pr:", "SK_d:"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        ike_text found;
        if (ike_text_find_word(text, names[i], &found))
            return gateway_line(f, found);
    }
    return false;
}

static bool debug_line(fortigate *f, ike_text text)
{
    ike_text found;
    if (ike_text_find_word(text, "ISAKMP SA ", &found) ||
        ike_text_find_word(text, "IKE SA ", &found)) {
        (void)ike_text_after(&found, " SA ");
        return ike_sa_line(f, found);
    }
    if (!ike_text_find_word(text, "IPsec SA ", &found))
        return false;
    (void)ike_text_after(&found, " SA ");
    return ipsec_sa_line(f, found);
}

/* "dec: spi=148a8320 esp=aes key=16 ..", and its second line "ah=sha1 key=20 .." */
static bool tunnel_line(fortigate *f, ike_text text)
{
    static const char *const beginnings[] = {"dec: spi=", "enc: spi=", "dec spi=", "enc spi="};
    ike_text found;
    for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++)
        if (ike_text_find_word(text, beginnings[i], &found)) {
            found.at += strlen("dec");
            tunnel_words(f, found);
            return true;
        }
    if (!f->esp_waits || !ike_text_find_word(text, "ah=", &found))
        return false;
    tunnel_words(f, found);
    return true;
}

static bool fortigate_line(void *state, ike_text text)
{
    return debug_line(state, text) || tunnel_line(state, text) || in_gateway(state, text);
}

static void fortigate_finish(void *state)
{
    add_esp(state);
}

static const char *const marks[] = {
    "ISAKMP SA ", "IKE SA ", "IPsec SA ", "dec: spi=", "enc: spi=", "dec spi=", "enc spi=",
    "ah=sha",     "ah=md5",  "ah=null",   "id/spi:",   "key: ",     "SK_ei:",   "SK_er:",
    "SK_ai:",     "SK_ar:",  "SK_pi:",    "SK_pr:",    "SK_d:",     NULL,
};

const ike_keylog_reader ike_reader_fortigate = {
    .marks = marks,
    .state_bytes = sizeof(fortigate),
    .line = fortigate_line,
    .finish = fortigate_finish,
};
