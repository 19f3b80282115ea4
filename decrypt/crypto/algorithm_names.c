/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Algorithms by the many names that tables, daemons and kernels give them. A name is read for what
 * it contains (the cipher, the mode, key and ICV length) and not compared whole: "AES-GCM-256 with
 * 16 byte ICV [RFC5282]", "AES_GCM_16_256", "aes256gcm16" and "rfc4106(gcm(aes))" are one. */
#include <glib.h>
#include <string.h>

#include "decrypt/crypto/algorithm.h"

enum { NAME_SIZE = 80, NUMBERS_MAX = 4 };

typedef struct {
    char text[NAME_SIZE]; /* in lower case, RFC numbers taken out */
    unsigned numbers[NUMBERS_MAX];
    unsigned count;
} parsed_name;

/* What stands in square brackets is a reference; so is "rfc4106" before a parenthesis. */
static bool parse_name(const char *name, parsed_name *parsed)
{
    size_t length = strcspn(name, "[");
    memset(parsed, 0, sizeof *parsed);
    if (g_ascii_strncasecmp(name, "rfc", 3) == 0) {
        size_t reference = 3 + strspn(name + 3, "0123456789");
        if (g_ascii_strncasecmp(name, "rfc4543", 7) == 0)
            g_strlcpy(parsed->text, "gmac", sizeof parsed->text);
        name += reference;
        length = length > reference ? length - reference : 0;
    }
    size_t used = strlen(parsed->text);
    if (length == 0 || used + length >= sizeof parsed->text)
        return false;
    for (size_t i = 0; i < length; i++)
        parsed->text[used + i] = g_ascii_tolower(name[i]);
    for (const char *at = parsed->text; *at != '\0';) {
        if (!g_ascii_isdigit(*at)) {
            at++;
            continue;
        }
        unsigned number = 0;
        for (; g_ascii_isdigit(*at); at++)
            number = number < 100000 ? number * 10 + (unsigned)(*at - '0') : number;
        if (parsed->count < NUMBERS_MAX)
            parsed->numbers[parsed->count++] = number;
    }
    return true;
}

static bool contains(const parsed_name *name, const char *word)
{
    return strstr(name->text, word) != NULL;
}

static bool has_number(const parsed_name *name, unsigned number)
{
    for (unsigned i = 0; i < name->count; i++)
        if (name->numbers[i] == number)
            return true;
    return false;
}

/* The first row whose words all stand in the name; of AEADs the one with the ICV of 8 bytes. */
static const struct {
    const char *words[2]; /* the second may be NULL */
    uint16_t id;          /* 0: not a cipher */
    bool by_icv;          /* the next two numbers are the same with 12 and 16 bytes of ICV */
} encryption_names[] = {
    {{"hmac", NULL}, 0, false},
    {{"xcbc", NULL}, 0, false},
    {{"cmac", NULL}, 0, false},
    {{"prf", NULL}, 0, false},
    {{"chacha20", NULL}, IKEV2_ENCR_CHACHA20_POLY1305, false},
    {{"camellia", "ccm"}, IKEV2_ENCR_CAMELLIA_CCM_8, true},
    {{"camellia", "ctr"}, IKEV2_ENCR_CAMELLIA_CTR, false},
    {{"camellia", NULL}, IKEV2_ENCR_CAMELLIA_CBC, false},
    {{"3des", NULL}, IKEV2_ENCR_3DES, false},
    {{"tripledes", NULL}, IKEV2_ENCR_3DES, false},
    {{"des3_ede", NULL}, IKEV2_ENCR_3DES, false},
    {{"aes", "gmac"}, IKEV2_ENCR_NULL_AUTH_AES_GMAC, false},
    {{"aes", "gcm"}, IKEV2_ENCR_AES_GCM_8, true},
    {{"aes", "ccm"}, IKEV2_ENCR_AES_CCM_8, true},
    {{"aes", "ctr"}, IKEV2_ENCR_AES_CTR, false},
    {{"aes", NULL}, IKEV2_ENCR_AES_CBC, false},
    {{"rijndael", NULL}, IKEV2_ENCR_AES_CBC, false},
    {{"blowfish", NULL}, IKEV2_ENCR_BLOWFISH, false},
    {{"cast", NULL}, IKEV2_ENCR_CAST, false},
    {{"seed", NULL}, IKE_ENCR_SEED_CBC, false},
    {{"des", NULL}, IKEV2_ENCR_DES, false},
    {{"null", NULL}, IKEV2_ENCR_NULL, false},
};

/* The ICV of an AEAD cipher in bytes; 16 when the name does not say. */
static unsigned icv_bytes(const parsed_name *name)
{
    static const unsigned bytes[] = {8, 12, 16};
    for (size_t i = 0; i < G_N_ELEMENTS(bytes); i++)
        if (has_number(name, bytes[i]))
            return bytes[i];
    return 16;
}

