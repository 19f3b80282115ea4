/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/session/decryption.h"

#include "dissector/base/items.h"
#include "dissector/session/key_logs.h"
#include "dissector/session/session.h"
#include "proto/network_order.h"

static int hf_iv = -1;
static int hf_data = -1;
static int hf_icv = -1;
static int hf_decrypted = -1;
static int hf_contained = -1;
static int hf_padding = -1;
static int hf_pad_length = -1;
static int hf_no_key = -1;
static int ett_decrypted = -1;
static int ett_contained = -1;
static expert_field ei_not_built = EI_INIT;
static expert_field ei_no_key = EI_INIT;
static expert_field ei_no_suite = EI_INIT;
static expert_field ei_bad_icv = EI_INIT;
static expert_field ei_wrong_key = EI_INIT;
static expert_field ei_key_length = EI_INIT;
static expert_field ei_no_cipher = EI_INIT;
static expert_field ei_short = EI_INIT;
static expert_field ei_block_size = EI_INIT;
static expert_field ei_padding = EI_INIT;
static expert_field ei_no_iv = EI_INIT;
static expert_field ei_truncated = EI_INIT;

static expert_field *const status_experts[] = {
    [IKE_DECRYPT_NOT_BUILT] = &ei_not_built,
    [IKE_DECRYPT_NO_KEY] = &ei_no_key,
    [IKE_DECRYPT_NO_SUITE] = &ei_no_suite,
    [IKE_DECRYPT_BAD_ICV] = &ei_bad_icv,
    [IKE_DECRYPT_WRONG_KEY] = &ei_wrong_key,
    [IKE_DECRYPT_KEY_LENGTH] = &ei_key_length,
    [IKE_DECRYPT_NO_CIPHER] = &ei_no_cipher,
    [IKE_DECRYPT_SHORT] = &ei_short,
    [IKE_DECRYPT_BLOCK_SIZE] = &ei_block_size,
    [IKE_DECRYPT_PADDING] = &ei_padding,
    [IKE_DECRYPT_NO_IV] = &ei_no_iv,
    [IKE_DECRYPT_WRONG_PSK] = &ei_wrong_key,
    [IKE_DECRYPT_INVALID_PLAINTEXT] = &ei_wrong_key,
    [IKE_DECRYPT_NO_SHARED] = &ei_no_key,
    [IKE_DECRYPT_NO_SK_D] = &ei_no_key,
    [IKE_DECRYPT_NO_GROUP_KEY] = &ei_no_key,
    [IKE_DECRYPT_NO_PSK] = &ei_no_key,
    [IKE_DECRYPT_NO_PPK] = &ei_no_key,
    [IKE_DECRYPT_OTHER_VALUE] = &ei_wrong_key,
    [IKE_DECRYPT_NOT_ALL_TRIED] = &ei_no_key,
    [IKE_DECRYPT_UNSUPPORTED] = &ei_no_cipher,
    [IKE_DECRYPT_NOT_AUTHENTIC] = &ei_bad_icv,
};

/* Whether a message cannot be from the peer: its ICV or HASH is wrong under keys that are right,
 * or, when others of the IKE SA were decrypted, its ICV is, or its length is none that encryption
 * makes. */
static bool is_not_authentic(const ike_packet *pkt, const ike_decrypted_payload *result)
{
    const ike_sa *sa = pkt->data ? pkt->data->sa : NULL;

    switch (result->status) {
    case IKE_DECRYPT_NOT_AUTHENTIC:
    case IKE_DECRYPT_INVALID_PLAINTEXT:
        return true;
    case IKE_DECRYPT_BAD_ICV:
    case IKE_DECRYPT_SHORT:
    case IKE_DECRYPT_BLOCK_SIZE:
    case IKE_DECRYPT_PADDING:
        return sa && sa->verified;
    default:
        return result->hash_checked && !result->hash_ok;
    }
}

