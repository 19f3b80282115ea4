/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for addresses, identities, selectors, algorithms. All functions append to
 * a GString; bytes from the wire are escaped. */
#ifndef IKE_ANALYSIS_TEXT_H
#define IKE_ANALYSIS_TEXT_H

#include <glib.h>
#include "analysis/tracker/records.h"

/* Transform types in an ike_negotiated or ike_proposal_list: IKEv2's own (1 to 12), and what only
 * IKEv1 has. */
enum {
    IKE_T_ENCR = 1,
    IKE_T_PRF = 2,
    IKE_T_INTEG = 3, /* IKEv1: hash of phase 1, authentication algorithm of phase 2 */
    IKE_T_KE = 4,
    IKE_T_ESN = 5,
    IKE_T_ADDKE1 = 6,
    IKE_T_ADDKE7 = 12,
    IKE_T_V1_AUTH = 20,        /* authentication method */
    IKE_T_V1_MODE = 21,        /* encapsulation mode */
    IKE_T_V1_COMPRESSION = 22, /* of a bundle with IPComp (RFC 2407 4.4.5) */
};

void ike_format_address(GString *out, const ike_endpoint *endpoint);
void ike_format_endpoint(GString *out, const ike_endpoint *endpoint); /* with port */
bool ike_same_address(const ike_endpoint *a, const ike_endpoint *b);

/* Bytes as text when they are printable ASCII, else in hex; at most 128 bytes are shown. */
void ike_format_bytes(GString *out, const uint8_t *data, size_t length);

/* An identity (RFC 7296 3.5, RFC 2407 4.6.2): "moon.example", "10.0.0.0/8", "C=CH, CN=moon". */
void ike_format_identity(GString *out, uint8_t major, const ike_identity *id);

/* "FQDN": the registry's name without ID_. NULL when unknown. */
const char *ike_format_id_type(uint8_t major, uint8_t type);

/* "10.10.1.0/24", "10.0.0.1-10.0.0.9", with protocol and ports when narrowed: "[tcp/80]". */
void ike_format_selector(GString *out, const ike_selector *selector);
/* "10.91.0.0/16 === 10.92.0.0/16" */
void ike_format_selector_pair(GString *out, const ike_selector *initiator, size_t initiators,
                              const ike_selector *responder, size_t responders);

/* "ENCR_AES_CBC-256": an algorithm in the registry of version, protocol and transform type. */
void ike_format_algorithm(GString *out, uint8_t major, uint8_t protocol, uint8_t type, uint16_t id,
                          uint16_t key_bits);
const char *ike_format_transform_type(uint8_t major, uint8_t protocol,
                                      uint8_t type); /* "encryption" */
const char *ike_format_protocol(uint8_t protocol);   /* "ESP"; never NULL */
void ike_format_group(GString *out, uint8_t major, uint16_t group);

/* The negotiated suite: names joined by ", ". */
void ike_format_negotiated(GString *out, uint8_t major, const ike_negotiated *negotiated);

/* "PSK", "RSA", ...; NULL when 0 or unknown. */
const char *ike_format_auth_method(uint8_t major, uint16_t method);
const char *ike_format_exchange(uint8_t major, uint8_t type); /* never NULL */
/* The same in its IKE SA: exchange types 32 and 33 are others on the port of GDOI (RFC 6407). */
const char *ike_format_exchange_of(const ike_exchange *exchange);
bool ike_is_gdoi(const ike_sa *sa);
/* "AUTHENTICATION_FAILED", "NOTIFY_9999": the name that daemons log, with underscores in both
 * versions; private numbers by the vendors of the IKE SA. */
void ike_append_notify(GString *out, const ike_sa *sa, uint16_t type);
bool ike_notify_is_error(uint8_t major, uint16_t type);
const char *ike_format_eap(uint8_t type); /* "EAP-MSCHAPv2", "EAP" when unknown */

/* The ending of a noun after a number. */
static inline const char *ike_plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* What the SAs under an IKE SA are called: Child SA (RFC 7296), IPsec SA in IKEv1 (RFC 2409). */
static inline const char *ike_child_name(uint8_t major)
{
    return major == 1 ? "IPsec SA" : "Child SA";
}

#endif
