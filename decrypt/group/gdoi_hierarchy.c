/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/group/download.h"

#include <string.h>

#include <openssl/crypto.h>

enum { MAX_KEY = 64 }; /* bytes, with the IV: AES-256 has 48 */

/* Stored with the number of its cipher in front. */
static void store_key(ike_group_store *store, const ike_group_key *key, ike_span data)
{
    uint8_t named[1 + MAX_KEY] = {key->algorithm};

    if (data.length && data.length <= MAX_KEY) {
        memcpy(named + 1, data.data, data.length);
        ike_group_store_add_wrap_key(store, key->id, (ike_span){named, 1 + data.length});
    }
    OPENSSL_cleanse(named, sizeof named);
}

/* Key Data is encrypted with the IV and key of the other one's Key Data. */
static bool decrypt_key(const ike_secret *under, ike_span data, uint8_t *plain)
{
    const ike_encr *encr = ike_encr_find(ike_group_kek_cipher(under->data[0]));
    size_t iv = encr ? encr->iv_length : 0;
    ike_status status = IKE_ERR_KEY_LENGTH;

    if (!encr || under->length <= 1 + iv || !data.length || data.length % encr->block_length)
        return false;
    ike_cipher *cipher =
        ike_cipher_new(encr, (ike_span){under->data + 1 + iv, under->length - 1 - iv}, &status);
    if (cipher) {
        status = ike_cipher_decrypt(cipher, (ike_span){under->data + 1, iv}, (ike_span){NULL, 0},
                                    data, (ike_span){NULL, 0}, plain);
    }
    ike_cipher_free(cipher);
    return cipher && status == IKE_OK;
}

void ike_lkh_update(ike_group_store *store, const ike_group_key *key, ike_lkh_use use, void *user)
{
    uint8_t plain[MAX_KEY];
    const ike_secret *under;

    if (!key->wrapping_id) {
        store_key(store, key, key->data);
        use(user, key->data);
        return;
    }
    if (key->data.length > MAX_KEY || key->wrapping_id == key->id)
        return;
    for (unsigned i = 0; (under = ike_group_store_wrap_key(store, key->wrapping_id, i)); i++) {
        if (decrypt_key(under, key->data, plain)) {
            const ike_span data = {plain, key->data.length};

            store_key(store, key, data);
            use(user, data);
        }
    }
    OPENSSL_cleanse(plain, sizeof plain);
}
