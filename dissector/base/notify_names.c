/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/notify_names.h"

#include "dissector/base/vendor_name.h"

enum { FIRST_STATUS = 16384, MAX_LENGTH = 200 };

typedef enum { RANK_ERROR, RANK_PRIVATE, RANK_STATUS, RANK_SUPPORTED, RANK_NAT, RANKS } rank;

/* IKEv2: what the sender can do, besides the names that end in _SUPPORTED. */
static bool is_capability(uint16_t type)
{
    static const uint16_t types[] = {
        IKEV2_NOTIFY_SIGNATURE_HASH_ALGORITHMS,
        IKEV2_NOTIFY_SUPPORTED_AUTH_METHODS,
        IKEV2_NOTIFY_EAP_ONLY_AUTHENTICATION,
        IKEV2_NOTIFY_STRONGSWAN_EAP_ONLY_AUTHENTICATION,
        IKEV2_NOTIFY_NON_FIRST_FRAGMENTS_ALSO,
        IKEV2_NOTIFY_USE_PPK,
        IKEV2_NOTIFY_USE_PPK_INT,
        IKEV2_NOTIFY_SET_WINDOW_SIZE,
    };

    for (unsigned i = 0; i < array_length(types); i++)
        if (types[i] == type)
            return true;
    return false;
}

static rank rank_of(bool v1, uint16_t type, const char *name)
{
    if (type < FIRST_STATUS)
        return RANK_ERROR;
    if (!v1 && is_capability(type))
        return RANK_SUPPORTED;
    if (type >= (v1 ? IKEV1_NOTIFY_FIRST_PRIVATE : IKEV2_NOTIFY_FIRST_PRIVATE))
        return RANK_PRIVATE;
    if (!v1 && (type == IKEV2_NOTIFY_NAT_DETECTION_SOURCE_IP ||
                type == IKEV2_NOTIFY_NAT_DETECTION_DESTINATION_IP))
        return RANK_NAT;
    return g_str_has_suffix(name, "_SUPPORTED") ? RANK_SUPPORTED : RANK_STATUS;
}

static void append_names(const ike_packet *pkt, wmem_strbuf_t *text, rank wanted)
{
    const ike_message *msg = pkt->msg;
    bool v1 = msg->major < 2;
    ike_registry registry = v1 ? IKE_REG_IKEV1_NOTIFY : IKE_REG_IKEV2_NOTIFY;

    for (unsigned i = 0; i < msg->notify_count; i++) {
        uint16_t type = msg->notifies[i].type;
        const char *name = ike_vendor_name_of(pkt, registry, type);
        if (rank_of(v1, type, name) != wanted || (i && msg->notifies[i - 1].type == type))
            continue;
        if (wmem_strbuf_get_len(text) > MAX_LENGTH)
            return;
        wmem_strbuf_append_printf(text, "%s%s", wmem_strbuf_get_len(text) ? ", " : "", name);
    }
}

const char *ike_notify_names(const ike_packet *pkt)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pkt->pinfo->pool, NULL);

    for (rank wanted = RANK_ERROR; wanted < RANKS; wanted++)
        append_names(pkt, text, wanted);
    return wmem_strbuf_get_str(text);
}
