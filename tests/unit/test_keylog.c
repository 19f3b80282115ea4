/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key log: lines in pieces, our own format, rows of Wireshark's tables, and text that means
 * harm. What daemons log is held against their recorded logs in test_keylog.py. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "decrypt/keylog/dump.h"
#include "decrypt/keylog/keylog.h"
#include "decrypt/log/transcript.h"
#include "keylog_expect.h"

#define SPIS "59b6c5cf095dd64d 7e9a322288dac98f"

/* ---- our own format -------------------------------------------------------------------------- */

static void native_secrets(void **state)
{
    (void)state;
    expect("# a comment\n"
           "IKEV2_SK_EI " SPIS " 00112233445566778899aabbccddeeff\r\n"
           "IKEV2_SK_ER 0x59b6c5cf095dd64d 0x7e9a322288dac98f 0xFF112233445566778899aabbccddeeff\n"
           "  IKEV2_DH_SHARED " SPIS " 0101\n"
           "IKEV2_DH_SHARED " SPIS " 0202\n",
           "set 1 2 59b6c5cf095dd64d 7e9a322288dac98f SK_EI 00112233445566778899aabbccddeeff\n"
           "set 1 2 59b6c5cf095dd64d 7e9a322288dac98f SK_ER ff112233445566778899aabbccddeeff\n"
           "set 1 2 59b6c5cf095dd64d 7e9a322288dac98f DH_SHARED 0101,0202\n");
}

static void native_without_newline(void **state)
{
    (void)state;
    expect("IKEV1_KEY 59b6c5cf095dd64d 0011223344556677",
           "set 1 1 59b6c5cf095dd64d 0000000000000000 V1_KEY 0011223344556677\n");
    expect("IKEV1_SKEYID_D " SPIS " 0011",
           "set 1 1 59b6c5cf095dd64d 7e9a322288dac98f V1_SKEYID_D 0011\n");
}

static void native_unbound(void **state)
{
    (void)state;
    /* Lines that follow each other are one derivation until a kind comes again. */
    expect("IKEV2_SK_EI - 01\nIKEV2_SK_ER - 02\nIKEV2_SK_EI - 03\nIKEV2_DH_SHARED - 04\n"
           "IKEV2_DH_SHARED id=a.example 05\nIKE_DH_PRIVATE addr=10.0.0.1 06\n",
           "set 1 2 0000000000000000 0000000000000000 SK_EI 01\n"
           "set 1 2 0000000000000000 0000000000000000 SK_ER 02\n"
           "set 2 2 0000000000000000 0000000000000000 SK_EI 03\n"
           "set 3 2 0000000000000000 0000000000000000 DH_SHARED 04\n"
           "set 4 2 0000000000000000 0000000000000000 DH_SHARED 05\n"
           "set 5 0 0000000000000000 0000000000000000 DH_PRIVATE 06\n");
}

static void native_peers(void **state)
{
    (void)state;
    expect("IKE_PSK id=a.example my secret\n"   /* text */
           "IKE_PSK id=\"C=CH, O=x\" \" a \"\n" /* quotes keep blanks */
           "IKE_PSK id=b.example \"a[my]b\"\n"   /* is no colour */
           "IKE_PSK addr=10.0.0.1 0x6162\n"     /* hex */
           "IKE_PSK - 0sYWJj\n"                 /* base64 */
           "IKE_PSK * 6162\n"                   /* hex or text: both */
           "IKE_PPK id=ppk1 0x00ff\n"
           "IKE_PASSWORD id=alice wonder\n",
           "peer 0 a.example 6d7920736563726574\n"
           "peer 0 C=CH, O=x 206120\n"
           "peer 0 b.example 615b6d795d62\n"
           "peer 0 10.0.0.1 6162\n"
           "peer 0 - 616263\n"
           "peer 0 - 6162\n"
           "peer 0 - 36313632\n"
           "peer 1 ppk1 00ff\n"
           "peer 2 alice 776f6e646572\n");
}

#define K36 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223"

