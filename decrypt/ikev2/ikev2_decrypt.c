/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decrypts the Encrypted payload of an IKEv2 SA with keys that are known or are looked for. */
#include "decrypt/ikev2/ikev2.h"

#include "decrypt/ikev2/ikev2_auth.h"
#include "decrypt/ikev2/ikev2_search.h"
#include "decrypt/ikev2/ikev2_group.h"

static unsigned sender_of(const ike_encrypted_payload *encrypted)
{
    return encrypted->from_initiator ? IKE_I : IKE_R;
}

/* An ICV was right. Keys that were derived together are right together. */
static void record_verified(ikev2_sa *sa, const ike_encrypted_payload *encrypted,
                            const ikev2_generation *keys)
{
    if (!sa->verified)
        ikev2_drop_unverified(sa);
    sa->verified = true;
    for (unsigned side = IKE_I; side <= IKE_R; side++)
        sa->side_verified[side] =
            sa->side_verified[side] || !keys || !keys->separate || side == sender_of(encrypted);
}

static bool decrypt_known(ikev2_sa *sa, const ike_encrypted_payload *encrypted,
                          const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    if (hint && hint->generation && hint->generation <= sa->generation_count) {
        result->hint.generation = hint->generation;
        return ikev2_generation_decrypt(sa->generations[hint->generation - 1], encrypted, result) ==
               IKE_DECRYPT_OK;
    }
    for (uint8_t number = sa->generation_count; number > 0; number--) {
        ike_decrypted_payload trial = {.status = IKE_DECRYPT_NO_KEY};

        if (ikev2_generation_decrypt(sa->generations[number - 1], encrypted, &trial) ==
            IKE_DECRYPT_OK) {
            *result = trial;
            result->hint.generation = number;
            return true;
        }
        if (number == sa->generation_count)
            *result = trial;
    }
    return false;
}

/* With the user's row, though no keys fit or its ICV is not to be checked. */
static bool decrypt_with_row(const ikev2_sa *sa, const ike_encrypted_payload *encrypted,
                             ike_decrypted_payload *result)
{
    ikev2_generation *from_table;
    bool decrypted;

    if (ike_keyring_revision(sa->base.capture->ring) == 0 || !(from_table = ikev2_table_keys(sa)))
        return false;
    *result = (ike_decrypted_payload){.status = IKE_DECRYPT_NO_KEY};
    decrypted = ikev2_generation_decrypt(from_table, encrypted, result) == IKE_DECRYPT_OK;
    if (decrypted)
        result->key_source = ike_keyring_used_text(sa->base.capture->ring, &from_table->origin,
                                                   from_table->rows.encr->name);
    ikev2_generation_free(from_table);
    return decrypted;
}

/* Stores keys that were found and decrypts with them. */
static bool decrypt_found(ikev2_sa *sa, ikev2_generation *found,
                          const ike_encrypted_payload *encrypted, ike_decrypted_payload *result)
{
    uint8_t number;

    found->origin_text =
        ike_keyring_used_text(sa->base.capture->ring, &found->origin, found->rows.encr->name);
    ikev2_complete(sa, found);
    number = ikev2_sa_store(sa, found);
    *result = (ike_decrypted_payload){.status = IKE_DECRYPT_NO_KEY};
    if (!number || ikev2_generation_decrypt(found, encrypted, result) != IKE_DECRYPT_OK)
        return false;
    result->hint.generation = number;
    return true;
}

static bool decrypt(ikev2_sa *sa, const ike_encrypted_payload *encrypted,
                    const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    ike_decrypt_status why = IKE_DECRYPT_NO_KEY;
    ikev2_generation *found;

    if (decrypt_known(sa, encrypted, hint, result))
        return true;
    found = encrypted->first_pass ? ikev2_find_rekey_keys(encrypted, sa->base.capture, &why) : NULL;
    if (!found && encrypted->first_pass && why == IKE_DECRYPT_NO_KEY)
        found = ikev2_find_keys(sa, encrypted, &why);
    if (found)
        return decrypt_found(sa, found, encrypted, result);
    if (decrypt_with_row(sa, encrypted, result))
        return true;
    if (encrypted->first_pass && result->status == IKE_DECRYPT_NO_KEY)
        result->status = why;
    /* Keys for a cipher that was not negotiated say nothing of the ciphertext. */
    if (result->status == IKE_DECRYPT_BLOCK_SIZE && sa->computable &&
        ikev2_misfit(sa->rows, encrypted) == IKE_DECRYPT_OK)
        result->status = IKE_DECRYPT_WRONG_KEY;
    /* Keys that were right for others of the SA decide about this one. */
    if (result->status == IKE_DECRYPT_BAD_ICV && sa->side_verified[sender_of(encrypted)])
        result->status = IKE_DECRYPT_NOT_AUTHENTIC;
    if (!result->layout_known && sa->computable)
        ikev2_set_layout(sa->rows, result);
    return false;
}

static bool is_misfit(const ikev2_sa *sa, const ike_encrypted_payload *encrypted)
{
    return sa->computable && (sa->verified || !sa->several_suites) &&
           ikev2_misfit(sa->rows, encrypted) != IKE_DECRYPT_OK;
}

bool ikev2_decrypt(ikev2_sa *sa, const ike_encrypted_payload *encrypted,
                   const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    bool decrypted = decrypt(sa, encrypted, hint, result);

    result->misfit = is_misfit(sa, encrypted);
    if (encrypted->first_pass && decrypted && result->icv_ok) {
        uint8_t number = result->hint.generation;

        record_verified(sa, encrypted, number ? sa->generations[number - 1] : NULL);
        result->hint.authentic = true;
        if (encrypted->fragment)
            ikev2_auth_first_fragment(sa, encrypted);
    }
    return decrypted;
}
