/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strongSwan's charon at log level 4, written by its file logger, to syslog or to the journal.
 *
 * Each line carries the number of the thread that wrote it, "12[IKE] text", and threads interleave;
 * what a thread says between taking an IKE SA out of the manager and putting it back belongs
 * together. A name with its dump puts a secret into the set of the thread; putting the SA back
 * ("checkin IKEv2 SA c[1] with SPIs 0123.._i 4567.._r") binds the set to the SPIs. On a rekey the
 * new SA is put back first, so the first checkin after the keys is theirs. */
#include "decrypt/keylog/keylog.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/dump.h"
#include "decrypt/keylog/proposal.h"

enum {
    PREFIX_MAX = 200, /* of date, host and program before the thread number */
    THREADS_MAX = 1024,
    SAS = 1024,       /* IKE SAs remembered, one to a slot */
    PENDING_SETS = 4, /* derivations of one thread between checkout and checkin */
    PENDING_DH = 8,
    CHILD_KEY_MAX = 128,
};

typedef enum { ROLE_UNKNOWN, ROLE_INITIATOR, ROLE_RESPONDER } exchange_role;
typedef enum { CHILD_EI, CHILD_ER, CHILD_AI, CHILD_AR, CHILD_KEYS } child_key;
typedef enum { DIRECTION_NONE, DIRECTION_IN, DIRECTION_OUT } child_direction;
typedef enum { AUTH_UNKNOWN, AUTH_PSK, AUTH_EAP } auth_kind;

typedef struct {
    uint8_t *bytes;
    size_t length;
} secret_copy;

typedef struct item item;

typedef struct {
    uint64_t spi_i, spi_r; /* of the IKE SA checked out; 0 when not known */
    uint8_t version;
    exchange_role role;
    bool create_child; /* in a CREATE_CHILD_SA: keys of IKE are those of another SA */
    bool collided;     /* both sides rekeyed the IKE SA at once */

    const item *item; /* whose dump is under way; NULL none */
    unsigned item_line;
    bool item_of_child;
    ike_dump dump;

    ike_set_id sets[PENDING_SETS]; /* newest first, to be bound */
    secret_copy ike_dh[PENDING_DH], child_dh[PENDING_DH];
    secret_copy secret; /* "secret => ": a PSK or an MSK, as the next lines tell */
    auth_kind own_auth;
    bool has_ike_suite, has_esp_suite;
    ike_suite ike_suite, esp_suite;

    uint8_t child_keys[CHILD_KEYS][CHILD_KEY_MAX];
    size_t child_lengths[CHILD_KEYS];
    char child_encryption[40], child_integrity[40];
    child_direction direction; /* of the SPI line that comes next */
    bool child_in, child_out;  /* done */
} thread;

/* What is remembered of an IKE SA between checkin and checkout. */
typedef struct {
    uint64_t spi_i, spi_r;
    bool has_suite;
    ike_suite suite;
} known_sa;

typedef struct {
    ike_keylog *log;
    GHashTable *threads; /* guint64 daemon and number -> thread */
    guint64 last_key;
    thread *last;
    known_sa sas[SAS];
} charon;

/* ---- small things --------------------------------------------------------------------------- */

static void drop(secret_copy *copy)
{
    if (copy->bytes != NULL) {
        OPENSSL_cleanse(copy->bytes, copy->length);
        g_free(copy->bytes);
    }
    *copy = (secret_copy){NULL, 0};
}

static void keep(secret_copy *copy, ike_span secret)
{
    drop(copy);
    *copy = (secret_copy){g_memdup2(secret.data, secret.length), secret.length};
}

static ike_span span_of(const secret_copy *copy)
{
    return (ike_span){copy->bytes, copy->length};
}