static void native_esp(void **state)
{
    (void)state;
    expect(
        "ESP_KEY 0x0b9f8a36 AES_CBC_128 00112233445566778899aabbccddeeff HMAC_SHA2_256_128 aabb\n"
        "ESP_KEY c3cf130b addr=10.9.0.2 esn aes256gcm16 "
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223\n"
        "ESP_KEY 1 no-esn NULL - HMAC_SHA1_96 0011\n",
        "esp 0b9f8a36 12 128 61441 ? 00112233445566778899aabbccddeeff aabb\n"
        "esp 0b9f8a36 12 128 12 ? 00112233445566778899aabbccddeeff aabb\n"
        "esp c3cf130b 18 256 0 esn " K36 " -\nesp c3cf130b 19 256 0 esn " K36 " -\n"
        "esp c3cf130b 20 256 0 esn "
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223 -\n"
        "esp 00000001 11 0 2 no-esn - 0011\n");
}

static void native_warnings(void **state)
{
    (void)state;
    expect("IKEV2_SK_EI " SPIS " 001\n"
           "IKEV2_SK_XX " SPIS " 00\n"
           "IKEV2_SK_EI 59b6c5cf095dd64 7e9a322288dac98f 00\n"
           "IKEV2_SK_EI " SPIS "\n"
           "IKEV2_SK_EI " SPIS " 0g\n"
           "IKE_PSK -\n"
           "ESP_KEY 0x1 serpent 00\n"
           "ESP_KEY 0x1 AES_CBC_256 0011\n"
           "IKE_SA is no label of ours\n"
           "IKEV2_SK_EI " SPIS " 00\n",
           "set 1 2 59b6c5cf095dd64d 7e9a322288dac98f SK_EI 00\n"
           "warning log 1 odd number of hex digits: the value is incomplete\n"
           "warning log 2 a label that is not known\n"
           "warning log 3 neither SPIs of 16 hex digits nor id=, addr= or - behind the label\n"
           "warning log 4 no value\n"
           "warning log 5 not a hex string\n"
           "warning log 6 no value, or one longer than any secret of this kind\n"
           "warning log 7 an encryption algorithm by this name and key length is not known\n"
           "warning log 8 an encryption algorithm by this name and key length is not known\n");
}

/* ---- Wireshark's tables ---------------------------------------------------------------------- */

static void table_rows(void **state)
{
    (void)state;
    expect(
        "59b6c5cf095dd64d,00112233\n"
        "2e9105cd9ecf05e8,bd29853f7f3e31f7,"
        "000102030405060708090a0b0c0d0e0f10111213,000102030405060708090a0b0c0d0e0f10111214,"
        "\"AES-GCM-128 with 8 octet ICV [RFC5282]\",,,\"NONE [RFC4306]\"\n"
        "8be007649423a565,a3c026a2145fc570,"
        "000102030405060708090a0b0c0d0e0f1011121314151617,"
        "000102030405060708090a0b0c0d0e0f1011121314151618,"
        "\"3DES [RFC2451]\",aa,bb,\"HMAC_SHA1_96 [RFC2404]\"\n"
        "\"IPv4\",\"10.0.0.1\",\"10.0.0.2\",\"0x0b9f8a36\",\"AES-CBC [RFC3602]\","
        "\"0x00112233445566778899aabbccddeeff\",\"HMAC-SHA-256-128 [RFC4868]\",\"0xaa\"\n"
        "\"IPv6\",\"*\",\"*\",\"*\",\"NULL\",\"\",\"ANY 96 bit authentication [no checking]\",\"\","
        "\"64-bit\"\n",
        "set 1 1 59b6c5cf095dd64d 0000000000000000 V1_KEY 00112233\n"
        "suite 2 18 128 0 0 0 no-esn\n"
        "set 2 2 2e9105cd9ecf05e8 bd29853f7f3e31f7 SK_EI 000102030405060708090a0b0c0d0e0f10111213\n"
        "set 2 2 2e9105cd9ecf05e8 bd29853f7f3e31f7 SK_ER 000102030405060708090a0b0c0d0e0f10111214\n"
        "suite 3 3 0 2 0 0 no-esn\n"
        "set 3 2 8be007649423a565 a3c026a2145fc570 SK_AI aa\n"
        "set 3 2 8be007649423a565 a3c026a2145fc570 SK_AR bb\n"
        "set 3 2 8be007649423a565 a3c026a2145fc570 SK_EI "
        "000102030405060708090a0b0c0d0e0f1011121314151617\n"
        "set 3 2 8be007649423a565 a3c026a2145fc570 SK_ER "
        "000102030405060708090a0b0c0d0e0f1011121314151618\n"
        "esp 0b9f8a36 12 128 61441 ? 00112233445566778899aabbccddeeff aa\n"
        "esp 0b9f8a36 12 128 12 ? 00112233445566778899aabbccddeeff aa\n"
        "esp 00000000 11 0 61696 esn - -\nesp 00000000 11 0 61632 esn - -\n"
        "esp 00000000 11 0 61600 esn - -\nesp 00000000 11 0 61568 esn - -\n"
        "esp 00000000 11 0 61504 esn - -\nesp 00000000 11 0 61536 esn - -\n");
}

