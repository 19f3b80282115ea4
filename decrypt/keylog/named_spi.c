/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ties the secrets of a log of names to its SPIs. */
#include "decrypt/keylog/named_spi.h"

#include <glib.h>
#include <string.h>

enum { IKE_SPI_DIGITS = 16, ESP_SPI_DIGITS = 8, CONTEXT = 24 /* characters that name a side */ };

typedef enum { SIDE_UNKNOWN, SIDE_I, SIDE_R, SIDE_EITHER } side;

/* A number in a line that may be an SPI. */
typedef struct {
    ike_text text; /* its digits */
    uint64_t number;
    unsigned digits; /* in hex */
    bool prefixed;   /* with 0x */
} spi_number;

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
    sas->spi_r = sas->next_r;
    sas->next_r = 0;
    sas->used = false;
    sas->complete = false;
    if (behind) {
        sas->behind = true;
        bind_set(sas);
    } else {
        end_set(sas);
        sas->ike = (ike_esp_entry){.spi = 0};
    }
}

/* Where the IKE SA has one and keys since, this is of the next, whose initiator's SPI follows.
 * Before the keys the last one counts: the others are of answers that were no good. */
static void use_responder(named_sas *sas, uint64_t spi)
{
    if (sas->spi_r == spi)
        return;
    if (sas->spi_i == 0 || (sas->spi_r != 0 && sas->complete)) {
        sas->next_r = spi;
        return;
    }
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
    ike_keylog_warn(sas->log, sas->esp_line, ike_esp_entry_use(sas->log, &sas->esp));
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
                                               "i_cook", "cookie_i", " i=",  NULL};
    static const char *const of_responder[] = {"resp",   "rspi",     "spir", "spi_r",
                                               "spi(r",  "rcook",    "ky-r", "ky_r",
                                               "r_cook", "cookie_r", " r=",  NULL};
    static const char *const initiator_spi[] = {"orspi", NULL}; /* of InitiatorSPI: no "rspi" */
    static const char *const of_either[] = {"local", "remote", "my_", "my ", "peer", "own", NULL};
    ike_text before = {run.at - MIN(run.at - line.at, (gssize)CONTEXT), run.at};
    ike_text behind = {run.end, line.end};
    if (ike_text_begins(behind, "_i"))
        return SIDE_I;
    if (ike_text_begins(behind, "_r"))
        return SIDE_R;
    /* The nearer word counts: "spi_i 59b6.. spi_r 7e9a..". */
    for (size_t length = 4; length <= ike_text_length(before); length++) {
        ike_text near = {before.end - length, before.end};
        if (has_any(near, of_responder)) {
            near.at -= MIN(near.at - before.at, 2);
            return has_any(near, initiator_spi) ? SIDE_I : SIDE_R;
        }
        if (has_any(near, of_initiator))
            return SIDE_I;
    }
    return has_any(before, of_either) ? SIDE_EITHER : SIDE_UNKNOWN;
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

/* The digits of a number that is printed in groups of 2, 4 or 8: "dc:cc:90:84:56:cf:c7:98",
 * "dccc9084 56cfc798". Steps behind them. */
static bool read_spaced(ike_text *text, uint64_t *number)
{
    size_t group = ike_text_hex_run(*text), digits = 0;
    ike_text rest = *text;
    if (group != 2 && group != 4 && group != 8)
        return false;
    for (*number = 0; digits < IKE_SPI_DIGITS; digits += group) {
        uint64_t part;
        if (digits > 0 && rest.at < rest.end && ike_is_any_of(*rest.at, " :-_"))
            rest.at++;
        if (ike_text_hex_run(rest) != group ||
            !ike_text_hex_number((ike_text){rest.at, rest.at + group}, &part))
            return false;
        *number = *number << (4 * group) | part;
        rest.at += group;
    }
    *text = rest;
    return true;
}

/* More pairs behind those of an SPI: it is a longer value, which is stepped over. */
static bool skip_more_pairs(ike_text *text)
{
    const char *start = text->at;
    while (ike_text_length(*text) > 2 && ike_is_any_of(*text->at, " :-") &&
           ike_text_hex_run((ike_text){text->at + 1, text->end}) == 2)
        text->at += 3;
    return text->at > start;
}

