/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of analysis/ share and nobody else sees. */
#ifndef IKE_ANALYSIS_INTERNAL_H
#define IKE_ANALYSIS_INTERNAL_H

#include <glib.h>

#include "analysis/tracker/stored_message.h"
#include "analysis/findings/findings.h"
#include "analysis/tracker/proposal_list.h"
#include "analysis/tracker/format.h"
#include "analysis/tracker/tracker.h"

/* Exchange types. */
enum {
    IKEV1_MAIN_MODE = 2,
    IKEV1_AGGRESSIVE_MODE = 4,
    IKEV1_INFORMATIONAL = 5,
    IKEV1_TRANSACTION = 6,
    IKEV1_QUICK_MODE = 32,
    IKE_SA_INIT = 34,
    IKE_AUTH = 35,
    CREATE_CHILD_SA = 36,
    INFORMATIONAL = 37,
    GSA_AUTH = 39,
    IKE_SESSION_RESUME = 38,
    IKE_INTERMEDIATE = 43,
    IKE_FOLLOWUP_KE = 44,
};

/* Payload types. */
enum {
    V1_SA = 1,
    V1_KE = 4,
    V1_ID = 5,
    V1_HASH = 8,
    V1_SIG = 9,
    V1_NOTIFY = 11,
    V1_DELETE = 12,
    V2_SA = 33,
    V2_KE = 34,
    V2_IDI = 35,
    V2_IDR = 36,
    V2_AUTH = 39,
    V2_NOTIFY = 41,
    V2_DELETE = 42,
    V2_EAP = 48,
};

/* Notify types. */
enum {
    N_UNSUPPORTED_CRITICAL = 1,
    N_INVALID_IKE_SPI = 4, /* IKEv1: INVALID-COOKIE */
    N_INVALID_MAJOR_VERSION = 5,
    N_INVALID_SYNTAX = 7,
    N_INVALID_SPI = 11,
    N_NO_PROPOSAL_CHOSEN = 14,
    N_V1_PAYLOAD_MALFORMED = 16,
    N_INVALID_KE = 17,
    N_V1_INVALID_ID = 18,
    N_V1_INVALID_CERTIFICATE = 20,
    N_V1_CERT_UNSUPPORTED = 21,
    N_V1_INVALID_CA = 22,
    N_V1_INVALID_HASH = 23,
    N_AUTHENTICATION_FAILED = 24,
    N_SINGLE_PAIR_REQUIRED = 34,
    N_NO_ADDITIONAL_SAS = 35,
    N_INTERNAL_ADDRESS_FAILURE = 36,
    N_FAILED_CP_REQUIRED = 37,
    N_TS_UNACCEPTABLE = 38,
    N_INVALID_SELECTORS = 39,
    N_TEMPORARY_FAILURE = 43,
    N_CHILD_SA_NOT_FOUND = 44,
    N_TS_MAX_QUEUE = 48,
    N_INITIAL_CONTACT = 16384,
    N_V1_INITIAL_CONTACT = 24578,
    N_NAT_SOURCE = 16388,
    N_NAT_DESTINATION = 16389,
    N_COOKIE = 16390,
    N_TRANSPORT_MODE = 16391,
    N_REKEY_SA = 16393,
    N_UPDATE_SA_ADDRESSES = 16400,
    N_ANOTHER_AUTH = 16405,
    N_REDIRECT = 16407,
    N_PPK_IDENTITY = 16436,
    N_ADDITIONAL_KEY_EXCHANGE = 16441,
    N_V1_RESPONDER_LIFETIME = 24576,
    N_V1_DPD = 36136,
    N_V1_DPD_ACK = 36137,
    N_BEET_MODE = 40961, /* strongSwan's private number */
};

typedef struct ike_sa_private ike_sa_private;
typedef struct ike_exchange_private ike_exchange_private;
typedef struct ike_child_private ike_child_private;
typedef struct ike_nat_claim ike_nat_claim; /* NAT detection that nobody asked about yet */

typedef struct {
    uint64_t initiator, responder;
} spi_pair;

typedef struct {
    ike_endpoint low, high; /* ports 0 */
} address_pair;

/* The newest IKE SA between two addresses. */
typedef struct {
    address_pair pair; /* key, so first */
    ike_sa *sa;
} ike_between;

