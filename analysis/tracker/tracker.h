/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a capture tells: IKE SAs by their SPIs, exchanges by message ID, CHILD_SAs by their SPIs,
 * and for each message what it answers, what it repeats and what is to be said about it.
 *
 * Call order for each IKE message, on the first pass over its frame only and in the capture's
 * order: sa = ike_tracker_sa_of(tracker, m);        header and addresses are known, nothing opened
 * yet
 *   ... open what is sealed, read the payloads into m ...
 *   verdict = ike_tracker_message(tracker, sa, m);
 * The verdict lives as long as the tracker, later passes read it: ike_tracker_record() finds it.
 * What it points to grows while the capture is read: a response, a CHILD_SA, a finding may be added
 * to an earlier message.
 *
 * All structures here are for reading; only `attached`, `detach` and `marks` of an ike_sa and
 * `attached` of a verdict belong to the caller. Nothing is thread safe. */
#ifndef IKE_TRACKER_H
#define IKE_TRACKER_H

#include "proto/ike_message.h"

typedef struct ike_tracker ike_tracker;
typedef struct ike_sa ike_sa;
typedef struct ike_exchange ike_exchange;
typedef struct ike_message_record ike_message_record;
typedef struct ike_child ike_child;
typedef struct ike_esp_flow ike_esp_flow;
typedef struct ike_finding ike_finding;
typedef struct ike_proposal_list
    ike_proposal_list; /* a proposal list as it was sent; see offer.h */

/* A fast hash, by which the tracker also tells a retransmission from a new message: no protection
 * against forgers, who can at most be taken for somebody's retransmission. */
uint64_t ike_hash_bytes(const void *bytes, size_t length);

/* ---- one IKE SA ------------------------------------------------------------------------------ */

typedef enum {
    IKE_SA_NEW,             /* nothing but requests so far */
    IKE_SA_KEYS_NEGOTIATED, /* IKE_SA_INIT or main mode 4/6 done */
    IKE_SA_AUTHENTICATING,  /* IKE_AUTH or main mode 5/6 under way */
    IKE_SA_ESTABLISHED,     /* seen to be authenticated */
    IKE_SA_INFERRED,        /* established, as sealed messages or a late start let one conclude */
    IKE_SA_REKEYED,         /* replaced by rekeyed_to */
    IKE_SA_DELETED,
    IKE_SA_FAILED,
} ike_sa_state;

/* Algorithms that were agreed on, in the registry of the version (`major` of the IKE SA). */
typedef struct {
    bool known;
    uint8_t protocol;              /* 1 IKE, 2 AH, 3 ESP */
    uint16_t encryption, key_bits; /* 0 none; key_bits 0 when the cipher has one length */
    uint16_t integrity;            /* IKEv1 phase 1: the hash */
    uint16_t prf;                  /* 0 none or not said */
    uint16_t key_exchange;         /* group; 0 none (a CHILD_SA without PFS) */
    uint16_t additional[7];        /* ADDKE1 to 7 (RFC 9370), 0 none */
    uint16_t auth_method;          /* IKEv1 phase 1 */
    uint16_t esn;
    uint16_t encapsulation;             /* IKEv1 phase 2 */
    uint32_t life_seconds, life_kbytes; /* IKEv1 */
} ike_negotiated;

/* What authentication of one side came to, as the caller found out. */
typedef enum {
    IKE_AUTHENTICATION_UNKNOWN,
    IKE_AUTHENTICATION_VERIFIED,
    IKE_AUTHENTICATION_WRONG
} ike_authentication;

typedef struct {
    ike_endpoint endpoint; /* where it is now: follows NAT float and MOBIKE */
    uint8_t id_type;       /* 0: not seen */
    uint8_t eap_type;      /* last EAP method it spoke as a peer; 0 none */
    uint16_t auth_method;  /* IKEv2 AUTH method; IKEv1: of the agreed suite; 0 not seen */
    bool behind_nat;
    bool nat_known; /* NAT detection payloads were seen and compared */
    ike_authentication proof;
    const char *authentication_reason;            /* NULL or text */
    const char *id;                               /* as text, NULL when not seen */
    const char **vendors;                         /* NULL-terminated, or NULL; static texts */
    const char *certificate;                      /* subject of its own certificate, or NULL */
    uint64_t certificate_from, certificate_until; /* seconds since the epoch; 0 unknown */
} ike_party;

