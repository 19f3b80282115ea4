/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sequence numbers of the ESP or AH packets of one SPI and destination (RFC 4303 2.2): which
 * came, which are missing, which came late or again. Exact as long as a packet is no more
 * than 8,000 numbers late. */
#ifndef IKE_SEQUENCE_NUMBERS_H
#define IKE_SEQUENCE_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ike_sequence_numbers ike_sequence_numbers;

/* One packet as it was captured. */
typedef struct {
    uint32_t sequence;      /* as on the wire: the low half of an extended sequence number */
    uint32_t sequence_high; /* of an extended one, known from a verified ICV (RFC 4303 2.2.1) */
    bool high_known;
    bool decrypted;
    bool suspect;    /* its ICV is wrong by the key at hand, which may be the wrong one */
    uint64_t digest; /* of what is the same in all copies of the packet */
    uint64_t time_ns;
    uint32_t interface; /* of the capture; 0 unknown */
    uint8_t ttl;        /* or hop limit; 0 unknown */
} ike_sequence_packet;

typedef enum {
    IKE_SEQUENCE_NEW,       /* the highest so far */
    IKE_SEQUENCE_LATE,      /* a missing one below the highest: reordered */
    IKE_SEQUENCE_COPY,      /* the same packet, captured again at another place */
    IKE_SEQUENCE_COMPLETED, /* such a copy, decrypted where the first was not: truncated, or too
                               early for its key */
    IKE_SEQUENCE_REPEATED,  /* the same packet again, at the same place: replayed */
    IKE_SEQUENCE_REUSED,    /* a number that came before, with other content */
} ike_sequence_class;

typedef struct {
    uint64_t lowest, highest; /* extended sequence numbers */
    uint64_t distinct;        /* different numbers that came */
    uint64_t skipped; /* in leaps that no loss explains: RFC 6311 5.1, a cluster that fails over */
    uint64_t late, copies, repeated, reused;
} ike_sequence_counts;

/* The caller owns it: ike_sequence_numbers_free(). At most 140 KB; 100 bytes for one packet. */
ike_sequence_numbers *ike_sequence_numbers_new(void);
void ike_sequence_numbers_free(ike_sequence_numbers *numbers); /* NULL is fine */

/* Records one packet. Constant time. */
ike_sequence_class ike_sequence_numbers_add(ike_sequence_numbers *numbers,
                                            const ike_sequence_packet *packet);

/* Whether a decrypted packet was recorded: the key is right, and suspect packets are forged. Those
 * before it are then forgotten, unless others that are not suspect came with them. */
bool ike_sequence_numbers_verified(const ike_sequence_numbers *numbers);

/* Whether a packet with this number and digest was recorded: for a copy of it that a NAT gave
 * another destination. */
bool ike_sequence_numbers_has(ike_sequence_numbers *numbers, const ike_sequence_packet *packet);

/* All zero while no packet was recorded. */
ike_sequence_counts ike_sequence_numbers_counts(const ike_sequence_numbers *numbers);

/* How many numbers between the lowest and the highest did not come, without leaps. */
uint64_t ike_sequence_lost(const ike_sequence_counts *counts);

/* Of the packets that came again at the same place: whether they are copies, since a mirrored or
 * merged capture doubles most packets and a replay only some. */
bool ike_sequence_repeats_are_copies(const ike_sequence_counts *counts);

#endif
