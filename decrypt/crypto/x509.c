/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, dates and key of an X.509 certificate (RFC 5280 4.1 and 4.2.1.6). */
#include "decrypt/crypto/x509.h"

#include <limits.h>
#include <time.h>

#include <glib.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "decrypt/crypto/openssl_context.h"
#include "proto/ike_numbers.h"

static uint64_t seconds_of(const ASN1_TIME *when)
{
    struct tm parts;

    if (!when || ASN1_TIME_to_tm(when, &parts) != 1)
        return 0;
    GDateTime *date = g_date_time_new_utc(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                                          parts.tm_hour, parts.tm_min, parts.tm_sec);
    int64_t seconds = date ? g_date_time_to_unix(date) : 0;
    g_clear_pointer(&date, g_date_time_unref);
    return seconds > 0 ? (uint64_t)seconds : 0;
}

static const uint8_t *copy_name(const X509_NAME *name, size_t *length)
{
    const unsigned char *der = NULL;

    *length = 0;
    return name && X509_NAME_get0_der(name, &der, length) == 1 ? g_memdup2(der, *length) : NULL;
}

/* The type of identity that a name can stand for (RFC 4945 3.1); 0 for other kinds of names. */
static uint8_t id_type_of(const GENERAL_NAME *name)
{
    switch (name->type) {
    case GEN_DNS:
        return IKEV2_ID_FQDN;
    case GEN_EMAIL:
        return IKEV2_ID_RFC822_ADDR;
    case GEN_IPADD:
        return name->d.iPAddress->length == 4    ? IKEV2_ID_IPV4_ADDR
               : name->d.iPAddress->length == 16 ? IKEV2_ID_IPV6_ADDR
                                                 : 0;
    case GEN_DIRNAME:
        return IKEV2_ID_DER_ASN1_DN;
    default:
        return 0;
    }
}

static void add_name(ike_x509 *info, const GENERAL_NAME *name)
{
    ike_x509_name *to = &info->names[info->name_count];

    to->id_type = id_type_of(name);
    if (!to->id_type)
        return;
    if (to->id_type == IKEV2_ID_DER_ASN1_DN) {
        to->data = copy_name(name->d.directoryName, &to->length);
    } else { /* one of the string types, which share their layout */
        to->length = (size_t)ASN1_STRING_length(name->d.ia5);
        to->data = g_memdup2(ASN1_STRING_get0_data(name->d.ia5), to->length);
    }
    if (to->data)
        info->name_count++;
}

static void read_alternative_names(const X509 *certificate, ike_x509 *info)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        if (info->name_count < IKE_MAX_X509_NAMES)
            add_name(info, sk_GENERAL_NAME_value(names, i));
    GENERAL_NAMES_free(names);
}

static void read_key(X509 *certificate, ike_x509 *info)
{
    static const struct {
        int type;
        const char *name;
    } kinds[] = {{EVP_PKEY_RSA, "RSA"}, {EVP_PKEY_RSA_PSS, "RSA-PSS"}, {EVP_PKEY_EC, "EC"},
                 {EVP_PKEY_DSA, "DSA"}, {EVP_PKEY_ED25519, "Ed25519"}, {EVP_PKEY_ED448, "Ed448"}};
    const EVP_PKEY *key = X509_get0_pubkey(certificate);

    if (!key)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (EVP_PKEY_get_base_id(key) == kinds[i].type)
            info->key = kinds[i].name;
    info->key_bits = (uint32_t)MAX(EVP_PKEY_get_bits(key), 0);
}

static void read_signature(const X509 *certificate, ike_x509 *info)
{
    int digest = NID_undef;

    OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, NULL);
    info->sha1 = digest == NID_sha1;
    info->md5 = digest == NID_md5;
}

static void read_serial(const X509 *certificate, ike_x509 *info)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);

    if (!serial || ASN1_STRING_length(serial) <= 0)
        return;
    info->serial_length = (size_t)ASN1_STRING_length(serial);
    info->serial = g_memdup2(ASN1_STRING_get0_data(serial), info->serial_length);
}

