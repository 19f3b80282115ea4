/* SPDX-License-Identifier: GPL-2.0-or-later
 * The strings of fields as Wireshark's own look-ups read them. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dissector/base/value_strings.h"

/* Wireshark searches by halves only what ascends; then every row must find itself. */
static unsigned assert_ascends(value_string_ext *strings)
{
    const value_string *rows = VALUE_STRING_EXT_VS_P(strings);
    unsigned count = VALUE_STRING_EXT_VS_NUM_ENTRIES(strings);

    for (unsigned i = 0; i < count; i++) {
        assert_true(i == 0 || rows[i - 1].value < rows[i].value);
        assert_ptr_equal(try_val_to_str_ext(rows[i].value, strings), rows[i].strptr);
    }
    return count;
}

static void test_values_ascend(void **state)
{
    unsigned rows = 0;

    (void)state;
    for (unsigned registry = IKE_REG_NONE + 1; registry < IKE_REG_COUNT; registry++)
        rows += assert_ascends(&ike_strings[registry]);
    assert_true(rows > 1000);
}

static void test_single_values(void **state)
{
    (void)state;
    /* RFC 7296 sections 3.10.1 and 3.3.2, RFC 2408 section 3.14.1 */
    assert_string_equal(try_val_to_str_ext(16390, &ike_strings[IKE_REG_IKEV2_NOTIFY]), "COOKIE");
    assert_string_equal(try_val_to_str_ext(20, &ike_strings[IKE_REG_IKEV2_ENCR]),
                        "ENCR_AES_GCM_16");
    assert_string_equal(try_val_to_str_ext(16384, &ike_strings[IKE_REG_IKEV1_NOTIFY]), "CONNECTED");
    assert_null(try_val_to_str_ext(50, &ike_strings[IKE_REG_IKEV2_NOTIFY]));
    /* one vendor's private number has its name, one that means two things has none */
    assert_string_equal(try_val_to_str_ext(41101, &ike_strings[IKE_REG_IKEV2_NOTIFY]),
                        "DEVICE_IDENTITY");
    assert_null(try_val_to_str_ext(40961, &ike_strings[IKE_REG_IKEV2_NOTIFY]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_ascend),
        cmocka_unit_test(test_single_values),
    };

    wmem_init_scopes();
    ike_register_value_strings();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
