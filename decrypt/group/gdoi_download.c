/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/group/download.h"

#include <string.h>

#include "decrypt/esp/esp_table.h"
#include "decrypt/group/group_lines.h"

/* The first key of a kind with this SPI; NULL none. */
static const ike_group_key *find_key(const ike_group_download *download, ike_group_key_kind kind,
                                     uint8_t protocol, ike_span spi)
{
    for (unsigned i = 0; i < download->key_count; i++) {
        const ike_group_key *key = &download->keys[i];

        if (key->kind == kind && key->protocol == protocol && ike_span_equal(key->spi, spi))
            return key;
    }
    return NULL;
}

/* ---- the KEK --------------------------------------------------------------------------------- */

/* The IV stands before the key (RFC 6407 5.6.2.1). */
static bool split_kek(ike_rekey_sa *sa, ike_span data)
{
    size_t iv = sa->algorithms.encr->iv_length;
    size_t key = ike_encryption_key_length(&sa->algorithms);

    if (data.length != iv + key)
        return false;
    ike_secret_set(&sa->iv, (ike_span){data.data, iv});
    ike_secret_set(&sa->encryption, (ike_span){data.data + iv, key});
    return true;
}

/* The message that brings a KEK. */
typedef struct {
    ike_sa_base *base;
    const ike_group_download *download;
    const ike_group_key *key; /* its packet */
    const ike_rekey_sa *over; /* what it was encrypted with; NULL GROUPKEY-PULL */
    uint32_t frame;
} kek_source;

/* ike_lkh_use */
static void add_kek(void *user, ike_span data)
{
    const kek_source *from = user;
    ike_sa_base *base = from->base;
    const ike_group_download *download = from->download;
    const ike_group_key *key = from->key;
    const ike_rekey_sa *over = from->over;
    const ike_group_policy *policy =
        ike_group_store_find_policy(base->capture->group, IKE_GROUP_REKEY, key->spi);
    const ike_group_key *signature =
        find_key(download, IKE_GROUP_AUTH_KEY, IKE_GROUP_REKEY, key->spi);
    ike_rekey_sa sa = {.gdoi = true, .origin = ike_group_origin("KEK", from->frame)};

    if (!policy || key->spi.length != IKE_REKEY_SPI)
        return;
    sa.has_policy = true;
    sa.authentication = policy->authentication;
    sa.authentication_hash = policy->authentication_hash;
    sa.computable = ike_group_algorithms(policy, &sa.algorithms);
    sa.algorithms.integ = NULL;
    if (sa.computable && !split_kek(&sa, data))
        return;
    if (signature)
        ike_secret_set(&sa.public_key, signature->data);
    else if (over) /* the key server's goes on */
        ike_secret_set(&sa.public_key, ike_secret_span(&over->public_key));
    if (!over) { /* GROUPKEY-PULL says what was used last (RFC 6407 5.7) */
        sa.has_sequence = download->has_sequence;
        sa.sequence = download->sequence;
    }
    ike_group_record_download(base, IKE_GROUP_REKEY, key->spi);
    ike_group_store_add_rekey(base->capture->group, key->spi.data, &sa);
}

/* ---- TEKs ------------------------------------------------------------------------------------ */

static ike_span span_of(const ike_group_key *key)
{
    return key ? key->data : (ike_span){NULL, 0};
}

static const ike_group_key *integrity_key(const ike_group_download *download, ike_span spi,
                                          uint8_t protocol)
{
    const ike_group_key *key = find_key(download, IKE_GROUP_INTEGRITY_KEY, 0, spi);

    return key != NULL || protocol != IKE_GROUP_AH
               ? key
               : find_key(download, IKE_GROUP_SOURCE_KEY, 0, spi);
}

/* Without a policy it may be of ESP, with algorithms that keys of these lengths fit. */
static void add_tek(ike_sa_base *base, const ike_group_download *download, ike_span spi,
                    uint32_t frame)
{
    static const uint8_t protocols[] = {IKE_GROUP_ESP, IKE_GROUP_AH};
    ike_esp_key esp;
    bool added = false;

    for (unsigned i = 0; i < G_N_ELEMENTS(protocols); i++) {
        const ike_group_policy *policy =
            ike_group_store_find_policy(base->capture->group, protocols[i], spi);

        if ((!policy && (added || protocols[i] == IKE_GROUP_ESP)) ||
            !ike_group_esp_key(policy, protocols[i], spi, &esp))
            continue;
        if (!policy)
            esp.protocol = IKE_GROUP_ESP;
        esp.encryption = span_of(find_key(download, IKE_GROUP_ALGORITHM_KEY, 0, spi));
        esp.integrity = span_of(integrity_key(download, spi, esp.protocol));
        ike_group_record_download(base, esp.protocol, spi);
        ike_esp_add_group_key(base->capture->esp, frame, &esp);
        added = true;
    }
}

/* The key of a TEK that stands for all of them. */
static const ike_group_key *first_of_tek(const ike_group_download *download, ike_span spi)
{
    static const ike_group_key_kind kinds[] = {IKE_GROUP_ALGORITHM_KEY, IKE_GROUP_INTEGRITY_KEY,
                                               IKE_GROUP_SOURCE_KEY};
    const ike_group_key *found = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(kinds) && !found; i++)
        found = find_key(download, kinds[i], 0, spi);
    return found;
}

/* ---- the payload ----------------------------------------------------------------------------- */

void ike_gdoi_download(ike_sa_base *base, const ike_group_download *download,
                       const ike_rekey_sa *over, uint32_t frame)
{
    for (unsigned i = 0; i < download->policy_count; i++)
        ike_group_store_policy(base->capture->group, &download->policies[i]);
    for (unsigned i = 0; i < download->key_count; i++) {
        const ike_group_key *key = &download->keys[i];
        bool of_cipher = key->kind == IKE_GROUP_ALGORITHM_KEY;

        kek_source source = {base, download, key, over, frame};

        if (key->kind == IKE_GROUP_LKH_KEY)
            ike_lkh_update(base->capture->group, key, add_kek, &source);
        else if (of_cipher && key->protocol == IKE_GROUP_REKEY)
            add_kek(&source, key->data);
        else if (key->protocol == 0 && first_of_tek(download, key->spi) == key)
            add_tek(base, download, key->spi, frame);
    }
}
