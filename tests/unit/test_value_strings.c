/* SPDX-License-Identifier: GPL-2.0-or-later
 * The registry's arrays as Wireshark's own look-ups read them. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dissector/base/value_strings.h"

/* Wireshark searches by halves only what ascends; then every row must find itself. */
static void assert_ascends(value_string_ext *strings)
{
    const value_string *rows = VALUE_STRING_EXT_VS_P(strings);
    unsigned count = VALUE_STRING_EXT_VS_NUM_ENTRIES(strings);

    assert_true(count > 0);
    for (unsigned i = 0; i < count; i++) {
        assert_true(i == 0 || rows[i - 1].value < rows[i].value);
        assert_ptr_equal(try_val_to_str_ext(rows[i].value, strings), rows[i].strptr);
    }
}

static void test_values_ascend(void **state)
{
    (void)state;
    assert_ascends(&ike_strings_ikev2_notify_ext);
    assert_ascends(&ike_strings_ikev2_ke_ext);
    assert_ascends(&ike_strings_ikev2_encr_ext);
    assert_ascends(&ike_strings_ikev2_cfg_attr_ext);
    assert_ascends(&ike_strings_ikev1_notify_ext);
    assert_ascends(&ike_strings_ikev1_auth_ext);
    assert_ascends(&ike_strings_modecfg_attr_ext);
}

static void test_single_values(void **state)
{
    (void)state;
    /* RFC 7296 sections 3.10.1 and 3.3.2, RFC 2408 section 3.14.1 */
    assert_string_equal(try_val_to_str_ext(16390, &ike_strings_ikev2_notify_ext), "COOKIE");
    assert_string_equal(try_val_to_str_ext(20, &ike_strings_ikev2_encr_ext), "ENCR_AES_GCM_16");
    assert_string_equal(try_val_to_str_ext(16384, &ike_strings_ikev1_notify_ext), "CONNECTED");
    assert_null(try_val_to_str_ext(50, &ike_strings_ikev2_notify_ext));
    /* one vendor's private number has its name, one that means two things has none */
    assert_string_equal(try_val_to_str_ext(41101, &ike_strings_ikev2_notify_ext),
                        "DEVICE_IDENTITY");
    assert_null(try_val_to_str_ext(40961, &ike_strings_ikev2_notify_ext));
}

static void test_ranges(void **state)
{
    (void)state;
    /* single values stand before the range that holds them */
    assert_string_equal(try_rval_to_str(34, ike_ranges_ikev2_exchange), "IKE_SA_INIT");
    assert_string_equal(try_rval_to_str(12, ike_ranges_ikev2_exchange), "Reserved");
    assert_string_equal(try_rval_to_str(40961, ike_ranges_ikev2_notify), "Private Use");
    assert_string_equal(try_rval_to_str(41101, ike_ranges_ikev2_notify), "DEVICE_IDENTITY");
    assert_string_equal(try_rval_to_str(32, ike_ranges_ikev1_exchange), "Quick Mode");
    assert_string_equal(try_rval_to_str(100, ike_ranges_ikev1_exchange), "DOI Specific Use");
    assert_null(try_rval_to_str(65536, ike_ranges_ikev2_notify));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_ascend),
        cmocka_unit_test(test_single_values),
        cmocka_unit_test(test_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
