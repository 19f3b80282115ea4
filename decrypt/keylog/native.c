/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own key log: one secret a line, "LABEL BINDING VALUE"; see docs/keylog.md. */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/esp_entry.h"
#include "decrypt/keylog/records.h"

#define VALUE_MAX 32000 /* bytes */

/* What a line is bound to. */
typedef struct {
    uint64_t initiator_spi, responder_spi; /* both 0: no SPIs */
    char peer[256];                        /* identity or address, empty when there is none */
} binding;

typedef struct {
    ike_keylog *log;
    ike_set_id unbound; /* the set that secrets bound to nothing, line after line, go to */
    uint8_t value[VALUE_MAX];
    size_t filled;    /* bytes of it that this line has written, at most */
    bool behind_text; /* the label is not at the beginning of the line: it may be prose */
} native;

typedef struct label label;
typedef void label_use(native *n, const label *which, ike_text rest);

struct label {
    const char *name;
    label_use *use;
    uint8_t version; /* of IKE; 0 both */
    uint8_t kind;    /* ike_secret_kind or ike_peer_kind */
};

static void complain(native *n, const char *why)
{
    if (!n->behind_text)
        ike_keylog_warn(n->log, 0, why);
}

static size_t count_words(ike_text text)
{
    size_t words = 0;
    while (ike_text_length(ike_text_word(&text)) > 0)
        words++;
    return words;
}

static bool spi_word(ike_text word, uint64_t *spi)
{
    if (!ike_text_begins(word, "0x") && ike_text_length(word) != 16)
        return false;
    return ike_text_hex_number(word, spi);
}

/* The text between quotes, or the next word. */
static ike_text quoted_or_word(ike_text *text)
{
    if (!ike_text_skip(text, "\""))
        return ike_text_word(text);
    return ike_text_until(text, '"');
}

/* "-" or "*", "id=NAME", "addr=ADDRESS", or one or two SPIs with a value behind them. */
static bool read_binding(native *n, ike_text *rest, bool one_spi, binding *bound)
{
    memset(bound, 0, sizeof *bound);
    ike_text_trim(rest);
    if (ike_text_skip(rest, "id=") || ike_text_skip(rest, "addr=")) {
        ike_text peer = quoted_or_word(rest);
        size_t length = ike_text_length(peer);
        if (length == 0 || length >= sizeof bound->peer) {
            complain(n, "no identity or address behind the equals sign, or one that is too long");
            return false;
        }
        memcpy(bound->peer, peer.at, length);
        return true;
    }
    size_t words = count_words(*rest);
    ike_text word = ike_text_word(rest);
    if (ike_text_is(word, "-") || ike_text_is(word, "*"))
        return true;
    if (!spi_word(word, &bound->initiator_spi)) {
        complain(n, "neither SPIs of 16 hex digits nor id=, addr= or - behind the label");
        return false;
    }
    if (one_spi && words == 2)
        return true;
    word = ike_text_word(rest);
    if (ike_text_is(word, "-") || spi_word(word, &bound->responder_spi))
        return true;
    complain(n, "the responder's SPI is not 16 hex digits");
    return false;
}

static bool read_hex(native *n, ike_text *rest, size_t *length)
{
    const char *why = ike_text_bytes(ike_text_word(rest), n->value, sizeof n->value, length);
    n->filled = *length;
    if (why == NULL && count_words(*rest) > 0)
        why = "more words than this label has";
    if (why != NULL)
        complain(n, why);
    return why == NULL;
}

/* Secrets of an IKE SA that are bound to nothing: those of one derivation stand together, so lines
 * go to one set until a kind comes again. Each DH secret is a set of its own and tried alone. */
static void add_unbound(native *n, const label *which, ike_span secret)
{
    ike_secret_kind kind = (ike_secret_kind)which->kind;
    bool alone = kind == IKE_SECRET_DH_SHARED || kind == IKE_SECRET_DH_PRIVATE;
    ike_set_id set = n->unbound;
    if (set == 0 || alone || ike_keylog_set_has(n->log, set, kind))
        set = ike_keylog_new_set(n->log, which->version);
    if (!ike_keylog_set_secret(n->log, set, kind, secret))
        complain(n, "longer than any secret of this kind");
    n->unbound = alone ? 0 : set;
}

static void use_secret(native *n, const label *which, ike_text rest)
{
    binding bound;
    size_t length;
    if (!read_binding(n, &rest, which->version == 1, &bound) || !read_hex(n, &rest, &length))
        return;
    ike_span secret = {n->value, length};
    if (bound.initiator_spi == 0 && bound.responder_spi == 0) {
        add_unbound(n, which, secret);
        return;
    }
    n->unbound = 0;
    if (!ike_keylog_add_secret(n->log, which->version, bound.initiator_spi, bound.responder_spi,
                               (ike_secret_kind)which->kind, secret))
        complain(n, "longer than any secret of this kind");
}

