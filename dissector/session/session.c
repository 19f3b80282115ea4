/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What outlives a message. State changes here, on the first pass, and is read on the later ones. */
#include "dissector/session/session.h"

#include "dissector/session/key_inputs.h"
#include "dissector/session/key_logs.h"
#include "dissector/session/packet_origin.h"
#include "dissector/session/tap.h"
#include "proto/network_order.h"
#include "registry/vendor_ids.h"

static ike_tracker *tracker;
static ike_keyring *keyring;
static ike_decrypt_context *decryption;
static ike_session_fill_fn fill_keyring;
static ike_session_fill_fn follow_keyring;
static ike_keyring_warn warn_keyring;
static void (*starting)(const packet_info *pinfo);
static void (*closing)(void);

static GPtrArray *warnings;     /* texts that live as long as the capture */
static uint32_t warnings_frame; /* where they are shown: of the first message; 0 none yet */
static GPtrArray
    *stored_data; /* ike_message_data that ike_message_record.attached has no space for */

enum { MAX_WARNINGS = 100 };

void ike_session_warn(const char *text)
{
    if (warnings && warnings->len < MAX_WARNINGS)
        g_ptr_array_add(warnings, (void *)text);
}

const char *ike_session_warning(unsigned index)
{
    return warnings && index < warnings->len ? g_ptr_array_index(warnings, index) : NULL;
}

static void session_open(void)
{
    warnings = g_ptr_array_new();
    warnings_frame = 0;
    stored_data = g_ptr_array_new();
    ike_frames_begin();
    tracker = ike_tracker_new();
    keyring = ike_keyring_new(warn_keyring, NULL);
    decryption = ike_decrypt_context_new(keyring);
    ike_key_logs_open(keyring, tracker);
    if (fill_keyring)
        fill_keyring(keyring);
}

static void session_close(void)
{
    if (closing && tracker)
        closing();
    ike_key_logs_close(warn_keyring);
    /* The tracker detaches the key states, which refer to the key ring. */
    ike_tracker_free(tracker);
    tracker = NULL;
    ike_decrypt_context_free(decryption);
    decryption = NULL;
    ike_keyring_free(keyring);
    keyring = NULL;
    if (warnings)
        g_ptr_array_free(warnings, TRUE);
    warnings = NULL;
    if (stored_data)
        g_ptr_array_free(stored_data, TRUE);
    stored_data = NULL;
}

ike_tracker *ike_session_tracker(void)
{
    return tracker;
}

ike_keyring *ike_session_keyring(void)
{
    return keyring;
}

ike_decrypt_context *ike_session_decryption(void)
{
    return decryption;
}

void ike_session_set_sources(ike_session_fill_fn fill, ike_session_fill_fn follow)
{
    fill_keyring = fill;
    follow_keyring = follow;
}

void ike_session_set_warn(ike_keyring_warn warn)
{
    warn_keyring = warn;
}

void ike_session_set_starting(void (*fn)(const packet_info *pinfo))
{
    starting = fn;
}

void ike_session_set_closing(void (*fn)(void))
{
    closing = fn;
}

void ike_session_follow(void)
{
    if (follow_keyring)
        follow_keyring(keyring);
}

static void crypto_free(void *attached)
{
    ike_crypto_free(attached);
}

static void crypto_attach(ike_sa *sa, ike_crypto *crypto)
{
    sa->attached = crypto;
    sa->detach = crypto_free;
}

/* An IKE SA with the SPIs of an earlier one in the other order: its messages are forged from that
 * one's, whose keys fit. */
static bool is_mirrored(const ike_sa *sa)
{
    const ike_sa *other = ike_tracker_sa_with_spis(tracker, sa->responder_spi, sa->initiator_spi);

    return sa->responder_spi && other && other->stream < sa->stream;
}

static ike_crypto *crypto_of(ike_sa *sa)
{
    if (!sa->attached)
        crypto_attach(sa,
                      ike_crypto_new(decryption, sa->major, sa->initiator_spi, sa->responder_spi));
    ike_crypto_set_sides_swapped(sa->attached, sa->roles_swapped);
    return sa->attached;
}

ike_crypto *ike_session_crypto(const ike_packet *pkt)
{
    ike_sa *sa = pkt->data ? pkt->data->sa : NULL;

    if (!sa || (!sa->attached && is_mirrored(sa)))
        return NULL;
    return crypto_of(sa);
}

_Static_assert((int)IKE_VERIFIED_FRAMES == (int)IKE_INIT_FRAMES, "the same frames");

/* ike_sa.vendor_bits has a bit for each vendor. */
_Static_assert(IKE_VENDOR_COUNT <= 64, "a bit for each");

/* A Vendor ID in clear says nothing once messages of the IKE SA were authenticated. */
static bool is_credible(const ike_packet *pkt)
{
    return !pkt->not_authentic &&
           (pkt->decrypted || !pkt->data || !pkt->data->sa || !pkt->data->sa->decrypted_messages);
}

