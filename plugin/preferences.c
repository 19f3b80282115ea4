/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The preferences. The rows of the built-in's "IKEv1 Decryption Table" and "IKEv2 Decryption Table"
 * are read through the general interface of such tables. */
#include "plugin/preferences.h"

#include "dissector/base/compat.h"
#include <epan/prefs.h>
#include <epan/uat-int.h>
#include <wsutil/inet_addr.h>
#include <wsutil/to_str.h>

#include "analysis/tracker/quoted.h"
#include "dissector/transport/esp.h"
#include "plugin/secrets.h"
#include "dissector/session/session.h"

#define PSK_TABLE "IKE pre-shared keys"

enum { MAX_COLUMNS = 8 };

/* Bytes as hex text, what a user would have typed. */
static char *hex_of(const char *bytes, unsigned length)
{
    char *text = g_malloc0(2 * (size_t)length + 1);

    if (length)
        bytes_to_hexstr(text, (const uint8_t *)bytes, length);
    return text;
}

/* The text of each column of a row; the caller frees with free_row(). */
static unsigned read_row(const uat_t *uat, void *record, char *columns[MAX_COLUMNS])
{
    unsigned count = MIN(uat->ncols, (unsigned)MAX_COLUMNS);

    for (unsigned i = 0; i < count; i++) {
        const uat_field_t *field = &uat->fields[i];
        char *text = NULL;
        unsigned length = 0;
        field->cb.tostr(record, &text, &length, field->cbdata.tostr, field->fld_data);
        columns[i] = field->mode == PT_TXTMOD_HEXBYTES ? hex_of(text, text ? length : 0)
                                                       : g_strndup(text ? text : "", length);
        if (text)
            memset(text, 0, length);
        g_free(text);
    }
    return count;
}

static void free_row(char *columns[MAX_COLUMNS], unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        memset(columns[i], 0, strlen(columns[i]));
        g_free(columns[i]);
    }
}

static const char *add_ikev1(ike_keyring *ring, char *columns[], unsigned count)
{
    return count < 2 ? "too few columns" : ike_keyring_add_ikev1_row(ring, columns[0], columns[1]);
}

static const char *add_ikev2(ike_keyring *ring, char *columns[], unsigned count)
{
    return count < 8
               ? "too few columns"
               : ike_keyring_add_ikev2_row(ring, columns[0], columns[1], columns[2], columns[3],
                                           columns[4], columns[5], columns[6], columns[7]);
}

/* The tables and what takes their rows. */
static const struct {
    const char *name;
    const char *(*add)(ike_keyring *ring, char *columns[], unsigned count);
} tables[] = {
    {"IKEv1 Decryption Table", add_ikev1},
    {"IKEv2 Decryption Table", add_ikev2},
};

/* One row of our own table of pre-shared keys. */
typedef struct {
    char *peer, *psk;
} psk_row;

static psk_row *psk_rows;
static unsigned psk_count;
static const char *keylog_file = "";

UAT_CSTRING_CB_DEF(psk, peer, psk_row)
UAT_CSTRING_CB_DEF(psk, psk, psk_row)

static void *psk_copy(void *to, const void *from, size_t size _U_)
{
    const psk_row *source = from;
    psk_row *target = to;

    target->peer = g_strdup(source->peer);
    target->psk = g_strdup(source->psk);
    return target;
}

static void psk_free(void *record)
{
    psk_row *row = record;

    g_free(row->peer);
    if (row->psk)
        memset(row->psk, 0, strlen(row->psk));
    g_free(row->psk);
}

/* What could not be used, for the user: on stderr, where tshark's users look, and for the tree of
 * the capture's first message, where Wireshark's look. Line 0: the source as a whole. */
static void warn(void *user _U_, const char *source, unsigned line, const char *why)
{
    char *name = ike_quoted(source);
    char *text = line ? g_strdup_printf("%s, line %u: %s", name, line, why)
                      : g_strdup_printf("%s: %s", name, why);

    fprintf(stderr, "isakmp: %s\n", text);
    ike_session_warn(wmem_strdup(wmem_file_scope(), text));
    g_free(text);
    g_free(name);
}

static void fill_from_tables(ike_keyring *ring)
{
    for (unsigned t = 0; t < array_length(tables); t++) {
        const uat_t *uat = uat_get_table_by_name(tables[t].name);
        for (unsigned row = 0; uat && row < uat->user_data->len; row++) {
            char *columns[MAX_COLUMNS];
            unsigned count = read_row(uat, uat->user_data->data + row * uat->record_size, columns);
            const char *why = tables[t].add(ring, columns, count);
            if (why)
                warn(NULL, tables[t].name, row + 1, why);
            free_row(columns, count);
        }
    }
}

static void fill_from_psks(ike_keyring *ring)
{
    for (unsigned i = 0; i < psk_count; i++) {
        const char *why = ike_keyring_add_psk_row(ring, psk_rows[i].peer, psk_rows[i].psk);
        if (why)
            warn(NULL, PSK_TABLE, i + 1, why);
    }
}

static bool has_keylog(void)
{
    return keylog_file && *keylog_file;
}

