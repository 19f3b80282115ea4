/* SPDX-License-Identifier: GPL-2.0-or-later
 * The registry: names as the RFCs give them, vendor IDs as their texts hash, private numbers. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "registry/names.h"
#include "registry/private.h"
#include "registry/tables.h"
#include "registry/vendor_ids.h"

typedef struct {
    ike_registry registry;
    uint32_t value;
    const char *name;
} expected_name;

/* Numbers as they stand in the RFC named at the end of the line. */
static const expected_name names[] = {
    {IKE_REG_IKEV2_EXCHANGE, 34, "IKE_SA_INIT"},                       /* RFC 7296 3.1 */
    {IKE_REG_IKEV2_EXCHANGE, 37, "INFORMATIONAL"},                     /* RFC 7296 3.1 */
    {IKE_REG_IKEV2_EXCHANGE, 43, "IKE_INTERMEDIATE"},                  /* RFC 9242 6 */
    {IKE_REG_IKEV2_EXCHANGE, 44, "IKE_FOLLOWUP_KE"},                   /* RFC 9370 4 */
    {IKE_REG_IKEV2_EXCHANGE, 250, "Private Use"},                      /* RFC 7296 3.1 */
    {IKE_REG_IKEV2_PAYLOAD, 33, "Security Association"},               /* RFC 7296 3.2 */
    {IKE_REG_IKEV2_PAYLOAD, 0, "No Next Payload"},                     /* RFC 7296 3.2 */
    {IKE_REG_IKEV2_PAYLOAD_NOTATION, 35, "IDi"},                       /* RFC 7296 3.2 */
    {IKE_REG_IKEV2_PAYLOAD_NOTATION, 53, "SKF"},                       /* RFC 7383 2.5 */
    {IKE_REG_IKEV2_ENCR, 12, "ENCR_AES_CBC"},                          /* RFC 7296 3.3.2 */
    {IKE_REG_IKEV2_ENCR, 28, "ENCR_CHACHA20_POLY1305"},                /* RFC 7634 */
    {IKE_REG_IKEV2_PRF, 5, "PRF_HMAC_SHA2_256"},                       /* RFC 4868 */
    {IKE_REG_IKEV2_INTEG, 12, "AUTH_HMAC_SHA2_256_128"},               /* RFC 4868 */
    {IKE_REG_IKEV2_KE, 14, "2048-bit MODP Group"},                     /* RFC 3526 */
    {IKE_REG_IKEV2_KE, 31, "Curve25519"},                              /* RFC 8031 */
    {IKE_REG_IKEV2_KE, 40000, "Private Use"},                          /* RFC 7296 3.3.2 */
    {IKE_REG_IKEV2_ID, 9, "ID_DER_ASN1_DN"},                           /* RFC 7296 3.5 */
    {IKE_REG_IKEV2_AUTH, 14, "Digital Signature"},                     /* RFC 7427 7 */
    {IKE_REG_IKEV2_NOTIFY, 14, "NO_PROPOSAL_CHOSEN"},                  /* RFC 7296 3.10.1 */
    {IKE_REG_IKEV2_NOTIFY, 44, "CHILD_SA_NOT_FOUND"},                  /* RFC 7296 3.10.1 */
    {IKE_REG_IKEV2_NOTIFY, 16388, "NAT_DETECTION_SOURCE_IP"},          /* RFC 7296 3.10.1 */
    {IKE_REG_IKEV2_NOTIFY, 16430, "IKEV2_FRAGMENTATION_SUPPORTED"},    /* RFC 7383 6 */
    {IKE_REG_IKEV2_NOTIFY, 40961, "Private Use"},                      /* RFC 7296 3.10.1 */
    {IKE_REG_IKEV2_TS, 7, "TS_IPV4_ADDR_RANGE"},                       /* RFC 7296 3.13.1 */
    {IKE_REG_IKEV2_CFG_ATTR, 1, "INTERNAL_IP4_ADDRESS"},               /* RFC 7296 3.15.1 */
    {IKE_REG_IKEV2_HASH, 5, "Identity"},                               /* RFC 8420 */
    {IKE_REG_IKEV1_EXCHANGE, 4, "Aggressive"},                         /* RFC 2408 3.1 */
    {IKE_REG_IKEV1_EXCHANGE, 32, "Quick Mode"},                        /* RFC 2409 appendix A */
    {IKE_REG_GDOI_EXCHANGE, 32, "GROUPKEY-PULL"},                      /* RFC 6407 */
    {IKE_REG_IKEV1_NOTIFY, 18, "INVALID-ID-INFORMATION"},              /* RFC 2408 3.14.1 */
    {IKE_REG_IKEV1_NOTIFY, 24578, "INITIAL-CONTACT"},                  /* RFC 2407 4.6.3 */
    {IKE_REG_IKEV1_NOTIFY, 36136, "R-U-THERE"},                        /* RFC 3706 5.3 */
    {IKE_REG_IKEV1_AUTH, 1, "pre-shared key"},                         /* RFC 2409 appendix A */
    {IKE_REG_IKEV1_AUTH, 10, "ECDSA with SHA-384 on the P-384 curve"}, /* RFC 4754 */
    {IKE_REG_IKEV1_ENCR, 7, "AES-CBC"},                                /* RFC 3602 */
    {IKE_REG_IPSEC_ENCAPSULATION, 3, "UDP-Encapsulated-Tunnel"},       /* RFC 3947 5.1 */
    {IKE_REG_MODECFG_ATTR, 16521, "XAUTH-USER-NAME"}, /* draft-beaulieu-ike-xauth */
    {IKE_REG_GDOI_KD_TYPE, 1, "TEK"},                 /* RFC 6407 5.6 */
    {IKE_REG_GDOI_KEK_ALGORITHM, 3, "KEK_ALG_AES"},   /* RFC 6407 5.3.3 */
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *name = ike_registry_name(names[i].registry, names[i].value);
        assert_non_null(name);
        assert_string_equal(name, names[i].name);
    }
}

