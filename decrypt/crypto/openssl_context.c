/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The OpenSSL library contexts of the plugin. Wireshark dissects in one thread: no locks here. */
#include "decrypt/crypto/openssl_context.h"

#include <stddef.h>

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

typedef struct {
    const char *name;
    bool tried; /* a provider that is not there is looked for once */
    OSSL_LIB_CTX *context;
    OSSL_PROVIDER *provider;
    GHashTable *ciphers, *digests; /* by name, NULL for what it has not */
} ossl_world;

static ossl_world modern = {.name = "default"};
static ossl_world legacy = {.name = "legacy"};

/* The one context that all digests are computed in. */
static EVP_MD_CTX *hashing;

static OSSL_LIB_CTX *enter(ossl_world *world)
{
    if (!world->tried) {
        world->tried = true;
        world->context = OSSL_LIB_CTX_new();
        if (world->context != NULL)
            world->provider = OSSL_PROVIDER_load(world->context, world->name);
        if (world->provider == NULL) {
            OSSL_LIB_CTX_free(world->context);
            world->context = NULL;
            ERR_clear_error();
        }
    }
    return world->context;
}

static void free_cipher(gpointer cipher)
{
    EVP_CIPHER_free(cipher);
}

static void free_digest(gpointer digest)
{
    EVP_MD_free(digest);
}

static void leave(ossl_world *world)
{
    g_clear_pointer(&world->ciphers, g_hash_table_unref);
    g_clear_pointer(&world->digests, g_hash_table_unref);
    if (world->provider != NULL)
        OSSL_PROVIDER_unload(world->provider);
    OSSL_LIB_CTX_free(world->context);
    world->provider = NULL;
    world->context = NULL;
    world->tried = false;
}

OSSL_LIB_CTX *ike_ossl(void)
{
    return enter(&modern);
}

/* An algorithm, looked up once by each name. */
static gpointer fetch(const char *name, bool from_legacy, bool is_digest)
{
    ossl_world *world = from_legacy ? &legacy : &modern;
    GHashTable **known = is_digest ? &world->digests : &world->ciphers;
    OSSL_LIB_CTX *library = enter(world);
    gpointer found;

    if (library == NULL)
        return NULL;
    if (*known == NULL)
        *known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                       is_digest ? free_digest : free_cipher);
    if (!g_hash_table_lookup_extended(*known, name, NULL, &found)) {
        found = is_digest ? (gpointer)EVP_MD_fetch(library, name, NULL)
                          : (gpointer)EVP_CIPHER_fetch(library, name, NULL);
        ERR_clear_error();
        g_hash_table_insert(*known, g_strdup(name), found);
    }
    return found;
}

EVP_CIPHER *ike_ossl_cipher(const char *name, bool from_legacy)
{
    return fetch(name, from_legacy, false);
}

EVP_MD *ike_ossl_digest(const char *name, bool from_legacy)
{
    return fetch(name, from_legacy, true);
}

bool ike_ossl_hash(const EVP_MD *digest, ike_span first, const ike_span *parts, size_t count,
                   uint8_t *out)
{
    if (hashing == NULL)
        hashing = EVP_MD_CTX_new();
    bool ok = digest != NULL && hashing != NULL && EVP_DigestInit_ex2(hashing, digest, NULL) == 1;

    if (ok && first.length > 0)
        ok = EVP_DigestUpdate(hashing, first.data, first.length) == 1;
    for (size_t i = 0; ok && i < count; i++)
        ok = parts[i].length == 0 || EVP_DigestUpdate(hashing, parts[i].data, parts[i].length) == 1;
    ok = ok && EVP_DigestFinal_ex(hashing, out, NULL) == 1;
    if (!ok)
        ERR_clear_error();
    return ok;
}

void ike_ossl_cleanup(void)
{
    EVP_MD_CTX_free(hashing);
    hashing = NULL;
    leave(&modern);
    leave(&legacy);
}
