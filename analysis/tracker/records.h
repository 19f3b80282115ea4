/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tracker has recorded of a capture: IKE SAs, exchanges, messages, Child SAs, ESP flows.
 * It is evidence; what follows from it is asked of state.h and of analysis/findings/. */
#ifndef IKE_RECORDS_H
#define IKE_RECORDS_H

#include "proto/ike_message.h"

#define IKE_SECOND UINT64_C(1000000000) /* times are in nanoseconds */

/* Links between records: the tracker alone writes through them. */
#ifdef IKE_TRACKER_WRITES
#define IKE_LINK
#else
#define IKE_LINK const
#endif

typedef struct ike_tracker ike_tracker;
typedef struct ike_sa ike_sa;
typedef struct ike_exchange ike_exchange;
typedef struct ike_message_record ike_message_record;
typedef struct ike_child ike_child;
typedef struct ike_esp_flow ike_esp_flow;
typedef struct ike_proposal_list ike_proposal_list; /* as it was sent: proposal_list.h */
typedef struct ike_recorded_certificate ike_recorded_certificate; /* content.h */
typedef struct ike_recorded_authorities ike_recorded_authorities; /* content.h */
typedef struct ike_content ike_content;                           /* of a message: content.h */
typedef struct ike_peer ike_peer; /* an address over all IKE SAs: peer.h */

/* ---- one IKE SA ------------------------------------------------------------------------------ */

/* How far a message is to be trusted. */
typedef enum {
    IKE_GRADE_UNPROTECTED, /* in clear, or with what no key of this capture proves */
    IKE_GRADE_ENCRYPTED,   /* protected, and not decrypted */
    IKE_GRADE_VERIFIED,    /* protected, decrypted and its integrity verified */
    IKE_GRADES
} ike_grade;

typedef enum {
    IKE_SA_NEW,             /* nothing but requests so far */
    IKE_SA_KEYS_NEGOTIATED, /* IKE_SA_INIT or main mode 4/6 done */
    IKE_SA_AUTHENTICATING,  /* IKE_AUTH or main mode 5/6 under way */
    IKE_SA_ESTABLISHED,     /* seen to be authenticated */
    IKE_SA_INFERRED,        /* established, as ike_sa.inferred lets one conclude */
    IKE_SA_REKEYED,         /* replaced by rekeyed_to */
    IKE_SA_DELETED,
    IKE_SA_FAILED,
} ike_sa_state;

/* From what it is inferred that an IKE SA or a Child SA came up. */
typedef enum {
    IKE_INFERRED_NOT,
    IKE_INFERRED_AUTH_RESPONSE,  /* an IKE_AUTH response that was not decrypted */
    IKE_INFERRED_LAST_MESSAGE,   /* IKEv1: the last message of phase 1, which was not decrypted */
    IKE_INFERRED_LATER_EXCHANGE, /* an exchange that only an established IKE SA has */
    IKE_INFERRED_LATE_START,     /* the capture began after its set-up */
    IKE_INFERRED_REKEY,          /* a CREATE_CHILD_SA that was not decrypted came before it */
    IKE_INFERRED_ESP,            /* ESP between its peers */
    IKE_INFERRED_CLEAR,          /* messages in clear, as firewalls' debug captures have them */
    IKE_INFERENCES
} ike_inference;

/* Algorithms that were negotiated, in the registry of the version (`major` of the IKE SA). */
typedef struct {
    bool known;
    uint8_t protocol;              /* 1 IKE, 2 AH, 3 ESP */
    uint16_t encryption, key_bits; /* 0 none; key_bits 0 when the cipher has one length */
    uint16_t integrity;            /* IKEv1 phase 1: the hash */
    uint16_t prf;                  /* 0 none or not known */
    uint16_t key_exchange;         /* group; 0 none (a Child SA without PFS) */
    uint16_t additional[7];        /* ADDKE1 to 7 (RFC 9370), 0 none */
    uint16_t auth_method;          /* IKEv1 phase 1 */
    uint16_t esn;
    uint16_t encapsulation; /* IKEv1 phase 2 */
    uint32_t life_seconds;  /* IKEv1 */
} ike_negotiated;

