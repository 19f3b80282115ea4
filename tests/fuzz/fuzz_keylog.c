/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key logs and rows of the tables, hostile. The first byte says how: an even one, the rest is text
 * that comes in pieces of about so many bytes; an odd one, each line is a row of a table with tabs
 * between its columns. 0: the text also goes through the steps that undo what mail, terminals and
 * exports do to a log. */
#include <glib.h>

#include "decrypt/decrypt.h"
#include "decrypt/log/transcript.h"
#include "decrypt/keylog/trial.h"
#include "decrypt/keys/keyring.h"
#include "fuzz.h"

enum { MAX_ROWS = 64, MAX_COLUMNS = 9 };

static void ignore(void *user, const char *source, unsigned line, const char *why)
{
    (void)user;
    (void)source;
    (void)line;
    (void)why;
}

static void feed_text(ike_keyring *ring, fuzz_input in, unsigned piece)
{
    unsigned round = 0;

    while (fuzz_left(&in)) {
        size_t length = piece ? piece + round++ % 3 : fuzz_left(&in);
        const uint8_t *text = fuzz_take(&in, &length);
        char *exact = g_memdup2(text, length);
        ike_keyring_add_text(ring, IKE_SOURCE_KEYLOG, "fuzz", exact, length, !fuzz_left(&in));
        g_free(exact);
    }
}

/* With the steps that help, and with all of them. */
static void undo_steps(fuzz_input in)
{
    size_t length = fuzz_left(&in);

    if (length == 0)
        return;
    char *exact = g_memdup2(in.at, length);
    ike_text text = {exact, exact + length};
    unsigned steps = ike_transcript_find_steps(text, ike_keylog_try);
    ike_transcript_free(ike_transcript_after(text, steps));
    ike_transcript_free(ike_transcript_after(text, UINT_MAX));
    g_free(exact);
}

static void feed_row(ike_keyring *ring, char **c, unsigned columns)
{
    switch (columns) {
    case 2:
        ike_keyring_add_ikev1_row(ring, c[0], c[1]);
        ike_keyring_add_psk_row(ring, c[0], c[1]);
        break;
    case 8:
        ike_keyring_add_ikev2_row(ring, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]);
        break;
    case 3: {
        uint16_t encryption, bits, integrity;
        ike_encryption_by_name(c[0], strlen(c[1]), &encryption, &bits);
        ike_integrity_by_name(c[2], (unsigned)strlen(c[1]), &integrity);
        break;
    }
    default:
        break;
    }
}

static void feed_rows(ike_keyring *ring, fuzz_input in)
{
    char *text = g_strndup((const char *)in.at, fuzz_left(&in));
    char **lines = g_strsplit(text, "\n", MAX_ROWS);

    for (char **line = lines; *line; line++) {
        char **columns = g_strsplit(*line, "\t", MAX_COLUMNS);
        feed_row(ring, columns, g_strv_length(columns));
        g_strfreev(columns);
    }
    g_strfreev(lines);
    g_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, data + size};
    uint8_t how = fuzz_u8(&in);
    ike_keyring *ring = ike_keyring_new(ignore, NULL);

    if (how & 1) {
        feed_rows(ring, in);
    } else {
        if (how == 0)
            undo_steps(in);
        feed_text(ring, in, how / 2);
        feed_text(ring, in, 0); /* the same again: what is known changes nothing */
    }
    ike_decrypt_context *decryption = ike_decrypt_context_new(ring);
    (void)ike_esp_find(decryption, IKEV2_PROTOCOL_ESP, 1);
    ike_decrypt_context_free(decryption);
    ike_keyring_clear(ring, IKE_SOURCE_KEYLOG);
    ike_keyring_free(ring);
    return 0;
}
