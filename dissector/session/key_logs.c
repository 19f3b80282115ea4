/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated items about keys and their sources. */
#include "dissector/session/key_logs.h"

#include "analysis/tracker/quoted.h"
#include "dissector/base/items.h"

static int hf_key_source = -1;
static int hf_refused_key = -1;
static int hf_key_log = -1;

static const ike_keyring *key_logs;
static const ike_tracker *tracker;        /* of the same capture */
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

void ike_add_refused_key(tvbuff_t *tvb, proto_tree *tree, const char *refused)
{
    ike_add_generated_string(tree, hf_refused_key, tvb, refused);
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
    const char *none = is_named(log, items)           ? "incomplete or wrong"
                       : log->ike_sas || log->esp_sas ? "none"
                                                      : "no key";
    char *judgement = g_strdup_printf(", %s for this %s", none, items->what);
    char *text = ike_key_log_text(log, judgement);
    char *name = ike_quoted(log->name ? log->name : "");

    proto_item_set_generated(proto_tree_add_string_format_value(items->tree, hf_key_log, items->tvb,
                                                                0, 0, text, "%s: %s", name, text));
    g_free(name);
    g_free(text);
    g_free(judgement);
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

void ike_add_esp_refusal(tvbuff_t *tvb, const packet_info *pinfo, proto_tree *tree,
                         const char *what, uint32_t spi, const char *refused)
{
    if (!refused)
        return;
    ike_record_missing_key(pinfo);
    ike_add_refused_key(tvb, tree, refused);
    ike_add_key_logs(tvb, tree, what, spi, 0);
}

/* ---- of what use a key log is ---------------------------------------------------------------- */

typedef struct {
    const ike_key_log *log;
    bool found;
} esp_look_up;

static void look_up_flow(const ike_esp_flow *flow, void *user)
{
    esp_look_up *look = user;

    look->found = look->found || ike_key_log_has_esp_spi(look->log, flow->spi);
}

/* Whether others decrypted messages of an IKE SA that it names, and it has none of their secrets.
 */
static bool is_contradicted(const ike_key_log *log)
{
    for (uint32_t i = 0; log->ike_sas && i < ike_tracker_count(tracker); i++) {
        const ike_sa *sa = ike_tracker_stream(tracker, i);
        if (sa->verified && ike_key_log_has_ike_sa(log, sa->initiator_spi, sa->responder_spi))
            return !ike_keyring_agrees(key_logs, log->name);
    }
    return false;
}

/* Whether it names an SA that is in the capture. */
static bool is_of_capture(const ike_key_log *log)
{
    esp_look_up look = {log, false};

    for (uint32_t i = 0; log->ike_sas && i < ike_tracker_count(tracker); i++) {
        const ike_sa *sa = ike_tracker_stream(tracker, i);
        if (ike_key_log_has_ike_sa(log, sa->initiator_spi, sa->responder_spi))
            return true;
    }
    for (uint32_t i = 0; log->esp_sas && i < ike_tracker_child_count(tracker); i++) {
        const ike_child *child = ike_tracker_child(tracker, i);
        if (ike_key_log_has_esp_spi(log, child->spi_initiator) ||
            ike_key_log_has_esp_spi(log, child->spi_responder))
            return true;
    }
    if (log->esp_sas)
        ike_tracker_each_unknown_flow(tracker, look_up_flow, &look);
    return look.found;
}

static bool is_of_no_use(const ike_key_log *log)
{
    bool in_vain = is_key_missing && !is_decrypted;

    return has_keys(log) && !log->used && (in_vain || !is_of_capture(log) || is_contradicted(log));
}

char *ike_key_log_judged(const ike_key_log *log)
{
    return ike_key_log_text(log, is_of_no_use(log) ? ", none used in this capture" : "");
}

static void warn_of_key_log(void *user, const ike_key_log *log)
{
    const ike_keyring_warn *warn = user;

    if (!is_of_no_use(log))
        return;
    char *why = ike_key_log_judged(log);
    (*warn)(NULL, log->name ? log->name : "", 0, why);
    g_free(why);
}

/* Nothing is said of keys where there is no IKE, ESP or AH. */
static bool is_capture_empty(void)
{
    return !ike_tracker_count(tracker) && !ike_tracker_unknown_flows(tracker);
}

void ike_key_logs_open(const ike_keyring *ring, const ike_tracker *of_capture)
{
    key_logs = ring;
    tracker = of_capture;
}

void ike_key_logs_close(ike_keyring_warn warn)
{
    if (warn && key_logs && !is_capture_empty())
        ike_keyring_each_key_log(key_logs, warn_of_key_log, &warn);
    is_key_missing = is_decrypted = false;
    key_logs = NULL;
    tracker = NULL;
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
        {&hf_refused_key,
         {"Refused key", "isakmp.enc.refused_key", FT_STRING, BASE_NONE, NULL, 0,
          "The key for this SA that did not decrypt the packet", HFILL}},
        {&hf_key_log,
         {"Key log", "isakmp.enc.key_log", FT_STRING, BASE_NONE, NULL, 0,
          "What a key log holds that has no key for this packet", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
