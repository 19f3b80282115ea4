/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/keylog/trial.h"

#include "decrypt/keylog/keylog.h"

size_t ike_keylog_try(const char *text, size_t length, unsigned width)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    ike_keylog *log = ike_keylog_new(ring, IKE_SOURCE_KEYLOG, "");
    ike_keylog_set_width(log, width);
    ike_keylog_feed(log, text, length);
    ike_keylog_finish(log);
    size_t bytes = ike_keylog_secret_bytes(log);
    ike_keylog_free(log);
    ike_keyring_free(ring);
    return bytes;
}
