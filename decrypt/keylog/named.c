/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any log that prints secrets by the names of the RFCs: NAME, a sign or blank, hex. That is how
 * free5GC's N3IWF, clients for SWu and NWu, and many scripts do it:
 *
 *   Initiator's SPI: dccc908456cfc798        IKE SPI INITIATOR dccc908456cfc798
 *   SK_ei: 221ee721369a0db5..                SK_EI 221ee721369a0db5..
 *   SKEYID_d = 0xe4f9d2c5..                  SK_ei:  and below  00000000  22 1e e7 21 ..
 *   IPSec Inbound  SPI: 0xde6adc42
 *   IPSec Encryption Key: 0xff6c7da0..
 *
 * Secrets belong to the SPIs that stand before them; where a program prints the SPIs of a
 * derivation behind its keys, to those. Names may have any case. */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/columns.h"
#include "decrypt/keylog/dump.h"
#include "decrypt/keylog/named_spi.h"
#include "decrypt/keylog/records.h"
#include "decrypt/keylog/value.h"

enum { SECRET_MAX = 1024, SECRET_MIN = 8, LENGTH_DIGITS = 5, PHRASE_MAX = 4, PHRASE_SIZE = 64 };

typedef enum {
    USE_SECRET,
    USE_KEYMAT,
    USE_ENC_KEY,
    USE_AUTH_KEY,
    USE_ENC_KEY_OF_SIDE, /* of the ESP SA under way, else of the IKE SA */
    USE_AUTH_KEY_OF_SIDE,
    USE_ENC_NAME,
    USE_AUTH_NAME,
} name_use;

typedef struct {
    const char *words; /* in lower case, without what is no letter or digit */
    name_use use;
    ike_secret_kind kind;
    uint8_t version;
} name;

static const name names[] = {
    {"skd", USE_SECRET, IKE_SECRET_SK_D, 2},
    {"skai", USE_SECRET, IKE_SECRET_SK_AI, 2},
    {"skar", USE_SECRET, IKE_SECRET_SK_AR, 2},
    {"skei", USE_SECRET, IKE_SECRET_SK_EI, 2},
    {"sker", USE_SECRET, IKE_SECRET_SK_ER, 2},
    {"skpi", USE_SECRET, IKE_SECRET_SK_PI, 2},
    {"skpr", USE_SECRET, IKE_SECRET_SK_PR, 2},
    {"skeyseed", USE_SECRET, IKE_SECRET_SKEYSEED, 2},
    {"skeyid", USE_SECRET, IKE_SECRET_V1_SKEYID, 1},
    {"skeyidd", USE_SECRET, IKE_SECRET_V1_SKEYID_D, 1},
    {"skeyida", USE_SECRET, IKE_SECRET_V1_SKEYID_A, 1},
    {"skeyide", USE_SECRET, IKE_SECRET_V1_SKEYID_E, 1},
    {"ka", USE_SECRET, IKE_SECRET_V1_KEY, 1},
    {"gir", USE_SECRET, IKE_SECRET_DH_SHARED, 0},
    {"gxy", USE_SECRET, IKE_SECRET_DH_SHARED, 0},
    {"sharedsecret", USE_SECRET, IKE_SECRET_DH_SHARED, 0},
    {"sharedkey", USE_SECRET, IKE_SECRET_DH_SHARED, 0},
    {"dhsharedsecret", USE_SECRET, IKE_SECRET_DH_SHARED, 0},
    {"dhsharedkey", USE_SECRET, IKE_SECRET_DH_SHARED, 0},
    {"dhsecret", USE_SECRET, IKE_SECRET_DH_SHARED, 0},
    {"diffiehellmansharedsecret", USE_SECRET, IKE_SECRET_DH_SHARED, 0},
    {"diffiehellmankey", USE_SECRET, IKE_SECRET_DH_SHARED, 0},
    {"keymat", USE_KEYMAT, IKE_SECRETS, 0},
    {"encryptionkey", USE_ENC_KEY, IKE_SECRETS, 0},
    {"encrkey", USE_ENC_KEY, IKE_SECRETS, 0},
    {"enckey", USE_ENC_KEY, IKE_SECRETS, 0},
    {"cipherkey", USE_ENC_KEY, IKE_SECRETS, 0},
    {"integritykey", USE_AUTH_KEY, IKE_SECRETS, 0},
    {"integkey", USE_AUTH_KEY, IKE_SECRETS, 0},
    {"authenticationkey", USE_AUTH_KEY, IKE_SECRETS, 0},
    {"authkey", USE_AUTH_KEY, IKE_SECRETS, 0},
    {"encryptionalgorithm", USE_ENC_NAME, IKE_SECRETS, 0},
    {"encralgorithm", USE_ENC_NAME, IKE_SECRETS, 0},
    {"integrityalgorithm", USE_AUTH_NAME, IKE_SECRETS, 0},
    {"authenticationalgorithm", USE_AUTH_NAME, IKE_SECRETS, 0},
};

