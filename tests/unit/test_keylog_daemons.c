/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs of daemons and devices in the forms they are known to have; the bytes are made up, and so
 * are easy to follow. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "decrypt/keylog/keylog.h"
#include "keylog_expect.h"

#define K16 "000102030405060708090a0b0c0d0e0f"
#define K20 K16 "10111213"
#define UNBOUND "0000000000000000 0000000000000000"

/* ---- libreswan ------------------------------------------------------------------------------- */

static void pluto_keymat(void **state)
{
    (void)state;
    expect("Nov 23 07:10:45.491234: | chunk_SK_pi extracted len 20 bytes at 0x7f00\n"
           "Nov 23 07:10:45.491234: | unwrapped:\n"
           "Nov 23 07:10:45.491234: |   00 01 02 03  04 05 06 07  08 09 0a 0b  0c 0d 0e 0f   ab cd "
           "12 34 ....\n"
           "Nov 23 07:10:45.491234: |   10 11 12 13                                          ....\n"
           "Nov 23 07:10:45.49: | our  keymat\n"
           "Nov 23 07:10:45.49: |   00 01 02 03  04 05 06 07  08 09 0a 0b  0c 0d 0e 0f   "
           "................\n"
           "Nov 23 07:10:45.49: |   10 11 12 13                                          ....\n"
           "Nov 23 07:10:45.49: | peer keymat\n"
           "Nov 23 07:10:45.49: |   ff 01 02 03  04 05 06 07  08 09 0a 0b  0c 0d 0e 0f   "
           "................\n"
           "Nov 23 07:10:45.49: |   10 11 12 13                                          ....\n"
           "Nov 23 07:10:45.49: | something else\n"
           "Nov 23 07:10:45.49: \"c\" #2: initiator established Child SA using #1; IPsec tunnel "
           "[10.0.0.0-10.0.0.255:0-65535 0] {ESP/ESN=>0x9eb4e2dc <0x3ab4f68d "
           "xfrm=AES_GCM_16_128-NONE DPD=passive}\n",
           "esp 3ab4f68d 20 128 0 esn " K20 " -\n"
           "esp 9eb4e2dc 20 128 0 esn ff0102030405060708090a0b0c0d0e0f10111213 -\n");
}

static void pluto_old_rows(void **state)
{
    (void)state;
    /* Journal prefix, and CHILD_SA keys in UDP. */
    expect("Apr 07 16:30:20 sol1 pluto[3419066]: | ikev2 I 0xba1143d176e1557b 0xb62a3c712fd1f26a "
           "sha256:0x297cbd53 aes128:0x" K16 "\n"
           "Apr 07 16:30:20 sol1 pluto[3419066]: | ikev2 R 0xba1143d176e1557b 0xb62a3c712fd1f26a "
           "sha256:0x57c5a2e7 aes128:0x" K16 "\n"
           "Apr 07 16:30:20 sol1 pluto[3419066]: | ikev2 R 0xba1143d176e1557b 0xb62a3c712fd1f26a "
           "sha256:0x57c5a2e7 aes128:0x0\n"
           "Apr 07 16:30:20 sol1 pluto[3419066]: | our  keymat\n"
           "Apr 07 16:30:20 sol1 pluto[3419066]: |   00 01 02 03  04 05 06 07  08 09 0a 0b  0c 0d "
           "0e 0f   \n"
           "Apr 07 16:30:20 sol1 pluto[3419066]: |   10 11 12 13  \n"
           "Apr 07 16:30:20 sol1 pluto[3419066]: \"c\"[8] 1.2.3.4 #8: IPsec SA established tunnel "
           "mode "
           "{ESPinUDP=>0x00000001 <0x00000002 xfrm=AES_CBC_128-HMAC_SHA1_96 NATD=1.2.3.4:4500}\n",
           "suite 1 12 128 12 0 0 no-esn\n"
           "set 1 2 ba1143d176e1557b b62a3c712fd1f26a SK_AI 297cbd53\n"
           "set 1 2 ba1143d176e1557b b62a3c712fd1f26a SK_AR 57c5a2e7\n"
           "set 1 2 ba1143d176e1557b b62a3c712fd1f26a SK_EI " K16 "\n"
           "set 1 2 ba1143d176e1557b b62a3c712fd1f26a SK_ER " K16 "\n"
           "esp 00000002 12 128 2 no-esn " K20 " -\n"
           "warning log 3 odd number of hex digits: the value is incomplete\n");
}

