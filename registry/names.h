/* SPDX-License-Identifier: GPL-2.0-or-later
 * The numbers of IKE and ISAKMP and their names, one enum value per registry. Free of epan. */
#ifndef IKE_REGISTRY_NAMES_H
#define IKE_REGISTRY_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* One row of a registry. A single value has first == last. */
typedef struct {
    uint32_t first, last;
    const char *name;
} ike_registry_row;

/* Registries by protocol version and RFC. The same number has other names in other registries. */
typedef enum {
    IKE_REG_NONE, /* no names */

    /* IKEv2: RFC 7296 and its extensions */
    IKE_REG_IKEV2_EXCHANGE,
    IKE_REG_IKEV2_PAYLOAD,          /* "Security Association" */
    IKE_REG_IKEV2_PAYLOAD_NOTATION, /* "SA" */
    IKE_REG_IKEV2_PROTOCOL,         /* protocol of a proposal, a notify, a delete */
    IKE_REG_IKEV2_TRANSFORM_TYPE,
    IKE_REG_IKEV2_ENCR,       /* transform type 1 */
    IKE_REG_IKEV2_PRF,        /* transform type 2 */
    IKE_REG_IKEV2_INTEG,      /* transform type 3 */
    IKE_REG_IKEV2_KE,         /* transform type 4, and 6 to 12 (RFC 9370) */
    IKE_REG_IKEV2_ESN,        /* transform type 5: sequence numbers (RFC 9827) */
    IKE_REG_IKEV2_TRANSFORM_ATTR,
    IKE_REG_IKEV2_ID,
    IKE_REG_IKEV2_CERT,
    IKE_REG_IKEV2_AUTH,
    IKE_REG_IKEV2_NOTIFY,          /* errors and status; private numbers are in private.h */
    IKE_REG_IKEV2_NOTIFY_NOTATION, /* "NATD_S_IP": those with a short form */
    IKE_REG_IKEV2_IPCOMP,
    IKE_REG_IKEV2_TS,
    IKE_REG_IKEV2_CFG_TYPE,
    IKE_REG_IKEV2_CFG_ATTR,
    IKE_REG_IKEV2_CFG_ATTR_NOTATION,
    IKE_REG_IKEV2_GATEWAY,         /* RFC 5685 */
    IKE_REG_IKEV2_ROHC,            /* RFC 5857 */
    IKE_REG_IKEV2_SECURE_PASSWORD, /* RFC 6467 */
    IKE_REG_IKEV2_HASH,            /* RFC 7427 */
    IKE_REG_IKEV2_PPK,             /* RFC 8784 */
    IKE_REG_3GPP_DEVICE_IDENTITY,  /* TS 24.302, notify DEVICE_IDENTITY */

    /* G-IKEv2: RFC 9838 */
    IKE_REG_GIKEV2_GSA_ATTR,
    IKE_REG_GIKEV2_GW_POLICY_ATTR,
    IKE_REG_GIKEV2_GROUP_KEY_BAG_ATTR,
    IKE_REG_GIKEV2_MEMBER_KEY_BAG_ATTR,
    IKE_REG_GIKEV2_KWA,    /* transform type 13 */
    IKE_REG_GIKEV2_GCAUTH, /* transform type 14 */

    /* IKEv1: RFC 2407, 2408, 2409 */
    IKE_REG_IKEV1_EXCHANGE,
    IKE_REG_IKEV1_PAYLOAD,
    IKE_REG_IKEV1_PAYLOAD_NOTATION,
    IKE_REG_IKEV1_DOI,
    IKE_REG_IKEV1_NOTIFY,    /* ISAKMP and IPSEC DOI */
    IKE_REG_IKEV1_PROTOCOL,
    IKE_REG_IKEV1_TRANSFORM_ISAKMP,
    IKE_REG_IKEV1_TRANSFORM_AH,
    IKE_REG_IKEV1_TRANSFORM_ESP,
    IKE_REG_IKEV1_TRANSFORM_IPCOMP,
    IKE_REG_IKEV1_ID,
    IKE_REG_IKEV1_CERT,

    /* IKEv1 phase 1 attributes (RFC 2409 appendix A) and their values */
    IKE_REG_IKEV1_ATTR,
    IKE_REG_IKEV1_ENCR,
    IKE_REG_IKEV1_HASH,
    IKE_REG_IKEV1_AUTH,
    IKE_REG_IKEV1_GROUP,
    IKE_REG_IKEV1_GROUP_TYPE,
    IKE_REG_IKEV1_LIFE_TYPE,
    IKE_REG_IKEV1_PRF,
    IKE_REG_IKEV1_ASYMMETRIC, /* GM/T 0022 */
    IKE_REG_AUTHIP_AUTH,      /* Microsoft AuthIP */

    /* IKEv1 phase 2 (IPSEC SA) attributes (RFC 2407 section 4.5) and their values */
    IKE_REG_IPSEC_ATTR,
    IKE_REG_IPSEC_LIFE_TYPE,
    IKE_REG_IPSEC_ENCAPSULATION,
    IKE_REG_IPSEC_AUTH,
    IKE_REG_IPSEC_ECN_TUNNEL,
    IKE_REG_IPSEC_ESN,
    IKE_REG_IPSEC_SIGNATURE_ENCODING,
    IKE_REG_IPSEC_ADDRESS_PRESERVATION,
    IKE_REG_IPSEC_SA_DIRECTION,

    /* IKEv1 transaction exchange: Mode Config, XAUTH, Cisco Unity, Check Point */
    IKE_REG_MODECFG_TYPE,
    IKE_REG_MODECFG_ATTR, /* all attributes of today's drafts and vendors */
    IKE_REG_MODECFG_ATTR_NOTATION,
    IKE_REG_XAUTH_ATTR_DRAFT_02, /* drafts 02 to 05, also Check Point */
    IKE_REG_XAUTH_ATTR_DRAFT_01,
    IKE_REG_XAUTH_TYPE,
    IKE_REG_XAUTH_STATUS,

    /* GDOI: RFC 6407, 8052, 8263 */
    IKE_REG_GDOI_EXCHANGE, /* exchange types under DOI 2 */
    IKE_REG_GDOI_KEK_ATTR,
    IKE_REG_GDOI_KEK_MANAGEMENT,
    IKE_REG_GDOI_KEK_ALGORITHM,
    IKE_REG_GDOI_SIG_HASH,
    IKE_REG_GDOI_SIG_ALGORITHM,
    IKE_REG_GDOI_KEK_ACK,
    IKE_REG_GDOI_TEK_PROTOCOL,
    IKE_REG_GDOI_GAP_ATTR,
    IKE_REG_GDOI_KD_TYPE,
    IKE_REG_GDOI_KD_TEK_ATTR,
    IKE_REG_GDOI_KD_KEK_ATTR,
    IKE_REG_GDOI_KD_LKH_ATTR,
    IKE_REG_GDOI_KD_SID_ATTR,
    IKE_REG_IEC61850_AUTH,
    IKE_REG_IEC61850_ENCR,
    IKE_REG_IEC61850_SA_ATTR,

    IKE_REG_COUNT
} ike_registry;