/* The result of authenticating one side, as the caller found out. */
typedef enum {
    IKE_AUTHENTICATION_UNKNOWN,
    IKE_AUTHENTICATION_VERIFIED,
    IKE_AUTHENTICATION_WRONG
} ike_authentication;

typedef struct {
    const char *authentication_reason;           /* NULL or text */
    const char *id;                              /* as text, NULL when not seen */
    const char *const *vendors;                  /* NULL-terminated, or NULL; static texts */
    const ike_recorded_certificate *certificate; /* its own, or NULL */
    const ike_recorded_certificate *chain;       /* all that it sent */
    const ike_recorded_authorities *authorities; /* that it asks for, or NULL */
    ike_authentication authentication;
    ike_endpoint endpoint; /* where it is now: follows NAT float and MOBIKE */
    uint16_t auth_method;  /* IKEv2: of its last AUTH; IKEv1: of the negotiated suite; 0 not seen */
    const char *signature; /* RFC 7427: algorithm of its last AUTH, static; NULL */
    uint8_t id_type;       /* 0: not seen */
    uint8_t eap_type;      /* last EAP method it spoke as a peer; 0 none */
    uint8_t id_round, auth_round; /* IKEv2: message ID of what has `id`, `auth_method` */
    uint8_t chain_count;
    uint8_t signature_hash; /* of `signature`, IKE_SIGNATURE_...; 0 not known */
    bool other_psk;         /* its AUTH verifies, and its peer has another PSK */
    bool id_in_clear;       /* IKEv1: `id` is from a message in clear that should be encrypted */
    bool id_protected;      /* it was encrypted */
    bool behind_nat;
    bool nat_known;        /* NAT detection payloads were seen and compared */
    bool asks_certificate; /* it sent a Certificate Request */
} ike_party;

/* What NAT detection payloads on a path say of one side (RFC 7296 2.23, RFC 3947 3.2). */
enum {
    IKE_NAT_SEEN_SAME = 1,      /* its own hash is that of the address that its packets have */
    IKE_NAT_SEEN_BY_SOURCE = 2, /* its own hash is that of another address: behind NAT, or it wants
                                   UDP encapsulation and sends a false one */
    IKE_NAT_SEEN_BY_PEER = 4,   /* the other side sees another address: behind NAT */
    IKE_NAT_SEEN_SAME_BY_PEER = 8, /* the other side sees the address that its packets have */
};

/* Two addresses between which messages of an IKE SA were seen, by its roles: before and behind a
 * NAT, before and after a peer moved. */
typedef struct {
    ike_endpoint initiator, responder;
    uint32_t first_frame, last_frame;
    uint32_t messages[2]; /* from the responder [0], the initiator [1]; without copies */
    uint8_t nat[2];       /* IKE_NAT_SEEN_… of the responder [0], the initiator [1] */
    bool copies;          /* nothing but copies of messages seen elsewhere */
    uint8_t inside;       /* 1 + index of the path that has the same packets inside a NAT; 0 none */
    bool seen[2];         /* any message from the responder [0], the initiator [1] */
    bool confirmed;       /* a request and its response, or a verified message */
} ike_path;
enum { IKE_MAX_PATHS = 8 };

static inline bool ike_path_is_two_way(const ike_path *path)
{
    return path->seen[0] && path->seen[1];
}

/* ICMP errors of one kind that carry messages of one side of an IKE SA. */
typedef struct ike_icmp_record {
    uint32_t count, first_frame, last_frame;
    ike_icmp_error error; /* the first */
    ike_endpoint to;      /* where the message was sent */
    uint32_t length;      /* of that message */
    bool from_initiator;
    struct ike_icmp_record *next; /* of another kind, or of the other side */
} ike_icmp_record;