enum { RECENT_EXCHANGES = 4 };

struct ike_sa_private {
    ike_tracker *tracker;
    ike_sa *next_same_spi; /* with the same initiator SPI */
    ike_exchange **exchange_tail;
    ike_child **child_tail;
    ike_finding *findings, **finding_tail;
    ike_finding *late;
    uint64_t late_revision;
    const ike_finding *cause;
    uint32_t finding_count;
    uint32_t exchange_count;
    ike_exchange *recent[RECENT_EXCHANGES]; /* the newest, each at its number modulo theirs */
    uint32_t child_count;
    uint32_t highest_id[2]; /* IKEv2: of the exchanges that responder [0], initiator [1] began */
    bool began[2];
    uint32_t next_id[2]; /* IKEv2: next request of the responder [0], of the initiator [1] */
    bool id_seen[2];
    bool init_done; /* IKEv2: keys were agreed in IKE_SA_INIT */
    bool initiator_auth, responder_auth, another_auth;
    bool eap; /* seen, or inferred from more than one IKE_AUTH */
    bool roles_known;
    bool peer_deleted;                       /* a delete of the IKE SA was seen */
    bool initial_contact;                    /* its initiator knows of no other IKE SA */
    uint8_t eap_requested, eap_wanted;       /* EAP methods: of the server, of the peer's NAK */
    const char *requested_id;                /* IDr of the request: who is to answer */
    const char *ppk;                         /* PPK_IDENTITY of the initiator (RFC 8784) */
    uint32_t unreachable, unreachable_frame; /* ICMP errors that carry its messages */
    uint64_t first_digest;                   /* of its first message */
    ike_endpoint first_initiator, first_responder; /* where they were then */
    uint32_t dpd_sequence[2]; /* IKEv1: of the last R-U-THERE of responder [0], initiator [1] */
    ike_message_record *dpd[2];
    const ike_proposal_list *proposals; /* of its first message */
    ike_exchange *auth_exchange;        /* IKE_AUTH that asked for the first CHILD_SA */
    ike_nat_claim *nat_claims;
};

struct ike_exchange_private {
    ike_exchange *previous_round; /* the same message ID before COOKIE or INVALID_KE_PAYLOAD */
    ike_message_record **tail;
    ike_stored_message *request, *response;
    ike_message_record
        *last_distinct;     /* the messages that repeat no other, by ->previous_distinct */
    uint32_t reason_number; /* CHILD_SA number */
    uint8_t reason;         /* exchange_reason */
    uint8_t count;          /* IKEv1: distinct messages */
    bool evaluated;
    bool dpd_asks;           /* IKEv1: R-U-THERE */
    bool answers;            /* IKEv1: R-U-THERE-ACK stands in another exchange than R-U-THERE */
    bool first_by_initiator; /* IKEv1 */
    ike_message_record
        *by_step[]; /* IKEv1: first message of each step, 1 to 6; IKEv2: no room for it */
};

/* It stands behind the exchange. */
static inline ike_exchange_private *ike_own(const ike_exchange *exchange)
{
    return (ike_exchange_private *)(guintptr)(exchange + 1);
}

/* What an exchange was for, for the timeline. */
typedef enum {
    REASON_NONE,
    REASON_COOKIE,
    REASON_INVALID_KE,
    REASON_DPD,
    REASON_DELETE_IKE,
    REASON_DELETE_CHILD,
    REASON_REKEY_IKE,
    REASON_REKEY_CHILD,
    REASON_NEW_CHILD,
    REASON_MOBIKE,
    REASON_NOTIFY,
    REASON_XAUTH,
    REASON_CONFIG,
    REASON_EAP,
} exchange_reason;

struct ike_child_private {
    ike_exchange *rekey[2]; /* that the responder [0], the initiator [1] began to replace it */
    const ike_finding *cause;
    const ike_selector *requested_initiator, *requested_responder;
    uint8_t requested_initiator_count, requested_responder_count;
    bool deleted; /* a delete was seen, also after it was rekeyed */
};

/* What one peer chose or offered so far, by protocol: at most so many of each, the first ones. */
enum { PEER_PROPOSALS = 6 };
typedef struct ike_peer_proposals {
    const ike_proposal_list *proposals;
    struct ike_peer_proposals *next;
    uint32_t frame;
} ike_peer_proposals;

