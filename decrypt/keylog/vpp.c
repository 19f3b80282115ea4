/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VPP's "show ikev2 sa details":
 *
 *   iip 10.9.0.1 ispi dccc908456cfc798 rip 10.9.0.2 rspi 5704dca871c3a0ec
 *    encr:aes-cbc-256 prf:hmac-sha2-256 integ:sha-256-128 dh-group:ecp-256
 *    SK_d    7c0ab81c..
 *    SK_a  i:743a1620..
 *          r:cde10ac5..
 *    child sa 0:encr:aes-cbc-256 integ:sha-256-128 esn:no
 *      spi(i) de6adc42 spi(r) f9f9e7ac
 *      SK_e  i:a4919f7a..
 *            r:ff6c7da0..
 *
 * Its SPIs have no leading zeros. The initiator's keys protect what goes to the responder's SPI
 * (RFC 7296 2.17). */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/esp_entry.h"
#include "decrypt/keylog/records.h"

enum { SIDE_I, SIDE_R, SIDES };
enum { SKIPPED_MAX = 4 };

typedef enum { KEY_NONE, KEY_D, KEY_A, KEY_E, KEY_P } key_name;

typedef struct {
    ike_keylog *log;
    ike_derivation derivation;
    ike_esp_transform encryption, integrity; /* of the IKE SA: their names */
    key_name last;                           /* whose line "r:" comes next */
    unsigned skipped;                        /* lines since */
    bool in_child;
    unsigned child_line;
    ike_esp_entry child[SIDES]; /* by who sends */
} vpp;

