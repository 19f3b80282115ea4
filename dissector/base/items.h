/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items that every payload may need: the rest of its bytes, trailing data, too short. */
#ifndef IKE_ITEMS_H
#define IKE_ITEMS_H

#include "dissector/base/bytes.h"

/* Adds all of `tvb` from `offset` on as one field, which may be empty. */
proto_item *ike_add_rest(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset,
                         unsigned encoding);

/* Adds a number with its name: "Name: AES-CBC (12)". */
proto_item *ike_add_named(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset, unsigned length,
                          uint32_t value, const char *name);

/* Adds a generated field, which is in no byte of the packet; a text that is NULL or empty is not
 * added. */
void ike_add_generated_uint(proto_tree *tree, int hf, tvbuff_t *tvb, uint32_t value);
void ike_add_generated_string(proto_tree *tree, int hf, tvbuff_t *tvb, const char *text);

/* Adds what is left of `body` at `offset`, where nothing should be, with an expert info. */
void ike_trailing(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, unsigned offset);

/* Adds isakmp.datapayload, hidden: the built-in has it for payloads that it does not dissect, and
 * filters on it keep matching. */
void ike_add_hidden_data(proto_tree *tree, tvbuff_t *body);

/* Appends `before` and text from the capture, without control characters, to the label of `item`;
 * long text is truncated between characters. NULL is the empty text. */
void ike_append_text(proto_item *item, const char *before, const char *text);

/* Appends ", name" of a notification to the Info column, as long as there are not too many. */
void ike_append_info_name(ike_packet *pkt, const char *name);

/* Adds an expert info that `body` is too short for `what`, and its bytes. */
void ike_too_short(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, const char *what);

/* Records that the payload being dissected is malformed; `fault` is a static clause about it. The
 * first fault of a message counts. */
void ike_record_fault(ike_packet *pkt, const char *fault);

void ike_register_items(void);

#endif