struct ike_sa {
    void *attached;                 /* the caller's, NULL at first */
    void (*detach)(void *attached); /* called with `attached` when the tracker ends; may be NULL */
    uint64_t marks;                 /* the caller's, 0 at first */

    uint32_t stream;    /* 0, 1, ... in the order of appearance */
    ike_sa_state state; /* after the last message so far */
    uint8_t major, minor;
    bool late_start; /* the capture began after its first message */
    bool tcp;
    uint32_t esp_packets; /* between its peers when no CHILD_SA claims them */
    uint64_t initiator_spi,
        responder_spi; /* in host order as in ike_message; responder 0 when not known */
    ike_party initiator, responder;                  /* initiator: of this IKE SA */
    const ike_negotiated *negotiated;                /* never NULL */
    uint32_t messages;                               /* retransmissions included */
    uint32_t encrypted_messages, decrypted_messages; /* a message in fragments counts once */
    uint64_t first_ns, last_ns;                      /* first and last message */
    uint64_t established_ns;                         /* 0 when it is not */
    uint32_t first_frame, last_frame;
    ike_sa *rekeyed_from, *rekeyed_to;
    ike_exchange *exchanges;    /* in the order of appearance, by ->next */
    ike_child *children;        /* those negotiated in this IKE SA, by ->next_of_sa */
    struct ike_sa_private *own; /* the tracker's */
};

const char *ike_sa_state_text(ike_sa_state state);

/* Is the sender of `m` the initiator of the IKE SA? IKEv2: the I flag; IKEv1: by the addresses. */
bool ike_sa_from_initiator(const ike_sa *sa, const ike_message *m);

/* The agreed algorithms as one line of text; "" when not known. Lives as long as the tracker. */
const char *ike_sa_algorithms(const ike_sa *sa);

/* Tells what authentication of one side came to; `reason` NULL or text (it is copied). Call it when
 * it is known, again when it changes, on the first pass. */
void ike_sa_set_auth(ike_tracker *tracker, ike_sa *sa, bool of_initiator, ike_authentication proof,
                     const char *reason);

/* ---- one exchange ---------------------------------------------------------------------------- */

struct ike_exchange {
    ike_exchange *next; /* of the same IKE SA */
    ike_sa *sa;
    ike_message_record *messages; /* all, in the order of appearance, by ->next */
    ike_message_record *request,
        *response;    /* IKEv1: the first message and the first answer; or NULL */
    ike_sa *new_sa;   /* the IKE SA that it brought: a rekey */
    ike_child *child; /* the CHILD_SA that it brought or tried to bring */
    uint32_t message_id;
    uint32_t retransmissions; /* of all its messages */
    uint8_t type;             /* exchange type of the version */
    bool by_initiator;        /* the initiator of the IKE SA began it */
    bool answered;
    uint8_t side;   /* its key beside SA and message ID: 1 begun by the initiator; IKEv1: 0 */
    uint8_t kind;   /* the same in IKEv1: the exchange type; IKEv2: 0 */
    uint16_t error; /* first error notify in it, 0 none */
};

/* ---- one message ----------------------------------------------------------------------------- */

typedef enum {
    IKE_NAT_NOT_SAID, /* no such payload in the message */
    IKE_NAT_SAME,     /* the sender saw the address that the packet has: not translated */
    IKE_NAT_TRANSLATED,
    IKE_NAT_NOT_COMPUTED, /* the hash algorithm or the address family is not known */
} ike_nat_view;