/* R-U-THERE messages of one side (RFC 3706). */
enum { IKE_MAX_DPD_REQUESTS = 8 };
typedef struct {
    IKE_LINK ike_message_record *first; /* of those that are unanswered in a row */
    uint32_t unanswered;
    uint32_t count; /* so far; the last IKE_MAX_DPD_REQUESTS are here */
    struct {
        uint32_t sequence;
        IKE_LINK ike_message_record *record; /* NULL once it is answered */
    } requests[IKE_MAX_DPD_REQUESTS];
} ike_dpd_requests;

struct ike_sa {
    void *attached;                 /* the caller's, NULL at first */
    void (*detach)(void *attached); /* called with `attached` when the tracker ends; may be NULL */
    uint64_t vendor_bits;           /* the caller's, 0 at first; bit n: vendor n of
                                       registry/vendor_ids.h is one of its sides */

    IKE_LINK ike_tracker *tracker;
    IKE_LINK struct ike_address_pair *pair; /* its parties' addresses */
    uint32_t stream;                        /* 0, 1, ... in the order of appearance */
    uint8_t major, minor;
    bool late_start;      /* the capture began after its first message */
    bool rekey_inferred;  /* the link to rekeyed_from is */
    bool lineage_swapped; /* its initiator is the responder of `lineage` */
    uint8_t path_count;
    bool tcp;
    bool roles_known;        /* IKEv1: a message showed which side is the initiator */
    bool roles_swapped;      /* those that were taken at first; from message to message */
    uint32_t esp_packets;    /* between its peers when no Child SA claims them */
    uint32_t lineage;        /* stream of the IKE SA that rekeying began with */
    uint16_t identity_count; /* of `same_identity` and those before it, 65535: or more */
    uint16_t identity_moves; /* of those, when the address of the initiator changed */
    uint32_t exchange_count; /* of `exchanges` */
    uint64_t initiator_spi,
        responder_spi; /* in host order as in ike_message; responder 0 when not known */
    ike_party initiator, responder;   /* initiator: of this IKE SA */
    const ike_negotiated *negotiated; /* never NULL */
    uint32_t messages;                /* retransmissions included, copies not */
    uint32_t copies;
    uint32_t encrypted_messages, decrypted_messages; /* a message in fragments counts once */
    uint64_t first_ns, last_ns;                      /* first and last message */
    uint32_t first_frame, last_frame;
    IKE_LINK ike_sa *rekeyed_from, *rekeyed_to;
    IKE_LINK ike_sa *same_identity; /* in which the identity of its initiator was up before */
    IKE_LINK ike_sa *resumed_from;  /* whose ticket it presents (RFC 5723) */
    IKE_LINK ike_sa *retry_of,
        *retried_as;                     /* a new attempt of the same initiator after a failure */
    IKE_LINK ike_sa *same_initiator_spi; /* the one before it with its initiator SPI */
    IKE_LINK ike_exchange *exchanges;    /* in the order of appearance, by ->next */
    IKE_LINK ike_exchange *newest_exchange;
    IKE_LINK ike_child *newest_child;
    uint32_t esp_seen[2];         /* of esp_packets: to the responder [0], to the initiator [1] */
    IKE_LINK ike_child *children; /* those negotiated in this IKE SA, by ->next_of_sa */
    IKE_LINK ike_path **paths;    /* `path_count` of them, with space for 1, 2, 4 or 8 */
    ike_icmp_record *icmp;        /* NULL none; a few kinds */
    uint32_t *true_frames; /* of its first messages: ike_sa_set_verified_init(); NULL not known */

