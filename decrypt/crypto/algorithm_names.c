/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Algorithms by the many names that tables, daemons and kernels give them. A name is read for what
 * it says (the cipher, the mode, key and ICV length) and not compared whole: "AES-GCM-256 with 16
 * byte ICV [RFC5282]", "AES_GCM_16_256", "aes256gcm16" and "rfc4106(gcm(aes))" are one. */
#include <glib.h>
#include <string.h>

#include "decrypt/crypto/algorithm.h"
#include "decrypt/keys/keyring.h"

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

static bool says(const parsed_name *name, const char *word)
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

/* The ICV of an AEAD cipher in bytes; 16 when the name does not say. */
static unsigned icv_bytes(const parsed_name *name)
{
    static const unsigned bytes[] = {8, 12, 16};
    for (size_t i = 0; i < G_N_ELEMENTS(bytes); i++)
        if (has_number(name, bytes[i]))
            return bytes[i];
    return 16;
}

/* Of three transform numbers in a row the one with this ICV. */
static uint16_t with_icv(const parsed_name *name, uint16_t first)
{
    return (uint16_t)(first + icv_bytes(name) / 4 - 2);
}

static uint16_t mode_of_aes(const parsed_name *name)
{
    if (says(name, "gmac"))
        return 21;
    if (says(name, "gcm"))
        return with_icv(name, 18);
    if (says(name, "ccm"))
        return with_icv(name, 14);
    return says(name, "ctr") ? 13 : 12;
}

static uint16_t mode_of_camellia(const parsed_name *name)
{
    if (says(name, "ccm"))
        return with_icv(name, 25);
    return says(name, "ctr") ? 24 : 23;
}

static uint16_t encryption_of(const parsed_name *name)
{
    if (says(name, "hmac") || says(name, "xcbc") || says(name, "cmac") || says(name, "prf"))
        return 0;
    if (says(name, "chacha20"))
        return 28;
    if (says(name, "camellia"))
        return mode_of_camellia(name);
    if (says(name, "3des") || says(name, "tripledes") || says(name, "des3_ede"))
        return 3;
    if (says(name, "aes") || says(name, "rijndael"))
        return mode_of_aes(name);
    if (says(name, "blowfish"))
        return 7;
    if (says(name, "cast"))
        return 6;
    if (strncmp(name->text, "des", 3) == 0 || says(name, "(des)"))
        return 2;
    return says(name, "null") ? 11 : 0;
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

static uint16_t integrity_of_sha(const parsed_name *name, unsigned truncation)
{
    switch (sha2_bits(name)) {
    case 512:
        return 14;
    case 384:
        return 13;
    case 256:
        return truncation == 96 || has_number(name, 96) ? IKE_INTEGRITY_SHA256_96 : 12;
    default:
        return truncation == 160 || has_number(name, 160) ? 7 : 2;
    }
}

bool ike_integrity_by_name(const char *name, unsigned truncation_bits, uint16_t *integrity)
{
    parsed_name parsed;
    if (strcmp(name, "-") == 0) {
        *integrity = 0;
        return true;
    }
    if (!parse_name(name, &parsed))
        return false;
    if (strncmp(parsed.text, "any", 3) == 0)
        return any_integrity(&parsed, integrity);
    if (says(&parsed, "ripemd") || says(&parsed, "rmd160"))
        *integrity = IKE_INTEGRITY_ANY + 96;
    else if (says(&parsed, "md5"))
        *integrity = truncation_bits == 128 || has_number(&parsed, 128) ? 6 : 1;
    else if (says(&parsed, "xcbc"))
        *integrity = 5;
    else if (says(&parsed, "cmac"))
        *integrity = 8;
    else if (says(&parsed, "gmac"))
        *integrity = has_number(&parsed, 256) ? 11 : has_number(&parsed, 192) ? 10 : 9;
    else if (says(&parsed, "sha"))
        *integrity = integrity_of_sha(&parsed, truncation_bits);
    else if (says(&parsed, "none") || says(&parsed, "null"))
        *integrity = 0;
    else
        return false;
    return true;
}
