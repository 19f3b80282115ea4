/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The phrases of ike_status. */
#include "decrypt/crypto/status.h"

const char *ike_status_text(ike_status status)
{
    switch (status) {
    case IKE_OK:
        return "no error";
    case IKE_ERR_ARGUMENT:
        return "wrong use of a cryptographic function";
    case IKE_ERR_KEY_LENGTH:
        return "invalid key length for the algorithm";
    case IKE_ERR_IV_LENGTH:
        return "invalid IV length for the algorithm";
    case IKE_ERR_DATA_LENGTH:
        return "data too short or no multiple of the block size";
    case IKE_ERR_ICV_LENGTH:
        return "invalid ICV length for the algorithm";
    case IKE_ERR_ICV:
        return "ICV wrong";
    case IKE_ERR_PADDING:
        return "padding impossible";
    case IKE_ERR_NO_CIPHER:
        return "cipher not in this OpenSSL";
    case IKE_ERR_ALGORITHM:
        return "algorithm not supported";
    case IKE_ERR_PUBLIC:
        return "public value is not in the group";
    case IKE_ERR_TOO_LONG:
        return "more key material asked for than the PRF can give";
    case IKE_ERR_OPENSSL:
        return "OpenSSL refused";
    }
    return "unknown error";
}
