/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decrypt/ driven by a little program: each byte of the input is a step (a secret, the fields of a
 * message, an encrypted message, an ESP packet), what follows it the step's arguments. */
#include <glib.h>

#include "decrypt/decrypt.h"
#include "encrypting.h"
#include "fuzz.h"
#include "proto/ike_group.h"

enum { MAX_STEPS = 48, MAX_SAS = 4, MAX_CERTS = 2 };

typedef struct {
    fuzz_input in;
    ike_keyring *ring;
    ike_decrypt_context *decryption;
    ike_crypto *sa[MAX_SAS];
    unsigned count;
    bool v1;
    uint64_t spi_i, spi_r; /* of sa[0] */
    unsigned known;        /* which of the SAs with known keys the first one is */
    fuzz_v1 v1_state;
    GPtrArray *copies; /* exact copies of what a step points to */
} program;

/* Bytes of their own, so that a read beyond them is seen. */
static ike_span take(program *p, size_t length)
{
    const uint8_t *from = fuzz_take(&p->in, &length);
    uint8_t *copy = length ? g_memdup2(from, length) : NULL;

    if (copy)
        g_ptr_array_add(p->copies, copy);
    return (ike_span){copy, length};
}

static ike_span take_short(program *p)
{
    return take(p, fuzz_u8(&p->in));
}

static ike_crypto *which(program *p)
{
    return p->sa[fuzz_u8(&p->in) % p->count];
}

static void step_secret(program *p)
{
    uint8_t kind = fuzz_u8(&p->in);
    bool bound = !(kind & 0x80);
    ike_span secret = take_short(p);

    ike_keyring_add_secret(p->ring, IKE_SOURCE_KEYLOG, p->v1 ? 1 : 2, bound ? p->spi_i : 0,
                           bound ? p->spi_r : 0, (kind & 0x7f) % IKE_SECRETS, secret);
}

static void step_peer(program *p)
{
    uint8_t kind = fuzz_u8(&p->in);

    ike_keyring_add_peer(p->ring, IKE_SOURCE_PSK, kind % 3, kind & 4 ? NULL : "*", take_short(p));
}

static void take_suite(program *p, ike_suite *suite)
{
    suite->encryption = fuzz_u8(&p->in);
    suite->key_bits = (uint16_t)(fuzz_u8(&p->in) * 8);
    suite->integrity = fuzz_u8(&p->in);
    suite->prf = fuzz_u8(&p->in);
    suite->group = fuzz_u8(&p->in);
    if (suite->group & 0x80)
        suite->additional[0] = suite->group & 0x7f;
    suite->group &= 0x7f;
    suite->esn = fuzz_u8(&p->in) & 1;
}

static void take_v1(program *p, ike_key_inputs *f)
{
    f->v1_encryption = fuzz_u8(&p->in);
    f->v1_hash = fuzz_u8(&p->in);
    f->v1_auth = fuzz_u16(&p->in);
    f->v1_group = fuzz_u8(&p->in);
    f->v1_key_bits = (uint16_t)(fuzz_u8(&p->in) * 8);
    f->has_v1_suite = fuzz_u8(&p->in) & 1;
    f->v1_sa_body = take_short(p);
    f->v1_hash_data = take_short(p);
    f->v1_signature = take_short(p);
    f->v1_protocol = fuzz_u8(&p->in);
    f->v1_spi = fuzz_u8(&p->in);
    f->v1_esp_transform = fuzz_u8(&p->in);
    f->v1_esp_auth = fuzz_u8(&p->in);
    f->v1_esp_key_bits = (uint16_t)(fuzz_u8(&p->in) * 8);
    f->v1_encapsulation = fuzz_u8(&p->in);
    f->v1_pfs_group = fuzz_u8(&p->in);
}

static void take_auth(program *p, ike_key_inputs *f, ike_cert_span *certs)
{
    uint8_t what = fuzz_u8(&p->in);

    f->auth_method = fuzz_u8(&p->in);
    f->auth = take_short(p);
    (void)fuzz_u8(&p->in); /* the seeds have the type of an identity here */
    f->id_body = take_short(p);
    f->cert_count = what % (MAX_CERTS + 1);
    for (size_t i = 0; i < f->cert_count; i++) {
        certs[i].encoding = fuzz_u8(&p->in);
        certs[i].data = take(p, fuzz_u16(&p->in) & 0x7ff);
    }
    f->certs = certs;
    f->use_ppk = what & 0x10;
    if (what & 0x20)
        f->ppk_id = take_short(p);
    if (what & 0x80)
        f->eap = take_short(p);
}