static void test_unknown_numbers(void **state)
{
    (void)state;
    assert_null(ike_registry_name(IKE_REG_IKEV2_EXCHANGE, 256));
    assert_null(ike_registry_name(IKE_REG_IKEV2_NOTIFY, 65536));
    assert_null(ike_registry_name(IKE_REG_IKEV1_DOI, 3));
    assert_null(ike_registry_name(IKE_REG_IKEV2_ENCR, UINT32_MAX));
    assert_null(ike_registry_name(IKE_REG_COUNT, 1));
    assert_null(ike_registry_name(IKE_REG_NONE, 1));
}

static void test_assigned(void **state)
{
    (void)state;
    assert_true(ike_registry_assigned(IKE_REG_IKEV2_NOTIFY, 7));
    assert_false(ike_registry_assigned(IKE_REG_IKEV2_NOTIFY, 8));     /* reserved by RFC 7296 */
    assert_false(ike_registry_assigned(IKE_REG_IKEV2_NOTIFY, 50000)); /* private use */
    assert_false(ike_registry_assigned(IKE_REG_IKEV2_ENCR, 17));      /* one unassigned number */
    assert_false(ike_registry_assigned(IKE_REG_IKEV2_NOTIFY, 65536));
}

/* Each registry of the enum has rows, and every row finds itself or a single value inside it. */
static void test_no_registry_is_empty(void **state)
{
    (void)state;
    for (unsigned registry = IKE_REG_NONE + 1; registry < IKE_REG_COUNT; registry++) {
        unsigned rows = 0;
        for (uint32_t value = 0; value <= UINT16_MAX; value++) {
            const ike_registry_row *row = ike_registry_find((ike_registry)registry, value);
            if (!row)
                continue;
            assert_true(row->first <= value && value <= row->last);
            assert_true(row->name[0] != '\0');
            rows++;
        }
        assert_true(rows > 0);
    }
}

