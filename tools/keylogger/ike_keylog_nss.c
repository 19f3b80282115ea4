/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A library to preload into an IKE daemon that computes its keys with NSS, as libreswan's pluto
 * does: it writes the keys of IKE SAs to the file that IKE_KEYLOG_FILE names, in the format of
 * docs/keylog.md. What it watches are NSS's mechanisms for IKE (pkcs11n.h), whose parameters name
 * the SPIs or cookies:
 *
 *     CKM_NSS_IKE_PRF_PLUS_DERIVE   {SK_d | SK_ai | ..} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr)
 *                                   KEYMAT = prf+(SK_d, [g^ir] | Ni | Nr)      RFC 7296 2.14, 2.17
 *     CKM_EXTRACT_KEY_FROM_KEY      takes SK_d and so on out of it: shows where each one ends
 *     CKM_NSS_IKE1_PRF_DERIVE       SKEYID_d, SKEYID_a, SKEYID_e              RFC 2409 5
 *     CKM_NSS_IKE1_APP_B_PRF_DERIVE Ka, and KEYMAT of quick mode              RFC 2409 appendix
 * B, 5.5
 *
 * Secrets of key exchanges are written where Child SAs are derived from them (PFS): the other keys
 * of Child SAs follow from SK_d or SKEYID_d and the messages. docs/keylogger.md says how to load
 * it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pk11pub.h>
#include <pkcs11n.h>

#define EXPORT __attribute__((visibility("default")))

enum {
    SECRET_MAX = 1024, /* bytes: g^ir of the largest MODP group, 8192 bits */
    PIECES_MAX = 9,    /* SK_d, SK_a*, SK_e* and their salts, SK_p* */
    SALT_MAX = 4,      /* bytes: RFC 4106 4, RFC 4309 7.1, RFC 3686 4, RFC 7634 2 */
    SPI_LENGTH = 8,
    NONCE_MIN = 16, /* RFC 7296 2.10 */
};

typedef struct {
    uint8_t bytes[SECRET_MAX];
    size_t length;
} secret;

typedef struct {
    uint64_t initiator, responder;
} spi_pair;

/* A key that may be a parameter of a later derivation, which names it by its handle. */
typedef struct {
    CK_OBJECT_HANDLE handle;
    secret value;
} known_key;

/* The output of prf+ for an IKE SA, of which the keys are taken. */
typedef struct {
    const PK11SymKey *key;
    spi_pair spis;
    secret value, skeyseed;
    struct {
        size_t offset, length;
    } pieces[PIECES_MAX];
    unsigned count;
} keymat;

/* From what the keys of Child SAs are derived, SK_d or SKEYID_d. */
typedef struct {
    spi_pair spis;
    secret value;
    secret shared; /* written last: quick mode derives keys of both directions from it */
    bool ikev1;
    bool written;
} parent;

/* What was seen last, the oldest replaced first. */
static known_key keys[256];
static keymat keymats[16];
static parent parents[1024];
static unsigned next_key, next_keymat, next_parent;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void warn(const char *why)
{
    static bool warned;

    if (!warned)
        fprintf(stderr, "ike_keylog_nss: %s\n", why);
    warned = true;
}

/* NSS's own function: the process has it, this library is not linked with it. */
static void *real(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);

    if (!function) {
        fprintf(stderr, "ike_keylog_nss: no %s in this process\n", name);
        abort();
    }
    return function;
}

#define REAL(name) ((__typeof__(&(name)))real(#name))

/* Opens a file for its owner alone. A pipe or a device could make the daemon wait; a file of
 * another user, or with another name in a folder of theirs, gives the keys away, also if root opens
 * it. */
static int open_file(const char *name)
{
    int file =
        open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    struct stat status;

    if (file < 0) {
        warn(strerror(errno));
        return -1;
    }
    if (fstat(file, &status) < 0 || !S_ISREG(status.st_mode)) {
        warn("the key log is not a regular file");
        close(file);
        return -1;
    }
    if (status.st_uid != geteuid() || status.st_nlink != 1 || fchmod(file, 0600) < 0) {
        warn("the key log is another user's file, or has several names");
        close(file);
        return -1;
    }
    return file;
}