/* Adds to a list of pending secrets; when it is full the oldest goes. */
static void store_last(secret_copy list[PENDING_DH], ike_span secret)
{
    unsigned i = 0;
    while (i < PENDING_DH && list[i].bytes != NULL)
        i++;
    if (i == PENDING_DH) {
        drop(&list[0]);
        memmove(list, list + 1, (PENDING_DH - 1) * sizeof *list);
        list[--i] = (secret_copy){NULL, 0};
    }
    keep(&list[i], secret);
}

static known_sa *slot_of(charon *c, uint64_t spi_i, uint64_t spi_r)
{
    return &c->sas[(spi_i ^ spi_r ^ (spi_i >> 32)) % SAS];
}

static known_sa *find_sa(charon *c, uint64_t spi_i, uint64_t spi_r)
{
    known_sa *sa = slot_of(c, spi_i, spi_r);
    return spi_i != 0 && sa->spi_i == spi_i && sa->spi_r == spi_r ? sa : NULL;
}

static void wipe_child(thread *t)
{
    OPENSSL_cleanse(t->child_keys, sizeof t->child_keys);
    memset(t->child_lengths, 0, sizeof t->child_lengths);
    t->child_in = t->child_out = false;
    t->direction = DIRECTION_NONE;
}

/* ---- the set of a thread -------------------------------------------------------------------- */

static void new_set(charon *c, thread *t, uint8_t version)
{
    ike_keyring *ring = ike_keylog_ring(c->log);
    memmove(t->sets + 1, t->sets, (PENDING_SETS - 1) * sizeof *t->sets);
    t->sets[0] = ike_keyring_new_set(ring, ike_keylog_source(c->log), version);
    for (unsigned i = 0; i < PENDING_DH && t->ike_dh[i].bytes != NULL; i++) {
        (void)ike_keyring_set_secret(ring, t->sets[0], IKE_SECRET_DH_SHARED,
                                     span_of(&t->ike_dh[i]));
        drop(&t->ike_dh[i]);
    }
    const known_sa *sa = find_sa(c, t->spi_i, t->spi_r);
    if (version == 2 && t->has_ike_suite)
        (void)ike_keyring_set_suite(ring, t->sets[0], &t->ike_suite);
    else if (version == 2 && sa != NULL && sa->has_suite)
        (void)ike_keyring_set_suite(ring, t->sets[0], &sa->suite);
}

/* A secret of a derivation: into the set under way, or into a new one where it begins again (also
 * where a PPK is mixed in, which makes another Sk_d, Sk_pi and Sk_pr). */
static void put_secret(charon *c, thread *t, ike_secret_kind kind, ike_span secret)
{
    ike_keyring *ring = ike_keylog_ring(c->log);
    bool first = kind == IKE_SECRET_SKEYSEED || kind == IKE_SECRET_V1_SKEYID;
    ike_set_id set = t->sets[0];
    if (set == 0 || ike_keyring_set_has(ring, set, kind) ||
        (first && ike_keyring_set_has(ring, set, IKE_SECRET_SK_D))) {
        new_set(c, t, kind >= IKE_SECRET_V1_KEY && kind <= IKE_SECRET_V1_SKEYID_E ? 1 : 2);
        set = t->sets[0];
    }
    (void)ike_keyring_set_secret(ring, set, kind, secret);
}

static void bind_sets(charon *c, thread *t, uint64_t spi_i, uint64_t spi_r)
{
    ike_keyring *ring = ike_keylog_ring(c->log);
    known_sa *sa = slot_of(c, spi_i, spi_r);
    if (sa->spi_i != spi_i || sa->spi_r != spi_r)
        *sa = (known_sa){.spi_i = spi_i, .spi_r = spi_r};
    for (int i = PENDING_SETS - 1; i >= 0; i--)
        if (t->sets[i] != 0)
            (void)ike_keyring_bind_set(ring, t->sets[i], spi_i, spi_r);
    if (t->has_ike_suite) {
        sa->has_suite = true;
        sa->suite = t->ike_suite;
    }
    memset(t->sets, 0, sizeof t->sets);
    t->has_ike_suite = false;
}