/* Asked with each message: looks whether the key log has grown no more than twice a second. */
static void follow(ike_keyring *ring)
{
    enum { INTERVAL = 500000 }; /* microseconds */
    static int64_t last;

    if (!has_keylog())
        return;
    int64_t now = g_get_monotonic_time();
    if (now - last >= INTERVAL) {
        last = now;
        ike_keyring_follow_file(ring, keylog_file);
    }
}

static void fill(ike_keyring *ring)
{
    fill_from_tables(ring);
    fill_from_psks(ring);
    ike_secrets_fill(ring);
    if (has_keylog())
        ike_keyring_follow_file(ring, keylog_file);
}

/* A key log may grow, and a capture may still bring secrets: else what is waiting for keys is
 * freed. */
static void start(const packet_info *pinfo)
{
    if (!ike_secrets_may_follow(pinfo) && !has_keylog())
        ike_keyring_close(ike_session_keyring());
}

/* ---- what is typed --------------------------------------------------------------------------- */

static bool is_base64(const char *text)
{
    size_t length = strlen(text);
    size_t digits =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    return length > 0 && length % 4 == 0 && length - digits <= 2 &&
           strspn(text + digits, "=") == length - digits;
}

/* Digits and dots, or hex digits and at least two colons, of a network, too: meant as an address. A
 * network is no peer: it would be an identity that no peer has. */
static bool looks_like_address(const char *peer)
{
    size_t length = strlen(peer);

    return (strchr(peer, '.') && strspn(peer, "0123456789./") == length) ||
           (strchr(peer, ':') != strrchr(peer, ':') &&
            strspn(peer, "0123456789abcdefABCDEF:./") == length);
}

static bool is_address(const char *peer)
{
    ws_in4_addr ipv4;
    ws_in6_addr ipv6;

    return ws_inet_pton4(peer, &ipv4) || ws_inet_pton6(peer, &ipv6);
}

/* Why a row of the PSK table cannot be used; NULL: it can. */
static const char *check_psk_row(const psk_row *row)
{
    const char *peer = row->peer ? row->peer : "", *psk = row->psk ? row->psk : "";

    if (looks_like_address(peer) && !is_address(peer))
        return "The peer looks like an IP address, but is not valid";
    if (psk[0] == '0' && g_ascii_tolower(psk[1]) == 's' && !is_base64(psk + 2))
        return "The PSK begins with 0s, but is not base64";
    ike_keyring *scratch = ike_keyring_new(NULL, NULL);
    const char *why = ike_keyring_add_psk_row(scratch, peer, psk);
    ike_keyring_free(scratch);
    return why;
}

/* Asked by the dialog for each row that is edited, and for each one read from a file. */
static ws_bool psk_update(void *record, char **error)
{
    const char *why = check_psk_row(record);

    *error = why ? g_strdup(why) : NULL;
    return !why;
}

/* The built-in looks at the cookie of a row alone. */
static uat_t *ikev1_table;
static uat_update_cb_t builtin_ikev1_update;

static ws_bool ikev1_update(void *record, char **error)
{
    char *columns[MAX_COLUMNS];

    if (builtin_ikev1_update && !builtin_ikev1_update(record, error))
        return FALSE;
    ike_keyring *scratch = ike_keyring_new(NULL, NULL);
    unsigned count = read_row(ikev1_table, record, columns);
    const char *why = add_ikev1(scratch, columns, count);

    free_row(columns, count);
    ike_keyring_free(scratch);
    *error = why ? g_strdup(why) : NULL;
    return !why;
}

static void check_ikev1_table(void)
{
    ikev1_table = uat_get_table_by_name("IKEv1 Decryption Table");
    if (!ikev1_table)
        return;
    builtin_ikev1_update = ikev1_table->update_cb;
    ikev1_table->update_cb = ikev1_update;
}

/* Our preferences stand on the built-in's page. */
static void register_preferences(void)
{
    static uat_field_t fields[] = {
        UAT_FLD_CSTRING(psk, peer, "Peer", "An identity, an address, or * for any peer"),
        UAT_FLD_CSTRING(psk, psk, "Pre-shared key", "Text, hex after 0x, or base64 after 0s"),
        UAT_END_FIELDS,
    };
    module_t *module = prefs_find_module("isakmp");
    uat_t *uat =
        uat_new(PSK_TABLE, sizeof(psk_row), "isakmp_psk", TRUE, &psk_rows, &psk_count,
                UAT_AFFECTS_DISSECTION, NULL, psk_copy, psk_update, psk_free, NULL, NULL, fields);

    prefs_register_filename_preference(
        module, "keylog_file", "IKE key log file",
        "Secrets for IKE and ESP: a key log, the unmodified log of an IKE daemon, or the list of "
        "SAs of a kernel or gateway (docs/keylog.md). Several files separated by ;, or a folder",
        &keylog_file, FALSE);
    prefs_register_uat_preference(module, "psk_table", PSK_TABLE,
                                  "Pre-shared keys by identity or address of the peer", uat);
    prefs_register_bool_preference(
        module, "decrypt_esp", "Decrypt ESP",
        "Decrypt ESP with keys derived from the IKE SAs in the capture or taken from the key log",
        &ike_decrypt_esp);
}

void ike_preferences_register(void)
{
    register_preferences();
    check_ikev1_table();
    ike_secrets_register();
    ike_session_set_warn(warn);
    ike_session_set_sources(fill, follow);
    ike_session_set_starting(start);
}
