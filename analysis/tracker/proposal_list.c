/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proposal lists: kept, compared, put into words. */
#include "analysis/tracker/proposal_list.h"

#include <string.h>

#include "analysis/tracker/arena.h"
#include "proto/ike_numbers.h"

enum { MAX_ITEMS = 400 }; /* 255 transforms of IKEv2 and 32 proposals; longer ones are truncated */

typedef union {
    ike_proposal_list head;
    uint8_t bytes[sizeof(ike_proposal_list) + MAX_ITEMS * sizeof(ike_proposal_item)];
} proposal_buffer;

static void put(proposal_buffer *buffer, uint8_t proposal, uint8_t type, uint16_t id,
                uint16_t key_bits)
{
    buffer->head.truncated |= buffer->head.count == MAX_ITEMS;
    if (buffer->head.count < MAX_ITEMS)
        buffer->head.items[buffer->head.count++] =
            (ike_proposal_item){.proposal = proposal, .type = type, .id = id, .key_bits = key_bits};
}

static void put_v2(proposal_buffer *buffer, const ike_message *m, const ike_proposal *proposal,
                   unsigned *duplicates)
{
    put(buffer, proposal->number, 0, proposal->protocol, 0);
    uint16_t first = buffer->head.count;
    for (uint16_t i = 0; i < proposal->transform_count; i++) {
        if (proposal->first_transform + i >= m->transform_count)
            return;
        const ike_transform *t = &m->transforms[proposal->first_transform + i];
        for (uint16_t k = first; k < buffer->head.count; k++)
            if (buffer->head.items[k].type == t->type && buffer->head.items[k].id == t->id &&
                buffer->head.items[k].key_bits == t->key_bits)
                (*duplicates)++;
        put(buffer, proposal->number, t->type, t->id, t->key_bits);
    }
}

static void put_v1(proposal_buffer *buffer, const ike_message *m, const ike_proposal *proposal)
{
    for (uint16_t i = 0; i < proposal->transform_count; i++) {
        if (proposal->first_transform + i >= m->transform_count)
            return;
        const ikev1_transform *t = &m->v1_transforms[proposal->first_transform + i];
        bool phase1 = proposal->protocol == IKEV2_PROTOCOL_IKE;
        uint16_t encryption = phase1                                     ? t->encryption
                              : proposal->protocol == IKEV2_PROTOCOL_ESP ? t->id
                                                                         : 0;
        put(buffer, t->number, 0, proposal->protocol, 0);
        if (proposal->protocol == IKEV1_PROTO_IPCOMP)
            put(buffer, t->number, IKE_T_V1_COMPRESSION, t->id, 0);
        if (encryption)
            put(buffer, t->number, IKE_T_ENCR, encryption, t->key_bits);
        if (phase1 ? t->hash : t->auth_algorithm)
            put(buffer, t->number, IKE_T_INTEG, phase1 ? t->hash : t->auth_algorithm, 0);
        if (t->prf)
            put(buffer, t->number, IKE_T_PRF, t->prf, 0);
        if (t->group)
            put(buffer, t->number, IKE_T_KE, t->group, 0);
        if (t->esn)
            put(buffer, t->number, IKE_T_ESN, t->esn, 0);
        if (t->auth_method)
            put(buffer, t->number, IKE_T_V1_AUTH, t->auth_method, 0);
        if (t->encapsulation)
            put(buffer, t->number, IKE_T_V1_MODE, t->encapsulation, 0);
    }
}

/* Proposals with one number are one proposal of several protocols (RFC 2408 4.2). */
static uint8_t main_protocol(const ike_message *m)
{
    uint8_t protocol = m->proposals[0].protocol;
    for (uint16_t i = 1; i < m->proposal_count && i < IKE_MAX_PROPOSALS && m->major == 1 &&
                         m->proposals[i].number == m->proposals[0].number;
         i++)
        if (m->proposals[i].protocol == IKEV2_PROTOCOL_ESP ||
            (m->proposals[i].protocol == IKEV2_PROTOCOL_AH && protocol != IKEV2_PROTOCOL_ESP))
            protocol = m->proposals[i].protocol;
    return protocol;
}

