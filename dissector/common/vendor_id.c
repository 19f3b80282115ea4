/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vendor ID (RFC 7296 3.12, RFC 2408 3.16): bytes chosen by a vendor, often followed by a version
 * or capabilities. */
#include "dissector/common/payloads.h"

#include "dissector/base/bytes.h"
#include "dissector/base/value_row.h"
#include "dissector/session/session.h"
#include "registry/vendor_ids.h"

static int hf_bytes = -1;
static int hf_string = -1;
static int hf_cp_product = -1;
static int hf_cp_version = -1;
static int hf_cp_timestamp = -1;
static int hf_cp_reserved = -1;
static int hf_cp_features = -1;
static int hf_major = -1;
static int hf_minor = -1;
static int hf_ms = -1;
static int hf_fragmentation = -1;
static int hf_netscreen_first = -1;
static int hf_netscreen_second = -1;
static int hf_forti_release = -1;
static int hf_forti_build = -1;
static int hf_text = -1;
static int hf_aruba = -1;

static const value_string checkpoint_products[] = {{1, "Firewall-1"}, {2, "SecuRemote"}, {0, NULL}};

/* ike-scan's list; releases from NGX R60 on send the number of R55, with a timestamp. */
static const value_string checkpoint_versions[] = {{2, "4.1"},
                                                   {3, "4.1 SP1"},
                                                   {4002, "4.1 SP2 to SP6"},
                                                   {5000, "NG"},
                                                   {5001, "NG FP1"},
                                                   {5002, "NG FP2"},
                                                   {5003, "NG FP3"},
                                                   {5004, "NG AI R54"},
                                                   {5005, "NG AI R55, or NGX and later"},
                                                   {5006, "NG AI R56"},
                                                   {0, NULL}};

/* The versions of Microsoft's "MS NT5 ISAKMPOAKLEY" (MS-IKEE 2.2, and observation). */
static const value_string microsoft_versions[] = {
    {2, "Windows 2000"},
    {3, "Windows XP SP1"},
    {4, "Windows 2003 and Windows XP SP2"},
    {5, "Windows Vista"},
    {6, "Windows Server 2008"},
    {7, "Windows 7"},
    {8, "Windows Server 2008 R2, Windows 7, Windows 8, Windows Server 2012"},
    {9, "Windows 8.1, Windows 10, Windows Server 2012 R2, Windows Server 2016"},
    {0, NULL}};

/* The data after the fixed bytes. */
static const int *const layouts[][6] = {
    [IKE_VENDOR_LAYOUT_NONE] = {NULL},
    [IKE_VENDOR_LAYOUT_VERSION_U32] = {&hf_ms},
    [IKE_VENDOR_LAYOUT_VERSION_MAJOR_MINOR] = {&hf_major, &hf_minor},
    [IKE_VENDOR_LAYOUT_FRAGMENTATION] = {&hf_fragmentation},
    [IKE_VENDOR_LAYOUT_CHECKPOINT] = {&hf_cp_product, &hf_cp_version, &hf_cp_timestamp,
                                      &hf_cp_reserved, &hf_cp_features},
    [IKE_VENDOR_LAYOUT_NETSCREEN] = {&hf_netscreen_first, &hf_netscreen_second},
    [IKE_VENDOR_LAYOUT_FORTIGATE] = {&hf_forti_release, &hf_forti_build},
    [IKE_VENDOR_LAYOUT_TEXT] = {&hf_text},
};

static void record_vendor(ike_packet *pkt, const ike_vendor_id *id)
{
    ike_message *msg = pkt->msg;

    ike_session_record_vendor(pkt, id->vendor);
    if (msg->vendor_count < IKE_MAX_VENDORS)
        msg->vendors[msg->vendor_count++] = id->name;
}

static void dissect_layout(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                           const ike_vendor_id *id)
{
    static const int *const auth_profile[] = {&hf_aruba, NULL};
    bool is_profile = id->layout == IKE_VENDOR_LAYOUT_TEXT && id->vendor == IKE_VENDOR_ARUBA;

    ike_add_fields(pkt, tree, body, id->body_offset,
                   is_profile ? auth_profile : layouts[id->layout], NULL);
}