void ike_session_record_vendor(ike_packet *pkt, unsigned vendor)
{
    if (!is_credible(pkt))
        return;
    pkt->vendors |= UINT64_C(1) << vendor;
    if (pkt->first_pass && pkt->data && pkt->data->sa)
        pkt->data->sa->vendor_bits |= UINT64_C(1) << vendor;
}

static void read_vendors(ike_packet *pkt)
{
    pkt->vendors = pkt->data && pkt->data->sa ? pkt->data->sa->vendor_bits : 0;
}

/* Which message of its frame this is, from 0: a TCP segment, reassembled or not, can hold several,
 * and ESP can hold more IKE. Where a message stands would not do: TCP reassembles each into bytes
 * of their own. */
static uint32_t place_of(const ike_packet *pkt)
{
    return ike_frame_of(pkt->pinfo)->messages++;
}

/* A message quoted by an ICMP error was sent before, and is truncated: it is not part of the
 * session. */
static void record_unreachable(const ike_packet *pkt)
{
    ike_icmp_error error;

    if (tracker && pkt->first_pass)
        ike_tracker_unreachable(tracker, pkt->msg,
                                ike_read_icmp_error(pkt->tvb, pkt->pinfo, &error) ? &error : NULL);
}

/* What the first pass stores for later ones, in ike_message_record.attached: the hint of decryption
 * and the index of a fragment, where they fit, which they do in most messages; else the number
 * of a copy of the data. */
enum {
    STORED_COPY = 1u << 31,
    HINT_BITS = 5,
    FRAGMENT_SHIFT = 2 * HINT_BITS,
    MAX_FRAGMENTS = 1u << 20
};

static bool fits_in_record(const ike_message_data *data)
{
    const ike_decrypt_hint *hint = &data->hint;

    return !hint->iv_length && !hint->group_auth && hint->status < 1 << HINT_BITS &&
           hint->generation < 1 << HINT_BITS && data->fragment < MAX_FRAGMENTS;
}

static void store_data(ike_message_record *record, const ike_message_data *data)
{
    if (fits_in_record(data)) {
        record->attached = (uint32_t)data->hint.status << HINT_BITS | data->hint.generation |
                           data->fragment << FRAGMENT_SHIFT;
        return;
    }
    record->attached = STORED_COPY | stored_data->len;
    g_ptr_array_add(stored_data, wmem_memdup(wmem_file_scope(), data, sizeof *data));
}

static void load_data(ike_message_data *data, const ike_message_record *record)
{
    enum { HINT = (1 << HINT_BITS) - 1 };
    uint32_t stored = record->attached;

    if (stored & STORED_COPY) {
        *data = *(const ike_message_data *)g_ptr_array_index(stored_data, stored & ~STORED_COPY);
    } else {
        data->hint.status = (uint8_t)(stored >> HINT_BITS & HINT);
        data->hint.generation = (uint8_t)(stored & HINT);
        data->fragment = stored >> FRAGMENT_SHIFT;
    }
    data->sa = ike_tracker_stream(tracker, record->exchange->sa->stream);
    data->record = record;
}

static void find_sa(ike_packet *pkt)
{
    if (pkt->pinfo->flags.in_error_pkt) {
        record_unreachable(pkt);
        return;
    }
    uint32_t frame = pkt->pinfo->num, place = place_of(pkt);

    pkt->msg->place = (uint16_t)place;
    if (!tracker || place > UINT16_MAX)
        return;
    const ike_message_record *record = ike_tracker_record(tracker, frame, pkt->msg->place);
    if (!record && !pkt->first_pass)
        return;
    if (!record && ike_tracker_is_stray(tracker, pkt->msg))
        return;
    pkt->data = wmem_new0(pkt->pinfo->pool, ike_message_data);
    pkt->data->shows_warnings = place == 0 && warnings_frame == frame;
    if (record) {
        load_data(pkt->data, record);
        return;
    }
    if (!warnings_frame) {
        if (starting)
            starting(pkt->pinfo);
        pkt->data->shows_warnings = true;
        warnings_frame = frame;
    }
    ike_session_follow();
    ike_sa *sa = ike_tracker_sa_of(tracker, pkt->msg);
    pkt->data->sa = sa;
    if (sa->responder_spi && sa->attached)
        ike_crypto_set_responder_spi(sa->attached, sa->responder_spi);
}

void ike_session_begin(ike_packet *pkt)
{
    find_sa(pkt);
    read_vendors(pkt);
}

/* The IKE SA that this message's exchange brought gets its keys, once they are derived and the
 * tracker has it. Both sides may begin one at once (RFC 7296 2.8.2): its SPIs say which it is. */
static void hand_over_rekeyed(ike_sa *sa)
{
    uint64_t spis[2];

    if (!sa->attached || !ike_crypto_rekeyed_spis(sa->attached, spis))
        return;
    const ike_sa *found = ike_tracker_sa_with_spis(tracker, spis[0], spis[1]);
    ike_sa *next = found ? ike_tracker_stream(tracker, found->stream) : NULL;
    if (next && !next->attached)
        crypto_attach(next, ike_crypto_take_rekeyed(sa->attached));
}

