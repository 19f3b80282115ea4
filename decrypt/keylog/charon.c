/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strongSwan's charon at log level 4, by way of its file logger, syslog or the journal.
 *
 * Its loggers put the number of the thread before each message, "12[IKE] text", and threads
 * interleave. A name with its dump puts a secret into the set of the thread. charon-systemd's
 * journal has no thread numbers: there a dump is one message with line breaks, so that its rows
 * follow each other, and what several threads log at once is separated by trial. */
#include <string.h>

#include "decrypt/keylog/charon.h"
#include "decrypt/keylog/proposal.h"

enum { THREADS_MAX = 1024 };

/* ---- dumps ----------------------------------------------------------------------------------- */

static void end_dump(charon *c, charon_thread *t)
{
    t->item = NULL;
    if (c->dumping == t)
        c->dumping = NULL;
    (void)ike_dump_begin(&t->dump, 0);
}

static void use_dump(charon *c, charon_thread *t)
{
    ike_span secret = {t->dump.bytes, t->dump.length};
    const charon_item *item = t->item;
    switch (item->use) {
    case USE_SET:
        charon_put_secret(c, t, (ike_secret_kind)item->kind, secret);
        break;
    case USE_DH:
        charon_put_dh(t, t->item_group, secret);
        break;
    case USE_PPK:
        (void)ike_keylog_add_peer(c->log, IKE_PEER_PPK, NULL, secret);
        break;
    case USE_AUTH:
        charon_put_auth_secret(c, t, secret);
        break;
    case USE_CHILD:
        charon_put_child_key(c, t, (child_key)item->kind, secret);
        break;
    }
    end_dump(c, t);
}

static void abandon_dump(charon *c, charon_thread *t)
{
    if (t->item == NULL)
        return;
    ike_keylog_warn(c->log, t->item_line, "the dump of this secret is incomplete");
    end_dump(c, t);
}

/* "NAME => 32 bytes @ 0x7f..". "0 bytes @ (nil)": there is none. */
static void begin_dump(charon *c, charon_thread *t, const charon_line *line)
{
    unsigned bytes = 0;
    const charon_item *item = charon_find_item(line->message, !line->has_thread, &bytes);
    if (item == NULL || bytes == 0)
        return;
    if (!ike_dump_begin(&t->dump, bytes)) {
        ike_keylog_warn(c->log, 0, "longer than any secret");
        return;
    }
    t->item = item;
    t->item_line = ike_keylog_line_number(c->log);
    t->item_group = line->group;
    c->dumping = t;
}

static bool take_row(charon *c, charon_thread *t, ike_text text)
{
    if (t->item == NULL || !ike_dump_offset_row(&t->dump, text))
        return false;
    if (ike_dump_complete(&t->dump))
        use_dump(c, t);
    return true;
}

/* ---- messages -------------------------------------------------------------------------------- */

/* "authentication of 'a.example' (myself) with pre-shared key", "... with EAP successful" */
static void authentication_line(charon *c, charon_thread *t, ike_text message)
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
    charon_finish_secret(c, t, own ? AUTH_UNKNOWN : kind);
    t->own_auth = own ? kind : AUTH_UNKNOWN;
}

static void ike_line(charon *c, charon_thread *t, const charon_line *line)
{
    ike_text message = line->message;
    if (ike_text_begins(message, "authentication of '"))
        authentication_line(c, t, message);
    else if (ike_text_begins(message, "successfully created shared key MAC"))
        charon_finish_secret(c, t, t->own_auth);
    else if (ike_text_begins(message, "tried ") || ike_text_begins(message, "no shared key"))
        charon_reject_secret(c, t);
    else if (ike_text_begins(message, "IKE_SA rekey collision "))
        t->collided = true;
    else if (!ike_text_begins(message, "outbound ") &&
             ike_text_after(&message, "established with SPIs "))
        charon_child_established(c, t, message);
    else
        begin_dump(c, t, line);
}

static void mgr_line(charon *c, charon_thread *t, ike_text message)
{
    if (ike_text_skip(&message, "checkout "))
        charon_checkout(c, t, message);
    else if (ike_text_skip(&message, "checkin and destroy ") ||
             (ike_text_skip(&message, "checkin ") && !ike_text_begins(message, "of ")))
        charon_checkin(c, t, message);
    else if (ike_text_begins(message, "IKE_SA checkout not successful") && t->checked_out > 0)
        t->checked_out--;
}