static uint16_t encryption_of(const parsed_name *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(encryption_names); i++) {
        const char *const *words = encryption_names[i].words;
        uint16_t id = encryption_names[i].id;

        if (contains(name, words[0]) && (!words[1] || contains(name, words[1])))
            return encryption_names[i].by_icv ? (uint16_t)(id + icv_bytes(name) / 4 - 2) : id;
    }
    return 0;
}

bool ike_encryption_by_name(const char *name, size_t key_bytes, uint16_t *encryption,
                            uint16_t *key_bits)
{
    parsed_name parsed;
    if (!parse_name(name, &parsed))
        return false;
    const ike_encr *row = ike_encr_find(encryption_of(&parsed));
    if (row == NULL || row->id == 0)
        return false;
    *encryption = row->id;
    *key_bits = 0;
    if (row->mode == IKE_MODE_NULL)
        return true;
    unsigned bits = 0;
    for (unsigned i = 0; i < parsed.count && bits == 0; i++)
        if (parsed.numbers[i] >= 40 && ike_encr_takes_bits(row, parsed.numbers[i]))
            bits = parsed.numbers[i];
    if (key_bytes > row->salt_length && bits == 0)
        bits = (unsigned)(key_bytes - row->salt_length) * 8;
    if (key_bytes != 0 &&
        (!ike_encr_takes_bits(row, bits) || ike_encr_key_length(row, bits) != key_bytes))
        return false;
    bool fixed = row->key_bits[1] == 0 && !row->key_range;
    *key_bits = (uint16_t)(fixed ? 0 : bits);
    return true;
}

/* The rows of "ANY 96 bit authentication" */
static bool any_integrity(const parsed_name *name, uint16_t *integrity)
{
    static const unsigned lengths[] = {64, 96, 128, 160, 192, 256};
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++)
        if (has_number(name, lengths[i])) {
            *integrity = (uint16_t)(IKE_INTEGRITY_ANY + lengths[i]);
            return true;
        }
    return false;
}

/* The length of the SHA-2 hash: the first number that is one. */
static unsigned sha2_bits(const parsed_name *name)
{
    for (unsigned i = 0; i < name->count; i++)
        if (name->numbers[i] == 256 || name->numbers[i] == 384 || name->numbers[i] == 512)
            return name->numbers[i];
    return 0;
}

/* The first row whose words and number stand in the name. */
static const struct {
    const char *word;
    unsigned sha2, bits; /* length of the SHA-2 hash; truncation that the name or the log has */
    uint16_t id;
} integrity_names[] = {
    {"ripemd", 0, 0, IKE_INTEGRITY_RIPEMD_96},
    {"rmd160", 0, 0, IKE_INTEGRITY_RIPEMD_96},
    {"md5", 0, 128, IKEV2_INTEG_HMAC_MD5_128},
    {"md5", 0, 0, IKEV2_INTEG_HMAC_MD5_96},
    {"xcbc", 0, 0, IKEV2_INTEG_AES_XCBC_96},
    {"cmac", 0, 0, IKEV2_INTEG_AES_CMAC_96},
    {"gmac", 0, 256, IKEV2_INTEG_AES_256_GMAC},
    {"gmac", 0, 192, IKEV2_INTEG_AES_192_GMAC},
    {"gmac", 0, 0, IKEV2_INTEG_AES_128_GMAC},
    {"sha", 512, 0, IKEV2_INTEG_HMAC_SHA2_512_256},
    {"sha", 384, 0, IKEV2_INTEG_HMAC_SHA2_384_192},
    {"sha", 256, 96, IKE_INTEGRITY_SHA256_96},
    {"sha", 256, 0, IKEV2_INTEG_HMAC_SHA2_256_128},
    {"sha", 0, 160, IKEV2_INTEG_HMAC_SHA1_160},
    {"sha", 0, 0, IKEV2_INTEG_HMAC_SHA1_96},
    {"none", 0, 0, IKEV2_INTEG_NONE},
    {"null", 0, 0, IKEV2_INTEG_NONE},
};

bool ike_integrity_by_name(const char *name, unsigned truncation_bits, uint16_t *integrity)
{
    parsed_name parsed;
    if (strcmp(name, "-") == 0) {
        *integrity = IKEV2_INTEG_NONE;
        return true;
    }
    if (!parse_name(name, &parsed))
        return false;
    if (strncmp(parsed.text, "any", 3) == 0)
        return any_integrity(&parsed, integrity);
    for (size_t i = 0; i < G_N_ELEMENTS(integrity_names); i++) {
        unsigned bits = integrity_names[i].bits;

        if (contains(&parsed, integrity_names[i].word) &&
            (!integrity_names[i].sha2 || sha2_bits(&parsed) == integrity_names[i].sha2) &&
            (!bits || truncation_bits == bits || has_number(&parsed, bits))) {
            *integrity = integrity_names[i].id;
            return true;
        }
    }
    return false;
}
