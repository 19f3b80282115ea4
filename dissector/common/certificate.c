/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificate and Certificate Request (RFC 7296 3.6, 3.7; RFC 2408 3.9, 3.10): one byte of
 * encoding, then data. Certificates are passed to Wireshark's dissectors by their encoding. */
#include "dissector/common/payloads.h"

#include "decrypt/decrypt.h"
#include "dissector/base/der.h"
#include "dissector/base/items.h"
#include "dissector/base/subdissector.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/public_key_encryption.h"
#include "dissector/session/tap.h"
#include "registry/names.h"

enum { SHA1_LENGTH = 20 };
static int hf_encoding_v1 = -1;
static int hf_encoding_v2 = -1;
static int hf_data = -1;
static int hf_bytes = -1;
static int hf_rsa_modulus = -1;
static int hf_rsa_exponent = -1;
static int hf_hash = -1;
static int hf_url = -1;
static int hf_type_v1 = -1;
static int hf_type_v2 = -1;
static int hf_authority = -1;
static int hf_authority_dn = -1;
static int ett_cert = -1;
static int ett_authority = -1;
static expert_field ei_encoding = EI_INIT;
static expert_field ei_authority = EI_INIT;
static expert_field ei_rsa = EI_INIT;

/* How the data of an encoding is dissected. */
static const struct {
    uint8_t encoding;
    ike_asn1 kind;
} asn1_rows[] = {
    {IKEV2_CERT_PKCS7, IKE_ASN1_PKCS7},
    {IKEV2_CERT_X509_SIGNATURE, IKE_ASN1_CERTIFICATE},
    {IKEV1_CERT_X509_KEY_EXCHANGE, IKE_ASN1_CERTIFICATE},
    {IKEV2_CERT_CRL, IKE_ASN1_CRL},
    {IKEV2_CERT_ARL, IKE_ASN1_CRL},
    {IKEV2_CERT_X509_ATTRIBUTE, IKE_ASN1_ATTRIBUTE_CERTIFICATE},
    {IKEV2_CERT_OCSP_CONTENT, IKE_ASN1_OCSP},
    {IKEV2_CERT_RAW_PUBLIC_KEY, IKE_ASN1_PUBLIC_KEY},
};

static ws_bool free_x509(wmem_allocator_t *allocator _U_, wmem_cb_event_t event _U_,
                         void *certificate)
{
    ike_x509_free(certificate);
    return false;
}

/* What the certificate says, for as long as the packet. */
static const ike_x509 *read_x509(const ike_packet *pkt, uint8_t encoding, ike_span data)
{
    bool x509 = encoding == IKEV2_CERT_X509_SIGNATURE;
    ike_x509 *read = x509 && pkt->first_pass ? ike_x509_read(data) : NULL;

    if (read)
        wmem_register_callback(pkt->pinfo->pool, free_x509, read);
    return read;
}

static void record_certificate(ike_packet *pkt, uint8_t encoding, ike_span data)
{
    ike_message *msg = pkt->msg;

    if (msg->certificate_count < IKE_MAX_CERTIFICATES)
        msg->certificates[msg->certificate_count++] =
            (ike_certificate){encoding, data, read_x509(pkt, encoding, data)};
}

static void dissect_hash_url(ike_packet *pkt, tvbuff_t *data, proto_tree *tree)
{
    if (ike_left(data, 0) < SHA1_LENGTH) {
        ike_too_short(pkt, data, tree, "a SHA-1 hash and a URL");
        return;
    }
    proto_tree_add_item(tree, hf_hash, data, 0, SHA1_LENGTH, ENC_NA);
    ike_add_rest(tree, hf_url, data, SHA1_LENGTH, ENC_ASCII | ENC_NA);
}