static void end_child(vpp *v)
{
    for (unsigned i = 0; i < SIDES; i++)
        ike_keylog_warn(v->log, v->child_line, ike_esp_entry_use(v->log, &v->child[i]));
    v->in_child = false;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* The algorithms as soon as the length of a key says which they are. */
static void set_suite(vpp *v, size_t key_bytes)
{
    ike_suite suite;
    if (ike_suite_by_names(ike_text_of(v->encryption.name), key_bytes,
                           ike_text_of(v->integrity.name), 0, &suite))
        ike_keylog_set_suite(v->log, v->derivation.set, &suite);
}

static void put_ike_key(vpp *v, key_name name, unsigned side, ike_span key)
{
    static const ike_secret_kind kinds[][SIDES] = {
        [KEY_D] = {IKE_SECRET_SK_D, IKE_SECRET_SK_D},
        [KEY_A] = {IKE_SECRET_SK_AI, IKE_SECRET_SK_AR},
        [KEY_E] = {IKE_SECRET_SK_EI, IKE_SECRET_SK_ER},
        [KEY_P] = {IKE_SECRET_SK_PI, IKE_SECRET_SK_PR},
    };
    if (key.length == 0)
        return;
    ike_derivation_put(v->log, &v->derivation, 2, kinds[name][side], key, false);
    if (name == KEY_E && side == SIDE_I)
        set_suite(v, key.length);
}

static void put_key(vpp *v, key_name name, unsigned side, ike_text hex)
{
    ike_esp_transform of_ike_sa = {.key_length = 0}, *transform = &of_ike_sa;
    if (v->in_child && name == KEY_E)
        transform = &v->child[side].encryption;
    else if (v->in_child && name == KEY_A)
        transform = &v->child[side].integrity;
    ike_keylog_warn(v->log, 0, ike_esp_read_key(transform, hex));
    if (!v->in_child)
        put_ike_key(v, name, side, (ike_span){of_ike_sa.key, of_ike_sa.key_length});
    OPENSSL_cleanse(&of_ike_sa, sizeof of_ike_sa);
}

/* "SK_a  i:743a1620..", "r:cde10ac5.." */
static bool key_line(vpp *v, ike_text text)
{
    static const struct {
        const char *mark;
        key_name name;
        unsigned side;
    } lines[] = {
        {"SK_d ", KEY_D, SIDE_I}, {"SK_a ", KEY_A, SIDE_I}, {"SK_e ", KEY_E, SIDE_I},
        {"SK_p ", KEY_P, SIDE_I}, {"r:", KEY_NONE, SIDE_R},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        ike_text found;
        if (!ike_text_find_word(text, lines[i].mark, &found))
            continue;
        found.at += strlen(lines[i].mark);
        if (lines[i].name != KEY_NONE) {
            v->last = lines[i].name;
            v->skipped = 0;
            ike_text_blanks(&found);
            if (v->last != KEY_D && !ike_text_skip(&found, "i:"))
                return false;
        } else if (v->last == KEY_NONE) {
            return false;
        }
        put_key(v, v->last, lines[i].side, ike_text_value(&found));
        if (lines[i].side == SIDE_R || v->last == KEY_D)
            v->last = KEY_NONE;
        return true;
    }
    return false;
}

/* ---- SPIs and algorithms --------------------------------------------------------------------- */

static bool number_behind(ike_text text, const char *name, uint64_t *number)
{
    ike_text found;
    if (!ike_text_find_word(text, name, &found))
        return false;
    found.at += strlen(name);
    return ike_text_hex_number(ike_text_value(&found), number);
}

static void name_behind(ike_text text, const char *name, ike_esp_transform *transform)
{
    ike_text found;
    if (!ike_text_find_word(text, name, &found))
        return;
    found.at += strlen(name);
    ike_esp_set_name(transform, ike_text_value(&found));
}

static bool ike_sa_line(vpp *v, ike_text text)
{
    uint64_t initiator, responder;
    if (!number_behind(text, "ispi ", &initiator) || !number_behind(text, "rspi ", &responder))
        return false;
    end_child(v);
    v->derivation = (ike_derivation){.initiator_spi = initiator, .responder_spi = responder};
    v->encryption.name[0] = v->integrity.name[0] = '\0';
    return true;
}

static bool algorithms_line(vpp *v, ike_text text)
{
    ike_text found;
    if (ike_text_find_word(text, "child sa ", &found)) {
        end_child(v);
        v->in_child = true;
        v->child_line = ike_keylog_line_number(v->log);
    }
    const char *names = ike_text_find(text, "encr:");
    if (names == NULL)
        return v->in_child;
    ike_text rest = {names, text.end};
    if (!v->in_child) {
        name_behind(rest, "encr:", &v->encryption);
        name_behind(rest, "integ:", &v->integrity);
        return true;
    }
    for (unsigned i = 0; i < SIDES; i++) {
        name_behind(rest, "encr:", &v->child[i].encryption);
        name_behind(rest, "integ:", &v->child[i].integrity);
    }
    return true;
}

static bool child_spi_line(vpp *v, ike_text text)
{
    uint64_t spi[SIDES];
    if (!v->in_child || !number_behind(text, "spi(i) ", &spi[SIDE_I]) ||
        !number_behind(text, "spi(r) ", &spi[SIDE_R]))
        return false;
    for (unsigned i = 0; i < SIDES; i++) {
        v->child[i].has_spi = spi[SIDES - 1 - i] <= UINT32_MAX;
        v->child[i].spi = (uint32_t)spi[SIDES - 1 - i];
    }
    return true;
}

/* ---- the reader ------------------------------------------------------------------------------ */

static bool vpp_line(void *state, ike_text text)
{
    vpp *v = state;
    if (ike_sa_line(v, text) || child_spi_line(v, text))
        return true;
    if (v->derivation.initiator_spi == 0)
        return false;
    if (key_line(v, text))
        return true;
    if (v->last != KEY_NONE && v->skipped++ >= SKIPPED_MAX)
        v->last = KEY_NONE;
    if (ike_text_find(text, "encr:") != NULL || ike_text_find(text, "child sa ") != NULL)
        return algorithms_line(v, text);
    return false;
}

static bool vpp_in_dump(const void *state)
{
    return ((const vpp *)state)->last != KEY_NONE;
}

static void vpp_finish(void *state)
{
    end_child(state);
}

static const char *const marks[] = {
    " ispi ", " rspi ", "encr:", "child sa ", "spi(i) ", "SK_d ", "SK_a ", "SK_e ", "SK_p ", NULL,
};

const ike_keylog_reader ike_reader_vpp = {
    .marks = marks,
    .state_bytes = sizeof(vpp),
    .line = vpp_line,
    .in_dump = vpp_in_dump,
    .finish = vpp_finish,
};
