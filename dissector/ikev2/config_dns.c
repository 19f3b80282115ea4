/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration attributes about DNS: trust anchors for split DNS (RFC 8598 3.4), encrypted DNS
 * resolvers (RFC 9464 3).
 *
 *   ENCDNS_IP*:         priority (2), number of addresses (1), length of the name (1), addresses,
 *                       name, service parameters
 *   ENCDNS_DIGEST_INFO: number of hash algorithms (1), length of the name (1), name, algorithms,
 *                       digest (not in requests)
 */
#include "dissector/ikev2/payloads.h"

#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"

enum { FIXED = 4 };
enum { SVC_ALPN = 1, SVC_PORT = 3, SVC_DOHPATH = 7 };

static int hf_key_tag = -1;
static int hf_algorithm = -1;
static int hf_digest_type = -1;
static int hf_ds_digest = -1;
static int hf_priority = -1;
static int hf_addresses = -1;
static int hf_adn_length = -1;
static int hf_ip4 = -1;
static int hf_ip6 = -1;
static int hf_adn = -1;
static int hf_parameter = -1;
static int hf_parameter_key = -1;
static int hf_parameter_length = -1;
static int hf_alpn = -1;
static int hf_port = -1;
static int hf_dohpath = -1;
static int hf_parameter_value = -1;
static int hf_hash_count = -1;
static int hf_hash = -1;
static int hf_digest = -1;
static int ett_parameter = -1;
static expert_field ei_length = EI_INIT;

/* IANA "DNS Security Algorithm Numbers" and "DS RR Type Digest Algorithms". */
static const value_string dnssec_algorithms[] = {{1, "RSAMD5"},
                                                 {3, "DSA"},
                                                 {5, "RSASHA1"},
                                                 {6, "DSA-NSEC3-SHA1"},
                                                 {7, "RSASHA1-NSEC3-SHA1"},
                                                 {8, "RSASHA256"},
                                                 {10, "RSASHA512"},
                                                 {12, "ECC-GOST"},
                                                 {13, "ECDSAP256SHA256"},
                                                 {14, "ECDSAP384SHA384"},
                                                 {15, "ED25519"},
                                                 {16, "ED448"},
                                                 {0, NULL}};

static const value_string digest_types[] = {
    {1, "SHA-1"}, {2, "SHA-256"}, {3, "GOST R 34.11-94"}, {4, "SHA-384"}, {0, NULL}};

/* IANA "Service Parameter Keys (SvcParamKeys)", RFC 9460. */
static const value_string parameter_keys[] = {
    {0, "mandatory"}, {SVC_ALPN, "alpn"}, {2, "no-default-alpn"}, {SVC_PORT, "port"},
    {4, "ipv4hint"},  {5, "ech"},         {6, "ipv6hint"},        {SVC_DOHPATH, "dohpath"},
    {8, "ohttp"},     {0, NULL}};

void ikev2_dissect_dnssec_ta(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type _U_)
{
    if (ike_left(value, 0) <= FIXED) {
        expert_add_info(pkt->pinfo, item, &ei_length);
        return;
    }
    proto_tree_add_item(tree, hf_key_tag, value, 0, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_algorithm, value, 2, 1, ENC_NA);
    proto_tree_add_item(tree, hf_digest_type, value, 3, 1, ENC_NA);
    ike_add_rest(tree, hf_ds_digest, value, FIXED, ENC_NA);
    proto_item_append_text(item, ": key tag %u", tvb_get_ntohs(value, 0));
}

static void dissect_parameter_value(tvbuff_t *value, unsigned offset, unsigned length, uint16_t key,
                                    proto_tree *tree)
{
    unsigned end = offset + length;

    if (key == SVC_PORT && length == 2) {
        proto_tree_add_item(tree, hf_port, value, offset, 2, ENC_BIG_ENDIAN);
    } else if (key == SVC_DOHPATH) {
        proto_tree_add_item(tree, hf_dohpath, value, offset, length, ENC_UTF_8);
    } else if (key == SVC_ALPN) {
        while (offset < end) {
            unsigned bytes = MIN(tvb_get_uint8(value, offset), end - offset - 1);
            if (bytes)
                proto_tree_add_item(tree, hf_alpn, value, offset + 1, bytes, ENC_ASCII);
            offset += 1 + bytes;
        }
    } else {
        proto_tree_add_item(tree, hf_parameter_value, value, offset, length, ENC_NA);
    }
}

