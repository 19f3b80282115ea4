/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File > Export Objects: every certificate, revocation list and the like as it was sent, named by
 * its subject. */
#include "plugin/menus.h"

#include "dissector/session/tap.h"

#include <epan/export_object.h>
#include <epan/to_str.h>

#include "analysis/tracker/distinguished_name.h"
#include "decrypt/decrypt.h"
#include "registry/names.h"

/* How files of an encoding are called. The rest is ".bin". */
static const struct {
    uint8_t encoding;
    const char *what, *extension, *media_type;
} encodings[] = {
    {1, "pkcs7", "p7b", "application/pkcs7-mime"},
    {4, "certificate", "cer", "application/pkix-cert"},
    {5, "certificate", "cer", "application/pkix-cert"},
    {7, "crl", "crl", "application/pkix-crl"},
    {8, "arl", "crl", "application/pkix-crl"},
    {10, "attribute-certificate", "ac", "application/pkix-attr-cert"},
    {14, "ocsp-response", "ors", "application/ocsp-response"},
    {15, "public-key", "der", "application/octet-stream"},
};

/* A subject as a file name: no separators, nothing hidden, nothing that a shell or a terminal takes
 * for a command. */
static void make_file_name(GString *name)
{
    for (char *at = name->str; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f || strchr("/\\:*?\"<>|'`$&;", *at))
            *at = '_';
    if (*name->str == '.' || *name->str == '-')
        *name->str = '_';
}

static char *file_name(const ike_tapped_certificate *certificate, uint32_t frame, unsigned row)
{
    enum { MAX_SUBJECT = 150 };
    GString *name = g_string_new(NULL);
    bool known = row < array_length(encodings);
    bool x509 = known && strcmp(encodings[row].what, "certificate") == 0;
    ike_x509 *read = x509 ? ike_x509_read(certificate->data) : NULL;

    if (read)
        ike_format_name(name, read->subject, read->subject_length);
    ike_x509_free(read);
    if (name->len > MAX_SUBJECT)
        g_string_truncate(name, MAX_SUBJECT);
    if (!name->len)
        g_string_printf(name, "%s-in-frame-%u", known ? encodings[row].what : "certificate", frame);
    make_file_name(name);
    g_string_append_printf(name, ".%s", known ? encodings[row].extension : "bin");
    char *valid = g_utf8_make_valid(name->str, -1);
    g_string_free(name, TRUE);
    return valid;
}

static char *sender_of(const packet_info *pinfo)
{
    char *text = address_to_str(NULL, &pinfo->src);
    char *copy = g_strdup(text);

    wmem_free(NULL, text);
    return copy;
}

static tap_packet_status packet(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                const void *data, tap_flags_t flags _U_)
{
    const ike_tapped_certificate *certificate = data;
    export_object_list_t *list = tapdata;
    unsigned row = 0;

    while (row < array_length(encodings) && encodings[row].encoding != certificate->encoding)
        row++;
    export_object_entry_t *entry = g_new0(export_object_entry_t, 1);
    entry->pkt_num = pinfo->num;
    entry->hostname = sender_of(pinfo);
    entry->content_type = g_strdup(row < array_length(encodings) ? encodings[row].media_type
                                                                 : "application/octet-stream");
    entry->filename = file_name(certificate, pinfo->num, row);
    entry->payload_len = certificate->data.length;
    entry->payload_data = g_memdup2(certificate->data.data, certificate->data.length);
    list->add_entry(list->gui_data, entry);
    return TAP_PACKET_REDRAW;
}

void ike_certificates_register(void)
{
    ike_tap_certificates(register_export_object(proto_isakmp, packet, NULL));
}