static void add_peer(native *n, const label *which, const binding *bound, ike_span secret)
{
    if (secret.length == 0 || !ike_keylog_add_peer(n->log, (ike_peer_kind)which->kind,
                                                   bound->peer[0] ? bound->peer : NULL, secret))
        complain(n, "no value, or one longer than any secret of this kind");
}

static void add_base64(native *n, const label *which, const binding *bound, ike_text text)
{
    size_t length = ike_text_length(text);
    if (length == 0 || length % 4 != 0 || length > VALUE_MAX) {
        complain(n, "base64 that is incomplete");
        return;
    }
    gchar *copy = g_strndup(text.at, length);
    gsize bytes = 0;
    guchar *decoded = g_base64_decode(copy, &bytes);
    add_peer(n, which, bound, (ike_span){decoded, bytes});
    OPENSSL_cleanse(decoded, bytes);
    OPENSSL_cleanse(copy, length);
    g_free(decoded);
    g_free(copy);
}

/* A PSK, PPK or password: "text", text, 0xHEX or 0sBASE64. A bare even number of hex digits may be
 * meant either way, so both are tried. */
static void use_peer(native *n, const label *which, ike_text rest)
{
    binding bound;
    size_t length;
    if (!read_binding(n, &rest, false, &bound))
        return;
    ike_text_trim(&rest);
    size_t size = ike_text_length(rest);
    if (size >= 2 && rest.at[0] == '"' && rest.end[-1] == '"') {
        add_peer(n, which, &bound, (ike_span){(const uint8_t *)rest.at + 1, size - 2});
        return;
    }
    if (ike_text_skip(&rest, "0s")) {
        add_base64(n, which, &bound, rest);
        return;
    }
    const char *why = ike_text_bytes(rest, n->value, sizeof n->value, &length);
    if (why == NULL)
        add_peer(n, which, &bound, (ike_span){n->value, length});
    else if (ike_text_begins(rest, "0x"))
        complain(n, why);
    if (!ike_text_begins(rest, "0x"))
        add_peer(n, which, &bound, (ike_span){(const uint8_t *)rest.at, size});
}

enum { OF_AH = 1 }; /* label.kind of keys of AH */

/* Takes "addr=DESTINATION" and "esn" or "no-esn" before the algorithm, which is left. */
static const char *read_esp_options(ike_text *rest, ike_esp_entry *entry)
{
    for (;;) { /* ends with the first word that is no option */
        ike_text before = *rest, word = ike_text_word(rest);
        if (ike_text_skip(&word, "addr=")) { /* the ICV decides which SA it is */
            uint8_t address[16];
            if (ike_text_address(word, address) == 0)
                return "not an address behind addr=";
        } else if (ike_text_is(word, "esn") || ike_text_is(word, "no-esn")) {
            entry->esn_known = true;
            entry->esn = ike_text_is(word, "esn");
        } else {
            *rest = before;
            return NULL;
        }
    }
}

/* A name and its key, "-" for none; both may be missing at the end of a line. */
static const char *read_transform(ike_text *rest, ike_esp_transform *transform)
{
    ike_text word = ike_text_word(rest), value = ike_text_word(rest);
    if (!ike_text_is(word, "-"))
        ike_esp_set_name(transform, word);
    if (ike_text_length(word) == 0 || ike_text_is(value, "-"))
        return NULL;
    return ike_text_length(value) > 0 ? ike_esp_read_key(transform, value) : "no value";
}

/* "SPI [addr=DESTINATION] [esn|no-esn] ENCRYPTION KEY [INTEGRITY KEY]"; AH has no ENCRYPTION KEY.
 */
static const char *read_entry(ike_text rest, ike_esp_entry *entry)
{
    uint64_t spi = 0;
    ike_text word = ike_text_word(&rest);
    if (!ike_text_is(word, "-") && (!ike_text_hex_number(word, &spi) || spi > UINT32_MAX))
        return "the SPI is not 8 hex digits";
    entry->has_spi = true;
    entry->spi = (uint32_t)spi;
    const char *why = read_esp_options(&rest, entry);
    if (why == NULL && !entry->of_ah)
        why = read_transform(&rest, &entry->encryption);
    if (why == NULL)
        why = read_transform(&rest, &entry->integrity);
    if (why != NULL)
        return why;
    bool null = ike_text_is_word(ike_text_of(entry->encryption.name), "NULL");
    return entry->encryption.key_length + entry->integrity.key_length > 0 || null ? NULL : "no key";
}

