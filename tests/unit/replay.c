/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plays a capture through decrypt/ without Wireshark: reads the messages, hands over their facts
 * and their encrypted payloads as the dissector does, and prints what came of each. Driven by
 * test_decrypt.py.
 *
 *   ike_replay CAPTURE < SECRETS
 *
 * A line of SECRETS: "row2" and eight fields, "row1" and two, "psk PEER PSK" (fields end with
 * tabs), or KIND SPI_I SPI_R HEX, with KIND as in secret_names below and "-" for an SPI of zero;
 * "text PATH" for a key log file. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "decrypt/decrypt.h"
#include "decrypt/keys/keyring.h"
#include "proto/network_order.h"

enum { FLAG_INITIATOR = 0x08, FLAG_RESPONSE = 0x20, V1_ENCRYPTED = 0x01 };

static const struct {
    const char *name;
    uint8_t version;
    ike_secret_kind kind;
} secret_names[] = {
    {"SK_D", 2, IKE_SECRET_SK_D},
    {"SK_AI", 2, IKE_SECRET_SK_AI},
    {"SK_AR", 2, IKE_SECRET_SK_AR},
    {"SK_EI", 2, IKE_SECRET_SK_EI},
    {"SK_ER", 2, IKE_SECRET_SK_ER},
    {"SK_PI", 2, IKE_SECRET_SK_PI},
    {"SK_PR", 2, IKE_SECRET_SK_PR},
    {"SKEYSEED", 2, IKE_SECRET_SKEYSEED},
    {"MSK", 2, IKE_SECRET_MSK},
    {"DH", 0, IKE_SECRET_DH_SHARED},
    {"PRIVATE", 0, IKE_SECRET_DH_PRIVATE},
    {"KEY", 1, IKE_SECRET_V1_KEY},
    {"SKEYID", 1, IKE_SECRET_V1_SKEYID},
    {"SKEYID_D", 1, IKE_SECRET_V1_SKEYID_D},
    {"SKEYID_A", 1, IKE_SECRET_V1_SKEYID_A},
    {"SKEYID_E", 1, IKE_SECRET_V1_SKEYID_E},
};

typedef struct {
    uint64_t initiator_spi, responder_spi;
    uint8_t major;
    ike_crypto *crypto;
} session;

typedef struct {
    ike_keyring *ring;
    ike_decrypt_context *decryption;
    GPtrArray *sessions;
    GHashTable *fragments; /* "SA, ID, direction" -> fragment_set */
    uint32_t frame;
    uint8_t source[16], destination[16];
    uint8_t address_bytes;
    bool quiet;
} replay;

typedef struct {
    GByteArray *parts[256];
    unsigned count;
    uint8_t next_payload;
} fragment_set;

/* ---- bytes ----------------------------------------------------------------------------------- */

static void print_hex(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        printf("%02x", data[i]);
}

static ike_span parse_hex(const char *text)
{
    size_t length = strlen(text) / 2;
    uint8_t *data = g_malloc(length + 1);

    for (size_t i = 0; i < length; i++) {
        data[i] = (uint8_t)(g_ascii_xdigit_value(text[2 * i]) << 4 |
                            g_ascii_xdigit_value(text[2 * i + 1]));
    }
    return (ike_span){data, length};
}

/* ---- secrets --------------------------------------------------------------------------------- */

static void warn(void *user, const char *source, unsigned line, const char *why)
{
    (void)user;
    printf("warning %s:%u %s\n", source, line, why);
}

static void add_file(ike_keyring *ring, const char *path)
{
    gchar *text;
    gsize length;

    if (g_file_get_contents(path, &text, &length, NULL)) {
        ike_keyring_add_text(ring, IKE_SOURCE_KEYLOG, path, text, length, true);
        g_free(text);
    }
}

static void add_esp(ike_keyring *ring, gchar **field)
{
    ike_esp_key key = {.spi = (uint32_t)strtoul(field[1], NULL, 16),
                       .encryption = parse_hex(field[2]),
                       .integrity = parse_hex(field[3])};

    printf("added %d\n", ike_keyring_add_esp(ring, IKE_SOURCE_KEYLOG, &key));
    g_free((uint8_t *)key.encryption.data);
    g_free((uint8_t *)key.integrity.data);
}

