/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pre-shared keys and passwords where people have them, the configuration of daemons and gateways:
 *
 *   ipsec.secrets    a.example "C=CH, O=x" : PSK "secret"      user : EAP "password"
 *   swanctl.conf     ike-1 { id-a = a.example   secret = 0s2b9i.. }     eap-.. {}, ppk-.. {}
 *   iked.conf, ipsec.conf of OpenBSD     .. srcid a dstid b psk "secret"
 *   IOS, ASA         crypto isakmp key secret address 192.0.2.1      pre-shared-key local secret
 *   Junos            pre-shared-key ascii-text "secret"
 *   FortiOS, VyOS, RouterOS, OpenWrt, pfSense, vpnc: one word before the secret
 */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/psk_value.h"

typedef struct {
    ike_keylog *log;
    bool in_block; /* of swanctl.conf */
    ike_peer_kind kind;
    unsigned line; /* of its secret */
    ike_psk_peers peers;
    char secret[1024]; /* as it is written; empty: none has come */
} psk_reader;

static void report(psk_reader *p, const char *why)
{
    ike_keylog_warn(p->log, 0, why);
}

/* ---- ipsec.secrets --------------------------------------------------------------------------- */

/* The next word, or what stands between quotes, quotes and all. */
static ike_text quoted_word(ike_text *text)
{
    ike_text_blanks(text);
    ike_text word = {text->at, text->at};
    if (ike_text_first(*text) != '"')
        return ike_text_word(text);
    text->at++;
    (void)ike_text_until(text, '"');
    word.end = text->at;
    return word;
}

static void read_selectors(ike_psk_peers *peers, ike_text text)
{
    for (ike_text word = quoted_word(&text); word.at < word.end; word = quoted_word(&text))
        ike_psk_peers_add(peers, word);
}

/* ": PSK " with the colon directly before it; `before` is what stands before the colon. */
static bool find_kind(ike_text line, const char *word, ike_text *before, ike_text *behind)
{
    ike_text found;
    for (ike_text rest = line; ike_text_find_word(rest, word, &found); rest.at = found.at + 1) {
        ike_text head = {line.at, found.at};
        ike_text_trim(&head);
        if (head.at == head.end || head.end[-1] != ':')
            continue;
        head.end--;
        *before = head;
        *behind = (ike_text){found.at + strlen(word), line.end};
        return true;
    }
    return false;
}

/* A bare secret is the last word of its line: else it is a sentence of a log. */
static bool is_secret(ike_text text)
{
    ike_text_trim(&text);
    ike_text word = quoted_word(&text);
    ike_text_blanks(&text);
    return word.at < word.end &&
           (*word.at == '"' || *word.at == '\'' || text.at == text.end || *text.at == '#');
}

static bool secrets_line(psk_reader *p, ike_text line)
{
    static const struct {
        const char *word;
        ike_peer_kind kind;
    } kinds[] = {{"PSK ", IKE_PEER_PSK},        {"EAP ", IKE_PEER_PASSWORD},
                 {"XAUTH ", IKE_PEER_PASSWORD}, {"PPKS ", IKE_PEER_PPK},
                 {"PPK ", IKE_PEER_PPK},        {"NTLM ", IKE_PEER_PASSWORD}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        ike_text before, behind;
        ike_psk_peers peers = {0};
        if (!find_kind(line, kinds[i].word, &before, &behind))
            continue;
        if (kinds[i].word[3] == 'S') /* its ID stands before it */
            ike_psk_peers_add(&peers, quoted_word(&behind));
        else
            read_selectors(&peers, before);
        if (!is_secret(behind))
            return false;
        report(p, ike_psk_use(p->log, kinds[i].kind, &peers, behind, false));
        return true;
    }
    return false;
}

/* ---- swanctl.conf ---------------------------------------------------------------------------- */

static void drop_block(psk_reader *p)
{
    OPENSSL_cleanse(p->secret, sizeof p->secret);
    p->secret[0] = '\0';
    p->in_block = false;
}

static void end_block(psk_reader *p)
{
    if (p->secret[0] != '\0') {
        ike_keylog_set_origin_line(p->log, p->line);
        const char *why = ike_psk_use(p->log, p->kind, &p->peers, ike_text_of(p->secret), true);
        ike_keylog_set_origin_line(p->log, 0);
        ike_keylog_warn(p->log, p->line, why);
    }
    drop_block(p);
}

