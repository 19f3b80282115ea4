/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The group part of a parsed message of GDOI (RFC 6407) or G-IKEv2 (RFC 9838): the policies of the
 * group's SAs and the downloaded keys. Bytes are borrowed from the packet. */
#ifndef IKE_GROUP_H
#define IKE_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/ike_span.h"

/* Protocols of group SAs, in IKEv2's numbers for both versions. */
enum { IKE_GROUP_AH = 2, IKE_GROUP_ESP = 3, IKE_GROUP_REKEY = 6 };

/* The policy of one SA. Numbers are those of IKEv2's transforms or, in GDOI, of the registries that
 * the fields name; 0 is absent. */
typedef struct {
    uint8_t protocol;
    ike_span spi; /* 4 bytes, for a Rekey SA 16: both SPIs of the IKE header */
    bool gdoi;
    uint16_t encryption;          /* ENCR; GDOI: ESP transform ID, KEK_ALGORITHM */
    uint16_t key_bits;            /* Key Length; GDOI: also KEK_KEY_LENGTH */
    uint16_t integrity;           /* INTEG; GDOI: Authentication Algorithm */
    uint16_t key_wrap;            /* KWA; G-IKEv2 */
    uint16_t sequence_numbers;    /* SN */
    uint16_t authentication;      /* GCAUTH; GDOI: SIG_ALGORITHM */
    uint16_t authentication_hash; /* GDOI: SIG_HASH_ALGORITHM */
} ike_group_policy;

typedef enum {
    IKE_GROUP_KEYMAT,        /* SA_KEY, wrapped */
    IKE_GROUP_WRAP_KEY,      /* WRAP_KEY, wrapped */
    IKE_GROUP_AUTH_KEY,      /* AUTH_KEY; GDOI: SIG_ALGORITHM_KEY: SubjectPublicKeyInfo */
    IKE_GROUP_ALGORITHM_KEY, /* GDOI: TEK_ALGORITHM_KEY; KEK_ALGORITHM_KEY with the IV before it */
    IKE_GROUP_INTEGRITY_KEY, /* GDOI: TEK_INTEGRITY_KEY */
    IKE_GROUP_SOURCE_KEY, /* GDOI: TEK_SOURCE_AUTH_KEY, where some key servers put the key of AH */
    IKE_GROUP_LKH_KEY,    /* GDOI: of LKH_DOWNLOAD_ARRAY, or of LKH_UPDATE_ARRAY, encrypted */
} ike_group_key_kind;

typedef struct {
    ike_group_key_kind kind;
    uint8_t protocol;     /* 0 for keys of no SA */
    ike_span spi;         /* of the SA; empty for keys of no SA */
    uint32_t id;          /* of the key: Key ID; in a hierarchy from LKH ID and key handle */
    uint32_t wrapping_id; /* of the key that it is wrapped with; 0: the default one */
    uint8_t algorithm;    /* GDOI: cipher of a key of the hierarchy */
    ike_span data;
} ike_group_key;

enum { IKE_MAX_GROUP_POLICIES = 64, IKE_MAX_GROUP_KEYS = 256 };

/* Of one message. */
typedef struct ike_group_download {
    unsigned policy_count, key_count;
    bool has_sequence; /* GDOI: SEQ payload */
    uint32_t sequence;
    ike_group_policy policies[IKE_MAX_GROUP_POLICIES];
    ike_group_key keys[IKE_MAX_GROUP_KEYS];
} ike_group_download;

#endif