static void add_secret(ike_keyring *ring, gchar **field)
{
    for (size_t i = 0; i < G_N_ELEMENTS(secret_names); i++) {
        if (strcmp(field[0], secret_names[i].name) == 0) {
            ike_span secret = parse_hex(field[3]);

            ike_keyring_add_secret(ring, IKE_SOURCE_KEYLOG, secret_names[i].version,
                                   g_ascii_strtoull(field[1], NULL, 16),
                                   g_ascii_strtoull(field[2], NULL, 16), secret_names[i].kind,
                                   secret);
            g_free((uint8_t *)secret.data);
        }
    }
}

static void add_line(ike_keyring *ring, const char *line)
{
    gchar **field = g_strsplit(line, "\t", 16);
    guint fields = g_strv_length(field);
    const char *wrong = NULL;

    if (fields == 9 && strcmp(field[0], "row2") == 0) {
        wrong = ike_keyring_add_ikev2_row(ring, field[1], field[2], field[3], field[4], field[5],
                                          field[6], field[7], field[8]);
    } else if (fields == 3 && strcmp(field[0], "row1") == 0) {
        wrong = ike_keyring_add_ikev1_row(ring, field[1], field[2]);
    } else if (fields == 3 && strcmp(field[0], "psk") == 0) {
        wrong = ike_keyring_add_psk_row(ring, field[1], field[2]);
    } else if (fields == 3 && strcmp(field[0], "ppk") == 0) {
        ike_keyring_add_peer(ring, IKE_SOURCE_KEYLOG, IKE_PEER_PPK, field[1],
                             (ike_span){(const uint8_t *)field[2], strlen(field[2])});
    } else if (fields == 2 && strcmp(field[0], "text") == 0) {
        add_file(ring, field[1]);
    } else if (fields == 4 && strcmp(field[0], "ESP") == 0) {
        add_esp(ring, field);
    } else if (fields == 4) {
        add_secret(ring, field);
    }
    if (wrong)
        printf("row %s\n", wrong);
    g_strfreev(field);
}

static void add_secrets(ike_keyring *ring)
{
    GString *line = g_string_new(NULL);
    int c;

    while ((c = getchar()) != EOF) {
        if (c != '\n') {
            g_string_append_c(line, (gchar)c);
            continue;
        }
        add_line(ring, line->str);
        g_string_truncate(line, 0);
    }
    g_string_free(line, TRUE);
}

/* ---- sessions -------------------------------------------------------------------------------- */

static session *find_session(replay *r, uint8_t major, uint64_t spi_i, uint64_t spi_r)
{
    session *found = NULL;

    for (guint i = 0; i < r->sessions->len; i++) {
        session *s = r->sessions->pdata[i];

        if (s->major == major && s->initiator_spi == spi_i &&
            (s->responder_spi == spi_r || !s->responder_spi || !spi_r))
            found = s;
    }
    if (!found) {
        found = g_new0(session, 1);
        found->major = major;
        found->initiator_spi = spi_i;
        found->crypto = ike_crypto_new(r->decryption, major, spi_i, spi_r);
        g_ptr_array_add(r->sessions, found);
    }
    if (spi_r && !found->responder_spi) {
        found->responder_spi = spi_r;
        ike_crypto_set_responder_spi(found->crypto, spi_r);
    }
    return found;
}

/* ---- payloads: the facts that keys are made of ----------------------------------------------- */

static void read_transform(ike_suite *suite, const uint8_t *at, size_t length, unsigned *additional)
{
    uint16_t id = ike_get_u16(at + 6), bits = 0;

    for (size_t a = 8; a + 4 <= length; a += 4)
        if (ike_get_u16(at + a) == (0x8000 | 14))
            bits = ike_get_u16(at + a + 2);
    switch (at[4]) {
    case 1:
        suite->encryption = id;
        suite->key_bits = bits;
        break;
    case 2:
        suite->prf = id;
        break;
    case 3:
        suite->integrity = id;
        break;
    case 4:
        suite->group = id;
        break;
    case 5:
        suite->esn = id == 1;
        break;
    default:
        if (at[4] >= 6 && at[4] <= 12 && *additional < 7)
            suite->additional[(*additional)++] = id;
    }
}