typedef struct {
    ike_endpoint address;    /* key, so first; with major in port */
    uint32_t answered_frame; /* of a phase 1 or IKE_SA_INIT that it answered with success */
    uint32_t begun, answered, finished; /* IKE SAs with it as the responder, for its version */
    const char *id;                     /* who it was as a responder, last; NULL not seen */
    uint32_t id_frame;
    ike_peer_proposals *chosen, *proposed;
} ike_peer;

/* Room that is given back with the tracker and not before. */
typedef struct {
    GPtrArray *blocks;
    size_t left; /* in the last one */
    uint8_t *next;
} ike_arena;

struct ike_tracker {
    GPtrArray *sas;
    GPtrArray *children;
    /* Sets of what is found rather than maps to it: GLib keeps half as much of them. */
    GHashTable *by_pair;      /* set of the spi_pair in each ike_sa */
    GHashTable *by_initiator; /* set of the initiator SPI in the newest ike_sa of each chain */
    GHashTable *exchanges;  /* set of the newest ike_exchange of each message ID, but for the first
                               few of each IKE SA */
    GHashTable *kept;       /* bytes kept once */
    GHashTable *peers;      /* set of ike_peer */
    GHashTable *pairs;      /* set of ike_between */
    GHashTable *child_spis; /* SPI -> child_spi chain; NULL until it is needed: child.c */
    GHashTable *flows;      /* SPI and destination -> ike_esp_flow */
    GHashTable *text_of[2]; /* ike_negotiated -> its words: IKEv2 [0], IKEv1 [1] */
    GPtrArray *records;     /* blocks of RECORDS_PER_BLOCK, in the order of the frames */
    uint32_t record_count;
    ike_arena room;
    uint32_t unknown_flows;
    uint64_t revision; /* grows with each message and each change of facts */
    uint64_t last_ns;
    uint32_t last_frame;
};

/* ---- tracker.c ------------------------------------------------------------------------------- */

static inline uint32_t ike_read_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t ike_read_u64(const uint8_t *p)
{
    return (uint64_t)ike_read_u32(p) << 32 | ike_read_u32(p + 4);
}

/* Bytes kept once until the tracker ends; aligned as malloc does. NULL for length 0. */
const void *ike_store(ike_tracker *tracker, const void *bytes, size_t length);
const char *ike_store_text(ike_tracker *tracker, const char *text);
/* Keeps the text of a GString and frees it. */
const char *ike_store_string(ike_tracker *tracker, GString *text);

/* Zeroed bytes that live as long as the tracker; aligned for any structure here. */
void *ike_tracker_alloc(ike_tracker *tracker, size_t size);

/* The next verdict, zeroed. */
ike_message_record *ike_tracker_add_record(ike_tracker *tracker);

ike_peer *ike_tracker_peer(ike_tracker *tracker, const ike_endpoint *endpoint, uint8_t major);
void ike_peer_chose(ike_tracker *tracker, ike_peer *peer, const ike_proposal_list *proposals,
                    uint32_t frame);
void ike_peer_proposed(ike_tracker *tracker, ike_peer *peer, const ike_proposal_list *proposals,
                       uint32_t frame);

/* The flow of ESP packets with an SPI to an address, or NULL. */
ike_esp_flow *ike_tracker_flow(ike_tracker *tracker, uint32_t spi, const ike_endpoint *destination);

address_pair ike_pair_of(const ike_endpoint *a, const ike_endpoint *b);
/* The newest IKE SA between two addresses, or NULL. */
ike_sa *ike_sa_between(const ike_tracker *tracker, const ike_endpoint *a, const ike_endpoint *b);
/* The IKE SA with a pair of SPIs, or NULL. */
ike_sa *ike_sa_of_pair(const ike_tracker *tracker, spi_pair pair);

/* ---- sa.c ------------------------------------------------------------------------------------ */

ike_sa *ike_sa_new(ike_tracker *tracker, const ike_message *m, uint64_t initiator_spi,
                   uint64_t responder_spi);
