/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of Wireshark's tables as they stand in its files, and as strongSwan's save-keys plugin and
 * SWu clients write them:
 *
 *   ikev1_decryption_table  COOKIE,KEY
 *   ikev2_decryption_table  SPI_I,SPI_R,SK_EI,SK_ER,"ENCRYPTION",SK_AI,SK_AR,"INTEGRITY"
 *   esp_sa "IPv4","SRC","DST","SPI","ENCRYPTION","KEY","INTEGRITY","KEY"[,"32-bit"]
 *
 * and as spreadsheets save them: with ; or tabs between, all in quotes or without any. */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/esp_entry.h"
#include "decrypt/keylog/records.h"

enum { FIELDS_MAX = 10, KEY_MAX = 512, SPI_DIGITS = 16 };

typedef struct {
    ike_keylog *log;
    uint8_t keys[4][KEY_MAX];
} tables;

/* Splits a row at its separator; a field may stand between quotes. Returns the number of fields, 0
 * when there are more than any table has. */
static size_t split(ike_text row, char separator, ike_text fields[FIELDS_MAX])
{
    size_t count = 0;
    while (count < FIELDS_MAX) {
        bool more = row.at < row.end && memchr(row.at, separator, ike_text_length(row)) != NULL;
        if (separator != '\t')
            ike_text_blanks(&row);
        if (ike_text_skip(&row, "\"")) {
            fields[count++] = ike_text_until(&row, '"');
            ike_text_blanks(&row);
            if (ike_text_first(row) != separator)
                return count; /* the quote of a shell may follow */
            row.at++;
            continue;
        }
        ike_text field = ike_text_until(&row, separator);
        ike_text_trim(&field);
        while (field.at < field.end && ike_is_any_of(field.end[-1], "'\"")) /* of a shell */
            field.end--;
        fields[count++] = field;
        if (!more)
            return count;
    }
    return 0;
}

static const char *key_field(tables *t, ike_text field, unsigned slot, ike_span *key)
{
    size_t length = 0;
    const char *why = NULL;
    if (ike_text_length(field) > 0 && !ike_text_is(field, "0x"))
        why = ike_text_bytes(field, t->keys[slot], KEY_MAX, &length);
    *key = (ike_span){t->keys[slot], length};
    return why;
}

static const char *ikev1_row(tables *t, const ike_text *fields)
{
    ike_span key;
    uint64_t cookie;
    const char *why = key_field(t, fields[1], 0, &key);
    if (why == NULL && key.length == 0)
        why = "no key behind the cookie";
    if (why == NULL && ike_text_hex_number(fields[0], &cookie))
        (void)ike_keylog_add_secret(t->log, 1, cookie, 0, IKE_SECRET_V1_KEY, key);
    return why;
}

static const char *ikev2_row(tables *t, const ike_text *fields)
{
    static const struct {
        unsigned field;
        ike_secret_kind kind;
    } columns[] = {
        {2, IKE_SECRET_SK_EI}, {3, IKE_SECRET_SK_ER}, {5, IKE_SECRET_SK_AI}, {6, IKE_SECRET_SK_AR}};
    uint64_t spi_i, spi_r;
    ike_span keys[4];
    ike_suite suite = {0};
    if (!ike_text_hex_number(fields[0], &spi_i) || !ike_text_hex_number(fields[1], &spi_r))
        return "the SPIs are not hex digits";
    for (unsigned i = 0; i < 4; i++) {
        const char *why = key_field(t, fields[columns[i].field], i, &keys[i]);
        if (why != NULL)
            return why;
    }
    if (keys[0].length == 0 || keys[1].length == 0)
        return "SK_ei or SK_er is missing";
    if (!ike_suite_by_names(fields[4], keys[0].length, fields[7], 0, &suite))
        return "an algorithm of this row is not known, or its key has another length";
    ike_set_id set = ike_keylog_new_set(t->log, 2);
    for (unsigned i = 0; i < 4; i++)
        if (keys[i].length > 0)
            (void)ike_keylog_set_secret(t->log, set, columns[i].kind, keys[i]);
    ike_keylog_set_suite(t->log, set, &suite);
    ike_keylog_bind_set(t->log, set, spi_i, spi_r);
    return NULL;
}

