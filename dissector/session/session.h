/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What outlives a message: the tracker and the key ring of the capture, the key state that hangs on
 * each IKE SA, and the note that every message leaves for later passes. The facts of analysis/ and
 * of decrypt/ meet here and nowhere else. */
#ifndef IKE_SESSION_H
#define IKE_SESSION_H

#include "dissector/transport/fragment.h"
#include "dissector/base/packet.h"

#include "analysis/tracker/tracker.h"

/* What is known of a message while it is dissected. A later pass finds it by the verdict, which is
 * kept for each frame and place in the frame, and what hangs on it. */
struct ike_message_data {
    ike_sa *sa;
    const ike_message_record *record; /* NULL until the first pass is through */
    ike_decrypt_hint hint;            /* what opened it */
    ike_fragment_set *fragments;      /* that it is one of: fragment.h */
    bool shows_warnings; /* the capture's first message: what was wrong with the keys */
};

/* Finds the IKE SA of the message when its header has been read. */
void ike_session_begin(ike_packet *pkt);

/* Takes the message in when its payloads have been read, on the first pass; on every pass shows
 * what is known of it: links, state, findings. */
void ike_session_end(ike_packet *pkt);

/* The key state of the message's IKE SA (ike_sa.attached), made now if there was none; NULL when
 * there is no IKE SA. */
ike_crypto *ike_session_crypto(const ike_packet *pkt);

/* Notes a vendor whose ID was in the message, and who was heard in the IKE SA so far
 * (ike_sa.marks), as 1 << ike_vendor. */
void ike_session_hear_vendor(ike_packet *pkt, unsigned vendor);
uint64_t ike_session_vendors(const ike_packet *pkt);

/* Notes that an SA payload of DOI 2 was in the message, and whether one was in the IKE SA so far.
 */
void ike_session_set_gdoi(ike_packet *pkt);
bool ike_session_is_gdoi(const ike_packet *pkt);

/* Reads on in the key log when it has grown; looks at most twice a second. First pass only. */
void ike_session_follow(void);

/* The tracker and the key ring of the capture; NULL before the first capture is opened. */
ike_tracker *ike_session_tracker(void);
ike_keyring *ike_session_keyring(void);

/* Dissects what follows the header of an IKEv1 message with the encryption bit. */
void ikev1_dissect_encrypted(ike_packet *pkt, tvbuff_t *body, uint8_t first);

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
void ike_session_set_starting(void (*fn)(packet_info *pinfo));

/* Called before the tracker of a capture goes: the last chance to read it. */
void ike_session_set_closing(void (*fn)(void));

#endif
