/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quick mode: combines its messages into the IPsec SAs that they negotiate. */
#include "decrypt/ikev1/ikev1_quick.h"

#include "decrypt/esp/esp_table.h"
#include "decrypt/esp/proposed_spis.h"
#include "decrypt/ikev1/ikev1_search.h"
#include "proto/ike_numbers.h"
#include "proto/keyed_hash.h"

/* Encapsulation modes that are transport mode: RFC 2407 4.5, RFC 3947 5.1 and its drafts. */
static bool is_transport(uint16_t encapsulation)
{
    return encapsulation == 2 || encapsulation == 4 || encapsulation == 61444;
}

/* A quick mode so far. `first` is the side whose message with a nonce came first. */
typedef struct {
    bool began;
    bool first_from_initiator;
    ike_secret nonce[2], ke[2];
    uint32_t spi[2];
    ike_proposed_spis proposed; /* by the first message */
} ikev1_quick;

static void free_quick(gpointer data)
{
    ikev1_quick *quick = data;

    for (unsigned role = 0; role < 2; role++) {
        ike_secret_clear(&quick->nonce[role]);
        ike_secret_clear(&quick->ke[role]);
    }
    g_free(quick);
}

ike_nonces ikev1_quick_nonces(const ikev1_sa *sa, uint32_t message_id)
{
    const ikev1_quick *quick =
        sa->quick ? g_hash_table_lookup(sa->quick, GUINT_TO_POINTER(message_id)) : NULL;

    return quick
               ? (ike_nonces){ike_secret_span(&quick->nonce[0]), ike_secret_span(&quick->nonce[1])}
               : (ike_nonces){{NULL, 0}, {NULL, 0}};
}

/* One direction: named by the SPI that its receiver chose. */
static bool derive_direction(const ike_child *child, const ikev1_keys *keys, ike_span shared,
                             unsigned receiver, ike_nonces nonces, ike_secret *encryption,
                             ike_secret *integrity)
{
    const ike_algorithms *rows = child->algorithms;
    size_t encryption_length = ike_encryption_key_length(rows);
    size_t integrity_length = ike_integrity_key_length(rows);
    ike_secret keymat = {0};
    bool good = ikev1_keymat(keys->rows.prf, ike_secret_span(&keys->skeyids.d), shared,
                             child->protocol, child->spi[receiver], nonces,
                             encryption_length + integrity_length, &keymat) == IKE_OK;

    if (good) {
        ike_secret_set(encryption, (ike_span){keymat.data, encryption_length});
        ike_secret_set(integrity, (ike_span){keymat.data + encryption_length, integrity_length});
    }
    ike_secret_clear(&keymat);
    return good;
}

/* ike_child.derive. The second variant is for messages captured in the wrong order. */
static bool derive_child(const ike_child *child, unsigned variant, const ike_span *secrets,
                         ike_child_keys *out, ike_key_origin *of_ike_sa)
{
    ikev1_sa *sa = (ikev1_sa *)child->owner;
    ikev1_keys *keys = sa->key_count ? sa->keys[sa->key_count - 1] : NULL;
    ike_span shared = secrets ? secrets[0] : (ike_span){NULL, 0};
    ike_span first = ike_child_nonce(child, IKE_CHILD_I);
    ike_span second = ike_child_nonce(child, IKE_CHILD_R);
    ike_nonces nonces = variant == 0 ? (ike_nonces){first, second} : (ike_nonces){second, first};

    if (!keys)
        return false;
    ikev1_complete(sa, keys);
    *of_ike_sa = keys->origin;
    return keys->skeyids.d.length && keys->rows.prf &&
           derive_direction(child, keys, shared, IKE_CHILD_R, nonces, &out->ei, &out->ai) &&
           derive_direction(child, keys, shared, IKE_CHILD_I, nonces, &out->er, &out->ar);
}

