/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times, endpoints and rows as ike-log2pcap reads them. The right times are those of date(1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "tools/log2pcap/dump.h"
#include "tools/log2pcap/stamp.h"

static const int64_t end = 1795753947; /* 2026-11-27 04:32:27 UTC */

static ike_text text(const char *words)
{
    return (ike_text){words, words + strlen(words)};
}

static void assert_time(const char *line, int64_t micros)
{
    log_clock clock;
    int64_t time = 0;

    log_clock_init(&clock, end);
    if (!log_clock_read(&clock, text(line), &time))
        fail_msg("no time in: %s", line);
    if (time != micros)
        fail_msg("%s: %" G_GINT64_FORMAT, line, time);
    log_clock_free(&clock);
}

static void test_times(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "2026-11-27T04:32:27Z gw charon: x",
        "2026-11-27 04:32:27 ike 0:p1: out",
        "2026/11/27 04:32:27 x",
        "<30>1 2026-11-27T05:32:27+01:00 gw charon 341 - - x",
        "Nov 27 04:32:27 gw charon: x",
        "Nov 27 2026 04:32:27: x",
        "Fri Nov 27 04:32:27 2026 daemon.info x",
        "Fri 2026-11-27 04:32:27 UTC gw pluto[1]: x",
        "nov/27/2026 04:32:27 ipsec,debug x",
        "27/Nov/2026:05:32:27 +0100 x",
        "27 Nov 2026 04:32:27 x",
        "11-27 04:32:27 ipsec,debug x",
        "I1127 04:32:27 1 x.go:1] x",
        "04:32:27 ipsec,debug x",
        " [2026-11-27 04:32:27]",
        "1795753947 x",
        "{\"__REALTIME_TIMESTAMP\": \"1795753947000000\", \"MESSAGE\": \"x\"}",
        "vpn-1  | 2026-11-27T04:32:27Z x",
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++)
        assert_time(lines[i], end * 1000000);
    assert_time("2026-11-27T04:32:27.123456789Z x", end * 1000000 + 123456);
    assert_time("Nov 27 04:32:27.5: | x", end * 1000000 + 500000);
    assert_time("043227.250000 Mesg 70 x", end * 1000000 + 250000);
    assert_time("Dec  1 04:32:27 of the year before", (end - 361 * 86400) * 1000000);
}

static void test_no_times(void **state)
{
    (void)state;
    static const char *const lines[] = {"",
                                        "hello",
                                        "00:11:22:33:44:55:66",
                                        "99:99:99 x",

                                        "   0: 30 31 32 33",
                                        "Nov x"};
    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        log_clock clock;
        int64_t time = 0;
        log_clock_init(&clock, end);
        if (log_clock_read(&clock, text(lines[i]), &time))
            fail_msg("a time in: %s", lines[i]);
        log_clock_free(&clock);
    }
}

static void test_midnight_and_new_year(void **state)
{
    (void)state;
    log_clock clock;
    int64_t before, after;

    log_clock_init(&clock, end);
    assert_true(log_clock_read(&clock, text("23:59:59 x"), &before));
    assert_true(log_clock_read(&clock, text("00:00:01 x"), &after));
    assert_int_equal(after - before, 2000000);
    assert_true(log_clock_read(&clock, text("Dec 31 2026 23:59:59 x"), &before));
    assert_true(log_clock_read(&clock, text("Jan  1 00:00:01 x"), &after));
    assert_int_equal(after - before, 2000000);
    log_clock_free(&clock);
}

static void test_endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        uint8_t length;
        uint16_t port;
        const char *rest;
    } endpoints[] = {
        {"10.9.0.1[500] to", 4, 500, " to"},    {"10.9.0.1:4500->10", 4, 4500, "->10"},
        {"[fd00::1]:500 on", 16, 500, " on"},   {"fd00::1[4500]", 16, 4500, ""},
        {"2001:db8::1:500->x", 16, 500, "->x"}, {"fe80::1%eth0[500]", 16, 500, ""},
        {"x.x.7.183[500] to", 0, 500, " to"},   {"10.9.0.1 port 500", 4, 500, ""},
        {"10.9.0.1, x", 4, 0, ", x"},
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(endpoints); i++) {
        ike_text rest = text(endpoints[i].words);
        log_endpoint endpoint;
        assert_true(log_take_endpoint(&rest, &endpoint));
        assert_int_equal(endpoint.length, endpoints[i].length);
        assert_int_equal(endpoint.port, endpoints[i].port);
        assert_string_equal(rest.at, endpoints[i].rest);
    }
}

static void test_rows(void **state)
{
    (void)state;
    log_dump dump;

    log_dump_init(&dump);
    log_dump_begin(&dump, 18);
    assert_int_equal(log_dump_offset_row(&dump, text("12[NET]   16: 01 02  ..")), LOG_LINE_OTHER);
    assert_int_equal(log_dump_offset_row(&dump, text("12[NET]    0: 01 02")), LOG_LINE_PARTIAL);
    assert_int_equal(log_dump_offset_row(&dump, text("12[NET]    0: 00 01 02 03 04 05 06 07 08 09 "
                                                     "0A 0B 0C 0D 0E 0F  ................")),
                     LOG_LINE_USED);
    assert_int_equal(log_dump_bar_row(&dump, text("gw: |   10 xx")), LOG_LINE_OTHER);
    assert_int_equal(log_dump_bar_row(&dump, text("gw: |   10 11   |.")), LOG_LINE_USED);
    assert_true(log_dump_is_complete(&dump));
    log_dump_begin(&dump, 6);
    assert_int_equal(log_dump_group_row(&dump, text("ipsec,debug,packet 00010203 0405")),
                     LOG_LINE_USED);
    assert_memory_equal(dump.bytes->data, "\0\1\2\3\4\5", 6);
    log_dump_begin(&dump, (uint64_t)LOG_DUMP_MAX + 1);
    assert_false(log_dump_is_open(&dump));
    log_dump_clear(&dump);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_no_times),
        cmocka_unit_test(test_midnight_and_new_year),
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_rows),
    };
    g_setenv("TZ", "UTC", TRUE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
