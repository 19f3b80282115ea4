/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenIKED with -dvv or more: "spi=0x321a5d8e92696c86: ikev2_sa_keys: SKEYSEED with 32 bytes" and
 * then rows of groups of four bytes. Keys of a Child SA are the first bytes of the dump Tn behind
 * "key material length 104": of the initiator's direction, then of the responder's. */
#include "decrypt/keylog/records.h"

#include <glib.h>
#include <string.h>

#include "decrypt/keylog/dump.h"
#include "proto/network_order.h"

enum { SPIS_MAX = 8 };
typedef enum { DUMP_NONE, DUMP_SECRET, DUMP_SEED, DUMP_KEYMAT } dump_use;

typedef struct {
    ike_keylog *log;
    ike_derivation derivation;
    ike_keymats keymats;
    uint64_t spi;
    size_t keymat_length; /* of the Child SA under way */
    dump_use dumping;
    ike_secret_kind kind; /* of DUMP_SECRET */
    unsigned dump_line;
    ike_dump dump;
} iked;

static const struct {
    const char *name;
    ike_secret_kind kind;
} secrets[] = {
    {"DHSECRET", IKE_SECRET_DH_SHARED}, {"SKEYSEED", IKE_SECRET_SKEYSEED},
    {"SK_d", IKE_SECRET_SK_D},          {"SK_ai", IKE_SECRET_SK_AI},
    {"SK_ar", IKE_SECRET_SK_AR},        {"SK_ei", IKE_SECRET_SK_EI},
    {"SK_er", IKE_SECRET_SK_ER},        {"SK_pi", IKE_SECRET_SK_PI},
    {"SK_pr", IKE_SECRET_SK_PR},
};

/* Both directions, in the order of RFC 7296 2.17; which SPI is whose the log does not tell. */
static void use_keymat(iked *k)
{
    size_t half = k->keymat_length / 2;
    if (k->dump.length < k->keymat_length || k->keymat_length % 2 != 0 ||
        !ike_keymats_add(&k->keymats, (ike_span){k->dump.bytes, half}, 0) ||
        !ike_keymats_add(&k->keymats, (ike_span){k->dump.bytes + half, half}, 0))
        ike_keylog_warn(k->log, k->dump_line, "the key material of a Child SA has another length");
    k->keymat_length = 0;
}

/* S is Ni | Nr | SPIi | SPIr, RFC 7296 2.14: it has the responder's SPI. */
static void use_seed(iked *k)
{
    enum { SPI = 8 };
    if (k->dump.length < 2 * SPI)
        return;
    const uint8_t *spis = k->dump.bytes + k->dump.length - 2 * SPI;
    uint64_t initiator_spi = ike_get_u64(spis);
    if (initiator_spi == k->spi && k->derivation.set != 0)
        ike_keylog_bind_set(k->log, k->derivation.set, initiator_spi, ike_get_u64(spis + SPI));
}

static void use_dump(iked *k)
{
    ike_span secret = {k->dump.bytes, k->dump.length};
    if (k->dumping == DUMP_KEYMAT) {
        use_keymat(k);
    } else if (k->dumping == DUMP_SEED) {
        use_seed(k);
    } else {
        k->derivation.initiator_spi = k->spi;
        ike_derivation_put(k->log, &k->derivation, 2, k->kind, secret,
                           k->kind == IKE_SECRET_DH_SHARED);
    }
    k->dumping = DUMP_NONE;
    (void)ike_dump_begin(&k->dump, 0);
}

static void abandon_dump(iked *k)
{
    if (k->dumping == DUMP_SECRET || k->dumping == DUMP_KEYMAT)
        ike_keylog_warn(k->log, k->dump_line, "the dump of this secret is incomplete");
    k->dumping = DUMP_NONE;
    (void)ike_dump_begin(&k->dump, 0);
}

static void begin_dump(iked *k, size_t bytes, dump_use dumping)
{
    if (bytes == 0)
        return;
    if (!ike_dump_begin(&k->dump, bytes)) {
        ike_keylog_warn(k->log, 0, "longer than any secret");
        return;
    }
    k->dumping = dumping;
    k->dump_line = ike_keylog_line_number(k->log);
}

/* "NAME with 32 bytes" */
static void named_dump(iked *k, ike_text text)
{
    unsigned bytes;
    ike_text name = ike_text_word(&text);
    if (!ike_text_skip(&text, " with ") || !ike_text_decimal(ike_text_word(&text), &bytes))
        return;
    if (ike_text_is(name, "Tn") && k->keymat_length > 0) {
        begin_dump(k, bytes, DUMP_KEYMAT);
        return;
    }
    if (ike_text_is(name, "S")) {
        begin_dump(k, bytes, DUMP_SEED);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++)
        if (ike_text_is(name, secrets[i].name)) {
            k->kind = secrets[i].kind;
            begin_dump(k, bytes, DUMP_SECRET);
            return;
        }
}