/* Salt, SK_pi and SK_pr stand at the derivation; the address of SK_ei and SK_er leads to them. */
static void pluto_salt(void **state)
{
    (void)state;
#define SPI_PAIR "0xba1143d176e1557b 0xb62a3c712fd1f26a"
    expect("| chunk_SK_pi extracted len 4 bytes at 0x1\n| unwrapped:\n|   01 02 03 04   ....\n"
           "| chunk_SK_pr extracted len 4 bytes at 0x1\n| unwrapped:\n|   05 06 07 08   ....\n"
           "| cipher_context_create() AES_GCM_16 encrypt fill wire IV symkey 0xaa, salt: \n"
           "|   a1 a2 a3 a4                                          ....\n"
           "| cipher_context_create() AES_GCM_16 decrypt use wire IV symkey 0xbb, salt: \n"
           "|   b1 b2 b3 b4                                          ....\n"
           "| chunk_SK_pi extracted len 4 bytes at 0x1\n| unwrapped:\n|   ff ff ff ff   ....\n"
           "| PreShared Key\n|   70 73 6b   psk\n"
           "| PPK_ID:\n|   70 70 6b 2d  31      ppk-1\n| PPK:\n|   30 31   01\n"
           "| ei extracting all 16 bytes of key@0xbb\n"
           "| ikev2 I " SPI_PAIR " none: aes_gcm_16128:0x" K16 "\n"
           "| er extracting all 16 bytes of key@0xaa\n"
           "| ikev2 R " SPI_PAIR " none: aes_gcm_16128:0x" K16 "\n"
           "| ESP KEYMAT\n|   inbound:\n|   01 02 03 04\n|   outbound:\n|   05 06 07 08\n"
           "\"c\" #2: IPsec SA established {ESP=>0x00000001 <0x00000002 "
           "xfrm=AES_CBC_128-HMAC_SHA1_96}\n",
           "suite 1 20 128 0 0 0 no-esn\n"
           "set 1 2 ba1143d176e1557b b62a3c712fd1f26a SK_EI " K16 "b1b2b3b4\n"
           "set 1 2 ba1143d176e1557b b62a3c712fd1f26a SK_ER " K16 "a1a2a3a4\n"
           "set 1 2 ba1143d176e1557b b62a3c712fd1f26a SK_PI 01020304\n"
           "set 1 2 ba1143d176e1557b b62a3c712fd1f26a SK_PR 05060708\n"
           "peer 0 - 70736b\n"
           "peer 1 - 3031\n"
           "esp 00000002 12 128 2 no-esn 01020304 -\n"
           "esp 00000001 12 128 2 no-esn 05060708 -\n");
}

static void pluto_cut(void **state)
{
    (void)state;
    expect("| chunk_SK_pr extracted len 20 bytes at 0x7f00\n| unwrapped:\n"
           "|   00 01 02 03  04 05 06 07  08 09 0a 0b  0c 0d 0e 0f   ................\n"
           "| peer keymat\n"
           "|   00 01 02 03\n",
           "esp 00000000 - - - ? 00010203 -\n"
           "warning log 1 the dump of this secret is incomplete\n");
}

/* A log of 3.x without plutodebug=raw has no rows of a message; a received message is decrypted
 * once. */
static void pluto_without_message(void **state)
{
    (void)state;
    expect("| *received 348 bytes from 10.0.0.2:500 on eth0 (port=500)\n"
           "| our  keymat\n"
           "|   00 01 02 03\n"
           "| something else\n",
           "esp 00000000 - - - ? 00010203 -\n");
#define PAIR                                                                                       \
    "| payload before decryption:\n|   aa bb cc dd\n"                                              \
    "| payload after decryption:\n|   01 02 03 00\n"
    expect("| *received 60 bytes from 10.0.0.2:500 on eth0 10.0.0.1:500 using UDP\n"
           "|   01 02 03 04  05 06 07 08  11 12 13 14  15 16 17 18\n"
           "|   2e 20 23 08  00 00 00 01  00 00 00 3c  29 00 00 20\n"
           "|   21 22 23 24  25 26 27 28  aa bb cc dd  00 00 00 00\n"
           "|   00 00 00 00  00 00 00 00  00 00 00 00\n" PAIR PAIR,
           "set 1 0 04ff91e89aee6510 98301a81401e4618 PLAINTEXT 01020300\n");
}

