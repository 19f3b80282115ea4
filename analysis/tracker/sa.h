/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the tracker makes and changes IKE SAs; its own files only. */
#ifndef IKE_SA_H
#define IKE_SA_H

#include "analysis/tracker/content.h"
#include "analysis/tracker/tracker.h"

/* sa_lookup.c */
/* The IKE SA that replaces `old`, made when it is new; `by_initiator`: who requested it. */
ike_sa *ike_sa_adopt(ike_tracker *tracker, ike_sa *old, const ike_message *m,
                     uint64_t initiator_spi, uint64_t responder_spi, bool by_initiator,
                     uint64_t request_ns);

/* The IKE SA that a rekey seemed to have replaced goes on being used, with `request`; NULL: its
 * successor is doubtful in itself. */
void ike_sa_withdraw_successor(ike_sa *old, const ike_message_record *request);

/* The IKE SA is deleted. Both sides rekeyed at once and this one is not kept: the other one replaces
 * the old one. */
void ike_sa_yield_to_other(ike_sa *sa);

/* sa_state.c: each records the first such message */
void ike_sa_record_established(ike_tracker *tracker, ike_sa *sa, const ike_message_record *record);
void ike_sa_record_inferred(ike_tracker *tracker, ike_sa *sa, const ike_message_record *record,
                            ike_inference inference);
void ike_sa_withdraw_inferred(ike_tracker *tracker, ike_sa *sa);
void ike_sa_record_error(ike_sa *sa, const ike_message_record *record, uint16_t type);
void ike_sa_record_failed(ike_sa *sa, const ike_message_record *record, uint16_t type);
void ike_sa_record_deleted(ike_sa *sa, const ike_message_record *record, bool inferred);

void ike_sa_withdraw_redirect(ike_tracker *tracker, ike_sa *sa);

/* sa_withdraw.c: called before the first protected message of the IKE SA is recorded: what was
 * concluded from messages in clear, other than those of IKE_SA_INIT and phase 1, falls. */
void ike_sa_withdraw_clear(ike_tracker *tracker, ike_sa *sa);
/* The same of encrypted messages, when one is verified that comes before all that may follow. */
void ike_sa_withdraw_encrypted(ike_tracker *tracker, ike_sa *sa);

/* Called before the first message or fragment that is decrypted is recorded: its keys are right, so
 * that those with a wrong ICV before it are not authentic. */
void ike_sa_withdraw_wrong_icv(ike_tracker *tracker, ike_sa *sa);

/* Whether the Rekey SA of a group has this exchange. 33 is New Group Mode, too, which has a message
 * ID (RFC 2409 5.6). */
bool ike_is_group_rekey(uint8_t major, uint8_t exchange, uint32_t message_id);

/* Others in clear are known to be the true messages of the exchange. */
bool ike_sa_is_superseded(const ike_message_record *record);

static inline bool ike_sa_is_protected(const ike_sa *sa)
{
    return sa->last_protected[0] || sa->last_protected[1];
}

static inline ike_party *ike_sa_party(ike_sa *sa, bool initiator)
{
    return initiator ? &sa->initiator : &sa->responder;
}

/* sa_party.c: identities, vendors, methods, certificates of a readable message */
void ike_sa_record_identity(ike_tracker *tracker, ike_message_record *record, const ike_message *m);

/* IKE SAs that came from a rekey of this one have its parties, also what is read of them later. */
void ike_sa_pass_on_parties(ike_sa *sa);

/* The vendors are those of these messages, where there are any of a side; NULL ones are left out.
 */
void ike_sa_set_verified_vendors(ike_tracker *tracker, ike_sa *sa,
                                 ike_message_record *const *records, size_t count);

/* The name that the initiator gives to the authentication of users: EAP identity, user of XAUTH. */
void ike_sa_record_user(ike_tracker *tracker, ike_sa *sa, const ike_span *name);

/* What messages in clear said of the two sides after IKE_SA_INIT. */
void ike_sa_withdraw_parties(ike_sa *sa);

/* IKEv1: the messages in clear before were of a mode that is not used. */
void ike_sa_restart_phase1(ike_sa *sa);

/* Aggressive mode: the identity in this message, NULL none, is that of its sender, unless one was
 * protected. */
void ike_sa_set_clear_identity(const ike_message_record *record);

/* Main mode: identities read from messages in clear, where those with identities are encrypted. */
void ike_sa_withdraw_clear_identities(ike_sa *sa);

/* sa_path.c */
/* Whether the addresses of `m` tell that its sender is the initiator, or the responder; false when
 * they tell nothing. */
bool ike_path_direction(const ike_sa *sa, const ike_message *m, bool *from_initiator);
/* Records the addresses of a message, and moves the parties where its grade allows it. */
void ike_path_record(ike_tracker *tracker, ike_message_record *record, const ike_message *m);
ike_path *ike_path_add(ike_tracker *tracker, ike_sa *sa, const ike_endpoint *initiator,
                       const ike_endpoint *responder, uint32_t frame);
/* Is an address one of those of one side? */
bool ike_path_has(const ike_sa *sa, bool of_initiator, const ike_endpoint *endpoint);
/* Are two addresses those of the parties now? */
bool ike_path_same_ends(const ike_sa *sa, const ike_endpoint *a, const ike_endpoint *b);
/* Both sides sent protected messages: others between its addresses may be forged. */
void ike_sa_set_used(ike_sa *sa);
/* It is the newest IKE SA between its addresses. */
void ike_sa_set_pair(ike_tracker *tracker, ike_sa *sa);

/* sa_roles.c: IKEv1, captures that begin in the middle of phase 1 */
/* An SA payload that begins phase 1 and knows both cookies answers another one. */
bool ikev1_is_sa_answer(const ike_message *m);
void ikev1_update_roles(ike_sa *sa, const ike_message *m);
/* What was taken for the initiator is the responder. */
void ike_sa_swap_roles(ike_sa *sa);

/* nat.c; `completed`: of what the record repeats more can be read now */
void ike_nat_check(ike_message_record *record, const ike_message *m, bool completed);
/* Another path has messages in both directions. */
void ike_nat_update(ike_sa *sa);
/* IKEv1: the mode of phase 1 is another one than was thought. */
void ike_nat_set_mode(ike_sa *sa);
/* The messages in clear that are known to be true: only they count. Any may be NULL or the same. */
void ike_nat_set_verified(ike_sa *sa, ike_message_record *const *records, size_t count);

#endif