/* The only proposal of a response's SA payload. */
static void read_sa(ike_key_inputs *inputs, const uint8_t *at, size_t length)
{
    size_t transform;
    unsigned additional = 0;

    if (length < 8 || at[0] != 0)
        return; /* several proposals: an offer */
    inputs->has_suite = true;
    inputs->suite_protocol = at[5];
    if (at[6] == 4)
        inputs->child_spi = ike_get_u32(at + 8);
    else if (at[6] == 8)
        inputs->new_ike_spi = ike_get_u64(at + 8);
    for (transform = 8u + at[6]; transform + 8 <= length;) {
        size_t size = ike_get_u16(at + transform + 2);

        if (size < 8 || size > length - transform)
            return;
        read_transform(&inputs->suite, at + transform, size, &additional);
        transform += size;
    }
}

/* SPI of an offer: in its first proposal. */
static void read_proposals(ike_key_inputs *inputs, const uint8_t *at, size_t length)
{
    if (length >= 12 && at[6] == 4)
        inputs->child_spi = ike_get_u32(at + 8);
    else if (length >= 16 && at[6] == 8)
        inputs->new_ike_spi = ike_get_u64(at + 8);
}

static void read_notify(ike_key_inputs *inputs, const uint8_t *at, size_t length)
{
    size_t spi = length >= 4 ? at[1] : 0;
    ike_span data = {at + 4 + spi, length - 4 - spi};

    if (length < 4 + spi)
        return;
    switch (ike_get_u16(at + 2)) {
    case 16391:
        inputs->child_transport = true;
        break;
    case 16435:
        inputs->use_ppk = true;
        break;
    case 16409:
        inputs->ticket =
            data.length > 4 ? (ike_span){data.data + 4, data.length - 4} : inputs->ticket;
        break;
    case 16413:
        inputs->ticket = data;
        break;
    case 16436:
        inputs->has_ppk_id = true;
        inputs->ppk_id = data;
        break;
    case 16441:
        inputs->link = data;
        break;
    default:
        break;
    }
}

typedef struct {
    ike_key_inputs inputs;
    ike_cert_span certs[8];
    unsigned ids;
} reading;

static void read_payload2(reading *in, uint8_t type, const uint8_t *at, size_t length)
{
    ike_key_inputs *inputs = &in->inputs;

    switch (type) {
    case 33:
        if (inputs->response) {
            read_sa(inputs, at, length);
        } else {
            read_sa(inputs, at, length);
            read_proposals(inputs, at, length);
        }
        break;
    case 34:
        if (length >= 4) {
            inputs->ke_group = ike_get_u16(at);
            inputs->ke = (ike_span){at + 4, length - 4};
        }
        break;
    case 35:
    case 36:
        if (length >= 4 && (type == 35) == inputs->from_initiator)
            inputs->id_body = (ike_span){at, length};
        break;
    case 37:
        if (length >= 1 && inputs->cert_count < G_N_ELEMENTS(in->certs)) {
            in->certs[inputs->cert_count++] = (ike_cert_span){at[0], {at + 1, length - 1}};
            inputs->certs = in->certs;
        }
        break;
    case 39:
        if (length >= 4) {
            inputs->auth_method = at[0];
            inputs->auth = (ike_span){at + 4, length - 4};
        }
        break;
    case 40:
        inputs->nonce = (ike_span){at, length};
        break;
    case 41:
        read_notify(inputs, at, length);
        break;
    case 48:
        inputs->eap = (ike_span){at, length};
        break;
    default:
        break;
    }
}

static void read_v1_transform(ike_key_inputs *inputs, const uint8_t *at, size_t length, bool phase1)
{
    if (!phase1 && length >= 8)
        inputs->v1_esp_transform = at[5];
    for (size_t a = 8; a + 4 <= length;) {
        uint16_t type = ike_get_u16(at + a), value = ike_get_u16(at + a + 2);

        if (!(type & 0x8000)) {
            a += 4u + value;
            continue;
        }
        a += 4;
        type &= 0x7fff;
        if (phase1) {
            uint16_t *const fields[] = {NULL, &inputs->v1_encryption, &inputs->v1_hash,
                                        &inputs->v1_auth, &inputs->v1_group};

            if (type >= 1 && type <= 4)
                *fields[type] = value;
            else if (type == 13)
                inputs->v1_prf = value;
            else if (type == 14)
                inputs->v1_key_bits = value;
        } else if (type == 3) {
            inputs->v1_pfs_group = value;
        } else if (type == 4) {
            inputs->v1_encapsulation = value;
        } else if (type == 5) {
            inputs->v1_esp_auth = value;
        } else if (type == 6) {
            inputs->v1_esp_key_bits = value;
        }
    }
}

