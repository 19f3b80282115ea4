/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of one IKEv2 SA: created, stored, wiped. */
#include "decrypt/ikev2/ikev2_sa.h"

#include <string.h>

#include "decrypt/ikev2/ikev2_resume.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum { RESPONDER_SPI = 8 };

ikev2_sa *ikev2_sa_new(ike_decrypt_context *capture, uint64_t initiator_spi, uint64_t responder_spi)
{
    ikev2_sa *sa = g_new0(ikev2_sa, 1);

    sa->base.capture = capture;
    sa->base.initiator_spi = initiator_spi;
    sa->base.responder_spi = responder_spi;
    return sa;
}

/* ---- IKE_SA_INIT ----------------------------------------------------------------------------- */

static void free_init(ikev2_init *init)
{
    ike_secret_clear(&init->message);
    ike_secret_clear(&init->nonce);
    ike_secret_clear(&init->ke);
    ike_secret_clear(&init->ticket);
    g_free(init);
}

static bool is_known(const ikev2_sa *sa, unsigned side, ike_span message)
{
    for (unsigned i = 0; i < sa->init_count[side]; i++)
        if (ike_span_equal(ike_secret_span(&sa->init[side][i]->message), message))
            return true;
    return false;
}

static void set_init_suite(ikev2_sa *sa, ikev2_init *init, const ike_suite *suite)
{
    ike_algorithms rows = {0};

    init->has_suite = true;
    init->computable = ike_algorithms_of_suite(suite, &rows);
    init->rows = ike_decrypt_context_intern(sa->base.capture, &rows);
    sa->several_suites |= sa->rows && sa->rows != init->rows;
    memcpy(init->additional, suite->additional, sizeof init->additional);
}

/* Of more than there are places the first half stays, and the newest of the others: neither a flood
 * before the true message nor one after it hides it. */
static void make_slot(ikev2_sa *sa, unsigned side)
{
    enum { KEPT = IKEV2_MAX_INIT / 2 };

    if (sa->init_count[side] == IKEV2_MAX_INIT) {
        free_init(sa->init[side][KEPT]);
        memmove(&sa->init[side][KEPT], &sa->init[side][KEPT + 1],
                (IKEV2_MAX_INIT - KEPT - 1) * sizeof sa->init[side][0]);
        sa->init_count[side]--;
    }
}

void ikev2_sa_add_init(ikev2_sa *sa, unsigned side, const ike_key_inputs *inputs)
{
    ikev2_init *init;

    /* RFC 5723 4.3: the key comes from the ticket. */
    if (inputs->exchange == IKEV2_EXCHANGE_IKE_SESSION_RESUME && inputs->ke.length)
        return;
    /* The keys are known: what is chosen stays, though AUTH may be over a request that came later
     * than what it sets up. */
    bool late = sa->init_fixed || (sa->generation_count && (sa->init_count[side] || sa->old));

    if ((late && (!sa->init_count[side] || sa->init_count[side] == IKEV2_MAX_INIT)) ||
        !inputs->nonce.length || inputs->message.length < IKE_HEADER ||
        is_known(sa, side, inputs->message))
        return;
    init = g_new0(ikev2_init, 1);
    init->frame = inputs->frame;
    ike_secret_set(&init->message, inputs->message);
    ike_secret_set(&init->nonce, inputs->nonce);
    ike_secret_set(&init->ke, inputs->ke);
    init->group = inputs->ke_group;
    init->responder_spi = ike_get_u64(inputs->message.data + RESPONDER_SPI);
    init->resume = inputs->exchange == IKEV2_EXCHANGE_IKE_SESSION_RESUME;
    if (side == IKE_I) {
        ike_secret_set(&init->ticket, inputs->ticket);
    } else {
        init->use_ppk = inputs->use_ppk;
        /* KE is of the group that was chosen (RFC 7296 3.4). */
        if (inputs->has_suite && inputs->suite_protocol <= 1 &&
            (!inputs->ke_group || !inputs->suite.group || inputs->ke_group == inputs->suite.group))
            set_init_suite(sa, init, &inputs->suite);
    }
    make_slot(sa, side);
    sa->init[side] = g_renew(ikev2_init *, sa->init[side], sa->init_count[side] + 1u);
    sa->init[side][sa->init_count[side]++] = init;
    if (!late)
        ikev2_sa_choose_default(sa);
}

