/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fragments of a capture: sets of parts, and the bytes of those that wait for others.
 *
 * A set is what belongs together: one IKE SA, direction, message and number of fragments. Of
 * payload 132 a set takes no two fragments with one number; another begins a new set. In sets of
 * SKF, of which a message ID has one message, the newest part with a number counts.
 *
 * Bytes are kept until their message is reassembled, and at most 64 MiB: the oldest sets lose
 * theirs first. */
#ifndef IKE_FRAGMENT_SET_H
#define IKE_FRAGMENT_SET_H

#include "dissector/base/packet.h"

typedef enum {
    IKE_FRAGMENT_DECRYPTED, /* SKF, decrypted: reassembles into payloads */
    IKE_FRAGMENT_ENCRYPTED, /* SKF, not decrypted: grouped and linked only */
    IKE_FRAGMENT_CISCO,     /* payload 132: reassembles into a message with its header */
} ike_fragment_kind;

/* What a combination of fragments comes to. */
typedef enum {
    IKE_FRAGMENT_NO_MESSAGE, /* it is no message */
    IKE_FRAGMENT_WRONG,      /* it does not decrypt, nor verify */
    IKE_FRAGMENT_UNKNOWN,    /* not known: no key */
    IKE_FRAGMENT_IN_CLEAR,   /* payloads in clear */
    IKE_FRAGMENT_PLAUSIBLE,  /* it decrypts, but nothing protects its integrity */
    IKE_FRAGMENT_VERIFIED,   /* it verifies, but not all of it is covered */
    IKE_FRAGMENT_RIGHT,
} ike_fragment_check;

typedef struct {
    ike_fragment_kind kind;
    unsigned number; /* from 1 */
    unsigned total;  /* 0: not known yet (payload 132) */
    bool last;       /* payload 132 */
    unsigned id;     /* payload 132: fragment ID of the message; SKF: 0 */
    uint8_t first;   /* SKF: type of the first payload inside; set to that of the message */
    tvbuff_t *bytes; /* this fragment's part */
    /* payload 132: judges a combination whose length is that in its header; first pass only */
    ike_fragment_check (*check)(ike_packet *pkt, ike_span message);
} ike_fragment;

enum { IKE_MAX_FRAGMENT_SETS = 8 };   /* of one key that are searched */
enum { IKE_MAX_FRAGMENT_COPIES = 4 }; /* of one part that are listed */

typedef struct fragment_set fragment_set;
typedef struct fragment_part fragment_part;

/* A reassembled message. */
typedef struct {
    uint32_t frame; /* of the fragment that completed it */
    uint16_t place; /* which message of that frame */
    uint8_t *bytes; /* NULL if not decrypted */
    unsigned length;
    unsigned count;
    ike_fragment_check found;
    fragment_part *parts[]; /* by number */
} fragment_message;

struct fragment_part {
    uint64_t key; /* set and number, of the table of parts */
    fragment_set *set;
    fragment_part *next;       /* of the set, in no order */
    fragment_message *message; /* NULL until reassembled */
    uint8_t *bytes;            /* until then */
    uint64_t hash;
    uint32_t frame, length;
    uint32_t copies[IKE_MAX_FRAGMENT_COPIES]; /* frames with the same bytes */
    uint8_t copy_count;
    uint16_t number;
    bool last; /* payload 132 */
};

struct fragment_set {
    fragment_set *previous;      /* of the same key */
    fragment_set *older, *newer; /* among those that hold bytes */
    fragment_part *parts;
    uint32_t index;
    unsigned distinct; /* numbers, up to the total where that is known */
    uint16_t total;    /* 0: not known yet */
    uint8_t first;     /* type of the first payload inside, from fragment 1 */
    bool total_changed, abandoned, complete;
    bool rejected; /* all parts were there, but made no message */
    size_t length; /* of all parts that are counted */
};

/* Records the fragment of `pkt`, on the first pass. *latest is the newest set of its key. Returns
 * its part, or the one that it repeats (*again). */
fragment_part *ike_fragment_record(const ike_packet *pkt, const ike_fragment *fragment,
                                   const fragment_set **latest, bool *again);

/* The part with a number; NULL if there is none. */
fragment_part *ike_fragment_part(const fragment_set *set, unsigned number);

/* The part and its set wait no longer. */
void ike_fragment_finish(fragment_part *part);

/* Takes bytes from the oldest sets if there are too many. */
void ike_fragment_abandon_oldest(void);

void ike_fragment_sets_clear(void);
void ike_register_fragment_sets(void);

#endif
