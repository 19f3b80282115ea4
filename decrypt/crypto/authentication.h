/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result of verifying an AUTH, HASH or SIG payload. */
#ifndef IKE_AUTHENTICATION_H
#define IKE_AUTHENTICATION_H

typedef enum {
    IKE_AUTH_UNKNOWN, /* cannot be verified; the reason says why */
    IKE_AUTH_VERIFIED,
    IKE_AUTH_WRONG,
} ike_auth_status;

typedef struct {
    ike_auth_status status;
    const char *reason;     /* static text: "PSK matches", "no certificate in the capture", ... */
    const char *key_source; /* of the shared secret that matched; as long as the ring; NULL */
} ike_auth_result;

#endif
