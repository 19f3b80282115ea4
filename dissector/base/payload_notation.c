/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/payload_notation.h"

#include "registry/names.h"
#include "registry/private.h"

enum { MAX_NOTATION = 200, FIRST_PRIVATE_ATTRIBUTE = 16384 };

/* IANA "EAP Method Types", as far as IKE daemons have them. */
static const value_string eap_types[] = {
    {1, "ID"},    {2, "NOTIFICATION"}, {3, "NAK"},   {4, "MD5"},   {5, "OTP"},   {6, "GTC"},
    {13, "TLS"},  {18, "SIM"},         {21, "TTLS"}, {23, "AKA"},  {25, "PEAP"}, {26, "MSCHAPV2"},
    {43, "FAST"}, {50, "AKA'"},        {52, "PWD"},  {55, "TEAP"}, {0, NULL}};
static const value_string eap_codes[] = {
    {1, "REQ"}, {2, "RES"}, {3, "SUCC"}, {4, "FAIL"}, {0, NULL}};
static const value_string config_types[] = {
    {1, "CPRQ"}, {2, "CPRP"}, {3, "CPS"}, {4, "CPA"}, {0, NULL}};

void ike_record_payload(ike_packet *pkt, uint8_t type)
{
    ike_message *msg = pkt->msg;

    msg->payloads[type / 64] |= UINT64_C(1) << (type % 64);
    if (msg->payload_count < IKE_MAX_PAYLOADS)
        msg->payload_list[msg->payload_count++] = (ike_payload_entry){.type = type};
}

void ike_record_payload_notify(ike_packet *pkt)
{
    ike_message *msg = pkt->msg;

    if (msg->payload_count && msg->notify_count < IKE_MAX_NOTIFIES)
        msg->payload_list[msg->payload_count - 1].notify = (uint16_t)(msg->notify_count + 1);
}

static bool is_ikev1(const ike_message *msg)
{
    return msg->major < 2;
}

static void append_notify(wmem_strbuf_t *text, const ike_packet *pkt, const ike_notify *notify)
{
    ike_registry registry = is_ikev1(pkt->msg) ? IKE_REG_IKEV1_NOTIFY : IKE_REG_IKEV2_NOTIFY;
    const char *name =
        is_ikev1(pkt->msg) ? NULL : ike_registry_name(IKE_REG_IKEV2_NOTIFY_NOTATION, notify->type);

    if (!name)
        name = ike_number_name(registry, notify->type, pkt->vendors);
    wmem_strbuf_append(text, "N(");
    if (name)
        wmem_strbuf_append(text, name);
    else
        wmem_strbuf_append_printf(text, "%u", notify->type);
    wmem_strbuf_append_c(text, ')');
}

static void append_eap(wmem_strbuf_t *text, const ike_message *msg)
{
    wmem_strbuf_append_printf(text, "EAP/%s", val_to_str_const(msg->eap_code, eap_codes, "?"));
    if (msg->eap_type)
        wmem_strbuf_append_printf(text, "/%s", val_to_str_const(msg->eap_type, eap_types, "?"));
}

/* NULL without a known name. Peers of IKEv2 use the attributes of Unity too. */
static const char *config_attribute_name(const ike_packet *pkt, uint16_t type)
{
    bool v1 = is_ikev1(pkt->msg);
    const char *name = v1 ? NULL : ike_registry_name(IKE_REG_IKEV2_CFG_ATTR_NOTATION, type);

    if (!name && (v1 || type >= FIRST_PRIVATE_ATTRIBUTE))
        name = ike_registry_name(IKE_REG_MODECFG_ATTR_NOTATION, type);
    if (!name)
        name =
            ike_number_name(v1 ? IKE_REG_MODECFG_ATTR : IKE_REG_IKEV2_CFG_ATTR, type, pkt->vendors);
    return name;
}

