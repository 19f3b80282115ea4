/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the ESP or AH packets of a Child SA fare, by direction. */
#include "analysis/findings/explain.h"

enum {
    ONE_WAY_PACKETS = 3, /* fewer may be a ping whose reply is late */
    HEAVY_LOSS = 20,     /* packets, and one in twenty: traffic suffers */
    HEAVY_LOSS_SHARE = 20,
};
/* What is on its way when the Delete is sent, or captured by a machine with another clock. */
#define AFTER_DELETE_NS (3 * IKE_SECOND)

typedef struct {
    const ike_child *child;
    ike_esp_health health;
    bool to_initiator;
} direction;

static const ike_esp_flow *flows_of(const ike_child *child, bool to_initiator)
{
    return to_initiator ? child->to_initiator : child->to_responder;
}

static uint32_t spi_of(const direction *way)
{
    return way->to_initiator ? way->child->spi_initiator : way->child->spi_responder;
}

/* Begins a finding about one direction; its side is the one that receives. */
static ike_draft draft_of(ike_f kind, const direction *way)
{
    ike_draft draft = ike_draft_new(kind, way->child->established);

    draft.finding.child = way->child;
    draft.finding.side = ike_side_of(way->to_initiator);
    draft.finding.frame = way->health.first_frame;
    return draft;
}

static void check_first(ike_sink *sink, const direction *way)
{
    if (way->health.first_sequence <= 1 || !ike_wants(sink, way->child->established))
        return;
    ike_draft draft = draft_of(IKE_F_FIRST_ESP_MISSING, way);
    g_string_append_printf(
        draft.text, "First packet with SPI %08x (frame %u) has sequence number %" G_GUINT64_FORMAT,
        spi_of(way), way->health.first_frame, way->health.first_sequence);
    g_string_append(draft.requested, "1");
    g_string_append_printf(draft.received, "%" G_GUINT64_FORMAT, way->health.first_sequence);
    ike_draft_emit(sink, &draft);
}

static void check_loss(ike_sink *sink, const direction *way)
{
    uint64_t lost = way->health.lost, sent = way->health.packets + lost;
    bool heavy = lost >= HEAVY_LOSS && lost >= sent / HEAVY_LOSS_SHARE;

    if (!lost || !ike_wants(sink, way->child->established))
        return;
    ike_draft draft = draft_of(heavy ? IKE_F_ESP_HEAVY_LOSS : IKE_F_ESP_LOST, way);
    g_string_append_printf(draft.text,
                           "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                           " packets to the %s (SPI %08x) missing: gaps in the sequence numbers",
                           lost, sent, ike_role(way->to_initiator), spi_of(way));
    g_string_append_printf(draft.requested, "%" G_GUINT64_FORMAT " packets", sent);
    g_string_append_printf(draft.received, "%" G_GUINT64_FORMAT " packets", sent - lost);
    g_string_append(draft.detail, "They were lost on the way, or missed by the capture.");
    ike_draft_emit(sink, &draft);
}

static void check_again(ike_sink *sink, const direction *way)
{
    const struct {
        ike_f kind;
        uint64_t count;
        const char *what;
    } rows[] = {
        {IKE_F_ESP_REPLAYED, way->health.replayed,
         "arrived again with the same content (replayed)"},
        {IKE_F_ESP_SEQUENCE_REUSED, way->health.reused, "reused a sequence number"},
        {IKE_F_ESP_NOT_AUTHENTIC, way->health.not_authentic, "had a wrong ICV (forged or damaged)"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!rows[i].count || !ike_wants(sink, way->child->established))
            continue;
        ike_draft draft = draft_of(rows[i].kind, way);
        g_string_append_printf(draft.text, "%" G_GUINT64_FORMAT " packet%s to the %s (SPI %08x) %s",
                               rows[i].count, ike_plural(rows[i].count),
                               ike_role(way->to_initiator), spi_of(way), rows[i].what);
        g_string_append_printf(draft.received, "%" G_GUINT64_FORMAT " packet%s", rows[i].count,
                               ike_plural(rows[i].count));
        ike_draft_emit(sink, &draft);
    }
}

