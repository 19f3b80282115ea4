/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields that more than one file shows. */
#include "dissector/base/common_fields.h"

#include "dissector/base/label.h"

int hf_ike_payload_type = -1;
int hf_ike_next_payload = -1;
int hf_ike_payload_length = -1;
int hf_ike_reserved = -1;
int hf_ike_reserved2 = -1;
int hf_ike_data = -1;
int hf_ike_extra_data = -1;
int hf_ike_spi_size = -1;
int hf_ike_spi = -1;
int hf_ike_stream = -1;
int hf_ike_child = -1;

enum { PAYLOAD_TYPES = 256 };

/* Names of all payload types by number: IKEv1 and IKEv2 have none in common but "none". */
static value_string payload_names[PAYLOAD_TYPES + 1];
static value_string_ext payload_names_ext = VALUE_STRING_EXT_INIT(payload_names);
static bool assigned[PAYLOAD_TYPES];

enum { V1_PROPOSAL = 2, V1_TRANSFORM = 3 };

static void fill_payload_names(void)
{
    for (uint32_t type = 0; type < PAYLOAD_TYPES; type++) {
        bool of_v1 = ike_registry_assigned(IKE_REG_IKEV1_PAYLOAD, type);

        assigned[type] = ike_registry_assigned(IKE_REG_IKEV2_PAYLOAD, type);
        payload_names[type].value = type;
        const char *name = ike_registry_name(
            assigned[type] || !of_v1 ? IKE_REG_IKEV2_PAYLOAD : IKE_REG_IKEV1_PAYLOAD, type);
        payload_names[type].strptr = name ? name : "Unknown";
    }
    /* In IKEv2 no payloads any more, and called so in both versions. */
    payload_names[V1_PROPOSAL].strptr = "Proposal";
    payload_names[V1_TRANSFORM].strptr = "Transform";
}

const char *ike_assigned_payload(uint8_t type)
{
    return assigned[type] ? payload_names[type].strptr : NULL;
}

proto_item *ike_add_payload_type(proto_tree *tree, int of, tvbuff_t *tvb, unsigned offset,
                                 unsigned length, uint8_t type, const char *name)
{
    const char *own = payload_names[type].strptr;
    char number[IKE_DECIMAL];

    if (!tree)
        return NULL;
    proto_item *item = proto_tree_add_uint(tree, of, tvb, (int)offset, (int)length, type);
    if (name != own && strcmp(name, own) != 0)
        ike_label_value(item, name, " (", ike_decimal(type, 1, number), ")");
    return item;
}

proto_item *ike_add_uint8(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset)
{
    return proto_tree_add_uint(tree, hf, tvb, (int)offset, 1, tvb_get_uint8(tvb, (int)offset));
}

proto_item *ike_add_uint16(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset)
{
    return proto_tree_add_uint(tree, hf, tvb, (int)offset, 2, tvb_get_ntohs(tvb, (int)offset));
}

proto_item *ike_add_named(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset, unsigned length,
                          uint32_t value, ike_registry registry, const char *name)
{
    char number[IKE_DECIMAL];

    if (!tree)
        return NULL;
    proto_item *item = proto_tree_add_uint(tree, hf, tvb, (int)offset, (int)length, value);
    if (!ike_registry_assigned(registry, value))
        ike_label_value(item, name, " (", ike_decimal(value, 1, number), ")");
    return item;
}

static void look_up(ike_group_of_fields *group)
{
    group->infos = wmem_alloc_array(wmem_epan_scope(), const header_field_info *, group->count);
    for (unsigned i = 0; i < group->count; i++)
        group->infos[i] = proto_registrar_get_nth((unsigned)*group->fields[i]);
}

bool ike_any_shows(proto_tree *tree, ike_group_of_fields *group)
{
    if (!tree || PTREE_DATA(tree)->visible)
        return tree != NULL;
    if (!group->infos)
        look_up(group);
    unsigned types = 0; /* of references: or-ed, that the loop has no branches */
#pragma GCC unroll 8
    for (unsigned i = 0; i < group->count; i++)
        types |= group->infos[i]->ref_type;
    return types != HF_REF_TYPE_NONE;
}

bool ike_shows(ike_answer *answer, proto_tree *tree, ike_group_of_fields *group)
{
    if (!tree)
        return false;
    if (!answer->asked)
        *answer = (ike_answer){true, ike_any_shows(tree, group)};
    return answer->shows;
}

void ike_register_common_fields(void)
{
    static hf_register_info hf[] = {
        {&hf_ike_payload_type,
         {"Payload", "isakmp.typepayload", FT_UINT8, BASE_DEC | BASE_EXT_STRING, &payload_names_ext,
          0, "ISAKMP Payload Type", HFILL}},
        {&hf_ike_next_payload,
         {"Next payload", "isakmp.nextpayload", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &payload_names_ext, 0, "ISAKMP Next Payload", HFILL}},
        {&hf_ike_payload_length,
         {"Payload length", "isakmp.payloadlength", FT_UINT16, BASE_DEC, NULL, 0,
          "ISAKMP Payload Length", HFILL}},
        {&hf_ike_reserved,
         {"Reserved", "isakmp.reserved", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_ike_reserved2,
         {"Reserved2", "isakmp.reserved2", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_ike_data,
         {"Data Payload", "isakmp.datapayload", FT_BYTES, BASE_NONE, NULL, 0,
          "Octets of a payload that is not dissected", HFILL}},
        {&hf_ike_extra_data,
         {"Extra data", "isakmp.extradata", FT_BYTES, BASE_NONE, NULL, 0,
          "Octets after the end of what holds them", HFILL}},
        {&hf_ike_spi_size,
         {"SPI Size", "isakmp.spisize", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_ike_spi, {"SPI", "isakmp.spi", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_ike_stream,
         {"IKE SA", "isakmp.stream", FT_UINT32, BASE_DEC, NULL, 0,
          "Number of the IKE SA in this capture", HFILL}},
        {&hf_ike_child,
         {"CHILD_SA", "isakmp.child", FT_UINT32, BASE_DEC, NULL, 0,
          "Number of the CHILD_SA in this capture", HFILL}},
    };

    fill_payload_names();
    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
