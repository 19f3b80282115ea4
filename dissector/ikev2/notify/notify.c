/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify of IKEv2 (RFC 7296 3.10); the data of each type is in notify_data*.c.
 *
 *   +---------------+---------------+-------------------------------+
 *   |  Protocol ID  |   SPI Size    |      Notify Message Type      |
 *   +---------------+---------------+-------------------------------+
 *   |       Security Parameter Index, then Notification Data        |
 *   +---------------------------------------------------------------+
 */
#include "dissector/ikev2/notify/notify.h"

#include "dissector/base/attribute.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/payload_chain.h"
#include "dissector/base/payload_notation.h"
#include "dissector/base/value_strings.h"
#include "dissector/base/vendor_name.h"
#include "registry/names.h"
#include "proto/ike_numbers.h"

enum { FIRST_STATUS = 16384 };

static int hf_protocol = -1;
static int hf_type = -1;
static int hf_data = -1;
static expert_field ei_spi = EI_INIT;
static expert_field ei_error = EI_INIT;
static expert_field ei_unknown = EI_INIT;
static expert_field ei_length = EI_INIT;

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

/* The row of a type; of a private number the one whose vendor's name the number goes by. */
static const ike_value_row *row_of(const ike_packet *pkt, uint16_t type)
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

bool ikev2_notify_expect(ike_packet *pkt, tvbuff_t *data, proto_item *item, unsigned least,
                         unsigned most)
{
    unsigned length = tvb_reported_length(data);

    if (length < least)
        expert_add_info_format(pkt->pinfo, item, &ei_length, "%u bytes of data, needs %u", length,
                               least);
    else if (length > most)
        expert_add_info_format(pkt->pinfo, item, &ei_length,
                               "%u bytes of data, at most %u expected", length, most);
    return length >= least;
}

void ikev2_notify_add_value(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                            const ike_value_row *row)
{
    unsigned length = tvb_reported_length(data), least, most;

    ike_value_limits(row, &least, &most);
    bool complete = ikev2_notify_expect(pkt, data, item, least, most);
    if (!row->fields[0] || (!complete && ike_value_is_number(row)))
        return;
    tvbuff_t *value = length > most ? tvb_new_subset_length(data, 0, (int)most) : data;
    unsigned end = ike_add_value(pkt, tree, value, row, NULL);
    if (end < length && length <= most)
        ikev2_notify_expect(pkt, data, item, end, end);
}

static void record_notify(ike_packet *pkt, tvbuff_t *body, uint16_t type, unsigned spi_size)
{
    ike_message *msg = pkt->msg;

    if (msg->notify_count == IKE_MAX_NOTIFIES) {
        msg->too_many = true;
        return;
    }
    ike_record_payload_notify(pkt);
    msg->notifies[msg->notify_count++] = (ike_notify){
        .type = type,
        .protocol = tvb_get_uint8(body, 0),
        .spi = ike_bytes_of(body, 4, (int)spi_size),
        .data = ike_bytes_of(body, 4 + spi_size, -1),
    };
}

static void dissect_data(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                         uint16_t type)
{
    const ike_value_row *row = row_of(pkt, type);
    proto_item *item = ike_add_rest(tree, hf_data, body, offset, ENC_NA);

    if (!row || !ike_left(body, offset))
        return;
    tvbuff_t *data = tvb_new_subset_remaining(body, (int)offset);
    ikev2_notify_add_value(pkt, data, tree, item, row);
    if (row->dissect)
        row->dissect(pkt, data, tree, item, type);
}

static void dissect_notify(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                           uint8_t payload _U_)
{
    enum { FIXED = 4 };

    if (ike_left(body, 0) < FIXED) {
        ike_too_short(pkt, body, tree, "a notification");
        return;
    }
    unsigned spi_size = tvb_get_uint8(body, 1);
    uint16_t type = tvb_get_ntohs(body, 2);
    const char *name = ike_vendor_notify_name(pkt, type);

    proto_item_append_text(item, " - %s", name);
    proto_tree_add_item(tree, hf_protocol, body, 0, 1, ENC_NA);
    proto_item *size = proto_tree_add_item(tree, hf_ike_spi_size, body, 1, 1, ENC_NA);
    proto_item *shown = ike_add_named(tree, hf_type, body, 2, 2, type, name);
    if (spi_size > ike_left(body, FIXED)) {
        expert_add_info(pkt->pinfo, size, &ei_spi);
        spi_size = ike_left(body, FIXED);
    }
    if (spi_size)
        proto_tree_add_item(tree, hf_ike_spi, body, FIXED, (int)spi_size, ENC_NA);
    if (type < FIRST_STATUS)
        expert_add_info_format(pkt->pinfo, shown, &ei_error, "The peer reports %s", name);
    else if (!ike_registry_assigned(IKE_REG_IKEV2_NOTIFY, type) && type < 40960)
        expert_add_info(pkt->pinfo, shown, &ei_unknown);
    record_notify(pkt, body, type, spi_size);
    dissect_data(pkt, body, FIXED + spi_size, tree, type);
}

static const ike_payload_row payload_row = {IKEV2_PAYLOAD_NOTIFY, dissect_notify, NULL, false};

void ikev2_register_notify(void)
{
    static hf_register_info hf[] = {
        {&hf_protocol,
         {"Protocol ID", "isakmp.notify.protoid", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_protocol_ext, 0, "ISAKMP Notify Protocol ID", HFILL}},
        {&hf_type,
         {"Notify Message Type", "isakmp.notify.msgtype", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_notify_ext, 0, "ISAKMP Notify Message Type", HFILL}},
        {&hf_data,
         {"Notification DATA", "isakmp.notify.data", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_spi,
         {"isakmp.spisize.invalid", PI_MALFORMED, PI_ERROR, "The SPI is longer than the payload",
          EXPFILL}},
        {&ei_error,
         {"isakmp.notify.error", PI_RESPONSE_CODE, PI_NOTE, "The peer reports an error", EXPFILL}},
        {&ei_length,
         {"isakmp.notify.data.length", PI_PROTOCOL, PI_WARN,
          "The notification's data has not the length of its type", EXPFILL}},
        {&ei_unknown,
         {"isakmp.notify.msgtype.unknown", PI_UNDECODED, PI_NOTE, "Unknown notification", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    ike_add_payloads(IKE_PAYLOADS_IKEV2, &payload_row, 1);
}
