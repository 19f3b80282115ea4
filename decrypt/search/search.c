/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Budgets of searches for keys. */
#include "decrypt/search/search.h"

#include <glib.h>

enum {
    CAPTURE_UNITS = 1000000, /* one to two seconds */
    RESERVE_UNITS = 500000,  /* for short searches when the budget is used up */
    SHORT_SEARCH = 256,
    SA_UNITS = 250000,
    SEARCHES_PER_SA = 8,
    BONUS = 2000, /* for the next search, when one succeeded */
};

static void start_again(ike_search *search, unsigned revision)
{
    if (search->budget->revision != revision + 1)
        *search->budget = (ike_search_budget){revision + 1, CAPTURE_UNITS, RESERVE_UNITS};
    if (search->memo->revision != revision + 1)
        *search->memo = (ike_search_memo){revision + 1, SA_UNITS, 0, false};
}

void ike_search_begin(ike_search *search, ike_search_budget *budget, ike_search_memo *memo,
                      unsigned revision)
{
    *search = (ike_search){
        .budget = budget, .memo = memo, .bound = true, .refusal = {.why = IKE_DECRYPT_NO_KEY}};
    start_again(search, revision);
    search->unbound = budget->left / 4;
    if (search->unbound < SHORT_SEARCH)
        search->unbound = MIN(SHORT_SEARCH, budget->reserve);
}

bool ike_search_unbind(ike_search *search)
{
    search->bound = false;
    search->exhausted = false;
    return search->memo->in_vain < SEARCHES_PER_SA && search->unbound > 0;
}

bool ike_search_charge(ike_search *search, uint32_t cost)
{
    uint32_t *purse = search->bound ? &search->memo->bound_left : &search->unbound;

    if (*purse < cost) {
        search->exhausted = true;
        search->memo->limited = search->memo->limited || !search->bound;
        return false;
    }
    *purse -= cost;
    if (!search->bound)
        search->spent += cost;
    return true;
}

/* Reasons in rising order of what they tell. From KEY_LENGTH on a secret was refused. */
static unsigned rank(ike_decrypt_status status)
{
    static const uint8_t ranks[IKE_DECRYPT_STATUSES] = {
        [IKE_DECRYPT_NO_SUITE] = 1,   [IKE_DECRYPT_NO_PSK] = 1,      [IKE_DECRYPT_NO_SHARED] = 1,
        [IKE_DECRYPT_NO_SK_D] = 1,    [IKE_DECRYPT_UNSUPPORTED] = 2, [IKE_DECRYPT_SHORT] = 3,
        [IKE_DECRYPT_BLOCK_SIZE] = 3, [IKE_DECRYPT_KEY_LENGTH] = 4,  [IKE_DECRYPT_OTHER_VALUE] = 4,
        [IKE_DECRYPT_NO_CIPHER] = 5,  [IKE_DECRYPT_BAD_ICV] = 6,     [IKE_DECRYPT_WRONG_KEY] = 7,
        [IKE_DECRYPT_PADDING] = 7,    [IKE_DECRYPT_WRONG_PSK] = 8,   [IKE_DECRYPT_NO_PPK] = 9,
    };
    return (size_t)status < IKE_DECRYPT_STATUSES ? ranks[status] : 0;
}

void ike_search_refuse(ike_search *search, const ike_refusal *refusal)
{
    if (search->bound && rank(refusal->why) > rank(search->refusal.why))
        search->refusal = *refusal;
}

bool ike_status_is_refusal(ike_decrypt_status status)
{
    return rank(status) >= rank(IKE_DECRYPT_KEY_LENGTH) && status != IKE_DECRYPT_NO_PPK;
}

const char *ike_refusal_text(ike_keyring *ring, const ike_refusal *refusal)
{
    if (!ike_status_is_refusal(refusal->why) || (!refusal->origin.name && !refusal->origin.line))
        return NULL;
    if (!refusal->needed)
        return ike_keyring_origin_text(ring, &refusal->origin, refusal->algorithm);
    char *lengths =
        g_strdup_printf("%s%s%zu bytes, not %zu", refusal->algorithm ? refusal->algorithm : "",
                        refusal->algorithm ? ": " : "", refusal->given, refusal->needed);
    const char *text = ike_keyring_origin_text(ring, &refusal->origin, lengths);
    g_free(lengths);
    return text;
}

void ike_search_end(ike_search *search, bool found)
{
    ike_search_budget *budget = search->budget;

    if (found) {
        budget->left = MIN(budget->left + search->spent + BONUS, CAPTURE_UNITS);
        return;
    }
    if (budget->left / 4 >= SHORT_SEARCH)
        budget->left -= MIN(search->spent, budget->left);
    else
        budget->reserve -= MIN(search->spent, budget->reserve);
    if (search->spent > 0)
        search->memo->in_vain++;
}
