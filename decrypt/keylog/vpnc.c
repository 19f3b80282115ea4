/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vpnc --debug 99: a name with a colon, and groups of four bytes behind it or in the rows below.
 * rx is from the gateway, tx to it. */
#include "decrypt/keylog/records.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/dump.h"
#include "decrypt/keylog/esp_entry.h"
#include "proto/network_order.h"

enum { ROW_BYTES = 32 };
enum { RX, TX, DIRECTIONS };

typedef enum { USE_SECRET, USE_COOKIE, USE_ENCRYPTION, USE_INTEGRITY } dump_use;

typedef struct {
    ike_keylog *log;
    ike_derivation derivation;
    ike_esp_entry esp[DIRECTIONS];
    size_t item; /* one more than the row of items[] whose dump is under way */
    ike_dump dump;
} vpnc;

static const struct {
    const char *name;
    dump_use use;
    unsigned which; /* ike_secret_kind, direction, or 0 and 1 for the cookies */
} items[] = {
    {"i_cookie", USE_COOKIE, 0},
    {"r_cookie", USE_COOKIE, 1},
    {"dh_shared_secret", USE_SECRET, IKE_SECRET_DH_SHARED},
    {"skeyid", USE_SECRET, IKE_SECRET_V1_SKEYID},
    {"psk_skeyid", USE_SECRET, IKE_SECRET_V1_SKEYID},
    {"skeyid_d", USE_SECRET, IKE_SECRET_V1_SKEYID_D},
    {"skeyid_a", USE_SECRET, IKE_SECRET_V1_SKEYID_A},
    {"skeyid_e", USE_SECRET, IKE_SECRET_V1_SKEYID_E},
    {"enc-key", USE_SECRET, IKE_SECRET_V1_KEY},
    {"rx.key_cry", USE_ENCRYPTION, RX},
    {"rx.key_md", USE_INTEGRITY, RX},
    {"tx.key_cry", USE_ENCRYPTION, TX},
    {"tx.key_md", USE_INTEGRITY, TX},
};

static void use_cookie(vpnc *v, unsigned which)
{
    if (v->dump.length != sizeof(uint64_t))
        return;
    uint64_t cookie = ike_get_u64(v->dump.bytes);
    if (which == 0)
        v->derivation = (ike_derivation){.version = 1, .initiator_spi = cookie};
    else
        v->derivation.responder_spi = cookie;
}

/* Both keys and the SPI of a direction are there: vpnc uses no cipher without integrity key. */
static void use_direction(vpnc *v, ike_esp_entry *esp)
{
    if (esp->encryption.key_length > 0 && esp->integrity.key_length > 0 && esp->has_spi)
        ike_keylog_warn(v->log, 0, ike_esp_entry_use(v->log, esp));
}

static void use_dump(vpnc *v)
{
    ike_span bytes = {v->dump.bytes, v->dump.length};
    size_t item = v->item - 1;
    v->item = 0;
    ike_esp_entry *esp = &v->esp[items[item].which % DIRECTIONS];
    switch (items[item].use) {
    case USE_SECRET:
        if (bytes.length > 0)
            ike_derivation_put(v->log, &v->derivation, (ike_secret_kind)items[item].which, bytes,
                               items[item].which == IKE_SECRET_DH_SHARED && v->derivation.set != 0);
        break;
    case USE_COOKIE:
        use_cookie(v, items[item].which);
        break;
    case USE_ENCRYPTION:
        ike_esp_set_key(&esp->encryption, bytes);
        break;
    case USE_INTEGRITY:
        ike_esp_set_key(&esp->integrity, bytes);
        break;
    }
    use_direction(v, esp);
    (void)ike_dump_begin(&v->dump, 0);
}

/* A row of the dump under way; the last one is not full. */
static bool take_row(vpnc *v, ike_text row)
{
    size_t before = v->dump.length;
    ike_text_trim(&row);
    if (!ike_dump_group_row(&v->dump, row))
        return false;
    if ((v->dump.length - before) % ROW_BYTES != 0)
        use_dump(v);
    return true;
}

/* "   enc-key:", with the first row behind it or below. */
static bool name_line(vpnc *v, ike_text text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
        ike_text found;
        if (!ike_text_find_word(text, items[i].name, &found))
            continue;
        ike_text before = {text.at, found.at};
        found.at += strlen(items[i].name);
        if (!ike_text_skip(&found, ":"))
            continue;
        ike_text_trim(&found);
        v->item = i + 1;
        (void)ike_dump_begin(&v->dump, 0);
        ike_dump_set_prefix(&v->dump, before);
        if (ike_text_length(found) > 0 && !take_row(v, found))
            v->item = 0; /* a sentence */
        return true;
    }
    return false;
}

static bool spi_line(vpnc *v, ike_text text)
{
    uint64_t spi;
    unsigned direction = ike_text_after(&text, "remote -> local spi: ") ? RX : TX;
    if (direction == TX && !ike_text_after(&text, "local -> remote spi: "))
        return false;
    if (ike_text_hex_number(ike_text_value(&text), &spi) && spi <= UINT32_MAX) {
        v->esp[direction].spi = (uint32_t)spi;
        v->esp[direction].has_spi = true;
        use_direction(v, &v->esp[direction]);
    }
    return true;
}

/* Dumps follow each other, each under a name. */
static bool is_a_name(ike_text text)
{
    ike_text_trim(&text);
    return text.at < text.end && (text.end[-1] == ':' || ike_text_find(text, " spi: ") != NULL);
}

static void vpnc_begin(void *state)
{
    vpnc *v = state;
    v->derivation.version = 1;
}

static bool vpnc_line(void *state, ike_text text)
{
    vpnc *v = state;
    if (v->item != 0) {
        if (take_row(v, text))
            return true;
        if (!is_a_name(text) && ike_dump_skip_line(&v->dump))
            return false;
        if (v->dump.length == 0)
            ike_keylog_warn(v->log, 0, "no bytes of the secret that was named in the line before");
        use_dump(v);
    }
    return spi_line(v, text) || name_line(v, text);
}

static bool vpnc_in_dump(const void *state)
{
    return ((const vpnc *)state)->item != 0;
}

static void vpnc_finish(void *state)
{
    vpnc *v = state;
    if (v->item != 0)
        use_dump(v);
    for (unsigned i = 0; i < DIRECTIONS; i++) {
        bool has_spi = v->esp[i].has_spi;
        v->esp[i].has_spi = true; /* 0: tried */
        use_direction(v, &v->esp[i]);
        v->esp[i].has_spi &= has_spi; /* the log may grow */
    }
}

static const char *const marks[] = {
    "_cookie:", "dh_shared_secret:", "skeyid:",  "skeyid_d:", "skeyid_a:", "skeyid_e:",
    "enc-key:", ".key_cry:",         ".key_md:", " spi: 0x",  NULL,
};

const ike_keylog_reader ike_reader_vpnc = {
    .marks = marks,
    .state_bytes = sizeof(vpnc),
    .begin = vpnc_begin,
    .line = vpnc_line,
    .in_dump = vpnc_in_dump,
    .finish = vpnc_finish,
};
