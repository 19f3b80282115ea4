/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ISAKMP data attributes (RFC 2408 3.3), as all versions use them: two bytes of type with the AF
 * bit, then either two bytes of value or two of length and the value. */
#ifndef IKE_ATTRIBUTE_H
#define IKE_ATTRIBUTE_H

#include "dissector/base/value_row.h"

/* The fields that every attribute of a family has. */
typedef struct {
    int attribute, format, type, length, value;
} ike_attribute_fields;

/* Their rows in the table of a register function: `prefix` is the attribute's own name
 * ("isakmp.ike2.attr"), literal like `label`. */
#define IKE_ATTRIBUTE_FIELDS(fields, prefix, label)                                                \
    {&(fields).attribute, {label, prefix, FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},              \
        {&(fields).format,                                                                         \
         {"Format", prefix ".format", FT_BOOLEAN, 16, TFS(&ike_attribute_format), 0x8000,          \
          label " format", HFILL}},                                                                \
        {&(fields).type,                                                                           \
         {"Type", prefix ".type", FT_UINT16, BASE_DEC, NULL, 0, label " type", HFILL}},            \
        {&(fields).length,                                                                         \
         {"Length", prefix ".length", FT_UINT16, BASE_DEC, NULL, 0, label " length", HFILL}},      \
    {                                                                                              \
        &(fields).value,                                                                           \
        {                                                                                          \
            "Value", prefix ".value", FT_BYTES, BASE_NONE, NULL, 0, label " value", HFILL          \
        }                                                                                          \
    }

/* A family of attributes: its fields, and the attributes that it knows. */
typedef struct ike_attribute_family {
    const char *label; /* "Transform Attribute" */
    const ike_attribute_fields *fields;
    ike_registry registry; /* has the names of the types */
    const ike_value_row *rows;
    unsigned count;
    const struct ike_attribute_family *base; /* has what is missing here; may be NULL */
    expert_field *ei_length;    /* for values of several fields; NULL: the one of all attributes */
    bool empty_is_fine;         /* requests of CP and mode config carry no values */
    bool numbers_of_any_length; /* IKEv1: a TLV may have more bytes than the number needs */
} ike_attribute_family;

/* One family; what else it has follows as designated members. */
#define IKE_ATTRIBUTE_FAMILY(name, all, names, known, ...)                                         \
    {                                                                                              \
        .label = name, .fields = all, .registry = names, .rows = known,                            \
        .count = array_length(known), __VA_ARGS__                                                  \
    }

/* The names of the AF bit, for the format fields. */
extern const true_false_string ike_attribute_format;

/* Dissects attributes from `offset` of `tvb` to its end. */
void ike_dissect_attributes(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                            const ike_attribute_family *family);

/* Steps through attributes: returns the type and the value as a number (saturated; 0 when it is
 * empty or truncated) of the one at *offset, and moves *offset behind it. false at the end. */
bool ike_attribute_next(tvbuff_t *tvb, unsigned *offset, uint16_t *type, uint32_t *number);

/* The same with the value's bytes; empty when it is truncated. A TV attribute has two. */
bool ike_attribute_next_bytes(tvbuff_t *tvb, unsigned *offset, uint16_t *type, ike_span *value);

/* The value of the attribute `type` among those from `offset` on as a number (TV, or TLV of up to
 * four bytes; saturated above); `otherwise` when it is absent. */
uint32_t ike_attribute_number(tvbuff_t *tvb, unsigned offset, uint16_t type, uint32_t otherwise);

void ike_register_attribute(void);

#endif