static bool is_printable(const ASN1_STRING *string)
{
    unsigned char *text = NULL;
    int length = ASN1_STRING_to_UTF8(&text, string);
    bool printable = length >= 0 && g_utf8_validate((const char *)text, length, NULL);

    for (int i = 0; printable && i < length; i++)
        printable = text[i] >= ' ' && text[i] != 0x7f;
    OPENSSL_free(text);
    return printable;
}

static bool is_name_intact(const X509_NAME *name)
{
    bool intact = name != NULL;

    for (int i = 0; intact && i < X509_NAME_entry_count(name); i++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        intact = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) != NID_undef &&
                 is_printable(X509_NAME_ENTRY_get_data(entry));
    }
    return intact;
}

bool ike_x509_is_intact(ike_span der)
{
    const unsigned char *at = der.data;
    X509 *certificate = X509_new_ex(ike_ossl(), NULL);
    bool intact = certificate && der.length && der.length <= LONG_MAX &&
                  d2i_X509(&certificate, &at, (long)der.length) && at == der.data + der.length;

    if (intact)
        intact = is_name_intact(X509_get_subject_name(certificate)) &&
                 is_name_intact(X509_get_issuer_name(certificate)) &&
                 seconds_of(X509_get0_notBefore(certificate)) &&
                 seconds_of(X509_get0_notAfter(certificate)) &&
                 !(X509_get_extension_flags(certificate) & EXFLAG_INVALID);
    X509_free(certificate);
    ERR_clear_error();
    return intact;
}

bool ike_x509_name_is_intact(ike_span der)
{
    const unsigned char *at = der.data;
    X509_NAME *name =
        der.length && der.length <= LONG_MAX ? d2i_X509_NAME(NULL, &at, (long)der.length) : NULL;
    bool intact = name && at == der.data + der.length && is_name_intact(name);

    X509_NAME_free(name);
    ERR_clear_error();
    return intact;
}

/* Where one extension is invalid or doubled OpenSSL gives none of them: the usage is unknown. */
static void read_usage(X509 *certificate, ike_x509 *info)
{
    enum { EXTENSIONS_ALONE = -1 };

    if (X509_check_purpose(certificate, EXTENSIONS_ALONE, 0) != 1)
        return;
    uint32_t usage = X509_get_key_usage(certificate), /* absent: all bits are set */
        purposes = X509_get_extended_key_usage(certificate);
    info->cannot_sign = !(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION));
    info->no_server_auth = purposes == UINT32_MAX || !(purposes & (XKU_SSL_SERVER | XKU_ANYEKU));
}

ike_x509 *ike_x509_read(ike_span der)
{
    const unsigned char *at = der.data;
    X509 *certificate = X509_new_ex(ike_ossl(), NULL);
    ike_x509 *info = NULL;

    if (certificate && der.length && der.length <= LONG_MAX &&
        d2i_X509(&certificate, &at, (long)der.length)) {
        info = g_new0(ike_x509, 1);
        info->not_before = seconds_of(X509_get0_notBefore(certificate));
        info->not_after = seconds_of(X509_get0_notAfter(certificate));
        info->subject = copy_name(X509_get_subject_name(certificate), &info->subject_length);
        info->issuer = copy_name(X509_get_issuer_name(certificate), &info->issuer_length);
        info->self_issued = X509_NAME_cmp(X509_get_subject_name(certificate),
                                          X509_get_issuer_name(certificate)) == 0;
        info->authority = X509_check_ca(certificate) != 0;
        read_usage(certificate, info);
        read_serial(certificate, info);
        read_key(certificate, info);
        read_signature(certificate, info);
        read_alternative_names(certificate, info);
    }
    X509_free(certificate);
    ERR_clear_error();
    return info;
}

void ike_x509_free(ike_x509 *info)
{
    if (!info)
        return;
    for (unsigned i = 0; i < info->name_count; i++)
        g_free((void *)(uintptr_t)info->names[i].data);
    g_free((void *)(uintptr_t)info->subject);
    g_free((void *)(uintptr_t)info->issuer);
    g_free((void *)(uintptr_t)info->serial);
    g_free(info);
}
