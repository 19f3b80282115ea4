/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of dissector/ share: the message being dissected, the payload table, the walk
 * along a chain of payloads. */
#ifndef IKE_H
#define IKE_H

#include "dissector/base/compat.h"
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/proto_data.h>
#include <epan/tfs.h>
#include <epan/to_str.h>

#include "decrypt/decrypt.h"
#include "proto/ike_message.h"

extern int proto_isakmp; /* the built-in's protocol, taken over */

typedef struct ike_message_data
    ike_message_data; /* what is kept of a message for later passes: session.h */

/* Whether a group of fields shows in this message, of generic headers, say: looked up once. */
typedef struct {
    bool asked, shows;
} ike_answer;

/* One message while it is dissected. */
typedef struct ike_packet {
    packet_info *pinfo;
    proto_tree *tree; /* below "Internet Security Association ..." */
    proto_item *item;
    tvbuff_t *tvb;    /* the message, from the IKE header to its end */
    ike_message *msg; /* the facts noted so far */
    ike_message_data *note;
    bool first_pass;
    tvbuff_t *inside;  /* payloads that were sealed, when they were opened; NULL otherwise */
    proto_tree *proof; /* of the payload that authenticates the sender; NULL when there is none */
    proto_item *auth_item;
    bool experts_show; /* somebody looks at expert infos */
    bool decrypted;    /* what is dissected now was encrypted */
    ike_answer headers, vendors, encrypted;
    bool unreadable;      /* so is the next payload, but its data begins with garbage */
    unsigned payloads;    /* in the chain so far, with those inside SK */
    unsigned notifies;    /* named in the Info column so far */
    unsigned info_length; /* IKEv1: of the Info column with the exchange's name */
} ike_packet;

/* Dissects one payload. `body` holds the bytes after the generic header and no more; `tree` is the
 * payload's own, below `item`. */
typedef void ike_payload_fn(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                            uint8_t type);

/* A payload is one row: to support a new one is to add a row to the table of its version
 * (ikev2_payloads.c, ikev1_payloads.c). */
typedef struct {
    uint8_t type;
    ike_payload_fn *dissect;
} ike_payload_row;

/* The functions of all payload types of a version, NULL where the type is unknown. */
ike_payload_fn *ikev2_payload_function(uint8_t type);
ike_payload_fn *ikev1_payload_function(const ike_packet *pkt, uint8_t type);

/* The name of a payload type of IKEv1, which depends on the domain of interpretation; never NULL.
 */
const char *ikev1_payload_name(const ike_packet *pkt, uint8_t type);

/* The name of a payload type under the version of the message; never NULL. */
const char *ike_payload_name(const ike_packet *pkt, uint8_t type);

/* Walks the chain that begins at `offset` of `tvb` with a payload of type `first`. Ends at a type
 * of zero, at the end of `tvb`, after SK or SKF, or where a length is wrong (which is said).
 * Returns the offset where it ended. */
unsigned ike_dissect_chain(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                           uint8_t first);

/* Dissects the message that `tvb` begins with. Returns the bytes used: the length in the header,
 * all of `tvb` where that is beyond it. */
int ike_dissect_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* The same for a message that was put together from the fragments of others. */
void ike_dissect_reassembled(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* The bytes of `tvb` from `offset` as a fact: borrowed from the packet. Empty where they are not
 * all there. `length` < 0: to the end. */
ike_bytes ike_bytes_of(tvbuff_t *tvb, unsigned offset, int length);

/* How many bytes of `tvb` are left at `offset`; 0 beyond the end. */
unsigned ike_left(tvbuff_t *tvb, unsigned offset);

/* Shows all of `tvb` from `offset` on in one field, which may be empty. */
proto_item *ike_add_rest(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset,
                         unsigned encoding);

/* Shows the rest of `body` from `offset` as plain bytes with an expert info that says that it
 * should not be there. Nothing when nothing is left. */
void ike_trailing(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, unsigned offset);

/* Whether anybody looks at expert infos of whatever kind: in the tree, in a column, by a filter or
 * in the list of expert infos. pkt->experts_show has the answer. */
bool ike_experts_show(packet_info *pinfo, proto_tree *tree);

/* Adds an expert info that every message of a capture may have: only where somebody would see it.
 */
void ike_add_expert(const ike_packet *pkt, proto_item *item, expert_field *expert);

/* Filters that were written for the built-in know payloads that it does not dissect as
 * isakmp.datapayload: they go on matching, unseen. */
void ike_add_hidden_data(proto_tree *tree, tvbuff_t *body);

/* Appends text of the capture, without control characters, to the label of `item`: no more than
 * Wireshark has room for, which would cut a character in two. NULL is the empty text. */
void ike_append_text(proto_item *item, const char *before, const char *text);

/* Says that `body` is too short for what `what` needs, and shows what there is. */
void ike_too_short(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, const char *what);

/* Appends to the Info column: ", name" between the essence and what follows. */
void ike_info_notify(ike_packet *pkt, const char *name);

/* One registration function for each file that owns fields. */
void ike_register_message(void);
void ike_register_chain(void);
void ike_register_encap(void);
void ike_register_session(void);
void ike_register_attribute(void);
void ikev2_register_sa(void);
void ikev2_register_ke(void);
void ike_register_id(void);
void ike_register_cert(void);
void ikev2_register_auth(void);
void ikev2_register_notify(void);
void ike_register_delete(void);
void ike_register_vendor(void);
void ikev2_register_ts(void);
void ikev2_register_sk(void);
void ikev1_register(void); /* all files of IKEv1: ikev1_payloads.c */
void ikev2_register_cp(void);
void ikev2_register_extension(void);

/* All of the above; plugin/ calls these two. */
void ike_register(void);
void ike_handoff(void);

#endif