bool ike_decrypt_payload(ike_packet *pkt, tvbuff_t *body, uint8_t first, bool fragment,
                         ike_decrypted_payload *result)
{
    ike_crypto *crypto = ike_session_crypto(pkt);
    unsigned length = tvb_reported_length(body);
    int start = tvb_raw_offset(body) - tvb_raw_offset(pkt->tvb);

    memset(result, 0, sizeof *result);
    result->status = IKE_DECRYPT_NO_KEY;
    if (crypto && !length) {
        result->status = IKE_DECRYPT_SHORT;
        pkt->msg->misfit = true;
        pkt->msg->not_authentic = is_not_authentic(pkt, result);
    }
    if (!crypto || !length || tvb_captured_length(body) < length || start < 0)
        return false;
    ike_encrypted_payload encrypted = {
        .message = {tvb_get_ptr(pkt->tvb, 0, start + (int)length), (size_t)start + length},
        .body = {tvb_get_ptr(body, 0, (int)length), length},
        .from_initiator = ike_sa_from_initiator(pkt->data->sa, pkt->msg),
        .fragment = fragment,
        .first_pass = pkt->first_pass,
        .exchange = pkt->msg->exchange,
        .next_payload = first,
        .message_id = pkt->msg->message_id,
    };
    bool decrypted =
        ike_crypto_decrypt(crypto, &encrypted, pkt->first_pass ? NULL : &pkt->data->hint, result);
    if (pkt->first_pass)
        pkt->data->hint = result->hint;
    pkt->msg->not_authentic = is_not_authentic(pkt, result);
    pkt->msg->wrong_icv = result->status == IKE_DECRYPT_BAD_ICV && !pkt->msg->not_authentic;
    pkt->msg->misfit = result->misfit;
    return decrypted;
}

/* Where the ciphertext of a message begins, 0 if it is not encrypted: behind the header in IKEv1,
 * in an SK payload behind that in IKEv2. */
static size_t ciphertext_offset(ike_span message)
{
    enum { GENERIC_HEADER = 4, NEXT_PAYLOAD = 16, VERSION = 17, FLAGS = 19 };
    size_t start = message.data[VERSION] >> 4 < 2 ? IKE_HEADER : IKE_HEADER + GENERIC_HEADER;
    bool encrypted = message.data[VERSION] >> 4 < 2
                         ? message.data[FLAGS] & 1
                         : message.data[NEXT_PAYLOAD] == IKEV2_PAYLOAD_SK;

    return encrypted && message.length > start ? start : 0;
}

/* Whether a status says that the key is right but the message is not, or the other way round. */
static int judge(const ike_decrypted_payload *result)
{
    switch (result->status) {
    case IKE_DECRYPT_OK:
        if ((result->icv_checked && !result->icv_ok) || (result->hash_checked && !result->hash_ok))
            return -1;
        return (result->icv_checked || result->hash_checked) && !result->damaged ? IKE_AUTHENTIC
                                                                                 : 1;
    case IKE_DECRYPT_BAD_ICV:
    case IKE_DECRYPT_WRONG_KEY:
    case IKE_DECRYPT_WRONG_PSK:
    case IKE_DECRYPT_INVALID_PLAINTEXT:
    case IKE_DECRYPT_SHORT:
    case IKE_DECRYPT_BLOCK_SIZE:
    case IKE_DECRYPT_PADDING:
        return -1;
    default:
        return 0;
    }
}

int ike_message_decrypts(const ike_packet *pkt, ike_span message)
{
    enum { EXCHANGE = 18, NEXT_PAYLOAD = 16, MESSAGE_ID = 20 };
    ike_crypto *crypto = ike_session_crypto(pkt);
    size_t start = ciphertext_offset(message);
    ike_decrypted_payload result = {0};

    if (!crypto || !start)
        return 0;
    ike_encrypted_payload encrypted = {
        .message = message,
        .body = {message.data + start, message.length - start},
        .from_initiator = ike_sa_from_initiator(pkt->data->sa, pkt->msg),
        .first_pass = true,
        .exchange = message.data[EXCHANGE],
        .next_payload = message.data[NEXT_PAYLOAD],
        .message_id = ike_get_u32(message.data + MESSAGE_ID),
    };
    ike_crypto_decrypt(crypto, &encrypted, NULL, &result);
    g_free(result.plain);
    return judge(&result);
}

tvbuff_t *ike_add_plaintext_source(ike_packet *pkt, ike_decrypted_payload *result)
{
    if (!result->plain || !result->plain_length) {
        g_clear_pointer(&result->plain, g_free);
        return NULL;
    }
    tvbuff_t *plain = tvb_new_child_real_data(
        pkt->tvb, result->plain, (unsigned)result->plain_length, (int)result->plain_length);

    tvb_set_free_cb(plain, g_free);
    result->plain = NULL;
    add_new_data_source(pkt->pinfo, plain, "Decrypted IKE");
    return plain;
}

