/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields that more than one file shows: common_fields.c registers them. All others belong to the
 * file that parses them. */
#ifndef IKE_COMMON_FIELDS_H
#define IKE_COMMON_FIELDS_H

#include "dissector/base/packet.h"

extern int hf_ike_payload_type;   /* isakmp.typepayload: a payload, proposal or transform */
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

/* Before the register functions of the other files. */
void ike_register_common_fields(void);

#endif
