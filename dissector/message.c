/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ISAKMP header (RFC 7296 3.1, RFC 2408 3.1) and the message as a whole.
 *
 *   +---------------------------------------------------------------+
 *   |                       Initiator SPI (8)                       |
 *   |                       Responder SPI (8)                       |
 *   +---------------+-------+-------+---------------+---------------+
 *   | Next Payload  | MjVer | MnVer | Exchange Type |     Flags     |
 *   +---------------+-------+-------+---------------+---------------+
 *   |                          Message ID                           |
 *   |                            Length                             |
 *   +---------------------------------------------------------------+
 */
#include "dissector/message.h"

#include <epan/show_exception.h>
#include <wsutil/to_str.h>

#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/notify_names.h"
#include "dissector/base/payload_chain.h"
#include "dissector/base/payload_notation.h"
#include "dissector/base/value_strings.h"
#include "dissector/session/export_pdu.h"
#include "dissector/session/generated_fields.h"
#include "dissector/session/packet_origin.h"
#include "dissector/session/session.h"
#include "dissector/session/tap.h"
#include "registry/names.h"

enum { PORT_GDOI = 848 };
enum { V1_ENCRYPTION = 0x01, V2_INITIATOR = 0x08, V2_RESPONSE = 0x20 };

static int hf_ispi = -1;
static int hf_rspi = -1;
static int hf_version = -1;
static int hf_major = -1;
static int hf_minor = -1;
static int hf_exchange = -1;
static int hf_flags = -1;
static int hf_flag_e = -1;
static int hf_flag_c = -1;
static int hf_flag_a = -1;
static int hf_flag_i = -1;
static int hf_flag_v = -1;
static int hf_flag_r = -1;
static int hf_message_id = -1;
static int hf_notify_names = -1;
static int hf_length = -1;
static int ett_isakmp = -1;
static int ett_version = -1;
static int ett_flags = -1;
static expert_field ei_version = EI_INIT;
static expert_field ei_exchange = EI_INIT;
static expert_field ei_flags = EI_INIT;
static expert_field ei_length_short = EI_INIT;
static expert_field ei_length_long = EI_INIT;
static expert_field ei_header_short = EI_INIT;
static expert_field ei_trailing = EI_INIT;
static expert_field ei_spi_zero = EI_INIT;
static expert_field ei_not_encrypted = EI_INIT;

static const true_false_string tfs_initiator = {"Initiator", "Responder"};
static const true_false_string tfs_response = {"Response", "Request"};
static const true_false_string tfs_version = {"Higher version", "No higher version"};
static const true_false_string tfs_encrypted = {"Encrypted", "Not encrypted"};
static const true_false_string tfs_commit = {"Commit", "No commit"};
static const true_false_string tfs_authentication = {"Authentication", "No authentication"};

static bool is_gdoi(const ike_message *msg)
{
    return msg->source.port == PORT_GDOI || msg->destination.port == PORT_GDOI;
}

/* In the Group DOI, which has a port of its own, some exchange types mean something else. */
static ike_registry exchange_registry(const ike_message *msg, uint8_t exchange)
{
    if (msg->major >= 2)
        return IKE_REG_IKEV2_EXCHANGE;
    return is_gdoi(msg) && ike_registry_assigned(IKE_REG_GDOI_EXCHANGE, exchange)
               ? IKE_REG_GDOI_EXCHANGE
               : IKE_REG_IKEV1_EXCHANGE;
}

static bool exchange_is_assigned(const ike_message *msg)
{
    return ike_registry_assigned(exchange_registry(msg, msg->exchange), msg->exchange);
}

/* The name of an exchange under the version of the message; never NULL. */
static const char *exchange_name(const ike_message *msg, uint8_t exchange)
{
    const char *name = ike_registry_name(exchange_registry(msg, exchange), exchange);

    return name ? name : "Unknown exchange";
}

static void record_endpoint(ike_endpoint *endpoint, const address *from, uint32_t port)
{
    endpoint->port = (uint16_t)port;
    if (from->type == AT_IPv4) {
        endpoint->family = 4;
        memcpy(endpoint->bytes, from->data, 4);
    } else if (from->type == AT_IPv6) {
        endpoint->family = 6;
        memcpy(endpoint->bytes, from->data, 16);
    }
}

