/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What readers find in a log: secrets for the key ring, with the line that they are from, and
 * warnings. */
#include "decrypt/keylog/keylog_state.h"
#include "decrypt/keys/plaintexts.h"

enum {
    WARNINGS_MAX = 100, /* of one source */
    PAIR_E = 1,         /* of SK_ei and SK_er, behind that of SK_ai and SK_ar */
};

/* ---- the line under way ---------------------------------------------------------------------- */

unsigned ike_keylog_line_number(const ike_keylog *log)
{
    if (log->line == 0 || log->numbered_lines == 0)
        return log->line;
    if (log->line <= log->numbered_lines)
        return log->line_numbers[log->line - 1];
    return log->line_numbers[log->numbered_lines - 1] + log->line - log->numbered_lines;
}

void ike_keylog_set_origin_line(ike_keylog *log, unsigned line)
{
    log->origin_line = line;
}

void ike_keylog_set_hint(ike_keylog *log, const char *hint)
{
    log->hint = hint;
}

bool ike_keylog_has_recognised(const ike_keylog *log)
{
    return log->recognised;
}

void ike_keylog_warn(ike_keylog *log, unsigned line, const char *why)
{
    if (why == NULL || log->partial || log->warnings > WARNINGS_MAX)
        return;
    if (log->warnings++ == WARNINGS_MAX)
        why = "more lines like these; they are not listed";
    ike_keyring_complain(log->ring, log->name, line != 0 ? line : ike_keylog_line_number(log), why);
}

/* ---- secrets --------------------------------------------------------------------------------- */

/* What is added now comes from the line under way. */
static ike_keyring *ring_at_line(const ike_keylog *log)
{
    ike_keyring_set_origin(log->ring, log->label,
                           log->origin_line != 0 ? log->origin_line : ike_keylog_line_number(log));
    return log->ring;
}

ike_set_id ike_keylog_new_set(ike_keylog *log, uint8_t version)
{
    return ike_keyring_new_set(ring_at_line(log), log->source, version);
}

/* A secret of another length has lost or gained something. */
static void count_bytes(ike_keylog *log, size_t length)
{
    if (length % 4 == 0)
        log->secret_bytes += length;
}

/* The keys of both directions are of one length (RFC 7296 2.14): one that is not has lost or gained
 * something. */
static void count_pair(ike_keylog *log, ike_secret_kind kind, size_t length)
{
    if (kind < IKE_SECRET_SK_AI || kind > IKE_SECRET_SK_PR)
        return;
    unsigned pair = (kind - IKE_SECRET_SK_AI) / 2;
    log->details += log->pair_bytes[pair] == length;
    log->pair_bytes[pair] = length;
}

/* Only the shared secret of group 21 has another length, and both keys of AES-CCM, which end with a
 * salt of 3 bytes (RFC 5282 7.1). */
static void count_secret(ike_keylog *log, ike_secret_kind kind, size_t length)
{
    enum { ECP_521 = 66 };
    bool cipher = kind == IKE_SECRET_SK_EI || kind == IKE_SECRET_SK_ER;
    if (kind == IKE_SECRET_PLAINTEXT) /* messages outweigh all keys */
        return;
    if (kind == IKE_SECRET_DH_SHARED && length == ECP_521)
        log->secret_bytes += length;
    else if (cipher && length % 4 == 3 && length == log->pair_bytes[PAIR_E])
        log->secret_bytes += 2 * length;
    else
        count_bytes(log, length);
    count_pair(log, kind, length);
}

/* An SPI of a few digits is a part of one. */
static void count_sa(ike_keylog *log, ike_set_id set, uint64_t initiator_spi,
                     uint64_t responder_spi)
{
    log->details += ike_summary_bind(&log->summary, set, initiator_spi, responder_spi) &&
                    initiator_spi > UINT32_MAX && responder_spi > UINT32_MAX;
}

bool ike_keylog_set_has(const ike_keylog *log, ike_set_id set, ike_secret_kind kind)
{
    return ike_keyring_set_has(log->ring, set, kind);
}

bool ike_keylog_set_secret(ike_keylog *log, ike_set_id set, ike_secret_kind kind, ike_span secret)
{
    count_secret(log, kind, secret.length);
    if (!ike_keyring_set_secret(ring_at_line(log), set, kind, secret))
        return false;
    ike_summary_secret(&log->summary, set, kind);
    return true;
}

void ike_keylog_set_suite(ike_keylog *log, ike_set_id set, const ike_suite *suite)
{
    (void)ike_keyring_set_suite(log->ring, set, suite);
}

void ike_keylog_bind_set(ike_keylog *log, ike_set_id set, uint64_t initiator_spi,
                         uint64_t responder_spi)
{
    (void)ike_keyring_bind_set(log->ring, set, initiator_spi, responder_spi);
    count_sa(log, set, initiator_spi, responder_spi);
}

bool ike_keylog_add_secret(ike_keylog *log, uint8_t version, uint64_t initiator_spi,
                           uint64_t responder_spi, ike_secret_kind kind, ike_span secret)
{
    count_secret(log, kind, secret.length);
    if (!ike_keyring_add_secret(ring_at_line(log), log->source, version, initiator_spi,
                                responder_spi, kind, secret))
        return false;
    ike_summary_secret(&log->summary, 0, kind);
    if (kind != IKE_SECRET_PLAINTEXT)
        count_sa(log, 0, initiator_spi, responder_spi);
    return true;
}

bool ike_keylog_add_plaintext(ike_keylog *log, ike_span message, ike_span plaintext)
{
    uint64_t name[2];
    ike_plaintext_name(message, name);
    return ike_keylog_add_secret(log, 0, name[0], name[1], IKE_SECRET_PLAINTEXT, plaintext);
}

bool ike_keylog_add_peer(ike_keylog *log, ike_peer_kind kind, const char *peer, ike_span secret)
{
    enum { COUNTED = 16 }; /* its length says nothing: it may have swallowed the next dump */
    log->secret_bytes += MIN(secret.length, (size_t)COUNTED);
    if (!ike_keyring_add_peer(ring_at_line(log), log->source, kind, peer, secret))
        return false;
    ike_summary_peer(&log->summary, kind, secret);
    return true;
}

bool ike_keylog_add_esp(ike_keylog *log, const ike_esp_key *key)
{
    size_t bytes = key->encryption.length + key->integrity.length;
    if (log->last_spi != key->spi || log->last_bytes != bytes) { /* else of the same SA */
        count_bytes(log, key->encryption.length);
        count_bytes(log, key->integrity.length);
    }
    log->last_spi = key->spi;
    log->last_bytes = bytes;
    if (!ike_keyring_add_esp(ring_at_line(log), log->source, key))
        return false;
    if (ike_summary_esp(&log->summary, key->spi, key->encryption, key->integrity)) {
        log->details += key->spi >> 28 != 0; /* an SPI of seven digits may be cut */
        log->details += key->has_suite && key->suite.encryption != 0;
        log->details += key->has_suite && key->suite.integrity != 0;
    }
    return true;
}