/* 9 or 10 digits of an ESP SPI, 17 to 20 of an IKE SPI, in decimal. */
static bool read_decimal(ike_text run, spi_number *found)
{
    enum { OF_ESP = 10, OF_IKE = 20 };
    size_t length = ike_text_length(run);
    if (length <= ESP_SPI_DIGITS || (length > OF_ESP && length <= IKE_SPI_DIGITS) ||
        length > OF_IKE)
        return false;
    found->number = 0;
    for (const char *at = run.at; at < run.end; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (!g_ascii_isdigit(*at) || found->number > (UINT64_MAX - digit) / 10)
            return false;
        found->number = found->number * 10 + digit;
    }
    found->digits = length <= OF_ESP ? ESP_SPI_DIGITS : IKE_SPI_DIGITS;
    return length > OF_ESP || found->number <= UINT32_MAX;
}

static bool has_prefix(ike_text line, const char *at)
{
    return at - line.at >= 2 && (at[-1] == 'x' || at[-1] == 'X') && at[-2] == '0';
}

/* Whether a word goes on behind a run of digits: suffixes of strongSwan and "h" do not count. */
static bool goes_on(ike_text rest)
{
    char c = ike_text_first(rest);
    if (c == 'h' || c == 'H')
        return ike_text_length(rest) > 1 && ike_is_word_character(rest.at[1]);
    return c != '\0' && c != '_' && ike_is_word_character(c);
}

/* Microseconds since 1970, of the years 2014 to 2039; nanoseconds only behind no word of SPIs. */
static bool is_time(ike_text line, ike_text run)
{
    enum { MICROSECONDS = 16, NANOSECONDS = 19 };
    static const char *const words[] = {"spi", "coo", "cky", NULL};
    ike_text before = {run.at - MIN(run.at - line.at, (gssize)CONTEXT), run.at};
    size_t length = ike_text_length(run);
    if (length != MICROSECONDS && (length != NANOSECONDS || has_any(before, words)))
        return false;
    for (const char *at = run.at; at < run.end; at++)
        if (!g_ascii_isdigit(*at))
            return false;
    return (run.at[0] == '1' && run.at[1] >= '4') || (run.at[0] == '2' && run.at[1] < '2');
}

/* The next number that is a word of its own. */
static bool next_number(ike_text *rest, ike_text line, spi_number *found)
{
    while (rest->at < rest->end) {
        size_t digits = ike_text_hex_run(*rest);
        if (digits == 0) {
            rest->at++;
            continue;
        }
        ike_text run = {rest->at, rest->at + digits}, spaced = *rest;
        rest->at = run.end;
        *found = (spi_number){run, 0, (unsigned)digits, has_prefix(line, run.at)};
        if (!found->prefixed &&
            ((run.at > line.at && ike_is_word_character(run.at[-1])) || is_time(line, run)))
            continue;
        bool in_groups = read_spaced(&spaced, &found->number);
        if (in_groups && digits == 2 && skip_more_pairs(&spaced)) {
            rest->at = spaced.at;
            continue;
        }
        if (in_groups && !goes_on(spaced)) {
            found->text.end = rest->at = spaced.at;
            found->digits = IKE_SPI_DIGITS;
            return true;
        }
        if (!goes_on(*rest) && ((!found->prefixed && read_decimal(run, found)) ||
                                ike_text_hex_number(run, &found->number)))
            return true;
    }
    return false;
}

/* What stands between the SPIs of a pair: "a_i b_r", "a:b", "i=a r=b", but not "a b". */
static bool joins_pair(const char *from, const char *to)
{
    enum { LONGEST = 8 };
    bool sign = false;
    for (const char *at = from; at < to && at < from + LONGEST; at++)
        sign = sign || ike_is_any_of(*at, ":-/_=");
    return sign && to - from <= LONGEST;
}