/* Where both sides rekey an IKE SA at once, one thread has the keys of two new SAs and puts them
 * back in an order of its own, or later: which keys are whose is left to trial. */
static void leave_unbound(thread *t)
{
    memset(t->sets, 0, sizeof t->sets);
    t->has_ike_suite = false;
}

/* DH secrets that no derivation took (those of CHILD_SAs, or a log cut behind them). */
static void flush_dh(charon *c, const thread *t, secret_copy list[PENDING_DH], uint64_t spi_i,
                     uint64_t spi_r)
{
    ike_keyring *ring = ike_keylog_ring(c->log);
    for (unsigned i = 0; i < PENDING_DH && list[i].bytes != NULL; i++) {
        if (spi_i != 0 && spi_r != 0) {
            (void)ike_keyring_add_secret(ring, ike_keylog_source(c->log), t->version, spi_i, spi_r,
                                         IKE_SECRET_DH_SHARED, span_of(&list[i]));
        } else {
            ike_set_id set = ike_keyring_new_set(ring, ike_keylog_source(c->log), t->version);
            (void)ike_keyring_set_secret(ring, set, IKE_SECRET_DH_SHARED, span_of(&list[i]));
        }
        drop(&list[i]);
    }
}

/* Uses the "secret" of an AUTH computation as what it is. An MSK has 64 bytes. */
static void finish_secret(charon *c, thread *t, auth_kind kind)
{
    ike_keyring *ring = ike_keylog_ring(c->log);
    ike_span secret = span_of(&t->secret);
    if (secret.length == 0)
        return;
    if (kind == AUTH_UNKNOWN)
        kind = secret.length == 64 ? AUTH_EAP : AUTH_PSK;
    if (kind == AUTH_PSK)
        ike_keylog_add_psk(c->log, secret);
    else if (t->sets[0] != 0)
        (void)ike_keyring_set_secret(ring, t->sets[0], IKE_SECRET_MSK, secret);
    else
        (void)ike_keyring_add_secret(ring, ike_keylog_source(c->log), 2, t->spi_i, t->spi_r,
                                     IKE_SECRET_MSK, secret);
    drop(&t->secret);
}

/* ---- dumps ---------------------------------------------------------------------------------- */

typedef enum { USE_SET, USE_DH, USE_PPK, USE_AUTH, USE_CHILD } item_use;

struct item {
    const char *name;
    item_use use;
    unsigned kind; /* ike_secret_kind or child_key */
};

static const item items[] = {
    {"shared Diffie Hellman secret", USE_DH, 0},
    {"key exchange secret", USE_DH, 0},
    {"additional key exchange secret", USE_DH, 0},
    {"DH secret", USE_DH, 0},
    {"SKEYSEED", USE_SET, IKE_SECRET_SKEYSEED},
    {"Sk_d secret", USE_SET, IKE_SECRET_SK_D},
    {"Sk_ai secret", USE_SET, IKE_SECRET_SK_AI},
    {"Sk_ar secret", USE_SET, IKE_SECRET_SK_AR},
    {"Sk_ei secret", USE_SET, IKE_SECRET_SK_EI},
    {"Sk_er secret", USE_SET, IKE_SECRET_SK_ER},
    {"Sk_pi secret", USE_SET, IKE_SECRET_SK_PI},
    {"Sk_pr secret", USE_SET, IKE_SECRET_SK_PR},
    {"derive keys using PPK", USE_PPK, 0},
    {"secret", USE_AUTH, 0},
    {"SKEYID", USE_SET, IKE_SECRET_V1_SKEYID},
    {"SKEYID_d", USE_SET, IKE_SECRET_V1_SKEYID_D},
    {"SKEYID_a", USE_SET, IKE_SECRET_V1_SKEYID_A},
    {"SKEYID_e", USE_SET, IKE_SECRET_V1_SKEYID_E},
    {"encryption key Ka", USE_SET, IKE_SECRET_V1_KEY},
    {"encryption initiator key", USE_CHILD, CHILD_EI},
    {"encryption responder key", USE_CHILD, CHILD_ER},
    {"integrity initiator key", USE_CHILD, CHILD_AI},
    {"integrity responder key", USE_CHILD, CHILD_AR},
};

