/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading X.509 certificates with OpenSSL; nothing is verified here. */
#ifndef IKE_X509_H
#define IKE_X509_H

#include "proto/ike_span.h"
#include "proto/ike_x509.h"

/* The contents of a DER certificate. NULL: it is none, or damaged. The caller frees it. */
ike_x509 *ike_x509_read(ike_span der);

/* Whether nothing in a DER certificate, or in a DER name, shows that it is damaged: names are
 * printable, extensions can be read, dates are dates. */
bool ike_x509_is_intact(ike_span der);
bool ike_x509_name_is_intact(ike_span der);

void ike_x509_free(ike_x509 *certificate); /* NULL is fine */

#endif
