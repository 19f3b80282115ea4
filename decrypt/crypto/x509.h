/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading X.509 certificates with OpenSSL; nothing is verified here. */
#ifndef IKE_X509_H
#define IKE_X509_H

#include "decrypt/decrypt.h" /* ike_x509_read(), ike_x509_free() */

#endif