static void append_length(proto_item *item, unsigned bytes)
{
    proto_item_append_text(item, " (%u byte%s)", bytes, bytes == 1 ? "" : "s");
}

/* "Initialization Vector: 0011223344556677 (8 bytes)" */
static proto_item *show_bytes(tvbuff_t *body, proto_tree *tree, int hf, unsigned offset,
                              unsigned length)
{
    proto_item *item = proto_tree_add_item(tree, hf, body, (int)offset, (int)length, ENC_NA);

    append_length(item, length);
    return item;
}

static void show_icv(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                     const ike_decrypted_payload *result)
{
    unsigned length = (unsigned)result->icv_length;
    proto_item *item = show_bytes(body, tree, hf_icv, tvb_reported_length(body) - length, length);

    if (!result->icv_checked)
        return;
    proto_item_append_text(item, result->icv_ok ? " [correct]" : " [incorrect]");
    if (result->icv_ok)
        return;
    if (result->icv_computed)
        proto_item_append_text(item, ", should be %s",
                               bytes_to_str(pkt->pinfo->pool, result->icv, result->icv_computed));
    expert_add_info(pkt->pinfo, item, &ei_bad_icv);
}

void ike_add_encrypted_layout(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                              const ike_decrypted_payload *result)
{
    unsigned length = tvb_reported_length(body);
    unsigned iv = (unsigned)result->iv_length, icv = (unsigned)result->icv_length;

    if (length < iv + icv)
        return;
    if (iv)
        show_bytes(body, tree, hf_iv, 0, iv);
    proto_item *data =
        proto_tree_add_item(tree, hf_data, body, (int)iv, (int)(length - iv - icv), ENC_NA);
    append_length(data, length - iv - icv);
    if (icv)
        show_icv(pkt, body, tree, result);
}

/* Of what it cannot decrypt the built-in shows the first four bytes as IV; filters on it keep
 * matching. */
static void store_builtin_iv(tvbuff_t *body, proto_tree *tree)
{
    if (ike_left(body, 0) >= 4)
        proto_item_set_hidden(proto_tree_add_item(tree, hf_iv, body, 0, 4, ENC_NA));
}

/* Where no key was given at all that is no news: an expert info in each message would hide those
 * that are. */
static void show_no_key(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item)
{
    if (ike_keyring_stays_empty(ike_session_keyring()))
        proto_item_set_generated(proto_tree_add_item(tree, hf_no_key, body, 0, 0, ENC_NA));
    else
        expert_add_info(pkt->pinfo, item, &ei_no_key);
}

static bool lacks_key(ike_decrypt_status status)
{
    return status != IKE_DECRYPT_OK && status != IKE_DECRYPT_NOT_BUILT &&
           status != IKE_DECRYPT_SHORT && status != IKE_DECRYPT_UNSUPPORTED &&
           status != IKE_DECRYPT_NOT_AUTHENTIC;
}

void ike_add_decrypt_failure(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                             ike_decrypted_payload *result)
{
    expert_field *expert = status_experts[result->status];
    ike_decrypted_payload layout = *result;

    /* The status says more, and the same on every pass: the ICV of a message that was not decrypted
     * is not checked. */
    layout.icv_checked = false;
    g_clear_pointer(&result->plain, g_free);
    if (tvb_captured_length(body) < tvb_reported_length(body))
        expert_add_info(pkt->pinfo, item, &ei_truncated);
    else if (result->status == IKE_DECRYPT_NO_KEY)
        show_no_key(pkt, body, tree, item);
    else if (expert)
        expert_add_info_format(pkt->pinfo, item, expert, "%s",
                               ike_decrypt_status_text(result->status));
    if (lacks_key(result->status)) {
        ike_record_missing_key(pkt->pinfo);
        ike_add_refused_key(pkt->tvb, tree, result->refused);
        ike_add_key_logs(pkt->tvb, tree, "IKE SA", pkt->msg->initiator_spi,
                         pkt->msg->responder_spi);
    }
    if (!tree && tvb_captured_length(body) == tvb_reported_length(body))
        return; /* nothing to add, and no exception to come */
    if (pkt->msg->major >= 2)
        store_builtin_iv(body, tree);
    if (result->layout_known && result->iv_length + result->icv_length <= ike_left(body, 0) &&
        pkt->msg->major >= 2)
        ike_add_encrypted_layout(pkt, body, tree, &layout);
    else if (ike_left(body, 0))
        ike_add_rest(tree, hf_data, body, 0, ENC_NA);
}

