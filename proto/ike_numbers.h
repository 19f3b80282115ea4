/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers of all registries that the code names, and the size that all messages share. */
#ifndef IKE_NUMBERS_H
#define IKE_NUMBERS_H

#include "proto/ikev1_numbers.h"
#include "proto/ikev2_numbers.h"

enum { IKE_HEADER = 28 }; /* bytes (RFC 7296 3.1, RFC 2408 3.1) */

#endif
