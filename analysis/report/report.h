/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report: what a colleague would write into a ticket, per IKE SA and in total. Computed at the
 * moment of the call, so that a live capture can be reported again and again. */
#ifndef IKE_REPORT_H
#define IKE_REPORT_H

#include "analysis/findings/findings.h"

/* A finding whose texts live as long as the report. */
typedef struct {
    const char *code; /* NULL: there is no cause; else a notify's name, "NO_RESPONSE", ... */
    const char *name; /* of its kind */
    uint32_t frame;
    const char *text;
    const char *detail, *requested, *received, *peer; /* NULL none */
    const char *side;                                 /* "initiator", ...; NULL none */
    uint32_t related_frame;                           /* 0 none */
    ike_certainty certainty;
    ike_severity severity;
    bool security;
    ike_value_pair values; /* as in ike_finding */
    uint8_t from_wire;     /* as in ike_finding */
} ike_report_finding;

typedef struct {
    char address[46]; /* "" when it is no IP address */
    uint16_t port;
    const char *id, *id_type;          /* "FQDN"; NULL not seen */
    const char *auth;                  /* "PSK"; NULL not seen */
    ike_authentication authentication; /* verified, wrong or unknown */
    const char *authentication_reason; /* NULL */
    const char *certificate;           /* subject, NULL */
    const char *const *vendors;        /* NULL-terminated, never NULL */
    bool behind_nat;
} ike_report_party;

/* Where the two sides were. */
typedef struct {
    char initiator[54], responder[54]; /* with ports */
    uint32_t first_frame, last_frame;
    const char *nat; /* "initiator behind NAT", "no NAT"; NULL unknown */
} ike_report_path;

/* Algorithm names with key bits, NULL where unknown or none. */
typedef struct {
    const char *encryption, *integrity, *prf;
    const char *const *key_exchange; /* NULL-terminated, never NULL */
} ike_report_suite;

typedef struct {
    uint32_t number;
    const char *protocol;                      /* "ESP", "AH" */
    const char *spi_initiator, *spi_responder; /* 8 hex digits; NULL unknown */
    const char *mode;                          /* "tunnel", "transport", "beet" */
    const char *const *ts_initiator;           /* NULL-terminated, never NULL: "10.10.1.1/32" */
    const char *const *ts_responder;
    const char *encryption, *integrity, *pfs; /* NULL unknown or none */
    bool esn;
    uint32_t life_seconds; /* IKEv1, 0 unknown */
    uint32_t esp_packets, esp_decrypted;
    uint32_t esp_to_initiator, esp_to_responder;
    ike_esp_health to_initiator, to_responder;
    const char *outcome; /* "established", "failed", "rekeyed", "deleted", "incomplete" */
    ike_report_finding cause;
    const char *name;         /* "Child SA", in IKEv1 "IPsec SA" */
    const char *rekeyed_from; /* SPI of the old one as 8 hex digits (the initiator's), NULL */
    uint32_t frame;           /* of the request */
} ike_report_child;

typedef struct {
    const char *type; /* "IKE_SA_INIT" */
    uint32_t message_id;
    bool by_initiator;
    uint32_t request, response;                         /* frames, 0 none */
    uint32_t retransmissions, response_retransmissions; /* of all its messages, of the response */
    double ms; /* from request to response; below 0 when unknown */
    uint64_t time_ns;
    const uint32_t *frames; /* of its messages without retransmissions and copies, in order */
    size_t frame_count;
    uint32_t copies;
    const char *what; /* "rekey of Child SA 0", error notify; or NULL */
} ike_report_exchange;

typedef struct {
    const ike_sa *sa;
    char version[8]; /* "2.0" */
    ike_report_party initiator, responder;
    ike_outcome outcome;
    const char *state;         /* of the IKE SA */
    const char *inferred_from; /* NULL: its set-up was seen, or it never came up */
    double setup_ms; /* first request to established; below 0 when it never was, or the start was
                        missed, or it is inferred from what came later */
    int64_t retry_of, retried_as, resumed_from; /* streams, -1 none */
    uint32_t copies;
    ike_report_finding cause;
    ike_report_suite proposal;
    const ike_report_child *children;
    size_t child_count;
    const ike_report_exchange *exchanges;
    size_t exchange_count;
    const ike_report_finding *findings;  /* in the order of frames */
    size_t finding_count, finding_total; /* listed, and how many there are */
    const ike_report_path *paths;
    size_t path_count;
    const char *nat; /* of all paths, NULL: not known, or not the same on each */
} ike_report_sa;

/* Which IKE SAs to report: true to take it. NULL takes all. */
typedef bool (*ike_report_filter)(const ike_sa *sa, void *user);

/* Builds the report of each IKE SA in turn and shows it to fn; it is freed when fn returns. */
void ike_report_each(const ike_tracker *tracker, ike_report_filter filter, void *filter_user,
                     void (*fn)(const ike_report_sa *record, void *user), void *user);

/* The record of one IKE SA of the tracker. */
void ike_report_one(const ike_tracker *tracker, const ike_sa *sa,
                    void (*fn)(const ike_report_sa *record, void *user), void *user);

/* ESP or AH of one SPI to one address that no Child SA of the capture claims. */
typedef struct {
    char spi[9];
    char source[46], destination[46];
    ike_esp_health health;
    const char *finding; /* "no packets in the other direction"; NULL none */
} ike_report_flow;
void ike_report_each_flow(const ike_tracker *tracker,
                          void (*fn)(const ike_report_flow *flow, void *user), void *user);

/* Where text goes, a piece at a time. */
typedef void (*ike_report_write)(const char *text, void *user);

/* The report as text. */
void ike_report_text(const ike_tracker *tracker, ike_report_filter filter, void *filter_user,
                     ike_report_write write, void *user);

/* ---- totals ---------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    uint32_t count;
} ike_count;

enum { IKE_SLOWEST = 10 };

typedef struct {
    uint32_t stream, frame;
    double ms;
    char initiator[46], responder[46];
} ike_slow;

typedef struct {
    uint32_t ike_sas, child_sas, messages, exchanges, retransmissions;
    uint32_t encrypted_messages, decrypted_messages;
    uint32_t esp_packets, esp_unknown_flows;
    uint32_t outcomes[IKE_OUTCOMES];
    ike_count *causes; /* by falling count; with cause_count rows; Child SA failures included */
    size_t cause_count;
    ike_count *algorithms; /* negotiated suites of IKE SAs */
    size_t algorithm_count;
    ike_count *versions;
    size_t version_count;
    ike_slow slowest[IKE_SLOWEST];
    size_t slow_count;
    double median_setup_ms;             /* below 0 when none came up */
    const ike_report_finding *findings; /* those about no single IKE SA: floods, scans */
    size_t finding_count;
    void *owned; /* the texts of the findings */
} ike_summary;

ike_summary *ike_summary_new(const ike_tracker *tracker, ike_report_filter filter,
                             void *filter_user);
void ike_summary_free(ike_summary *summary);

/* The totals as text. */
void ike_summary_text(const ike_summary *summary, ike_report_write write, void *user);

#endif
