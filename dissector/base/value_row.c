/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/value_row.h"

#include "dissector/base/items.h"
#include "dissector/base/vendor_name.h"

static expert_field ei_size = EI_INIT;

static const header_field_info *field_of(int hf)
{
    return proto_registrar_get_nth((unsigned)hf);
}

/* The bytes that a field takes; 0 for text and bytes. */
static unsigned field_length(int hf)
{
    switch (field_of(hf)->type) {
    case FT_UINT8:
        return 1;
    case FT_UINT16:
        return 2;
    case FT_UINT24:
        return 3;
    case FT_UINT32:
    case FT_IPv4:
        return 4;
    case FT_ETHER:
        return 6;
    case FT_UINT64:
        return 8;
    case FT_IPv6:
        return 16;
    default:
        return 0;
    }
}

static bool is_number(int hf)
{
    return FT_IS_UINT(field_of(hf)->type);
}

bool ike_value_is_number(const ike_value_row *row)
{
    return row->fields[0] && !row->fields[1] && !row->repeated && is_number(*row->fields[0]);
}

void ike_value_limits(const ike_value_row *row, unsigned *least, unsigned *most)
{
    unsigned count = 0;

    *least = row->least;
    *most = row->most ? row->most : UINT_MAX;
    while (row->fields[count])
        count++;
    if (!count || row->least || row->most || row->by_length)
        return;
    *most = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned length = field_length(*row->fields[i]);
        *most = length && *most < UINT_MAX ? *most + length : UINT_MAX;
        if (i + row->optional < count)
            *least += length;
    }
    if (row->repeated)
        *most = UINT_MAX;
}

/* Appends "address", or "address/mask" where a mask or a prefix length follows it. */
static void append_address(ike_packet *pkt, tvbuff_t *tvb, unsigned offset,
                           const int *const fields[], proto_item *item)
{
    enum ftenum kind = field_of(*fields[0])->type;
    wmem_allocator_t *pool = pkt->pinfo->pool;
    unsigned length = field_length(*fields[0]);
    enum ftenum next =
        fields[1] && ike_left(tvb, offset + length) ? field_of(*fields[1])->type : FT_NONE;

    if (kind == FT_IPv4)
        proto_item_append_text(item, ": %s", tvb_ip_to_str(pool, tvb, offset));
    else if (kind == FT_IPv6)
        proto_item_append_text(item, ": %s", tvb_ip6_to_str(pool, tvb, offset));
    if (kind == FT_IPv4 && next == FT_IPv4 && ike_left(tvb, offset + length) >= length)
        proto_item_append_text(item, "/%s", tvb_ip_to_str(pool, tvb, offset + length));
    else if (kind == FT_IPv6 && next == FT_UINT8)
        proto_item_append_text(item, "/%u", tvb_get_uint8(tvb, offset + length));
}

static unsigned encoding_of(const header_field_info *field)
{
    return FT_IS_STRING(field->type) ? ENC_UTF_8 | ENC_NA : ENC_BIG_ENDIAN;
}

unsigned ike_add_fields(ike_packet *pkt, proto_tree *tree, tvbuff_t *tvb, unsigned offset,
                        const int *const fields[], proto_item *item)
{
    if (item && ike_left(tvb, offset) >= field_length(*fields[0]))
        append_address(pkt, tvb, offset, fields, item);
    for (; *fields; fields++) {
        unsigned length = field_length(**fields);

        if (!length)
            length = ike_left(tvb, offset);
        if (!length || length > ike_left(tvb, offset))
            break;
        proto_tree_add_item(tree, **fields, tvb, offset, length, encoding_of(field_of(**fields)));
        offset += length;
    }
    return offset;
}

/* Big-endian, of up to eight bytes. */
static uint64_t number_of(tvbuff_t *value)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < tvb_reported_length(value); i++)
        number = number << 8 | tvb_get_uint8(value, i);
    return number;
}

