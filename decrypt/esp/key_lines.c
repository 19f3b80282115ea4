/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/esp/key_lines.h"

#include <inttypes.h>

#include "decrypt/esp/child.h"
#include "proto/ike_numbers.h"

static void append_hex(GString *line, ike_span key)
{
    for (size_t i = 0; i < key.length; i++)
        g_string_append_printf(line, "%02x", key.data[i]);
}

/* Writes and wipes. */
static void finish_line(GString *line, ike_write_line write, void *user)
{
    g_string_append_c(line, '\n');
    write(line->str, user);
    memset(line->str, 0, line->allocated_len);
    g_string_free(line, TRUE);
}

/* So long that it does not move when a key is appended: what it leaves behind is not wiped. */
static GString *begin_line(void)
{
    enum { LINE = 1024 };

    return g_string_sized_new(LINE);
}

static void write_bound(const char *label, uint64_t initiator_spi, uint64_t responder_spi,
                        ike_span value, ike_write_line write, void *user)
{
    GString *line = begin_line();

    g_string_append_printf(line, "%s %016" PRIx64 " %016" PRIx64 " ", label, initiator_spi,
                           responder_spi);
    append_hex(line, value);
    finish_line(line, write, user);
}

void ike_write_sa_key(const ike_sa_base *sa, const char *label, const ike_secret *key,
                      ike_write_line write, void *user)
{
    if (key->length)
        write_bound(label, sa->initiator_spi, sa->responder_spi, ike_secret_span(key), write, user);
}

static int compare_numbers(gconstpointer a, gconstpointer b)
{
    guint left = GPOINTER_TO_UINT(a), right = GPOINTER_TO_UINT(b);

    return (left > right) - (left < right);
}

void ike_write_plaintexts(const ike_sa_base *sa, ike_write_line write, void *user)
{
    GList *ids = sa->plaintexts ? g_hash_table_get_keys(sa->plaintexts) : NULL;

    ids = g_list_sort(ids, compare_numbers);
    for (const GList *at = ids; at; at = at->next) {
        const ike_key_set *set =
            ike_sa_keys_set(ike_keyring_sa_keys(sa->capture->ring), GPOINTER_TO_UINT(at->data));
        if (set)
            write_bound("IKE_PLAINTEXT", set->initiator_spi, set->responder_spi,
                        ike_key_set_secret(set, IKE_SECRET_PLAINTEXT), write, user);
    }
    g_list_free(ids);
}

/* Names without blanks: "AES_CBC_256", "HMAC_SHA2_256_128". */
static void append_encryption(GString *line, const ike_algorithms *algorithms)
{
    gsize start = line->len;

    g_string_append(line, algorithms->encr->name);
    if (algorithms->key_bits && algorithms->encr->key_bits[0] && algorithms->encr->key_bits[1])
        g_string_append_printf(line, "-%u", algorithms->key_bits);
    g_strdelimit(line->str + start, "- ", '_');
}

/* " HMAC_SHA2_256_128 KEY"; "-" is the key of an ICV that is not checked. */
static void append_integrity(GString *line, const ike_integ *integ, ike_span key)
{
    if (!integ || !integ->icv_length)
        return;
    if (integ->kind == IKE_MAC_NONE)
        g_string_append_printf(line, " ANY_%u", integ->icv_length * 8);
    else
        g_string_append_printf(line, " %.*s", (int)strcspn(integ->name, " "), integ->name);
    g_string_append(line, key.length ? " " : " -");
    append_hex(line, key);
}

void ike_write_key_line(uint8_t protocol, uint32_t spi, const ike_algorithms *algorithms,
                        ike_span encryption, ike_span integrity, ike_write_line write, void *user)
{
    GString *line = begin_line();
    bool of_ah = protocol == IKEV2_PROTOCOL_AH;

    g_string_append_printf(line, "%s 0x%08x", of_ah ? "AH_KEY" : "ESP_KEY", spi);
    if (!of_ah) {
        g_string_append_c(line, ' ');
        append_encryption(line, algorithms);
        g_string_append(line, encryption.length ? " " : " -");
        append_hex(line, encryption);
    }
    append_integrity(line, algorithms->integ, integrity);
    finish_line(line, write, user);
}

static void write_direction(const ike_child *child, unsigned receiver, const ike_secret *encryption,
                            const ike_secret *integrity, ike_write_line write, void *user)
{
    ike_write_key_line(child->protocol, child->spi[receiver], child->algorithms,
                       ike_secret_span(encryption), ike_secret_span(integrity), write, user);
}

void ike_write_esp_key(const ike_esp_key *key, ike_write_line write, void *user)
{
    ike_algorithms algorithms;

    if (key->has_suite && ike_algorithms_of_suite(&key->suite, &algorithms))
        ike_write_key_line(key->protocol, key->spi, &algorithms, key->encryption, key->integrity,
                           write, user);
}

void ike_write_child_keys(const ike_sa_base *sa, ike_write_line write, void *user)
{
    for (const ike_child *child = sa->children; child; child = child->next_of_owner) {
        if (!child->known_keys || !child->algorithms || !child->algorithms->encr)
            continue;
        const ike_child_keys *keys = &child->known_keys->keys;
        write_direction(child, IKE_CHILD_R, &keys->ei, &keys->ai, write, user);
        write_direction(child, IKE_CHILD_I, &keys->er, &keys->ar, write, user);
    }
}
