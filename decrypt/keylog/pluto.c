/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libreswan's pluto with plutodebug=all,private. Debug lines begin with "| ", behind the time or
 * syslog's prefix; a dump is a name and then rows "|   42 05 bb 8b  1f ..   B..." without length.
 *
 * SK_d stays in NSS. When the IKE SA is established its SK_a* and SK_e* come as rows for
 * Wireshark's table, "| ikev2 I 0xSPI 0xSPI sha256:0xKEY aes256:0xKEY", without the salt of AEAD
 * ciphers. The salt stands where the cipher was made ready, long before, and so do SK_pi and SK_pr;
 * the address of the key object in NSS ties the two together.
 *
 * Keys of CHILD_SAs come as "our  keymat" and "peer keymat" (IKEv1: "ESP KEYMAT", "inbound:",
 * "outbound:"); their SPIs follow in the line that tells of the new SA:
 * "{ESP/ESN=>0xOUT <0xIN xfrm=AES_GCM_16_256-NONE ..". */
#include "decrypt/keylog/records.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/dump.h"

typedef enum {
    USE_NONE,
    USE_SK_PI,
    USE_SK_PR,
    USE_SALT,
    USE_PSK,
    USE_PPK,
    USE_INBOUND,
    USE_OUTBOUND
} dump_use;
enum { DIRECTION_IN = 1, DIRECTION_OUT = 2 };
enum { DERIVATIONS = 64, SALT_MAX = 4, SK_P_MAX = 64, KEY_MAX = 128 };

/* What pluto tells when it derives keys, kept until the row with the keys comes. */
typedef struct {
    uint64_t key[2]; /* address of SK_ei, SK_er or the other way round; 0 none */
    uint8_t salt[2][SALT_MAX];
    size_t salt_length[2];
    uint8_t sk_p[2][SK_P_MAX]; /* initiator, responder */
    size_t sk_p_length[2];
} derivation;

typedef struct {
    ike_keylog *log;
    derivation derivations[DERIVATIONS];
    unsigned newest;
    ike_keymats keymats;
    dump_use use;
    unsigned dump_line;
    ike_dump dump;
    bool esp_keymat; /* "inbound:" and "outbound:" are keys */
    uint64_t key;    /* address of the key that is taken out of NSS */
    uint64_t row_spi_i, row_spi_r;
    ike_set_id row_set; /* of the last row */
} pluto;

/* ---- derivations ---------------------------------------------------------------------------- */

static derivation *newest(pluto *p)
{
    return &p->derivations[p->newest % DERIVATIONS];
}

static void new_derivation(pluto *p)
{
    p->newest++;
    OPENSSL_cleanse(newest(p), sizeof(derivation));
}

static void store_sk_p(pluto *p, unsigned side, ike_span secret)
{
    if (secret.length > SK_P_MAX)
        return;
    if (side == 0 || newest(p)->sk_p_length[side] != 0)
        new_derivation(p);
    memcpy(newest(p)->sk_p[side], secret.data, secret.length);
    newest(p)->sk_p_length[side] = secret.length;
}

/* "cipher_context_create() AES_GCM_16 encrypt fill wire IV symkey 0xADDRESS, salt: " */
static bool cipher_line(pluto *p, ike_text debug, bool *salt)
{
    uint64_t address;
    if (!ike_text_after(&debug, " symkey "))
        return false;
    if (!ike_text_hex_number(ike_text_until(&debug, ','), &address) || address == 0)
        return false;
    if (newest(p)->key[0] != 0 && newest(p)->key[1] != 0)
        new_derivation(p);
    newest(p)->key[newest(p)->key[0] != 0] = address;
    ike_text_blanks(&debug);
    *salt = ike_text_begins(debug, "salt:");
    return true;
}

static void store_salt(pluto *p, ike_span salt)
{
    unsigned which = newest(p)->key[1] != 0;
    if (salt.length > SALT_MAX)
        return;
    memcpy(newest(p)->salt[which], salt.data, salt.length);
    newest(p)->salt_length[which] = salt.length;
}