static void read_v1_sa(reading *in, const uint8_t *at, size_t length)
{
    ike_key_inputs *inputs = &in->inputs;
    const uint8_t *proposal = at + 8;

    if (length < 8 + 8 + 8 || inputs->v1_sa_body.data)
        return;
    inputs->v1_sa_body = (ike_span){at, length};
    bool phase1 = proposal[5] == 1;
    size_t spi = proposal[6], transform = 16 + spi;
    if (!phase1 && spi == 4) {
        inputs->v1_protocol = proposal[5];
        inputs->v1_spi = ike_get_u32(proposal + 8);
    }
    if (transform + 8 <= length && ike_get_u16(at + transform + 2) <= length - transform) {
        read_v1_transform(inputs, at + transform, ike_get_u16(at + transform + 2), phase1);
        /* The dissector knows a chosen transform by its direction; here: one in one proposal. */
        inputs->has_v1_suite = phase1 && proposal[7] == 1 && proposal[0] == 0;
    }
}

static void read_payload1(reading *in, uint8_t type, const uint8_t *at, size_t length)
{
    ike_key_inputs *inputs = &in->inputs;

    switch (type) {
    case 1:
        read_v1_sa(in, at, length);
        break;
    case 4:
        inputs->ke = (ike_span){at, length};
        break;
    case 5:
        if (in->ids++ == 0 && length)
            inputs->id_body = (ike_span){at, length};
        break;
    case 6:
        if (length >= 1 && inputs->cert_count < G_N_ELEMENTS(in->certs)) {
            in->certs[inputs->cert_count++] = (ike_cert_span){at[0], {at + 1, length - 1}};
            inputs->certs = in->certs;
        }
        break;
    case 8:
        inputs->v1_hash_data = (ike_span){at, length};
        break;
    case 9:
        inputs->v1_signature = (ike_span){at, length};
        break;
    case 10:
        inputs->nonce = (ike_span){at, length};
        break;
    default:
        break;
    }
}

static void read_chain(reading *in, uint8_t major, uint8_t next, const uint8_t *at, size_t length)
{
    while (next != 0 && length >= 4) {
        size_t size = ike_get_u16(at + 2);

        if (size < 4 || size > length || (major == 2 && (next == 46 || next == 53)))
            return;
        if (major == 2)
            read_payload2(in, next, at + 4, size - 4);
        else
            read_payload1(in, next, at + 4, size - 4);
        next = at[0];
        at += size;
        length -= size;
    }
}

/* ---- messages -------------------------------------------------------------------------------- */

static void take_rekeyed(replay *r, session *s, const reading *in, uint64_t request_spi)
{
    (void)in, (void)request_spi;
    ike_crypto *crypto = ike_crypto_take_rekeyed(s->crypto);

    if (crypto) {
        session *fresh = g_new0(session, 1);
        uint64_t initiator, responder;

        ike_crypto_spis(crypto, &initiator, &responder);
        fresh->major = s->major;
        fresh->initiator_spi = initiator;
        fresh->responder_spi = responder;
        fresh->crypto = crypto;
        g_ptr_array_add(r->sessions, fresh);
        printf("rekeyed %016" PRIx64 " %016" PRIx64 "\n", initiator, responder);
    }
}

static void tell_auth(const replay *r, const session *s)
{
    static const char *const results[] = {"unknown", "verified", "wrong"};

    for (unsigned side = 0; side < 2; side++) {
        ike_auth_result record = ike_crypto_auth(s->crypto, side == 0);

        printf("auth %u %016" PRIx64 " %s %s: %s\n", r->frame, s->initiator_spi,
               side == 0 ? "initiator" : "responder", results[record.status],
               record.reason ? record.reason : "");
    }
}

static void fill_addresses(const replay *r, ike_key_inputs *inputs)
{
    memcpy(inputs->source, r->source, sizeof inputs->source);
    memcpy(inputs->destination, r->destination, sizeof inputs->destination);
    inputs->address_bytes = r->address_bytes;
}

/* The body of SK or SKF in a message, with its type. */
static uint8_t find_encrypted(const uint8_t *message, size_t length, ike_span *body)
{
    uint8_t next = message[16];
    size_t at = 28;

    while (next != 0 && length - at >= 4) {
        size_t size = ike_get_u16(message + at + 2);

        if (size < 4 || size > length - at)
            return 0;
        if (next == 46 || (next == 53 && size >= 8)) {
            size_t header = next == 46 ? 4 : 8;

            *body = (ike_span){message + at + header, size - header};
            return next;
        }
        next = message[at];
        at += size;
    }
    return 0;
}

