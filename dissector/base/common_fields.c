/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields that more than one file shows. */
#include "dissector/base/common_fields.h"

#include "registry/names.h"

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

enum { V1_PROPOSAL = 2, V1_TRANSFORM = 3 };

static void fill_payload_names(void)
{
    for (uint32_t type = 0; type < PAYLOAD_TYPES; type++) {
        bool ikev1 = ike_registry_assigned(IKE_REG_IKEV1_PAYLOAD, type) &&
                     !ike_registry_assigned(IKE_REG_IKEV2_PAYLOAD, type);
        const char *name =
            ike_registry_name(ikev1 ? IKE_REG_IKEV1_PAYLOAD : IKE_REG_IKEV2_PAYLOAD, type);

        payload_names[type].value = type;
        payload_names[type].strptr = name ? name : "Unknown";
    }
    /* In IKEv2 these are substructures, not payloads; both versions call them so. */
    payload_names[V1_PROPOSAL].strptr = "Proposal";
    payload_names[V1_TRANSFORM].strptr = "Transform";
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
          "Bytes of a payload that is not dissected", HFILL}},
        {&hf_ike_extra_data,
         {"Extra data", "isakmp.extradata", FT_BYTES, BASE_NONE, NULL, 0,
          "Bytes after the end of the enclosing structure", HFILL}},
        {&hf_ike_spi_size,
         {"SPI Size", "isakmp.spisize", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_ike_spi, {"SPI", "isakmp.spi", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_ike_stream,
         {"IKE SA", "isakmp.stream", FT_UINT32, BASE_DEC, NULL, 0,
          "Number of the IKE SA in this capture", HFILL}},
        {&hf_ike_child,
         {"Child SA", "isakmp.child", FT_UINT32, BASE_DEC, NULL, 0,
          "Number of the Child SA in this capture", HFILL}},
    };

    fill_payload_names();
    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
