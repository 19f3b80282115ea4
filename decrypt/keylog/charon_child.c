/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Child SAs of a thread of charon: their keys, and then the SPIs they belong to. */
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/charon.h"
#include "proto/ike_numbers.h"

void charon_wipe_child(charon_thread *t)
{
    OPENSSL_cleanse(t->child_keys, sizeof t->child_keys);
    memset(t->child_lengths, 0, sizeof t->child_lengths);
    t->child_in = t->child_out = t->child_of_ah = false;
    t->direction = DIRECTION_NONE;
}

/* The shared secrets that waited are those of this Child SA, where the log has no groups. */
static void take_dh(charon_thread *t)
{
    if (t->item_group != GROUP_UNKNOWN || t->child_dh[0].bytes != NULL)
        return;
    memcpy(t->child_dh, t->ike_dh, sizeof t->child_dh);
    memset(t->ike_dh, 0, sizeof t->ike_dh);
}

void charon_put_child_key(charon *c, charon_thread *t, child_key which, ike_span key)
{
    if (which == CHILD_EI || (which == CHILD_AI && t->child_lengths[CHILD_AI] != 0)) {
        charon_wipe_child(t);
        take_dh(t);
    }
    if (key.length > CHARON_KEY_MAX) {
        ike_keylog_warn(c->log, t->item_line, "longer than any key of a Child SA");
        return;
    }
    memcpy(t->child_keys[which], key.data, key.length);
    t->child_lengths[which] = key.length;
}

static bool child_suite(const charon_thread *t, ike_suite *suite)
{
    *suite = t->esp_suite;
    if (t->child_encryption[0] == '\0')
        return t->has_esp_suite;
    suite->encryption = suite->key_bits = suite->integrity = 0;
    return ike_encryption_by_name(t->child_encryption, t->child_lengths[CHILD_EI],
                                  &suite->encryption, &suite->key_bits) &&
           (t->child_integrity[0] == '\0' ||
            ike_integrity_by_name(t->child_integrity, 0, &suite->integrity));
}

static void add_esp(charon *c, const charon_thread *t, uint32_t spi, bool to_responder)
{
    child_key encryption = to_responder ? CHILD_EI : CHILD_ER;
    child_key integrity = to_responder ? CHILD_AI : CHILD_AR;
    ike_esp_key key = {.spi = spi, .esn_known = t->has_esp_suite};
    key.protocol = t->child_of_ah ? IKEV2_PROTOCOL_AH : 0;
    key.has_suite = child_suite(t, &key.suite);
    key.encryption = (ike_span){t->child_keys[encryption], t->child_lengths[encryption]};
    key.integrity = (ike_span){t->child_keys[integrity], t->child_lengths[integrity]};
    (void)ike_keylog_add_esp(c->log, &key);
}

/* The SPI of one direction; its addresses are the daemon's, which a NAT on the way to the capture
 * changes, so they are left alone. Inbound packets of the exchange's initiator come from the
 * responder. Where the role is not known both keys are tried. */
static void child_spi(charon *c, charon_thread *t, uint32_t spi, child_direction direction)
{
    bool *done = direction == DIRECTION_IN ? &t->child_in : &t->child_out;
    bool has_keys = t->child_lengths[CHILD_EI] != 0 || t->child_lengths[CHILD_AI] != 0;
    if (!has_keys || *done)
        return;
    *done = true;
    bool inbound = direction == DIRECTION_IN;
    if (t->role != ROLE_RESPONDER)
        add_esp(c, t, spi, !inbound);
    if (t->role != ROLE_INITIATOR)
        add_esp(c, t, spi, inbound);
    if (t->child_in && t->child_out)
        charon_wipe_child(t);
}

/* "using AES_CBC for encryption" */
static bool algorithm_line(charon_thread *t, ike_text message)
{
    if (!ike_text_skip(&message, "using "))
        return false;
    ike_text name = ike_text_word(&message);
    char *into = NULL;
    if (ike_text_is(message, " for encryption")) {
        into = t->child_encryption;
        t->child_integrity[0] = '\0';
    } else if (ike_text_is(message, " for integrity")) {
        into = t->child_integrity;
    }
    size_t length = ike_text_length(name);
    if (into != NULL && length < sizeof t->child_encryption) {
        memcpy(into, name.at, length);
        into[length] = '\0';
    }
    return into != NULL;
}

bool charon_child_line(charon *c, charon_thread *t, ike_text message)
{
    uint64_t spi;
    if (ike_text_begins(message, "adding inbound ESP SA") ||
        ike_text_begins(message, "adding inbound AH SA")) {
        t->child_of_ah = ike_text_find(message, "AH SA") != NULL;
        t->direction = DIRECTION_IN;
    } else if (ike_text_begins(message, "adding outbound ESP SA") ||
               ike_text_begins(message, "adding outbound AH SA") ||
               ike_text_begins(message, "registering outbound ESP SA")) {
        t->direction = DIRECTION_OUT;
    } else if (t->direction != DIRECTION_NONE && ike_text_skip(&message, "SPI 0x")) {
        if (ike_text_hex_number(ike_text_until(&message, ','), &spi) && spi <= UINT32_MAX)
            child_spi(c, t, (uint32_t)spi, t->direction);
        t->direction = DIRECTION_NONE;
    } else {
        return algorithm_line(t, message);
    }
    return true;
}

void charon_child_established(charon *c, charon_thread *t, ike_text message)
{
    uint64_t in, out;
    ike_text word = ike_text_word(&message);
    if (!ike_text_hex_number(ike_text_until(&word, '_'), &in) || !ike_text_is(word, "i"))
        return;
    word = ike_text_word(&message);
    if (!ike_text_hex_number(ike_text_until(&word, '_'), &out) || !ike_text_is(word, "o"))
        return;
    if (in <= UINT32_MAX && out <= UINT32_MAX) {
        child_spi(c, t, (uint32_t)in, DIRECTION_IN);
        child_spi(c, t, (uint32_t)out, DIRECTION_OUT);
    }
}