static fragment_set *fragment_place(replay *r, const uint8_t *message)
{
    gchar *key = g_strdup_printf("%016" PRIx64 "%016" PRIx64 "%02x%08x", ike_get_u64(message),
                                 ike_get_u64(message + 8), message[19], ike_get_u32(message + 20));
    fragment_set *set = g_hash_table_lookup(r->fragments, key);

    if (!set) {
        set = g_new0(fragment_set, 1);
        g_hash_table_insert(r->fragments, key, set);
        return set;
    }
    g_free(key);
    return set;
}

/* The whole plaintext once all fragments are there, or NULL. */
static GByteArray *add_fragment(replay *r, const uint8_t *message, ike_span body,
                                const uint8_t *plain, size_t length, uint8_t *next)
{
    unsigned number = ike_get_u16(body.data - 4), total = ike_get_u16(body.data - 2);
    fragment_set *set = fragment_place(r, message);
    GByteArray *whole;

    if (number == 0 || number > total || total > 255 || set->parts[number])
        return NULL;
    set->parts[number] = g_byte_array_append(g_byte_array_new(), plain, (guint)length);
    if (number == 1)
        set->next_payload = *(body.data - 8);
    if (++set->count < total)
        return NULL;
    whole = g_byte_array_new();
    for (unsigned i = 1; i <= total; i++)
        g_byte_array_append(whole, set->parts[i]->data, set->parts[i]->len);
    *next = set->next_payload;
    return whole;
}

static void learn2(replay *r, session *s, const uint8_t *message, size_t length, ike_span plain,
                   uint8_t next, bool authentic)
{
    reading in = {0};

    in.inputs.exchange = message[18];
    in.inputs.from_initiator = message[19] & FLAG_INITIATOR;
    in.inputs.response = message[19] & FLAG_RESPONSE;
    in.inputs.message_id = ike_get_u32(message + 20);
    in.inputs.message = (ike_span){message, length};
    in.inputs.frame = r->frame;
    in.inputs.plaintext = plain;
    in.inputs.authentic = authentic;
    fill_addresses(r, &in.inputs);
    read_chain(&in, 2, message[16], message + 28, length - 28);
    read_chain(&in, 2, next, plain.data, plain.length);
    ike_crypto_update_keys(s->crypto, &in.inputs);
    take_rekeyed(r, s, &in, 0);
    if (in.inputs.auth_method)
        tell_auth(r, s);
}

static void check_second_pass(session *s, ike_encrypted_payload *encrypted,
                              const ike_decrypted_payload *first)
{
    ike_decrypted_payload again;

    encrypted->first_pass = false;
    ike_crypto_decrypt(s->crypto, encrypted, &first->hint, &again);
    if (again.status != first->status || again.plain_length != first->plain_length ||
        (again.plain && memcmp(again.plain, first->plain, again.plain_length) != 0))
        printf("second pass differs\n");
    g_free(again.plain);
}

static void print_decrypted(const replay *r, const uint8_t *message,
                            const ike_decrypted_payload *decrypted)
{
    printf("ike %u %016" PRIx64 " %u %u %s icv=%d,%d source=%s %s ", r->frame, ike_get_u64(message),
           message[18], ike_get_u32(message + 20),
           decrypted->status == IKE_DECRYPT_OK ? "ok" : "closed", decrypted->icv_checked,
           decrypted->icv_ok, decrypted->key_source ? decrypted->key_source : "-",
           decrypted->status == IKE_DECRYPT_OK ? "" : ike_decrypt_status_text(decrypted->status));
    print_hex(decrypted->plain, decrypted->plain ? decrypted->plain_length : 0);
    printf("\n");
}