/* Kept small, there is one for each message. */
enum { IKE_MAX_MESSAGE_BYTES = (1 << 24) - 1 };
struct ike_message_record {
    ike_message_record *next;              /* of the same exchange */
    ike_message_record *previous_distinct; /* of the same exchange, without repeats */
    ike_exchange *exchange;                /* never NULL; ->sa is the IKE SA */
    ike_message_record
        *partner; /* a request's response or a response's request; NULL none so far */
    ike_message_record *original; /* the message that this one repeats, NULL when it is no repeat */
    const ike_finding *findings;  /* by ->next; see ike_record_findings() */
    uint64_t time_ns;
    uint64_t digest;
    uint32_t frame;
    uint32_t attached;    /* the caller's, 0 at first */
    uint32_t length : 24; /* of the IKE message; at most IKE_MAX_MESSAGE_BYTES are told */
    uint32_t
        inner_first_payload : 8;   /* first payload type inside, sealed or not; 0 none or unknown */
    uint32_t retransmissions : 30; /* how many later messages repeat this one */
    uint32_t decryption : 2;       /* ike_decryption */
    uint16_t fragment, fragments;  /* 0 when whole */
    uint16_t place;                /* as in ike_message */
    uint16_t step : 3, steps : 3;  /* IKEv1: "Main Mode 3/6"; IKEv2: 1 request, 2 response of 2 */
    uint16_t state : 3;            /* ike_sa_state after this message */
    uint16_t nat_source : 2, nat_destination : 2; /* ike_nat_view, after ike_nat_evaluate() */
    bool from_initiator : 1;                      /* of the IKE SA */
    bool response : 1;                            /* answers partner; IKEv1: even steps */
    bool reassembled : 1;
};

/* "Main Mode 3/6", "IKE_SA_INIT request", "IKE_AUTH response" into buffer. Returns buffer. */
const char *ike_record_step(const ike_message_record *record, char *buffer, size_t size);

/* Nanoseconds from the request to this response; false when it is no response or has no request. */
bool ike_record_response_time(const ike_message_record *record, uint64_t *ns);

/* ---- findings -------------------------------------------------------------------------------- */

typedef enum {
    IKE_SEVERITY_CHAT,
    IKE_SEVERITY_NOTE,
    IKE_SEVERITY_WARN,
    IKE_SEVERITY_ERROR
} ike_severity;
typedef enum { IKE_SURE_POSSIBLE, IKE_SURE_LIKELY, IKE_SURE_CERTAIN } ike_certainty;

/* One kind of finding: an expert info "isakmp.finding.<name>". */
typedef struct {
    const char *name;    /* "no_proposal_chosen": stable, lower case */
    const char *code;    /* "NO_PROPOSAL_CHOSEN": in the report */
    const char *summary; /* what it says in general, for the list of expert infos */
    ike_severity severity;
    ike_certainty certainty;
    bool security; /* may fire on a healthy session */
} ike_finding_kind;

struct ike_finding {
    const ike_finding *next;       /* of the same message */
    const ike_finding *next_of_sa; /* of the same IKE SA */
    const ike_finding_kind *kind;
    const char *code;            /* the kind's, or the name of the notify that it is about */
    const char *text;            /* the sentence: cause and both sides' values */
    ike_message_record *message; /* where it is shown */
    ike_child *child;            /* NULL when it is about the IKE SA */
    ike_certainty certainty;     /* of this one: not above the kind's */
};

/* All kinds, *count rows; the index of a row is stable while the program runs. */
const ike_finding_kind *ike_finding_kinds(size_t *count);
size_t ike_finding_index(const ike_finding *finding); /* of its kind */
const char *ike_certainty_text(ike_certainty certainty);

typedef void (*ike_finding_fn)(const ike_finding *finding, void *user);

/* Calls fn for each finding of one message. With `later_pass` also for those that only the end of
 * the capture tells (a request that nobody answered): set it when PINFO_FD_VISITED. */
void ike_record_findings(ike_tracker *tracker, const ike_message_record *record, bool later_pass,
                         ike_finding_fn fn, void *user);

/* ---- CHILD_SAs and ESP ----------------------------------------------------------------------- */

typedef enum {
    IKE_CHILD_REQUESTED, /* requested, no answer seen */
    IKE_CHILD_ESTABLISHED,
    IKE_CHILD_REKEYED, /* replaced by rekeyed_to */
    IKE_CHILD_DELETED,
    IKE_CHILD_FAILED,
} ike_child_state;

struct ike_child {
    ike_child *next_of_sa;
    ike_sa *sa;      /* in which it was negotiated */
    uint32_t number; /* 0, 1, ... in the order of appearance, over all IKE SAs */
    ike_child_state state;
    uint8_t protocol; /* 2 AH, 3 ESP */
    bool transport;
    bool beet;
    uint32_t spi_initiator,
        spi_responder; /* inbound SPI of the IKE SA's initiator, responder; 0 unknown */
    const ike_negotiated *negotiated; /* never NULL */
    const ike_selector *ts_initiator,
        *ts_responder; /* agreed (or asked, while not agreed), by IKE SA roles */
    uint8_t ts_initiator_count, ts_responder_count;
    ike_child *rekeyed_from, *rekeyed_to;
    ike_esp_flow *to_initiator, *to_responder; /* ESP seen, or NULL */
    ike_message_record *request, *response;
    ike_exchange *exchange;
    struct ike_child_private *own;
};

