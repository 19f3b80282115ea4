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

OSSL_LIB_CTX *ike_ossl_legacy(void)
{
    return enter(&legacy);
}

EVP_CIPHER *ike_ossl_cipher(const char *name, bool from_legacy)
{
    ossl_world *world = from_legacy ? &legacy : &modern;
    OSSL_LIB_CTX *library = enter(world);
    gpointer cipher;

    if (library == NULL)
        return NULL;
    if (world->ciphers == NULL)
        world->ciphers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_cipher);
    if (!g_hash_table_lookup_extended(world->ciphers, name, NULL, &cipher)) {
        cipher = EVP_CIPHER_fetch(library, name, NULL);
        ERR_clear_error();
        g_hash_table_insert(world->ciphers, g_strdup(name), cipher);
    }
    return cipher;
}

EVP_MD *ike_ossl_digest(const char *name)
{
    OSSL_LIB_CTX *library = enter(&modern);
    gpointer digest;

    if (library == NULL)
        return NULL;
    if (modern.digests == NULL)
        modern.digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_digest);
    if (!g_hash_table_lookup_extended(modern.digests, name, NULL, &digest)) {
        digest = EVP_MD_fetch(library, name, NULL);
        ERR_clear_error();
        g_hash_table_insert(modern.digests, g_strdup(name), digest);
    }
    return digest;
}

void ike_ossl_cleanup(void)
{
    leave(&modern);
    leave(&legacy);
}
