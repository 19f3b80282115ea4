/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsed message, which crosses from the dissector to analysis/ and decrypt/. The code of each
 * payload fills in its part. Pointers are borrowed from the packet and valid only while it is
 * dissected: copy what is to be kept. */
#ifndef IKE_MESSAGE_H
#define IKE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/ike_span.h"
#include "proto/ike_x509.h"

typedef struct {
    uint8_t family;    /* 4, 6 or 0 for any other kind of network */
    uint8_t bytes[16]; /* network order, 4 used for IPv4 */
    uint16_t port;
} ike_endpoint;

/* One IKEv2 transform (RFC 7296 3.3.2). */
typedef struct {
    uint8_t type; /* 1 ENCR ... 14 */
    uint16_t id;
    uint16_t key_bits; /* Key Length attribute, 0 when absent */
} ike_transform;

/* One IKEv1 transform with the attributes that decide (RFC 2409 appendix A, RFC 2407 4.5).
 * 0 means absent. */
typedef struct {
    uint8_t number;
    uint8_t id; /* KEY_IKE, or the AH, ESP or IPComp transform */
    uint16_t encryption, hash, auth_method, group, prf, key_bits; /* phase 1; group also phase 2 */
    uint16_t encapsulation, auth_algorithm, esn;                  /* phase 2 */
    uint32_t life_seconds, life_kbytes;
} ikev1_transform;

typedef struct {
    uint8_t number, protocol; /* RFC 7296 3.3.1, RFC 2408 3.5; protocols 1 IKE, 2 AH, 3 ESP, 4
                                 IPComp in IKEv1 */
    ike_span spi;
    uint16_t first_transform; /* index into transforms or v1_transforms of the message */
    uint16_t transform_count;
} ike_proposal;

typedef struct {
    uint16_t type;
    uint8_t protocol;
    ike_span spi, data;
} ike_notify;

typedef struct {
    uint8_t type; /* ID_... of the version; 0 when there is no ID payload */
    uint8_t protocol;
    uint16_t port; /* IKEv1 */
    ike_span data; /* the identification data alone */
    ike_span body; /* the payload after its generic header, as AUTH and HASH_I cover it */
} ike_identity;

/* One traffic selector (RFC 7296 3.13.1). */
typedef struct {
    uint8_t type; /* 7 IPv4 range, 8 IPv6 range, 9 FC, 10 SECLABEL */
    uint8_t ip_protocol;
    uint16_t start_port, end_port;
    union {
        struct {
            uint8_t start[16], end[16];
        };
        char label[32]; /* TS_SECLABEL (RFC 9478 2.1): its first bytes, zeros behind it */
    };
} ike_selector;

typedef struct {
    uint8_t protocol;
    ike_span spi; /* one SPI */
} ike_delete;

typedef struct {
    uint8_t encoding;
    ike_span data;
    const ike_x509 *x509; /* parsed; NULL if it is not an X.509 certificate */
} ike_certificate;

/* The authorities that a Certificate Request names: SHA-1 hashes of their public keys in IKEv2 (RFC
 * 7296 3.7), one distinguished name in IKEv1 (RFC 2408 3.10). */
typedef struct {
    uint8_t encoding;
    ike_span authorities; /* empty: any */
} ike_certificate_request;

/* One configuration attribute (RFC 7296 3.15.1, draft-dukes-ike-mode-cfg), in both versions. */
typedef struct {
    uint16_t type;
    ike_span value; /* empty in requests */
} ike_config_attribute;

/* One payload of the message, in the order of the chain. */
typedef struct {
    uint8_t type;
    uint16_t notify; /* its index in `notifies` + 1; 0 when it is no notification */
} ike_payload_entry;

/* EAP codes (RFC 3748 4), and the type of a Nak (5.3.1): those above it are methods. */
enum { IKE_EAP_REQUEST = 1, IKE_EAP_RESPONSE, IKE_EAP_SUCCESS, IKE_EAP_FAILURE };
enum { IKE_EAP_NAK = 3 };

enum { IKE_XAUTH_FAIL = 1 }; /* of ike_message.xauth_status */