static void use_child_key(charon *c, thread *t, unsigned which, ike_span key)
{
    if (which == CHILD_EI || (which == CHILD_AI && t->child_lengths[CHILD_AI] != 0))
        wipe_child(t);
    if (key.length > CHILD_KEY_MAX) {
        ike_keylog_warn(c->log, t->item_line, "longer than any key of a CHILD_SA");
        return;
    }
    memcpy(t->child_keys[which], key.data, key.length);
    t->child_lengths[which] = key.length;
}

static void use_dump(charon *c, thread *t)
{
    ike_span secret = {t->dump.bytes, t->dump.length};
    const item *what = t->item;
    t->item = NULL;
    switch (what->use) {
    case USE_SET:
        put_secret(c, t, (ike_secret_kind)what->kind, secret);
        break;
    case USE_DH:
        store_last(t->item_of_child ? t->child_dh : t->ike_dh, secret);
        break;
    case USE_PPK:
        (void)ike_keyring_add_peer(ike_keylog_ring(c->log), ike_keylog_source(c->log), IKE_PEER_PPK,
                                   NULL, secret);
        break;
    case USE_AUTH:
        finish_secret(c, t, AUTH_UNKNOWN);
        keep(&t->secret, secret);
        break;
    case USE_CHILD:
        use_child_key(c, t, what->kind, secret);
        break;
    }
    (void)ike_dump_begin(&t->dump, 0);
}

static void abandon_dump(charon *c, thread *t)
{
    if (t->item == NULL)
        return;
    ike_keylog_warn(c->log, t->item_line, "the dump of this secret is not whole");
    t->item = NULL;
    (void)ike_dump_begin(&t->dump, 0);
}

/* "NAME => 32 bytes @ 0x7f.." */
static void begin_dump(charon *c, thread *t, ike_text message, bool of_child)
{
    ike_text rest = message;
    unsigned bytes;
    if (!ike_text_after(&rest, " => ") || !ike_text_decimal(ike_text_word(&rest), &bytes) ||
        !ike_text_is(ike_text_word(&rest), "bytes"))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
        const item *what = &items[i];
        size_t length = strlen(what->name);
        if (!ike_text_begins(message, what->name) ||
            !ike_text_begins((ike_text){message.at + length, message.end}, " => "))
            continue;
        if (bytes == 0)
            return; /* "0 bytes @ (nil)": there is none */
        if (!ike_dump_begin(&t->dump, bytes)) {
            ike_keylog_warn(c->log, 0, "longer than any secret");
            return;
        }
        t->item = what;
        t->item_line = ike_keylog_line_number(c->log);
        t->item_of_child = of_child;
        return;
    }
}

/* ---- CHILD_SAs ------------------------------------------------------------------------------ */

static bool child_suite(const thread *t, ike_suite *suite)
{
    *suite = t->esp_suite;
    if (t->child_encryption[0] == '\0')
        return t->has_esp_suite;
    suite->encryption = suite->key_bits = suite->integrity = 0;
    return ike_encryption_by_name(t->child_encryption, t->child_lengths[CHILD_EI],
                                  &suite->encryption, &suite->key_bits) &&
           (t->child_integrity[0] == '\0' ||
            ike_integrity_by_name(t->child_integrity, 0, &suite->integrity));
}

static void add_esp(charon *c, const thread *t, uint32_t spi, bool to_responder)
{
    child_key encryption = to_responder ? CHILD_EI : CHILD_ER;
    child_key integrity = to_responder ? CHILD_AI : CHILD_AR;
    ike_esp_key key = {.spi = spi, .esn_known = t->has_esp_suite};
    key.has_suite = child_suite(t, &key.suite);
    key.encryption = (ike_span){t->child_keys[encryption], t->child_lengths[encryption]};
    key.integrity = (ike_span){t->child_keys[integrity], t->child_lengths[integrity]};
    (void)ike_keyring_add_esp(ike_keylog_ring(c->log), ike_keylog_source(c->log), &key);
}

