/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libreswan's pluto with plutodebug=all,private. Debug lines begin with "| ", behind the time or
 * syslog's prefix; a dump is a name and then rows "|   42 05 bb 8b  1f ..   B..." without length.
 * Older versions print a row for Wireshark's table, "| ikev2 I 0xSPI 0xSPI sha256:0xKEY aes256:0xKEY".
 * Keys of CHILD_SAs come as "our  keymat" (inbound) and "peer keymat"; their SPIs follow in the line
 * that tells of the new SA: "{ESP/ESN=>0xOUT <0xIN xfrm=AES_GCM_16_256-NONE ..". */
#include "keylog_records.h"

#include <glib.h>
#include <openssl/crypto.h>

#include "keylog_dump.h"

typedef enum { USE_NONE, USE_SET, USE_INBOUND, USE_OUTBOUND } dump_use;
enum { DIRECTION_IN = 1, DIRECTION_OUT = 2 };

typedef struct {
    ike_keylog *log;
    ike_derivation derivation;
    ike_keymats keymats;
    dump_use use;
    ike_secret_kind kind;
    unsigned dump_line;
    ike_dump dump;
    uint64_t row_spi_i, row_spi_r; /* of the last "ikev2 I" row */
    ike_set_id row_set;
} pluto;

static const struct {
    const char *name;
    ike_secret_kind kind;
} secrets[] = {
    {"SK_d", IKE_SECRET_SK_D},   {"SK_ai", IKE_SECRET_SK_AI}, {"SK_ar", IKE_SECRET_SK_AR},
    {"SK_ei", IKE_SECRET_SK_EI}, {"SK_er", IKE_SECRET_SK_ER}, {"SK_pi", IKE_SECRET_SK_PI},
    {"SK_pr", IKE_SECRET_SK_PR}, {"SKEYSEED", IKE_SECRET_SKEYSEED},
};

/* ---- dumps -------------------------------------------------------------------------------------- */

/* A dump ends with the line that is no row of it. */
static void end_dump(pluto *p)
{
    ike_span octets = {p->dump.octets, p->dump.length};
    dump_use use = p->use;
    p->use = USE_NONE;
    if (use == USE_NONE)
        return;
    if (!ike_dump_whole(&p->dump)) {
        if (p->dump.expected != 0)
            ike_keylog_warn(p->log, p->dump_line, "the dump of this secret is not whole");
    } else if (use == USE_SET) {
        ike_derivation_put(p->log, &p->derivation, p->kind, octets, p->kind == IKE_SECRET_SKEYSEED);
    } else if (!ike_keymats_add(&p->keymats, octets,
                                use == USE_INBOUND ? DIRECTION_IN : DIRECTION_OUT)) {
        ike_keylog_warn(p->log, p->dump_line, "longer than any keys of a CHILD_SA");
    }
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
    unsigned octets;
    ike_text name = ike_text_word(&debug);
    if (!ike_text_skip(&debug, " extracted len ") ||
        !ike_text_decimal(ike_text_word(&debug), &octets) || octets == 0)
        return;
    (void)ike_text_skip(&name, "chunk_");
    for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++)
        if (ike_text_is(name, secrets[i].name)) {
            p->kind = secrets[i].kind;
            begin_dump(p, USE_SET, octets);
            return;
        }
}

/* ---- "ikev2 I 0xSPI 0xSPI sha256:0xKEY aes256:0xKEY", R for the responder's keys -------------------- */

static bool row_key(pluto *p, ike_text word, ike_secret_kind kind, ike_text *algorithm)
{
    uint8_t key[128];
    size_t length;
    *algorithm = ike_text_until(&word, ':');
    if (ike_text_length(word) == 0 || ike_text_is(word, "0x"))
        return true; /* an AEAD cipher has no integrity key */
    const char *why = ike_text_octets(word, key, sizeof key, &length);
    if (why != NULL)
        ike_keylog_warn(p->log, 0, why);
    else
        (void)ike_keyring_set_secret(ike_keylog_ring(p->log), p->row_set, kind,
                                     (ike_span){key, length});
    OPENSSL_cleanse(key, sizeof key);
    return why == NULL;
}

static void table_row(pluto *p, ike_text debug)
{
    ike_keyring *ring = ike_keylog_ring(p->log);
    ike_text integrity, encryption;
    uint64_t spi_i, spi_r;
    (void)ike_text_word(&debug);
    bool initiator = ike_text_is(ike_text_word(&debug), "I");
    if (!ike_text_hex_number(ike_text_word(&debug), &spi_i) ||
        !ike_text_hex_number(ike_text_word(&debug), &spi_r)) {
        ike_keylog_warn(p->log, 0, "a row of keys that is not whole");
        return;
    }
    ike_secret_kind sk_e = initiator ? IKE_SECRET_SK_EI : IKE_SECRET_SK_ER;
    if (p->row_set == 0 || spi_i != p->row_spi_i || spi_r != p->row_spi_r ||
        ike_keyring_set_has(ring, p->row_set, sk_e)) {
        p->row_set = ike_keyring_new_set(ring, ike_keylog_source(p->log), 2);
        (void)ike_keyring_bind_set(ring, p->row_set, spi_i, spi_r);
        p->row_spi_i = spi_i;
        p->row_spi_r = spi_r;
    }
    ike_suite suite;
    if (row_key(p, ike_text_word(&debug), initiator ? IKE_SECRET_SK_AI : IKE_SECRET_SK_AR,
                &integrity) &&
        row_key(p, ike_text_word(&debug), sk_e, &encryption) &&
        ike_suite_by_names(encryption, 0, integrity, 0, &suite))
        (void)ike_keyring_set_suite(ring, p->row_set, &suite);
}

/* ---- the SPIs of a CHILD_SA ----------------------------------------------------------------------- */

/* Behind "{ESP", "{ESPinUDP", "{ESPinTCP", each also with "/ESN": "=>0xOUT <0xIN xfrm=A_128-B_96 .." */
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
    ike_keymats_use(p->log, &p->keymats, (uint32_t)out, DIRECTION_OUT, known ? &suite : NULL, known);
    ike_keymats_clear(&p->keymats);
    return true;
}

/* ---- the reader --------------------------------------------------------------------------------- */

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

static void *pluto_open(ike_keylog *log)
{
    pluto *p = g_new0(pluto, 1);
    p->log = log;
    p->derivation.version = 2;
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
    if (ike_text_begins(debug, "chunk_SK"))
        extracted_line(p, debug);
    else if (ike_text_is(debug, "our  keymat") || ike_text_is(debug, "our keymat"))
        begin_dump(p, USE_INBOUND, 0);
    else if (ike_text_is(debug, "peer keymat"))
        begin_dump(p, USE_OUTBOUND, 0);
    else if (ike_text_begins(debug, "ikev2 I 0x") || ike_text_begins(debug, "ikev2 R 0x"))
        table_row(p, debug);
    return true;
}

static void pluto_settle(void *state)
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
    .settle = pluto_settle,
    .close = pluto_close,
};
