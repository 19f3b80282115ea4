/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking over: the ports of the built-in dissectors, wherever a preference or Decode As puts them,
 * lead to ours. A built-in dissector cannot be unregistered, so whatever stands in the port tables
 * with its handle is replaced, at the start and whenever a capture is opened: by then preferences
 * and Decode As have been applied. */
#include "takeover.h"

#include "encap.h"
#include "esp.h"
#include "tcp_encap.h"

enum { PORT_IKE = 500, PORT_GDOI = 848, PORT_NAT_T = 4500, IP_PROTOCOL_ESP = 50 };

static dissector_handle_t ike_handle;
static dissector_handle_t udpencap_handle;
static dissector_handle_t esp_handle;
static dissector_handle_t tcp_ike_handle;
static dissector_handle_t tcpencap_handle;

/* What leads to a built-in in a table leads to ours instead. */
static struct {
    const char *table, *name;
    dissector_handle_t *ours;
    dissector_handle_t theirs;
} replacements[] = {
    {"udp.port", "isakmp", &ike_handle, NULL}, {"udp.port", "udpencap", &udpencap_handle, NULL},
    {"udp.port", "esp", &esp_handle, NULL},    {"tcp.port", "isakmp", &tcp_ike_handle, NULL},
    {"ip.proto", "esp", &esp_handle, NULL},
};

static dissector_handle_t ours_for(const char *table, dissector_handle_t handle)
{
    for (unsigned i = 0; i < array_length(replacements); i++)
        if (handle && handle == replacements[i].theirs && !strcmp(table, replacements[i].table))
            return *replacements[i].ours;
    return NULL;
}

static void collect(const char *table, ftenum_t type _U_, void *key, void *value, void *user)
{
    if (ours_for(table, dtbl_entry_get_handle(value)))
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
            dissector_add_uint(name, port, ours);
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
    /* Other names and descriptions than the built-in's: Decode As tells them apart, and nothing is
     * said on stderr. */
    ike_handle = create_dissector_handle_with_name_and_description(
        ike_dissect_port_500, proto_isakmp, "isakmp.plugin", "ISAKMP (IKE plugin)");
    udpencap_handle = create_dissector_handle_with_name_and_description(
        ike_dissect_udpencap, proto_get_id_by_filter_name("udpencap"), "udpencap.plugin",
        "UDPENCAP (IKE plugin)");
    esp_handle = create_dissector_handle_with_name_and_description(
        ike_dissect_esp, proto_get_id_by_filter_name("esp"), "esp.plugin", "ESP (IKE plugin)");
    tcp_ike_handle = create_dissector_handle_with_name_and_description(
        ike_dissect_tcp_500, proto_isakmp, "isakmp.tcp.plugin", "ISAKMP over TCP (IKE plugin)");
    tcpencap_handle = create_dissector_handle_with_name_and_description(
        ike_dissect_tcp_encap, proto_get_id_by_filter_name("tcpencap"), "tcpencap.plugin",
        "TCPENCAP (IKE plugin)");
    register_init_routine(replace_all);
}

void ike_takeover_handoff(void)
{
    for (unsigned i = 0; i < array_length(replacements); i++)
        replacements[i].theirs = find_dissector(replacements[i].name);
    ike_encap_handoff(ike_handle, esp_handle);
    ike_tcp_encap_handoff(tcpencap_handle);

    dissector_add_uint("udp.port", PORT_IKE, ike_handle);
    dissector_add_uint("udp.port", PORT_GDOI, ike_handle);
    dissector_add_uint("tcp.port", PORT_IKE, tcp_ike_handle);
    dissector_add_uint("udp.port", PORT_NAT_T, udpencap_handle);
    dissector_add_uint("tcp.port", PORT_NAT_T, tcpencap_handle);
    dissector_add_uint("ip.proto", IP_PROTOCOL_ESP, esp_handle);
    heur_dissector_add("tcp", ike_dissect_tcp_encap_heur, "IKE and IPsec in TCP (RFC 9329)",
                       "iketcp_tcp", proto_get_id_by_filter_name("tcpencap"), HEURISTIC_ENABLE);
}