/* Without bars: "Peer" is part of a name, and a sentence that ends like a name is none. */
static void pluto_without_bars(void **state)
{
    (void)state;
    expect("2026-11-27T04:32:27Z KEYMAT computed:\n  01 02 03 04\n"
           "2026-11-27T04:32:27Z Peer KEYMAT computed:\n  05 06 07 08\n"
           "\"c\" #2: IPsec SA established {ESP=>0x00000001 <0x00000002 "
           "xfrm=AES_CBC_128-HMAC_SHA1_96}\n",
           "esp 00000002 12 128 2 no-esn 01020304 -\n"
           "esp 00000001 12 128 2 no-esn 05060708 -\n");
    expect("04:32:27 KEYMAT computed:\n  01 02 03 04\n"
           "Peer KEYMAT computed:\n  05 06 07 08\n"
           "\"c\" #2: IPsec SA established {ESP=>0x00000001 <0x00000002 "
           "xfrm=AES_CBC_128-HMAC_SHA1_96}\n",
           "esp 00000002 12 128 2 no-esn 01020304 -\n"
           "esp 00000001 12 128 2 no-esn 05060708 -\n");
    expect("ESP SPI 0xf9f9e7ac inbound:\n"
           "  encryption key: a4 91 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n",
           "esp f9f9e7ac - - - ? a49102030405060708090a0b0c0d0e0f -\n");
    expect("Skeyid:\n  01 02 03 04\nenc key:\n  05 06 07 08\nIV:  11 12 13 14 15 16 17 18\n",
           "set 1 1 0000000000000000 0000000000000000 V1_KEY 05060708\n"
           "set 1 1 0000000000000000 0000000000000000 V1_SKEYID 01020304\n");
    expect("08:15 pluto[7]: enc key:\n08:16 pluto[7]:   05 06 07 08  09 0a 0b 0c\n"
           "08:16 pluto[7]:   0d 0e 0f 10  11 12 13 14\n"
           "08:16 pluto[7]: IV:  11 12 13 14 15 16 17 18\n",
           "set 1 1 0000000000000000 0000000000000000 V1_KEY 05060708090a0b0c0d0e0f1011121314\n");
}

/* ---- OpenIKED -------------------------------------------------------------------------------- */

static void iked_session(void **state)
{
    (void)state;
    expect(
        "spi=0x321a5d8e92696c86: ikev2_sa_keys: DHSECRET with 20 bytes\n"
        "00010203 04050607 08090a0b 0c0d0e0f\n10111213\n"
        "ikev2_sa_keys: SKEYSEED with 16 bytes\n"
        "00010203 04050607 08090a0b 0c0d0e0f\n"
        "spi=0x321a5d8e92696c86: ikev2_sa_keys: S with 20 bytes\n"
        "ffffffff 321a5d8e 92696c86 14b4a2de aad33fcb\n"
        "ikev2_prfplus: Tn with 20 bytes\n"
        "00010203 04050607 08090a0b 0c0d0e0f 10111213\n"
        "ikev2_sa_keys: SK_d with 3 bytes\n000102\n"
        "spi=0x321a5d8e92696c86: ikev2_sa_keys: SK_ei with 4 bytes\n00010203\n"
        "ikev2_childsa_negotiate: proposal 1\n"
        "ikev2_childsa_negotiate: key material length 72\n"
        "ikev2_prfplus: T1 with 4 bytes\n00010203\n"
        "ikev2_prfplus: Tn with 80 bytes\n"
        "aaaaaaaa aaaaaaaa aaaaaaaa aaaaaaaa aaaaaaaa aaaaaaaa aaaaaaaa aaaaaaaa\n"
        "aaaaaaaa bbbbbbbb bbbbbbbb bbbbbbbb bbbbbbbb bbbbbbbb bbbbbbbb bbbbbbbb\n"
        "bbbbbbbb bbbbbbbb cccccccc cccccccc\n"
        "ikev2_childsa_enable: loaded SPIs: 0xc09905d3, 0x653b1b94 (enc aes-128 auth hmac-sha1)\n"
        "spi=0x421a5d8e92696c86: ikev2_sa_keys: SKEYSEED with 4 bytes\n10010203\n"
        "spi=0x421a5d8e92696c86: ikev2_sa_keys: SK_d with 9 bytes\n10010203\nsomething else\n",
        "set 1 2 321a5d8e92696c86 14b4a2deaad33fcb SK_D 000102\n"
        "set 1 2 321a5d8e92696c86 14b4a2deaad33fcb SK_EI 00010203\n"
        "set 1 2 321a5d8e92696c86 14b4a2deaad33fcb SKEYSEED " K16 "\n"
        "set 1 2 321a5d8e92696c86 14b4a2deaad33fcb DH_SHARED " K20 "\n"
        "set 2 2 421a5d8e92696c86 0000000000000000 SKEYSEED 10010203\n"
#define A36 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B36 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
        "esp c09905d3 12 128 2 ? " A36 " -\nesp c09905d3 12 128 2 ? " B36 " -\n"
        "esp 653b1b94 12 128 2 ? " A36 " -\nesp 653b1b94 12 128 2 ? " B36 " -\n"
        "warning log 25 the dump of this secret is incomplete\n");
}

