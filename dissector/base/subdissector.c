/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handing over to Wireshark's own dissectors. Its ASN.1 functions are not exported by all versions,
 * so they are reached through its tables: media types, and object identifiers of attributes that
 * have the type we are after. */
#include "dissector/base/subdissector.h"

#include <epan/ipproto.h>
#include <epan/show_exception.h>

#include "dissector/base/items.h"

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

enum { DER_SEQUENCE = 0x30, DER_OBJECT_IDENTIFIER = 0x06 };

static expert_field ei_too_many = EI_INIT;

unsigned ike_layers(packet_info *pinfo)
{
    return wmem_list_count(pinfo->layers);
}

void ike_layers_back(packet_info *pinfo, unsigned before)
{
    enum { KEPT = 100 };

    while (ike_layers(pinfo) > MAX(before, KEPT))
        wmem_list_remove_frame(pinfo->layers, wmem_list_tail(pinfo->layers));
}

/* Whether there may be so many object identifiers in `tvb`, each of which Wireshark may call a
 * dissector for, that it would take them for a recursion. */
static bool has_too_many_oids(tvbuff_t *tvb)
{
    enum { MOST = 350, LONGEST = 32 };
    unsigned count = 0, size = tvb_captured_length(tvb);

    if (!size)
        return false;
    const uint8_t *at = tvb_get_ptr(tvb, 0, (int)size), *end = at + size;
    while (count <= MOST && end - at > 1) {
        at = memchr(at, DER_OBJECT_IDENTIFIER, (size_t)(end - at - 1));
        if (!at)
            break;
        count += at[1] > 0 && at[1] <= LONGEST;
        at++;
    }
    return count > MOST;
}

unsigned ike_der_header(tvbuff_t *tvb, unsigned offset, uint8_t *tag, unsigned *length)
{
    if (ike_left(tvb, offset) < 2)
        return 0;
    *tag = tvb_get_uint8(tvb, (int)offset);
    uint8_t first = tvb_get_uint8(tvb, (int)offset + 1);
    offset += 2;
    *length = first;
    if (first & 0x80) {
        unsigned bytes = first & 0x7f;
        if (bytes == 0 || bytes > 3 || ike_left(tvb, offset) < bytes)
            return 0;
        for (*length = 0; bytes--; offset++)
            *length = *length << 8 | tvb_get_uint8(tvb, (int)offset);
    }
    return *length <= ike_left(tvb, offset) ? offset : 0;
}

/* How many elements the DER SEQUENCE at the start of `tvb` has; 0 when it is none. */
static unsigned der_sequence_count(tvbuff_t *tvb)
{
    uint8_t tag;
    unsigned length, count = 0;
    unsigned offset = ike_der_header(tvb, 0, &tag, &length);
    unsigned end = offset + length;

    if (!offset || tag != DER_SEQUENCE)
        return 0;
    while (offset < end) {
        unsigned contents = ike_der_header(tvb, offset, &tag, &length);
        if (!contents)
            break;
        offset = contents + length;
        count++;
    }
    return count;
}

/* The way to a name shows its parts by another field than the built-in, which has them in
 * x509if.rdnSequence: filters on that go on matching, unseen. */
static void store_rdn_sequence(tvbuff_t *tvb, proto_tree *tree)
{
    int hf = proto_registrar_get_id_byname("x509if.rdnSequence");
    uint8_t tag;
    unsigned length;
    unsigned contents = ike_der_header(tvb, 0, &tag, &length);

    if (hf >= 0 && contents && tag == DER_SEQUENCE)
        proto_item_set_hidden(proto_tree_add_uint(tree, hf, tvb, (int)contents, (int)length,
                                                  der_sequence_count(tvb)));
}

static void call_way(ike_packet *pkt, ike_asn1 kind, tvbuff_t *tvb, proto_tree *tree)
{
    if (ways[kind].media_type && media_types)
        ike_try_string(media_types, ways[kind].media_type, tvb, pkt->pinfo, tree, NULL);
    else if (ways[kind].oid && oids)
        ike_try_string(oids, ways[kind].oid, tvb, pkt->pinfo, tree, NULL);
}

