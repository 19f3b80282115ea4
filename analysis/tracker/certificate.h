/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few facts of an X.509 certificate that explain why authentication fails (RFC 5280 4.1). */
#ifndef IKE_ANALYSIS_CERTIFICATE_H
#define IKE_ANALYSIS_CERTIFICATE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t not_before, not_after; /* seconds since the epoch; 0 unknown */
    uint32_t rsa_bits;              /* 0: the key is no RSA key */
    bool sha1, md5;                 /* hash of the issuer's signature */
    bool self_issued;               /* subject equals issuer */
    const uint8_t *subject;         /* DER Name inside the certificate */
    size_t subject_length;
} ike_certificate_info;

/* Reads a DER certificate. false: it is none, or it is damaged. */
bool ike_certificate_read(const uint8_t *der, size_t length, ike_certificate_info *inputs);

/* Appends a DER Name as "C=CH, O=strongSwan, CN=moon". false (nothing appended) when it is none. */
bool ike_format_name(GString *out, const uint8_t *der, size_t length);

/* Does a DER AlgorithmIdentifier (RFC 7427) name a signature with SHA-1? */
bool ike_algorithm_is_sha1(const uint8_t *der, size_t length);

#endif
