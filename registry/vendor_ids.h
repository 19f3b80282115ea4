/* SPDX-License-Identifier: GPL-2.0-or-later
 * Vendor IDs: the vendor and the layout of the data after the fixed bytes. Free of epan. */
#ifndef IKE_REGISTRY_VENDOR_IDS_H
#define IKE_REGISTRY_VENDOR_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    IKE_VENDOR_UNKNOWN,
    IKE_VENDOR_SEVERAL, /* sent by more than one vendor */
    IKE_VENDOR_IETF,
    IKE_VENDOR_3GPP,
    IKE_VENDOR_APPLE,
    IKE_VENDOR_ARUBA,
    IKE_VENDOR_AVAYA,
    IKE_VENDOR_CHECKPOINT,
    IKE_VENDOR_CISCO,
    IKE_VENDOR_CRYPTOPRO,
    IKE_VENDOR_CYBERGUARD,
    IKE_VENDOR_DIGICERT, /* TrustCore, formerly Mocana */
    IKE_VENDOR_ELVIS_PLUS,
    IKE_VENDOR_FORTINET,
    IKE_VENDOR_FREESWAN,
    IKE_VENDOR_GMT, /* Chinese standard GM/T 0022 */
    IKE_VENDOR_IPSEC_TOOLS,
    IKE_VENDOR_JUNIPER, /* with NetScreen */
    IKE_VENDOR_KAME,
    IKE_VENDOR_LIBRESWAN,
    IKE_VENDOR_LUCENT,
    IKE_VENDOR_MICROSOFT,
    IKE_VENDOR_NCP,
    IKE_VENDOR_NETGEAR,
    IKE_VENDOR_NORTEL,
    IKE_VENDOR_OPENBSD,
    IKE_VENDOR_OPENSWAN,
    IKE_VENDOR_PGP,
    IKE_VENDOR_SAFENET,
    IKE_VENDOR_SECURE_COMPUTING,
    IKE_VENDOR_SHREW_SOFT,
    IKE_VENDOR_SONICWALL,
    IKE_VENDOR_SSH,
    IKE_VENDOR_STONESOFT,
    IKE_VENDOR_STRONGSWAN,
    IKE_VENDOR_SYMANTEC,
    IKE_VENDOR_TELDAT,
    IKE_VENDOR_TIMESTEP,
    IKE_VENDOR_ZYXEL,
    IKE_VENDOR_COUNT
} ike_vendor;

/* The value at `body_offset`, when the payload is long enough for it. */
typedef enum {
    IKE_VENDOR_LAYOUT_NONE,
    IKE_VENDOR_LAYOUT_VERSION_U32,         /* Microsoft: one 32-bit version */
    IKE_VENDOR_LAYOUT_VERSION_MAJOR_MINOR, /* DPD, Unity, VPN 3000: one byte each */
    IKE_VENDOR_LAYOUT_FRAGMENTATION,       /* 32 bits of capabilities */
    IKE_VENDOR_LAYOUT_CHECKPOINT, /* 32 bits each: product, version, time, reserved, features */
    IKE_VENDOR_LAYOUT_NETSCREEN,  /* two 32-bit numbers */
    IKE_VENDOR_LAYOUT_FORTIGATE,  /* 16-bit release, 16-bit build */
    IKE_VENDOR_LAYOUT_TEXT,       /* readable text to the end */
} ike_vendor_layout;

typedef struct {
    const uint8_t *bytes, *mask; /* `mask` is zero where any value matches; NULL: all must match */
    uint8_t length;              /* of `bytes` and `mask` */
    uint8_t key;                 /* bytes before the first that may have any value */
    bool exact;                  /* the payload ends with `bytes` */
    uint8_t total;               /* the payload's only possible length, 0 when it is free */
    uint8_t body_offset;         /* where the layout begins, 0 without one */
    ike_vendor_layout layout;
    ike_vendor vendor;
    const char *name; /* ends in " (?)" where it is a guess */
    int16_t parent;   /* the entry with the next shorter key that begins this one's key, or -1 */
} ike_vendor_id;

/* The entry for a Vendor ID payload's `len` bytes: the one with the longest key;
 * NULL when unknown, or len is 0. `bytes` may be NULL only when len is 0. */
const ike_vendor_id *ike_vendor_id_find(const uint8_t *bytes, size_t len);

/* "Cisco", "strongSwan"; "unknown" for what is not in the enum. */
const char *ike_vendor_name(ike_vendor vendor);

#endif