static void record_header(ike_packet *pkt)
{
    ike_message *msg = pkt->msg;
    tvbuff_t *tvb = pkt->tvb;
    const uint8_t *header = tvb_get_ptr(tvb, 0, IKE_HEADER);

    msg->frame = pkt->pinfo->num;
    msg->time_ns = (uint64_t)pkt->pinfo->abs_ts.secs * UINT64_C(1000000000) +
                   (uint64_t)pkt->pinfo->abs_ts.nsecs;
    record_endpoint(&msg->source, &pkt->pinfo->src, pkt->pinfo->srcport);
    record_endpoint(&msg->destination, &pkt->pinfo->dst, pkt->pinfo->destport);
    msg->tcp = pkt->pinfo->ptype == PT_TCP;
    msg->initiator_spi = tvb_get_ntoh64(tvb, 0);
    msg->responder_spi = tvb_get_ntoh64(tvb, 8);
    msg->first_payload = header[16];
    msg->major = header[17] >> 4;
    msg->minor = header[17] & 0x0f;
    msg->exchange = header[18];
    msg->flags = header[19];
    msg->message_id = tvb_get_ntohl(tvb, 20);
    msg->length = tvb_get_ntohl(tvb, 24);
    if (msg->major >= 2) {
        msg->initiator = msg->flags & V2_INITIATOR;
        msg->response = msg->flags & V2_RESPONSE;
    } else {
        msg->encrypted = msg->flags & V1_ENCRYPTION;
    }
    if (pkt->first_pass)
        ike_record_origin(pkt);
}

static void show_version(ike_packet *pkt)
{
    const ike_message *msg = pkt->msg;
    uint32_t version = (uint32_t)msg->major << 4 | msg->minor;
    proto_item *item = proto_tree_add_uint_format_value(pkt->tree, hf_version, pkt->tvb, 17, 1,
                                                        version, "%u.%u", msg->major, msg->minor);
    proto_tree *sub = proto_item_add_subtree(item, ett_version);

    proto_tree_add_uint(sub, hf_major, pkt->tvb, 17, 1, version);
    proto_tree_add_uint(sub, hf_minor, pkt->tvb, 17, 1, version);
    if (msg->major != 1 && msg->major != 2)
        expert_add_info_format(pkt->pinfo, item, &ei_version,
                               "Unknown IKE version %u.%u, dissected as version %u", msg->major,
                               msg->minor, msg->major < 2 ? 1 : 2);
}

static void show_exchange(ike_packet *pkt)
{
    const ike_message *msg = pkt->msg;
    proto_item *item = ike_add_named(pkt->tree, hf_exchange, pkt->tvb, 18, 1, msg->exchange,
                                     exchange_name(msg, msg->exchange));

    if (!exchange_is_assigned(msg))
        expert_add_info(pkt->pinfo, item, &ei_exchange);
}

static void show_flags(ike_packet *pkt)
{
    static int *const v1_flags[] = {&hf_flag_e, &hf_flag_c, &hf_flag_a, NULL};
    static int *const v2_flags[] = {&hf_flag_i, &hf_flag_v, &hf_flag_r, NULL};
    const ike_message *msg = pkt->msg;
    proto_item *item = proto_tree_add_bitmask_with_flags(
        pkt->tree, pkt->tvb, 19, hf_flags, ett_flags, msg->major < 2 ? v1_flags : v2_flags,
        ENC_BIG_ENDIAN, BMT_NO_APPEND);

    if (msg->flags & (msg->major < 2 ? ~0x07u : ~0x38u))
        expert_add_info(pkt->pinfo, item, &ei_flags);
    if (msg->major >= 2)
        proto_item_append_text(item, " (%s, %s, %s)", msg->initiator ? "Initiator" : "Responder",
                               msg->flags & 0x10 ? "Higher version" : "No higher version",
                               msg->response ? "Response" : "Request");
}

static void show_length(ike_packet *pkt, unsigned available)
{
    uint32_t length = pkt->msg->length;
    proto_item *item = proto_tree_add_uint(pkt->tree, hf_length, pkt->tvb, 24, 4, length);

    if (length < IKE_HEADER) {
        pkt->msg->malformed = true;
        expert_add_info(pkt->pinfo, item, &ei_length_short);
    } else if (length > available && !pkt->pinfo->flags.in_error_pkt) {
        /* ICMP truncates what it returns. */
        pkt->msg->malformed = true;
        expert_add_info_format(pkt->pinfo, item, &ei_length_long,
                               "Length is %u, but the message has %u bytes", length, available);
    }
}