/* ---- racoon and MikroTik --------------------------------------------------------------------- */

static void racoon_log(void **state)
{
    (void)state;
    expect("2012-07-11 11:35:54: DEBUG: new cookie:\n"
           "831d33d46e20f8e6 \n"
           "2012-07-11 11:35:55: DEBUG: compute DH's shared.\n"
           "2012-07-11 11:35:55: DEBUG: \n"
           "79d5eabc 78ae740b 47258300 f8de371e 79d5eabc 78ae740b 47258300 f8de371e\n"
           "79d5eabc 78\n"
           "2012-07-11 11:35:55: DEBUG: SKEYID computed:\n"
           "2012-07-11 11:35:55: DEBUG: \n"
           "00010203 04050607\n"
           "2012-07-11 11:35:55: DEBUG: len(SKEYID_e) is 16\n"
           "2012-07-11 11:35:55: DEBUG: final encryption key computed:\n"
           "2012-07-11 11:35:55: DEBUG: 79d5eabc 78ae740b 47258300 f8de371e a4a9da87 4facf410\n"
           "2012-07-11 11:35:56: DEBUG: KEYMAT computed.\n"
           "aaaaaaaa aaaaaaaa\n"
           "2012-07-11 11:35:56: DEBUG: KEYMAT computed.\n"
           "bbbbbbbb bbbbbbbb\n"
           "2012-07-11 11:35:56: INFO: IPsec-SA established: ESP/Tunnel 192.0.2.1[0]->192.0.2.2[0] "
           "spi=1479269761(0x582bd581)\n"
           "2012-07-11 11:35:57: DEBUG: final encryption key computed:\n"
           "2012-07-11 11:35:57: DEBUG: nothing\n",
           "set 1 1 831d33d46e20f8e6 0000000000000000 V1_KEY "
           "79d5eabc78ae740b47258300f8de371ea4a9da874facf410\n"
           "set 1 1 831d33d46e20f8e6 0000000000000000 V1_SKEYID 0001020304050607\n"
           "set 1 1 831d33d46e20f8e6 0000000000000000 DH_SHARED "
           "79d5eabc78ae740b47258300f8de371e79d5eabc78ae740b47258300f8de371e79d5eabc78\n"
           "esp 582bd581 - - - ? aaaaaaaaaaaaaaaa -\n"
           "esp 582bd581 - - - ? bbbbbbbbbbbbbbbb -\n"
           "warning log 18 no bytes of the secret that this line names\n");
}

