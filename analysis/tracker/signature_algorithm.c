/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/tracker/signature_algorithm.h"

#include <glib.h>

#include "proto/der.h"

#define PKCS1(last)                                                                                \
    {                                                                                              \
        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last                                       \
    }
#define ECDSA(last)                                                                                \
    {                                                                                              \
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last                                             \
    }

typedef struct {
    uint8_t length, oid[9];
    uint8_t hash;
    const char *name;
} algorithm_row;

/* RFC 7427 A, RFC 8420 A. */
static const algorithm_row algorithms[] = {
    {9, PKCS1(0x05), IKE_SIGNATURE_SHA1, "RSA PKCS #1 with SHA-1"},
    {9, PKCS1(0x0b), IKE_SIGNATURE_SHA2_256, "RSA PKCS #1 with SHA2-256"},
    {9, PKCS1(0x0c), IKE_SIGNATURE_SHA2_384, "RSA PKCS #1 with SHA2-384"},
    {9, PKCS1(0x0d), IKE_SIGNATURE_SHA2_512, "RSA PKCS #1 with SHA2-512"},
    {7, {0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03}, IKE_SIGNATURE_SHA1, "DSA with SHA-1"},
    {7, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01}, IKE_SIGNATURE_SHA1, "ECDSA with SHA-1"},
    {8, ECDSA(0x02), IKE_SIGNATURE_SHA2_256, "ECDSA with SHA2-256"},
    {8, ECDSA(0x03), IKE_SIGNATURE_SHA2_384, "ECDSA with SHA2-384"},
    {8, ECDSA(0x04), IKE_SIGNATURE_SHA2_512, "ECDSA with SHA2-512"},
    {3, {0x2b, 0x65, 0x70}, IKE_SIGNATURE_IDENTITY, "Ed25519"},
    {3, {0x2b, 0x65, 0x71}, IKE_SIGNATURE_IDENTITY, "Ed448"},
};

static const uint8_t pss[] = PKCS1(0x0a);

/* The hash in the parameters of RSASSA-PSS (RFC 8017 A.2.3): [0] { hashAlgorithm }, SHA-1 when it
 * is absent. */
static const char *pss_name(const ike_der *oid, uint8_t *hash)
{
    static const uint8_t sha2[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02};
    static const char *const names[] = {
        [IKE_SIGNATURE_SHA1] = "RSASSA-PSS with SHA-1",
        [IKE_SIGNATURE_SHA2_256] = "RSASSA-PSS with SHA2-256",
        [IKE_SIGNATURE_SHA2_384] = "RSASSA-PSS with SHA2-384",
        [IKE_SIGNATURE_SHA2_512] = "RSASSA-PSS with SHA2-512",
    };
    ike_der parameters = *oid, field, algorithm, name;
    *hash = IKE_SIGNATURE_SHA1;
    if (!ike_der_next(&parameters) || !ike_der_enter(&parameters, IKE_DER_SEQUENCE, &field) ||
        field.tag != IKE_DER_CONTEXT)
        return names[*hash];
    *hash = 0;
    if (ike_der_enter(&field, IKE_DER_CONTEXT, &algorithm) &&
        ike_der_enter(&algorithm, IKE_DER_SEQUENCE, &name) && name.tag == IKE_DER_OID &&
        name.length == sizeof sha2 + 1 && memcmp(name.data, sha2, sizeof sha2) == 0 &&
        name.data[sizeof sha2] >= 1 && name.data[sizeof sha2] <= 3)
        *hash = (uint8_t)(IKE_SIGNATURE_SHA1 + name.data[sizeof sha2]);
    return *hash ? names[*hash] : "RSASSA-PSS";
}

const char *ike_signature_algorithm(const uint8_t *der, size_t length, uint8_t *hash)
{
    ike_der algorithm, oid;

    *hash = 0;
    if (!der || !ike_der_read(der, length, &algorithm) ||
        !ike_der_enter(&algorithm, IKE_DER_SEQUENCE, &oid))
        return NULL;
    if (ike_der_is_oid(&oid, pss, sizeof pss))
        return pss_name(&oid, hash);
    for (size_t i = 0; i < G_N_ELEMENTS(algorithms); i++)
        if (ike_der_is_oid(&oid, algorithms[i].oid, algorithms[i].length)) {
            *hash = algorithms[i].hash;
            return algorithms[i].name;
        }
    return NULL;
}

const char *ike_signature_hash_name(uint8_t hash)
{
    static const char *const names[] = {
        [IKE_SIGNATURE_SHA1] = "SHA-1",        [IKE_SIGNATURE_SHA2_256] = "SHA2-256",
        [IKE_SIGNATURE_SHA2_384] = "SHA2-384", [IKE_SIGNATURE_SHA2_512] = "SHA2-512",
        [IKE_SIGNATURE_IDENTITY] = "Identity",
    };
    return hash < G_N_ELEMENTS(names) ? names[hash] : NULL;
}
