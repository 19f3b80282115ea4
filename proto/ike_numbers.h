/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers of all registries that the code names. */
#ifndef IKE_NUMBERS_H
#define IKE_NUMBERS_H

#include "proto/ikev1_numbers.h"
#include "proto/ikev2_numbers.h"

#endif