/* "CPRP(ADDR DNS DNS)". */
static void append_config(wmem_strbuf_t *text, const ike_packet *pkt)
{
    const ike_message *msg = pkt->msg;

    wmem_strbuf_append(text, val_to_str_const(msg->config_type - 1u, config_types, "CP"));
    for (unsigned i = 0; i < msg->config_attribute_count; i++) {
        uint16_t type = msg->config_attributes[i].type;
        const char *name = config_attribute_name(pkt, type);

        wmem_strbuf_append(text, i ? " " : "(");
        if (wmem_strbuf_get_len(text) > MAX_NOTATION) {
            wmem_strbuf_append(text, "…");
            break;
        }
        if (name)
            wmem_strbuf_append(text, name);
        else
            wmem_strbuf_append_printf(text, "%u", type);
    }
    if (msg->config_attribute_count)
        wmem_strbuf_append_c(text, ')');
}

static const char *short_name(const ike_packet *pkt, uint8_t type)
{
    const char *name = NULL;

    if (!is_ikev1(pkt->msg) && type == IKEV2_PAYLOAD_NONCE)
        return "No";
    if (is_ikev1(pkt->msg) && !pkt->gdoi && type == IKEV1_PAYLOAD_NAT_D_DRAFTS_04_08)
        return "NAT-D";
    if (is_ikev1(pkt->msg) && !pkt->gdoi && type == IKEV1_PAYLOAD_NAT_OA_DRAFTS_04_08)
        return "NAT-OA";
    name = ike_registry_name(
        is_ikev1(pkt->msg) ? IKE_REG_IKEV1_PAYLOAD_NOTATION : IKE_REG_IKEV2_PAYLOAD_NOTATION, type);
    return name ? name : wmem_strdup_printf(pkt->pinfo->pool, "payload %u", type);
}

static void append_entry(wmem_strbuf_t *text, const ike_packet *pkt, const ike_payload_entry *entry)
{
    const ike_message *msg = pkt->msg;
    bool v1 = is_ikev1(msg);

    if (entry->notify && entry->notify <= msg->notify_count)
        append_notify(text, pkt, &msg->notifies[entry->notify - 1]);
    else if (!v1 && entry->type == IKEV2_PAYLOAD_EAP)
        append_eap(text, msg);
    else if (entry->type == (v1 ? IKEV1_PAYLOAD_ATTR : IKEV2_PAYLOAD_CP) && msg->config_type)
        append_config(text, pkt);
    else if (!v1 && entry->type == IKEV2_PAYLOAD_SKF)
        wmem_strbuf_append_printf(text, "SKF %u/%u", msg->fragment, msg->fragments);
    else
        wmem_strbuf_append(text, short_name(pkt, entry->type));
}

/* The payloads that were encrypted are listed instead of the one that held them. */
static bool is_hidden(const ike_message *msg, const ike_payload_entry *entry)
{
    return !is_ikev1(msg) &&
           (entry->type == IKEV2_PAYLOAD_SK || entry->type == IKEV2_PAYLOAD_SKF) &&
           msg->decryption == IKE_DECRYPTION_DONE;
}

const char *ike_payload_notation(const ike_packet *pkt)
{
    const ike_message *msg = pkt->msg;
    wmem_strbuf_t *text = wmem_strbuf_new(pkt->pinfo->pool, "[");

    if (is_ikev1(msg) && msg->encrypted && msg->decryption == IKE_DECRYPTION_NONE &&
        !msg->payload_count)
        wmem_strbuf_append(text, " encrypted");
    for (unsigned i = 0; i < msg->payload_count; i++) {
        if (is_hidden(msg, &msg->payload_list[i]))
            continue;
        wmem_strbuf_append_c(text, ' ');
        if (wmem_strbuf_get_len(text) > MAX_NOTATION) {
            wmem_strbuf_append(text, "…");
            break;
        }
        append_entry(text, pkt, &msg->payload_list[i]);
    }
    wmem_strbuf_append(text, " ]");
    return wmem_strbuf_get_str(text);
}
