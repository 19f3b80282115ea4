/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payload bodies of IKEv1 phase 1 that public key encryption hides:
 *
 *   RFC 2409 5.2   HDR, [ HASH(1), ] KE, <IDii_b>PubKey_r, <Ni_b>PubKey_r
 *   RFC 2409 5.3   HDR, [ HASH(1), ] <Ni_b>Pubkey_r, <KE_b>Ke_i, <IDii_b>Ke_i, [<<Cert-I_b>Ke_i]
 */
#include "dissector/common/public_key_encryption.h"

#include "dissector/base/items.h"
#include "dissector/session/session.h"

static int hf_data = -1;

typedef enum { NO_ENCRYPTION, PUBLIC_KEY, NONCE_KEY } body_key;

/* Public key encryption: 1 of RFC 2409 5.2, 2 the revised one of 5.3, 0 other methods. */
static unsigned mode_of_method(uint16_t method)
{
    switch (method) {
    case IKEV1_AUTH_RSA_ENCRYPTION:
    case IKEV1_AUTH_XAUTH_INIT_RSA_ENCRYPTION:
    case IKEV1_AUTH_XAUTH_RESP_RSA_ENCRYPTION:
        return 1;
    case IKEV1_AUTH_RSA_REVISED_ENCRYPTION:
    case IKEV1_AUTH_XAUTH_INIT_RSA_REVISED_ENCRYPTION:
    case IKEV1_AUTH_XAUTH_RESP_RSA_REVISED_ENCRYPTION:
        return 2;
    default:
        return 0;
    }
}

/* Aggressive mode names the method in the message itself, main mode in the two before. */
static uint16_t method_of(const ike_packet *pkt)
{
    const ike_sa *sa = pkt->data ? pkt->data->sa : NULL;

    if (pkt->msg->transform_count)
        return pkt->msg->v1_transforms[0].auth_method;
    return sa ? sa->negotiated->auth_method : 0;
}

static body_key key_of(const ike_packet *pkt, uint8_t type)
{
    const ike_message *msg = pkt->msg;

    if (msg->major != 1 || msg->encrypted ||
        (msg->exchange != IKEV1_EXCHANGE_MAIN_MODE &&
         msg->exchange != IKEV1_EXCHANGE_AGGRESSIVE_MODE))
        return NO_ENCRYPTION;
    unsigned mode = mode_of_method(method_of(pkt));
    if (!mode)
        return NO_ENCRYPTION;
    switch (type) {
    case IKEV1_PAYLOAD_NONCE:
        return PUBLIC_KEY;
    case IKEV1_PAYLOAD_ID:
        return mode == 1 ? PUBLIC_KEY : NONCE_KEY;
    case IKEV1_PAYLOAD_KE:
    case IKEV1_PAYLOAD_CERT:
        return mode == 1 ? NO_ENCRYPTION : NONCE_KEY;
    default:
        return NO_ENCRYPTION;
    }
}

/* Encrypted for the receiver. The first message has no responder SPI, and no IKE SA yet. */
static const char *owner_of_key(const ike_packet *pkt)
{
    const ike_sa *sa = pkt->data ? pkt->data->sa : NULL;
    bool from_initiator = !pkt->msg->responder_spi || (sa && ike_sa_from_initiator(sa, pkt->msg));

    return from_initiator ? "responder" : "initiator";
}

bool ikev1_dissect_public_key_encrypted(const ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                                        proto_item *item, uint8_t type)
{
    body_key key = key_of(pkt, type);

    if (key == NO_ENCRYPTION)
        return false;
    proto_item *data = ike_add_rest(tree, hf_data, body, 0, ENC_NA);
    const char *text = key == PUBLIC_KEY ? wmem_strdup_printf(pkt->pinfo->pool,
                                                              "encrypted with the %s's public key",
                                                              owner_of_key(pkt))
                                         : "encrypted with a key derived from the nonce";
    proto_item_append_text(data, " (%s)", text);
    proto_item_append_text(item, " - %s", text);
    return true;
}

void ikev1_register_public_key_encryption(void)
{
    static hf_register_info hf[] = {
        {&hf_data,
         {"Encrypted body", "isakmp.public_key_encrypted", FT_BYTES, BASE_NONE, NULL, 0,
          "Payload body encrypted by the authentication method (RFC 2409 5.2, 5.3)", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
