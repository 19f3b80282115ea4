/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities of peers as text. */
#include "decrypt/keys/identity.h"

#include <string.h>

#include <arpa/inet.h>
#include <glib.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "proto/ike_numbers.h"

enum { BODY_HEADER = 4, MAX_DN = 4096 };

/* ---- distinguished names --------------------------------------------------------------------- */

/* Short names that differ between programs. */
static const struct {
    const char *other, *ours;
} attribute_names[] = {
    {"e", "emailaddress"},
    {"email", "emailaddress"},
    {"s", "st"},
    {"commonname", "cn"},
    {"countryname", "c"},
    {"organizationname", "o"},
    {"organizationalunitname", "ou"},
    {"localityname", "l"},
    {"stateorprovincename", "st"},
    {"userid", "uid"},
    {"domaincomponent", "dc"},
};

static char *canonical_rdn(const char *type, const char *value)
{
    char *lower_type = g_ascii_strdown(type, -1), *lower_value = g_utf8_strdown(value, -1), *rdn;
    const char *name = g_strstrip(lower_type);

    for (size_t i = 0; i < G_N_ELEMENTS(attribute_names); i++)
        if (strcmp(name, attribute_names[i].other) == 0)
            name = attribute_names[i].ours;
    rdn = g_strdup_printf("%s=%s", name, g_strstrip(lower_value));
    g_free(lower_type);
    g_free(lower_value);
    return rdn;
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Frees the RDNs. */
static char *join_rdns(GPtrArray *rdns)
{
    char *joined;

    g_ptr_array_sort(rdns, compare_texts);
    g_ptr_array_add(rdns, NULL);
    joined = g_strjoinv(", ", (gchar **)rdns->pdata);
    g_ptr_array_free(rdns, TRUE);
    return joined;
}

/* Splits at ',' or ';' or '+' (RFC 4514), or at '/' where the text begins with one, and joins parts
 * without a '=' to the one before. NULL when it is no distinguished name. */
static char *canonical_dn(const char *text)
{
    bool slashes = *text == '/';
    gchar **parts = g_strsplit_set(slashes ? text + 1 : text, slashes ? "/" : ",;+", -1);
    GPtrArray *rdns = g_ptr_array_new_with_free_func(g_free);

    for (gchar **part = parts; *part; part++) {
        char *equals = strchr(*part, '=');

        if (equals) {
            *equals = '\0';
            g_ptr_array_add(rdns, canonical_rdn(*part, equals + 1));
        } else if (rdns->len) {
            char *joined = g_strdup_printf("%s%c%s", (char *)rdns->pdata[rdns->len - 1],
                                           slashes ? '/' : ',', *part);
            g_free(rdns->pdata[rdns->len - 1]);
            rdns->pdata[rdns->len - 1] = joined;
        }
    }
    g_strfreev(parts);
    if (!rdns->len) {
        g_ptr_array_free(rdns, TRUE);
        return NULL;
    }
    return join_rdns(rdns);
}

static char *rdn_of_entry(const X509_NAME_ENTRY *entry)
{
    const ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
    int nid = OBJ_obj2nid(object);
    unsigned char *value = NULL;
    char dotted[80], *rdn;

    if (nid == NID_undef)
        OBJ_obj2txt(dotted, sizeof dotted, object, 1);
    if (ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(entry)) < 0)
        return NULL;
    rdn = canonical_rdn(nid == NID_undef ? dotted : OBJ_nid2sn(nid), (const char *)value);
    OPENSSL_free(value);
    return rdn;
}

/* DER of a Name (RFC 5280 4.1.2.4). */
static char *dn_text(const uint8_t *der, size_t length)
{
    const unsigned char *at = der;
    X509_NAME *name = length <= MAX_DN ? d2i_X509_NAME(NULL, &at, (long)length) : NULL;
    GPtrArray *rdns;

    if (!name) {
        ERR_clear_error();
        return NULL;
    }
    rdns = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        char *rdn = rdn_of_entry(X509_NAME_get_entry(name, i));

        if (rdn)
            g_ptr_array_add(rdns, rdn);
    }
    X509_NAME_free(name);
    ERR_clear_error();
    return join_rdns(rdns);
}

/* ---- identities ------------------------------------------------------------------------------ */

char *ike_identity_canonical(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    uint8_t bytes[16];
    char *dn = strchr(text, '=') ? canonical_dn(text) : NULL;

    if (dn)
        return dn;
    if (inet_pton(AF_INET6, text, bytes) == 1 &&
        inet_ntop(AF_INET6, bytes, address, sizeof address))
        return g_strdup(address);
    /* strongSwan writes "@a.example" for a name that is not to be resolved. */
    if (*text == '@' && text[1] != '\0' && text[1] != '#' && text[1] != '~')
        text++;
    return g_ascii_strdown(text, -1);
}

char *ike_identity_text(ike_span body)
{
    char text[INET6_ADDRSTRLEN];
    const uint8_t *data;
    size_t length;

    if (body.length <= BODY_HEADER)
        return NULL;
    data = body.data + BODY_HEADER;
    length = body.length - BODY_HEADER;
    switch (body.data[0]) { /* the same numbers in both versions: RFC 2407 4.6.2.1, RFC 7296 3.5 */
    case IKEV2_ID_IPV4_ADDR:
        return length == 4 ? g_strdup(inet_ntop(AF_INET, data, text, sizeof text)) : NULL;
    case IKEV2_ID_IPV6_ADDR:
        return length == 16 ? g_strdup(inet_ntop(AF_INET6, data, text, sizeof text)) : NULL;
    case IKEV2_ID_FQDN:
    case IKEV2_ID_RFC822_ADDR:
    case IKEV2_ID_KEY_ID:
        return g_strndup((const char *)data, length);
    case IKEV2_ID_DER_ASN1_DN:
        return dn_text(data, length);
    default:
        return NULL;
    }
}
