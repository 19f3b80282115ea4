/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tracker: IKE SAs by their SPIs, exchanges by message ID, Child SAs by their SPIs, and for
 * each message what it answers and of what it is a retransmission or copy. It records evidence and
 * draws no conclusion.
 *
 * Call order for each IKE message, on the first pass over its frame only and in the capture's
 * order: sa = ike_tracker_sa_of(tracker, m);        header and addresses are known, nothing
 * decrypted yet
 *   ... decrypt, read the payloads into m ...
 *   record = ike_tracker_message(tracker, sa, m);
 * The record lives as long as the tracker, later passes read it: ike_tracker_record() finds it.
 * What it points to grows while the capture is read: a response, a Child SA may be added to an
 * earlier message.
 *
 * All structures are for reading; only `attached`, `detach` and `vendor_bits` of an ike_sa and
 * `attached` of a record belong to the caller. Nothing is thread safe. */
#ifndef IKE_TRACKER_H
#define IKE_TRACKER_H

#include "analysis/tracker/records.h"

ike_tracker *ike_tracker_new(void);
void ike_tracker_free(ike_tracker *tracker); /* detaches; NULL is fine */

/* Whether the message belongs to no IKE SA whatever its SPIs say: it is encrypted and has no
 * responder's SPI (RFC 7296 2.6, RFC 2408 3.1), goes from an address to itself where the peers have
 * two, or answers the first message of an IKE SA between two other addresses. */
bool ike_tracker_is_stray(ike_tracker *tracker, const ike_message *m);

/* The IKE SA that the message belongs to, made when it is new; never NULL. Needs of m: frame, time,
 * addresses, header and what distinguishes copies from retransmissions. A response that brings the
 * responder's SPI sets it here already; see `responder_spi` afterwards. */
ike_sa *ike_tracker_sa_of(ike_tracker *tracker, const ike_message *m);

/* Records a message (or fragment), first pass, and returns its record; never NULL.
 *
 * When the message completed the rekey of the IKE SA, record->exchange->more->new_sa (also
 * sa->rekeyed_to) is the IKE SA that replaces it, made here: its keys are attached to it. With
 * additional key exchanges (RFC 9370) its keys are ready only after the last IKE_FOLLOWUP_KE, so
 * look at sa->rekeyed_to after each message while nothing is attached there. */
ike_message_record *ike_tracker_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m);

/* The IKE SA with this pair of SPIs, or NULL. */
const ike_sa *ike_tracker_sa_with_spis(const ike_tracker *tracker, uint64_t initiator_spi,
                                       uint64_t responder_spi);

/* An ICMP error carries the beginning of a message that was sent before: needs the header and the
 * addresses of `m`, and the frame of the ICMP error. `error` NULL: nothing is known of the error
 * itself. First pass. */
void ike_tracker_unreachable(ike_tracker *tracker, const ike_message *m,
                             const ike_icmp_error *error);

/* Counts one ESP (or AH) packet; first pass only. `ip_id` 0 and `interface` 0 where unknown,
 * `bytes` of the ESP packet. NULL when the table of unknown SPIs is full. */
typedef struct {
    uint32_t spi, sequence, frame, bytes;
    uint64_t time_ns;
    ike_endpoint source, destination;
    uint64_t digest; /* keyed, of what all copies of the packet have in common */
    uint32_t interface;
    uint8_t ttl;
    uint32_t sequence_high; /* of an extended sequence number, where its ICV verified */
    bool high_known;
    bool decrypted;
    bool truncated_icv; /* HMAC-SHA-256-128 was negotiated, its ICV has 96 bits */
    bool not_authentic; /* its ICV is known to be wrong */
} ike_esp_packet;
ike_esp_flow *ike_tracker_esp(ike_tracker *tracker, const ike_esp_packet *packet);

/* An ICMP error in this frame quotes an ESP packet that was sent before. First pass. */
void ike_tracker_esp_unreachable(ike_tracker *tracker, uint32_t spi, const ike_endpoint *to,
                                 uint32_t frame, const ike_icmp_error *error);

