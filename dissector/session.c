/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What outlives a message. State changes here, on the first pass, and is read on the later ones. */
#include "session.h"

#include "facts.h"
#include "show.h"
#include "tap.h"

static ike_tracker *tracker;
static ike_keyring *keyring;
static ike_session_fill_fn fill_keyring;
static ike_session_fill_fn follow_keyring;
static ike_keyring_warn warn_keyring;
static void (*starting)(packet_info *pinfo);
static void (*closing)(void);

static GPtrArray *warnings; /* texts that live as long as the capture */
static bool warnings_placed;

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
    warnings_placed = false;
    tracker = ike_tracker_new();
    keyring = ike_keyring_new(warn_keyring, NULL);
    if (fill_keyring)
        fill_keyring(keyring);
}

static void session_close(void)
{
    if (closing && tracker)
        closing();
    /* The tracker detaches the key states, which refer to the key ring. */
    ike_tracker_free(tracker);
    tracker = NULL;
    ike_keyring_free(keyring);
    keyring = NULL;
    if (warnings)
        g_ptr_array_free(warnings, TRUE);
    warnings = NULL;
}

ike_tracker *ike_session_tracker(void)
{
    return tracker;
}

ike_keyring *ike_session_keyring(void)
{
    return keyring;
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

void ike_session_set_starting(void (*fn)(packet_info *pinfo))
{
    starting = fn;
}

void ike_session_set_closing(void (*fn)(void))
{
    closing = fn;
}

void ike_session_follow(void)
{
    enum { INTERVAL = 500000 }; /* microseconds */
    static int64_t last;
    int64_t now = g_get_monotonic_time();

    if (follow_keyring && now - last >= INTERVAL) {
        last = now;
        follow_keyring(keyring);
    }
}

static void keys_free(void *attached)
{
    ike_keys *keys = attached;

    if (keys) {
        ike_crypto_free(keys->crypto);
        g_free(keys);
    }
}

/* Hangs key state on an IKE SA that has none; `crypto` is taken, NULL for a fresh one. */
static void keys_attach(ike_sa *sa, ike_crypto *crypto)
{
    ike_keys *keys = g_new0(ike_keys, 1);

    keys->crypto =
        crypto ? crypto : ike_crypto_new(keyring, sa->major, sa->initiator_spi, sa->responder_spi);
    sa->attached = keys;
    sa->detach = keys_free;
}

ike_keys *ike_session_keys(const ike_packet *pkt)
{
    return pkt->note && pkt->note->sa ? pkt->note->sa->attached : NULL;
}

void ike_session_hear_vendor(ike_packet *pkt, unsigned vendor)
{
    ike_keys *keys = ike_session_keys(pkt);

    if (pkt->first_pass && keys)
        keys->vendors |= UINT64_C(1) << vendor;
}

uint64_t ike_session_vendors(const ike_packet *pkt)
{
    const ike_keys *keys = ike_session_keys(pkt);

    return keys ? keys->vendors : 0;
}

/* Which message of its frame this is, from 0: a TCP segment, reassembled or not, can hold several,
 * and ESP can hold more IKE. Where a message stands would not do: TCP reassembles each into octets
 * of their own. */
static uint32_t place_of(const ike_packet *pkt)
{
    return ike_frame_of(pkt->pinfo)->messages++;
}

/* What an ICMP error carries was sent before, and is cut short: it takes no part in its session. */
static void note_unreachable(const ike_packet *pkt)
{
    if (tracker && pkt->first_pass)
        ike_tracker_unreachable(tracker, pkt->msg);
}

void ike_session_begin(ike_packet *pkt)
{
    if (pkt->pinfo->flags.in_error_pkt) {
        note_unreachable(pkt);
        return;
    }
    uint32_t place = place_of(pkt);

    if (!tracker)
        return;
    pkt->note = p_get_proto_data(wmem_file_scope(), pkt->pinfo, proto_isakmp, place);
    if (pkt->note || !pkt->first_pass)
        return;
    if (!warnings_placed && starting)
        starting(pkt->pinfo);
    ike_session_follow();
    pkt->note = wmem_new0(wmem_file_scope(), ike_note);
    p_add_proto_data(wmem_file_scope(), pkt->pinfo, proto_isakmp, place, pkt->note);

    pkt->note->shows_warnings = !warnings_placed;
    warnings_placed = true;
    ike_sa *sa = ike_tracker_sa_of(tracker, pkt->msg);
    pkt->note->sa = sa;
    if (!sa->attached)
        keys_attach(sa, NULL);
    ike_keys *keys = sa->attached;
    if (sa->responder_spi)
        ike_crypto_set_responder_spi(keys->crypto, sa->responder_spi);
}

/* The IKE SA that this message's exchange brought gets its keys, once they are derived. */
static void hand_over_rekeyed(ike_sa *sa)
{
    ike_keys *keys = sa->attached;
    ike_sa *next = sa->rekeyed_to;

    if (!next || next->attached)
        return;
    ike_crypto *crypto = ike_crypto_take_rekeyed(keys->crypto);
    if (crypto)
        keys_attach(next, crypto);
}

static void hand_over_proof(ike_sa *sa, bool of_initiator)
{
    const ike_keys *keys = sa->attached;
    ike_auth_verdict verdict = ike_crypto_auth(keys->crypto, of_initiator);
    static const ike_proof proofs[] = {
        [IKE_AUTH_UNKNOWN] = IKE_PROOF_UNKNOWN,
        [IKE_AUTH_VERIFIED] = IKE_PROOF_VERIFIED,
        [IKE_AUTH_WRONG] = IKE_PROOF_WRONG,
    };

    ike_sa_set_auth(tracker, sa, of_initiator, proofs[verdict.result], verdict.reason);
}

/* What was plain or opened teaches; what is sealed does not (RFC: nothing on the word of a message
 * that did not authenticate). */
static void learn(ike_packet *pkt)
{
    ike_sa *sa = pkt->note->sa;
    ike_keys *keys = sa->attached;

    if (pkt->msg->opening == IKE_SEALED || pkt->msg->opening == IKE_FRAGMENT || !keys)
        return;
    ike_key_facts facts;
    ike_facts_for_keys(pkt, sa, &facts);
    ike_crypto_learn(keys->crypto, &facts);
    hand_over_rekeyed(sa);
    if (facts.auth_method || facts.v1_hash_data.length || facts.v1_signature.length) {
        hand_over_proof(sa, true);
        hand_over_proof(sa, false);
    }
}

void ike_session_end(ike_packet *pkt)
{
    if (!pkt->note)
        return;
    if (pkt->first_pass && !pkt->note->verdict) {
        learn(pkt);
        pkt->note->verdict = ike_tracker_message(tracker, pkt->note->sa, pkt->msg);
        hand_over_rekeyed(pkt->note->sa);
    }
    ike_show_note(pkt);
    ike_tap_message(pkt->pinfo, pkt->note->verdict);
}

void ike_register_session(void)
{
    register_init_routine(session_open);
    register_cleanup_routine(session_close);
    register_shutdown_routine(ike_decrypt_cleanup);
}