static void show_header(ike_packet *pkt, unsigned available)
{
    proto_item *spi = proto_tree_add_item(pkt->tree, hf_ispi, pkt->tvb, 0, 8, ENC_NA);

    if (!pkt->msg->initiator_spi)
        expert_add_info(pkt->pinfo, spi, &ei_spi_zero);
    proto_tree_add_item(pkt->tree, hf_rspi, pkt->tvb, 8, 8, ENC_NA);
    ike_add_named(pkt->tree, hf_ike_next_payload, pkt->tvb, 16, 1, pkt->msg->first_payload,
                  ike_payload_name(pkt, pkt->msg->first_payload));
    show_version(pkt);
    show_exchange(pkt);
    show_flags(pkt);
    proto_tree_add_uint(pkt->tree, hf_message_id, pkt->tvb, 20, 4, pkt->msg->message_id);
    show_length(pkt, available);
}

/* At least two digits. */
static const char *message_id_text(char text[static 16], uint32_t message_id)
{
    char *at = uint_to_str_back_len(text + 15, message_id, 2);

    text[15] = '\0';
    return at;
}

static void write_info(ike_packet *pkt)
{
    const ike_message *msg = pkt->msg;
    column_info *cinfo = pkt->pinfo->cinfo;
    char number[16];

    col_set_str(cinfo, COL_PROTOCOL, "ISAKMP");
    if (msg->major < 2)
        col_add_str(cinfo, COL_INFO, exchange_name(msg, msg->exchange));
    else
        col_add_lstr(cinfo, COL_INFO, exchange_name(msg, msg->exchange),
                     " MID=", message_id_text(number, msg->message_id),
                     msg->initiator ? " Initiator " : " Responder ",
                     msg->response ? "Response" : "Request", COL_ADD_LSTR_TERMINATOR);
    /* Subdissectors append behind it. */
    col_set_fence(cinfo, COL_INFO);
    const char *text = msg->major < 2 ? col_get_text(cinfo, COL_INFO) : NULL;
    pkt->info_length = text ? (unsigned)strlen(text) : 0;
}

/* The message's place in its exchange of IKEv1, as it is to follow the exchange's name: the
 * exchange has two names, that of RFC 2408 and that of RFC 2409, which is appended if it differs.
 */
static const char *step_of(const ike_packet *pkt)
{
    const ike_message_record *record = pkt->data->record;
    const char *name = exchange_name(pkt->msg, pkt->msg->exchange);
    char text[100];

    ike_record_step(record, text, sizeof text);
    const char *number = strrchr(text, ' ');
    size_t length = number ? (size_t)(number - text) : 0;
    if (strncmp(name, text, strlen(name)) == 0)
        return wmem_strdup(pkt->pinfo->pool, text + strlen(name));
    if (strncmp(name, text, length) == 0)
        return wmem_strdup(pkt->pinfo->pool, text + length);
    return wmem_strdup_printf(pkt->pinfo->pool, ", %s", text);
}

/* The step is known only after the payloads have been dissected, but stands before their text. */
static void insert_step(const ike_packet *pkt)
{
    column_info *cinfo = pkt->pinfo->cinfo;
    const char *text = pkt->msg->major < 2 ? col_get_text(cinfo, COL_INFO) : NULL;

    if (!text || strlen(text) < pkt->info_length || !pkt->data || !pkt->data->record ||
        !pkt->data->record->step || pkt->data->record->step > pkt->data->record->steps ||
        exchange_registry(pkt->msg, pkt->msg->exchange) != IKE_REG_IKEV1_EXCHANGE ||
        pkt->msg->decryption == IKE_FRAGMENT)
        return;
    const char *head = wmem_strndup(pkt->pinfo->pool, text, pkt->info_length);
    const char *tail = wmem_strdup(pkt->pinfo->pool, text + pkt->info_length);
    col_clear_fence(cinfo, COL_INFO);
    col_add_fstr(cinfo, COL_INFO, "%s%s%s", head, step_of(pkt), tail);
    col_set_fence(cinfo, COL_INFO);
}

