/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read of X.509 certificates, against what openssl x509 -text prints of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "certificate_der.h"
#include "decrypt/decrypt.h"

static void test_rsa(void **state)
{
    ike_x509 *read = ike_x509_read((ike_span){certificate_der, sizeof certificate_der});
    (void)state;

    assert_non_null(read);
    assert_int_equal(read->not_before, 1262401445); /* date -u -d "2010-01-02 03:04:05" +%s */
    assert_int_equal(read->not_after, 1330559999);
    assert_string_equal(read->key, "RSA");
    assert_int_equal(read->key_bits, 1024);
    assert_true(read->sha1);
    assert_false(read->md5);
    assert_false(read->self_issued);
    assert_int_equal(read->name_count, 0);
    assert_int_equal(read->subject[0], 0x30);
    assert_int_equal(read->subject_length, read->subject[1] + 2u);
    ike_x509_free(read);
}

static void assert_name(const ike_x509_name *name, uint8_t type, const char *data, size_t length)
{
    assert_int_equal(name->id_type, type);
    assert_int_equal(name->length, length);
    assert_memory_equal(name->data, data, length);
}

static void test_names(void **state)
{
    ike_x509 *read = ike_x509_read((ike_span){names_certificate_der, sizeof names_certificate_der});
    (void)state;

    assert_non_null(read);
    assert_true(read->self_issued);
    assert_true(read->authority);
    assert_false(read->sha1);
    assert_string_equal(read->key, "EC");
    assert_int_equal(read->key_bits, 256);
    assert_int_equal(read->not_before, 1795766679); /* date -u -d "2026-11-27 08:04:39" +%s */
    assert_int_equal(read->name_count, 6);          /* a URI is no identity of IKE */
    assert_name(&read->names[0], 2, "gw.lab.example", 14);
    assert_name(&read->names[1], 2, "*.vpn.example", 13);
    assert_name(&read->names[2], 1, "\x0a\x09\x00\x02", 4);
    assert_name(&read->names[3], 5, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02", 16);
    assert_name(&read->names[4], 3, "admin@lab.example", 17);
    assert_int_equal(read->names[5].id_type, 9);
    ike_x509_free(read);
}

/* What is read of the certificate with other bytes at `at`. */
static void assert_usage(size_t at, const char *bytes, size_t length, bool cannot_sign,
                         bool no_server_auth)
{
    uint8_t der[sizeof usage_certificate_der];

    memcpy(der, usage_certificate_der, sizeof der);
    memcpy(der + at, bytes, length);
    ike_x509 *read = ike_x509_read((ike_span){der, sizeof der});
    assert_non_null(read);
    assert_int_equal(read->cannot_sign, cannot_sign);
    assert_int_equal(read->no_server_auth, no_server_auth);
    ike_x509_free(read);
}

static void test_usage(void **state)
{
    (void)state;
    assert_usage(0, "", 0, false, false);
    assert_usage(USAGE_KEY_USAGE, "\x05\x20", 2, true, false);  /* keyEncipherment */
    assert_usage(USAGE_KEY_USAGE, "\x06\x40", 2, false, false); /* nonRepudiation */
    assert_usage(USAGE_LAST_PURPOSE, "\x02", 1, false, true);   /* clientAuth */
}

static void test_no_usage(void **state)
{
    ike_x509 *read = ike_x509_read((ike_span){names_certificate_der, sizeof names_certificate_der});
    (void)state;

    assert_non_null(read);
    assert_false(read->cannot_sign);
    assert_true(read->no_server_auth);
    ike_x509_free(read);
}

/* One extension that occurs twice, or is invalid, says nothing of the others. */
static void test_usage_beside_invalid_extension(void **state)
{
    (void)state;
    assert_usage(USAGE_OTHER_EXTENSION, "\x55\x1d\x11", 3, false, false); /* subjectAltName */
    assert_usage(USAGE_OTHER_EXTENSION, "\x55\x1d\x13", 3, false, false); /* basicConstraints */
}

/* Truncated at every byte, and with every byte changed: no read beyond the end. */
static void test_damaged(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof names_certificate_der; at++) {
        uint8_t *copy = g_memdup2(names_certificate_der, sizeof names_certificate_der);
        assert_null(ike_x509_read((ike_span){copy, at}));
        copy[at] ^= 0xff;
        ike_x509_free(ike_x509_read((ike_span){copy, sizeof names_certificate_der}));
        g_free(copy);
    }
    ike_decrypt_cleanup();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsa),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_no_usage),
        cmocka_unit_test(test_usage_beside_invalid_extension),
        cmocka_unit_test(test_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