static void dissect_parameters(ike_packet *pkt, tvbuff_t *value, unsigned offset, proto_tree *tree,
                               proto_item *item)
{
    while (ike_left(value, offset)) {
        unsigned left = ike_left(value, offset);
        unsigned length = left >= FIXED ? tvb_get_ntohs(value, offset + 2) : left;

        if (length + FIXED > left) {
            expert_add_info(pkt->pinfo, item, &ei_length);
            return;
        }
        uint16_t key = tvb_get_ntohs(value, offset);
        proto_item *parameter =
            proto_tree_add_item(tree, hf_parameter, value, offset, FIXED + length, ENC_NA);
        proto_tree *sub = proto_item_add_subtree(parameter, ett_parameter);
        proto_item_append_text(parameter, ": %s", val_to_str_const(key, parameter_keys, "unknown"));
        proto_tree_add_item(sub, hf_parameter_key, value, offset, 2, ENC_BIG_ENDIAN);
        proto_tree_add_item(sub, hf_parameter_length, value, offset + 2, 2, ENC_BIG_ENDIAN);
        if (length)
            dissect_parameter_value(value, offset + FIXED, length, key, sub);
        offset += FIXED + length;
    }
}

/* The resolver's name beside the attribute's. */
static void show_name(ike_packet *pkt, tvbuff_t *value, unsigned offset, unsigned length,
                      proto_tree *tree, proto_item *item)
{
    char *name = NULL;

    if (!length)
        return;
    proto_tree_add_item_ret_display_string(tree, hf_adn, value, offset, length, ENC_ASCII,
                                           pkt->pinfo->pool, &name);
    ike_append_text(item, ": ", name);
}

void ikev2_dissect_encdns(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                          uint16_t type)
{
    unsigned bytes = type == IKEV2_CFG_ATTRIBUTE_ENCDNS_IP4 ? 4 : 16;

    if (ike_left(value, 0) < FIXED) {
        expert_add_info(pkt->pinfo, item, &ei_length);
        return;
    }
    unsigned count = tvb_get_uint8(value, 2), name = tvb_get_uint8(value, 3);
    proto_tree_add_item(tree, hf_priority, value, 0, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_addresses, value, 2, 1, ENC_NA);
    proto_tree_add_item(tree, hf_adn_length, value, 3, 1, ENC_NA);
    if (count * bytes + name > ike_left(value, FIXED)) {
        expert_add_info(pkt->pinfo, item, &ei_length);
        return;
    }
    unsigned offset = FIXED;
    for (; count; count--, offset += bytes)
        proto_tree_add_item(tree, bytes == 4 ? hf_ip4 : hf_ip6, value, offset, bytes,
                            ENC_BIG_ENDIAN);
    show_name(pkt, value, offset, name, tree, item);
    dissect_parameters(pkt, value, offset + name, tree, item);
}

void ikev2_dissect_encdns_digest(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                 proto_item *item, uint16_t type _U_)
{
    enum { HEAD = 2 };

    if (ike_left(value, 0) < HEAD) {
        expert_add_info(pkt->pinfo, item, &ei_length);
        return;
    }
    unsigned count = tvb_get_uint8(value, 0), name = tvb_get_uint8(value, 1);
    proto_tree_add_item(tree, hf_hash_count, value, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_adn_length, value, 1, 1, ENC_NA);
    if (name + 2 * count > ike_left(value, HEAD)) {
        expert_add_info(pkt->pinfo, item, &ei_length);
        return;
    }
    show_name(pkt, value, HEAD, name, tree, item);
    unsigned offset = HEAD + name;
    for (; count; count--, offset += 2)
        proto_tree_add_item(tree, hf_hash, value, offset, 2, ENC_BIG_ENDIAN);
    if (ike_left(value, offset))
        ike_add_rest(tree, hf_digest, value, offset, ENC_NA);
}