const char *ike_child_state_text(ike_child_state state);

/* ESP packets with one SPI to one address. `child` and `sa` may become known later than the packet:
 * keep the pointer for each frame and read it again on every pass. */
struct ike_esp_flow {
    ike_esp_flow *next; /* of the same CHILD_SA and direction: a peer that moved */
    uint32_t spi;
    ike_endpoint source, destination; /* of the first packet */
    ike_child *child;                 /* NULL: no CHILD_SA with this SPI is known */
    ike_sa *sa;        /* the child's, or the IKE SA between the same peers; NULL unknown */
    bool to_initiator; /* of the child's IKE SA */
    uint32_t packets, decrypted;
    uint32_t first_sequence, last_sequence;
    uint32_t first_frame, last_frame;
    uint64_t first_ns, last_ns;
};

/* Counts one ESP (or AH) packet; first pass only. NULL when the table of unknown SPIs is full. */
ike_esp_flow *ike_tracker_esp(ike_tracker *tracker, uint32_t spi, const ike_endpoint *source,
                              const ike_endpoint *destination, uint32_t sequence, uint32_t frame,
                              uint64_t time_ns, bool decrypted);

/* ---- the tracker ----------------------------------------------------------------------------- */

ike_tracker *ike_tracker_new(void);
void ike_tracker_free(ike_tracker *tracker); /* detaches; NULL is fine */

/* The IKE SA that the message belongs to, made when it is new; never NULL. Needs of m: frame, time,
 * addresses, header (digest as well: with it a copy of a first message caught on both sides of a
 * NAT is known as such). A response that brings the responder's SPI sets it here already; see
 * `responder_spi` afterwards. */
ike_sa *ike_tracker_sa_of(ike_tracker *tracker, const ike_message *m);

/* Takes in all facts of one message (or fragment), first pass, and returns its verdict; never NULL.
 *
 * When the message completed the rekey of the IKE SA, verdict->exchange->new_sa (also
 * sa->rekeyed_to) is the IKE SA that replaces it, made here: hang its keys on it. With additional
 * key exchanges (RFC 9370) its keys are ready only after the last IKE_FOLLOWUP_KE, so look at
 * sa->rekeyed_to after each message while nothing hangs there. */
ike_message_record *ike_tracker_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m);

/* An ICMP error carries the beginning of a message that was sent before: needs the header and the
 * addresses of `m`, and the frame of the ICMP error. First pass. */
void ike_tracker_unreachable(ike_tracker *tracker, const ike_message *m);

/* The verdict over the message at a place in a frame, NULL when there is none: for later passes, so
 * that nobody has to keep a pointer for each message. In logarithmic time; the messages must have
 * come in the order of their frames. */
ike_message_record *ike_tracker_record(const ike_tracker *tracker, uint32_t frame, uint16_t place);

/* Number of IKE SAs, and one by its stream number (NULL beyond the last). */
uint32_t ike_tracker_count(const ike_tracker *tracker);
ike_sa *ike_tracker_stream(const ike_tracker *tracker, uint32_t stream);

/* ESP flows whose SPI no CHILD_SA claims. */
uint32_t ike_tracker_unknown_flows(const ike_tracker *tracker);

/* Compares the NAT detection payloads of the IKE SA with the addresses of their packets. Hashing
 * takes longer than all else about a message, so it waits for this call: to be made before
 * nat_source, nat_destination, nat_known or behind_nat is read. */
void ike_nat_evaluate(const ike_sa *sa);

/* The hash of a NAT detection payload: SHA-1 for IKEv2 (RFC 7296 2.23), the negotiated hash for
 * IKEv1 (RFC 3947 3.2). Returns its length in bytes, 0 when it cannot be computed. */
size_t ike_nat_hash(const ike_sa *sa, const ike_message *m, const ike_endpoint *endpoint,
                    uint8_t out[64]);

#endif
