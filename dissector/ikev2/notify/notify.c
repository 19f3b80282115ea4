/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify of IKEv2 (RFC 7296 3.10): the rows of the other files in this folder, by type. */
#include "dissector/ikev2/notify/notify.h"

#include "dissector/base/common_fields.h"
#include "dissector/base/notify_names.h"
#include "dissector/base/payload_chain.h"
#include "dissector/base/value_strings.h"
#include "dissector/base/vendor_name.h"
#include "dissector/common/notification.h"
#include "registry/names.h"

static int hf_protocol = -1;
static int hf_type = -1;

/* A row and whose number it is: IKE_VENDOR_UNKNOWN for IANA's. */
typedef struct known_row {
    const ike_value_row *row;
    ike_vendor vendor;
    struct known_row *next; /* the same number with another vendor */
} known_row;

static wmem_map_t *rows_by_type;

void ikev2_notify_add_private(ike_vendor vendor, const ike_value_row *rows, unsigned count)
{
    if (!rows_by_type)
        rows_by_type = wmem_map_new(wmem_epan_scope(), g_direct_hash, g_direct_equal);
    for (unsigned i = 0; i < count; i++) {
        gpointer key = GUINT_TO_POINTER((guint)rows[i].type);
        known_row *known = wmem_new(wmem_epan_scope(), known_row);

        *known = (known_row){&rows[i], vendor, wmem_map_lookup(rows_by_type, key)};
        wmem_map_insert(rows_by_type, key, known);
    }
}

void ikev2_notify_add_rows(const ike_value_row *rows, unsigned count)
{
    ikev2_notify_add_private(IKE_VENDOR_UNKNOWN, rows, count);
}

/* The row of a type; of a private number the row of the vendor whose name it is shown by. */
static const ike_value_row *row_of(const ike_packet *pkt, uint16_t type, uint8_t protocol _U_)
{
    const known_row *known = wmem_map_lookup(rows_by_type, GUINT_TO_POINTER((guint)type));

    for (; known; known = known->next) {
        if (known->vendor == IKE_VENDOR_UNKNOWN)
            return known->row;
        const char *name = ike_private_name(known->vendor, IKE_REG_IKEV2_NOTIFY, type);
        if (name && strcmp(name, ike_vendor_notify_name(pkt, type)) == 0)
            return known->row;
    }
    return NULL;
}

static void dissect_notify(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                           uint8_t payload _U_)
{
    static const ike_notification ikev2 = {
        .registry = IKE_REG_IKEV2_NOTIFY,
        .first_private = IKEV2_NOTIFY_FIRST_PRIVATE,
        .protocol = &hf_protocol,
        .spi_size = &hf_ike_spi_size,
        .type = &hf_type,
        .has_spi = true,
        .row_of = row_of,
    };

    ike_dissect_notification(pkt, body, 0, tree, item, &ikev2);
}

static const ike_payload_row payload_row = {.type = IKEV2_PAYLOAD_NOTIFY,
                                            .dissect = dissect_notify};

void ikev2_register_notify(void)
{
    static hf_register_info hf[] = {
        {&hf_protocol,
         {"Protocol ID", "isakmp.notify.protoid", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_PROTOCOL], 0, "ISAKMP Notify Protocol ID", HFILL}},
        {&hf_type,
         {"Notify Message Type", "isakmp.notify.msgtype", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_NOTIFY], 0, "ISAKMP Notify Message Type", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    ike_add_payloads(IKE_PAYLOADS_IKEV2, &payload_row, 1);
}