/* The SPI of one direction; its addresses are the daemon's, which a NAT on the way to the capture
 * changes, so they are left alone. Inbound packets of the exchange's initiator come from the
 * responder. Where the role is not known both keys are tried. */
static void child_spi(charon *c, thread *t, uint32_t spi, child_direction direction)
{
    bool *done = direction == DIRECTION_IN ? &t->child_in : &t->child_out;
    bool has_keys = t->child_lengths[CHILD_EI] != 0 || t->child_lengths[CHILD_AI] != 0;
    if (!has_keys || *done)
        return;
    *done = true;
    bool inbound = direction == DIRECTION_IN;
    if (t->role != ROLE_RESPONDER)
        add_esp(c, t, spi, !inbound);
    if (t->role != ROLE_INITIATOR)
        add_esp(c, t, spi, inbound);
    if (t->child_in && t->child_out)
        wipe_child(t);
}

/* "using AES_CBC for encryption" */
static bool algorithm_line(thread *t, ike_text message)
{
    if (!ike_text_skip(&message, "using "))
        return false;
    ike_text name = ike_text_word(&message);
    char *into = NULL;
    if (ike_text_is(message, " for encryption")) {
        into = t->child_encryption;
        t->child_integrity[0] = '\0';
    } else if (ike_text_is(message, " for integrity")) {
        into = t->child_integrity;
    }
    size_t length = ike_text_length(name);
    if (into != NULL && length < sizeof t->child_encryption) {
        memcpy(into, name.at, length);
        into[length] = '\0';
    }
    return true;
}

static void chd_line(charon *c, thread *t, ike_text message)
{
    uint64_t spi;
    if (ike_text_is(message, "adding inbound AH SA")) {
        wipe_child(t); /* AH has nothing to open */
    } else if (ike_text_is(message, "adding inbound ESP SA")) {
        t->direction = DIRECTION_IN;
    } else if (ike_text_is(message, "adding outbound ESP SA") ||
               ike_text_is(message, "registering outbound ESP SA")) {
        t->direction = DIRECTION_OUT;
    } else if (t->direction != DIRECTION_NONE && ike_text_skip(&message, "SPI 0x")) {
        if (ike_text_hex_number(ike_text_until(&message, ','), &spi) && spi <= UINT32_MAX)
            child_spi(c, t, (uint32_t)spi, t->direction);
        t->direction = DIRECTION_NONE;
    } else if (!algorithm_line(t, message)) {
        begin_dump(c, t, message, true);
    }
}

/* "CHILD_SA n{1} established with SPIs dffa0ebe_i 14718192_o and TS ..": in and out, for logs that
 * do not have the lines above. */
static void child_established(charon *c, thread *t, ike_text message)
{
    uint64_t in, out;
    ike_text word = ike_text_word(&message);
    if (!ike_text_hex_number(ike_text_until(&word, '_'), &in) || !ike_text_is(word, "i"))
        return;
    word = ike_text_word(&message);
    if (!ike_text_hex_number(ike_text_until(&word, '_'), &out) || !ike_text_is(word, "o"))
        return;
    if (in <= UINT32_MAX && out <= UINT32_MAX) {
        child_spi(c, t, (uint32_t)in, DIRECTION_IN);
        child_spi(c, t, (uint32_t)out, DIRECTION_OUT);
    }
}

/* ---- lines ---------------------------------------------------------------------------------- */