    /* Evidence of its state: in each case the first such message, or NULL. */
    const ike_message_record *keys;       /* IKE_SA_INIT response, main mode 4, aggressive mode 2 */
    const ike_message_record *auth_begun; /* IKE_AUTH request, main mode 5 */
    const ike_message_record *established; /* seen to be authenticated */
    const ike_message_record *inferred;    /* what lets one conclude that it was */
    const ike_message_record *failed;      /* a verified error that ends it */
    const ike_message_record *refused;     /* an unprotected error about it */
    const ike_message_record *deleted;     /* a delete of it */
    const ike_message_record *redirect;    /* verified or in IKE_SA_INIT */
    const ike_message_record
        *last_protected[2];         /* the last one from responder [0], initiator [1] */
    const ike_message_record *last; /* of all that are no copies */
    uint16_t failed_by;             /* notify type in `failed`; 0: EAP or XAUTH */
    uint16_t refused_by;            /* notify type in `refused` */
    uint32_t refusals;              /* such messages, retransmissions included */
    uint8_t inference;              /* ike_inference of `inferred` */
    bool delete_inferred;           /* `deleted` was not decrypted */
    bool verified;                  /* a message or fragment of it was decrypted */
    bool group_rekey;               /* the first of these is one of a Rekey SA */
    bool version_mismatch;          /* answered in another version of IKE */

    /* What its messages have shown so far. */
    bool initiator_auth, responder_auth, another_auth;
    bool eap;                 /* the initiator authenticates by EAP */
    bool eap_inferred;        /* from more than one IKE_AUTH that was not decrypted */
    bool eap_failed;          /* EAP Failure */
    bool initial_contact;     /* its initiator has no other IKE SA */
    bool childless[2];        /* announced by responder [0], initiator [1] */
    bool eap_only[2];         /* EAP_ONLY_AUTHENTICATION by responder, initiator */
    uint8_t eap_requested;    /* EAP method of the server */
    uint8_t eap_wanted_count; /* of the peer's last NAK; 0 none */
    bool eap_text_by_initiator;
    bool eap_about_certificate; /* `eap_meaning` is about the other side's certificate */
    const uint8_t *eap_wanted;  /* the methods in it */
    const char *eap_text;       /* what the method itself reports as failure */
    const char *eap_meaning;    /* what that means, a clause; NULL */
    const char *eap_identity;   /* Identity response (RFC 3748 5.1); IKEv1: the user of XAUTH;
                                   NULL not seen */
    const char *requested_id;   /* IDr of the request */
    const char *ppk;            /* PPK_IDENTITY of the initiator (RFC 8784) */
    ike_endpoint first_initiator, first_responder; /* where they were in the first message */
    const ike_proposal_list *proposals;            /* of its first message */
    IKE_LINK ike_exchange *auth_exchange;          /* IKE_AUTH that asked for the first Child SA */
    IKE_LINK ike_exchange *init;                   /* the newest round of IKE_SA_INIT or phase 1 */
    IKE_LINK ike_exchange
        *last_begun[2]; /* newest exchange begun by responder [0], initiator [1] */
    IKE_LINK ike_exchange *last_auth, *last_create;                            /* IKEv2 */
    IKE_LINK ike_exchange *last_quick, *last_transaction, *last_informational; /* IKEv1 */

    /* IKEv1: dead peer detection by responder [0], initiator [1]. */
    IKE_LINK ike_dpd_requests *dpd[2]; /* NULL: it sent none */
    uint32_t next_id[2];               /* IKEv2: next request of responder [0], initiator [1] */
    bool id_seen[2];
    bool flags_right[2]; /* IKEv2: responder [0], initiator [1] set the I flag as it should */
    bool heard_after_phase1[2]; /* IKEv1: in a later exchange, by responder, initiator */
    bool maybe_heard[2];        /* the same: one message, which was not decrypted */

    /* IKEv1, while the roles are not known: who sent a KE payload, an encrypted message. */
    ike_endpoint first_ke_sender;
    bool ke_seen;
};