static void test_groups(void **state)
{
    const ike_group *group;

    (void)state;
    group = ike_group_find(14); /* RFC 3526: 2048 bits */
    assert_int_equal(group->type, IKE_GROUP_MODP);
    assert_int_equal(group->init_bytes, 256);
    assert_int_equal(group->resp_bytes, 256);
    group = ike_group_find(21); /* RFC 5903: two coordinates of 66 bytes */
    assert_int_equal(group->type, IKE_GROUP_ECP);
    assert_int_equal(group->init_bytes, 132);
    group = ike_group_find(36); /* FIPS 203: ML-KEM-768, encapsulation key and ciphertext */
    assert_int_equal(group->init_bytes, 1184);
    assert_int_equal(group->resp_bytes, 1088);
    assert_non_null(ike_group_find(1040)); /* private */
    assert_null(ike_group_find(0));
    assert_null(ike_group_find(38));
    assert_null(ike_group_find(UINT16_MAX));
}

/* Every entry is found by its own bytes, whatever stands where it has wildcards, and a prefix also
 * with bytes behind it. */
static void test_all_vendor_ids(void **state)
{
    const ike_vendor_id *all = ike_vendor_ids;
    const size_t count = ike_vendor_ids_count;
    uint8_t payload[UINT8_MAX * 3];

    (void)state;
    assert_true(count > 500);
    for (size_t i = 0; i < count; i++) {
        size_t len = all[i].length;
        memset(payload, 0xff, sizeof payload);
        for (size_t j = 0; j < len; j++)
            if (!all[i].mask || all[i].mask[j])
                payload[j] = all[i].bytes[j];
        assert_ptr_equal(ike_vendor_id_find(payload, all[i].total ? all[i].total : len), &all[i]);
        if (!all[i].exact && !all[i].total)
            assert_ptr_equal(ike_vendor_id_find(payload, len + UINT8_MAX), &all[i]);
        if (all[i].exact)
            assert_ptr_not_equal(ike_vendor_id_find(payload, len + 1), &all[i]);
        assert_ptr_not_equal(ike_vendor_id_find(payload, len - 1), &all[i]);
        assert_string_not_equal(ike_vendor_name(all[i].vendor), "");
    }
}

static const ike_vendor_id *find(const char *bytes, size_t len)
{
    return ike_vendor_id_find((const uint8_t *)bytes, len);
}

static void test_vendor_ids_by_value(void **state)
{
    const ike_vendor_id *id;

    (void)state;
    /* RFC 3947 section 3.1 */
    id = find("\x4a\x13\x1c\x81\x07\x03\x58\x45\x5c\x57\x28\xf2\x0e\x95\x45\x2f", 16);
    assert_int_equal(id->vendor, IKE_VENDOR_IETF);
    assert_int_equal(id->layout, IKE_VENDOR_LAYOUT_NONE);
    /* RFC 3706 section 5.1: 14 bytes, then major and minor version */
    id = find("\xaf\xca\xd7\x13\x68\xa1\xf1\xc9\x6b\x86\x96\xfc\x77\x57\x01\x00", 16);
    assert_int_equal(id->layout, IKE_VENDOR_LAYOUT_VERSION_MAJOR_MINOR);
    assert_int_equal(id->body_offset, 14);
    /* MS-IKEE: MD5("MS NT5 ISAKMPOAKLEY") and a version; 7 is known, 99 is not */
    id = find("\x1e\x2b\x51\x69\x05\x99\x1c\x7d\x7c\x96\xfc\xbf\xb5\x87\xe4\x61\0\0\0\x07", 20);
    assert_string_equal(id->name, "MS NT5 ISAKMPOAKLEY v7: Windows 7");
    assert_int_equal(id->vendor, IKE_VENDOR_MICROSOFT);
    assert_int_equal(id->layout, IKE_VENDOR_LAYOUT_VERSION_U32);
    assert_int_equal(id->body_offset, 16);
    id = find("\x1e\x2b\x51\x69\x05\x99\x1c\x7d\x7c\x96\xfc\xbf\xb5\x87\xe4\x61\0\0\0\x63", 20);
    assert_string_equal(id->name, "MS NT5 ISAKMPOAKLEY");
    assert_int_equal(id->vendor, IKE_VENDOR_MICROSOFT);
    /* the longest of OE, OE-Libreswan- wins; OE alone only in twelve bytes */
    id = find("OE-Libreswan-4.9", 16);
    assert_int_equal(id->vendor, IKE_VENDOR_LIBRESWAN);
    assert_int_equal(id->layout, IKE_VENDOR_LAYOUT_TEXT);
    assert_int_equal(id->body_offset, 13);
    assert_int_equal(find("OEabcdefghij", 12)->vendor, IKE_VENDOR_SEVERAL);
    assert_null(find("OEabcdefghijk", 13));
    /* text at byte 9 */
    assert_int_equal(find("012345678Teldat", 15)->vendor, IKE_VENDOR_TELDAT);
    /* Wireshark and ike-scan compare the first bytes only: a capability may follow. */
    assert_string_equal(find("CISCO-GRE-MODE\x02", 15)->name, "CISCO-GRE-MODE");
}