/* RSAPublicKey of PKCS #1: a SEQUENCE of two INTEGERs. */
static void dissect_rsa_key(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item)
{
    enum { SEQUENCE = 0x30, INTEGER = 0x02 };
    const int fields[] = {hf_rsa_modulus, hf_rsa_exponent};
    uint8_t tag = 0;
    unsigned length = 0;
    unsigned offset = ike_der_header(data, 0, &tag, &length);

    if (!offset || tag != SEQUENCE) {
        expert_add_info(pkt->pinfo, item, &ei_rsa);
        return;
    }
    for (unsigned i = 0; i < array_length(fields); i++) {
        offset = ike_der_header(data, offset, &tag, &length);
        if (!offset || tag != INTEGER || !length) {
            expert_add_info(pkt->pinfo, item, &ei_rsa);
            return;
        }
        proto_tree_add_item(tree, fields[i], data, offset, length, ENC_NA);
        offset += length;
    }
}

static void dissect_data(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                         uint8_t encoding)
{
    if (encoding == IKEV2_CERT_HASH_AND_URL || encoding == IKEV2_CERT_HASH_AND_URL_OF_BUNDLE) {
        dissect_hash_url(pkt, data, tree);
        return;
    }
    if (encoding == IKEV2_CERT_RAW_RSA_KEY) {
        dissect_rsa_key(pkt, data, tree, item);
        return;
    }
    for (unsigned i = 0; i < array_length(asn1_rows); i++)
        if (asn1_rows[i].encoding == encoding) {
            ike_call_asn1(pkt, asn1_rows[i].kind, data, tree, item);
            return;
        }
    /* PGP, DNS, Kerberos and SPKI (not specified for IKE), private encodings. */
    ike_add_rest(tree, hf_bytes, data, 0, ENC_NA);
}

static void check_encoding(ike_packet *pkt, proto_item *item, uint8_t encoding)
{
    if (!ike_registry_assigned(pkt->msg->major < 2 ? IKE_REG_IKEV1_CERT : IKE_REG_IKEV2_CERT,
                               encoding))
        expert_add_info(pkt->pinfo, item, &ei_encoding);
}

void ike_dissect_cert(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                      uint8_t type)
{
    if (ikev1_dissect_public_key_encrypted(pkt, body, tree, item, type))
        return;
    if (!ike_left(body, 0)) {
        ike_too_short(pkt, body, tree, "a certificate");
        return;
    }
    uint8_t encoding = tvb_get_uint8(body, 0);
    proto_item *shown = proto_tree_add_item(
        tree, pkt->msg->major < 2 ? hf_encoding_v1 : hf_encoding_v2, body, 0, 1, ENC_NA);
    check_encoding(pkt, shown, encoding);
    ike_span data = ike_bytes_of(body, 1, -1);
    record_certificate(pkt, encoding, data);
    ike_tap_certificate(pkt->pinfo, pkt->msg->major, encoding, data);

    proto_item *data_item = ike_add_rest(tree, hf_data, body, 1, ENC_NA);
    if (ike_left(body, 1))
        dissect_data(pkt, tvb_new_subset_remaining(body, 1),
                     proto_item_add_subtree(data_item, ett_cert), data_item, encoding);
}

static void record_request(ike_packet *pkt, uint8_t encoding, ike_span authorities)
{
    ike_message *msg = pkt->msg;

    if (msg->certificate_request_count < IKE_MAX_CERTIFICATE_REQUESTS)
        msg->certificate_requests[msg->certificate_request_count++] =
            (ike_certificate_request){encoding, authorities};
}

/* IKEv2: SHA-1 hashes of the public keys of the trusted authorities, one after the other. */
static void dissect_authority_hashes(ike_packet *pkt, tvbuff_t *body, proto_tree *tree)
{
    unsigned offset = 1;

    for (; ike_left(body, offset) >= SHA1_LENGTH; offset += SHA1_LENGTH)
        proto_tree_add_item(tree, hf_authority, body, offset, SHA1_LENGTH, ENC_NA);
    if (ike_left(body, offset)) {
        proto_item *rest = ike_add_rest(tree, hf_authority, body, offset, ENC_NA);
        expert_add_info(pkt->pinfo, rest, &ei_authority);
    }
}

