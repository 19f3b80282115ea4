/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pluto: libreswan with plutodebug=all,crypt,private (or crypt, private), and its forebears
 * Openswan, FreeS/WAN and the IKEv1 daemon of strongSwan 4. Debug messages begin with "| "; a dump
 * is a name and then rows "|   42 05 bb 8b  1f ..   B..." without length, the first of which may
 * stand behind the name.
 *
 * libreswan's SK_d stays in NSS; SK_a* and SK_e* come when the IKE SA is established
 * (pluto_row.h). Keys of Child SAs come as "our  keymat" and "peer keymat" (IKEv1: "ESP KEYMAT",
 * then "inbound:" and "outbound:" or, before libreswan 5, "KEYMAT computed:" and "Peer KEYMAT
 * computed:"), and without "crypt" as "ESP encrypt key:" and "ESP integrity key:", which are for
 * the kernel and come before "netlink_add_sa() adding input", or "output"; their SPIs follow in the
 * line about the new SA:
 * "{ESP/ESN=>0xOUT <0xIN xfrm=AES_GCM_16_256-NONE ..". */
#include <glib.h>
#include <string.h>

#include "decrypt/crypto/algorithm.h"
#include "decrypt/keylog/dump.h"
#include "decrypt/keylog/pluto_row.h"
#include "decrypt/keylog/records.h"
#include "proto/network_order.h"

typedef enum {
    USE_NONE,
    USE_SK_PI,
    USE_SK_PR,
    USE_SALT,
    USE_PSK,
    USE_PPK,
    USE_INBOUND,
    USE_OUTBOUND,
    USE_ESP_ENCRYPTION,
    USE_ESP_INTEGRITY,
    USE_COOKIE_I,
    USE_COOKIE_R,
    USE_DH,
    USE_SKEYID,
    USE_SKEYID_D,
    USE_SKEYID_A,
    USE_SKEYID_E,
    USE_KA,
} dump_use;

enum { DIRECTION_IN = 1, DIRECTION_OUT = 2, COOKIE_BYTES = 8, PREFIX_END = 15 };

typedef struct {
    pluto_rows rows;   /* begins with the log */
    ike_derivation v1; /* of IKEv1 */
    uint64_t cookies[2];
    ike_keymats keymats;
    dump_use use;
    unsigned dump_line;
    ike_dump dump;
    ike_keymats ah_keymats;
    bool of_ah;                  /* the keymat that comes */
    bool has_keymats;            /* "crypt" is on */
    bool for_kernel;             /* the newest keymat that waits is of the kernel */
    bool bare;                   /* the bars before the dump are lost */
    char prefix[PREFIX_END + 1]; /* the end of what stands there before its name */
    bool prefixes_vary;          /* its first row has another */
} pluto;

/* ---- dumps ----------------------------------------------------------------------------------- */

/* The cookies of the IKE SA that is worked on: its keys may follow. */
static void use_cookie(pluto *p, unsigned side, ike_span bytes)
{
    if (bytes.length != COOKIE_BYTES)
        return;
    p->cookies[side] = ike_get_u64(bytes.data);
    if (side == 0)
        p->cookies[1] = 0;
}

static void use_ikev1_secret(pluto *p, dump_use use, ike_span secret)
{
    static const ike_secret_kind kinds[] = {
        [USE_DH] = IKE_SECRET_DH_SHARED,         [USE_SKEYID] = IKE_SECRET_V1_SKEYID,
        [USE_SKEYID_D] = IKE_SECRET_V1_SKEYID_D, [USE_SKEYID_A] = IKE_SECRET_V1_SKEYID_A,
        [USE_SKEYID_E] = IKE_SECRET_V1_SKEYID_E, [USE_KA] = IKE_SECRET_V1_KEY,
    };
    p->v1.initiator_spi = p->cookies[0];
    p->v1.responder_spi = p->cookies[1];
    ike_derivation_put(p->rows.log, &p->v1, 1, kinds[use], secret, use == USE_DH);
    if (use == USE_KA) /* the last of a derivation */
        p->v1 = (ike_derivation){0};
}

static void use_keymat(pluto *p, dump_use use, ike_span keymat)
{
    p->has_keymats = true;
    if (!ike_keymats_add(p->of_ah ? &p->ah_keymats : &p->keymats, keymat,
                         use == USE_INBOUND ? DIRECTION_IN : DIRECTION_OUT))
        ike_keylog_warn(p->rows.log, p->dump_line, "longer than any keys of a Child SA");
}

/* What the kernel is told, unless the log has the key material itself. */
static void use_kernel_key(pluto *p, dump_use use, ike_span key)
{
    if (use == USE_ESP_ENCRYPTION)
        p->for_kernel = !p->has_keymats && ike_keymats_add(&p->keymats, key, 0);
    else if (p->for_kernel && !ike_keymats_append(&p->keymats, key))
        ike_keylog_warn(p->rows.log, p->dump_line, "longer than any keys of a Child SA");
}

static void use_dump(pluto *p, dump_use use, ike_span bytes)
{
    switch (use) {
    case USE_NONE:
        break;
    case USE_SK_PI:
    case USE_SK_PR:
        pluto_store_sk_p(&p->rows, use == USE_SK_PR, bytes);
        break;
    case USE_SALT:
        pluto_store_salt(&p->rows, bytes);
        break;
    case USE_PSK:
        ike_keylog_add_psk(p->rows.log, bytes);
        break;
    case USE_PPK:
        (void)ike_keylog_add_peer(p->rows.log, IKE_PEER_PPK, NULL, bytes);
        break;
    case USE_INBOUND:
    case USE_OUTBOUND:
        use_keymat(p, use, bytes);
        break;
    case USE_ESP_ENCRYPTION:
    case USE_ESP_INTEGRITY:
        use_kernel_key(p, use, bytes);
        break;
    case USE_COOKIE_I:
    case USE_COOKIE_R:
        use_cookie(p, use == USE_COOKIE_R, bytes);
        break;
    default:
        use_ikev1_secret(p, use, bytes);
        break;
    }
}

/* A dump ends with the line that is no row of it. */
static void end_dump(pluto *p)
{
    dump_use use = p->use;
    p->use = USE_NONE;
    if (use == USE_NONE)
        return;
    if (ike_dump_complete(&p->dump))
        use_dump(p, use, (ike_span){p->dump.bytes, p->dump.length});
    else if (p->dump.expected != 0)
        ike_keylog_warn(p->rows.log, p->dump_line, "the dump of this secret is incomplete");
    (void)ike_dump_begin(&p->dump, 0);
}

static void begin_dump(pluto *p, dump_use use, size_t expected)
{
    end_dump(p);
    if (!ike_dump_begin(&p->dump, expected)) {
        ike_keylog_warn(p->rows.log, 0, "longer than any secret");
        return;
    }
    p->use = use;
    p->bare = false;
    p->dump_line = ike_keylog_line_number(p->rows.log);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Messages that are a name, with the first row of the dump behind it or nothing. */
static const struct {
    const char *name;
    dump_use use;
    bool ends_sentences; /* of other logs, too */
} names[] = {
    {"our  keymat", USE_INBOUND, false},
    {"our keymat", USE_INBOUND, false},
    {"peer keymat", USE_OUTBOUND, false},
    {"inbound:", USE_INBOUND, true},
    {"outbound:", USE_OUTBOUND, true},
    {"ESP encrypt key:", USE_ESP_ENCRYPTION, false},
    {"ESP integrity key:", USE_ESP_INTEGRITY, false},
    {"Peer KEYMAT computed:", USE_OUTBOUND, false}, /* before what it ends with */
    {"KEYMAT computed:", USE_INBOUND, false},
    {"PreShared Key", USE_PSK, false},
    {"Preshared Key", USE_PSK, false},
    {"PPK:", USE_PPK, true},
    {"ICOOKIE:", USE_COOKIE_I, false},
    {"RCOOKIE:", USE_COOKIE_R, false},
    {"DH shared secret:", USE_DH, false},
    {"DH shared-secret:", USE_DH, false},
    {"Skeyid:", USE_SKEYID, false},
    {"Skeyid_d:", USE_SKEYID_D, false},
    {"Skeyid_a:", USE_SKEYID_A, false},
    {"Skeyid_e:", USE_SKEYID_E, false},
    {"enc key:", USE_KA, true},
};

static bool dump_name(pluto *p, ike_text debug)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        ike_text rest = debug;
        if (!ike_text_skip(&rest, names[i].name))
            continue;
        ike_text_trim(&rest);
        begin_dump(p, names[i].use, 0);
        if (ike_text_length(rest) > 0 && !ike_dump_byte_row(&p->dump, rest))
            p->use = USE_NONE; /* a sentence */
        return true;
    }
    return false;
}

