/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports of the built-in dissectors lead to the plugin's, wherever a preference or Decode As
 * puts them. A built-in dissector cannot be unregistered, so its entries in the port tables are
 * replaced: at the start, and whenever a capture is opened, when preferences and Decode As are
 * applied. */
#include "plugin/takeover.h"

#include "dissector/transport/udp_encap.h"
#include "dissector/transport/esp.h"
#include "dissector/transport/tcp_encap.h"

enum { PORT_IKE = 500, PORT_GDOI = 848, PORT_NAT_T = 4500 };

static dissector_handle_t ike_handle;
static dissector_handle_t udpencap_handle;
static dissector_handle_t esp_handle;
static dissector_handle_t ah_handle;
static dissector_handle_t tcp_ike_handle;
static dissector_handle_t tcpencap_handle;

/* The plugin's handle for each protocol and table. The built-in's handle may have no name, so its
 * protocol is compared. */
static const struct {
    const char *table, *protocol;
    const dissector_handle_t *ours;
} replacements[] = {
    {"udp.port", "isakmp", &ike_handle},
    {"udp.port", "udpencap", &udpencap_handle},
    {"udp.port", "esp", &esp_handle},
    {"tcp.port", "isakmp", &tcp_ike_handle},
    {"tcp.port", "tcpencap", &tcpencap_handle},
    {"ip.proto", "esp", &esp_handle},
    {"ip.proto", "ah", &ah_handle},
};

/* The plugin's handle that replaces `handle` in a table; NULL if there is none, or it is there. */
static dissector_handle_t ours_for(const char *table, dissector_handle_t handle)
{
    const char *protocol =
        proto_get_protocol_filter_name(dissector_handle_get_protocol_index(handle));

    for (unsigned i = 0; protocol && i < array_length(replacements); i++)
        if (!strcmp(table, replacements[i].table) && !strcmp(protocol, replacements[i].protocol))
            return handle == *replacements[i].ours ? NULL : *replacements[i].ours;
    return NULL;
}

/* Takes a handle out of what Decode As offers in a table, which is the list's own memory: Wireshark
 * has no call for it. The list is never left empty: the built-in stays. */
static void hide_from_decode_as(dissector_table_t table, dissector_handle_t handle)
{
    GSList *before = NULL, *entry = dissector_table_get_dissector_handles(table);

    for (; entry && entry->data != handle; entry = entry->next)
        before = entry;
    if (!entry)
        return;
    GSList *unlinked = before ? entry : entry->next;
    if (!unlinked)
        return;
    if (before) {
        before->next = entry->next;
    } else {
        entry->data = unlinked->data;
        entry->next = unlinked->next;
    }
    g_slist_free_1(unlinked);
}

/* Puts ours on a port. Decode As goes on to offer one "ISAKMP" (say), the built-in, under the name
 * that -d and saved settings have; where that is chosen it is replaced. */
static void put(const char *name, uint32_t port, dissector_handle_t ours)
{
    dissector_add_uint(name, port, ours);
    hide_from_decode_as(find_dissector_table(name), ours);
}

static void collect(const char *table, ftenum_t type _U_, void *key, void *value, void *user)
{
    dissector_handle_t handle = dtbl_entry_get_handle(value);

    if (handle && ours_for(table, handle))
        g_array_append_val(user, key);
}

/* Replaces every entry of a port table that leads to a built-in handle. */
static void replace_in(const char *name)
{
    dissector_table_t table = find_dissector_table(name);
    GArray *ports = g_array_new(FALSE, FALSE, sizeof(void *));

    dissector_table_foreach(name, collect, ports);
    for (unsigned i = 0; i < ports->len; i++) {
        uint32_t port = GPOINTER_TO_UINT(g_array_index(ports, void *, i));
        dissector_handle_t ours = ours_for(name, dissector_get_uint_handle(table, port));
        if (ours)
            put(name, port, ours);
    }
    g_array_free(ports, TRUE);
}

static void replace_all(void)
{
    replace_in("udp.port");
    replace_in("tcp.port");
    replace_in("ip.proto");
}

void ike_takeover_register(void)
{
    /* With names and descriptions of their own: Wireshark warns about equal ones. */
    ike_handle = create_dissector_handle_with_name_and_description(
        ike_dissect_port_500, proto_isakmp, "isakmp.plugin", "ISAKMP (IKE plugin)");
    udpencap_handle = create_dissector_handle_with_name_and_description(
        ike_dissect_udpencap, proto_get_id_by_filter_name("udpencap"), "udpencap.plugin",
        "UDPENCAP (IKE plugin)");
    /* Of no protocol: it calls one of two dissectors of ESP, which then is the one layer. */
    esp_handle = create_dissector_handle_with_name_and_description(
        ike_dissect_esp, -1, "esp.plugin", "ESP (IKE plugin)");
    ah_handle = create_dissector_handle_with_name_and_description(ike_dissect_ah, -1, "ah.plugin",
                                                                  "AH (IKE plugin)");
    tcp_ike_handle = create_dissector_handle_with_name_and_description(
        ike_dissect_tcp_500, proto_isakmp, "isakmp.tcp.plugin", "ISAKMP over TCP (IKE plugin)");
    tcpencap_handle = create_dissector_handle_with_name_and_description(
        ike_dissect_tcp_encap, proto_get_id_by_filter_name("tcpencap"), "tcpencap.plugin",
        "TCPENCAP (IKE plugin)");
    register_init_routine(replace_all);
}

/* Takes the place of the built-in's heuristic with its name, so that a profile that disables it
 * disables ours. */
static void replace_tcp_heuristic(void)
{
    static const char name[] = "ipsec_tcp";
    int protocol = proto_get_id_by_filter_name("tcpencap");
    const heur_dtbl_entry_t *builtin = find_heur_dissector_by_unique_short_name(name);

    if (builtin)
        heur_dissector_delete("tcp", builtin->dissector, protocol);
    heur_dissector_add("tcp", ike_dissect_tcp_encap_heur, "IKE and IPsec in TCP (RFC 9329)", name,
                       protocol, HEURISTIC_ENABLE);
}

void ike_takeover_handoff(void)
{
    ike_encap_handoff(ike_handle, esp_handle, udpencap_handle);
    ike_tcp_encap_handoff(tcpencap_handle);

    put("udp.port", PORT_IKE, ike_handle);
    put("udp.port", PORT_GDOI, ike_handle);
    put("tcp.port", PORT_IKE, tcp_ike_handle);
    put("udp.port", PORT_NAT_T, udpencap_handle);
    put("tcp.port", PORT_NAT_T, tcpencap_handle);
    replace_tcp_heuristic();
    heur_dissector_add("udp", ike_dissect_udp_heur, "IKE on any UDP port", "isakmp_udp",
                       proto_isakmp, HEURISTIC_DISABLE);
}
