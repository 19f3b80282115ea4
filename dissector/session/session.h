/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What outlives a message: the tracker and the key ring of the capture, the key state of each IKE
 * SA, and the data that every message leaves for later passes. analysis/ and decrypt/ meet here and
 * nowhere else. */
#ifndef IKE_SESSION_H
#define IKE_SESSION_H

#include "analysis/tracker/tracker.h"
#include "decrypt/decrypt.h"
#include "dissector/base/packet.h"

/* Per-message data: found again by frame and place in the frame. */
struct ike_message_data {
    ike_sa *sa;
    const ike_message_record *record; /* NULL until the end of the first pass */
    ike_decrypt_hint hint;            /* what decrypted it */
    uint32_t fragment;                /* 1 + index in transport/fragment.c; 0: none */
    bool shows_warnings;              /* the first message of the capture: problems with keys */
};

/* Finds the IKE SA of the message when its header has been read: sets pkt->data and
 * pkt->vendors. */
void ike_session_begin(ike_packet *pkt);

/* Records the message once its payloads have been read, on the first pass: sets pkt->data->record.
 */
void ike_session_end(ike_packet *pkt);

/* Whether a message is shown on the first pass: what follows it is not known yet. */
void ike_session_set_reading(bool reading);

/* The key state of the message's IKE SA (ike_sa.attached), made now if there was none; NULL when
 * there is no IKE SA. */
ike_crypto *ike_session_crypto(const ike_packet *pkt);

/* Records a Vendor ID in the message for its IKE SA: pkt->vendors of all later messages. `vendor`
 * is an ike_vendor. Ignored if it is not authentic, or in clear after authenticated messages. */
void ike_session_record_vendor(ike_packet *pkt, unsigned vendor);

/* Reads on in the key log when it has grown; looks at most twice a second. First pass only. */
void ike_session_follow(void);

/* The tracker and the key ring of the capture; NULL before the first capture is opened. */
ike_tracker *ike_session_tracker(void);
ike_keyring *ike_session_keyring(void);

/* What the SAs of the capture share; NULL when there is no capture. */
ike_decrypt_context *ike_session_decryption(void);

/* What plugin/ sets: called at the start of every capture to fill the key ring from the
 * preferences, and for each message on the first pass (the key log may have grown). */
typedef void (*ike_session_fill_fn)(ike_keyring *ring);
void ike_session_set_sources(ike_session_fill_fn fill, ike_session_fill_fn follow);

/* A warning about a source of keys, shown in the first message of the capture. `text` lives as long
 * as the capture. */
void ike_session_warn(const char *text);

/* The warnings so far, by index from 0; NULL beyond the last. */
const char *ike_session_warning(unsigned index);

/* Called for a key log line that cannot be used. */
void ike_session_set_warn(ike_keyring_warn warn);

/* Called at the first message of a session, before its keys are looked for. */
void ike_session_set_starting(void (*fn)(const packet_info *pinfo));

/* Called before the tracker of a capture goes: the last chance to read it. */
void ike_session_set_closing(void (*fn)(void));

void ike_register_session(void);

#endif