static void racoon_in_syslog(void **state)
{
    (void)state;
    expect("Jun  4 17:54:43 vm1 racoon: DEBUG: new cookie:#012831d33d46e20f8e6\n"
           "Jun  4 17:54:43 vm1 racoon: DEBUG: final encryption key computed:\n"
           "Jun  4 17:54:43 vm1 racoon: DEBUG: #012932d361f fc62ddc2 6164d513 d40d211f b7364166 "
           "232cf490\n"
           "12:00:01 ipsec,debug new cookie:\n"
           "12:00:01 ipsec,debug 1111111111111111\n"
           "12:00:01 ipsec,debug new cookie:\n"
           "12:00:01 ipsec,debug 2222222222222222\n"
           "12:00:01 ipsec,debug final encryption key computed:\n"
           "12:00:01 ipsec,debug 00010203 04050607 08090a0b 0c0d0e0f\n",
           "set 1 1 831d33d46e20f8e6 0000000000000000 V1_KEY "
           "932d361ffc62ddc26164d513d40d211fb7364166232cf490\n"
           "set 2 1 " UNBOUND " V1_KEY " K16 "\n"); /* two cookies: whose it is nobody knows */
}

/* A note behind the name of a secret: its rows follow all the same. */
static void racoon_with_lengths(void **state)
{
    (void)state;
    expect("2012-01-01 10:00:00: DEBUG: SKEYID computed: (20 bytes)\n"
           "2012-01-01 10:00:00: DEBUG:\n"
           "00010203 04050607 08090a0b 0c0d0e0f 10111213\n",
           "set 1 1 " UNBOUND " V1_SKEYID " K20 "\n");
}

/* ---- names of the RFCs ----------------------------------------------------------------------- */

#define SPI_I1 "initiator SPI: 0xaaaaaaaaaaaaaaa1\n"
#define SPI_R1 "responder SPI: 0xbbbbbbbbbbbbbbb1\n"
#define SPI_I2 "initiator SPI: 0xaaaaaaaaaaaaaaa2\n"
#define SPI_R2 "responder SPI: 0xbbbbbbbbbbbbbbb2\n"
#define OTHER_R "responder SPI: 0x1111111111111111\n"
#define TWO_SAS                                                                                    \
    "set 1 2 aaaaaaaaaaaaaaa1 bbbbbbbbbbbbbbb1 SK_D " K16 "\n"                                     \
    "set 2 2 aaaaaaaaaaaaaaa2 bbbbbbbbbbbbbbb2 SK_D " K20 "\n"

/* The log begins in the middle; an answer is no good; the keys come first. */
static void names_behind_another_responder(void **state)
{
    (void)state;
    expect(OTHER_R SPI_I1 SPI_R1 "SK_d: " K16 "\n" SPI_I2 SPI_R2 "SK_d: " K20 "\n", TWO_SAS);
    expect(SPI_I1 OTHER_R "INVALID_KE_PAYLOAD\n" SPI_R1 "SK_d: " K16 "\n" SPI_I2 SPI_R2 "SK_d: " K20
                          "\n",
           TWO_SAS);
    expect(OTHER_R "SK_d: " K16 "\n" SPI_I1 SPI_R1 "SK_d: " K20 "\n" SPI_I2 SPI_R2, TWO_SAS);
}

static void names_behind_the_responder(void **state)
{
    (void)state;
    expect(SPI_R1 SPI_I1 "SK_d: " K16 "\n" SPI_R2 SPI_I2 "SK_d: " K20 "\n", TWO_SAS);
    expect("SK_d: " K16 "\n" SPI_R1 SPI_I1 "SK_d: " K20 "\n" SPI_R2 SPI_I2, TWO_SAS);
}

/* Below an ESP SPI the side says which SA it is, not that the key is one of IKE. */
static void esp_keys_of_sides(void **state)
{
    (void)state;
    expect("CHILD_SA ESP SPI: 0xc9a1b2c3\n"
           "initiator encryption key: " K16 "\n"
           "initiator integrity key: " K20 "\n"
           "CHILD_SA ESP SPI: 0xc9a1b2c4\n"
           "encryption key (responder): " K16 "\n"
           "integrity key (responder): " K20 "\n",
           "esp c9a1b2c3 - - - ? " K16 " " K20 "\n"
           "esp c9a1b2c4 - - - ? " K16 " " K20 "\n");
    expect(SPI_I1 SPI_R1 "initiator encryption key: " K16 "\n",
           "set 1 2 aaaaaaaaaaaaaaa1 bbbbbbbbbbbbbbb1 SK_EI " K16 "\n");
}