/* "authentication of 'a.example' (myself) with pre-shared key", "... with EAP successful" */
static void authentication_line(charon *c, thread *t, ike_text message)
{
    ike_text rest = message;
    auth_kind kind = AUTH_UNKNOWN;
    if (!ike_text_after(&rest, "' "))
        return;
    bool own = ike_text_skip(&rest, "(myself) ");
    if (ike_text_begins(rest, "with pre-shared key"))
        kind = AUTH_PSK;
    else if (ike_text_begins(rest, "with EAP"))
        kind = AUTH_EAP;
    finish_secret(c, t, own ? AUTH_UNKNOWN : kind);
    t->own_auth = own ? kind : AUTH_UNKNOWN;
}

static void ike_line(charon *c, thread *t, ike_text message)
{
    if (ike_text_begins(message, "authentication of '")) {
        authentication_line(c, t, message);
    } else if (ike_text_is(message, "successfully created shared key MAC")) {
        finish_secret(c, t, t->own_auth);
    } else if (ike_text_begins(message, "tried ") || ike_text_begins(message, "no shared key")) {
        finish_secret(c, t, AUTH_PSK);
    } else if (ike_text_begins(message, "IKE_SA rekey collision ")) {
        t->collided = true;
    } else if (ike_text_begins(message, "CHILD_SA ") ||
               ike_text_begins(message, "inbound CHILD_SA ")) {
        if (ike_text_after(&message, " established with SPIs "))
            child_established(c, t, message);
    } else {
        begin_dump(c, t, message, false);
    }
}

static bool read_spis(ike_text message, uint64_t *spi_i, uint64_t *spi_r)
{
    if (!ike_text_after(&message, " SPIs "))
        return false;
    ike_text word = ike_text_word(&message);
    if (!ike_text_hex_number(ike_text_until(&word, '_'), spi_i) || !ike_text_is(word, "i"))
        return false;
    word = ike_text_word(&message);
    return ike_text_hex_number(ike_text_until(&word, '_'), spi_r) && ike_text_is(word, "r");
}

static void read_version(thread *t, ike_text message)
{
    if (ike_text_begins(message, "IKEv1"))
        t->version = 1;
    else if (ike_text_begins(message, "IKEv2"))
        t->version = 2;
}

/* The thread gives an SA back. Without SPIs in the line the keys are of the SA that was taken out,
 * if they are not of one that was being made from it. */
static void checkin(charon *c, thread *t, ike_text message)
{
    uint64_t spi_i = 0, spi_r = 0;
    read_version(t, message);
    if (!read_spis(message, &spi_i, &spi_r) && !t->create_child) {
        spi_i = t->spi_i;
        spi_r = t->spi_r;
    }
    finish_secret(c, t, AUTH_UNKNOWN);
    if (spi_i == 0 || spi_r == 0)
        return;
    bool taken_out = t->spi_i == spi_i && t->spi_r == spi_r;
    if (t->create_child && (t->collided || taken_out))
        leave_unbound(t);
    else if (t->sets[0] != 0 || t->has_ike_suite)
        bind_sets(c, t, spi_i, spi_r);
    flush_dh(c, t, t->ike_dh, spi_i, spi_r);
    /* A CHILD_SA belongs to the SA that was taken out. */
    if (taken_out)
        flush_dh(c, t, t->child_dh, spi_i, spi_r);
}

static void checkout(charon *c, thread *t, ike_text message)
{
    finish_secret(c, t, AUTH_UNKNOWN);
    flush_dh(c, t, t->ike_dh, 0, 0);
    flush_dh(c, t, t->child_dh, 0, 0);
    wipe_child(t);
    memset(t->sets, 0, sizeof t->sets);
    t->has_ike_suite = t->has_esp_suite = t->create_child = t->collided = false;
    t->child_encryption[0] = t->child_integrity[0] = '\0';
    t->role = ROLE_UNKNOWN;
    t->own_auth = AUTH_UNKNOWN;
    read_version(t, message);
    if (!read_spis(message, &t->spi_i, &t->spi_r))
        t->spi_i = t->spi_r = 0;
}

