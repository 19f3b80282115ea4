/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pre-shared keys of configurations on their way to the key ring. */
#include "decrypt/keylog/psk_value.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

enum { VALUE_MAX = 1024 /* bytes */ };

void ike_psk_peers_add(ike_psk_peers *peers, ike_text name)
{
    static const char *const any[] = {"%any", "%any4", "%any6", "*", "any", "0.0.0.0", "::", "%"};
    ike_text_trim(&name);
    if (ike_text_length(name) >= 2 && ike_is_any_of(*name.at, "\"'") && name.end[-1] == *name.at) {
        name.at++;
        name.end--;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(any); i++)
        if (ike_text_is(name, any[i]))
            return;
    bool is_subnet = ike_text_find(name, "=") == NULL && ike_text_find(name, "/") != NULL;
    if (peers->count < IKE_PSK_PEERS && !is_subnet && ike_text_find(name, "*") == NULL &&
        ike_text_copy(name, peers->names[peers->count], IKE_PSK_PEER_SIZE))
        peers->count++;
}

/* For each peer, and for those that are not named. */
static const char *add(ike_keylog *log, ike_peer_kind kind, const ike_psk_peers *peers,
                       ike_span secret)
{
    if (secret.length == 0)
        return "the secret is empty";
    for (unsigned i = 0; i < peers->count; i++)
        (void)ike_keylog_add_peer(log, kind, peers->names[i], secret);
    return ike_keylog_add_peer(log, kind, NULL, secret) ? NULL : "longer than any secret";
}

static const char *add_base64(ike_keylog *log, ike_peer_kind kind, const ike_psk_peers *peers,
                              ike_text text)
{
    gsize length = 0;
    gchar *copy = g_strndup(text.at, ike_text_length(text));
    guchar *bytes = g_base64_decode(copy, &length);
    const char *why = add(log, kind, peers, (ike_span){bytes, length});
    OPENSSL_cleanse(bytes, length);
    OPENSSL_cleanse(copy, strlen(copy));
    g_free(bytes);
    g_free(copy);
    return why;
}

/* The text of a value, without its quotes; *quoted: it had some. */
static ike_text value_of(ike_text text, bool whole_line, bool *quoted)
{
    ike_text_trim(&text);
    char quote = ike_text_first(text);
    *quoted = quote == '"' || quote == '\'';
    if (*quoted) {
        text.at++;
        return ike_text_until(&text, quote);
    }
    if (!whole_line)
        text = ike_text_word(&text);
    while (text.at < text.end && text.end[-1] == ';')
        text.end--;
    return text;
}

const char *ike_psk_use(ike_keylog *log, ike_peer_kind kind, const ike_psk_peers *peers,
                        ike_text text, bool whole_line)
{
    static const char *const masked[] = {"*", "$9$", "ENC", "<removed>", "SECRET-DATA", "-AQ=="};
    bool quoted;
    ike_text value = value_of(text, whole_line, &quoted);
    for (size_t i = 0; i < G_N_ELEMENTS(masked); i++)
        if (ike_text_begins(value, masked[i]) && (i > 0 || ike_text_begins(value, "***")))
            return "the secret is encrypted or left out here: its plain text is needed";
    if (!quoted && ike_text_begins(value, "0s"))
        return add_base64(log, kind, peers, (ike_text){value.at + strlen("0s"), value.end});
    if (!quoted && (ike_text_begins(value, "0x") || ike_text_begins(value, "0X"))) {
        uint8_t bytes[VALUE_MAX];
        size_t length;
        const char *why = ike_text_bytes(value, bytes, sizeof bytes, &length);
        if (why == NULL)
            why = add(log, kind, peers, (ike_span){bytes, length});
        OPENSSL_cleanse(bytes, sizeof bytes);
        return why;
    }
    return add(log, kind, peers, (ike_span){(const uint8_t *)value.at, ike_text_length(value)});
}