/* Makes these two the chosen ones, from which keys are derived. Either may be NULL. */
static void choose(ikev2_sa *sa, const ikev2_init *request, const ikev2_init *response)
{
    const ikev2_init *pair[2] = {request, response};
    ikev2_exchange *exchange = ikev2_sa_exchange(sa, 0);

    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        const ikev2_init *init = pair[side];

        sa->chosen[side] = init;
        ike_secret_set(&sa->nonce[side],
                       init ? ike_secret_span(&init->nonce) : (ike_span){NULL, 0});
        ike_secret_set(&exchange->ke[side],
                       init ? ike_secret_span(&init->ke) : (ike_span){NULL, 0});
        if (init && init->ke.length)
            exchange->group = init->group;
    }
    sa->resumed = request ? request->resume : response && response->resume;
    ike_secret_set(&sa->ticket, request ? ike_secret_span(&request->ticket) : (ike_span){NULL, 0});
    sa->exchange_count = response && !sa->resumed ? 1 : 0;
    sa->has_suite = response && response->has_suite;
    sa->computable = response && response->computable;
    sa->rows = response ? response->rows : NULL;
    sa->ppk_supported = response && response->use_ppk;
    if (sa->resumed)
        ikev2_resume_suite(sa);
}

/* How likely a response is by its suite, 0 most: that of the keys that decrypt, any, none. */
enum { SUITE_FITS = 3 };
static unsigned suite_fit(const ikev2_sa *sa, const ikev2_init *response)
{
    const ikev2_generation *keys = ikev2_current(sa);

    if (!response->has_suite)
        return 2;
    return keys && response->rows->encr == keys->rows.encr &&
                   response->rows->key_bits == keys->rows.key_bits &&
                   response->rows->integ == keys->rows.integ
               ? 0
               : 1;
}

/* The responses that can be meant, the likely ones first: all of them when none has the SPI. */
static unsigned matching_responses(const ikev2_sa *sa, uint64_t responder_spi,
                                   const ikev2_init *matching[IKEV2_MAX_INIT])
{
    unsigned count = 0;

    for (unsigned any = 0; any < 2 && count == 0; any++) {
        for (unsigned i = 0; i < (unsigned)SUITE_FITS * sa->init_count[IKE_R]; i++) {
            const ikev2_init *response = sa->init[IKE_R][i % sa->init_count[IKE_R]];

            if (suite_fit(sa, response) == i / sa->init_count[IKE_R] &&
                (any || !responder_spi || response->responder_spi == responder_spi))
                matching[count++] = response;
        }
    }
    return count;
}

/* Without a key: the first response that negotiates a suite. */
static const ikev2_init *likely_response(const ikev2_sa *sa)
{
    const ikev2_init *responses[IKEV2_MAX_INIT];

    return matching_responses(sa, 0, responses) ? responses[0] : NULL;
}

void ikev2_sa_choose_default(ikev2_sa *sa)
{
    const ikev2_init *response = likely_response(sa);
    const ikev2_init *request = sa->init_count[IKE_I] ? sa->init[IKE_I][0] : NULL;

    if (sa->init_fixed)
        return;
    /* The request that was answered is the last one before the response, as after
     * INVALID_KE_PAYLOAD. */
    for (unsigned i = 0; response && i < sa->init_count[IKE_I]; i++)
        if (sa->init[IKE_I][i]->frame <= response->frame)
            request = sa->init[IKE_I][i];
    choose(sa, request, response);
}

bool ikev2_sa_choose_pair(ikev2_sa *sa, unsigned number, uint64_t responder_spi)
{
    const ikev2_init *responses[IKEV2_MAX_INIT];
    unsigned requests = sa->init_count[IKE_I], count;

    if (sa->init_fixed || sa->old || !sa->init_count[IKE_R] || !requests)
        return number == 0;
    count = matching_responses(sa, responder_spi, responses);
    if (number >= requests * count)
        return false;
    /* The last request that was answered first. */
    choose(sa, sa->init[IKE_I][requests - 1 - number % requests], responses[number / requests]);
    return true;
}

