/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key ring that keeps what it is given as lines of text. */
#include "recording_keyring.h"

#include <inttypes.h>
#include <string.h>

typedef struct {
    uint8_t version;
    uint64_t spi_i, spi_r;
    GString *secrets[IKE_SECRETS]; /* hex, several with commas between */
    bool has_suite;
    ike_suite suite;
} recorded_set;

struct ike_keyring {
    GPtrArray *sets;
    GString *others, *warnings;
    unsigned warning_count, secret_count;
    bool count_only;
    void *readers[IKE_SOURCES];
    void (*free_readers[IKE_SOURCES])(void *);
};

static const char *const kind_names[IKE_SECRETS] = {
    "SK_D",     "SK_AI",     "SK_AR",       "SK_EI",       "SK_ER",
    "SK_PI",    "SK_PR",     "SKEYSEED",    "MSK",         "REJECTING_PSK",
    "V1_KEY",   "V1_SKEYID", "V1_SKEYID_D", "V1_SKEYID_A", "V1_SKEYID_E",
    "GDOI_KEK", "PLAINTEXT", "DH_SHARED",   "DH_PRIVATE"};

static void add_hex(GString *to, ike_span bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        g_string_append_printf(to, "%02x", bytes.data[i]);
}

static void free_set(gpointer data)
{
    recorded_set *set = data;
    for (unsigned i = 0; i < IKE_SECRETS; i++)
        if (set->secrets[i] != NULL)
            g_string_free(set->secrets[i], TRUE);
    g_free(set);
}

ike_keyring *ike_keyring_new(ike_keyring_warn warn, void *user)
{
    (void)warn, (void)user;
    ike_keyring *ring = g_new0(ike_keyring, 1);
    ring->sets = g_ptr_array_new_with_free_func(free_set);
    ring->others = g_string_new(NULL);
    ring->warnings = g_string_new(NULL);
    return ring;
}

void ike_keyring_clear(ike_keyring *ring, ike_key_source source)
{
    if (ring->readers[source] != NULL)
        ring->free_readers[source](ring->readers[source]);
    ring->readers[source] = NULL;
    g_ptr_array_set_size(ring->sets, 0);
    g_string_truncate(ring->others, 0);
    ring->secret_count = 0;
}

void ike_keyring_free(ike_keyring *ring)
{
    for (unsigned i = 0; i < IKE_SOURCES; i++)
        ike_keyring_clear(ring, (ike_key_source)i);
    g_ptr_array_free(ring->sets, TRUE);
    g_string_free(ring->others, TRUE);
    g_string_free(ring->warnings, TRUE);
    g_free(ring);
}

void recording_count_only(ike_keyring *ring)
{
    ring->count_only = true;
}

static recorded_set *set_of(const ike_keyring *ring, ike_set_id id)
{
    return id > 0 && id <= ring->sets->len ? g_ptr_array_index(ring->sets, id - 1) : NULL;
}

ike_set_id ike_keyring_new_set(ike_keyring *ring, ike_key_source source, uint8_t version)
{
    (void)source;
    if (ring->count_only && ring->sets->len > 0)
        free_set(g_ptr_array_steal_index_fast(ring->sets, 0));
    recorded_set *set = g_new0(recorded_set, 1);
    set->version = version;
    g_ptr_array_add(ring->sets, set);
    return ring->sets->len;
}

bool ike_keyring_set_has(const ike_keyring *ring, ike_set_id id, ike_secret_kind kind)
{
    const recorded_set *set = set_of(ring, id);
    return set != NULL && set->secrets[kind] != NULL;
}

bool ike_keyring_set_secret(ike_keyring *ring, ike_set_id id, ike_secret_kind kind, ike_span secret)
{
    recorded_set *set = set_of(ring, id);
    if (set == NULL || secret.length == 0 || secret.length > 4096)
        return false;
    ring->secret_count++;
    bool append = kind == IKE_SECRET_DH_SHARED || kind == IKE_SECRET_DH_PRIVATE;
    if (set->secrets[kind] == NULL)
        set->secrets[kind] = g_string_new(NULL);
    else if (append)
        g_string_append_c(set->secrets[kind], ',');
    else
        g_string_truncate(set->secrets[kind], 0);
    add_hex(set->secrets[kind], secret);
    return true;
}

bool ike_keyring_set_suite(ike_keyring *ring, ike_set_id id, const ike_suite *suite)
{
    recorded_set *set = set_of(ring, id);
    set->suite = *suite;
    return set->has_suite = true;
}

bool ike_keyring_bind_set(ike_keyring *ring, ike_set_id id, uint64_t initiator_spi,
                          uint64_t responder_spi)
{
    recorded_set *set = set_of(ring, id);
    set->spi_i = initiator_spi;
    set->spi_r = responder_spi;
    return true;
}

static bool already_there(const recorded_set *set, ike_secret_kind kind, ike_span secret)
{
    GString *hex = g_string_new(NULL);
    add_hex(hex, secret);
    bool there = set->secrets[kind] != NULL && strstr(set->secrets[kind]->str, hex->str) != NULL;
    g_string_free(hex, TRUE);
    return there;
}