void ikev2_register_config_dns(void)
{
#define P "isakmp.cfg.attr."
    static hf_register_info hf[] = {
        {&hf_key_tag,
         {"Key tag", P "dnssec_ta.key_tag", FT_UINT16, BASE_DEC, NULL, 0,
          "Key tag of the DS record (RFC 8598, RFC 4034)", HFILL}},
        {&hf_algorithm,
         {"Algorithm", P "dnssec_ta.algorithm", FT_UINT8, BASE_DEC, VALS(dnssec_algorithms), 0,
          "DNSSEC algorithm of the DS record (RFC 8598, RFC 4034)", HFILL}},
        {&hf_digest_type,
         {"Digest type", P "dnssec_ta.digest_type", FT_UINT8, BASE_DEC, VALS(digest_types), 0,
          "Digest type of the DS record (RFC 8598, RFC 4034)", HFILL}},
        {&hf_ds_digest,
         {"Digest", P "dnssec_ta.digest", FT_BYTES, BASE_NONE, NULL, 0,
          "Digest of the trust anchor (RFC 8598, RFC 4034)", HFILL}},
        {&hf_priority,
         {"Service priority", P "encdns.priority", FT_UINT16, BASE_DEC, NULL, 0,
          "The lower, the better", HFILL}},
        {&hf_addresses,
         {"Number of addresses", P "encdns.address_count", FT_UINT8, BASE_DEC, NULL, 0,
          "Number of resolver addresses in the attribute (RFC 9464)", HFILL}},
        {&hf_adn_length,
         {"Length of the authentication domain name", P "encdns.adn_len", FT_UINT8, BASE_DEC, NULL,
          0, "In bytes (RFC 9464)", HFILL}},
        {&hf_ip4,
         {"Resolver's address", P "encdns.ip4", FT_IPv4, BASE_NONE, NULL, 0,
          "IPv4 address of the encrypted DNS resolver (RFC 9464)", HFILL}},
        {&hf_ip6,
         {"Resolver's address", P "encdns.ip6", FT_IPv6, BASE_NONE, NULL, 0,
          "IPv6 address of the encrypted DNS resolver (RFC 9464)", HFILL}},
        {&hf_adn,
         {"Authentication domain name", P "encdns.adn", FT_STRING, BASE_NONE, NULL, 0,
          "The name that the resolver authenticates itself with", HFILL}},
        {&hf_parameter,
         {"Service parameter", P "encdns.param", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_parameter_key,
         {"Key", P "encdns.param.key", FT_UINT16, BASE_DEC, VALS(parameter_keys), 0,
          "SvcParamKey (RFC 9460)", HFILL}},
        {&hf_parameter_length,
         {"Length", P "encdns.param.len", FT_UINT16, BASE_DEC, NULL, 0,
          "Length of the SvcParamValue in bytes (RFC 9460)", HFILL}},
        {&hf_alpn,
         {"ALPN", P "encdns.alpn", FT_STRING, BASE_NONE, NULL, 0,
          "ALPN protocol of the resolver (RFC 9460)", HFILL}},
        {&hf_port,
         {"Port", P "encdns.port", FT_UINT16, BASE_DEC, NULL, 0, "Port of the resolver (RFC 9460)",
          HFILL}},
        {&hf_dohpath,
         {"DNS over HTTPS path", P "encdns.dohpath", FT_STRING, BASE_NONE, NULL, 0,
          "URI template of DNS over HTTPS (RFC 9461)", HFILL}},
        {&hf_parameter_value,
         {"Value", P "encdns.param.value", FT_BYTES, BASE_NONE, NULL, 0,
          "SvcParamValue of an unknown key (RFC 9460)", HFILL}},
        {&hf_hash_count,
         {"Number of hash algorithms", P "encdns.hash_count", FT_UINT8, BASE_DEC, NULL, 0,
          "Number of hash algorithms in the attribute (RFC 9464)", HFILL}},
        {&hf_hash,
         {"Hash algorithm", P "encdns.hash", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_HASH], 0,
          "Hash algorithm for the certificate digest (RFC 9464)", HFILL}},
        {&hf_digest,
         {"Certificate digest", P "encdns.digest", FT_BYTES, BASE_NONE, NULL, 0,
          "Of the resolver's public key", HFILL}},
    };
    static int *ett[] = {&ett_parameter};
    static ei_register_info ei[] = {
        {&ei_length,
         {P "encdns.length.invalid", PI_MALFORMED, PI_ERROR, "The attribute is truncated",
          EXPFILL}},
    };
#undef P

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