/* ---- one exchange ---------------------------------------------------------------------------- */

/* What an exchange was for. */
typedef enum {
    IKE_PURPOSE_NONE,
    IKE_PURPOSE_COOKIE,
    IKE_PURPOSE_INVALID_KE,
    IKE_PURPOSE_DPD,
    IKE_PURPOSE_DELETE, /* encrypted: what is deleted is not known */
    IKE_PURPOSE_DELETE_IKE,
    IKE_PURPOSE_DELETE_CHILD,
    IKE_PURPOSE_REKEY_IKE,
    IKE_PURPOSE_REKEY_CHILD,
    IKE_PURPOSE_NEW_CHILD,
    IKE_PURPOSE_MOBIKE,
    IKE_PURPOSE_NOTIFY,
    IKE_PURPOSE_XAUTH,
    IKE_PURPOSE_CONFIG,
    IKE_PURPOSE_EAP,
    IKE_PURPOSE_REDIRECT,
} ike_purpose;

enum { IKE_V1_STEPS = 6 };
enum { IKE_SIDE_EITHER = 2 };

/* What few exchanges have. */
typedef struct {
    IKE_LINK ike_sa *new_sa;               /* the IKE SA that it brought: a rekey */
    IKE_LINK ike_exchange *previous_round; /* the same message ID before COOKIE or the like */
    IKE_LINK ike_exchange *crossed_by;     /* IKEv2: a request that the other side had under way */
    const ike_message_record *last_retransmission; /* of its request */
    uint32_t retransmissions;                      /* of all its messages; copies are none */
    uint32_t copies;
    uint32_t retransmitted_after; /* retransmissions of the request after the response */
} ike_exchange_more;

