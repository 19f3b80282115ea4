/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key logs in the text and JSON of the reports. */
#include "dissector/base/compat.h"

#include "plugin/key_log_report.h"

#include <inttypes.h>

#include "analysis/tracker/quoted.h"
#include "decrypt/decrypt.h"
#include "dissector/session/key_logs.h"
#include "dissector/session/session.h"

typedef struct {
    ike_report_write write;
    void *user;
} writer;

static void write_key_log(void *user, const ike_key_log *log)
{
    const writer *to = user;
    char *name = ike_quoted(log->name ? log->name : ""), *text = ike_key_log_judged(log);
    char *line = g_strdup_printf("Key log %s: %s\n", name, text);

    to->write(line, to->user);
    g_free(line);
    g_free(text);
    g_free(name);
}

void ike_report_key_logs(ike_report_write write, void *user)
{
    writer to = {write, user};

    if (ike_session_keyring())
        ike_keyring_each_key_log(ike_session_keyring(), write_key_log, &to);
}

static void put_number(json_dumper *json, const char *name, unsigned number)
{
    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, "%u", number);
}

static void put_spis(json_dumper *json, const ike_key_log *log)
{
    json_dumper_set_member_name(json, "spis");
    json_dumper_begin_array(json);
    for (unsigned i = 0; i < MIN(log->ike_sas, (unsigned)IKE_KEY_LOG_SPIS); i++)
        json_dumper_value_anyf(json, "\"%016" PRIx64 " %016" PRIx64 "\"", log->spis[i][0],
                               log->spis[i][1]);
    json_dumper_end_array(json);
    json_dumper_set_member_name(json, "esp_spis");
    json_dumper_begin_array(json);
    for (unsigned i = 0; i < MIN(log->esp_sas, (unsigned)IKE_KEY_LOG_SPIS); i++)
        json_dumper_value_anyf(json, "\"0x%08x\"", log->esp_spis[i]);
    json_dumper_end_array(json);
}

static void put_key_log(void *user, const ike_key_log *log)
{
    json_dumper *json = user;

    json_dumper_begin_object(json);
    json_dumper_set_member_name(json, "name");
    json_dumper_value_string(json, log->name);
    json_dumper_set_member_name(json, "failure");
    if (log->failure)
        json_dumper_value_string(json, log->failure);
    else
        json_dumper_value_anyf(json, "null");
    put_number(json, "lines", log->lines);
    json_dumper_set_member_name(json, "used");
    json_dumper_value_anyf(json, log->used ? "true" : "false");
    put_number(json, "ike_sas", log->ike_sas);
    put_number(json, "unbound_ike_sas", log->unbound_ike_sas);
    put_number(json, "esp_sas", log->esp_sas);
    put_number(json, "unbound_esp_sas", log->unbound_esp_sas);
    put_number(json, "psks", log->psks);
    put_number(json, "ppks", log->ppks);
    put_number(json, "passwords", log->passwords);
    put_number(json, "shared_secrets", log->shared_secrets);
    put_number(json, "private_values", log->private_values);
    put_spis(json, log);
    json_dumper_end_object(json);
}

void ike_report_json_key_logs(json_dumper *json)
{
    if (!ike_has_key_logs())
        return;
    json_dumper_set_member_name(json, "key_logs");
    json_dumper_begin_array(json);
    ike_keyring_each_key_log(ike_session_keyring(), put_key_log, json);
    json_dumper_end_array(json);
}
