/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated items about keys and their sources. */
#include "dissector/session/key_logs.h"

#include "analysis/tracker/quoted.h"
#include "decrypt/decrypt.h"
#include "dissector/base/items.h"

static int hf_key_source = -1;
static int hf_key_log = -1;

static const ike_keyring *key_logs;
static bool is_key_missing, is_decrypted; /* of a packet of the capture; any of them */

typedef struct {
    tvbuff_t *tvb;
    proto_tree *tree;
    const char *what;
    uint64_t spi, responder_spi; /* of an SA of ESP or AH: below 2^32, and 0 */
} key_log_items;

void ike_add_key_source_item(tvbuff_t *tvb, proto_tree *tree, const char *source)
{
    is_decrypted = is_decrypted || source;
    ike_add_generated_string(tree, hf_key_source, tvb, source);
}

static bool has_keys(const ike_key_log *log)
{
    return !log->failure && log->lines && !ike_key_log_is_empty(log);
}

/* Whether it has keys of this SA: they are incomplete, or wrong. */
static bool is_named(const ike_key_log *log, const key_log_items *items)
{
    return strcmp(items->what, "IKE SA") == 0
               ? ike_key_log_has_ike_sa(log, items->spi, items->responder_spi)
               : ike_key_log_has_esp_spi(log, (uint32_t)items->spi);
}

/* '"charon.log": keys of 3 IKE SAs, none for this one' */
static void add_key_log(void *user, const ike_key_log *log)
{
    const key_log_items *items = user;
    char *text = ike_key_log_text(log);
    const char *none = "";

    if (has_keys(log) && is_named(log, items))
        none = ", incomplete or wrong for this ";
    else if (has_keys(log))
        none = log->ike_sas || log->esp_sas ? ", none for this " : ", no key for this ";
    char *value = g_strconcat(text, none, *none ? items->what : "", NULL);
    char *name = ike_quoted(log->name ? log->name : "");
    proto_item_set_generated(proto_tree_add_string_format_value(
        items->tree, hf_key_log, items->tvb, 0, 0, value, "%s: %s", name, value));
    g_free(name);
    g_free(value);
    g_free(text);
}

void ike_add_key_logs(tvbuff_t *tvb, proto_tree *tree, const char *what, uint64_t spi,
                      uint64_t responder_spi)
{
    key_log_items items = {tvb, tree, what, spi, responder_spi};

    if (tree && key_logs)
        ike_keyring_each_key_log(key_logs, add_key_log, &items);
}

void ike_record_missing_key(const packet_info *pinfo)
{
    is_key_missing = is_key_missing || !PINFO_FD_VISITED(pinfo);
}

static void warn_of_key_log(void *user, const ike_key_log *log)
{
    const ike_keyring_warn *warn = user;
    char *text = ike_key_log_text(log);
    char *why = g_strdup_printf("%s; no packet was decrypted", text);

    if (has_keys(log))
        (*warn)(NULL, log->name ? log->name : "", 0, why);
    g_free(why);
    g_free(text);
}

void ike_key_logs_open(const ike_keyring *ring)
{
    key_logs = ring;
}

void ike_key_logs_close(ike_keyring_warn warn)
{
    if (is_key_missing && !is_decrypted && warn && key_logs)
        ike_keyring_each_key_log(key_logs, warn_of_key_log, &warn);
    is_key_missing = is_decrypted = false;
    key_logs = NULL;
}

static void count_key_log(void *user, const ike_key_log *log _U_)
{
    ++*(unsigned *)user;
}

bool ike_has_key_logs(void)
{
    unsigned count = 0;

    if (key_logs)
        ike_keyring_each_key_log(key_logs, count_key_log, &count);
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
          "What a key log holds that has no key for this packet", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