/* ---- FortiGate ------------------------------------------------------------------------------- */

static void fortigate_debug(void **state)
{
    (void)state;
    expect("2016-05-26 07:49:06 ike 0:p1:14: ISAKMP SA 12f2cbed073d6dba/21c98f93c506f466 key 16:"
           "000102030405060708090A0B0C0D0E0F\n"
           "ike 0:HQ:12: IKE SA 5b1aa7ee9e2f2f2e/8d2a0c3c1c0d5e77 SK_ei 16:" K16 "\n"
           "ike V=root:0:HQ:12: IKE SA 5b1aa7ee9e2f2f2e/8d2a0c3c1c0d5e77 SK_er 16:" K16 "\n"
           "ike 0:HQ:12: IKE SA 5b1aa7ee9e2f2f2e/8d2a0c3c1c0d5e77 SK_ai 20:" K16 "\n"
           "ike 0:HQ:12:HQ:30: IPsec SA selectors #src=1 #dst=1\n"
           "ike 0:HQ:12:HQ:30: IPsec SA dec spi c9a1b2c3 key 16:" K16 " auth 20:" K20 "\n"
           "ike 0:HQ:12:HQ:30: IPsec SA enc spi 0dd3fc4c key 20:" K20 " auth 0:\n",
           "set 1 1 12f2cbed073d6dba 21c98f93c506f466 V1_KEY " K16 "\n"
           "set 2 2 5b1aa7ee9e2f2f2e 8d2a0c3c1c0d5e77 SK_EI " K16 "\n"
           "set 2 2 5b1aa7ee9e2f2f2e 8d2a0c3c1c0d5e77 SK_ER " K16 "\n"
           "esp c9a1b2c3 - - - ? " K16 " " K20 "\n"
           "esp 0dd3fc4c - - - ? " K20 " -\n"
           "warning log 4 the key is shorter or longer than the line says\n");
}

static void fortigate_lists(void **state)
{
    (void)state;
    /* Fortinet's documentation of "diagnose vpn tunnel list" and "diagnose vpn ike gateway list".
     */
    expect("     dec: spi=9fbaba90 esp=aes key=16 a779f017a79a7e25bebcd73a8729ca4d\n"
           "          ah=sha1 key=20 032444a21009bb1ed477c1b1c9fff594761031d5\n"
           "     enc: spi=54b85815 esp=aes key=16 c4dcfc64ac2175b63e9e35198755e4ac\n"
           "          ah=sha1 key=20 9b19cfd19c928ae8d12de4c6a76a7040e9baf274\n"
           "     dec:pkts/bytes=2/16392, enc:pkts/bytes=482/47064\n"
           "ike 0:x: ESP enc spi=00000001 esp=3des key=24 " K16 K16 " ah=md5 key=16 " K16 "\n"
           "     id/spi: 0 1f454ba48eb31ef1/779d7de61a925ba5\n"
           "     proposal: aes128-sha256\n"
           "     key: 26b761298dff1684-03a1e6994809ae6d\n",
           "set 1 1 1f454ba48eb31ef1 779d7de61a925ba5 V1_KEY 26b761298dff168403a1e6994809ae6d\n"
           "esp 9fbaba90 12 128 2 ? a779f017a79a7e25bebcd73a8729ca4d "
           "032444a21009bb1ed477c1b1c9fff594761031d5\n"
           "esp 54b85815 12 128 2 ? c4dcfc64ac2175b63e9e35198755e4ac "
           "9b19cfd19c928ae8d12de4c6a76a7040e9baf274\n"
           "warning log 6 the key is shorter or longer than the line says\n");
}

/* ---- vpnc ------------------------------------------------------------------------------------ */

