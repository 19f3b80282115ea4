/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Negotiated algorithms as numbers. */
#ifndef IKE_SUITE_H
#define IKE_SUITE_H

#include <stdbool.h>
#include <stdint.h>

/* Key exchanges of one derivation: one, and ADDKE1-7 of RFC 9370. */
enum { IKE_MAX_KE = 8 };

/* The algorithms of an IKE SA or Child SA in IKEv2 transform numbers; 0 where there is none. */
typedef struct {
    uint16_t encryption, key_bits, integrity, prf, group;
    uint16_t additional[7]; /* ADDKE1-7, RFC 9370; 0 none */
    bool esn;
} ike_suite;

#endif
