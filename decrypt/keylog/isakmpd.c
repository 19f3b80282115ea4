/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenBSD's isakmpd -DA=90 (-D5=80 suffices): a function, a name and a colon, then rows of groups
 * of four bytes, each behind the log's time and class.
 *
 *   043200.123456 Negt 80 ike_phase_1_post_exchange_KE_NONCE: SKEYID_e:
 *   043200.123456 Negt 80 cc255549 bba809fc 63ac0634 25de72ad 4122abf7
 *
 * It logs no cookies: the secrets are tried. */
#include <glib.h>
#include <string.h>

#include "decrypt/keylog/dump.h"
#include "decrypt/keylog/records.h"

enum { ROW_BYTES = 32 };

typedef struct {
    ike_keylog *log;
    ike_derivation derivation;
    size_t item; /* one more than the row of items[] whose dump is under way */
    unsigned item_line;
    ike_dump dump;
} isakmpd;

static const struct {
    const char *function, *name;
    ike_secret_kind kind;
} items[] = {
    {"ike_phase_1_post_exchange_KE_NONCE: ", "g^xy:", IKE_SECRET_DH_SHARED},
    {"ike_phase_1_post_exchange_KE_NONCE: ", "SKEYID:", IKE_SECRET_V1_SKEYID},
    {"ike_phase_1_post_exchange_KE_NONCE: ", "SKEYID_d:", IKE_SECRET_V1_SKEYID_D},
    {"ike_phase_1_post_exchange_KE_NONCE: ", "SKEYID_a:", IKE_SECRET_V1_SKEYID_A},
    {"ike_phase_1_post_exchange_KE_NONCE: ", "SKEYID_e:", IKE_SECRET_V1_SKEYID_E},
    {"post_quick_mode: ", "g^xy:", IKE_SECRET_DH_SHARED},
};

static void use_dump(isakmpd *d)
{
    ike_secret_kind kind = items[d->item - 1].kind;
    ike_span secret = {d->dump.bytes, d->dump.length};
    d->item = 0;
    if (secret.length == 0)
        ike_keylog_warn(d->log, d->item_line, "no bytes of the secret that this line names");
    else
        ike_derivation_put(d->log, &d->derivation, kind, secret, kind == IKE_SECRET_DH_SHARED);
    (void)ike_dump_begin(&d->dump, 0);
}

static void isakmpd_begin(void *state)
{
    isakmpd *d = state;
    d->derivation.version = 1;
}

static bool name_line(isakmpd *d, ike_text text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
        ike_text rest = text;
        if (!ike_text_after(&rest, items[i].function) || !ike_text_skip(&rest, items[i].name))
            continue;
        d->item = i + 1;
        d->item_line = ike_keylog_line_number(d->log);
        (void)ike_dump_begin(&d->dump, 0);
        rest.end = rest.at - strlen(items[i].name) - strlen(items[i].function);
        ike_dump_set_prefix(&d->dump, (ike_text){text.at, rest.end});
        return true;
    }
    return false;
}

/* Dumps follow each other, each under a name. */
static bool is_a_name(ike_text text)
{
    ike_text_trim(&text);
    return text.at < text.end && text.end[-1] == ':';
}

/* A row that is not full ends a dump; a full last one is ended by the next name. */
static bool isakmpd_line(void *state, ike_text text)
{
    isakmpd *d = state;
    if (d->item != 0) {
        size_t before = d->dump.length;
        if (ike_dump_group_row(&d->dump, text)) {
            if ((d->dump.length - before) % ROW_BYTES != 0)
                use_dump(d);
            return true;
        }
        if (!is_a_name(text) && ike_dump_skip_line(&d->dump))
            return false;
        use_dump(d);
    }
    return name_line(d, text);
}

static bool isakmpd_in_dump(const void *state)
{
    return ((const isakmpd *)state)->item != 0;
}

static void isakmpd_finish(void *state)
{
    isakmpd *d = state;
    if (d->item != 0)
        use_dump(d);
}

static const char *const marks[] = {
    "ike_phase_1_post_exchange_KE_NONCE: ",
    "post_quick_mode: ",
    NULL,
};

const ike_keylog_reader ike_reader_isakmpd = {
    .marks = marks,
    .state_bytes = sizeof(isakmpd),
    .begin = isakmpd_begin,
    .line = isakmpd_line,
    .in_dump = isakmpd_in_dump,
    .finish = isakmpd_finish,
};
