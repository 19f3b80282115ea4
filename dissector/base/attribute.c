/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ISAKMP data attributes (RFC 2408 3.3):
 *
 *   +-+---------------+-------------------------------+
 *   |A| Attribute Type| AF=0 Length / AF=1 Value      |
 *   |F|               |                               |
 *   +-+---------------+-------------------------------+
 *   | AF=0 Attribute Value                            |
 *   +-------------------------------------------------+
 */
#include "dissector/base/attribute.h"

#include "dissector/base/former_names.h"
#include "dissector/base/items.h"
#include "dissector/base/vendor_name.h"

const true_false_string ike_attribute_format = {"Type/Value (TV)", "Type/Length/Value (TLV)"};

enum { ATTRIBUTE_HEADER = 4, MAX_ATTRIBUTES = 512 };

static int ett_attribute = -1;
static expert_field ei_empty = EI_INIT;
static expert_field ei_length = EI_INIT;
static expert_field ei_many = EI_INIT;
static expert_field ei_value_length = EI_INIT;

typedef struct {
    uint16_t type;
    bool tv;
    unsigned length; /* of the value */
    unsigned value;  /* offset of the value */
    unsigned end;    /* offset after the attribute */
    bool truncated;  /* the length goes beyond the parent; length was reduced to the bytes left */
} attribute_place;

/* Where the attribute at `offset` lies. The caller has checked that four bytes are there. */
static attribute_place attribute_at(tvbuff_t *tvb, unsigned offset)
{
    attribute_place place = {0};
    uint16_t head = tvb_get_ntohs(tvb, offset);

    place.type = head & 0x7fff;
    place.tv = head & 0x8000;
    if (place.tv) {
        place.value = offset + 2;
        place.length = 2;
    } else {
        place.value = offset + ATTRIBUTE_HEADER;
        place.length = tvb_get_ntohs(tvb, offset + 2);
        if (place.length > ike_left(tvb, place.value)) {
            place.truncated = true;
            place.length = ike_left(tvb, place.value);
        }
    }
    place.end = place.value + place.length;
    return place;
}

static const ike_value_row *row_of(const ike_attribute_family *family, uint16_t type)
{
    for (; family; family = family->base)
        for (unsigned i = 0; i < family->count; i++)
            if (family->rows[i].type == type)
                return &family->rows[i];
    return NULL;
}

/* Never NULL. */
static const char *name_of(const ike_packet *pkt, const ike_attribute_family *family, uint16_t type)
{
    ike_registry registry = IKE_REG_NONE;

    for (; family; family = family->base) {
        const char *name = ike_registry_assigned_name(family->registry, type);
        if (name)
            return name;
        if (family->registry)
            registry = family->registry;
    }
    return ike_vendor_name_of(pkt, registry, type);
}

static void check_length(ike_packet *pkt, const ike_attribute_family *family,
                         const ike_value_row *row, unsigned length, proto_item *item)
{
    bool number = ike_value_is_number(row);
    unsigned least, most;

    ike_value_limits(row, &least, &most);
    if (number && family->numbers_of_any_length)
        return;
    if (length <= most && (number || length >= least))
        return;
    expert_add_info(pkt->pinfo, item,
                    family->ei_length && row->fields[1] ? family->ei_length : &ei_value_length);
    if (family->ei_length)
        ike_add_former_name(pkt, IKE_FORMER_CONFIG_LENGTH);
}

static void dissect_value(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                          const ike_attribute_family *family, const ike_value_row *row)
{
    check_length(pkt, family, row, tvb_reported_length(value), item);
    unsigned end = ike_add_value(pkt, tree, value, row, item);
    if (row->fields[0] && (row->fields[1] || row->repeated))
        ike_trailing(pkt, value, tree, end);
    if (row->dissect)
        row->dissect(pkt, value, tree, item, row->type);
}