/* Whether the name is not the end of a sentence, as in "SPI 0x1f inbound:". Behind one blank a
 * time, a number or a bracket is the prefix of a log, a word none. */
static bool begins_name(ike_text line, ike_text name)
{
    ike_text before = {line.at, name.at};
    ike_text_trim(&before);
    if (name.at - before.end != 1)
        return true;
    const char *at = before.end;
    bool letters = false;
    for (; at > before.at && ike_is_word_character(at[-1]); at--)
        letters |= !g_ascii_isdigit(at[-1]);
    return !letters || (at > before.at && ike_is_any_of(at[-1], ":-.,")); /* "27Z", "ipsec,debug" */
}

/* The end of the last word of a prefix, each number in it as one 0: "gw pluto[77]: " -> "pluto[0]:"
 */
static void copy_prefix_end(ike_text prefix, char end[PREFIX_END + 1])
{
    size_t at = PREFIX_END;
    ike_text_trim(&prefix);
    end[at] = '\0';
    for (const char *from = prefix.end; from > prefix.at && at > 0; from--) {
        if (ike_is_any_of(from[-1], " \t"))
            break;
        bool digit = g_ascii_isdigit(from[-1]);
        if (!digit || end[at] != '0')
            end[--at] = digit ? '0' : from[-1];
    }
    memmove(end, end + at, PREFIX_END + 1 - at);
}