/* "selected proposal: IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519" */
static void cfg_line(charon_thread *t, ike_text message)
{
    if (!ike_text_skip(&message, "selected proposal: "))
        return;
    if (ike_text_skip(&message, "IKE:"))
        t->has_ike_suite = ike_proposal_read(message, &t->ike_suite);
    else if (ike_text_skip(&message, "ESP:"))
        t->has_esp_suite = ike_proposal_read(message, &t->esp_suite);
}

/* "parsed CREATE_CHILD_SA response 2 [ .. ]" shows which side began the exchange. */
static void enc_line(charon_thread *t, ike_text message)
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

static void use_message(charon *c, charon_thread *t, charon_line *line)
{
    ike_text_trim(&line->message);
    switch (line->group) {
    case GROUP_CFG:
        cfg_line(t, line->message);
        break;
    case GROUP_MGR:
        mgr_line(c, t, line->message);
        break;
    case GROUP_ENC:
        enc_line(t, line->message);
        break;
    case GROUP_IKE:
        ike_line(c, t, line);
        break;
    case GROUP_CHD:
        if (charon_child_line(c, t, line->message))
            break;
        /* fall through */
    case GROUP_UNKNOWN:
        begin_dump(c, t, line);
        break;
    }
}

/* ---- threads --------------------------------------------------------------------------------- */

static void finish_all(charon *c)
{
    GHashTableIter iter;
    gpointer t;
    g_hash_table_iter_init(&iter, c->threads);
    while (g_hash_table_iter_next(&iter, NULL, &t))
        charon_thread_finish(c, t);
}

static charon_thread *thread_of(charon *c, guint64 key)
{
    if (c->last != NULL && c->last_key == key)
        return c->last;
    charon_thread *t = g_hash_table_lookup(c->threads, &key);
    if (t == NULL) {
        if (g_hash_table_size(c->threads) >= THREADS_MAX) {
            finish_all(c);
            g_hash_table_remove_all(c->threads);
            c->dumping = NULL;
        }
        t = charon_thread_new();
        g_hash_table_insert(c->threads, g_memdup2(&key, sizeof key), t);
    }
    c->last = t;
    c->last_key = key;
    return t;
}

/* ---- the reader ------------------------------------------------------------------------------ */

static void charon_begin(void *state)
{
    charon *c = state;
    c->threads = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, charon_thread_free);
}

static bool tagged_line(charon *c, charon_line *line)
{
    charon_thread *t;
    if (line->group == GROUP_UNKNOWN)
        return true;
    t = thread_of(c, line->key);
    if (t->item != NULL && (line->group == GROUP_IKE || line->group == GROUP_CHD)) {
        if (take_row(c, t, line->message))
            return true;
        abandon_dump(c, t);
    }
    use_message(c, t, line);
    return true;
}

static bool charon_line_of(void *state, ike_text text)
{
    charon *c = state;
    charon_line line;
    if (charon_find_tag(text, &line))
        return tagged_line(c, &line);
    if (c->dumping != NULL && take_row(c, c->dumping, text))
        return true;
    if (!charon_find_message(text, &line))
        return false;
    charon_thread *t = thread_of(c, line.key);
    if (line.group == GROUP_UNKNOWN)
        abandon_dump(c, t);
    if (line.group == GROUP_CHD)
        return charon_child_line(c, t, line.message);
    use_message(c, t, &line);
    return true;
}

static bool charon_in_dump(const void *state)
{
    return ((const charon *)state)->dumping != NULL;
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

static void charon_release(void *state)
{
    g_hash_table_destroy(((charon *)state)->threads);
}

static const char *const marks[] = {
    "[IKE",
    "[CHD",
    "[CFG",
    "[MGR",
    "[ENC",
    "[DMN",
    "[JOB",
    "[KNL",
    "[NET",
    "[ASN",
    "secret => ",
    "SKEYSEED => ",
    "SKEYID => ",
    "SKEYID_d => ",
    "SKEYID_a => ",
    "SKEYID_e => ",
    "key => ",
    "key Ka => ",
    "PPK => ",
    "checkout IKE",
    "checkin IKE",
    "checkin and destroy IKE",
    "IKE_SA checkout not ",
    "selected proposal: ",
    "parsed ",
    "adding inbound ",
    "adding outbound ",
    "registering outbound ",
    "SPI 0x",
    "using ",
    "authentication of '",
    "successfully created shared key",
    "no shared key ",
    "IKE_SA rekey collision ",
    "established with SPIs ",
    NULL,
};

const ike_keylog_reader ike_reader_charon = {
    .marks = marks,
    .state_bytes = sizeof(charon),
    .begin = charon_begin,
    .line = charon_line_of,
    .in_dump = charon_in_dump,
    .finish = charon_finish,
    .release = charon_release,
};
