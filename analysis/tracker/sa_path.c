/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of an IKE SA: NAT float (RFC 7296 2.23), MOBIKE (RFC 4555), and both sides of a NAT
 * in one capture. What is not protected moves no peer. */
#include <string.h>

#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"

static bool same_endpoint(const ike_endpoint *a, const ike_endpoint *b)
{
    return a->port == b->port && ike_same_address(a, b);
}

static ike_path *find_path(const ike_sa *sa, const ike_endpoint *initiator,
                           const ike_endpoint *responder)
{
    for (uint8_t i = 0; i < sa->path_count; i++)
        if (same_endpoint(&sa->paths[i]->initiator, initiator) &&
            same_endpoint(&sa->paths[i]->responder, responder))
            return sa->paths[i];
    return NULL;
}

/* When there are too many, the last that nothing confirmed gives way. */
static uint8_t slot_for_path(const ike_sa *sa)
{
    if (sa->path_count < IKE_MAX_PATHS)
        return sa->path_count;
    for (uint8_t i = IKE_MAX_PATHS - 1; i > 0; i--)
        if (!sa->paths[i]->confirmed)
            return i;
    return IKE_MAX_PATHS - 1;
}

/* For one more, where the paths fill their space. */
static void make_space(ike_tracker *tracker, ike_sa *sa)
{
    uint8_t count = sa->path_count;
    if (count & (count - 1))
        return;
    ike_path **paths = ike_tracker_alloc(tracker, (count ? 2u * count : 1u) * sizeof *paths);
    if (count)
        memcpy(paths, sa->paths, count * sizeof *paths);
    sa->paths = paths;
}

static ike_path *new_path(ike_tracker *tracker, ike_sa *sa, const ike_endpoint *initiator,
                          const ike_endpoint *responder, uint32_t frame)
{
    uint8_t slot = slot_for_path(sa);
    if (slot == sa->path_count) {
        make_space(tracker, sa);
        sa->paths[slot] = ike_tracker_alloc(tracker, sizeof **sa->paths);
        sa->path_count++;
    }
    *sa->paths[slot] = (ike_path){.initiator = *initiator,
                                  .responder = *responder,
                                  .first_frame = frame,
                                  .last_frame = frame};
    if (slot == 0 ||
        !ike_table_by_initiator(tracker, sa->initiator_spi, sa->major, initiator, responder))
        ike_table_add_initiator(tracker, initiator, responder, sa);
    return sa->paths[slot];
}

ike_path *ike_path_add(ike_tracker *tracker, ike_sa *sa, const ike_endpoint *initiator,
                       const ike_endpoint *responder, uint32_t frame)
{
    ike_path *path = find_path(sa, initiator, responder);
    return path ? path : new_path(tracker, sa, initiator, responder, frame);
}

bool ike_path_has(const ike_sa *sa, bool of_initiator, const ike_endpoint *endpoint)
{
    for (uint8_t i = 0; i < sa->path_count; i++)
        if (ike_same_address(of_initiator ? &sa->paths[i]->initiator : &sa->paths[i]->responder,
                             endpoint))
            return true;
    return false;
}

bool ike_path_same_ends(const ike_sa *sa, const ike_endpoint *a, const ike_endpoint *b)
{
    const ike_endpoint *i = &sa->initiator.endpoint, *r = &sa->responder.endpoint;
    return (ike_same_address(i, a) && ike_same_address(r, b)) ||
           (ike_same_address(i, b) && ike_same_address(r, a));
}

const ike_path *ike_path_inside(const ike_sa *sa, const ike_path *path)
{
    const ike_path *inside = path->inside ? sa->paths[path->inside - 1] : path;
    return ike_path_is_two_way(inside) || !ike_path_is_two_way(path) ? inside : path;
}

bool ike_path_direction(const ike_sa *sa, const ike_message *m, bool *from_initiator)
{
    bool forth = find_path(sa, &m->source, &m->destination) != NULL;
    bool back = find_path(sa, &m->destination, &m->source) != NULL;
    if (forth == back) {
        forth = ike_path_has(sa, true, &m->source) || ike_path_has(sa, false, &m->destination);
        back = ike_path_has(sa, false, &m->source) || ike_path_has(sa, true, &m->destination);
    }
    *from_initiator = forth;
    return forth != back;
}

