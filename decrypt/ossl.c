/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The OpenSSL library contexts of the plugin. Wireshark dissects in one thread: no locks here. */
#include "ossl.h"

#include <stdbool.h>
#include <stddef.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>

typedef struct {
    const char *name;
    bool tried; /* a provider that is not there is looked for once */
    OSSL_LIB_CTX *context;
    OSSL_PROVIDER *provider;
} ossl_world;

static ossl_world modern = {.name = "default"};
static ossl_world legacy = {.name = "legacy"};

static OSSL_LIB_CTX *enter(ossl_world *world)
{
    if (!world->tried) {
        world->tried = true;
        world->context = OSSL_LIB_CTX_new();
        if (world->context != NULL) {
            world->provider = OSSL_PROVIDER_load(world->context, world->name);
        }
        if (world->provider == NULL) {
            OSSL_LIB_CTX_free(world->context);
            world->context = NULL;
            ERR_clear_error();
        }
    }
    return world->context;
}

static void leave(ossl_world *world)
{
    if (world->provider != NULL) {
        OSSL_PROVIDER_unload(world->provider);
    }
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

void ike_ossl_cleanup(void)
{
    leave(&modern);
    leave(&legacy);
}