typedef struct {
    named_sas sas;        /* begins with the log */
    ike_columns columns;  /* of a table, once a line of names has come */
    unsigned other_lines; /* since its last row */
    const name *waiting;  /* its bytes are on the lines below */
    bool is_list;         /* of numbers: it began with "[" */
    ike_dump dump;
    uint8_t bytes[SECRET_MAX];
} named;

/* ---- names ----------------------------------------------------------------------------------- */

/* Letters and digits of a word in lower case, behind what is there; "'s" and signs go. */
static size_t append_word(ike_text word, char *phrase, size_t length, size_t size)
{
    for (; word.at < word.end; word.at++)
        if (g_ascii_isalnum(*word.at) && length + 1 < size)
            phrase[length++] = g_ascii_tolower(*word.at);
    phrase[length] = '\0';
    return length;
}

static bool is_name_character(char c)
{
    return ike_is_word_character(c) || c == '^' || c == '-';
}

/* The next word of a name; *glued: no sign but blanks stands before it. */
static ike_text next_word(ike_text *text, bool *glued)
{
    const char *start = text->at;
    while (text->at < text->end && !is_name_character(*text->at))
        text->at++;
    *glued = true;
    for (const char *at = start; at < text->at; at++)
        *glued = *glued && (*at == ' ' || *at == '\t');
    ike_text word = {text->at, text->at};
    while (word.end < text->end && is_name_character(*word.end))
        word.end++;
    text->at = word.end;
    return word;
}

/* "skeinitiator", "initiatorencryptionkey": the side that is spelled out is a letter at the end. */
static void shorten_side(char *phrase)
{
    static const char *const sides[] = {"initiator", "responder"};
    for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
        size_t length = strlen(phrase), side = strlen(sides[i]);
        bool before = length > side && g_str_has_prefix(phrase, sides[i]);
        if (before)
            memmove(phrase, phrase + side, length - side);
        if (before || g_str_has_suffix(phrase, sides[i])) {
            phrase[length - side] = sides[i][0];
            phrase[length - side + 1] = '\0';
        }
    }
}

static const name *find_name(const char *phrase)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i].words, phrase) == 0)
            return &names[i];
    return NULL;
}

/* "encryption key (initiator)": of the two SK_e, and SK_a, in words. */
static const name *name_of_side(char *phrase)
{
    static const name of_side[2][2] = {{{"skei", USE_ENC_KEY_OF_SIDE, IKE_SECRET_SK_EI, 2},
                                        {"sker", USE_ENC_KEY_OF_SIDE, IKE_SECRET_SK_ER, 2}},
                                       {{"skai", USE_AUTH_KEY_OF_SIDE, IKE_SECRET_SK_AI, 2},
                                        {"skar", USE_AUTH_KEY_OF_SIDE, IKE_SECRET_SK_AR, 2}}};
    size_t length = strlen(phrase);
    char side = length > 0 ? phrase[length - 1] : '\0';
    if (side != 'i' && side != 'r')
        return NULL;
    phrase[length - 1] = '\0';
    const name *key = find_name(phrase);
    if (key == NULL || (key->use != USE_ENC_KEY && key->use != USE_AUTH_KEY))
        return NULL;
    return &of_side[key->use == USE_AUTH_KEY][side == 'r'];
}