/* "our  keymat" at the end of a line whose bar is lost: the rows below may have none either.
 * *before: what stands before the name. */
static dump_use bare_name(ike_text line, ike_text *before)
{
    ike_text_trim(&line);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        ike_text name;
        if (ike_text_find_word(line, names[i].name, &name) && ike_text_is(name, names[i].name) &&
            (!names[i].ends_sentences || begins_name(line, name))) {
            *before = (ike_text){line.at, name.at};
            return names[i].use;
        }
    }
    return USE_NONE;
}

/* Before the rows stands what stands before the name: otherwise that is a name too, as in
 * "IV: 25 19 77 ..". Where the first row has another prefix, any row may. */
static bool bare_row(pluto *p, ike_text line)
{
    if (!p->bare || ike_text_find(line, "|") != NULL)
        return false;
    char prefix[PREFIX_END + 1];
    bool first = p->dump.length == 0, alone = ike_dump_byte_row(&p->dump, line);
    ike_text row = alone ? line : ike_dump_value_at_end(&p->dump, line);
    copy_prefix_end((ike_text){line.at, row.at}, prefix);
    bool alike = strcmp(prefix, p->prefix) == 0;
    if (first)
        p->prefixes_vary = !alone && !alike && p->prefix[0] != '\0';
    return alone || ((alike || p->prefixes_vary) && ike_dump_byte_row(&p->dump, row));
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
    p->rows.key = 0;
    if (ike_text_after(&debug, " bytes of key@"))
        (void)ike_text_hex_number(debug, &p->rows.key);
}

/* What stands behind the bar of a debug message. */
static bool debug_line(pluto *p, ike_text debug)
{
    bool salt = false;
    if (ike_text_begins(debug, "chunk_SK")) {
        extracted_line(p, debug);
    } else if (ike_text_begins(debug, "ei extracting ") ||
               ike_text_begins(debug, "er extracting ")) {
        extracting_line(p, debug);
    } else if (ike_text_skip(&debug, "cipher_context_create() ")) {
        pluto_store_cipher(&p->rows, debug, &salt);
        if (salt)
            begin_dump(p, USE_SALT, 0);
    } else if (ike_text_begins(debug, "ikev2 I 0x") || ike_text_begins(debug, "ikev2 R 0x")) {
        (void)ike_text_skip(&debug, "ikev2 ");
        pluto_use_row(&p->rows, debug);
    } else if (ike_text_skip(&debug, "netlink_add_sa() adding ")) {
        if (p->for_kernel)
            ike_keymats_set_direction(&p->keymats, ike_text_begins(debug, "input") ? DIRECTION_IN
                                                                                   : DIRECTION_OUT);
        p->for_kernel = false;
    } else if (ike_text_begins(debug, "ESP KEYMAT") || ike_text_begins(debug, "AH KEYMAT")) {
        p->of_ah = ike_text_begins(debug, "AH");
    } else {
        return dump_name(p, debug);
    }
    return true;
}

/* ---- the SPIs of a Child SA ------------------------------------------------------------------ */

/* The bits of the cipher's key where the log does not name them: what the key material leaves. */
static bool fit_key_bits(const ike_keymats *keymats, ike_suite *suite)
{
    const ike_encr *encr = ike_encr_find(suite->encryption);
    const ike_integ *integ = suite->integrity != 0 ? ike_integ_find(suite->integrity) : NULL;
    size_t integrity = integ != NULL ? integ->key_length : 0;
    if (encr == NULL || suite->key_bits != 0 || encr->key_bits[1] == 0 || keymats->count == 0)
        return true;
    size_t length = keymats->waiting[0].length;
    if (length <= integrity + encr->salt_length)
        return false;
    suite->key_bits = (uint16_t)((length - integrity - encr->salt_length) * 8);
    return ike_encr_takes_bits(encr, suite->key_bits);
}

/* "xfrm=AES_GCM_16_256-NONE" */
static bool child_suite(pluto *p, ike_text xfrm, ike_suite *suite)
{
    ike_text encryption = ike_text_until(&xfrm, '-');
    return ike_suite_by_names(encryption, 0, ike_text_until(&xfrm, '-'), 0, suite) &&
           fit_key_bits(&p->keymats, suite);
}

