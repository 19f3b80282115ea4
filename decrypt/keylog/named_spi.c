/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ties the secrets of a log of names to its SPIs. */
#include "decrypt/keylog/named_spi.h"

#include <glib.h>
#include <string.h>

enum { IKE_SPI_DIGITS = 16, ESP_SPI_DIGITS = 8, CONTEXT = 24 /* characters that name a side */ };

typedef enum { SIDE_UNKNOWN, SIDE_I, SIDE_R } side;

/* ---- sets ------------------------------------------------------------------------------------ */

static void end_set(named_sas *sas)
{
    sas->set = 0;
    sas->bound = false;
}

static void bind_set(named_sas *sas)
{
    ike_keylog_bind_set(sas->log, sas->set, sas->spi_i, sas->spi_r);
    sas->bound = sas->used = true;
}

/* The initiator's SPI begins an IKE SA, or ends what was printed of it. */
static void use_initiator(named_sas *sas, uint64_t spi)
{
    named_end(sas);
    if (spi == sas->spi_i && sas->set != 0)
        return;
    bool behind = sas->set != 0 && !sas->bound;
    sas->spi_i = spi;
    sas->spi_r = 0;
    sas->used = false;
    if (behind) {
        sas->behind = true;
        bind_set(sas);
    } else {
        end_set(sas);
        sas->encryption_id = sas->integrity_id = 0;
        sas->encryption[0] = sas->integrity[0] = '\0';
    }
}

static void use_responder(named_sas *sas, uint64_t spi)
{
    if (sas->spi_i == 0 || sas->spi_r == spi)
        return;
    sas->spi_r = spi;
    if (sas->bound)
        bind_set(sas);
}

static void use_esp_spi(named_sas *sas, uint32_t spi)
{
    named_end(sas);
    sas->in_esp = true;
    sas->esp_line = ike_keylog_line_number(sas->log);
    sas->esp.has_spi = true;
    sas->esp.spi = spi;
}

void named_end(named_sas *sas)
{
    const char *why = ike_esp_entry_use(sas->log, &sas->esp);
    if (why != NULL)
        ike_keylog_warn(sas->log, sas->esp_line, why);
    sas->in_esp = false;
}

/* ---- SPIs in a line -------------------------------------------------------------------------- */

/* Whether a text has one of the words, in any case. */
static bool has_any(ike_text text, const char *const words[])
{
    char lower[CONTEXT + 1];
    size_t length = MIN(ike_text_length(text), (size_t)CONTEXT);
    for (size_t i = 0; i < length; i++)
        lower[i] = g_ascii_tolower(text.end[(gssize)i - (gssize)length]);
    lower[length] = '\0';
    for (; *words != NULL; words++)
        if (strstr(lower, *words) != NULL)
            return true;
    return false;
}

/* Whose SPI a run of digits is, by the words before it and a suffix "_i" or "_r". */
static side side_of(ike_text line, ike_text run)
{
    static const char *const of_initiator[] = {"init",   "ispi",     "spii", "spi_i",
                                               "spi(i",  "icook",    "ky-i", "ky_i",
                                               "i_cook", "cookie_i", NULL};
    static const char *const of_responder[] = {"resp",   "rspi",     "spir", "spi_r",
                                               "spi(r",  "rcook",    "ky-r", "ky_r",
                                               "r_cook", "cookie_r", NULL};
    ike_text before = {run.at - MIN(run.at - line.at, (gssize)CONTEXT), run.at};
    ike_text behind = {run.end, line.end};
    if (ike_text_begins(behind, "_i"))
        return SIDE_I;
    if (ike_text_begins(behind, "_r"))
        return SIDE_R;
    /* The nearer word counts: "spi_i 59b6.. spi_r 7e9a..". */
    for (size_t length = 4; length <= ike_text_length(before); length++) {
        ike_text near = {before.end - length, before.end};
        if (has_any(near, of_responder))
            return SIDE_R;
        if (has_any(near, of_initiator))
            return SIDE_I;
    }
    return SIDE_UNKNOWN;
}

/* "spi", "SPIs", "ispi", "InitiatorSPI", "responderSpi": but no word of a language. */
static bool is_word_of_spi(ike_text text, ike_text three)
{
    enum { LONGEST = 5 };
    const char *start = three.at, *end = three.end;
    if (*three.at == 'S')
        return true;
    while (start > text.at && g_ascii_isalpha(start[-1]))
        start--;
    while (end < text.end && g_ascii_isalpha(*end))
        end++;
    return end - start <= LONGEST;
}

bool named_speaks_of_spis(ike_text text)
{
    ike_text all = text;
    for (; ike_text_length(text) >= 3; text.at++) {
        ike_text three = {text.at, text.at + 3};
        if ((ike_text_is_word(three, "spi") && is_word_of_spi(all, three)) ||
            ike_text_is_word(three, "cky"))
            return true;
        if (ike_text_length(text) >= 6 &&
            ike_text_is_word((ike_text){text.at, text.at + 6}, "cookie"))
            return true;
    }
    return false;
}

/* The next run of hex digits that is a word of its own, "0x" and suffixes of strongSwan aside. */
static bool next_run(ike_text *rest, ike_text line, ike_text *run, bool *prefixed)
{
    while (rest->at < rest->end) {
        size_t digits = ike_text_hex_run(*rest);
        if (digits == 0) {
            rest->at++;
            continue;
        }
        *run = (ike_text){rest->at, rest->at + digits};
        rest->at = run->end;
        *prefixed = run->at - line.at >= 2 && (run->at[-1] == 'x' || run->at[-1] == 'X') &&
                    run->at[-2] == '0';
        bool word = !*prefixed && run->at > line.at && ike_is_word_character(run->at[-1]);
        bool goes_on = rest->at < rest->end && ike_is_word_character(*rest->at) && *rest->at != '_';
        if (!word && !goes_on)
            return true;
    }
    return false;
}

