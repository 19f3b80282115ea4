/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wireshark does not export its ASN.1 functions in all versions; they are reached through its
 * tables: media types, and object identifiers of attributes whose values have the wanted type. */
#include "dissector/base/subdissector.h"

#include <epan/ipproto.h>
#include <epan/show_exception.h>

#include "dissector/base/common_fields.h"
#include "dissector/base/der.h"
#include "dissector/base/items.h"

enum { ALL_COLUMNS = -1 }; /* of col_set_writable() */

static dissector_handle_t eap_handle;
static dissector_handle_t gssapi_handle;
static dissector_table_t media_types;
static dissector_table_t oids;

/* The way to each kind: a media type, or an attribute whose values are of that kind. */
static const struct {
    const char *media_type, *oid;
} ways[IKE_ASN1_KINDS] = {
    [IKE_ASN1_CERTIFICATE] = {NULL, "2.5.4.36"}, /* userCertificate */
    [IKE_ASN1_CRL] = {NULL, "2.5.4.39"},         /* certificateRevocationList */
    [IKE_ASN1_PKCS7] = {"application/pkcs7-mime", NULL},
    [IKE_ASN1_OCSP] = {"application/ocsp-response", NULL},
    [IKE_ASN1_ATTRIBUTE_CERTIFICATE] = {NULL, "2.5.4.58"}, /* attributeCertificateAttribute */
    [IKE_ASN1_NAME] = {NULL, "2.5.4.49"},                  /* distinguishedName */
    [IKE_ASN1_PUBLIC_KEY] = {NULL, "1.3.6.1.5.5.7.5.1.6"}, /* id-regCtrl-protocolEncrKey */
    [IKE_ASN1_ALGORITHM] = {NULL, "1.3.6.1.5.5.7.4.4"},    /* id-it-preferredSymmAlg */
};

/* What the attribute's own name stands for, where it says something else. */
static const char *const type_names[IKE_ASN1_KINDS] = {
    [IKE_ASN1_PUBLIC_KEY] = "SubjectPublicKeyInfo",
    [IKE_ASN1_ALGORITHM] = "AlgorithmIdentifier",
};

static int ett_type = -1;
static expert_field ei_too_many = EI_INIT;

bool ike_may_call(packet_info *pinfo, unsigned calls)
{
    /* Wireshark gives up a frame beyond PINFO_LAYER_MAX_RECURSION_DEPTH (500) layers, and has no
     * call that counts them. */
    enum { MAX_CALLS = 400 };

    return wmem_list_count(pinfo->layers) + calls <= MAX_CALLS;
}

/* How many dissectors Wireshark may call for the object identifiers in `tvb`, at most. */
static unsigned count_oids(tvbuff_t *tvb)
{
    enum { DER_OBJECT_IDENTIFIER = 0x06, MAX_OID = 32 };
    unsigned count = 0, size = tvb_captured_length(tvb);
    const uint8_t *bytes = size ? tvb_get_ptr(tvb, 0, size) : NULL;

    for (unsigned i = 0; i + 1 < size; i++)
        if (bytes[i] == DER_OBJECT_IDENTIFIER && bytes[i + 1] && bytes[i + 1] <= MAX_OID)
            count++;
    return count;
}

/* For names the built-in has x509if.rdnSequence, the way through the attribute another field:
 * filters keep matching. */
static void add_rdn_sequence(tvbuff_t *tvb, proto_tree *tree)
{
    int hf = proto_registrar_get_id_byname("x509if.rdnSequence");
    unsigned count = ike_der_count(tvb);

    if (hf >= 0 && count)
        proto_item_set_hidden(
            proto_tree_add_uint(tree, hf, tvb, 0, tvb_captured_length(tvb), count));
}

static void call_way(ike_packet *pkt, ike_asn1 kind, tvbuff_t *tvb, proto_tree *tree)
{
    if (ways[kind].media_type && media_types)
        ike_try_string(media_types, ways[kind].media_type, tvb, pkt->pinfo, tree, NULL);
    else if (ways[kind].oid && oids)
        ike_try_string(oids, ways[kind].oid, tvb, pkt->pinfo, tree, NULL);
}

/* Calls a dissector, without one that of `kind`. It writes to no column, or not to the one given;
 * exceptions do not pass. */
