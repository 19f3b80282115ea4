/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1 daemons that name a secret and print it in rows of eight groups of four bytes, behind their
 * prefix or bare: racoon with debugging, the ipsec,debug log of MikroTik, which is made of it;
 * OpenBSD's isakmpd -DA=90 (-D5=80 suffices), whose names follow those of functions; vpnc --debug
 * 99, whose first row may follow the name. The length of a dump is not said: a row that is not full
 * ends it, or the next name.
 *
 *   043200.123456 Negt 80 ike_phase_1_post_exchange_KE_NONCE: SKEYID_e:
 *   043200.123456 Negt 80 cc255549 bba809fc 63ac0634 25de72ad 4122abf7
 */
#include <glib.h>
#include <string.h>

#include "decrypt/keylog/dump.h"
#include "decrypt/keylog/esp_entry.h"
#include "decrypt/keylog/records.h"
#include "proto/network_order.h"

enum { ROW_BYTES = 32, COOKIE_DIGITS = 16 };
enum { RX, TX, DIRECTIONS }; /* of vpnc: from the gateway and to it */

typedef enum {
    USE_SECRET,
    USE_FIRST_SECRET, /* of a derivation */
    USE_LAST_SECRET,
    USE_NEW_COOKIE, /* of either side */
    USE_COOKIE_I,
    USE_COOKIE_R,
    USE_KEYMAT,
    USE_ENCRYPTION,
    USE_INTEGRITY,
} dump_use;

typedef struct {
    const char *name;
    dump_use use;
    unsigned which; /* ike_secret_kind, or direction */
} dump_item;

#define PHASE_1 "ike_phase_1_post_exchange_KE_NONCE: "
#define PHASE_2 "post_quick_mode: "

static const dump_item items[] = {
    /* racoon */
    {"new cookie:", USE_NEW_COOKIE, 0},
    {"compute DH's shared.", USE_SECRET, IKE_SECRET_DH_SHARED},
    {"SKEYID computed:", USE_SECRET, IKE_SECRET_V1_SKEYID},
    {"SKEYID_d computed:", USE_SECRET, IKE_SECRET_V1_SKEYID_D},
    {"SKEYID_a computed:", USE_SECRET, IKE_SECRET_V1_SKEYID_A},
    {"SKEYID_e computed:", USE_SECRET, IKE_SECRET_V1_SKEYID_E},
    {"final encryption key computed:", USE_LAST_SECRET, IKE_SECRET_V1_KEY},
    {"KEYMAT computed.", USE_KEYMAT, 0},
    /* isakmpd, which logs no cookies */
    {PHASE_1 "g^xy:", USE_FIRST_SECRET, IKE_SECRET_DH_SHARED},
    {PHASE_1 "SKEYID:", USE_SECRET, IKE_SECRET_V1_SKEYID},
    {PHASE_1 "SKEYID_d:", USE_SECRET, IKE_SECRET_V1_SKEYID_D},
    {PHASE_1 "SKEYID_a:", USE_SECRET, IKE_SECRET_V1_SKEYID_A},
    {PHASE_1 "SKEYID_e:", USE_SECRET, IKE_SECRET_V1_SKEYID_E},
    {PHASE_2 "g^xy:", USE_FIRST_SECRET, IKE_SECRET_DH_SHARED},
    /* vpnc */
    {"i_cookie:", USE_COOKIE_I, 0},
    {"r_cookie:", USE_COOKIE_R, 0},
    {"dh_shared_secret:", USE_FIRST_SECRET, IKE_SECRET_DH_SHARED},
    {"skeyid:", USE_SECRET, IKE_SECRET_V1_SKEYID},
    {"psk_skeyid:", USE_SECRET, IKE_SECRET_V1_SKEYID},
    {"skeyid_d:", USE_SECRET, IKE_SECRET_V1_SKEYID_D},
    {"skeyid_a:", USE_SECRET, IKE_SECRET_V1_SKEYID_A},
    {"skeyid_e:", USE_SECRET, IKE_SECRET_V1_SKEYID_E},
    {"enc-key:", USE_SECRET, IKE_SECRET_V1_KEY},
    {"rx.key_cry:", USE_ENCRYPTION, RX},
    {"rx.key_md:", USE_INTEGRITY, RX},
    {"tx.key_cry:", USE_ENCRYPTION, TX},
    {"tx.key_md:", USE_INTEGRITY, TX},
};