#define CHECK_POINT                                                                                \
    "\xf4\xed\x19\xe0\xc1\x14\xeb\x51\x6f\xaa\xac\x0e\xe3\x7d\xaf\x28\x07\xb4\x38\x1f"

/* ike-scan's list: product, version, timestamp, reserved, features. Version 5005 with a timestamp
 * is NGX or any later release; the releases before have no timestamp. */
static void test_check_point_releases(void **state)
{
    static const struct {
        const char *bytes, *name;
    } rows[] = {
        {CHECK_POINT "\0\0\0\1\0\0\x13\x8d\0\0\0\0\0\0\0\0\x18\x28\0\0",
         "Check Point FireWall-1 NG AI R55"},
        {CHECK_POINT "\0\0\0\1\0\0\x13\x8d\x65\xd8\xc6\x12\0\0\0\0\x18\x29\0\0",
         "Check Point NGX or later"},
        {CHECK_POINT "\0\0\0\1\0\0\x13\x8d\0\0\0\1\0\0\0\0\0\0\0\0", "Check Point NGX or later"},
        {CHECK_POINT "\0\0\0\1\0\0\x13\x8c\0\0\0\0\0\0\0\0\x18\x80\0\0",
         "Check Point FireWall-1 NG AI R54"},
        {CHECK_POINT "\0\0\0\1\0\0\x13\x8c\0\0\0\1\0\0\0\0\x18\x80\0\0", "Check Point"},
        {CHECK_POINT "\0\0\0\1\0\0\x13\x8d\x65\xd8\xc6\x12\0\0\0\1\x18\x29\0\0", "Check Point"},
        {CHECK_POINT "\0\0\0\1\0\0\x13\x99\x65\xd8\xc6\x12\0\0\0\0\x18\x29\0\0", "Check Point"},
        {CHECK_POINT "\0\0\0\2\0\0\x13\x8d\0\0\0\0\0\0\0\0\x18\x29\0\0",
         "Check Point SecuRemote/SecureClient"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const ike_vendor_id *id = find(rows[i].bytes, 40);
        assert_string_equal(id->name, rows[i].name);
        assert_int_equal(id->layout, IKE_VENDOR_LAYOUT_CHECKPOINT);
        assert_int_equal(id->body_offset, 20);
    }
    /* Too short to tell. */
    assert_string_equal(find(rows[1].bytes, 32)->name, "Check Point");
}

static void test_unknown_vendor_ids(void **state)
{
    uint8_t bytes[64];

    (void)state;
    assert_null(ike_vendor_id_find(NULL, 0));
    memset(bytes, 0, sizeof bytes);
    assert_null(ike_vendor_id_find(bytes, 1));
    assert_null(ike_vendor_id_find(bytes, sizeof bytes));
    memset(bytes, 0xff, sizeof bytes);
    assert_null(ike_vendor_id_find(bytes, sizeof bytes));
    assert_string_equal(ike_vendor_name(IKE_VENDOR_COUNT), "unknown");
    for (unsigned vendor = 0; vendor < IKE_VENDOR_COUNT; vendor++)
        assert_non_null(ike_vendor_name((ike_vendor)vendor));
}

/* One name wherever a number is shown: IANA's, the vendor's, that of all vendors. */
static void test_number_names(void **state)
{
    const uint64_t strongswan = UINT64_C(1) << IKE_VENDOR_STRONGSWAN;
    const uint64_t check_point = UINT64_C(1) << IKE_VENDOR_CHECKPOINT;

    (void)state;
    assert_string_equal(ike_number_name(IKE_REG_IKEV2_NOTIFY, 16390, strongswan), "COOKIE");
    /* TS 24.302 8.1.2.2 */
    assert_string_equal(ike_number_name(IKE_REG_IKEV2_NOTIFY, 9002, 0), "NO_APN_SUBSCRIPTION");
    assert_string_equal(ike_number_name(IKE_REG_IKEV2_NOTIFY, 40961, strongswan), "USE_BEET_MODE");
    assert_null(ike_number_name(IKE_REG_IKEV2_NOTIFY, 40961, 0)); /* 3GPP means something else */
    assert_string_equal(ike_number_name(IKE_REG_IKEV1_NOTIFY, 32772, check_point), "CCC_AUTH");
    assert_string_equal(ike_number_name(IKE_REG_IKEV1_NOTIFY, 32771, check_point),
                        "CCC_POLICY_ID (?)");
    assert_null(ike_number_name(IKE_REG_IKEV1_NOTIFY, 32771, 0)); /* little attested */
    assert_null(ike_number_name(IKE_REG_IKEV2_NOTIFY, 60000, UINT64_MAX));
}

static void test_private_numbers(void **state)
{
    unsigned count = 99;

    (void)state;
    /* the same number, two vendors */
    assert_string_equal(ike_private_name(IKE_VENDOR_STRONGSWAN, IKE_REG_IKEV2_NOTIFY, 40961),
                        "USE_BEET_MODE");
    assert_string_equal(ike_private_name(IKE_VENDOR_3GPP, IKE_REG_IKEV2_NOTIFY, 40961),
                        "REACTIVATION_REQUESTED_CAUSE");
    assert_null(ike_private_any(IKE_REG_IKEV2_NOTIFY, 40961, &count));
    assert_int_equal(count, 2);
    /* one vendor */
    assert_string_equal(ike_private_any(IKE_REG_IKEV2_NOTIFY, 41101, &count), "DEVICE_IDENTITY");
    assert_int_equal(count, 1);
    /* two vendors that mean the same */
    assert_string_equal(ike_private_any(IKE_REG_IKEV2_NOTIFY, 12345, &count), "MS_NOTIFY_STATUS");
    assert_int_equal(count, 2);
    /* a range, and its end */
    assert_non_null(ike_private_name(IKE_VENDOR_STRONGSWAN, IKE_REG_IKEV2_KE, 1071));
    assert_null(ike_private_name(IKE_VENDOR_STRONGSWAN, IKE_REG_IKEV2_KE, 1072));
    /* the registry, and so the IKE version, counts */
    assert_string_equal(ike_private_name(IKE_VENDOR_CISCO, IKE_REG_IKEV1_NOTIFY, 30000),
                        "CISCO_HELLO");
    assert_null(ike_private_name(IKE_VENDOR_CISCO, IKE_REG_IKEV2_NOTIFY, 30000));
    /* a guessed name is marked for its vendor and does not count for an unknown peer */
    assert_string_equal(ike_private_name(IKE_VENDOR_FORTINET, IKE_REG_IKEV2_KE, 1089),
                        "BIKE-L1 (?)");
    assert_string_equal(ike_private_any(IKE_REG_IKEV2_KE, 1089, &count), "BIKE-L1");
    assert_int_equal(count, 1);
    assert_null(ike_private_any(IKE_REG_IKEV2_NOTIFY, 60000, &count));
    assert_int_equal(count, 0);
    assert_null(ike_private_any(IKE_REG_IKEV2_NOTIFY, 60000, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_unknown_numbers),
        cmocka_unit_test(test_assigned),
        cmocka_unit_test(test_no_registry_is_empty),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_all_vendor_ids),
        cmocka_unit_test(test_vendor_ids_by_value),
        cmocka_unit_test(test_check_point_releases),
        cmocka_unit_test(test_unknown_vendor_ids),
        cmocka_unit_test(test_private_numbers),
        cmocka_unit_test(test_number_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