/* The key log, or -1. It is opened when the first key is there. */
static int open_log(void)
{
    static int log = -1;
    static bool tried;
    const char *name = secure_getenv("IKE_KEYLOG_FILE");

    if (!tried && name && *name) {
        tried = true;
        log = open_file(name);
    }
    return log;
}

/* A line goes out in one piece, so that those of several processes do not mix. What a full disk
 * left of one is ended before the next. */
static void append(int log, const char *line, size_t length)
{
    static bool torn;

    if (torn && write(log, "\n", 1) != 1)
        return;
    torn = false;
    ssize_t written = write(log, line, length);
    if (written == (ssize_t)length)
        return;
    torn = written > 0;
    warn("the key log cannot be written");
}

static void write_line(const char *label, const char *binding, const uint8_t *bytes, size_t length)
{
    char line[128 + 2 * SECRET_MAX];
    int log = open_log();

    if (log < 0 || length == 0 || length > SECRET_MAX)
        return;
    size_t at = (size_t)snprintf(line, 128, "%s %s ", label, binding);
    for (size_t i = 0; i < length; i++)
        at += (size_t)sprintf(line + at, "%02x", bytes[i]);
    line[at++] = '\n';
    append(log, line, at);
    explicit_bzero(line, sizeof line);
}

static void write_secret(const char *label, spi_pair spis, const uint8_t *bytes, size_t length)
{
    char binding[2 * 16 + 2];

    snprintf(binding, sizeof binding, "%016" PRIx64 " %016" PRIx64, spis.initiator, spis.responder);
    write_line(label, binding, bytes, length);
}

/* IKEV1_ secrets are bound to the initiator's cookie. */
static void write_ikev1(const char *label, spi_pair spis, const secret *value)
{
    char binding[16 + 1];

    snprintf(binding, sizeof binding, "%016" PRIx64, spis.initiator);
    write_line(label, binding, value->bytes, value->length);
}

static uint64_t read_spi(const uint8_t *at)
{
    uint64_t spi = 0;

    for (unsigned i = 0; i < SPI_LENGTH; i++)
        spi = spi << 8 | at[i];
    return spi;
}

/* The bytes of a key; a token in FIPS mode does not give them away. */
static bool read_value(PK11SymKey *key, secret *value)
{
    value->length = 0;
    if (REAL(PK11_ExtractKeyValue)(key) != SECSuccess) {
        warn("NSS keeps its keys to itself (FIPS mode?): nothing can be logged");
        return false;
    }
    const SECItem *item = REAL(PK11_GetKeyData)(key);
    if (!item || item->len == 0 || item->len > SECRET_MAX)
        return false;
    memcpy(value->bytes, item->data, item->len);
    value->length = item->len;
    return true;
}