/* What the flows of one direction, by ->next, add up to. */
typedef struct {
    uint32_t packets, decrypted, not_authentic, truncated_icv;
    uint64_t bytes;
    uint64_t lost;     /* sequence numbers missing between the lowest and the highest */
    uint64_t late;     /* came after a higher one: reordered */
    uint64_t replayed; /* the same packet again, where the capture is not a doubled one */
    uint64_t reused;   /* a sequence number again, with another packet */
    uint64_t copies;   /* captured more than once */
    uint64_t first_sequence;
    uint32_t first_frame, last_frame; /* 0 none */
    uint64_t last_ns;
} ike_esp_health;
ike_esp_health ike_esp_health_of(const ike_esp_flow *flows);
/* The same of one flow that no Child SA claims. */
ike_esp_health ike_esp_health_of_flow(const ike_esp_flow *flow);

/* The result of authenticating one side; `reason` NULL or text (it is copied). Call it when it is
 * known, again when it changes, on the first pass. */
void ike_sa_set_auth(ike_tracker *tracker, ike_sa *sa, bool of_initiator,
                     ike_authentication authentication, const char *reason);

/* AUTH of a side verifies, and the other side is known to have another PSK. First pass. */
void ike_sa_set_other_psk(ike_sa *sa, bool of_initiator, bool known);

/* Of several messages that claim to be those of IKE_SA_INIT or phase 1 the ones in these frames are
 * true, as keys that were verified tell; 0 not known: request and response (IKEv1: messages 1 and
 * 2), those with the KE of the initiator and the responder, those with the HASH or SIG of the two.
 * The same again changes nothing. First pass. */
enum { IKE_INIT_FRAMES = 6 };
void ike_sa_set_verified_init(ike_tracker *tracker, ike_sa *sa,
                              const uint32_t frames[IKE_INIT_FRAMES]);

/* IKEv1: the identity that a side proved to have, whatever others were claimed for it in clear.
 * First pass. */
void ike_sa_set_authenticated_id(ike_tracker *tracker, ike_sa *sa, bool of_initiator,
                                 const ike_identity *id);

/* The record of the message at a place in a frame, NULL when there is none. In logarithmic time;
 * the messages must have come in the order of their frames. */
ike_message_record *ike_tracker_record(const ike_tracker *tracker, uint32_t frame, uint16_t place);

/* Number of IKE SAs, and one by its stream number (NULL beyond the last). */
uint32_t ike_tracker_count(const ike_tracker *tracker);
ike_sa *ike_tracker_stream(const ike_tracker *tracker, uint32_t stream);

/* The same for Child SAs. */
uint32_t ike_tracker_child_count(const ike_tracker *tracker);
const ike_child *ike_tracker_child(const ike_tracker *tracker, uint32_t number);

/* ESP flows whose SPI no Child SA claims. */
uint32_t ike_tracker_unknown_flows(const ike_tracker *tracker);
/* Calls fn for each of them, by the frame in which it begins. */
void ike_tracker_each_unknown_flow(const ike_tracker *tracker,
                                   void (*fn)(const ike_esp_flow *flow, void *user), void *user);

/* While the capture is read, what follows a message is not known yet: that nothing does says
 * nothing. Afterwards, as it is at first, nothing has followed. */
void ike_tracker_set_reading(ike_tracker *tracker, bool reading);
bool ike_tracker_is_reading(const ike_tracker *tracker);

/* The newest IKE SA between the peers of `sa`, which may be `sa`. */
const ike_sa *ike_sa_newest_between(const ike_sa *sa);
/* Of those in which both sides sent protected messages, NULL none: one message begins another. */
const ike_sa *ike_sa_newest_used_between(const ike_sa *sa);

/* The path itself, or the one that has the same packets inside a NAT. */
const ike_path *ike_path_inside(const ike_sa *sa, const ike_path *path);

/* Is the sender of `m` the initiator of the IKE SA? IKEv2: the I flag; IKEv1: by the addresses. */
bool ike_sa_from_initiator(const ike_sa *sa, const ike_message *m);

/* The negotiated algorithms in one line of text; "" when unknown. Lives as long as the tracker. */
const char *ike_sa_algorithms(const ike_sa *sa);

/* ---- what follows from the record ------------------------------------------------------------ */

