/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A log while it is read: keylog.c has its text and lines, found.c what readers find in them. */
#ifndef IKE_KEYLOG_STATE_H
#define IKE_KEYLOG_STATE_H

#include <glib.h>

#include "decrypt/keylog/keylog.h"
#include "decrypt/keylog/summary.h"
#include "decrypt/log/encoding.h"
#include "decrypt/log/line.h"

enum { IKE_KEYLOG_READERS_MAX = 32 };

struct ike_keylog {
    ike_keyring *ring;
    ike_key_source source;
    char *name, *label; /* for warnings; for all else */
    void *states[IKE_KEYLOG_READERS_MAX];
    ike_encoding encoding;
    ike_unwrapper unwrapper;
    char *carry; /* the line that waits for its end, IKE_KEYLOG_LINE_MAX bytes */
    size_t carried;
    GString *wrapped; /* a line that may go on in the next one; empty when there is none */
    unsigned wrapped_line;
    bool skipping; /* behind the bound of a huge line */
    bool partial;  /* the line under way has no end yet */
    bool recognised, refused, said_empty;
    unsigned line, warnings, binary_lines;
    unsigned earlier_lines; /* of the blocks of the capture before this one */
    unsigned *line_numbers; /* where the first lines began; NULL: each is its own */
    unsigned numbered_lines;
    unsigned origin_line; /* of what is found now; 0 the line under way */
    size_t secret_bytes;  /* found */
    unsigned details;     /* found with them: SPIs of responders, names of algorithms */
    uint32_t last_spi;    /* of ESP, and the bytes of its keys */
    size_t last_bytes;
    size_t pair_bytes[3]; /* of the last SK_ai or SK_ar, SK_ei or SK_er, SK_pi or SK_pr */
    char *failure;        /* why it cannot be read */
    const char *hint;     /* what it is, if nothing is recognised */
    ike_keylog_summary summary;
};

#endif
