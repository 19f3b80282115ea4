/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/notify_names.h"

#include "dissector/base/vendor_name.h"

enum { MAX_LENGTH = 200 };

typedef enum { RANK_ERROR, RANK_PRIVATE, RANK_STATUS, RANKS, NOT_LISTED = RANKS } rank;

/* IKEv2: what set-ups have in which nothing is worth a look. What the sender can do, besides the
 * names that end in _SUPPORTED, and NAT detection. */
static bool is_usual(uint16_t type)
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
        IKEV2_NOTIFY_NAT_DETECTION_SOURCE_IP,
        IKEV2_NOTIFY_NAT_DETECTION_DESTINATION_IP,
    };

    for (unsigned i = 0; i < array_length(types); i++)
        if (types[i] == type)
            return true;
    return false;
}

static rank rank_of(bool v1, uint16_t type, const char *name)
{
    if (type < IKE_NOTIFY_FIRST_STATUS)
        return RANK_ERROR;
    if (!v1 && is_usual(type))
        return NOT_LISTED;
    if (type >= (v1 ? IKEV1_NOTIFY_FIRST_PRIVATE : IKEV2_NOTIFY_FIRST_PRIVATE))
        return RANK_PRIVATE;
    return g_str_has_suffix(name, "_SUPPORTED") ? NOT_LISTED : RANK_STATUS;
}

typedef struct {
    const char *name;
    rank rank;
} named_notify;

/* NULL as the name of one that is equal to the one before it. */
static named_notify *name_all(const ike_packet *pkt)
{
    const ike_message *msg = pkt->msg;
    bool v1 = msg->major < 2;
    ike_registry registry = v1 ? IKE_REG_IKEV1_NOTIFY : IKE_REG_IKEV2_NOTIFY;
    named_notify *named = wmem_alloc0_array(pkt->pinfo->pool, named_notify, msg->notify_count);

    for (unsigned i = 0; i < msg->notify_count; i++) {
        uint16_t type = msg->notifies[i].type;
        if (i && msg->notifies[i - 1].type == type)
            continue;
        named[i].name = ike_vendor_name_of(pkt, registry, type);
        named[i].rank = rank_of(v1, type, named[i].name);
    }
    return named;
}

const char *ike_notify_names(const ike_packet *pkt)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pkt->pinfo->pool, NULL);
    const named_notify *named = name_all(pkt);

    for (rank wanted = RANK_ERROR; wanted < RANKS; wanted++)
        for (unsigned i = 0; i < pkt->msg->notify_count; i++) {
            size_t length = wmem_strbuf_get_len(text);
            if (named[i].name && named[i].rank == wanted && length <= MAX_LENGTH)
                wmem_strbuf_append_printf(text, "%s%s", length ? ", " : "", named[i].name);
        }
    return wmem_strbuf_get_str(text);
}