/* "ike-1 {": the name of a section of secrets. */
static void begin_block(psk_reader *p, ike_text name)
{
    static const struct {
        const char *begins;
        ike_peer_kind kind;
    } sections[] = {{"ike", IKE_PEER_PSK},       {"psk", IKE_PEER_PSK},
                    {"eap", IKE_PEER_PASSWORD},  {"xauth", IKE_PEER_PASSWORD},
                    {"ntlm", IKE_PEER_PASSWORD}, {"ppk", IKE_PEER_PPK}};
    for (size_t i = 0; i < G_N_ELEMENTS(sections); i++)
        if (ike_text_begins(name, sections[i].begins)) {
            p->in_block = true;
            p->kind = sections[i].kind;
            p->peers.count = 0;
            p->secret[0] = '\0';
            return;
        }
}

/* "id-a = a.example" or "secret = ..", up to the next one or the brace. */
static void assignment(psk_reader *p, ike_text name, ike_text value)
{
    ike_text comment = value;
    if (ike_text_first(value) != '"' && ike_text_after(&comment, " #"))
        value.end = comment.at - strlen(" #");
    ike_text_trim(&value);
    if (ike_text_begins(name, "id")) {
        ike_psk_peers_add(&p->peers, value);
    } else if (ike_text_is(name, "secret")) {
        (void)ike_text_copy(value, p->secret, sizeof p->secret);
        p->line = ike_keylog_line_number(p->log);
    }
}

/* The assignments of a line: "id = a  secret = b }" may stand in one. Returns what is behind the
 * block. */
static ike_text block_text(psk_reader *p, ike_text text)
{
    while (p->in_block && text.at < text.end) {
        ike_text_blanks(&text);
        if (ike_text_skip(&text, "}")) {
            end_block(p);
            break;
        }
        ike_text name = text;
        while (text.at < text.end && !ike_is_any_of(*text.at, "= \t}"))
            text.at++;
        name.end = text.at;
        ike_text_blanks(&text);
        if (!ike_text_skip(&text, "=")) { /* of something else: this is no such file */
            drop_block(p);
            return text;
        }
        ike_text_blanks(&text);
        ike_text value = text, rest = text;
        if (ike_text_first(text) == '"')
            value = quoted_word(&text);
        else if (ike_text_find(rest, " = ") != NULL || ike_text_find(rest, "}") != NULL)
            value = ike_text_word(&text);
        else
            text.at = text.end;
        assignment(p, name, value);
    }
    return text;
}

/* Several sections may stand in one line: "secrets { ike-1 { .. } ike-2 { .. } }". */
static bool block_line(psk_reader *p, ike_text line)
{
    ike_text rest = line;
    bool any = false;
    ike_text_trim(&rest);
    while (rest.at < rest.end) {
        if (!p->in_block) {
            if (ike_text_find(rest, "{") == NULL)
                break;
            ike_text words = ike_text_until(&rest, '{'), name = ike_text_word(&words);
            for (ike_text more = ike_text_word(&words); more.at < more.end;
                 more = ike_text_word(&words))
                name = more;
            begin_block(p, name);
        }
        bool in_block = p->in_block;
        rest = block_text(p, rest);
        any = any || (in_block && (p->in_block || rest.at == rest.end || rest.at[-1] == '}'));
    }
    return any;
}

/* ---- one word before the secret -------------------------------------------------------------- */

static const struct {
    const char *word;
    ike_peer_kind kind;
    enum {
        ONE_WORD,
        WHOLE_LINE,
        PART, /* the value begins in the word: with a quote or 0x */
    } value;
} words[] = {
    {"pre-shared-key ", IKE_PEER_PSK, ONE_WORD},
    {"pre-shared-secret ", IKE_PEER_PSK, ONE_WORD},
    {"pre_shared_key ", IKE_PEER_PSK, ONE_WORD},
    {"isakmp key ", IKE_PEER_PSK, ONE_WORD},
    {"set psksecret ", IKE_PEER_PSK, ONE_WORD},
    {"psksecret-remote ", IKE_PEER_PSK, ONE_WORD},
    {"IPSec secret ", IKE_PEER_PSK, WHOLE_LINE},
    {"IPsec secret ", IKE_PEER_PSK, WHOLE_LINE},
    {"ipsec-psk=", IKE_PEER_PSK, WHOLE_LINE},
    {"Xauth password ", IKE_PEER_PASSWORD, WHOLE_LINE},
    {"-L2tpPsk ", IKE_PEER_PSK, ONE_WORD},
    {"Authentication=", IKE_PEER_PSK, WHOLE_LINE},
    {" secret=", IKE_PEER_PSK, ONE_WORD},
    {" secret '", IKE_PEER_PSK, PART},
    {" secret \"", IKE_PEER_PSK, PART},
    {" psk \"", IKE_PEER_PSK, PART},
    {" psk 0x", IKE_PEER_PSK, PART},
};

