/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "tcpdump -E" takes, on its command line or from a file:
 *
 *   0xf9f9e7ac@10.9.0.2 aes-cbc-hmac96:0xa4919f7ac2feab1d..
 *   ikev2 I 0xSPI 0xSPI sha256:0xKEY aes256:0xKEY                 (pluto_row.h)
 *
 * tcpdump checks no ICV, and its names know two lengths of it, 96 bits and none: others are tried.
 */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/esp_entry.h"
#include "decrypt/keylog/pluto_row.h"

/* "aes-cbc-hmac96:0xKEY", or text for a key. */
static const char *read_algorithm(ike_text word, ike_esp_entry *entry)
{
    static const char hmac96[] = "-hmac96";
    ike_text name = ike_text_until(&word, ':');
    if (ike_text_length(name) > strlen(hmac96) && ike_text_ends(name, hmac96)) {
        name.end -= strlen(hmac96);
        ike_esp_set_name(&entry->integrity, ike_text_of("any 96"));
    }
    ike_esp_set_name(&entry->encryption, ike_text_is(name, "none") ? ike_text_of("null") : name);
    if (ike_text_begins(word, "0x"))
        return ike_esp_read_key(&entry->encryption, word);
    ike_esp_set_key(&entry->encryption, ike_text_span(word));
    return NULL;
}

/* "0xf9f9e7ac@10.9.0.2 ALGORITHM:KEY", one or several with commas between. */
static bool esp_line(ike_keylog *log, ike_text text)
{
    bool any = false;
    ike_text found;
    while (ike_text_find_word(text, "0x", &found)) {
        uint64_t spi;
        text = (ike_text){found.at + 2, found.end};
        ike_text number = {found.at, text.at + ike_text_hex_run(text)};
        if (number.end >= text.end || *number.end != '@' || !ike_text_hex_number(number, &spi) ||
            spi > UINT32_MAX)
            continue;
        text.at = number.end;
        (void)ike_text_word(&text); /* the address, which a NAT changes */
        ike_esp_entry entry = {.has_spi = true, .spi = (uint32_t)spi};
        ike_text words = ike_text_word(&text), word = ike_text_until(&words, ',');
        if (words.at < words.end) /* another SA behind the comma */
            text.at = words.at;
        const char *why = read_algorithm(ike_text_value(&word), &entry);
        if (why == NULL)
            why = ike_esp_entry_use(log, &entry);
        ike_keylog_warn(log, 0, why);
        OPENSSL_cleanse(&entry, sizeof entry);
        any = true;
    }
    return any;
}

static bool tcpdump_line(void *state, ike_text text)
{
    pluto_rows *rows = state;
    ike_text found;
    if (ike_text_find_word(text, "ikev2 I 0x", &found) ||
        ike_text_find_word(text, "ikev2 R 0x", &found)) {
        (void)ike_text_skip(&found, "ikev2 ");
        pluto_use_row(rows, found);
        return true;
    }
    return ike_text_find(text, "@") != NULL && esp_line(rows->log, text);
}

static const char *const marks[] = {
    "ikev2 I 0x", "ikev2 R 0x", "-cbc:", "-cbc-hmac96:", "-ctr:",
    "-gcm:",      "none:",      "-cbc",  "none-hmac96",  NULL,
};

const ike_keylog_reader ike_reader_tcpdump = {
    .marks = marks,
    .state_bytes = sizeof(pluto_rows),
    .line = tcpdump_line,
};