struct ike_exchange {
    IKE_LINK ike_exchange *next; /* of the same IKE SA */
    IKE_LINK ike_sa *sa;
    IKE_LINK ike_message_record *messages; /* all, in the order of appearance, by ->next */
    IKE_LINK ike_message_record *request,
        *response;             /* IKEv1: the first message and the first answer; or NULL */
    IKE_LINK ike_child *child; /* the Child SA that it brought or tried to bring */
    IKE_LINK ike_exchange *previous_of_side; /* begun before by the same side; IKEv1: by either */
    const ike_exchange_more *more;           /* never NULL */
    IKE_LINK ike_message_record **tail;
    IKE_LINK ike_message_record *last_distinct; /* by ->previous_distinct */
    IKE_LINK ike_message_record *
        *by_step; /* IKEv1: first message of each step, 1 to 6; else NULL */
    uint32_t message_id;
    uint32_t purpose_number; /* Child SA number */
    uint8_t type;            /* exchange type of the version */
    uint8_t purpose;         /* ike_purpose */
    uint8_t side;  /* its key beside SA and message ID: 1 begun by the initiator, else 0; in IKEv1
                      IKE_SIDE_EITHER */
    uint8_t kind;  /* the same in IKEv1: the exchange type; IKEv2: 0 */
    uint8_t count; /* IKEv1: distinct messages */
    bool by_initiator : 1; /* the initiator of the IKE SA began it; IKEv1: as its messages tell */
    bool answered : 1;
    bool recorded : 1;       /* as the newest of its type */
    bool begun : 1;          /* IKEv2: it was the newest of its side */
    bool contradicted : 1;   /* IKE_SA_INIT: responses in clear that say different things */
    bool is_answer : 1;      /* IKEv1: R-U-THERE-ACK in another exchange than R-U-THERE */
    uint8_t error_grade : 2; /* ike_grade of the message with `error` */
    uint16_t error;          /* first error notify in it, 0 none */
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
    IKE_LINK ike_message_record *next;              /* of the same exchange */
    IKE_LINK ike_message_record *previous_distinct; /* of the same exchange, no retransmission */
    IKE_LINK ike_exchange *exchange;                /* never NULL; ->sa is the IKE SA */
    IKE_LINK ike_message_record *paired;            /* see ike_record_partner() */
    IKE_LINK ike_message_record
        *original; /* the message that this one retransmits or is a copy of, NULL when it is new */
    IKE_LINK struct ike_sightings *sightings; /* of what was seen again: copies.c */
    const ike_content *content; /* NULL: nothing readable in it, or nothing that matters */
    uint64_t time_ns;
    uint32_t digest;        /* lower half of that of the message */
    uint32_t prefix_digest; /* likewise; 0 unknown */
    uint32_t frame;
    uint32_t attached;                /* the caller's, 0 at first */
    uint32_t length : 24;             /* of the IKE message; at most IKE_MAX_MESSAGE_BYTES */
    uint32_t inner_first_payload : 8; /* first payload type inside, encrypted or not; 0 unknown */
    uint32_t retransmissions : 24;    /* how many later messages retransmit this one */
    uint32_t copies : 8;              /* how many later frames are copies of it; 255: or more */
    uint16_t ip_id;                   /* 0 unknown */
    uint16_t fragment, fragments;     /* 0 when complete */
    uint16_t place;                   /* as in ike_message */
    uint8_t interface;                /* 0 unknown, 255: or more */
    uint8_t ttl;                      /* 0 unknown */
    uint8_t ids_missing; /* IKEv2: requests of its side missing before it; 255: or more */
    uint8_t version : 4; /* as its header says */
    uint8_t grade : 2;   /* ike_grade */
    bool unslotted : 1;  /* IKEv2: unprotected, and not taken for the request or the response */
    bool window : 1;     /* IKEv2: sent while the request before it had no response */
    uint16_t step : 3, steps : 3; /* IKEv1: "Main Mode 3/6"; IKEv2: 1 request, 2 response of 2 */
    uint16_t state : 3;           /* ike_sa_state after this message */
    uint16_t nat_source : 2, nat_destination : 2; /* ike_nat_view */
    uint16_t decryption : 2;                      /* ike_decryption */
    bool from_initiator : 1;                      /* of the IKE SA */
    bool response : 1;                            /* IKEv1: even steps */
    bool reassembled : 1;
    bool copy : 1;             /* the same packet as `original`, captured twice */
    bool truncated : 1;        /* by the snap length */
    bool has_first_inside : 1; /* inner_first_payload is known */
    bool flags_wrong : 1;      /* IKEv2: the I flag is not that of the sender */
    bool malformed : 1;
    bool not_authentic : 1; /* its ICV or HASH is wrong: it is evidence of nothing */
    bool other_content : 1; /* the message ID had another content before */
    uint8_t path : 4;       /* 1 + index of its path; 0 none */
    bool misfit : 1;        /* no encrypted message of its exchange looks like that */
    bool reflected : 1;     /* the other side sent the very same message before */
    bool wrong_icv : 1;     /* as in ike_message */
};

/* Encrypted, and there is no payload inside. */
static inline bool ike_record_is_empty(const ike_message_record *record)
{
    return record->has_first_inside && record->inner_first_payload == 0;
}

/* "Main Mode 3/6", "IKE_SA_INIT request", "IKE_AUTH response" into buffer. Returns buffer. */
const char *ike_record_step(const ike_message_record *record, char *buffer, size_t size);

/* A request's response or a response's request; NULL none so far. */
const ike_message_record *ike_record_partner(const ike_message_record *record);

/* Nanoseconds from the request to this response; false when it is no response, has no request, or
 * time runs backwards between the two. */
bool ike_record_response_time(const ike_message_record *record, uint64_t *ns);

/* Whether `later` came at most that many nanoseconds after `earlier`. The interfaces of a capture
 * may have clocks of their own: where both messages were seen on one interface, its time counts. */
bool ike_record_follows(const ike_message_record *earlier, const ike_message_record *later,
                        uint64_t within_ns);