const ike_proposal_list *ike_store_proposal_list(ike_tracker *tracker, const ike_message *m,
                                                 unsigned *duplicates)
{
    proposal_buffer buffer;
    *duplicates = 0;
    if (m->proposal_count == 0)
        return NULL;
    memset(&buffer.head, 0, sizeof buffer.head);
    buffer.head.major = m->major;
    buffer.head.protocol = main_protocol(m);
    buffer.head.truncated = ike_message_is_truncated(m);
    for (uint16_t i = 0; i < m->proposal_count && i < IKE_MAX_PROPOSALS; i++)
        if (m->major == 1)
            put_v1(&buffer, m, &m->proposals[i]);
        else
            put_v2(&buffer, m, &m->proposals[i], duplicates);
    if (m->major == 1 && m->transform_count) {
        buffer.head.life_seconds = m->v1_transforms[0].life_seconds;
        buffer.head.life_kbytes = m->v1_transforms[0].life_kbytes;
    }
    /* The items follow the head without a gap: its size is a multiple of their alignment. */
    return ike_store(tracker, &buffer,
                     offsetof(ike_proposal_list, items) +
                         buffer.head.count * sizeof(ike_proposal_item));
}

/* ---- choices --------------------------------------------------------------------------------- */

static void take_transform(ike_negotiated *negotiated, const ike_proposal_item *item)
{
    switch (item->type) {
    case IKE_T_ENCR:
        negotiated->encryption = item->id;
        negotiated->key_bits = item->key_bits;
        break;
    case IKE_T_PRF:
        negotiated->prf = item->id;
        break;
    case IKE_T_INTEG:
        negotiated->integrity = item->id;
        break;
    case IKE_T_KE:
        negotiated->key_exchange = item->id;
        break;
    case IKE_T_ESN:
        negotiated->esn = item->id;
        break;
    case IKE_T_V1_AUTH:
        negotiated->auth_method = item->id;
        break;
    case IKE_T_V1_MODE:
        negotiated->encapsulation = item->id;
        break;
    default:
        if (item->type >= IKE_T_ADDKE1 && item->type <= IKE_T_ADDKE7)
            negotiated->additional[item->type - IKE_T_ADDKE1] = item->id;
    }
}

const ike_negotiated ike_negotiated_none;

/* Where the transforms of the chosen proposal begin. */
static uint16_t chosen_transforms(const ike_proposal_list *choice)
{
    for (uint16_t i = 0; i < choice->count; i++)
        if (choice->items[i].type == 0 && choice->items[i].id == choice->protocol)
            return (uint16_t)(i + 1);
    return 1;
}

ike_negotiated ike_proposal_list_negotiated(const ike_proposal_list *choice)
{
    ike_negotiated negotiated = {.protocol = choice->protocol, .known = choice->count > 1};
    for (uint16_t i = chosen_transforms(choice); i < choice->count && choice->items[i].type != 0;
         i++)
        take_transform(&negotiated, &choice->items[i]);
    return negotiated;
}

const ike_negotiated *ike_store_negotiated(ike_tracker *tracker, const ike_negotiated *negotiated)
{
    return ike_store(tracker, negotiated, sizeof *negotiated); /* it has no padding */
}

static bool same_item(uint8_t major, const ike_proposal_item *a, const ike_proposal_item *b)
{
    if (a->type != b->type || a->id != b->id)
        return false;
    /* IKEv1 peers may say or leave out the default key length of AES. */
    return a->key_bits == b->key_bits || (major == 1 && a->key_bits + b->key_bits == 128 &&
                                          (a->key_bits == 0 || b->key_bits == 0));
}

/* Items from..until of the choice against the proposal that begins at `at`. */
static const ike_proposal_item *missing_from(const ike_proposal_list *proposals, uint16_t at,
                                             const ike_proposal_list *choice)
{
    for (uint16_t c = chosen_transforms(choice); c < choice->count && choice->items[c].type != 0;
         c++) {
        const ike_proposal_item *item = &choice->items[c];
        bool found = item->id == 0; /* NONE need not be proposed */
        for (uint16_t i = (uint16_t)(at + 1);
             i < proposals->count && proposals->items[i].type != 0 && !found; i++)
            found = same_item(proposals->major, &proposals->items[i], item);
        if (!found)
            return item;
    }
    return NULL;
}

bool ike_proposal_list_contains(const ike_proposal_list *proposals, const ike_proposal_list *choice,
                                GString *not_proposed)
{
    const ike_proposal_item *missing = NULL;
    for (uint16_t i = 0; i < proposals->count; i++) {
        if (proposals->items[i].type != 0 || proposals->items[i].id != choice->protocol)
            continue;
        const ike_proposal_item *here = missing_from(proposals, i, choice);
        if (!here)
            return true;
        if (!missing)
            missing = here;
    }
    if (!not_proposed)
        return false;
    if (missing)
        ike_format_algorithm(not_proposed, proposals->major, choice->protocol, missing->type,
                             missing->id, missing->key_bits);
    else
        g_string_append(not_proposed, "a protocol");
    return false;
}

