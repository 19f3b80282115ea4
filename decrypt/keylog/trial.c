/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/keylog/trial.h"

#include <glib.h>

#include "decrypt/keylog/keylog.h"
#include "decrypt/log/transcript.h"

enum { FOUND_MAX = 65535, WARNINGS_MAX = 255 };

static void count_warning(void *user, const char *source, unsigned line, const char *why)
{
    unsigned *warnings = user;
    (void)source;
    (void)line;
    (void)why;
    ++*warnings;
}

size_t ike_keylog_try(const char *text, size_t length)
{
    unsigned warnings = 0;
    ike_keyring *ring = ike_keyring_new(count_warning, &warnings);
    ike_keylog *log = ike_keylog_new(ring, IKE_SOURCE_KEYLOG, "");
    ike_keylog_feed(log, text, length);
    ike_keylog_finish(log);
    const ike_key_log *counts = ike_keylog_counts(log);
    unsigned sas = counts->ike_sas + counts->esp_sas + counts->plaintexts;
    unsigned found = MIN(sas + ike_keylog_details(log), FOUND_MAX);
    size_t bytes = ike_keylog_secret_bytes(log), score = 0;
    if (bytes + found > 0)
        score = IKE_SCORE(bytes, found, WARNINGS_MAX - MIN(warnings, WARNINGS_MAX));
    ike_keylog_free(log);
    ike_keyring_free(ring);
    return score;
}