static void table_warnings(void **state)
{
    (void)state;
    expect("59b6c5cf095dd64d,\n"
           "59b6c5cf095dd64d,7e9a322288dac98f,00\n"
           "\"IPv4\",\"10.0.0.1\",\"10.0.0.2\",\"0x0b9f8a36\"\n",
           "warning log 1 no key behind the cookie\n"
           "warning log 2 not as many fields as a row of a decryption table has\n"
           "warning log 3 not as many fields as a row of a decryption table has\n");
}

/* ---- strongSwan ------------------------------------------------------------------------------ */

#define DUMP16 "   0: C8 81 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 1D  .... 12 34 56 78\n"

#define DUMP16_AT_16 "  16: C8 81 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 1D  .... 12 34 56 78\n"

static void charon_threads_interleave(void **state)
{
    (void)state;
    expect("Nov 23 12:00:00 gw charon[7]: 12[MGR] checkout IKEv2 SA by message with SPIs "
           "1111111111111111_i 2222222222222222_r\n"
           "Nov 23 12:00:00 gw charon[7]: 03[MGR] checkout IKEv2 SA by message with SPIs "
           "3333333333333333_i 4444444444444444_r\n"
           "Nov 23 12:00:00 gw charon[7]: 12[IKE] SKEYSEED => 17 bytes @ 0x7f2ae800aec0\n"
           "Nov 23 12:00:00 gw charon[7]: 03[IKE] SKEYSEED => 16 bytes @ 0x7f2ae800aec0\n"
           "Nov 23 12:00:00 gw charon[7]: 12[IKE] " DUMP16
           "Nov 23 12:00:00 gw charon[8]: 12[IKE] SKEYSEED => 16 bytes @ 0x7f2ae800aec0\n"
           "Nov 23 12:00:00 gw charon[7]: 12[IKE]   16: FF                                         "
           "      .\n"
           "Nov 23 12:00:00 gw charon[8]: 12[IKE] " DUMP16
           "Nov 23 12:00:00 gw charon[7]: 03[IKE] " DUMP16
           "Nov 23 12:00:00 gw charon[7]: 03[MGR] checkin IKEv2 SA c[2] with SPIs "
           "3333333333333333_i 4444444444444444_r\n"
           "Nov 23 12:00:00 gw charon[7]: 12[MGR] checkin and destroy IKE_SA c[1]\n",
           "set 1 2 1111111111111111 2222222222222222 SKEYSEED c881000102030405060708090a0b0c1dff\n"
           "set 2 2 0000000000000000 0000000000000000 SKEYSEED c881000102030405060708090a0b0c1d\n"
           "set 3 2 3333333333333333 4444444444444444 SKEYSEED c881000102030405060708090a0b0c1d\n");
}

static void charon_new_wording(void **state)
{
    (void)state;
    expect("03[IKE1] <c|1> key exchange secret => 16 bytes @ 0x7f00\n"
           "03[IKE1] <c|1> " DUMP16
           "03[IKE1] <c|1> additional key exchange secret => 0 bytes @ (nil)\n"
           "03[IKE1] <c|1> SKEYSEED => 16 bytes @ 0x7f00\n"
           "03[IKE1] <c|1> " DUMP16 "03[IKE1] <c|1> SKEYSEED => 16 bytes @ 0x7f00\n"
           "03[IKE1] <c|1> " DUMP16,
           "set 1 2 0000000000000000 0000000000000000 SKEYSEED c881000102030405060708090a0b0c1d\n"
           "set 1 2 0000000000000000 0000000000000000 DH_SHARED c881000102030405060708090a0b0c1d\n"
           "set 2 2 0000000000000000 0000000000000000 SKEYSEED c881000102030405060708090a0b0c1d\n");
}