static void mgr_line(charon *c, thread *t, ike_text message)
{
    if (ike_text_skip(&message, "checkout "))
        checkout(c, t, message);
    else if (ike_text_skip(&message, "checkin and destroy ") ||
             (ike_text_skip(&message, "checkin ") && !ike_text_begins(message, "of ")))
        checkin(c, t, message);
}

/* "selected proposal: IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519" */
static void cfg_line(thread *t, ike_text message)
{
    if (!ike_text_skip(&message, "selected proposal: "))
        return;
    if (ike_text_skip(&message, "IKE:"))
        t->has_ike_suite = ike_proposal_read(message, &t->ike_suite);
    else if (ike_text_skip(&message, "ESP:"))
        t->has_esp_suite = ike_proposal_read(message, &t->esp_suite);
}

/* "parsed CREATE_CHILD_SA response 2 [ .. ]" tells who began the exchange. */
static void enc_line(thread *t, ike_text message)
{
    if (!ike_text_skip(&message, "parsed "))
        return;
    ike_text exchange = ike_text_word(&message), kind = ike_text_word(&message);
    if (ike_text_is(kind, "request"))
        t->role = ROLE_RESPONDER;
    else if (ike_text_is(kind, "response"))
        t->role = ROLE_INITIATOR;
    if (ike_text_is(exchange, "CREATE_CHILD_SA") || ike_text_is(exchange, "IKE_FOLLOWUP_KE"))
        t->create_child = true;
}

typedef struct {
    guint64 key; /* daemon and thread */
    char group[3];
    ike_text message;
} tagged;

/* FNV-1a over the words before the thread number that do not change from line to line. */
static guint64 daemon_of(ike_text prefix)
{
    guint64 hash = 2166136261u;
    ike_text_trim(&prefix);
    if (prefix.at == prefix.end || prefix.end[-1] != ':')
        return 0;
    const char *at = prefix.end;
    for (unsigned text_of = 0; at > prefix.at; at--) {
        if (at[-1] == ' ' && ++text_of == 2)
            break;
        hash = (hash ^ (guint8)at[-1]) * 16777619u & 0xffffffff;
    }
    return hash;
}

static bool is_group(const char *at)
{
    return g_ascii_isupper(at[1]) && g_ascii_isupper(at[2]) && g_ascii_isupper(at[3]);
}

/* " <c|1> " before the message, or the blank alone. */
static void skip_connection(ike_text *message)
{
    (void)ike_text_skip(message, " ");
    if (ike_text_first(*message) != '<')
        return;
    ike_text rest = *message;
    (void)ike_text_until(&rest, '>');
    if (rest.at == rest.end)
        return;
    (void)ike_text_skip(&rest, " ");
    *message = rest;
}

/* Finds "12[IKE] ", also with a level "12[IKE2] " and a connection "12[IKE] <c|1> "; swanctl shows
 * the log without thread numbers, from the beginning of the line. */
static bool find_tag(ike_text line, tagged *tag)
{
    ike_text rest = line;
    if (ike_text_length(rest) > PREFIX_MAX)
        rest.end = rest.at + PREFIX_MAX;
    for (; ike_text_length(rest) > 5; rest.at++) {
        rest.at = memchr(rest.at, '[', ike_text_length(rest));
        if (rest.at == NULL || ike_text_length(rest) <= 4)
            return false;
        const char *number = rest.at, *close = rest.at + 4;
        while (number > line.at && rest.at - number < 5 && g_ascii_isdigit(number[-1]))
            number--;
        bool none = number == rest.at && rest.at != line.at;
        if (none || (number > line.at && number[-1] != ' ') || !is_group(rest.at))
            continue;
        if (g_ascii_isdigit(*close))
            close++;
        if (close >= line.end || *close != ']')
            continue;
        unsigned thread_number = 0;
        (void)ike_text_decimal((ike_text){number, rest.at}, &thread_number);
        tag->key = daemon_of((ike_text){line.at, number}) << 20 | thread_number;
        memcpy(tag->group, rest.at + 1, 3);
        tag->message = (ike_text){close + 1, line.end};
        skip_connection(&tag->message);
        return true;
    }
    return false;
}

