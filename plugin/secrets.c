/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys that a capture carries. Wireshark hands a block out once, when it reads it, which is after
 * the session began; it may then begin the session again (redissection, tshark -M) and does not say
 * whether the capture is still the same. So blocks are kept until another capture is seen. */
#include "plugin/secrets.h"

#include "dissector/base/compat.h"

#if IKE_HAS_SECRETS
#include <epan/secrets.h>

#include "dissector/session/packet_origin.h"
#include "dissector/session/session.h"

enum { SECRETS_TYPE_IKE = 0x494b454b }; /* "IKEK" */

static GPtrArray *blocks;  /* GString, wiped when they go */
static bool session_began; /* and no block came since */
static bool start_known;   /* of the capture that the blocks came with */
static nstime_t start_time;

static void block_free(void *data)
{
    GString *block = data;

    memset(block->str, 0, block->len);
    g_string_free(block, TRUE);
}

static void add_block(ike_keyring *ring, const GString *block)
{
    ike_keyring_add_text(ring, IKE_SOURCE_CAPTURE, "Decryption Secrets Block", block->str,
                         block->len, true);
}

static void free_secrets(void)
{
    g_ptr_array_set_size(blocks, 0);
    start_known = false;
    if (ike_session_keyring())
        ike_keyring_clear(ike_session_keyring(), IKE_SOURCE_CAPTURE);
}

/* The first block of a session takes the place of those that the session began with: they are of
 * another capture, or the same handed out again. */
static void receive(const void *text, unsigned size)
{
    if (session_began)
        free_secrets();
    session_began = false;
    GString *block = g_string_new_len(text, size);
    g_ptr_array_add(blocks, block);
    if (ike_session_keyring())
        add_block(ike_session_keyring(), block);
}

void ike_secrets_fill(ike_keyring *ring)
{
    session_began = true;
    for (unsigned i = 0; i < blocks->len; i++)
        add_block(ring, g_ptr_array_index(blocks, i));
}

/* The first message of a session shows whether the capture is the one that the blocks came with. */
static void look_at_first(const packet_info *pinfo)
{
    nstime_t start;

    if (!blocks->len || !pinfo->rel_cap_ts_present)
        return;
    nstime_delta(&start, &pinfo->abs_ts, &pinfo->rel_cap_ts);
    if (session_began && start_known && nstime_cmp(&start, &start_time) != 0) {
        free_secrets();
        return;
    }
    start_time = start;
    start_known = true;
}

bool ike_secrets_may_follow(const packet_info *pinfo)
{
    look_at_first(pinfo);
    return ike_interface_of(pinfo) != 0;
}

void ike_secrets_register(void)
{
    blocks = g_ptr_array_new_with_free_func(block_free);
    secrets_register_type(SECRETS_TYPE_IKE, receive);
}
#else
void ike_secrets_register(void)
{
}

void ike_secrets_fill(ike_keyring *ring _U_)
{
}

bool ike_secrets_may_follow(const packet_info *pinfo _U_)
{
    return false;
}
#endif
