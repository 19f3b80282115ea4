/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Offers the ring's shared secrets and private values for key exchanges of the capture. */
#include "decrypt/keys/dh_secrets.h"

#include "decrypt/crypto/dh.h"

enum {
    MAX_ITEMS = 512,          /* secrets of one owner */
    NEIGHBOURS = 16,          /* sets in the log that are looked at for the next secret */
    MAX_UNBOUND = 16384,      /* sets of nobody that are offered to one search */
    MAX_UNBOUND_PRIVATE = 64, /* a trial of one costs two exponentiations */
    ML_KEM_512 = 35,          /* FIPS 203; group numbers of IKEv2 */
    ML_KEM_1024 = 37,
};

typedef struct {
    ike_span secrets[MAX_ITEMS];
    const char *origins[MAX_ITEMS];
    unsigned count;
} secret_list;

/* Bytes of a group's shared secret; 0 unknown. */
static size_t shared_length(uint16_t group)
{
    const ike_dh_group *row = ike_dh_find(group);

    if (row) {
        return row->secret_length;
    }
    return group >= ML_KEM_512 && group <= ML_KEM_1024 ? 32 : 0;
}

/* Whether a secret can be the outcome of exchange `index`. */
static bool length_fits(const ike_dh_wanted *wanted, unsigned index, size_t length)
{
    size_t group = shared_length(wanted->exchanges[index].group);

    return group == 0 || group == length;
}

/* Cuts a piece as long as the secrets of several exchanges together, as strongSwan logs those of
 * additional key exchanges. How many exchanges from `index` on it is for; 0: it fits none. */
static unsigned truncated(const ike_dh_wanted *wanted, unsigned index, ike_span piece,
                          ike_span *secrets)
{
    unsigned taken = 0;

    if (length_fits(wanted, index, piece.length)) {
        secrets[index] = piece;
        return 1;
    }
    while (piece.length > 0) {
        size_t own = index + taken < wanted->count
                         ? shared_length(wanted->exchanges[index + taken].group)
                         : 0;

        if (own == 0 || own > piece.length) {
            return 0;
        }
        secrets[index + taken++] = (ike_span){piece.data, own};
        piece = (ike_span){piece.data + own, piece.length - own};
    }
    return taken;
}

/* The secrets of all exchanges, from `start` of the list on. */
static bool try_window(const ike_dh_wanted *wanted, const secret_list *list, unsigned start,
                       ike_dh_use use, void *user)
{
    ike_span secrets[IKE_MAX_KE];
    unsigned have = 0;

    for (unsigned at = start; have < wanted->count; at++) {
        unsigned taken = at < list->count ? truncated(wanted, have, list->secrets[at], secrets) : 0;

        if (taken == 0) {
            return false;
        }
        have += taken;
    }
    return use(user, secrets, list->origins[start]);
}

/* Room for a list, once there is something to put in: most rings have nothing. */
static secret_list *make_list(secret_list *list)
{
    if (!list) {
        list = g_new(secret_list, 1);
        list->count = 0;
    }
    return list;
}

static void append_set(secret_list *list, const ike_key_set *set)
{
    for (const ike_secret_item *item = NULL;
         list->count < MAX_ITEMS &&
         (item = ike_key_set_find(set, IKE_SECRET_DH_SHARED, item)) != NULL;) {
        list->secrets[list->count] = (ike_span){item->data, item->length};
        list->origins[list->count++] = ike_source_name(set->source);
    }
}

/* ---- private values
 * ------------------------------------------------------------------------------- */

/* The shared secret of exchange 0 with `private` on one side and then the other. */
static bool try_private(const ike_dh_wanted *wanted, ike_span private, const char *origin,
                        ike_dh_use use, void *user)
{
    const ike_span publics[2] = {wanted->exchanges[0].ke_r, wanted->exchanges[0].ke_i};
    const ike_dh_group *group = ike_dh_find(wanted->exchanges[0].group);
    bool content = false;

    if (wanted->count != 1 || !group) {
        return false;
    }
    for (unsigned side = 0; side < 2 && !content; side++) {
        ike_secret shared = {0};

        if (publics[side].length &&
            ike_dh_shared(group, private, publics[side], &shared) == IKE_OK) {
            const ike_span secret = ike_secret_span(&shared);

            content = use(user, &secret, origin);
        }
        ike_secret_clear(&shared);
    }
    return content;
}