void ike_sa_free(ike_sa *sa); /* what it holds beside its room; detaches */
void ike_sa_set_responder_spi(ike_tracker *tracker, ike_sa *sa, uint64_t spi);
/* The IKE SA that replaces `old`; `by_initiator`: who asked for it, and when. */
ike_sa *ike_sa_adopt(ike_tracker *tracker, ike_sa *old, const ike_message *m,
                     uint64_t initiator_spi, uint64_t responder_spi, bool by_initiator,
                     uint64_t request_ns);
void ike_sa_established(ike_sa *sa, ike_message_record *record, bool inferred);
void ike_sa_failed(ike_sa *sa, const ike_finding *cause);
static inline ike_party *ike_sa_party(ike_sa *sa, bool initiator)
{
    return initiator ? &sa->initiator : &sa->responder;
}
/* "10.9.0.1" with the identity when it is known. */
void ike_format_party(GString *out, const ike_sa *sa, bool initiator);
/* Takes over identities, vendors, methods and certificates of an opened message. */
void ike_sa_record_identity(ike_tracker *tracker, ike_message_record *record, const ike_message *m);
/* Follows the peers' addresses (NAT float, MOBIKE). */
void ike_sa_follow(ike_tracker *tracker, ike_sa *sa, ike_message_record *record,
                   const ike_message *m);

/* ---- findings.c ------------------------------------------------------------------------------ */

void ike_findings_free(ike_finding *late);

/* ---- exchange.c ------------------------------------------------------------------------------ */

/* The newest exchange of an IKE SA with a message ID, or NULL. Side and kind are those of
 * ike_exchange. */
ike_exchange *ike_exchange_find(const ike_tracker *tracker, const ike_sa *sa, uint32_t message_id,
                                uint8_t side, uint8_t kind);
void ike_exchange_free(ike_exchange *exchange); /* what it holds beside its room */
ike_message_record *ike_exchange_add(ike_tracker *tracker, ike_exchange *exchange,
                                     const ike_message *m, bool from_initiator);
/* The earlier message of the exchange that `m` repeats, or NULL. */
ike_message_record *ike_exchange_find_original(ike_exchange *exchange, const ike_message *m,
                                               bool from_initiator);
void ike_exchange_record_retransmission(ike_tracker *tracker, ike_message_record *record,
                                        ike_message_record *original);
void ike_exchange_pair(ike_message_record *request, ike_message_record *response);
ike_message_record *ikev2_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m);
ike_message_record *ikev1_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m);

/* ---- ikev2.c, ikev1.c ------------------------------------------------------------------------ */

/* What a new (not repeated) message means. */
void ikev2_read(ike_tracker *tracker, ike_message_record *record, const ike_message *m);
void ikev1_read(ike_tracker *tracker, ike_message_record *record, const ike_message *m);

/* Notes the first error notify of an exchange. */
void ike_exchange_record_error(ike_exchange *exchange, const ike_stored_message *inputs);
/* Frees what is no longer needed of an exchange whose two halves were seen. */
void ike_exchange_free_messages(ike_exchange *exchange);

/* ---- child.c --------------------------------------------------------------------------------- */

ike_child *ike_child_make(ike_tracker *tracker, ike_exchange *exchange, uint8_t protocol);
void ike_child_set_spi(ike_tracker *tracker, ike_child *child, bool of_initiator, uint32_t spi);
/* The CHILD_SA whose inbound SPI of one side it is, in the IKE SA or those before and after it. */
ike_child *ike_child_find(ike_tracker *tracker, const ike_sa *sa, bool of_initiator, uint32_t spi);
void ike_child_requested(ike_tracker *tracker, ike_child *child, const ike_stored_message *request,
                         bool by_initiator);
void ike_child_established(ike_tracker *tracker, ike_child *child,
                           const ike_stored_message *response, bool by_initiator);
void ike_child_failed(ike_child *child, const ike_finding *cause);
void ike_child_deletes(ike_tracker *tracker, ike_message_record *record, const ike_message *m);
/* Makes the table of CHILD_SAs by SPI, if there is none yet: before the first ESP flow. */
void ike_child_index(ike_tracker *tracker);
/* Ties an ESP flow to the CHILD_SA with its SPI, when there is one. */
void ike_child_claim(ike_tracker *tracker, ike_esp_flow *flow);

/* ---- nat.c ----------------------------------------------------------------------------------- */

void ike_nat_check(ike_message_record *record, const ike_message *m);
void ike_nat_free(ike_sa *sa); /* what nobody asked about */

#endif
