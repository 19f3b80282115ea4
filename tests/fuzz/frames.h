/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input of the dissector's fuzz target: a little capture.
 *
 *   frame:   way (1)  flags (1)  length (2)  bytes (length)
 *
 * The way says what is wrapped round the bytes; those of FUZZ_WAY_ENCRYPTED hold plaintext, which
 * is encrypted with known keys on its way in:
 *
 *   bytes:  SA (1)  exchange (1)  header flags (1)  message ID (1)  first payload (1)
 *            fragment (1)  fragments (1)  payload chain
 *   bytes of FUZZ_WAY_V1_ENCRYPTED:  exchange (1)  message ID (1)  first payload (1)  payload chain
 */
#ifndef IKE_FUZZ_FRAMES_H
#define IKE_FUZZ_FRAMES_H

#include "fuzz.h"

enum {
    FUZZ_WAY_UDP_500,
    FUZZ_WAY_UDP_4500,     /* the non-ESP marker is put before the bytes */
    FUZZ_WAY_UDP_RAW,      /* port 4500 without it */
    FUZZ_WAY_TCP_4500,     /* RFC 9329: prefix and length are put before the bytes */
    FUZZ_WAY_TCP_RAW,      /* port 4500, the bytes as they are */
    FUZZ_WAY_ESP,          /* IP protocol 50 */
    FUZZ_WAY_ENCRYPTED,    /* IKEv2 on port 4500, encrypted */
    FUZZ_WAY_V1_ENCRYPTED, /* IKEv1 on port 500, encrypted */
    FUZZ_WAY_TCP_500,
    FUZZ_WAY_AH,      /* IP protocol 51 */
    FUZZ_WAY_UDP_848, /* GDOI and G-IKEv2 */
    FUZZ_WAYS
};

enum {
    FUZZ_FLAG_BACK = 1,  /* from the responder */
    FUZZ_FLAG_LATE = 2,  /* seconds after the one before */
    FUZZ_FLAG_CUT = 4,   /* the capture has not all of it */
    FUZZ_FLAG_AGAIN = 8, /* sent twice */
};

enum { FUZZ_FRAME_HEAD = 4, FUZZ_ENCRYPTED_HEAD = 7, FUZZ_V1_HEAD = 3, FUZZ_MAX_FRAMES = 64 };

typedef struct {
    uint8_t way, flags;
    const uint8_t *bytes;
    size_t length;
} fuzz_frame;

/* The next frame of the input; false at its end. */
static inline bool fuzz_frame_next(fuzz_input *in, fuzz_frame *frame)
{
    if (!fuzz_left(in))
        return false;
    frame->way = fuzz_u8(in) % FUZZ_WAYS;
    frame->flags = fuzz_u8(in);
    frame->length = fuzz_u16(in);
    frame->bytes = fuzz_take(in, &frame->length);
    return true;
}

#endif