/* "0xc09905d3, 0x653b1b94 (enc aes-256 auth hmac-sha1)" */
static void loaded_spis(iked *k, ike_text text)
{
    ike_text list = ike_text_until(&text, '('), encryption = {0}, integrity = {0};
    ike_suite suite;
    bool esn = false;
    ike_text names = ike_text_until(&text, ')');
    for (ike_text word = ike_text_word(&names); ike_text_length(word) > 0;
         word = ike_text_word(&names))
        if (ike_text_is(word, "enc"))
            encryption = ike_text_word(&names);
        else if (ike_text_is(word, "auth"))
            integrity = ike_text_word(&names);
        else if (ike_text_is(word, "esn"))
            esn = true;
    bool known = ike_suite_by_names(encryption, 0, integrity, 0, &suite);
    suite.esn = esn;
    for (unsigned i = 0; i < SPIS_MAX && list.at < list.end; i++) {
        uint64_t spi;
        ike_text word = ike_text_until(&list, ',');
        ike_text_trim(&word);
        if (ike_text_hex_number(word, &spi) && spi <= UINT32_MAX)
            ike_keymats_use(k->log, &k->keymats, (uint32_t)spi, 0, known ? &suite : NULL, esn);
    }
    ike_keymats_clear(&k->keymats);
}

/* "spi=0x321a5d8e92696c86: " somewhere before the name of the function. */
static void read_spi(iked *k, ike_text before)
{
    uint64_t spi;
    ike_text found;
    if (!ike_text_find_word(before, "spi=0x", &found))
        return;
    found.at += strlen("spi=");
    if (!ike_text_hex_number(ike_text_until(&found, ':'), &spi))
        return;
    if (spi != k->spi)
        k->derivation = (ike_derivation){0};
    k->spi = spi;
}

static void use_sa_keys(iked *k, ike_text text)
{
    named_dump(k, text);
}

static void use_negotiate(iked *k, ike_text text)
{
    unsigned bytes;
    if (ike_text_skip(&text, "key material length "))
        k->keymat_length = ike_text_decimal(ike_text_word(&text), &bytes) ? bytes : 0;
}

static void use_enable(iked *k, ike_text text)
{
    if (ike_text_skip(&text, "loaded SPIs: "))
        loaded_spis(k, text);
}

static const struct {
    const char *name;
    void (*use)(iked *k, ike_text text);
} functions[] = {
    {"ikev2_sa_keys: ", use_sa_keys},
    {"ikev2_prfplus: ", use_sa_keys},
    {"ikev2_childsa_negotiate: ", use_negotiate},
    {"ikev2_childsa_enable: ", use_enable},
};

static bool iked_line(void *state, ike_text text)
{
    iked *k = state;
    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
        ike_text found;
        if (!ike_text_find_word(text, functions[i].name, &found))
            continue;
        abandon_dump(k);
        ike_text before = {text.at, found.at}, spi;
        read_spi(k, before);
        found.at += strlen(functions[i].name);
        functions[i].use(k, found);
        if (ike_text_find_word(before, "spi=0x", &spi))
            before.end = spi.at;
        ike_dump_set_prefix(&k->dump, before);
        return true;
    }
    if (k->dumping == DUMP_NONE)
        return false;
    if (!ike_dump_group_row(&k->dump, text)) {
        if (!ike_dump_skip_line(&k->dump))
            abandon_dump(k);
        return false;
    }
    if (ike_dump_complete(&k->dump))
        use_dump(k);
    return true;
}

static bool iked_in_dump(const void *state)
{
    return ((const iked *)state)->dumping != DUMP_NONE;
}

static void iked_finish(void *state)
{
    iked *k = state;
    abandon_dump(k);
    ike_keymats_use(k->log, &k->keymats, 0, 0, NULL, false); /* their SPIs are not known */
    ike_keymats_clear(&k->keymats);
}

static const char *const marks[] = {
    "ikev2_sa_keys: ",
    "ikev2_prfplus: ",
    "ikev2_childsa_",
    NULL,
};

const ike_keylog_reader ike_reader_iked = {
    .marks = marks,
    .state_bytes = sizeof(iked),
    .line = iked_line,
    .in_dump = iked_in_dump,
    .finish = iked_finish,
};