void ike_add_key_source(ike_packet *pkt, proto_tree *tree, const ike_decrypted_payload *result)
{
    if (!result->icv_checked || result->icv_ok)
        ike_add_key_source_item(pkt->tvb, tree, result->key_source);
}

tvbuff_t *ike_add_plaintext(ike_packet *pkt _U_, tvbuff_t *plain, proto_tree **tree,
                            unsigned contained, bool padded)
{
    unsigned length = tvb_reported_length(plain);
    unsigned end = padded ? length - 1 : length;
    proto_item *item = ike_add_rest(*tree, hf_decrypted, plain, 0, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_decrypted);
    proto_item *inner = proto_tree_add_item(sub, hf_contained, plain, 0, (int)contained, ENC_NA);

    append_length(item, length);
    append_length(inner, contained);
    *tree = proto_item_add_subtree(inner, ett_contained);
    if (end > contained)
        show_bytes(plain, sub, hf_padding, contained, end - contained);
    if (padded)
        proto_tree_add_item(sub, hf_pad_length, plain, (int)end, 1, ENC_NA);
    return contained ? tvb_new_subset_length(plain, 0, (int)contained) : NULL;
}

void ike_register_decryption(void)
{
    static hf_register_info hf[] = {
        {&hf_iv,
         {"Initialization Vector", "isakmp.enc.iv", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_data, {"Encrypted Data", "isakmp.enc.data", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_icv,
         {"Integrity Checksum Data", "isakmp.enc.icd", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_decrypted,
         {"Decrypted Data", "isakmp.enc.decrypted", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_contained,
         {"Contained Data", "isakmp.enc.contained", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_padding, {"Padding", "isakmp.enc.padding", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_pad_length,
         {"Pad Length", "isakmp.enc.pad_length", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_no_key,
         {"No key for this SA", "isakmp.enc.no_key", FT_NONE, BASE_NONE, NULL, 0,
          "The message was not decrypted", HFILL}},
    };
    static int *ett[] = {&ett_decrypted, &ett_contained};
    static ei_register_info ei[] = {
        {&ei_not_built,
         {"isakmp.enc.not_built", PI_DECRYPTION, PI_NOTE, "This build cannot decrypt", EXPFILL}},
        {&ei_no_key, {"isakmp.enc.no_key", PI_DECRYPTION, PI_CHAT, "No key for this SA", EXPFILL}},
        {&ei_no_suite,
         {"isakmp.enc.no_suite", PI_DECRYPTION, PI_WARN,
          "The algorithms of this IKE SA are not known", EXPFILL}},
        {&ei_bad_icv,
         {"isakmp.ikev2.integrity_checksum", PI_CHECKSUM, PI_WARN,
          "IKEv2 Integrity Checksum Data is incorrect", EXPFILL}},
        {&ei_wrong_key,
         {"isakmp.enc.wrong_key", PI_DECRYPTION, PI_WARN,
          "Decryption produced invalid plaintext (wrong key?)", EXPFILL}},
        {&ei_key_length,
         {"isakmp.enc.key_length", PI_DECRYPTION, PI_WARN, "Invalid key length for the algorithm",
          EXPFILL}},
        {&ei_no_cipher,
         {"isakmp.enc.no_cipher", PI_DECRYPTION, PI_WARN, "Algorithm not available", EXPFILL}},
        {&ei_short,
         {"isakmp.enc.iv.not_enough_data", PI_MALFORMED, PI_WARN,
          "Not enough data in IKEv2 Encrypted payload", EXPFILL}},
        {&ei_block_size,
         {"isakmp.enc_data_length_mult_block_size", PI_MALFORMED, PI_WARN,
          "Encrypted data length isn't a multiple of block size", EXPFILL}},
        {&ei_padding,
         {"isakmp.enc.pad_length.big", PI_MALFORMED, PI_WARN, "Pad length is too big", EXPFILL}},
        {&ei_no_iv, {"isakmp.enc.no_iv", PI_DECRYPTION, PI_WARN, "The IV is not known", EXPFILL}},
        {&ei_truncated,
         {"isakmp.enc.cut", PI_DECRYPTION, PI_WARN, "Encrypted payload truncated by the capture",
          EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