/* O(1) functions of the record at the time of the call. */
ike_sa_state ike_sa_state_of(const ike_sa *sa);
bool ike_sa_was_up(const ike_sa *sa);
/* The message with which it came up, seen or inferred; NULL when it did not. */
const ike_message_record *ike_sa_up_since(const ike_sa *sa);
/* From what it is inferred that it came up, or IKE_INFERRED_NOT where that was seen. */
ike_inference ike_sa_inference(const ike_sa *sa);
/* ESP of no known Child SA goes both ways between its peers. */
static inline bool ike_sa_has_esp_both_ways(const ike_sa *sa)
{
    return sa->esp_seen[0] && sa->esp_seen[1];
}
ike_child_state ike_child_state_of(const ike_child *child);

/* How much an exchange after the set-up is evidence of: its first message that is protected, NULL
 * none, and how many there are, retransmissions included; a verified one counts as two. A single
 * one that was not decrypted may be forged: it neither proves nor withdraws anything. */
typedef struct {
    const ike_message_record *first;
    unsigned messages; /* at most IKE_CONFIRMED */
} ike_evidence;
enum { IKE_CONFIRMED = 2 };
ike_evidence ike_exchange_evidence(const ike_exchange *exchange);
/* May be NULL, of which nothing is seen. */
bool ike_exchange_took_place(const ike_exchange *exchange);
/* IKEv2: the other side had a request under way that is no forged one. */
bool ike_exchange_is_crossed(const ike_exchange *exchange);

/* Time since a message, in nanoseconds. */
uint64_t ike_waited_ns(const ike_tracker *tracker, const ike_message_record *record);
/* When a request was sent for the last time, and the time since then, in nanoseconds. */
uint64_t ike_last_sent_ns(const ike_message_record *request);
uint64_t ike_unanswered_ns(const ike_message_record *request);
/* Whether the sender of a request does not get its response: of its retransmissions `times` tell
 * it, all or those after the response. A capture that ends right after the second one tells
 * nothing, unless it waits long already: what ends the waiting may come next. */
bool ike_waits_in_vain(const ike_message_record *request, uint32_t times);
/* IKEv2: how many responses the requester has not got: it retransmitted the request after each of
 * them. The last one, sent again for the last retransmission, may have arrived. */
uint32_t ike_retransmitted_unheard(const ike_exchange *exchange);

/* A true response comes at about the time of a forged one that is sent before it or at once. One that
 * comes later than this changes nothing. */
#define IKE_CONTEST_NS IKE_SECOND

/* IKEv2, nothing decrypted: the response to IKE_AUTH that looks like an error, where another one
 * sets up the IKE SA and neither side goes on. One of the two is forged. NULL none. */
const ike_message_record *ike_sa_contested_refusal(const ike_sa *sa);

/* IKEv1 phase 1 and quick mode: the last message is in the capture, and the other side goes on
 * repeating the one before it: it has not arrived. */
bool ike_exchange_last_unheard(const ike_exchange *exchange);
/* Whether the last message that sets up the IKE SA is in the capture, but does not reach the side
 * that waits for it: that side goes on asking. */
bool ike_sa_last_unheard(const ike_sa *sa);
/* IKEv2: whether there is a later IKE SA between its peers whose initiator begins with message ID 0
 * without IKE_SA_INIT: it replaced one that was up, whatever is missing (RFC 7296 2.2, 2.18). */
bool ike_sa_has_unannounced_successor(const ike_sa *sa);

const char *ike_sa_state_text(ike_sa_state state);

/* Whether it is no IKE SA but the Rekey SA of a group: its keys were downloaded over an IKE SA, and
 * the key server sends GROUPKEY-PUSH (RFC 6407 4) or GSA_REKEY (RFC 9838 2.4) under it. */
bool ike_sa_is_group_rekey(const ike_sa *sa);

/* IKEv1: no message was seen that the initiator or the responder of phase 1 alone sends. */
static inline bool ike_sa_has_inferred_roles(const ike_sa *sa)
{
    return sa->major == 1 && !sa->roles_known && !ike_sa_is_group_rekey(sa);
}

const char *ike_child_state_text(ike_child_state state);
const char *ike_inference_text(ike_inference inference); /* "IKE_AUTH response not decrypted" */

#endif
