/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1: what cannot be an encrypted message of its exchange. */
#include <glib.h>
#include <string.h>

#include "analysis/tracker/exchange.h"
#include "proto/ike_numbers.h"

/* What encrypted messages begin with (RFC 2409 5; XAUTH and mode config). Certificates,
 * notifies, NAT-D and vendor IDs may come first where no HASH has to. */
static const struct {
    uint8_t exchange;
    bool has_id;
    uint8_t payloads[8]; /* 0: no more */
} encrypted_messages[] = {
    {IKEV1_EXCHANGE_MAIN_MODE,
     false,
     {IKEV1_PAYLOAD_ID, IKEV1_PAYLOAD_CERT, IKEV1_PAYLOAD_HASH, IKEV1_PAYLOAD_SIG}},
    {IKEV1_EXCHANGE_AGGRESSIVE_MODE,
     false,
     {IKEV1_PAYLOAD_CERT, IKEV1_PAYLOAD_HASH, IKEV1_PAYLOAD_SIG, IKEV1_PAYLOAD_NOTIFY,
      IKEV1_PAYLOAD_VENDOR_ID, IKEV1_PAYLOAD_NAT_D, IKEV1_PAYLOAD_NAT_D_DRAFTS_04_08,
      IKEV1_PAYLOAD_NAT_D_DRAFTS_00_03}},
    {IKEV1_EXCHANGE_QUICK_MODE, true, {IKEV1_PAYLOAD_HASH}},
    {IKEV1_EXCHANGE_TRANSACTION, true, {IKEV1_PAYLOAD_HASH}},
    {IKEV1_EXCHANGE_INFORMATIONAL, true, {IKEV1_PAYLOAD_HASH}},
};

/* HASH covers the message ID and not the exchange type (RFC 2409 5.5): what was sent in one
 * exchange verifies in another. Phase 1 alone has no message ID (RFC 2408 3.1), and in aggressive
 * mode the identity is in clear. */
static bool is_of_other_exchange(const ike_sa *sa, const ike_message *m)
{
    bool attributes = ike_message_has(m, IKEV1_PAYLOAD_ATTR) || m->config_type;
    if (sa->init && ikev1_exchange_is_phase1(m->exchange) != (m->message_id == 0))
        return true;
    switch (m->exchange) {
    case IKEV1_EXCHANGE_AGGRESSIVE_MODE:
        return ike_message_has(m, IKEV1_PAYLOAD_ID);
    case IKEV1_EXCHANGE_QUICK_MODE:
        return attributes || ike_message_has(m, IKEV1_PAYLOAD_DELETE);
    case IKEV1_EXCHANGE_TRANSACTION:
        return !attributes;
    case IKEV1_EXCHANGE_INFORMATIONAL:
        return attributes || ike_message_has(m, IKEV1_PAYLOAD_SA);
    default:
        return false;
    }
}

bool ikev1_is_misfit(const ike_sa *sa, const ike_message *m)
{
    enum { KNOWN_FLAGS = 3, LEAST_BLOCK = 8 };
    if (sa->major == 1 && m->decryption == IKE_DECRYPTION_DONE)
        return is_of_other_exchange(sa, m);
    if (sa->major != 1 || m->decryption != IKE_DECRYPTION_NONE)
        return false;
    if (m->minor || m->flags & ~KNOWN_FLAGS || !m->first_payload || m->length <= IKE_HEADER ||
        (m->length - IKE_HEADER) % LEAST_BLOCK)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(encrypted_messages); i++)
        if (encrypted_messages[i].exchange == m->exchange)
            return encrypted_messages[i].has_id != (m->message_id != 0) ||
                   !memchr(encrypted_messages[i].payloads, m->first_payload,
                           sizeof encrypted_messages[i].payloads);
    return false;
}