static void dissect_payloads(ike_packet *pkt, unsigned length)
{
    uint8_t next = pkt->msg->first_payload;

    if (pkt->msg->major < 2 && pkt->msg->encrypted) {
        tvbuff_t *body = tvb_new_subset_length(pkt->tvb, IKE_HEADER, (int)(length - IKE_HEADER));
        ike_dissect_ikev1_encrypted(pkt, body, next);
        return;
    }
    unsigned end = ike_dissect_chain(pkt, pkt->tvb, IKE_HEADER, pkt->tree, next);
    if (ike_left(pkt->tvb, end)) {
        proto_item *item = ike_add_rest(pkt->tree, hf_ike_extra_data, pkt->tvb, end, ENC_NA);
        expert_add_info_format(pkt->pinfo, item, &ei_trailing,
                               "%u bytes between the last payload and the end of the message",
                               ike_left(pkt->tvb, end));
    }
}

/* ", copy of frame 3" of a message that was seen before, or "". */
static const char *original_of(const ike_packet *pkt)
{
    const ike_message_record *record = pkt->data ? pkt->data->record : NULL;

    if (!record || !record->original)
        return "";
    return wmem_strdup_printf(pkt->pinfo->pool, ", %s of frame %u",
                              record->copy ? "copy" : "retransmission", record->original->frame);
}

/* What the flow graph shows of the message: "IKE_AUTH request 1 [ IDi AUTH SA TSi TSr ]", as the
 * daemons log it. */
static const char *summary_of(const ike_packet *pkt, const char *notation)
{
    char step[100];
    const char *original = original_of(pkt);

    ike_record_step(pkt->data->record, step, sizeof step);
    if (pkt->msg->major < 2)
        return wmem_strdup_printf(pkt->pinfo->pool, "%s%s %s", step, original, notation);
    return wmem_strdup_printf(pkt->pinfo->pool, "%s %u%s %s", step, pkt->msg->message_id, original,
                              notation);
}

/* For a column of the packet list, and for filters by name. */
static void add_notify_names(const ike_packet *pkt)
{
    if (!pkt->msg->notify_count || !proto_field_is_referenced(pkt->tree, hf_notify_names))
        return;
    const char *names = ike_notify_names(pkt);
    if (!*names)
        return;
    proto_item *item = proto_tree_add_string(pkt->tree, hf_notify_names, pkt->tvb, 0, 0, names);

    proto_item_set_generated(item);
    proto_item_set_hidden(item);
}

/* The payloads go to the end of the Info column, behind what the built-in says there. */
static void finish_message(ike_packet *pkt)
{
    bool shown = col_get_writable(pkt->pinfo->cinfo, COL_INFO);
    bool tapped = ike_is_tapped();
    const char *notation = shown || tapped ? ike_payload_notation(pkt) : NULL;

    if (pkt->data) {
        ike_session_set_reading(pkt->first_pass);
        ike_add_generated_fields(pkt);
        ike_fill_sa_item(pkt);
        ike_session_set_reading(false);
        if (pkt->data->record)
            ike_tap_message(pkt->pinfo, pkt->data->record,
                            tapped ? summary_of(pkt, notation) : NULL);
    }
    ike_export_message(pkt);
    add_notify_names(pkt);
    insert_step(pkt);
    if (shown) {
        col_append_lstr(pkt->pinfo->cinfo, COL_INFO, original_of(pkt), " ", notation,
                        COL_ADD_LSTR_TERMINATOR);
        col_set_fence(pkt->pinfo->cinfo, COL_INFO);
    }
}

/* Whether the exchange has no messages in clear: in IKEv2 all but IKE_SA_INIT, IKE_SESSION_RESUME
 * (RFC 5723) and errors outside an IKE SA (RFC 7296 1.5), in IKEv1 those of phase 2. */
static bool must_be_encrypted(const ike_message *msg)
{
    if (msg->major >= 2)
        return msg->first_payload && msg->exchange != IKEV2_EXCHANGE_IKE_SA_INIT &&
               msg->exchange != IKEV2_EXCHANGE_IKE_SESSION_RESUME &&
               (msg->exchange != IKEV2_EXCHANGE_INFORMATIONAL ||
                msg->first_payload != IKEV2_PAYLOAD_NOTIFY);
    return msg->exchange == IKEV1_EXCHANGE_QUICK_MODE ||
           msg->exchange == IKEV1_EXCHANGE_TRANSACTION ||
           (msg->flags & V1_ENCRYPTION && msg->exchange < IKEV1_EXCHANGE_AUTHIP_MAIN_MODE);
}

