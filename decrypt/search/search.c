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
    *search = (ike_search){.budget = budget, .memo = memo, .bound = true};
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