/* ICMP errors are not authenticated. */
static void check_mtu(ike_sink *sink, const direction *way)
{
    const ike_esp_flow *flow = flows_of(way->child, way->to_initiator);

    while (flow && !flow->mtu)
        flow = flow->next;
    if (!flow || !ike_wants(sink, way->child->established))
        return;
    ike_draft draft = draft_of(IKE_F_ESP_TOO_BIG, way);
    draft.finding.side = IKE_SIDE_NETWORK;
    draft.finding.frame = flow->mtu_frame;
    g_string_append_printf(
        draft.text, "MTU: ESP to the %s (SPI %08x) exceeds the path MTU of %u (ICMP in frame %u)",
        ike_role(way->to_initiator), spi_of(way), flow->mtu, flow->mtu_frame);
    g_string_append_printf(draft.requested, "%u bytes", flow->mtu_length);
    g_string_append_printf(draft.received, "%u bytes", flow->mtu);
    g_string_append_printf(draft.detail,
                           "Where the %s does not act on the ICMP error, large packets are lost: "
                           "lower the MTU of its tunnel, or the TCP MSS.",
                           ike_role(!way->to_initiator));
    ike_draft_emit(sink, &draft);
}

/* Linux before 2.6.33, and what imitates it, truncates HMAC-SHA-256 to 96 bits (RFC 4868 2.6). */
static void check_truncated(ike_sink *sink, const direction *way)
{
    /* One packet with the complete ICV: the others lost their last bytes. */
    if (!way->health.truncated_icv || way->health.truncated_icv < way->health.decrypted ||
        !ike_wants(sink, way->child->established))
        return;
    ike_draft draft = draft_of(IKE_F_ESP_TRUNCATED_ICV, way);
    draft.finding.side = ike_side_of(!way->to_initiator); /* the sender */
    g_string_append_printf(draft.text,
                           "ESP to the %s (SPI %08x) has ICVs of 96 bits, HMAC-SHA-256-128 has 128",
                           ike_role(way->to_initiator), spi_of(way));
    g_string_append(draft.requested, "128 bits");
    g_string_append(draft.received, "96 bits");
    g_string_append(draft.detail, "Old Linux kernels truncate it like this; a peer that follows "
                                  "RFC 4868 drops these packets. Use another integrity algorithm, "
                                  "or its setting for 96 bits (strongSwan: sha256_96).");
    ike_draft_emit(sink, &draft);
}

static void check_after_delete(ike_sink *sink, const direction *way)
{
    const ike_message_record *deleted = way->child->deleted;

    if (!deleted || way->health.last_ns < deleted->time_ns + AFTER_DELETE_NS ||
        !ike_wants(sink, way->child->established))
        return;
    ike_draft draft = draft_of(IKE_F_ESP_AFTER_DELETE, way);
    double after = (double)(way->health.last_ns - deleted->time_ns) / 1e9;
    draft.finding.frame = deleted->frame;
    g_string_append_printf(draft.text,
                           "Packets to the %s (SPI %08x) sent until %.0f s after the Delete in "
                           "frame %u (last: frame %u)",
                           ike_role(way->to_initiator), spi_of(way), after, deleted->frame,
                           way->health.last_frame);
    g_string_append_printf(draft.received, "%.0f s", after);
    ike_draft_emit(sink, &draft);
}

/* Packets in one direction, none in the other: not for a capture of one direction only. */
static void check_one_way(ike_sink *sink, const direction ways[2])
{
    const ike_child *child = ways[0].child;
    bool towards = ways[1].health.packets > 0; /* the initiator receives */
    const direction *full = &ways[towards], *empty = &ways[!towards];

    if (full->health.packets < ONE_WAY_PACKETS || empty->health.packets ||
        empty->health.not_authentic || !child->request || !child->response ||
        !ike_wants(sink, child->established))
        return;
    ike_draft draft = draft_of(IKE_F_ESP_ONE_WAY, full);
    g_string_append_printf(draft.text, "ESP in one direction only: %u packets to the %s, none back",
                           full->health.packets, ike_role(towards));
    g_string_append_printf(draft.requested, "%u packets to the %s", full->health.packets,
                           ike_role(towards));
    g_string_append_printf(draft.received, "0 packets to the %s", ike_role(!towards));
    g_string_append_printf(draft.detail,
                           "The %s does not receive them, has nothing to send, or its packets with "
                           "SPI %08x are dropped: compare with a capture on its side.",
                           ike_role(towards), spi_of(empty));
    ike_draft_emit(sink, &draft);
}

void ike_find_esp(ike_sink *sink, const ike_child *child)
{
    direction ways[2];

    for (int to_initiator = 0; to_initiator < 2; to_initiator++) {
        direction *way = &ways[to_initiator];
        *way = (direction){child, ike_esp_health_of(flows_of(child, to_initiator)), to_initiator};
        if (!way->health.first_frame)
            continue;
        check_first(sink, way);
        check_loss(sink, way);
        check_mtu(sink, way);
        check_again(sink, way);
        check_truncated(sink, way);
        check_after_delete(sink, way);
    }
    check_one_way(sink, ways);
}
