/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields that more than one file shows. */
#include "common_fields.h"

#include "ike.h"

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

void ike_register_common_fields(void)
{
    static hf_register_info hf[] = {
        {&hf_ike_payload_type,
         {"Payload", "isakmp.typepayload", FT_UINT8, BASE_DEC, NULL, 0, "ISAKMP Payload Type",
          HFILL}},
        {&hf_ike_next_payload,
         {"Next payload", "isakmp.nextpayload", FT_UINT8, BASE_DEC, NULL, 0, "ISAKMP Next Payload",
          HFILL}},
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

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