/* Decrypted copies of firewalls' debug captures, or messages of somebody else. */
static void check_encryption(ike_packet *pkt)
{
    const ike_message *msg = pkt->msg;

    if (!msg->encrypted && must_be_encrypted(msg) && !pkt->pinfo->flags.in_error_pkt &&
        msg->first_payload != IKEV1_PAYLOAD_FRAGMENT)
        expert_add_info_format(pkt->pinfo, pkt->item, &ei_not_encrypted,
                               "%s message is not encrypted (a decrypted copy?)",
                               exchange_name(msg, msg->exchange));
}

static void dissect_body(ike_packet *pkt, unsigned length)
{
    TRY
    {
        dissect_payloads(pkt, length);
    }
    CATCH(BoundsError) /* truncated by the snap length: what is there of it counts all the same */
    {
        show_exception(pkt->tvb, pkt->pinfo, pkt->tree, EXCEPT_CODE, GET_MESSAGE);
    }
    CATCH_NONFATAL_ERRORS
    {
        pkt->msg->malformed = true;
        show_exception(pkt->tvb, pkt->pinfo, pkt->tree, EXCEPT_CODE, GET_MESSAGE);
    }
    ENDTRY;
    check_encryption(pkt);
    ike_session_end(pkt);
    finish_message(pkt);
}

static ike_message *new_message(wmem_allocator_t *pool)
{
    ike_message *msg = wmem_new(pool, ike_message);

    /* The lists behind the counts need no clearing. */
    memset(msg, 0, offsetof(ike_message, id));
    return msg;
}

static int show_stub(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    proto_item *item = ike_add_rest(tree, proto_isakmp, tvb, 0, ENC_NA);

    col_set_str(pinfo->cinfo, COL_PROTOCOL, "ISAKMP");
    col_add_fstr(pinfo->cinfo, COL_INFO, "Too short for an IKE header: %u bytes",
                 tvb_reported_length(tvb));
    if (!pinfo->flags.in_error_pkt) /* of which ICMP may give no more than eight bytes */
        expert_add_info(pinfo, item, &ei_header_short);
    ike_add_rest(proto_item_add_subtree(item, ett_isakmp), hf_ike_extra_data, tvb, 0, ENC_NA);
    return (int)tvb_captured_length(tvb);
}

static int dissect_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, bool reassembled)
{
    unsigned available = tvb_reported_length(tvb);

    if (available < IKE_HEADER || tvb_captured_length(tvb) < IKE_HEADER)
        return show_stub(tvb, pinfo, tree);

    ike_packet pkt = {.pinfo = pinfo, .first_pass = !PINFO_FD_VISITED(pinfo)};
    uint32_t said = tvb_get_ntohl(tvb, 24);
    unsigned length = said >= IKE_HEADER && said < available ? said : available;

    pkt.item = proto_tree_add_item(tree, proto_isakmp, tvb, 0, (int)length, ENC_NA);
    pkt.tree = proto_item_add_subtree(pkt.item, ett_isakmp);
    pkt.tvb = length == available ? tvb : tvb_new_subset_length(tvb, 0, (int)length);
    pkt.msg = new_message(pinfo->pool);
    pkt.msg->reassembled = reassembled;
    record_header(&pkt);
    pkt.gdoi = is_gdoi(pkt.msg);
    ike_session_begin(&pkt);
    ike_add_sa_item(&pkt);
    write_info(&pkt);
    show_header(&pkt, available);
    if (pinfo->flags.in_error_pkt && said > available)
        return (int)tvb_captured_length(tvb);
    dissect_body(&pkt, length);
    if (length < available) {
        proto_item *item = ike_add_rest(pkt.tree, hf_ike_extra_data, tvb, length, ENC_NA);
        expert_add_info_format(pinfo, item, &ei_trailing, "%u bytes after the end of the message",
                               available - length);
    }
    return (int)tvb_captured_length(tvb);
}

int ike_dissect_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    return dissect_message(tvb, pinfo, tree, false);
}

void ike_dissect_reassembled(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    dissect_message(tvb, pinfo, tree, true);
}

