/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was readable in a message, as far as it matters beyond its dissection. */
#ifndef IKE_CONTENT_H
#define IKE_CONTENT_H

#include "analysis/tracker/proposal_list.h"
#include "analysis/tracker/revocation.h"

enum { IKE_NOTIFY_BYTES = 64 }; /* of notification data, the first ones are recorded */

typedef struct {
    uint16_t type;
    uint8_t protocol;
    uint8_t spi_bytes;
    uint32_t spi;        /* a 4-byte SPI */
    uint16_t bytes;      /* of data in the message */
    uint8_t recorded;    /* bytes at `data` */
    const uint8_t *data; /* NULL when there are none */
} ike_recorded_notify;

struct ike_recorded_certificate {
    const char *subject, *issuer;   /* as text */
    uint64_t not_before, not_after; /* seconds since the epoch; 0 unknown */
    const char *key;                /* "RSA"; NULL unknown */
    uint32_t key_bits;
    bool sha1, md5, self_issued, authority, cannot_sign, no_server_auth; /* as in ike_x509 */
    ike_revocation revocation; /* by a CRL or OCSP response beside it */
    uint8_t name_count;
    const char *const *names; /* subjectAltNames as identities are written */
};

/* Whether the certificate is one for an identity as it is written: by subject or subjectAltName. */
bool ike_certificate_names(const ike_recorded_certificate *certificate, const char *id);

/* The authorities that a side asks for (RFC 7296 3.7, RFC 2408 3.10). */
enum { IKE_AUTHORITY_BYTES = 20, IKE_MAX_AUTHORITIES = 32 };
struct ike_recorded_authorities {
    uint16_t count;
    const uint8_t *keys; /* IKEv2: SHA-1 hashes of their public keys, IKE_AUTHORITY_BYTES each */
    const char *const *names; /* IKEv1: distinguished names as text */
};

/* The SPI of a proposal: 8 bytes of an IKE SA, 4 of a Child SA. */
typedef struct {
    uint64_t spi;
    uint8_t number, protocol;
} ike_proposed_spi;

/* What few messages have. */
typedef struct {
    const ike_recorded_certificate *certificates;
    const ike_recorded_authorities *authorities; /* NULL: none asked for, or any */
    const char *const *vendors; /* static texts, NULL-terminated; NULL none is known */
    const char *ke_fault;  /* why a public value is invalid (RFC 6989), static text; NULL none */
    const char *signature; /* RFC 7427: algorithm of AUTH, static text; NULL */
    const char *fault;     /* what is malformed, static text; NULL */
    uint8_t fault_payload; /* type of the malformed payload, 0 not known */
    uint8_t certificate_count;
    uint8_t signature_hash; /* IKE_SIGNATURE_... of `signature`; 0 not known */
} ike_content_more;

/* Stored once for all messages that say the same: ordered by size, so that it is small. */
struct ike_content {
    const ike_proposal_list *proposals; /* NULL: no SA payload */
    uint64_t payloads;                  /* bit n: a payload of type n */
    const char *id[IKE_MAX_IDS];        /* as text; IKEv2: IDi, IDr */
    const ike_selector *ts_initiator, *ts_responder;
    const ike_content_more *more; /* never NULL */
    uint32_t life_seconds;        /* IKEv1: of the first transform */
    uint16_t ke_group[IKE_MAX_KEY_EXCHANGES];
    uint16_t ke_bytes[IKE_MAX_KEY_EXCHANGES];
    uint16_t nonce_bytes;
    uint16_t xauth_status; /* as in ike_message */
    uint8_t spi_count, notify_count;
    uint8_t id_type[IKE_MAX_IDS];
    uint8_t ke_count;
    uint8_t auth_method, eap_code;
    uint8_t config_type;          /* as in ike_message */
    uint8_t config_address_count; /* those with an address */
    uint8_t critical_type;        /* an unknown payload with the critical bit, 0 none */
    uint8_t duplicate_transforms;
    uint8_t ts_initiator_count, ts_responder_count;
    bool has_nonce : 1, has_auth : 1;
    bool config_wants_address : 1;  /* INTERNAL_IP4_ADDRESS or INTERNAL_IP6_ADDRESS is there */
    ike_recorded_notify notifies[]; /* and behind them `spi_count` of ike_proposed_spi, of all
                                       proposals but IPComp's */
};

/* The first notify of a type, or NULL. NULL content has none. */
const ike_recorded_notify *ike_content_notify(const ike_content *content, uint16_t type);

/* The first error notify, or NULL. */
const ike_recorded_notify *ike_content_error(const ike_content *content, uint8_t major);

/* The SPI that the sender of `content` has for `protocol`, once `choice` names the number of the
 * chosen proposal (RFC 7296 3.3.1, RFC 2408 4.2). That of the first proposal while the choice is
 * not known (NULL) or is numbered otherwise; 0: there is none. */
uint64_t ike_content_spi(const ike_content *content, uint8_t protocol, const ike_content *choice);

static inline bool ike_content_has(const ike_content *content, uint8_t payload)
{
    return content && payload < 64 && (content->payloads >> payload & 1);
}

#endif