/* The derivation of a key, the latest when NSS used the address before; *which of its two keys. */
static const derivation *derivation_of(const pluto *p, uint64_t key, unsigned *which)
{
    for (unsigned i = 0; i < DERIVATIONS && key != 0; i++) {
        const derivation *d = &p->derivations[(p->newest - i) % DERIVATIONS];
        for (*which = 0; *which < 2; ++*which)
            if (d->key[*which] == key)
                return d;
    }
    return NULL;
}

/* ---- dumps ---------------------------------------------------------------------------------- */

/* A dump ends with the line that is no row of it. */
static void end_dump(pluto *p)
{
    ike_span bytes = {p->dump.bytes, p->dump.length};
    dump_use use = p->use;
    bool good = true;
    p->use = USE_NONE;
    if (use == USE_NONE)
        return;
    if (!ike_dump_complete(&p->dump)) {
        if (p->dump.expected != 0)
            ike_keylog_warn(p->log, p->dump_line, "the dump of this secret is not whole");
    } else if (use == USE_SK_PI || use == USE_SK_PR) {
        store_sk_p(p, use == USE_SK_PR, bytes);
    } else if (use == USE_SALT) {
        store_salt(p, bytes);
    } else if (use == USE_PSK) {
        ike_keylog_add_psk(p->log, bytes);
    } else if (use == USE_PPK) {
        (void)ike_keyring_add_peer(ike_keylog_ring(p->log), ike_keylog_source(p->log), IKE_PEER_PPK,
                                   NULL, bytes);
    } else {
        good =
            ike_keymats_add(&p->keymats, bytes, use == USE_INBOUND ? DIRECTION_IN : DIRECTION_OUT);
    }
    if (!good)
        ike_keylog_warn(p->log, p->dump_line, "longer than any keys of a CHILD_SA");
    (void)ike_dump_begin(&p->dump, 0);
}

static void begin_dump(pluto *p, dump_use use, size_t expected)
{
    if (!ike_dump_begin(&p->dump, expected)) {
        ike_keylog_warn(p->log, 0, "longer than any secret");
        return;
    }
    p->use = use;
    p->dump_line = ike_keylog_line_number(p->log);
}

/* "chunk_SK_pi extracted len 32 bytes at 0x.." */
static void extracted_line(pluto *p, ike_text debug)
{
    unsigned bytes;
    ike_text name = ike_text_word(&debug);
    if (!ike_text_skip(&debug, " extracted len ") ||
        !ike_text_decimal(ike_text_word(&debug), &bytes) || bytes == 0)
        return;
    if (ike_text_is(name, "chunk_SK_pi"))
        begin_dump(p, USE_SK_PI, bytes);
    else if (ike_text_is(name, "chunk_SK_pr"))
        begin_dump(p, USE_SK_PR, bytes);
}

/* "ei extracting all 32 bytes of key@0x.." */
static void extracting_line(pluto *p, ike_text debug)
{
    p->key = 0;
    if (ike_text_after(&debug, " bytes of key@"))
        (void)ike_text_hex_number(debug, &p->key);
}

/* ---- "ikev2 I 0xSPI 0xSPI sha256:0xKEY aes256:0xKEY", R for the responder's keys
 * -------------------- */

typedef struct {
    ike_text name;
    uint8_t bytes[KEY_MAX];
    size_t length;
} row_key;

/* "aes256:0x..", "none:" */
static const char *read_row_key(ike_text word, row_key *key)
{
    key->name = ike_text_until(&word, ':');
    key->length = 0;
    if (ike_text_length(word) == 0 || ike_text_is(word, "0x"))
        return NULL; /* an AEAD cipher has no integrity key */
    return ike_text_bytes(word, key->bytes, KEY_MAX - SALT_MAX, &key->length);
}

/* The names end with the key length in bits, without anything between: "aes_gcm_16256". */
static bool row_suite(const row_key *encryption, const row_key *integrity, size_t salt,
                      ike_suite *suite)
{
    char bits[8];
    ike_text name = encryption->name;
    size_t digits =
        (size_t)g_snprintf(bits, sizeof bits, "%u", (unsigned)(encryption->length - salt) * 8);
    if (ike_text_length(name) > digits && memcmp(name.end - digits, bits, digits) == 0)
        name.end -= digits;
    return ike_suite_by_names(name, encryption->length, integrity->name, 0, suite);
}