static void dissect_one(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                        const ike_attribute_family *family, const attribute_place *place)
{
    const char *name = name_of(pkt, family, place->type);
    proto_item *item = proto_tree_add_none_format(tree, family->fields->attribute, tvb, offset,
                                                  place->end - offset, "%s (t=%u,l=%u): %s",
                                                  family->label, place->type, place->length, name);
    proto_tree *sub = proto_item_add_subtree(item, ett_attribute);

    proto_tree_add_item(sub, family->fields->format, tvb, offset, 2, ENC_BIG_ENDIAN);
    ike_add_named(sub, family->fields->type, tvb, offset, 2, place->type, name);
    if (!place->tv) {
        proto_item *length =
            proto_tree_add_item(sub, family->fields->length, tvb, offset + 2, 2, ENC_BIG_ENDIAN);
        if (place->truncated) {
            ike_record_fault(pkt, "an attribute exceeds it");
            expert_add_info(pkt->pinfo, length, &ei_length);
        }
    }
    if (place->length == 0) {
        if (!family->empty_is_fine)
            expert_add_info(pkt->pinfo, item, &ei_empty);
        return;
    }
    proto_tree_add_item(sub, family->fields->value, tvb, place->value, place->length, ENC_NA);

    const ike_value_row *row = row_of(family, place->type);
    if (row)
        dissect_value(pkt, tvb_new_subset_length(tvb, place->value, place->length), sub, item,
                      family, row);
}

void ike_dissect_attributes(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                            const ike_attribute_family *family)
{
    for (unsigned n = 0; ike_left(tvb, offset) >= ATTRIBUTE_HEADER; n++) {
        if (n == MAX_ATTRIBUTES) {
            proto_tree_add_expert(tree, pkt->pinfo, &ei_many, tvb, offset, -1);
            return;
        }
        attribute_place place = attribute_at(tvb, offset);
        dissect_one(pkt, tvb, offset, tree, family, &place);
        offset = place.end;
    }
    ike_trailing(pkt, tvb, tree, offset);
}

/* Big-endian, saturated. */
static uint32_t number_at(tvbuff_t *tvb, const attribute_place *place)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < place->length; i++) {
        if (value >> 24)
            return UINT32_MAX;
        value = value << 8 | tvb_get_uint8(tvb, place->value + i);
    }
    return value;
}

bool ike_attribute_next(tvbuff_t *tvb, unsigned *offset, uint16_t *type, uint32_t *number)
{
    if (ike_left(tvb, *offset) < ATTRIBUTE_HEADER)
        return false;
    attribute_place place = attribute_at(tvb, *offset);

    *type = place.type;
    *number = place.truncated ? 0 : number_at(tvb, &place);
    *offset = place.end;
    return true;
}

bool ike_attribute_next_bytes(tvbuff_t *tvb, unsigned *offset, uint16_t *type, ike_span *value)
{
    if (ike_left(tvb, *offset) < ATTRIBUTE_HEADER)
        return false;
    attribute_place place = attribute_at(tvb, *offset);

    *type = place.type;
    *value = place.truncated || !place.length ? (ike_span){NULL, 0}
                                              : ike_bytes_of(tvb, place.value, place.length);
    *offset = place.end;
    return true;
}

uint32_t ike_attribute_number(tvbuff_t *tvb, unsigned offset, uint16_t type, uint32_t otherwise)
{
    for (unsigned n = 0; n < MAX_ATTRIBUTES && ike_left(tvb, offset) >= ATTRIBUTE_HEADER; n++) {
        attribute_place place = attribute_at(tvb, offset);

        if (place.type == type && !place.truncated && place.length)
            return number_at(tvb, &place);
        offset = place.end;
    }
    return otherwise;
}

void ike_register_attribute(void)
{
    static int *ett[] = {&ett_attribute};
    static ei_register_info ei[] = {
        {&ei_empty,
         {"isakmp.attribute_value_empty", PI_PROTOCOL, PI_WARN, "Attribute value is empty",
          EXPFILL}},
        {&ei_length,
         {"isakmp.attribute_length.invalid", PI_MALFORMED, PI_ERROR,
          "The attribute exceeds the enclosing payload", EXPFILL}},
        {&ei_value_length,
         {"isakmp.attribute_value_length", PI_PROTOCOL, PI_WARN,
          "Invalid length of the attribute's value", EXPFILL}},
        {&ei_many,
         {"isakmp.attributes.too_many", PI_PROTOCOL, PI_WARN,
          "Too many attributes: the rest is not dissected", EXPFILL}},
    };

    ike_register_value_row();
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
