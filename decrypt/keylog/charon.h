/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a thread of strongSwan's charon has logged and not yet handed on. */
#ifndef IKE_KEYLOG_CHARON_H
#define IKE_KEYLOG_CHARON_H

#include <glib.h>

#include "decrypt/keylog/dump.h"
#include "decrypt/keylog/reader.h"

enum {
    CHARON_PENDING_SETS = 4, /* derivations of one thread between checkout and checkin */
    CHARON_PENDING_DH = 8,
    CHARON_KEY_MAX = 128, /* of a Child SA */
};

typedef enum { ROLE_UNKNOWN, ROLE_INITIATOR, ROLE_RESPONDER } exchange_role;
typedef enum { CHILD_EI, CHILD_ER, CHILD_AI, CHILD_AR, CHILD_KEYS } child_key;
typedef enum { DIRECTION_NONE, DIRECTION_IN, DIRECTION_OUT } child_direction;
typedef enum { AUTH_UNKNOWN, AUTH_PSK, AUTH_EAP } auth_kind;

/* Where a line of charon comes from: "12[IKE]". charon-systemd's journal does not say. */
typedef enum { GROUP_UNKNOWN, GROUP_IKE, GROUP_CHD, GROUP_CFG, GROUP_MGR, GROUP_ENC } charon_group;

typedef struct {
    uint8_t *bytes;
    size_t length;
} secret_copy;

typedef struct charon_item charon_item;

typedef struct {
    uint64_t spi_i, spi_r; /* of the IKE SA checked out; 0 when not known */
    uint8_t version;
    exchange_role role;
    bool create_child;    /* in a CREATE_CHILD_SA: keys of IKE are those of another SA */
    bool collided;        /* both sides rekeyed the IKE SA at once */
    unsigned checked_out; /* IKE SAs: several where lines do not name their thread */

    const charon_item *item; /* whose dump is under way; NULL none */
    unsigned item_line;
    charon_group item_group;
    ike_dump dump;

    ike_set_id sets[CHARON_PENDING_SETS]; /* newest first, to be bound */
    secret_copy ike_dh[CHARON_PENDING_DH], child_dh[CHARON_PENDING_DH];
    secret_copy secret; /* "secret => ": a PSK or an MSK, as the next lines tell */
    auth_kind own_auth;
    bool has_ike_suite, has_esp_suite;
    ike_suite ike_suite, esp_suite;

    uint8_t child_keys[CHILD_KEYS][CHARON_KEY_MAX];
    size_t child_lengths[CHILD_KEYS];
    char child_encryption[40], child_integrity[40];
    child_direction direction; /* of the SPI line that comes next */
    bool child_in, child_out;  /* done */
    bool child_of_ah;          /* else of ESP */
} charon_thread;

/* What is remembered of an IKE SA between checkin and checkout. */
typedef struct {
    uint64_t spi_i, spi_r;
    bool has_suite;
    ike_suite suite;
} charon_sa;

enum { CHARON_SAS = 1024 }; /* remembered, one to a slot */

typedef struct {
    ike_keylog *log;
    GHashTable *threads; /* guint64 daemon and number -> charon_thread */
    guint64 last_key;
    charon_thread *last;
    charon_thread *dumping; /* rows without a thread number are its */
    charon_sa sas[CHARON_SAS];
} charon;

/* ---- charon_thread.c: IKE SAs ---------------------------------------------------------------- */

charon_thread *charon_thread_new(void);
void charon_thread_free(gpointer thread); /* wipes */

/* Puts a secret of a derivation into the set under way, or into a new one where a derivation begins
 * again (also where a PPK is mixed in, which makes another Sk_d, Sk_pi and Sk_pr). */
void charon_put_secret(charon *c, charon_thread *t, ike_secret_kind kind, ike_span secret);

/* Adds the shared secret of a key exchange to those that wait for their derivation. */
void charon_put_dh(charon_thread *t, charon_group group, ike_span secret);

/* "secret => ..": kept until it is known what it is. */
void charon_put_auth_secret(charon *c, charon_thread *t, ike_span secret);

/* Uses the "secret" of an AUTH computation as what it is. */
/* "tried 1 shared key for 'b' - 'a', but MAC mismatched": the PSK is that of the daemon, and not
 * the one of its peer. */
void charon_reject_secret(charon *c, charon_thread *t);
void charon_finish_secret(charon *c, charon_thread *t, auth_kind kind);

/* The thread takes an IKE SA out of the manager, gives it back; `message` is behind "checkout " and
 * "checkin ". */
void charon_checkout(charon *c, charon_thread *t, ike_text message);
void charon_checkin(charon *c, charon_thread *t, ike_text message);

/* What the thread has not handed on goes to the ring unbound. */
void charon_thread_finish(charon *c, charon_thread *t);

/* ---- charon_child.c: Child SAs --------------------------------------------------------------- */

/* A key of a Child SA; its SPIs follow. */
void charon_put_child_key(charon *c, charon_thread *t, child_key which, ike_span key);
void charon_wipe_child(charon_thread *t);

/* Lines of the group CHD that are no dumps; false: none of them. */
bool charon_child_line(charon *c, charon_thread *t, ike_text message);

/* Behind " established with SPIs ": "dffa0ebe_i 14718192_o and TS ..", in and out, for logs that do
 * not have the lines of CHD. */
void charon_child_established(charon *c, charon_thread *t, ike_text message);

/* ---- charon_line.c: where a message begins --------------------------------------------------- */

typedef struct {
    guint64 key; /* daemon and thread */
    bool has_thread;
    charon_group group;
    ike_text message;
} charon_line;

/* Finds "12[IKE] ", also with a level "12[IKE2] " and a connection "12[IKE] <c|1> ", or "[IKE] " as
 * swanctl shows it. false: none. */
bool charon_find_tag(ike_text text, charon_line *line);

/* Finds one of the messages that matter in a line without a thread number. */
bool charon_find_message(ike_text text, charon_line *line);

/* The item whose dump a message begins: "SKEYSEED => 32 bytes @ 0x..". `in_prefix`: other text may
 * stand before it. NULL: none. *bytes is the length of the dump. */
const charon_item *charon_find_item(ike_text message, bool in_prefix, unsigned *bytes);

typedef enum { USE_SET, USE_DH, USE_PPK, USE_AUTH, USE_CHILD } charon_use;

struct charon_item {
    const char *name;
    charon_use use;
    unsigned kind; /* ike_secret_kind or child_key */
};

#endif