typedef struct {
    ike_keylog *log;
    ike_derivation derivation;
    unsigned cookies; /* since the last key: which is whose is known only when it is one */
    ike_keymats keymats;
    bool keymats_used; /* by an SPI line: the next key material is of another SA */
    ike_esp_entry esp[DIRECTIONS];
    const dump_item *item; /* whose dump is under way; NULL none */
    unsigned item_line;
    ike_dump dump;
} racoon;

/* ---- what is dumped -------------------------------------------------------------------------- */

/* One cookie may be either side's; the ring looks for both. */
static void use_new_cookie(racoon *g, uint64_t cookie)
{
    g->derivation.initiator_spi = ++g->cookies == 1 ? cookie : 0;
}

static void use_cookie(racoon *g, dump_use use, ike_span bytes)
{
    if (bytes.length != sizeof(uint64_t))
        return;
    if (use == USE_COOKIE_I)
        g->derivation = (ike_derivation){.initiator_spi = ike_get_u64(bytes.data)};
    else
        g->derivation.responder_spi = ike_get_u64(bytes.data);
}

static void use_keymat(racoon *g, ike_span bytes)
{
    if (g->keymats_used)
        ike_keymats_clear(&g->keymats);
    g->keymats_used = false;
    (void)ike_keymats_add(&g->keymats, bytes, 0);
}

/* Both keys and the SPI of a direction are there: vpnc uses no cipher without integrity key. */
static void use_direction(racoon *g, ike_esp_entry *esp)
{
    if (esp->encryption.key_length > 0 && esp->integrity.key_length > 0 && esp->has_spi)
        ike_keylog_warn(g->log, 0, ike_esp_entry_use(g->log, esp));
}

static void use_bytes(racoon *g, const dump_item *item, ike_span bytes)
{
    ike_esp_entry *esp = &g->esp[item->which % DIRECTIONS];
    switch (item->use) {
    case USE_SECRET:
    case USE_FIRST_SECRET:
        ike_derivation_put(g->log, &g->derivation, 1, (ike_secret_kind)item->which, bytes,
                           item->use == USE_FIRST_SECRET);
        break;
    case USE_LAST_SECRET:
        ike_derivation_put(g->log, &g->derivation, 1, (ike_secret_kind)item->which, bytes, false);
        g->derivation = (ike_derivation){0};
        g->cookies = 0;
        break;
    case USE_NEW_COOKIE: /* no dump: see take_row() */
        break;
    case USE_COOKIE_I:
    case USE_COOKIE_R:
        use_cookie(g, item->use, bytes);
        break;
    case USE_KEYMAT:
        use_keymat(g, bytes);
        break;
    case USE_ENCRYPTION:
        ike_esp_set_key(&esp->encryption, bytes);
        use_direction(g, esp);
        break;
    case USE_INTEGRITY:
        ike_esp_set_key(&esp->integrity, bytes);
        use_direction(g, esp);
        break;
    }
}

/* ---- dumps ----------------------------------------------------------------------------------- */

static void end_dump(racoon *g)
{
    const dump_item *item = g->item;
    g->item = NULL;
    if (item != NULL && g->dump.length > 0)
        use_bytes(g, item, (ike_span){g->dump.bytes, g->dump.length});
    else if (item != NULL)
        ike_keylog_warn(g->log, g->item_line, "no bytes of the secret that this line names");
    (void)ike_dump_begin(&g->dump, 0);
}

/* The cookie is the last word of a line. */
static bool take_cookie(racoon *g, ike_text text)
{
    uint64_t cookie;
    if (ike_text_length(text) < COOKIE_DIGITS)
        return false;
    text.at = text.end - COOKIE_DIGITS;
    if (!ike_text_hex_number(text, &cookie))
        return false;
    use_new_cookie(g, cookie);
    g->item = NULL;
    return true;
}

static bool take_row(racoon *g, ike_text text)
{
    size_t before = g->dump.length;
    ike_text_trim(&text);
    if (g->item->use == USE_NEW_COOKIE)
        return take_cookie(g, text);
    if (!ike_dump_group_row(&g->dump, text))
        return false;
    if ((g->dump.length - before) % ROW_BYTES != 0)
        end_dump(g);
    return true;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* `name`: the text from the name on. */
static const dump_item *find_item(ike_text text, ike_text *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(items); i++)
        if (ike_text_find_word(text, items[i].name, name))
            return &items[i];
    return NULL;
}