bool ike_proposal_list_is_choice(const ike_proposal_list *list)
{
    enum { MOST = 32 }; /* transform types */
    uint32_t seen = 0;
    for (uint16_t i = 0; i < list->count && i < MOST; i++) {
        const uint32_t bit = UINT32_C(1) << list->items[i].type % MOST;
        if (seen & bit)
            return false;
        seen |= bit;
    }
    return list->count > 1 && list->count <= MOST;
}

bool ike_proposal_list_has(const ike_proposal_list *proposals, uint8_t type, uint16_t id)
{
    for (uint16_t i = 0; proposals && i < proposals->count; i++)
        if (proposals->items[i].type == type && proposals->items[i].id == id)
            return true;
    return false;
}

bool ike_proposal_list_lacks(const ike_proposal_list *proposals, uint8_t type, uint16_t id)
{
    return !proposals->truncated && !ike_proposal_list_has(proposals, type, id);
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool seen_before(const ike_proposal_list *proposals, uint16_t index)
{
    const ike_proposal_item *item = &proposals->items[index];
    for (uint16_t i = 0; i < index; i++)
        if (proposals->items[i].type == item->type && proposals->items[i].id == item->id &&
            proposals->items[i].key_bits == item->key_bits)
            return true;
    return false;
}

unsigned ike_format_proposal_values(GString *out, const ike_proposal_list *proposals, uint8_t type)
{
    unsigned count = 0;
    for (uint16_t i = 0; i < proposals->count; i++) {
        const ike_proposal_item *item = &proposals->items[i];
        if (item->type != type || seen_before(proposals, i))
            continue;
        if (count++ > 8)
            continue;
        g_string_append(out, count > 8 ? ", ..." : count > 1 ? ", " : "");
        if (count <= 8)
            ike_format_algorithm(out, proposals->major, proposals->protocol, type, item->id,
                                 item->key_bits);
    }
    return count;
}

static const uint8_t all_types[] = {IKE_T_ENCR,
                                    IKE_T_INTEG,
                                    IKE_T_PRF,
                                    IKE_T_KE,
                                    6,
                                    7,
                                    8,
                                    9,
                                    10,
                                    11,
                                    IKE_T_ADDKE7,
                                    IKE_T_ESN,
                                    IKE_T_V1_AUTH,
                                    IKE_T_V1_MODE,
                                    IKE_T_V1_COMPRESSION};

void ike_format_proposal_list(GString *out, const ike_proposal_list *proposals)
{
    bool first = true;
    if (proposals->protocol != IKEV2_PROTOCOL_IKE && proposals->protocol != IKEV2_PROTOCOL_ESP)
        g_string_append_printf(out, "%s: ", ike_format_protocol(proposals->protocol));
    for (size_t t = 0; t < G_N_ELEMENTS(all_types); t++) {
        GString *values = g_string_new(NULL);
        if (ike_format_proposal_values(values, proposals, all_types[t])) {
            g_string_append_printf(
                out, "%s%s %s", first ? "" : "; ",
                ike_format_transform_type(proposals->major, proposals->protocol, all_types[t]),
                values->str);
            first = false;
        }
        g_string_free(values, TRUE);
    }
    if (first)
        g_string_append(out, "nothing");
    if (proposals->life_seconds)
        g_string_append_printf(out, "; lifetime %u s", proposals->life_seconds);
    if (proposals->life_kbytes)
        g_string_append_printf(out, "; lifetime %u KB", proposals->life_kbytes);
}

/* Whose values are names that say what they are: "yes" (ESN) and "Tunnel" do not. */
static bool names_algorithm(uint8_t type)
{
    return type != IKE_T_ESN && type != IKE_T_V1_AUTH && type != IKE_T_V1_MODE;
}

/* "group 19", where its name is long. */
static void append_short_group(GString *out, const ike_proposal_list *proposals, uint16_t id)
{
    enum { SHORT = 12 };
    GString *name = g_string_new(NULL);
    ike_format_group(name, proposals->major, id);
    if (name->len > SHORT)
        g_string_printf(name, "group %u", id);
    g_string_append(out, name->str);
    g_string_free(name, TRUE);
}

/* "AES_CBC-256", whose place says that it is a cipher (ENCR_). */
static void append_short_algorithm(GString *out, const ike_proposal_list *proposals,
                                   const ike_proposal_item *item)
{
    enum { PREFIX = 5 };
    GString *name = g_string_new(NULL);
    ike_format_algorithm(name, proposals->major, proposals->protocol, item->type, item->id,
                         item->key_bits);
    bool prefixed = g_str_has_prefix(name->str, "ENCR_") || g_str_has_prefix(name->str, "AUTH_");
    g_string_append(out, name->str + (prefixed ? PREFIX : 0));
    g_string_free(name, TRUE);
}

/* The values of one type as briefly as `names` says. */
static void append_values(GString *out, const ike_proposal_list *proposals, uint8_t type,
                          ike_names names)
{
    unsigned count = 0;
    if (names == IKE_NAMES_ALL || (names != IKE_NAMES_FIRST && type != IKE_T_KE)) {
        ike_format_proposal_values(out, proposals, type);
        return;
    }
    for (uint16_t i = 0; i < proposals->count; i++) {
        const ike_proposal_item *item = &proposals->items[i];
        if (item->type != type || seen_before(proposals, i) ||
            (count++ && names == IKE_NAMES_FIRST))
            continue;
        g_string_append(out, count > 1 ? ", " : "");
        if (type == IKE_T_KE)
            append_short_group(out, proposals, item->id);
        else
            append_short_algorithm(out, proposals, item);
    }
    if (count > 1 && names == IKE_NAMES_FIRST)
        g_string_append_printf(out, " +%u", count - 1);
}

static bool has_type(const ike_proposal_list *proposals, uint8_t type)
{
    for (uint16_t i = 0; i < proposals->count; i++)
        if (proposals->items[i].type == type)
            return true;
    return false;
}

/* Most daemons take the PRF from the hash of the integrity algorithm; an AEAD cipher has none. */
static bool is_left_out(const ike_proposal_list *proposals, uint8_t type, ike_names names)
{
    return type == IKE_T_PRF && (names > IKE_NAMES_BRIEF ||
                                 (names == IKE_NAMES_BRIEF && has_type(proposals, IKE_T_INTEG)));
}

void ike_format_proposal_names(GString *out, const ike_proposal_list *proposals, ike_names names)
{
    const gsize start = out->len;
    if (proposals->protocol == IKEV2_PROTOCOL_AH)
        g_string_append(out, "AH");
    for (size_t t = 0; t < G_N_ELEMENTS(all_types); t++) {
        uint8_t type = all_types[t];
        if (!names_algorithm(type) || is_left_out(proposals, type, names))
            continue;
        GString *values = g_string_new(NULL);
        append_values(values, proposals, type, names);
        if (values->len)
            g_string_append_printf(out, "%s%s", out->len > start ? ", " : "", values->str);
        g_string_free(values, TRUE);
    }
    if (ike_proposal_list_has(proposals, IKE_T_ESN, 1) &&
        !ike_proposal_list_has(proposals, IKE_T_ESN, 0))
        g_string_append(out, ", ESN");
}

/* Do two proposals share a value of it? *a_has and *b_has: whether they have the type at all. */
static bool share(const ike_proposal_list *a, const ike_proposal_list *b, uint8_t type, bool *b_has)
{
    bool shared = false;
    *b_has = false;
    for (uint16_t k = 0; k < b->count; k++) {
        if (b->items[k].type != type)
            continue;
        *b_has = true;
        for (uint16_t i = 0; i < a->count && !shared; i++)
            shared = same_item(a->major, &a->items[i], &b->items[k]);
    }
    return shared;
}

/* Appends the values of one type unless just the same list stands there already. */
static void append_new_values(GString *out, const ike_proposal_list *proposals, uint8_t type)
{
    GString *values = g_string_new(NULL);
    ike_format_proposal_values(values, proposals, type);
    if (!strstr(out->str, values->str))
        g_string_append_printf(out, "%s%s", out->len ? ", " : "", values->str);
    g_string_free(values, TRUE);
}

bool ike_proposal_list_conflict(GString *proposed, GString *accepted,
                                const ike_proposal_list *proposals,
                                const ike_proposal_list *const *known, size_t count, uint8_t type)
{
    GString *ours = g_string_new(NULL), *theirs = g_string_new(NULL);
    bool shared = proposals->truncated, any = false;
    unsigned values = ike_format_proposal_values(ours, proposals, type);
    for (size_t i = 0; i < count && values && !shared; i++) {
        bool has;
        shared = share(proposals, known[i], type, &has) || known[i]->truncated;
        if (has && theirs->len < 200)
            append_new_values(theirs, known[i], type);
        any |= has;
    }
    bool conflict = values && any && !shared;
    if (conflict) {
        g_string_append(proposed, ours->str);
        g_string_append(accepted, theirs->str);
    }
    g_string_free(ours, TRUE);
    g_string_free(theirs, TRUE);
    return conflict;
}

const uint8_t *ike_proposal_list_types(size_t *count)
{
    *count = G_N_ELEMENTS(all_types);
    return all_types;
}