/* An IKE SA whose set-up is not in the capture, and of which one side alone was heard: one forged
 * message makes such a one. */
static bool is_doubtful(const ike_sa *sa)
{
    return sa->late_start && !sa->rekeyed_from && !(sa->last_protected[0] && sa->last_protected[1]);
}

void ike_sa_set_used(ike_sa *sa)
{
    if (!sa->pair->newest_used || sa->pair->newest_used->stream < sa->stream)
        sa->pair->newest_used = sa;
}

void ike_sa_set_pair(ike_tracker *tracker, ike_sa *sa)
{
    sa->pair = ike_table_pair(tracker, &sa->initiator.endpoint, &sa->responder.endpoint);
    if (!sa->pair->newest || !is_doubtful(sa))
        sa->pair->newest = sa;
    if (sa->last_protected[0] && sa->last_protected[1])
        ike_sa_set_used(sa);
}

static void move_parties(ike_tracker *tracker, ike_sa *sa, const ike_path *path)
{
    bool moved = !ike_path_same_ends(sa, &path->initiator, &path->responder);
    sa->initiator.endpoint = path->initiator;
    sa->responder.endpoint = path->responder;
    if (moved)
        ike_sa_set_pair(tracker, sa);
}

/* A new port of the same addresses: the float to port 4500, a NAT's new mapping. */
static bool is_port_change(const ike_sa *sa, const ike_message *m, bool from_initiator)
{
    const ike_endpoint *initiator = from_initiator ? &m->source : &m->destination;
    const ike_endpoint *responder = from_initiator ? &m->destination : &m->source;
    return ike_same_address(&sa->initiator.endpoint, initiator) &&
           ike_same_address(&sa->responder.endpoint, responder);
}

static uint8_t index_of(const ike_sa *sa, const ike_path *path)
{
    for (uint8_t i = 0; i < sa->path_count; i++)
        if (sa->paths[i] == path)
            return i;
    return 0;
}

/* Where nothing is protected, the peers are where messages go both ways. */
static void prefer_two_way(ike_tracker *tracker, ike_sa *sa, const ike_path *path)
{
    if (!ike_path_is_two_way(path) || ike_sa_is_protected(sa))
        return;
    const ike_path *now = find_path(sa, &sa->initiator.endpoint, &sa->responder.endpoint);
    if (now && now != path && !ike_path_is_two_way(now))
        move_parties(tracker, sa, path);
}

/* Where parties were in the first message, seen from inside a NAT. */
static void move_first(ike_sa *sa, const ike_path *from, const ike_path *to)
{
    if (!same_endpoint(&sa->first_initiator, &from->initiator) ||
        !same_endpoint(&sa->first_responder, &from->responder))
        return;
    sa->first_initiator = to->initiator;
    sa->first_responder = to->responder;
}

/* An IKE SA without messages is where the one is that it replaces. */
static void follow_inside(ike_tracker *tracker, ike_sa *next, const ike_path *inside)
{
    if (!next || next->exchanges)
        return;
    const ike_path *path = find_path(next, &inside->initiator, &inside->responder);
    if (!path)
        path = find_path(next, &inside->responder, &inside->initiator);
    if (!path)
        return;
    move_parties(tracker, next, path);
    next->first_initiator = path->initiator;
    next->first_responder = path->responder;
}

static void set_inside(ike_tracker *tracker, ike_sa *sa, ike_path *outside, const ike_path *inside)
{
    ike_address_pair *pair = ike_table_pair(tracker, &outside->initiator, &outside->responder);
    ike_address_pair *own = ike_table_pair(tracker, &inside->initiator, &inside->responder);
    outside->inside = index_of(sa, inside) + 1;
    pair->inside = pair->inside && pair->inside != own ? pair : own;
    move_first(sa, outside, inside);
    if (find_path(sa, &sa->initiator.endpoint, &sa->responder.endpoint) == outside)
        move_parties(tracker, sa, inside);
    follow_inside(tracker, sa->rekeyed_to, inside);
}

