/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/group/download.h"

#include "decrypt/crypto/key_wrap.h"
#include "decrypt/esp/esp_table.h"
#include "decrypt/group/group_lines.h"
#include "proto/ike_numbers.h"

/* A key path (RFC 9838 3.3) is as long as a hierarchy is deep. */
enum { MAX_ROUNDS = 32 };

typedef struct {
    ike_sa_base *base;
    ike_decrypt_context *capture;
    const ike_group_download *download;
    const ike_default_kwk *kwk;
    uint32_t frame;
    bool done[IKE_MAX_GROUP_KEYS];
    unsigned unwrapped;
    ike_rekey_sa *rekey_sas[IKE_MAX_GROUP_KEYS]; /* that the message brings */
    unsigned rekey_count;
} reading;

/* ---- unwrapping ------------------------------------------------------------------------------ */

static bool unwrap_with(ike_span kwk, const ike_group_key *key, ike_secret *plain)
{
    return ike_key_unwrap(kwk, key->data, plain) == IKE_OK;
}

/* The default key's length is that of the Key Wrap Algorithm, which may not be in the capture: then
 * all are tried, as the shorter ones are the beginning of the longer ones. */
static bool unwrap_with_default(const reading *r, const ike_group_key *key, ike_secret *plain)
{
    static const uint8_t lengths[] = {16, 24, 32};

    for (unsigned i = 0; i < r->kwk->count; i++) {
        ike_span kwk = r->kwk->keys[i];

        for (unsigned j = 0; j < G_N_ELEMENTS(lengths); j++)
            if (lengths[j] <= kwk.length &&
                unwrap_with((ike_span){kwk.data, lengths[j]}, key, plain))
                return true;
    }
    return false;
}

static bool unwrap(const reading *r, const ike_group_key *key, ike_secret *plain)
{
    const ike_secret *kwk;

    if (!key->wrapping_id)
        return unwrap_with_default(r, key, plain);
    for (unsigned i = 0; (kwk = ike_group_store_wrap_key(r->capture->group, key->wrapping_id, i));
         i++)
        if (unwrap_with(ike_secret_span(kwk), key, plain))
            return true;
    return false;
}

/* ---- keys of SAs ----------------------------------------------------------------------------- */

/* GSK_e | GSK_a | GSK_w = KEYMAT (RFC 9838 3.4) */
static void add_rekey_sa(reading *r, const ike_group_key *key, const ike_group_policy *policy,
                         const ike_secret *keymat)
{
    ike_rekey_sa sa = {.has_policy = true,
                       .authentication = policy->authentication,
                       .origin = ike_group_origin("GSK_e", r->frame)};
    size_t encryption, integrity;

    sa.computable = ike_group_algorithms(policy, &sa.algorithms);
    encryption = sa.computable ? ike_encryption_key_length(&sa.algorithms) : 0;
    integrity = sa.computable ? ike_integrity_key_length(&sa.algorithms) : 0;
    if (key->spi.length != IKE_REKEY_SPI || keymat->length < encryption + integrity)
        return;
    ike_secret_set(&sa.encryption, (ike_span){keymat->data, encryption});
    ike_secret_set(&sa.integrity, (ike_span){keymat->data + encryption, integrity});
    ike_secret_set(&sa.wrap, (ike_span){keymat->data + encryption + integrity,
                                        keymat->length - encryption - integrity});
    ike_rekey_sa *added = ike_group_store_add_rekey(r->capture->group, key->spi.data, &sa);
    if (added)
        r->rekey_sas[r->rekey_count++] = added;
}

/* Encryption, then integrity (RFC 9838 3.4, RFC 7296 2.17). */
static void add_data_sa(reading *r, const ike_group_key *key, const ike_group_policy *policy,
                        const ike_secret *keymat)
{
    ike_algorithms algorithms;
    ike_esp_key esp;

    if (!ike_group_esp_key(policy, key->protocol, key->spi, &esp) ||
        !ike_group_algorithms(policy, &algorithms))
        return;
    size_t encryption = key->protocol == IKE_GROUP_AH ? 0 : ike_encryption_key_length(&algorithms);
    if (keymat->length != encryption + ike_integrity_key_length(&algorithms))
        return;
    esp.encryption = (ike_span){keymat->data, encryption};
    esp.integrity = (ike_span){keymat->data + encryption, keymat->length - encryption};
    ike_esp_add_group_key(r->capture->esp, r->frame, &esp);
}

static void use_key(reading *r, const ike_group_key *key, const ike_secret *plain)
{
    const ike_group_policy *policy;

    if (key->kind == IKE_GROUP_WRAP_KEY) {
        /* Key ID 0 is of the keys of an SA. */
        if (key->id)
            ike_group_store_add_wrap_key(r->capture->group, key->id, ike_secret_span(plain));
        return;
    }
    policy = ike_group_store_find_policy(r->capture->group, key->protocol, key->spi);
    if (!policy)
        return;
    ike_group_record_download(r->base, key->protocol, key->spi);
    if (key->protocol == IKE_GROUP_REKEY)
        add_rekey_sa(r, key, policy, plain);
    else
        add_data_sa(r, key, policy, plain);
}

/* ---- the payload ----------------------------------------------------------------------------- */

/* The keys that can be unwrapped with what is known by now. false: none. */
static bool unwrap_round(reading *r)
{
    bool progress = false;

    for (unsigned i = 0; i < r->download->key_count; i++) {
        const ike_group_key *key = &r->download->keys[i];
        ike_secret plain = {0};

        if (r->done[i] || (key->kind != IKE_GROUP_KEYMAT && key->kind != IKE_GROUP_WRAP_KEY) ||
            !unwrap(r, key, &plain))
            continue;
        use_key(r, key, &plain);
        ike_secret_clear(&plain);
        r->done[i] = progress = true;
        r->unwrapped++;
    }
    return progress;
}

/* AUTH_KEY is of the Rekey SAs that come with it, and of the one that it comes over. */
static void use_authentication_key(reading *r, ike_rekey_sa *over)
{
    for (unsigned i = 0; i < r->download->key_count; i++) {
        const ike_group_key *key = &r->download->keys[i];

        if (key->kind != IKE_GROUP_AUTH_KEY || !key->data.length)
            continue;
        for (unsigned j = 0; j < r->rekey_count; j++)
            ike_secret_set(&r->rekey_sas[j]->public_key, key->data);
        if (over)
            ike_secret_set(&over->public_key, key->data);
        return;
    }
    /* Without one the key server's goes on. */
    for (unsigned j = 0; over && j < r->rekey_count; j++)
        ike_secret_fill(&r->rekey_sas[j]->public_key, ike_secret_span(&over->public_key));
}

unsigned ike_gikev2_download(ike_sa_base *base, const ike_group_download *download,
                             const ike_default_kwk *kwk, ike_rekey_sa *over, uint32_t frame)
{
    reading *r = g_new0(reading, 1);
    unsigned unwrapped;

    r->base = base;
    r->capture = base->capture;
    r->download = download;
    r->kwk = kwk;
    r->frame = frame;
    for (unsigned i = 0; i < download->policy_count; i++)
        ike_group_store_policy(base->capture->group, &download->policies[i]);
    for (unsigned round = 0; round < MAX_ROUNDS && unwrap_round(r); round++) {
    }
    use_authentication_key(r, over);
    unwrapped = r->unwrapped;
    g_free(r);
    return unwrapped;
}
