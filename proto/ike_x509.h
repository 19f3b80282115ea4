/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an X.509 certificate says that explains why authentication fails (RFC 5280, RFC 4945). */
#ifndef IKE_PROTO_X509_H
#define IKE_PROTO_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IKE_MAX_X509_NAMES = 16 };

/* A subjectAltName as an identity of IKE: type as in ID payloads (1, 2, 3, 5 or 9), the name as its
 * identification data. */
typedef struct {
    uint8_t id_type;
    const uint8_t *data;
    size_t length;
} ike_x509_name;

typedef struct {
    uint64_t not_before, not_after;  /* seconds since the epoch; 0 unknown */
    const char *key;                 /* "RSA", "EC", "Ed25519" …, static; NULL unknown */
    uint32_t key_bits;               /* 0 unknown */
    bool sha1, md5;                  /* hash of the issuer's signature */
    bool self_issued;                /* subject equals issuer */
    bool authority;                  /* basicConstraints: a CA */
    bool cannot_sign;                /* keyUsage without digitalSignature and nonRepudiation */
    bool no_server_auth;             /* no extKeyUsage, or one without serverAuth and any */
    const uint8_t *subject, *issuer; /* DER Names */
    size_t subject_length, issuer_length;
    const uint8_t *serial; /* without leading zeros */
    size_t serial_length;
    uint8_t name_count;
    ike_x509_name names[IKE_MAX_X509_NAMES]; /* the first ones */
} ike_x509;

#endif