/* The name that the field itself has for a number; NULL without one. */
static const char *field_name(const header_field_info *field, uint32_t number)
{
    if (!field->strings || field->display & BASE_UNIT_STRING)
        return NULL;
    return field->display & BASE_EXT_STRING
               ? try_val_to_str_ext(number, (value_string_ext *)field->strings)
               : try_val_to_str(number, field->strings);
}

static void add_number(ike_packet *pkt, proto_tree *tree, tvbuff_t *value, const ike_value_row *row,
                       int hf, proto_item *item)
{
    unsigned length = tvb_reported_length(value);

    if (length > 8 || (number_of(value) > UINT32_MAX && field_of(hf)->type != FT_UINT64)) {
        expert_add_info(pkt->pinfo, item, &ei_size);
        return;
    }
    uint64_t number = number_of(value);
    if (row->registry) {
        const char *name = ike_vendor_name_of(pkt, row->registry, (uint32_t)number);
        ike_add_named(tree, hf, value, 0, length, (uint32_t)number, name);
        proto_item_append_text(item, ": %s", name);
        return;
    }
    proto_item *added = field_of(hf)->type == FT_UINT64
                            ? proto_tree_add_uint64(tree, hf, value, 0, length, number)
                            : proto_tree_add_uint(tree, hf, value, 0, length, (uint32_t)number);
    const char *text = proto_item_get_display_repr(pkt->pinfo->pool, added);
    const char *name = field_name(field_of(hf), (uint32_t)number);
    if (name)
        proto_item_append_text(item, ": %s (%s)", name, text);
    else
        ike_append_text(item, ": ", text);
}

/* Text, bytes or an address that fill the value. */
static void add_single(ike_packet *pkt, proto_tree *tree, tvbuff_t *value, unsigned length,
                       const ike_value_row *row, int hf, proto_item *item)
{
    const header_field_info *field = field_of(hf);
    proto_item *added = proto_tree_add_item(tree, field->id, value, 0, length, encoding_of(field));

    if (row->registry && length <= 4) { /* a number whose field is one of bytes in the built-in */
        const char *name = ike_vendor_name_of(pkt, row->registry, (uint32_t)number_of(value));
        proto_item_append_text(added, " (%s)", name);
        proto_item_append_text(item, ": %s", name);
    } else {
        ike_append_text(item, ": ",
                        FT_IS_STRING(field->type)
                            ? tvb_format_text(pkt->pinfo->pool, value, 0, (int)length)
                            : proto_item_get_display_repr(pkt->pinfo->pool, added));
    }
}

/* One field for all of the value. */
static unsigned add_whole(ike_packet *pkt, proto_tree *tree, tvbuff_t *value,
                          const ike_value_row *row, int hf, proto_item *item)
{
    unsigned length = tvb_reported_length(value), fixed = field_length(hf);

    if (is_number(hf)) {
        add_number(pkt, tree, value, row, hf, item);
        return length;
    }
    if (length < fixed)
        return 0;
    add_single(pkt, tree, value, fixed ? fixed : length, row, hf, item);
    return fixed ? fixed : length;
}

static int field_by_length(const ike_value_row *row, unsigned length)
{
    unsigned i = 0;

    while (row->fields[i + 1] && length > field_length(*row->fields[i]))
        i++;
    return *row->fields[i];
}

unsigned ike_add_value(ike_packet *pkt, proto_tree *tree, tvbuff_t *value, const ike_value_row *row,
                       proto_item *item)
{
    unsigned length = tvb_reported_length(value), offset = 0, before;

    if (!row->fields[0])
        return length;
    if (row->by_length)
        return add_whole(pkt, tree, value, row, field_by_length(row, length), item);
    if (!row->fields[1] && !row->repeated)
        return add_whole(pkt, tree, value, row, *row->fields[0], item);
    do {
        before = offset;
        offset = ike_add_fields(pkt, tree, value, before, row->fields, item);
    } while (row->repeated && offset > before && ike_left(value, offset));
    return offset;
}

void ike_register_value_row(void)
{
    static ei_register_info ei[] = {
        {&ei_size,
         {"isakmp.attribute_value_size", PI_PROTOCOL, PI_WARN, "Number too large for its type",
          EXPFILL}},
    };

    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
