/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/group/download.h"

#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum { SPI = 4 };

/* The suite of a policy in IKEv2's numbers. */
static bool suite_of_gikev2(const ike_group_policy *policy, ike_suite *suite)
{
    *suite = (ike_suite){.encryption = policy->encryption,
                         .key_bits = policy->key_bits,
                         .integrity = policy->integrity,
                         .esn = policy->sequence_numbers == 1};
    return true;
}

/* RFC 6407 5.4.1: the transform IDs and attributes of RFC 2407. */
static bool suite_of_gdoi(const ike_group_policy *policy, ike_suite *suite)
{
    const ike_encr *encr = ike_encr_find_v1_esp(policy->encryption);
    const ike_integ *integ =
        policy->integrity ? ike_integ_find_v1_esp(policy->integrity) : ike_integ_find(0);

    if ((policy->protocol == IKE_GROUP_ESP && !encr) || !integ)
        return false;
    *suite = (ike_suite){.encryption = encr ? encr->id : IKEV2_ENCR_NULL,
                         .key_bits = policy->key_bits,
                         .integrity = integ->id,
                         .esn = policy->sequence_numbers == 1};
    return true;
}

uint16_t ike_group_kek_cipher(uint16_t algorithm)
{
    static const uint16_t ciphers[] = {0, IKEV2_ENCR_DES, IKEV2_ENCR_3DES, IKEV2_ENCR_AES_CBC};

    return algorithm < G_N_ELEMENTS(ciphers) ? ciphers[algorithm] : 0;
}

static bool suite_of_kek(const ike_group_policy *policy, ike_suite *suite)
{
    *suite = (ike_suite){.encryption = ike_group_kek_cipher(policy->encryption),
                         .key_bits = policy->encryption == 3 ? policy->key_bits : 0};
    return suite->encryption != 0;
}

static bool suite_of(const ike_group_policy *policy, ike_suite *suite)
{
    bool known = !policy->gdoi                         ? suite_of_gikev2(policy, suite)
                 : policy->protocol == IKE_GROUP_REKEY ? suite_of_kek(policy, suite)
                                                       : suite_of_gdoi(policy, suite);

    if (policy->protocol == IKE_GROUP_AH) {
        suite->encryption = IKEV2_ENCR_NULL;
        suite->key_bits = 0;
    }
    return known;
}

bool ike_group_algorithms(const ike_group_policy *policy, ike_algorithms *algorithms)
{
    ike_suite suite;

    *algorithms = (ike_algorithms){0};
    return suite_of(policy, &suite) && ike_algorithms_of_suite(&suite, algorithms);
}

bool ike_group_esp_key(const ike_group_policy *policy, uint8_t protocol, ike_span spi,
                       ike_esp_key *key)
{
    *key = (ike_esp_key){.protocol = protocol};
    if (spi.length != SPI || (protocol != IKE_GROUP_AH && protocol != IKE_GROUP_ESP))
        return false;
    key->spi = ike_get_u32(spi.data);
    key->has_suite = policy && suite_of(policy, &key->suite);
    key->esn_known = key->has_suite && key->suite.esn;
    return true;
}

ike_key_origin ike_group_origin(const char *secret, uint32_t frame)
{
    return (ike_key_origin){.source = IKE_SOURCE_GROUP, .line = frame, .secret = secret};
}
