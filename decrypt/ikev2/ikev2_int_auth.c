/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IntAuth (RFC 9242 3.3): what AUTH covers of the IKE_INTERMEDIATE exchanges before it. */
#include "decrypt/ikev2/ikev2_auth_record.h"

#include "decrypt/ikev2/ikev2_search.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum { GENERIC = 4 };

/* One message: the A and P of RFC 9242 and the keys that it was sent under. */
struct ikev2_intermediate {
    ikev2_intermediate *next; /* by message ID, in whatever order they were captured */
    uint32_t message_id;
    unsigned side;
    uint8_t generation;
    ike_secret head, plaintext;
};

void ikev2_intermediate_free(ikev2_intermediate *list)
{
    while (list) {
        ikev2_intermediate *next = list->next;

        ike_secret_clear(&list->head);
        ike_secret_clear(&list->plaintext);
        g_free(list);
        list = next;
    }
}

size_t ikev2_find_encrypted(ike_span message)
{
    size_t at = IKE_HEADER;
    uint8_t next;

    if (message.length < IKE_HEADER + GENERIC)
        return 0;
    next = message.data[16];
    while (next != IKEV2_PAYLOAD_SK && next != IKEV2_PAYLOAD_SKF) {
        size_t size = message.length - at < GENERIC ? 0 : ike_get_u16(message.data + at + 2);

        if (next == 0 || size < GENERIC || size > message.length - at)
            return 0;
        next = message.data[at];
        at += size;
    }
    return message.length - at < GENERIC ? 0 : at;
}

/* Message IDs differ for each exchange; there are at most a handful (RFC 9370: seven). */
enum { MAX_INTERMEDIATE = 32 };

void ikev2_intermediate_add(ikev2_intermediate **list, const ike_key_inputs *inputs,
                            const ike_secret *first_fragment, uint8_t generation)
{
    ike_span message = first_fragment ? ike_secret_span(first_fragment) : inputs->message;
    unsigned side = inputs->response;
    size_t encrypted_at = ikev2_find_encrypted(message);
    ikev2_intermediate *added;
    unsigned count = 0;

    for (; *list && (*list)->message_id <= inputs->message_id; list = &(*list)->next)
        if (((*list)->message_id == inputs->message_id && (*list)->side == side) ||
            ++count == MAX_INTERMEDIATE)
            return;
    if (!encrypted_at)
        return;
    added = g_new0(ikev2_intermediate, 1);
    added->message_id = inputs->message_id;
    added->side = side;
    added->generation = generation;
    if (!ikev2_int_auth_head(message, encrypted_at, inputs->plaintext.length, &added->head)) {
        ikev2_intermediate_free(added);
        return;
    }
    ike_secret_set(&added->plaintext, inputs->plaintext);
    added->next = *list;
    *list = added;
}

/* One side's IntAuth: each message takes in the one before. */
static bool chain_of(ikev2_sa *sa, const ikev2_intermediate *list, unsigned side,
                     ike_secret *int_auth)
{
    ike_secret before = {0};
    bool good = true;

    for (; list && good; list = list->next) {
        ikev2_generation *generation;

        if (list->side != side)
            continue;
        generation = list->generation && list->generation <= sa->generation_count
                         ? sa->generations[list->generation - 1]
                         : NULL;
        if (generation)
            ikev2_complete(sa, generation);
        good = generation && generation->rows.prf && generation->sk_p[side].length &&
               ikev2_int_auth(generation->rows.prf, ike_secret_span(&generation->sk_p[side]),
                              ike_secret_span(&before), ike_secret_span(&list->head),
                              ike_secret_span(&list->plaintext), int_auth) == IKE_OK;
        if (good)
            ike_secret_set(&before, (ike_span){int_auth->data, int_auth->length});
    }
    ike_secret_clear(&before);
    return good;
}

/* Requests and responses of all exchanges, without a hole up to IKE_AUTH. */
static bool complete(const ikev2_intermediate *list, uint32_t auth_message_id)
{
    uint32_t sides[2] = {0, 0};

    for (; list; list = list->next)
        sides[list->side]++;
    return sides[IKE_I] == sides[IKE_R] && sides[IKE_I] + 1 == auth_message_id;
}

bool ikev2_int_auth_all(ikev2_sa *sa, const ikev2_intermediate *list, uint32_t auth_message_id,
                        ike_secret *int_auth)
{
    ike_secret of[2] = {{0}, {0}};
    bool good;

    ike_secret_clear(int_auth);
    if (!list && auth_message_id <= 1)
        return true;
    good = complete(list, auth_message_id) && chain_of(sa, list, IKE_I, &of[IKE_I]) &&
           chain_of(sa, list, IKE_R, &of[IKE_R]);
    if (good) {
        ikev2_int_auth_join(ike_secret_span(&of[IKE_I]), ike_secret_span(&of[IKE_R]),
                            auth_message_id, int_auth);
    }
    ike_secret_clear(&of[IKE_I]);
    ike_secret_clear(&of[IKE_R]);
    return good;
}