static const name *name_of(const char *phrase)
{
    char copy[PHRASE_SIZE];
    g_strlcpy(copy, phrase, sizeof copy);
    shorten_side(copy);
    const name *found = find_name(copy);
    return found != NULL ? found : name_of_side(copy);
}

/* "[ei]", "(i)", "(initiator)": an index of a key in brackets; `behind` is behind the word. */
static bool is_index(ike_text word, ike_text behind)
{
    bool side = ike_text_is_word(word, "initiator") || ike_text_is_word(word, "responder");
    return (ike_text_length(word) <= 2 || side) && ike_is_any_of(word.at[-1], "[(") &&
           behind.at < behind.end && ike_is_any_of(*behind.at, "])");
}

/* The longest name that begins with the first word of `text`, of up to four words. */
static const name *read_name(ike_text text, ike_text *behind)
{
    char phrase[PHRASE_SIZE];
    size_t length = 0;
    const name *found = NULL;
    for (unsigned i = 0; i < PHRASE_MAX; i++) {
        bool glued;
        ike_text word = next_word(&text, &glued);
        if (word.at == word.end || (i > 0 && !glued && !is_index(word, text)))
            break;
        if (!glued && i > 0)
            text.at++; /* the bracket behind it */
        length = append_word(word, phrase, length, sizeof phrase);
        const name *this = name_of(phrase);
        bool is_g = i > 0 || phrase[0] != 'g' || ike_text_length(word) > strlen("gxy");
        if (this != NULL && is_g) { /* "g^xy" has its sign */
            found = this;
            *behind = text;
        }
    }
    return found;
}

/* "32)", "32 bytes)": what stands behind a number in brackets that is a length. */
static bool is_count(ike_text behind)
{
    char c = ike_text_first(behind);
    return c == ')' || c == ']' || ike_text_begins(behind, " byte") ||
           ike_text_begins(behind, " octets");
}

/* "32 " or "32:" before 64 digits. */
static bool is_length_of(ike_text word, ike_text rest)
{
    unsigned number;
    while (rest.at < rest.end && ike_is_any_of(*rest.at, " :="))
        rest.at++;
    (void)ike_text_skip(&rest, "0x");
    return ike_text_decimal(word, &number) && number >= SECRET_MIN &&
           ike_text_hex_run(rest) == 2 * (size_t)number;
}