static void call_guarded(ike_packet *pkt, dissector_handle_t handle, ike_asn1 kind, int column,
                         tvbuff_t *tvb, proto_tree *tree)
{
    col_set_writable(pkt->pinfo->cinfo, column, FALSE);
    TRY
    {
        if (handle)
            call_dissector(handle, tvb, pkt->pinfo, tree);
        else
            call_way(pkt, kind, tvb, tree);
    }
    CATCH_NONFATAL_ERRORS
    {
        show_exception(tvb, pkt->pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
    }
    ENDTRY;
    col_set_writable(pkt->pinfo->cinfo, column, TRUE);
}

/* The name of what was dissected; NULL if it has none. */
static const char *object_name(ike_packet *pkt, ike_asn1 kind, tvbuff_t *tvb)
{
    switch (kind) {
    case IKE_ASN1_CERTIFICATE:
        return ike_der_subject(pkt->pinfo->pool, tvb);
    case IKE_ASN1_NAME:
        return ike_der_name(pkt->pinfo->pool, tvb, 0);
    default:
        return ike_der_first_oid(pkt->pinfo->pool, tvb);
    }
}

static void append_name(ike_packet *pkt, ike_asn1 kind, tvbuff_t *tvb, proto_item *item)
{
    const char *name = object_name(pkt, kind, tvb);

    if (!name)
        return;
    ike_append_text(item, " (", name);
    proto_item_append_text(item, ")");
}

void ike_call_asn1(ike_packet *pkt, ike_asn1 kind, tvbuff_t *tvb, proto_tree *tree,
                   proto_item *item)
{
    if (!tree)
        return;
    append_name(pkt, kind, tvb, item);
    if (!ike_may_call(pkt->pinfo, 1 + count_oids(tvb))) {
        expert_add_info(pkt->pinfo, item, &ei_too_many);
        return;
    }
    if (kind == IKE_ASN1_NAME)
        add_rdn_sequence(tvb, tree);
    if (type_names[kind])
        tree = proto_tree_add_subtree(tree, tvb, 0, -1, ett_type, NULL, type_names[kind]);
    call_guarded(pkt, NULL, kind, ALL_COLUMNS, tvb, tree);
}

/* What may reach dissectors that keep state. */
static bool may_keep_state(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree)
{
    bool may = !pkt->not_authentic && ike_may_call(pkt->pinfo, 10);

    if (!may)
        ike_add_rest(tree, hf_ike_data, tvb, 0, ENC_NA);
    return may;
}

/* TLS inside EAP puts a comma before its first word, for it finds the Info column not empty. */
static void join_info(ike_packet *pkt)
{
    static const char doubled[] = ", EAP , ";
    column_info *cinfo = pkt->pinfo->cinfo;
    const char *text = col_get_text(cinfo, COL_INFO);
    const char *at = text ? strstr(text, doubled) : NULL;

    if (!at)
        return;
    char *joined = wmem_strdup_printf(pkt->pinfo->pool, "%.*s, EAP %s", (int)(at - text), text,
                                      at + sizeof doubled - 1);
    col_clear_fence(cinfo, COL_INFO);
    col_add_str(cinfo, COL_INFO, joined);
}

void ike_call_eap(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree)
{
    column_info *cinfo = pkt->pinfo->cinfo;

    if (!may_keep_state(pkt, tvb, tree))
        return;
    col_append_str(cinfo, COL_INFO, ", EAP ");
    col_set_fence(cinfo, COL_INFO);
    call_guarded(pkt, eap_handle, IKE_ASN1_KINDS, COL_PROTOCOL, tvb, tree);
    join_info(pkt);
    col_set_fence(cinfo, COL_INFO);
}

void ike_call_gssapi(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree)
{
    if (gssapi_handle && (tree || pkt->first_pass) && may_keep_state(pkt, tvb, tree))
        call_guarded(pkt, gssapi_handle, IKE_ASN1_KINDS, ALL_COLUMNS, tvb, tree);
}

const char *ike_ip_protocol_name(packet_info *pinfo, uint8_t protocol)
{
    return wmem_strdup_printf(pinfo->pool, "%s (%u)", ipprotostr(protocol), protocol);
}

void ike_register_subdissector(void)
{
    static int *ett[] = {&ett_type};
    static ei_register_info ei[] = {
        {&ei_too_many,
         {"isakmp.asn1.too_many", PI_PROTOCOL, PI_WARN,
          "Too many ASN.1 objects in this packet: not dissected", EXPFILL}},
    };

    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}

void ike_subdissector_handoff(void)
{
    eap_handle = find_dissector("eap");
    gssapi_handle = find_dissector("gssapi");
    media_types = find_dissector_table("media_type");
    oids = find_dissector_table("ber.oid");
}
