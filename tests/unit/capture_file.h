/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and dissecting a capture with the wiretap and epan of each version of Wireshark. */
#ifndef IKE_TEST_CAPTURE_FILE_H
#define IKE_TEST_CAPTURE_FILE_H

#include "dissector/base/compat.h"

#include <epan/epan_dissect.h>
#include <epan/frame_data.h>
#include <wiretap/wtap.h>
#include <wsutil/filesystem.h>
#include <wsutil/wslog.h>

/* 4.6 asks GLib or the path for the name of the program. */
#if IKE_WIRESHARK_AT_LEAST(4, 6)
#define ike_start_log(name) ws_log_init(NULL)
#define ike_start_configuration(name) configuration_init(name)
#else
#define ike_start_log(name) ws_log_init(name, NULL)
#define ike_start_configuration(name) configuration_init(name, NULL)
#endif

/* A record of a capture with its bytes, which 4.6 keeps in the record. */
typedef struct {
    wtap_rec rec;
#if !IKE_WIRESHARK_AT_LEAST(4, 6)
    Buffer bytes;
#endif
} ike_record;

static inline void ike_record_init(ike_record *record)
{
    enum { SPACE = 1514 };

#if IKE_WIRESHARK_AT_LEAST(4, 6)
    wtap_rec_init(&record->rec, SPACE);
#else
    wtap_rec_init(&record->rec);
    ws_buffer_init(&record->bytes, SPACE);
#endif
}

static inline void ike_record_free(ike_record *record)
{
    wtap_rec_cleanup(&record->rec);
#if !IKE_WIRESHARK_AT_LEAST(4, 6)
    ws_buffer_free(&record->bytes);
#endif
}

/* False at the end of the file and where it is damaged. */
static inline bool ike_record_read(ike_record *record, wtap *file, int64_t *offset)
{
    int error;
    char *reason = NULL;

#if IKE_WIRESHARK_AT_LEAST(4, 6)
    bool ok = wtap_read(file, &record->rec, &error, &reason, offset);
#else
    gint64 at = 0;
    bool ok = wtap_read(file, &record->rec, &record->bytes, &error, &reason, &at);
    *offset = at;
#endif
    g_free(reason);
    return ok;
}

static inline bool ike_record_read_at(ike_record *record, wtap *file, int64_t offset)
{
    int error;
    char *reason = NULL;

#if IKE_WIRESHARK_AT_LEAST(4, 6)
    bool ok = wtap_seek_read(file, offset, &record->rec, &error, &reason);
#else
    bool ok = wtap_seek_read(file, offset, &record->rec, &record->bytes, &error, &reason);
#endif
    g_free(reason);
    return ok;
}

/* The packet in memory of its own size where the version leaves that to the program. */
static inline void ike_record_dissect(ike_record *record, wtap *file, epan_dissect_t *edt,
                                      frame_data *fd)
{
#if IKE_WIRESHARK_AT_LEAST(4, 6)
    epan_dissect_run_with_taps(edt, wtap_file_type_subtype(file), &record->rec, fd, NULL);
#else
    unsigned captured = record->rec.rec_header.packet_header.caplen;
    tvbuff_t *tvb = tvb_new_real_data(g_memdup2(ws_buffer_start_ptr(&record->bytes), captured),
                                      captured, (int)record->rec.rec_header.packet_header.len);

    tvb_set_free_cb(tvb, g_free);
    epan_dissect_run_with_taps(edt, wtap_file_type_subtype(file), &record->rec, tvb, fd, NULL);
#endif
}

#endif