/* The attributes through which some types are reached have names of their own: puts the type's in
 * their place. What Wireshark adds in brackets (a subject, an algorithm) goes to `item` as well. */
static void name_result(ike_asn1 kind, proto_tree *tree, proto_item *item)
{
    static const char *const names[IKE_ASN1_KINDS] = {
        [IKE_ASN1_PUBLIC_KEY] = "SubjectPublicKeyInfo",
        [IKE_ASN1_ALGORITHM] = "AlgorithmIdentifier",
    };
    proto_item *last = tree ? tree->last_child : NULL;
    field_info *info = last ? PITEM_FINFO(last) : NULL;
    const char *found = info && info->rep ? strstr(info->rep->representation, " (") : NULL;
    char text[ITEM_LABEL_LENGTH] = "";

    if (found)
        g_strlcpy(text, found, sizeof text);
    if (names[kind] && info)
        proto_item_set_text(last, "%s%s", names[kind], text);
    if (found)
        ike_append_text(item, "", text);
}

void ike_call_asn1(ike_packet *pkt, ike_asn1 kind, tvbuff_t *tvb, proto_tree *tree,
                   proto_item *item)
{
    column_info *cinfo = pkt->pinfo->cinfo;
    unsigned layers = ike_layers(pkt->pinfo);

    if (!tree && !pkt->first_pass)
        return;
    if (has_too_many_oids(tvb)) {
        expert_add_info(pkt->pinfo, item, &ei_too_many);
        return;
    }
    col_set_writable(cinfo, -1, FALSE);
    TRY
    {
        if (kind == IKE_ASN1_NAME)
            store_rdn_sequence(tvb, tree);
        call_way(pkt, kind, tvb, tree);
    }
    CATCH_NONFATAL_ERRORS
    {
        show_exception(tvb, pkt->pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
    }
    ENDTRY;
    ike_layers_back(pkt->pinfo, layers);
    col_set_writable(cinfo, -1, TRUE);
    name_result(kind, tree, item);
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
    unsigned layers = ike_layers(pkt->pinfo);

    col_append_str(cinfo, COL_INFO, ", EAP ");
    col_set_fence(cinfo, COL_INFO);
    col_set_writable(cinfo, COL_PROTOCOL, FALSE);
    TRY
    {
        call_dissector(eap_handle, tvb, pkt->pinfo, tree);
    }
    CATCH_NONFATAL_ERRORS
    {
        show_exception(tvb, pkt->pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
    }
    ENDTRY;
    ike_layers_back(pkt->pinfo, layers);
    col_set_writable(cinfo, COL_PROTOCOL, TRUE);
    join_info(pkt);
    col_set_fence(cinfo, COL_INFO);
}

void ike_call_gssapi(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree)
{
    column_info *cinfo = pkt->pinfo->cinfo;
    unsigned layers = ike_layers(pkt->pinfo);

    if (!gssapi_handle || !tree)
        return;
    col_set_writable(cinfo, -1, FALSE);
    TRY
    {
        call_dissector(gssapi_handle, tvb, pkt->pinfo, tree);
    }
    CATCH_NONFATAL_ERRORS
    {
        show_exception(tvb, pkt->pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
    }
    ENDTRY;
    ike_layers_back(pkt->pinfo, layers);
    col_set_writable(cinfo, -1, TRUE);
}

const char *ike_ip_protocol_name(packet_info *pinfo, uint8_t protocol)
{
    return wmem_strdup_printf(pinfo->pool, "%s (%u)", ipprotostr(protocol), protocol);
}

void ike_register_subdissector(void)
{
    static ei_register_info ei[] = {
        {&ei_too_many,
         {"isakmp.asn1.too_many", PI_PROTOCOL, PI_WARN,
          "Too many object identifiers for Wireshark's dissectors of ASN.1: left as it is",
          EXPFILL}},
    };

    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}

void ike_subdissector_handoff(void)
{
    eap_handle = find_dissector("eap");
    gssapi_handle = find_dissector("gssapi");
    media_types = find_dissector_table("media_type");
    oids = find_dissector_table("ber.oid");
}