/* "{AH=>0xOUT <0xIN xfrm=HMAC_SHA2_256_128 .." */
static bool ah_line(pluto *p, ike_text text)
{
    ike_suite suite = {0};
    uint64_t out, in;
    char name[64];
    if (!ike_text_after(&text, "{AH"))
        return false;
    ike_text encapsulation = ike_text_until(&text, '=');
    suite.esn = ike_text_after(&encapsulation, "/ESN");
    if (!ike_text_skip(&text, ">") || !ike_text_hex_number(ike_text_value(&text), &out) ||
        !ike_text_hex_number(ike_text_value(&text), &in) || in > UINT32_MAX || out > UINT32_MAX)
        return true;
    ike_text_blanks(&text);
    bool known = ike_text_skip(&text, "xfrm=") &&
                 ike_text_copy(ike_text_value(&text), name, sizeof name) &&
                 ike_integrity_by_name(name, 0, &suite.integrity);
    const ike_suite *named = known ? &suite : NULL;
    ike_keymats_use_ah(p->rows.log, &p->ah_keymats, (uint32_t)in, DIRECTION_IN, named, known);
    ike_keymats_use_ah(p->rows.log, &p->ah_keymats, (uint32_t)out, DIRECTION_OUT, named, known);
    ike_keymats_clear(&p->ah_keymats);
    return true;
}

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
    if (!ike_text_skip(&text, ">") || !ike_text_hex_number(ike_text_value(&text), &out) ||
        !ike_text_hex_number(ike_text_value(&text), &in) || in > UINT32_MAX || out > UINT32_MAX)
        return true;
    ike_text_blanks(&text);
    bool known = ike_text_skip(&text, "xfrm=") && child_suite(p, ike_text_value(&text), &suite);
    suite.esn = esn;
    ike_keymats_use(p->rows.log, &p->keymats, (uint32_t)in, DIRECTION_IN, known ? &suite : NULL,
                    known);
    ike_keymats_use(p->rows.log, &p->keymats, (uint32_t)out, DIRECTION_OUT, known ? &suite : NULL,
                    known);
    ike_keymats_clear(&p->keymats);
    return true;
}

/* ---- the reader ------------------------------------------------------------------------------ */

static bool pluto_line(void *state, ike_text text)
{
    pluto *p = state;
    ike_text before;
    if (p->use != USE_NONE) {
        if (ike_dump_bar_row(&p->dump, text) || bare_row(p, text))
            return true;
        if (p->dump.length == 0 && ike_text_find(text, "unwrapped:") != NULL)
            return true;
        if (ike_text_find(text, "|") == NULL && ike_text_find(text, "{ESP") == NULL &&
            ike_text_find(text, "{AH") == NULL && bare_name(text, &before) == USE_NONE &&
            ike_dump_skip_line(&p->dump))
            return false;
        end_dump(p);
    }
    for (ike_text rest = text; ike_text_after(&rest, "|");) {
        ike_text debug = rest;
        ike_text_trim(&debug);
        if (debug_line(p, debug))
            return true;
    }
    if (child_line(p, text) || ah_line(p, text))
        return true;
    dump_use use = bare_name(text, &before);
    if (use == USE_NONE)
        return false;
    begin_dump(p, use, 0);
    p->bare = true;
    copy_prefix_end(before, p->prefix);
    return true;
}

static bool pluto_in_dump(const void *state)
{
    return ((const pluto *)state)->use != USE_NONE;
}

static void pluto_finish(void *state)
{
    pluto *p = state;
    end_dump(p);
    /* Their SPIs are not known: they are tried. */
    ike_keymats_use(p->rows.log, &p->keymats, 0, DIRECTION_IN, NULL, false);
    ike_keymats_use(p->rows.log, &p->keymats, 0, DIRECTION_OUT, NULL, false);
    ike_keymats_clear(&p->ah_keymats);
    ike_keymats_clear(&p->keymats);
}

static const char *const marks[] = {
    "keymat",
    "KEYMAT",
    "inbound:",
    "outbound:",
    "ESP encrypt key:",
    "ESP integrity key:",
    "netlink_add_sa() adding ",
    "reShared Key",
    "reshared Key",
    "PPK:",
    "COOKIE:",
    "shared secret:",
    "shared-secret:",
    "Skeyid",
    "enc key:",
    "chunk_SK",
    "extracting ",
    "cipher_context_create()",
    "ikev2 I 0x",
    "ikev2 R 0x",
    "{ESP",
    "{AH",
    NULL,
};

const ike_keylog_reader ike_reader_pluto = {
    .marks = marks,
    .state_bytes = sizeof(pluto),
    .line = pluto_line,
    .in_dump = pluto_in_dump,
    .finish = pluto_finish,
};