static void vpnc_debug(void **state)
{
    (void)state;
    expect("   i_cookie: db12879f 6f0cd47f\n"
           "   dh_shared_secret:\n"
           "   00010203 04050607 08090a0b 0c0d0e0f 00010203 04050607 08090a0b 0c0d0e0f\n"
           "   00010203 04050607 08090a0b 0c0d0e0f\n"
           "   skeyid:\n"
           "   00010203 04050607 08090a0b 0c0d0e0f 10111213\n"
           "   enc-key:\n"
           "   00010203 04050607 08090a0b 0c0d0e0f\n"
           "   rx.key_cry:\n   00010203 04050607 08090a0b 0c0d0e0f\n"
           "   rx.key_md: 10111213 14\n"
           "   tx.key_cry: aabb\n"
           "remote -> local spi: 0x8a28bf97\n"
           "local -> remote spi: 0x00000007\n",
           "set 1 1 db12879f6f0cd47f 0000000000000000 V1_KEY " K16 "\n"
           "set 1 1 db12879f6f0cd47f 0000000000000000 V1_SKEYID " K20 "\n"
           "set 1 1 db12879f6f0cd47f 0000000000000000 DH_SHARED " K16 K16 K16 "\n"
           "esp 8a28bf97 - - - ? " K16 " 1011121314\n");
}

/* What was tried at the end of a log that grows does not stay without an SPI. */
static void vpnc_log_that_grows(void **state)
{
    (void)state;
    static const char *const parts[] = {
        ("remote -> local spi: 0x8a28bf97\n"
         "   rx.key_cry: 00010203 04050607\n   rx.key_md: 10111213 14\n"),
        "   rx.key_md: 10111213 14\n",
        "   rx.key_cry: 00010203 04050607\n   rx.x:\nremote -> local spi: 0x00000007\n",
    };
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    ike_keylog *log = ike_keylog_new(ring, IKE_SOURCE_KEYLOG, "log");
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        ike_keylog_feed(log, parts[i], strlen(parts[i]));
        ike_keylog_finish(log);
    }
    char *got = recording_text(ring);
    assert_string_equal(got, "esp 8a28bf97 - - - ? 0001020304050607 1011121314\n"
                             "esp 00000007 - - - ? 0001020304050607 1011121314\n");
    g_free(got);
    ike_keylog_free(log);
    ike_keyring_free(ring);
}

/* ---- lists of words -------------------------------------------------------------------------- */

static void words_between_other_lines(void **state)
{
    (void)state;
    expect("{\"spi\":\"0xf9f9e7ac\",\"enc\":{\"alg\":\"gcm(aes)\",\"key\":\"0x" K20 "\"}}\n"
           "{\"spi_i\":\"0xba1143d176e1557b\",\"spi_r\":\"0xb62a3c712fd1f26a\","
           "\"encryption\":\"aes-cbc\",\"sk_ei\":\"" K16 "\",\"sk_er\":\"" K16 "\"}\n",
           "set 1 2 ba1143d176e1557b b62a3c712fd1f26a SK_EI " K16 "\n"
           "set 1 2 ba1143d176e1557b b62a3c712fd1f26a SK_ER " K16 "\n"
           "esp f9f9e7ac 18 128 0 ? " K20 " -\n"
           "esp f9f9e7ac 19 128 0 ? " K20 " -\n"
           "esp f9f9e7ac 20 128 0 ? " K20 " -\n");
}

/* ---- ip xfrm state --------------------------------------------------------------------------- */

