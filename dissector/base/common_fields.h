/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields that more than one file shows: common_fields.c registers them. All others belong to the
 * file that parses them. */
#ifndef IKE_COMMON_FIELDS_H
#define IKE_COMMON_FIELDS_H

#include "dissector/base/packet.h"

#include "registry/names.h"

extern int hf_ike_payload_type;   /* isakmp.typepayload: a payload, proposal or transform, whole */
extern int hf_ike_next_payload;   /* isakmp.nextpayload */
extern int hf_ike_payload_length; /* isakmp.payloadlength */
extern int hf_ike_reserved;       /* isakmp.reserved: any number of bytes */
extern int hf_ike_reserved2;      /* isakmp.reserved2 */
extern int hf_ike_data;           /* isakmp.datapayload: of a payload that is not dissected */
extern int hf_ike_extra_data;     /* isakmp.extradata: bytes after the end of what holds them */
extern int hf_ike_spi_size;       /* isakmp.spisize */
extern int hf_ike_spi;            /* isakmp.spi: of a proposal or notification */
extern int hf_ike_stream;         /* isakmp.stream: generated, of IKE and ESP */
extern int hf_ike_child;          /* isakmp.child: generated, of IKE and ESP */

/* Adds a type of payload, `of` (hf_ike_payload_type or hf_ike_next_payload), with its name: as the
 * field's own strings have it where they can, so that the label is only made when it is shown. */
proto_item *ike_add_payload_type(proto_tree *tree, int of, tvbuff_t *tvb, unsigned offset,
                                 unsigned length, uint8_t type, const char *name);

/* Adds a number that is called `name`: without a label of its own where `registry`, which has the
 * field's own strings, assigns it. */
proto_item *ike_add_named(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset, unsigned length,
                          uint32_t value, ike_registry registry, const char *name);

/* Adds a number of one byte or of two: as proto_tree_add_item() does, but does not ask the field's
 * type how to read it, which takes longer than all the rest. */
proto_item *ike_add_uint8(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset);
proto_item *ike_add_uint16(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset);

/* The name of a payload type that IANA assigned in IKEv2; NULL for any other. Takes no search. */
const char *ike_assigned_payload(uint8_t type);

/* Fields that are asked for together: static ike_group_of_fields x = IKE_FIELDS(&hf_a, &hf_b); */
typedef struct {
    const int *const *fields;
    unsigned count;
    const header_field_info **infos; /* of the fields, from the first question on */
} ike_group_of_fields;

#define IKE_FIELDS(...)                                                                            \
    {                                                                                              \
        (const int *const[]){__VA_ARGS__},                                                         \
            sizeof((const int *const[]){__VA_ARGS__}) / sizeof(const int *), NULL                  \
    }

/* Whether any of the fields shows: the tree is seen, or somebody filters for one of them. It is
 * what proto_field_is_referenced() says of each, for so many messages that a call each is too many.
 */
bool ike_any_shows(proto_tree *tree, ike_group_of_fields *group);

/* The same for what is asked again and again in a message: `answer` is kept in it. */
bool ike_shows(ike_answer *answer, proto_tree *tree, ike_group_of_fields *group);

/* Before the register functions of the other files. */
void ike_register_common_fields(void);

#endif