/* AH has an Authentication Algorithm too (RFC 2407 4.5), whatever its transform is called. */
static bool rows_of(const ike_key_inputs *inputs, uint8_t protocol, uint16_t authentication,
                    ike_algorithms *rows)
{
    *rows = (ike_algorithms){.encr = protocol == IKEV2_PROTOCOL_AH
                                         ? ike_encr_find(IKEV2_ENCR_NULL)
                                         : ike_encr_find_v1_esp(inputs->v1_esp_transform),
                             .integ = authentication ? ike_integ_find_v1_esp(authentication)
                                                     : ike_integ_find(IKEV2_INTEG_NONE)};
    if (!rows->encr || !rows->integ || !ike_encr_is_supported(rows->encr))
        return false;
    rows->key_bits = inputs->v1_esp_key_bits && protocol != IKEV2_PROTOCOL_AH
                         ? inputs->v1_esp_key_bits
                         : rows->encr->default_bits;
    if (ike_encr_is_aead(rows->encr))
        rows->integ = NULL;
    return true;
}

static void add_child(ikev1_sa *sa, const ikev1_quick *quick, const ike_key_inputs *answer,
                      uint8_t protocol, uint16_t authentication, const uint32_t spi[2])
{
    bool pfs = quick->ke[0].length && quick->ke[1].length;
    ike_child *child = ike_child_new(&sa->base, pfs ? 1 : 0);
    ike_algorithms algorithms;

    child->derive = derive_child;
    child->protocol = protocol;
    child->transport = is_transport(answer->v1_encapsulation);
    child->esn = IKE_ESN_UNKNOWN;
    ike_child_set_nonces(child, quick->nonce);
    for (unsigned role = 0; role < 2; role++) {
        child->spi[role] = spi[role];
        if (pfs) {
            child->exchanges[0].group = answer->v1_pfs_group;
            ike_secret_set(&child->exchanges[0].ke[role], ike_secret_span(&quick->ke[role]));
        }
    }
    child->unsupported = !rows_of(answer, protocol, authentication, &algorithms);
    child->algorithms = ike_decrypt_context_intern(sa->base.capture, &algorithms);
    ike_esp_add_child(child);
}

/* Of a bundle both protocols have an SA, with SPIs and keys of its own (RFC 2408 4.2). */
static void add_children(ikev1_sa *sa, const ikev1_quick *quick, const ike_key_inputs *answer)
{
    const uint32_t ah[] = {(uint32_t)ike_proposed_spis_find(
                               &quick->proposed, answer->proposal_number, IKEV2_PROTOCOL_AH),
                           answer->v1_ah_spi};

    add_child(sa, quick, answer, answer->v1_protocol, answer->v1_esp_auth, quick->spi);
    if (answer->v1_ah_spi)
        add_child(sa, quick, answer, IKEV2_PROTOCOL_AH, answer->v1_ah_auth, ah);
}

static ikev1_quick *own_quick(ikev1_sa *sa, uint32_t message_id)
{
    ikev1_quick *quick;

    if (!sa->quick)
        sa->quick = g_hash_table_new_full(ike_hash_number, g_direct_equal, NULL, free_quick);
    quick = g_hash_table_lookup(sa->quick, GUINT_TO_POINTER(message_id));

    if (!quick) {
        quick = g_new0(ikev1_quick, 1);
        g_hash_table_insert(sa->quick, GUINT_TO_POINTER(message_id), quick);
    }
    return quick;
}

void ikev1_update_quick(ikev1_sa *sa, const ike_key_inputs *inputs)
{
    ikev1_quick *quick;
    unsigned role;

    if (!inputs->nonce.length || !inputs->message_id)
        return; /* the third message */
    quick = own_quick(sa, inputs->message_id);
    if (!quick->began) {
        quick->began = true;
        quick->first_from_initiator = inputs->from_initiator;
    }
    role = inputs->from_initiator != quick->first_from_initiator;
    ike_secret_set(&quick->nonce[role], inputs->nonce);
    ike_secret_set(&quick->ke[role], inputs->ke);
    quick->spi[role] = inputs->v1_spi;
    if (role == 0) {
        ike_proposed_spis_set(&quick->proposed, inputs);
    } else if (quick->proposed.count) {
        quick->spi[0] = (uint32_t)ike_proposed_spis_find(&quick->proposed, inputs->proposal_number,
                                                         inputs->v1_protocol);
    }
    if (quick->nonce[0].length && quick->nonce[1].length &&
        (inputs->v1_protocol == IKEV2_PROTOCOL_ESP || inputs->v1_protocol == IKEV2_PROTOCOL_AH))
        add_children(sa, quick, inputs);
}