static void xfrm_states(void **state)
{
    (void)state;
    expect("src 10.9.0.1 dst 10.9.0.2\n"
           "\tproto esp spi 0xc9a1b2c3 reqid 1 mode tunnel\n"
           "\treplay-window 0 flag af-unspec esn\n"
           "\tauth-trunc hmac(sha256) 0x" K16 K16 " 128\n"
           "\tenc cbc(aes) 0x" K16 "\n"
           "\tanti-replay esn context:\n"
           "src 10.9.0.2 dst 10.9.0.1\n"
           "\tproto esp spi 0x00000010(16) reqid 1(0x00000001) mode tunnel\n"
           "src 10.9.0.2 dst 10.9.0.1\n"
           "\tproto esp spi 0x00000011 reqid 1 mode tunnel\n"
           "\treplay-window 32 flag af-unspec\n"
           "\taead rfc4106(gcm(aes)) 0x" K20 " (160 bits) 96\n"
           "src fd00::1 dst fd00::2\n"
           "\tproto esp spi 0x00000012 reqid 1 mode transport\n"
           "\tauth-trunc hmac(sha256) 0x" K16 K16 " (256 bits) 96\n"
           "\tenc ecb(cipher_null) \n"
           "src fd00::1 dst fd00::2\n"
           "\tproto ah spi 0x00000013 reqid 1 mode transport\n"
           "\tauth-trunc hmac(sha1) 0x" K20 " 96\n"
           "src fd00::1 dst fd00::2\n"
           "\tproto esp spi 0x00000014 reqid 1 mode transport\n"
           "\tauth-trunc hmac(sha1) 0x" K20 "1 96\n"
           "\tenc cbc(aes) 0x00\n",
           "esp c9a1b2c3 12 128 61441 esn " K16 " " K16 K16 "\n"
           "esp c9a1b2c3 12 128 12 esn " K16 " " K16 K16 "\n"
           "esp 00000011 18 128 0 no-esn " K20 " -\n"
           "esp 00000011 20 128 0 no-esn " K20 " -\n"
           "esp 00000011 19 128 0 no-esn " K20 " -\n"
           "esp 00000012 11 0 12 no-esn - " K16 K16 "\n"
           "esp 00000012 11 0 61441 no-esn - " K16 K16 "\n"
           "ah 00000013 0 0 2 no-esn - " K20 "\n"
           "warning log 22 odd number of hex digits: the value is incomplete\n");
}

/* ---- all together ---------------------------------------------------------------------------- */

static void mixed_and_cut_at_every_octet(void **state)
{
    (void)state;
    static const char text[] =
        "spi=0x321a5d8e92696c86: ikev2_sa_keys: SKEYSEED with 16 bytes\n"
        "00010203 04050607 08090a0b 0c0d0e0f\n"
        "12[IKE] SKEYSEED => 4 bytes @ 0x7f\n| our  keymat\n|   00 01 02 03\n"
        "12[IKE]    0: 00 01 02 03  ....\n   enc-key:\n   00010203\n"
        "DEBUG: final encryption key computed:\n00010203 04\nIKE_PSK - a\nsrc 1.1.1.1 dst 2.2.2.2\n"
        "\tproto esp spi 0x1\n\tenc cbc(aes) 0x" K16 "\n dec: spi=1 esp=aes key=16 " K16 "\n"
        "ah=sha1 key=20 " K20 "\nike 0: IKE SA 5b1aa7ee9e2f2f2e/8d2a0c3c1c0d5e77 SK_ei 16:" K16 "\n"
        "59b6c5cf095dd64d," K16
        "\n\"IPv4\",\"1.1.1.1\",\"*\",\"0x1\",\"NULL\",\"\",\"NULL\",\"\"\n";
    for (size_t truncated = 0; truncated < sizeof text; truncated++) {
        ike_keyring *ring = ike_keyring_new(NULL, NULL);
        ike_keyring_add_text(ring, IKE_SOURCE_KEYLOG, "log", text, truncated, true);
        assert_true(recording_warnings(ring) <= 3);
        ike_keyring_free(ring);
    }
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    ike_keyring_add_text(ring, IKE_SOURCE_KEYLOG, "log", text, sizeof text - 1, true);
    assert_int_equal(recording_secrets(ring), 22);
    assert_int_equal(recording_warnings(ring), 0);
    ike_keyring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pluto_keymat),
        cmocka_unit_test(pluto_old_rows),
        cmocka_unit_test(pluto_salt),
        cmocka_unit_test(pluto_cut),
        cmocka_unit_test(pluto_without_message),
        cmocka_unit_test(pluto_without_bars),
        cmocka_unit_test(vpnc_log_that_grows),
        cmocka_unit_test(words_between_other_lines),
        cmocka_unit_test(iked_session),
        cmocka_unit_test(racoon_log),
        cmocka_unit_test(racoon_in_syslog),
        cmocka_unit_test(racoon_with_lengths),
        cmocka_unit_test(names_behind_another_responder),
        cmocka_unit_test(names_behind_the_responder),
        cmocka_unit_test(esp_keys_of_sides),
        cmocka_unit_test(fortigate_debug),
        cmocka_unit_test(fortigate_lists),
        cmocka_unit_test(vpnc_debug),
        cmocka_unit_test(xfrm_states),
        cmocka_unit_test(mixed_and_cut_at_every_octet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