/* Whether the initiator of the IKE SA sent the first message of an exchange: as far as an interface
 * has both messages, in the order that they have there. */
bool ike_exchange_begun_by_initiator(const ike_exchange *exchange);

/* ---- Child SAs and ESP ----------------------------------------------------------------------- */

typedef enum {
    IKE_CHILD_REQUESTED, /* requested, no answer seen */
    IKE_CHILD_ESTABLISHED,
    IKE_CHILD_REKEYED, /* replaced by rekeyed_to */
    IKE_CHILD_DELETED,
    IKE_CHILD_FAILED,
} ike_child_state;

struct ike_child {
    IKE_LINK ike_child *next_of_sa, *previous_of_sa;
    IKE_LINK ike_sa *sa; /* in which it was negotiated */
    uint32_t number;     /* 0, 1, ... in the order of appearance, over all IKE SAs */
    uint8_t protocol;    /* 2 AH, 3 ESP */
    bool transport;
    bool beet;
    bool withdrawn;      /* it was negotiated in clear, so it was forged: no list has it any more */
    bool requested;      /* IKEv1: `request` was readable */
    bool refused_later;  /* after it was accepted, by the side that requested it */
    uint16_t refused_by; /* the notify type of `refused` */
    uint8_t ts_initiator_count, ts_responder_count;
    uint8_t requested_initiator_count, requested_responder_count;
    uint32_t flow_count[2]; /* of to_responder [0], to_initiator [1] */
    uint32_t spi_initiator,
        spi_responder; /* inbound SPI of the IKE SA's initiator, responder; 0 unknown */
    const ike_negotiated *negotiated; /* never NULL */
    const ike_selector *ts_initiator,
        *ts_responder; /* negotiated (or requested, until then), by IKE SA roles */
    const ike_selector *requested_initiator, *requested_responder;
    IKE_LINK ike_child *rekeyed_from, *rekeyed_to;
    IKE_LINK ike_esp_flow *to_initiator, *to_responder; /* ESP seen, or NULL; the newest first */
    IKE_LINK ike_message_record *request, *response;
    IKE_LINK ike_exchange *exchange;
    IKE_LINK ike_exchange *rekey[2]; /* that responder [0], initiator [1] began to replace it */

    /* Evidence. */
    const ike_message_record *established;
    const ike_message_record *refused; /* a verified error about it */
    const ike_message_record *deleted; /* also after it was rekeyed */
};

/* ESP packets with one SPI to one address. `child` and `sa` may become known later than the packet:
 * keep the pointer for each frame and read it again on every pass. */
struct ike_esp_flow {
    IKE_LINK ike_esp_flow *next; /* of the same Child SA and direction: a peer that moved */
    uint32_t spi;
    ike_endpoint source, destination; /* of the first packet */
    uint16_t new_port;                /* of the source since new_port_frame; 0 none */
    uint32_t new_port_frame, new_port_packets;
    uint32_t mtu, mtu_frame, mtu_length; /* ICMP: the packet was larger than the path; 0 none */
    IKE_LINK ike_child *child; /* NULL: no Child SA with this SPI is known */
    IKE_LINK ike_sa *sa;       /* the child's, or the IKE SA between the same peers; NULL unknown */
    uint32_t truncated_icv;    /* with HMAC-SHA-256 truncated to 96 bits (RFC 4868 wants 128) */
    uint32_t packets, decrypted; /* without copies, replayed and not authentic packets */
    uint32_t not_authentic;      /* with a wrong ICV; nothing else is known of them */
    uint32_t suspects;           /* of `packets`: with a wrong ICV, before any that verifies */
    uint32_t first_frame, last_frame;
    uint64_t last_ns;
    uint64_t bytes, suspect_bytes;
    IKE_LINK struct ike_sequence_numbers
        *numbers; /* shared by the flows of a Child SA's direction */
};

#endif
