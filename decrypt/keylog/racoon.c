/* SPDX-License-Identifier: GPL-2.0-or-later */
/* racoon with debugging, and the ipsec,debug log of MikroTik, which is made of it. A line with a
 * name is followed by lines of groups of four bytes, each behind the log's own prefix or bare. The
 * length of a dump is not said: a row that is not full ends it. */
#include "decrypt/keylog/records.h"

#include <glib.h>
#include <string.h>

#include "decrypt/keylog/dump.h"

enum { ROW_BYTES = 32, COOKIE_DIGITS = 16 };

typedef enum { USE_SECRET, USE_COOKIE, USE_KEYMAT } dump_use;

typedef struct {
    ike_keylog *log;
    ike_derivation derivation;
    ike_keymats keymats;
    bool keymats_used; /* by an SPI line: the next key material is of another SA */
    uint64_t cookie;
    unsigned cookies; /* since the last key: which is whose is known only when it is one */
    size_t item;      /* one more than the row of items[] that is under way */
    unsigned item_line;
    ike_dump dump;
} racoon;

static const struct {
    const char *name;
    dump_use use;
    ike_secret_kind kind;
} items[] = {
    {"new cookie:", USE_COOKIE, IKE_SECRETS},
    {"compute DH's shared.", USE_SECRET, IKE_SECRET_DH_SHARED},
    {"SKEYID computed:", USE_SECRET, IKE_SECRET_V1_SKEYID},
    {"SKEYID_d computed:", USE_SECRET, IKE_SECRET_V1_SKEYID_D},
    {"SKEYID_a computed:", USE_SECRET, IKE_SECRET_V1_SKEYID_A},
    {"SKEYID_e computed:", USE_SECRET, IKE_SECRET_V1_SKEYID_E},
    {"final encryption key computed:", USE_SECRET, IKE_SECRET_V1_KEY},
    {"KEYMAT computed.", USE_KEYMAT, IKE_SECRETS},
};

static void use_secret(racoon *r, ike_secret_kind kind, ike_span secret)
{
    /* The cookie may be either side's; the ring looks for both. */
    r->derivation.initiator_spi = r->cookies == 1 ? r->cookie : 0;
    ike_derivation_put(r->log, &r->derivation, kind, secret, false);
    if (kind == IKE_SECRET_V1_KEY) { /* the last of a derivation */
        ike_derivation_end(&r->derivation);
        r->cookies = 0;
    }
}

static void use_dump(racoon *r)
{
    size_t item = r->item - 1;
    ike_span bytes = {r->dump.bytes, r->dump.length};
    r->item = 0;
    if (bytes.length == 0) {
        ike_keylog_warn(r->log, r->item_line, "no bytes of the secret that this line names");
    } else if (items[item].use == USE_KEYMAT) {
        if (r->keymats_used)
            ike_keymats_clear(&r->keymats);
        r->keymats_used = false;
        (void)ike_keymats_add(&r->keymats, bytes, 0);
    } else if (items[item].use == USE_SECRET) {
        use_secret(r, items[item].kind, bytes);
    }
    (void)ike_dump_begin(&r->dump, 0);
}

/* The cookie is the last word of a line. */
static bool take_cookie(racoon *r, ike_text text)
{
    ike_text_trim(&text);
    if (ike_text_length(text) < COOKIE_DIGITS)
        return false;
    text.at = text.end - COOKIE_DIGITS;
    if (!ike_text_hex_number(text, &r->cookie))
        return false;
    r->cookies++;
    r->item = 0;
    return true;
}

static bool take_row(racoon *r, ike_text text)
{
    size_t before = r->dump.length;
    ike_text_trim(&text);
    if (items[r->item - 1].use == USE_COOKIE)
        return take_cookie(r, text);
    if (!ike_dump_group_row(&r->dump, text))
        return false;
    if ((r->dump.length - before) % ROW_BYTES != 0)
        use_dump(r);
    return true;
}

static bool name_line(racoon *r, ike_text text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
        ike_text rest = text;
        if (!ike_text_after(&rest, items[i].name))
            continue;
        r->item = i + 1;
        r->item_line = ike_keylog_line_number(r->log);
        (void)ike_dump_begin(&r->dump, 0);
        ike_dump_set_prefix(&r->dump, (ike_text){text.at, rest.at - strlen(items[i].name)});
        if (rest.at < rest.end)
            (void)take_row(r, rest);
        return true;
    }
    return false;
}

/* "IPsec-SA established: ESP/Tunnel 192.0.2.1[0]->203.0.113.1[0] spi=1479269761(0x582bd581)" */
static bool spi_line(racoon *r, ike_text text)
{
    uint64_t spi;
    if (!ike_text_after(&text, "IPsec-SA established: ESP") || !ike_text_after(&text, "(0x"))
        return false;
    if (ike_text_hex_number(ike_text_until(&text, ')'), &spi) && spi <= UINT32_MAX)
        ike_keymats_use(r->log, &r->keymats, (uint32_t)spi, 0, NULL, false);
    r->keymats_used = true;
    return true;
}

/* The next message of racoon ends a dump, which has no length. */
static bool is_a_message(const racoon *r, ike_text text)
{
    ike_text_trim(&text);
    if (ike_text_find(text, " computed") != NULL || ike_text_find(text, "new cookie:") != NULL)
        return true;
    return r->dump.length > 0 &&
           (ike_text_find(text, "DEBUG") != NULL || ike_text_find(text, "ipsec,") != NULL);
}

static void racoon_begin(void *state)
{
    racoon *r = state;
    r->derivation.version = 1;
}

static bool racoon_line(void *state, ike_text text)
{
    racoon *r = state;
    if (r->item != 0) {
        if (take_row(r, text))
            return true;
        /* "DEBUG:" alone stands between a name and its bytes. */
        if (!is_a_message(r, text) && ike_dump_skip_line(&r->dump))
            return false;
        use_dump(r);
    }
    return name_line(r, text) || spi_line(r, text);
}

static bool racoon_in_dump(const void *state)
{
    return ((const racoon *)state)->item != 0;
}

static void racoon_finish(void *state)
{
    racoon *r = state;
    if (r->item != 0)
        use_dump(r);
    if (!r->keymats_used)
        ike_keymats_use(r->log, &r->keymats, 0, 0, NULL, false);
    r->keymats_used = true;
}

static const char *const marks[] = {
    "new cookie:",      "compute DH's shared.",   " computed:",
    "KEYMAT computed.", "IPsec-SA established: ", NULL,
};

const ike_keylog_reader ike_reader_racoon = {
    .marks = marks,
    .state_bytes = sizeof(racoon),
    .begin = racoon_begin,
    .line = racoon_line,
    .in_dump = racoon_in_dump,
    .finish = racoon_finish,
};