static void charon_from_swanctl(void **state)
{
    (void)state;
    expect("[IKE] SKEYSEED => 16 bytes @ 0x7f00\n[IKE] " DUMP16
           "[IKE] <c|1> Sk_d secret => 16 bytes @ 0x7f00\n[IKE] <c|1> " DUMP16
           "see [IKE] for Sk_ai secret => 16 bytes of it\n",
           "set 1 2 0000000000000000 0000000000000000 SK_D c881000102030405060708090a0b0c1d\n"
           "set 1 2 0000000000000000 0000000000000000 SKEYSEED c881000102030405060708090a0b0c1d\n");
}

static void charon_cut_dump(void **state)
{
    (void)state;
    expect("12[IKE] SKEYSEED => 32 bytes @ 0x7f00\n12[IKE] " DUMP16
           "12[IKE] Sk_d secret => 16 bytes @ 0x7f00\n"
           "12[IKE] " DUMP16 "12[IKE] Sk_ai secret => 99999 bytes @ 0x7f00\n"
           "12[IKE] Sk_ar secret => 16 bytes @ 0x7f00\n",
           "set 1 2 0000000000000000 0000000000000000 SK_D c881000102030405060708090a0b0c1d\n"
           "warning log 1 the dump of this secret is incomplete\n"
           "warning log 5 longer than any secret\n"
           "warning log 6 the dump of this secret is incomplete\n");
}

/* ---- hostile text ---------------------------------------------------------------------------- */

static void huge_line(void **state)
{
    (void)state;
    GString *text = g_string_new("IKE_PSK - ");
    while (text->len < 3 * IKE_KEYLOG_LINE_MAX)
        g_string_append(text, "abcdefgh ");
    g_string_append(text, "\nIKE_PSK - \"after\"\n");
    for (size_t piece = 1000; piece < 2 * text->len; piece *= 3) {
        char *got = read_text(text->str, text->len, piece);
        assert_string_equal(got, "peer 0 - 6166746572\n"
                                 "warning log 1 longer than any line of a log: left out\n");
        g_free(got);
    }
    g_string_free(text, TRUE);
}

static void nul_bytes(void **state)
{
    (void)state;
    static const char torn[] = "\0\0\0\0IKE_PSK - x\nIKE_PSK - \"a\"\nIKE_PSK - b\0c\n";
    char *got = read_text(torn, sizeof torn - 1, 5);
    assert_string_equal(got, "peer 0 - 78\npeer 0 - 61\npeer 0 - 62\n"); /* NUL ends a line */
    g_free(got);
    GString *junk = g_string_new(NULL);
    for (unsigned i = 0; i < 100000; i++)
        g_string_append_c(junk, (char)(i * 7919 >> 3));
    g_string_append(junk, "\nIKE_PSK - late\n");
    got = read_text(junk->str, junk->len, 4096);
    assert_string_equal(got, "warning log 0 binary data, not a key log\n");
    g_free(got);
    g_string_free(junk, TRUE);
    static const char capture[] = "\xd4\xc3\xb2\xa1\nIKE_PSK - x\n";
    got = read_text(capture, sizeof capture - 1, sizeof capture);
    assert_string_equal(got, "warning log 0 this is a capture, not a log\n");
    g_free(got);
}

static void warnings_are_bounded(void **state)
{
    (void)state;
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < 5000; i++)
        g_string_append(text, "IKEV2_SK_EI - 0\n");
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    ike_keyring_add_text(ring, IKE_SOURCE_KEYLOG, "log", text->str, text->len, true);
    assert_int_equal(recording_warnings(ring), 101);
    ike_keyring_free(ring);
    g_string_free(text, TRUE);
}

/* ---- dumps ----------------------------------------------------------------------------------- */

static void dump_rows(void **state)
{
    (void)state;
    ike_dump dump = {.length = 0};
    ike_dump_begin(&dump, 0);
    assert_true(ike_dump_byte_row(&dump, ike_text_of("  42 05 bb 8b  1f 00   ab cd")));
    assert_int_equal(dump.length, 6);
    ike_dump_begin(&dump, 5);
    assert_true(ike_dump_group_row(&dump, ike_text_of("2012: DEBUG: 929342dd 0a")));
    assert_true(ike_dump_complete(&dump));
    assert_false(ike_dump_group_row(&dump, ike_text_of("929342dd")));
    ike_dump_begin(&dump, 0);
    assert_false(ike_dump_group_row(&dump, ike_text_of("no hex here")));
    assert_false(ike_dump_begin(&dump, IKE_DUMP_MAX + 1));
}

/* ---- the file -------------------------------------------------------------------------------- */