static void play2(replay *r, session *s, const uint8_t *message, size_t length)
{
    ike_encrypted_payload encrypted = {.message = {message, length},
                                       .from_initiator = message[19] & FLAG_INITIATOR,
                                       .first_pass = true,
                                       .exchange = message[18],
                                       .message_id = ike_get_u32(message + 20)};
    uint8_t type = find_encrypted(message, length, &encrypted.body);
    ike_decrypted_payload decrypted;

    if (type == 0) {
        learn2(r, s, message, length, (ike_span){NULL, 0}, 0, false);
        return;
    }
    encrypted.fragment = type == 53;
    ike_crypto_decrypt(s->crypto, &encrypted, NULL, &decrypted);
    print_decrypted(r, message, &decrypted);
    check_second_pass(s, &encrypted, &decrypted);
    if (decrypted.status == IKE_DECRYPT_OK && decrypted.icv_ok) {
        size_t size = decrypted.plain_length - decrypted.pad_length - 1u;

        if (!encrypted.fragment) {
            learn2(r, s, message, length, (ike_span){decrypted.plain, size},
                   *(encrypted.body.data - 4), decrypted.hint.authentic);
        } else {
            uint8_t next = 0;
            GByteArray *whole =
                add_fragment(r, message, encrypted.body, decrypted.plain, size, &next);

            if (whole) {
                learn2(r, s, message, length, (ike_span){whole->data, whole->len}, next,
                       decrypted.hint.authentic);
                g_byte_array_free(whole, TRUE);
            }
        }
    }
    g_free(decrypted.plain);
}

static void learn1(replay *r, session *s, const uint8_t *message, size_t length,
                   bool from_initiator, ike_span plain, bool authentic)
{
    reading in = {0};

    in.inputs.exchange = message[18];
    in.inputs.from_initiator = from_initiator;
    in.inputs.message_id = ike_get_u32(message + 20);
    in.inputs.message = (ike_span){message, length};
    in.inputs.frame = r->frame;
    in.inputs.plaintext = plain;
    in.inputs.authentic = authentic;
    fill_addresses(r, &in.inputs);
    read_chain(&in, 1, message[16], plain.data ? plain.data : message + 28,
               plain.data ? plain.length : length - 28);
    ike_crypto_update_keys(s->crypto, &in.inputs);
    if (in.inputs.v1_hash_data.length || in.inputs.v1_signature.length)
        tell_auth(r, s);
}

/* IKEv1 has no initiator flag: the first sender of the cookie is it. */
static bool sent_by_initiator(const replay *r, session *s)
{
    static GHashTable *first;
    uint8_t *source;

    if (!first)
        first = g_hash_table_new(NULL, NULL);
    source = g_hash_table_lookup(first, s);
    if (!source) {
        source = g_memdup2(r->source, 16);
        g_hash_table_insert(first, s, source);
    }
    return memcmp(source, r->source, 16) == 0;
}

static void play1(replay *r, session *s, const uint8_t *message, size_t length)
{
    bool from_initiator = sent_by_initiator(r, s);
    ike_encrypted_payload encrypted = {.message = {message, length},
                                       .body = {message + 28, length - 28},
                                       .from_initiator = from_initiator,
                                       .first_pass = true,
                                       .exchange = message[18],
                                       .next_payload = message[16],
                                       .message_id = ike_get_u32(message + 20)};
    ike_decrypted_payload decrypted;

    if (!(message[19] & V1_ENCRYPTED)) {
        learn1(r, s, message, length, from_initiator, (ike_span){NULL, 0}, false);
        return;
    }
    ike_crypto_decrypt(s->crypto, &encrypted, NULL, &decrypted);
    print_decrypted(r, message, &decrypted);
    check_second_pass(s, &encrypted, &decrypted);
    if (decrypted.hash_checked && !decrypted.hash_ok)
        printf("hash wrong %u\n", r->frame);
    if (decrypted.status == IKE_DECRYPT_OK) {
        learn1(r, s, message, length, from_initiator,
               (ike_span){decrypted.plain, decrypted.plain_length}, decrypted.hint.authentic);
    }
    g_free(decrypted.plain);
}

static void play_ike(replay *r, const uint8_t *message, size_t length)
{
    uint8_t major;
    session *s;

    if (length < 28 || ike_get_u32(message + 24) > length || ike_get_u32(message + 24) < 28)
        return;
    length = ike_get_u32(message + 24);
    major = message[17] >> 4;
    if (major != 1 && major != 2)
        return;
    s = find_session(r, major, ike_get_u64(message), ike_get_u64(message + 8));
    if (major == 2)
        play2(r, s, message, length);
    else
        play1(r, s, message, length);
}

