/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IKE SAs of a thread of charon. What a thread says between taking an IKE SA out of the manager
 * and putting it back belongs together: putting it back ("checkin IKEv2 SA c[1] with SPIs 0123.._i
 * 4567.._r") binds its secrets to the SPIs. On a rekey the new SA is put back first, so the first
 * checkin after the keys is theirs. */
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/charon.h"
#include "decrypt/keylog/records.h"

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
static void append(secret_copy list[CHARON_PENDING_DH], ike_span secret)
{
    unsigned i = 0;
    while (i < CHARON_PENDING_DH && list[i].bytes != NULL)
        i++;
    if (i == CHARON_PENDING_DH) {
        drop(&list[0]);
        memmove(list, list + 1, (CHARON_PENDING_DH - 1) * sizeof *list);
        list[--i] = (secret_copy){NULL, 0};
    }
    keep(&list[i], secret);
}

static charon_sa *slot_of(charon *c, uint64_t spi_i, uint64_t spi_r)
{
    return &c->sas[(spi_i ^ spi_r ^ (spi_i >> 32)) % CHARON_SAS];
}

static charon_sa *find_sa(charon *c, uint64_t spi_i, uint64_t spi_r)
{
    charon_sa *sa = slot_of(c, spi_i, spi_r);
    return spi_i != 0 && sa->spi_i == spi_i && sa->spi_r == spi_r ? sa : NULL;
}

/* ---- the set of a thread --------------------------------------------------------------------- */

static void new_set(charon *c, charon_thread *t, uint8_t version)
{
    memmove(t->sets + 1, t->sets, (CHARON_PENDING_SETS - 1) * sizeof *t->sets);
    t->sets[0] = ike_keylog_new_set(c->log, version);
    for (unsigned i = 0; i < CHARON_PENDING_DH && t->ike_dh[i].bytes != NULL; i++) {
        (void)ike_keylog_set_secret(c->log, t->sets[0], IKE_SECRET_DH_SHARED,
                                    span_of(&t->ike_dh[i]));
        drop(&t->ike_dh[i]);
    }
    const charon_sa *sa = find_sa(c, t->spi_i, t->spi_r);
    if (version == 2 && t->has_ike_suite)
        ike_keylog_set_suite(c->log, t->sets[0], &t->ike_suite);
    else if (version == 2 && sa != NULL && sa->has_suite)
        ike_keylog_set_suite(c->log, t->sets[0], &sa->suite);
}

void charon_put_secret(charon *c, charon_thread *t, ike_secret_kind kind, ike_span secret)
{
    bool first = kind == IKE_SECRET_SKEYSEED || kind == IKE_SECRET_V1_SKEYID;
    ike_set_id set = t->sets[0];
    if (set == 0 || ike_keylog_set_has(c->log, set, kind) ||
        (first && ike_keylog_set_has(c->log, set, IKE_SECRET_SK_D))) {
        new_set(c, t, kind >= IKE_SECRET_V1_KEY && kind <= IKE_SECRET_V1_SKEYID_E ? 1 : 2);
        set = t->sets[0];
    }
    (void)ike_keylog_set_secret(c->log, set, kind, secret);
}

/* Without its group the secret may be of an IKE SA or of a Child SA: the keys that follow tell. */
void charon_put_dh(charon_thread *t, charon_group group, ike_span secret)
{
    append(group == GROUP_CHD ? t->child_dh : t->ike_dh, secret);
}

static void bind_sets(charon *c, charon_thread *t, uint64_t spi_i, uint64_t spi_r)
{
    charon_sa *sa = slot_of(c, spi_i, spi_r);
    if (sa->spi_i != spi_i || sa->spi_r != spi_r)
        *sa = (charon_sa){.spi_i = spi_i, .spi_r = spi_r};
    for (int i = CHARON_PENDING_SETS - 1; i >= 0; i--)
        if (t->sets[i] != 0)
            ike_keylog_bind_set(c->log, t->sets[i], spi_i, spi_r);
    if (t->has_ike_suite) {
        sa->has_suite = true;
        sa->suite = t->ike_suite;
    }
    memset(t->sets, 0, sizeof t->sets);
    t->has_ike_suite = false;
}

/* Where both sides rekey an IKE SA at once, one thread has the keys of two new SAs and puts them
 * back in an order of its own, or later; where lines do not name their thread, several IKE SAs may
 * be out at once. Which keys are whose is then left to trial. */
static void leave_unbound(charon_thread *t)
{
    memset(t->sets, 0, sizeof t->sets);
    t->has_ike_suite = false;
}

/* DH secrets that no derivation took (those of Child SAs, or a log that ends after them). */
static void flush_dh(charon *c, const charon_thread *t, secret_copy list[CHARON_PENDING_DH],
                     uint64_t spi_i, uint64_t spi_r)
{
    for (unsigned i = 0; i < CHARON_PENDING_DH && list[i].bytes != NULL; i++) {
        if (spi_i != 0 && spi_r != 0) {
            (void)ike_keylog_add_secret(c->log, t->version, spi_i, spi_r, IKE_SECRET_DH_SHARED,
                                        span_of(&list[i]));
        } else {
            ike_set_id set = ike_keylog_new_set(c->log, t->version);
            (void)ike_keylog_set_secret(c->log, set, IKE_SECRET_DH_SHARED, span_of(&list[i]));
        }
        drop(&list[i]);
    }
}

/* ---- AUTH ------------------------------------------------------------------------------------ */

/* An MSK has 64 bytes. */
void charon_finish_secret(charon *c, charon_thread *t, auth_kind kind)
{
    enum { MSK_BYTES = 64 };
    ike_span secret = span_of(&t->secret);
    if (secret.length == 0)
        return;
    if (kind == AUTH_UNKNOWN)
        kind = secret.length == MSK_BYTES ? AUTH_EAP : AUTH_PSK;
    if (kind == AUTH_PSK)
        ike_keylog_add_psk(c->log, secret);
    else if (t->sets[0] != 0)
        (void)ike_keylog_set_secret(c->log, t->sets[0], IKE_SECRET_MSK, secret);
    else
        (void)ike_keylog_add_secret(c->log, 2, t->checked_out > 1 ? 0 : t->spi_i,
                                    t->checked_out > 1 ? 0 : t->spi_r, IKE_SECRET_MSK, secret);
    drop(&t->secret);
}

void charon_reject_secret(charon *c, charon_thread *t)
{
    ike_span secret = span_of(&t->secret);
    if (secret.length && t->checked_out <= 1 && t->spi_i && t->spi_r)
        (void)ike_keylog_add_secret(c->log, 2, t->spi_i, t->spi_r, IKE_SECRET_REJECTING_PSK,
                                    secret);
    charon_finish_secret(c, t, AUTH_PSK);
}

void charon_put_auth_secret(charon *c, charon_thread *t, ike_span secret)
{
    charon_finish_secret(c, t, AUTH_UNKNOWN);
    keep(&t->secret, secret);
}

/* ---- the manager ----------------------------------------------------------------------------- */

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

static void read_version(charon_thread *t, ike_text message)
{
    if (ike_text_begins(message, "IKEv1"))
        t->version = 1;
    else if (ike_text_begins(message, "IKEv2"))
        t->version = 2;
}

/* Without SPIs in the line the keys are of the SA that was taken out, if they are not of one that
 * was being made from it. */
void charon_checkin(charon *c, charon_thread *t, ike_text message)
{
    uint64_t spi_i = 0, spi_r = 0;
    bool alone = t->checked_out <= 1;
    if (t->checked_out > 0)
        t->checked_out--;
    read_version(t, message);
    if (!read_spis(message, &spi_i, &spi_r) && !t->create_child) {
        spi_i = t->spi_i;
        spi_r = t->spi_r;
    }
    charon_finish_secret(c, t, AUTH_UNKNOWN);
    if (spi_i == 0 || spi_r == 0)
        return;
    bool taken_out = t->spi_i == spi_i && t->spi_r == spi_r;
    if (!alone || (t->create_child && (t->collided || taken_out)))
        leave_unbound(t);
    else if (t->sets[0] != 0 || t->has_ike_suite)
        bind_sets(c, t, spi_i, spi_r);
    flush_dh(c, t, t->ike_dh, alone ? spi_i : 0, spi_r);
    /* A Child SA belongs to the SA that was taken out. */
    if (taken_out)
        flush_dh(c, t, t->child_dh, alone ? spi_i : 0, spi_r);
}

/* What is logged without a thread number may go on for another IKE SA. */
static bool is_another_thread(charon_thread *t)
{
    enum { CHECKED_OUT_MAX = 64 };
    t->checked_out = MIN(t->checked_out + 1, (unsigned)CHECKED_OUT_MAX);
    return t->checked_out > 1;
}

void charon_checkout(charon *c, charon_thread *t, ike_text message)
{
    charon_finish_secret(c, t, AUTH_UNKNOWN);
    flush_dh(c, t, t->ike_dh, 0, 0);
    flush_dh(c, t, t->child_dh, 0, 0);
    if (!is_another_thread(t))
        charon_wipe_child(t);
    leave_unbound(t);
    t->has_esp_suite = t->create_child = t->collided = false;
    t->child_encryption[0] = t->child_integrity[0] = '\0';
    t->role = ROLE_UNKNOWN;
    t->own_auth = AUTH_UNKNOWN;
    read_version(t, message);
    if (!read_spis(message, &t->spi_i, &t->spi_r))
        t->spi_i = t->spi_r = 0;
}

/* ---- threads --------------------------------------------------------------------------------- */

void charon_thread_finish(charon *c, charon_thread *t)
{
    charon_finish_secret(c, t, AUTH_UNKNOWN);
    flush_dh(c, t, t->ike_dh, 0, 0);
    flush_dh(c, t, t->child_dh, 0, 0);
}

charon_thread *charon_thread_new(void)
{
    return g_new0(charon_thread, 1);
}

void charon_thread_free(gpointer thread)
{
    charon_thread *t = thread;
    for (unsigned i = 0; i < CHARON_PENDING_DH; i++) {
        drop(&t->ike_dh[i]);
        drop(&t->child_dh[i]);
    }
    drop(&t->secret);
    OPENSSL_cleanse(t, sizeof *t);
    g_free(t);
}