/* Words that may stand between a name and its value: "SKEYSEED (32 bytes):", "SK_ei key = ". */
static ike_text skip_fillers(ike_text text)
{
    static const char *const fillers[] = {"key", "secret", "value",    "is",      "hex",  "bytes",
                                          "len", "length", "computed", "hexdump", "size", "octets"};
    bool after_length = false;
    for (;;) { /* ends with the first word that is none of these */
        ike_text rest = text;
        bool glued, filler = false;
        ike_text word = next_word(&rest, &glued);
        unsigned number;
        for (size_t i = 0; i < G_N_ELEMENTS(fillers); i++)
            filler = filler || (ike_text_is_word(word, fillers[i]) && ike_text_first(rest) != '.');
        filler = filler || is_length_of(word, rest) ||
                 (after_length && ike_text_length(word) < LENGTH_DIGITS &&
                  ike_text_decimal(word, &number));
        after_length = ike_text_is_word(word, "len") || ike_text_is_word(word, "length") ||
                       ike_text_is_word(word, "size");
        bool count = word.at > text.at && ike_is_any_of(word.at[-1], "([") &&
                     ike_text_decimal(word, &number) && is_count(rest);
        if (word.at == word.end || (!filler && !count))
            return text;
        text = rest;
        if (ike_text_first(text) == ')' || ike_text_first(text) == ']')
            text.at++;
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

static void use_bytes(named *n, const name *which, ike_span bytes)
{
    switch (which->use) {
    case USE_SECRET:
        named_put_secret(&n->sas, which->version, which->kind, bytes);
        break;
    case USE_ENC_KEY_OF_SIDE:
    case USE_AUTH_KEY_OF_SIDE:
        if (n->sas.in_esp)
            named_put_esp_key(&n->sas, which->use == USE_AUTH_KEY_OF_SIDE, bytes);
        else
            named_put_secret(&n->sas, which->version, which->kind, bytes);
        break;
    case USE_KEYMAT:
        named_put_keymat(&n->sas, bytes);
        break;
    case USE_ENC_KEY:
    case USE_AUTH_KEY:
        named_put_esp_key(&n->sas, which->use == USE_AUTH_KEY, bytes);
        break;
    default:
        break;
    }
}

static void end_dump(named *n)
{
    const name *which = n->waiting;
    n->waiting = NULL;
    if (which != NULL && n->dump.length >= SECRET_MIN)
        use_bytes(n, which, (ike_span){n->dump.bytes, n->dump.length});
    (void)ike_dump_begin(&n->dump, 0);
}

static void begin_dump(named *n, const name *which, bool is_list)
{
    n->waiting = which;
    n->is_list = is_list;
    (void)ike_dump_begin(&n->dump, 0);
}

/* Nothing but digits and what stands between them. */
static bool is_hex_alone(ike_text text)
{
    for (; text.at < text.end; text.at++)
        if (g_ascii_xdigit_value(*text.at) < 0 && !ike_is_any_of(*text.at, " \t:,xX\\"))
            return false;
    return true;
}

/* What stands at the end of a line and is made of these characters. */
static ike_text end_of(ike_text text, const char *characters)
{
    const char *at = text.end;
    while (at > text.at && ike_is_any_of(at[-1], characters))
        at--;
    return (ike_text){at, text.end};
}

/* "18, 52," or one number a line, up to "]". */
static bool take_list_row(named *n, ike_text text)
{
    ike_dump *dump = &n->dump;
    size_t before = dump->length;
    text = end_of(text, "0123456789, \t");
    while (text.at < text.end) {
        unsigned number;
        ike_text word = ike_text_until(&text, ',');
        ike_text_trim(&word);
        while (memchr(word.at, ' ', ike_text_length(word)) != NULL) /* a number of the prefix */
            (void)ike_text_until(&word, ' ');
        if (word.at == word.end)
            continue;
        if (!ike_text_decimal(word, &number) || number > UINT8_MAX ||
            dump->length == IKE_DUMP_MAX) {
            dump->length = before;
            return false;
        }
        dump->bytes[dump->length++] = (uint8_t)number;
    }
    return dump->length > before;
}

/* "0x7fffe010 <key+16>:  0x70  0x0b": the address that a debugger prints goes. */
static void skip_address(ike_text *text)
{
    enum { SYMBOL_MAX = 128 };
    ike_text rest = *text;
    while (ike_text_after(&rest, "0x")) {
        size_t digits = ike_text_hex_run(rest);
        ike_text behind = {rest.at + digits, rest.end};
        ike_text symbol = {behind.at, behind.at + MIN(ike_text_length(behind), SYMBOL_MAX)};
        if (ike_text_skip(&symbol, " <") && ike_text_after(&symbol, ">"))
            behind.at = symbol.at;
        if (digits > 2 && ike_text_skip(&behind, ":"))
            *text = behind;
    }
}

/* "839de041../160": the number of bits behind a value goes. */
static void cut_bits(ike_text *text)
{
    ike_text value = *text;
    unsigned bits;
    while (value.end > value.at && value.end[-1] != '/')
        value.end--;
    if (value.end > value.at && ike_text_decimal((ike_text){value.end, text->end}, &bits) &&
        value.end - value.at > (gssize)(bits / 4) && bits >= 8 * SECRET_MIN)
        text->end = value.end - 1;
}

/* A row of the dump under way, of any shape. In a line that may have names no bare value is one. */
static bool take_row(named *n, ike_text text, bool has_names)
{
    ike_dump *dump = &n->dump;
    if (n->is_list && take_list_row(n, text))
        return true;
    ike_text_trim(&text);
    cut_bits(&text);
    skip_address(&text);
    ike_text array = end_of(text, "0123456789abcdefABCDEFxX, \t");
    if (memchr(array.at, ',', ike_text_length(array)) != NULL &&
        ike_text_after(&array, "0x")) /* "0x12, 0x34," behind any prefix */
        text.at = array.at - strlen("0x");
    ike_text last = ike_dump_value_at_end(dump, text);
    if (!has_names && last.at < last.end && memchr(last.at, ' ', ike_text_length(last)) == NULL)
        text = last; /* what stands before one long value is a prefix */
    size_t count = ike_value_read(text, dump->bytes + dump->length, IKE_DUMP_MAX - dump->length);
    if (count > 0 && is_hex_alone(text)) {
        dump->length += count;
        return true;
    }
    size_t before = dump->length;
    if (ike_dump_group_row(dump, text) && dump->length - before >= SECRET_MIN / 2)
        return true;
    dump->length = before;
    if (has_names)
        return false;
    count = ike_value_read(ike_dump_value_at_end(dump, text), dump->bytes + before,
                           IKE_DUMP_MAX - before);
    dump->length += count;
    return count > 0;
}

/* "sk_ei: 00000000: 70 0b fe ..": a dump whose rows all have the name before them. */
static bool begins_with_row(named *n, const name *which, ike_text rest)
{
    begin_dump(n, which, false);
    if (ike_dump_hex_offset_row(&n->dump, rest))
        return true;
    n->waiting = NULL;
    return false;
}

/* The value behind a name; false: there is none, so that this is no name. */
static bool use_name(named *n, const name *which, ike_text rest)
{
    if (which->use == USE_ENC_NAME || which->use == USE_AUTH_NAME) {
        named_put_algorithm(&n->sas, which->use == USE_AUTH_NAME, rest);
        return true;
    }
    rest = skip_fillers(rest);
    size_t length = ike_value_read(rest, n->bytes, sizeof n->bytes);
    if (length >= SECRET_MIN) {
        use_bytes(n, which, (ike_span){n->bytes, length});
        OPENSSL_cleanse(n->bytes, length);
        return true;
    }
    if (begins_with_row(n, which, rest))
        return true;
    ike_text_trim(&rest);
    const char *start = rest.at;
    while (rest.at < rest.end && ike_is_any_of(*rest.at, ":=>-\"'{[( ."))
        rest.at++;
    bool is_list = rest.at > start && rest.at[-1] == '[';
    if (rest.at < rest.end || which->use == USE_KEYMAT)
        return false;
    begin_dump(n, which, is_list);
    return true;
}

/* ---- the reader ------------------------------------------------------------------------------ */

static bool has_name(ike_text text)
{
    while (text.at < text.end) {
        bool glued;
        ike_text behind, word = next_word(&text, &glued);
        if (word.at < word.end && read_name((ike_text){word.at, text.end}, &behind) != NULL)
            return true;
    }
    return false;
}

/* Every name in the line, and the SPIs before the first. */
static bool names_line(named *n, ike_text text)
{
    bool any = false;
    ike_text rest = text, before = text;
    while (rest.at < rest.end) {
        bool glued;
        ike_text start, behind;
        ike_text word = next_word(&rest, &glued);
        start = (ike_text){word.at, text.end};
        const name *which = word.at < word.end ? read_name(start, &behind) : NULL;
        if (which == NULL)
            continue;
        before.end = word.at;
        any = named_read_spis(&n->sas, before) || any;
        any = use_name(n, which, behind) || any;
        before = (ike_text){behind.at, text.end};
        rest = behind;
    }
    before.end = text.end;
    return named_read_spis(&n->sas, before) || any;
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* A name alone, without a value. */
static bool is_column(ike_text text)
{
    ike_text behind;
    for (const char *at = text.at; at < text.end; at++)
        if (ike_is_any_of(*at, "=:0123456789"))
            return false;
    return named_speaks_of_spis(text) ||
           (read_name(text, &behind) != NULL && behind.at == behind.end);
}

/* A row below a line of names: each field as if it stood behind its name, SPIs first. */
static bool use_row(named *n, ike_text line)
{
    enum { FIELD_MAX = 4096 };
    ike_text fields[IKE_COLUMNS_MAX];
    bool any = false;
    if (!ike_columns_split(&n->columns, line, fields))
        return false;
    for (int of_spis = 1; of_spis >= 0; of_spis--)
        for (unsigned i = 0; i < n->columns.count; i++) {
            const char *column = n->columns.names[i];
            if (column[0] == '\0' || named_speaks_of_spis(ike_text_of(column)) != (of_spis != 0) ||
                ike_text_length(fields[i]) > FIELD_MAX)
                continue;
            char *text =
                g_strdup_printf("%s: %.*s", column, (int)ike_text_length(fields[i]), fields[i].at);
            any = names_line(n, ike_text_of(text)) || any;
            OPENSSL_cleanse(text, strlen(text));
            g_free(text);
        }
    return any;
}

/* The table ends with the first lines that are no rows. */
static bool is_row(named *n, ike_text text)
{
    enum { OTHERS_MAX = 16 };
    bool row = use_row(n, text);
    n->other_lines = row ? 0 : n->other_lines + 1;
    if (n->other_lines > OTHERS_MAX) {
        n->columns.count = 0;
        n->other_lines = 0;
    }
    return row;
}

static bool named_line(void *state, ike_text text)
{
    named *n = state;
    if (n->columns.count > 0 && is_row(n, text))
        return true;
    if (n->waiting == NULL && ike_columns_read_header(&n->columns, text, is_column))
        return true;
    if (n->waiting != NULL) {
        bool has_names = has_name(text) || named_speaks_of_spis(text);
        bool end = ike_dump_is_end(&n->dump, text);
        if (!end && (ike_dump_offset_row(&n->dump, text) ||
                     ike_dump_hex_offset_row(&n->dump, text) || take_row(n, text, has_names))) {
            n->dump.skipped = 0;
            return true;
        }
        if (!end && !has_names && ike_dump_skip_line(&n->dump))
            return false;
        end_dump(n);
    }
    return names_line(n, text);
}

static bool named_in_dump(const void *state)
{
    const named *n = state;
    return n->waiting != NULL || n->columns.count > 0;
}

static void named_finish(void *state)
{
    named *n = state;
    end_dump(n);
    named_end(&n->sas);
}

static const char *const marks[] = {
    "sk_d",       "sk_a",        "sk_e",        "sk_p",        "sk-d",       "sk-e",
    "sk-a",       "sk-p",        "sk d",        "sk e",        "sk a",       "sk p",
    "sk[d",       "sk[e",        "sk[a",        "sk[p",        "skd:",       "skd ",
    "skd=",       "skd\"",       "skd,",        "skd;",        "skd\t",      "skd<",
    "skd>",       "skd'",        "skpi",        "skpr",        "skei",       "sker",
    "skai",       "skar",        "skeyseed",    "skeyid",      "g^ir",       "g^xy",
    "g_xy",       "g_ir",        "shared secr", "shared_secr", "sharedsecr", "dh_secret",
    "shared key", "hellman key", "keymat",      "encryption",  "integrity",  "authentication",
    "enc key",    "auth key",    "enc_key",     "auth_key",    "algorithm:", "spi ",
    "spi:",       "spi_",        "spi-",        "spis",        "spi\t",      "spi\"",
    "spi'",       "spi<",        "spi>",        "spi,",        "spi;",       "spi=",
    "spii",       "spir",        "ispi",        "rspi",        "initiator",  "responder",
    "cookie",     "cky-i",       "cky-r",       "cky_i",       "cky_r",      "spi[",
    "spi(",       "spi.",        "\"spi",       "ike sa",      "ike_sa",     "ike-sa",
    "encr key",   "integ key",   "encr_key",    "integ_key",   NULL,
};

const ike_keylog_reader ike_reader_named = {
    .marks = marks,
    .any_case = true,
    .in_record = true,
    .state_bytes = sizeof(named),
    .line = named_line,
    .in_dump = named_in_dump,
    .finish = named_finish,
};