bool ike_keyring_add_secret(ike_keyring *ring, ike_key_source source, uint8_t version,
                            uint64_t initiator_spi, uint64_t responder_spi, ike_secret_kind kind,
                            ike_span secret)
{
    bool append = kind == IKE_SECRET_DH_SHARED || kind == IKE_SECRET_DH_PRIVATE;
    ike_set_id id = ring->sets->len;
    for (; id > 0; id--) {
        const recorded_set *set = set_of(ring, id);
        if (set->spi_i == initiator_spi && set->spi_r == responder_spi)
            break;
    }
    if (id != 0 && already_there(set_of(ring, id), kind, secret))
        return true;
    if (id == 0 || (initiator_spi == 0 && responder_spi == 0) ||
        (ike_keyring_set_has(ring, id, kind) && !append))
        id = ike_keyring_new_set(ring, source, version);
    ike_keyring_bind_set(ring, id, initiator_spi, responder_spi);
    return ike_keyring_set_secret(ring, id, kind, secret);
}

bool ike_keyring_add_peer(ike_keyring *ring, ike_key_source source, ike_peer_kind kind,
                          const char *peer, ike_span secret)
{
    (void)source;
    ring->secret_count++;
    if (ring->count_only)
        return true;
    GString *line = g_string_new(NULL);
    g_string_append_printf(line, "peer %d %s ", (int)kind, peer != NULL ? peer : "-");
    add_hex(line, secret);
    g_string_append_c(line, '\n');
    if (strstr(ring->others->str, line->str) == NULL) /* as the real one: logs repeat a PSK */
        g_string_append(ring->others, line->str);
    g_string_free(line, TRUE);
    return secret.length > 0;
}

bool ike_keyring_add_esp(ike_keyring *ring, ike_key_source source, const ike_esp_key *key)
{
    (void)source;
    ring->secret_count++;
    if (ring->count_only)
        return true;
    g_string_append_printf(ring->others, "%s %08x ", key->protocol == 2 ? "ah" : "esp", key->spi);
    if (key->has_suite)
        g_string_append_printf(ring->others, "%u %u %u ", key->suite.encryption,
                               key->suite.key_bits, key->suite.integrity);
    else
        g_string_append(ring->others, "- - - ");
    g_string_append(ring->others, !key->esn_known ? "?" : key->suite.esn ? "esn" : "no-esn");
    g_string_append(ring->others, key->encryption.length > 0 ? " " : " -");
    add_hex(ring->others, key->encryption);
    g_string_append(ring->others, key->integrity.length > 0 ? " " : " -");
    add_hex(ring->others, key->integrity);
    g_string_append_c(ring->others, '\n');
    return true;
}

void ike_keyring_set_origin(ike_keyring *ring, const char *name, unsigned line)
{
    (void)ring, (void)name, (void)line;
}

bool ike_keyring_is_used(const ike_keyring *ring, const char *name)
{
    (void)ring, (void)name;
    return false;
}

void ike_keyring_complain(ike_keyring *ring, const char *source, unsigned line, const char *why)
{
    ring->warning_count++;
    g_string_append_printf(ring->warnings, "warning %s %u %s\n", source, line, why);
}

void *ike_keyring_reader(const ike_keyring *ring, ike_key_source source)
{
    return ring->readers[source];
}

void ike_keyring_set_reader(ike_keyring *ring, ike_key_source source, void *reader,
                            void (*free_reader)(void *reader))
{
    ring->readers[source] = reader;
    ring->free_readers[source] = free_reader;
}

char *recording_text(ike_keyring *ring)
{
    GString *text = g_string_new(NULL);
    for (ike_set_id id = 1; id <= ring->sets->len; id++) {
        const recorded_set *set = set_of(ring, id);
        if (set->has_suite)
            g_string_append_printf(text, "suite %u %u %u %u %u %u %s\n", id, set->suite.encryption,
                                   set->suite.key_bits, set->suite.integrity, set->suite.prf,
                                   set->suite.group, set->suite.esn ? "esn" : "no-esn");
        for (unsigned kind = 0; kind < IKE_SECRETS; kind++)
            if (set->secrets[kind] != NULL)
                g_string_append_printf(text, "set %u %u %016" PRIx64 " %016" PRIx64 " %s %s\n", id,
                                       set->version, set->spi_i, set->spi_r, kind_names[kind],
                                       set->secrets[kind]->str);
    }
    g_string_append(text, ring->others->str);
    g_string_append(text, ring->warnings->str);
    return g_string_free(text, FALSE);
}

void recording_print(ike_keyring *ring, FILE *out)
{
    char *text = recording_text(ring);
    fputs(text, out);
    g_free(text);
}

unsigned recording_warnings(const ike_keyring *ring)
{
    return ring->warning_count;
}

unsigned recording_secrets(const ike_keyring *ring)
{
    return ring->secret_count;
}