/* Two numbers of 16 digits in a line that names IKE: "IKE_SA n[1] 59b6.._i 7e9a.._r". */
static bool has_pair(ike_text text)
{
    static const char *const words[] = {"ike", NULL};
    ike_text rest = text;
    spi_number found, last = {.digits = 0};
    while (next_number(&rest, text, &found)) {
        bool spi = found.digits == IKE_SPI_DIGITS && found.number > UINT32_MAX;
        if (spi && last.digits != 0 && joins_pair(last.text.end, found.text.at))
            return has_any((ike_text){text.at, last.text.at}, words);
        last = spi ? found : (spi_number){.digits = 0};
    }
    return false;
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
    return has_pair(all);
}

/* "SPI: 0xde6adc42", and with 16 digits where a program prints it so. */
static bool is_esp_spi(ike_text line, const spi_number *found)
{
    static const char *const words[] = {"spi", NULL};
    const char *start = found->text.at;
    ike_text before = {start - MIN(start - line.at, (gssize)CONTEXT / 3), start};
    side whose = side_of(line, found->text);
    return found->number != 0 && found->number <= UINT32_MAX && has_any(before, words) &&
           (found->digits == ESP_SPI_DIGITS || found->digits == IKE_SPI_DIGITS ||
            (found->prefixed && found->digits < ESP_SPI_DIGITS)) &&
           (whose == SIDE_UNKNOWN || whose == SIDE_EITHER);
}

/* SPIs of which it is not known whose they are bind nothing: what follows is tried. */
static void use_either(named_sas *sas)
{
    named_end(sas);
    sas->spi_i = sas->spi_r = 0;
    sas->used = false;
    end_set(sas);
}

/* Without a word for it the initiator's SPI comes first. */
static side side_by_order(const named_sas *sas, side last)
{
    bool waits = sas->spi_i != 0 && sas->spi_r == 0 && !sas->used && sas->set == 0;
    return last == SIDE_I || (last == SIDE_UNKNOWN && waits) ? SIDE_R : SIDE_I;
}

bool named_read_spis(named_sas *sas, ike_text text)
{
    ike_text rest = text;
    spi_number found;
    bool any = false;
    side last = SIDE_UNKNOWN;
    if (!named_speaks_of_spis(text))
        return false;
    while (next_number(&rest, text, &found)) {
        if (is_esp_spi(text, &found)) {
            use_esp_spi(sas, (uint32_t)found.number);
            any = true;
        }
        if (found.digits != IKE_SPI_DIGITS || found.number <= UINT32_MAX)
            continue;
        side whose = side_of(text, found.text);
        if (whose == SIDE_UNKNOWN)
            whose = side_by_order(sas, last);
        last = whose;
        any = true;
        if (whose == SIDE_I)
            use_initiator(sas, found.number);
        else if (whose == SIDE_R)
            use_responder(sas, found.number);
        else
            use_either(sas);
    }
    return any;
}

/* ---- secrets --------------------------------------------------------------------------------- */

/* The algorithms as soon as both keys are there. */
static void set_suite(named_sas *sas, size_t key_bytes)
{
    ike_suite suite;
    sas->ike.encryption.key_length = key_bytes;
    if (ike_esp_entry_suite(&sas->ike, &suite))
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
    sas->complete = true;
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

static ike_esp_transform *transform_of(ike_esp_entry *entry, bool of_integrity)
{
    return of_integrity ? &entry->integrity : &entry->encryption;
}

void named_put_esp_key(named_sas *sas, bool of_integrity, ike_span key)
{
    if (sas->in_esp && key.length <= IKE_ESP_KEY_MAX)
        ike_esp_set_key(transform_of(&sas->esp, of_integrity), key);
}

void named_put_algorithm(named_sas *sas, bool of_integrity, ike_text text)
{
    unsigned number;
    ike_esp_transform *transform = transform_of(sas->in_esp ? &sas->esp : &sas->ike, of_integrity);
    while (text.at < text.end && ike_is_any_of(*text.at, " \t:="))
        text.at++;
    ike_text word = ike_text_value(&text);
    if (ike_text_decimal(word, &number) && number < UINT16_MAX)
        transform->id = (uint16_t)number;
    else
        ike_esp_set_name(transform, word);
}
