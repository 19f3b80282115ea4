/* SPDX-License-Identifier: GPL-2.0-or-later */
/* racoon's psk.txt: a peer and its secret on each line, and nothing else in the file.
 *
 *   192.0.2.1       secret
 *   b@example.org   0x7365637265740a
 *
 * No word tells what it is, so every line has to be of this form. */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/psk_value.h"

enum { LINES_MAX = 256, LINE_SIZE = 512 };

typedef struct {
    ike_keylog *log;
    bool other; /* a line of another form has come */
    unsigned count;
    unsigned numbers[LINES_MAX];
    char lines[LINES_MAX][LINE_SIZE];
} psk_list;

static bool is_name(ike_text peer)
{
    const char *last_dot = NULL;
    for (const char *at = peer.at; at < peer.end; at++) {
        if (!g_ascii_isalnum(*at) && !ike_is_any_of(*at, "-_.@"))
            return false;
        if (*at == '.')
            last_dot = at;
    }
    return last_dot != NULL && last_dot + 1 < peer.end && g_ascii_isalpha(last_dot[1]);
}

/* An address, a name with a dot, or *. */
static bool is_peer(ike_text peer)
{
    uint8_t address[16];
    return ike_text_is(peer, "*") || ike_text_address(peer, address) != 0 || is_name(peer);
}

static bool psk_list_line(void *state, ike_text line)
{
    psk_list *p = state;
    ike_text rest = line;
    ike_text_trim(&rest);
    if (p->other || rest.at == rest.end || *rest.at == '#')
        return false;
    ike_text peer = ike_text_word(&rest);
    ike_text_blanks(&rest);
    p->other = rest.at == rest.end || !is_peer(peer) || is_peer(rest) || p->count == LINES_MAX ||
               !ike_text_copy(line, p->lines[p->count], LINE_SIZE);
    if (!p->other)
        p->numbers[p->count++] = ike_keylog_line_number(p->log);
    return false;
}

static void psk_list_finish(void *state)
{
    psk_list *p = state;
    p->other = p->other || ike_keylog_has_recognised(p->log);
    for (unsigned i = 0; i < p->count && !p->other; i++) {
        ike_psk_peers peers = {0};
        ike_text rest = ike_text_of(p->lines[i]);
        ike_psk_peers_add(&peers, ike_text_word(&rest));
        ike_keylog_set_origin_line(p->log, p->numbers[i]);
        (void)ike_psk_use(p->log, IKE_PEER_PSK, &peers, rest, true);
    }
    ike_keylog_set_origin_line(p->log, 0);
    OPENSSL_cleanse(p->lines, sizeof p->lines[0] * p->count);
    p->count = 0;
}

const ike_keylog_reader ike_reader_psk_list = {
    .state_bytes = sizeof(psk_list),
    .line = psk_list_line,
    .finish = psk_list_finish,
};