/* ---- threads -------------------------------------------------------------------------------- */

/* What the thread has not handed over yet goes to the ring unbound. */
static void finish_thread(charon *c, thread *t)
{
    finish_secret(c, t, AUTH_UNKNOWN);
    flush_dh(c, t, t->ike_dh, 0, 0);
    flush_dh(c, t, t->child_dh, 0, 0);
}

static void free_thread(gpointer data)
{
    thread *t = data;
    for (unsigned i = 0; i < PENDING_DH; i++) {
        drop(&t->ike_dh[i]);
        drop(&t->child_dh[i]);
    }
    drop(&t->secret);
    OPENSSL_cleanse(t, sizeof *t);
    g_free(t);
}

static void finish_all(charon *c)
{
    GHashTableIter iter;
    gpointer t;
    g_hash_table_iter_init(&iter, c->threads);
    while (g_hash_table_iter_next(&iter, NULL, &t))
        finish_thread(c, t);
}

static thread *thread_of(charon *c, guint64 key)
{
    if (c->last != NULL && c->last_key == key)
        return c->last;
    thread *t = g_hash_table_lookup(c->threads, &key);
    if (t == NULL) {
        if (g_hash_table_size(c->threads) >= THREADS_MAX) {
            finish_all(c);
            g_hash_table_remove_all(c->threads);
        }
        t = g_new0(thread, 1);
        g_hash_table_insert(c->threads, g_memdup2(&key, sizeof key), t);
    }
    c->last = t;
    c->last_key = key;
    return t;
}

/* ---- the reader ----------------------------------------------------------------------------- */

static void *charon_open(ike_keylog *log)
{
    charon *c = g_new0(charon, 1);
    c->log = log;
    c->threads = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_thread);
    return c;
}

static bool in_group(const tagged *tag, const char *group)
{
    return memcmp(tag->group, group, sizeof tag->group) == 0;
}

static bool charon_line(void *state, const ike_keylog_line *line)
{
    charon *c = state;
    tagged tag;
    if (!find_tag(line->text, &tag))
        return false;
    bool ike = in_group(&tag, "IKE"), chd = in_group(&tag, "CHD"), cfg = in_group(&tag, "CFG");
    if (!ike && !chd && !cfg && !in_group(&tag, "MGR") && !in_group(&tag, "ENC"))
        return true;
    thread *t = thread_of(c, tag.key);
    if (t->item != NULL && (ike || chd)) {
        if (ike_dump_row(&t->dump, tag.message, true)) {
            if (ike_dump_complete(&t->dump))
                use_dump(c, t);
            return true;
        }
        abandon_dump(c, t);
    }
    ike_text_trim(&tag.message);
    if (ike && !g_ascii_isdigit(ike_text_first(tag.message)))
        ike_line(c, t, tag.message);
    else if (chd && !g_ascii_isdigit(ike_text_first(tag.message)))
        chd_line(c, t, tag.message);
    else if (cfg)
        cfg_line(t, tag.message);
    else if (in_group(&tag, "MGR"))
        mgr_line(c, t, tag.message);
    else if (in_group(&tag, "ENC"))
        enc_line(t, tag.message);
    return true;
}

static void charon_finish(void *state)
{
    charon *c = state;
    GHashTableIter iter;
    gpointer data;
    finish_all(c);
    g_hash_table_iter_init(&iter, c->threads);
    while (g_hash_table_iter_next(&iter, NULL, &data))
        abandon_dump(c, data);
}

static void charon_close(void *state)
{
    charon *c = state;
    g_hash_table_destroy(c->threads);
    g_free(c);
}

const ike_keylog_reader ike_keylog_charon = {
    .name = "strongSwan",
    .open = charon_open,
    .line = charon_line,
    .finish = charon_finish,
    .close = charon_close,
};
