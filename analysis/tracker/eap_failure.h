/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The failure that an EAP method itself reports. */
#ifndef IKE_EAP_FAILURE_H
#define IKE_EAP_FAILURE_H

#include <glib.h>

#include "proto/ike_message.h"

typedef struct {
    const char *meaning;    /* a clause, static text; NULL when the name says it all */
    bool about_certificate; /* `meaning` is about the certificate of the other side */
} ike_eap_failure;

/* Appends what fails: "MSCHAPv2 failure E=691 (authentication failure)". False, and nothing
 * appended, when the packet reports no failure. */
bool ike_append_eap_failure(GString *out, const ike_eap_packet *eap, ike_eap_failure *failure);

#endif