/* One packet before and behind a NAT. The side that the NAT hides has its own address where its
 * packets have the higher TTL, and those to it the lower one; it is shown with that one, whichever
 * was captured first. Messages in one direction alone may be forged, TTL included, but for the last
 * ones of an IKE SA that comes from a rekey. */
static void compare_views(ike_tracker *tracker, const ike_message_record *record, ike_path *path)
{
    ike_sa *sa = record->exchange->sa;
    const ike_message_record *original = record->original;
    ike_path *other = original->path ? sa->paths[original->path - 1] : path;
    bool hides_initiator = !ike_same_address(&path->initiator, &other->initiator);
    bool hides_responder = !ike_same_address(&path->responder, &other->responder);
    if ((!hides_initiator && !hides_responder) || !record->ttl || !original->ttl ||
        record->ttl == original->ttl || ike_path_is_two_way(path) != ike_path_is_two_way(other) ||
        (!ike_path_is_two_way(path) && !sa->rekeyed_from))
        return;
    bool by_hidden = record->from_initiator == hides_initiator;
    bool is_nearer = (record->ttl > original->ttl) == by_hidden;
    set_inside(tracker, sa, is_nearer ? other : path, is_nearer ? path : other);
}

static bool same_ends(const ike_path *a, const ike_path *b)
{
    return ike_same_address(&a->initiator, &b->initiator) &&
           ike_same_address(&a->responder, &b->responder);
}

/* IKEv2: a response goes back where its request came from (RFC 7296 2.11). One between addresses
 * that nothing else went between is a copy under another address, whatever verifies. */
static bool is_off_path(const ike_message_record *record, const ike_path *path)
{
    const ike_sa *sa = record->exchange->sa;
    const ike_message_record *request = record->response ? record->exchange->request : NULL;
    if (sa->major == 1 || !request || !request->path || path->messages[0] + path->messages[1] > 1)
        return false;
    for (uint8_t i = 0; i < sa->path_count; i++)
        if (sa->paths[i] != path && same_ends(sa->paths[i], path))
            return false;
    return !same_ends(sa->paths[request->path - 1], path);
}

void ike_path_record(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    bool forth = record->from_initiator;
    const ike_endpoint *initiator = forth ? &m->source : &m->destination;
    const ike_endpoint *responder = forth ? &m->destination : &m->source;
    ike_path *path = find_path(sa, initiator, responder);
    if (!path) {
        if (record->grade == IKE_GRADE_UNPROTECTED && ike_sa_is_protected(sa) && !record->copy)
            return;
        path = new_path(tracker, sa, initiator, responder, m->frame);
        path->copies = record->copy;
    }
    record->path = (index_of(sa, path) + 1u) & 15u;
    path->last_frame = m->frame;
    bool two_way = !path->seen[forth] && path->seen[!forth];
    path->seen[forth] = true;
    if (two_way)
        ike_nat_update(sa);
    prefer_two_way(tracker, sa, path);
    if (record->copy) {
        compare_views(tracker, record, path);
        return;
    }
    path->messages[forth]++;
    if (record->original)
        return;
    path->copies = false;
    bool believed = record->grade == IKE_GRADE_VERIFIED ||
                    (is_port_change(sa, m, forth) &&
                     (record->grade == IKE_GRADE_ENCRYPTED || !ike_sa_is_protected(sa)));
    if (!believed && record->grade == IKE_GRADE_ENCRYPTED)
        believed = path->messages[0] && path->messages[1];
    if (!believed || is_off_path(record, path))
        return;
    if (record->grade != IKE_GRADE_UNPROTECTED && !ike_sa_is_protected(sa))
        sa->tcp = false; /* what was not protected before may be forged */
    sa->tcp = sa->tcp || m->tcp;
    path->confirmed = path->confirmed || record->grade == IKE_GRADE_VERIFIED;
    if (ike_path_inside(sa, path) == path)
        move_parties(tracker, sa, path);
}