/* The set of these SPIs: each row is one side's half. */
static void find_row_set(pluto *p, uint64_t spi_i, uint64_t spi_r, ike_secret_kind sk_e)
{
    ike_keyring *ring = ike_keylog_ring(p->log);
    if (p->row_set != 0 && spi_i == p->row_spi_i && spi_r == p->row_spi_r &&
        !ike_keyring_set_has(ring, p->row_set, sk_e))
        return;
    p->row_set = ike_keyring_new_set(ring, ike_keylog_source(p->log), 2);
    (void)ike_keyring_bind_set(ring, p->row_set, spi_i, spi_r);
    p->row_spi_i = spi_i;
    p->row_spi_r = spi_r;
}

static void put(pluto *p, ike_secret_kind kind, const uint8_t *bytes, size_t length)
{
    if (length > 0)
        (void)ike_keyring_set_secret(ike_keylog_ring(p->log), p->row_set, kind,
                                     (ike_span){bytes, length});
}

static void table_row(pluto *p, ike_text debug)
{
    uint64_t spi_i, spi_r;
    row_key integrity, encryption;
    (void)ike_text_word(&debug);
    bool initiator = ike_text_is(ike_text_word(&debug), "I");
    if (!ike_text_hex_number(ike_text_word(&debug), &spi_i) ||
        !ike_text_hex_number(ike_text_word(&debug), &spi_r)) {
        ike_keylog_warn(p->log, 0, "a row of keys that is not whole");
        return;
    }
    const char *why = read_row_key(ike_text_word(&debug), &integrity);
    if (why == NULL)
        why = read_row_key(ike_text_word(&debug), &encryption);
    if (why == NULL && encryption.length == 0)
        why = "a row of keys that is not whole";
    if (why != NULL) {
        ike_keylog_warn(p->log, 0, why);
        return;
    }
    unsigned which;
    const derivation *d = derivation_of(p, p->key, &which);
    size_t salt = d != NULL ? d->salt_length[which] : 0;
    if (salt > 0)
        memcpy(encryption.bytes + encryption.length, d->salt[which], salt);
    encryption.length += salt;
    find_row_set(p, spi_i, spi_r, initiator ? IKE_SECRET_SK_EI : IKE_SECRET_SK_ER);
    put(p, initiator ? IKE_SECRET_SK_EI : IKE_SECRET_SK_ER, encryption.bytes, encryption.length);
    put(p, initiator ? IKE_SECRET_SK_AI : IKE_SECRET_SK_AR, integrity.bytes, integrity.length);
    if (d != NULL) {
        put(p, IKE_SECRET_SK_PI, d->sk_p[0], d->sk_p_length[0]);
        put(p, IKE_SECRET_SK_PR, d->sk_p[1], d->sk_p_length[1]);
    }
    ike_suite suite;
    if (row_suite(&encryption, &integrity, salt, &suite))
        (void)ike_keyring_set_suite(ike_keylog_ring(p->log), p->row_set, &suite);
    OPENSSL_cleanse(&encryption, sizeof encryption);
    OPENSSL_cleanse(&integrity, sizeof integrity);
    p->key = 0;
}

/* ---- the SPIs of a CHILD_SA
 * ----------------------------------------------------------------------- */

/* Behind "{ESP", "{ESPinUDP", "{ESPinTCP", each also with "/ESN": "=>0xOUT <0xIN xfrm=A_128-B_96
 * .." */
static bool child_line(pluto *p, ike_text text)
{
    ike_suite suite;
    uint64_t out, in;
    if (!ike_text_after(&text, "{ESP"))
        return false;
    ike_text encapsulation = ike_text_until(&text, '=');
    bool esn = ike_text_after(&encapsulation, "/ESN");
    if (!ike_text_skip(&text, ">") || !ike_text_hex_number(ike_text_word(&text), &out))
        return false;
    ike_text_blanks(&text);
    if (!ike_text_skip(&text, "<") || !ike_text_hex_number(ike_text_word(&text), &in) ||
        in > UINT32_MAX || out > UINT32_MAX)
        return false;
    ike_text_blanks(&text);
    bool known = false;
    if (ike_text_skip(&text, "xfrm=")) {
        ike_text names = ike_text_word(&text);
        ike_text encryption = ike_text_until(&names, '-');
        known = ike_suite_by_names(encryption, 0, ike_text_until(&names, '-'), 0, &suite);
    }
    suite.esn = esn;
    ike_keymats_use(p->log, &p->keymats, (uint32_t)in, DIRECTION_IN, known ? &suite : NULL, known);
    ike_keymats_use(p->log, &p->keymats, (uint32_t)out, DIRECTION_OUT, known ? &suite : NULL,
                    known);
    ike_keymats_clear(&p->keymats);
    return true;
}