void ike_dissect_vendor(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, unsigned size,
                        proto_tree *tree, proto_item *item)
{
    ike_span bytes = ike_bytes_of(tvb, offset, size);
    const ike_vendor_id *id = ike_vendor_id_find(bytes.data, bytes.length);

    proto_tree_add_item(tree, hf_bytes, tvb, offset, size, ENC_NA);
    if (id)
        record_vendor(pkt, id);
    const char *name = id ? id->name : "Unknown Vendor ID";
    proto_item_append_text(item, " : %s", name);
    proto_item_set_generated(proto_tree_add_string(tree, hf_string, tvb, offset, size, name));
    if (id && id->layout != IKE_VENDOR_LAYOUT_NONE)
        dissect_layout(pkt, tvb_new_subset_length(tvb, offset, size), tree, id);
}

void ike_register_vendor(void)
{
    static hf_register_info hf[] = {
        {&hf_bytes, {"Vendor ID", "isakmp.vid_bytes", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_string,
         {"Vendor ID", "isakmp.vid_string", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_cp_product,
         {"Checkpoint Product", "isakmp.vid.cp.product", FT_UINT32, BASE_DEC,
          VALS(checkpoint_products), 0, NULL, HFILL}},
        {&hf_cp_version,
         {"Checkpoint Version", "isakmp.vid.cp.version", FT_UINT32, BASE_DEC,
          VALS(checkpoint_versions), 0, "Encoded Version number", HFILL}},
        {&hf_cp_timestamp,
         {"Checkpoint Timestamp", "isakmp.vid.cp.timestamp", FT_UINT32, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_cp_reserved,
         {"Checkpoint Reserved", "isakmp.vid.cp.reserved", FT_UINT32, BASE_HEX, NULL, 0, NULL,
          HFILL}},
        {&hf_cp_features,
         {"Checkpoint Features", "isakmp.vid.cp.features", FT_UINT32, BASE_HEX, NULL, 0, NULL,
          HFILL}},
        {&hf_major,
         {"CISCO-UNITY Major version", "isakmp.vid.cisco_unity.major", FT_UINT8, BASE_DEC, NULL, 0,
          "Major version of DPD, Unity or VPN 3000", HFILL}},
        {&hf_minor,
         {"CISCO-UNITY Minor version", "isakmp.vid.cisco_unity.minor", FT_UINT8, BASE_DEC, NULL, 0,
          "Minor version of DPD, Unity or VPN 3000", HFILL}},
        {&hf_ms,
         {"MS NT5 ISAKMPOAKLEY", "isakmp.vid.ms_nt5_isakmpoakley", FT_UINT32, BASE_DEC,
          VALS(microsoft_versions), 0, NULL, HFILL}},
        {&hf_fragmentation,
         {"Fragmentation capabilities", "isakmp.vid.fragmentation.capabilities", FT_UINT32,
          BASE_HEX, NULL, 0, "Exchanges that may be fragmented, in a FRAGMENTATION vendor ID",
          HFILL}},
        {&hf_netscreen_first,
         {"NetScreen first number", "isakmp.vid.netscreen.first", FT_UINT32, BASE_HEX, NULL, 0,
          "First number behind the hash of a NetScreen vendor ID", HFILL}},
        {&hf_netscreen_second,
         {"NetScreen second number", "isakmp.vid.netscreen.second", FT_UINT32, BASE_HEX, NULL, 0,
          "Second number behind the hash of a NetScreen vendor ID", HFILL}},
        {&hf_forti_release,
         {"Release", "isakmp.vid.fortinet.fortigate.release", FT_UINT16, BASE_DEC, NULL, 0,
          "Release of Fortigate", HFILL}},
        {&hf_forti_build,
         {"Build", "isakmp.vid.fortinet.fortigate.build", FT_UINT16, BASE_DEC, NULL, 0,
          "Build of Fortigate", HFILL}},
        {&hf_text,
         {"Text", "isakmp.vid.text", FT_STRING, BASE_NONE, NULL, 0,
          "Data after the vendor's fixed bytes", HFILL}},
        {&hf_aruba,
         {"Auth Profile", "isakmp.vid.aruba_via_auth_profile", FT_STRING, BASE_NONE, NULL, 0,
          "Aruba Networks Auth Profile for VIA Client", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