static void hand_over_authentication(ike_sa *sa, bool of_initiator)
{
    enum { ID_HEADER = 4 }; /* type, protocol, port (RFC 2407 4.6.2) */

    ike_auth_result record = ike_crypto_auth(crypto_of(sa), of_initiator);
    static const ike_authentication auth_texts[] = {
        [IKE_AUTH_UNKNOWN] = IKE_AUTHENTICATION_UNKNOWN,
        [IKE_AUTH_VERIFIED] = IKE_AUTHENTICATION_VERIFIED,
        [IKE_AUTH_WRONG] = IKE_AUTHENTICATION_WRONG,
    };

    ike_sa_set_auth(tracker, sa, of_initiator, auth_texts[record.status], record.reason);
    ike_sa_set_other_psk(sa, of_initiator, ike_crypto_has_other_psk(crypto_of(sa), of_initiator));
    ike_span id = ike_crypto_authenticated_id(crypto_of(sa), of_initiator);
    if (id.length < ID_HEADER)
        return;
    const ike_identity identity = {
        .type = id.data[0],
        .protocol = id.data[1],
        .port = ike_get_u16(id.data + 2),
        .data = {id.data + ID_HEADER, id.length - ID_HEADER},
        .body = id,
    };
    ike_sa_set_authenticated_id(tracker, sa, of_initiator, &identity);
}

/* AUTH covers it or needs what it has, and may have been captured before it. */
static bool is_covered_by_auth(const ike_sa *sa, const ike_message *msg)
{
    return msg->major == 2 && (msg->exchange == IKEV2_EXCHANGE_IKE_INTERMEDIATE ||
                               msg->exchange == IKEV2_EXCHANGE_IKE_AUTH ||
                               (msg->exchange == IKEV2_EXCHANGE_IKE_SA_INIT && sa->auth_begun));
}

/* Without any keys the first request of an IKE SA is of no use: the response alone has the suite,
 * with the layout of encrypted messages. A flood of requests leaves no key state. */
static bool has_no_key_inputs(const ike_message *msg)
{
    return msg->major == 2 && !msg->response && !msg->encrypted && ike_keyring_stays_empty(keyring);
}

/* From messages in clear and from those that were decrypted. */
static void update_keys(ike_packet *pkt)
{
    ike_sa *sa = pkt->data->sa;

    /* One that the snap length truncated has no part in AUTH, and may lack its nonce. */
    if (pkt->msg->captured || pkt->msg->decryption == IKE_DECRYPTION_NONE ||
        pkt->msg->decryption == IKE_FRAGMENT || has_no_key_inputs(pkt->msg))
        return;
    ike_crypto *crypto = ike_session_crypto(pkt);
    if (!crypto)
        return;
    ike_key_inputs inputs;
    ike_key_inputs_of_message(pkt, sa, &inputs);
    ike_crypto_update_keys(crypto, &inputs);
    ike_group_auth of_group = ike_crypto_group_auth(crypto);
    pkt->data->hint.group_auth = (uint8_t)of_group;
    if (of_group == IKE_GROUP_AUTH_WRONG || of_group == IKE_GROUP_AUTH_MISSING)
        pkt->msg->not_authentic = true;
    hand_over_rekeyed(sa);
    /* A rekeyed IKE SA has no IKE_AUTH (RFC 7296 2.18). */
    if (sa->rekeyed_from)
        return;
    if (inputs.auth_method || inputs.v1_hash_data.length || inputs.v1_signature.length ||
        is_covered_by_auth(sa, pkt->msg)) {
        hand_over_authentication(sa, true);
        hand_over_authentication(sa, false);
    }
}

/* Which of several IKE_SA_INIT messages are the true ones. */
static void hand_over_verified_frames(ike_sa *sa)
{
    uint32_t frames[IKE_VERIFIED_FRAMES];

    if (sa->attached && ike_crypto_verified_frames(sa->attached, frames))
        ike_sa_set_verified_init(tracker, sa, frames);
}

void ike_session_end(ike_packet *pkt)
{
    if (!pkt->data)
        return;
    if (pkt->first_pass && !pkt->data->record) {
        update_keys(pkt);
        ike_message_record *record = ike_tracker_message(tracker, pkt->data->sa, pkt->msg);
        store_data(record, pkt->data);
        pkt->data->record = record;
        hand_over_rekeyed(pkt->data->sa);
        hand_over_verified_frames(pkt->data->sa);
    }
}

void ike_session_set_reading(bool reading)
{
    ike_tracker_set_reading(tracker, reading);
}

void ike_register_session(void)
{
    register_init_routine(session_open);
    register_cleanup_routine(session_close);
    register_shutdown_routine(ike_decrypt_cleanup);
}