/* The first row may stand behind the name. With other text there, a name of one word is part of a
 * sentence; one of several words is still a name. */
static void begin_dump(racoon *g, const dump_item *item, ike_text before, ike_text rest)
{
    g->item = item;
    g->item_line = ike_keylog_line_number(g->log);
    ike_dump_set_prefix(&g->dump, before);
    ike_text_trim(&rest);
    if (ike_text_length(rest) > 0 && !take_row(g, rest) && strchr(item->name, ' ') == NULL)
        g->item = NULL;
}

/* The next message ends a dump. "DEBUG:" alone stands between a name and its bytes. */
static bool is_message(const racoon *g, ike_text text)
{
    ike_text_trim(&text);
    if (ike_text_find(text, " computed") != NULL)
        return true;
    return g->dump.length > 0 && text.at < text.end &&
           (text.end[-1] == ':' || ike_text_find(text, " spi: ") != NULL ||
            ike_text_find(text, "DEBUG") != NULL || ike_text_find(text, "ipsec,") != NULL);
}

/* "IPsec-SA established: ESP/Tunnel 192.0.2.1[0]->203.0.113.1[0] spi=1479269761(0x582bd581)" */
static bool established_line(racoon *g, ike_text text)
{
    uint64_t spi;
    if (!ike_text_after(&text, "IPsec-SA established: ESP") || !ike_text_after(&text, "(0x"))
        return false;
    if (ike_text_hex_number(ike_text_until(&text, ')'), &spi) && spi <= UINT32_MAX)
        ike_keymats_use(g->log, &g->keymats, (uint32_t)spi, 0, NULL, false);
    g->keymats_used = true;
    return true;
}

/* "remote -> local spi: 0x8a28bf97" */
static bool spi_line(racoon *g, ike_text text)
{
    uint64_t spi;
    unsigned direction = ike_text_after(&text, "remote -> local spi: ") ? RX : TX;
    if (direction == TX && !ike_text_after(&text, "local -> remote spi: "))
        return false;
    if (ike_text_hex_number(ike_text_value(&text), &spi) && spi <= UINT32_MAX) {
        g->esp[direction].spi = (uint32_t)spi;
        g->esp[direction].has_spi = true;
        use_direction(g, &g->esp[direction]);
    }
    return true;
}

/* ---- the reader ------------------------------------------------------------------------------ */

static bool racoon_line(void *state, ike_text text)
{
    racoon *g = state;
    ike_text name;
    if (g->item != NULL && take_row(g, text))
        return true;
    const dump_item *item = find_item(text, &name);
    if (g->item != NULL && item == NULL && !is_message(g, text) && ike_dump_skip_line(&g->dump))
        return false;
    end_dump(g);
    if (item == NULL)
        return established_line(g, text) || spi_line(g, text);
    begin_dump(g, item, (ike_text){text.at, name.at},
               (ike_text){name.at + strlen(item->name), name.end});
    return true;
}

static bool racoon_in_dump(const void *state)
{
    return ((const racoon *)state)->item != NULL;
}

static void racoon_finish(void *state)
{
    racoon *g = state;
    end_dump(g);
    if (!g->keymats_used)
        ike_keymats_use(g->log, &g->keymats, 0, 0, NULL, false);
    g->keymats_used = true;
    for (unsigned i = 0; i < DIRECTIONS; i++) {
        bool has_spi = g->esp[i].has_spi;
        g->esp[i].has_spi = true; /* 0: tried */
        use_direction(g, &g->esp[i]);
        g->esp[i].has_spi &= has_spi; /* the log may grow */
    }
}

static const char *const marks[] = {
    "new cookie:",
    "compute DH's shared.",
    " computed:",
    "KEYMAT computed.",
    "IPsec-SA established: ",
    PHASE_1,
    PHASE_2,
    "_cookie:",
    "dh_shared_secret:",
    "skeyid:",
    "skeyid_d:",
    "skeyid_a:",
    "skeyid_e:",
    "enc-key:",
    ".key_cry:",
    ".key_md:",
    " spi: 0x",
    NULL,
};

const ike_keylog_reader ike_reader_racoon = {
    .marks = marks,
    .state_bytes = sizeof(racoon),
    .line = racoon_line,
    .in_dump = racoon_in_dump,
    .finish = racoon_finish,
};