static void step_update(program *p)
{
    ike_crypto *sa = which(p);
    ike_cert_span certs[MAX_CERTS];
    ike_key_inputs f = {0};
    uint8_t what = fuzz_u8(&p->in), more = fuzz_u8(&p->in);

    f.exchange = fuzz_u8(&p->in);
    f.response = what & 1;
    f.from_initiator = what & 2;
    f.message_id = fuzz_u8(&p->in);
    f.message = take_short(p);
    if (what & 4)
        f.plaintext = take_short(p);
    if (what & 8)
        f.nonce = take_short(p);
    if (what & 16) {
        f.ke_group = fuzz_u8(&p->in);
        f.ke = take(p, fuzz_u16(&p->in) & 0x7ff);
    }
    if (what & 32) {
        f.has_suite = true;
        f.suite_protocol = fuzz_u8(&p->in) & 3;
        take_suite(p, &f.suite);
    }
    if (what & 64)
        take_auth(p, &f, certs);
    if (what & 128)
        take_v1(p, &f);
    f.new_ike_spi = more & 1 ? fuzz_u8(&p->in) : 0;
    f.child_spi = more & 2 ? fuzz_u8(&p->in) : 0;
    f.child_transport = more & 4;
    if (more & 8)
        f.link = take_short(p);
    if (more & 16)
        f.ticket = take_short(p);
    f.address_bytes = more & 32 ? 16 : more & 64 ? 4 : 0;
    ike_crypto_update_keys(sa, &f);
}

static void open_twice(ike_crypto *sa, ike_encrypted_payload *encrypted)
{
    ike_decrypted_payload first, again;

    memset(&first, 0, sizeof first);
    memset(&again, 0, sizeof again);
    encrypted->first_pass = true;
    ike_crypto_decrypt(sa, encrypted, NULL, &first);
    encrypted->first_pass = false;
    ike_crypto_decrypt(sa, encrypted, &first.hint, &again);
    if (first.status == IKE_DECRYPT_OK && again.status != IKE_DECRYPT_OK)
        __builtin_trap(); /* what was decrypted once is decrypted on every pass */
    g_free(first.plain);
    g_free(again.plain);
}

static void step_open(program *p)
{
    ike_crypto *sa = which(p);
    uint8_t what = fuzz_u8(&p->in);
    ike_encrypted_payload encrypted = {.from_initiator = what & 1,
                                       .fragment = what & 2,
                                       .exchange = fuzz_u8(&p->in),
                                       .next_payload = fuzz_u8(&p->in),
                                       .message_id = fuzz_u8(&p->in)};

    encrypted.message = take_short(p);
    if (!encrypted.message.data)
        return;
    size_t head = what >> 2;
    if (head > encrypted.message.length)
        head = encrypted.message.length;
    encrypted.body = (ike_span){encrypted.message.data + head, encrypted.message.length - head};
    open_twice(sa, &encrypted);
}

/* A message that is encrypted rightly with the keys that the ring has. */
static void step_open_right(program *p)
{
    GByteArray *message = g_byte_array_new();
    uint8_t exchange = fuzz_u8(&p->in), flags = fuzz_u8(&p->in), id = fuzz_u8(&p->in);
    uint8_t first = fuzz_u8(&p->in), fragments = fuzz_u8(&p->in) & 3;
    ike_span plain = take_short(p);
    size_t head = 28;

    if (p->v1) {
        fuzz_v1_encrypt(&p->v1_state, exchange, id, first, plain.data, plain.length, message);
    } else {
        fuzz_encrypted how = {p->known, exchange, flags, id, first, 1, fragments};
        fuzz_encrypt(&how, plain.data, plain.length, message);
        head += fragments ? 8 : 4;
    }
    uint8_t *exact = g_memdup2(message->data, message->len);
    ike_encrypted_payload encrypted = {.message = {exact, message->len},
                                       .body = {exact + head, message->len - head},
                                       .from_initiator = flags & 8,
                                       .fragment = !p->v1 && fragments,
                                       .exchange = exchange,
                                       .next_payload = first,
                                       .message_id = id};
    open_twice(p->sa[0], &encrypted);
    g_free(exact);
    g_byte_array_free(message, TRUE);
}