void ikev2_sa_fix_init(ikev2_sa *sa)
{
    for (unsigned side = IKE_I; side <= IKE_R; side++)
        sa->init_frames[side] = sa->chosen[side] ? sa->chosen[side]->frame : 0;
    sa->init_fixed = sa->init_frames[IKE_I] || sa->init_frames[IKE_R];
}

static void clear_init(ikev2_sa *sa)
{
    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        for (unsigned i = 0; i < sa->init_count[side]; i++)
            free_init(sa->init[side][i]);
        g_free(sa->init[side]);
        sa->init[side] = NULL;
        sa->init_count[side] = 0;
        sa->chosen[side] = NULL;
    }
}

/* ---- key exchanges --------------------------------------------------------------------------- */

ikev2_exchange *ikev2_sa_exchange(ikev2_sa *sa, unsigned index)
{
    uint8_t capacity = index == 0 ? 1 : IKEV2_MAX_KEY_EXCHANGES;

    if (index >= sa->exchange_capacity) {
        sa->exchanges = g_renew(ikev2_exchange, sa->exchanges, capacity);
        memset(sa->exchanges + sa->exchange_capacity, 0,
               (size_t)(capacity - sa->exchange_capacity) * sizeof(ikev2_exchange));
        sa->exchange_capacity = capacity;
    }
    return &sa->exchanges[index];
}

static void free_old_sk_d(ikev2_sa *sa)
{
    for (unsigned i = 0; sa->old && sa->old->sk_d && i < IKEV2_SK_D_VARIANTS; i++)
        ike_secret_clear(&sa->old->sk_d[i]);
    if (sa->old)
        g_clear_pointer(&sa->old->sk_d, g_free);
}

void ikev2_sa_clear_exchanges(ikev2_sa *sa)
{
    for (unsigned i = 0; i < sa->exchange_capacity; i++) {
        ike_secret_clear(&sa->exchanges[i].ke[IKE_I]);
        ike_secret_clear(&sa->exchanges[i].ke[IKE_R]);
    }
    g_clear_pointer(&sa->exchanges, g_free);
    sa->exchange_capacity = 0;
    sa->exchange_count = 0;
    ike_secret_clear(&sa->nonce[IKE_I]);
    ike_secret_clear(&sa->nonce[IKE_R]);
    free_old_sk_d(sa);
    clear_init(sa);
}

void ikev2_sa_set_suite(ikev2_sa *sa, const ike_suite *suite)
{
    ike_algorithms rows = {0};
    const ike_algorithms *before = sa->rows;

    sa->has_suite = true;
    sa->computable = ike_algorithms_of_suite(suite, &rows);
    sa->rows = ike_decrypt_context_intern(sa->base.capture, &rows);
    sa->several_suites |= before && before != sa->rows;
}

/* ---- the SA ---------------------------------------------------------------------------------- */

void ikev2_sa_clear(ikev2_sa *sa)
{
    ikev2_sa_clear_exchanges(sa);
    for (unsigned i = 0; i < sa->generation_count; i++)
        ikev2_generation_free(sa->generations[i]);
    g_clear_pointer(&sa->generations, g_free);
    sa->generation_count = 0;
    g_clear_pointer(&sa->old, g_free);
    ike_secret_clear(&sa->ticket);
    ike_secret_clear(&sa->ppk_id);
    g_clear_pointer(&sa->auth_results, g_free);
    g_clear_pointer(&sa->first_child, g_free);
}

uint8_t ikev2_sa_store(ikev2_sa *sa, ikev2_generation *generation)
{
    if (sa->generation_count == IKEV2_MAX_GENERATIONS) {
        ikev2_generation_free(generation);
        return 0;
    }
    sa->generations = g_renew(ikev2_generation *, sa->generations, sa->generation_count + 1u);
    sa->generations[sa->generation_count] = generation;
    return ++sa->generation_count;
}
