/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify (RFC 7296 3.10, RFC 2408 3.14):
 *
 *   +---------------+---------------+-------------------------------+
 *   |  Protocol ID  |   SPI Size    |      Notify Message Type      |
 *   +---------------+---------------+-------------------------------+
 *   |       Security Parameter Index, then Notification Data        |
 *   +---------------------------------------------------------------+
 *
 * In IKEv1 a Domain of Interpretation precedes it.
 */
#include "dissector/common/notification.h"

#include "dissector/base/attribute.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/former_names.h"
#include "dissector/base/items.h"
#include "dissector/base/notify_names.h"
#include "dissector/base/payload_notation.h"
#include "dissector/base/vendor_name.h"

enum { FIXED = 4 };

static int hf_data = -1;
static int hf_text = -1;
static expert_field ei_spi = EI_INIT;
static expert_field ei_error = EI_INIT;
static expert_field ei_unknown = EI_INIT;
static expert_field ei_length = EI_INIT;

static void add_ikev1_name(ike_packet *pkt, ike_former_name name)
{
    if (pkt->msg->major < 2)
        ike_add_former_name(pkt, name);
}

bool ike_notify_expect(ike_packet *pkt, tvbuff_t *data, proto_item *item, unsigned least,
                       unsigned most)
{
    unsigned length = tvb_reported_length(data);

    if (length >= least && length <= most)
        return true;
    add_ikev1_name(pkt, IKE_FORMER_NOTIFY_LENGTH);
    if (length < least)
        expert_add_info_format(pkt->pinfo, item, &ei_length, "%u bytes of data, needs %u", length,
                               least);
    else
        expert_add_info_format(pkt->pinfo, item, &ei_length,
                               "%u bytes of data, at most %u expected", length, most);
    return length >= least;
}

void ike_notify_add_value(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                          const ike_value_row *row)
{
    unsigned length = tvb_reported_length(data), least, most;

    ike_value_limits(row, &least, &most);
    bool complete = ike_notify_expect(pkt, data, item, least, most);
    if (!row->fields[0] || (!complete && ike_value_is_number(row)))
        return;
    tvbuff_t *value = length > most ? tvb_new_subset_length(data, 0, most) : data;
    unsigned end = ike_add_value(pkt, tree, value, row, NULL);
    if (end < length && length <= most)
        ike_notify_expect(pkt, data, item, end, end);
}

/* Text that a vendor sends, with or without zero bytes behind it: its length, or 0. */
static unsigned text_length(tvbuff_t *data)
{
    enum { SHORTEST = 4 };
    unsigned length = tvb_reported_length(data);

    while (length && !tvb_get_uint8(data, length - 1))
        length--;
    if (length < SHORTEST)
        return 0;
    for (unsigned i = 0; i < length; i++)
        if (!g_ascii_isprint(tvb_get_uint8(data, i)) && !g_ascii_isspace(tvb_get_uint8(data, i)))
            return 0;
    return length;
}

static void dissect_data(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                         uint16_t type, const ike_value_row *row)
{
    proto_item *item = ike_add_rest(tree, hf_data, body, offset, ENC_NA);

    if (!ike_left(body, offset))
        return;
    tvbuff_t *data = tvb_new_subset_remaining(body, offset);
    unsigned text = row ? 0 : text_length(data);
    if (row) {
        ike_notify_add_value(pkt, data, tree, item, row);
        if (row->dissect)
            row->dissect(pkt, data, tree, item, type);
    } else if (text) {
        proto_tree_add_item(tree, hf_text, data, 0, text, ENC_ASCII | ENC_NA);
    }
}

static void record_notify(ike_packet *pkt, tvbuff_t *body, unsigned offset, unsigned spi_size)
{
    ike_message *msg = pkt->msg;

    if (msg->notify_count == IKE_MAX_NOTIFIES)
        return;
    ike_record_payload_notify(pkt);
    msg->notifies[msg->notify_count++] = (ike_notify){
        .type = tvb_get_ntohs(body, offset + 2),
        .protocol = tvb_get_uint8(body, offset),
        .spi = ike_bytes_of(body, offset + FIXED, spi_size),
        .data = ike_bytes_of(body, offset + FIXED + spi_size, -1),
    };
}

/* The SPI behind the fixed part; returns how many of its bytes are in the payload. */
static unsigned dissect_spi(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                            proto_item *size_item, unsigned size)
{
    if (size > ike_left(body, offset)) {
        expert_add_info(pkt->pinfo, size_item, &ei_spi);
        add_ikev1_name(pkt, IKE_FORMER_NOTIFY_SPI_SIZE);
        size = ike_left(body, offset);
    }
    if (size)
        proto_tree_add_item(tree, hf_ike_spi, body, offset, size, ENC_NA);
    return size;
}

void ike_dissect_notification(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                              proto_item *item, const ike_notification *version)
{
    if (ike_left(body, offset) < FIXED) {
        ike_too_short(pkt, body, tree, "a notification");
        return;
    }
    uint8_t protocol = tvb_get_uint8(body, offset);
    unsigned size = version->has_spi ? tvb_get_uint8(body, offset + 1) : 0;
    uint16_t type = tvb_get_ntohs(body, offset + 2);
    const char *name = ike_vendor_name_of(pkt, version->registry, type);

    proto_item_append_text(item, " - %s", name);
    proto_tree_add_item(tree, *version->protocol, body, offset, 1, ENC_NA);
    proto_item *size_item =
        proto_tree_add_item(tree, *version->spi_size, body, offset + 1, 1, ENC_NA);
    proto_item *type_item = ike_add_named(tree, *version->type, body, offset + 2, 2, type, name);
    size = dissect_spi(pkt, body, offset + FIXED, tree, size_item, size);
    if (type < IKE_NOTIFY_FIRST_STATUS) {
        expert_add_info_format(pkt->pinfo, type_item, &ei_error, "The peer reports %s", name);
        add_ikev1_name(pkt, IKE_FORMER_NOTIFY_ERROR);
    } else if (!ike_registry_assigned(version->registry, type) && type < version->first_private) {
        expert_add_info(pkt->pinfo, type_item, &ei_unknown);
        add_ikev1_name(pkt, IKE_FORMER_NOTIFY_UNKNOWN);
    }
    record_notify(pkt, body, offset, size);
    dissect_data(pkt, body, offset + FIXED + size, tree, type,
                 version->row_of(pkt, type, protocol));
}

void ike_register_notification(void)
{
    static hf_register_info hf[] = {
        {&hf_data,
         {"Notification DATA", "isakmp.notify.data", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_text,
         {"Text", "isakmp.notify.data.text", FT_STRING, BASE_NONE, NULL, 0,
          "Notification data of an unspecified type that is readable text", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_spi,
         {"isakmp.spisize.invalid", PI_MALFORMED, PI_ERROR, "The SPI is longer than the payload",
          EXPFILL}},
        {&ei_error,
         {"isakmp.notify.error", PI_RESPONSE_CODE, PI_NOTE, "The peer reports an error", EXPFILL}},
        {&ei_length,
         {"isakmp.notify.data.length", PI_PROTOCOL, PI_WARN,
          "Invalid length of notification data for this type", EXPFILL}},
        {&ei_unknown,
         {"isakmp.notify.msgtype.unknown", PI_UNDECODED, PI_NOTE, "Unknown notification", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
