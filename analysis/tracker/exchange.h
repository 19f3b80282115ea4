/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the tracker makes exchanges and links their messages; its own files only. */
#ifndef IKE_EXCHANGE_H
#define IKE_EXCHANGE_H

#include "analysis/tracker/content.h"
#include "analysis/tracker/records.h"
#include "proto/ike_numbers.h"

/* Between two times, whichever is the earlier. */
static inline uint64_t ike_time_apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* ---- exchange types ---- */

static inline bool ikev1_exchange_is_phase1(uint8_t type)
{
    return type == IKEV1_EXCHANGE_MAIN_MODE || type == IKEV1_EXCHANGE_AGGRESSIVE_MODE;
}

static inline bool ikev2_exchange_is_init(uint8_t type)
{
    return type == IKEV2_EXCHANGE_IKE_SA_INIT || type == IKEV2_EXCHANGE_IKE_SESSION_RESUME;
}

/* IKE_AUTH, and the same with a group (RFC 9838 2.3.1). */
static inline bool ikev2_exchange_is_auth(uint8_t type)
{
    return type == IKEV2_EXCHANGE_IKE_AUTH || type == IKEV2_EXCHANGE_GSA_AUTH;
}

/* ---- exchange.c ---- */

/* The newest exchange of an IKE SA with a message ID, or NULL. Side and kind are those of
 * ike_exchange. */
ike_exchange *ike_exchange_find(const ike_tracker *tracker, const ike_sa *sa, uint32_t message_id,
                                uint8_t side, uint8_t kind);
/* Whether two exchanges are of one IKE SA, message ID, side and kind. */
static inline bool ike_exchange_has_key_of(const ike_exchange *a, const ike_exchange *b)
{
    return a->message_id == b->message_id && a->side == b->side && a->kind == b->kind &&
           a->sa == b->sa;
}
/* Makes the exchange that the first message of a round begins; `earlier`: of the same key, or NULL.
 */
ike_exchange *ike_exchange_begin(ike_tracker *tracker, ike_sa *sa, const ike_message *m,
                                 uint8_t side, uint8_t kind, ike_exchange *earlier);
/* What few exchanges have, to write it; made when it is first written. */
ike_exchange_more *ike_exchange_write_more(ike_exchange *exchange);
/* IKEv2: request message IDs grow by one (RFC 7296 2.2); one that is far above the last is forged,
 * as long as the other side does not respond. */
bool ike_exchange_has_credible_id(const ike_exchange *exchange);
/* Its request, if it was not decrypted, is more than one message that may be forged: it is answered
 * or sent again. */
bool ike_exchange_has_confirmed_request(const ike_exchange *exchange);
/* The exchange has a message that counts: it is the newest of its type, if it is credible. */
void ike_exchange_record_newest(ike_exchange *exchange);
/* Appends a record of `m`. */
ike_message_record *ike_exchange_add(ike_tracker *tracker, ike_exchange *exchange,
                                     const ike_message *m, bool from_initiator);
/* The record is a message of its own, no retransmission and no copy. */
void ike_exchange_add_distinct(ike_message_record *record);
void ike_exchange_pair(ike_message_record *request, ike_message_record *response);

/* ---- ikev1_misfit.c ---- */

/* IKEv1: encrypted, and nothing that its exchange sends: by its header (RFC 2408 3.1), its length
 * or the payloads in it. False of other versions. */
bool ikev1_is_misfit(const ike_sa *sa, const ike_message *m);

/* ---- copies.c ---- */

/* The earlier message of the exchange that `m` is a retransmission or copy of, or NULL. */
ike_message_record *ike_exchange_find_original(ike_exchange *exchange, const ike_message *m,
                                               bool from_initiator);
/* The same of either sender: for a message whose IKE SA is not known yet. */
const ike_message_record *ike_exchange_find_repeated(const ike_exchange *exchange,
                                                     const ike_message *m);
/* Decides whether `record` is a copy or a retransmission of `original`. true: it is one. */
bool ike_exchange_record_repeat(ike_tracker *tracker, ike_message_record *record,
                                ike_message_record *original, const ike_message *m);

/* `record`, a copy, is the first sighting of its transmission that was decrypted. */
bool ike_exchange_decrypts_transmission(ike_message_record *record);
/* The transmissions of a message of which no sighting was decrypted: none from now on. */
uint32_t ike_exchange_drop_transmissions(const ike_message_record *original);

bool ike_exchange_completes(const ike_message_record *original, const ike_message *m);
/* What is in `m`, a copy or retransmission, becomes the content of the original. */
void ike_exchange_complete(ike_tracker *tracker, ike_message_record *original,
                           const ike_message *m);

/* ---- ikev2_exchange.c, ikev1_exchange.c ---- */

/* Makes a message with new content the request or response, or a step, of its exchange. */
void ikev2_exchange_assign(ike_message_record *record);
void ikev1_exchange_assign(ike_message_record *record, const ike_message *m);
/* ikev1_steps.c: the step that a message takes, which may change those of others. */
void ikev1_take_step(ike_message_record *record, const ike_message *m);
/* Request, response and pairs are those of by_step. */
void ikev1_link_steps(ike_exchange *exchange);

/* The message has its place in its exchange, that of its step or as request or response, whatever
 * had it before. */
void ikev1_take_slot(ike_message_record *record);
void ikev2_take_slot(ike_message_record *record);

ike_message_record *ikev2_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m);
ike_message_record *ikev1_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m);

/* ---- ikev2.c, ikev1.c: records what a message seen first is evidence of ---- */

void ikev2_record(ike_tracker *tracker, ike_message_record *record, const ike_message *m);
void ikev1_record(ike_tracker *tracker, ike_message_record *record, const ike_message *m);
/* ikev2_encrypted.c: of a message that is not decrypted. */
void ikev2_record_encrypted(ike_tracker *tracker, ike_message_record *record);
/* The first request of IKE_AUTH, also where a later one was captured before it; of several the
 * first that is confirmed, for another may be forged. */
void ikev2_record_auth_begun(const ike_exchange *exchange);

/* ---- content.c ---- */

/* What is readable in `m`; NULL when that is nothing which matters. */
const ike_content *ike_content_new(ike_tracker *tracker, const ike_message *m);

/* Whether a response chooses from the proposals of a request (RFC 7296 3.3, RFC 2409 5). Either may
 * be NULL. */
bool ike_record_chooses_from(const ike_message_record *response, const ike_message_record *request);

/* NULL has none. */
static inline bool ike_record_has_proposals(const ike_message_record *record)
{
    return record && record->content && record->content->proposals;
}

/* ---- grades ---- */

static inline bool ike_record_is_decrypted(const ike_message_record *record)
{
    return record->decryption == IKE_DECRYPTION_DONE && !record->not_authentic;
}

static inline bool ike_message_is_readable(const ike_message *m)
{
    if (m->not_authentic)
        return false;
    return m->decryption == IKE_DECRYPTION_DONE || (m->decryption == IKE_PLAIN && !m->encrypted);
}

static inline ike_grade ike_message_grade(const ike_message *m)
{
    if (m->not_authentic || m->responder_spi == 0)
        return IKE_GRADE_UNPROTECTED; /* nothing can be encrypted before the responder's SPI */
    if (m->decryption == IKE_DECRYPTION_DONE)
        return IKE_GRADE_VERIFIED;
    return m->decryption == IKE_PLAIN && !m->encrypted ? IKE_GRADE_UNPROTECTED
                                                       : IKE_GRADE_ENCRYPTED;
}

#endif