static void use_esp(native *n, const label *which, ike_text rest)
{
    ike_esp_entry entry = {.of_ah = which->kind == OF_AH};
    const char *why = read_entry(rest, &entry);
    if (why == NULL)
        why = ike_esp_entry_use(n->log, &entry);
    if (why != NULL)
        complain(n, why);
    OPENSSL_cleanse(&entry, sizeof entry);
}

static const label labels[] = {
    {"IKEV2_SK_D", use_secret, 2, IKE_SECRET_SK_D},
    {"IKEV2_SK_AI", use_secret, 2, IKE_SECRET_SK_AI},
    {"IKEV2_SK_AR", use_secret, 2, IKE_SECRET_SK_AR},
    {"IKEV2_SK_EI", use_secret, 2, IKE_SECRET_SK_EI},
    {"IKEV2_SK_ER", use_secret, 2, IKE_SECRET_SK_ER},
    {"IKEV2_SK_PI", use_secret, 2, IKE_SECRET_SK_PI},
    {"IKEV2_SK_PR", use_secret, 2, IKE_SECRET_SK_PR},
    {"IKEV2_SKEYSEED", use_secret, 2, IKE_SECRET_SKEYSEED},
    {"IKEV2_MSK", use_secret, 2, IKE_SECRET_MSK},
    {"IKEV2_DH_SHARED", use_secret, 2, IKE_SECRET_DH_SHARED},
    {"IKEV1_KEY", use_secret, 1, IKE_SECRET_V1_KEY},
    {"IKEV1_SKEYID", use_secret, 1, IKE_SECRET_V1_SKEYID},
    {"IKEV1_SKEYID_D", use_secret, 1, IKE_SECRET_V1_SKEYID_D},
    {"IKEV1_SKEYID_A", use_secret, 1, IKE_SECRET_V1_SKEYID_A},
    {"IKEV1_SKEYID_E", use_secret, 1, IKE_SECRET_V1_SKEYID_E},
    {"IKEV1_DH_SHARED", use_secret, 1, IKE_SECRET_DH_SHARED},
    {"GDOI_KEK", use_secret, 1, IKE_SECRET_GDOI_KEK},
    {"IKE_DH_SHARED", use_secret, 0, IKE_SECRET_DH_SHARED},
    {"IKE_DH_PRIVATE", use_secret, 0, IKE_SECRET_DH_PRIVATE},
    {"IKE_PLAINTEXT", use_secret, 0, IKE_SECRET_PLAINTEXT},
    {"IKE_PSK", use_peer, 0, IKE_PEER_PSK},
    {"IKE_PPK", use_peer, 0, IKE_PEER_PPK},
    {"IKE_PASSWORD", use_peer, 0, IKE_PEER_PASSWORD},
    {"ESP_KEY", use_esp, 0, 0},
    {"AH_KEY", use_esp, 0, OF_AH},
};

/* Steps to the label, which begins with one of these. */
static bool find_label(ike_text *line)
{
    static const char *const beginnings[] = {"IKEV2_",   "IKEV1_",  "IKE_DH_",  "IKE_P",
                                             "ESP_KEY ", "AH_KEY ", "GDOI_KEK "};
    for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
        ike_text found;
        if (ike_text_find_word(*line, beginnings[i], &found)) {
            *line = found;
            return true;
        }
    }
    return false;
}

static bool native_line(void *state, ike_text line)
{
    native *n = state;
    ike_text rest = line;
    ike_text_blanks(&rest);
    const char *start = rest.at;
    if (ike_text_first(rest) == '#')
        return true;
    if (!find_label(&rest))
        return false;
    n->behind_text = rest.at != start;
    ike_text name = ike_text_word(&rest);
    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
        if (ike_text_is(name, labels[i].name)) {
            n->filled = sizeof n->value;
            labels[i].use(n, &labels[i], rest);
            OPENSSL_cleanse(n->value, n->filled);
            return true;
        }
    if (!ike_text_begins(name, "IKEV1_") && !ike_text_begins(name, "IKEV2_"))
        return false;
    complain(n, "a label that is not known");
    return true;
}

static const char *const marks[] = {"IKEV2_",   "IKEV1_",  "IKE_DH_",   "IKE_P",
                                    "ESP_KEY ", "AH_KEY ", "GDOI_KEK ", NULL};

const ike_keylog_reader ike_reader_native = {
    .marks = marks,
    .state_bytes = sizeof(native),
    .line = native_line,
};