static void step_rekeyed(program *p)
{
    ike_crypto *next = ike_crypto_take_rekeyed(which(p));

    if (next && p->count < MAX_SAS)
        p->sa[p->count++] = next;
    else
        ike_crypto_free(next);
}

static void step_esp_key(program *p)
{
    ike_esp_key key = {.spi = fuzz_u8(&p->in)};

    uint8_t what = fuzz_u8(&p->in);

    key.has_suite = what & 1;
    key.protocol = what & 2 ? 2 : 0;
    take_suite(p, &key.suite);
    key.encryption = take_short(p);
    key.integrity = take_short(p);
    ike_keyring_add_esp(p->ring, IKE_SOURCE_KEYLOG, &key);
}

static void step_esp(program *p)
{
    ike_esp_sa *sa = ike_esp_find(p->decryption, IKEV2_PROTOCOL_ESP, fuzz_u8(&p->in));
    ike_span packet = take_short(p);
    ike_decrypted_esp result;

    if (!sa)
        return;
    memset(&result, 0, sizeof result);
    ike_esp_decrypt(sa, packet, &result);
    g_free(result.plain);
}

static void step_auth(program *p)
{
    ike_crypto *sa = which(p);

    (void)ike_crypto_auth(sa, true);
    (void)ike_crypto_auth(sa, false);
    (void)ike_decrypt_status_text(fuzz_u8(&p->in) % (IKE_DECRYPT_NO_SK_D + 1));
}

static void step_clear(program *p)
{
    ike_keyring_clear(p->ring, fuzz_u8(&p->in) % IKE_SOURCES);
}

static ike_span take_bytes(program *p, size_t length)
{
    ike_span bytes = take(p, length);

    return (ike_span){bytes.data, (uint32_t)bytes.length};
}

static uint8_t take_protocol(program *p)
{
    static const uint8_t protocols[] = {0, IKE_GROUP_AH, IKE_GROUP_ESP, IKE_GROUP_REKEY};

    return protocols[fuzz_u8(&p->in) & 3];
}

static void take_policy(program *p, ike_group_policy *policy)
{
    policy->protocol = take_protocol(p);
    policy->spi = take_bytes(p, policy->protocol == IKE_GROUP_REKEY ? 16 : 4);
    policy->gdoi = fuzz_u8(&p->in) & 1;
    policy->encryption = fuzz_u8(&p->in);
    policy->key_bits = (uint16_t)(fuzz_u8(&p->in) * 8);
    policy->integrity = fuzz_u8(&p->in);
    policy->sequence_numbers = fuzz_u8(&p->in) & 3;
    policy->authentication = fuzz_u8(&p->in) & 7;
    policy->authentication_hash = fuzz_u8(&p->in) & 7;
}

static void take_group_key(program *p, ike_group_key *key)
{
    key->kind = fuzz_u8(&p->in) % (IKE_GROUP_LKH_KEY + 1);
    key->protocol = take_protocol(p);
    key->spi = take_bytes(p, key->protocol == IKE_GROUP_REKEY ? 16 : 4);
    key->id = fuzz_u8(&p->in) & 7;
    key->wrapping_id = fuzz_u8(&p->in) & 7;
    key->data = take_bytes(p, fuzz_u8(&p->in));
}

/* A message of GDOI or G-IKEv2; its signature lies in the plaintext. */
static void step_group(program *p)
{
    static const uint8_t exchanges[] = {32, 33, 39, 40, 41, 42, 33, 41};
    ike_group_download *group = g_new0(ike_group_download, 1);
    uint8_t what = fuzz_u8(&p->in), counts = fuzz_u8(&p->in);
    ike_key_inputs f = {.exchange = exchanges[what & 7],
                        .response = what & 8,
                        .from_initiator = what & 16,
                        .authentic = !(what & 32),
                        .auth_method = what & 64 ? 14 : 1,
                        .frame = (uint32_t)fuzz_left(&p->in),
                        .group = group};

    f.message = take_short(p);
    f.plaintext = take_short(p);
    size_t at = fuzz_u8(&p->in);
    if (at < f.plaintext.length) {
        f.auth = (ike_span){f.plaintext.data + at, f.plaintext.length - at};
        f.v1_signature = f.auth;
    }
    group->policy_count = counts & 7;
    for (unsigned i = 0; i < group->policy_count; i++)
        take_policy(p, &group->policies[i]);
    group->key_count = counts >> 4;
    for (unsigned i = 0; i < group->key_count; i++)
        take_group_key(p, &group->keys[i]);
    ike_crypto *sa = which(p);
    ike_crypto_update_keys(sa, &f);
    (void)ike_group_auth_result(ike_crypto_group_auth(sa));
    g_free(group);
}