static void play_esp(replay *r, const uint8_t *packet, size_t length)
{
    ike_esp_sa *sa;
    ike_decrypted_esp decrypted = {.status = IKE_DECRYPT_NO_KEY};

    if (length < 8)
        return;
    sa = ike_esp_find(r->decryption, ike_get_u32(packet));
    if (sa)
        ike_esp_decrypt(sa, (ike_span){packet, length}, &decrypted);
    printf("esp %u %08x %s icv=%d,%d next=%u %s ", r->frame, ike_get_u32(packet),
           decrypted.status == IKE_DECRYPT_OK ? "ok" : "closed", decrypted.icv_checked,
           decrypted.icv_ok, decrypted.next_header,
           decrypted.status == IKE_DECRYPT_OK ? "" : ike_decrypt_status_text(decrypted.status));
    print_hex(decrypted.plain, decrypted.plain ? MIN(decrypted.plain_length, 20) : 0);
    printf("\n");
    g_free(decrypted.plain);
}

static void play_udp(replay *r, uint16_t port, const uint8_t *data, size_t length)
{
    if (port == 500 || port == 848)
        play_ike(r, data, length);
    else if (length >= 4 && ike_get_u32(data) == 0)
        play_ike(r, data + 4, length - 4);
    else if (length > 4)
        play_esp(r, data, length);
}

static void play_ip(replay *r, const uint8_t *at, size_t length)
{
    size_t header;
    uint8_t protocol;

    if (length >= 20 && at[0] >> 4 == 4) {
        header = (size_t)(at[0] & 15) * 4;
        protocol = at[9];
        length = MIN(length, ike_get_u16(at + 2));
        r->address_bytes = 4;
        memcpy(r->source, at + 12, 4);
        memcpy(r->destination, at + 16, 4);
        if (ike_get_u16(at + 6) & 0x3fff)
            return; /* IP fragments */
    } else if (length >= 40 && at[0] >> 4 == 6) {
        header = 40;
        protocol = at[6];
        r->address_bytes = 16;
        memcpy(r->source, at + 8, 16);
        memcpy(r->destination, at + 24, 16);
    } else {
        return;
    }
    if (length < header)
        return;
    at += header;
    length -= header;
    if (protocol == 50) {
        play_esp(r, at, length);
    } else if (protocol == 17 && length >= 8) {
        uint16_t from = ike_get_u16(at), to = ike_get_u16(at + 2);
        bool ike = from == 500 || to == 500 || from == 848 || to == 848;

        if (ike || from == 4500 || to == 4500)
            play_udp(r, ike ? 500 : 4500, at + 8, length - 8);
    }
}

static void play_capture(replay *r, const uint8_t *data, size_t length)
{
    uint32_t link, size;

    if (length < 24)
        return;
    memcpy(&link, data + 20, 4);
    for (size_t at = 24; at + 16 <= length; at += size) {
        memcpy(&size, data + at + 8, 4);
        at += 16;
        r->frame++;
        if (size > length - at)
            return;
        if (link == 1 && size > 14 &&
            (ike_get_u16(data + at + 12) == 0x0800 || ike_get_u16(data + at + 12) == 0x86dd))
            play_ip(r, data + at + 14, size - 14);
        else if (link == 101)
            play_ip(r, data + at, size);
    }
}

static void free_fragments(gpointer data)
{
    fragment_set *set = data;

    for (unsigned i = 0; i < G_N_ELEMENTS(set->parts); i++)
        if (set->parts[i])
            g_byte_array_free(set->parts[i], TRUE);
    g_free(set);
}

int main(int argc, char **argv)
{
    replay r = {.sessions = g_ptr_array_new(),
                .fragments =
                    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_fragments)};
    gchar *data;
    gsize length;

    if (argc != 2 || !g_file_get_contents(argv[1], &data, &length, NULL)) {
        fprintf(stderr, "usage: ike_replay CAPTURE < SECRETS\n");
        return 2;
    }
    r.ring = ike_keyring_new(warn, NULL);
    r.decryption = ike_decrypt_context_new(r.ring);
    add_secrets(r.ring);
    play_capture(&r, (const uint8_t *)data, length);
    for (guint i = 0; i < r.sessions->len; i++) {
        session *s = r.sessions->pdata[i];

        tell_auth(&r, s);
        ike_crypto_free(s->crypto);
        g_free(s);
    }
    ike_decrypt_context_free(r.decryption);
    ike_keyring_free(r.ring);
    g_hash_table_destroy(r.fragments);
    g_ptr_array_free(r.sessions, TRUE);
    g_free(data);
    return 0;
}