static void expect_file(ike_keyring *ring, const char *path, const char *expected)
{
    assert_true(ike_keyring_follow_file(ring, path));
    char *got = recording_text(ring);
    assert_string_equal(got, expected);
    g_free(got);
}

static void write_file(const char *path, const char *text, const char *mode)
{
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void follow_file(void **state)
{
    (void)state;
    gchar *folder = g_dir_make_tmp("keylogXXXXXX", NULL);
    gchar *path = g_build_filename(folder, "log", NULL),
          *other = g_build_filename(folder, "new", NULL);
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    assert_false(ike_keyring_follow_file(ring, path));
    assert_false(ike_keyring_follow_file(ring, path));
    assert_int_equal(recording_warnings(ring), 1);
    ike_keyring_free(ring);

    ring = ike_keyring_new(NULL, NULL);
    write_file(path, "IKE_PSK - \"a\"\nIKE_PSK - \"b\"", "w");
    expect_file(ring, path, "peer 0 - 61\npeer 0 - 62\n"); /* the last line has no newline */
    expect_file(ring, path, "peer 0 - 61\npeer 0 - 62\n");
    write_file(path, "\nIKE_PSK - \"c\"\nIKE_PSK - ", "a");
    expect_file(ring, path, "peer 0 - 61\npeer 0 - 62\npeer 0 - 63\n");
    write_file(path, "\"d\"\n", "a");
    expect_file(ring, path, "peer 0 - 61\npeer 0 - 62\npeer 0 - 63\npeer 0 - 64\n");
    write_file(path, "IKE_PSK - \"e\"\n", "w"); /* shrunk */
    expect_file(ring, path, "peer 0 - 65\n");
    write_file(other, "IKE_PSK - \"f\"\nIKE_PSK - \"g\"\n", "w");
    assert_int_equal(g_rename(other, path), 0); /* replaced */
    expect_file(ring, path, "peer 0 - 66\npeer 0 - 67\n");
    write_file(path, "IKE_PSK - \"h\"\nIKE_PSK - \"i\"\nIKE_PSK - \"j\"\n",
               "w"); /* written again */
    expect_file(ring, path, "peer 0 - 68\npeer 0 - 69\npeer 0 - 6a\n");
    ike_keyring_free(ring);

    /* A dump without its end is warned of once; when the rest comes all the same, it is read. */
    ring = ike_keyring_new(NULL, NULL);
    write_file(path, "12[IKE] SKEYSEED => 32 bytes @ 0x7f00\n12[IKE] " DUMP16, "w");
    assert_true(ike_keyring_follow_file(ring, path));
    assert_int_equal(recording_secrets(ring), 0);
    write_file(path, "12[IKE] " DUMP16_AT_16, "a");
    assert_true(ike_keyring_follow_file(ring, path));
    assert_int_equal(recording_secrets(ring), 1);
    assert_int_equal(recording_warnings(ring), 1);
    ike_keyring_free(ring);
    ring = ike_keyring_new(NULL, NULL);
    write_file(path, "12[IKE] SKEYSEED => 32 bytes @ 0x7f00\n12[IKE] " DUMP16, "w");
    struct utimbuf long_ago = {time(NULL) - 100, time(NULL) - 100};
    assert_int_equal(utime(path, &long_ago), 0);
    assert_true(ike_keyring_follow_file(ring, path));
    assert_int_equal(recording_warnings(ring), 1);
    assert_true(ike_keyring_follow_file(ring, path));
    assert_int_equal(recording_warnings(ring), 1);
    ike_keyring_free(ring);
    g_unlink(path);
    g_rmdir(folder);
    g_free(other);
    g_free(path);
    g_free(folder);
}

/* RFC 2045 6.7: a line feed can be one of the quoted bytes. What it ends is a line of its own. */
static void quoted_line_feeds(void **state)
{
    static const char text[] = "a =3D b=0Ac=0D=0Ad=\ne=0A\nf\n";
    static const unsigned lines[] = {1, 1, 1, 3};
    (void)state;
    ike_transcript *from = ike_transcript_new((ike_text){text, text + sizeof text - 1});
    ike_transcript *to = ike_transcript_new((ike_text){text, text});
    assert_true(ike_decode_quoted_printable(from, to));
    assert_string_equal(to->text->str, "a = b\nc\r\nde\nf\n");
    assert_int_equal(to->lines->len, G_N_ELEMENTS(lines));
    assert_memory_equal(to->lines->data, lines, sizeof lines);
    ike_transcript_free(from);
    ike_transcript_free(to);
}

/* What a step makes of a text; NULL: it does not apply. To be freed with g_string_free(). */
static GString *after_step(ike_transcript_step *step, const char *text, size_t length)
{
    ike_transcript *from = ike_transcript_new((ike_text){text, text + length});
    ike_transcript *to = ike_transcript_sized(length);
    GString *after = step(from, to) ? g_string_new_len(to->text->str, (gssize)to->text->len) : NULL;
    ike_transcript_free(from);
    ike_transcript_free(to);
    return after;
}

static void expect_step(ike_transcript_step *step, const char *text, const char *expected)
{
    GString *after = after_step(step, text, strlen(text));
    assert_non_null(after);
    assert_string_equal(after->str, expected);
    g_string_free(after, TRUE);
}

/* Decoded bytes can be NUL. */
static void variables_beside_nul(void **state)
{
    static const char text[] = "A=12 \0\nset $A \0 b\n", right[] = "A=12 \0\nset 12 \0 b\n";
    (void)state;
    (void)alarm(10);
    GString *after = after_step(ike_expand_variables, text, sizeof text - 1);
    (void)alarm(0);
    assert_non_null(after);
    assert_int_equal(after->len, sizeof right - 1);
    assert_memory_equal(after->str, right, sizeof right - 1);
    g_string_free(after, TRUE);
    expect_step(ike_expand_variables, "MESSAGE=KEY=12\nset $KEY $MESSAGE\n",
                "MESSAGE=KEY=12\nset 12 $MESSAGE\n");
}

/* NUL is text in UTF-16 only. */
static void base64_of_text(void **state)
{
    static const char bytes[] =
        "U0tfZCAwMTIzNDU2Nzg5YWJjZGVmMDEyMwA0NTY3ODlhYmNkZWYwMTIzNDU2Nw==\n";
    (void)state;
    expect_step(ike_decode_base64,
                "UwBLAF8AZAAgADAAMQAyADMANAA1ADYANwA4ADkAYQBiAGMAZABlAGYAMAAxADIA\n",
                "SK_d 0123456789abcdef012\n");
    assert_null(after_step(ike_decode_base64, bytes, sizeof bytes - 1));
}

/* RSYSLOG_DebugFormat in a log that has other lines, too. */
static void rsyslog_records(void **state)
{
    (void)state;
    expect_step(ike_take_rsyslog_message,
                "SK_d: 1234\n\n"
                "Debug line with all properties:\n"
                "FROMHOST: 'gw', fromhost-ip: '127.0.0.1', HOSTNAME: 'gw', PRI: 30,\n"
                "syslogtag 'charon:', programname: 'charon', APP-NAME: 'charon', PROCID: '-',\n"
                "TIMESTAMP: 'Nov 27 10:00:00', STRUCTURED-DATA: '-',\n"
                "msg: ' 12[IKE] SKEYSEED'\n"
                "escaped msg: ' 12[IKE] SKEYSEED'\n"
                "inputname: imuxsock rawmsg: '<30>charon: 12[IKE] SKEYSEED'\n"
                "$!:\n$.:\n$/:\n\n"
                "SK_ei: 5678\n",
                "SK_d: 1234\n 12[IKE] SKEYSEED\nSK_ei: 5678\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(native_secrets),
        cmocka_unit_test(native_without_newline),
        cmocka_unit_test(native_unbound),
        cmocka_unit_test(native_peers),
        cmocka_unit_test(native_esp),
        cmocka_unit_test(native_warnings),
        cmocka_unit_test(table_rows),
        cmocka_unit_test(table_warnings),
        cmocka_unit_test(charon_threads_interleave),
        cmocka_unit_test(charon_new_wording),
        cmocka_unit_test(charon_from_swanctl),
        cmocka_unit_test(charon_cut_dump),
        cmocka_unit_test(huge_line),
        cmocka_unit_test(nul_bytes),
        cmocka_unit_test(warnings_are_bounded),
        cmocka_unit_test(dump_rows),
        cmocka_unit_test(follow_file),
        cmocka_unit_test(quoted_line_feeds),
        cmocka_unit_test(variables_beside_nul),
        cmocka_unit_test(base64_of_text),
        cmocka_unit_test(rsyslog_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
