/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chain of payloads, and the tables that say how each payload is dissected. */
#ifndef IKE_PAYLOAD_CHAIN_H
#define IKE_PAYLOAD_CHAIN_H

#include "dissector/base/packet.h"

/* Dissects one payload. `body` holds the bytes after the generic header and no more; `tree` is the
 * payload's own, below `item`. */
typedef void ike_payload_fn(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                            uint8_t type);

/* The same for a payload of which a message has many: `size` bytes at `offset` of the enclosing
 * `tvb`. A tvb of its own for each of ten Vendor IDs is 6 % of a tshark run over a flood of such
 * messages. */
typedef void ike_payload_in_place_fn(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, unsigned size,
                                     proto_tree *tree, proto_item *item);

/* To support a payload is to add a row to the table of its version. */
typedef struct {
    uint8_t type;
    ike_payload_fn *dissect;
    uint8_t least;    /* bytes of its body; one that is shorter is not dissected */
    const char *what; /* that these bytes are too few for, with its article */
    ike_payload_in_place_fn *dissect_in_place; /* instead of `dissect` */
    const char *name;                          /* NULL: the registry's */
    bool ends_chain; /* Next Payload is the first payload inside (RFC 7296 3.14) */
} ike_payload_row;

typedef enum {
    IKE_PAYLOADS_IKEV1,
    IKE_PAYLOADS_GDOI, /* IKEv1's numbers that mean something else in the Group DOI */
    IKE_PAYLOADS_IKEV2,
    IKE_PAYLOAD_TABLES
} ike_payload_table;

/* Adds rows to a table, at registration. The rows stay the caller's. */
void ike_add_payloads(ike_payload_table table, const ike_payload_row *rows, unsigned count);

/* The name of a payload type under the version of the message; never NULL. */
const char *ike_payload_name(const ike_packet *pkt, uint8_t type);

/* Walks the chain that begins at `offset` of `tvb` with a payload of type `first`. Ends at a type
 * of zero, at the end of `tvb`, after SK or SKF, or at an invalid length, which gets an expert
 * info. Returns the offset where it ended. */
unsigned ike_dissect_chain(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                           uint8_t first);

/* Whether `tvb` is a sound chain of known payloads of IKEv1, from its start to its end but for
 * padding with zeros: no ciphertext. */
bool ike_is_ikev1_chain(tvbuff_t *tvb, uint8_t first);

/* Dissects what follows the header of an IKEv1 message with the encryption bit: `body`, of which
 * `first` is the Next Payload of the header. */
typedef void ike_encrypted_fn(ike_packet *pkt, tvbuff_t *body, uint8_t first);
void ike_set_ikev1_encrypted(ike_encrypted_fn *dissect);
void ike_dissect_ikev1_encrypted(ike_packet *pkt, tvbuff_t *body, uint8_t first);

void ike_register_chain(void);

#endif