/* IKEv1: the distinguished name of one authority. */
static void dissect_authority_name(ike_packet *pkt, tvbuff_t *body, proto_tree *tree)
{
    tvbuff_t *name = tvb_new_subset_remaining(body, 1);
    proto_item *item =
        proto_tree_add_uint(tree, hf_authority_dn, name, 0, tvb_reported_length(name), 0);

    ike_call_asn1(pkt, IKE_ASN1_NAME, name, proto_item_add_subtree(item, ett_authority), item);
}

void ike_dissect_certreq(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item _U_,
                         uint8_t type _U_)
{
    bool v1 = pkt->msg->major < 2;

    uint8_t encoding = tvb_get_uint8(body, 0);
    proto_item *shown = proto_tree_add_item(tree, v1 ? hf_type_v1 : hf_type_v2, body, 0, 1, ENC_NA);
    check_encoding(pkt, shown, encoding);
    record_request(pkt, encoding, ike_bytes_of(body, 1, -1));
    if (!ike_left(body, 1))
        return;
    if (!v1)
        dissect_authority_hashes(pkt, body, tree);
    else if (encoding == IKEV2_CERT_X509_SIGNATURE || encoding == IKEV1_CERT_X509_KEY_EXCHANGE)
        dissect_authority_name(pkt, body, tree);
    else
        ike_add_rest(tree, hf_authority, body, 1, ENC_NA);
}

void ike_register_cert(void)
{
    static hf_register_info hf[] = {
        {&hf_encoding_v1,
         {"Certificate Encoding", "isakmp.cert.encoding", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_CERT], 0, "ISAKMP Certificate Encoding", HFILL}},
        {&hf_encoding_v2,
         {"Certificate Encoding", "isakmp.cert.encoding", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_CERT], 0, "ISAKMP Certificate Encoding", HFILL}},
        {&hf_data,
         {"Certificate Data", "isakmp.cert.data", FT_NONE, BASE_NONE, NULL, 0,
          "ISAKMP Certificate Data", HFILL}},
        {&hf_bytes,
         {"Data", "isakmp.cert.octets", FT_BYTES, BASE_NONE, NULL, 0,
          "A certificate of an encoding that is not dissected", HFILL}},
        {&hf_rsa_modulus,
         {"Modulus", "isakmp.cert.rsa.modulus", FT_BYTES, BASE_NONE, NULL, 0,
          "Modulus of a raw RSA key (PKCS #1)", HFILL}},
        {&hf_rsa_exponent,
         {"Public exponent", "isakmp.cert.rsa.exponent", FT_BYTES, BASE_NONE, NULL, 0,
          "Public exponent of a raw RSA key (PKCS #1)", HFILL}},
        {&hf_hash, {"Hash", "isakmp.cert.x509.hash", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_url, {"URL", "isakmp.cert.x509.url", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_type_v1,
         {"Certificate Type", "isakmp.certreq.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_CERT], 0, "ISAKMP Certificate Type", HFILL}},
        {&hf_type_v2,
         {"Certificate Type", "isakmp.certreq.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_CERT], 0, "ISAKMP Certificate Type", HFILL}},
        {&hf_authority,
         {"Certificate Authority Data", "isakmp.ike.certreq.authority", FT_BYTES, BASE_NONE, NULL,
          0, "SHA-1 of an authority's public key", HFILL}},
        {&hf_authority_dn,
         {"Certificate Authority Signature", "isakmp.ike.certreq.authority.sig", FT_UINT32,
          BASE_DEC, NULL, 0, "Kind of name: 0, a sequence of relative distinguished names", HFILL}},
    };
    static int *ett[] = {&ett_cert, &ett_authority};
    static ei_register_info ei[] = {
        {&ei_encoding,
         {"isakmp.cert.encoding.unknown", PI_UNDECODED, PI_NOTE, "Unknown certificate encoding",
          EXPFILL}},
        {&ei_rsa,
         {"isakmp.cert.rsa.invalid", PI_MALFORMED, PI_ERROR, "Not a PKCS #1 RSA public key",
          EXPFILL}},
        {&ei_authority,
         {"isakmp.ike.certreq.authority.length", PI_PROTOCOL, PI_WARN,
          "Not a list of SHA-1 hashes: length is no multiple of 20 bytes", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
