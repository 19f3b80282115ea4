/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between the versions of Wireshark, and nothing else. Everybody who includes epan
 * headers includes this first. */
#ifndef IKE_COMPAT_H
#define IKE_COMPAT_H

#include <wireshark.h>
#include <ws_version.h>
#include <epan/packet.h>

#define IKE_WIRESHARK_AT_LEAST(major, minor)                                                       \
    (WIRESHARK_VERSION_MAJOR > (major) ||                                                          \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* 4.4 gave the fixed-width accessors their standard names. */
#if !IKE_WIRESHARK_AT_LEAST(4, 4)
#define tvb_get_uint8 tvb_get_guint8
#endif

/* 4.4 went from gboolean to bool in callbacks. */
#if IKE_WIRESHARK_AT_LEAST(4, 4)
typedef bool ws_bool;
#else
typedef gboolean ws_bool;
#endif

/* 4.4 asks a plugin what it is (plugin_describe). */
#define IKE_PLUGIN_DESCRIBES IKE_WIRESHARK_AT_LEAST(4, 4)
#if IKE_PLUGIN_DESCRIBES
#include <wsutil/plugins.h>
#endif

#endif
