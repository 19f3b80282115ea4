/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts text into lines and gives each to the first reader that recognises it. */
#include "decrypt/keylog/keylog.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#define WARNINGS_MAX 100 /* of one source */
#define BINARY_LINES 16  /* so many lines with NUL bytes and no secret: not a log */

/* In the order of asking: who recognises a line by its first characters comes first. */
static const ike_keylog_reader *const readers[] = {
    &ike_keylog_native, &ike_keylog_tables, &ike_keylog_charon,
    &ike_keylog_pluto,  &ike_keylog_iked,   &ike_keylog_fortigate,
    &ike_keylog_xfrm,   &ike_keylog_racoon, &ike_keylog_vpnc,
};

struct ike_keylog {
    ike_keyring *ring;
    ike_key_source source;
    char *name;
    void *states[G_N_ELEMENTS(readers)];
    char *carry; /* the line that waits, IKE_KEYLOG_LINE_MAX bytes */
    size_t carried;
    bool skipping; /* behind the bound of a huge line */
    bool recognised, refused;
    unsigned line, warnings, binary_lines;
};

static void open_readers(ike_keylog *log)
{
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++)
        log->states[i] = readers[i]->open(log);
}

static void close_readers(ike_keylog *log)
{
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++)
        readers[i]->close(log->states[i]);
}

ike_keylog *ike_keylog_new(ike_keyring *ring, ike_key_source source, const char *name)
{
    ike_keylog *log = g_new0(ike_keylog, 1);
    log->ring = ring;
    log->source = source;
    log->name = g_strdup(name);
    log->carry = g_malloc(IKE_KEYLOG_LINE_MAX);
    open_readers(log);
    return log;
}

void ike_keylog_free(ike_keylog *log)
{
    if (log == NULL)
        return;
    close_readers(log);
    OPENSSL_cleanse(log->carry, IKE_KEYLOG_LINE_MAX);
    g_free(log->carry);
    g_free(log->name);
    g_free(log);
}

ike_keyring *ike_keylog_ring(const ike_keylog *log)
{
    return log->ring;
}

ike_key_source ike_keylog_source(const ike_keylog *log)
{
    return log->source;
}

unsigned ike_keylog_line_number(const ike_keylog *log)
{
    return log->line;
}

bool ike_keylog_refused(const ike_keylog *log)
{
    return log->refused;
}

void ike_keylog_warn(ike_keylog *log, unsigned line, const char *why)
{
    if (log->warnings > WARNINGS_MAX)
        return;
    if (log->warnings++ == WARNINGS_MAX)
        why = "more lines like these; they are not listed";
    ike_keyring_complain(log->ring, log->name, line != 0 ? line : log->line, why);
}

void ike_keylog_add_psk(ike_keylog *log, ike_span psk)
{
    (void)ike_keyring_add_peer(log->ring, log->source, IKE_PEER_PSK, NULL, psk);
}

/* Syslog ("Nov 23 07:10:45 host name[1]: text") and ISO dates ("2026-11-23T07:10:45 host name:
 * text"): the body begins behind the first ": " after the time of day. */
static ike_text body_of(ike_text text)
{
    enum { DATE = 15, PREFIX = 200 };
    if (ike_text_length(text) < DATE)
        return text;
    const char *t = text.at;
    bool syslog = g_ascii_isupper(t[0]) && g_ascii_islower(t[1]) && g_ascii_islower(t[2]) &&
                  t[3] == ' ' && t[6] == ' ' && t[9] == ':';
    bool iso = g_ascii_isdigit(t[0]) && g_ascii_isdigit(t[3]) && t[4] == '-' && t[7] == '-';
    if (!syslog && !iso)
        return text;
    ike_text rest = {t + DATE, text.end};
    if (ike_text_length(rest) > PREFIX)
        rest.end = rest.at + PREFIX;
    if (!ike_text_after(&rest, ": "))
        return text;
    return (ike_text){rest.at, text.end};
}

static void give_line(ike_keylog *log, ike_text text, bool whole)
{
    ike_keylog_line line = {text, body_of(text), whole};
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++) {
        if (!whole && !readers[i]->one_line)
            continue;
        if (readers[i]->line(log->states[i], &line)) {
            log->recognised = true;
            return;
        }
    }
}