static void step_ah(program *p)
{
    ike_esp_sa *sa = ike_esp_find(p->decryption, IKEV2_PROTOCOL_AH, fuzz_u8(&p->in));
    const ike_ah_packet packet = {take_short(p), take_short(p), take_short(p)};
    ike_verified_ah result;

    if (sa)
        ike_ah_verify(sa, &packet, &result);
}

/* Steps with numbers of their own, so that those of kept inputs stay what they are. */
enum { FIRST_LATER_STEP = 0xf0 };
static void (*const later_steps[])(program *p) = {step_group, step_ah};

static void (*const steps[])(program *p) = {
    step_secret,  step_peer,    step_update, step_update, step_open, step_open_right,
    step_rekeyed, step_esp_key, step_esp,    step_auth,   step_clear};

static void ignore(void *user, const char *source, unsigned line, const char *why)
{
    (void)user;
    (void)source;
    (void)line;
    (void)why;
}

/* What main mode 1 to 4 of the encrypting side tell, so that there is an IV. */
static void update_v1_start(program *p)
{
    uint8_t ke[128];

    for (unsigned number = 0; number < 4; number++) {
        GByteArray *message = g_byte_array_new();
        fuzz_v1_plain(number, message);
        memset(ke, number == 2 ? 'i' : 'r', sizeof ke);
        ike_key_inputs f = {.exchange = 2,
                            .from_initiator = number % 2 == 0,
                            .message = {message->data, message->len}};
        if (number < 2) {
            f.has_v1_suite = true;
            f.v1_encryption = 7;
            f.v1_hash = 2;
            f.v1_auth = 1;
            f.v1_group = 2;
            f.v1_key_bits = 128;
        } else {
            f.ke = (ike_span){ke, sizeof ke};
            f.nonce = (ike_span){ke, 16};
        }
        ike_crypto_update_keys(p->sa[0], &f);
        g_byte_array_free(message, TRUE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    program p = {.in = {data, data + size}, .count = 1};
    uint8_t start = fuzz_u8(&p.in);

    p.v1 = start & 1;
    p.known = start >> 2;
    p.ring = ike_keyring_new(ignore, NULL);
    p.decryption = ike_decrypt_context_new(p.ring);
    p.copies = g_ptr_array_new_with_free_func(g_free);
    if (start & 2)
        fuzz_add_keys(p.ring);
    p.spi_i = p.v1 ? UINT64_C(0x0101010101010101) * FUZZ_V1_COOKIE_I : fuzz_spi_i(p.known);
    p.spi_r = p.v1 ? UINT64_C(0x0101010101010101) * FUZZ_V1_COOKIE_R : fuzz_spi_r(p.known);
    p.sa[0] = ike_crypto_new(p.decryption, p.v1 ? 1 : 2, p.spi_i, p.spi_r);
    if (p.v1 && start & 2)
        update_v1_start(&p);
    for (unsigned step = 0; step < MAX_STEPS && fuzz_left(&p.in); step++) {
        uint8_t number = fuzz_u8(&p.in);
        if (number >= FIRST_LATER_STEP)
            later_steps[number % G_N_ELEMENTS(later_steps)](&p);
        else
            steps[number % G_N_ELEMENTS(steps)](&p);
        g_ptr_array_set_size(p.copies, 0);
    }
    for (unsigned i = 0; i < p.count; i++)
        ike_crypto_free(p.sa[i]);
    ike_decrypt_context_free(p.decryption);
    ike_keyring_free(p.ring);
    g_ptr_array_free(p.copies, TRUE);
    return 0;
}
