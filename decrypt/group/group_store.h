/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The group SAs of a capture: what key servers said of them, whatever the group. Keys of ESP and AH
 * go on to the ESP table. Bounded: when a store is full nothing more is added. */
#ifndef IKE_GROUP_STORE_H
#define IKE_GROUP_STORE_H

#include <glib.h>

#include "decrypt/context.h"
#include "decrypt/crypto/cipher.h"
#include "proto/ike_group.h"

enum { IKE_REKEY_SPI = 16, IKE_MAX_REKEY_SAS_OF_SPI = 32 };

/* A Rekey SA: what GSA_REKEY or GROUPKEY-PUSH messages are encrypted with. */
typedef struct ike_rekey_sa ike_rekey_sa;
struct ike_rekey_sa {
    ike_rekey_sa *next; /* with the same SPI, added later */
    bool gdoi;
    bool computable; /* the algorithms are supported */
    ike_algorithms algorithms;
    ike_secret encryption; /* GSK_e; GDOI: the KEK */
    ike_secret integrity;  /* GSK_a */
    ike_secret wrap;       /* GSK_w */
    ike_secret iv;         /* GDOI */
    bool has_policy;
    uint16_t authentication, authentication_hash; /* as in its policy */
    ike_secret public_key;                        /* SubjectPublicKeyInfo of the key server */
    ike_cipher *cipher;                           /* GDOI; made when needed */
    bool has_sequence;                            /* GDOI: the SEQ payload seen last */
    uint32_t sequence;
    uint64_t sequence_digest; /* of its message; 0: of the key download */
    ike_key_origin origin;
};

ike_group_store *ike_group_store_new(void);
void ike_group_store_free(ike_group_store *store); /* wipes */

/* Stores the policy of an SA, which its keys may follow in another message; replaces the one
 * before.
 */
void ike_group_store_policy(ike_group_store *store, const ike_group_policy *policy);

/* The policy of an SA, its SPI empty; NULL not known. */
const ike_group_policy *ike_group_store_find_policy(const ike_group_store *store, uint8_t protocol,
                                                    ike_span spi);

/* Takes over what `sa` has, which is empty then. The same keys again change nothing but the public
 * key. NULL when there is no space. */
ike_rekey_sa *ike_group_store_add_rekey(ike_group_store *store, const uint8_t *spi,
                                        ike_rekey_sa *sa);

/* The first Rekey SA with these SPIs, others by `next`; NULL none. */
ike_rekey_sa *ike_group_store_find_rekey(const ike_group_store *store, uint64_t initiator_spi,
                                         uint64_t responder_spi);

/* Key wrap keys by Key ID, which is unique in a group: those of other groups are tried too. The key
 * is copied. */
void ike_group_store_add_wrap_key(ike_group_store *store, uint32_t id, ike_span key);
const ike_secret *ike_group_store_wrap_key(const ike_group_store *store, uint32_t id,
                                           unsigned number); /* NULL beyond the last */

#endif