static const char *what_binary(ike_text text)
{
    static const struct {
        const char magic[5];
        const char *what;
    } kinds[] = {
        {"\xd4\xc3\xb2\xa1", "this is a capture, not a key log"},
        {"\xa1\xb2\xc3\xd4", "this is a capture, not a key log"},
        {"\x0a\x0d\x0d\x0a", "this is a capture, not a key log"},
        {"\x1f\x8b\x08", "this is a compressed file: unpack it first"},
        {"\xff\xfe", "this is UTF-16 text: save it as UTF-8"},
        {"\xfe\xff", "this is UTF-16 text: save it as UTF-8"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (ike_text_begins(text, kinds[i].magic))
            return kinds[i].what;
    return NULL;
}

static void refuse(ike_keylog *log, const char *why)
{
    ike_keylog_warn(log, 0, why);
    log->refused = true;
}

/* A log may have a block of NUL bytes where it was truncated under its writer: such a line is left
 * out. Where nothing else comes, it is no log. */
static void binary_line(ike_keylog *log)
{
    if (log->binary_lines++ == 0)
        ike_keylog_warn(log, 0, "NUL octets: such lines are left out");
    if (log->binary_lines >= BINARY_LINES && !log->recognised)
        log->refused = true;
}

static void take_line(ike_keylog *log, ike_text text)
{
    log->line++;
    if (log->line == 1)
        (void)ike_text_skip(&text, "\xef\xbb\xbf"); /* byte order mark of UTF-8 */
    if (text.at < text.end && text.end[-1] == '\r')
        text.end--;
    if (text.at == text.end)
        return;
    if (memchr(text.at, '\0', ike_text_length(text)) != NULL)
        binary_line(log);
    else
        give_line(log, text, true);
}

/* Keeps what is no whole line yet, up to the bound. */
static void carry_over(ike_keylog *log, ike_text rest)
{
    if (log->skipping || rest.at == rest.end)
        return;
    size_t length = ike_text_length(rest);
    if (length > IKE_KEYLOG_LINE_MAX - log->carried) {
        log->skipping = true;
        log->carried = 0;
        ike_keylog_warn(log, log->line + 1, "longer than any line of a log: left out");
        return;
    }
    memcpy(log->carry + log->carried, rest.at, length);
    log->carried += length;
}

/* Completes the line that waits with its end. */
static void complete_carried(ike_keylog *log, ike_text end)
{
    carry_over(log, end);
    if (log->skipping)
        log->line++;
    else
        take_line(log, (ike_text){log->carry, log->carry + log->carried});
    log->skipping = false;
    log->carried = 0;
}

void ike_keylog_feed(ike_keylog *log, const char *text, size_t length)
{
    ike_text rest = {text, text + length};
    if (length == 0 || log->refused)
        return;
    if (log->line == 0 && log->carried == 0) {
        const char *why = what_binary(rest);
        if (why != NULL) {
            refuse(log, why);
            return;
        }
    }
    while (rest.at < rest.end && !log->refused) {
        const char *end = memchr(rest.at, '\n', ike_text_length(rest));
        if (end == NULL) {
            carry_over(log, rest);
            return;
        }
        ike_text line = {rest.at, end};
        if (log->carried > 0 || log->skipping || ike_text_length(line) > IKE_KEYLOG_LINE_MAX)
            complete_carried(log, line);
        else
            take_line(log, line);
        rest.at = end + 1;
    }
}

void ike_keylog_rest(ike_keylog *log)
{
    ike_text text = {log->carry, log->carry + log->carried};
    if (log->carried == 0 || log->skipping || log->refused ||
        memchr(text.at, '\0', log->carried) != NULL)
        return;
    log->line++; /* as it will be when it is complete */
    give_line(log, text, false);
    log->line--;
}

void ike_keylog_finish(ike_keylog *log)
{
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++)
        if (readers[i]->finish != NULL)
            readers[i]->finish(log->states[i]);
}

void ike_keylog_end(ike_keylog *log)
{
    if ((log->carried > 0 || log->skipping) && !log->refused)
        complete_carried(log, (ike_text){log->carry, log->carry});
    ike_keylog_finish(log);
    close_readers(log);
    OPENSSL_cleanse(log->carry, IKE_KEYLOG_LINE_MAX);
    log->carried = 0;
    log->skipping = log->recognised = log->refused = false;
    log->line = log->warnings = log->binary_lines = 0;
    open_readers(log);
}

static void free_keylog(void *log)
{
    ike_keylog_free(log);
}

void ike_keyring_add_text(ike_keyring *ring, ike_key_source source, const char *name,
                          const char *text, size_t length, bool last)
{
    ike_keylog *log = ike_keyring_reader(ring, source);
    if (log == NULL) {
        log = ike_keylog_new(ring, source, name);
        ike_keyring_set_reader(ring, source, log, free_keylog);
    }
    ike_keylog_feed(log, text, length);
    if (last)
        ike_keylog_end(log);
}