/* ---- the reader ----------------------------------------------------------------------------- */

/* What stands behind the bar of a debug line. */
static bool debug_of(const ike_keylog_line *line, ike_text *debug)
{
    *debug = line->body;
    ike_text_blanks(debug);
    if (!ike_text_skip(debug, "|"))
        return false;
    (void)ike_text_skip(debug, " ");
    return true;
}

/* Lines that are nothing but the name of the dump below. */
static void dump_name(pluto *p, ike_text debug)
{
    static const struct {
        const char *name;
        dump_use use;
    } names[] = {
        {"our  keymat", USE_INBOUND}, {"our keymat", USE_INBOUND}, {"peer keymat", USE_OUTBOUND},
        {"PreShared Key", USE_PSK},   {"PPK:", USE_PPK},
    };
    if (ike_text_is(debug, "ESP KEYMAT")) {
        p->esp_keymat = true;
        return;
    }
    if (p->esp_keymat) {
        ike_text_blanks(&debug);
        if (ike_text_is(debug, "inbound:"))
            begin_dump(p, USE_INBOUND, 0);
        else if (ike_text_is(debug, "outbound:"))
            begin_dump(p, USE_OUTBOUND, 0);
        else
            p->esp_keymat = false;
        if (p->esp_keymat)
            return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (ike_text_is(debug, names[i].name))
            begin_dump(p, names[i].use, 0);
}

static void *pluto_open(ike_keylog *log)
{
    pluto *p = g_new0(pluto, 1);
    p->log = log;
    return p;
}

static bool pluto_line(void *state, const ike_keylog_line *line)
{
    pluto *p = state;
    ike_text debug;
    if (!debug_of(line, &debug)) {
        if (ike_text_first(line->body) != '"')
            return false;
        if (p->keymats.count > 0 || p->use != USE_NONE) {
            end_dump(p);
            (void)child_line(p, line->body);
        }
        return true;
    }
    if (p->use != USE_NONE) {
        if (ike_text_begins(debug, "  ") && ike_dump_row(&p->dump, debug, false))
            return true;
        if (p->dump.length == 0 && ike_text_begins(debug, "unwrapped:"))
            return true;
        end_dump(p);
    }
    bool salt = false;
    if (ike_text_begins(debug, "chunk_SK"))
        extracted_line(p, debug);
    else if (ike_text_begins(debug, "ei extracting ") || ike_text_begins(debug, "er extracting "))
        extracting_line(p, debug);
    else if (ike_text_begins(debug, "cipher_context_create() ")) {
        if (cipher_line(p, debug, &salt) && salt)
            begin_dump(p, USE_SALT, 0);
    } else if (ike_text_begins(debug, "ikev2 I 0x") || ike_text_begins(debug, "ikev2 R 0x"))
        table_row(p, debug);
    else
        dump_name(p, debug);
    return true;
}

static void pluto_finish(void *state)
{
    pluto *p = state;
    end_dump(p);
    /* Nothing told their SPIs: they are tried. */
    ike_keymats_use(p->log, &p->keymats, 0, DIRECTION_IN, NULL, false);
    ike_keymats_use(p->log, &p->keymats, 0, DIRECTION_OUT, NULL, false);
    ike_keymats_clear(&p->keymats);
}

static void pluto_close(void *state)
{
    OPENSSL_cleanse(state, sizeof(pluto));
    g_free(state);
}

const ike_keylog_reader ike_keylog_pluto = {
    .name = "libreswan",
    .open = pluto_open,
    .line = pluto_line,
    .finish = pluto_finish,
    .close = pluto_close,
};
