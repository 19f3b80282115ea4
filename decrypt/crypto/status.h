/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the primitives of decrypt/ answer. */
#ifndef IKE_STATUS_H
#define IKE_STATUS_H

typedef enum {
    IKE_OK,
    IKE_ERR_ARGUMENT,    /* a caller's mistake: an algorithm of the wrong kind, a missing part */
    IKE_ERR_KEY_LENGTH,  /* invalid key length for the algorithm */
    IKE_ERR_IV_LENGTH,   /* invalid IV length for the algorithm */
    IKE_ERR_DATA_LENGTH, /* no multiple of the block, or too short for what it has to hold */
    IKE_ERR_ICV_LENGTH,  /* invalid ICV length for the algorithm */
    IKE_ERR_ICV,         /* all lengths fit and the ICV is wrong */
    IKE_ERR_PADDING,     /* decrypted, but the padding is impossible */
    IKE_ERR_NO_CIPHER,   /* known, but not in this OpenSSL (legacy provider missing) */
    IKE_ERR_ALGORITHM,   /* not an algorithm that this plugin can compute */
    IKE_ERR_PUBLIC,      /* a public value that is no member of the group */
    IKE_ERR_TOO_LONG,    /* more output asked for than the function can give */
    IKE_ERR_OPENSSL,     /* OpenSSL refused for another reason */
} ike_status;

#endif