/* The outcome of the EAP method; code and type are also in ike_message. */
typedef struct {
    uint8_t code, type; /* as eap_code and eap_type; the type of NAK (3) for both kinds of NAK */
    ike_span identity;  /* Identity response (RFC 3748 5.1) */
    ike_span text;      /* readable: Notification, GTC request, MSCHAPv2 Failure and Success */
    ike_span wanted;    /* NAK (RFC 3748 5.3.1): the methods that the peer accepts, a byte each */
    uint32_t mschapv2_error; /* "E=691" of a Failure request (RFC 2759 6); 0 when absent */
    /* Last TLS alert in clear (RFC 5246 7.2) of EAP-TLS, TTLS, PEAP, FAST and TEAP. */
    bool tls_alert;
    uint8_t tls_alert_level, tls_alert_description;
    /* EAP-SIM, AKA, AKA' (RFC 4186 8, RFC 4187 8): the subtype, and the code of AT_NOTIFICATION or
     * AT_CLIENT_ERROR_CODE. */
    uint8_t aka_subtype; /* 0 for other methods */
    bool aka_has_code;
    uint16_t aka_code;
} ike_eap_packet;

typedef struct {
    uint16_t group; /* 0 in IKEv1: the SA payload has it */
    ike_span data;
    const char
        *fault; /* why it cannot be a public value of its group (RFC 6989); NULL none known */
} ike_key_exchange;

enum {
    IKE_PREFIX_BYTES = 16,
    IKE_MAX_PROPOSALS = 32,
    IKE_MAX_TRANSFORMS = 255,
    IKE_MAX_NOTIFIES = 48,
    IKE_MAX_SELECTORS = 16, /* for each of TSi and TSr */
    IKE_MAX_DELETES = 64,
    IKE_MAX_VENDORS = 40,
    IKE_MAX_CERTIFICATES = 8,
    IKE_MAX_CERTIFICATE_REQUESTS = 8,
    IKE_MAX_CONFIG_ATTRIBUTES = 64,
    IKE_MAX_PAYLOADS = 64,
    IKE_MAX_KEY_EXCHANGES = 2,
    IKE_MAX_IDS = 2,        /* IDi and IDr, IDci and IDcr */
    IKE_MAX_NAT_HASHES = 8, /* NAT-D payloads of IKEv1 */
};

/* The result of decrypting the message. */
typedef enum {
    IKE_PLAIN,           /* nothing in it was encrypted */
    IKE_DECRYPTION_NONE, /* encrypted, not decrypted */
    IKE_DECRYPTION_DONE, /* decrypted, and its integrity verified where the version has that */
    IKE_FRAGMENT,        /* a fragment that did not complete its message */
} ike_decryption;

