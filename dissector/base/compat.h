/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between the versions of Wireshark, and nothing else. Everybody who includes epan
 * headers includes this first. */
#ifndef IKE_COMPAT_H
#define IKE_COMPAT_H

#include <wireshark.h>
#include <ws_version.h>
#include <epan/packet.h>
#include <epan/tap.h>
#include <epan/unit_strings.h>

#define IKE_WIRESHARK_AT_LEAST(major, minor)                                                       \
    (WIRESHARK_VERSION_MAJOR > (major) ||                                                          \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* 4.4 gave the fixed-width accessors their standard names. */
#if !IKE_WIRESHARK_AT_LEAST(4, 4)
#define tvb_get_uint8 tvb_get_guint8
#endif

/* 4.4 named the tests of field types alike. */
#ifndef FT_IS_UINT
#define FT_IS_UINT IS_FT_UINT
#define FT_IS_STRING IS_FT_STRING
#endif

/* From 4.4 on, the name of a unit is marked as one. */
#ifndef UNS
#define UNS(units) (units)
#endif

/* 4.6 named the tables of strings as those of numbers. */
#if IKE_WIRESHARK_AT_LEAST(4, 6)
#define ike_try_string(table, string, tvb, pinfo, tree, data)                                      \
    dissector_try_string_with_data(table, string, tvb, pinfo, tree, true, data)
#else
#define ike_try_string dissector_try_string
#endif

/* 4.6 takes the scope that 4.0 and 4.4 choose. */
#if IKE_WIRESHARK_AT_LEAST(4, 6)
#define ike_value_string_ext_new(rows, count)                                                      \
    value_string_ext_new(wmem_epan_scope(), rows, count, "isakmp")
#else
#define ike_value_string_ext_new(rows, count) value_string_ext_new(rows, count, "isakmp")
#endif

/* 4.6 returns where the value in a label begins. */
#if IKE_WIRESHARK_AT_LEAST(4, 6)
#define ike_fill_label(field, label) proto_item_fill_label(field, label, NULL)
#else
#define ike_fill_label proto_item_fill_label
#endif

/* 4.4 went from gboolean to bool in callbacks and preferences. */
#if IKE_WIRESHARK_AT_LEAST(4, 4)
typedef bool ws_bool;
#else
typedef gboolean ws_bool;
#endif

/* 4.6 lets the start of a statistic fail. `start` takes the argument of -z and returns bool; a
 * program with a window goes on, tshark ends with its usual code for wrong arguments. */
#if IKE_WIRESHARK_AT_LEAST(4, 6)
#define IKE_STATISTIC(name, start)                                                                 \
    static bool name(const char *argument, void *user _U_)                                         \
    {                                                                                              \
        return start(argument) || !ike_is_tshark();                                                \
    }
#else
#define IKE_STATISTIC(name, start)                                                                 \
    static void name(const char *argument, void *user _U_)                                         \
    {                                                                                              \
        if (!start(argument) && ike_is_tshark())                                                   \
            exit(1);                                                                               \
    }
#endif

static inline bool ike_is_tshark(void)
{
    const char *program = g_get_prgname();

    return program && strstr(program, "tshark");
}

/* Public functions of libwireshark whose header (epan/sequence_analysis.h) is not installed. */
typedef struct register_analysis register_analysis_t;
WS_DLL_PUBLIC void register_seq_analysis(const char *name, const char *ui_name, const int proto_id,
                                         const char *tap_listener, unsigned tap_flags,
                                         tap_packet_cb tap_func);
WS_DLL_PUBLIC tap_packet_cb sequence_analysis_get_packet_func(register_analysis_t *analysis);
WS_DLL_PUBLIC register_analysis_t *sequence_analysis_find_by_name(const char *name);

/* 4.2 gave the filters of the context menu a user pointer. */
#if IKE_WIRESHARK_AT_LEAST(4, 2)
#define IKE_CONVERSATION_ARGUMENTS packet_info *pinfo, void *user _U_
#define ike_register_conversation_filter(protocol, title, valid, build)                            \
    register_conversation_filter(protocol, title, valid, build, NULL)
#else
#define IKE_CONVERSATION_ARGUMENTS packet_info *pinfo
#define ike_register_conversation_filter register_conversation_filter
#endif

/* The type of conversations between addresses. 4.4 shows the numbers of those of IP. */
#if IKE_WIRESHARK_AT_LEAST(4, 4)
#define IKE_CONVERSATION_TYPE CONVERSATION_IP
#else
#define IKE_CONVERSATION_TYPE CONVERSATION_NONE
#endif

/* 4.4 asks a follower how many streams there are. */
#define IKE_FOLLOWS_BY_NUMBER IKE_WIRESHARK_AT_LEAST(4, 4)
#if IKE_FOLLOWS_BY_NUMBER
#define ike_register_follow_stream(protocol, tap, of_packet, of_index, of_peers, port, add, count) \
    register_follow_stream(protocol, tap, of_packet, of_index, of_peers, port, add, count, NULL)
#else
#define ike_register_follow_stream(protocol, tap, of_packet, of_index, of_peers, port, add, count) \
    register_follow_stream(protocol, tap, of_packet, of_index, of_peers, port, add)
#endif

/* 4.2 hides what a value is. */
#if IKE_WIRESHARK_AT_LEAST(4, 2)
#define IKE_FIELD_VALUE(info) ((info)->value)
#else
#define IKE_FIELD_VALUE(info) (&(info)->value)
#endif

/* 4.4 lets plugins have the secrets that a capture carries. */
#define IKE_HAS_SECRETS IKE_WIRESHARK_AT_LEAST(4, 4)

/* The version that the plugin is built for, and 4.4 asks it what it is (plugin_describe). */
#define IKE_WANTS_MAJOR WIRESHARK_VERSION_MAJOR
#define IKE_WANTS_MINOR WIRESHARK_VERSION_MINOR
#define IKE_PLUGIN_DESCRIBES IKE_WIRESHARK_AT_LEAST(4, 4)
#if IKE_PLUGIN_DESCRIBES
#include <wsutil/plugins.h>
#endif

#endif
