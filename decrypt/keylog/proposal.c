/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of transforms in logged proposals; numbers are those of IKEv2. */
#include "decrypt/keylog/proposal.h"

#include <glib.h>
#include <string.h>

typedef struct {
    const char *name;
    uint16_t number;
} named;

static const named prfs[] = {
    {"HMAC_MD5", 1},      {"HMAC_SHA1", 2},     {"AES128_XCBC", 4}, {"HMAC_SHA2_256", 5},
    {"HMAC_SHA2_384", 6}, {"HMAC_SHA2_512", 7}, {"AES128_CMAC", 8},
};

static const named groups[] = {
    {"MODP_768", 1},       {"MODP_1024", 2},      {"MODP_1536", 5},   {"MODP_2048", 14},
    {"MODP_3072", 15},     {"MODP_4096", 16},     {"MODP_6144", 17},  {"MODP_8192", 18},
    {"ECP_256", 19},       {"ECP_384", 20},       {"ECP_521", 21},    {"MODP_1024_160", 22},
    {"MODP_2048_224", 23}, {"MODP_2048_256", 24}, {"ECP_192", 25},    {"ECP_224", 26},
    {"ECP_224_BP", 27},    {"ECP_256_BP", 28},    {"ECP_384_BP", 29}, {"ECP_512_BP", 30},
    {"CURVE_25519", 31},   {"CURVE_448", 32},     {"ML_KEM_512", 35}, {"ML_KEM_768", 36},
    {"ML_KEM_1024", 37},
};

static uint16_t number_of(const named *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].number;
    return 0;
}

static uint16_t group_number(const char *name)
{
    return number_of(groups, G_N_ELEMENTS(groups), name);
}

static bool read_name(const char *name, ike_suite *suite)
{
    uint16_t number;
    if (strcmp(name, "NO_EXT_SEQ") == 0)
        return true;
    if (strcmp(name, "EXT_SEQ") == 0)
        return suite->esn = true;
    if (g_str_has_prefix(name, "PRF_"))
        return (suite->prf = number_of(prfs, G_N_ELEMENTS(prfs), name + 4)) != 0;
    if (g_str_has_prefix(name, "KE") && name[2] >= '1' && name[2] <= '7' && name[3] == '_')
        return (suite->additional[name[2] - '1'] = group_number(name + 4)) != 0;
    if ((number = group_number(name)) != 0) {
        suite->group = number;
        return true;
    }
    if (suite->encryption == 0 &&
        ike_encryption_by_name(name, 0, &suite->encryption, &suite->key_bits))
        return true;
    return suite->integrity == 0 && ike_integrity_by_name(name, 0, &suite->integrity);
}

bool ike_proposal_read(ike_text proposal, ike_suite *suite)
{
    *suite = (ike_suite){0};
    proposal = ike_text_word(&proposal);
    while (proposal.at < proposal.end) {
        char name[48];
        ike_text part = ike_text_until(&proposal, '/');
        size_t length = ike_text_length(part);
        if (length == 0 || length >= sizeof name)
            return false;
        memcpy(name, part.at, length);
        name[length] = '\0';
        if (!read_name(name, suite))
            return false;
    }
    return suite->encryption != 0;
}