typedef struct ike_message {
    /* Where and when. */
    uint32_t frame;
    uint16_t place;   /* which message of its frame, from 0 */
    uint64_t time_ns; /* since the epoch */
    ike_endpoint source, destination;
    /* What distinguishes a copy of a packet from a retransmission; 0 if not known. */
    uint32_t interface; /* of the capture file, from 1 */
    uint16_t ip_id;     /* Identification of the IPv4 header */
    uint8_t ttl;        /* TTL or hop limit */
    uint32_t captured;  /* bytes of the message in the capture, when fewer than were sent */
    bool tcp;           /* RFC 9329 */

    /* Header (RFC 7296 3.1, RFC 2408 3.1). */
    uint8_t major, minor;
    uint64_t initiator_spi, responder_spi;
    uint8_t first_payload; /* Next Payload */
    uint8_t exchange;
    uint8_t flags;
    uint32_t message_id;
    uint32_t length;       /* as the header says */
    bool response;         /* IKEv2: R flag */
    bool initiator;        /* IKEv2: I flag, the sender is the original initiator of the IKE SA */
    bool encrypted;        /* IKEv1: E flag; IKEv2: has SK or SKF */
    bool malformed;        /* the chain or a payload did not parse */
    const char *fault;     /* what does not parse, static text; NULL not known */
    uint8_t fault_payload; /* type of the first payload that does not parse, 0 not known */
    ike_decryption decryption;
    bool not_authentic;     /* its ICV or HASH is wrong under keys that are verified */
    bool wrong_icv;         /* the same, under keys of which that is not known yet */
    bool misfit;            /* IKEv2: its algorithms make no encrypted message of its length */
    uint64_t digest;        /* of all captured bytes: equal for a retransmission */
    uint64_t prefix_digest; /* of the first IKE_PREFIX_BYTES behind the header, 0: fewer */
    uint16_t first_inside;  /* type of the first encrypted payload + 1: Next Payload of the header
                               (IKEv1), of SK or of the first SKF; 0 if not known */
    uint16_t fragment, fragments; /* RFC 7383 or the Cisco payload; 0: not a fragment */
    bool reassembled;             /* parsed from a reassembled message */

    /* Which payload types were seen: bit (type % 64) of word (type / 64). */
    uint64_t payloads[4];

    struct ike_group_download *group; /* ike_group.h: of GDOI and G-IKEv2; NULL none */

    ike_span nonce;
    ike_span sa_body;    /* IKEv1 SA payload after the generic header */
    ike_span hash;       /* IKEv1 HASH payload */
    ike_span signature;  /* IKEv1 SIG payload */
    uint8_t auth_method; /* IKEv2 AUTH; 0 when there is none */
    ike_span auth;       /* its data */
    uint8_t config_type; /* CFG type + 1, 0 when there is no CP payload */
    ike_span eap;        /* the EAP packet */
    uint8_t eap_code;    /* 1 request ... 4 failure, 0 none */
    uint8_t eap_type;
    ike_eap_packet eap_packet; /* what is in it */
    uint16_t xauth_status;     /* XAUTH-STATUS + 1, 0 when absent */
    ike_span xauth_user;       /* XAUTH USER NAME */
    bool critical_unknown;     /* an unknown payload with the critical bit */
    uint8_t critical_type;

    /* Counts first, so that a new message is cleared by clearing up to here. What a full list has
     * no room for is dropped. */
    uint16_t proposal_count, transform_count, notify_count, delete_count;
    uint8_t ts_initiator_count, ts_responder_count, vendor_count, certificate_count, ke_count,
        id_count, nat_hash_count, certificate_request_count, config_attribute_count, payload_count;

    /* Lists: only the counted part is valid. */
    ike_identity
        id[IKE_MAX_IDS]; /* IKEv2: [0] IDi, [1] IDr (type 0 when absent); IKEv1: in order */
    ike_key_exchange ke[IKE_MAX_KEY_EXCHANGES];
    ike_proposal proposals[IKE_MAX_PROPOSALS];
    union {
        ike_transform transforms[IKE_MAX_TRANSFORMS];      /* IKEv2 */
        ikev1_transform v1_transforms[IKE_MAX_TRANSFORMS]; /* IKEv1 */
    };
    ike_notify notifies[IKE_MAX_NOTIFIES];
    ike_selector ts_initiator[IKE_MAX_SELECTORS], ts_responder[IKE_MAX_SELECTORS];
    ike_delete deletes[IKE_MAX_DELETES];
    const char *vendors[IKE_MAX_VENDORS]; /* names, static strings */
    ike_certificate certificates[IKE_MAX_CERTIFICATES];
    ike_certificate_request certificate_requests[IKE_MAX_CERTIFICATE_REQUESTS];
    ike_config_attribute config_attributes[IKE_MAX_CONFIG_ATTRIBUTES];
    ike_payload_entry payload_list[IKE_MAX_PAYLOADS];
    ike_span nat_hashes[IKE_MAX_NAT_HASHES]; /* IKEv1 NAT-D in order: destination first */
} ike_message;

/* An ICMP error (RFC 792, RFC 4443). */
typedef struct {
    uint8_t version; /* 4 ICMP, 6 ICMPv6, 0 not known */
    uint8_t type, code;
    uint32_t mtu;    /* of "fragmentation needed" and "packet too big"; 0 none */
    uint32_t length; /* of the IP packet that it quotes */
} ike_icmp_error;

/* Was it truncated by the snap length? */
static inline bool ike_message_is_truncated(const ike_message *message)
{
    return message->captured != 0 && message->captured < message->length;
}

/* Whether a payload of this type was in the message. */
static inline bool ike_message_has(const ike_message *message, uint8_t type)
{
    return (message->payloads[type / 64] >> (type % 64)) & 1;
}

#endif