void ike_register_message(void)
{
    static hf_register_info hf[] = {
        {&hf_ispi,
         {"Initiator SPI", "isakmp.ispi", FT_BYTES, BASE_NONE, NULL, 0, "ISAKMP Initiator SPI",
          HFILL}},
        {&hf_rspi,
         {"Responder SPI", "isakmp.rspi", FT_BYTES, BASE_NONE, NULL, 0, "ISAKMP Responder SPI",
          HFILL}},
        {&hf_version,
         {"Version", "isakmp.version", FT_UINT8, BASE_HEX, NULL, 0,
          "ISAKMP Version (major + minor)", HFILL}},
        {&hf_major,
         {"MjVer", "isakmp.mjver", FT_UINT8, BASE_HEX, NULL, 0xf0, "ISAKMP MjVer", HFILL}},
        {&hf_minor,
         {"MnVer", "isakmp.mnver", FT_UINT8, BASE_HEX, NULL, 0x0f, "ISAKMP MnVer", HFILL}},
        {&hf_exchange,
         {"Exchange type", "isakmp.exchangetype", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_EXCHANGE], 0, "ISAKMP Exchange Type", HFILL}},
        {&hf_flags, {"Flags", "isakmp.flags", FT_UINT8, BASE_HEX, NULL, 0, "ISAKMP Flags", HFILL}},
        {&hf_flag_e,
         {"Encryption", "isakmp.flag_e", FT_BOOLEAN, 8, TFS(&tfs_encrypted), 0x01, "Encryption Bit",
          HFILL}},
        {&hf_flag_c,
         {"Commit", "isakmp.flag_c", FT_BOOLEAN, 8, TFS(&tfs_commit), 0x02, "Commit Bit", HFILL}},
        {&hf_flag_a,
         {"Authentication", "isakmp.flag_a", FT_BOOLEAN, 8, TFS(&tfs_authentication), 0x04,
          "Authentication Bit", HFILL}},
        {&hf_flag_i,
         {"Initiator", "isakmp.flag_i", FT_BOOLEAN, 8, TFS(&tfs_initiator), V2_INITIATOR,
          "Initiator Bit", HFILL}},
        {&hf_flag_v,
         {"Version", "isakmp.flag_v", FT_BOOLEAN, 8, TFS(&tfs_version), 0x10, "Version Bit",
          HFILL}},
        {&hf_flag_r,
         {"Response", "isakmp.flag_r", FT_BOOLEAN, 8, TFS(&tfs_response), V2_RESPONSE,
          "Response Bit", HFILL}},
        {&hf_message_id,
         {"Message ID", "isakmp.messageid", FT_UINT32, BASE_HEX, NULL, 0, "ISAKMP Message ID",
          HFILL}},
        {&hf_length,
         {"Length", "isakmp.length", FT_UINT32, BASE_DEC, NULL, 0, "ISAKMP Length", HFILL}},
        {&hf_notify_names,
         {"Notifications", "isakmp.notify.names", FT_STRING, BASE_NONE, NULL, 0,
          "Names of the notifications, errors first; without capabilities and NAT detection",
          HFILL}},
    };
    static int *ett[] = {&ett_isakmp, &ett_version, &ett_flags};
    static ei_register_info ei[] = {
        {&ei_version,
         {"isakmp.version.unknown", PI_PROTOCOL, PI_WARN, "Unknown IKE version", EXPFILL}},
        {&ei_exchange,
         {"isakmp.exchangetype.unknown", PI_PROTOCOL, PI_WARN,
          "Unknown exchange type for this IKE version", EXPFILL}},
        {&ei_flags,
         {"isakmp.flags.unknown", PI_PROTOCOL, PI_WARN, "Flag is not defined for this IKE version",
          EXPFILL}},
        {&ei_length_short,
         {"isakmp.length.short", PI_MALFORMED, PI_ERROR, "Length is less than the IKE header",
          EXPFILL}},
        {&ei_length_long,
         {"isakmp.length.long", PI_MALFORMED, PI_ERROR, "Length exceeds the message", EXPFILL}},
        {&ei_header_short,
         {"isakmp.header.short", PI_MALFORMED, PI_ERROR, "Too short for an IKE header", EXPFILL}},
        {&ei_trailing, {"isakmp.extradata.after", PI_PROTOCOL, PI_NOTE, "Trailing data", EXPFILL}},
        {&ei_not_encrypted,
         {"isakmp.not_encrypted", PI_SECURITY, PI_WARN,
          "Message must be encrypted, but is in the clear", EXPFILL}},
        {&ei_spi_zero,
         {"isakmp.ispi.zero", PI_PROTOCOL, PI_WARN,
          "The initiator's SPI must not be zero (RFC 7296 3.1)", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
