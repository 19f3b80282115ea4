/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated items about keys and their sources. */
#include "dissector/session/key_logs.h"

#include "decrypt/decrypt.h"
#include "dissector/session/session.h"

static int hf_key_source = -1;
static int hf_key_log = -1;

typedef struct {
    tvbuff_t *tvb;
    proto_tree *tree;
    const char *what;
} key_log_items;

void ike_add_key_source_item(tvbuff_t *tvb, proto_tree *tree, const char *source)
{
    if (source)
        proto_item_set_generated(proto_tree_add_string(tree, hf_key_source, tvb, 0, 0, source));
}

/* '"charon.log": keys of 3 IKE SAs, none of this one' */
static void add_key_log(void *user, const ike_key_log *log)
{
    const key_log_items *items = user;
    char *text = ike_key_log_text(log);
    const char *none = "";

    if (!log->failure && log->lines && !ike_key_log_is_empty(log))
        none = log->ike_sas || log->esp_sas ? ", none of this " : ", no key of this ";
    proto_item_set_generated(proto_tree_add_string_format_value(
        items->tree, hf_key_log, items->tvb, 0, 0, text, "\"%s\": %s%s%s",
        log->name ? log->name : "", text, none, *none ? items->what : ""));
    g_free(text);
}

void ike_add_key_logs(tvbuff_t *tvb, proto_tree *tree, const char *what)
{
    key_log_items items = {tvb, tree, what};

    if (tree && ike_session_keyring())
        ike_keyring_each_key_log(ike_session_keyring(), add_key_log, &items);
}

static void count_key_log(void *user, const ike_key_log *log _U_)
{
    ++*(unsigned *)user;
}

bool ike_has_key_logs(void)
{
    unsigned count = 0;

    if (ike_session_keyring())
        ike_keyring_each_key_log(ike_session_keyring(), count_key_log, &count);
    return count > 0;
}

void ike_register_key_logs(void)
{
    static hf_register_info hf[] = {
        {&hf_key_source,
         {"Key from", "isakmp.enc.key_source", FT_STRING, BASE_NONE, NULL, 0,
          "Where the key that decrypted the packet comes from", HFILL}},
        {&hf_key_log,
         {"Key log", "isakmp.enc.key_log", FT_STRING, BASE_NONE, NULL, 0,
          "What a key log holds that has no key of this packet", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