static const char *esp_row(tables *t, const ike_text *fields, size_t count)
{
    ike_esp_entry entry = {.has_spi = true};
    uint64_t spi;
    if (ike_text_hex_number(fields[3], &spi)) {
        if (spi > UINT32_MAX)
            return "an SPI of more than 32 bits";
        entry.spi = (uint32_t)spi;
    } else if (memchr(fields[3].at, '*', ike_text_length(fields[3])) == NULL) {
        return "the SPI is neither hex nor a wildcard";
    }
    const char *why = ike_esp_read_key(&entry.encryption, fields[5]);
    if (why == NULL)
        why = ike_esp_read_key(&entry.integrity, fields[7]);
    ike_esp_set_name(&entry.encryption, fields[4]);
    ike_esp_set_name(&entry.integrity, fields[6]);
    if (count > 8) {
        entry.esn_known = true;
        entry.esn = ike_text_begins(fields[8], "64");
    }
    return why != NULL ? why : ike_esp_entry_use(t->log, &entry);
}

/* The separator of a row, behind its first field: a comma, or what spreadsheets write instead. */
static char separator_of(ike_text behind)
{
    (void)ike_text_skip(&behind, "\"");
    char c = ike_text_first(behind);
    return ike_is_any_of(c, ",;\t") ? c : '\0';
}

/* The row begins before its first field when that stands between quotes. */
static void take_quote(ike_text line, ike_text *row)
{
    if (row->at > line.at && row->at[-1] == '"')
        row->at--;
}

/* Where a row of esp_sa begins; returns its separator, NUL when there is none. */
static char find_esp_row(ike_text line, ike_text *row)
{
    static const char *const families[] = {"IPv4", "IPv6", "Any", "any"};
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
        const char *found = ike_text_find(line, families[i]);
        char separator =
            found == NULL ? '\0' : separator_of((ike_text){found + strlen(families[i]), line.end});
        *row = (ike_text){found, line.end};
        if (separator == '\0')
            continue;
        take_quote(line, row);
        return separator;
    }
    return '\0';
}

/* Where a row of the IKE tables begins: with 16 hex digits, a separator, and more digits. */
static char find_ike_row(ike_text line, ike_text *row)
{
    for (ike_text rest = line; rest.at < rest.end;) {
        size_t digits = ike_text_hex_run(rest);
        ike_text run = {rest.at, rest.at + digits}, behind = {run.end, line.end};
        rest.at += digits > 0 ? digits : 1;
        char separator = digits == SPI_DIGITS ? separator_of(behind) : '\0';
        if (separator == '\0' || (run.at > line.at && ike_is_word_character(run.at[-1]) &&
                                  run.at[-1] != 'x' && run.at[-1] != 'X'))
            continue;
        (void)ike_text_until(&behind, separator);
        ike_text_blanks(&behind);
        if (behind.at == behind.end && *run.end == '"')
            continue; /* of JSON */
        if (ike_text_skip(&behind, "\"")) {
            ike_text field = behind;
            (void)ike_text_until(&field, '"');
            if (ike_text_begins(field, ":"))
                continue; /* "encryption": is a name of JSON */
        }
        if (behind.at < behind.end && g_ascii_xdigit_value(*behind.at) < 0 &&
            *behind.at != separator)
            continue;
        *row = (ike_text){run.at, line.end};
        if (run.at > line.at && (run.at[-1] == 'x' || run.at[-1] == 'X'))
            row->at -= strlen("0x");
        take_quote(line, row);
        return separator;
    }
    return '\0';
}

static bool read_row(tables *t, ike_text line)
{
    ike_text fields[FIELDS_MAX], row;
    char separator = find_esp_row(line, &row);
    bool esp = separator != '\0';
    if (!esp)
        separator = find_ike_row(line, &row);
    if (separator == '\0')
        return false;
    size_t count = split(row, separator, fields);
    /* "dccc908456cfc798, deleting", "0xdccc908456cfc798,": prose, and values of other names. */
    bool sure =
        *row.at == '"' || (!esp && !ike_text_begins(row, "0x") && !ike_text_find(row, ", "));
    if (!sure && count != (esp ? 9 : 8) && (!esp || count != 8))
        return false;
    const char *why = "not as many fields as a row of a decryption table has";
    if (esp && (count == 8 || count == 9))
        why = esp_row(t, fields, count);
    else if (!esp && count == 2)
        why = ikev1_row(t, fields);
    else if (!esp && count == 8)
        why = ikev2_row(t, fields);
    ike_keylog_warn(t->log, 0, why);
    OPENSSL_cleanse(t->keys, sizeof t->keys);
    return true;
}

/* A command may have several: -o "uat:esp_sa:.." -o "uat:esp_sa:..". */
static bool wireshark_line(void *state, ike_text line)
{
    bool any = false;
    for (ike_text before; ike_text_before(line, "uat:", &before);
         line.at = before.end + strlen("uat:"))
        any = read_row(state, before) || any;
    return read_row(state, line) || any;
}

const ike_keylog_reader ike_reader_wireshark = {
    .state_bytes = sizeof(tables),
    .line = wireshark_line,
};
