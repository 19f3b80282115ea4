/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proposal lists: kept, compared, put into words. */
#include "analysis/tracker/proposal_list.h"

#include <string.h>

#include "analysis/tracker/internal.h"

enum { MAX_ITEMS = 400 }; /* 255 transforms of IKEv2 and 32 proposals; longer ones are cut */

typedef union {
    ike_offer head;
    uint8_t room[sizeof(ike_offer) + MAX_ITEMS * sizeof(ike_offered)];
} offer_buffer;

static void put(offer_buffer *buffer, uint8_t proposal, uint8_t type, uint16_t id,
                uint16_t key_bits)
{
    if (buffer->head.count < MAX_ITEMS)
        buffer->head.items[buffer->head.count++] =
            (ike_offered){.proposal = proposal, .type = type, .id = id, .key_bits = key_bits};
}

static void put_v2(offer_buffer *buffer, const ike_message *m, const ike_proposal *proposal,
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

static void put_v1(offer_buffer *buffer, const ike_message *m, const ike_proposal *proposal)
{
    for (uint16_t i = 0; i < proposal->transform_count; i++) {
        if (proposal->first_transform + i >= m->transform_count)
            return;
        const ikev1_transform *t = &m->v1_transforms[proposal->first_transform + i];
        bool phase1 = proposal->protocol == 1;
        uint16_t encryption = phase1 ? t->encryption : t->id;
        put(buffer, t->number, 0, proposal->protocol, 0);
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

const ike_offer *ike_offer_keep(ike_tracker *tracker, const ike_message *m, unsigned *duplicates)
{
    offer_buffer buffer;
    *duplicates = 0;
    if (m->proposal_count == 0)
        return NULL;
    memset(&buffer.head, 0, sizeof buffer.head);
    buffer.head.major = m->major;
    buffer.head.protocol = m->proposals[0].protocol;
    for (uint16_t i = 0; i < m->proposal_count && i < IKE_MAX_PROPOSALS; i++) {
        if (m->major == 1)
            put_v1(&buffer, m, &m->proposals[i]);
        else
            put_v2(&buffer, m, &m->proposals[i], duplicates);
    }
    /* The items follow the head without a gap: both are aligned to two octets. */
    return ike_keep(tracker, &buffer,
                    offsetof(ike_offer, items) + buffer.head.count * sizeof(ike_offered));
}

/* ---- choices --------------------------------------------------------------------------------- */

static void take_transform(ike_agreed *agreed, const ike_offered *item)
{
    switch (item->type) {
    case IKE_T_ENCR:
        agreed->encryption = item->id;
        agreed->key_bits = item->key_bits;
        break;
    case IKE_T_PRF:
        agreed->prf = item->id;
        break;
    case IKE_T_INTEG:
        agreed->integrity = item->id;
        break;
    case IKE_T_KE:
        agreed->key_exchange = item->id;
        break;
    case IKE_T_ESN:
        agreed->esn = item->id;
        break;
    case IKE_T_V1_AUTH:
        agreed->auth_method = item->id;
        break;
    case IKE_T_V1_MODE:
        agreed->encapsulation = item->id;
        break;
    default:
        if (item->type >= IKE_T_ADDKE1 && item->type <= IKE_T_ADDKE7)
            agreed->additional[item->type - IKE_T_ADDKE1] = item->id;
    }
}

const ike_agreed ike_agreed_nothing;

ike_agreed ike_offer_agreed(const ike_offer *choice)
{
    ike_agreed agreed = {.protocol = choice->protocol, .known = choice->count > 1};
    for (uint16_t i = 0; i < choice->count; i++) {
        if (choice->items[i].type == 0 && i > 0)
            break;
        take_transform(&agreed, &choice->items[i]);
    }
    return agreed;
}

const ike_agreed *ike_agree_on(ike_tracker *tracker, const ike_agreed *agreed)
{
    return ike_keep(tracker, agreed, sizeof *agreed); /* it has no padding */
}

static bool same_item(uint8_t major, const ike_offered *a, const ike_offered *b)
{
    if (a->type != b->type || a->id != b->id)
        return false;
    /* IKEv1 peers may say or leave out the default key length of AES. */
    return a->key_bits == b->key_bits || (major == 1 && a->key_bits + b->key_bits == 128 &&
                                          (a->key_bits == 0 || b->key_bits == 0));
}

/* Items from..until of the choice against the proposal of the offer that begins at `at`. */
static const ike_offered *missing_from(const ike_offer *offer, uint16_t at, const ike_offer *choice)
{
    for (uint16_t c = 1; c < choice->count && choice->items[c].type != 0; c++) {
        const ike_offered *item = &choice->items[c];
        bool found = item->id == 0; /* NONE need not be offered */
        for (uint16_t i = (uint16_t)(at + 1);
             i < offer->count && offer->items[i].type != 0 && !found; i++)
            found = same_item(offer->major, &offer->items[i], item);
        if (!found)
            return item;
    }
    return NULL;
}

bool ike_offer_contains(const ike_offer *offer, const ike_offer *choice, GString *not_offered)
{
    const ike_offered *missing = NULL;
    for (uint16_t i = 0; i < offer->count; i++) {
        if (offer->items[i].type != 0 || offer->items[i].id != choice->protocol)
            continue;
        const ike_offered *here = missing_from(offer, i, choice);
        if (!here)
            return true;
        if (!missing)
            missing = here;
    }
    if (missing)
        ike_words_algorithm(not_offered, offer->major, choice->protocol, missing->type, missing->id,
                            missing->key_bits);
    else
        g_string_append(not_offered, "a protocol");
    return false;
}

bool ike_offer_has(const ike_offer *offer, uint8_t type, uint16_t id)
{
    for (uint16_t i = 0; offer && i < offer->count; i++)
        if (offer->items[i].type == type && offer->items[i].id == id)
            return true;
    return false;
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool seen_before(const ike_offer *offer, uint16_t index)
{
    const ike_offered *item = &offer->items[index];
    for (uint16_t i = 0; i < index; i++)
        if (offer->items[i].type == item->type && offer->items[i].id == item->id &&
            offer->items[i].key_bits == item->key_bits)
            return true;
    return false;
}

unsigned ike_offer_values(GString *out, const ike_offer *offer, uint8_t type)
{
    unsigned count = 0;
    for (uint16_t i = 0; i < offer->count; i++) {
        const ike_offered *item = &offer->items[i];
        if (item->type != type || seen_before(offer, i))
            continue;
        if (count++ > 8)
            continue;
        g_string_append(out, count > 8 ? ", ..." : count > 1 ? ", " : "");
        if (count <= 8)
            ike_words_algorithm(out, offer->major, offer->protocol, type, item->id, item->key_bits);
    }
    return count;
}

static const uint8_t all_types[] = {
    IKE_T_ENCR,   IKE_T_INTEG, IKE_T_PRF,     IKE_T_KE,     6, 7, 8, 9, 10, 11,
    IKE_T_ADDKE7, IKE_T_ESN,   IKE_T_V1_AUTH, IKE_T_V1_MODE};

void ike_offer_text(GString *out, const ike_offer *offer)
{
    bool first = true;
    for (size_t t = 0; t < G_N_ELEMENTS(all_types); t++) {
        GString *values = g_string_new(NULL);
        if (all_types[t] != IKE_T_ESN && ike_offer_values(values, offer, all_types[t])) {
            g_string_append_printf(
                out, "%s%s %s", first ? "" : "; ",
                ike_words_transform_type(offer->major, offer->protocol, all_types[t]), values->str);
            first = false;
        }
        g_string_free(values, TRUE);
    }
    if (first)
        g_string_append(out, "nothing");
}

/* Do two offers share a value of this type? *a_has and *b_has: whether they have the type at all.
 */
static bool share(const ike_offer *a, const ike_offer *b, uint8_t type, bool *b_has)
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
static void append_new_values(GString *out, const ike_offer *offer, uint8_t type)
{
    GString *values = g_string_new(NULL);
    ike_offer_values(values, offer, type);
    if (!strstr(out->str, values->str))
        g_string_append_printf(out, "%s%s", out->len ? ", " : "", values->str);
    g_string_free(values, TRUE);
}

unsigned ike_offer_conflicts(GString *out, const ike_offer *offer, const ike_offer *const *known,
                             size_t count, const char *peer_words)
{
    unsigned conflicts = 0;
    for (size_t t = 0; t < G_N_ELEMENTS(all_types); t++) {
        uint8_t type = all_types[t];
        GString *ours = g_string_new(NULL), *theirs = g_string_new(NULL);
        bool shared = false, any = false;
        unsigned offered = ike_offer_values(ours, offer, type);
        for (size_t i = 0; i < count && offered && !shared; i++) {
            bool has;
            shared = share(offer, known[i], type, &has);
            if (has && theirs->len < 200)
                append_new_values(theirs, known[i], type);
            any |= has;
        }
        if (offered && any && !shared) {
            g_string_append_printf(out, "%s%s (offered %s; %s %s)", conflicts ? " and " : "",
                                   ike_words_transform_type(offer->major, offer->protocol, type),
                                   ours->str, peer_words, theirs->str);
            conflicts++;
        }
        g_string_free(ours, TRUE);
        g_string_free(theirs, TRUE);
    }
    return conflicts;
}