/* Words of IOS and Junos between theirs and the secret. Returns whether it is hex without 0x. */
static bool skip_words(ike_text *text, ike_psk_peers *peers)
{
    static const char *const skipped[] = {"local ", "remote ", "ascii-text ", "0 ", "key "};
    ike_text_blanks(text);
    if (ike_text_skip(text, "address ")) { /* ADDRESS [MASK] key SECRET */
        ike_psk_peers_add(peers, ike_text_word(text));
        ike_text rest = *text;
        if (ike_text_after(&rest, "key "))
            *text = rest;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(skipped); i++)
        (void)ike_text_skip(text, skipped[i]);
    return ike_text_skip(text, "hexadecimal ") || ike_text_skip(text, "hex ");
}

/* "srcid a dstid b peer c", "address 192.0.2.1": whom the secret is for. */
static void read_peers(ike_psk_peers *peers, ike_text line)
{
    static const char *const names[] = {"srcid ",    "dstid ",     "peer ",
                                        " address ", " hostname ", " address="};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        ike_text rest = line;
        if (ike_text_after(&rest, names[i]))
            ike_psk_peers_add(peers, quoted_word(&rest));
    }
}

static const char *use_hex(psk_reader *p, ike_peer_kind kind, const ike_psk_peers *peers,
                           ike_text value)
{
    ike_text digits = ike_text_value(&value);
    char *text = g_strdup_printf("0x%.*s", (int)ike_text_length(digits), digits.at);
    const char *why = ike_psk_use(p->log, kind, peers, ike_text_of(text), false);
    OPENSSL_cleanse(text, strlen(text));
    g_free(text);
    return why;
}

static bool word_line(psk_reader *p, ike_text line)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        ike_text rest = line;
        ike_psk_peers peers = {0};
        if (!ike_text_after(&rest, words[i].word))
            continue;
        if (words[i].value == PART)
            rest.at -= words[i].word[strlen(words[i].word) - 1] == 'x' ? strlen("0x") : 1;
        bool is_hex = skip_words(&rest, &peers);
        ike_text value = rest;
        ike_text_trim(&value);
        if (value.at == value.end)
            return false;
        read_peers(&peers, line);
        if (ike_text_begins(value, "6 ") || ike_text_begins(value, "7 "))
            report(p, "the secret is encrypted or left out here: its plain text is needed");
        else if (is_hex)
            report(p, use_hex(p, words[i].kind, &peers, value));
        else
            report(p,
                   ike_psk_use(p->log, words[i].kind, &peers, value, words[i].value == WHOLE_LINE));
        return true;
    }
    return false;
}

/* "<pre-shared-key>secret</pre-shared-key>" of pfSense and OPNsense. */
static bool xml_line(psk_reader *p, ike_text line)
{
    static const ike_psk_peers no_peers = {0};
    if (!ike_text_after(&line, "<pre-shared-key>"))
        return false;
    ike_text value = ike_text_until(&line, '<');
    report(p, ike_psk_use(p->log, IKE_PEER_PSK, &no_peers, value, true));
    return true;
}

/* ---- the reader ------------------------------------------------------------------------------ */

static bool is_comment(ike_text line)
{
    ike_text_blanks(&line);
    return ike_text_first(line) == '#' || ike_text_first(line) == '!';
}

static bool psk_line(void *state, ike_text line)
{
    return !is_comment(line) && (block_line(state, line) || secrets_line(state, line) ||
                                 xml_line(state, line) || word_line(state, line));
}

static bool psk_in_block(const void *state)
{
    return ((const psk_reader *)state)->in_block;
}

static void psk_finish(void *state)
{
    end_block(state);
}

static const char *const marks[] = {
    "PSK ",
    "EAP ",
    "XAUTH ",
    "PPKS ",
    "PPK ",
    "NTLM ",
    "ike-",
    "ike ",
    "ike{",
    "psk ",
    "psk-",
    "eap-",
    "eap ",
    "xauth-",
    "xauth ",
    "ntlm-",
    "ppk-",
    "ppk ",
    "ppk{",
    "pre-shared-",
    "pre_shared_",
    "isakmp key ",
    "psksecret",
    "IPSec secret ",
    "IPsec secret ",
    "Xauth passw",
    "ipsec-psk=",
    "-L2tpPsk ",
    " secret ",
    " secret=",
    "Authentication=",
    NULL,
};

const ike_keylog_reader ike_reader_psk = {
    .marks = marks,
    .state_bytes = sizeof(psk_reader),
    .line = psk_line,
    .in_dump = psk_in_block,
    .finish = psk_finish,
};