/* The row that holds `value`: a single value before a range; NULL when no row does.
 * Ranges are rows too: "Unassigned", "Reserved", "Private Use". */
const ike_registry_row *ike_registry_find(ike_registry registry, uint32_t value);

/* The name of `value` (also "Private Use" and the like); NULL when no row holds it. */
const char *ike_registry_name(ike_registry registry, uint32_t value);

/* Whether `value` has a row and a meaning of its own: neither reserved, nor unassigned, nor one of
 * a range. */
bool ike_registry_assigned(ike_registry registry, uint32_t value);

/* The name of such a value, else NULL. */
const char *ike_registry_assigned_name(ike_registry registry, uint32_t value);

typedef enum {
    IKE_GROUP_NONE, /* strongSwan's null group */
    IKE_GROUP_MODP,
    IKE_GROUP_ECP,
    IKE_GROUP_EC2N,
    IKE_GROUP_MONTGOMERY,
    IKE_GROUP_GOST,
    IKE_GROUP_KEM,
    IKE_GROUP_NTRU,
    IKE_GROUP_HYBRID,
} ike_group_type;

/* A Diffie-Hellman group or a key encapsulation. The lengths are those of the key exchange data
 * in bytes, from the initiator (public value) and from the responder (public value or
 * ciphertext); 0 where they are not established. */
typedef struct {
    uint16_t id;
    const char *name;
    ike_group_type type;
    uint16_t init_bytes, resp_bytes;
} ike_group;

/* The group with the number `id`, registered or private; NULL when unknown. */
const ike_group *ike_group_find(uint16_t id);

#endif