/* "SPI: 0xde6adc42", and with 16 digits where a program prints it so. */
static bool is_esp_spi(ike_text line, ike_text run, bool prefixed, uint64_t number)
{
    static const char *const words[] = {"spi", NULL};
    size_t digits = ike_text_length(run);
    ike_text before = {run.at - MIN(run.at - line.at, (gssize)CONTEXT / 3), run.at};
    return number != 0 && number <= UINT32_MAX && has_any(before, words) &&
           (digits == ESP_SPI_DIGITS || digits == IKE_SPI_DIGITS ||
            (prefixed && digits < ESP_SPI_DIGITS)) &&
           side_of(line, run) == SIDE_UNKNOWN;
}

bool named_read_spis(named_sas *sas, ike_text text)
{
    ike_text rest = text, run;
    bool prefixed, any = false;
    side last = SIDE_UNKNOWN;
    if (!named_speaks_of_spis(text))
        return false;
    while (next_run(&rest, text, &run, &prefixed)) {
        uint64_t number;
        if (!ike_text_hex_number(run, &number))
            continue;
        if (is_esp_spi(text, run, prefixed, number)) {
            use_esp_spi(sas, (uint32_t)number);
            any = true;
        }
        if (ike_text_length(run) != IKE_SPI_DIGITS || number <= UINT32_MAX)
            continue;
        side whose = side_of(text, run);
        if (whose == SIDE_UNKNOWN)
            whose = last == SIDE_I ? SIDE_R : SIDE_I;
        last = whose;
        if (whose == SIDE_I)
            use_initiator(sas, number);
        else
            use_responder(sas, number);
        any = true;
    }
    return any;
}

/* ---- secrets --------------------------------------------------------------------------------- */

/* The algorithms as soon as both keys are there. */
static void set_suite(named_sas *sas, size_t key_bytes)
{
    ike_esp_entry entry = {.encryption_id = sas->encryption_id, .integrity_id = sas->integrity_id};
    ike_suite suite;
    memcpy(entry.encryption, sas->encryption, sizeof entry.encryption);
    memcpy(entry.integrity, sas->integrity, sizeof entry.integrity);
    entry.encryption_key.length = key_bytes;
    if (ike_esp_entry_suite(&entry, &suite))
        ike_keylog_set_suite(sas->log, sas->set, &suite);
}

void named_put_secret(named_sas *sas, uint8_t version, ike_secret_kind kind, ike_span secret)
{
    bool again = sas->set != 0 && kind != IKE_SECRET_DH_SHARED &&
                 ike_keylog_set_has(sas->log, sas->set, kind);
    bool begins =
        kind == IKE_SECRET_DH_SHARED || kind == IKE_SECRET_SKEYSEED || kind == IKE_SECRET_V1_SKEYID;
    if (begins && sas->set != 0 &&
        (ike_keylog_set_has(sas->log, sas->set, IKE_SECRET_SK_D) ||
         ike_keylog_set_has(sas->log, sas->set, IKE_SECRET_V1_SKEYID_D)))
        again = true;
    named_end(sas);
    if (sas->set == 0 || again) {
        sas->set = ike_keylog_new_set(sas->log, version);
        sas->bound = false;
        if (sas->spi_i != 0 && !(sas->behind && sas->used))
            bind_set(sas);
    }
    (void)ike_keylog_set_secret(sas->log, sas->set, kind, secret);
    if (kind == IKE_SECRET_SK_ER)
        set_suite(sas, secret.length);
}

/* Of one direction, or of both: then the first half is the initiator's (RFC 7296 2.17). */
void named_put_keymat(named_sas *sas, ike_span keymat)
{
    ike_esp_key key = {.spi = sas->in_esp ? sas->esp.spi : 0, .encryption = keymat};
    (void)ike_keylog_add_esp(sas->log, &key);
    if (keymat.length % 2 != 0)
        return;
    key.encryption.length = keymat.length / 2;
    (void)ike_keylog_add_esp(sas->log, &key);
    key.encryption.data += keymat.length / 2;
    (void)ike_keylog_add_esp(sas->log, &key);
}

void named_put_esp_key(named_sas *sas, bool of_integrity, ike_span key)
{
    ike_esp_key_bytes *bytes = of_integrity ? &sas->esp.integrity_key : &sas->esp.encryption_key;
    if (!sas->in_esp || key.length > sizeof bytes->bytes)
        return;
    memcpy(bytes->bytes, key.data, key.length);
    bytes->length = key.length;
}

void named_put_algorithm(named_sas *sas, bool of_integrity, ike_text text)
{
    unsigned number;
    while (text.at < text.end && strchr(" \t:=", *text.at) != NULL)
        text.at++;
    ike_text word = ike_text_value(&text);
    bool is_number = ike_text_decimal(word, &number) && number < UINT16_MAX;
    uint16_t *id = of_integrity ? (sas->in_esp ? &sas->esp.integrity_id : &sas->integrity_id)
                                : (sas->in_esp ? &sas->esp.encryption_id : &sas->encryption_id);
    char *into = of_integrity ? (sas->in_esp ? sas->esp.integrity : sas->integrity)
                              : (sas->in_esp ? sas->esp.encryption : sas->encryption);
    if (is_number)
        *id = (uint16_t)number;
    else
        (void)ike_text_copy(word, into, IKE_ESP_NAME_SIZE);
}