static bool same(const secret *a, const secret *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static void remember_key(PK11SymKey *key)
{
    known_key *known = &keys[next_key % (sizeof keys / sizeof keys[0])];

    known->handle = REAL(PK11_GetSymKeyHandle)(key);
    if (read_value(key, &known->value))
        next_key++;
}

static const secret *find_key(CK_OBJECT_HANDLE handle)
{
    unsigned count = sizeof keys / sizeof keys[0];

    for (unsigned i = 0; i < count; i++) {
        const known_key *known = &keys[(next_key - 1 - i) % count];
        if (known->value.length > 0 && known->handle == handle)
            return &known->value;
    }
    return NULL;
}

static parent *remember_parent(spi_pair spis, const uint8_t *bytes, size_t length, bool ikev1)
{
    parent *known = &parents[next_parent++ % (sizeof parents / sizeof parents[0])];

    memset(known, 0, sizeof *known);
    known->spis = spis;
    known->ikev1 = ikev1;
    known->written = true;
    known->value.length = length;
    memcpy(known->value.bytes, bytes, length);
    return known;
}

static parent *find_parent(const secret *value, bool ikev1)
{
    for (unsigned i = 0; i < sizeof parents / sizeof parents[0]; i++)
        if (parents[i].ikev1 == ikev1 && value->length > 0 && same(&parents[i].value, value))
            return &parents[i];
    return NULL;
}

/* Names for the pieces of prf+'s output in their order: with integrity, with integrity and salts
 * (CTR), AEAD. A salt belongs to the key before it. */
static const char *const *piece_names(const keymat *k)
{
    static const char *const plain[] = {"IKEV2_SK_D",  "IKEV2_SK_AI", "IKEV2_SK_AR", "IKEV2_SK_EI",
                                        "IKEV2_SK_ER", "IKEV2_SK_PI", "IKEV2_SK_PR"};
    static const char *const counter[] = {"IKEV2_SK_D",  "IKEV2_SK_AI", "IKEV2_SK_AR",
                                          "IKEV2_SK_EI", NULL,          "IKEV2_SK_ER",
                                          NULL,          "IKEV2_SK_PI", "IKEV2_SK_PR"};
    static const char *const aead[] = {"IKEV2_SK_D", "IKEV2_SK_EI", NULL,         "IKEV2_SK_ER",
                                       NULL,         "IKEV2_SK_PI", "IKEV2_SK_PR"};

    if (k->count == 9)
        return k->pieces[4].length <= SALT_MAX && k->pieces[6].length <= SALT_MAX ? counter : NULL;
    if (k->count != 7)
        return NULL;
    return k->pieces[2].length <= SALT_MAX && k->pieces[4].length <= SALT_MAX ? aead : plain;
}

/* All of the output is taken: what its pieces are is known. */
static void write_pieces(const keymat *k)
{
    const char *const *names = piece_names(k);

    if (!names) {
        write_secret("IKEV2_SKEYSEED", k->spis, k->skeyseed.bytes, k->skeyseed.length);
        return;
    }
    for (unsigned i = 0; i < k->count; i++) {
        if (!names[i])
            continue;
        bool salt = i + 1 < k->count && !names[i + 1];
        size_t length = k->pieces[i].length + (salt ? k->pieces[i + 1].length : 0);
        write_secret(names[i], k->spis, k->value.bytes + k->pieces[i].offset, length);
    }
    remember_parent(k->spis, k->value.bytes, k->pieces[0].length, false);
}

/* CKM_EXTRACT_KEY_FROM_KEY: pieces are taken in their order, each once. */
static void record_piece(const PK11SymKey *base, const SECItem *param, int length)
{
    CK_ULONG bit;

    if (!param || param->len != sizeof bit || length <= 0)
        return;
    memcpy(&bit, param->data, sizeof bit);
    for (unsigned i = 0; i < sizeof keymats / sizeof keymats[0]; i++) {
        keymat *k = &keymats[i];
        size_t end = k->count ? k->pieces[k->count - 1].offset + k->pieces[k->count - 1].length : 0;
        if (k->key != base || bit / 8 != end || k->count == PIECES_MAX ||
            end + (size_t)length > k->value.length)
            continue;
        k->pieces[k->count].offset = end;
        k->pieces[k->count++].length = (size_t)length;
        if (end + (size_t)length < k->value.length)
            return;
        write_pieces(k);
        explicit_bzero(k, sizeof *k);
        return;
    }
}

/* Keys of an IKE SA: prf+(SKEYSEED, Ni | Nr | SPIi | SPIr) */
static void record_keymat(PK11SymKey *key, const secret *skeyseed, const uint8_t *seed,
                          size_t length)
{
    if (length < 2 * NONCE_MIN + 2 * SPI_LENGTH)
        return;
    keymat *k = &keymats[next_keymat++ % (sizeof keymats / sizeof keymats[0])];
    memset(k, 0, sizeof *k);
    /* Of a key that is gone, whose pieces were never taken: NSS may use its place again. */
    for (unsigned i = 0; i < sizeof keymats / sizeof keymats[0]; i++)
        if (keymats[i].key == key)
            explicit_bzero(&keymats[i], sizeof keymats[i]);
    if (!read_value(key, &k->value))
        return;
    k->key = key;
    k->skeyseed = *skeyseed;
    k->spis.initiator = read_spi(seed + length - 2 * SPI_LENGTH);
    k->spis.responder = read_spi(seed + length - SPI_LENGTH);
}

/* prf+(PPK, SK_d): SK_d', with which Child SAs go on (RFC 8784 3), or in IKE_INTERMEDIATE the
 * SKEYSEED of new keys (RFC 9867). Which it is shows when it is used. */
static void record_ppk(PK11SymKey *key, const secret *mixed)
{
    const parent *known = find_parent(mixed, false);
    secret value;

    if (!known || !read_value(key, &value))
        return;
    spi_pair spis = known->spis;
    remember_parent(spis, value.bytes, value.length, false)->written = false;
    explicit_bzero(&value, sizeof value);
}

/* prf+(SK_d, [g^ir] | Ni | Nr) */
static void record_child(parent *of, const secret *shared)
{
    if (!of->written)
        write_secret("IKEV2_SK_D", of->spis, of->value.bytes, of->value.length);
    of->written = true;
    if (shared)
        write_secret("IKEV2_DH_SHARED", of->spis, shared->bytes, shared->length);
}

static bool ends_with_spis(const CK_NSS_IKE_PRF_PLUS_DERIVE_PARAMS *p, spi_pair spis)
{
    if (p->bHasSeedKey || p->ulSeedDataLen < 2 * NONCE_MIN + 2 * SPI_LENGTH)
        return false;
    const uint8_t *end = p->pSeedData + p->ulSeedDataLen;
    return read_spi(end - 2 * SPI_LENGTH) == spis.initiator &&
           read_spi(end - SPI_LENGTH) == spis.responder;
}

static void record_prf_plus(PK11SymKey *base, const SECItem *param, PK11SymKey *key)
{
    CK_NSS_IKE_PRF_PLUS_DERIVE_PARAMS p;
    secret value;

    if (!param || param->len != sizeof p || !read_value(base, &value))
        return;
    memcpy(&p, param->data, sizeof p);
    const secret *seed_key = p.bHasSeedKey ? find_key(p.hSeedKey) : NULL;
    parent *of = find_parent(&value, false);
    if (of && !ends_with_spis(&p, of->spis))
        record_child(of, seed_key);
    else if (seed_key && p.ulSeedDataLen == 0)
        record_ppk(key, seed_key);
    else if (!p.bHasSeedKey)
        record_keymat(key, &value, p.pSeedData, p.ulSeedDataLen);
    explicit_bzero(&value, sizeof value);
}

/* SKEYID_d (keyNumber 0), SKEYID_a, SKEYID_e of the cookies; SKEYID is the key that they are made
 * of. */
static void record_ikev1(PK11SymKey *base, const SECItem *param, PK11SymKey *key)
{
    static const char *const labels[] = {"IKEV1_SKEYID_D", "IKEV1_SKEYID_A", "IKEV1_SKEYID_E"};
    CK_NSS_IKE1_PRF_DERIVE_PARAMS p;
    secret value;

    if (!param || param->len != sizeof p)
        return;
    memcpy(&p, param->data, sizeof p);
    if (p.ulCKYiLen != SPI_LENGTH || p.ulCKYrLen != SPI_LENGTH || p.keyNumber > 2 ||
        !read_value(key, &value))
        return;
    spi_pair spis = {read_spi(p.pCKYi), read_spi(p.pCKYr)};
    write_ikev1(labels[p.keyNumber], spis, &value);
    if (p.keyNumber == 0) {
        const secret *shared = find_key(p.hKeygxy);
        secret skeyid;
        if (shared)
            write_ikev1("IKEV1_DH_SHARED", spis, shared);
        if (read_value(base, &skeyid))
            write_ikev1("IKEV1_SKEYID", spis, &skeyid);
        explicit_bzero(&skeyid, sizeof skeyid);
    }
    /* Quick mode starts from SKEYID_d, Ka from SKEYID_e. */
    if (p.keyNumber != 1)
        remember_parent(spis, value.bytes, value.length, true);
    explicit_bzero(&value, sizeof value);
}

/* Ka of SKEYID_e, or KEYMAT of SKEYID_d with the secret of quick mode. */
static void record_ikev1_keymat(PK11SymKey *base, const SECItem *param, PK11SymKey *key)
{
    CK_NSS_IKE1_APP_B_PRF_DERIVE_PARAMS p;
    secret value, derived;

    if (!read_value(base, &value))
        return;
    parent *of = find_parent(&value, true);
    explicit_bzero(&value, sizeof value);
    if (!of)
        return;
    memset(&p, 0, sizeof p);
    if (param && param->len == sizeof p)
        memcpy(&p, param->data, sizeof p);
    const secret *shared = p.bHasKeygxy ? find_key(p.hKeygxy) : NULL;
    if (shared && !same(shared, &of->shared)) {
        write_ikev1("IKEV1_DH_SHARED", of->spis, shared);
        of->shared = *shared;
    } else if (!shared && p.ulExtraDataLen == 0 && read_value(key, &derived)) {
        write_ikev1("IKEV1_KEY", of->spis, &derived);
    }
    explicit_bzero(&derived, sizeof derived);
}

static void record_derivation(PK11SymKey *base, CK_MECHANISM_TYPE mechanism, const SECItem *param,
                              PK11SymKey *key, int length)
{
    int saved = errno;

    pthread_mutex_lock(&lock);
    if (mechanism == CKM_EXTRACT_KEY_FROM_KEY)
        record_piece(base, param, length);
    else if (mechanism == CKM_NSS_IKE_PRF_PLUS_DERIVE)
        record_prf_plus(base, param, key);
    else if (mechanism == CKM_NSS_IKE1_PRF_DERIVE)
        record_ikev1(base, param, key);
    else if (mechanism == CKM_NSS_IKE1_APP_B_PRF_DERIVE)
        record_ikev1_keymat(base, param, key);
    remember_key(key);
    pthread_mutex_unlock(&lock);
    errno = saved;
}

/* A thread that forks while another one has the lock leaves it locked in the child. */
static void take_lock(void)
{
    pthread_mutex_lock(&lock);
}

static void release_lock(void)
{
    pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void begin(void)
{
    pthread_atfork(take_lock, release_lock, release_lock);
}

static void record_shared_secret(PK11SymKey *key)
{
    int saved = errno;

    pthread_mutex_lock(&lock);
    remember_key(key);
    pthread_mutex_unlock(&lock);
    errno = saved;
}

/* What follows has the names and arguments of NSS (pk11pub.h). */

EXPORT PK11SymKey *PK11_DeriveWithFlags(PK11SymKey *base, CK_MECHANISM_TYPE mechanism,
                                        SECItem *param, CK_MECHANISM_TYPE target,
                                        CK_ATTRIBUTE_TYPE operation, int length, CK_FLAGS flags)
{
    PK11SymKey *key =
        REAL(PK11_DeriveWithFlags)(base, mechanism, param, target, operation, length, flags);

    if (key)
        record_derivation(base, mechanism, param, key, length);
    return key;
}

EXPORT PK11SymKey *PK11_Derive(PK11SymKey *base, CK_MECHANISM_TYPE mechanism, SECItem *param,
                               CK_MECHANISM_TYPE target, CK_ATTRIBUTE_TYPE operation, int length)
{
    PK11SymKey *key = REAL(PK11_Derive)(base, mechanism, param, target, operation, length);

    if (key)
        record_derivation(base, mechanism, param, key, length);
    return key;
}

EXPORT PK11SymKey *PK11_PubDerive(SECKEYPrivateKey *private_key, SECKEYPublicKey *public_key,
                                  PRBool is_sender, SECItem *random_a, SECItem *random_b,
                                  CK_MECHANISM_TYPE derive, CK_MECHANISM_TYPE target,
                                  CK_ATTRIBUTE_TYPE operation, int length, void *context)
{
    PK11SymKey *key = REAL(PK11_PubDerive)(private_key, public_key, is_sender, random_a, random_b,
                                           derive, target, operation, length, context);

    if (key)
        record_shared_secret(key);
    return key;
}

EXPORT PK11SymKey *PK11_PubDeriveWithKDF(SECKEYPrivateKey *private_key, SECKEYPublicKey *public_key,
                                         PRBool is_sender, SECItem *random_a, SECItem *random_b,
                                         CK_MECHANISM_TYPE derive, CK_MECHANISM_TYPE target,
                                         CK_ATTRIBUTE_TYPE operation, int length, CK_ULONG kdf,
                                         SECItem *shared_data, void *context)
{
    PK11SymKey *key =
        REAL(PK11_PubDeriveWithKDF)(private_key, public_key, is_sender, random_a, random_b, derive,
                                    target, operation, length, kdf, shared_data, context);

    if (key)
        record_shared_secret(key);
    return key;
}