static bool try_privates_of(const ike_dh_wanted *wanted, const ike_key_set *set, ike_dh_use use,
                            void *user)
{
    for (const ike_secret_item *item = NULL;
         (item = ike_key_set_find(set, IKE_SECRET_DH_PRIVATE, item)) != NULL;) {
        if (try_private(wanted, (ike_span){item->data, item->length}, ike_source_name(set->source),
                        use, user)) {
            return true;
        }
    }
    return false;
}

/* ---- bound
 * ---------------------------------------------------------------------------------------- */

static bool try_bound(ike_keyring *ring, const ike_dh_wanted *wanted, unsigned owner,
                      ike_dh_use use, void *user)
{
    secret_list *list = NULL;
    bool content = false;

    for (unsigned way = 0; way < IKE_WAYS_TO_BIND && !content; way++) {
        const ike_key_set *set = ike_keyring_bound(ring, wanted->owners[owner].initiator_spi,
                                                   wanted->owners[owner].responder_spi, way);

        for (; set && !content; set = set->next_bound) {
            list = make_list(list);
            if (list->count == MAX_ITEMS) {
                break;
            }
            append_set(list, set);
            content = try_privates_of(wanted, set, use, user);
        }
    }
    for (unsigned start = 0; list && !content && start < list->count; start++) {
        content = try_window(wanted, list, start, use, user);
    }
    g_free(list);
    return content;
}

/* ---- unbound
 * -------------------------------------------------------------------------------------- */

/* The secrets of `first` and of the sets logged after it. */
static void neighbours(const ike_keyring *ring, const ike_key_set *first, unsigned wanted,
                       secret_list *list)
{
    list->count = 0;
    append_set(list, first);
    for (ike_set_id id = first->id + 1; id <= first->id + NEIGHBOURS && list->count < wanted;
         id++) {
        const ike_key_set *set = ike_keyring_set(ring, id);

        if (set && set->source == first->source) {
            append_set(list, set);
        }
    }
}

static bool try_unbound(ike_keyring *ring, const ike_dh_wanted *wanted, ike_dh_use use, void *user)
{
    size_t length = shared_length(wanted->exchanges[0].group);
    secret_list *list = NULL;
    unsigned left = ike_keyring_trials_left(ring, MAX_UNBOUND);
    const ike_key_set *set;
    ike_set_walk walk;
    bool content = false;

    ike_keyring_walk(ring, IKE_SECRET_DH_SHARED, length, &walk);
    while (length && !content && left-- > 0 && (set = ike_keyring_walk_next(ring, &walk))) {
        unsigned own;

        list = make_list(list);
        neighbours(ring, set, wanted->count, list);
        own = list->count;
        for (unsigned start = 0; !content && start < own; start++) {
            content = try_window(wanted, list, start, use, user);
        }
        if (content) {
            ike_keyring_mark_right(ring, set);
        }
    }
    g_free(list);
    return content;
}

static bool try_unbound_privates(ike_keyring *ring, const ike_dh_wanted *wanted, ike_dh_use use,
                                 void *user)
{
    const ike_key_set *set;
    ike_set_walk walk;

    ike_keyring_walk(ring, IKE_SECRET_DH_PRIVATE, 0, &walk);
    for (unsigned trials = 0;
         trials < MAX_UNBOUND_PRIVATE && (set = ike_keyring_walk_next(ring, &walk)); trials++) {
        if (try_privates_of(wanted, set, use, user)) {
            ike_keyring_mark_right(ring, set);
            return true;
        }
    }
    return false;
}

bool ike_each_dh(ike_keyring *ring, const ike_dh_wanted *wanted, bool bound, ike_dh_use use,
                 void *user)
{
    if (wanted->count == 0 || wanted->count > IKE_MAX_KE) {
        return false;
    }
    if (!bound) {
        return try_unbound(ring, wanted, use, user) ||
               try_unbound_privates(ring, wanted, use, user);
    }
    for (unsigned owner = 0; owner < G_N_ELEMENTS(wanted->owners); owner++) {
        if ((wanted->owners[owner].initiator_spi || wanted->owners[owner].responder_spi) &&
            try_bound(ring, wanted, owner, use, user)) {
            return true;
        }
    }
    return false;
}
